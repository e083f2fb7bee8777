// Many files as a table: a line for each, written as it comes.

import type { Binary, Inspection } from '../model/binary.ts';
import { signatureWord } from './signature.ts';
import { visible } from './visible.ts';
import { dotted, formatText, kindText, padded, pathTinted, sign, sizeText, systemTint, targetsText, textWidth, tinted } from './words.ts';
import type { Style } from './words.ts';
import { hanging, wrapParts, wrapWords } from './wrap.ts';

interface Column {
  readonly name: string;
  readonly width: number;
  /** Which columns a narrow terminal does without: the higher, the sooner. */
  readonly spare: number;
  /** Numbers stand right, so that they can be compared. */
  readonly right?: true;
}

/** Columns of the table: the path comes last, so that no width has to be known before the last file is. */
const COLUMNS: readonly Column[] = [
  { name: 'TARGET', width: 20, spare: 0 },
  { name: 'FORMAT', width: 11, spare: 5 },
  { name: 'KIND', width: 16, spare: 2 },
  { name: 'LINK', width: 9, spare: 3 },
  { name: 'PIE', width: 5, spare: 4 },
  { name: 'C LIBRARY', width: 11, spare: 6 },
  { name: 'SIGNATURE', width: 15, spare: 0.5 },
  { name: 'SIZE', width: 12, spare: 1, right: true },
  { name: 'SHA256', width: 14, spare: 7 },
];

/** What is kept free for the path, as far as columns can be left out for it. */
const PATH = 26;

/** The columns that a terminal has room for. */
function columnsOf({ columns }: Style, hashed: boolean, signed: boolean): (Column & { index: number })[] {
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

/** A cell, with two blanks behind it; on a terminal what is too long for it is cut. */
function cell(text: string, { width, right }: Column, style: Style): string {
  const most = width - 2;
  const ellipsis = sign('ellipsis', style);
  const own = textWidth(text);
  const shown = own <= most || style.columns === Infinity ? text : `${text.slice(0, most - ellipsis.length)}${ellipsis}`;
  return right === true ? `${' '.repeat(Math.max(0, most - own))}${shown}  ` : `${padded(shown, most)}  `;
}

/** The heads of the table's columns. */
export function tableHead(style: Style, hashed: boolean, signed = false): string {
  const names = columnsOf(style, hashed, signed).map((column) => cell(column.name, column, style)).join('');
  return `${tinted(`${names}PATH`, 'dim', style)}\n`;
}

/** What slices agree on, or 'mixed'. */
function common(values: readonly string[]): string {
  return values.every((value) => value === values[0]) ? (values[0] as string) : 'mixed';
}

/**
 * One file as a line of the table; a path that doesn't fit beside the rest has a line of its own. `claimed` is the target that its name
 * claims where the file is for another one. The SHA-256 is cut to 12 digits; JSON has it whole.
 */
export function tableRow(inspection: Inspection, path: string, style: Style, claimed: string | null = null): string {
  const { binaries, size, sha256 } = inspection;
  const none = sign('none', style);
  const first = binaries[0] as Binary;
  const cells = [
    targetsText(inspection),
    inspection.universal ? 'universal' : formatText(first),
    common(binaries.map(({ kind }) => kindText(kind))),
    common(binaries.map(({ linkage }) => linkage ?? none)),
    common(binaries.map(({ pie }) => (pie === null ? none : pie ? 'yes' : 'no'))),
    common(binaries.map(({ platform }) => visible(platform.libc ?? none))),
    common(binaries.map(signatureWord)),
    sizeText(size),
    sha256?.slice(0, 12) ?? '',
  ];
  const tint = claimed === null ? systemTint(first.platform.os) : 'red';
  const texts = columnsOf(style, sha256 !== null, binaries.some(({ signatureCheck }) => signatureCheck !== null)).map((column) => {
    const text = cell(cells[column.index] as string, column, style);
    if (column.index === 0) return tint === null ? text : tinted(text, tint, style);
    return text.trim() === none ? tinted(text, 'dim', style) : text;
  });
  const text = texts.join('');
  const name = pathTinted(visible(path), style);
  const mark = claimed === null ? '' : tinted(`${style.unicode ? '✗ ' : '! '}named ${visible(claimed)}`, 'red', style);
  const width = textWidth(text) + textWidth(name);
  const marked = mark === '' ? '' : width + 2 + textWidth(mark) <= style.columns ? `  ${mark}` : `\n    ${mark}`;
  if (width <= style.columns) return `${text}${name}${marked}\n`;
  return `${withoutEnd(text)}\n    ${name}${mark === '' ? '' : 6 + textWidth(name) + textWidth(mark) <= style.columns ? `  ${mark}` : `\n    ${mark}`}\n`;
}

/** Text without the blanks at its end, which may stand within its last colour. */
function withoutEnd(text: string): string {
  return text.replace(/ +((?:\u001b\[\d+m)*)$/, '$1');
}

/** What was found in all. */
export interface Tally {
  readonly binaries: number;
  readonly bytes: number;
  readonly skipped: number;
  readonly failed: number;
  /** Files that are not what their names claim. */
  readonly misnamed: number;
}

/** The end of a table: how many, how large, what was not shown; and which command explains the marked ones. `paths` is what it is to be told, ready for a shell. */
export function tableEnd({ binaries, bytes, skipped, failed, misnamed }: Tally, paths: readonly string[], style: Style): string {
  const parts = [`${tinted(`${binaries} ${binaries === 1 ? 'binary' : 'binaries'}`, 'bold', style)}, ${sizeText(bytes)}`];
  if (skipped > 0) parts.push(`${skipped} other ${skipped === 1 ? 'file' : 'files'} skipped${style.verbose ? '' : skipped === 1 ? ' (-v names it)' : ' (-v names them)'}`);
  if (failed > 0) parts.push(tinted(`${failed} not read`, 'red', style));
  const sum = `\n${hanging(wrapParts(parts, dotted(['', ''], style), style.columns), 0)}\n`;
  if (misnamed === 0) return sum;
  const said = misnamed === 1 ? '1 file is not what its name says' : `${misnamed} files are not what their names say`;
  const command = ['binspect', 'verify', '--target-from-name', ...paths].join(' ');
  const fits = said.length + 2 + textWidth(command) <= style.columns;
  return `${sum}${tinted(said, 'red', style)}:${fits ? ` ${command}` : `\n  ${wrapWords(command, style.columns - 4).join(' \\\n    ')}`}\n`;
}
