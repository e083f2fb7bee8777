// PE files that no linker writes: what loaders make of them, and what must not be made of them.

import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { BinspectError } from '../src/errors.ts';
import { LIMITS } from '../src/limits.ts';
import type { PeBinary } from '../src/model/binary.ts';
import type { Hardening } from '../src/model/hardening.ts';
import { COMIMAGE, DEBUG_TYPE, DIRECTORY, FILE, MACHINE, SUBSYSTEM } from '../src/pe/constants.ts';
import { mzVerdict } from '../src/pe/dos.ts';
import { readPe } from '../src/pe/facts/binary.ts';
import { recognise } from '../src/inspect/recognise.ts';
import { buildPe, bytesOf, rsds, text, versionBlock, words } from './build/pe.ts';
import type { PePlan, SectionPlan } from './build/pe.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';
import { random } from './random.ts';

const readRaw = (bytes: Uint8Array): PeBinary => readBytes(bytes, (input) => readPe(input, 'all'), LIMITS);
const read = (plan: PePlan): PeBinary => readRaw(buildPe(plan));
const names = ({ dependencies }: PeBinary): string[] => dependencies.map(({ name }) => name);
const codes = ({ warnings }: PeBinary): string[] => warnings.map(({ code }) => code);
const named = (...modules: string[]): { name: string }[] => modules.map((name) => ({ name }));
const failure = (bytes: Uint8Array): unknown => {
  try {
    return readRaw(bytes);
  } catch (error) {
    return error;
  }
};

/** The same bytes with others written over them. */
function patched(bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
}

/** Where the section header of the content lies in a PE32+ file with all directories, and fields of it. */
const SECTION = 0x80 + 24 + 240;
const VIRTUAL_SIZE = SECTION + 8;
const RAW_SIZE = SECTION + 16;
const RAW_OFFSET = SECTION + 20;

describe('headers in odd places', () => {
  it('P4: a PE header over the DOS header, at 4', () => {
    // e_lfanew and SectionAlignment are then the same four bytes.
    const binary = read({ headerOffset: 4, sectionAlignment: 4, content: { address: 0x200, offset: 0x200 }, headersSize: 0x200, imports: named('a.dll') });
    expect(names(binary)).toEqual(['a.dll']);
    expect(binary).toMatchObject({ kind: 'executable', warnings: [] });
  });

  it('P5: a PE header behind everything else', () => {
    const binary = read({ headerOffset: 0x3000, headersSize: 0x200, content: { address: 0x1000, offset: 0x400 }, imports: named('a.dll') });
    expect(names(binary)).toEqual(['a.dll']);
  });

  it('P6: a file that ends within the optional header', () => {
    const whole = buildPe({ wide: false, headerOffset: 4, sectionAlignment: 4, directoryCount: 0, entry: 0x60 });
    const binary = readRaw(whole.subarray(0, 97));
    expect(binary).toMatchObject({ bits: 32, machine: { value: 0x14c }, kind: 'executable', pie: null, linkage: null, debugInfo: null, entryPoint: 0x40_0060n, dependencies: [] });
    expect(binary.platform).toMatchObject({ os: 'windows', arch: '386' });
    expect(codes(binary)).toEqual(['headers-past-eof']);
    const least = readRaw(whole.subarray(0, 61)); // e_lfanew's first byte is the last
    expect(least).toMatchObject({ bits: 32, kind: 'other', entryPoint: 0x40_0060n, pie: null, linkage: null, platform: { os: null, arch: '386' } });
    expect(failure(whole.subarray(0, 60))).toMatchObject({ code: 'truncated' });
  });

  it('P6: a file that ends within the data directories or the section table', () => {
    const whole = buildPe({ imports: named('a.dll'), debug: [{ type: DEBUG_TYPE.CODEVIEW, data: rsds(new Array<number>(16).fill(1), 1, 'a.pdb') }] });
    const few = readRaw(whole.subarray(0, 0x80 + 24 + 112 + 20));
    expect(few).toMatchObject({ kind: 'executable', pie: true, linkage: null, debugInfo: null, buildId: null, platform: { os: 'windows' } });
    expect(codes(few)).toContain('headers-past-eof');
    const noSections = readRaw(whole.subarray(0, SECTION + 39));
    expect(noSections).toMatchObject({ linkage: null, debugInfo: null, pe: { sections: 0 } });
    expect(codes(noSections)).toContain('truncated');
  });

  it('P7: no sections: the file is mapped as it lies', () => {
    const plain = buildPe({ imports: named('a.dll'), content: { address: 0x400, offset: 0x400 }, headersSize: 0x1000 });
    const binary = readRaw(patched(plain, 0x86, 0, 0));
    expect(names(binary)).toEqual(['a.dll']);
    expect(binary.pe.sections).toBe(0);
  });

  it.each([0, 112 + 16, 0xfff0])('P9: SizeOfOptionalHeader %i only tells where the section table is', (optionalHeaderSize) => {
    const flat = { sectionAlignment: 0x200, content: { address: 0x1_0400, offset: 0x1_0400 } };
    const plain = buildPe({ ...flat, imports: named('a.dll') });
    const imports = plain.slice(0x80 + 24 + 112 + 8, 0x80 + 24 + 112 + 16);
    const binary = readRaw(patched(patched(plain, 0x80 + 20, ...bytesOf(optionalHeaderSize, 2)), 0x80 + 24 + 112 + 8, ...imports));
    expect(names(binary)).toEqual(['a.dll']);
  });

  it('P9: a section table within the data directories', () => {
    const binary = read({ optionalHeaderSize: 112 + 16, imports: named('a.dll') });
    expect(names(binary)).toEqual(['a.dll']);
    expect(binary.pe.sections).toBe(1);
  });

  it.each<[number, string[], string[]]>([
    [0, [], []],
    [1, [], []],
    [2, ['a.dll'], []],
    [16, ['a.dll', 'b.dll'], []],
    [17, ['a.dll', 'b.dll'], ['directory-count']],
    [0xffff_ffff, ['a.dll', 'b.dll'], ['directory-count']],
  ])('P10: NumberOfRvaAndSizes %i', (directoryCount, dependencies, warnings) => {
    const binary = read({ directoryCount, imports: named('a.dll'), delayImports: named('b.dll') });
    expect(names(binary)).toEqual(dependencies);
    expect(codes(binary)).toEqual(warnings);
    expect(binary.linkage).toBe(dependencies.length === 0 ? 'static' : 'dynamic');
  });

  it('P12: a section over the headers: the directories are what the loader sees', () => {
    const plan: PePlan = { imports: named('true.dll') };
    const shadow: SectionPlan = { address: 0, data: buildPe(plan).subarray(0, 0x200), virtualSize: 0x1000 };
    const folded = { ...plan, sections: [shadow], directories: { [DIRECTORY.IMPORT]: [0x5000, 40] as const } };
    const binary = read(folded);
    expect(names(binary)).toEqual(['true.dll']);
    expect(codes(binary)).toEqual(['headers-shadowed']);
  });

  it.each([0x64, 0xffff])('P31: machine 0x%x', (machine) => {
    expect(read({ machine, imports: named('a.dll') })).toMatchObject({ machine: { value: machine, name: null }, platform: { arch: null }, linkage: 'dynamic' });
  });

  it.each<[number, number, 32 | 64]>([
    [0x107, MACHINE.I386, 32],
    [0, MACHINE.AMD64, 64],
    [0xffff, MACHINE.R4000, 32],
  ])('P32: Magic 0x%x leaves the COFF header', (magic, machine, bits) => {
    const binary = read({ wide: bits === 64, magic, machine, imports: named('a.dll'), characteristics: FILE.EXECUTABLE_IMAGE | FILE.DLL });
    expect(binary).toMatchObject({ bits, machine: { value: machine }, kind: 'other', dependencies: [], entryPoint: null, debugInfo: null, pe: { magic, characteristics: 0x2002 } });
    expect(binary.platform.os).toBeNull();
    expect(codes(binary)).toEqual(['bad-optional-magic']);
    expect(read({ magic: 0x107 })).toMatchObject({ kind: 'other', pie: null, linkage: null });
  });

  it('P33: an entry point anywhere, and a subsystem that nobody listed', () => {
    const binary = read({ entry: 0x3141_5926, subsystem: 0x1234, characteristics: FILE.EXECUTABLE_IMAGE | FILE.DLL });
    expect(binary).toMatchObject({ entryPoint: 0x1_7141_5926n, kind: 'shared-library', pe: { subsystem: 0x1234, subsystemName: null } });
  });

  it('P34: what it is follows from flags, and from no name', () => {
    expect(read({ exportName: 'x.dll' })).toMatchObject({ kind: 'executable', libraryName: 'x.dll' });
    expect(read({ subsystem: SUBSYSTEM.NATIVE, exportName: 'x.exe' }).kind).toBe('driver');
  });

  it.each([0n, 0xffff_ffff_8000_0000n, 0x7fff_0000n])('P37: ImageBase 0x%x', (imageBase) => {
    const binary = read({ imageBase, entry: 0x1234, imports: named('a.dll') });
    expect(binary.entryPoint).toBe(imageBase + 0x1234n);
    expect(names(binary)).toEqual(['a.dll']);
  });
});

describe('other programs that begin with MZ, and what begins otherwise', () => {
  it('P1, P2, P3: are named, not read', () => {
    const behind = (signature: string): string => readBytes(patched(buildPe(), 0x80, ...text(signature)), mzVerdict, LIMITS);
    expect([behind('\0\0'), behind('NE'), behind('LE'), behind('LX')]).toEqual(['dos-executable', 'ne-executable', 'le-executable', 'lx-executable']);
    expect(readBytes(buildPe({ dosMagic: 0x4d5a }), mzVerdict, LIMITS)).toBe('dos-executable');
    expect(failure(patched(buildPe(), 0x80, 0x4e, 0x45))).toMatchObject({ code: 'malformed', offset: 0x80 });
  });

  it.each<[string, number, Partial<BinspectError>]>([
    ['of two bytes', 2, { code: 'truncated', message: 'DOS header: 64 bytes wanted at 0x0, the file ends at 0x2', offset: 0 }],
    ['cut within the DOS header', 0x3f, { code: 'truncated' }],
    ['cut before the PE header', 0x80, { code: 'truncated', message: 'PE header: e_lfanew is 0x80, the file ends at 0x80', offset: 0x80 }],
    ['cut within the COFF header', 0x97, { code: 'truncated', message: 'PE header: 24 bytes wanted at 0x80, the file ends at 0x97' }],
    ['cut before Magic', 0x99, { code: 'truncated', message: 'optional header: 2 bytes wanted at 0x98, the file ends at 0x99' }],
  ])('a file %s is an error', (_, size, error) => {
    const failed = failure(buildPe().subarray(0, size));
    expect(failed).toBeInstanceOf(BinspectError);
    expect(failed).toMatchObject(error);
  });

  it('P39: EFI images of other machines, and terse ones', () => {
    for (const [machine, arch] of [[MACHINE.RISCV64, 'riscv64'], [MACHINE.LOONGARCH64, 'loong64'], [MACHINE.EBC, 'ebc']] as const) {
      expect(read({ machine, subsystem: SUBSYSTEM.EFI_APPLICATION })).toMatchObject({ platform: { os: 'uefi', arch }, kind: 'executable', linkage: 'static' });
    }
    expect(readBytes(Uint8Array.from(text('VZ')), recognise, LIMITS)?.detected).toBe('te-image');
  });
});

describe('sections and memory', () => {
  it('P8: 65,535 section headers', () => {
    const sections = Array.from({ length: 65_534 }, (_, i): SectionPlan => ({ name: '.s', address: 0x1_0000 + i * 0x1000, virtualSize: 0x1000 }));
    const binary = read({ sections, imports: named('a.dll') });
    expect(binary.pe.sections).toBe(65_535);
    expect(names(binary)).toEqual(['a.dll']);
  });

  it('P8: 65,535 section headers that lie over one another', () => {
    const sections = Array.from({ length: 65_534 }, (_, i): SectionPlan => {
      return i < 32_000 ? { name: '.s', address: 0x1_0000 + i * 0x2000, virtualSize: 0x1000 } : { name: '.s', address: 0x8000, virtualSize: 0xf000_0000 };
    });
    expect(names(read({ sections, imports: named('a.dll') }))).toEqual(['a.dll']);
  });

  it('P8: 65,535 sections claimed, few there', () => {
    const binary = read({ sectionCount: 0xffff, imports: named('a.dll') });
    expect(codes(binary)).toContain('truncated');
    expect(binary.linkage).toBe('dynamic');
    expect(read({ sectionCount: 0xffff }).linkage).toBeNull();
  });

  it.each([0x200, 0x10, 1, 0])('P11: SectionAlignment 0x%x maps the file as it lies', (sectionAlignment) => {
    const plan: PePlan = { sectionAlignment, content: { address: 0x400, offset: 0x400 }, imports: named('a.dll') };
    expect(names(read(plan))).toEqual(['a.dll']);
    const elsewhere = patched(buildPe(plan), SECTION + 12, ...words(0x9000)); // VirtualAddress counts for nothing then
    expect(names(readRaw(elsewhere))).toEqual(['a.dll']);
  });

  it('firmware maps sections one by one, however they are aligned', () => {
    const plan: PePlan = { sectionAlignment: 0x20, subsystem: SUBSYSTEM.EFI_APPLICATION, content: { address: 0x1000, offset: 0x420 }, exportName: 'a.efi' };
    expect(read(plan).libraryName).toBe('a.efi');
    const zeros: SectionPlan = { address: 0x800, virtualSize: 0x801 }; // its last byte lies over the next section, the rest of its page does not
    expect(read({ ...plan, sections: [zeros] }).libraryName).toBe('a.efi');
  });

  it('P13: raw data begins at a whole sector', () => {
    const plain = buildPe({ imports: named('a.dll'), content: { address: 0x1000, offset: 0x400 } });
    for (const offset of [0x401, 0x410, 0x5ff]) expect(names(readRaw(patched(plain, RAW_OFFSET, ...words(offset))))).toEqual(['a.dll']);
    expect(names(readRaw(patched(plain, RAW_OFFSET, ...words(0x600))))).toEqual([]);
  });

  it('P14: VirtualSize 0 stands for the size in the file', () => {
    const plain = buildPe({ imports: named('a.dll') });
    expect(names(readRaw(patched(plain, VIRTUAL_SIZE, 0, 0, 0, 0)))).toEqual(['a.dll']);
  });

  it('P14: no raw data is zeros, and no imports', () => {
    const plain = buildPe({ imports: named('a.dll') });
    expect(readRaw(patched(plain, RAW_SIZE, 0, 0, 0, 0))).toMatchObject({ dependencies: [], linkage: 'static', warnings: [] });
    expect(readRaw(patched(plain, RAW_OFFSET, 0, 0, 0, 0))).toMatchObject({ dependencies: [], linkage: 'static', warnings: [] });
  });

  it('P14: a raw size past the end of the file, where the rest is never used', () => {
    const plain = buildPe({ imports: named('a.dll') });
    expect(readRaw(patched(plain, RAW_SIZE, ...words(0x7000_0000)))).toMatchObject({ dependencies: [{ name: 'a.dll' }], warnings: [] });
  });

  it('P14: what the file should have and has not is unknown, and not zeros', () => {
    const plan: PePlan = { imports: named('a.dll'), content: { offset: 0x400 } };
    const cut = readRaw(buildPe(plan).subarray(0, 0x400));
    expect(cut).toMatchObject({ dependencies: [], linkage: null });
    expect(codes(cut)).toEqual(['section-truncated', 'imports-unmapped']);
    const last = buildPe({ ...plan, content: { offset: 0x400, virtualSize: 0x900, fileSize: 0xa00 } });
    expect(readRaw(last)).toMatchObject({ dependencies: [{ name: 'a.dll' }], linkage: 'dynamic', warnings: [{ code: 'section-truncated', offset: 0x400 }] });
  });
});

describe('import tables', () => {
  const thunkAndName = (at: number): number[] => words(0, 0, 0, at, at);
  const NAME = [...text('a.dll'), 0, 0];

  it('P15: a descriptor that begins in the zeros after the headers', () => {
    const data = [...words(0x1040, 0x1040), ...new Uint8Array(0x38), ...NAME];
    expect(names(read({ sections: [{ address: 0x1000, data }], directories: { 1: [0x1000 - 12, 20] } }))).toEqual(['a.dll']);
  });

  it('P15: a table that ends in the zeros after its section', () => {
    const data = [...NAME, 0, ...new Uint8Array(0x1f8 - 20), ...thunkAndName(0x1000).slice(0, 20)];
    const binary = read({ sections: [{ address: 0x1000, data, virtualSize: 0x1000 }], directories: { 1: [0x1000 + data.length - 20, 20] } });
    expect(names(binary)).toEqual(['a.dll']);
    expect(codes(binary)).toEqual([]);
  });

  it.each<[string, number[]]>([
    ['no name', [0x1111, 0x2222, 0x3333, 0, 0x5555]],
    ['no address table', [0x1111, 0x2222, 0x3333, 0x1000, 0]],
  ])('P16: ends at a descriptor with %s', (_, importEnd) => {
    const binary = read({ imports: named('a.dll'), importEnd: [...importEnd, ...words(0x1000, 0, 0, 0x1000, 0x1000)] });
    expect(names(binary)).toEqual(['a.dll']);
    expect(codes(binary)).toEqual([]);
  });

  it('P17: a table without an end stops where memory does, or the limit', () => {
    const descriptor = thunkAndName(0x2000);
    const name: SectionPlan = { address: 0x2000, data: [...NAME, 1] };
    const filled: SectionPlan = { address: 0x1_0000, data: Array.from({ length: 5000 }, () => descriptor).flat() };
    const long = read({ sections: [filled, name], directories: { 1: [0x1_0000, 20] } });
    expect(long.dependencies.length).toBe(LIMITS.dependencies);
    expect(codes(long)).toContain('limit-exceeded');
    const page: SectionPlan = { address: 0x1_0000, data: Array.from({ length: 0x1000 / 4 }, () => words(0x2000)).flat() };
    const unmapped = read({ sections: [page, name], directories: { 1: [0x1_0000, 20] } });
    expect(unmapped.dependencies.length).toBe(204);
    expect(codes(unmapped)).toEqual(['imports-unmapped']);
  });

  it('P18: names need no lookup table', () => {
    expect(names(read({ imports: [{ name: 'a.dll', lookupTable: 0 }] }))).toEqual(['a.dll']);
  });

  it('P19: what stands in the address table is of no account, as long as it is something', () => {
    const binary = read({ imports: [{ name: 'a.dll', thunk: 0xffff_ffff }, { name: 'b.dll', addressTable: 0x7fff_0000 }] });
    expect(names(binary)).toEqual(['a.dll', 'b.dll']);
    expect(codes(binary)).toEqual([]);
  });

  it('P20: a name that is not mapped is left out, with a warning', () => {
    const binary = read({ imports: [{ name: 0x7fff_0000 }, { name: 'b.dll' }] });
    expect(names(binary)).toEqual(['b.dll']);
    expect(codes(binary)).toEqual(['module-name']);
    expect(read({ imports: [{ name: 0x7fff_0000 }] }).linkage).toBe('dynamic');
  });

  it('P20: a name in the headers', () => {
    expect(names(read({ imports: [{ name: 0x40 }], dosProgram: text('h.dll') }))).toEqual(['h.dll']);
  });

  it('P21: a DLL of which nothing is asked is listed, with a warning', () => {
    const binary = read({ imports: [{ name: '   ', thunk: 0 }, { name: 'a.dll' }] });
    expect(names(binary)).toEqual(['   ', 'a.dll']);
    expect(codes(binary)).toEqual(['import-unused']);
  });

  it('P22: an index of thread-local storage that is written into the table', () => {
    const writable = { characteristics: 0xc000_0040 };
    const imports = named('a.dll', 'b.dll', 'c.dll');
    const plain = buildPe({ imports, tlsIndex: 0n });
    const table = new DataView(plain.buffer).getUint32(0x80 + 24 + 112 + 8, true);
    const at = (tlsIndex: number, content = writable): PeBinary => read({ imports, tlsIndex: 0x1_4000_0000n + BigInt(tlsIndex), content });
    expect(names(at(table + 20 + 12))).toEqual(['a.dll']); // the second descriptor's name
    expect(codes(at(table + 20 + 12))).toEqual(['imports-overwritten']);
    expect(names(at(table + 40 + 16))).toEqual(['a.dll', 'b.dll']); // the third one's address table
    expect(names(at(table + 20))).toEqual(['a.dll', 'b.dll', 'c.dll']); // a lookup table, which is not needed
    expect(names(at(0x10))).toEqual(['a.dll', 'b.dll', 'c.dll']);
    expect(names(at(table + 20 + 12, { characteristics: 0x4000_0040 }))).toEqual(['a.dll', 'b.dll', 'c.dll']); // the loader can't write there
  });

  it('P23: delay imports that are nothing, addresses, or nowhere', () => {
    expect(read({ directories: { 13: [0x9_0000, 32] } })).toMatchObject({ dependencies: [], linkage: null, warnings: [{ code: 'imports-unmapped' }] });
    expect(read({ delayImports: [] })).toMatchObject({ dependencies: [], linkage: 'static', warnings: [] });
    expect(names(read({ wide: false, delayImports: [{ name: 'old.dll', attributes: 0 }] }))).toEqual(['old.dll']);
    expect(names(read({ delayImports: [{ name: 'a.dll' }, { name: 0x7fff_0000 }, { name: 'b.dll' }] }))).toEqual(['a.dll', 'b.dll']);
  });
});

describe('other tables', () => {
  it('P24: exports that claim 0xffffffff functions, and names that are none', () => {
    expect(read({ exportName: 'x.dll' })).toMatchObject({ libraryName: 'x.dll', warnings: [] });
    expect(read({ exportName: '' })).toMatchObject({ libraryName: null, warnings: [{ code: 'module-name' }] });
    expect(read({ exportName: 0 })).toMatchObject({ libraryName: null, warnings: [] });
    expect(read({ exportName: 0x7fff_0000 })).toMatchObject({ libraryName: null, warnings: [{ code: 'module-name' }] });
    expect(read({ directories: { 0: [0x9_0000, 40] } })).toMatchObject({ libraryName: null, warnings: [{ code: 'exports-unmapped' }] });
    expect(read({ exportName: '\u001b[31mred\u202e' }).libraryName).toBe('\u001b[31mred\u202e'); // shown escaped, kept as it is
  });

  it.each([3, 5])('P26: directory %i is not read, whatever it says', (index) => {
    const binary = read({ imports: named('a.dll'), directories: { [index]: [0xffff_fff0, 0xffff_ffff] }, trailer: new Array<number>(5000).fill(0xcc) });
    expect(binary).toMatchObject({ dependencies: [{ name: 'a.dll' }], warnings: [] });
  });

  it('P27: debug entries by RVA, or by their place in the file; no more than there can be', () => {
    const data = rsds(new Array<number>(16).fill(0x11), 1, 'a.pdb');
    const buildId = `${'11'.repeat(16)}1`;
    expect(read({ debug: [{ type: 2, data, offset: 0 }] }).buildId).toBe(buildId);
    expect(read({ debug: [{ type: 2, data, address: 0 }] }).buildId).toBe(buildId);
    expect(read({ debug: [{ type: 2, data, address: 0x7fff_0000 }] }).buildId).toBe(buildId);
    expect(read({ debug: [{ type: 2, data, address: 0, offset: 0x7fff_0000 }] })).toMatchObject({ buildId: null, debugInfo: null, warnings: [{ code: 'debug-unmapped' }] });
    expect(read({ debug: [{ type: 2, data, size: 23 }] })).toMatchObject({ buildId: null, warnings: [{ code: 'codeview' }] });
    expect(read({ debug: [{ type: 2, data: text('????') }] })).toMatchObject({ buildId: null, warnings: [{ code: 'codeview' }] });
    const endless = read({ debug: [{ type: 2, data }], content: { virtualSize: 0x10_0000 }, directories: { 6: [0x2000, 0xffff_ffff] } });
    expect(endless).toMatchObject({ debugInfo: false, buildId: null, warnings: [] });
  });

  it('P28: a load configuration that says it is shorter, or is not there', () => {
    expect(read({ loadConfig: { size: 0x48, chpe: 0x1_4000_1000n } }).platform.variant).toBeNull();
    expect(read({ directories: { 10: [0x9_0000, 0x140] } })).toMatchObject({ platform: { variant: null }, warnings: [{ code: 'load-config-unmapped' }] });
  });

  it('P35: .NET headers that are none, and .NET without a header', () => {
    const plan: PePlan = { wide: false, imports: named('mscoree.dll') };
    const { ILONLY } = COMIMAGE;
    expect(read({ ...plan, clr: { flags: ILONLY, metadata: [1, 2, 3, 4] } })).toMatchObject({ platform: { arch: '386', variant: null }, warnings: [{ code: 'clr-header' }] });
    expect(read({ ...plan, clr: { flags: ILONLY, size: 8 } })).toMatchObject({ platform: { arch: '386' }, warnings: [{ code: 'clr-header' }] });
    expect(read({ ...plan, directories: { 14: [0x9_0000, 72] } })).toMatchObject({ platform: { arch: '386' }, warnings: [{ code: 'clr-header' }] });
    expect(read({ ...plan, directoryCount: 2 })).toMatchObject({ platform: { arch: '386' }, warnings: [{ code: 'managed-unknown' }] });
    expect(read({ wide: false, imports: named('mscoree.dll', 'KERNEL32.dll') }).warnings).toEqual([]);
  });

  it('P36: long names without an end, and an endless string table', () => {
    const long = [...words(0xffff_ffff), ...new Array<number>(10_000).fill(0x61)];
    const binary = read({ sections: [{ name: '/4', address: 0x1000, data: [1], offset: 0x400 }], trailer: long, symbolsOffset: 0x401 });
    expect(binary).toMatchObject({ debugInfo: false, kind: 'executable' });
    expect(read({ sections: [{ name: '/4', address: 0x1000, data: [1] }], symbolsOffset: 0xffff_fff0, symbolCount: 0xffff_ffff })).toMatchObject({ debugInfo: null });
  });

  it('P38: a mark of Microsoft\'s linker that is forged tells the compiler, and harms nothing', () => {
    const rich = [...text('Rich').slice(0, 4), 0, 0, 0, 0];
    expect(read({ imports: named('msvcrt.dll'), dosProgram: rich }).platform.triple).toBe('x86_64-pc-windows-msvc');
    expect(read({ imports: named('msvcrt.dll'), dosProgram: rich.slice(0, 4) }).platform.libc).toBe('msvcrt');
  });
});

describe('damage', () => {
  const files: [string, Uint8Array][] = fixtureNames()
    .filter((name) => name.startsWith('pe-'))
    .map((name) => [name, fixtureBytes(name)]);
  files.push(['built', buildPe({
    imports: named('a.dll', 'b.dll'),
    delayImports: named('c.dll'),
    exportName: 'd.dll',
    debug: [{ type: 2, data: rsds(new Array<number>(16).fill(1), 1, 'a.pdb') }],
    tlsIndex: 0x1_4000_1000n,
    loadConfig: { size: 0x140, cookie: 0x1_4000_1000n, guardTable: 0x1_4000_1000n, guardCount: 1, guardFlags: 0x500, chpe: 0x1_4000_1000n },
    dllCharacteristics: 0x4160,
    clr: { flags: 1 },
    resources: { 3: { 1: { 0: [1] } }, 16: { 1: { 9: versionBlock('VS_VERSION_INFO', [], [versionBlock('StringFileInfo', '', [versionBlock('040904b0', '', [versionBlock('FileVersion', '1.2')])])]) } } },
    content: { characteristics: 0xc000_0040 },
  })]); // prettier-ignore

  /** What comes of reading: an answer or an error of ours; anything else is thrown on. */
  const outcome = (bytes: Uint8Array): PeBinary | BinspectError => {
    const result = failure(bytes);
    if (result instanceof BinspectError) return result;
    if (result instanceof Error) throw result;
    return result as PeBinary;
  };

  it('has files to damage', () => {
    expect(files.length).toBeGreaterThan(10);
  });

  it.each(files)('%s, cut anywhere', (_, bytes) => {
    const whole = readRaw(bytes);
    for (let size = 0; size < bytes.length; size++) {
      const result = outcome(bytes.subarray(0, size));
      if (result instanceof BinspectError) {
        expect(result.code, `cut at ${size}`).toMatch(/^(truncated|malformed)$/);
        continue;
      }
      // What is told of the rest is told of the whole: a cut makes facts unknown, never other facts.
      if (result.linkage !== null) expect(result.linkage, `linkage, cut at ${size}`).toBe(whole.linkage);
      if (result.pie !== null) expect(result.pie, `pie, cut at ${size}`).toBe(whole.pie);
      if (result.debugInfo !== null) expect(result.debugInfo, `debugInfo, cut at ${size}`).toBe(whole.debugInfo);
      if (result.kind !== 'other') expect(result.kind, `kind, cut at ${size}`).toBe(whole.kind);
      if (result.platform.os !== null) expect(result.platform.os, `os, cut at ${size}`).toBe(whole.platform.os);
      if (result.buildId !== null) expect(result.buildId, `buildId, cut at ${size}`).toBe(whole.buildId);
      for (const [fact, value] of Object.entries(result.hardening ?? {})) {
        if (value !== null && whole.packer === null) expect(value, `${fact}, cut at ${size}`).toBe(whole.hardening?.[fact as keyof Hardening]);
      }
      for (const fact of ['signature', 'packer'] as const) if (result[fact] !== null) expect(result[fact], `${fact}, cut at ${size}`).toEqual(whole[fact]);
      if (result.identity.timestamp !== null) expect(result.identity.timestamp, `timestamp, cut at ${size}`).toBe(whole.identity.timestamp);
      if (result.identity.pdbGuid !== null) expect(result.identity.pdbGuid, `PDB, cut at ${size}`).toBe(whole.identity.pdbGuid);
      if (names(result).length < names(whole).length) expect(codes(result).length, `warnings, cut at ${size}`).toBeGreaterThan(0);
    }
  });

  it.each(files)('%s, with any byte of the headers changed', (_, bytes) => {
    const end = Math.min(bytes.length, 0x400);
    for (let at = 0; at < end; at++) for (const value of [0, 1, 0x7f, 0x80, 0xff]) outcome(patched(bytes, at, value));
  });

  it.each(files)('%s, with bytes changed all over', (name, bytes) => {
    const next = random(name.length * 7919 + bytes.length);
    for (let round = 0; round < 1000; round++) {
      const copy = bytes.slice();
      for (let i = 0; i < 8; i++) copy[Math.floor(next() * copy.length)] = Math.floor(next() * 256);
      outcome(copy);
    }
  });
});
