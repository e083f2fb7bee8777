// Go joined with the rest: which files may be Go's, and what Go's own settings say about the platform.

import type { Input } from '../bytes/input.ts';
import { searchPass } from '../bytes/pass.ts';
import type { Pass } from '../bytes/pass.ts';
import type { Stretch } from '../bytes/search.ts';
import type { Binary, Facts, Format, GoBuild } from '../model/binary.ts';
import { certainty } from '../model/certainty.ts';
import { goLevel, goSetting, parseGoVersion } from '../model/go-words.ts';
import type { Hardening } from '../model/hardening.ts';
import { platformOf } from '../model/platform.ts';
import type { Platform } from '../model/platform.ts';
import { warningOf } from '../model/warning.ts';
import type { WarningCode, Warning } from '../model/warning.ts';
import { goComponents } from '../sbom/go-modules.ts';
import { goCompiler, goMemory as elfMemory, goSign as elfSign } from './elf-memory.ts';
import { readGoView as readElfView } from './elf-view.ts';
import type { GoFinding } from './finding.ts';
import { goBuild } from './go-build.ts';
import type { GoCandidate } from './go-build.ts';
import type { GoView } from './image.ts';
import { goMemory as machOMemory, goSign as machOSign, slicesOf } from './macho-memory.ts';
import { readGoView as readMachOView } from './macho-view.ts';
import { goMemory as peMemory, goSign as peSign } from './pe-memory.ts';
import { readGoView as readPeView } from './pe-view.ts';
import type { Target } from './target.ts';
import { goWasm } from './wasm-memory.ts';
import { readXcoffView, XCOFF_MAGIC } from './xcoff-view.ts';

/** The formats that Go's own reader knows. */
export type GoFormat = Exclude<Format, 'wasm'>;

/** What a wing knows about Go, of those that Go's own reader knows. */
const WINGS = {
  elf: { sign: elfSign, view: readElfView, memory: elfMemory },
  'mach-o': { sign: machOSign, view: readMachOView, memory: machOMemory },
  pe: { sign: peSign, view: readPeView, memory: peMemory },
} as const;

/** The pass that searches an image for Go; null where nothing speaks for it. To be called in a reader, with an input of the image's own. */
export function goPass(image: Input, binary: Binary, index: number, facts: Facts): Pass | null {
  const candidate = goCandidate(image, binary, facts);
  return candidate === null ? null : searchPass(index, { at: binary.offset, length: binary.size }, goBuild(candidate, image.limits), facts === 'all' ? joinAll : joinGo);
}

/**
 * Whether an image may be Go's, shown by the headers that every inspection reads; null for what shows no sign of it. To be
 * called in a reader, with an input of the image's own (`input.part(binary.offset, binary.size)`).
 */
export function goCandidate(input: Input, binary: Binary, facts: Facts): GoCandidate | null {
  if (binary.packer !== null || binary.kind === 'core' || (binary.format === 'mach-o' && binary.machO === null)) return null;
  if (binary.format === 'wasm') return wasmCandidate(input, false);
  const sign = WINGS[binary.format].sign(input);
  const compiler = sign === null && binary.format === 'elf' && binary.kind !== 'relocatable' ? goCompiler(input, binary) : null;
  if (compiler !== null) return { ...candidateOf(input, binary.format, compiler, false), compiler: true };
  // ELF and Mach-O have sections for it. In PE it stands among other data, and may stand farther in than a quick look goes.
  return sign === null && (binary.format !== 'pe' || facts === 'main') ? null : candidateOf(input, binary.format, sign, false);
}

/** What Go's reader tells a container by: its first 16 bytes, and with fewer nothing. */
const IDENT_SIZE = 16;

/** The format of a file as Go's reader takes it; null for what it doesn't know. A universal file is Mach-O to it. */
export function goFormat(input: Input): GoFormat | null {
  if (input.size < IDENT_SIZE) return null;
  const head = input.encoded({ little: false, wide: false }).read(0, IDENT_SIZE, 'magic number');
  const magic = head.u32(0);
  if (magic === 0x7f45_4c46) return 'elf';
  if (head.u16(0) === 0x4d5a) return 'pe';
  if (magic >>> 8 === 0xfe_edfa || (magic & 0xff_ffff) === 0xfa_edfe || magic === 0xcafe_babe || magic === 0xcafe_babf) return 'mach-o';
  return null;
}

/** The first words of Plan 9's programs: 386, amd64, arm. */
const PLAN_9: ReadonlySet<number> = new Set([0x1eb, 0x8a97, 0x647]);

/** A file as Go's reader sees it; or why it refuses it. */
export function goView(input: Input): GoView | string {
  const format = goFormat(input);
  if (format !== null) return WINGS[format].view(input);
  if (input.size < IDENT_SIZE) return `the file has ${input.size} bytes`;
  const head = input.encoded({ little: false, wide: false }).read(0, IDENT_SIZE, 'magic number');
  const short = head.u16(0);
  if (short === XCOFF_MAGIC.NARROW || short === XCOFF_MAGIC.WIDE) return readXcoffView(input);
  // In Plan 9's programs Go 1.24 and later take positions in the file for addresses, and find nothing (golang/go issue 80193).
  return PLAN_9.has(head.u32(0)) ? { data: null, base: 0n, pieces: [] } : 'no format that it knows';
}

/** The images of a file, to be searched for Go whatever their headers say, and where each lies: of a universal file every slice, but few of those that overlap. */
export function anyCandidates(input: Input): { candidate: GoCandidate; part: Stretch }[] {
  const format = goFormat(input);
  if (format === null) {
    const candidate = isWasm(input) ? wasmCandidate(input, true) : null;
    return candidate === null ? [] : [{ candidate, part: { at: 0, length: input.size } }];
  }
  const parts = (format === 'mach-o' ? slicesOf(input) : null) ?? [{ offset: 0, size: input.size }];
  return parts.map(({ offset, size }) => {
    const part = { at: offset, length: input.available(offset, size) };
    const image = input.part(part.at, part.length);
    return { candidate: candidateOf(image, format, WINGS[format].sign(image), true), part };
  });
}

function candidateOf(input: Input, format: GoFormat, sign: string | null, always: boolean): GoCandidate {
  const wing = WINGS[format];
  const watched = input.part(0, input.size);
  const view = watched.attempt(() => wing.view(watched)) ?? 'it is more than the limits allow';
  const memory = input.attempt(() => ({ ...wing.memory(input.part(0, input.size)), start: input.start }));
  return { view, memory, sign, always, size: input.size, warnings: watched.warnings };
}

function isWasm(input: Input): boolean {
  return input.readUpTo(0, 4, 'magic number').begins(0, '\0asm');
}

/** A WebAssembly module, where something speaks for Go in it, or `always`. Go's own reader knows no such format. */
function wasmCandidate(input: Input, always: boolean): GoCandidate | null {
  const found = input.part(0, input.size).attempt(() => goWasm(input.part(0, input.size)));
  if (found === null || (found.sign === null && !always)) return null;
  return { view: 'no format that it knows', memory: null, sign: found.sign, always, size: input.size, wasm: found.wasm };
}

/** The same with Go's modules among the components. */
function joinAll(binary: Binary, finding: GoFinding): Binary {
  const joined = joinGo(binary, finding);
  return joined.go === null ? joined : { ...joined, components: [...goComponents(joined.go), ...joined.components] };
}

/** A binary with what Go says about it: its settings fill what the headers leave open, and where they contradict the headers that is a warning. */
export function joinGo(binary: Binary, { go, because, target, warnings }: GoFinding): Binary {
  if (go === null) return warnings.length === 0 ? binary : { ...binary, warnings: [...binary.warnings, ...warnings] };
  const reasons: Record<string, string> = { ...binary.because, ...because };
  const odd: Warning[] = [...warnings];
  const platform = joinPlatform(binary, go, target, reasons, odd);
  warnOfLibraries(binary, go, odd);
  const minimums = { ...binary.minimums, cpu: cpuOf(binary, go, platform, reasons) };
  return { ...binary, platform, go, minimums, hardening: withoutCompilerMarks(binary.hardening, reasons), ...certainty(reasons, platform), because: reasons, warnings: [...binary.warnings, ...odd] };
}

/** Systems on which a program that Go links without C code asks for no library. */
const WITHOUT_LIBRARIES: ReadonlySet<string> = new Set(['linux', 'freebsd', 'netbsd', 'dragonfly']);

/** Warns where the settings say that no C code was linked in, and the headers ask for libraries. */
function warnOfLibraries({ platform: { os }, dependencies }: Binary, go: GoBuild, odd: Warning[]): void {
  const [first] = dependencies;
  if (first === undefined || os === null || !WITHOUT_LIBRARIES.has(os) || goSetting(go, 'CGO_ENABLED') !== '0') return;
  odd.push(warningOf('go-settings-contradicted', `the build setting CGO_ENABLED is 0, and ${first.name} is asked for`, null));
}

/** Canaries and checked functions are what C's compilers do. Go's has no need of them: that they are not there says nothing, unless C code is linked in. */
function withoutCompilerMarks(hardening: Hardening | null, reasons: Record<string, string>): Hardening | null {
  if (hardening === null) return null;
  const marks = { stackCanary: hardening.stackCanary, fortify: hardening.fortify };
  for (const fact of ['stackCanary', 'fortify'] as const) {
    if (marks[fact] !== false) continue;
    marks[fact] = null;
    reasons[`hardening.${fact}`] = 'does not apply: the program is built with Go, and no C code in it has any';
  }
  return { ...hardening, ...marks };
}

/** Systems whose programs look like another's, so that Go's word decides where the headers name that other one. */
const LOOKS_LIKE: ReadonlyMap<string, string> = new Map([['illumos', 'solaris']]);

/** Systems for which Go has no word of its own, and the port that their programs are built with. */
const BUILT_AS: ReadonlyMap<string, string> = new Map([['tvos', 'ios'], ['watchos', 'ios'], ['visionos', 'ios']]); // prettier-ignore

/** The format of a system's programs where that is not ELF; null: none that is read here. */
const OTHER_FORMAT: ReadonlyMap<string, Format | null> = new Map<string, Format | null>([
  ['windows', 'pe'], ['darwin', 'mach-o'], ['ios', 'mach-o'], ['plan9', null], ['aix', null], ['js', 'wasm'], ['wasip1', 'wasm'],
]); // prettier-ignore

/** What the headers leave open: an answer that is not there, or is a guess and says so. */
function isOpen(fact: string | null, reason: string | undefined): boolean {
  return fact === null ? !/^does not apply/.test(reason ?? '') : /^(assumed|unknown)/.test(reason ?? '');
}

/** Why an ELF file is taken for one of musl that asks for libc.so and for nothing else that shows: Android's has that name too. */
const BARE_LIBC = 'the library libc.so';

/** Whether a system in Go's words is the one that the headers name. */
function isSameSystem(os: string, { os: named, triple }: Platform, go: GoBuild): boolean {
  if (named === os || BUILT_AS.get(named ?? '') === os) return true;
  if (named !== 'ios' || os !== 'darwin') return false;
  const version = go.version === null ? null : parseGoVersion(go.version);
  return triple?.endsWith('-macabi') === true || (version !== null && version.minor < 16); // Mac Catalyst; before Go 1.16 iOS was darwin
}

/**
 * The platform with Go's word for what the headers leave null or assumed, and for nothing else: no kernel reads module text, and
 * anybody can write it. What contradicts the headers is a warning, which fails the rules about targets.
 */
function joinPlatform(binary: Binary, go: GoBuild, { os: osFile, arch: archFile }: Target, reasons: Record<string, string>, odd: Warning[]): Platform {
  const { platform, format, machine } = binary;
  const seed = { os: platform.os, arch: platform.arch, variant: platform.variant, libc: platform.libc, abi: abiOf(platform), machine: machineWord(platform) };
  const warn = (code: WarningCode, message: string): void => {
    odd.push(warningOf(code, message, null));
  };
  const contradict = (said: string, otherwise: string): void => warn('go-target-mismatch', `${said}, but ${otherwise}`);

  const os = goSetting(go, 'GOOS') ?? osFile?.word ?? '';
  const osReason = osFile === null ? `Go's setting GOOS=${os}` : `Go's runtime has the file ${osFile.file}`;
  const fits = (OTHER_FORMAT.has(os) ? OTHER_FORMAT.get(os) : 'elf') === format;
  const bare = os === 'android' && reasons['os'] === BARE_LIBC;
  const open = isOpen(platform.os, reasons['os']) || bare || LOOKS_LIKE.get(os) === platform.os;
  if (os !== '' && !isSameSystem(os, platform, go)) {
    if (!fits) contradict(osReason, `the file is ${FORMAT_NAMES[format]}`);
    else if (!open) contradict(osReason, `the headers say ${platform.os}: ${reasons['os'] ?? 'by their format'}`);
    else {
      seed.os = os;
      reasons['os'] = osReason;
      if (bare) {
        seed.libc = 'bionic';
        reasons['libc'] = 'the system is Android';
      }
    }
  } else if (os !== '' && open && platform.os === os) reasons['os'] = osReason;

  const arch = goSetting(go, 'GOARCH') ?? archFile?.word ?? '';
  const archReason = archFile === null ? `Go's setting GOARCH=${arch}` : `Go's runtime has the file ${archFile.file}`;
  if (arch === '') return platformOf(seed);
  if (platform.arch === null && isOpen(null, reasons['arch'])) {
    seed.arch = arch;
    reasons['arch'] = archReason;
    warn('go-target-only', `the headers name no architecture (machine ${machine.value}): that it is ${arch} is Go's word alone`);
  } else if (platform.arch !== arch) {
    contradict(archReason, `the headers are for ${platform.arch ?? 'no architecture'}`);
    return platformOf(seed);
  }
  const level = goLevel(go, arch);
  if (level !== null && level.variant !== null && isHigher(level.variant, platform.variant)) {
    seed.variant = level.variant;
    reasons['variant'] = `Go's setting ${level.setting}=${level.value}`;
  }
  return platformOf(seed);
}

const FORMAT_NAMES: Readonly<Record<Format, string>> = { elf: 'ELF', 'mach-o': 'Mach-O', pe: 'PE', wasm: 'WebAssembly' };

/** Whether a level of an architecture asks for more than the headers do: of two steps the higher is what the whole program needs. */
function isHigher(variant: string, named: string | null): boolean {
  if (named === null) return true;
  const [step, other] = [variant, named].map((one) => (/^v\d+$/.test(one) ? Number(one.slice(1)) : null));
  return step != null && other != null && step > other;
}

/** What a platform's triple says beyond system, architecture and C library: 'eabihf', 'msvc', 'macabi'. */
function abiOf({ triple, os }: Platform): string | null {
  const [, , , last] = triple?.split('-') ?? [];
  if (last === undefined) return null;
  const abi = os === 'linux' ? last.replace(/^(gnu|musl|uclibc)/, '') : last;
  return abi === '' ? null : abi;
}

/** The first word of a triple where the architecture alone does not tell it: RISC-V's and MIPS's, by what the headers say of the instruction set. */
function machineWord({ triple, arch }: Platform): string | null {
  return triple !== null && /^(riscv|mips)/.test(arch ?? '') ? (triple.split('-')[0] ?? null) : null;
}

/** The level of x86-64 that the program needs: the higher of what the headers ask for and what Go was told to build for. */
function cpuOf({ minimums: { cpu } }: Binary, go: GoBuild, { arch }: Platform, reasons: Record<string, string>): string | null {
  const level = arch === 'amd64' ? goLevel(go, arch) : null;
  if (level === null || !/^v[1-4]$/.test(level.value) || (cpu !== null && cpu >= level.value) || reasons['minimums.cpu']?.startsWith('unknown') === true) return cpu;
  reasons['minimums.cpu'] = `Go's setting ${level.setting}=${level.value}`;
  return level.value;
}
