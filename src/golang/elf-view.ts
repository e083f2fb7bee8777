// An ELF file in the eyes of Go's own reader (debug/elf of Go 1.27): what it refuses, and where it finds an address.

import type { Bytes, Cursor } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { CLASS, DATA, PN_XNUM, SHN_XINDEX, SHT } from '../elf/constants.ts';
import { headerSize, IDENT_SIZE, readIdent, sectionSize, segmentSize } from '../elf/structures.ts';
import { BinspectError } from '../errors.ts';
import type { GoPiece, GoView } from './image.ts';

const EV_CURRENT = 1;
/** The first section number that 16 bits can't say. */
const SHN_LORESERVE = 0xff00;
const SHF_COMPRESSED = 0x800n;
const SECTION = '.go.buildinfo';
const DOT = 0x2e;

/** The ELF header, as far as Go looks at it. Go refuses offsets with the highest bit set, so they stand here whole. */
interface Header {
  readonly version: number;
  readonly segmentsOffset: bigint;
  readonly sectionsOffset: bigint;
  readonly segmentSize: number;
  readonly segmentCount: number;
  readonly sectionSize: number;
  readonly sectionCount: number;
  readonly namesIndex: number;
}

function readHeader(cursor: Cursor): Header {
  cursor.skip(IDENT_SIZE + 4); // e_type, e_machine
  const version = cursor.u32();
  cursor.address(); // e_entry
  const segmentsOffset = cursor.address();
  const sectionsOffset = cursor.address();
  cursor.skip(6); // e_flags, e_ehsize
  return {
    version,
    segmentsOffset,
    sectionsOffset,
    segmentSize: cursor.u16(),
    segmentCount: cursor.u16(),
    sectionSize: cursor.u16(),
    sectionCount: cursor.u16(),
    namesIndex: cursor.u16(),
  };
}

interface Program {
  readonly offset: bigint;
  readonly address: bigint;
  readonly fileSize: bigint;
}

/** Elf32_Phdr, Elf64_Phdr. */
function readProgram(cursor: Cursor): Program {
  cursor.u32(); // p_type: any will do
  if (cursor.wide) cursor.u32(); // p_flags
  const offset = cursor.address();
  const address = cursor.address();
  cursor.address(); // p_paddr
  return { offset, address, fileSize: cursor.address() };
}

interface Section {
  readonly name: number;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: bigint;
  readonly size: bigint;
  readonly link: number;
  readonly info: number;
}

/** Elf32_Shdr, Elf64_Shdr. */
function readSection(cursor: Cursor): Section {
  return {
    name: cursor.u32(),
    type: cursor.u32(),
    flags: cursor.address(),
    address: cursor.address(),
    offset: cursor.address(),
    size: cursor.address(),
    link: cursor.u32(),
    info: cursor.u32(),
  };
}

/** Whether Go, which keeps offsets in signed words, takes one for negative. */
function negative(offset: bigint): boolean {
  return offset >= 2n ** 63n;
}

/** A range that must lie in the file as a whole; null where it doesn't. An empty one lies anywhere. Throws `limit-exceeded` where it would cost too much. */
function whole(input: Input, offset: bigint, size: bigint, what: string): Bytes | null {
  if (size === 0n) return input.read(0, 0, what);
  if (offset + size > BigInt(input.size)) return null;
  const { goTableBytes } = input.limits;
  if (size > BigInt(goTableBytes)) throw new BinspectError('limit-exceeded', `${what} for Go's own reader: ${size} bytes, more than ${goTableBytes}`);
  return input.read(Number(offset), Number(size), what);
}

/** An ELF file as Go reads it; or why Go refuses it. */
export function readGoView(plain: Input): GoView | string {
  if (plain.size < IDENT_SIZE) return `the file has ${plain.size} bytes`;
  const ident = readIdent(plain.read(0, IDENT_SIZE, 'ELF identification').cursor());
  if (ident.class !== CLASS.ELF32 && ident.class !== CLASS.ELF64) return `the class is ${ident.class}`;
  if (ident.data !== DATA.LSB && ident.data !== DATA.MSB) return `the data encoding is ${ident.data}`;
  if (ident.version !== EV_CURRENT) return `the version is ${ident.version}`;
  const wide = ident.class === CLASS.ELF64;
  const input = plain.encoded({ little: ident.data === DATA.LSB, wide });
  if (input.size < headerSize(wide)) return 'the ELF header is cut';
  const header = readHeader(input.read(0, headerSize(wide), 'ELF header').cursor());
  if ((header.version & 0xff) !== EV_CURRENT) return `e_version is ${header.version}`; // Go's version type has one byte
  const { segmentsOffset, sectionsOffset } = header;
  if (negative(sectionsOffset)) return `e_shoff is 0x${sectionsOffset.toString(16)}`;
  if (negative(segmentsOffset)) return `e_phoff is 0x${segmentsOffset.toString(16)}`;
  if (sectionsOffset === 0n && header.sectionCount !== 0) return `e_shoff is 0, and e_shnum ${header.sectionCount}`;
  if (header.sectionCount > 0 && header.namesIndex >= header.sectionCount) return `e_shstrndx is ${header.namesIndex} of ${header.sectionCount}`;

  const counts = tableCounts(input, header);
  if (typeof counts === 'string') return counts;
  if (counts.segments > 0 && header.segmentSize < segmentSize(wide)) return `e_phentsize is ${header.segmentSize}`;
  if (counts.sections > 0n && header.sectionSize < sectionSize(wide)) return `e_shentsize is ${header.sectionSize}`;

  const pieces = readPieces(input, header, counts.segments);
  if (typeof pieces === 'string') return pieces;
  const section = findSection(input, header, counts.sections, counts.names);
  if (typeof section === 'string') return section;
  return { data: section, base: 0n, pieces };
}

interface Counts {
  readonly segments: number;
  readonly sections: bigint;
  readonly names: number;
}

/** The tables' counts: what 16 bits can't say stands in section 0. */
function tableCounts(input: Input, header: Header): Counts | string {
  const { segmentCount, sectionCount, namesIndex, sectionsOffset } = header;
  const plain = { segments: segmentCount, sections: BigInt(sectionCount), names: namesIndex };
  if (sectionsOffset === 0n || (sectionCount !== 0 && segmentCount !== PN_XNUM)) return plain;
  const first = whole(input, sectionsOffset, BigInt(sectionSize(input.encoding.wide)), 'section header 0');
  if (first === null) return 'section 0 is not in the file';
  const { type, size, link, info } = readSection(first.cursor());
  if (type !== SHT.NULL) return `section 0 is of type ${type}`;
  const sections = sectionCount === 0 ? size : plain.sections;
  if (sectionCount === 0 && size < BigInt(SHN_LORESERVE)) return `section 0 says there are ${size} sections`;
  if (segmentCount === PN_XNUM && info < PN_XNUM) return `section 0 says there are ${info} program headers`;
  if (namesIndex === SHN_XINDEX && (link < SHN_LORESERVE || BigInt(link) >= sections)) {
    return `section 0 says that section ${link} of ${sections} has the names`;
  }
  return { segments: segmentCount === PN_XNUM ? info : segmentCount, sections, names: namesIndex === SHN_XINDEX ? link : namesIndex };
}

/** All program headers, of whatever type: an address belongs to the first that holds it. */
function readPieces(input: Input, { segmentsOffset, segmentSize: stride }: Header, count: number): GoPiece[] | string {
  const table = whole(input, segmentsOffset, BigInt(count) * BigInt(stride), 'program headers');
  if (table === null) return 'the program headers are not all in the file';
  const pieces: GoPiece[] = [];
  for (let i = 0; i < count; i++) {
    const { offset, address, fileSize } = readProgram(table.cursor(i * stride));
    if (negative(offset) || negative(fileSize)) return `program header ${i} has ${fileSize} bytes at 0x${offset.toString(16)}`;
    const last = BigInt.asUintN(64, address + fileSize - 1n);
    pieces.push({ first: address, last, offset: inFile(offset), size: inFile(fileSize), unreadable: null });
  }
  return pieces;
}

/** An offset or a size as a number; one that no file has as the largest there is. */
function inFile(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

/** A section as far as Go's reader needs it, and the one whose header it has yet to look for: that of a compressed section. */
interface Named {
  readonly name: number;
  readonly address: bigint;
  readonly size: bigint;
}

/** What a walk over the section headers finds. */
interface Table {
  /** Why Go refuses the table; null where it does not. */
  readonly refused: string | null;
  /** Compressed sections before anything that Go refuses. */
  readonly compressed: readonly { readonly index: number; readonly offset: bigint; readonly size: bigint }[];
}

/** The first section called .go.buildinfo; null where there is none. All names must be right. */
function findSection(input: Input, header: Header, count: bigint, names: number): GoView['data'] | string {
  const stride = header.sectionSize;
  const table = whole(input, header.sectionsOffset, count * BigInt(stride), 'section headers');
  if (table === null) return 'the section headers are not all in the file';
  const sectionAt = (index: number): Section => readSection(table.cursor(index * stride));
  const { refused, compressed } = input.once('sections for Go', () => walkSections(Number(count), stride, table, input.encoding));
  const sizes = new Map<number, bigint>();
  for (const { index, offset, size } of compressed) {
    const inflated = inflatedSize(input, offset, size);
    if (inflated === null) return `section ${index} is compressed without a header`;
    sizes.set(index, inflated);
  }
  if (refused !== null) return refused;
  const strings = BigInt(names) < count ? sectionAt(names) : undefined;
  if (names === 0 || strings === undefined) return null; // no names: no section has the one that is sought
  if (strings.type !== SHT.STRTAB) return `section ${names} holds the names and is of type ${strings.type}`;
  if ((strings.flags & SHF_COMPRESSED) !== 0n) return `section ${names} holds the names and is compressed`; // Go would inflate them; nobody deflates them
  const text = whole(input, strings.offset, strings.size, 'section names');
  if (text === null) return 'the section names are not all in the file';
  const bytes = text.bytes();
  const end = bytes.lastIndexOf(0);
  let found: (Named & { readonly index: number }) | null = null;
  for (let index = 0; index < Number(count); index++) {
    const name = table.u32(index * stride);
    if (name > end) return `section ${index} has no name`;
    if (found === null && bytes[name] === DOT && text.text(name) === SECTION) found = { ...sectionAt(index), index };
  }
  return found === null ? null : { address: found.address, size: sizes.get(found.index) ?? found.size };
}

/** Walks the section headers up to the first that Go refuses. Nothing is kept of most, and nothing made for them: a table may have millions. */
function walkSections(count: number, stride: number, table: Bytes, { little, wide }: Input['encoding']): Table {
  const compressed: { index: number; offset: bigint; size: bigint }[] = [];
  const [low, high] = little ? [0, 4] : [4, 0]; // the halves of a word
  for (let index = 0; index < count; index++) {
    const at = index * stride;
    const refused = wide && (table.u32(at + 24 + high) >>> 31 !== 0 || table.u32(at + 32 + high) >>> 31 !== 0);
    const flags = table.u32(at + 8 + (wide ? low : 0));
    if (!refused && (flags & Number(SHF_COMPRESSED)) === 0) continue;
    const { offset, size } = readSection(table.cursor(at));
    if (refused) return { refused: `section ${index} has ${size} bytes at 0x${offset.toString(16)}`, compressed };
    compressed.push({ index, offset, size });
  }
  return { refused: null, compressed };
}

/** The size of a compressed section as its header says it (Elf32_Chdr, Elf64_Chdr); null where it has none. */
function inflatedSize(input: Input, offset: bigint, size: bigint): bigint | null {
  const { wide } = input.encoding;
  const headerSize = wide ? 24n : 12n;
  const header = size < headerSize ? null : whole(input, offset, headerSize, 'compression header');
  return header === null ? null : header.address(wide ? 8 : 4);
}
