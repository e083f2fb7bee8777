// The catalogue of files that have made other readers fail: what is wrong with each, and where it is proven that the answer here is right.

import { createHash } from 'node:crypto';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DF_1, DT, EM, ET, PT, SHT } from '../src/elf/constants.ts';
import { BinspectError } from '../src/errors.ts';
import { hash } from '../src/inspect/hash.ts';
import { inspect, inspectSync } from '../src/inspect/inspect.ts';
import { CS_SLOT, LC, PLATFORM } from '../src/macho/constants.ts';
import type { Binary } from '../src/model/binary.ts';
import { codeDirectory, codeSignature } from './build/code-signature.ts';
import { buildElf } from './build/elf.ts';
import type { ElfPlan } from './build/elf.ts';
import { buildFat } from './build/fat.ts';
import { buildMachO, numbers } from './build/macho.ts';
import { buildPe } from './build/pe.ts';
import { withinSync } from './cost.ts';
import { fixtureBytes } from './fixtures.ts';
import { random } from './random.ts';

/** A file of the catalogue: proven by tests elsewhere, named by their files and the beginnings of their titles, or by a case of its own. */
interface Entry {
  readonly id: string;
  readonly says: string;
  readonly proof: readonly (readonly [file: string, title: string])[] | (() => void | Promise<void>);
}

const COMPRESSED = 0x800; // SHF_COMPRESSED
const GLIBC = '/lib64/ld-linux-x86-64.so.2';

/** A position-independent program that needs one library. */
const PROGRAM: ElfPlan = { type: ET.DYN, interpreter: GLIBC, dynamic: [[DT.NEEDED, 'libc.so.6'], [DT.FLAGS_1, BigInt(DF_1.PIE)]] }; // prettier-ignore

const only = (bytes: Uint8Array): Binary => inspectSync(bytes, { facts: 'all' }).binaries[0] as Binary;
const codes = ({ warnings }: Binary): string[] => warnings.map(({ code }) => code);

function failure(bytes: Uint8Array): BinspectError {
  try {
    inspectSync(bytes, { facts: 'all' });
  } catch (error) {
    if (error instanceof BinspectError) return error;
    throw error;
  }
  return expect.fail('it was read');
}

/** That a file is read as the program it is, with a warning or without. */
function expectProgram(bytes: Uint8Array, ...warnings: readonly string[]): Binary {
  const binary = only(bytes);
  expect(binary).toMatchObject({ kind: 'executable', pie: true, linkage: 'dynamic', interpreter: GLIBC });
  expect(binary.dependencies.map(({ name }) => name)).toEqual(['libc.so.6']);
  expect([...new Set(codes(binary))]).toEqual(warnings);
  return binary;
}

/** Bytes with a number written over them, the lowest byte first. */
function patched(bytes: Uint8Array, at: number, value: bigint, size: number): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i < size; i++) copy[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  return copy;
}

/** A 64-bit ELF file with the value of a dynamic entry replaced. */
function withDynamic(bytes: Uint8Array, tag: number, value: bigint): Uint8Array {
  const view = new DataView(bytes.buffer);
  for (let at = 64; at + 16 <= bytes.length; at += 8) {
    if (view.getBigUint64(at, true) === BigInt(tag) && view.getBigUint64(at - 16, true) === BigInt(DT.STRTAB)) return patched(bytes, at + 8, value, 8);
  }
  return expect.fail('there is no such entry');
}

/** Bytes with zeros behind them. */
function padded(bytes: Uint8Array, size: number): Uint8Array {
  const longer = new Uint8Array(size);
  longer.set(bytes);
  return longer;
}

/** Every beginning of a file, and many files with bytes changed: an answer or an error of ours. */
function expectNoCrash(bytes: Uint8Array, seed: number): void {
  const next = random(seed);
  for (let i = 0; i < 60; i++) {
    const copy = bytes.slice(0, i % 3 === 0 ? Math.floor(next() * bytes.length) : bytes.length);
    for (let change = Math.floor(next() * 8); change > 0; change--) copy[Math.floor(next() * Math.min(copy.length, 1024))] = [0, 1, 0x7f, 0x80, 0xff][Math.floor(next() * 5)] as number;
    try {
      withinSync(2000, () => inspectSync(copy, { facts: 'all' }));
    } catch (error) {
      if (!(error instanceof BinspectError)) throw error;
    }
  }
}

const ELF: readonly Entry[] = [
  { id: 'E1', says: 'the four bytes of the magic, and no more', proof: () => expect(failure(buildElf(PROGRAM).subarray(0, 4))).toMatchObject({ code: 'truncated' }) },
  {
    id: 'E2',
    says: 'a program of 45 bytes whose headers lie over one another, with a byte order that is none: Linux runs it, and nobody can say what it is',
    proof: () => expect(failure(buildElf({ wide: false, data: 0 }).subarray(0, 45))).toMatchObject({ code: 'malformed', offset: 5 }),
  },
  {
    id: 'E3',
    says: 'a class that is neither 32 nor 64 bits',
    proof: () => {
      for (const value of [0, 3, 0x10, 0x30, 0xff]) expect(failure(buildElf({ class: value }))).toMatchObject({ code: 'malformed', offset: 4 });
    },
  },
  {
    id: 'E4',
    says: 'the class of one machine with the number of another: x32 is just that',
    proof: () => {
      expect(expectProgram(buildElf({ ...PROGRAM, wide: false })).platform.variant).toBe('x32');
      expect(expectProgram(buildElf({ ...PROGRAM, machine: EM['386'] })).bits).toBe(64);
    },
  },
  {
    id: 'E5',
    says: 'an entry size of program headers that is not theirs',
    proof: () => {
      expectProgram(buildElf({ ...PROGRAM, header: { phentsize: 1 } }), 'entry-size');
      const far = only(buildElf({ ...PROGRAM, header: { phentsize: 0xffff } })); // the second header lies beyond the file
      expect(far).toMatchObject({ kind: 'other', pie: null, linkage: null });
      expect(codes(far)).toEqual(['entry-size', 'truncated']);
    },
  },
  {
    id: 'E6',
    says: 'more program headers than the file has room for',
    proof: () => {
      const binary = only(buildElf({ ...PROGRAM, header: { phnum: 0xfffe } }));
      expect(binary.interpreter).toBe(GLIBC);
      expect(codes(binary)).toContain('truncated');
    },
  },
  {
    id: 'E7',
    says: 'more program headers than 16 bits can count, all of them there',
    proof: () => {
      const head = buildElf({ header: { phnum: 0xffff }, section0: { info: 70_000 } });
      const binary = withinSync(5000, () => only(patched(padded(head, head.length + 70_000 * 56), 32, BigInt(head.length), 8)));
      expect(binary).toMatchObject({ elf: { segments: 65_536 } });
      expect(codes(binary)).toEqual(['limit-exceeded']);
      const few = buildElf({ header: { phnum: 0xffff }, section0: { info: 66_000 } });
      expect(inspectSync(patched(padded(few, few.length + 66_000 * 56), 32, BigInt(few.length), 8), { limits: { tableEntries: 70_000 } }).binaries[0]).toMatchObject({ elf: { segments: 66_000 }, warnings: [] });
    },
  },
  {
    id: 'E8',
    says: 'a thousand million program headers in two megabytes',
    proof: () => {
      const head = buildElf({ header: { phnum: 0xffff }, section0: { info: 0x4000_0000 } });
      const binary = withinSync(5000, () => only(patched(padded(head, 2 * 1024 * 1024), 32, BigInt(head.length), 8)));
      expect(codes(binary)).toEqual(['truncated']);
    },
  },
  { id: 'E9', says: 'no count of sections, and a first section header that holds none', proof: () => void expectProgram(buildElf({ ...PROGRAM, section0: { type: 1, size: 0xffff_ffffn }, header: { shnum: 0 } }), 'no-section-headers') },
  { id: 'E10', says: '65,535 sections in a file of some hundred bytes, at an odd offset, of an odd size', proof: () => void expectProgram(buildElf({ ...PROGRAM, header: { shoff: 1, shnum: 0xffff, shentsize: 7 } }), 'entry-size', 'truncated') },
  {
    id: 'E11',
    says: 'section headers outside the file: the segments say enough',
    proof: () => expect(expectProgram(buildElf({ ...PROGRAM, header: { shoff: 0x7fff_0000, shnum: 30 } }), 'truncated')).toMatchObject({ stripped: null, debugInfo: null }),
  },
  {
    id: 'E12',
    says: 'no such section of section names',
    proof: () => {
      const named = (shstrndx: number): ElfPlan => ({ ...PROGRAM, sections: [{ name: '.text', type: SHT.PROGBITS }], header: { shstrndx } });
      expect(expectProgram(buildElf(named(999)), 'section-names').debugInfo).toBeNull();
      expect(expectProgram(buildElf(named(0xffff)), 'section-names').debugInfo).toBeNull();
    },
  },
  {
    id: 'E13',
    says: 'section names outside their table, or without an end',
    proof: () => {
      const bytes = buildElf({ ...PROGRAM, sections: [{ name: '.text', type: SHT.PROGBITS, data: new Uint8Array(4) }] });
      const headers = Number(new DataView(bytes.buffer).getBigUint64(40, true));
      for (const broken of [patched(bytes, headers + 64, 0xffff_ffffn, 4), patched(bytes, headers + 2 * 64 + 32, 1n, 8)]) {
        expect(expectProgram(broken, 'section-names').debugInfo).toBeNull();
      }
    },
  },
  { id: 'E14', says: 'no section headers at all', proof: () => expect(expectProgram(buildElf(PROGRAM))).toMatchObject({ stripped: null, debugInfo: null }) },
  {
    id: 'E15',
    says: 'section headers that are there and say nothing true: the loader never reads them',
    proof: () => {
      const table = { type: SHT.DYNAMIC, offset: 0x7fff_ffff, size: 0xffff_ffffn, link: 77 };
      const binary = withinSync(2000, () => only(buildElf({ ...PROGRAM, sections: [{ name: '.dynamic', ...table }, { name: '.dynstr', type: SHT.STRTAB, offset: 3, size: 1 }, { name: '.symtab', type: SHT.SYMTAB, offset: 0x7fff_ffff_ffffn, size: 0xffff_ffff_ffffn, link: 1 }] }))); // prettier-ignore
      expect(binary).toMatchObject({ kind: 'executable', pie: true, interpreter: GLIBC, dependencies: [{ name: 'libc.so.6' }] });
    },
  },
  { id: 'E16', says: 'a dynamic segment whose place in the file is not that of its address', proof: [['elf.test.ts', 'takes PT_DYNAMIC by its address where its offset lies']] },
  { id: 'E17', says: 'a string table that no segment maps', proof: [['elf.test.ts', 'believes a section only where there are no program headers'], ['elf.test.ts', 'a string table outside the file']] },
  {
    id: 'E18',
    says: 'a string table that says it is larger than the file',
    proof: () => {
      for (const size of [0xffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn, 0x7fff_ffffn]) {
        const { kind, dependencies } = withinSync(2000, () => only(withDynamic(buildElf(PROGRAM), DT.STRSZ, size)));
        expect({ kind, dependencies }).toMatchObject({ kind: 'executable', dependencies: [{ name: 'libc.so.6' }] });
      }
    },
  },
  { id: 'E19', says: 'a dynamic section without an end', proof: [['elf.test.ts', 'no DT_NULL']] },
  {
    id: 'E20',
    says: 'a needed library whose name lies outside the string table',
    proof: () => {
      const binary = expectProgram(buildElf({ ...PROGRAM, dynamic: [...(PROGRAM.dynamic ?? []), [DT.NEEDED, 0xff_ffffn]] }), 'no-string');
      expect(binary.dependencies).toHaveLength(1); // a library without a name is told by the warning
    },
  },
  {
    id: 'E21',
    says: 'segments that overlap: of two that map an address the first counts',
    proof: () => {
      const plan = (second: number): ElfPlan => ({ ...PROGRAM, segments: [{ type: PT.LOAD, flags: 5, offset: 0, address: 0x40_0000n, fileSize: 0x160 }, { type: PT.LOAD, flags: 6, offset: second, address: 0x40_0000n, fileSize: 0x100 }] }); // prettier-ignore
      expect(only(buildElf(plan(0x40))).dependencies).toEqual(only(buildElf(plan(0))).dependencies);
      expect(codes(only(buildElf(plan(0x40))))).toContain('overlapping-load');
    },
  },
  { id: 'E22', says: 'a segment that leaves the file', proof: () => void expectProgram(buildElf({ ...PROGRAM, segments: [{ type: PT.LOAD, offset: 0, address: 0x40_0000n, fileSize: 0x1000_0000 }] }), 'segment-truncated') },
  {
    id: 'E23',
    says: 'offsets and sizes that no number holds, or that run over 64 bits',
    proof: () => {
      expect(only(buildElf({ ...PROGRAM, header: { phoff: 0xffff_ffff_ffff_ffffn } }))).toMatchObject({ kind: 'other', pie: null, linkage: null, warnings: [{ code: 'truncated' }] });
      expectProgram(buildElf({ ...PROGRAM, header: { shoff: 0xffff_ffff_ffff_fff0n, shnum: 3 } }), 'truncated');
      const overflowing = only(buildElf({ ...PROGRAM, segments: [{ type: PT.LOAD, offset: 0xffff_ffff_ffff_f000n, address: 0x90_0000n, fileSize: 0x2000 }] }));
      expect(codes(overflowing)).toContain('segment-truncated');
    },
  },
  {
    id: 'E24',
    says: 'an interpreter that is empty, endless, or said to be four gigabytes long',
    proof: () => {
      expect(only(buildElf({ interpreter: '' }))).toMatchObject({ interpreter: null, linkage: 'dynamic', warnings: [{ code: 'interpreter' }] });
      expect(only(buildElf({ segments: [{ type: PT.INTERP, offset: 64, fileSize: 0xffff_ffff }] })).interpreter?.length).toBeLessThan(4097);
      const endless = only(buildElf({ segments: [{ type: PT.INTERP, data: new Uint8Array(9000).fill(0x2f) }] }));
      expect(endless.interpreter?.length ?? 0).toBeLessThan(4097);
      expect(codes(endless).length).toBeGreaterThan(0);
    },
  },
  {
    id: 'E25',
    says: 'notes whose sizes run over, empty ones, and every alignment',
    proof: () => {
      const over = [[4, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0, 71, 78, 85, 0], [255, 255, 255, 255, 4, 0, 0, 0, 1, 0, 0, 0, 71, 78, 85, 0]]; // prettier-ignore
      for (const alignment of [0, 1, 2, 4, 8, 16]) {
        for (const data of over) expect(codes(only(buildElf({ segments: [{ type: PT.NOTE, data: Uint8Array.from(data), alignment }] })))).toEqual(['note-truncated']);
        for (const size of [0, 64]) expect(codes(only(buildElf({ segments: [{ type: PT.NOTE, data: new Uint8Array(size), alignment }] })))).toEqual([]);
      }
      const note = [4, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 88, 88, 88, 0];
      const many = withinSync(5000, () => only(buildElf({ segments: [{ type: PT.NOTE, data: Uint8Array.from({ length: 20_000 * note.length }, (_, i) => note[i % note.length] as number), alignment: 4 }] })));
      expect(codes(many)).toEqual(['limit-exceeded']);
    },
  },
  {
    id: 'E26',
    says: 'version tables that lie over themselves and have no end',
    proof: () => {
      const versions: ElfPlan['dynamic'] = [...(PROGRAM.dynamic ?? []), [DT.VERNEED, 0x40_0000n], [DT.VERNEEDNUM, 0xffff_ffffn]];
      expect(codes(withinSync(2000, () => only(buildElf({ ...PROGRAM, dynamic: versions }))))).toContain('version-table');
    },
  },
  {
    id: 'E27',
    says: 'symbol tables and hash chains of any size, without an end',
    proof: () => {
      const symbols = buildElf({ ...PROGRAM, sections: [{ name: '.symtab', type: SHT.SYMTAB, offset: 64, size: 0xffff_ffff_ffffn, link: 2 }, { name: '.strtab', type: SHT.STRTAB, offset: 0, size: 0xffff_ffffn }] }); // prettier-ignore
      expect(withinSync(3000, () => only(symbols))).toMatchObject({ kind: 'executable', stripped: false });
      const chain = padded(Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0), 8192).fill(2, 16);
      const hashed = buildElf({ ...PROGRAM, dynamic: [...(PROGRAM.dynamic ?? []), [DT.GNU_HASH, 0x40_0400n], [DT.SYMTAB, 0x40_0400n]], segments: [{ type: PT.NULL, data: chain }] });
      expect(withinSync(3000, () => only(hashed))).toMatchObject({ kind: 'executable', pie: true });
    },
  },
  {
    id: 'E28',
    says: 'a file type that nobody listed',
    proof: () => {
      for (const type of [27, 52, 65_282]) expect(only(buildElf({ type }))).toMatchObject({ kind: 'other', pie: null, linkage: null, elf: { type, typeName: null } });
    },
  },
  {
    id: 'E29',
    says: 'a machine that nobody listed, and those that few know',
    proof: () => {
      expect(only(buildElf({ machine: 0xfffe }))).toMatchObject({ machine: { value: 0xfffe, name: null }, platform: { arch: null } });
      expect(only(buildElf({ machine: 6, wide: false })).machine).toEqual({ value: 6, name: 'EM_IAMCU' });
      expect(only(buildElf({ machine: 263 })).machine.value).toBe(263);
    },
  },
  { id: 'E30', says: 'debug symbols in a file of their own: no program, whatever its type says', proof: () => expect(only(fixtureBytes('elf-x86_64-debug'))).toMatchObject({ kind: 'debug-symbols', pie: null, linkage: null }) },
  {
    id: 'E31',
    says: 'a program packed by UPX: what is inside is not to be seen',
    proof: () => {
      const bytes = buildElf({ segments: [{ type: PT.LOAD, flags: 5, offset: 0, address: 0x40_0000n, fileSize: 0x200 }, { type: PT.LOAD, flags: 6, offset: 0, address: 0x60_0000n, fileSize: 0 }] }); // prettier-ignore
      const packed = padded(bytes, 0x400);
      packed.set(Buffer.from('\0\0\0\0UPX!'), 64 + 2 * 56);
      expect(only(packed)).toMatchObject({ packer: 'UPX', linkage: null, stripped: null, debugInfo: null, go: null, platform: { libc: null } });
    },
  },
  {
    id: 'E32',
    says: 'a program called .jpg, and one within another file: by its content, which begins at 0',
    proof: () => {
      const folder = mkdtempSync(join(tmpdir(), 'binspect-catalogue-'));
      try {
        writeFileSync(join(folder, 'holiday.jpg'), buildElf(PROGRAM));
        expect(inspectSync(join(folder, 'holiday.jpg')).binaries[0]?.kind).toBe('executable');
      } finally {
        rmSync(folder, { recursive: true });
      }
      expect(failure(Buffer.concat([Buffer.from('junk'), buildElf(PROGRAM)])).code).toBe('unrecognized');
    },
  },
  {
    id: 'E33',
    says: 'machines of one byte order in files of the other',
    proof: () => {
      expect(only(buildElf({ little: false, machine: EM.AARCH64 }))).toMatchObject({ endianness: 'big', platform: { arch: 'arm64be' } });
      expect(only(buildElf({ little: false, wide: false, machine: EM.ARM }))).toMatchObject({ endianness: 'big', platform: { arch: 'armbe' } });
      expect(only(fixtureBytes('elf-aarch64_be-object'))).toMatchObject({ endianness: 'big', kind: 'relocatable' });
    },
  },
  {
    id: 'E34',
    says: 'files that a fuzzer has changed until another reader crashed',
    proof: () => {
      for (const [seed, name] of ['elf-x86_64-pie', 'elf-mips', 'elf-x86_64-core', 'elf-powerpc64'].entries()) expectNoCrash(fixtureBytes(name), seed + 1);
    },
  },
  {
    id: 'E35',
    says: 'compressed debug information: it is there, and nobody unpacks it, whatever size it says it has',
    proof: () => {
      const bomb = [...Buffer.from('ZLIB'), 255, 255, 255, 255, 255, 255, 255, 255];
      expect(expectProgram(buildElf({ ...PROGRAM, sections: [{ name: '.zdebug_info', type: SHT.PROGBITS, data: Uint8Array.from(bomb) }] })).debugInfo).toBe(true);
      expect(expectProgram(buildElf({ ...PROGRAM, sections: [{ name: '.debug_info', type: SHT.PROGBITS, flags: COMPRESSED, data: new Uint8Array(24).fill(255) }] })).debugInfo).toBe(true);
    },
  },
  {
    id: 'E36',
    says: 'an AppImage: its mark stands in bytes that the format does not use, its payload behind the program',
    proof: () => {
      const bytes = padded(buildElf(PROGRAM), buildElf(PROGRAM).length + 100);
      bytes.set([0x41, 0x49, 2], 8);
      bytes.set(Buffer.from('hsqs'), bytes.length - 100);
      expect(expectProgram(bytes).overlay).toMatchObject({ offset: bytes.length - 100, size: 100 });
    },
  },
];

const MACHO_TEST = 'macho.test.ts';
const FAT_TEST = 'macho-universal.test.ts';
const MACOS = numbers(LC.BUILD_VERSION, PLATFORM.MACOS, 0x000b_0000, 0, 0);
const signed = (directory: Uint8Array): Uint8Array => buildMachO({ commands: [MACOS], data: [{ type: LC.CODE_SIGNATURE, bytes: codeSignature({ blobs: [[CS_SLOT.CODE_DIRECTORY, directory]] }) }] });

const MACHO: readonly Entry[] = [
  { id: 'M1', says: 'a magic, and less than a header', proof: [[MACHO_TEST, 'M1: throws where there is no header']] },
  { id: 'M2', says: 'a universal header without its entries', proof: [[FAT_TEST, 'M2: throws where the table is cut']] },
  { id: 'M3', says: 'a Java class, which begins like a universal file', proof: [[FAT_TEST, 'M3: knows a Java class']] },
  { id: 'M4', says: 'a beginning that is neither a universal file nor a class', proof: [[FAT_TEST, 'M4: is neither of the two']] },
  { id: 'M5', says: 'two thousand million slices', proof: [[FAT_TEST, 'M5: reads the slices that are there']] },
  { id: 'M6', says: 'a universal table of 64 bits, which no kernel reads', proof: [[FAT_TEST, 'M6: warns of a program']] },
  { id: 'M7', says: 'a universal file within a universal file', proof: [[FAT_TEST, 'M7: a universal file']] },
  { id: 'M8', says: 'slices over one another, over the table, or for one machine', proof: [[FAT_TEST, 'M8: warns of slices that overlap']] },
  { id: 'M9', says: 'a slice outside the file', proof: [[FAT_TEST, 'M9: reports the other slices']] },
  { id: 'M10', says: 'a slice that is an archive', proof: [[FAT_TEST, 'M10: tells %s by the table']] },
  { id: 'M11', says: 'a table that names another machine than the slice', proof: [[FAT_TEST, "M11: believes the slice\\'s own header"]] },
  { id: 'M12', says: 'a size of the commands that is not theirs', proof: [[MACHO_TEST, 'M12: goes by the bytes that are there']] },
  { id: 'M13', says: 'more commands than there is room for', proof: [[MACHO_TEST, 'M13: allocates nothing by ncmds']] },
  { id: 'M14', says: 'a command that is shorter than its own size field', proof: [[MACHO_TEST, 'M14: stops at a command of %i bytes']] },
  { id: 'M15', says: 'a command that leaves the others', proof: [[MACHO_TEST, 'M15: stops at a command that leaves the others']] },
  { id: 'M16', says: 'a command of odd size', proof: [[MACHO_TEST, 'M16: goes on behind a command of odd size']] },
  { id: 'M17', says: 'a command that is shorter than what it is', proof: [[MACHO_TEST, 'M17: leaves out %s where it is too short']] },
  { id: 'M18', says: 'more sections than their command has room for', proof: [[MACHO_TEST, 'M18: reads the sections that fit']] },
  { id: 'M19', says: 'a segment outside the file', proof: [[MACHO_TEST, 'M19: reads on where a segment leaves the file']] },
  { id: 'M20', says: 'a name that begins outside its command, or does not end in it', proof: [[MACHO_TEST, 'M20: leaves out a library'], [MACHO_TEST, 'M20: cuts a name without a NUL']] },
  { id: 'M21', says: 'a name that is no UTF-8', proof: [[MACHO_TEST, 'M21: keeps the bytes']] },
  { id: 'M22', says: 'commands that nobody listed', proof: [[MACHO_TEST, 'M22: passes over unknown commands']] },
  { id: 'M23', says: 'a signature that lies outside, or is none', proof: [['macho-signature.test.ts', 'M23: outside the file'], ['macho-signature.test.ts', 'M23: with another magic']] },
  {
    id: 'M24',
    says: 'a signature whose digests are not those of the pages: it is there, and nothing here says that it holds',
    proof: () => {
      const bytes = signed(codeDirectory({})); // its one digest is that of nothing
      const { signature, warnings } = only(bytes);
      expect(signature).toMatchObject({ kind: 'adhoc', identifier: 'program' });
      expect(Object.keys(signature ?? {}).sort()).toEqual(['cdHash', 'flags', 'identifier', 'kind', 'offset', 'size', 'teamId']);
      expect(warnings).toEqual([]);
    },
  },
  {
    id: 'M25',
    says: 'two thousand million code slots',
    proof: () => {
      for (const count of [0x7fff_ffff, 0xffff_ffff]) {
        const directory = codeDirectory({});
        new DataView(directory.buffer).setUint32(28, count);
        const { signature } = withinSync(2000, () => only(signed(directory)));
        expect(signature).toMatchObject({ identifier: 'program', cdHash: createHash('sha256').update(directory).digest('hex').slice(0, 40) });
      }
    },
  },
  { id: 'M26', says: 'tries and bind opcodes that lead nowhere, or round in circles', proof: [[MACHO_TEST, 'M26: takes nothing from tries']] },
  { id: 'M27', says: 'a processor that nobody listed', proof: [[MACHO_TEST, 'M27: keeps numbers without a name']] },
  { id: 'M28', says: 'programs for Apple silicon that its kernel refuses', proof: [[MACHO_TEST, 'M28: says what the kernel refuses']] },
  {
    id: 'M29',
    says: 'a cache of libraries, and a collection of kernel extensions',
    proof: async () => {
      expectProven(MACHO_TEST, 'M29: reads a kernel collection as it stands');
      const cache = padded(new TextEncoder().encode('dyld_v1  arm64e\0'), 4096);
      await expect(inspect(cache)).rejects.toMatchObject({ code: 'unsupported', detected: 'dyld-cache' });
    },
  },
  { id: 'M30', says: 'cores, debug symbols, objects, kernel extensions', proof: [[MACHO_TEST, 'M30: reads a core whose segments are not all there']] },
];

const PE_TEST = 'pe-hostile.test.ts';
const IDENTITY_TEST = 'pe-identity.test.ts';

const PE: readonly Entry[] = [
  { id: 'P1', says: 'a DOS program', proof: [[PE_TEST, 'P1, P2, P3: are named, not read']] },
  { id: 'P2', says: 'a DOS program that begins with ZM', proof: [[PE_TEST, 'P1, P2, P3: are named, not read']] },
  { id: 'P3', says: 'the formats of Windows 3 and OS/2', proof: [[PE_TEST, 'P1, P2, P3: are named, not read']] },
  { id: 'P4', says: 'a PE header at 0, over the DOS header, or outside the file', proof: [[PE_TEST, 'P4: a PE header over the DOS header']] },
  { id: 'P5', says: 'a PE header at the end', proof: [[PE_TEST, 'P5: a PE header behind everything else']] },
  { id: 'P6', says: 'headers that go on behind the end: the loader sees zeros there', proof: [[PE_TEST, 'P6: a file that ends within the optional header'], [PE_TEST, 'P6: a file that ends within the data directories']] },
  { id: 'P7', says: 'no sections', proof: [[PE_TEST, 'P7: no sections']] },
  { id: 'P8', says: '65,535 sections, there or not', proof: [[PE_TEST, 'P8: 65,535 section headers'], [PE_TEST, 'P8: 65,535 sections claimed']] },
  { id: 'P9', says: 'an optional header of any size', proof: [[PE_TEST, 'P9: SizeOfOptionalHeader %i'], [PE_TEST, 'P9: a section table within the data directories']] },
  { id: 'P10', says: 'any number of data directories', proof: [[PE_TEST, 'P10: NumberOfRvaAndSizes %i']] },
  { id: 'P11', says: 'an alignment so small that the file is mapped as it lies', proof: [[PE_TEST, 'P11: SectionAlignment']] },
  { id: 'P12', says: 'a section over the headers', proof: [[PE_TEST, 'P12: a section over the headers']] },
  { id: 'P13', says: 'raw data that begins within a sector', proof: [[PE_TEST, 'P13: raw data begins at a whole sector']] },
  { id: 'P14', says: 'sections of no size, and of more than the file has', proof: [[PE_TEST, 'P14: VirtualSize 0'], [PE_TEST, 'P14: no raw data'], [PE_TEST, 'P14: a raw size past the end']] },
  { id: 'P15', says: 'an import table that begins or ends in memory that no file fills', proof: [[PE_TEST, 'P15: a descriptor that begins in the zeros'], [PE_TEST, 'P15: a table that ends in the zeros']] },
  { id: 'P16', says: 'an import table that ends in half a terminator', proof: [[PE_TEST, 'P16: ends at a descriptor']] },
  { id: 'P17', says: 'an import table without an end', proof: [[PE_TEST, 'P17: a table without an end']] },
  { id: 'P18', says: 'imports without a lookup table', proof: [[PE_TEST, 'P18: names need no lookup table']] },
  { id: 'P19', says: 'an address table of nonsense', proof: [[PE_TEST, 'P19: what stands in the address table']] },
  { id: 'P20', says: 'a name that is nowhere in memory', proof: [[PE_TEST, 'P20: a name that is not mapped'], [PE_TEST, 'P20: a name in the headers']] },
  { id: 'P21', says: 'a library of which nothing is asked', proof: [[PE_TEST, 'P21: a DLL of which nothing is asked']] },
  { id: 'P22', says: 'an import table that is overwritten as it is loaded', proof: [[PE_TEST, 'P22: an index of thread-local storage']] },
  { id: 'P23', says: 'delay imports that are none', proof: [[PE_TEST, 'P23: delay imports that are nothing']] },
  { id: 'P24', says: 'four thousand million exports', proof: [[PE_TEST, 'P24: exports that claim']] },
  { id: 'P25', says: 'a tree of resources that leads back to its root', proof: [[IDENTITY_TEST, 'P25: one that leads back to its root'], [IDENTITY_TEST, 'directories that all name one another end']] },
  { id: 'P26', says: 'relocations of any size', proof: [[PE_TEST, 'P26: directory %i is not read']] },
  { id: 'P27', says: 'debug entries in either of two places, and more than there can be', proof: [[PE_TEST, 'P27: debug entries by RVA']] },
  { id: 'P28', says: 'a load configuration that is shorter than it says', proof: [[PE_TEST, 'P28: a load configuration']] },
  { id: 'P29', says: 'certificates outside the file, or within the image', proof: [[IDENTITY_TEST, 'P29: a table past the end of the file'], [IDENTITY_TEST, 'P29: an RVA']] },
  {
    id: 'P30',
    says: 'bytes behind the certificates, which no signature covers',
    proof: () => {
      expectProven(IDENTITY_TEST, 'does not count the certificate table, but what lies before or behind it');
      const bytes = fixtureBytes('pe-signed.exe');
      const longer = only(Buffer.concat([bytes, Buffer.from('appended')]));
      expect(codes(longer)).toContain('appended-after-signature');
      expect(codes(only(bytes))).not.toContain('appended-after-signature');
    },
  },
  { id: 'P31', says: 'a machine that nobody listed', proof: [[PE_TEST, 'P31: machine']] },
  { id: 'P32', says: 'an optional header that is none', proof: [[PE_TEST, 'P32: Magic']] },
  { id: 'P33', says: 'an entry point anywhere, and a subsystem that nobody listed', proof: [[PE_TEST, 'P33: an entry point anywhere']] },
  { id: 'P34', says: 'a library called .exe, a program called .dll', proof: [[PE_TEST, 'P34: what it is follows from flags']] },
  { id: 'P35', says: '.NET that is none, and .NET without a header', proof: [[PE_TEST, 'P35: .NET headers that are none']] },
  { id: 'P36', says: 'section names in a string table without an end', proof: [[PE_TEST, 'P36: long names without an end']] },
  { id: 'P37', says: 'an image base of 0, or in the kernel', proof: [[PE_TEST, 'P37: ImageBase']] },
  { id: 'P38', says: "a forged mark of Microsoft's linker", proof: [[PE_TEST, "P38: a mark of Microsoft\\'s linker"]] },
  { id: 'P39', says: 'firmware, and its terse images', proof: [[PE_TEST, 'P39: EFI images']] },
];

const WHOLE = { elf: buildElf(PROGRAM), 'mach-o': buildMachO({ commands: [MACOS] }), pe: buildPe({ imports: [{ name: 'KERNEL32.dll' }] }) } as const;

/** What other libraries for Node answer wrongly, never, or with gigabytes. */
const ELSEWHERE: readonly Entry[] = [
  {
    id: 'N1',
    says: 'an empty file, one byte, random bytes: an error with a code, and none of the bytes in its message but as numbers',
    proof: () => {
      expect(failure(new Uint8Array(0))).toMatchObject({ code: 'unrecognized', message: 'the file is empty' });
      expect(failure(Uint8Array.of(0x1b))).toMatchObject({ code: 'unrecognized' });
      const next = random(5);
      for (let i = 0; i < 200; i++) {
        const error = failure(Uint8Array.from({ length: 2 + Math.floor(next() * 300) }, () => 0x80 + Math.floor(next() * 0x40)));
        expect(error.message).toMatch(/^[ -~]*$/);
      }
    },
  },
  {
    id: 'N2',
    says: 'a magic alone: no facts, least of all false ones',
    proof: () => {
      for (const bytes of Object.values(WHOLE)) for (const size of [4, 8, 16]) expect(['truncated', 'unsupported', 'malformed']).toContain(failure(bytes.subarray(0, size)).code);
    },
  },
  {
    id: 'N3',
    says: 'a header and nothing behind it, a thousand bytes, half a file: what is missing is unknown, and that is said',
    proof: () => {
      for (const name of ['elf-x86_64-pie', 'macho-x86_64-pie', 'pe-x86_64.exe', 'elf-armv7', 'macho-arm64-pie']) {
        const bytes = fixtureBytes(name);
        for (const size of [64, 512, 1000, Math.floor(bytes.length / 2)]) {
          let binary: Binary;
          try {
            binary = only(bytes.subarray(0, size));
          } catch (error) {
            expect(error).toBeInstanceOf(BinspectError);
            continue;
          }
          expect(binary.warnings.length, `${size} bytes of ${name}`).toBeGreaterThan(0);
        }
      }
    },
  },
  {
    id: 'N4',
    says: 'every count in a header at its most: no hang, no memory',
    proof: () => {
      const before = process.memoryUsage().rss;
      withinSync(3000, () => {
        only(buildElf({ ...PROGRAM, header: { phnum: 0xfffe, shnum: 0xffff, shoff: 64 } }));
        only(buildMachO({ commands: [MACOS], header: { ncmds: 0xffff_ffff, sizeofcmds: 0xffff_ffff } }));
        only(buildPe({ sectionCount: 0xffff, directoryCount: 0xffff_ffff, symbolCount: 0xffff_ffff, symbolsOffset: 0x200 }));
      });
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    },
  },
  {
    id: 'N5',
    says: 'a universal file that is cut: not the same with fewer slices',
    proof: () => {
      const bytes = buildFat({ slices: [{ cpuType: 0x0100_0007, bytes: WHOLE['mach-o'] }, { cpuType: 0x0100_000c, bytes: WHOLE['mach-o'] }] });
      for (const size of [12, 40, bytes.length - WHOLE['mach-o'].length, bytes.length - 1]) {
        let inspection;
        try {
          inspection = inspectSync(bytes.subarray(0, size));
        } catch (error) {
          expect(error).toMatchObject({ code: 'truncated' });
          continue;
        }
        expect([...inspection.warnings, ...inspection.binaries.flatMap(({ warnings }) => warnings)].map(({ code }) => code).join(' ')).toMatch(/truncated/);
      }
    },
  },
  { id: 'N6', says: 'a Java class: named, and no Mach-O file', proof: () => expect(failure(fixtureBytes('error-java.class'))).toMatchObject({ code: 'unsupported', detected: 'java-class' }) },
  {
    id: 'N7',
    says: 'a file of three gigabytes: as quick as a small one, hashed without being held',
    proof: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'binspect-catalogue-'));
      const path = join(folder, 'large');
      try {
        const descriptor = openSync(path, 'w');
        writeSync(descriptor, WHOLE.elf);
        closeSync(descriptor);
        truncateSync(path, 3 * 1024 ** 3); // a hole: no disk is used
        const before = process.memoryUsage().rss;
        const inspection = withinSync(1000, () => inspectSync(path));
        expect(inspection).toMatchObject({ size: 3 * 1024 ** 3, binaries: [{ kind: 'executable', overlay: { offset: WHOLE.elf.length } }] });
        expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
        truncateSync(path, 256 * 1024 ** 2);
        const small = process.memoryUsage().rss;
        await hash(path);
        expect(process.memoryUsage().rss - small).toBeLessThan(64 * 1024 * 1024);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
  {
    id: 'N8',
    says: 'some kilobytes that a fuzzer has changed: milliseconds',
    proof: () => {
      for (const [seed, name] of ['macho-universal', 'macho-arm64-hardened', 'pe-version.exe', 'pe-signed.exe', 'elf-x86_64-runnable-library'].entries()) expectNoCrash(fixtureBytes(name), 100 + seed);
    },
  },
  {
    id: 'N9',
    says: 'a file that is not there, and a folder: other codes than for a file that is no binary',
    proof: async () => {
      await expect(inspect(join(tmpdir(), 'binspect-no-such-file'))).rejects.toMatchObject({ code: 'io', cause: { code: 'ENOENT' } });
      await expect(inspect(tmpdir())).rejects.toMatchObject({ code: 'io', cause: { code: 'EISDIR' } });
    },
  },
  {
    id: 'N10',
    says: 'bytes in memory are the same after they were read',
    proof: () => {
      for (const bytes of Object.values(WHOLE)) {
        const copy = bytes.slice();
        only(bytes);
        expect(Buffer.compare(bytes, copy)).toBe(0);
      }
    },
  },
];

const CATALOGUE: readonly Entry[] = [...ELF, ...MACHO, ...PE, ...ELSEWHERE];

/** How many entries the catalogue has of each sort. */
const COUNTS = { E: 36, M: 30, P: 39, N: 10 } as const;

const texts = new Map<string, string>();

/** That a test has a title that begins so, and is neither skipped nor to be written. */
function expectProven(file: string, title: string): void {
  const text = texts.get(file) ?? readFileSync(join('test', file), 'utf8');
  texts.set(file, text);
  const lines = text.split('\n').filter((line) => line.includes(`'${title}`));
  expect(lines.length, `${file} has a test '${title}…'`).toBeGreaterThan(0);
  for (const line of lines) expect(line).not.toMatch(/\b(skip|todo|fails|runIf|skipIf)\b|^\s*\/\//);
  expect(text, `all tests of ${file} are run`).not.toMatch(/\b(describe|it)\.(only|skip)\b/);
}

describe('the catalogue', () => {
  it('has every entry once', () => {
    const ids = Object.entries(COUNTS).flatMap(([letter, count]) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`));
    expect(CATALOGUE.map(({ id }) => id)).toEqual(ids);
    for (const { says, proof } of CATALOGUE) {
      expect(says.length).toBeGreaterThan(10);
      expect(typeof proof === 'function' || proof.length > 0).toBe(true);
    }
  });

  it.each(CATALOGUE.map(({ id, says, proof }) => [id, says, proof] as const))('%s: %s', async (_, __, proof) => {
    if (typeof proof === 'function') await proof();
    else for (const [file, title] of proof) expectProven(file, title);
  });
});
