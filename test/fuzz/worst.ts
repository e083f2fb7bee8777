// The dearest files that the readers can be handed: each aims at one table, and grows with a number.

import { framed } from '../build/go.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const encoder = new TextEncoder();

/** A file of zeros that is written to at positions. */
class Sheet {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly little: boolean;

  constructor(size: number, little = true) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.little = little;
  }

  u16(at: number, ...values: readonly number[]): this {
    values.forEach((value, i) => this.view.setUint16(at + i * 2, value, this.little));
    return this;
  }

  u32(at: number, ...values: readonly number[]): this {
    values.forEach((value, i) => this.view.setUint32(at + i * 4, value, this.little));
    return this;
  }

  u64(at: number, ...values: readonly (number | bigint)[]): this {
    values.forEach((value, i) => this.view.setBigUint64(at + i * 8, BigInt(value), this.little));
    return this;
  }

  text(at: number, text: string): this {
    this.bytes.set(encoder.encode(text), at);
    return this;
  }

  /** A pattern over and over, as often as it fits. */
  fill(from: number, to: number, pattern: Uint8Array | string): this {
    const bytes = typeof pattern === 'string' ? encoder.encode(pattern) : pattern;
    if (to - from < bytes.length) return this;
    this.bytes.set(bytes, from);
    const end = from + Math.floor((to - from) / bytes.length) * bytes.length;
    for (let done = bytes.length; from + done < end; done *= 2) this.bytes.copyWithin(from + done, from, Math.min(from + done, end - done));
    return this;
  }
}

interface ElfTables {
  readonly programs?: readonly [at: number, count: number];
  readonly sections?: readonly [at: number, count: number, names: number];
}

/** An ELF64 header for x86-64, and a file behind it. */
function elf(size: number, { programs = [0, 0], sections = [0, 0, 0] }: ElfTables, type = 3): Sheet {
  const sheet = new Sheet(size).text(0, '\x7fELF\x02\x01\x01').u16(16, type, 62).u32(20, 1).u64(24, 0x1000, programs[0], sections[0]);
  return sheet.u16(52, 64, 56, programs[1], 64, sections[1], sections[2]);
}

function program(sheet: Sheet, at: number, type: number, offset: number, address: number, size: number, flags = 4): void {
  sheet.u32(at, type, flags).u64(at + 8, offset, address, address, size, size, 8);
}

function section(sheet: Sheet, at: number, name: number, type: number, address: number, offset: number, size: number, link = 0, info = 0): void {
  sheet.u32(at, name, type).u64(at + 8, 2, address, offset, size).u32(at + 40, link, info).u64(at + 48, 4, 0);
}

const EHDR = 64;
const PHDR = 56;
const SHDR = 64;

/** One PT_LOAD over the whole file at address 0, and a dynamic section. */
function dynamic(size: number, entries: readonly (readonly [tag: number, value: number])[], sections?: ElfTables['sections']): Sheet {
  const sheet = elf(size, { programs: [EHDR, 2], ...(sections === undefined ? {} : { sections }) });
  const at = EHDR + 2 * PHDR;
  program(sheet, EHDR, 1, 0, 0, size);
  program(sheet, EHDR + PHDR, 2, at, at, (entries.length + 1) * 16);
  entries.forEach(([tag, value], i) => sheet.u64(at + i * 16, tag, value));
  return sheet;
}

/** A table of sections of which the last are compressed, each with its header in a place of its own: Go's reader looks at every one. */
export function compressedSections(size: number): Uint8Array {
  const count = Math.max(2, Math.floor(size / 104));
  const strewnOnes = Math.min(400, count - 2);
  const names = EHDR + count * SHDR;
  const sheet = elf(size, { sections: [EHDR, 0, 1] }, 2);
  sheet.u64(EHDR + 32, count); // section 0 says how many there are
  section(sheet, EHDR + SHDR, 0, 3, 0, names, 32);
  sheet.text(names + 1, '.go.buildinfo\0');
  const room = size - names - 64;
  for (let i = 0; i < strewnOnes; i++) {
    const at = EHDR + (count - strewnOnes + i) * SHDR;
    section(sheet, at, 1, 1, 0x1000, names + 64 + Math.floor((room / strewnOnes) * i), 24);
    sheet.u64(at + 8, 0x800);
  }
  return sheet.bytes;
}

/** A thread command that is all states without registers. */
function threadStates(size: number): Uint8Array {
  return machO(size, 1, size - 32).u32(32, 5, size - 32).bytes;
}

/** As many sections of notes as a table can have, none within another. */
function noteSections(count: number): Uint8Array {
  const sheet = elf(EHDR + count * SHDR + count * 16, { sections: [EHDR, Math.min(count, 0xffff), 0] });
  for (let i = 0; i < count; i++) section(sheet, EHDR + i * SHDR, 0, 7, 0, EHDR + count * SHDR + i * 16, 15);
  return sheet.bytes;
}

/** Segments that all lie over one another, each a little longer than the last. */
function nestedLoads(count: number): Uint8Array {
  const sheet = elf(EHDR + count * PHDR + 2 * count, { programs: [EHDR, Math.min(count, 0xffff)] });
  for (let i = 0; i < count; i++) program(sheet, EHDR + i * PHDR, 1, 0, (count - i) * 8, 16 * i + 16);
  return sheet.bytes;
}

/** Versions that all have names of the longest kind, which share their bytes. */
function longVersions(count: number): Uint8Array {
  const names = 1024 + 32 + count * 16;
  const sheet = dynamic(names + count + 8 * KIB, [[5, names], [10, count + 8 * KIB], [0x6fff_fffe, 1024], [0x6fff_ffff, 1]]); // prettier-ignore
  sheet.u16(1024, 1, 0xffff).u32(1028, 0, 16, 0);
  for (let i = 0; i < count; i++) sheet.u32(1040 + i * 16, 0, 0, i, i === count - 1 ? 0 : 16);
  sheet.fill(names, names + count + 8 * KIB - 1, 'GLIBC_2.');
  return sheet.bytes;
}

/** Libraries and search paths with names of the longest kind, all of which share their bytes. */
function longNames(count: number): Uint8Array {
  const entries: [number, number][] = [];
  for (let i = 0; i < count; i++) for (const tag of [1, 14, 15, 29]) entries.push([tag, i]);
  const at = EHDR + 2 * PHDR + (entries.length + 3) * 16;
  const sheet = dynamic(at + count + 8 * KIB, [...entries, [5, at], [10, count + 8 * KIB]]);
  return sheet.fill(at, at + count + 8 * KIB - 1, '\u00e9xyz').bytes;
}

/** The largest tables that there can be, and names strewn all over a file, so that each has to be fetched and the tables read anew for it. */
function strewn(size: number): Uint8Array {
  const count = Math.min(0xffff, Math.floor(size / 512));
  const names = 512;
  const end = EHDR + count * PHDR + (names + 3) * 16 + count * SHDR;
  const sections = EHDR + count * PHDR + (names + 3) * 16;
  const sheet = elf(Math.max(size, end + MIB), { programs: [EHDR, count], sections: [sections, count, 0] });
  const total = sheet.bytes.length;
  const table = EHDR + count * PHDR;
  program(sheet, EHDR, 2, table, table, (names + 3) * 16);
  program(sheet, EHDR + PHDR, 1, 0, 0, total);
  for (let i = 2; i < count; i++) program(sheet, EHDR + i * PHDR, 1, 0, total + i * 64, 64 + 32 * (i % 2));
  for (let i = 0; i < count; i++) section(sheet, sections + i * SHDR, 0, 1, 0, 0, 16);
  for (let i = 0; i < names; i++) sheet.u64(table + i * 16, 1, Math.floor(((total - end - 64) / names) * i));
  sheet.u64(table + names * 16, 5, end, 10, total - end, 0, 0).fill(end, total, 'lib.so\0\0');
  return sheet.bytes;
}

/** Names of checked functions, as short as they come, and symbols that point at them. */
function checkedNames(size: number): Uint8Array {
  const names = Math.floor(size / 2);
  const symbols = size - names;
  const strings = 1024;
  const sheet = dynamic(2048 + size, [[5, strings], [10, names], [6, strings + names], [11, 24], [4, 900]]); // prettier-ignore
  sheet.u32(900, 1, Math.floor(symbols / 24));
  for (let i = 0; i < names / 16; i++) sheet.text(strings + i * 16, `__${i.toString(36).padStart(8, '0')}_chk`);
  for (let i = 0; (i + 1) * 24 <= symbols; i++) sheet.u32(strings + names + i * 24, (i * 16) % names);
  return sheet.bytes;
}

/** A name as long as the names may be, with the sought word in it at every turn. */
function chainedNames(size: number): Uint8Array {
  const strings = 1024;
  const sheet = dynamic(2048 + size, [[5, strings], [10, size], [6, 800], [11, 24], [4, 900]]).u32(900, 1, 1); // prettier-ignore
  return sheet.fill(strings, strings + size, '__a_chk\0').bytes;
}

interface PeTables {
  readonly sections: number;
  readonly wide?: boolean;
  readonly directories?: Readonly<Record<number, readonly [address: number, size: number]>>;
  readonly sectionAlignment?: number;
}

const PE_TABLE = 0x80 + 24 + 240;

/** A PE32+ header, and a file behind it. */
function pe(size: number, { sections, directories = {}, sectionAlignment = 0x1000 }: PeTables): Sheet {
  const sheet = new Sheet(size).text(0, 'MZ').u32(0x3c, 0x80).text(0x80, 'PE\0\0').u16(0x84, 0x8664, sections).u16(0x94, 240, 0x22);
  sheet.u16(0x98, 0x20b).u32(0x98 + 16, 0x1000).u64(0x98 + 24, 0x1_4000_0000).u32(0x98 + 32, sectionAlignment, 0x200).u16(0x98 + 40, 6, 0, 6, 0, 6, 0);
  sheet.u32(0x98 + 56, 0x1000_0000, 0x400).u16(0x98 + 68, 3, 0x8160).u32(0x98 + 108, 16);
  for (const [index, [address, length]] of Object.entries(directories)) sheet.u32(0x98 + 112 + Number(index) * 8, address, length);
  return sheet;
}

function peSection(sheet: Sheet, index: number, name: string, address: number, virtualSize: number, offset: number, size: number, flags = 0xc000_0040): void {
  const at = PE_TABLE + index * 40;
  sheet.text(at, name.slice(0, 8)).u32(at + 8, virtualSize, address, size, offset).u32(at + 36, flags);
}

/** As many sections as a header can count, each of one byte, and imports that are looked up among them. */
function peSections(count: number): Uint8Array {
  const sections = Math.min(count, 0xffff);
  const end = PE_TABLE + sections * 40;
  const content = Math.ceil(end / 0x200) * 0x200;
  const size = content + 4096 * 20 + 16 * KIB;
  const sheet = pe(size, { sections, directories: { 1: [0x1000_0000, 40], 13: [0x1000_0000, 40], 0: [0x1000_0000, 40] } });
  peSection(sheet, 0, '.rdata', 0x1000_0000, size - content, content, size - content);
  for (let i = 1; i < sections; i++) peSection(sheet, i, '/1234567', 0x1000 + i * 0x1000, 1, content, 1);
  for (let i = 0; i < 4096; i++) sheet.u32(content + i * 20, 0x1000_0000 + i, 0, 0, 0x1000_0000 + 4096 * 20 + i, 0x1000_0000 + i);
  return sheet.fill(content + 4096 * 20, size, 'KERNEL32').bytes;
}

/** The same, with names that are no UTF-8. */
function brokenNames(count: number): Uint8Array {
  const bytes = peSections(count);
  for (let i = 1; i < Math.min(count, 0xffff); i++) bytes.fill(0xff, PE_TABLE + i * 40, PE_TABLE + i * 40 + 8);
  return bytes;
}

/** Memory that is made of sections of one byte each: what is read across them is read byte by byte. */
function peCrumbs(count: number): Uint8Array {
  const sections = Math.min(count, 0xffff);
  const content = Math.ceil((PE_TABLE + sections * 40) / 0x200) * 0x200;
  const sheet = pe(content + 4096, { sections, directories: { 1: [0x1000, 40], 2: [0x1000, 0x1_0000], 6: [0x1000, 28 * 32], 10: [0x1000, 64], 14: [0x1000, 72] } });
  sheet.u16(0x98 + 68, 10); // EFI: nothing is rounded
  for (let i = 0; i < sections; i++) peSection(sheet, i, '.c', 0x1000 + i, 1, content + (i % 256), 1);
  sheet.fill(content, content + 256, Uint8Array.of(0xff, 0xff, 16, 0, 16, 0, 0, 0x80, 2, 0, 0, 0, 0, 0x10, 0, 0));
  return sheet.bytes;
}

/** A tree of resources in which every directory has as many entries as can be counted, all of which lead to more of them. */
function peResources(count: number): Uint8Array {
  const sheet = pe(0x1000 + count * 8 + 64, { sections: 1, directories: { 2: [0x1000, 0x1_0000] } });
  const at = 0x1000;
  peSection(sheet, 0, '.rsrc', 0x1000, count * 8 + 64, at, count * 8 + 64);
  sheet.u16(at + 12, 0, 0xffff);
  for (let i = 0; i < count; i++) sheet.u32(at + 16 + i * 8, 16, 0x8000_0000 + ((i + 1) * 8));
  return sheet.bytes;
}

/** Sections that Go's reader has to go through for every part of an address range that is as long as can be said. */
function peGo(count: number): Uint8Array {
  const sections = Math.min(count, 0xffff);
  const content = Math.ceil((PE_TABLE + sections * 40) / 0x200) * 0x200;
  const sheet = pe(content + 4096, { sections });
  peSection(sheet, 0, '.symtab', 0x1000, 1, content, 1, 0x40);
  peSection(sheet, 1, '.data', 0x1000, 0xffff_0000, content, 0xffff_0000);
  for (let i = 2; i < sections; i++) peSection(sheet, i, '.x', 0xf000_0000, 1, content, 1, 0x40);
  return swap(sheet, PE_TABLE + 40, PE_TABLE + (sections - 1) * 40, 40).bytes;
}

function swap(sheet: Sheet, one: number, other: number, size: number): Sheet {
  const bytes = sheet.bytes.slice(one, one + size);
  sheet.bytes.copyWithin(one, other, other + size);
  sheet.bytes.set(bytes, other);
  return sheet;
}

/** A 64-bit Mach-O header for arm64, and a file behind it. */
function machO(size: number, commands: number, commandBytes: number, at = 0, sheet: Sheet = new Sheet(size)): Sheet {
  return sheet.u32(at, 0xfeed_facf, 0x100_000c, 0, 2, commands, commandBytes, 0x20_0085, 0);
}

/** Load commands as short as they come. */
function shortCommands(size: number): Uint8Array {
  const sheet = machO(size, 0xffff_ffff, size - 32);
  const command = new Sheet(8).u32(0, 0x7fff_ffff, 8).bytes;
  return sheet.fill(32, size, command).bytes;
}

/** Segments without end, and one section that says Go, whose address range is as long as can be said. */
function goSegments(size: number): Uint8Array {
  const count = Math.floor((size - 32 - 152) / 72);
  const sheet = machO(size, count + 1, count * 72 + 152);
  const one = new Sheet(72).u32(0, 0x19, 72).text(8, '__DATA').u64(24, 1n << 50n, 1, 0, 1).u32(56, 3, 3, 0, 0).bytes;
  sheet.u32(32, 0x19, 152).text(40, '__DATA').u64(32 + 24, 1n << 50n, 1, 0, 1).u32(32 + 56, 3, 3, 1, 0);
  sheet.text(104, '__go_buildinfo').text(120, '__DATA').u64(136, 0x1000, 1n << 48n);
  sheet.fill(184, 184 + count * 72, one);
  const last = 184 + (count - 1) * 72;
  return sheet.u64(last + 24, 0, 1n << 52n, 0, size).bytes; // holds what all before it do not
}

/** Names that the imports of chained fixups have, each another. */
function fixupNames(size: number): Uint8Array {
  const sheet = machO(4096 + size, 2, 16 + 72).u32(32, 0x8000_0034, 16, 4096, size).u32(48, 0x19, 72).text(56, '__TEXT').u64(72, 0, 4096, 0, 4096);
  sheet.u32(4096, 0, 28, 28, 32, 1, 1, 0);
  for (let at = 4096 + 32, i = 0; at + 16 < 4096 + size; at += 16, i++) sheet.text(at, `___${i.toString(36).padStart(7, '0')}_chk`);
  return sheet.bytes;
}

/** Symbols that all have one name. */
function machSymbols(size: number): Uint8Array {
  const count = Math.floor((size - 4096) / 16);
  const sheet = machO(size, 1, 24).u32(32, 2, 24, 4096, count, 1024, 1024).text(1025, '___memcpy_chk');
  return sheet.fill(4096, size, new Sheet(16).u32(0, 1).u32(4, 0x0f).bytes).bytes;
}

/** A universal file whose slices are those of a function, side by side or all in one place. */
function fat(count: number, slice: (sheet: Sheet, at: number, size: number) => void, size: number, overlap: boolean): Uint8Array {
  const big = new Sheet(4096 + size * (overlap ? 1 : count), false).u32(0, 0xcafe_babe, count);
  const little = Object.assign(new Sheet(0), { bytes: big.bytes, view: big.view });
  for (let i = 0; i < count; i++) {
    const at = 4096 + (overlap ? 0 : i * size);
    big.u32(8 + i * 20, 0x100_000c, i, at, overlap ? size - i : size, 12);
    if (i === 0 || !overlap) slice(little, at, size);
  }
  return big.bytes;
}

const shortSlice = (sheet: Sheet, at: number, size: number): void => {
  machO(size, 0xffff_ffff, size - 32, at, sheet).fill(at + 32, at + size, new Sheet(8).u32(0, 0x7fff_ffff, 8).bytes);
};

const symbolSlice = (sheet: Sheet, at: number, size: number): void => {
  const count = Math.floor((size - 4096) / 16);
  machO(size, 2, 24 + 152, at, sheet).u32(at + 32, 2, 24, 4096, count, 1024, 1024).text(at + 1025, '___memcpy_chk');
  sheet.fill(at + 4096, at + size, new Sheet(16).u32(0, 1).u32(4, 0x0f).bytes);
  sheet.u32(at + 56, 0x19, 152).text(at + 64, '__DATA').u64(at + 80, 0x1000, size, 0, size).u32(at + 112, 3, 3, 1, 0);
  sheet.text(at + 128, '__go_buildinfo').text(at + 144, '__DATA').u64(at + 160, 0x1000, size);
};

/** A signature with as many blobs as it has room for. */
function blobs(size: number): Uint8Array {
  const sheet = machO(4096 + size, 1, 16).u32(32, 0x1d, 16, 4096, size);
  const big = Object.assign(new Sheet(0, false), { bytes: sheet.bytes, view: sheet.view });
  big.u32(4096, 0xfade_0cc0, size, 0xffff_ffff).fill(4096 + 12, 4096 + size, new Sheet(8, false).u32(0, 0x7777, 12).bytes);
  return sheet.bytes;
}

/** A Go program's ELF: writable segments that all map the same bytes, at addresses whose low halves are alike. */
function goRanges(size: number, pattern: Uint8Array | string, head: Uint8Array | string): Uint8Array {
  const count = 256;
  const names = 1024 + count * PHDR;
  const start = names + 1024;
  const sheet = elf(start + size, { programs: [EHDR, count], sections: [names, 3, 1] }, 2);
  section(sheet, names + SHDR, 1, 3, 0, names + 3 * SHDR, 64);
  section(sheet, names + 2 * SHDR, 1, 1, 0, 0, 0);
  sheet.text(names + 3 * SHDR + 1, '.go.buildinfo\0');
  for (let i = 0; i < count; i++) program(sheet, EHDR + i * PHDR, 1, start, 0x40_0000 + i * 2 ** 32, size, 6);
  const first = typeof head === 'string' ? encoder.encode(head) : head;
  sheet.bytes.set(first, start);
  return sheet.fill(start + Math.ceil(first.length / 16) * 16, start + size, pattern).bytes;
}

/** Pointers to a version, in which the low half is right and the length is not. */
function goPointers(size: number): Uint8Array {
  return goRanges(size, new Sheet(16).u64(0, 0x40_0000, 0x40_0000).bytes, 'go1.22.3');
}

/** Module texts one in the other, all with the same end. */
function goTexts(size: number): Uint8Array {
  const start = framed('').subarray(0, 16);
  const line = encoder.encode('\npath\tx\n');
  const text = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < 64; i++) {
    text.set(start, at);
    text.set(line, at + 16);
    at += 24;
  }
  text.set(encoder.encode('dep\ta\tb\tc\n'.repeat(Math.floor((size - at - 32) / 10))), at);
  const filled = at + Math.floor((size - at - 32) / 10) * 10;
  text.set(framed('').subarray(16), filled);
  return goRanges(size + 64, '\0', text);
}

/** One kind of worst case. */
export interface Worst {
  readonly name: string;
  /** The file for a number, which stands for what grows: bytes, entries. */
  readonly make: (count: number) => Uint8Array;
  /** The largest number that is worth it. */
  readonly most: number;
}

export const WORST: readonly Worst[] = [
  { name: 'elf: sections of notes', make: noteSections, most: 0xffff },
  { name: 'elf: segments over one another', make: nestedLoads, most: 0xffff },
  { name: 'elf: long names of versions', make: longVersions, most: 0x1_0000 },
  { name: 'elf: long names of libraries', make: longNames, most: 4096 },
  { name: 'elf: names strewn over a file with large tables', make: strewn, most: 64 * MIB },
  { name: 'elf: compressed sections strewn over a file', make: compressedSections, most: 20 * MIB },
  { name: 'elf: names of checked functions', make: checkedNames, most: 20 * MIB },
  { name: 'elf: a marker at every turn', make: chainedNames, most: 10 * MIB },
  { name: 'pe: sections and imports', make: peSections, most: 0xffff },
  { name: 'pe: names that are no UTF-8', make: brokenNames, most: 0xffff },
  { name: 'pe: sections of one byte', make: peCrumbs, most: 0xffff },
  { name: 'pe: resources', make: peResources, most: 0x4_0000 },
  { name: 'pe: sections for Go', make: peGo, most: 0xffff },
  { name: 'macho: short commands', make: shortCommands, most: 64 * MIB },
  { name: 'macho: states of a thread', make: threadStates, most: 20 * MIB },
  { name: 'macho: segments for Go', make: goSegments, most: 16 * MIB },
  { name: 'macho: names of imports', make: fixupNames, most: 10 * MIB },
  { name: 'macho: symbols', make: machSymbols, most: 10 * MIB },
  { name: 'macho: blobs of a signature', make: blobs, most: 16 * MIB },
  { name: 'universal: slices over one another', make: (size) => fat(204, shortSlice, size, true), most: 16 * MIB },
  { name: 'universal: slices of symbols over one another', make: (size) => fat(204, symbolSlice, size, true), most: 16 * MIB },
  { name: 'universal: slices side by side', make: (size) => fat(204, shortSlice, Math.floor(size / 204 / 64) * 64, false), most: 64 * MIB },
  { name: 'universal: slices of symbols side by side', make: (size) => fat(204, symbolSlice, Math.floor(size / 204 / 64) * 64, false), most: 64 * MIB },
  { name: 'go: pointers in memory that is mapped again and again', make: goPointers, most: 4 * MIB },
  { name: 'go: module texts', make: goTexts, most: 16 * MIB },
  { name: 'go: versions', make: (size) => goRanges(size, 'go1.1 ', ''), most: 64 * MIB },
  { name: 'go: names of files', make: (size) => goRanges(size, '\0runtime/rt0_a_b', ''), most: 64 * MIB },
  { name: 'go: blobs', make: (size) => goRanges(size, '\xff Go buildinf:', ''), most: 16 * MIB },
];
