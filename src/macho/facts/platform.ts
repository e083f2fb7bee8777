// What a Mach-O file runs on: architecture from cputype and cpusubtype; system from the commands that name it, or from what it links with.

import type { Kind } from '../../model/binary.ts';
import { nameOf, prefixedNameOf } from '../../model/names.ts';
import type { PlatformSeed } from '../../model/platform.ts';
import { commandName } from '../commands.ts';
import type { SystemVersion } from '../commands.ts';
import { CPU_SUBTYPE, CPU_SUBTYPE_MASK, CPU_TYPE, LC, MH, PLATFORM } from '../constants.ts';
import { SUBTYPE_ARM, SUBTYPE_ARM64, SUBTYPE_POWERPC, SUBTYPE_X86_64 } from '../constants.ts';
import type { MachOFile } from '../file.ts';

const ARCHITECTURES: Readonly<Record<number, string>> = {
  [CPU_TYPE.VAX]: 'vax',
  [CPU_TYPE.MC680x0]: 'm68k',
  [CPU_TYPE.X86]: '386',
  [CPU_TYPE.X86_64]: 'amd64',
  [CPU_TYPE.MIPS]: 'mips',
  [CPU_TYPE.MC98000]: 'mc98000',
  [CPU_TYPE.HPPA]: 'hppa',
  [CPU_TYPE.ARM]: 'arm',
  [CPU_TYPE.ARM64]: 'arm64',
  [CPU_TYPE.ARM64_32]: 'arm64',
  [CPU_TYPE.MC88000]: 'm88k',
  [CPU_TYPE.SPARC]: 'sparc',
  [CPU_TYPE.I860]: 'i860',
  [CPU_TYPE.ALPHA]: 'alpha',
  [CPU_TYPE.POWERPC]: 'ppc',
  [CPU_TYPE.POWERPC64]: 'ppc64',
};

/** The subtypes that say more than the type, in the words of lipo(1); ARM's without their 'arm'. */
const VARIANTS: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [CPU_TYPE.X86_64]: { [SUBTYPE_X86_64.X86_64_H]: 'x86_64h' },
  [CPU_TYPE.ARM64]: { [SUBTYPE_ARM64.ARM64E]: 'arm64e' },
  [CPU_TYPE.ARM]: {
    [SUBTYPE_ARM.ARM_V4T]: 'v4t',
    [SUBTYPE_ARM.ARM_V5TEJ]: 'v5',
    [SUBTYPE_ARM.ARM_V6]: 'v6',
    [SUBTYPE_ARM.ARM_XSCALE]: 'xscale',
    [SUBTYPE_ARM.ARM_V7]: 'v7',
    [SUBTYPE_ARM.ARM_V7F]: 'v7f',
    [SUBTYPE_ARM.ARM_V7S]: 'v7s',
    [SUBTYPE_ARM.ARM_V7K]: 'v7k',
    [SUBTYPE_ARM.ARM_V8]: 'v8',
    [SUBTYPE_ARM.ARM_V6M]: 'v6m',
    [SUBTYPE_ARM.ARM_V7M]: 'v7m',
    [SUBTYPE_ARM.ARM_V7EM]: 'v7em',
  },
  [CPU_TYPE.POWERPC]: {
    [SUBTYPE_POWERPC.POWERPC_601]: 'ppc601',
    [SUBTYPE_POWERPC.POWERPC_603]: 'ppc603',
    [SUBTYPE_POWERPC.POWERPC_603e]: 'ppc603e',
    [SUBTYPE_POWERPC.POWERPC_603ev]: 'ppc603ev',
    [SUBTYPE_POWERPC.POWERPC_604]: 'ppc604',
    [SUBTYPE_POWERPC.POWERPC_604e]: 'ppc604e',
    [SUBTYPE_POWERPC.POWERPC_750]: 'ppc750',
    [SUBTYPE_POWERPC.POWERPC_7400]: 'ppc7400',
    [SUBTYPE_POWERPC.POWERPC_7450]: 'ppc7450',
    [SUBTYPE_POWERPC.POWERPC_970]: 'ppc970',
  },
};

interface System {
  /** In Go's words. */
  readonly os: string | null;
  readonly simulator: boolean;
}

const SYSTEMS: Readonly<Record<number, System>> = {
  [PLATFORM.MACOS]: { os: 'darwin', simulator: false },
  [PLATFORM.IOS]: { os: 'ios', simulator: false },
  [PLATFORM.TVOS]: { os: 'tvos', simulator: false },
  [PLATFORM.WATCHOS]: { os: 'watchos', simulator: false },
  [PLATFORM.BRIDGEOS]: { os: 'bridgeos', simulator: false },
  [PLATFORM.MACCATALYST]: { os: 'ios', simulator: false },
  [PLATFORM.IOSSIMULATOR]: { os: 'ios', simulator: true },
  [PLATFORM.TVOSSIMULATOR]: { os: 'tvos', simulator: true },
  [PLATFORM.WATCHOSSIMULATOR]: { os: 'watchos', simulator: true },
  [PLATFORM.DRIVERKIT]: { os: 'driverkit', simulator: false },
  [PLATFORM.VISIONOS]: { os: 'visionos', simulator: false },
  [PLATFORM.VISIONOSSIMULATOR]: { os: 'visionos', simulator: true },
  [PLATFORM.SEPOS]: { os: 'sepos', simulator: false },
};

const SIMULATORS: Readonly<Record<number, number>> = {
  [PLATFORM.IOS]: PLATFORM.IOSSIMULATOR,
  [PLATFORM.TVOS]: PLATFORM.TVOSSIMULATOR,
  [PLATFORM.WATCHOS]: PLATFORM.WATCHOSSIMULATOR,
};

/** The system that each of the older commands stands for. */
const VERSION_PLATFORM: Readonly<Record<number, number>> = {
  [LC.VERSION_MIN_MACOSX]: PLATFORM.MACOS,
  [LC.VERSION_MIN_IPHONEOS]: PLATFORM.IOS,
  [LC.VERSION_MIN_TVOS]: PLATFORM.TVOS,
  [LC.VERSION_MIN_WATCHOS]: PLATFORM.WATCHOS,
};

/** libSystem by the names it has had, and the libraries that it is made of. */
const LIBSYSTEM = /^(\/System\/DriverKit)?\/usr\/lib\/(libSystem(\.[A-Z])?(_debug|_profile)?\.dylib|libc\.dylib|system\/lib[^/]+\.dylib)$/;

/** A system that the file names, and the command that does. */
export interface NamedSystem {
  readonly platform: number;
  readonly version: SystemVersion;
}

function isX86(cpuType: number): boolean {
  return cpuType === CPU_TYPE.X86 || cpuType === CPU_TYPE.X86_64;
}

/** The older commands know no simulators: there, what names iOS for a Mac's machine is one. */
function platformNumber({ command, platform }: SystemVersion, cpuType: number): number {
  if (platform !== null) return platform;
  const named = VERSION_PLATFORM[command] as number;
  return isX86(cpuType) ? (SIMULATORS[named] ?? named) : named;
}

function platformName(platform: number): string {
  return prefixedNameOf('PLATFORM_', PLATFORM, platform) ?? `platform ${platform}`;
}

/**
 * The system that decides: the first that is not Mac Catalyst. A "zippered" library names two, as it serves Macs' own programs
 * and those that came from iOS.
 */
export function namedSystem({ versions, header }: MachOFile): NamedSystem | null {
  const named = versions.map((version) => ({ platform: platformNumber(version, header.cpuType), version }));
  return named.find(({ platform }) => platform !== PLATFORM.MACCATALYST) ?? named[0] ?? null;
}

/** Everything that shows the platform, joined. `because` gets the reasons for os, libc and variant. */
export function platformSeed(file: MachOFile, kind: Kind, because: Record<string, string>): PlatformSeed {
  const { cpuType, cpuSubtype } = file.header;
  const arch = ARCHITECTURES[cpuType] ?? null;
  const { os, abi } = system(file, kind, because);
  return { os, arch, variant: variant(cpuType, cpuSubtype, because), libc: cLibrary(file, because), abi };
}

/** The architecture of a slice of which only the table tells, in Go's words, and its variant. */
export function tableArchitecture(cpuType: number, cpuSubtype: number, because: Record<string, string>): { readonly arch: string | null; readonly variant: string | null } {
  const arch = ARCHITECTURES[cpuType] ?? null;
  if (arch !== null) because['arch'] = "the universal header's table";
  return { arch, variant: variant(cpuType, cpuSubtype, because) };
}

function variant(cpuType: number, cpuSubtype: number, because: Record<string, string>): string | null {
  const subtype = cpuSubtype & CPU_SUBTYPE_MASK;
  const found = cpuType === CPU_TYPE.ARM64_32 ? 'arm64_32' : (VARIANTS[cpuType]?.[subtype] ?? null);
  if (found !== null) {
    because['variant'] =
      cpuType === CPU_TYPE.ARM64_32 ? 'cputype is CPU_TYPE_ARM64_32' : `cpusubtype is CPU_SUBTYPE_${nameOf(CPU_SUBTYPE[cpuType] ?? {}, subtype)}`;
  }
  return found;
}

interface Told {
  readonly os: string | null;
  /** The end of a triple: 'sim', 'macabi'. */
  readonly abi: string | null;
}

/**
 * The system that a command names. Files from before 2009, and some of other linkers, name none; then it is the one whose
 * machine it is, and `because` says that this is assumed.
 */
function system(file: MachOFile, kind: Kind, because: Record<string, string>): Told {
  const told = (os: string | null, abi: string | null, reason: string): Told => {
    because['os'] = reason;
    return { os, abi };
  };
  const { input, header, versions } = file;
  const named = namedSystem(file);
  if (named === null) return assumedSystem(file, kind, told);
  const { platform, version } = named;
  const others = versions.filter((other) => other !== version).map((other) => platformNumber(other, header.cpuType));
  const beside = others.length === 0 ? '' : `, beside ${others.map(platformName).join(', ')}`;
  if (others.some((other) => other !== PLATFORM.MACCATALYST && other !== platform)) {
    input.warn('several-systems', `the file names ${[platform, ...others].map(platformName).join(', ')}; the first decides`);
  }
  const reason =
    version.platform === null
      ? `${commandName(version.command)}${platform === VERSION_PLATFORM[version.command] ? '' : ' on an Intel machine: a simulator'}${beside}`
      : `${commandName(version.command)} names ${platformName(platform)}${beside}`;
  const known = SYSTEMS[platform];
  if (known === undefined) return told(null, null, `unknown: ${reason}`);
  if (platform === PLATFORM.MACCATALYST) return told(known.os, 'macabi', reason);
  // Rust's triples for simulators on Intel have no ending, except for watchOS: no device has such a machine.
  const plain = header.cpuType === CPU_TYPE.X86 || (header.cpuType === CPU_TYPE.X86_64 && known.os !== 'watchos');
  return told(known.os, known.simulator && !plain ? 'sim' : null, reason);
}

/** Whose machine it is. ARM of 32 bits was never in a Mac; what NeXT's machines ran is not Darwin. */
function assumedSystem({ header, complete }: MachOFile, kind: Kind, told: (os: string | null, abi: string | null, reason: string) => Told): Told {
  if (!complete) return told(null, null, 'unknown: not all load commands could be read');
  if (kind === 'relocatable') return told(null, null, 'unknown: this object file does not say');
  if (kind === 'other' || header.fileType === MH.PRELOAD) return told(null, null, 'unknown: no load command names a system');
  const assumed = (os: string): Told => told(os, null, 'assumed from the machine: no load command names a system');
  switch (header.cpuType) {
    case CPU_TYPE.X86:
    case CPU_TYPE.X86_64:
    case CPU_TYPE.POWERPC:
    case CPU_TYPE.POWERPC64:
    case CPU_TYPE.ARM64:
      return assumed('darwin');
    case CPU_TYPE.ARM:
      return assumed((header.cpuSubtype & CPU_SUBTYPE_MASK) === SUBTYPE_ARM.ARM_V7K ? 'watchos' : 'ios');
    case CPU_TYPE.ARM64_32:
      return assumed('watchos');
    default:
      return told(null, null, 'unknown: no load command names a system');
  }
}

/** libSystem holds the C library, and libc.dylib is a name for it. What is linked statically shows no sign of one. */
function cLibrary({ libraries, identity }: MachOFile, because: Record<string, string>): string | null {
  const library = [...libraries, ...(identity === null ? [] : [identity])].find(({ name }) => LIBSYSTEM.test(name));
  if (library === undefined) return null;
  because['libc'] = `the library ${library.name}`;
  return 'libsystem';
}
