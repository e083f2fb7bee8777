// ELF facts on files made for the purpose: each rule, each trap, each malformation with the answer it must give.

import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { DF_1, DT, DT_MIPS, EM, EM_UNOFFICIAL, ET, NT_GNU, PT, SHF, SHT } from '../src/elf/constants.ts';
import { readElf } from '../src/elf/facts/binary.ts';
import { LIMITS } from '../src/limits.ts';
import type { ElfBinary } from '../src/model/binary.ts';
import { buildElf } from './build/elf.ts';
import type { ElfPlan } from './build/elf.ts';

const read = (plan: ElfPlan, limits = LIMITS): ElfBinary => readBytes(buildElf(plan), readElf, limits);
const readRaw = (bytes: Uint8Array): ElfBinary => readBytes(bytes, readElf, LIMITS);
const codes = (binary: ElfBinary): string[] => binary.warnings.map(({ code }) => code);
const PIE_FLAG: readonly [number, bigint] = [DT.FLAGS_1, BigInt(DF_1.PIE)];
const GLIBC = '/lib64/ld-linux-x86-64.so.2';

describe.each([
  { little: true, wide: true },
  { little: true, wide: false },
  { little: false, wide: true },
  { little: false, wide: false },
])('encoding little=$little wide=$wide', (encoding) => {
  it('reads every fact that was built', () => {
    const binary = read({
      ...encoding,
      type: ET.DYN,
      machine: EM.MIPS,
      entry: 0x40_1234n,
      flags: 0x1000,
      interpreter: '/lib/ld.so.1',
      dynamic: [[DT.NEEDED, 'libm.so.6'], [DT.NEEDED, 'libc.so.6'], [DT.RPATH, '/a:/b'], [DT.RUNPATH, '$ORIGIN:'], PIE_FLAG],
      notes: [{ owner: 'GNU', type: NT_GNU.BUILD_ID, data: Uint8Array.of(0xde, 0xad, 0xbe, 0xef) }],
      sections: [{ name: '.symtab', type: SHT.SYMTAB, data: new Uint8Array(24) }, { name: '.debug_info', type: SHT.PROGBITS, data: Uint8Array.of(1) }],
    });
    expect(binary).toMatchObject({
      bits: encoding.wide ? 64 : 32,
      endianness: encoding.little ? 'little' : 'big',
      machine: { value: 8, name: 'EM_MIPS' },
      kind: 'executable',
      pie: true,
      linkage: 'dynamic',
      interpreter: '/lib/ld.so.1',
      libraryName: null,
      entryPoint: 0x40_1234n,
      stripped: false,
      debugInfo: true,
      buildId: 'deadbeef',
      warnings: [],
      elf: { type: 3, typeName: 'ET_DYN', osAbi: 0, flags: 0x1000 },
    });
    expect(binary.dependencies.map(({ name }) => name)).toEqual(['libm.so.6', 'libc.so.6']);
    expect(binary.searchPaths).toEqual([
      { path: '/a', from: 'DT_RPATH' },
      { path: '/b', from: 'DT_RPATH' },
      { path: '$ORIGIN', from: 'DT_RUNPATH' },
      { path: '', from: 'DT_RUNPATH' },
    ]);
    expect(binary.platform).toMatchObject({ os: 'linux', libc: 'glibc', arch: `mips${encoding.wide ? '64' : ''}${encoding.little ? 'le' : ''}` });
  });
});

describe('program, library, and whether it may be loaded anywhere', () => {
  const dynamic = (...entries: (readonly [number, bigint | string])[]): ElfPlan => ({ type: ET.DYN, dynamic: entries });
  it.each<[string, ElfPlan, string, boolean | null, string | null]>([
    ['ET_EXEC', {}, 'executable', false, 'static'],
    ['ET_EXEC with interpreter', { interpreter: GLIBC }, 'executable', false, 'dynamic'],
    ['ET_REL', { type: ET.REL }, 'relocatable', null, null],
    ['ET_CORE', { type: ET.CORE }, 'core', null, null],
    ['ET_NONE', { type: ET.NONE }, 'other', null, null],
    ['an unknown type', { type: 0xfe17 }, 'other', null, null],
    ['DF_1_PIE', dynamic(PIE_FLAG), 'executable', true, 'static'],
    ['DF_1_PIE beside DT_SONAME', dynamic([DT.SONAME, 'x'], PIE_FLAG), 'executable', true, 'static'],
    ['DF_1_PIE, interpreter, nothing needed', { ...dynamic(PIE_FLAG), interpreter: GLIBC }, 'executable', true, 'dynamic'],
    ['DF_1_PIE, needed, no interpreter', dynamic(PIE_FLAG, [DT.NEEDED, 'libc.so.6']), 'executable', true, 'dynamic'],
    ['other bits of DT_FLAGS_1', dynamic([DT.FLAGS_1, 0xffff_ffff_f7ff_ffffn]), 'shared-library', null, 'dynamic'],
    ['of two DT_FLAGS_1 the last', dynamic(PIE_FLAG, [DT.FLAGS_1, 1n]), 'shared-library', null, 'dynamic'],
    ['DT_SONAME', dynamic([DT.SONAME, 'libx.so.1']), 'shared-library', null, 'dynamic'],
    ['DT_SONAME, DT_DEBUG and interpreter', { ...dynamic([DT.SONAME, 'libc.so.0'], [DT.DEBUG, 0n]), interpreter: '/lib/ld-uClibc.so.0' }, 'shared-library', null, 'dynamic'],
    ['DT_DEBUG and entry', { ...dynamic([DT.DEBUG, 0n]), interpreter: GLIBC }, 'executable', true, 'dynamic'],
    ['DT_DEBUG without interpreter', dynamic([DT.DEBUG, 0n]), 'executable', true, 'static'],
    ['DT_DEBUG without entry', { ...dynamic([DT.DEBUG, 0n]), entry: 0n }, 'shared-library', null, 'dynamic'],
    ['MIPS RLD_MAP', { ...dynamic([DT_MIPS.RLD_MAP, 0n]), machine: EM.MIPS }, 'executable', true, 'static'],
    ['RLD_MAP elsewhere', dynamic([DT_MIPS.RLD_MAP, 0n]), 'shared-library', null, 'dynamic'],
    ['interpreter and entry only', { ...dynamic([DT.NEEDED, 'libc.so.6']), interpreter: GLIBC }, 'shared-library', null, 'dynamic'],
    ['no dynamic section, entry', { type: ET.DYN }, 'executable', true, 'static'],
    ['no dynamic section, no entry', { type: ET.DYN, entry: 0n }, 'shared-library', null, 'dynamic'],
    ['a guest machine', { ...dynamic([DT.DEBUG, 0n]), machine: EM.BPF }, 'other', null, null],
    [
      'a separate debug file',
      { type: ET.DYN, dynamic: [PIE_FLAG], sections: [{ name: '.text', type: SHT.NOBITS, flags: SHF.ALLOC | SHF.EXECINSTR, size: 16 }] },
      'debug-symbols',
      null,
      null,
    ],
  ])('%s', (_, plan, kind, pie, linkage) => {
    const binary = read(plan);
    expect({ kind: binary.kind, pie: binary.pie, linkage: binary.linkage }).toEqual({ kind, pie, linkage });
    expect(binary.because['kind']).toBeTruthy();
    if (pie !== null) expect(binary.because['pie']).toBeTruthy();
  });

  it('warns of needed libraries that nobody loads', () => {
    expect(codes(read(dynamic(PIE_FLAG, [DT.NEEDED, 'libc.so.6'])))).toEqual(['needed-without-interpreter']);
  });
});

describe('platform', () => {
  it.each<[string, ElfPlan, string | null, string | null, string | null, string | null]>([
    ['x86-64', {}, 'amd64', null, 'linux-x64', 'linux/amd64'],
    ['x32', { wide: false }, 'amd64', 'x32', null, null],
    ['i386', { machine: EM['386'], wide: false }, '386', null, 'linux-ia32', 'linux/386'],
    ['arm', { machine: EM.ARM, wide: false }, 'arm', null, 'linux-arm', 'linux/arm'],
    ['arm, big-endian', { machine: EM.ARM, wide: false, little: false }, 'armbe', null, null, null],
    ['arm64', { machine: EM.AARCH64 }, 'arm64', null, 'linux-arm64', 'linux/arm64'],
    ['arm64, big-endian', { machine: EM.AARCH64, little: false }, 'arm64be', null, null, null],
    ['arm64 ilp32', { machine: EM.AARCH64, wide: false }, 'arm64', 'ilp32', null, null],
    ['mips', { machine: EM.MIPS, wide: false, little: false }, 'mips', null, 'linux-mips', 'linux/mips'],
    ['mipsle', { machine: EM.MIPS, wide: false }, 'mipsle', null, 'linux-mipsel', 'linux/mipsle'],
    ['mips64', { machine: EM.MIPS, little: false }, 'mips64', null, null, 'linux/mips64'],
    ['mips n32', { machine: EM.MIPS, wide: false, flags: 0x20 }, 'mips64le', 'n32', null, null],
    ['ppc64', { machine: EM.PPC64, little: false }, 'ppc64', null, 'linux-ppc64', 'linux/ppc64'],
    ['ppc64le', { machine: EM.PPC64 }, 'ppc64le', null, 'linux-ppc64', 'linux/ppc64le'],
    ['ppc', { machine: EM.PPC, wide: false, little: false }, 'ppc', null, 'linux-ppc', null],
    ['s390x', { machine: EM.S390, little: false }, 's390x', null, 'linux-s390x', 'linux/s390x'],
    ['s390', { machine: EM.S390, little: false, wide: false }, 's390', null, 'linux-s390', null],
    ['s390, its old number', { machine: 0xa390, little: false }, 's390x', null, 'linux-s390x', 'linux/s390x'],
    ['riscv64', { machine: EM.RISCV }, 'riscv64', null, 'linux-riscv64', 'linux/riscv64'],
    ['riscv32', { machine: EM.RISCV, wide: false }, 'riscv32', null, null, null],
    ['loong64', { machine: EM.LOONGARCH }, 'loong64', null, 'linux-loong64', 'linux/loong64'],
    ['sparc64', { machine: EM.SPARCV9, little: false }, 'sparc64', null, null, null],
  ])('%s', (_, plan, arch, variant, node, go) => {
    expect(read(plan).platform).toMatchObject({ arch, variant, node, go });
  });

  it.each<[string, ElfPlan, string | null, string | null]>([
    ['ARM EABI 5, hard float', { machine: EM.ARM, wide: false, flags: 0x0500_0400 }, 'eabi5', 'hard'],
    ['ARM EABI 5, soft float', { machine: EM.ARM, wide: false, flags: 0x0500_0200 }, 'eabi5', 'soft'],
    ['ARM before EABI', { machine: EM.ARM, wide: false }, null, null],
    ['MIPS o32', { machine: EM.MIPS, wide: false, flags: 0x1000 }, 'o32', null],
    ['MIPS o64', { machine: EM.MIPS, wide: false, flags: 0x2000 }, 'o64', null],
    ['MIPS n32', { machine: EM.MIPS, wide: false, flags: 0x20 }, 'n32', null],
    ['MIPS n64', { machine: EM.MIPS }, 'n64', null],
    ['MIPS, soft float', { machine: EM.MIPS, segments: [{ type: 0x7000_0003, data: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 3) }] }, 'n64', 'soft'],
    ['RISC-V, double float', { machine: EM.RISCV, flags: 5 }, 'lp64d', 'double'],
    ['RISC-V, soft float, embedded', { machine: EM.RISCV, wide: false, flags: 8 }, 'ilp32e', 'soft'],
    ['LoongArch, double float', { machine: EM.LOONGARCH, flags: 0x43 }, 'lp64d', 'double'],
    ['LoongArch, unsaid', { machine: EM.LOONGARCH }, null, null],
    ['PowerPC ELFv1', { machine: EM.PPC64, little: false, flags: 1 }, 'elfv1', null],
    ['PowerPC ELFv2', { machine: EM.PPC64, flags: 2 }, 'elfv2', null],
    ['PowerPC, unsaid', { machine: EM.PPC64 }, null, null],
    ['x32', { wide: false }, 'x32', null],
  ])('ABI: %s', (_, plan, abi, floatAbi) => {
    expect(read(plan).elf).toMatchObject({ abi, floatAbi });
  });

  it('names extensions by their bits', () => {
    expect(read({ machine: EM.RISCV, flags: 5 }).elf.extensions).toEqual(['RVC']);
    expect(read({ machine: EM.RISCV, flags: 0x18 }).elf.extensions).toEqual(['RVE', 'TSO']);
    expect(read({ machine: EM.ARM, wide: false, little: false, flags: 0x0580_0000 }).elf.extensions).toEqual(['BE8']);
    expect(read({ flags: 5 }).elf.extensions).toEqual([]);
  });

  it('keeps a machine that nobody listed', () => {
    const binary = read({ machine: 0xfff1 });
    expect(binary.machine).toEqual({ value: 0xfff1, name: null });
    expect(binary.platform).toMatchObject({ arch: null, os: null, go: null, triple: null });
  });

  it('names a machine by the first name in use, and an older number by none', () => {
    expect(read({ machine: 0 }).machine.name).toBe('EM_NONE');
    expect(read({ machine: 41 }).machine.name).toBe('EM_ALPHA');
    expect(read({ machine: EM.ALPHA }).machine.name).toBe('EM_ALPHA');
    expect(read({ machine: 164 }).machine.name).toBe('EM_HEXAGON');
    expect(Object.keys(EM_UNOFFICIAL).map((value) => read({ machine: Number(value) }).platform.arch)).not.toContain(null);
  });

  it.each<[string, ElfPlan, string | null, string | null, string]>([
    ['glibc by interpreter', { interpreter: GLIBC }, 'linux', 'glibc', 'interpreter'],
    ['musl by interpreter', { interpreter: '/lib/ld-musl-x86_64.so.1' }, 'linux', 'musl', 'interpreter'],
    ['uClibc by interpreter', { interpreter: '/lib/ld64-uClibc.so.0' }, 'linux', 'uclibc', 'interpreter'],
    ['klibc by interpreter', { interpreter: '/lib/klibc-XX6cASCB7KZyJWpIJW79y94XHBY.so' }, 'linux', 'klibc', 'interpreter'],
    ['Android by interpreter', { interpreter: '/system/bin/linker64' }, 'android', 'bionic', 'interpreter'],
    ['Android by APEX interpreter', { interpreter: '/apex/com.android.runtime/bin/linker64' }, 'android', 'bionic', 'interpreter'],
    ['FreeBSD by interpreter', { interpreter: '/libexec/ld-elf.so.1' }, 'freebsd', 'freebsd', 'interpreter'],
    ['NetBSD by interpreter', { interpreter: '/usr/libexec/ld.elf_so' }, 'netbsd', 'netbsd', 'interpreter'],
    ['OpenBSD by interpreter', { interpreter: '/usr/libexec/ld.so' }, 'openbsd', 'openbsd', 'interpreter'],
    ['DragonFly by interpreter', { interpreter: '/usr/libexec/ld-elf.so.2' }, 'dragonfly', 'dragonfly', 'interpreter'],
    ['Solaris by interpreter', { interpreter: '/lib/amd64/ld.so.1' }, 'solaris', 'solaris', 'interpreter'],
    ['Haiku by interpreter', { interpreter: '/system/runtime_loader' }, 'haiku', 'haiku', 'interpreter'],
    ['a Nix store by interpreter', { interpreter: '/nix/store/abc-glibc-2.38/lib/ld-linux-x86-64.so.2' }, 'linux', 'glibc', 'interpreter'],
    ['EI_OSABI before the interpreter', { osAbi: 9, interpreter: GLIBC }, 'freebsd', 'glibc', 'ELFOSABI_FREEBSD'],
    ['EI_OSABI GNU says nothing', { osAbi: 3 }, 'linux', null, 'assumed'],
    ['a GNU note', { notes: [{ owner: 'GNU', type: NT_GNU.ABI_TAG, data: Uint8Array.of(3, 0, 0, 0) }] }, 'freebsd', null, 'NT_GNU_ABI_TAG'],
    ['a NetBSD note', { notes: [{ owner: 'NetBSD', type: 1, data: new Uint8Array(4) }] }, 'netbsd', null, 'NetBSD'],
    ['an Android note', { notes: [{ owner: 'Android', type: 1, data: new Uint8Array(4) }] }, 'android', 'bionic', 'Android'],
    ['glibc by library', { type: ET.DYN, dynamic: [[DT.NEEDED, 'libc.so.6']] }, 'linux', 'glibc', 'libc.so.6'],
    ['musl by library', { type: ET.DYN, dynamic: [[DT.NEEDED, 'libc.musl-x86_64.so.1']] }, 'linux', 'musl', 'libc.musl'],
    ['musl by plain libc.so', { type: ET.DYN, dynamic: [[DT.NEEDED, 'libc.so']] }, 'linux', 'musl', 'libc.so'],
    ['bionic by libc.so beside libdl.so', { type: ET.DYN, dynamic: [[DT.NEEDED, 'libdl.so'], [DT.NEEDED, 'libc.so']] }, 'android', 'bionic', 'libdl.so'],
    ['glibc in a static program', { sections: [{ name: '__libc_freeres_fn', type: SHT.PROGBITS, data: new Uint8Array(4) }] }, 'linux', 'glibc', 'assumed'],
    ['a kernel module', { type: ET.REL, sections: [{ name: '.modinfo', type: SHT.PROGBITS, data: new Uint8Array(4) }] }, 'linux', null, 'module'],
    ['an object file', { type: ET.REL }, null, null, 'unknown'],
    ['an unmarked program', {}, 'linux', null, 'assumed'],
    ['an unmarked program of a small machine', { machine: EM.AVR }, null, null, 'unknown'],
  ])('%s', (_, plan, os, libc, because) => {
    const binary = read(plan);
    expect({ os: binary.platform.os, libc: binary.platform.libc }).toEqual({ os, libc });
    expect(binary.because['os']).toContain(because);
  });
});

describe('what is odd, and the answer all the same', () => {
  it('reads dependencies without section headers', () => {
    const binary = read({ type: ET.DYN, dynamic: [[DT.NEEDED, 'libc.so.6'], PIE_FLAG] });
    expect(binary.dependencies).toHaveLength(1);
    expect(binary).toMatchObject({ stripped: null, debugInfo: null });
  });

  it('does not know what is stripped where the section headers are cut off', () => {
    const whole = buildElf({ type: ET.DYN, dynamic: [[DT.NEEDED, 'libc.so.6'], PIE_FLAG], sections: [{ name: '.text', type: SHT.PROGBITS, data: new Uint8Array(64) }] });
    const binary = readRaw(whole.subarray(0, whole.length - 3 * 64));
    expect(binary).toMatchObject({ stripped: null, debugInfo: null, kind: 'executable' });
    expect(binary.dependencies).toHaveLength(1);
    expect(codes(binary)).toContain('truncated');
  });

  it('takes PT_DYNAMIC by its address where its offset lies', () => {
    const bytes = buildElf({ type: ET.DYN, dynamic: [[DT.NEEDED, 'libc.so.6'], PIE_FLAG] });
    const view = new DataView(bytes.buffer);
    const dynamicHeader = 64 + 56; // the second program header
    expect(view.getUint32(dynamicHeader, true)).toBe(PT.DYNAMIC);
    view.setBigUint64(dynamicHeader + 8, 8n, true); // p_offset
    const binary = readRaw(bytes);
    expect(binary.dependencies.map(({ name }) => name)).toEqual(['libc.so.6']);
    expect(codes(binary)).toContain('dynamic-offset-mismatch');
  });

  it('believes a section only where there are no program headers', () => {
    const strings = new TextEncoder().encode('\0libx.so\0');
    const table = new Uint8Array(32);
    new DataView(table.buffer).setBigUint64(0, 1n, true);
    new DataView(table.buffer).setBigUint64(8, 1n, true);
    const sections = [
      { name: '.dynstr', type: SHT.STRTAB, data: strings },
      { name: '.dynamic', type: SHT.DYNAMIC, data: table, link: 1 },
    ];
    const object = read({ type: ET.DYN, sections, header: { phnum: 0, phoff: 0 } });
    expect(object.dependencies.map(({ name }) => name)).toEqual(['libx.so']);
    expect(codes(object)).toEqual([]);
    const program = read({ type: ET.EXEC, sections });
    expect(program).toMatchObject({ dependencies: [], linkage: 'static' });
    expect(codes(program)).toEqual(['dynamic-section-only']);
  });

  it.each<[string, ElfPlan, string]>([
    ['a name outside the string table', { dynamic: [[DT.NEEDED, 0xffffn]] }, 'no-string'],
    ['a string table outside the file', { dynamic: [[DT.NEEDED, 1n], [DT.STRTAB, 0xdead_0000n], [DT.NULL, 0n]], bareDynamic: true }, 'string-table-unmapped'],
    ['no string table at all', { dynamic: [[DT.NEEDED, 1n], [DT.NULL, 0n]], bareDynamic: true }, 'no-string'],
    ['no DT_NULL', { sections: [{ name: '.dynamic', type: SHT.DYNAMIC, data: new Uint8Array(16).fill(1) }], header: { phnum: 0, phoff: 0 } }, 'no-dt-null'],
    ['program headers past the end', { header: { phoff: 0xffff_fff0 } }, 'truncated'],
    ['program headers beyond any file', { header: { phoff: 0xffff_ffff_ffff_ffffn } }, 'truncated'],
    ['65,534 program headers', { header: { phnum: 0xfffe } }, 'truncated'],
    ['section headers past the end', { header: { shoff: 0xffff_fff0, shnum: 3 } }, 'truncated'],
    ['65,535 section headers', { header: { shoff: 64, shnum: 0xffff } }, 'truncated'],
    ['program headers of an odd size', { header: { phentsize: 1 } }, 'entry-size'],
    ['no such section of names', { sections: [], header: { shstrndx: 7 } }, 'section-names'],
    ['a segment past the end', { segments: [{ type: PT.LOAD, offset: 0, address: 0n, fileSize: 0x1000_0000 }] }, 'segment-truncated'],
    ['a note that leaves its segment', { segments: [{ type: PT.NOTE, data: Uint8Array.of(4, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0, 71, 78, 85, 0) }] }, 'note-truncated'],
    ['section 0 that holds no count', { section0: { type: 1, size: 0xffff_ffffn }, header: { shnum: 0 } }, 'no-section-headers'],
    ['an extended count beyond the file', { section0: { size: 0x10_0000n }, header: { shnum: 0 } }, 'truncated'],
    ['an empty interpreter', { interpreter: '' }, 'interpreter'],
  ])('%s is a warning', (_, plan, code) => {
    expect(codes(read(plan))).toContain(code);
  });

  it('reads counts that 16 bits can not hold from section 0', () => {
    const binary = read({ header: { phnum: 0xffff }, section0: { info: 1, size: 0 }, interpreter: GLIBC });
    expect(binary.elf.segments).toBe(1);
    expect(binary.interpreter).toBeNull(); // only the first of two headers counts
  });

  it('keeps bytes that are no UTF-8', () => {
    const bytes = buildElf({ type: ET.DYN, dynamic: [[DT.NEEDED, 'libX.so'], PIE_FLAG] });
    bytes[bytes.indexOf(0x58)] = 0xff;
    expect(readRaw(bytes).dependencies[0]?.name).toBe('lib\udcff.so');
  });

  it('bounds names and dependencies', () => {
    const long = read({ type: ET.DYN, dynamic: [[DT.NEEDED, 'x'.repeat(9000)]] });
    expect(long.dependencies[0]?.name).toHaveLength(4096);
    expect(codes(long)).toContain('string-cut');
    const many = read({ type: ET.DYN, dynamic: Array.from({ length: 50 }, () => [DT.NEEDED, 'a'] as const) }, { ...LIMITS, dependencies: 10 });
    expect(many.dependencies).toHaveLength(10);
    expect(codes(many)).toContain('limit-exceeded');
  });

  it('says at most so many warnings', () => {
    const many = read({ dynamic: Array.from({ length: 500 }, () => [DT.NEEDED, 0xffffn] as const) });
    expect(many.warnings).toHaveLength(LIMITS.warnings + 1);
  });
});

describe('a file that is cut', () => {
  const whole = buildElf({ type: ET.DYN, dynamic: [[DT.NEEDED, 'libc.so.6'], PIE_FLAG], interpreter: GLIBC, segments: [{ type: PT.GNU_STACK }] });

  it('is not taken for what it would be without the part that is missing', () => {
    for (let size = 64; size < whole.length; size++) {
      const { kind, pie, linkage, hardening, warnings } = readRaw(whole.subarray(0, size));
      if (kind === 'executable') expect({ pie, linkage }).toEqual({ pie: true, linkage: 'dynamic' });
      else expect({ kind, pie, linkage, hardening }).toEqual({ kind: 'other', pie: null, linkage: null, hardening: null });
      expect(warnings.length, `${size} of ${whole.length} bytes`).toBeGreaterThan(0);
    }
  });

  it('at fixed addresses has no linkage that could be told', () => {
    const fixed = buildElf({ interpreter: GLIBC }).subarray(0, 100);
    expect(readRaw(fixed)).toMatchObject({ kind: 'executable', pie: false, linkage: null, hardening: null });
    expect(readRaw(fixed).because['linkage']).toContain('unknown');
  });
});

describe('what can not be read', () => {
  it.each<[string, ElfPlan, string, number]>([
    ['a class that is none', { class: 3 }, 'malformed', 4],
    ['a byte order that is none', { data: 0 }, 'malformed', 5],
  ])('%s', (_, plan, code, offset) => {
    expect(() => read(plan)).toThrow(expect.objectContaining({ code, offset }));
  });

  it('a header cut anywhere', () => {
    const bytes = buildElf({});
    for (let size = 4; size < 64; size++) expect(() => readRaw(bytes.subarray(0, size))).toThrow(expect.objectContaining({ code: 'truncated' }));
  });
});
