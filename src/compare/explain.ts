// What the bytes at a place are, in both files at once: a stretch of a region, and what its differing bytes come to.

import type { Input } from '../bytes/input.ts';
import type { DifferenceClass } from '../model/comparison.ts';
import type { Binary, Format } from '../model/binary.ts';
import { CUSTOM } from '../wasm/constants.ts';
import { contentsOf, openWasm } from '../wasm/file.ts';
import { elfRanges } from './elf-ranges.ts';
import { machORanges } from './macho-ranges.ts';
import { hexText, identityRange } from './named-range.ts';
import type { NamedRange } from './named-range.ts';
import { peRanges } from './pe-ranges.ts';
import type { Piece } from './pieces.ts';
import type { Edit } from './signatures.ts';

/** What headers and tables name, by format; in a reader, with an input of the image's own. */
const RANGES: Readonly<Record<Format, (image: Input) => NamedRange[]>> = { elf: elfRanges, 'mach-o': machORanges, pe: peRanges, wasm: wasmRanges };

/** The named ranges of one image; none, with a warning, where its tables can't be read. */
export function rangesOf(image: Input, binary: Binary): NamedRange[] {
  if (binary.format === 'mach-o' && binary.machO === null) return [];
  return image.attempt(() => RANGES[binary.format](image)) ?? [];
}

const LONGEST_ID = 64;

function wasmRanges(image: Input): NamedRange[] {
  const { customs, input } = openWasm(image);
  const section = customs.get(CUSTOM.BUILD_ID);
  if (section === undefined || section.contentSize > LONGEST_ID + 1) return [];
  const bytes = contentsOf(input, section, 'build id', LONGEST_ID + 1).bytes();
  const framed = bytes.length > 0 && bytes[0] === bytes.length - 1 ? 1 : 0; // linkers write the length before it
  const id = bytes.subarray(framed);
  return id.length === 0 ? [] : [identityRange(input.start + section.contentOffset + framed, id.length, 'build id', hexText(id))];
}

/** Ranges in order, no two of which overlap: of those that do, the one that begins first counts. */
export function inOrder(ranges: readonly NamedRange[]): NamedRange[] {
  const kept: NamedRange[] = [];
  let end = 0;
  for (const range of [...ranges].sort((a, b) => a.offset - b.offset || b.size - a.size)) {
    if (range.offset < end) continue;
    kept.push(range);
    end = range.offset + range.size;
  }
  return kept;
}

/** The index of the first of some stretches in order that ends behind a position. */
function indexAt(stretches: readonly { readonly offset: number; readonly size: number }[], at: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { offset, size } = stretches[middle] as { offset: number; size: number };
    if (offset + size <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is known of one side. */
export interface Known {
  /** In order, none overlapping. */
  readonly ranges: readonly NamedRange[];
  /** In order. */
  readonly edits: readonly Edit[];
}

/** A stretch of two pieces of one size whose bytes are all of one kind; positions count from the pieces' start. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly what: string | null;
  readonly class: DifferenceClass | null;
  /** The two ranges behind that. */
  readonly ranges: readonly [NamedRange, NamedRange] | null;
  /** Whether a field there changes when signatures are removed. */
  readonly edited: boolean;
}

/** Whether a range may be believed at its place: what the system runs is no time stamp, whatever a table says. */
function isBelieved({ amongCode }: NamedRange, { content }: Piece): boolean {
  return amongCode || content !== 'code';
}

/** The stretches of two pieces of one size. Only what has one name in both, at the same place of it, is explained. */
export function stretchesOf(a: Piece, b: Piece, knownA: Known, knownB: Known): Stretch[] {
  const bounds = new Set<number>([0, a.size]);
  const collect = ({ offset, size }: Piece, stretches: readonly { readonly offset: number; readonly size: number }[]): void => {
    for (let i = indexAt(stretches, offset); i < stretches.length; i++) {
      const { offset: at, size: length } = stretches[i] as { offset: number; size: number };
      if (at >= offset + size) return;
      bounds.add(Math.max(0, at - offset));
      bounds.add(Math.min(size, at + length - offset));
    }
  };
  const editsA = knownA.edits.map(placeOf);
  const editsB = knownB.edits.map(placeOf);
  collect(a, knownA.ranges);
  collect(b, knownB.ranges);
  collect(a, editsA);
  collect(b, editsB);
  const ends = [...bounds].sort((x, y) => x - y);
  return ends.slice(1).map((to, index) => {
    const from = ends[index] as number;
    const inA = at(knownA.ranges, a.offset + from);
    const inB = at(knownB.ranges, b.offset + from);
    const edited = at(editsA, a.offset + from) !== null || at(editsB, b.offset + from) !== null;
    const same = inA !== null && inB !== null && inA.what === inB.what && inA.size === inB.size && a.offset - inA.offset === b.offset - inB.offset;
    if (!same || !isBelieved(inA, a) || !isBelieved(inB, b)) return { from, to, what: null, class: null, ranges: null, edited };
    return { from, to, what: inA.what, class: inA.class, ranges: [inA, inB], edited };
  });
}

function placeOf({ offset, bytes }: Edit): { offset: number; size: number } {
  return { offset, size: bytes.length };
}

function at<T extends { readonly offset: number; readonly size: number }>(stretches: readonly T[], position: number): T | null {
  const found = stretches[indexAt(stretches, position)];
  return found !== undefined && found.offset <= position ? found : null;
}

/** The bytes that stand at a place without the signature. */
export function edited(bytes: Uint8Array, offset: number, edits: readonly Edit[]): Uint8Array {
  const copy = bytes.slice();
  for (const edit of edits) {
    for (const [index, byte] of edit.bytes.entries()) {
      const position = edit.offset + index - offset;
      if (position >= 0 && position < copy.length) copy[position] = byte;
    }
  }
  return copy;
}
