// The literals of a compressed Zstandard block: raw, one byte repeated, or Huffman-coded in one or four streams (RFC 8878, section 3.1.1.3.1).

import { malformed } from './decoder.ts';
import type { Place } from './decoder.ts';
import { readHuffmanTable } from './huffman.ts';
import type { HuffmanTable } from './huffman.ts';

/** Bytes that may be read or written behind a block and its literals, so that four can be moved at a time. */
export const MARGIN = 16;
export const MOST_BLOCK: number = 128 * 1024;

const KIND = { RAW: 0, REPEATED: 1, CODED: 2, CODED_AS_BEFORE: 3 } as const;
const JUMP_TABLE = 6;

/** Memory for one block: its bytes between two margins, and its literals before a margin. */
export interface Scratch {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly literals: Uint8Array;
  readonly literalsView: DataView;
  literalCount: number;
}

export function makeScratch(): Scratch {
  const bytes = new Uint8Array(MARGIN + MOST_BLOCK + MARGIN);
  const literals = new Uint8Array(MOST_BLOCK + MARGIN);
  return { bytes, view: new DataView(bytes.buffer), literals, literalsView: new DataView(literals.buffer), literalCount: 0 };
}

/** Where the section ends, and the table for the next block that goes on with it. */
export interface LiteralsSection {
  readonly end: number;
  readonly table: HuffmanTable | null;
}

/** Decodes the literals of the block in the scratch from `from` to `to`. `before` is the last table of the frame. */
export function readLiterals(scratch: Scratch, from: number, to: number, before: HuffmanTable | null, most: number, place: Place): LiteralsSection {
  const { bytes, literals } = scratch;
  const head = scratch.view.getUint32(from, true);
  const kind = head & 3;
  const format = (head >>> 2) & 3;
  if (kind === KIND.RAW || kind === KIND.REPEATED) {
    const headSize = format === 1 ? 2 : format === 3 ? 3 : 1;
    const size = headSize === 1 ? (head & 0xff) >>> 3 : headSize === 2 ? (head & 0xffff) >>> 4 : (head & 0xff_ffff) >>> 4;
    const start = from + headSize;
    const end = start + (kind === KIND.RAW ? size : 1);
    if (end > to || size > most) throw malformed(`a Zstandard block has ${size} literals, more than it can hold`, place);
    if (kind === KIND.RAW) literals.set(bytes.subarray(start, end));
    else literals.fill(bytes[start] as number, 0, size);
    scratch.literalCount = size;
    return { end, table: before };
  }
  const bits = format < 2 ? 10 : format === 2 ? 14 : 18;
  const sizes = Number((scratch.view.getBigUint64(from, true) >> 4n) & 0xf_ffff_ffffn);
  const size = sizes % 2 ** bits;
  const stored = Math.floor(sizes / 2 ** bits) % 2 ** bits;
  let start = from + ((4 + 2 * bits) >> 3);
  const end = start + stored;
  if (end > to || size > most) throw malformed(`a Zstandard block has ${size} literals in ${stored} bytes, more than it can hold`, place);
  let table = before;
  if (kind === KIND.CODED) ({ table, end: start } = readHuffmanTable(bytes, start, end, place));
  if (table === null) throw malformed('a Zstandard block goes on with a Huffman table that was never given', place);
  if (format === 0) readStream(scratch, table, start, end, 0, size, place);
  else readFourStreams(scratch, table, start, end, size, place);
  scratch.literalCount = size;
  return { end, table };
}

/** The bit behind the last of a stream that is read backwards: below the highest 1 of its last byte. */
export function lastBit(bytes: Uint8Array, from: number, to: number, place: Place): number {
  const last = from < to ? (bytes[to - 1] as number) : 0;
  if (last === 0) throw malformed('a bit stream of a Zstandard block has no end mark', place);
  return to * 8 - 8 + 31 - Math.clz32(last);
}

/** One stream, from its literal `at` on up to `end`. */
function readStream(scratch: Scratch, table: HuffmanTable, from: number, to: number, at: number, end: number, place: Place): void {
  finishStream(scratch, table, from * 8, lastBit(scratch.bytes, from, to, place), at, end, place);
}

/** The rest of a stream, of which the bits from `start` up to `bit` are left: they have to be used up exactly. */
function finishStream({ view, literals }: Scratch, { log, rows }: HuffmanTable, start: number, bit: number, at: number, end: number, place: Place): void {
  const down = 32 - log;
  let left = bit;
  for (let out = at; out < end && left >= start; out++) {
    const row = rows[(view.getInt32(((left + 7) >> 3) - 4, true) << (-left & 7)) >>> down] as number;
    literals[out] = row;
    left -= row >> 8;
  }
  if (left !== start) throw malformed('a stream of literals does not end with its last bit', place);
}

/** Four streams, each for a quarter of the literals, decoded side by side: they do not wait for one another. */
function readFourStreams(scratch: Scratch, table: HuffmanTable, from: number, to: number, size: number, place: Place): void {
  const { bytes, view, literals } = scratch;
  const { log, rows } = table;
  const quarter = (size + 3) >> 2;
  const begin1 = from + JUMP_TABLE;
  const begin2 = begin1 + view.getUint16(from, true);
  const begin3 = begin2 + view.getUint16(from + 2, true);
  const begin4 = begin3 + view.getUint16(from + 4, true);
  if (begin4 > to || 3 * quarter > size) throw malformed('the four streams of literals are longer than their section', place);
  let left1 = lastBit(bytes, begin1, begin2, place);
  let left2 = lastBit(bytes, begin2, begin3, place);
  let left3 = lastBit(bytes, begin3, begin4, place);
  let left4 = lastBit(bytes, begin4, to, place);
  const down = 32 - log;
  const first = begin1 * 8; // no stream may go below its own start; to stay inside memory, none below the first one's
  let out = 0;
  // Two codes of at most 11 bits from each load, which has 25 bits at least.
  for (const end = size - 3 * quarter - 1; out < end; out += 2) {
    if (left1 < first || left2 < first || left3 < first || left4 < first) break;
    let word1 = view.getInt32(((left1 + 7) >> 3) - 4, true) << (-left1 & 7);
    let word2 = view.getInt32(((left2 + 7) >> 3) - 4, true) << (-left2 & 7);
    let word3 = view.getInt32(((left3 + 7) >> 3) - 4, true) << (-left3 & 7);
    let word4 = view.getInt32(((left4 + 7) >> 3) - 4, true) << (-left4 & 7);
    const row1 = rows[word1 >>> down] as number;
    const row2 = rows[word2 >>> down] as number;
    const row3 = rows[word3 >>> down] as number;
    const row4 = rows[word4 >>> down] as number;
    word1 <<= row1 >> 8;
    word2 <<= row2 >> 8;
    word3 <<= row3 >> 8;
    word4 <<= row4 >> 8;
    const next1 = rows[word1 >>> down] as number;
    const next2 = rows[word2 >>> down] as number;
    const next3 = rows[word3 >>> down] as number;
    const next4 = rows[word4 >>> down] as number;
    literals[out] = row1;
    literals[out + 1] = next1;
    literals[out + quarter] = row2;
    literals[out + quarter + 1] = next2;
    literals[out + 2 * quarter] = row3;
    literals[out + 2 * quarter + 1] = next3;
    literals[out + 3 * quarter] = row4;
    literals[out + 3 * quarter + 1] = next4;
    left1 -= (row1 >> 8) + (next1 >> 8);
    left2 -= (row2 >> 8) + (next2 >> 8);
    left3 -= (row3 >> 8) + (next3 >> 8);
    left4 -= (row4 >> 8) + (next4 >> 8);
  }
  finishStream(scratch, table, begin1 * 8, left1, out, quarter, place);
  finishStream(scratch, table, begin2 * 8, left2, quarter + out, 2 * quarter, place);
  finishStream(scratch, table, begin3 * 8, left3, 2 * quarter + out, 3 * quarter, place);
  finishStream(scratch, table, begin4 * 8, left4, 3 * quarter + out, size, place);
}
