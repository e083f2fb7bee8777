// What ELF files do against attacks, which build they are, what they ask of the system, and what hides in them.

import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { DF, DF_1, DT, EM, ET, GNU_PROPERTY, NT_GNU, PF, PT, SHT } from '../src/elf/constants.ts';
import { readElf } from '../src/elf/facts/binary.ts';
import { LIMITS } from '../src/limits.ts';
import type { ElfBinary } from '../src/model/binary.ts';
import type { Hardening } from '../src/model/hardening.ts';
import { buildElf } from './build/elf.ts';
import type { ElfPlan, SectionPlan } from './build/elf.ts';

const read = (plan: ElfPlan, facts: 'main' | 'all' = 'all'): ElfBinary => readBytes(buildElf(plan), (input) => readElf(input, facts), LIMITS);
const RELRO = { type: PT.GNU_RELRO, memorySize: 0x1000 };
const LIBRARY: ElfPlan = { type: ET.DYN, dynamic: [[DT.SONAME, 'x'], [DT.JMPREL, 1n]] };
const stack = (flags: number): ElfPlan => ({ segments: [{ type: PT.GNU_STACK, flags }] });
const dynamic = (...entries: (readonly [number, bigint | string])[]): ElfPlan => ({ ...LIBRARY, dynamic: [...(LIBRARY.dynamic ?? []), ...entries], segments: [RELRO] });

/** A note of GNU properties with one of four bytes. */
function property(type: number, value: number): NonNullable<ElfPlan['notes']> {
  const data = new Uint8Array(16);
  const view = new DataView(data.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, 4, true);
  view.setUint32(8, value, true);
  return [{ owner: 'GNU', type: NT_GNU.PROPERTY_TYPE_0, data }];
}

/** Sections of a symbol table with these global names. */
function symbolTable(...names: string[]): SectionPlan[] {
  const strings = [0];
  const table = new Uint8Array(24 * (names.length + 1));
  names.forEach((name, i) => {
    new DataView(table.buffer).setUint32(24 * (i + 1), strings.length, true);
    strings.push(...new TextEncoder().encode(name), 0);
  });
  return [
    { name: '.strtab', type: SHT.STRTAB, data: Uint8Array.from(strings) },
    { name: '.symtab', type: SHT.SYMTAB, data: table, link: 1, info: 1 },
  ];
}

/** A library whose dynamic symbol table has these names. */
function imports(...names: string[]): Uint8Array {
  const base = 0x40_0000n;
  const strings = [0];
  const table = new Uint8Array(24 * (names.length + 1));
  names.forEach((name, i) => {
    new DataView(table.buffer).setUint32(24 * (i + 1), strings.length, true);
    strings.push(...new TextEncoder().encode(name), 0);
  });
  const hash = new Uint8Array(8);
  new DataView(hash.buffer).setUint32(4, names.length + 1, true);
  const plan = (at: readonly [bigint, bigint, bigint]): ElfPlan => ({
    type: ET.DYN,
    dynamic: [[DT.SYMTAB, at[0]], [DT.STRTAB, at[1]], [DT.STRSZ, BigInt(strings.length)], [DT.HASH, at[2]], [DT.NULL, 0n]],
    bareDynamic: true,
    sections: [
      { name: '.dynsym', type: SHT.PROGBITS, data: table },
      { name: '.dynstr', type: SHT.PROGBITS, data: Uint8Array.from(strings) },
      { name: '.hash', type: SHT.PROGBITS, data: hash },
    ],
  });
  const first = buildElf(plan([base, base, base]));
  const view = new DataView(first.buffer);
  const header = Number(view.getBigUint64(40, true));
  const offset = (index: number): bigint => base + view.getBigUint64(header + 64 * index + 24, true);
  return buildElf(plan([offset(1), offset(2), offset(3)]));
}

describe('hardening', () => {
  it.each<[string, ElfPlan, keyof Hardening, Hardening[keyof Hardening]]>([
    ['a stack that is not executable', stack(PF.R | PF.W), 'nonExecutableStack', true],
    ['an executable stack', stack(PF.R | PF.W | PF.X), 'nonExecutableStack', false],
    ['no word of the stack', {}, 'nonExecutableStack', null],
    ['no word of the stack, where that makes it executable', { machine: EM['386'], wide: false }, 'nonExecutableStack', false],
    ['no RELRO', {}, 'relro', 'none'],
    ['no RELRO, whatever the flags say', { type: ET.DYN, dynamic: [[DT.FLAGS, BigInt(DF.BIND_NOW)], [DT.JMPREL, 1n]] }, 'relro', 'none'],
    ['RELRO with late binding', dynamic(), 'relro', 'partial'],
    ['RELRO and DT_BIND_NOW', dynamic([DT.BIND_NOW, 0n]), 'relro', 'full'],
    ['RELRO and DF_BIND_NOW', dynamic([DT.FLAGS, BigInt(DF.BIND_NOW)]), 'relro', 'full'],
    ['RELRO and DF_1_NOW', dynamic([DT.FLAGS_1, BigInt(DF_1.NOW)]), 'relro', 'full'],
    ['RELRO and nothing to bind late', { segments: [RELRO] }, 'relro', 'full'],
    ['IBT', { notes: property(GNU_PROPERTY.X86_FEATURE_1_AND, 1) }, 'ibt', true],
    ['no IBT', { notes: property(GNU_PROPERTY.X86_FEATURE_1_AND, 2) }, 'ibt', false],
    ['IBT on arm64', { machine: EM.AARCH64, notes: property(GNU_PROPERTY.X86_FEATURE_1_AND, 1) }, 'ibt', null],
    ['a shadow stack', { notes: property(GNU_PROPERTY.X86_FEATURE_1_AND, 2) }, 'shadowStack', true],
    ['no shadow stack', {}, 'shadowStack', false],
    ['a shadow stack on RISC-V', { machine: EM.RISCV }, 'shadowStack', null],
    ['BTI', { machine: EM.AARCH64, notes: property(GNU_PROPERTY.AARCH64_FEATURE_1_AND, 1) }, 'bti', true],
    ['no BTI', { machine: EM.AARCH64, notes: property(GNU_PROPERTY.AARCH64_FEATURE_1_AND, 2) }, 'bti', false],
    ['BTI on x86-64', { notes: property(GNU_PROPERTY.AARCH64_FEATURE_1_AND, 1) }, 'bti', null],
    ['PAC', { machine: EM.AARCH64, notes: property(GNU_PROPERTY.AARCH64_FEATURE_1_AND, 2) }, 'pac', true],
    ['no PAC', { machine: EM.AARCH64 }, 'pac', false],
    ['PAC on x86-64', {}, 'pac', null],
    ['a writable and executable segment', { segments: [{ type: PT.LOAD, flags: 7, offset: 0, address: 0n, fileSize: 64 }] }, 'writableAndExecutable', true],
    ['none', {}, 'writableAndExecutable', false],
    ['no segment at all', { segments: [{ type: PT.LOAD }], header: { phnum: 0 } }, 'writableAndExecutable', null],
    ['DT_TEXTREL', dynamic([DT.TEXTREL, 0n]), 'textRelocations', true],
    ['DF_TEXTREL', dynamic([DT.FLAGS, BigInt(DF.TEXTREL)]), 'textRelocations', true],
    ['no text relocations', dynamic(), 'textRelocations', false],
    ['a canary in a static program', { sections: symbolTable('main', '__stack_chk_fail') }, 'stackCanary', true],
    ['no canary in a static program', { sections: symbolTable('main', '__stack_chk_fail_not') }, 'stackCanary', false],
    ['a stripped static program', {}, 'stackCanary', null],
    ['checked functions in a static program', { sections: symbolTable('__memcpy_chk') }, 'fortify', true],
    ['the canary is no checked function', { sections: symbolTable('__stack_chk_fail') }, 'fortify', false],
    ['checked functions in a stripped static program', {}, 'fortify', null],
  ])('%s', (_, plan, fact, value) => {
    const binary = read(plan);
    expect(binary.hardening?.[fact]).toBe(value);
  });

  it('is not asked of objects and cores', () => {
    expect(read({ type: ET.REL }).hardening).toBeNull();
    expect(read({ type: ET.CORE }).hardening).toBeNull();
    expect(read(LIBRARY).hardening).not.toBeNull();
  });

  it('looks into the dynamic symbols of a library', () => {
    const facts = (bytes: Uint8Array): Hardening | null => readBytes(bytes, (input) => readElf(input, 'all'), LIMITS).hardening;
    expect(facts(imports('puts', '__stack_chk_fail', '__printf_chk'))).toMatchObject({ stackCanary: true, fortify: true });
    expect(facts(imports('puts', 'my__printf_chk_too'))).toMatchObject({ stackCanary: false, fortify: false });
  });

  it('leaves symbols alone unless all facts are asked for', () => {
    expect(read({ sections: symbolTable('__stack_chk_fail') }, 'main').hardening).toMatchObject({ stackCanary: null, fortify: null, relro: 'none' });
  });

  it('says for every answer what told it', () => {
    const { hardening, because } = read({ ...dynamic(), sections: symbolTable('x') });
    for (const [fact, value] of Object.entries(hardening ?? {})) if (value !== null) expect(because[`hardening.${fact}`], fact).toBeTruthy();
  });
});

describe('identity', () => {
  const link = Uint8Array.from([...new TextEncoder().encode('prog.debug\0'), 0, 0x78, 0x56, 0x34, 0x12]);

  it('is the links to debug files', () => {
    const { identity } = read({
      sections: [
        { name: '.gnu_debuglink', type: SHT.PROGBITS, data: link },
        { name: '.gnu_debugaltlink', type: SHT.PROGBITS, data: new TextEncoder().encode('/usr/lib/debug/.dwz/x\0abcd') },
        { name: '.gnu_debugdata', type: SHT.PROGBITS, data: Uint8Array.of(1) },
      ],
    });
    expect(identity).toMatchObject({ debugLink: 'prog.debug', debugLinkCrc: 0x1234_5678, debugAltLink: '/usr/lib/debug/.dwz/x', miniDebugInfo: true });
  });

  it('is nothing where there are none, and unknown without section headers', () => {
    expect(read({ sections: [] }).identity).toMatchObject({ debugLink: null, debugLinkCrc: null, debugAltLink: null, miniDebugInfo: false });
    expect(read({}).identity.miniDebugInfo).toBeNull();
  });

  it('bears a link that is cut', () => {
    expect(read({ sections: [{ name: '.gnu_debuglink', type: SHT.PROGBITS, data: link.subarray(0, 13) }] }).identity).toMatchObject({ debugLink: 'prog.debug', debugLinkCrc: null });
  });
});

describe('the oldest system', () => {
  const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
  it.each<[string, ElfPlan, { os: string | null; kernel: string | null }]>([
    ['Linux', { notes: [{ owner: 'GNU', type: NT_GNU.ABI_TAG, data: words(0, 3, 2, 0) }] }, { os: null, kernel: '3.2.0' }],
    ['Android', { notes: [{ owner: 'Android', type: 1, data: words(21) }] }, { os: '21', kernel: null }],
    ['FreeBSD', { notes: [{ owner: 'FreeBSD', type: 1, data: words(1_302_001) }] }, { os: '13.2', kernel: null }],
    ['nobody says', {}, { os: null, kernel: null }],
  ])('%s', (_, plan, minimums) => {
    expect(read(plan).minimums).toMatchObject(minimums);
  });
});

describe('what hides', () => {
  const append = (bytes: Uint8Array, more: readonly number[]): ElfBinary => {
    const all = new Uint8Array(bytes.length + more.length);
    all.set(bytes);
    all.set(more, bytes.length);
    return readBytes(all, (input) => readElf(input, 'all'), LIMITS);
  };
  const plain = buildElf({ sections: [{ name: '.text', type: SHT.PROGBITS, data: new Uint8Array(16) }] });
  const bare = buildElf({});
  const UPX = [0x55, 0x50, 0x58, 0x21];

  it('sees appended bytes', () => {
    expect(append(plain, [1, 2, 3]).overlay).toMatchObject({ offset: plain.length, size: 3 });
    expect(append(plain, []).overlay).toBeNull();
  });

  it('sees UPX by its trailer and behind the program headers, and says nothing of what it hides', () => {
    const packed = append(bare, [...UPX, ...new Array<number>(32).fill(0)]);
    expect(packed).toMatchObject({ packer: 'UPX', linkage: null, stripped: null, debugInfo: null, hardening: null, go: null, pie: false });
    expect(packed.platform.libc).toBeNull();
    const behind = new Uint8Array(bare.length + 64);
    behind.set(bare);
    behind.set(UPX, 64 + 56 + 4);
    expect(readBytes(behind, readElf, LIMITS).packer).toBe('UPX');
  });

  it('does not take the mark elsewhere for it', () => {
    expect(append(bare, [...UPX, ...new Array<number>(64).fill(0)]).packer).toBeNull();
    expect(append(plain, [...UPX, ...new Array<number>(32).fill(0)]).packer).toBeNull();
    expect(readBytes(plain, readElf, LIMITS).packer).toBeNull();
  });
});
