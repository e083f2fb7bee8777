// A file's map as a picture for the terminal: a strip for the whole of it, then a line with a bar for each region.

import { hex } from '../errors.ts';
import { isWritableCode, ownSize } from '../model/regions.ts';
import type { FileMap, Region } from '../model/regions.ts';
import { holdsText, nameText, remarksOf, rowsBySize, rowsOf, shareText } from './map-rows.ts';
import type { Row } from './map-rows.ts';
import { colored, letterOf, overview } from './map-strip.ts';
import type { MapStyle } from './map-strip.ts';
import { visible } from './visible.ts';
import { dotted, padded, sign, sizeText, textWidth, tinted } from './words.ts';
import type { Style } from './words.ts';
import { hanging, wrapParts } from './wrap.ts';

const NARROWEST = 40;
const WIDEST = 200;

/** What a map shows beside its regions. */
export interface MapView {
  /** Whether every region has a line of its own. */
  readonly all: boolean;
  /** Whether lines are in the order of size, and not in the file's. */
  readonly bySize: boolean;
  /** Bits a byte of each cell of the strip; null where that was not measured. */
  readonly entropy: readonly (number | null)[] | null;
}

/** How many cells the strip has. */
export function stripWidth({ columns }: Pick<Style, 'columns'>): number {
  return Math.max(NARROWEST, Math.min(columns, WIDEST));
}

/** The picture. Ends with a newline. */
export function renderMap(file: FileMap, path: string, style: MapStyle, { all, bySize, entropy }: MapView): string {
  const width = stripWidth(style);
  const rows = bySize ? rowsBySize(file, all) : rowsOf(file, all, !all);
  return [heading(path, file.description, width, style), overview(file, width, style, entropy), table(file, rows, width, style)].join('\n');
}

function heading(path: string, parts: readonly string[], width: number, style: Style): string {
  const name = visible(path);
  const text = dotted(parts, style);
  if (textWidth(name) + 2 + textWidth(text) <= width) return `${tinted(name, 'bold', style)}  ${text}\n`;
  return `${tinted(name, 'bold', style)}\n  ${hanging(wrapParts(parts, dotted(['', ''], style), width - 2), 2)}\n`;
}

interface Columns {
  /** 0 where the terminal is too narrow for it; `share` too. */
  readonly offset: number;
  readonly size: number;
  readonly share: number;
  readonly name: number;
  /** What a region holds: a word, or where the terminal is too narrow the letter for it. */
  readonly holds: number;
  readonly bar: number;
  /** Blanks for each level of regions within regions, and between columns. */
  readonly indent: number;
}

const PERMISSIONS = 4; // 'PERM'
const HOLDS = 14; // 'read-only data'
const SHARE = 6; // '100.0%'
const LEAST_BAR = 8;
const ROOMY = 60; // below this, offsets and shares are left out
const WORDY = 100; // from this on, there is room for words on what regions hold

function columnsOf(file: FileMap, rows: readonly Row[], width: number, { verbose }: Style): Columns {
  const roomy = width >= ROOMY;
  const offset = roomy ? Math.max(6, hex(file.size).length) : 0;
  const size = verbose ? Math.max(4, String(file.size).length) : 10;
  const share = roomy ? SHARE : 0;
  const holds = width >= WORDY ? HOLDS : 1;
  const indent = roomy ? 2 : 1;
  const longest = rows.reduce((most, { region, depth }) => Math.max(most, indent * depth + (region === null ? 0 : textWidth(nameText(region)))), 6);
  const room = width - startOf({ offset, size, share, indent }) - holds - 2 * indent;
  const name = Math.min(longest, Math.max(12, Math.floor(room * 0.5)), room - LEAST_BAR);
  return { offset, size, share, name, holds, bar: room - name, indent };
}

/** Where the names begin. */
function startOf({ offset, size, share, indent }: Pick<Columns, 'offset' | 'size' | 'share' | 'indent'>): number {
  return [offset, size, share, PERMISSIONS].reduce((sum, one) => sum + (one === 0 ? 0 : one + indent), 0);
}

function table(file: FileMap, rows: readonly Row[], width: number, style: MapStyle): string {
  const columns = columnsOf(file, rows, width, style);
  const holds = columns.holds === HOLDS ? 'HOLDS' : '';
  const head = cells({ offset: 'OFFSET', size: 'SIZE', share: 'SHARE', permissions: 'PERM', name: 'REGION', holds }, columns);
  const lines = rows.map(({ region, left, depth }) =>
    region === null ? foldLine(file, left as NonNullable<Row['left']>, depth, columns, style) : regionLines(file, region, depth, columns, style),
  );
  return `${tinted(head.trimEnd(), 'dim', style)}\n${lines.join('')}`;
}

interface Cells {
  readonly offset: string;
  readonly size: string;
  readonly share: string;
  readonly permissions: string;
  readonly name: string;
  readonly holds: string;
}

/** The columns of a line up to the bar; those that there is no room for are left out. `style` may colour a word, which its column's width does not see. */
function cells(texts: Cells, columns: Columns, style: (text: string, column: keyof Cells) => string = (text) => text): string {
  const right = (column: 'offset' | 'size' | 'share'): string[] => (columns[column] === 0 ? [] : [texts[column].padStart(columns[column])]);
  const left = (column: 'permissions' | 'name' | 'holds', width: number): string => style(texts[column], column) + padded(texts[column], width).slice(texts[column].length);
  const words = [left('permissions', PERMISSIONS), left('name', columns.name), left('holds', columns.holds)];
  return [...right('offset'), ...right('size'), ...right('share'), ...words, ''].join(' '.repeat(columns.indent));
}

function foldLine(file: FileMap, left: NonNullable<Row['left']>, depth: number, columns: Columns, style: Style): string {
  const { count, size, padding } = left;
  const name = `${' '.repeat(columns.indent * depth)}${sign('ellipsis', style)} ${count} ${padding ? 'paddings' : 'more'}`;
  const line = cells({ offset: '', size: amount(size, style), share: shareText(size, file.size), permissions: '', name, holds: '' }, columns);
  return `${tinted(line.trimEnd(), 'dim', style)}\n`;
}

function amount(size: number, { verbose }: Style): string {
  return verbose ? String(size) : sizeText(size);
}

/** A name cut to a width, an ellipsis in place of what is left out. */
function cut(text: string, width: number, style: Style): string {
  if (textWidth(text) <= width) return text;
  const end = sign('ellipsis', style);
  let kept = '';
  let used = textWidth(end);
  for (const character of text) {
    used += textWidth(character);
    if (used > width) break;
    kept += character;
  }
  return kept + end;
}

function regionLines(file: FileMap, region: Region, depth: number, columns: Columns, style: MapStyle): string {
  const { offset, size, permissions, content, children, note } = region;
  const holder = children.length > 0;
  const alarming = isWritableCode(region);
  const own = ownSize(region);
  const line = cells(
    {
      offset: offset === null ? '' : hex(offset),
      size: offset === null ? sign('none', style) : amount(size, style),
      share: shareText(own, file.size),
      permissions: permissions ?? '',
      name: cut(`${' '.repeat(columns.indent * depth)}${nameText(region)}`, columns.name, style),
      holds: columns.holds === HOLDS ? holdsText(region) : holder ? '' : letterOf(content, style),
    },
    columns,
    (text, column) => (column === 'name' && holder ? tinted(text, 'bold', style) : column === 'permissions' && alarming ? tinted(text, 'red', style) : text),
  );
  const drawn = bar(own / file.size, columns.bar, style);
  const remarks = remarksOf(region);
  const said = remarks.length > 0 ? remarks : note === null ? [] : [visible(note)];
  const { beside, below } = placed([...said, ...(style.verbose ? memoryWords(region) : [])], columns.bar - textWidth(drawn) - (drawn === '' ? 0 : 1));
  const shade = holder ? tinted(drawn, 'dim', style) : colored(drawn, content, style);
  const remark = beside === '' ? '' : `${drawn === '' ? '' : ' '}${tinted(beside, alarming ? 'red' : 'dim', style)}`;
  const under = remarks.length > 0 || style.verbose ? wrapBelow(below, columns, alarming, style) : '';
  return `${(line + shade + remark).trimEnd()}\n${under}`;
}

/** As many words beside a bar as there is room for; the rest goes below. */
function placed(words: readonly string[], room: number): { readonly beside: string; readonly below: readonly string[] } {
  for (let count = words.length; count > 0; count--) {
    const beside = words.slice(0, count).join('; ');
    if (textWidth(beside) <= room) return { beside, below: words.slice(count) };
  }
  return { beside: '', below: words };
}

/** Words that found no room beside the bar, on lines of their own under the name. */
function wrapBelow(words: readonly string[], columns: Columns, alarming: boolean, style: Style): string {
  if (words.length === 0) return '';
  const at = startOf(columns) + columns.indent;
  const lines = wrapParts(words, '; ', columns.name + columns.holds + columns.bar);
  return lines.map((line) => `${' '.repeat(at)}${tinted(line, alarming ? 'red' : 'dim', style)}\n`).join('');
}

/** Where a region is in memory, exactly. */
function memoryWords({ address, memorySize, size, offset }: Region): string[] {
  if (address === null) return [];
  const differs = memorySize !== null && (offset === null || memorySize !== size);
  return [`at 0x${address.toString(16)} in memory${differs ? `, ${memorySize} bytes` : ''}`];
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar for a part of the whole; what is there at all shows. */
function bar(part: number, width: number, { unicode }: Style): string {
  if (part <= 0) return '';
  if (!unicode) return '#'.repeat(Math.round(part * width)) || '|';
  const eighths = Math.max(1, Math.round(part * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] as string);
}
