// A Mach-O file in the eyes of Go's own reader (debug/macho of Go 1.27): what it refuses, and where it finds an address.

import type { Bytes, Cursor } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { BinspectError } from '../errors.ts';
import type { GoPiece, GoView } from './image.ts';

const MAGIC = { THIN_32: 0xfeed_face, THIN_64: 0xfeed_facf, FAT: 0xcafe_babe } as const;

/** The load commands that Go looks into, and the bytes that it wants of each. Others pass unread. */
const COMMAND = { SEGMENT: 0x1, SYMTAB: 0x2, DYSYMTAB: 0xb, LOAD_DYLIB: 0xc, SEGMENT_64: 0x19, RPATH: 0x8000_001c } as const;
const FIXED_SIZE: ReadonlyMap<number, number> = new Map([
  [COMMAND.SEGMENT, 56],
  [COMMAND.SYMTAB, 24],
  [COMMAND.DYSYMTAB, 80],
  [COMMAND.LOAD_DYLIB, 24],
  [COMMAND.SEGMENT_64, 72],
  [COMMAND.RPATH, 12],
]);

const COMMAND_HEADER_SIZE = 8;
const NAME_SIZE = 16;
const RELOCATION_SIZE = 8;
const SECTION = '__go_buildinfo';
const PAGE_ZERO = '__PAGEZERO';

/** A thin Mach-O file as Go reads it, with what a universal file compares. */
interface Thin {
  readonly view: GoView;
  readonly cpuType: number;
  readonly cpuSubtype: number;
  readonly fileType: number;
}

/** What the commands have shown so far. */
interface Progress {
  readonly pieces: GoPiece[];
  data: GoView['data'];
  /** Entries of the symbol table; null before there is one. */
  symbols: number | null;
  readonly spent: Spent;
}

/** Bytes of load commands and of symbols that were looked at so far; slices may lie over one another, and so may the tables of one. */
interface Spent {
  bytes: number;
}

function requireFew({ limits: { goTableBytes } }: Input, length: number, what: string): void {
  if (length > goTableBytes) throw new BinspectError('limit-exceeded', `${what} for Go's own reader: ${length} bytes, more than ${goTableBytes}`);
}

/** A range that must lie in the file as a whole; null where it doesn't. An empty one lies anywhere. Throws `limit-exceeded` where it would cost too much. */
function whole(input: Input, at: number, length: number, what: string): Bytes | null {
  if (length === 0) return input.read(0, 0, what);
  if (at + length > input.size) return null;
  requireFew(input, length, what);
  return input.read(at, length, what);
}

/** A Mach-O file, thin or universal, as Go reads it; or why Go refuses it. */
export function readGoView(plain: Input): GoView | string {
  if (plain.size < 4) return `the file has ${plain.size} bytes`;
  const magic = plain.encoded({ little: false, wide: false }).read(0, 4, 'magic number').u32(0);
  if (magic === MAGIC.FAT) return readFat(plain);
  const thin = readThin(plain);
  return typeof thin === 'string' ? thin : thin.view;
}

function readThin(plain: Input, spent: Spent = { bytes: 0 }): Thin | string {
  const ident = plain.size < 4 ? null : plain.read(0, 4, 'magic number').bytes();
  const big = ident === null ? 0 : new DataView(ident.buffer, ident.byteOffset, 4).getUint32(0);
  const small = ident === null ? 0 : new DataView(ident.buffer, ident.byteOffset, 4).getUint32(0, true);
  const little = small === MAGIC.THIN_32 || small === MAGIC.THIN_64;
  const magic = little ? small : big;
  if (magic !== MAGIC.THIN_32 && magic !== MAGIC.THIN_64) return `the magic number is 0x${big.toString(16)}`;
  const wide = magic === MAGIC.THIN_64;
  const input = plain.encoded({ little, wide });
  const header = whole(input, 0, 28, 'Mach-O header')?.cursor(4);
  if (header === undefined) return 'the Mach-O header is cut';
  const cpuType = header.u32();
  const cpuSubtype = header.u32();
  const fileType = header.u32();
  const count = header.u32();
  const size = header.u32();
  const commands = whole(input, wide ? 32 : 28, size, 'load commands');
  if (commands === null) return `the load commands, ${size} bytes, are not all in the file`;
  spent.bytes += commands.size;
  const progress: Progress = { pieces: [], data: null, symbols: null, spent };
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (commands.size - at < COMMAND_HEADER_SIZE) return `there is no room for load command ${i} of ${count}`;
    const commandSize = commands.u32(at + 4);
    if (commandSize < COMMAND_HEADER_SIZE || commandSize > commands.size - at) return `load command ${i} has ${commandSize} bytes`;
    const refused = readCommand(input, commands.slice(at, commandSize), progress);
    if (refused !== null) return `load command ${i}: ${refused}`;
    at += commandSize;
  }
  return { view: { data: progress.data, base: 0n, pieces: progress.pieces }, cpuType, cpuSubtype, fileType };
}

/** Looks into one load command; gives why Go refuses it, or null. */
function readCommand(input: Input, command: Bytes, progress: Progress): string | null {
  const type = command.u32(0);
  if (command.size < (FIXED_SIZE.get(type) ?? 0)) return `it has ${command.size} bytes, too few`;
  switch (type) {
    case COMMAND.RPATH:
    case COMMAND.LOAD_DYLIB:
      return command.u32(8) >= command.size ? `its text lies at ${command.u32(8)} of ${command.size}` : null;
    case COMMAND.SYMTAB:
      return readSymbols(input, command.cursor(COMMAND_HEADER_SIZE), progress);
    case COMMAND.DYSYMTAB:
      return readDynamicSymbols(input, command, progress);
    case COMMAND.SEGMENT:
    case COMMAND.SEGMENT_64:
      return readSegment(input, command, type === COMMAND.SEGMENT_64, progress);
  }
  return null;
}

/** symtab_command: every name must lie in the strings. */
function readSymbols(input: Input, cursor: Cursor, progress: Progress): string | null {
  const at = cursor.u32();
  const count = cursor.u32();
  const stringsAt = cursor.u32();
  const stringsSize = cursor.u32();
  const entrySize = input.encoding.wide ? 16 : 12;
  if (stringsSize > 0 && stringsAt + stringsSize > input.size) return 'the strings are not all in the file';
  const table = whole(input, at, count * entrySize, 'symbols');
  if (table === null) return 'the symbols are not all in the file';
  progress.spent.bytes += table.size;
  requireFew(input, progress.spent.bytes, 'symbols');
  for (let i = 0; i < count; i++) if (table.u32(i * entrySize) >= stringsSize) return `symbol ${i} has no name`;
  progress.symbols = count;
  return null;
}

/** dysymtab_command: its symbols are some of the symbol table's. */
function readDynamicSymbols(input: Input, command: Bytes, { symbols }: Progress): string | null {
  const first = command.u32(24); // iundefsym
  const count = command.u32(28); // nundefsym
  const indirectAt = command.u32(56); // indirectsymoff
  const indirectCount = command.u32(60); // nindirectsyms
  if (symbols === null) return 'there is no symbol table before it';
  if (first > symbols || (first + count) % 2 ** 32 > symbols) return `${count} undefined symbols from ${first} on, there are ${symbols}`;
  return indirectCount > 0 && indirectAt + indirectCount * 4 > input.size ? 'the indirect symbols are not all in the file' : null;
}

function nameOf(bytes: Bytes, at: number): string {
  return bytes.slice(at, NAME_SIZE).text();
}

/** segment_command and segment_command_64 with their sections. The command's own type tells its width, not the header's. */
function readSegment(input: Input, command: Bytes, wide: boolean, progress: Progress): string | null {
  const cursor = command.cursor(COMMAND_HEADER_SIZE + NAME_SIZE);
  const word = (): bigint => (wide ? cursor.u64() : BigInt(cursor.u32()));
  const address = word();
  word(); // vmsize
  const offset = word();
  const fileSize = word();
  cursor.skip(8); // maxprot, initprot
  const count = cursor.u32();
  cursor.skip(4); // flags
  const sectionSize = wide ? 80 : 68;
  for (let i = 0; i < count; i++) {
    if (command.size - cursor.at < sectionSize) return `there is no room for section ${i} of ${count}`;
    const refused = readSection(input, command, cursor.at, wide, progress);
    if (refused !== null) return `section ${i}: ${refused}`;
    cursor.skip(sectionSize);
  }
  if (offset >= 2n ** 63n || fileSize >= 2n ** 63n) return `the segment has ${fileSize} bytes at 0x${offset.toString(16)}`;
  if (nameOf(command, COMMAND_HEADER_SIZE) === PAGE_ZERO) return null;
  progress.pieces.push({
    first: address,
    last: BigInt.asUintN(64, address + fileSize - 1n),
    offset: inFile(offset),
    size: inFile(fileSize),
    unreadable: null,
  });
  return null;
}

function readSection(input: Input, command: Bytes, at: number, wide: boolean, progress: Progress): string | null {
  const cursor = command.cursor(at + 2 * NAME_SIZE);
  const word = (): bigint => (wide ? cursor.u64() : BigInt(cursor.u32()));
  const address = word();
  const size = word();
  cursor.skip(8); // offset, align
  const relocationsAt = cursor.u32();
  const relocations = cursor.u32();
  if (progress.data === null && nameOf(command, at) === SECTION) progress.data = { address, size };
  if (relocations > 0 && relocationsAt + relocations * RELOCATION_SIZE > input.size) return 'the relocations are not all in the file';
  return null;
}

/** An offset or a size as a number; one that no file has as the largest there is. */
function inFile(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

/** A universal file: Go reads all slices, and looks for the build information in the first only. */
function readFat(plain: Input): GoView | string {
  const input = plain.encoded({ little: false, wide: false });
  const header = whole(input, 0, 8, 'fat header');
  if (header === null) return 'the fat header is cut';
  const count = header.u32(4);
  if (count < 1 || count > input.limits.slices) return `there are ${count} slices`;
  const spent: Spent = { bytes: 0 };
  const seen = new Set<string>();
  let first: { thin: Thin; at: number; size: number } | null = null;
  for (let i = 0; i < count; i++) {
    const entry = whole(input, 8 + 20 * i, 20, 'fat slice');
    if (entry === null) return `slice ${i} of ${count} is not in the table`;
    const at = Math.min(entry.u32(8), input.size);
    const size = input.available(at, entry.u32(12));
    const thin = readThin(plain.part(at, size), spent);
    if (typeof thin === 'string') return `slice ${i}: ${thin}`;
    requireFew(input, spent.bytes, 'load commands of the slices');
    const machine = `${entry.u32(0)} ${entry.u32(4)}`;
    if (seen.has(machine)) return `slice ${i}: another slice is for the same machine`;
    seen.add(machine);
    if (first !== null && thin.fileType !== first.thin.fileType) return `slice ${i} is of type ${thin.fileType}, the first of ${first.thin.fileType}`;
    first ??= { thin, at, size };
  }
  if (first === null) return 'there is no slice';
  const { thin, at, size } = first;
  const pieces = thin.view.pieces.map((piece) => ({ ...piece, offset: at + Math.min(piece.offset, size), size: within(piece, size) }));
  return { data: thin.view.data, base: 0n, pieces };
}

/** How many bytes of a piece its slice has. */
function within({ offset, size }: GoPiece, sliceSize: number): number {
  return Math.max(0, Math.min(size, sliceSize - offset));
}
