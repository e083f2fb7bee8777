// Universal Mach-O files, and what begins like one: the table is believed only as far as the file bears it out.

import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { BinspectError } from '../src/errors.ts';
import { LIMITS } from '../src/limits.ts';
import { CPU_TYPE, LC, MAGIC, MH, PLATFORM } from '../src/macho/constants.ts';
import { openFat } from '../src/macho/fat.ts';
import type { FatVerdict } from '../src/macho/fat.ts';
import { readUniversal } from '../src/macho/universal.ts';
import type { Universal } from '../src/macho/universal.ts';
import type { Warning } from '../src/model/warning.ts';
import { buildFat } from './build/fat.ts';
import type { FatPlan, SlicePlan } from './build/fat.ts';
import { buildMachO, dylib, numbers } from './build/macho.ts';
import { withinSync } from './cost.ts';

const open = (bytes: Uint8Array, limits = LIMITS): FatVerdict => readBytes(bytes, openFat, limits);

function read(bytes: Uint8Array, limits = LIMITS): Universal {
  return readBytes(
    bytes,
    (input) => {
      const verdict = openFat(input);
      if (verdict.kind !== 'universal') throw new Error(`it is ${verdict.kind}`);
      return readUniversal(input, verdict.slices);
    },
    limits,
  );
}

function failure(bytes: Uint8Array): BinspectError {
  try {
    open(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(BinspectError);
    return error as BinspectError;
  }
  throw new Error('nothing was thrown');
}

const codes = (of: { readonly warnings: readonly Warning[] } | undefined): string[] => (of?.warnings ?? []).map(({ code }) => code);
const library = (name: string, cpuType: number, cpuSubtype: number, wide = true, little = true): Uint8Array =>
  buildMachO({
    cpuType,
    cpuSubtype,
    wide,
    little,
    fileType: MH.DYLIB,
    commands: [dylib(name), ...(wide ? [numbers(LC.BUILD_VERSION, PLATFORM.MACOS, 0xb_0000, 0, 0)] : [])],
  });
const INTEL: SlicePlan = { cpuType: CPU_TYPE.X86_64, cpuSubtype: 3, bytes: library('/intel', CPU_TYPE.X86_64, 3) };
const ARM: SlicePlan = { cpuType: CPU_TYPE.ARM64, cpuSubtype: 0, bytes: library('/arm', CPU_TYPE.ARM64, 0) };
const POWER: SlicePlan = { cpuType: CPU_TYPE.POWERPC, cpuSubtype: 10, bytes: library('/power', CPU_TYPE.POWERPC, 10, false, false) };
const ARCHIVE = new TextEncoder().encode('!<arch>\n#1/20           0           0     0     100644  8         `\n');

describe.each([{ wide: false }, { wide: true }])('table of 64 bits: $wide', ({ wide }) => {
  const fat = (plan: FatPlan): Uint8Array => buildFat({ wide, ...plan });

  it('tells each slice in the file\'s order, with where it lies', () => {
    const { binaries, warnings } = read(fat({ slices: [POWER, ARM, INTEL] }));
    expect(warnings).toEqual([]);
    expect(binaries.map(({ dependencies }) => dependencies[0]?.name)).toEqual(['/power', '/arm', '/intel']);
    expect(binaries.map(({ endianness, bits }) => `${endianness} ${bits}`)).toEqual(['big 32', 'little 64', 'little 64']);
    expect(binaries.map(({ offset, size }) => [offset, size])).toEqual([
      [128, POWER.bytes?.length],
      [192, ARM.bytes?.length],
      [320, INTEL.bytes?.length],
    ]);
    expect(binaries.map(codes)).toEqual([[], ['kernel-would-reject'], []]); // the library for arm64 Macs has no signature
  });

  it('counts offsets within a slice from its own start, and warnings from the file\'s', () => {
    const damaged = buildMachO({ fileType: MH.DYLIB, commands: [{ type: LC.UUID, size: 12 }] });
    const [, second] = read(fat({ slices: [ARM, { ...INTEL, bytes: damaged }] })).binaries;
    expect(second?.warnings).toMatchObject([{ code: 'lc-too-small', offset: (second?.offset ?? 0) + 32 }]);
  });

  it.each([
    ['an archive', ARCHIVE, 'slice-archive'],
    ['a thin archive', new TextEncoder().encode('!<thin>\n'), 'slice-archive'],
    ['bitcode', Uint8Array.of(0x42, 0x43, 0xc0, 0xde, 0, 0), 'slice-bitcode'],
    ['wrapped bitcode', Uint8Array.of(0xde, 0xc0, 0x17, 0x0b, 0, 0), 'slice-bitcode'],
  ])('M10: tells %s by the table', (_, bytes, code) => {
    const { binaries } = read(fat({ slices: [{ cpuType: CPU_TYPE.ARM64, cpuSubtype: 2, bytes }, INTEL] }));
    expect(binaries[0]).toMatchObject({
      format: 'mach-o',
      size: bytes.length,
      kind: 'other',
      machine: { value: CPU_TYPE.ARM64, name: 'CPU_TYPE_ARM64' },
      bits: 64,
      endianness: 'little',
      platform: { os: null, arch: 'arm64', variant: 'arm64e', libc: null, go: null, node: null, oci: null, triple: null },
      pie: null,
      linkage: null,
      stripped: null,
      debugInfo: null,
      dependencies: [],
      machO: null,
    });
    expect(codes(binaries[0])).toEqual([code]);
    expect(binaries[1]?.dependencies).toHaveLength(1);
  });

  it.each([
    ['M7: a universal file', buildFat({ slices: [INTEL] }), ['nested-fat']],
    ['a cut header', (ARM.bytes as Uint8Array).subarray(0, 20), ['truncated']],
    ['zeros', new Uint8Array(64), ['malformed']],
    ['nothing', new Uint8Array(0), ['truncated']],
  ])('reports the other slices where one is %s', (_, bytes, expected) => {
    const { binaries } = read(fat({ slices: [{ ...ARM, bytes }, INTEL] }));
    expect(binaries.map(({ kind }) => kind)).toEqual(['other', 'shared-library']);
    expect(codes(binaries[0])).toEqual(expected);
  });

  it('warns of what is appended to the whole, which belongs to no slice', () => {
    const whole = fat({ slices: [INTEL, ARM] });
    const appended = new Uint8Array(whole.length + 5);
    appended.set(whole);
    const { binaries, warnings } = read(appended);
    expect(warnings).toMatchObject([{ code: 'bytes-after-slices', offset: whole.length }]);
    expect(binaries.map(({ overlay }) => overlay)).toEqual([null, null]);
  });

  it('M8: warns of slices that overlap, lie over the table, or are for one machine', () => {
    const start = wide ? 128 : 64;
    expect(codes(read(fat({ slices: [INTEL, { ...ARM, offset: start, size: 100 }] })))).toEqual(['slices-overlap']);
    const doubled = read(fat({ slices: [INTEL, INTEL, { ...INTEL, cpuSubtype: 8 }] }));
    expect(codes(doubled)).toEqual(['duplicate-architecture']);
    expect(doubled.binaries).toHaveLength(3);
    const over = fat({ slices: [INTEL, { ...ARM, offset: 4, size: 100 }] });
    expect(codes(read(over))).toContain('slices-overlap');
  });

  it('M9: reports the other slices where one leaves the file', () => {
    const whole = fat({ slices: [INTEL, { ...ARM, size: 1 << 20 }] });
    const cut = read(whole);
    expect(cut.binaries.map(({ dependencies }) => dependencies[0]?.name)).toEqual(['/intel', '/arm']);
    expect(codes(cut.binaries[1])).toEqual(expect.arrayContaining(['slice-truncated']));
    const beyond = read(fat({ slices: [INTEL, { ...ARM, offset: 2 ** 31, size: 100 }] }));
    expect(beyond.binaries.map(({ kind, size }) => [kind, size])).toEqual([['shared-library', INTEL.bytes?.length], ['other', 0]]);
    expect(codes(beyond.binaries[1])).toEqual(['slice-truncated', 'truncated']);
  });

  it('M11: believes the slice\'s own header more than the table', () => {
    const { binaries } = read(fat({ slices: [{ ...INTEL, cpuType: CPU_TYPE.ARM64 }] }));
    expect(binaries[0]).toMatchObject({ machine: { name: 'CPU_TYPE_X86_64' }, platform: { arch: 'amd64' } });
    expect(codes(binaries[0])).toEqual(['slice-cputype-mismatch']);
  });

  it('M5: reads the slices that are there, whatever their count', () => {
    const file = fat({ slices: [INTEL, ARM], count: 0x7fff_ffff });
    const { binaries, warnings } = read(file);
    expect(codes({ warnings })[0]).toBe('truncated');
    expect(binaries.filter(({ kind }) => kind === 'shared-library')).toHaveLength(2);
    expect(binaries.length).toBeLessThanOrEqual(LIMITS.slices);
    expect(codes(read(fat({ slices: [INTEL, ARM] }), { ...LIMITS, slices: 1 }))).toEqual(['limit-exceeded']);
  });

  it('M2: throws where the table is cut', () => {
    expect(failure(fat({ count: 1, slices: [] }))).toMatchObject({ code: 'truncated', offset: 8 });
    expect(failure(fat({ slices: [INTEL], tableOnly: true }))).toMatchObject({ code: 'truncated' });
    expect(failure(fat({ slices: [INTEL] }).subarray(0, 6))).toMatchObject({ code: 'truncated' });
    expect(failure(fat({}))).toMatchObject({ code: 'malformed', offset: 4 });
    expect(failure(fat({ slices: [{ ...INTEL, bytes: new Uint8Array(64) }] }))).toMatchObject({ code: 'malformed' });
  });

  it('does not read the whole file for each entry of a table', () => {
    const big = new Uint8Array(600_000);
    big.set(buildMachO({ header: { ncmds: 0xffff_ffff, sizeofcmds: 0xffff_ffff } }));
    for (let at = 32; at + 8 <= big.length; at += 8) big.set([0x29, 0, 0, 0, 8, 0, 0, 0], at);
    const slices = Array.from({ length: 204 }, (_, index): SlicePlan => ({ cpuType: index, offset: 8192, size: 500_000 }));
    const file = new Uint8Array(8192 + big.length);
    file.set(fat({ slices }));
    file.set(big, 8192);
    const { binaries } = withinSync(3000, () => read(file));
    expect(binaries).toHaveLength(204);
    expect(codes(binaries[100])).toEqual(['limit-exceeded']);
  });

  it('survives every cut and every flipped byte', () => {
    const file = fat({ slices: [POWER, { cpuType: CPU_TYPE.ARM64, bytes: ARCHIVE }, INTEL] });
    const outcome = (bytes: Uint8Array): void => {
      try {
        readBytes(bytes, (input) => {
          const verdict = openFat(input);
          return verdict.kind === 'universal' ? readUniversal(input, verdict.slices) : verdict;
        }, LIMITS);
      } catch (error) {
        if (!(error instanceof BinspectError)) throw error;
      }
    };
    for (let size = 0; size < file.length; size++) outcome(file.subarray(0, size));
    for (let at = 0; at < file.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const damaged = file.slice();
        damaged[at] = value;
        outcome(damaged);
      }
    }
  });
});

describe('what else begins like a universal file', () => {
  /** The beginning of a class file: version, and the tag of the first constant. */
  const javaClass = (minor: number, major: number, tag = 10): Uint8Array =>
    Uint8Array.of(0xca, 0xfe, 0xba, 0xbe, minor >> 8, minor & 0xff, major >> 8, major & 0xff, 0, 13, tag, 0, 3, 0, 10);

  it.each([
    [3, 45],
    [0, 52],
    [0, 69],
    [0xffff, 66],
  ])('M3: knows a Java class of version %#', (minor, major) => {
    expect(open(javaClass(minor, major))).toEqual({ kind: 'java-class' });
    expect(open(javaClass(minor, major).subarray(0, 8))).toEqual({ kind: 'java-class' });
  });

  it('M4: is neither of the two', () => {
    const sixteen = new Uint8Array(400).fill(0x41);
    sixteen.set(buildFat({ count: 16 }));
    expect(open(sixteen)).toMatchObject({ kind: 'unknown', message: expect.stringContaining('16 slices') as string });
    const noClass = new Uint8Array(400);
    noClass.set(javaClass(0, 60, 2));
    expect(open(noClass)).toMatchObject({ kind: 'unknown' });
  });

  it('takes a file with many slices for what it is, not for a class of that version', () => {
    const slices = Array.from({ length: 60 }, (_, index): SlicePlan => ({ ...INTEL, cpuSubtype: index }));
    expect(open(buildFat({ slices }))).toMatchObject({ kind: 'universal' });
    const damaged = Array.from({ length: 60 }, (_, index): SlicePlan => (index === 7 ? { ...INTEL, offset: 2 ** 31 } : { ...INTEL, cpuSubtype: index }));
    expect(open(buildFat({ slices: damaged }))).toMatchObject({ kind: 'universal' });
  });

  it.each([MAGIC.FAT_CIGAM, MAGIC.FAT_CIGAM_64])('does not read a byte-swapped header', (magic) => {
    expect(failure(buildFat({ magic, slices: [INTEL] }))).toMatchObject({ code: 'unsupported', detected: 'byte-swapped-universal' });
  });

  it('M6: warns of a program in a file that the kernel does not read', () => {
    const program: SlicePlan = { ...INTEL, bytes: buildMachO({ cpuSubtype: 3 }) };
    expect(codes(read(buildFat({ wide: true, slices: [program] })))).toEqual(['fat64-executable']);
    expect(codes(read(buildFat({ slices: [program] })))).toEqual([]);
  });
});
