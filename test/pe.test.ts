// PE facts on files made for the purpose: each rule, each trap, with the answer it must give.

import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { LIMITS } from '../src/limits.ts';
import type { PeBinary } from '../src/model/binary.ts';
import { COMIMAGE, DEBUG_TYPE, DLL_CHARACTERISTICS, FILE, MACHINE, SUBSYSTEM } from '../src/pe/constants.ts';
import { mzVerdict } from '../src/pe/dos.ts';
import { readPe } from '../src/pe/facts/binary.ts';
import { buildPe, bytesOf, rsds, text, words } from './build/pe.ts';
import type { PePlan } from './build/pe.ts';
import { fixtureBytes } from './fixtures.ts';

const read = (plan: PePlan, limits = LIMITS): PeBinary => readBytes(buildPe(plan), readPe, limits);
const names = (binary: PeBinary): string[] => binary.dependencies.map(({ name }) => name);
const named = (...modules: string[]): { name: string }[] => modules.map((name) => ({ name }));
const GUID = [0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];
const { DLL, EXECUTABLE_IMAGE, RELOCS_STRIPPED } = FILE;
const IMAGE = EXECUTABLE_IMAGE;

describe.each([{ wide: true }, { wide: false }])('wide=$wide', ({ wide }) => {
  it('reads every fact that was built', () => {
    const binary = read({
      wide,
      characteristics: IMAGE | DLL | FILE.LARGE_ADDRESS_AWARE,
      timestamp: 0x8765_4321,
      entry: 0x1234,
      imageBase: 0x7000_0000n,
      subsystem: SUBSYSTEM.WINDOWS_GUI,
      subsystemVersion: [10, 1],
      dllCharacteristics: 0x4160,
      imports: named('KERNEL32.dll', 'ucrtbase.dll'),
      delayImports: named('USER32.dll'),
      exportName: 'own.dll',
      debug: [{ type: DEBUG_TYPE.CODEVIEW, data: rsds(GUID, 0x1a, 'own.pdb') }],
      sections: [{ address: 0x2000, data: [1, 2, 3] }],
    });
    expect(binary).toMatchObject({
      format: 'pe',
      offset: 0,
      bits: wide ? 64 : 32,
      endianness: 'little',
      machine: wide ? { value: 0x8664, name: 'IMAGE_FILE_MACHINE_AMD64' } : { value: 0x14c, name: 'IMAGE_FILE_MACHINE_I386' },
      platform: { os: 'windows', arch: wide ? 'amd64' : '386', variant: null, libc: 'ucrt', go: wide ? 'windows/amd64' : 'windows/386' },
      kind: 'shared-library',
      pie: null,
      linkage: 'dynamic',
      interpreter: null,
      libraryName: 'own.dll',
      dependencies: [
        { name: 'KERNEL32.dll', kind: 'required', currentVersion: null, compatibilityVersion: null },
        { name: 'ucrtbase.dll', kind: 'required', currentVersion: null, compatibilityVersion: null },
        { name: 'USER32.dll', kind: 'delay', currentVersion: null, compatibilityVersion: null },
      ],
      searchPaths: [],
      entryPoint: 0x7000_1234n,
      stripped: null,
      debugInfo: true,
      buildId: '00112233445566778899AABBCCDDEEFF1A',
      minimums: { glibc: null, glibcxx: null, cxxabi: null, os: '10.1', kernel: null },
      warnings: [],
      pe: {
        magic: wide ? 0x20b : 0x10b,
        characteristics: 0x2022,
        characteristicsNames: ['IMAGE_FILE_EXECUTABLE_IMAGE', 'IMAGE_FILE_LARGE_ADDRESS_AWARE', 'IMAGE_FILE_DLL'],
        dllCharacteristics: 0x4160,
        dllCharacteristicsNames: ['HIGH_ENTROPY_VA', 'DYNAMIC_BASE', 'NX_COMPAT', 'GUARD_CF'].map((name) => `IMAGE_DLLCHARACTERISTICS_${name}`),
        subsystem: 2,
        subsystemName: 'IMAGE_SUBSYSTEM_WINDOWS_GUI',
        subsystemVersion: '10.1',
        imageBase: 0x7000_0000n,
        timestamp: 0x8765_4321,
        sections: 2,
      },
    });
    for (const fact of ['kind', 'linkage', 'os', 'libc', 'stripped', 'debugInfo', 'buildId']) expect(binary.because[fact], fact).toBeTruthy();
  });

  it('finds nothing where there is nothing', () => {
    const binary = read({ wide, entry: 0, sections: [{ address: 0x1000, data: [0xc3] }] });
    expect(binary).toMatchObject({ libraryName: null, dependencies: [], entryPoint: null, debugInfo: false, buildId: null, linkage: 'static', warnings: [] });
  });
});

describe('program, library, driver', () => {
  it.each<[string, PePlan, string]>([
    ['no IMAGE_FILE_DLL', {}, 'executable'],
    ['IMAGE_FILE_DLL', { characteristics: IMAGE | DLL }, 'shared-library'],
    ['native', { subsystem: SUBSYSTEM.NATIVE, imports: named('ntoskrnl.exe', 'HAL.dll') }, 'driver'],
    ['native without imports', { subsystem: SUBSYSTEM.NATIVE }, 'driver'],
    ['native with IMAGE_FILE_DLL', { subsystem: SUBSYSTEM.NATIVE, characteristics: IMAGE | DLL, imports: named('ntoskrnl.exe') }, 'driver'],
    ['native, linked to ntdll and the kernel', { subsystem: SUBSYSTEM.NATIVE, imports: named('ntdll.dll', 'ntoskrnl.exe') }, 'driver'],
    ['native, linked to ntdll and a driver', { subsystem: SUBSYSTEM.NATIVE, imports: named('hidparse.sys', 'ntdll.dll') }, 'driver'],
    ['native, linked to ntdll only', { subsystem: SUBSYSTEM.NATIVE, imports: named('NTDLL.DLL') }, 'executable'],
    ['native library, linked to ntdll only', { subsystem: SUBSYSTEM.NATIVE, characteristics: IMAGE | DLL, imports: named('ntdll') }, 'shared-library'],
    ['EFI application', { subsystem: SUBSYSTEM.EFI_APPLICATION }, 'executable'],
    ['EFI application with IMAGE_FILE_DLL', { subsystem: SUBSYSTEM.EFI_APPLICATION, characteristics: IMAGE | DLL }, 'executable'],
    ['EFI boot driver', { subsystem: SUBSYSTEM.EFI_BOOT_SERVICE_DRIVER }, 'driver'],
    ['EFI runtime driver', { subsystem: SUBSYSTEM.EFI_RUNTIME_DRIVER, characteristics: IMAGE | DLL }, 'driver'],
    ['EFI ROM', { subsystem: SUBSYSTEM.EFI_ROM }, 'other'],
    ['boot application', { subsystem: SUBSYSTEM.WINDOWS_BOOT_APPLICATION }, 'executable'],
    ['an unknown subsystem', { subsystem: 99 }, 'executable'],
  ])('%s', (_, plan, kind) => {
    const binary = read(plan);
    expect(binary.kind).toBe(kind);
    expect(binary.because['kind']).toBeTruthy();
  });

  it('knows a debug file by code sections without bytes', () => {
    const strings = [...words(16), ...text('.debug_info')];
    const plan: PePlan = {
      sections: [{ address: 0x1000, virtualSize: 0x100 }, { name: '/4', address: 0x2000, data: [1], offset: 0x400, characteristics: 0x4200_0040 }],
      trailer: strings,
      symbolsOffset: 0x401,
    };
    expect(read(plan)).toMatchObject({ kind: 'debug-symbols', pie: null, debugInfo: true, linkage: null });
    const whole = { ...plan, sections: [{ address: 0x1000, data: [1], offset: 0x600 }, { name: '/4', address: 0x2000, data: [1], offset: 0x400, characteristics: 0x4200_0040 }] };
    expect(read({ ...whole, symbolsOffset: 0x601 }).kind).toBe('executable');
  });

  it('warns of what is no image', () => {
    expect(read({ characteristics: 0 }).warnings).toMatchObject([{ code: 'not-executable-image', offset: 0x80 }]);
  });
});

describe('loaded anywhere', () => {
  const { DYNAMIC_BASE } = DLL_CHARACTERISTICS;
  it.each<[string, PePlan, boolean | null]>([
    ['DYNAMIC_BASE', { dllCharacteristics: DYNAMIC_BASE }, true],
    ['without it', { dllCharacteristics: 0xffff & ~DYNAMIC_BASE }, false],
    ['DYNAMIC_BASE with relocations stripped', { dllCharacteristics: DYNAMIC_BASE, characteristics: IMAGE | RELOCS_STRIPPED }, false],
    ['a library with it', { dllCharacteristics: DYNAMIC_BASE, characteristics: IMAGE | DLL }, null],
    ['a library without it', { dllCharacteristics: 0, characteristics: IMAGE | DLL }, null],
    ['a driver', { dllCharacteristics: DYNAMIC_BASE, subsystem: SUBSYSTEM.NATIVE }, true],
    ['an EFI application', { dllCharacteristics: 0, subsystem: SUBSYSTEM.EFI_APPLICATION }, false],
    ['an EFI application with IMAGE_FILE_DLL', { dllCharacteristics: 0, subsystem: SUBSYSTEM.EFI_APPLICATION, characteristics: IMAGE | DLL }, null],
  ])('%s', (_, plan, pie) => {
    const binary = read(plan);
    expect(binary.pie).toBe(pie);
    expect(binary.because['pie'] !== undefined).toBe(pie !== null);
  });
});

describe('linkage', () => {
  it.each<[string, PePlan, string | null]>([
    ['imports', { imports: named('a.dll') }, 'dynamic'],
    ['delay imports only', { delayImports: named('a.dll') }, 'dynamic'],
    ['an empty import table', { imports: [] }, 'static'],
    ['none', {}, 'static'],
    ['a library without imports', { characteristics: IMAGE | DLL }, 'dynamic'],
    ['a driver without imports', { subsystem: SUBSYSTEM.NATIVE }, 'static'],
    ['an EFI ROM', { subsystem: SUBSYSTEM.EFI_ROM }, null],
    ['an import table that is not there', { directories: { 1: [0x9_0000, 40] } }, null],
    ['a delay-load table that is not there', { directories: { 13: [0x9_0000, 40] } }, null],
    ['imports, and a delay-load table that is not there', { imports: named('a.dll'), directories: { 13: [0x9_0000, 40] } }, 'dynamic'],
  ])('%s', (_, plan, linkage) => {
    expect(read(plan).linkage).toBe(linkage);
  });
});

describe('dependencies', () => {
  it('are listed as written, in order, and as often as they stand there', () => {
    const modules = ['KERNEL32.dll', 'kernel32', '\\\\host\\share\\x.dll', '   ', 'KERNEL32.dll', 'ünï.dll'];
    expect(names(read({ imports: named(...modules) }))).toEqual(modules);
  });

  it('keeps bytes that are no UTF-8', () => {
    const binary = read({ imports: [{ name: 0x2000 }], sections: [{ address: 0x2000, data: [0x61, 0xff, 0x62, 0] }] });
    expect(names(binary)).toEqual(['a\udcffb']);
  });

  it('stops at the limit, and says so', () => {
    const binary = read({ imports: named('a', 'b', 'c'), delayImports: named('d', 'e', 'f') }, { ...LIMITS, dependencies: 2 });
    expect(names(binary)).toEqual(['a', 'b', 'd', 'e']);
    expect(binary.warnings.map(({ code }) => code)).toEqual(['limit-exceeded', 'limit-exceeded']);
  });

  it('cuts a name at the limit, and says so', () => {
    const binary = read({ imports: named('x'.repeat(100)) }, { ...LIMITS, stringBytes: 10 });
    expect(names(binary)).toEqual(['x'.repeat(10)]);
    expect(binary.warnings).toMatchObject([{ code: 'limit-exceeded' }, { code: 'string-cut' }]);
  });
});

describe('machine and architecture', () => {
  it.each<[number, string | null, string | null, string | null]>([
    [0, 'UNKNOWN', null, null],
    [0x14c, 'I386', '386', null],
    [0x166, 'R4000', 'mipsle', null],
    [0x184, 'ALPHA', 'alpha', null],
    [0x1a6, 'SH4', 'sh4', null],
    [0x1c0, 'ARM', 'arm', null],
    [0x1c2, 'THUMB', 'arm', null],
    [0x1c4, 'ARMNT', 'arm', 'v7'],
    [0x1f0, 'POWERPC', 'ppcle', null],
    [0x1f2, 'POWERPCBE', 'ppc', null],
    [0x200, 'IA64', 'ia64', null],
    [0xebc, 'EBC', 'ebc', null],
    [0x5032, 'RISCV32', 'riscv32', null],
    [0x5064, 'RISCV64', 'riscv64', null],
    [0x6232, 'LOONGARCH32', 'loong32', null],
    [0x6264, 'LOONGARCH64', 'loong64', null],
    [0x8664, 'AMD64', 'amd64', null],
    [0xaa64, 'ARM64', 'arm64', null],
    [0xa641, 'ARM64EC', 'arm64', null],
    [0x64, null, null, null],
    [0xffff, null, null, null],
  ])('0x%x', (machine, name, arch, variant) => {
    const binary = read({ machine });
    expect(binary.machine).toEqual({ value: machine, name: name === null ? null : `IMAGE_FILE_MACHINE_${name}` });
    expect(binary.platform).toMatchObject({ os: 'windows', arch, variant });
    expect(binary.bits).toBe(64); // Magic tells it, not the machine
  });

  it.each<[number, string, string]>([
    [0xfd1d, 'linux', 'amd64'],
    [0xd11d, 'linux', 'arm64'],
    [0xc020, 'darwin', 'amd64'],
    [0xec20, 'darwin', 'arm64'],
    [0x8664 ^ 0xadc4, 'freebsd', 'amd64'],
    [0xaa64 ^ 0x1993, 'netbsd', 'arm64'],
    [0x8664 ^ 0x1992, 'solaris', 'amd64'],
    [0x1c4 ^ 0x7b79, 'linux', 'arm'],
  ])('0x%x is compiled by .NET for another system', (machine, os, arch) => {
    const binary = read({ machine });
    expect(binary.machine).toEqual({ value: machine, name: null });
    expect(binary.platform).toMatchObject({ os, arch, libc: null });
    expect(binary.because['os']).toContain('XOR');
    expect(binary.minimums.os).toBeNull();
  });

  it.each<[string, PePlan, string, string]>([
    ['AMD64', { loadConfig: { size: 0x140, chpe: 0x1_4000_1000n } }, 'arm64', 'arm64ec'],
    ['ARM64', { machine: MACHINE.ARM64, loadConfig: { size: 0xd0, chpe: 0x1_4000_1000n } }, 'arm64', 'arm64x'],
    ['I386', { wide: false, loadConfig: { size: 0x80, chpe: 0x40_1000n } }, '386', 'chpe'],
  ])('%s with hybrid metadata', (_, plan, arch, variant) => {
    const binary = read(plan);
    expect(binary.platform).toMatchObject({ arch, variant });
    expect(binary.because['variant']).toContain('CHPEMetadataPointer');
  });

  it.each<[string, PePlan, string]>([
    ['is null', { loadConfig: { size: 0x140, chpe: 0n } }, 'amd64'],
    ['is not mapped', { loadConfig: { size: 0x140, chpe: 0x1234n } }, 'amd64'],
    ['lies past the end of the structure', { loadConfig: { size: 0xcf, chpe: 0x1_4000_1000n } }, 'amd64'],
    ['is of a machine that has no hybrids', { machine: MACHINE.RISCV64, loadConfig: { size: 0x140, chpe: 0x1_4000_1000n } }, 'riscv64'],
  ])('a metadata pointer that %s makes no hybrid', (_, plan, arch) => {
    expect(read(plan).platform).toMatchObject({ arch, variant: null });
  });
});

describe('.NET', () => {
  const clr = (flags: number, plan: PePlan = {}): PePlan => ({ wide: false, imports: named('mscoree.dll'), clr: { flags }, ...plan });
  const { ILONLY } = COMIMAGE;
  const REQUIRED = COMIMAGE['32BITREQUIRED'];
  const PREFERRED = COMIMAGE['32BITPREFERRED'];
  it.each<[string, PePlan, string | null, string | null]>([
    ['any processor', clr(ILONLY), null, 'anycpu'],
    ['any processor, signed', clr(ILONLY | 8), null, 'anycpu'],
    ['32 bits required', clr(ILONLY | REQUIRED), '386', null],
    ['32 bits preferred', clr(ILONLY | REQUIRED | PREFERRED), null, 'anycpu'],
    ['with native code', clr(0), '386', null],
    ['64 bits', clr(ILONLY, { wide: true }), 'amd64', null],
    ['ARM64', clr(ILONLY, { wide: true, machine: MACHINE.ARM64 }), 'arm64', null],
  ])('%s', (_, plan, arch, variant) => {
    const binary = read(plan);
    expect(binary.platform).toMatchObject({ os: 'windows', arch, variant });
    expect(binary.warnings).toEqual([]);
    if (variant !== null) expect(binary.because['arch']).toContain('any processor');
  });
});

describe('system', () => {
  it.each<[number, string]>([
    [SUBSYSTEM.UNKNOWN, 'windows'],
    [SUBSYSTEM.NATIVE, 'windows'],
    [SUBSYSTEM.WINDOWS_CUI, 'windows'],
    [SUBSYSTEM.WINDOWS_CE_GUI, 'wince'],
    [SUBSYSTEM.EFI_APPLICATION, 'uefi'],
    [SUBSYSTEM.EFI_BOOT_SERVICE_DRIVER, 'uefi'],
    [SUBSYSTEM.EFI_RUNTIME_DRIVER, 'uefi'],
    [SUBSYSTEM.EFI_ROM, 'uefi'],
    [SUBSYSTEM.XBOX, 'xbox'],
    [SUBSYSTEM.WINDOWS_BOOT_APPLICATION, 'windows'],
    [99, 'windows'],
  ])('subsystem %i is of %s', (subsystem, os) => {
    const binary = read({ subsystem, imports: named('ucrtbase.dll') });
    expect(binary.platform).toMatchObject({ os, libc: os === 'windows' ? 'ucrt' : null });
    expect(binary.minimums.os).toBe(os === 'windows' ? '6.0' : null);
    expect(binary.because['os']).toBeTruthy();
  });
});

describe('C library and triple', () => {
  const RICH = [...words(0x1234_5678, 0x1234_5678), ...text('Rich').slice(0, 4), ...words(0x1234_5678)];
  it.each<[string, PePlan, string | null, string | null]>([
    ['Visual Studio', { imports: named('KERNEL32.dll', 'VCRUNTIME140.dll', 'api-ms-win-crt-heap-l1-1-0.dll') }, 'ucrt', 'x86_64-pc-windows-msvc'],
    ['its debug runtime', { imports: named('VCRUNTIME140D.dll', 'ucrtbased.dll') }, 'ucrt', 'x86_64-pc-windows-msvc'],
    ['Visual Studio 2013', { imports: named('MSVCR120.dll') }, 'msvcr120', 'x86_64-pc-windows-msvc'],
    ['its debug runtime', { imports: named('msvcr120d.dll') }, 'msvcr120', 'x86_64-pc-windows-msvc'],
    ['Windows itself', { imports: named('msvcrt.dll'), dosProgram: RICH, headerOffset: 0x80 }, 'msvcrt', 'x86_64-pc-windows-msvc'],
    ['MinGW', { imports: named('KERNEL32.dll', 'msvcrt.dll'), linker: [2, 40] }, 'msvcrt', 'x86_64-pc-windows-gnu'],
    ['MinGW with UCRT', { wide: false, imports: named('api-ms-win-crt-heap-l1-1-0.dll'), linker: [2, 40] }, 'ucrt', 'i686-pc-windows-gnu'],
    ['LLVM for MinGW', { machine: MACHINE.ARM64, imports: named('libc++.dll', 'api-ms-win-crt-heap-l1-1-0.dll') }, 'ucrt', 'aarch64-pc-windows-gnu'],
    ['nothing that tells the compiler', { imports: named('ucrtbase.dll') }, 'ucrt', null],
    ['Cygwin', { imports: named('cygwin1.dll'), linker: [2, 40] }, 'cygwin', 'x86_64-pc-windows-cygnus'],
    ['MSYS', { imports: named('msys-2.0.dll'), linker: [2, 40] }, 'msys', 'x86_64-pc-windows-cygnus'],
    ['a DLL that is loaded late', { delayImports: named('MSVCRT.dll'), linker: [2, 40] }, 'msvcrt', 'x86_64-pc-windows-gnu'],
    ['the kernel only', { imports: named('KERNEL32.dll') }, null, null],
    ['names that only look like it', { imports: named('msvcrtx.dll', 'xucrtbase.dll') }, null, null],
  ])('%s', (_, plan, libc, triple) => {
    const binary = read(plan);
    expect(binary.platform).toMatchObject({ libc, triple });
    expect(binary.because['libc'] !== undefined).toBe(libc !== null);
  });
});

describe('debug information and identity', () => {
  const codeView = (data: readonly number[]): PePlan => ({ debug: [{ type: 16, data: [0] }, { type: DEBUG_TYPE.CODEVIEW, data }] });
  const nb10 = (path: string): number[] => [...text('NB10').slice(0, 4), ...words(0, 0x3a5b_c9d2, 0x10), ...text(path)];
  const strings = [...words(30), ...text('.debug_info'), ...text('.gnu_debuglink')];
  const longName = (name: string): PePlan => ({ sections: [{ name, address: 0x1000, data: [1], offset: 0x400 }], trailer: strings, symbolsOffset: 0x401 - 2 * 18, symbolCount: 2 });
  it.each<[string, PePlan, boolean | null, string | null]>([
    ['RSDS', codeView(rsds(GUID, 1, 'a.pdb')), true, '00112233445566778899AABBCCDDEEFF1'],
    ['RSDS without a path', codeView(rsds(GUID, 1, '')), false, '00112233445566778899AABBCCDDEEFF1'],
    ['RSDS of zeros', codeView(rsds(new Array<number>(16).fill(0), 0, 'a.pdb')), true, null],
    ['NB10', codeView(nb10('a.pdb')), true, '3A5BC9D210'],
    ['NB09', codeView(text('NB09')), true, null],
    ['an embedded portable PDB', { debug: [{ type: 17, data: text('MPDB') }] }, true, null],
    ['no entry of interest', { debug: [{ type: 16, data: [0] }] }, false, null],
    ['a long name', longName('/4'), true, null],
    ['a long name in base64', longName('//AAAAAE'), true, null],
    ['another long name', longName('/16'), false, null],
    ['a long name past the string table', longName('/30'), null, null],
    ['a long name without a string table', { sections: [{ name: '/4', address: 0x1000, data: [1] }] }, null, null],
    ['a name that fits', { sections: [{ name: '.debug_info', address: 0x1000, data: [1] }] }, false, null],
    ['a debug directory that is not there', { directories: { 6: [0x9_0000, 28] } }, null, null],
    ['a debug directory of no entries', { directories: { 6: [0x9_0000, 27] } }, false, null],
  ])('%s', (_, plan, debugInfo, buildId) => {
    const binary = read(plan);
    expect(binary).toMatchObject({ debugInfo, buildId, stripped: null });
    expect(binary.because['debugInfo']).toBeTruthy();
    expect(binary.because['buildId'] !== undefined).toBe(buildId !== null);
  });

  it('tells how many COFF symbols there are', () => {
    expect(read({ symbolsOffset: 0x400, symbolCount: 7 }).because['stripped']).toContain('7 COFF symbols');
    expect(read({}).because['stripped']).toContain('no COFF symbols');
  });
});

describe('what begins with MZ', () => {
  const verdict = (bytes: Uint8Array): string => readBytes(bytes, mzVerdict, LIMITS);
  const behind = (signature: string): Uint8Array => {
    const bytes = buildPe();
    bytes.set(text(signature), 0x80);
    return bytes;
  };
  it.each<[string, Uint8Array, string]>([
    ['PE', buildPe(), 'pe'],
    ['NE', behind('NE'), 'ne-executable'],
    ['LE', behind('LE'), 'le-executable'],
    ['LX', behind('LX'), 'lx-executable'],
    ['W3', behind('W3'), 'w3-executable'],
    ['W4', behind('W4'), 'w4-executable'],
    ['PE and no zeros', behind('PEa'), 'dos-executable'],
    ['something else', behind('..'), 'dos-executable'],
    ['ZM', buildPe({ dosMagic: 0x4d5a }), 'dos-executable'],
    ['relocations where e_lfanew would be', buildPe({ relocationsOffset: 0x1e }).subarray(0, 0x70), 'dos-executable'],
    ['a file that ends before the PE header', buildPe().subarray(0, 0x70), 'pe'],
    ['a file that ends within the PE signature', buildPe().subarray(0, 0x83), 'pe'],
    ['an e_lfanew that makes no sense', Uint8Array.from([...buildPe().subarray(0, 0x3c), ...words(0x1234_5678), ...new Uint8Array(100)]), 'dos-executable'],
    ['a file that ends within the DOS header', buildPe().subarray(0, 0x30), 'pe'],
    ['two bytes', buildPe().subarray(0, 2), 'pe'],
    ['a short program for DOS', buildPe({ relocationsOffset: 0x1c }).subarray(0, 0x30), 'dos-executable'],
  ])('%s', (_, bytes, expected) => {
    expect(verdict(bytes)).toBe(expected);
  });
});

describe('fixtures', () => {
  const fixture = (name: string): PeBinary => readBytes(fixtureBytes(name), readPe, LIMITS);
  it.each<[string, Record<string, unknown>, string[]]>([
    ['pe-x86_64.exe', { kind: 'executable', pie: true, bits: 64, debugInfo: true }, ['KERNEL32.dll', 'VCRUNTIME140.dll', 'api-ms-win-crt-runtime-l1-1-0.dll']],
    ['pe-x86_64.dll', { kind: 'shared-library', pie: null, libraryName: 'pe-x86_64.dll' }, []],
    ['pe-i386.exe', { kind: 'executable', pie: false, bits: 32 }, ['msvcrt.dll']],
    ['pe-arm64.exe', { kind: 'executable', pie: true, machine: { value: 0xaa64, name: 'IMAGE_FILE_MACHINE_ARM64' } }, ['KERNEL32.dll']],
    ['pe-armnt.exe', { kind: 'executable', bits: 32, machine: { value: 0x1c4, name: 'IMAGE_FILE_MACHINE_ARMNT' } }, ['KERNEL32.dll']],
    ['pe-delay.exe', { kind: 'executable', linkage: 'dynamic' }, ['KERNEL32.dll', 'USER32.dll']],
    ['pe-static.exe', { kind: 'executable', pie: false, linkage: 'static' }, []],
    ['pe-efi.efi', { kind: 'executable', linkage: 'static' }, []],
    ['pe-efi-driver-arm64.efi', { kind: 'driver', pie: null }, []],
    ['pe-driver.sys', { kind: 'driver' }, ['ntoskrnl.exe']],
    ['pe-mingw.exe', { kind: 'executable', debugInfo: true, buildId: null }, ['msvcrt.dll']],
    ['pe-arm64ec.dll', { kind: 'shared-library', machine: { value: 0x8664, name: 'IMAGE_FILE_MACHINE_AMD64' } }, []],
  ])('%s', (name, facts, dependencies) => {
    const binary = fixture(name);
    expect(binary).toMatchObject({ ...facts, warnings: [] });
    expect(names(binary)).toEqual(dependencies);
  });

  it('hold what the tables of a linker look like', () => {
    expect(fixture('pe-delay.exe').dependencies[1]).toMatchObject({ name: 'USER32.dll', kind: 'delay' });
    expect(fixture('pe-x86_64.exe').buildId).toMatch(/^[0-9A-F]{32}1$/);
    expect(fixture('pe-x86_64.exe').platform.triple).toBe('x86_64-pc-windows-msvc');
    expect(fixture('pe-mingw.exe').platform.triple).toBe('x86_64-pc-windows-gnu');
    expect(fixture('pe-mingw.exe').because['debugInfo']).toBe('section .debug_info');
    expect(fixture('pe-arm64ec.dll').platform).toMatchObject({ arch: 'arm64', variant: 'arm64ec', go: null });
    expect(fixture('pe-efi.efi').platform.os).toBe('uefi');
  });
});

it('writes numbers the lowest byte first', () => {
  expect(bytesOf(0x1234n, 4)).toEqual([0x34, 0x12, 0, 0]);
});
