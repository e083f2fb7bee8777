// Universal ("fat") Mach-O files: the table that says where each architecture's part lies. Java classes begin with the same four bytes.

import type { Input } from '../bytes/input.ts';
import { BinspectError, hex } from '../errors.ts';
import { nameOf } from '../model/names.ts';
import { CPU_TYPE, MAGIC } from './constants.ts';
import { FAT_HEADER_SIZE, readFatHeader, readSlice, sliceSize } from './structures.ts';
import type { Slice } from './structures.ts';

/** What a file is that begins like a universal one. */
export type FatVerdict =
  | { readonly kind: 'universal'; readonly slices: readonly Slice[] }
  | { readonly kind: 'java-class' }
  | { readonly kind: 'unknown'; readonly message: string };

/** What a slice may begin with. */
const SLICE_MAGICS: ReadonlySet<number> = new Set([
  MAGIC.MH_MAGIC,
  MAGIC.MH_CIGAM,
  MAGIC.MH_MAGIC_64,
  MAGIC.MH_CIGAM_64,
  MAGIC.AR,
  MAGIC.AR_THIN,
  MAGIC.BITCODE,
  MAGIC.BITCODE_WRAPPER,
]);

/** major_version of the first Java that was published (JVM specification, 4.1). */
const FIRST_JAVA = 43;

/** Tags of a class file's constant pool (JVM specification, table 4.4-B): 2 and 13 to 14 were never given out. */
const JAVA_TAGS: ReadonlySet<number> = new Set([1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19, 20]);

/** The first four bytes at a position, as a big-endian number; 0 where the file ends before. */
export function magicAt(input: Input, offset: number): number {
  const bytes = input.encoded({ little: false, wide: false }).readUpTo(offset, 4, 'magic number');
  return bytes.size < 4 ? 0 : bytes.u32(0);
}

/** Whether a slice begins within the file, behind the table, with something that belongs into a universal file. */
function begins(input: Input, { offset }: Slice, tableEnd: number): boolean {
  return offset >= tableEnd && offset + 4 <= input.size && SLICE_MAGICS.has(magicAt(input, offset));
}

/** Whether a slice begins with a Mach-O header for the very machine that the table names: in a class file no four bytes say so by chance. */
export function holdsItsMachine(input: Input, slice: Slice, tableEnd: number): boolean {
  if (!begins(input, slice, tableEnd) || slice.offset + 8 > input.size) return false;
  const magic = magicAt(input, slice.offset);
  if (magic !== MAGIC.MH_MAGIC && magic !== MAGIC.MH_MAGIC_64 && magic !== MAGIC.MH_CIGAM && magic !== MAGIC.MH_CIGAM_64) return false;
  const little = magic === MAGIC.MH_CIGAM || magic === MAGIC.MH_CIGAM_64;
  return input.encoded({ little, wide: false }).read(slice.offset + 4, 4, 'Mach-O header').u32(0) === slice.cpuType;
}

/** A class file's version is where a universal file counts its slices, and its first constant's tag where every cputype has a zero. */
export function isJavaClass(input: Input): boolean {
  const head = input.encoded({ little: false, wide: false }).readUpTo(0, 11, 'class file header');
  return head.u16(6) >= FIRST_JAVA && (head.size < 11 || (head.u16(8) > 0 && JAVA_TAGS.has(head.u8(10))));
}

/**
 * Reads the slice table of a file that begins with FAT_MAGIC or FAT_MAGIC_64, and decides by it whether this is a universal file
 * at all: every entry must name a place in the file where a Mach-O file, an archive or bitcode begins. A damaged table, of which
 * at least one entry does, is reported with warnings. Throws `truncated` and `malformed` where the table or all of what it names is
 * missing, `unsupported` for the byte-swapped magic.
 */
export function openFat(plain: Input): FatVerdict {
  const { magic, count } = readFatHeader(plain.encoded({ little: false, wide: false }).read(0, FAT_HEADER_SIZE, 'universal header').cursor());
  if (magic === MAGIC.FAT_CIGAM || magic === MAGIC.FAT_CIGAM_64) {
    throw new BinspectError('unsupported', 'a universal Mach-O header in little-endian order, which no tool writes and no system loads', {
      offset: plain.start,
      detected: 'byte-swapped-universal',
    });
  }
  const wide = magic === MAGIC.FAT_MAGIC_64;
  if (count === 0) throw new BinspectError('malformed', 'universal header: the slice table is empty', { offset: plain.start + 4 });
  const input = plain.encoded({ little: false, wide });
  const tableEnd = FAT_HEADER_SIZE + count * sliceSize(wide);
  const slices = readTable(input, count);
  const complete = slices.length === count;
  const within = (slice: Slice): boolean => slice.offset + slice.size <= input.size && begins(input, slice, tableEnd);
  if (complete && slices.every(within)) return { kind: 'universal', slices };
  if (!wide && isJavaClass(input)) {
    if (!slices.some((slice) => holdsItsMachine(input, slice, tableEnd))) return { kind: 'java-class' };
    input.warn('java-class-look', 'it begins like a Java class, and an entry of its table is a program for the machine that it names, which the kernel would run', 0);
    return { kind: 'universal', slices };
  }
  if (slices.some((slice) => begins(input, slice, FAT_HEADER_SIZE))) {
    if (!complete) {
      const code = tableEnd > input.size ? 'truncated' : 'limit-exceeded';
      input.warn(code, `universal header: ${count} slices, of which the first ${slices.length} are read`, 4);
    }
    return { kind: 'universal', slices };
  }
  if (slices.every(({ cpuType }) => nameOf(CPU_TYPE, cpuType) !== null)) throw nothingThere(input, slices, count, tableEnd);
  const message = `universal Mach-O or Java class: ${count} slices by its header, of which none is in the file, and no class file's version`;
  return { kind: 'unknown', message };
}

/** Of slices that overlap others, so many are read: a table of a few bytes could have the whole file read for each of its entries. */
export const OVERLAPPING = 8;

/** A slice that begins before another, or the table, has ended. */
export interface Overlap {
  readonly index: number;
  readonly start: number;
  /** The other slice's index; -1: the table. */
  readonly other: number;
  readonly end: number;
}

/** The slices that overlap others or the table, in the order of their places. */
export function overlaps(slices: readonly Slice[], tableEnd: number): Overlap[] {
  const found: Overlap[] = [];
  const inOrder = slices.map((slice, index) => ({ index, start: slice.offset, end: slice.offset + slice.size })).sort((a, b) => a.start - b.start);
  let last = { index: -1, end: tableEnd };
  for (const { index, start, end } of inOrder) {
    if (start < last.end && end > start) found.push({ index, start, other: last.index, end: last.end });
    if (end > last.end) last = { index, end };
  }
  return found;
}

/** As many of the table's entries as the file has and the limits allow. */
function readTable(input: Input, count: number): Slice[] {
  const size = sliceSize(input.encoding.wide);
  const fitting = Math.floor(input.available(FAT_HEADER_SIZE, count * size) / size);
  const most = Math.min(fitting, input.limits.slices);
  const table = input.read(FAT_HEADER_SIZE, most * size, 'slice table');
  return Array.from({ length: most }, (_, index) => readSlice(table.cursor(index * size)));
}

/** The error for a table that may be a universal file's, where the file has nothing of what it names. */
function nothingThere(input: Input, slices: readonly Slice[], count: number, tableEnd: number): BinspectError {
  if (tableEnd > input.size) {
    const wanted = `${tableEnd - FAT_HEADER_SIZE} bytes wanted at ${hex(FAT_HEADER_SIZE)} for ${count} slices`;
    const message = `slice table: ${wanted}, the file ends at ${hex(input.size)}`;
    return new BinspectError('truncated', message, { offset: input.start + FAT_HEADER_SIZE });
  }
  const [first] = slices;
  if (first !== undefined && slices.every(({ offset }) => offset + 4 > input.size)) {
    const message = `slice 0: ${first.size} bytes wanted at ${hex(first.offset)}, the file ends at ${hex(input.size)}`;
    return new BinspectError('truncated', message, { offset: input.start + input.size });
  }
  return new BinspectError('malformed', `slice table: none of ${count} slices begins as a Mach-O file, an archive or bitcode does`, {
    offset: input.start + FAT_HEADER_SIZE,
  });
}
