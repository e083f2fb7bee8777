// A file's map as an SVG that needs nothing else: no script, no font, no link; the parts within parts above, a line for each region below.

import { hex } from '../errors.ts';
import { isWritableCode, ownSize } from '../model/regions.ts';
import type { Content, FileMap, Region } from '../model/regions.ts';
import { contentText, holdsText, nameText, remarksOf, rowsOf, shareText, totals } from './map-rows.ts';
import type { Row } from './map-rows.ts';
import { visible } from './visible.ts';
import { sizeText, textWidth } from './words.ts';

/** Colours of contents on light and on dark ground. */
const COLORS: Readonly<Record<Content, readonly [light: string, dark: string]>> = {
  headers: ['#8e5bb5', '#b58ad8'],
  code: ['#3b6fd4', '#6b9bf2'],
  constants: ['#2f9ab0', '#4fbdd2'],
  data: ['#d9932b', '#e8ad51'],
  linking: ['#b0568f', '#d480b4'],
  go: ['#00829b', '#38c6e0'],
  resources: ['#7a8a1f', '#b3c44e'],
  symbols: ['#4d9a4d', '#74c174'],
  debug: ['#8a7a5c', '#b8a784'],
  signature: ['#c4473c', '#ee7a6f'],
  appended: ['#a33f6b', '#e0779f'],
  padding: ['#d5d9de', '#3d444d'],
  other: ['#98a1ab', '#7d8792'],
};

const WIDTH = 800;
const MARGIN = 16;
const INNER = WIDTH - 2 * MARGIN;
const LEVEL = 24; // height of a level of the strip
const LINE = 18; // height of a line of the table
const GLYPH = 6.65; // width of a character: of the 11 pixels of a monospaced font, 0.6
const LEAST = 0.4; // pixels: what is narrower is not drawn in the strip

/** Where the columns of the table are: the right end of numbers, the left of words. */
const COLUMN = { offset: 92, size: 172, share: 224, permissions: 236, name: 272, holds: 480, bar: 590 } as const;
const BAR = WIDTH - MARGIN - COLUMN.bar;

/** Text for XML: safe to show, without the two characters that XML has no place for, and with its marks escaped. */
function escaped(text: string): string {
  return visible(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A number with two digits behind its point at most. */
function point(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** How `renderSvg` draws. */
export interface SvgOptions {
  /** Whether every region has a line of its own; by default small ones are counted together. */
  readonly all?: boolean | undefined;
}

/**
 * A file's map as an SVG document: self-contained, for light and dark ground, text from the file escaped. Ends with a newline.
 *
 * @example
 * await writeFile('app.svg', renderSvg(await mapFile('app')));
 */
export function renderSvg(file: FileMap, { all = false }: SvgOptions = {}): string {
  const path = file.path ?? 'bytes';
  const title = `${visible(path)}: ${file.description.join(' · ')}`;
  const rows = rowsOf(file, all);
  const levels = Math.min(4, depthOf(file.regions));
  const stripAt = 66;
  const legendAt = stripAt + levels * LEVEL + 34;
  const { text: legendText, height: legendHeight } = legend(file, legendAt);
  const tableAt = legendAt + legendHeight + 22;
  const height = tableAt + (rows.length + 1) * LINE + MARGIN;
  const measures = `viewBox="0 0 ${WIDTH} ${point(height)}" width="${WIDTH}" height="${point(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${measures} role="img" aria-label="${escaped(`Layout of ${title}`)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style()}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${point(height)}"/>`,
    text('name', MARGIN, 28, cut(visible(path), 88)),
    text('dim', MARGIN, 48, file.description.join(' · ')),
    ...strip(file, stripAt, levels),
    ...axis(file, stripAt + levels * LEVEL),
    ...legendText,
    ...table(file, rows, tableAt),
    '</svg>',
    '',
  ].join('\n');
}

/** Style sheet: the reader's own light or dark. `on`: words on a coloured part; `holder`: a part with parts of its own. */
function style(): string {
  const colors = (index: 0 | 1): string => Object.entries(COLORS).map(([content, pair]) => `.${content}{fill:${pair[index]}}`).join('');
  const ground = (back: string, fore: string, dim: string, holder: string, alarm: string): string =>
    `.ground{fill:${back}}text{fill:${fore}}.dim{fill:${dim}}.edge{stroke:${back}}.holder{fill:${holder}}.alarm{fill:${alarm}}`;
  return [
    'text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;white-space:pre}',
    '.name{font-size:14px;font-weight:bold}.bold{font-weight:bold}.right{text-anchor:end}.middle{text-anchor:middle}.edge{stroke-width:.6}',
    ground('#ffffff', '#1c2128', '#656d76', '#e6e9ed', '#c4281c'),
    colors(0),
    '.on{fill:#fff}.padding+.on,.other+.on{fill:#1c2128}',
    '@media (prefers-color-scheme:dark){',
    ground('#12161c', '#e6ebf0', '#98a2ad', '#2a313a', '#ff7b72'),
    colors(1),
    '.on,.other+.on{fill:#0c1015}.padding+.on{fill:#e6ebf0}',
    '}',
  ].join('');
}

function text(kind: string, x: number, y: number, words: string): string {
  return `<text class="${kind}" x="${point(x)}" y="${point(y)}">${escaped(words)}</text>`;
}

function depthOf(regions: readonly Region[]): number {
  return regions.reduce((most, { children }) => Math.max(most, 1 + depthOf(children)), 0);
}

/** Words cut to so many columns. */
function cut(words: string, most: number): string {
  if (textWidth(words) <= most) return words;
  let kept = '';
  for (const character of words) {
    if (textWidth(kept + character) >= most) break;
    kept += character;
  }
  return `${kept}…`;
}

/** What a reader sees who points at a region. */
function tooltip(file: FileMap, region: Region): string {
  const { kind, offset, size, address, permissions, memorySize, note } = region;
  const lines = [`${nameText(region)} (${holdsText(region)})`];
  if (offset !== null) lines.push(`${hex(offset)} to ${hex(offset + size)}`, `${sizeText(size)} (${size} bytes, ${shareText(ownSize(region), file.size) || '0%'})`);
  if (permissions !== null) lines.push(permissions);
  if (address !== null) lines.push(`at 0x${address.toString(16)} in memory${memorySize === null ? '' : `, ${sizeText(memorySize)}`}`);
  if (kind === 'section' && note !== null) lines.push(note);
  return `<title>${[...lines, ...remarksOf(region)].map(escaped).join('&#10;')}</title>`;
}

/** The whole file from left to right, parts below what they are in. Bytes stand once: a region that overlaps another begins where that ends. */
function strip(file: FileMap, top: number, levels: number): string[] {
  const scale = INNER / file.size;
  const drawn: string[] = [];
  const level = (regions: readonly Region[], depth: number): void => {
    for (const region of regions) {
      const { offset, size, content, children } = region;
      const width = ownSize(region) * scale;
      if (offset === null || width < LEAST) continue;
      const holder = children.length > 0;
      const x = MARGIN + (offset + size) * scale - width;
      const tall = holder ? LEVEL : (levels - depth) * LEVEL;
      const most = Math.floor((width - 6) / GLYPH);
      const name = nameText(region);
      const label = holder && region.permissions !== null && name.length + 4 <= most ? `${name} ${region.permissions}` : cut(name, most);
      const y = top + depth * LEVEL;
      const box = `<rect class="${holder ? 'holder' : content} edge" x="${point(x)}" y="${y}" width="${point(width)}" height="${tall}"/>`;
      const words = width > 4 * GLYPH ? text(`${holder ? '' : 'on '}middle`, x + width / 2, y + tall / 2 + 4, label) : '';
      drawn.push(`<g>${tooltip(file, region)}${box}${words}</g>`);
      if (depth + 1 < levels) level(children, depth + 1);
    }
  };
  level(file.regions, 0);
  return drawn;
}

/** Positions in the file, in quarters. */
function axis({ size }: FileMap, top: number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const kind = part === 0 ? 'dim' : part === 1 ? 'dim right' : 'dim middle';
    return text(kind, MARGIN + part * INNER, top + 14, hex(Math.round(part * size)));
  });
}

function legend(file: FileMap, top: number): { readonly text: string[]; readonly height: number } {
  const drawn: string[] = [];
  let x = MARGIN;
  let y = top;
  for (const { content, size } of totals(file)) {
    if (size / file.size < 0.0005) continue;
    const words = `${contentText(content)} ${shareText(size, file.size)}`;
    const width = 14 + words.length * GLYPH + 14;
    if (x + width > WIDTH - MARGIN && x > MARGIN) {
      x = MARGIN;
      y += LINE;
    }
    drawn.push(`<rect class="${content}" x="${point(x)}" y="${y - 9}" width="10" height="10"/>${text('', x + 14, y, words)}`);
    x += width;
  }
  return { text: drawn, height: y - top + LINE };
}

function table(file: FileMap, rows: readonly Row[], top: number): string[] {
  const head = [
    text('dim right', COLUMN.offset, top, 'offset'),
    text('dim right', COLUMN.size, top, 'size'),
    text('dim right', COLUMN.share, top, 'share'),
    text('dim', COLUMN.permissions, top, 'perm'),
    text('dim', COLUMN.name, top, 'region'),
    text('dim', COLUMN.holds, top, 'holds'),
  ];
  const lines = rows.map(({ region, left, depth }, index) => {
    const y = top + (index + 1) * LINE;
    return region === null ? foldLine(file, left as NonNullable<Row['left']>, depth, y) : regionLine(file, region, depth, y);
  });
  return [...head, ...lines];
}

const INDENT = 12;

function foldLine(file: FileMap, { count, size, padding }: NonNullable<Row['left']>, depth: number, y: number): string {
  return [
    text('dim right', COLUMN.size, y, sizeText(size)),
    text('dim right', COLUMN.share, y, shareText(size, file.size)),
    text('dim', COLUMN.name + depth * INDENT, y, `… ${count} ${padding ? 'paddings' : 'more'}`),
  ].join('');
}

function regionLine(file: FileMap, region: Region, depth: number, y: number): string {
  const { offset, size, permissions, content, children, note } = region;
  const holder = children.length > 0;
  const alarm = isWritableCode(region) ? 'alarm' : '';
  const own = ownSize(region);
  const width = own === 0 ? 0 : Math.max(1, (own / file.size) * BAR);
  const nameAt = COLUMN.name + depth * INDENT;
  const parts = [
    text(holder ? 'bold' : '', nameAt, y, cut(nameText(region), Math.floor((COLUMN.holds - nameAt - 6) / GLYPH))),
    text('dim', COLUMN.holds, y, holdsText(region)),
  ];
  if (offset !== null) {
    const numbers = [text('dim right', COLUMN.offset, y, hex(offset)), text('right', COLUMN.size, y, sizeText(size))];
    parts.unshift(...numbers, text('right', COLUMN.share, y, shareText(own, file.size)));
  }
  if (permissions !== null) parts.push(text(alarm, COLUMN.permissions, y, permissions));
  if (width > 0) parts.push(`<rect class="${holder ? 'holder' : content}" x="${COLUMN.bar}" y="${y - 10}" width="${point(width)}" height="12"/>`);
  const remark = remarksOf(region).join('; ') || visible(note ?? '');
  const room = Math.floor((BAR - width - 6) / GLYPH);
  if (remark !== '' && room >= 8) parts.push(text(alarm === '' ? 'dim' : alarm, COLUMN.bar + width + (width === 0 ? 0 : 6), y, cut(remark, room)));
  return `<g>${tooltip(file, region)}${parts.join('')}</g>`;
}
