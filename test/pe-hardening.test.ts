// What PE files do against attacks: every fact where it is true, where it is false, and where it can't be told.

import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { LIMITS } from '../src/limits.ts';
import type { PeBinary } from '../src/model/binary.ts';
import { NO_HARDENING } from '../src/model/hardening.ts';
import type { Hardening } from '../src/model/hardening.ts';
import { COMIMAGE, DEBUG_TYPE, DIRECTORY, DLL_CHARACTERISTICS, FILE, GUARD, MACHINE, SUBSYSTEM } from '../src/pe/constants.ts';
import { readPe } from '../src/pe/facts/binary.ts';
import { buildPe, words } from './build/pe.ts';
import type { PePlan, SectionPlan } from './build/pe.ts';
import { fixtureBytes } from './fixtures.ts';

const readRaw = (bytes: Uint8Array): PeBinary => readBytes(bytes, readPe, LIMITS);
const read = (plan: PePlan): PeBinary => readRaw(buildPe(plan));

/** A fact, and what told it. */
function fact(binary: PeBinary, name: keyof Hardening): unknown {
  expect(binary.hardening, 'hardening').not.toBeNull();
  const value = binary.hardening?.[name];
  const reason = binary.because[`hardening.${name}`];
  if (value !== null) expect(reason, 'reason').toBeTruthy();
  else if (reason !== undefined) expect(reason).toMatch(/^unknown: /);
  return value;
}

const { DYNAMIC_BASE, HIGH_ENTROPY_VA, NX_COMPAT, NO_SEH, GUARD_CF, FORCE_INTEGRITY } = DLL_CHARACTERISTICS;
const { DLL, EXECUTABLE_IMAGE, RELOCS_STRIPPED, LARGE_ADDRESS_AWARE } = FILE;
const AWARE = EXECUTABLE_IMAGE | LARGE_ADDRESS_AWARE;
const EFI: PePlan = { subsystem: SUBSYSTEM.EFI_APPLICATION, dllCharacteristics: 0xffff };
const NOWHERE: Readonly<Record<number, readonly [number, number]>> = { [DIRECTORY.LOAD_CONFIG]: [0x9_0000, 0x140] };
const SIZE_64 = 0x140;
const SIZE_32 = 0xc0;

/** A PE32 file that ends before DllCharacteristics. */
const cut = (): PeBinary => readRaw(buildPe({ wide: false }).subarray(0, 0x80 + 24 + 71));

describe('address space layout', () => {
  const both = DYNAMIC_BASE | HIGH_ENTROPY_VA;
  it.each<[string, PePlan, boolean | null, boolean | null]>([
    ['both flags', { dllCharacteristics: both, characteristics: AWARE }, true, true],
    ['both flags on a library', { dllCharacteristics: both, characteristics: AWARE | DLL }, true, true],
    ['DYNAMIC_BASE alone', { dllCharacteristics: DYNAMIC_BASE, characteristics: AWARE }, true, false],
    ['HIGH_ENTROPY_VA alone', { dllCharacteristics: HIGH_ENTROPY_VA, characteristics: AWARE }, false, false],
    ['no flag on a library', { dllCharacteristics: 0, characteristics: AWARE | DLL }, false, false],
    ['relocations stripped', { dllCharacteristics: both, characteristics: AWARE | RELOCS_STRIPPED }, false, false],
    ['addresses of 2 GB only', { dllCharacteristics: both, characteristics: EXECUTABLE_IMAGE }, true, false],
    ['32 bits', { wide: false, dllCharacteristics: both, characteristics: AWARE }, true, false],
    ['firmware', EFI, null, null],
  ])('%s', (_, plan, aslr, high) => {
    const binary = read(plan);
    expect(fact(binary, 'aslr')).toBe(aslr);
    expect(fact(binary, 'highEntropyAslr')).toBe(high);
  });

  it('is unknown where the flags are cut off', () => {
    for (const name of ['aslr', 'highEntropyAslr', 'nonExecutableStack', 'forceIntegrity', 'controlFlowGuard'] as const) expect(fact(cut(), name), name).toBeNull();
    expect(cut().because['hardening.aslr']).toBe('unknown: DllCharacteristics can\'t be read');
  });
});

describe('flags', () => {
  it('NX_COMPAT, as the file has it', () => {
    expect(fact(read({ wide: false, dllCharacteristics: NX_COMPAT }), 'nonExecutableStack')).toBe(true);
    expect(fact(read({ wide: false, dllCharacteristics: 0 }), 'nonExecutableStack')).toBe(false);
    expect(fact(read({ ...EFI, dllCharacteristics: NX_COMPAT }), 'nonExecutableStack')).toBe(true);
  });

  it('a 64-bit program needs no NX_COMPAT, and that is said', () => {
    const reason = (plan: PePlan): string | undefined => read({ ...plan, dllCharacteristics: 0 }).because['hardening.nonExecutableStack'];
    expect(reason({})).toContain('64-bit process');
    expect(reason({ wide: false })).not.toContain('64-bit process');
    expect(reason(EFI)).not.toContain('64-bit process');
  });

  it('FORCE_INTEGRITY', () => {
    expect(fact(read({ dllCharacteristics: FORCE_INTEGRITY }), 'forceIntegrity')).toBe(true);
    expect(fact(read({ dllCharacteristics: ~FORCE_INTEGRITY }), 'forceIntegrity')).toBe(false);
    expect(fact(read(EFI), 'forceIntegrity')).toBeNull();
  });

  it.each<[string, number, boolean]>([
    ['both', 0xe000_0020, true],
    ['writable', 0xc000_0040, false],
    ['executable', 0x6000_0020, false],
  ])('a section that is %s', (_, characteristics, expected) => {
    const sections: SectionPlan[] = [{ name: '.a', address: 0x1000, data: [1] }, { name: '.b', address: 0x2000, data: [1], characteristics }];
    expect(fact(read({ sections }), 'writableAndExecutable')).toBe(expected);
  });

  it('of sections that are not all there nothing is known, unless one that is there tells', () => {
    expect(fact(read({}), 'writableAndExecutable')).toBeNull();
    expect(fact(read({ sections: [{ address: 0x1000, data: [1] }], sectionCount: 0xffff }), 'writableAndExecutable')).toBeNull();
    expect(fact(read({ sections: [{ address: 0x1000, data: [1], characteristics: 0xe000_0020 }], sectionCount: 0xffff }), 'writableAndExecutable')).toBe(true);
  });
});

describe('Control Flow Guard', () => {
  const flags = GUARD.CF_INSTRUMENTED | GUARD.CF_FUNCTION_TABLE_PRESENT;
  const guarded = (loadConfig: PePlan['loadConfig'], plan: PePlan = {}): PePlan => ({ dllCharacteristics: GUARD_CF, ...(loadConfig === undefined ? {} : { loadConfig }), ...plan });
  const whole = { size: SIZE_64, guardFlags: flags, guardTable: 0x1_4000_1000n, guardCount: 7 };
  it.each<[string, PePlan, boolean | null]>([
    ['flag, instrumented, table', guarded(whole), true],
    ['the same in 32 bits', guarded({ ...whole, size: 0x5c, guardTable: 0x40_1000n }, { wide: false }), true],
    ['up to the last byte of GuardFlags', guarded({ ...whole, size: 0x94 }), true],
    ['the flag is not set', guarded(whole, { dllCharacteristics: 0 }), false],
    ['no load configuration', guarded(undefined), false],
    ['the C runtime only', guarded({ ...whole, guardFlags: GUARD.CF_INSTRUMENTED }), false],
    ['a table, but not instrumented', guarded({ ...whole, guardFlags: GUARD.CF_FUNCTION_TABLE_PRESENT }), false],
    ['an empty table', guarded({ ...whole, guardCount: 0 }), false],
    ['a table at no address', guarded({ ...whole, guardTable: 0n }), false],
    ['a structure that ends before GuardFlags', guarded({ ...whole, size: 0x93 }), false],
    ['a load configuration that is not there', guarded(undefined, { directories: NOWHERE }), null],
    ['firmware', { ...EFI, loadConfig: whole }, null],
  ])('%s', (_, plan, expected) => {
    expect(fact(read(plan), 'controlFlowGuard')).toBe(expected);
  });
});

describe('stack canary', () => {
  const cookie = 0x1_4000_1000n;
  it.each<[string, PePlan, boolean | null]>([
    ['a cookie', { loadConfig: { size: SIZE_64, cookie } }, true],
    ['the same in 32 bits', { wide: false, loadConfig: { size: 0x40, cookie: 0x40_1000n } }, true],
    ['none', { loadConfig: { size: SIZE_64 } }, false],
    ['one that is said to be unused', { loadConfig: { size: SIZE_64, cookie, guardFlags: GUARD.SECURITY_COOKIE_UNUSED } }, false],
    ['a structure that ends before it', { loadConfig: { size: 0x5f, cookie } }, false],
    ['a structure of no size', { loadConfig: { size: 0, cookie } }, false],
    ['no load configuration', {}, null],
    ['a load configuration that is not there', { directories: NOWHERE }, null],
    ['firmware', { ...EFI, loadConfig: { size: SIZE_64, cookie } }, null],
  ])('%s', (_, plan, expected) => {
    expect(fact(read(plan), 'stackCanary')).toBe(expected);
  });
});

describe('safe exception handlers', () => {
  const x86 = (plan: PePlan): PePlan => ({ wide: false, dllCharacteristics: 0, ...plan });
  const handlers = [0x40_1000n, 2] as const;
  const clr = { flags: COMIMAGE.ILONLY };
  it.each<[string, PePlan, boolean | null]>([
    ['a table', x86({ loadConfig: { size: SIZE_32, handlers } }), true],
    ['the smallest structure with one', x86({ loadConfig: { size: 0x48, handlers } }), true],
    ['no handlers at all', x86({ dllCharacteristics: NO_SEH }), true],
    ['an empty table', x86({ loadConfig: { size: SIZE_32, handlers: [0x40_1000n, 0] } }), false],
    ['a table at no address', x86({ loadConfig: { size: SIZE_32, handlers: [0n, 2] } }), false],
    ['a structure that ends before it', x86({ loadConfig: { size: 0x47, handlers } }), false],
    ['no load configuration', x86({}), false],
    ['a load configuration that is not there', x86({ directories: NOWHERE }), null],
    ['64 bits', { dllCharacteristics: NO_SEH, loadConfig: { size: SIZE_64, handlers } }, null],
    ['ARM', x86({ machine: MACHINE.ARMNT, dllCharacteristics: NO_SEH }), null],
    ['.NET', x86({ clr, imports: [{ name: 'mscoree.dll' }] }), null],
    ['.NET with native code', x86({ clr: { flags: 0 }, loadConfig: { size: SIZE_32, handlers } }), true],
    ['firmware', { ...EFI, wide: false }, null],
  ])('%s', (_, plan, expected) => {
    expect(fact(read(plan), 'safeSeh')).toBe(expected);
  });
});

describe('shadow stack', () => {
  const extended = (...data: readonly number[]): PePlan => ({ debug: [{ type: DEBUG_TYPE.REPRO, data: [0] }, { type: DEBUG_TYPE.EX_DLLCHARACTERISTICS, data }] });
  it.each<[string, PePlan, boolean | null]>([
    ['CET_COMPAT', extended(...words(1)), true],
    ['CET_COMPAT among others', extended(...words(0xc1)), true],
    ['others', extended(...words(0xfe)), false],
    ['no entry', { debug: [{ type: DEBUG_TYPE.REPRO, data: [0] }] }, false],
    ['no debug directory', {}, false],
    ['an entry of two bytes', extended(1, 0), null],
    ['an entry that is not there', { debug: [{ type: DEBUG_TYPE.EX_DLLCHARACTERISTICS, data: words(1), address: 0x7fff_0000, offset: 0x7fff_0000 }] }, null],
    ['a debug directory that is not there', { directories: { [DIRECTORY.DEBUG]: [0x9_0000, 28] } }, null],
    ['ARM64', { ...extended(...words(1)), machine: MACHINE.ARM64 }, null],
    ['firmware', { ...extended(...words(1)), ...EFI }, null],
  ])('%s', (_, plan, expected) => {
    expect(fact(read(plan), 'shadowStack')).toBe(expected);
  });
});

describe('what has no hardening', () => {
  it.each<[string, PePlan]>([
    ['an EFI ROM', { subsystem: SUBSYSTEM.EFI_ROM }],
    ['an optional header that can\'t be read', { magic: 0x107 }],
  ])('%s', (_, plan) => {
    const binary = read(plan);
    expect(binary.hardening).toBeNull();
    expect(Object.keys(binary.because).filter((name) => name.startsWith('hardening.'))).toEqual([]);
  });
});

describe('fixtures', () => {
  const facts = (name: string): Hardening | null => readRaw(fixtureBytes(name)).hardening;
  it.each<[string, Partial<Hardening>]>([
    ['pe-hardened.exe', { aslr: true, highEntropyAslr: true, nonExecutableStack: true, controlFlowGuard: true, stackCanary: true, shadowStack: true, safeSeh: null, forceIntegrity: true, writableAndExecutable: false }],
    ['pe-safeseh.dll', { aslr: true, highEntropyAslr: false, controlFlowGuard: false, stackCanary: false, shadowStack: false, safeSeh: true, forceIntegrity: false }],
    ['pe-i386.exe', { aslr: false, nonExecutableStack: true, safeSeh: false, stackCanary: null }],
    ['pe-appended.exe', { aslr: true, highEntropyAslr: false, writableAndExecutable: true }],
    ['pe-static.exe', { aslr: false, highEntropyAslr: false }],
    ['pe-mingw.exe', { stackCanary: null, controlFlowGuard: false }],
    ['pe-arm64.exe', { aslr: true, shadowStack: null, safeSeh: null }],
    ['pe-efi.efi', { aslr: null, controlFlowGuard: null, nonExecutableStack: true, writableAndExecutable: false }],
  ])('%s', (name, expected) => {
    expect(facts(name)).toMatchObject(expected);
  });

  it('name what other formats have as null', () => {
    const { relro, fortify, ibt, bti, pac, textRelocations, hardenedRuntime, libraryValidation, restrict, nonExecutableHeap } = NO_HARDENING;
    expect(facts('pe-hardened.exe')).toMatchObject({ relro, fortify, ibt, bti, pac, textRelocations, hardenedRuntime, libraryValidation, restrict, nonExecutableHeap });
  });
});
