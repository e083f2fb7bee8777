// Many files as a table: a line for each, written as it comes.

import type { Binary, Inspection } from '../model/binary.ts';
import { signatureWord } from './signature.ts';
import { visible } from './visible.ts';
import { formatText, kindText, padded, sign, sizeText, targetsText, textWidth, tinted } from './words.ts';
import type { Style } from './words.ts';

interface Column {
  readonly name: string;
  readonly width: number;
  /** Which columns a narrow terminal does without: the higher, the sooner. */
  readonly spare: number;
}

/** Columns of the table: the path comes last, so that no width has to be known before the last file is. */
const COLUMNS: readonly Column[] = [
  { name: 'FORMAT', width: 11, spare: 5 },
  { name: 'TARGET', width: 20, spare: 0 },
  { name: 'KIND', width: 16, spare: 2 },
  { name: 'LINK', width: 9, spare: 3 },
  { name: 'PIE', width: 6, spare: 4 },
  { name: 'C LIBRARY', width: 11, spare: 6 },
  { name: 'SIGNATURE', width: 15, spare: 0.5 },
  { name: 'SIZE', width: 11, spare: 1 },
  { name: 'SHA256', width: 14, spare: 7 },
];

/** What is kept free for the path, as far as columns can be left out for it. */
const PATH = 26;

/** The columns that a terminal has room for. */
function columnsOf({ columns }: Style, hashed: boolean, signed: boolean): { name: string; width: number; index: number }[] {
  let room = columns - PATH;
  const kept = new Set<Column>();
  for (const column of [...COLUMNS].sort((a, b) => a.spare - b.spare)) {
    if ((column.name === 'SHA256' && !hashed) || (column.name === 'SIGNATURE' && !signed)) continue;
    room -= column.width;
    if (room < 0 && kept.size > 0) break;
    kept.add(column);
  }
  return COLUMNS.map((column, index) => ({ ...column, index })).filter((_, index) => kept.has(COLUMNS[index] as Column));
}

/** The heads of the table's columns. */
export function tableHead(style: Style, hashed: boolean, signed = false): string {
  const names = columnsOf(style, hashed, signed).map(({ name, width }) => padded(name, width)).join('');
  return `${tinted(`${names}PATH`, 'dim', style)}\n`;
}

/** What slices agree on, or 'mixed'. */
function common(values: readonly string[]): string {
  return values.every((value) => value === values[0]) ? (values[0] as string) : 'mixed';
}

/** A cell of a width; on a terminal what is too long for it is cut. */
function cell(text: string, width: number, style: Style): string {
  const most = width - 2;
  if (textWidth(text) <= most || style.columns === Infinity) return `${padded(text, most)}  `;
  const ellipsis = sign('ellipsis', style);
  return `${text.slice(0, most - ellipsis.length)}${ellipsis}  `;
}

/** One file as a line of the table; a path that doesn't fit beside the rest has a line of its own. The SHA-256 is cut to 12 digits; JSON has it whole. */
export function tableRow(inspection: Inspection, path: string, style: Style): string {
  const { binaries, size, sha256 } = inspection;
  const none = sign('none', style);
  const cells = [
    inspection.universal ? 'universal' : formatText(binaries[0] as Binary),
    targetsText(inspection),
    common(binaries.map(({ kind }) => kindText(kind))),
    common(binaries.map(({ linkage }) => linkage ?? none)),
    common(binaries.map(({ pie }) => (pie === null ? none : pie ? 'yes' : 'no'))),
    common(binaries.map(({ platform }) => visible(platform.libc ?? none))),
    common(binaries.map(signatureWord)),
    sizeText(size),
    sha256?.slice(0, 12) ?? '',
  ];
  const text = columnsOf(style, sha256 !== null, binaries.some(({ signatureCheck }) => signatureCheck !== null)).map(({ width, index }) => cell(cells[index] as string, width, style)).join('');
  const name = visible(path);
  const fits = textWidth(text) + textWidth(name) <= style.columns;
  return `${fits ? text : `${text.trimEnd()}\n    `}${tinted(name, 'bold', style)}\n`;
}
