// Mach-O facts on files made for the purpose: each rule, each trap, each malformation with the answer it must give.

import { describe, expect, it } from 'vitest';
import { readBytes, readSync } from '../src/bytes/input.ts';
import { BinspectError } from '../src/errors.ts';
import { LIMITS } from '../src/limits.ts';
import { CPU_TYPE, LC, MH, MH_FLAG, PLATFORM } from '../src/macho/constants.ts';
import { readMachO } from '../src/macho/facts/binary.ts';
import type { MachOBinary } from '../src/model/binary.ts';
import { codeSignature } from './build/code-signature.ts';
import { buildMachO, dylib, numbers, segment, text } from './build/macho.ts';
import type { CommandPlan, MachOPlan, SymbolPlan } from './build/macho.ts';
import { withinSync } from './cost.ts';

const read = (plan: MachOPlan, limits = LIMITS): MachOBinary => readBytes(buildMachO(plan), readMachO, limits);
const codes = ({ warnings }: MachOBinary): string[] => warnings.map(({ code }) => code);
const SYSTEM = dylib('/usr/lib/libSystem.B.dylib', { current: 0x051f_6403, compatibility: 0x1_0000 });
const UUID: CommandPlan = { type: LC.UUID, write: (writer) => writer.raw(Array.from({ length: 16 }, (_, index) => index * 17)) };
const SIGNATURE = { type: LC.CODE_SIGNATURE, bytes: codeSignature() };
const MACOS_11 = numbers(LC.BUILD_VERSION, PLATFORM.MACOS, 0x000b_0000, 0x000d_0300, 0);

describe.each([
  { little: true, wide: true },
  { little: true, wide: false },
  { little: false, wide: true },
  { little: false, wide: false },
])('encoding little=$little wide=$wide', (encoding) => {
  const { wide } = encoding;

  it('reads every fact that was built', () => {
    const cpuType = wide ? CPU_TYPE.POWERPC64 : CPU_TYPE.POWERPC;
    const binary = read({
      ...encoding,
      cpuType,
      cpuSubtype: 100,
      flags: MH_FLAG.PIE | MH_FLAG.DYLDLINK | MH_FLAG.TWOLEVEL,
      commands: [
        segment('__PAGEZERO', wide, { memorySize: 0x1000n }),
        segment('__TEXT', wide, { address: 0x1000n, fileSize: 64, sections: [{ name: '__a_name_of_sixteen', segment: '__TEXT' }] }),
        text(LC.LOAD_DYLINKER, '/usr/lib/dyld'),
        SYSTEM,
        dylib('@rpath/a.dylib', { type: LC.LOAD_WEAK_DYLIB, current: 0xffff_ffff, compatibility: 0 }),
        text(LC.RPATH, '@loader_path/../lib'),
        text(LC.RPATH, ''),
        UUID,
        MACOS_11,
        { type: LC.MAIN, write: (writer) => writer.number(0x234, 8).number(0, 8) },
      ],
      symbols: [[{ type: 0x0e }, { type: 0x66 }], [{ type: 0x0f }], [{ type: 0x01 }]],
    });
    expect(binary).toMatchObject({
      format: 'mach-o',
      offset: 0,
      bits: wide ? 64 : 32,
      endianness: encoding.little ? 'little' : 'big',
      machine: { value: cpuType, name: wide ? 'CPU_TYPE_POWERPC64' : 'CPU_TYPE_POWERPC' },
      kind: 'executable',
      pie: true,
      linkage: 'dynamic',
      interpreter: '/usr/lib/dyld',
      libraryName: null,
      dependencies: [
        { name: '/usr/lib/libSystem.B.dylib', kind: 'required', currentVersion: '1311.100.3', compatibilityVersion: '1.0.0' },
        { name: '@rpath/a.dylib', kind: 'weak', currentVersion: '65535.255.255', compatibilityVersion: '0.0.0' },
      ],
      searchPaths: [
        { path: '@loader_path/../lib', from: 'LC_RPATH' },
        { path: '', from: 'LC_RPATH' },
      ],
      entryPoint: 0x1234n,
      stripped: false,
      debugInfo: true,
      buildId: '00112233-4455-6677-8899-AABBCCDDEEFF',
      minimums: { glibc: null, glibcxx: null, cxxabi: null, os: '11.0', kernel: null },
      warnings: [],
      machO: {
        cpuSubtype: 100,
        cpuSubtypeName: 'CPU_SUBTYPE_POWERPC_970',
        fileType: 2,
        fileTypeName: 'MH_EXECUTE',
        flags: 0x20_0084,
        flagNames: ['MH_DYLDLINK', 'MH_TWOLEVEL', 'MH_PIE'],
        platform: 1,
        platformName: 'PLATFORM_MACOS',
        minimumOs: '11.0',
        sdk: '13.3',
        loadCommands: 12,
      },
    });
    expect(binary.platform).toMatchObject({ os: 'darwin', arch: wide ? 'ppc64' : 'ppc', variant: wide ? null : 'ppc970', libc: 'libsystem' });
    expect(Object.keys(binary.because).filter((fact) => !fact.startsWith('hardening.')).sort()).toEqual(
      ['buildId', 'debugInfo', 'kind', 'libc', 'linkage', 'minimums.os', 'os', 'pie', 'stripped', ...(wide ? [] : ['variant'])].sort(),
    );
  });

  it('survives every cut and every flipped byte', () => {
    const bytes = buildMachO({
      ...encoding,
      commands: [segment('__TEXT', wide, { fileSize: 64, sections: [{ name: '__text', segment: '__TEXT' }] }), SYSTEM, text(LC.RPATH, '/a'), UUID, MACOS_11],
      symbols: [[{ type: 0x66 }], [], []],
    });
    const outcome = (damaged: Uint8Array): void => {
      try {
        readBytes(damaged, readMachO, LIMITS);
      } catch (error) {
        if (!(error instanceof BinspectError)) throw error;
      }
    };
    withinSync(5000, () => {
      for (let size = 0; size < bytes.length; size++) outcome(bytes.subarray(0, size));
      for (let at = 0; at < bytes.length; at++) {
        for (const value of [0, 1, 0x7f, 0x80, 0xff, (bytes[at] as number) ^ 1]) {
          const damaged = bytes.slice();
          damaged[at] = value;
          outcome(damaged);
        }
      }
    });
  });
});

describe('kind, position and linkage', () => {
  it.each([
    [MH.OBJECT, 'relocatable', null, null],
    [MH.EXECUTE, 'executable', false, 'static'],
    [MH.FVMLIB, 'shared-library', null, 'dynamic'],
    [MH.CORE, 'core', null, null],
    [MH.PRELOAD, 'executable', null, 'static'],
    [MH.DYLIB, 'shared-library', null, 'dynamic'],
    [MH.DYLINKER, 'shared-library', null, 'dynamic'],
    [MH.BUNDLE, 'bundle', null, 'dynamic'],
    [MH.DYLIB_STUB, 'shared-library', null, 'dynamic'],
    [MH.DSYM, 'debug-symbols', null, null],
    [MH.KEXT_BUNDLE, 'driver', null, null],
    [MH.FILESET, 'other', null, null],
    [99, 'other', null, null],
  ] as const)('file type %i is %s', (fileType, kind, pie, linkage) => {
    expect(read({ fileType, flags: 0 })).toMatchObject({ kind, pie, linkage });
    if (fileType !== MH.EXECUTE) expect(read({ fileType, flags: MH_FLAG.PIE }).pie).toBeNull();
  });

  it('keeps the number of a file type that nobody listed', () => {
    expect(read({ fileType: 99 }).machO).toMatchObject({ fileType: 99, fileTypeName: null });
  });

  it.each([
    ['MH_DYLDLINK', { flags: MH_FLAG.DYLDLINK }],
    ['LC_LOAD_DYLINKER', { flags: 0, commands: [text(LC.LOAD_DYLINKER, '/usr/lib/dyld')] }],
  ])('is dynamic by %s', (name, plan) => {
    const binary = read(plan);
    expect(binary).toMatchObject({ linkage: 'dynamic', warnings: [] });
    expect(binary.because['linkage']).toContain(name);
  });

  it('is dynamic, with a warning, where libraries are named and no loader', () => {
    const binary = read({ flags: 0, commands: [SYSTEM] });
    expect(binary.linkage).toBe('dynamic');
    expect(codes(binary)).toEqual(['libraries-without-dyld']);
  });

  it('does not know the linkage where load commands are missing', () => {
    expect(read({ flags: 0, header: { ncmds: 3 } }).linkage).toBeNull();
  });
});

describe('libraries', () => {
  it.each([
    [LC.LOAD_DYLIB, undefined, 'required'],
    [LC.LOAD_WEAK_DYLIB, undefined, 'weak'],
    [LC.REEXPORT_DYLIB, undefined, 'reexport'],
    [LC.LOAD_UPWARD_DYLIB, undefined, 'upward'],
    [LC.LAZY_LOAD_DYLIB, undefined, 'lazy'],
    [LC.LOAD_DYLIB, 0, 'required'],
    [LC.LOAD_DYLIB, 1, 'weak'],
    [LC.LOAD_DYLIB, 2, 'reexport'],
    [LC.LOAD_DYLIB, 4, 'upward'],
    [LC.LOAD_DYLIB, 8, 'lazy'],
    [LC.LOAD_DYLIB, 6, 'reexport'],
    [LC.LOAD_DYLIB, 12, 'upward'],
    [LC.LOAD_DYLIB, 0xff, 'weak'],
    [LC.LOAD_WEAK_DYLIB, 0, 'weak'],
  ] as const)('command 0x%s with flags %s is %s', (type, use, kind) => {
    const { dependencies, warnings } = read({ commands: [dylib('/usr/lib/liba.dylib', use === undefined ? { type } : { type, use })] });
    expect(dependencies).toEqual([{ name: '/usr/lib/liba.dylib', kind, currentVersion: '1.0.0', compatibilityVersion: '1.0.0' }]);
    expect(warnings).toEqual([]);
  });

  it('takes no name for flags where the marker is in a plain command', () => {
    expect(read({ commands: [dylib('abc', { timestamp: 0x1a74_1800 })] }).dependencies).toMatchObject([{ name: 'abc', kind: 'required' }]);
  });

  it('reads the libraries of NeXT, which have no such versions', () => {
    const fixed = (type: number): CommandPlan => ({ type, write: (writer) => writer.u32(20, 1, 0).text('/usr/shlib/libsys_s.B.shlib\0') });
    expect(read({ commands: [fixed(LC.LOADFVMLIB)] }).dependencies).toEqual([
      { name: '/usr/shlib/libsys_s.B.shlib', kind: 'required', currentVersion: null, compatibilityVersion: null },
    ]);
    expect(read({ fileType: MH.FVMLIB, commands: [fixed(LC.IDFVMLIB)] }).libraryName).toBe('/usr/shlib/libsys_s.B.shlib');
  });

  it('has its own name from LC_ID_DYLIB, and does not depend on itself', () => {
    const binary = read({ fileType: MH.DYLIB, commands: [dylib('@rpath/libown.dylib', { type: LC.ID_DYLIB }), SYSTEM] });
    expect(binary.libraryName).toBe('@rpath/libown.dylib');
    expect(binary.dependencies).toHaveLength(1);
  });

  it('tells no more libraries than the limit', () => {
    const binary = read({ commands: [SYSTEM, SYSTEM, SYSTEM] }, { ...LIMITS, dependencies: 2 });
    expect(binary.dependencies).toHaveLength(2);
    expect(codes(binary)).toEqual(['limit-exceeded']);
  });
});

describe('platform', () => {
  const version = (platform: number): CommandPlan => numbers(LC.BUILD_VERSION, platform, 0x000e_0000, 0, 0);
  const minimum = (type: number): CommandPlan => numbers(type, 0x000a_0d04, 0x000a_0f00);

  it.each([
    [CPU_TYPE.ARM64, version(PLATFORM.MACOS), 'darwin', 'aarch64-apple-darwin'],
    [CPU_TYPE.ARM64, version(PLATFORM.IOS), 'ios', 'aarch64-apple-ios'],
    [CPU_TYPE.ARM64, version(PLATFORM.IOSSIMULATOR), 'ios', 'aarch64-apple-ios-sim'],
    [CPU_TYPE.X86_64, version(PLATFORM.IOSSIMULATOR), 'ios', 'x86_64-apple-ios'],
    [CPU_TYPE.X86_64, version(PLATFORM.WATCHOSSIMULATOR), 'watchos', 'x86_64-apple-watchos-sim'],
    [CPU_TYPE.ARM64, version(PLATFORM.MACCATALYST), 'ios', 'aarch64-apple-ios-macabi'],
    [CPU_TYPE.ARM64, version(PLATFORM.TVOS), 'tvos', 'aarch64-apple-tvos'],
    [CPU_TYPE.ARM64, version(PLATFORM.VISIONOSSIMULATOR), 'visionos', 'aarch64-apple-visionos-sim'],
    [CPU_TYPE.ARM64_32, version(PLATFORM.WATCHOS), 'watchos', 'arm64_32-apple-watchos'],
    [CPU_TYPE.ARM64, version(PLATFORM.DRIVERKIT), 'driverkit', null],
    [CPU_TYPE.ARM64, version(PLATFORM.FIRMWARE), null, null],
    [CPU_TYPE.ARM64, version(99), null, null],
    [CPU_TYPE.X86_64, minimum(LC.VERSION_MIN_MACOSX), 'darwin', 'x86_64-apple-darwin'],
    [CPU_TYPE.ARM64, minimum(LC.VERSION_MIN_IPHONEOS), 'ios', 'aarch64-apple-ios'],
    [CPU_TYPE.X86_64, minimum(LC.VERSION_MIN_IPHONEOS), 'ios', 'x86_64-apple-ios'],
    [CPU_TYPE.ARM64, minimum(LC.VERSION_MIN_TVOS), 'tvos', 'aarch64-apple-tvos'],
    [CPU_TYPE.X86, minimum(LC.VERSION_MIN_WATCHOS), 'watchos', 'i686-apple-watchos'],
  ] as const)('cputype %i, command %#: %s', (cpuType, command, os, triple) => {
    const { platform } = read({ cpuType, cpuSubtype: 0, fileType: MH.DYLIB, commands: [command, SYSTEM] });
    expect({ os: platform.os, triple: platform.triple }).toEqual({ os, triple });
  });

  it('takes an old command for a simulator on an Intel machine only', () => {
    const of = (cpuType: number): (string | null | undefined)[] => {
      const { machO, because } = read({ cpuType, fileType: MH.DYLIB, commands: [minimum(LC.VERSION_MIN_IPHONEOS)] });
      return [machO?.platformName, machO?.minimumOs, machO?.sdk, because['os']];
    };
    expect(of(CPU_TYPE.X86_64)).toEqual(['PLATFORM_IOSSIMULATOR', '10.13.4', '10.15', 'LC_VERSION_MIN_IPHONEOS on an Intel machine: a simulator']);
    expect(of(CPU_TYPE.ARM64)).toEqual(['PLATFORM_IOS', '10.13.4', '10.15', 'LC_VERSION_MIN_IPHONEOS']);
  });

  it('lets macOS decide for a library that serves Mac Catalyst too', () => {
    const zippered = read({ fileType: MH.DYLIB, commands: [version(PLATFORM.MACCATALYST), MACOS_11] });
    expect(zippered.platform.os).toBe('darwin');
    expect(zippered.machO).toMatchObject({ platform: 1, minimumOs: '11.0', sdk: '13.3' });
    expect(zippered.because['os']).toBe('LC_BUILD_VERSION names PLATFORM_MACOS, beside PLATFORM_MACCATALYST');
    expect(zippered.warnings).toEqual([]);
    expect(codes(read({ fileType: MH.DYLIB, commands: [version(PLATFORM.TVOS), MACOS_11] }))).toEqual(['several-systems']);
  });

  it('has no SDK where none is said', () => {
    expect(read({ commands: [version(PLATFORM.IOS)] }).machO).toMatchObject({ minimumOs: '14.0', sdk: null });
    expect(read({}).machO).toMatchObject({ minimumOs: null, sdk: null, platform: null, platformName: null });
  });

  it.each([
    [CPU_TYPE.X86_64, 3, MH.EXECUTE, 'darwin'],
    [CPU_TYPE.POWERPC, 0, MH.BUNDLE, 'darwin'],
    [CPU_TYPE.ARM, 6, MH.EXECUTE, 'ios'],
    [CPU_TYPE.ARM, 12, MH.EXECUTE, 'watchos'],
    [CPU_TYPE.MC680x0, 1, MH.EXECUTE, null],
    [CPU_TYPE.X86_64, 3, MH.OBJECT, null],
    [CPU_TYPE.ARM64, 0, MH.FILESET, null],
    [CPU_TYPE.ARM64, 0, MH.PRELOAD, null],
  ] as const)('cputype %i subtype %i, file type %i without a command: %s', (cpuType, cpuSubtype, fileType, os) => {
    const { platform, because } = read({ cpuType, cpuSubtype, fileType });
    expect(platform.os).toBe(os);
    expect(because['os']).toMatch(os === null ? /^unknown: / : /^assumed /);
  });

  it.each([
    [CPU_TYPE.X86_64, 3, 'amd64', null, 'CPU_SUBTYPE_X86_64_ALL'],
    [CPU_TYPE.X86_64, 0x8000_0003, 'amd64', null, 'CPU_SUBTYPE_X86_64_ALL'],
    [CPU_TYPE.X86_64, 8, 'amd64', 'x86_64h', 'CPU_SUBTYPE_X86_64_H'],
    [CPU_TYPE.X86, 3, '386', null, 'CPU_SUBTYPE_I386_ALL'],
    [CPU_TYPE.ARM64, 0, 'arm64', null, 'CPU_SUBTYPE_ARM64_ALL'],
    [CPU_TYPE.ARM64, 1, 'arm64', null, 'CPU_SUBTYPE_ARM64_V8'],
    [CPU_TYPE.ARM64, 2, 'arm64', 'arm64e', 'CPU_SUBTYPE_ARM64E'],
    [CPU_TYPE.ARM64, 0x8000_0002, 'arm64', 'arm64e', 'CPU_SUBTYPE_ARM64E'],
    [CPU_TYPE.ARM64, 77, 'arm64', null, null],
    [CPU_TYPE.ARM64_32, 1, 'arm64', 'arm64_32', 'CPU_SUBTYPE_ARM64_32_V8'],
    [CPU_TYPE.ARM, 6, 'arm', 'v6', 'CPU_SUBTYPE_ARM_V6'],
    [CPU_TYPE.ARM, 9, 'arm', 'v7', 'CPU_SUBTYPE_ARM_V7'],
    [CPU_TYPE.ARM, 11, 'arm', 'v7s', 'CPU_SUBTYPE_ARM_V7S'],
    [CPU_TYPE.ARM, 12, 'arm', 'v7k', 'CPU_SUBTYPE_ARM_V7K'],
    [CPU_TYPE.POWERPC, 10, 'ppc', 'ppc7400', 'CPU_SUBTYPE_POWERPC_7400'],
    [CPU_TYPE.MC680x0, 1, 'm68k', null, 'CPU_SUBTYPE_MC680x0_ALL'],
  ] as const)('cputype %i, cpusubtype %i is %s %s', (cpuType, cpuSubtype, arch, variant, name) => {
    const { platform, machO, machine } = read({ cpuType, cpuSubtype, fileType: MH.DYLIB });
    expect(platform).toMatchObject({ arch, variant });
    expect(machO).toMatchObject({ cpuSubtype, cpuSubtypeName: name });
    expect(machine.name).toMatch(/^CPU_TYPE_/);
  });

  it.each<[number, unknown]>([
    [0x8000_0002, { version: 0, kernel: false }],
    [0xc100_0002, { version: 1, kernel: true }],
    [0x0000_0002, null], // arm64e before its ABI had versions
    [0x8000_0000, null], // plain arm64
  ])('cpusubtype 0x%s has pointer authentication %o', (cpuSubtype, pointerAuthentication) => {
    expect(read({ cpuType: 0x0100_000c, cpuSubtype }).machO).toMatchObject({ pointerAuthentication });
  });

  it.each([
    ['/usr/lib/libSystem.B.dylib', 'libsystem'],
    ['/usr/lib/libSystem.dylib', 'libsystem'],
    ['/usr/lib/libc.dylib', 'libsystem'],
    ['/usr/lib/system/libsystem_c.dylib', 'libsystem'],
    ['/usr/lib/libc++.1.dylib', null],
    ['@rpath/libSystem.B.dylib', null],
  ])('%s: C library %s', (name, libc) => {
    expect(read({ commands: [dylib(name)] }).platform.libc).toBe(libc);
    expect(read({ fileType: MH.DYLIB, commands: [dylib(name, { type: LC.ID_DYLIB })] }).platform.libc).toBe(libc);
  });
});

describe('entry point', () => {
  const thread = (flavor: number, registers: number, at: number, width: 4 | 8): CommandPlan => ({
    type: LC.UNIXTHREAD,
    write: (writer) => {
      writer.u32(flavor, (registers * width) / 4);
      for (let i = 0; i < registers; i++) writer.number(i === at ? 0x1_4321 : 0xdead, width);
    },
  });

  it.each([
    ['i386', CPU_TYPE.X86, false, thread(1, 16, 10, 4)],
    ['x86_64', CPU_TYPE.X86_64, true, thread(4, 21, 16, 8)],
    ['arm', CPU_TYPE.ARM, false, thread(1, 17, 15, 4)],
    ['arm64', CPU_TYPE.ARM64, true, thread(6, 34, 32, 8)],
    ['ppc', CPU_TYPE.POWERPC, false, thread(1, 40, 0, 4)],
    ['ppc64', CPU_TYPE.POWERPC64, true, thread(5, 38, 0, 8)],
  ])('LC_UNIXTHREAD for %s', (_, cpuType, wide, command) => {
    expect(read({ cpuType, wide, commands: [command] }).entryPoint).toBe(0x1_4321n);
  });

  it('is unknown where the registers are not', () => {
    const unknown = read({ cpuType: CPU_TYPE.MC680x0, wide: false, little: false, commands: [thread(1, 20, 3, 4)] });
    expect(unknown).toMatchObject({ entryPoint: null, warnings: [] });
    const foreign = read({ commands: [thread(7, 4, 0, 8)] });
    expect([foreign.entryPoint, ...codes(foreign)]).toEqual([null, 'no-program-counter']);
    const cut = read({ commands: [thread(4, 10, 0, 8)] });
    expect([cut.entryPoint, ...codes(cut)]).toEqual([null, 'no-program-counter']);
  });

  it('counts LC_MAIN from the segment that maps the header', () => {
    const main: CommandPlan = { type: LC.MAIN, write: (writer) => writer.number(0x10, 8).number(0, 8) };
    const later = segment('__DATA', true, { address: 0x9000n, offset: 16, fileSize: 8 });
    const first = segment('__TEXT', true, { address: 0xffff_ffff_ffff_fff8n, fileSize: 64 });
    expect(read({ commands: [later, first, main] }).entryPoint).toBe(8n);
    expect(read({ commands: [later, main] }).entryPoint).toBeNull();
    expect(read({}).entryPoint).toBeNull();
  });
});

describe('symbols', () => {
  const STAB: SymbolPlan = { type: 0x66 };
  const LOCAL: SymbolPlan = { type: 0x0e };
  const STRIP_MARK: SymbolPlan = { type: 0x3c };
  const OWN_HEADER: SymbolPlan = { type: 0x1e, description: 0x10 };
  const many = (symbol: SymbolPlan): SymbolPlan[] => Array.from({ length: 40 }, () => symbol);
  const DWARF = segment('__DWARF', true, { sections: [{ name: '__debug_info', segment: '__DWARF' }] });

  it.each([
    ['no symbols', [], true, false],
    ['local ones', [LOCAL], false, false],
    ['what strip leaves', [STRIP_MARK, OWN_HEADER], true, false],
    ['stabs', [STAB], false, true],
    ['many local ones', many(LOCAL), false, false],
    ['many, stabs first', [STAB, ...many(LOCAL)], false, true],
    ['many, stabs last', [...many(LOCAL), STAB], false, true],
  ] as const)('%s', (_, locals, stripped, debugInfo) => {
    expect(read({ symbols: [locals, [{ type: 0x0f }], [{ type: 0x01 }]] })).toMatchObject({ stripped, debugInfo, warnings: [] });
  });

  it('finds DWARF by its sections, in whatever segment they stand', () => {
    const unnamed = segment('', true, { sections: [{ name: '__text', segment: '__TEXT' }, { name: '__debug_line', segment: '__DWARF' }] });
    expect(read({ fileType: MH.OBJECT, commands: [unnamed] })).toMatchObject({ debugInfo: true, because: { debugInfo: 'section __DWARF,__debug_line' } });
    const go = segment('__DWARF', true, { sections: [{ name: '__zdebug_info', segment: '__DWARF' }] });
    expect(read({ commands: [go] }).debugInfo).toBe(true);
    expect(read({ commands: [segment('__DWARF', true, { sections: [{ name: '__apple_names', segment: '__DWARF' }] })] }).debugInfo).toBe(false);
  });

  it('is stripped without LC_SYMTAB, and an object only without any symbol', () => {
    expect(read({ commands: [DWARF] })).toMatchObject({ stripped: true, debugInfo: true });
    expect(read({ fileType: MH.OBJECT, symbols: [[], [{ type: 0x0f }], []] }).stripped).toBe(false);
    expect(read({ fileType: MH.OBJECT, symbols: [[], [], []] }).stripped).toBe(true);
  });

  it('is not stripped where no LC_DYSYMTAB says what dyld needs', () => {
    expect(read({ commands: [numbers(LC.SYMTAB, 0, 2, 0, 0)], size: 256 }).stripped).toBe(false);
  });

  it('knows nothing of symbols beyond the end of the file', () => {
    const symtab = numbers(LC.SYMTAB, 0x7fff_ffff, 5, 0, 0);
    const groups = (count: number): CommandPlan => numbers(LC.DYSYMTAB, 0, count, ...new Array<number>(16).fill(0));
    const beyond = read({ commands: [symtab, groups(5)] });
    expect(beyond).toMatchObject({ stripped: null, debugInfo: null });
    expect(codes(beyond)).toEqual(['truncated']);
    const tooMany = read({ commands: [numbers(LC.SYMTAB, 32, 2, 0, 0), groups(0xffff_ffff)] });
    expect(codes(tooMany)).toEqual(['symbol-count']);
  });

  it('says nothing of a core, whose symbols stand in other files', () => {
    expect(read({ fileType: MH.CORE })).toMatchObject({ stripped: null, debugInfo: null });
  });
});

describe('damage and disguise', () => {
  const failure = (bytes: Uint8Array): BinspectError => {
    try {
      readBytes(bytes, readMachO, LIMITS);
    } catch (error) {
      expect(error).toBeInstanceOf(BinspectError);
      return error as BinspectError;
    }
    throw new Error('nothing was thrown');
  };

  it('M1: throws where there is no header', () => {
    expect(failure(Uint8Array.of())).toMatchObject({ code: 'truncated', offset: 0 });
    expect(failure(buildMachO().subarray(0, 4))).toMatchObject({ code: 'truncated', message: 'Mach-O header: 32 bytes wanted at 0x0, the file ends at 0x4' });
    expect(failure(buildMachO({ wide: false }).subarray(0, 27)).code).toBe('truncated');
    expect(failure(buildMachO({ magic: 0xfeed_fade })).code).toBe('malformed');
  });

  it('M12: goes by the bytes that are there, whatever sizeofcmds says', () => {
    const plan = { commands: [SYSTEM, UUID] };
    const beyond = read({ ...plan, header: { sizeofcmds: 0xffff_ffff } });
    expect(beyond.dependencies).toHaveLength(1);
    expect(codes(beyond)).toEqual(['sizeofcmds-exceeds-file']);
    const none = read({ ...plan, header: { sizeofcmds: 0 } });
    expect(none).toMatchObject({ dependencies: [], stripped: null, debugInfo: null });
    expect(codes(none)).toEqual(['sizeofcmds-mismatch']);
    const more = read({ ...plan, header: { ncmds: 1 } });
    expect(codes(more)).toEqual(['sizeofcmds-mismatch']);
    expect(more.buildId).toBeNull();
  });

  it('M13: allocates nothing by ncmds', () => {
    const binary = read({ commands: [SYSTEM], header: { ncmds: 0xffff_ffff } });
    expect(binary.dependencies).toHaveLength(1);
    expect(binary.machO?.loadCommands).toBe(0xffff_ffff);
    expect(codes(binary)).toEqual(['sizeofcmds-mismatch']);
    const limited = read({ commands: [SYSTEM, UUID, UUID] }, { ...LIMITS, tableEntries: 2 });
    expect(codes(limited)).toEqual(['limit-exceeded']);
  });

  it.each([0, 4, 7])('M14: stops at a command of %i bytes', (size) => {
    const binary = read({ commands: [SYSTEM, { type: LC.UUID, size }, SYSTEM] });
    expect(binary.dependencies).toHaveLength(1);
    expect(codes(binary)).toEqual(['cmdsize-too-small']);
  });

  it('M15: stops at a command that leaves the others, and keeps what came before', () => {
    const binary = read({ commands: [SYSTEM, { type: LC.UUID, size: 0x7fff_fff8 }] });
    expect(binary.dependencies).toHaveLength(1);
    expect(codes(binary)).toEqual(['cmdsize-exceeds-commands']);
  });

  it('M16: goes on behind a command of odd size', () => {
    const binary = read({ commands: [{ type: LC.SOURCE_VERSION, size: 18 }, SYSTEM] });
    expect(binary.dependencies).toHaveLength(1);
    expect(codes(binary)).toEqual(['cmdsize-unaligned']);
  });

  it.each([
    ['LC_SEGMENT_64', { type: LC.SEGMENT_64, size: 56 }],
    ['LC_DYSYMTAB', { type: LC.DYSYMTAB, size: 56 }],
    ['LC_SYMTAB', { type: LC.SYMTAB, size: 16 }],
    ['LC_UUID', { type: LC.UUID, size: 16 }],
    ['LC_LOAD_DYLIB', { type: LC.LOAD_DYLIB, size: 16 }],
    ['LC_RPATH', { type: LC.RPATH, size: 8 }],
    ['LC_LOAD_DYLINKER', { type: LC.LOAD_DYLINKER, size: 8 }],
    ['LC_BUILD_VERSION', { type: LC.BUILD_VERSION, size: 16 }],
    ['LC_VERSION_MIN_MACOSX', { type: LC.VERSION_MIN_MACOSX, size: 8 }],
    ['LC_MAIN', { type: LC.MAIN, size: 16 }],
  ])('M17: leaves out %s where it is too short, and goes on', (name, command) => {
    const binary = read({ commands: [command, SYSTEM] });
    expect(binary.dependencies).toHaveLength(1);
    expect(binary.warnings).toMatchObject([{ code: 'lc-too-small', offset: 32 }]);
    expect(binary.warnings[0]?.message).toContain(`${name}: `);
    expect(binary.stripped).toBeNull();
  });

  it('M18: reads the sections that fit', () => {
    const many = segment('__TEXT', true, { sections: [{ name: '__debug_info', segment: '__DWARF' }], sectionCount: 0x1000_0000 });
    const binary = read({ commands: [many] });
    expect(binary.debugInfo).toBe(true);
    expect(codes(binary)).toEqual(['sections-exceed-command']);
  });

  it('reads no more sections of all segments than the limit', () => {
    const three = segment('__TEXT', true, { sections: [1, 2, 3].map((number) => ({ name: `__${number}`, segment: '__TEXT' })) });
    expect(codes(read({ commands: [three, three, three] }, { ...LIMITS, tableEntries: 5 }))).toEqual(['limit-exceeded', 'limit-exceeded']);
    expect(codes(read({ commands: [three, three] }, { ...LIMITS, tableEntries: 6 }))).toEqual([]);
  });

  it('M19: reads on where a segment leaves the file', () => {
    const binary = read({ commands: [segment('__TEXT', true, { offset: 1 << 30, fileSize: 2n ** 63n }), SYSTEM] });
    expect(binary.dependencies).toHaveLength(1);
    expect(codes(binary)).toEqual(['segment-truncated']);
  });

  it('leaves out a segment of the other width', () => {
    const binary = read({ commands: [segment('__TEXT', true, { type: LC.SEGMENT }), SYSTEM] });
    expect(binary.dependencies).toHaveLength(1);
    expect(codes(binary)).toEqual(['segment-width']);
  });

  it.each([0, 23, 40, 0xffff_ffff])('M20: leaves out a library whose name begins at %i', (nameOffset) => {
    const binary = read({ commands: [dylib('0123456789ABCDE', { nameOffset }), UUID] });
    expect(binary).toMatchObject({ dependencies: [], buildId: '00112233-4455-6677-8899-AABBCCDDEEFF' });
    expect(codes(binary)).toEqual(['string-offset']);
  });

  it('M20: cuts a name without a NUL where its command ends', () => {
    const binary = read({ commands: [dylib(new TextEncoder().encode('12345678')), UUID] });
    expect(binary.dependencies).toMatchObject([{ name: '12345678' }]);
    expect(codes(binary)).toEqual(['string-cut']);
  });

  it('M21: keeps the bytes of a name that is no UTF-8', () => {
    const binary = read({ commands: [dylib(Uint8Array.of(0x6c, 0x69, 0xa8, 0x1b, 0))] });
    expect(binary.dependencies).toMatchObject([{ name: 'li\udca8\u001b' }]);
    expect(codes(binary)).toEqual(['name-not-utf8']);
  });

  it('M22: passes over unknown commands, with a warning where dyld could not', () => {
    expect(read({ commands: [numbers(0x6a, 1)] }).warnings).toEqual([]);
    const binary = read({ commands: [numbers(0xcaca_ca01, 1), UUID] });
    expect(binary.buildId).not.toBeNull();
    expect(binary.warnings).toMatchObject([{ code: 'unknown-required-command', offset: 32 }]);
    expect(binary.warnings[0]?.message).toContain('0xcacaca01');
  });

  it('M26: takes nothing from tries and bind opcodes, so what is wrong in them does no harm', () => {
    const wild = [0xffff_fff0, 0xffff_fff0];
    const binary = read({ commands: [numbers(LC.DYLD_EXPORTS_TRIE, ...wild), numbers(LC.DYLD_INFO_ONLY, ...wild, ...wild, ...wild, ...wild, ...wild)] });
    expect(binary.warnings).toEqual([]);
  });

  it('M27: keeps numbers without a name', () => {
    const binary = read({ cpuType: 0x0300_000c, cpuSubtype: 0x1234_5678, flags: 0x8000_0000 });
    expect(binary.machine).toEqual({ value: 0x0300_000c, name: null });
    expect(binary.platform).toMatchObject({ arch: null, variant: null, go: null, triple: null });
    expect(binary.machO).toMatchObject({ cpuSubtype: 0x1234_5678, cpuSubtypeName: null, flagNames: ['MH_DYLIB_IN_CACHE'] });
  });

  it('M28: says what the kernel refuses', () => {
    const program = { cpuType: CPU_TYPE.ARM64, cpuSubtype: 0, flags: MH_FLAG.DYLDLINK | MH_FLAG.PIE };
    expect(read({ ...program, commands: [MACOS_11], data: [SIGNATURE] }).warnings).toEqual([]);
    expect(read({ ...program, commands: [MACOS_11] }).warnings).toMatchObject([{ code: 'kernel-would-reject' }]);
    const fixed = read({ ...program, flags: MH_FLAG.DYLDLINK, commands: [MACOS_11], data: [SIGNATURE] });
    expect(fixed.pie).toBe(false);
    expect(codes(fixed)).toEqual(['kernel-would-reject']);
    const ios = numbers(LC.BUILD_VERSION, PLATFORM.IOS, 0, 0, 0);
    expect(read({ ...program, commands: [ios] }).warnings).toEqual([]);
    expect(read({ ...program, fileType: MH.DYLIB, commands: [MACOS_11] }).warnings).toMatchObject([{ code: 'kernel-would-reject' }]);
    expect(read({ ...program, fileType: MH.DYLIB, commands: [MACOS_11], data: [SIGNATURE] }).warnings).toEqual([]);
    expect(read({ flags: 0 })).toMatchObject({ pie: false, warnings: [] });
  });

  it('M29: reads a kernel collection as it stands', () => {
    const entry: CommandPlan = { type: LC.FILESET_ENTRY, write: (writer) => writer.number(0, 8).number(0, 8).u32(32, 0).text('com.apple.kernel\0') };
    expect(read({ fileType: MH.FILESET, commands: [entry] })).toMatchObject({ kind: 'other', warnings: [], machO: { fileTypeName: 'MH_FILESET' } });
  });

  it('M30: reads a core whose segments are not all there', () => {
    const binary = read({ fileType: MH.CORE, commands: [segment('', true, { offset: 0x1000, fileSize: 0x1000 })] });
    expect(binary).toMatchObject({ kind: 'core', linkage: null, pie: null, stripped: null });
    expect(codes(binary)).toEqual(['segment-truncated']);
  });

  it('keeps warnings within the limit', () => {
    const commands = Array.from({ length: 300 }, () => numbers(0x9999_9999));
    expect(read({ commands }).warnings).toHaveLength(LIMITS.warnings + 1);
  });

  it('warns of the most segments that the limits allow in a moment', () => {
    const command = buildMachO({ commands: [segment('__TEXT', true, { offset: 2n ** 40n, fileSize: 2n ** 40n })] }).subarray(32);
    const bytes = new Uint8Array(32 + LIMITS.tableEntries * command.length);
    bytes.set(buildMachO({ header: { ncmds: LIMITS.tableEntries, sizeofcmds: LIMITS.tableEntries * command.length } }));
    for (let at = 32; at < bytes.length; at += command.length) bytes.set(command, at);
    expect(withinSync(1000, () => readBytes(bytes, readMachO, LIMITS)).warnings).toHaveLength(LIMITS.warnings + 1);
  });

  it('asks for many commands in few steps, and for no more than it reads', () => {
    const bytes = buildMachO({ commands: Array.from({ length: 20_000 }, () => numbers(LC.SOURCE_VERSION, 0, 0)), size: 8 * 1024 * 1024 });
    new DataView(bytes.buffer).setUint32(20, 0xffff_ffff, true); // sizeofcmds
    const reads: number[] = [];
    const source = { size: bytes.length, readSync: (at: number, length: number) => (reads.push(length), bytes.subarray(at, at + length)) };
    expect(readSync(source, readMachO, LIMITS).machO?.loadCommands).toBe(20_000);
    expect(reads.length).toBeLessThan(12);
    expect(reads.reduce((sum, length) => sum + length)).toBeLessThan(1024 * 1024);
  });

  it('reads the most commands that the limits allow in a moment', () => {
    const bytes = buildMachO({ header: { ncmds: 0xffff_ffff, sizeofcmds: 0xffff_ffff } });
    const filled = new Uint8Array(LIMITS.tableEntries * 8 + 4096);
    filled.set(bytes);
    for (let at = bytes.length; at + 8 <= filled.length; at += 8) filled.set([0x29, 0, 0, 0, 8, 0, 0, 0], at);
    expect(codes(withinSync(1000, () => readBytes(filled, readMachO, LIMITS)))).toContain('limit-exceeded');
  });
});
