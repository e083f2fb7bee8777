// An ELF file assembled: header, tables, memory, dynamic section. No judgement here; that is the facts' room.

import { AddressSpace } from '../bytes/address-space.ts';
import type { Bytes } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { HEADER_FACTS } from '../model/warning.ts';
import { ET, PN_XNUM, PT, SHN_XINDEX, SHT } from './constants.ts';
import { dynamicOf, tableWithin } from './dynamic.ts';
import type { Dynamic, StringTable } from './dynamic.ts';
import { formOf } from './encoding.ts';
import { isDebugOfProgram, isDebugOnly } from './hollow.ts';
import { memoryOf } from './memory.ts';
import {
  headerSize,
  IDENT_SIZE,
  readHeader,
  readIdent,
  readSection,
  readSegment,
  sectionSize,
  segmentSize,
} from './structures.ts';
import type { Header, Ident, Section, Segment } from './structures.ts';

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
  /** Whether what would be loaded lies in another file: then segments say where it lies there, and only sections are believed. */
  readonly hollow: boolean;
}

/** Reads an ELF file's headers and tables. Throws `malformed` and `truncated` where there is no header to go by. */
export function openElf(plain: Input): ElfFile {
  const ident = readIdent(plain.read(0, IDENT_SIZE, 'ELF identification').cursor());
  const { encoding, contradiction } = formOf(plain, ident);
  const { wide } = encoding;
  const input = plain.encoded(encoding);
  if (contradiction !== null) input.warn('class-contradicted', contradiction, 4);
  const header = readHeader(input.read(0, headerSize(wide), 'ELF header').cursor());
  const counts = tableCounts(input, header);
  const segments = segmentTable(input, header, counts.segments);
  const expected = header.segmentsOffset === 0 && segments.length === 0 ? 0 : counts.segments;
  const { sectionsOffset } = header;
  const sections = sectionsOffset === 0 ? [] : readTable(input, sectionsOffset, counts.sections, header.sectionSize, sectionSize(wide), 'section headers', readSection, SECTION_FACTS);
  const names = sections === null ? null : sectionStrings(input, header, sections, counts.names);
  if (isDebugOnly(input, header, segments, sections, names) || isDebugOfProgram(input, header, segments, sections, names)) {
    return { input, ident, header, segments, sections, sectionNames: names, memory: new AddressSpace(input, [], 'last'), interpreter: null, dynamic: null, complete: true, hollow: true };
  }
  const interpreter = interpreterOf(input, segments);
  const memory = memoryOf(input, header, segments, interpreter !== null);
  const dynamic = dynamicOf(input, segments, sections ?? [], memory);
  return {
    input,
    ident,
    header,
    segments,
    sections,
    sectionNames: names,
    memory,
    interpreter,
    dynamic,
    complete: segments.length === expected && (dynamic === null || dynamic.complete),
    hollow: false,
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

/**
 * The program headers. Linux and ld.so don't mind where they begin: an e_phoff of 0 is a table that begins with the ELF header itself. But they
 * take no other size of an entry than their own.
 */
function segmentTable(input: Input, { type, segmentsOffset, segmentCount, segmentSize: stated }: Header, count: number): readonly Segment[] {
  const size = segmentSize(input.encoding.wide);
  if (segmentsOffset === 0) {
    if ((type !== ET.EXEC && type !== ET.DYN) || segmentCount === 0 || stated !== size) return [];
    input.warn('program-headers-at-zero', `e_phoff is 0: the ${segmentCount} program headers begin with the ELF header`, 0);
  }
  return readTable(input, segmentsOffset, count, stated, size, 'program headers', readSegment, HEADER_FACTS) ?? [];
}

/** What only section headers tell. */
const SECTION_FACTS = ['stripped', 'debugInfo'] as const;

const LARGE = 256; // entries: of tables that are kept from one run to the next

/**
 * A table of headers. Entries lie as far apart as the header says, or as long as they are if it says less. Null where there
 * should be a table and none of it is in the file; cut, with a warning, where a part of it is. `facts`: those that are shown by it.
 */
function readTable<T>(
  input: Input,
  offset: number,
  count: number,
  statedSize: number,
  size: number,
  what: string,
  read: (cursor: ReturnType<Bytes['cursor']>) => T,
  facts: readonly string[],
): T[] | null {
  if (count === 0) return [];
  if (statedSize !== size) input.warn('entry-size', `${what}: an entry has ${size} bytes, the ELF header says ${statedSize}`, null, facts);
  const stride = Math.max(statedSize, size);
  // The last entry ends with its fields, not with its stride.
  const fitting = Math.min(count, Math.floor((input.available(offset, count * stride) + stride - size) / stride));
  if (fitting < count) {
    input.warn('truncated', `${what}: ${count} entries of ${stride} bytes wanted at 0x${offset.toString(16)}, the file ends at 0x${input.size.toString(16)}`, offset);
    if (fitting <= 0) return null;
  }
  const most = Math.min(fitting, input.limits.tableEntries);
  if (most < fitting) input.warn('limit-exceeded', `${what}: ${fitting} entries, of which the first ${most} are read`, offset, facts);
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
  const [segment, ...others] = segments.filter(({ type }) => type === PT.INTERP);
  if (segment === undefined) return null;
  const { text, complete } = input.text(segment.offset, segment.fileSize, 'interpreter');
  if (!complete && text !== '') input.warn('interpreter', 'the interpreter has no NUL at its end', segment.offset, ['interpreter', 'platform', 'linkage']);
  if (others.some(({ offset, fileSize }) => offset !== segment.offset || fileSize !== segment.fileSize)) {
    input.warn('several-interpreters', `${others.length + 1} PT_INTERP segments: the kernel takes the first`, segment.offset);
  }
  return text;
}
