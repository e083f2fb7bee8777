// Base relocations, as far as they change what others tables say: Windows applies them before it reads the imports.

import { hex } from '../errors.ts';
import { DIRECTORY, FILE } from './constants.ts';
import { directory } from './file.ts';
import type { PeFile } from './file.ts';

/** A stretch of memory, by RVAs; `end` is behind it. */
export interface MemoryRange {
  readonly start: number;
  readonly end: number;
  /** What stands there, for messages. */
  readonly what: string;
}

/** IMAGE_BASE_RELOCATION: the page and the size of a block, its own header included; then 16 bits for each place. */
const BLOCK_HEADER = 8;
const ENTRY = 2;
const PAGE = 4096;

/** Bytes that a type of entry changes; all others change at most 8. */
const WIDTHS: ReadonlyMap<number, number> = new Map([[0, 0], [1, 2], [2, 2], [3, 4], [4, 2], [10, 8]]); // prettier-ignore
const WIDEST = 8;

const MOST_BYTES = 16 * 1024 * 1024; // of the table; that of a browser's largest DLL has two

/** Warns where a relocation changes one of some ranges: what stands there then depends on where the image comes to lie. */
export function warnOfRelocated(file: PeFile, ranges: readonly MemoryRange[]): void {
  const { input, memory, coff } = file;
  const found = directory(file, DIRECTORY.BASE_RELOCATION);
  if (found === null || ranges.length === 0 || (coff.characteristics & FILE.RELOCS_STRIPPED) !== 0) return;
  const address = BigInt(found.address);
  const size = Math.min(found.size, memory.backed(address));
  if (size > MOST_BYTES) {
    input.warn('limit-exceeded', `base relocations: ${size} bytes, more than ${MOST_BYTES}: they are not looked through`);
    return;
  }
  if (size < BLOCK_HEADER) return;
  const sorted = ranges.toSorted((a, b) => a.start - b.start);
  const pages = pagesOf(sorted);
  const table = input.read(memory.offsetOf(address) as number, size, 'base relocations');
  for (let at = 0; at + BLOCK_HEADER <= size; ) {
    const page = table.u32(at);
    const length = table.u32(at + 4);
    if (length < BLOCK_HEADER) return;
    const first = Math.floor(page / PAGE);
    const end = Math.min(at + length, size);
    for (let entry = at + BLOCK_HEADER; (pages.has(first) || pages.has(first + 1)) && entry + ENTRY <= end; entry += ENTRY) {
      const value = table.u16(entry);
      const start = page + (value & 0xfff);
      const hit = hitOf(sorted, start, start + (WIDTHS.get(value >>> 12) ?? WIDEST));
      if (hit === null) continue;
      input.warn('imports-relocated', `a base relocation at RVA ${hex(start)} changes ${hit.what}: what is asked for depends on where the image is loaded`, memory.offsetOf(BigInt(start)));
      return;
    }
    at += length;
  }
}

/** The pages that ranges lie in, and the ones before: a relocation may begin there and end in them. */
function pagesOf(ranges: readonly MemoryRange[]): ReadonlySet<number> {
  const pages = new Set<number>();
  for (const { start, end } of ranges) {
    for (let page = Math.floor(start / PAGE) - 1; page <= Math.floor((end - 1) / PAGE); page++) pages.add(page);
  }
  return pages;
}

/** The range that a stretch touches; of ranges in order, which may lie in one another by no more than their neighbours. */
function hitOf(sorted: readonly MemoryRange[], start: number, end: number): MemoryRange | null {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as MemoryRange).start < end) low = middle + 1;
    else high = middle;
  }
  for (let i = low - 1; i >= 0 && i >= low - 2; i--) {
    const range = sorted[i] as MemoryRange;
    if (start < end && range.end > start) return range;
  }
  return null;
}
