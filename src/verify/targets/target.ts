// Targets in all the spellings that people use, and whether a binary is for one.

import type { Binary } from '../../model/binary.ts';
import { nearest } from '../../model/nearest.ts';
import { FOREIGN } from '../../model/platform.ts';
import { DOTTED } from '../versions.ts';
import { readTargetWords } from './words.ts';
import type { Arch, Ending } from './words.ts';

/** What a file has to run on. Null where nothing is asked for. */
export interface Target {
  /** As it was written. */
  readonly text: string;
  /** GOOS words; one of them. */
  readonly os: readonly string[] | null;
  /** One of them; with `all`, the slices together have to be each of them. */
  readonly arch: readonly Arch[] | null;
  readonly all: boolean;
  readonly libc: string | null;
  /** Whether a step of the architecture (v7, v3) is the most that may be needed, and not the one that is wanted. */
  readonly atMost: boolean;
  /** What its triple ends in: the float convention of 32-bit ARM, Apple's simulators and Catalyst. */
  readonly ending: Ending | null;
}

export const UNIVERSAL: readonly Arch[] = [
  { arch: 'amd64', variant: null },
  { arch: 'arm64', variant: null },
];

/** A target as Go, Node, OCI or a compiler writes it. For what is none, why not. */
export function parseTarget(text: string): Target | string {
  const { words, systems, archs, strange, known } = readTargetWords(text);
  const [stranger] = strange;
  if (stranger !== undefined) {
    const near = nearest(stranger, known);
    return `'${text}' is no target: '${stranger}' is no system, architecture or C library${near === null ? '' : `; did you mean ${near}?`}`;
  }
  const { os, arch, libc, ending, universal } = words;
  if (os === null || systems > 1) return `'${text}' names ${os === null ? 'no system' : 'more than one system'}: ${SPELLINGS}`;
  if (universal) return { text, os, arch: arch ?? UNIVERSAL, all: true, libc, atMost: false, ending };
  if (arch === null || archs > 1) return `'${text}' names ${arch === null ? 'no architecture' : 'more than one architecture'}: ${SPELLINGS}`;
  return { text, os, arch, all: false, libc, atMost: false, ending };
}

const SPELLINGS = 'a target is like linux/arm64, linux-arm64, aarch64-unknown-linux-musl or darwin/universal';

export type Match = 'yes' | 'no' | 'unknown';

/** Variants that are a name of their own, and not a step that a binary for a lower one also is. */
const NAMED = new Set([...FOREIGN, 'arm64e', 'x86_64h']);

/** Whether one step comes before another: v6 before v7, v8.2 before v9. What is no step comes nowhere. */
function isBelow(step: string, other: string): boolean {
  const [a, b] = [DOTTED.parse(step.slice(1)), DOTTED.parse(other.slice(1))];
  return a !== null && b !== null && DOTTED.compare(a, b) < 0;
}

/** Whether a binary's architecture is the one asked for. A step is compared only where the file tells its own. */
function isArch({ platform: { arch, variant } }: Binary, wanted: Arch, atMost: boolean): boolean {
  if (arch !== wanted.arch) return false;
  if (wanted.variant === null) return variant === null || !FOREIGN.has(variant);
  if (NAMED.has(wanted.variant) || (variant !== null && NAMED.has(variant))) return variant === wanted.variant;
  return variant === null || variant === wanted.variant || (atMost && isBelow(variant, wanted.variant));
}

/** Whether one binary is for a target. The C library counts on Linux, which has several, and only where the file tells it; so does the triple's ending. */
export function matchesTarget(binary: Binary, { os, arch, libc, ending, atMost }: Target): Match {
  const { platform } = binary;
  if (os !== null && platform.os !== null && !os.includes(platform.os)) return 'no';
  if (arch !== null && platform.arch !== null && !arch.some((one) => isArch(binary, one, atMost))) return 'no';
  if (libc !== null && (platform.os === 'linux' || platform.os === null) && platform.libc !== null && platform.libc !== libc) return 'no';
  if (ending !== null && platform.triple !== null && !platform.triple.endsWith(ending)) return 'no';
  return (os !== null && platform.os === null) || (arch !== null && platform.arch === null) ? 'unknown' : 'yes';
}

/** The architectures that a target asks for together and that no slice is for. */
export function missingArchs(binaries: readonly Binary[], { arch, all, atMost }: Target): readonly Arch[] {
  return all ? (arch ?? []).filter((one) => !binaries.some((binary) => isArch(binary, one, atMost))) : [];
}

export function archText({ arch, variant }: Arch): string {
  if (variant === null) return arch;
  return /^v\d/.test(variant) ? `${arch}/${variant}` : variant;
}

/** What a binary is for: 'linux/arm64', 'linux/amd64 (musl)'; '?' for what the file does not tell. */
export function platformText({ platform: { os, arch, variant, libc }, machine }: Binary, { libc: wanted }: Pick<Target, 'libc'>): string {
  const architecture = arch === null ? (machine.name ?? `machine ${machine.value}`) : archText({ arch, variant });
  return `${os ?? '?'}/${architecture}${wanted !== null && libc !== null ? ` (${libc})` : ''}`;
}

/** A target in Go's words, with what else it asks for: 'linux/arm64 (musl)'. */
export function targetText({ os, arch, all, libc, ending }: Target): string {
  const system = os?.[0] ?? '*';
  const architectures = all && arch !== null ? `universal (${arch.map(archText).join(' and ')})` : (arch?.map(archText).join(' or ') ?? '*');
  const extra = [libc, ending].filter((word) => word !== null);
  return `${system}/${architectures}${extra.length === 0 ? '' : ` (${extra.join(', ')})`}`;
}

/** What in the file tells its platform. */
export function platformEvidence({ format, machine, because }: Binary, { os, libc }: Pick<Target, 'os' | 'libc'>): string {
  const field = { elf: 'e_machine', 'mach-o': 'cputype', pe: 'Machine' }[format];
  const parts = [`${field} is ${machine.value}${machine.name === null ? '' : ` (${machine.name})`}`];
  if (because['variant'] !== undefined) parts.push(`variant: ${because['variant']}`);
  if (os !== null && because['os'] !== undefined) parts.push(`system: ${because['os']}`);
  if (libc !== null && because['libc'] !== undefined) parts.push(`C library: ${because['libc']}`);
  return parts.join('; ');
}
