// A PE file assembled: headers, directories, sections, and memory as the loader lays it out. No judgement here.

import { AddressSpace } from '../bytes/address-space.ts';
import type { AddressRange } from '../bytes/address-space.ts';
import { align } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { BinspectError, hex } from '../errors.ts';
import { DIRECTORY_COUNT, MACHINE, OPTIONAL_MAGIC, PAGE, SECTOR, SUBSYSTEM } from './constants.ts';
import { dosHeader, hasPeSignature, readPadded } from './dos.ts';
import {
  COFF_HEADER_SIZE,
  DIRECTORY_SIZE,
  DOS_HEADER_SIZE,
  optionalHeaderSize,
  readCoffHeader,
  readDataDirectory,
  readOptionalHeader,
  readSection,
  SECTION_SIZE,
} from './structures.ts';
import type { CoffHeader, DataDirectory, OptionalHeader, Section } from './structures.ts';

export interface PeFile {
  readonly input: Input;
  /** Where 'PE\0\0' stands. */
  readonly headerOffset: number;
  readonly coff: CoffHeader;
  readonly optional: OptionalHeader;
  /** How many bytes of the optional header can be believed: those that the file has, and none where Magic is unknown. The rest are zeros. */
  readonly optionalBytes: number;
  /** Whether the file has the headers and the section table to their ends. What is not found in one that is cut may have been there. */
  readonly complete: boolean;
  readonly directories: readonly DataDirectory[];
  readonly sections: readonly Section[];
  /** By RVA. */
  readonly memory: AddressSpace;
}

const SYMBOL_SIZE = 18; // IMAGE_SYMBOL

/** Where Magic says nothing: machines whose headers have 64 bits. */
const WIDE_MACHINES: ReadonlySet<number> = new Set([
  MACHINE.AMD64, MACHINE.ARM64, MACHINE.IA64, MACHINE.ALPHA64, MACHINE.RISCV64, MACHINE.LOONGARCH64,
]); // prettier-ignore

const EFI_SUBSYSTEMS: ReadonlySet<number> = new Set([
  SUBSYSTEM.EFI_APPLICATION, SUBSYSTEM.EFI_BOOT_SERVICE_DRIVER, SUBSYSTEM.EFI_RUNTIME_DRIVER, SUBSYSTEM.EFI_ROM,
]); // prettier-ignore

/** Whether the firmware loads this, and not Windows. */
export function isEfi({ subsystem }: OptionalHeader): boolean {
  return EFI_SUBSYSTEMS.has(subsystem);
}

/** Reads a PE file's headers and tables. Throws `malformed` and `truncated` where there is no header to go by. */
export function openPe(plain: Input): PeFile {
  const at = peHeaderOffset(plain);
  const coff = readCoffHeader(plain.read(at, COFF_HEADER_SIZE, 'PE header').cursor());
  const optionalAt = at + COFF_HEADER_SIZE;
  const magic = plain.read(optionalAt, 2, 'optional header').u16(0);
  const known = magic === OPTIONAL_MAGIC.PE32 || magic === OPTIONAL_MAGIC.PE32_PLUS;
  const wide = known ? magic === OPTIONAL_MAGIC.PE32_PLUS : WIDE_MACHINES.has(coff.machine);
  if (!known) {
    const message = `the optional header's Magic is ${hex(magic)}, neither 0x10b (PE32) nor 0x20b (PE32+): nothing behind it is read`;
    plain.warn('bad-optional-magic', message, optionalAt);
  }
  const input = plain.encoded({ little: true, wide });
  const size = optionalHeaderSize(wide);
  const here = input.available(optionalAt, size);
  if (here < size) {
    const message = `the optional header has ${size} bytes at ${hex(optionalAt)}, the file ends at ${hex(input.size)}: the rest is read as zeros`;
    input.warn('headers-past-eof', message, optionalAt);
  }
  const optional = readOptionalHeader(readPadded(input, optionalAt, size, 'optional header').cursor());
  const count = known ? directoryCount(input, optional, optionalAt + size - 4) : 0;
  const written = input.available(optionalAt + size, count * DIRECTORY_SIZE);
  const tableAt = optionalAt + coff.optionalHeaderSize;
  const sections = input.once('section headers', () => sectionTable(input, tableAt, coff.sectionCount));
  const memory = new AddressSpace(input, input.once('ranges', () => memoryRanges(input, optional, sections)), 'first');
  return {
    input,
    headerOffset: at,
    coff,
    optional,
    optionalBytes: known ? here : 0,
    complete: known && here === size && written === count * DIRECTORY_SIZE && sections.length === coff.sectionCount,
    directories: directoryTable(input, memory, optionalAt + size, count),
    sections,
    memory,
  };
}

/** e_lfanew, if the PE header is there. It may lie within the DOS header, or behind everything else. */
function peHeaderOffset(input: Input): number {
  const at = dosHeader(input).newHeaderOffset;
  if (hasPeSignature(input, at)) return at;
  if (input.size < DOS_HEADER_SIZE) {
    const message = `DOS header: ${DOS_HEADER_SIZE} bytes wanted at 0x0, the file ends at ${hex(input.size)}`;
    throw new BinspectError('truncated', message, { offset: input.start });
  }
  if (input.available(at, 4) === 4) {
    throw new BinspectError('malformed', `no PE signature at ${hex(at)}, where e_lfanew points`, { offset: input.start + at });
  }
  throw new BinspectError('truncated', `PE header: e_lfanew is ${hex(at)}, the file ends at ${hex(input.size)}`, { offset: input.start + at });
}

/** As many directories as count. SizeOfOptionalHeader has no say in it: it tells only where the section table is. */
function directoryCount(input: Input, { directoryCount: count }: OptionalHeader, at: number): number {
  if (count <= DIRECTORY_COUNT) return count;
  input.warn('directory-count', `NumberOfRvaAndSizes is ${count}; ${DIRECTORY_COUNT} directories are known`, at);
  return DIRECTORY_COUNT;
}

/** The data directories from the file. A section may lie over them in memory; then the loader sees that section's bytes, and so do we. */
function directoryTable(input: Input, memory: AddressSpace, at: number, count: number): DataDirectory[] {
  const fitting = Math.floor(input.available(at, count * DIRECTORY_SIZE) / DIRECTORY_SIZE);
  if (fitting < count) {
    input.warn('headers-past-eof', `${count} data directories of ${DIRECTORY_SIZE} bytes at ${hex(at)}, the file ends at ${hex(input.size)}`, at);
  }
  if (fitting === 0) return [];
  const length = fitting * DIRECTORY_SIZE;
  const written = input.read(at, length, 'data directories');
  const mapped = memory.read(BigInt(at), length, 'data directories') ?? written;
  const original = written.bytes();
  if (mapped.bytes().some((byte, index) => byte !== original[index])) {
    const reason = 'a section lies over the headers, or SizeOfHeaders ends before them';
    input.warn('headers-shadowed', `in memory the data directories are not what they are in the file: ${reason}`, at);
  }
  const cursor = mapped.cursor();
  return Array.from({ length: fitting }, () => readDataDirectory(cursor));
}

/** A directory, by its index; null where there is none. Its size says nothing: Windows ignores it for most. */
export function directory({ directories }: PeFile, index: number): DataDirectory | null {
  const found = directories[index];
  return found === undefined || found.address === 0 ? null : found;
}

/** The section headers that the file has. */
function sectionTable(input: Input, at: number, count: number): Section[] {
  const fitting = Math.floor(input.available(at, count * SECTION_SIZE) / SECTION_SIZE);
  if (fitting < count) {
    const message = `section headers: ${count} entries of ${SECTION_SIZE} bytes wanted at ${hex(at)}, the file ends at ${hex(input.size)}`;
    input.warn('truncated', message, at);
  }
  const most = Math.min(fitting, input.limits.tableEntries);
  if (most < fitting) input.warn('limit-exceeded', `section headers: ${fitting} entries, of which the first ${most} are read`, at);
  const sections: Section[] = [];
  if (most === 0) return sections;
  const cursor = input.read(at, most * SECTION_SIZE, 'section headers').cursor();
  for (let i = 0; i < most; i++) sections.push(readSection(cursor));
  return sections;
}

/** Bytes that a section has in memory. */
export function memorySize({ virtualSize, fileSize }: Section): number {
  return virtualSize === 0 ? fileSize : virtualSize;
}

/** The Windows loader takes 96 sections ("COFF File Header", NumberOfSections). */
const MOST_MAPPED = 4096;

/**
 * What the loader puts where. Sections go before headers, which they can lie over. Raw data begins and ends at whole sectors, and
 * what a section has in memory beyond it is zeros, to the end of the page. An image aligned to less than a page is mapped as it
 * lies in the file. Firmware does neither: it copies each section from where PointerToRawData says.
 */
function memoryRanges(input: Input, optional: OptionalHeader, sections: readonly Section[]): AddressRange[] {
  const efi = isEfi(optional);
  if (sections.length === 0 || (optional.sectionAlignment < PAGE && !efi)) return flatRange(input, sections);
  const ranges: AddressRange[] = [];
  if (sections.length > MOST_MAPPED) input.warn('limit-exceeded', `${sections.length} sections, of which the first ${MOST_MAPPED} are mapped`);
  for (const section of sections.slice(0, MOST_MAPPED)) {
    const used = memorySize(section);
    const size = efi ? used : align(used, PAGE);
    const offset = efi ? section.offset : section.offset - (section.offset % SECTOR);
    const raw = section.offset === 0 ? 0 : Math.min(efi ? section.fileSize : align(section.fileSize, SECTOR), size);
    const wanted = Math.min(raw, section.fileSize, used);
    const backed = input.available(offset, raw);
    if (backed < wanted) warnOfCut(input, section);
    ranges.push(...rangesOf(section.address, size, offset, backed, wanted));
  }
  const headers = input.available(0, optional.headersSize);
  ranges.push(...rangesOf(0, align(optional.headersSize, PAGE), 0, headers, optional.headersSize));
  return ranges;
}

/** The whole file at RVA 0, and zeros to the end of its last page. */
function flatRange(input: Input, sections: readonly Section[]): AddressRange[] {
  let wanted = 0;
  for (const section of sections) {
    const end = section.offset + Math.min(section.fileSize, memorySize(section));
    if (end > input.size) warnOfCut(input, section);
    wanted = Math.max(wanted, end);
  }
  return rangesOf(0, Math.max(align(input.size, PAGE), wanted), 0, input.size, wanted);
}

/** One range; where the file ends before what it should have, that part is left out: it is not known to be zeros. */
function rangesOf(address: number, size: number, offset: number, backed: number, wanted: number): AddressRange[] {
  const start = BigInt(address);
  if (backed >= wanted) return [{ address: start, memorySize: BigInt(size), offset, fileSize: backed }];
  const rest = { address: start + BigInt(wanted), memorySize: BigInt(size - wanted), offset, fileSize: 0 };
  return [{ address: start, memorySize: BigInt(backed), offset, fileSize: backed }, rest];
}

function warnOfCut(input: Input, { name, offset, fileSize }: Section): void {
  input.warn('section-truncated', `section ${name} has ${fileSize} bytes at ${hex(offset)}, the file ends at ${hex(input.size)}`, offset);
}

/** The section that an RVA lies in. */
export function sectionAt({ sections }: PeFile, address: number): Section | null {
  return sections.find((section) => address >= section.address && address < section.address + memorySize(section)) ?? null;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Where a long name lies in the string table: '/' and decimal digits, or, as LLVM writes it, '//' and base64. */
function longNameOffset(name: string): number | null {
  if (/^\/\d{1,7}$/.test(name)) return Number(name.slice(1));
  if (!/^\/\/[A-Za-z0-9+/]{6}$/.test(name)) return null;
  let value = 0;
  for (const digit of name.slice(2)) value = value * 64 + BASE64.indexOf(digit);
  return value;
}

const LONGEST_NAME = 64; // of a section; those of DWARF have up to 20 bytes, and there may be 65,535 sections

/** The string table behind the COFF symbols: where it begins, and its bytes, its own size among them, as far as the file has them. */
export function stringTable({ input, coff }: PeFile): { offset: number; size: number } | null {
  if (coff.symbolsOffset === 0) return null;
  const offset = coff.symbolsOffset + coff.symbolCount * SYMBOL_SIZE;
  const size = input.available(offset, 4) === 4 ? input.read(offset, 4, 'string table').u32(0) : 0;
  return { offset, size: input.available(offset, size) };
}

/**
 * The sections' names, long ones from the string table; null for one whose name is not there. Windows knows no long names: they
 * are of GNU's and LLVM's linkers, which give DWARF sections theirs.
 */
export function sectionNames(file: PeFile): (string | null)[] {
  let strings: { offset: number; size: number } | null = null;
  return file.sections.map(({ name }) => {
    const at = longNameOffset(name);
    if (at === null) return name;
    strings ??= stringTable(file);
    if (strings === null || at >= strings.size) return null;
    return file.input.text(strings.offset + at, Math.min(strings.size - at, LONGEST_NAME), 'section name').text;
  });
}
