// Whose system an ELF file is for, and what the loader asks for beyond symbol versions.

import { describe, expect, it } from 'vitest';
import { DT, EM, ET, PT, SHT } from '../src/elf/constants.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { Binary } from '../src/model/binary.ts';
import { verify } from '../src/verify/verify.ts';
import { buildElf } from './build/elf.ts';
import type { ElfPlan } from './build/elf.ts';

const read = (plan: ElfPlan): Binary => inspectSync(buildElf(plan), { facts: 'all' }).binaries[0] as Binary;
const word = (...values: number[]): Uint8Array => new Uint8Array(new Uint32Array(values).buffer);
const library = (...names: string[]): ElfPlan => ({ type: ET.DYN, entry: 0n, dynamic: [[DT.SONAME, 'x.so'], ...names.map((name): [number, string] => [DT.NEEDED, name])] });

describe('interpreters and libraries', () => {
  it.each([
    [EM.S390, '/lib/ld64.so.1', [], 'linux', 'glibc'],
    [EM.X86_64, '/lib/ld64.so.1', [], null, null],
    [EM.X86_64, '/usr/lib/Loader.so', ['libc.so'], null, null],
    [EM.X86_64, 'ld.so.1', ['libc.so'], 'fuchsia', 'fuchsia'],
    [EM.X86_64, '/lib64/ld-lsb-x86-64.so.3', [], 'linux', 'glibc'],
    [EM.AARCH64, '/system/bin/linker_hwasan64', [], 'android', 'bionic'],
    [EM.X86_64, '/home/linuxbrew/.linuxbrew/lib/ld.so', ['libc.so.6'], 'linux', 'glibc'],
    [EM['386'], '/lib/ld.so.1', ['libc.so.1'], 'solaris', 'solaris'],
  ] as const)('%i %s %j: %s, %s', (machine, interpreter, names, os, libc) => {
    const { platform, unknown } = read({ machine, wide: machine !== EM['386'], interpreter, dynamic: names.map((name): [number, string] => [DT.NEEDED, name]) });
    expect(platform).toMatchObject({ os, libc });
    expect(unknown.includes('os')).toBe(os === null);
  });

  it('takes libc.so.1 for Solaris only where that runs', () => {
    expect(read({ ...library('libc.so.1'), machine: EM.X86_64 }).platform.os).toBe('solaris');
    expect(read({ ...library('libc.so.1'), machine: EM.ARM, wide: false }).platform.libc).toBe('uclibc');
  });
});

describe('notes', () => {
  const note = (owner: string, value: number, plan: ElfPlan = {}): Binary => read({ ...plan, notes: [{ owner, type: 1, data: word(value) }] });

  it('name NetBSD, DragonFly, and cores of either', () => {
    expect(note('NetBSD', 1_001_000_000)).toMatchObject({ platform: { os: 'netbsd' }, minimums: { os: '10.1' } });
    expect(note('NetBSD', 700_000_000).minimums.os).toBe('7.0');
    expect(note('DragonFly', 600_400).minimums.os).toBe('6.0.400');
    expect(note('NetBSD-CORE@1', 1, { type: ET.CORE }).platform.os).toBe('netbsd');
    expect(note('NobodyOS', 1, { type: ET.CORE }).platform.os).toBeNull();
    expect(note('CORE', 1, { type: ET.CORE }).platform.os).toBe('linux');
  });

  it("are read without padding where OpenHarmony's is, and nothing warns", () => {
    const data = new Uint8Array([...word(5, 4, 0), ...new TextEncoder().encode('OHOS\0'), 1, 2, 3, 4]);
    const file = read({ ...library('libc.so'), machine: EM.AARCH64, segments: [{ type: PT.NOTE, data, alignment: 4 }] });
    expect(file.platform).toMatchObject({ os: 'openharmony', libc: 'musl', node: 'openharmony-arm64', triple: 'aarch64-unknown-linux-ohos' });
    expect(file.warnings).toEqual([]);
  });

  it("tell a static program of glibc by its start files' note", () => {
    expect(read({ notes: [{ owner: 'GNU', type: 1, data: word(0, 3, 2, 0) }] }).platform.libc).toBe('glibc');
  });

  it('ask for a level of x86-64', () => {
    const file = inspectSync(buildElf({ notes: [{ owner: 'GNU', type: 5, data: word(0xc000_8002, 4, 4, 0) }] }));
    expect(file.binaries[0]).toMatchObject({ platform: { variant: 'v3' }, minimums: { cpu: 'v3' } });
    expect(verify(file, { target: 'linux/amd64/v1' }).ok).toBe(false);
    expect(verify(file, { maxCpu: 'v2' }).ok).toBe(false);
    expect(verify(file, { maxCpu: 'v3' }).ok).toBe(true);
  });
});

describe('ABIs of their own', () => {
  it('MIPS Release 6', () => {
    const file = inspectSync(buildElf({ ...library('libc.so.6'), machine: EM.MIPS, flags: 0xa000_0000 }));
    expect(file.binaries[0]?.platform).toMatchObject({ arch: 'mips64le', variant: 'r6', go: null, triple: 'mipsisa64r6el-unknown-linux-gnuabi64' });
    expect(verify(file, { target: 'linux/mips64le' }).ok).toBe(false);
  });

  it('the LoongArch before Linux had it', () => {
    expect(read({ machine: EM.LOONGARCH, interpreter: '/lib64/ld.so.1' }).platform).toMatchObject({ variant: 'abi1', go: null, libc: 'glibc' });
    expect(read({ machine: EM.LOONGARCH, interpreter: '/lib64/ld-linux-loongarch-lp64d.so.1' }).platform.variant).toBeNull();
  });

  it('RISC-V is gc only with what that stands for', () => {
    expect(read({ ...library('libc.so.6'), machine: EM.RISCV, flags: 5 }).platform.triple).toBe('riscv64gc-unknown-linux-gnu');
    expect(read({ ...library('libc.so.6'), machine: EM.RISCV, flags: 0 }).platform.triple).toBe('riscv64-unknown-linux-gnu');
  });

  it('RISC-V with other registers for numbers than Linux has is refused', () => {
    const ok = (flags: number): boolean => verify(inspectSync(buildElf({ ...library('libc.so.6'), machine: EM.RISCV, flags })), { target: 'linux/riscv64' }).ok;
    expect(ok(5)).toBe(true);
    expect(ok(0)).toBe(false);
  });

  it('ARM has a triple only where something tells its float ABI', () => {
    const arm = (flags: number, ...names: string[]): string | null => read({ ...library('libc.so.6', ...names), machine: EM.ARM, wide: false, flags }).platform.triple;
    expect(arm(0x500_0000)).toBeNull();
    expect(arm(0x500_0400)).toMatch(/gnueabihf$/);
    expect(arm(0x500_0000, 'ld-linux-armhf.so.3')).toMatch(/gnueabihf$/);
    expect(arm(0x500_0200)).toMatch(/gnueabi$/);
  });
});

describe('what else is loaded', () => {
  it('is seen by the rules about libraries', () => {
    const file = inspectSync(buildElf({ ...library('libc.so.6'), dynamic: [[DT.NEEDED, 'libc.so.6'], [DT.FILTER, 'libreal.so.2'], [DT.AUXILIARY, 'libaux.so.1'], [DT.AUDIT, 'a.so:b.so'], [DT.DEPAUDIT, 'c.so']] }));
    expect(file.binaries[0]?.auxiliaries.map(({ name }) => name)).toEqual(['libreal.so.2', 'libaux.so.1', 'a.so', 'b.so', 'c.so']);
    expect(verify(file, { onlyNeeds: 'libc.so.6' }).ok).toBe(false);
    expect(verify(file, { noNeeds: 'libaux*' }).ok).toBe(false);
    expect(verify(file, { needs: 'libreal.so.2' }).ok).toBe(true);
  });

  it('asks for glibc 2.36 by relative relocations', () => {
    expect(read({ ...library('libc.so.6'), dynamic: [[DT.NEEDED, 'libc.so.6'], [DT.RELR, 0x400000n]] }).minimums.glibc).toBe('2.36');
    expect(read({ ...library('libc.musl-x86_64.so.1'), dynamic: [[DT.NEEDED, 'libc.musl-x86_64.so.1'], [DT.RELR, 0x400000n]] }).minimums.glibc).toBeNull();
  });

  it('asks for pages no larger than the segments are made for', () => {
    const load = (alignment: number): number | null => read({ segments: [{ type: PT.LOAD, flags: 5, offset: 0, address: 0x40_0000n, fileSize: 0x200, alignment }] }).minimums.pageSize;
    expect(load(0x1000)).toBe(4096);
    expect(load(0x4000)).toBe(16_384);
  });
});

it('a debug file of a library without code is one', () => {
  const file = read({ type: ET.DYN, entry: 0n, dynamic: [[DT.SONAME, 'x.so']], sections: [{ name: '.rodata', type: SHT.NOBITS, flags: 2, size: 4000 }, { name: '.bss', type: SHT.NOBITS, flags: 3, size: 8 }] });
  expect(file).toMatchObject({ kind: 'debug-symbols', hardening: null, libraryName: null, warnings: [] });
});

describe('compilers of Go that leave no build information', () => {
  const section = (name: string, type: number = SHT.PROGBITS, more: object = {}): ElfPlan => ({ sections: [{ name, type, data: new Uint8Array(8), ...more }] });

  it.each([
    ['gccgo, by its section', section('.go_export')],
    ['gccgo, by its library', { dynamic: [[DT.NEEDED, 'libgo.so.23'], [DT.NEEDED, 'libc.so.6']], interpreter: '/lib64/ld-linux-x86-64.so.2' } as ElfPlan],
    ['TinyGo, by its section', section('.tinygo_stacksizes')],
    ["TinyGo, by its runtime's symbols", { sections: [{ name: '.symtab', type: SHT.SYMTAB, data: new Uint8Array(24), link: 2 }, { name: '.strtab', type: SHT.STRTAB, data: new TextEncoder().encode('\0main\0tinygo_startTask\0') }] } as ElfPlan],
  ])('%s', (_, plan) => {
    const file = inspectSync(buildElf(plan));
    expect(file.binaries[0]?.go).toMatchObject({ buildInfo: 'absent', version: null });
    expect(verify(file, { go: '>=1.18' }).findings.map(({ status }) => status)).toEqual(['unknown']);
    expect(file.warnings).toEqual([]);
  });

  it('and nothing else is taken for them', () => {
    expect(read(section('.go_exports')).go).toBeNull();
    expect(read(library('libgomp.so.1')).go).toBeNull();
  });
});

it("programs of systems that are not read are called by their format's name", () => {
  const plan9 = new Uint8Array(new Uint8Array([0, 0, 0x8a, 0x97, 0, 0, 0, 16, ...new Array<number>(24).fill(0), ...new Array<number>(16).fill(1)]));
  expect(() => inspectSync(plan9)).toThrow(/Plan 9 a\.out program for amd64/);
  expect(() => inspectSync(plan9.slice(0, 40))).toThrow(/no executable file/);
  expect(() => inspectSync(new Uint8Array([0x01, 0xf7, 0, 5, ...new Array<number>(60).fill(0)]))).toThrow(/XCOFF/);
});

it('a debug file whose segments lie over what it has is one, though the first instruction seems to be in it', () => {
  const sections = [{ name: '.text', type: SHT.NOBITS, flags: 6, size: 64 }, { name: '.debug_info', type: SHT.PROGBITS, data: new Uint8Array(400).fill(0xff) }];
  const segments = [{ type: PT.LOAD, flags: 5, offset: 0, address: 0x40_0000n, fileSize: 0x180 }, { type: PT.INTERP, offset: 0x20, fileSize: 28 }];
  const file = read({ type: ET.DYN, entry: 0x40_0100n, dynamic: [[DT.NEEDED, 'libc.so.6']], sections, segments });
  expect(file).toMatchObject({ kind: 'debug-symbols', interpreter: null, dependencies: [], hardening: null, warnings: [] });
});
