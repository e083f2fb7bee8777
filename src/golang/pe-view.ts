// A PE file in the eyes of Go's own reader (debug/pe of Go 1.27): what it refuses, and where it finds an address.

import type { Bytes } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { BinspectError } from '../errors.ts';
import type { GoPiece, GoView } from './image.ts';

const DOS_HEADER_SIZE = 96; // what Go reads at once, though e_lfanew ends at 64
const FILE_HEADER_SIZE = 20;
const SECTION_SIZE = 40;
const SYMBOL_SIZE = 18;
const RELOCATION_SIZE = 10;
const DIRECTORY_SIZE = 8;
const MACHINES = new Set([0, 0x14c, 0x1c4, 0x8664, 0xaa64, 0x5032, 0x5064, 0x5128]);
const OPTIONAL_MAGIC = { PE32: 0x10b, PE32_PLUS: 0x20b } as const;

/** What a section's flags are, the alignment bits in the mask put aside, where Go looks for its blob: initialised data, readable, writable. */
const DATA_FLAGS = 0xc000_0040;
const ALIGNMENT_MASK = 0x0060_0000;

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

/** A PE file as Go reads it; or why Go refuses it. */
export function readGoView(plain: Input): GoView | string {
  const input = plain.encoded({ little: true, wide: false });
  const dos = whole(input, 0, DOS_HEADER_SIZE, 'DOS header');
  if (dos === null) return `the file has ${input.size} bytes`;
  const signatureAt = dos.u32(0x3c);
  const signature = whole(input, signatureAt, 4, 'PE signature');
  if (signature === null || signature.u32(0) !== 0x4550) return `there is no PE signature at 0x${signatureAt.toString(16)}`;
  const headerAt = signatureAt + 4;
  const header = whole(input, headerAt, FILE_HEADER_SIZE, 'COFF header')?.cursor();
  if (header === undefined) return 'the COFF header is cut';
  const machine = header.u16();
  const sectionCount = header.u16();
  header.u32(); // TimeDateStamp
  const symbolsAt = header.u32();
  const symbolCount = header.u32();
  const optionalSize = header.u16();
  if (!MACHINES.has(machine)) return `the machine is 0x${machine.toString(16)}`;

  const strings = readStrings(input, symbolsAt, symbolCount);
  if (typeof strings === 'string') return strings;
  const refusedSymbols = readSymbols(input, symbolsAt, symbolCount, strings);
  if (refusedSymbols !== null) return refusedSymbols;
  const imageBase = readImageBase(input, headerAt + FILE_HEADER_SIZE, optionalSize);
  if (typeof imageBase === 'string') return imageBase;

  const table = whole(input, headerAt + FILE_HEADER_SIZE + optionalSize, sectionCount * SECTION_SIZE, 'section headers');
  if (table === null) return 'the section headers are not all in the file';
  const pieces: GoPiece[] = [];
  let data: GoView['data'] = null;
  for (let i = 0; i < sectionCount; i++) {
    const section = readSection(table, i);
    if (!nameIsRight(section.name, strings)) return `section ${i} has no name`;
    const { relocationsAt, relocations } = section;
    if (relocations > 0 && relocationsAt + relocations * RELOCATION_SIZE > input.size) return `the relocations of section ${i} are not all in the file`;
    pieces.push(section.piece);
    if (data === null && section.isData) data = { address: BigInt.asUintN(64, imageBase + section.piece.first), size: BigInt(section.virtualSize) };
  }
  return { data, base: imageBase, pieces };
}

/** The string table, which follows the symbols; empty where there is none. A position in it counts its own size, 4 bytes. */
function readStrings(input: Input, symbolsAt: number, symbolCount: number): { at: number; size: number } | string {
  if (symbolsAt === 0) return { at: 0, size: 0 };
  const at = (symbolsAt + symbolCount * SYMBOL_SIZE) % 2 ** 32;
  const size = whole(input, at, 4, 'string table size')?.u32(0);
  if (size === undefined) return 'the string table is not in the file';
  if (size <= 4) return { at: at + 4, size: 0 };
  return at + size > input.size ? 'the string table is not all in the file' : { at: at + 4, size: size - 4 };
}

/** Whether a position in the string table, its size included, is one. */
function isString(position: number, { size }: { size: number }): boolean {
  return position >= 4 && position - 4 <= size;
}

/** COFF symbols: all must be there, and their long names in the string table. */
function readSymbols(input: Input, at: number, count: number, strings: { size: number }): string | null {
  if (at === 0 || count === 0) return null;
  const table = whole(input, at, count * SYMBOL_SIZE, 'symbols');
  if (table === null) return 'the symbols are not all in the file';
  for (let i = 0; i < count; ) {
    const entry = i * SYMBOL_SIZE;
    if (table.u32(entry) === 0 && !isString(table.u32(entry + 4), strings)) return `symbol ${i} has no name`;
    i += 1 + table.u8(entry + 17); // with its auxiliary symbols
    if (i > count) return 'the auxiliary symbols of the last symbol are cut';
  }
  return null;
}

/** ImageBase; 0 where there is no optional header. Its size must be exact. */
function readImageBase(input: Input, at: number, size: number): bigint | string {
  if (size === 0) return 0n;
  if (size < 2) return 'the optional header has 1 byte';
  const magic = whole(input, at, 2, 'optional header magic')?.u16(0);
  if (magic !== OPTIONAL_MAGIC.PE32 && magic !== OPTIONAL_MAGIC.PE32_PLUS) return `the optional header is of type ${magic}`;
  const wide = magic === OPTIONAL_MAGIC.PE32_PLUS;
  const fixed = wide ? 112 : 96;
  const header = size < fixed ? null : whole(input, at, size, 'optional header');
  if (header === null) return `the optional header has ${size} bytes`;
  const directories = header.u32(fixed - 4);
  if (size - fixed !== directories * DIRECTORY_SIZE) return `the optional header has ${size} bytes and says it has ${directories} directories`;
  return wide ? header.u64(24) : BigInt(header.u32(28));
}

interface Section {
  readonly name: Bytes;
  readonly virtualSize: number;
  readonly relocationsAt: number;
  readonly relocations: number;
  /** Whether this is where Go looks for its blob. */
  readonly isData: boolean;
  readonly piece: GoPiece;
}

function readSection(table: Bytes, index: number): Section {
  const name = table.slice(index * SECTION_SIZE, 8);
  const cursor = table.cursor(index * SECTION_SIZE + 8);
  const virtualSize = cursor.u32();
  const address = cursor.u32();
  const size = cursor.u32();
  const offset = cursor.u32();
  const relocationsAt = cursor.u32();
  cursor.u32(); // PointerToLinenumbers
  const relocations = cursor.u16();
  cursor.u16(); // NumberOfLinenumbers
  const flags = cursor.u32();
  return {
    name,
    virtualSize,
    relocationsAt,
    relocations,
    isData: address !== 0 && size !== 0 && (flags & ~ALIGNMENT_MASK) >>> 0 === DATA_FLAGS,
    piece: {
      first: BigInt(address),
      last: BigInt((address + size - 1) >>> 0), // Go adds up 32 bits here
      offset,
      size,
      unreadable: offset === 0 ? 'unexpected read from section with uninitialized data' : null,
    },
  };
}

/** A section's name of the form /123 must be a position in the string table (strconv.Atoi, so with a sign if need be). */
function nameIsRight(name: Bytes, strings: { size: number }): boolean {
  if (name.u8(0) !== 0x2f) return true;
  const written = name.text(1);
  return /^[+-]?[0-9]+$/.test(written) && isString(Number(written) >>> 0, strings);
}
