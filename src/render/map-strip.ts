// The whole file in one line: what most bytes of each cell are, slices above it, positions and entropy below.

import { hex } from '../errors.ts';
import { ownSize } from '../model/regions.ts';
import type { Content, FileMap } from '../model/regions.ts';
import { contentText, leavesOf, nameText, shareText, totals } from './map-rows.ts';
import { sizeText, textWidth, tinted } from './words.ts';
import type { Style } from './words.ts';

/** How a map looks: its style, and whether the terminal has 256 colours. */
export interface MapStyle extends Style {
  readonly deep: boolean;
}

/**
 * How each content is marked: a letter, a colour of 256 (the hues of the picture as SVG), one of the terminal's own sixteen (ECMA-48 SGR; none of the bright
 * ones, which light backgrounds swallow), and a word for a run of cells. Padding is ground, and has no colour.
 */
const MARKS: Readonly<Record<Content, readonly [letter: string, deep: number, color: number, word: string]>> = {
  headers: ['H', 134, 35, 'headers'],
  code: ['C', 69, 34, 'code'],
  constants: ['R', 37, 36, 'read-only'],
  data: ['D', 172, 33, 'data'],
  linking: ['L', 169, 35, 'loader'],
  go: ['G', 31, 36, 'Go'],
  resources: ['I', 142, 33, 'resources'],
  symbols: ['S', 71, 32, 'symbols'],
  debug: ['B', 137, 32, 'debug'],
  signature: ['K', 167, 31, 'signature'],
  appended: ['A', 132, 31, 'appended'],
  padding: ['.', 0, 0, ''],
  other: ['?', 102, 39, 'other'],
};

/** The letter that stands for a content. */
export function letterOf(content: Content, { unicode }: Style): string {
  return content === 'padding' && unicode ? '░' : MARKS[content][0];
}

/** Text in the colour of a content. */
export function colored(text: string, content: Content, style: MapStyle): string {
  if (!style.color || text === '') return text;
  if (content === 'padding') return tinted(text, 'dim', style);
  const [, deep, color] = MARKS[content];
  return style.deep ? `\u001b[38;5;${deep}m${text}\u001b[39m` : `\u001b[${color}m${text}\u001b[39m`;
}

/** A run of equal cells: a block with its word in it, or its letter where there is no room, so that nobody has to tell colours apart. */
function run(content: Content, length: number, style: MapStyle): string {
  const letter = letterOf(content, style);
  if (!style.color || !style.unicode || content === 'padding') return colored(letter.repeat(length), content, style);
  const word = MARKS[content][3];
  const shown = length >= 5 && word.length + 2 <= length ? word : length >= 5 ? word.slice(0, length - 2) : letter;
  const before = (length - shown.length) >> 1;
  return colored(`\u001b[7m${' '.repeat(before)}${shown}${' '.repeat(length - shown.length - before)}\u001b[27m`, content, style);
}

/** What most bytes of each cell are. */
function contentsOf(file: FileMap, width: number): Content[] {
  const weights = Array.from({ length: width }, () => new Map<Content, number>());
  const scale = width / file.size;
  for (const leaf of leavesOf(file.regions)) {
    const end = ((leaf.offset as number) + leaf.size) * scale;
    const start = end - ownSize(leaf) * scale;
    for (let at = Math.floor(start); at < Math.min(end, width); at++) {
      const weight = weights[at] as Map<Content, number>;
      weight.set(leaf.content, (weight.get(leaf.content) ?? 0) + Math.min(end, at + 1) - Math.max(start, at));
    }
  }
  return weights.map((weight) => [...weight].reduce((most, one) => (one[1] > most[1] ? one : most), ['other' as Content, 0] as const)[0]);
}

function strip(file: FileMap, width: number, style: MapStyle): string {
  const contents = contentsOf(file, width);
  let text = '';
  for (let from = 0; from < width; ) {
    const content = contents[from] as Content;
    let to = from + 1;
    while (to < width && contents[to] === content) to++;
    text += run(content, to - from, style);
    from = to;
  }
  return text;
}

/** Slices as brackets above the strip: '├── amd64 79.2 KiB ──┤'; an empty text where there are none. */
function brackets(file: FileMap, width: number, style: MapStyle): string {
  const scale = width / file.size;
  let line = '';
  for (const region of file.regions) {
    if (region.kind !== 'slice' || region.offset === null) continue;
    const start = Math.max(line.length, Math.floor(region.offset * scale));
    const length = Math.min(width, Math.ceil((region.offset + region.size) * scale)) - start;
    if (length < 3) continue;
    const [open, bar, close] = style.unicode ? ['├', '─', '┤'] : ['|', '-', '|'];
    const words = [` ${nameText(region)} ${sizeText(region.size)} `, ` ${nameText(region)} `, ''].find((text) => textWidth(text) <= length - 2 && textWidth(text) === text.length) ?? '';
    const before = (length - 2 - words.length) >> 1;
    line = `${line.padEnd(start)}${open}${bar.repeat(before)}${words}${bar.repeat(length - 2 - words.length - before)}${close}`;
  }
  return line === '' ? '' : `${tinted(line, 'dim', style)}\n`;
}

/** Where the parts of the file begin, as far as there is room, and where it ends. */
function axis(file: FileMap, width: number, style: MapStyle): string {
  const end = hex(file.size);
  let line = '';
  for (const { offset, size } of [...file.regions].filter((region) => region.offset !== null).sort((a, b) => (a.offset as number) - (b.offset as number))) {
    const at = Math.floor(((offset as number) / file.size) * width);
    const text = hex(offset as number);
    if ((line !== '' && (at < line.length + 2 || size < file.size / width)) || at + text.length + 2 > width - end.length) continue;
    line = line.padEnd(at) + text;
  }
  return `${tinted(`${line.padEnd(width - end.length)}${end}`, 'dim', style)}\n`;
}

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const DENSE = 7.5; // bits a byte: compressed or encrypted bytes have more, code and text less

/** The entropy of each cell as a line of bars; in ASCII digits. */
function entropyLine(entropy: readonly (number | null)[], style: MapStyle): string {
  const cells = entropy.map((bits) => (bits === null ? ' ' : style.unicode ? (LEVELS[Math.min(7, Math.floor(bits))] as string) : String(Math.min(8, Math.round(bits)))));
  const text = cells.map((cell, i) => tinted(cell, (entropy[i] ?? 0) >= DENSE ? 'yellow' : 'dim', style)).join('').replaceAll('\u001b[22m\u001b[2m', '').replaceAll('\u001b[39m\u001b[33m', '');
  const dense = entropy.filter((bits) => (bits ?? 0) >= DENSE).length;
  const remark = dense === 0 ? '' : `${tinted(`entropy: ${Math.round((100 * dense) / entropy.length)} % of the cells are packed, compressed or encrypted`, 'dim', style)}\n`;
  return `${text.replace(/ +$/, '')}\n${remark}`;
}

/** What the strip's cells stand for, and how much there is of each. */
function legend(file: FileMap, width: number, style: MapStyle): string {
  let text = '';
  let used = 0;
  for (const { content, size } of totals(file)) {
    if (size / file.size < 0.0005) continue;
    const word = ` ${contentText(content)} ${shareText(size, file.size)}`;
    const wanted = textWidth(word) + 1;
    const separator = used === 0 ? '' : used + 2 + wanted > width ? '\n' : '  ';
    used = separator === '  ' ? used + 2 + wanted : wanted;
    text += separator + run(content, 1, style) + word;
  }
  return `${text}\n`;
}

/** The overview: slices, the strip, positions, entropy where it was measured, and what the marks stand for. */
export function overview(file: FileMap, width: number, style: MapStyle, entropy: readonly (number | null)[] | null): string {
  return [brackets(file, width, style), `${strip(file, width, style)}\n`, entropy === null || entropy.every((bits) => bits === null) ? '' : entropyLine(entropy, style), axis(file, width, style), legend(file, width, style)].join('');
}
