// What a PE file runs on: the machine seen through (hybrids, .NET), the system by its subsystem, the C library by what is imported.

import { nameOf } from '../../model/names.ts';
import type { PlatformSeed } from '../../model/platform.ts';
import { COMIMAGE, MACHINE, READY_TO_RUN_MACHINES, READY_TO_RUN_SYSTEMS, SUBSYSTEM } from '../constants.ts';
import { isEfi } from '../file.ts';
import type { PeFile } from '../file.ts';
import { DOS_HEADER_SIZE, OPTIONAL_END } from '../structures.ts';
import type { ClrHeader, LoadConfig } from '../structures.ts';

const ARCHITECTURES: Readonly<Record<number, string>> = {
  [MACHINE.I386]: '386',
  [MACHINE.AMD64]: 'amd64',
  [MACHINE.ARM]: 'arm',
  [MACHINE.THUMB]: 'arm',
  [MACHINE.ARMNT]: 'arm',
  [MACHINE.ARM64]: 'arm64',
  [MACHINE.ARM64EC]: 'arm64',
  [MACHINE.ARM64X]: 'arm64',
  [MACHINE.R3000BE]: 'mips',
  [MACHINE.R3000]: 'mipsle',
  [MACHINE.R4000]: 'mipsle',
  [MACHINE.R10000]: 'mipsle',
  [MACHINE.WCEMIPSV2]: 'mipsle',
  [MACHINE.POWERPC]: 'ppcle', // Windows NT ran them little-endian
  [MACHINE.POWERPCFP]: 'ppcle',
  [MACHINE.POWERPCBE]: 'ppc',
  [MACHINE.LOONGARCH32]: 'loong32',
  [MACHINE.LOONGARCH64]: 'loong64',
  [MACHINE.PARISC]: 'hppa',
};

/** Machines that images for .NET or objects have, or that name no processor. */
const NO_PROCESSOR: ReadonlySet<number> = new Set([MACHINE.UNKNOWN, MACHINE.CEF, MACHINE.CEE]);

/** What the machine comes to once everything else that says something of it has been heard. */
interface Architecture {
  readonly arch: string | null;
  readonly variant: string | null;
  /** The system that .NET's compiler wrote into the machine. */
  readonly os: string | null;
}

/** What the platform follows from, beside the headers. */
interface Evidence {
  /** The modules that are imported, delayed ones too. */
  readonly modules: readonly string[];
  readonly config: LoadConfig | null;
  readonly managed: ClrHeader | null;
}

/** Everything that shows the platform, joined. `because` gets the reasons. */
export function platformSeed(file: PeFile, evidence: Evidence, because: Record<string, string>): PlatformSeed {
  const { modules } = evidence;
  const { arch, variant, os: foreign } = architecture(file, evidence, because);
  const os = foreign ?? system(file, because);
  const libc = os === 'windows' ? cLibrary(modules, because) : null;
  return { os, arch, variant, libc, abi: os === 'windows' ? toolchain(file, modules, libc) : null };
}

function architecture(file: PeFile, { config, managed }: Evidence, because: Record<string, string>): Architecture {
  const { machine } = file.coff;
  const foreign = readyToRun(machine);
  if (foreign !== null) {
    const name = nameOf(MACHINE, foreign.machine);
    const reason = `the machine is IMAGE_FILE_MACHINE_${name} XOR 0x${foreign.mask.toString(16)}, as .NET compiles for ${foreign.os}`;
    because['os'] = because['arch'] = reason;
    return { arch: ARCHITECTURES[foreign.machine] ?? lowerName(foreign.machine), variant: null, os: foreign.os };
  }
  const hybrid = hybridVariant(file, config);
  if (hybrid !== null) {
    const reason = `the load configuration has a CHPEMetadataPointer, and the machine is IMAGE_FILE_MACHINE_${nameOf(MACHINE, machine)}`;
    because['arch'] = because['variant'] = reason;
    return { arch: hybrid === 'chpe' ? '386' : 'arm64', variant: hybrid, os: null }; // which process loads it decides: CHPE is for those of x86
  }
  const intermediate = intermediateLanguage(file, managed);
  if (intermediate !== null) {
    because['arch'] = `does not apply: ${intermediate}`;
    because['variant'] = intermediate;
    return { arch: null, variant: 'anycpu', os: null };
  }
  if (machine === MACHINE.ARMNT) because['variant'] = 'IMAGE_FILE_MACHINE_ARMNT is Thumb-2, of ARMv7';
  return { arch: ARCHITECTURES[machine] ?? lowerName(machine), variant: machine === MACHINE.ARMNT ? 'v7' : null, os: null };
}

function lowerName(machine: number): string | null {
  return NO_PROCESSOR.has(machine) ? null : (nameOf(MACHINE, machine)?.toLowerCase() ?? null);
}

/** The machine and the system of an image that .NET compiled ahead of time for another system than Windows; null for any other. */
function readyToRun(value: number): { machine: number; mask: number; os: string } | null {
  if (nameOf(MACHINE, value) !== null) return null;
  for (const [mask, os] of READY_TO_RUN_SYSTEMS) {
    const machine = value ^ mask;
    if (READY_TO_RUN_MACHINES.has(machine)) return { machine, mask, os };
  }
  return null;
}

/** Machines that a hybrid says it has, and what it is: code for ARM64 that keeps to another ABI, or code of both kinds. */
const HYBRIDS: Readonly<Record<number, string>> = { [MACHINE.AMD64]: 'arm64ec', [MACHINE.ARM64]: 'arm64x', [MACHINE.I386]: 'chpe' };

/** The variant of an image with code for ARM64 besides what its machine says; null for any other. Only the load configuration tells. */
function hybridVariant({ coff, memory, optional }: PeFile, config: LoadConfig | null): string | null {
  const variant = HYBRIDS[coff.machine];
  const metadata = config?.hybridMetadata ?? 0n;
  if (variant === undefined || metadata === 0n) return null;
  return memory.offsetOf(metadata - optional.imageBase) === null ? null : variant;
}

/** Whether this is .NET code for any processor, and why, in spite of its machine, which then is I386; null where it is not. */
function intermediateLanguage({ coff }: PeFile, managed: ClrHeader | null): string | null {
  if (coff.machine !== MACHINE.I386 || managed === null || managedKind({ coff }, managed) !== 'il-only') return null;
  if ((managed.flags & COMIMAGE['32BITREQUIRED']) === 0) return '.NET code for any processor: COMIMAGE_FLAGS_ILONLY is set, 32BITREQUIRED is not';
  if ((managed.flags & COMIMAGE['32BITPREFERRED']) === 0) return null;
  return '.NET code for any processor, 32 bits preferred: COMIMAGE_FLAGS_32BITPREFERRED is set';
}

/** Whether .NET code has something of a processor's own beside it: what is compiled ahead of time (ReadyToRun), or C++. Null for what is not .NET. */
export function managedKind({ coff }: Pick<PeFile, 'coff'>, managed: ClrHeader | null): 'il-only' | 'native' | null {
  if (readyToRun(coff.machine) !== null) return 'native';
  if (managed === null) return null;
  return (managed.flags & COMIMAGE.ILONLY) !== 0 && managed.native === 0 ? 'il-only' : 'native';
}

/** Who loads it. Not the machine, and not the name: firmware and Windows CE have PE files too. */
function system({ optional, optionalBytes }: PeFile, because: Record<string, string>): string | null {
  if (optionalBytes < OPTIONAL_END.SUBSYSTEM) {
    because['os'] = 'unknown: the subsystem can\'t be read';
    return null;
  }
  const name = nameOf(SUBSYSTEM, optional.subsystem);
  because['os'] = name === null ? `assumed: subsystem ${optional.subsystem} is not known` : `the subsystem is IMAGE_SUBSYSTEM_${name}`;
  if (isEfi(optional)) return 'uefi';
  switch (optional.subsystem) {
    case SUBSYSTEM.WINDOWS_CE_GUI:
      return 'wince';
    case SUBSYSTEM.XBOX:
    case SUBSYSTEM.XBOX_CODE_CATALOG:
      return 'xbox';
    default:
      return 'windows';
  }
}

/** C libraries by the DLL that is asked for; the first match holds. A number stays: msvcr100.dll and msvcr120.dll don't stand in for each other. */
const LIBRARIES: readonly (readonly [RegExp, string])[] = [
  [/^cygwin\d+\.dll$/i, 'cygwin'],
  [/^msys-[\d.]+\.dll$/i, 'msys'],
  [/^(ucrtbased?|api-ms-win-crt-.*|vcruntime\d+d?)\.dll$/i, 'ucrt'],
  [/^(msvcr\d+)d?(_clr\d+)?\.dll$/i, '$1'],
  [/^msvcrtd?\.dll$/i, 'msvcrt'],
  [/^(msvcrt\d+|crtdll)d?\.dll$/i, '$1'],
];

function cLibrary(modules: readonly string[], because: Record<string, string>): string | null {
  for (const [pattern, libc] of LIBRARIES) {
    const name = modules.find((module) => pattern.test(module));
    if (name === undefined) continue;
    because['libc'] = `the import ${name}`;
    return name.replace(pattern, libc).toLowerCase();
  }
  return null;
}

/** Libraries that come with a compiler, and so tell it. */
const GNU_RUNTIME = /^lib(gcc_s|stdc\+\+|c\+\+|unwind|winpthread|ssp|gomp|gfortran|quadmath|atomic|objc)([-_.\d].*)?\.dll$/i;
const MSVC_RUNTIME = /^(vcruntime|msvcp|msvcr|concrt|mfc)\d+.*\.dll$/i;

const BINUTILS = 2; // the linker's major version; Microsoft's was there in 1994

/** The last word of a triple: who compiled this. Microsoft's linker leaves a mark of its own, and LLVM's calls itself by Microsoft's version. */
function toolchain(file: PeFile, modules: readonly string[], libc: string | null): string | null {
  if (libc === null) return null;
  if (libc === 'cygwin' || libc === 'msys') return 'cygnus';
  if (modules.some((name) => GNU_RUNTIME.test(name)) || file.optional.linkerMajor === BINUTILS) return 'gnu';
  return modules.some((name) => MSVC_RUNTIME.test(name)) || hasRichHeader(file) ? 'msvc' : null;
}

const RICH = [0x52, 0x69, 0x63, 0x68] as const; // 'Rich'

/** Whether the list of tools that Microsoft's linker puts between the DOS program and the PE header is there. */
function hasRichHeader({ input, headerOffset }: PeFile): boolean {
  if (headerOffset <= DOS_HEADER_SIZE) return false;
  const bytes = input.readUpTo(DOS_HEADER_SIZE, Math.min(headerOffset, 0x1000) - DOS_HEADER_SIZE, 'Rich header').bytes();
  for (let at = 0; at + 8 <= bytes.length; at += 4) if (RICH.every((byte, index) => bytes[at + index] === byte)) return true;
  return false;
}
