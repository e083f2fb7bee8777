// What Mach-O files do against attacks, what packs them and what is appended to them: each fact true, false and null.

import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import { LIMITS } from '../src/limits.ts';
import type { Limits } from '../src/limits.ts';
import { CPU_TYPE, LC, MH, MH_FLAG, PLATFORM } from '../src/macho/constants.ts';
import { readMachO } from '../src/macho/facts/binary.ts';
import type { MachOBinary } from '../src/model/binary.ts';
import type { Hardening } from '../src/model/hardening.ts';
import { buildMachO, dylib, MachOWriter, numbers, segment, text } from './build/macho.ts';
import type { CommandPlan, MachOPlan, SymbolPlan } from './build/macho.ts';

const all = (plan: MachOPlan, limits: Limits = LIMITS): MachOBinary => readBytes(buildMachO(plan), (input) => readMachO(input, 'all'), limits);
const main = (plan: MachOPlan): MachOBinary => readBytes(buildMachO(plan), readMachO, LIMITS);
const fact = ({ hardening, because }: MachOBinary, name: keyof Hardening): [unknown, string | undefined] => [hardening?.[name], because[`hardening.${name}`]];
const MACOS = numbers(LC.BUILD_VERSION, PLATFORM.MACOS, 0x000b_0000, 0, 0);
const SYSTEM = dylib('/usr/lib/libSystem.B.dylib');
const TEXT = segment('__TEXT', true, { fileSize: 64 });
const wild = { ncmds: 9 }; // more commands than there are

describe('what the header says', () => {
  it.each([
    ['nonExecutableStack', true, { cpuType: CPU_TYPE.X86_64 }, 'MH_ALLOW_STACK_EXECUTION is not set in the header'],
    ['nonExecutableStack', true, { cpuType: CPU_TYPE.ARM64 }, 'MH_ALLOW_STACK_EXECUTION is not set in the header'],
    ['nonExecutableStack', false, { flags: MH_FLAG.ALLOW_STACK_EXECUTION }, 'MH_ALLOW_STACK_EXECUTION is set in the header'],
    ['nonExecutableStack', null, { cpuType: CPU_TYPE.POWERPC }, 'unknown: not every machine of this type can keep a stack from being executed'],
    ['nonExecutableStack', null, { fileType: MH.DYLIB, flags: MH_FLAG.ALLOW_STACK_EXECUTION }, undefined],
    ['nonExecutableHeap', true, { wide: false, flags: MH_FLAG.NO_HEAP_EXECUTION }, 'MH_NO_HEAP_EXECUTION is set in the header'],
    ['nonExecutableHeap', false, { wide: false }, 'MH_NO_HEAP_EXECUTION is not set in the header'],
    ['nonExecutableHeap', null, { flags: MH_FLAG.NO_HEAP_EXECUTION }, undefined],
    ['nonExecutableHeap', null, { wide: false, fileType: MH.BUNDLE }, undefined],
    ['pac', true, { cpuType: CPU_TYPE.ARM64, cpuSubtype: 0x8000_0002 }, 'cpusubtype is CPU_SUBTYPE_ARM64E'],
    ['pac', true, { cpuType: CPU_TYPE.ARM64, cpuSubtype: 2, fileType: MH.DYLIB }, 'cpusubtype is CPU_SUBTYPE_ARM64E'],
    ['pac', false, { cpuType: CPU_TYPE.ARM64, cpuSubtype: 0 }, 'cpusubtype is CPU_SUBTYPE_ARM64_ALL'],
    ['pac', false, { cpuType: CPU_TYPE.ARM64, cpuSubtype: 77 }, 'cpusubtype is 77'],
    ['pac', null, { cpuType: CPU_TYPE.X86_64, cpuSubtype: 2 }, undefined],
    ['pac', null, { cpuType: CPU_TYPE.ARM64_32, cpuSubtype: 2, wide: false }, undefined],
  ] as const)('%s is %s for %o', (name, value, plan, reason) => {
    expect(fact(main(plan), name)).toEqual([value, reason]);
  });

  it.each([
    [MH.OBJECT, false],
    [MH.EXECUTE, true],
    [MH.CORE, false],
    [MH.DYLIB, true],
    [MH.BUNDLE, true],
    [MH.DSYM, false],
    [MH.KEXT_BUNDLE, true],
    [MH.FILESET, false],
  ] as const)('of file type %i there is hardening: %s', (fileType, there) => {
    const { hardening, because } = all({ fileType, commands: [TEXT] });
    expect(hardening !== null).toBe(there);
    expect(Object.keys(because).some((key) => key.startsWith('hardening.'))).toBe(there);
  });

  it('has no answer to what is asked of other formats', () => {
    const { relro, ibt, shadowStack, bti, textRelocations, aslr, highEntropyAslr, controlFlowGuard, safeSeh, forceIntegrity } = all({}).hardening as Hardening;
    expect([relro, ibt, shadowStack, bti, textRelocations, aslr, highEntropyAslr, controlFlowGuard, safeSeh, forceIntegrity]).toEqual(new Array(10).fill(null));
  });
});

describe('what segments say', () => {
  const jumps = segment('__IMPORT', true, { protection: 7 });
  const data = segment('__DATA', true, { protection: 3 });

  it.each([
    [true, { commands: [TEXT, data, jumps] }, 'the segment __IMPORT is mapped writable and executable'],
    [true, { commands: [jumps], header: wild }, 'the segment __IMPORT is mapped writable and executable'],
    [false, { commands: [TEXT, data] }, 'no segment is mapped both writable and executable'],
    [null, { commands: [TEXT, data], header: wild }, 'unknown: not all load commands could be read'],
    [null, { commands: [MACOS] }, 'unknown: there is no segment'],
  ] as const)('writableAndExecutable is %s', (value, plan, reason) => {
    expect(fact(main(plan), 'writableAndExecutable')).toEqual([value, reason]);
    expect(fact(main({ ...plan, fileType: MH.DYLIB }), 'writableAndExecutable')).toEqual([value, reason]);
  });

  const restricted = (name: string, section: string): CommandPlan => segment(name, true, { sections: [{ name: section, segment: name }] });

  it.each([
    [true, { commands: [TEXT, restricted('__RESTRICT', '__restrict')] }],
    [false, { commands: [TEXT, restricted('__RESTRICT', '__other')] }],
    [false, { commands: [TEXT, restricted('__TEXT', '__restrict')] }],
    [false, { commands: [segment('__RESTRICT', true)] }],
    [null, { commands: [TEXT], header: wild }],
    [null, { commands: [restricted('__RESTRICT', '__restrict')], fileType: MH.DYLIB }],
  ] as const)('restrict is %s', (value, plan) => {
    expect(main(plan).hardening?.restrict).toBe(value);
  });
});

/** LC_DYLD_CHAINED_FIXUPS with imports of these names. */
function fixups(names: readonly string[], { format = 0, symbolsOffset = 28 + names.length * 4, count = names.length } = {}): { type: number; bytes: Uint8Array } {
  const writer = new MachOWriter(true, false).u32(0, 0, 28, symbolsOffset, count, 1, format);
  let at = 1;
  for (const name of names) {
    writer.u32(at * 512 + 1); // lib_ordinal 1, name_offset
    at += name.length + 1;
  }
  return { type: LC.DYLD_CHAINED_FIXUPS, bytes: Uint8Array.from(writer.text(`\0${names.map((name) => `${name}\0`).join('')}`).bytes) };
}

describe('symbols', () => {
  const wanted = (...names: string[]): Pick<MachOPlan, 'symbols'> => ({ symbols: [[], [], names.map((name): SymbolPlan => ({ type: 1, name }))] });
  const both = (binary: MachOBinary): unknown[] => [binary.hardening?.stackCanary, binary.hardening?.fortify];

  it.each([
    [['_main', '___stack_chk_fail'], true, false],
    [['___stack_chk_guard'], true, false],
    [['___memcpy_chk', '_printf'], false, true],
    [['___stack_chk_fail', '___snprintf_chk'], true, true],
    [['__stack_chk_fail', '_memcpy_chk', '____chkstk_darwin', '___stack_chk_failure', '___memcpy_chk2', '___stack_smash_chk'], false, false],
    [['_printf'], false, false],
  ] as const)('%j: canary %s, checked functions %s', (names, canary, fortify) => {
    const binary = all({ commands: [SYSTEM], ...wanted(...names) });
    expect(both(binary)).toEqual([canary, fortify]);
    expect(both(all({ commands: [SYSTEM], data: [fixups(names)] }))).toEqual([canary, fortify]);
    expect(both(all({ fileType: MH.DYLIB, little: false, wide: false, cpuType: CPU_TYPE.POWERPC, ...wanted(...names) }))).toEqual([canary, fortify]);
    expect(both(main({ commands: [SYSTEM], ...wanted(...names) }))).toEqual([null, null]);
  });

  it('says which symbol told it', () => {
    const { because } = all(wanted('___stack_chk_fail', '___memcpy_chk', '___strcpy_chk'));
    expect(because['hardening.stackCanary']).toBe('___stack_chk_fail among the undefined symbols');
    expect(because['hardening.fortify']).toBe('___memcpy_chk, ___strcpy_chk among the undefined symbols');
    expect(all(wanted('_a')).because['hardening.stackCanary']).toBe('no ___stack_chk_fail among the undefined symbols');
    expect(main(wanted('___stack_chk_fail')).because['hardening.stackCanary']).toBeUndefined();
  });

  it('does not take debugging symbols and symbols of its own for what it uses', () => {
    const own: SymbolPlan[] = [{ type: 0x0f, name: '___stack_chk_fail' }];
    const stab: SymbolPlan[] = [{ type: 0x24, name: '___memcpy_chk' }];
    expect(both(all({ commands: [SYSTEM], symbols: [stab, own, [{ type: 1, name: '_printf' }]] }))).toEqual([false, false]);
  });

  it('looks at all symbols of what nothing is loaded with', () => {
    const own: SymbolPlan[] = [{ type: 0x0f, name: '___stack_chk_fail' }];
    const stab: SymbolPlan[] = [{ type: 0x24, name: '___memcpy_chk' }];
    expect(both(all({ flags: 0, symbols: [stab, own, []] }))).toEqual([true, false]);
    const stripped = all({ flags: 0 });
    expect(fact(stripped, 'stackCanary')).toEqual([null, 'unknown: there is no symbol table']);
    expect(stripped.hardening?.fortify).toBeNull();
  });

  it('goes by the chained fixups before the symbol table, which dyld does not need', () => {
    const plan = { commands: [SYSTEM], ...wanted('_printf') };
    expect(both(all({ ...plan, data: [fixups(['___stack_chk_fail'])] }))).toEqual([true, false]);
    expect(both(all({ commands: [SYSTEM], ...wanted('___stack_chk_fail'), data: [fixups([])] }))).toEqual([false, false]);
  });

  it.each([
    ['compressed', fixups(['_a'], { format: 1 })],
    ['outside', fixups(['_a'], { symbolsOffset: 0xffff_fff0 })],
    ['cut', { type: LC.DYLD_CHAINED_FIXUPS, bytes: new Uint8Array(27) }],
    ['not in the file', { ...fixups(['_a']), offset: 0xffff_fff0 }],
  ])('goes by the symbol table where the names of the fixups are %s', (_, data) => {
    expect(both(all({ commands: [SYSTEM], ...wanted('___stack_chk_fail'), data: [data] }))).toEqual([true, false]);
  });

  it('knows that what imports nothing has neither', () => {
    expect(both(all({ fileType: MH.BUNDLE, symbols: [[], [{ type: 0x0f, name: '___stack_chk_fail' }], []] }))).toEqual([false, false]);
    expect(both(all({ fileType: MH.BUNDLE }))).toEqual([false, false]);
  });

  it('does not know where the names are not', () => {
    const info = numbers(LC.DYLD_INFO_ONLY, 0, 0, 64, 24, 0, 0, 0, 0, 0, 0);
    expect(fact(all({ commands: [SYSTEM, info], symbols: [[], [], []] }), 'stackCanary')).toEqual([
      null,
      'unknown: there are no undefined symbols, though dyld has 24 bytes of bindings',
    ]);
    expect(fact(all({ commands: [SYSTEM], header: wild }), 'fortify')).toEqual([null, 'unknown: not all load commands could be read']);
    const symtab = numbers(LC.SYMTAB, 0x7fff_ffff, 5, 0, 0);
    const groups = numbers(LC.DYSYMTAB, 0, 0, 0, 0, 0, 5, ...new Array<number>(12).fill(0));
    expect(fact(all({ commands: [symtab, groups] }), 'stackCanary')).toEqual([null, 'unknown: the undefined symbols are not in the file']);
  });

  it('looks at all symbols where nothing divides them', () => {
    const bytes = buildMachO({ commands: [SYSTEM], ...wanted('___stack_chk_fail') });
    const at = bytes.length - 22 - 16 - 80; // LC_DYSYMTAB, before one symbol and the names
    expect(new DataView(bytes.buffer).getUint32(at, true)).toBe(LC.DYSYMTAB);
    new DataView(bytes.buffer).setUint32(at, LC.SOURCE_VERSION, true);
    expect(inspectSync(bytes, { facts: 'all' }).binaries[0]?.hardening?.stackCanary).toBe(true);
  });

  it('reads no more names than the limit', () => {
    const names = wanted('___stack_chk_fail', ...Array.from({ length: 40 }, (_, index) => `_name_of_more_than_twenty_bytes_${index}`));
    const limits = { ...LIMITS, symbolNameBytes: 41 * 16 };
    expect(fact(all({ commands: [SYSTEM], ...names }, limits), 'stackCanary')[1]).toMatch(/^unknown: the names of the undefined symbols span \d+ bytes$/);
    const fixed = fixups(Array.from({ length: 40 }, (_, index) => `_name_of_more_than_twenty_bytes_${index}`));
    expect(fact(all({ commands: [SYSTEM], data: [fixed] }, limits), 'stackCanary')[1]).toMatch(/^unknown: the names of the imports of the chained fixups have \d+ bytes$/);
  });
});

describe('UPX', () => {
  const mark = (at: number, plan: MachOPlan = {}): Uint8Array => {
    const bytes = buildMachO({ size: 0x2000, ...plan });
    bytes.set(new TextEncoder().encode('UPX!'), at);
    return bytes;
  };
  const read = (bytes: Uint8Array): MachOBinary => readBytes(bytes, (input) => readMachO(input, 'all'), LIMITS);
  const THREAD: CommandPlan = { type: LC.UNIXTHREAD, write: (writer) => writer.u32(4, 42).raw(new Array<number>(168).fill(0)) };
  const head = { commands: [TEXT, THREAD] };
  const behind = buildMachO(head).length;
  const SECTION = segment('__TEXT', true, { sections: [{ name: 'upxTEXT', segment: '__TEXT', offset: 0x3b0 }] });

  it.each([
    ['behind the load commands', mark(behind + 4, head)],
    ['a page into the file', mark(0x1004, head)],
    ['at the head of the section upxTEXT', mark(0x3b4, { commands: [SECTION, THREAD] })],
  ])('is known by its mark %s, and hides the rest', (where, bytes) => {
    const binary = read(bytes);
    expect(binary).toMatchObject({ packer: 'UPX', linkage: null, stripped: null, debugInfo: null, hardening: null, kind: 'executable', pie: true, entryPoint: 0n });
    expect(binary.platform).toMatchObject({ os: 'darwin', libc: null });
    expect(binary.because['packer']).toBe(`'UPX!' ${where}`);
    expect(Object.keys(binary.because).filter((key) => /^(linkage|stripped|debugInfo|libc|hardening)/.test(key))).toEqual([]);
  });

  it('hides the C library, and not the names of the libraries', () => {
    const binary = read(mark(0x3b4, { fileType: MH.DYLIB, commands: [SECTION, SYSTEM] }));
    expect(binary.platform.libc).toBeNull();
    expect(binary.dependencies).toHaveLength(1);
    expect(binary.because['libc']).toBeUndefined();
  });

  it.each([
    ['elsewhere', mark(behind + 5, head)],
    ['a page into a program with symbols', mark(0x1004, { ...head, symbols: [[], [], []] })],
    ['in a section of another name', mark(0x3b4, { commands: [segment('__TEXT', true, { sections: [{ name: '__text', segment: '__TEXT', offset: 0x3b0 }] })] })],
    ['nowhere', buildMachO({ size: 0x1006, ...head })],
  ])('is not known by a mark %s', (_, bytes) => {
    const { packer, hardening, because } = read(bytes);
    expect(packer).toBeNull();
    expect(hardening).not.toBeNull();
    expect(because['packer']).toBeUndefined();
  });
});

describe('overlay', () => {
  const appended = new Uint8Array(10);
  const overlay = (plan: MachOPlan): unknown => main({ ...plan, appended }).overlay;
  const size = (plan: MachOPlan): number => buildMachO(plan).length;

  it('is what lies after everything that the commands speak of', () => {
    const plan: MachOPlan = { commands: [TEXT], symbols: [[], [], [{ type: 1, name: '_a' }]], data: [{ type: LC.FUNCTION_STARTS, bytes: new Uint8Array(8) }] };
    const binary = main({ ...plan, appended });
    expect(binary.overlay).toMatchObject({ offset: size(plan), size: 10 });
    expect(binary.because['overlay']).toBe('bytes after the last segment, table and signature');
    expect(main(plan)).toMatchObject({ overlay: null, warnings: [] });
    expect(main(plan).because['overlay']).toBeUndefined();
  });

  it.each([
    ['load commands alone', {}],
    ['symbols', { symbols: [[{ type: 0x66, name: '/a.o' }], [], []] }],
    ['a signature', { data: [{ type: LC.CODE_SIGNATURE, bytes: new Uint8Array(16) }] }],
    ['exports', { data: [{ type: LC.DYLD_EXPORTS_TRIE, bytes: new Uint8Array(16) }] }],
  ] as const)('begins after %s', (_, plan) => {
    expect(overlay(plan)).toMatchObject({ offset: size(plan), size: 10 });
  });

  it.each([
    ['a segment', [segment('__LINKEDIT', true, { offset: 300, fileSize: 100 })]],
    ['relocations', [segment('', true, { sections: [{ name: '__text', segment: '__TEXT', relocationsOffset: 360, relocations: 5 }] })]],
    ['dyld\'s programs', [numbers(LC.DYLD_INFO_ONLY, 0, 0, 0, 0, 0, 0, 0, 0, 390, 10)]],
    ['hints', [numbers(LC.TWOLEVEL_HINTS, 300, 25)]],
    ['indirect symbols', [numbers(LC.DYSYMTAB, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 360, 10, 0, 0, 0, 0)]],
    ['a note', [{ type: LC.NOTE, write: (writer) => writer.name('owner').number(300, 8).number(100, 8) } satisfies CommandPlan]],
  ])('begins after %s', (_, commands) => {
    expect(main({ commands, size: 410 }).overlay).toMatchObject({ offset: 400, size: 10 });
    expect(main({ commands, size: 400 }).overlay).toBeNull();
  });

  it('is not asked of a core, nor where commands are missing or lie', () => {
    expect(overlay({ fileType: MH.CORE })).toBeNull();
    expect(overlay({ commands: [MACOS], header: { ncmds: 3 } })).toBeNull();
    expect(overlay({ commands: [segment('__DATA', true, { offset: 2n ** 62n, fileSize: 2n ** 62n })] })).toBeNull();
    expect(overlay({ commands: [{ type: LC.NOTE, write: (writer) => writer.name('').number(2n ** 64n - 1n, 8).number(2n ** 64n - 1n, 8) }] })).toBeNull();
    expect(overlay({ commands: [text(LC.RPATH, '/a')], header: { sizeofcmds: 0xffff_ffff } })).toBeNull();
  });
});
