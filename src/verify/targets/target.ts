// Targets in all the spellings that people use, and whether a binary is for one.

import type { Binary } from '../../model/binary.ts';
import { goSetting } from '../../model/go-words.ts';
import { nearest } from '../../model/nearest.ts';
import { architectureText, FOREIGN } from '../../model/platform.ts';
import type { Warning } from '../../model/warning.ts';
import { DOTTED } from '../versions.ts';
import { APPLE } from './name.ts';
import { MEANINGS } from './vocabulary.ts';
import type { Arch, Ending, Meaning } from './vocabulary.ts';
import { isNumber, wordsOf } from './words.ts';

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
  /** Whether a name claims it: then a step of the architecture (v7, v3) is the most that may be needed, and Catalyst is for Macs. Otherwise it is what is wanted. */
  readonly atMost: boolean;
  /** What its triple ends in: the float convention of 32-bit ARM, Apple's simulators and Catalyst. */
  readonly ending: Ending | null;
  /** A value of GO386, GOMIPS and related. */
  readonly setting: string | null;
  /** What of it may be meant otherwise, so that another system or architecture leaves the question open. */
  readonly soft: { readonly os: boolean; readonly arch: boolean };
}

export const UNIVERSAL: readonly Arch[] = [
  { arch: 'amd64', variant: null },
  { arch: 'arm64', variant: null },
];

const FIRM = { os: false, arch: false } as const;

/** A target as Go, Node, OCI, goreleaser or a compiler writes it. For what is not a target, why not. */
export function parseTarget(text: string): Target | string {
  const words = wordsOf(text);
  const strange = words.find((word, index) => word.meaning === null && !(isNumber(word) && words[index - 1] !== undefined && word.gap === '.'));
  const sign = /[^a-z0-9\-_/. ,]/i.exec(text)?.[0];
  if (strange !== undefined || sign !== undefined) {
    const stranger = strange?.text ?? (sign as string);
    const near = strange === undefined ? null : nearest(stranger, MEANINGS.keys());
    return `'${text}' is not a target: '${stranger}' is no system, architecture or C library${near === null ? '' : `; did you mean ${near}?`}`;
  }
  const meanings = words.flatMap(({ meaning }) => (meaning === null ? [] : [meaning]));
  if (isSystemless(meanings)) return { text, os: null, arch: meanings.find((meaning) => meaning.arch !== undefined)?.arch ?? null, all: false, libc: null, atMost: false, ending: 'unknown-unknown', setting: null, soft: FIRM };
  const os = systemOf(meanings);
  if (typeof os === 'string') return `'${text}' names ${os}: ${SPELLINGS}`;
  const ending = os.includes('android') ? null : (meanings.findLast((meaning) => meaning.ending !== undefined)?.ending ?? null);
  const libc = os.includes('windows') || os.includes('android') ? null : (meanings.findLast((meaning) => meaning.libc !== undefined)?.libc ?? null);
  const rest = { text, os, libc, atMost: false, ending, setting: meanings.find((meaning) => meaning.setting !== undefined)?.setting ?? null, soft: FIRM };
  const arch = archOf(meanings, os);
  if (meanings.some((meaning) => meaning.universal === true)) return { ...rest, arch: arch.length === 0 ? UNIVERSAL : arch.flat(), all: true };
  const [only] = arch;
  if (only === undefined || arch.length > 1) return `'${text}' names ${only === undefined ? 'no architecture' : 'more than one architecture'}: ${SPELLINGS}`;
  return { ...rest, arch: only, all: false };
}

const SPELLINGS = 'a target is like linux/arm64, linux-arm64, linux_arm64, aarch64-unknown-linux-musl or darwin/universal';

/** Whether words are those of WebAssembly that asks for no system: wasm32-unknown-unknown. */
function isSystemless(meanings: readonly Meaning[]): boolean {
  const [first, second] = meanings;
  return meanings.length === 2 && first?.arch?.[0]?.arch === 'wasm' && first.os === undefined && second?.ending === 'unknown-unknown';
}

/** The one system that words name, or why there is not one. */
function systemOf(meanings: readonly Meaning[]): readonly string[] | string {
  let os: readonly string[] | null = null;
  for (const meaning of meanings) {
    if (meaning.os === undefined) continue;
    const before: readonly string[] | null = os;
    const both: readonly string[] = before === null ? meaning.os : meaning.os.filter((system) => before.includes(system));
    if (both.length > 0) os = both;
    else if (before?.includes('linux') === true && (meaning.os.includes('android') || meaning.os.includes('openharmony'))) os = meaning.os;
    else return 'more than one system';
  }
  return os ?? 'no system';
}

/** The architectures that words name; of words for one the one that says more. */
function archOf(meanings: readonly Meaning[], os: readonly string[]): (readonly Arch[])[] {
  const telling = meanings.filter((meaning) => meaning.arch !== undefined && meaning.os === undefined);
  const chosen = telling.length > 0 ? telling : meanings.filter((meaning) => meaning.arch !== undefined && meaning.soft !== true);
  const variant = meanings.find((meaning) => meaning.variant !== undefined)?.variant;
  const all = chosen.map((meaning) => (os[0] === 'darwin' ? (meaning.on?.get('darwin') ?? meaning.arch) : meaning.arch) as readonly Arch[]);
  return all.map((list) => (variant === undefined ? list : list.map((one) => ({ ...one, variant }))));
}

export type Match = 'yes' | 'no' | 'unknown';

/** Variants that are a name of their own, and not a step that a binary for a lower one also is. */
const NAMED = new Set([...FOREIGN, 'arm64e', 'x86_64h', 'arm64x']);

/** Whether one step comes before another: v6 before v7, v8.2 before v9. What is no step comes nowhere. */
function isBelow(step: string, other: string): boolean {
  const [a, b] = [DOTTED.parse(step.slice(1)), DOTTED.parse(other.slice(1))];
  return a !== null && b !== null && DOTTED.compare(a, b) < 0;
}

/** Architectures that a process may have and load an ARM64X image (Microsoft, "Arm64X PE files"). */
const LOADS_ARM64X: ReadonlySet<string> = new Set(['arm64', 'amd64']);

/** Whether a binary's architecture is the one asked for. A step is compared only where the file tells its own. */
function isArch({ platform: { arch, variant } }: Binary, wanted: Arch, atMost: boolean): boolean {
  if (variant === 'arm64x' && LOADS_ARM64X.has(wanted.arch) && (wanted.variant === null || wanted.variant === 'arm64ec' || wanted.variant === 'arm64x')) return true;
  if (variant === 'chpe') return wanted.arch === '386' && (wanted.variant === null || wanted.variant === 'chpe');
  if (arch !== wanted.arch) return false;
  if (wanted.variant === null) return variant === null || !FOREIGN.has(variant);
  if (NAMED.has(wanted.variant) || (variant !== null && NAMED.has(variant))) return variant === wanted.variant;
  if (!/^v\d/.test(variant ?? 'v0')) return true;
  return variant === null || variant === wanted.variant || (atMost && isBelow(variant, wanted.variant));
}

/** The warning that Go's words for what the file runs on contradict its headers; null where there is none. */
export function contradiction({ warnings }: Pick<Binary, 'warnings'>): Warning | null {
  return warnings.find(({ code }) => code === 'go-target-mismatch') ?? null;
}

/** Whether the headers name no architecture, and only a text in the file does: no loader goes by that. */
export function isOnlySaid({ warnings }: Pick<Binary, 'warnings'>): boolean {
  return warnings.some(({ code }) => code === 'go-target-only');
}

/** Apple's simulators and Catalyst, by the triple's end, and by the platform that the file names where the triple has none. */
function appleAbi(binary: Binary): 'sim' | 'macabi' | null {
  const { triple, variant } = binary.platform;
  const platform = binary.format === 'mach-o' ? (binary.machO?.platformName ?? '') : '';
  if (triple?.endsWith('-macabi') === true || variant === 'macabi' || /CATALYST/i.test(platform)) return 'macabi';
  return triple?.endsWith('-sim') === true || variant === 'simulator' || variant === 'sim' || /SIMULATOR/i.test(platform) ? 'sim' : null;
}

/** Whether it is .NET code or plain data, which is for no system in particular. */
export function runsAnywhere(binary: Binary): boolean {
  if (binary.format === 'pe' && binary.pe.managed === 'il-only') return binary.platform.os === 'windows';
  return binary.platform.os === null && !binary.unknown.includes('os');
}

/** What a system's loader could ever load, for files whose system is but assumed. */
const ELF_LESS: ReadonlySet<string> = new Set(['windows', 'darwin', 'ios', 'tvos', 'watchos', 'visionos', 'uefi', 'aix']);

function isSystem(binary: Binary, os: readonly string[], named: boolean): Match {
  const { platform, format, kind, assumed } = binary;
  if (runsAnywhere(binary)) return 'yes';
  if (platform.os === null) return 'unknown';
  if (os.includes(platform.os)) return 'yes';
  if (named && platform.os === 'ios' && os.includes('darwin') && appleAbi(binary) === 'macabi') return 'yes'; // Catalyst is for Macs: its programs lie in App.app/Contents/MacOS
  if (!assumed.includes('os')) return 'no';
  return format === 'elf' && kind === 'executable' && os.every((system) => ELF_LESS.has(system)) ? 'no' : 'unknown';
}

/** Whether one of Apple's platforms is the one asked for: a device's, a simulator's, or Catalyst. */
function isAppleAbi(binary: Binary, { os, ending }: Target): boolean {
  const { platform } = binary;
  if (ending === 'sim' || ending === 'macabi') return platform.os === null || appleAbi(binary) === ending;
  if (os === null || platform.os === null || platform.os === 'darwin' || !APPLE.has(platform.os) || os.length > 2) return true;
  const own = appleAbi(binary);
  if (own === null || (own === 'macabi' && os.includes('darwin'))) return true;
  return own === 'sim' && (platform.arch === 'amd64' || platform.arch === '386'); // no device has such a processor: nothing else can be meant
}

/** Values of Go's settings, in the order of what they ask of a processor. */
const LADDERS: readonly (readonly [keys: readonly string[], values: readonly string[]])[] = [
  [['GO386'], ['softfloat', 'sse2']],
  [['GOMIPS', 'GOMIPS64'], ['softfloat', 'hardfloat']],
  [['GOPPC64'], ['power8', 'power9', 'power10']],
  [['GORISCV64'], ['rva20u64', 'rva22u64', 'rva23u64']],
];

/** Whether Go's recorded setting of the architecture is the one asked for; of levels a lower one will do. */
function isSetting({ go, platform }: Binary, setting: string): boolean {
  for (const [keys, values] of LADDERS) {
    if (!values.includes(setting)) continue;
    const recorded = keys.map((key) => (go === null ? null : goSetting(go, key))).find((value) => value !== null && value !== undefined) ?? platform.variant;
    if (recorded === null || !values.includes(recorded)) continue;
    return setting.includes('float') || setting === 'sse2' ? recorded === setting : values.indexOf(recorded) <= values.indexOf(setting);
  }
  return true;
}

/** Whether WebAssembly's threads, or the want of a system, are what is asked for. A host without threads does not run what needs them; a name rarely says so. */
function isWasmAbi({ platform: { triple } }: Binary, { ending, atMost }: Target): boolean {
  if (ending === 'unknown-unknown' || ending === 'threads') return triple?.endsWith(ending) === true;
  return atMost || triple?.endsWith('-threads') !== true;
}

/** Whether a loader of Linux for riscv64 takes a file: numbers of double precision are passed in registers there (lp64d), and what is built otherwise is refused. */
function isOfRiscvAbi(binary: Binary): boolean {
  const { format, platform, linkage } = binary;
  if (format !== 'elf' || platform.arch !== 'riscv64' || platform.os !== 'linux' || linkage !== 'dynamic') return true;
  return binary.elf.floatAbi === null || binary.elf.floatAbi === 'double';
}

/** Whether one binary is for a target; one that contradicts itself is for none. The C library counts on Linux, which has several, and only where the file tells it; so does the triple's ending. */
export function matchesTarget(binary: Binary, target: Target): Match {
  const { os, arch, libc, ending, atMost, setting, soft } = target;
  const { platform } = binary;
  if (contradiction(binary) !== null) return 'no';
  const system = os === null ? 'yes' : isSystem(binary, os, atMost);
  if (system === 'no') return soft.os ? 'unknown' : 'no';
  const anyMachine = platform.arch === null && platform.variant === 'anycpu';
  if (arch !== null && platform.arch !== null && !arch.some((one) => isArch(binary, one, atMost))) return soft.arch && platform.arch === 'amd64' ? 'unknown' : 'no';
  if (libc !== null && (platform.os === 'linux' || platform.os === null) && platform.libc !== null && platform.libc !== libc) return 'no';
  if (!isAppleAbi(binary, target)) return 'no';
  if ((ending === 'eabihf' || ending === 'eabi') && platform.triple !== null && !platform.triple.endsWith(ending)) return 'no';
  if (arch !== null && !isOfRiscvAbi(binary)) return 'no';
  if (setting !== null && !isSetting(binary, setting)) return 'no';
  if (platform.arch === 'wasm' && !isWasmAbi(binary, target)) return platform.os === null && platform.triple === null ? 'unknown' : 'no';
  return system === 'unknown' || (arch !== null && ((platform.arch === null && !anyMachine) || isOnlySaid(binary))) ? 'unknown' : 'yes';
}

/** The architectures that a target asks for together and that no slice is for. */
export function missingArchs(binaries: readonly Binary[], { arch, all, atMost }: Target): readonly Arch[] {
  return all ? (arch ?? []).filter((one) => !binaries.some((binary) => isArch(binary, one, atMost))) : [];
}

export function archText({ arch, variant }: Arch): string {
  return architectureText(arch, variant);
}

/** What a binary is for: 'linux/arm64', 'linux/amd64 (musl)', 'ios/arm64 (simulator)'; '?' for what the file does not tell. */
export function platformText(binary: Binary, { libc: wanted }: Pick<Target, 'libc'>): string {
  const { platform, machine } = binary;
  const { os, arch, variant, libc } = platform;
  const architecture = arch === null ? (variant ?? machine.name ?? `machine ${machine.value}`) : archText({ arch, variant });
  const abi = appleAbi(binary);
  const extra = [wanted === null ? null : libc, abi === 'sim' ? 'simulator' : abi === 'macabi' ? 'Mac Catalyst' : null].filter((word) => word !== null);
  return `${os ?? (runsAnywhere(binary) ? 'any' : '?')}/${architecture}${extra.length === 0 ? '' : ` (${extra.join(', ')})`}`;
}

/** A target in Go's words, with what else it asks for: 'linux/arm64 (musl)'. */
export function targetText({ os, arch, all, libc, ending, setting }: Target): string {
  const system = os?.join(' or ') ?? '*';
  const architectures = all && arch !== null ? `universal (${arch.map(archText).join(' and ')})` : (arch?.map(archText).join(' or ') ?? '*');
  const extra = [setting, libc, ending].filter((word) => word !== null);
  return `${system}/${architectures}${extra.length === 0 ? '' : ` (${extra.join(', ')})`}`;
}

/** What in the file tells its platform. */
export function platformEvidence({ format, machine, because, warnings }: Binary, { os, libc }: Pick<Target, 'os' | 'libc'>): string {
  const field = { elf: 'e_machine', 'mach-o': 'cputype', pe: 'Machine', wasm: null }[format];
  const parts = [field === null ? (because['arch'] ?? 'WebAssembly') : `${field} is ${machine.value}${machine.name === null ? '' : ` (${machine.name})`}`];
  if (because['variant'] !== undefined) parts.push(`variant: ${because['variant']}`);
  if (os !== null && because['os'] !== undefined) parts.push(`system: ${because['os']}`);
  if (libc !== null && because['libc'] !== undefined) parts.push(`C library: ${because['libc']}`);
  const odd = contradiction({ warnings });
  if (odd !== null) parts.push(odd.message);
  return parts.join('; ');
}
