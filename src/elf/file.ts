// An ELF file assembled: header, tables, memory, dynamic section. No judgement here; that is the facts' room.

import { AddressSpace } from '../bytes/address-space.ts';
import type { AddressRange } from '../bytes/address-space.ts';
import type { Bytes } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { BinspectError } from '../errors.ts';
import { CLASS, DATA, DT, PN_XNUM, PT, SHN_XINDEX, SHT } from './constants.ts';
import {
  dynamicEntrySize,
  headerSize,
  IDENT_SIZE,
  readDynamicEntry,
  readHeader,
  readIdent,
  readSection,
  readSegment,
  sectionSize,
  segmentSize,
} from './structures.ts';
import type { DynamicEntry, Header, Ident, Section, Segment } from './structures.ts';

/** Where strings lie in the file. */
export interface StringTable {
  readonly offset: number;
  readonly size: number;
}

/** The dynamic section: what the loader reads. */
export interface Dynamic {
  readonly entries: readonly DynamicEntry[];
  /** Whether all of it is in the file. */
  readonly complete: boolean;
  readonly strings: StringTable | null;
}

export interface ElfFile {
  readonly input: Input;
  readonly ident: Ident;
  readonly header: Header;
  readonly segments: readonly Segment[];
  /** Null where there is a section header table that can't be read; empty where there is none. */
  readonly sections: readonly Section[] | null;
  readonly sectionNames: StringTable | null;
  readonly memory: AddressSpace;
  /** PT_INTERP's path; null where there is no such segment, empty where it names none (in a separate debug file, it can't). */
  readonly interpreter: string | null;
  /** Null where there is none. */
  readonly dynamic: Dynamic | null;
  /** Whether program headers and dynamic section were read to their ends. What is not found in a file that is cut may have been there. */
  readonly complete: boolean;
}

/** Reads an ELF file's headers and tables. Throws `malformed` and `truncated` where there is no header to go by. */
export function openElf(plain: Input): ElfFile {
  const ident = readIdent(plain.read(0, IDENT_SIZE, 'ELF identification').cursor());
  if (ident.class !== CLASS.ELF32 && ident.class !== CLASS.ELF64) {
    throw new BinspectError('malformed', `ELF identification: class is ${ident.class}, neither 1 (32 bits) nor 2 (64 bits)`, { offset: plain.start + 4 });
  }
  if (ident.data !== DATA.LSB && ident.data !== DATA.MSB) {
    throw new BinspectError('malformed', `ELF identification: data encoding is ${ident.data}, neither 1 (little-endian) nor 2 (big-endian)`, {
      offset: plain.start + 5,
    });
  }
  const wide = ident.class === CLASS.ELF64;
  const input = plain.encoded({ little: ident.data === DATA.LSB, wide });
  const header = readHeader(input.read(0, headerSize(wide), 'ELF header').cursor());
  const counts = tableCounts(input, header);
  const segments = readTable(input, header.segmentsOffset, counts.segments, header.segmentSize, segmentSize(wide), 'program headers', readSegment) ?? [];
  const expected = header.segmentsOffset === 0 ? 0 : counts.segments;
  const sections = readTable(input, header.sectionsOffset, counts.sections, header.sectionSize, sectionSize(wide), 'section headers', readSection);
  const memory = memoryOf(input, segments);
  const dynamic = dynamicOf(input, segments, sections ?? [], memory);
  return {
    input,
    ident,
    header,
    segments,
    sections,
    sectionNames: sections === null ? null : sectionStrings(input, header, sections, counts.names),
    memory,
    interpreter: interpreterOf(input, segments),
    dynamic,
    complete: segments.length === expected && (dynamic === null || dynamic.complete),
  };
}

interface TableCounts {
  readonly segments: number;
  readonly sections: number;
  /** Index of the section that holds the sections' names. */
  readonly names: number;
}

/** The tables' counts. What 16 bits can't say stands in section 0, which holds nothing else (gABI chapter 4, "ELF Header"). */
function tableCounts(input: Input, header: Header): TableCounts {
  const { segmentCount, sectionCount, sectionNamesIndex, sectionsOffset } = header;
  const plain = { segments: segmentCount, sections: sectionCount, names: sectionNamesIndex };
  const extended = segmentCount === PN_XNUM || sectionCount === 0 || sectionNamesIndex === SHN_XINDEX;
  if (!extended || sectionsOffset === 0) return plain;
  const size = sectionSize(input.encoding.wide);
  if (input.available(sectionsOffset, size) < size) return plain; // the table's own reader says so
  const first = readSection(input.read(sectionsOffset, size, 'section header 0').cursor());
  if (first.type !== SHT.NULL) {
    if (sectionCount === 0) input.warn('no-section-headers', `the section count is 0, and section 0 is of type ${first.type}, so it holds no count`, sectionsOffset);
    return plain;
  }
  return {
    segments: segmentCount === PN_XNUM ? first.info : segmentCount,
    sections: sectionCount === 0 ? first.size : sectionCount,
    names: sectionNamesIndex === SHN_XINDEX ? first.link : sectionNamesIndex,
  };
}

const LARGE = 256; // entries: of tables that are kept from one run to the next

/**
 * A table of headers. Entries lie as far apart as the header says, or as long as they are if it says less. Null where there
 * should be a table and none of it is in the file; cut, with a warning, where a part of it is.
 */
function readTable<T>(
  input: Input,
  offset: number,
  count: number,
  statedSize: number,
  size: number,
  what: string,
  read: (cursor: ReturnType<Bytes['cursor']>) => T,
): T[] | null {
  if (offset === 0 || count === 0) return [];
  if (statedSize !== size) input.warn('entry-size', `${what}: an entry has ${size} bytes, the ELF header says ${statedSize}`);
  const stride = Math.max(statedSize, size);
  // The last entry ends with its fields, not with its stride.
  const fitting = Math.min(count, Math.floor((input.available(offset, count * stride) + stride - size) / stride));
  if (fitting < count) {
    input.warn('truncated', `${what}: ${count} entries of ${stride} bytes wanted at 0x${offset.toString(16)}, the file ends at 0x${input.size.toString(16)}`, offset);
    if (fitting <= 0) return null;
  }
  const most = Math.min(fitting, input.limits.tableEntries);
  if (most < fitting) input.warn('limit-exceeded', `${what}: ${fitting} entries, of which the first ${most} are read`, offset);
  const table = input.read(offset, (most - 1) * stride + size, what);
  const readAll = (): T[] => {
    const entries: T[] = [];
    const cursor = table.cursor();
    for (let i = 0; i < most; i++) {
      cursor.at = i * stride;
      entries.push(read(cursor));
    }
    return entries;
  };
  return most > LARGE ? input.once(what, readAll) : readAll();
}

/** What the loader maps: the bytes of PT_LOAD segments, in the order of their table. */
function memoryOf(input: Input, segments: readonly Segment[]): AddressSpace {
  const memory = new AddressSpace(input, segments.length > LARGE ? input.once('ranges', () => rangesOf(input, segments)) : rangesOf(input, segments));
  if (memory.overlapping) input.warn('overlapping-load', 'PT_LOAD segments overlap: where two map an address, the first counts');
  return memory;
}

/** Linux starts no program with more than 64 KiB of program headers: 1170 of 64 bits, 2048 of 32. */
const MOST_LOADS = 2048;

function rangesOf(input: Input, segments: readonly Segment[]): AddressRange[] {
  const ranges: AddressRange[] = [];
  for (const { type, address, offset, fileSize } of segments) {
    if (type !== PT.LOAD || fileSize === 0) continue;
    if (ranges.length === MOST_LOADS) {
      input.warn('limit-exceeded', `more than ${MOST_LOADS} PT_LOAD segments, of which the first are mapped`, offset);
      break;
    }
    const backed = input.available(offset, fileSize);
    if (backed < fileSize) {
      input.warn('segment-truncated', `a PT_LOAD segment has ${fileSize} bytes at 0x${offset.toString(16)}, the file ends at 0x${input.size.toString(16)}`, offset);
    }
    ranges.push({ address, memorySize: BigInt(backed), offset, fileSize: backed });
  }
  return ranges;
}

/** Strings of the section that names sections. */
function sectionStrings(input: Input, header: Header, sections: readonly Section[], index: number): StringTable | null {
  const section = sections[index];
  if (sections.length === 0) return null;
  if (index === 0) {
    if (header.sectionNamesIndex === SHN_XINDEX) input.warn('section-names', 'e_shstrndx leaves it to section 0 to say which section has the names, and that says none');
    return null;
  }
  if (section === undefined || section.type === SHT.NOBITS) {
    input.warn('section-names', `section ${index} should hold the sections' names; there are ${sections.length} sections`);
    return null;
  }
  return tableWithin(input, section.offset, section.size, 'section names');
}

/** A string table cut to what the file has. */
function tableWithin(input: Input, offset: number, size: number, what: string): StringTable {
  const here = input.available(offset, size);
  if (here < size) input.warn('truncated', `${what}: ${size} bytes wanted at 0x${offset.toString(16)}, the file ends at 0x${input.size.toString(16)}`, offset);
  return { offset, size: here };
}

const NAMES_TABLE = 1024 * 1024; // bytes of names that are read; a program's are some hundred
const NAME_LENGTH = 256;

/** The table of the sections' names; null where there is none. */
export function sectionNameTable({ input, sectionNames: strings }: ElfFile): Bytes | null {
  return strings === null ? null : input.read(strings.offset, Math.min(strings.size, NAMES_TABLE), 'section names');
}

/** A section's name; empty where it can't be read. */
export function sectionName(table: Bytes, { name }: Section): string {
  return name < table.size ? table.text(name, NAME_LENGTH) : '';
}

/** The names of all sections, in their order; none at all where there is no table of names. */
export function sectionNames(file: ElfFile): string[] {
  const table = sectionNameTable(file);
  return table === null || file.sections === null ? [] : file.sections.map((section) => sectionName(table, section));
}

function interpreterOf(input: Input, segments: readonly Segment[]): string | null {
  const segment = segments.find(({ type }) => type === PT.INTERP);
  if (segment === undefined) return null;
  const { text, complete } = input.text(segment.offset, segment.fileSize, 'interpreter');
  if (!complete && text !== '') input.warn('interpreter', 'the interpreter has no NUL at its end', segment.offset);
  return text;
}

/**
 * The dynamic section, as the loader finds it: PT_DYNAMIC's address mapped through PT_LOAD. Its file offset is believed only
 * where the address is not mapped, and a section of type SHT_DYNAMIC only where there is no such segment.
 */
function dynamicOf(input: Input, segments: readonly Segment[], sections: readonly Section[], memory: AddressSpace): Dynamic | null {
  const segment = segments.find(({ type }) => type === PT.DYNAMIC);
  const section = sections.find(({ type }) => type === SHT.DYNAMIC);
  let offset: number;
  let size: number;
  if (segment !== undefined) {
    const mapped = segment.fileSize === 0 ? null : memory.offsetOf(segment.address);
    if (mapped !== null && mapped !== segment.offset) {
      input.warn('dynamic-offset-mismatch', `PT_DYNAMIC says offset 0x${segment.offset.toString(16)}, its address lies at 0x${mapped.toString(16)}`, segment.offset);
    }
    offset = mapped ?? segment.offset;
    size = segment.fileSize;
  } else if (section !== undefined) {
    ({ offset, size } = section);
  } else return null;
  const complete = input.available(offset, size) === size;
  if (!complete) {
    input.warn('truncated', `dynamic section: ${size} bytes wanted at 0x${offset.toString(16)}, the file ends at 0x${input.size.toString(16)}`, offset);
  }
  const entries = readDynamic(input, offset, size);
  return { entries, complete, strings: dynamicStrings(input, entries, section, sections, memory) };
}

function readDynamic(input: Input, offset: number, size: number): DynamicEntry[] {
  const entrySize = dynamicEntrySize(input.encoding.wide);
  const count = Math.min(Math.floor(input.available(offset, size) / entrySize), input.limits.tableEntries);
  const entries: DynamicEntry[] = [];
  if (count === 0) return entries;
  const cursor = input.read(offset, count * entrySize, 'dynamic section').cursor();
  for (let i = 0; i < count; i++) {
    const entry = readDynamicEntry(cursor);
    if (entry.tag === DT.NULL) return entries;
    entries.push(entry);
  }
  input.warn('no-dt-null', `the dynamic section has no DT_NULL within its ${size} bytes`, offset);
  return entries;
}

/** DT_STRTAB is an address. The section header's string table stands in where that is not mapped. */
function dynamicStrings(
  input: Input,
  entries: readonly DynamicEntry[],
  section: Section | undefined,
  sections: readonly Section[],
  memory: AddressSpace,
): StringTable | null {
  const address = lastValue(entries, DT.STRTAB);
  const stated = lastValue(entries, DT.STRSZ);
  const offset = address === null ? null : memory.offsetOf(address);
  if (address !== null && offset !== null) {
    const backed = memory.backed(address);
    if (stated !== null && stated > BigInt(backed)) {
      input.warn('string-table-size', `DT_STRSZ is ${stated}, only ${backed} bytes follow in the segment`, offset);
    }
    return { offset, size: stated === null || stated > BigInt(backed) ? backed : Number(stated) };
  }
  const linked = section === undefined ? undefined : sections[section.link];
  if (linked !== undefined && linked.type === SHT.STRTAB) {
    if (address !== null) input.warn('string-table-unmapped', `DT_STRTAB 0x${address.toString(16)} is in no segment; the section header's table is used`);
    return tableWithin(input, linked.offset, linked.size, 'dynamic strings');
  }
  if (address !== null) input.warn('string-table-unmapped', `DT_STRTAB 0x${address.toString(16)} is in no segment`);
  return null;
}

/** The value of a tag, as the loader takes it: of several, the last. */
export function lastValue(entries: readonly DynamicEntry[], tag: number): bigint | null {
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i] as DynamicEntry;
    if (entry.tag === tag) return entry.value;
  }
  return null;
}

/** Whether a tag is there at all. */
export function hasTag({ dynamic }: ElfFile, tag: number): boolean {
  if (dynamic === null) return false;
  for (const entry of dynamic.entries) if (entry.tag === tag) return true;
  return false;
}

/** A string that a dynamic entry points at; null, with a warning, where there is none. */
export function dynamicText({ input, dynamic }: ElfFile, index: number, what: string): string | null {
  const strings = dynamic?.strings ?? null;
  if (strings === null) {
    input.warn('no-string', `${what}: there is no string table`);
    return null;
  }
  if (index >= strings.size) {
    input.warn('no-string', `${what}: string ${index} wanted, the string table has ${strings.size} bytes`, strings.offset);
    return null;
  }
  const { text, complete } = input.text(strings.offset + index, strings.size - index, what);
  if (!complete) input.warn('string-cut', `${what}: no NUL within the string table, or the limit of ${input.limits.stringBytes} bytes`, strings.offset + index);
  return text;
}

/** The strings of all entries with a tag, in order; those that can't be read are left out, with a warning. */
export function dynamicTexts(file: ElfFile, tag: number, what: string): string[] {
  const { dependencies, nameBytes } = file.input.limits;
  const texts: string[] = [];
  let length = 0;
  for (const entry of file.dynamic?.entries ?? []) {
    if (entry.tag !== tag) continue;
    if (texts.length === dependencies || length >= nameBytes) {
      const most = texts.length === dependencies ? `${dependencies} entries` : `${nameBytes} bytes`;
      file.input.warn('limit-exceeded', `${what}: more than ${most}; the rest are left out`);
      break;
    }
    const text = dynamicText(file, Number(entry.value), what);
    if (text === null) continue;
    texts.push(text);
    length += text.length;
  }
  return texts;
}
