// What a loader reads of an ELF file: its machine, the libraries that it asks for and where, versions asked for and defined.

import { readSync } from '../bytes/input.ts';
import type { Input } from '../bytes/input.ts';
import type { SyncSource } from '../bytes/source.ts';
import { DF_1, DT, EM } from '../elf/constants.ts';
import { dynamicTexts, hasTag, lastValue } from '../elf/dynamic.ts';
import { providedVersions } from '../elf/facts/provided.ts';
import { neededVersions } from '../elf/facts/versions.ts';
import { openElf } from '../elf/file.ts';
import { BinspectError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { SymbolVersion } from '../model/binary.ts';

/** What a loader knows of a file. */
export interface LoadedFile {
  readonly machine: number;
  readonly bits: 32 | 64;
  readonly little: boolean;
  /** GOARCH's word; null for a machine that has none here. */
  readonly arch: string | null;
  readonly type: number;
  readonly interpreter: string | null;
  readonly libraryName: string | null;
  readonly needed: readonly string[];
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
  /** Whether it forbids the default folders (DF_1_NODEFLIB). */
  readonly noDefaults: boolean;
  readonly neededVersions: readonly SymbolVersion[];
  readonly providedVersions: readonly string[];
  /** Whether its symbols have versions at all (DT_VERSYM), be they only those that it asks for. */
  readonly versioned: boolean;
  /** What is not in the file although its headers say so; null where all is there. */
  readonly cut: string | null;
}

/** GOARCH's words by machine, class and byte order. */
const ARCHITECTURES: readonly (readonly [machine: number, wide: boolean, little: boolean, arch: string])[] = [
  [EM.X86_64, true, true, 'amd64'],
  [EM['386'], false, true, '386'],
  [EM.AARCH64, true, true, 'arm64'],
  [EM.ARM, false, true, 'arm'],
  [EM.ARM, false, false, 'armbe'],
  [EM.AARCH64, true, false, 'arm64be'],
  [EM.RISCV, true, true, 'riscv64'],
  [EM.RISCV, false, true, 'riscv32'],
  [EM.PPC64, true, true, 'ppc64le'],
  [EM.PPC64, true, false, 'ppc64'],
  [EM.PPC, false, false, 'ppc'],
  [EM.S390, true, false, 's390x'],
  [EM.S390, false, false, 's390'],
  [EM.MIPS, false, false, 'mips'],
  [EM.MIPS, false, true, 'mipsle'],
  [EM.MIPS, true, false, 'mips64'],
  [EM.MIPS, true, true, 'mips64le'],
  [EM.LOONGARCH, true, true, 'loong64'],
  [EM.SPARCV9, true, false, 'sparc64'],
  [EM.SPARC, false, false, 'sparc'],
  [EM['68K'], false, false, 'm68k'],
  [EM.SH, false, true, 'sh4'],
  [EM.PARISC, false, false, 'hppa'],
];

/** The architecture of an ELF file by its first 20 bytes; null where it has no name here. */
export function architectureOf(head: Uint8Array): string | null {
  const little = head[5] !== 2;
  const [low = 0, high = 0] = little ? [head[18], head[19]] : [head[19], head[18]];
  return named(low | (high << 8), head[4] === 2, little);
}

function named(machine: number, wide: boolean, little: boolean): string | null {
  return ARCHITECTURES.find((row) => row[0] === machine && row[1] === wide && row[2] === little)?.[3] ?? null;
}

/** The reader. Throws `malformed` and `truncated` where there is no ELF header. */
export function readLoaded(plain: Input): LoadedFile {
  const file = openElf(plain);
  const { header, input, dynamic, interpreter } = file;
  const { wide, little } = input.encoding;
  const split = (tag: number, what: string): string[] => dynamicTexts(file, tag, what).flatMap((text) => text.split(':'));
  const flags = lastValue(dynamic?.entries ?? [], DT.FLAGS_1) ?? 0n;
  const needs = dynamic === null ? [] : neededVersions(file);
  const provides = dynamic === null ? [] : providedVersions(file);
  return {
    machine: header.machine,
    bits: wide ? 64 : 32,
    little,
    arch: named(header.machine, wide, little),
    type: header.type,
    interpreter: interpreter === '' ? null : interpreter,
    libraryName: dynamicTexts(file, DT.SONAME, 'DT_SONAME').at(-1) ?? null,
    needed: dynamicTexts(file, DT.NEEDED, 'DT_NEEDED'),
    rpath: split(DT.RPATH, 'DT_RPATH'),
    runpath: split(DT.RUNPATH, 'DT_RUNPATH'),
    noDefaults: (flags & BigInt(DF_1.NODEFLIB)) !== 0n,
    neededVersions: (needs ?? []).map(({ library, version }) => ({ library, version })),
    providedVersions: provides ?? [],
    versioned: hasTag(file, DT.VERSYM),
    cut: input.warnings.find(({ code }) => code === 'segment-truncated' || code === 'truncated')?.message ?? null,
  };
}

/** Reads a file. Null where it has no ELF header to go by. */
export function loadedOf(source: SyncSource): LoadedFile | null {
  try {
    return readSync(source, readLoaded, LIMITS);
  } catch (error) {
    if (error instanceof BinspectError) return null;
    throw error;
  }
}
