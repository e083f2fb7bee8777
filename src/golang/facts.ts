// Go joined with the rest: which files may be Go's, and what Go's own settings say about the platform.

import type { Input } from '../bytes/input.ts';
import { searchPass } from '../bytes/pass.ts';
import type { Pass } from '../bytes/pass.ts';
import type { Stretch } from '../bytes/search.ts';
import type { Binary, Facts, Format, GoBuild, Warning } from '../model/binary.ts';
import { goLevel, goSetting } from '../model/go-words.ts';
import type { Hardening } from '../model/hardening.ts';
import { platformOf } from '../model/platform.ts';
import type { Platform } from '../model/platform.ts';
import { goMemory as elfMemory, goSign as elfSign } from './elf-memory.ts';
import { readGoView as readElfView } from './elf-view.ts';
import { goBuild } from './go-build.ts';
import type { GoCandidate, GoFinding } from './go-build.ts';
import type { GoView } from './image.ts';
import { goMemory as machOMemory, goSign as machOSign, slicesOf } from './macho-memory.ts';
import { readGoView as readMachOView } from './macho-view.ts';
import { goMemory as peMemory, goSign as peSign } from './pe-memory.ts';
import { readGoView as readPeView } from './pe-view.ts';
import type { Target } from './target.ts';
import { readXcoffView, XCOFF_MAGIC } from './xcoff-view.ts';

/** What a wing knows about Go. */
const WINGS = {
  elf: { sign: elfSign, view: readElfView, memory: elfMemory },
  'mach-o': { sign: machOSign, view: readMachOView, memory: machOMemory },
  pe: { sign: peSign, view: readPeView, memory: peMemory },
} as const;

/** The pass that searches an image for Go; null where nothing speaks for it. To be called in a reader, with an input of the image's own. */
export function goPass(image: Input, binary: Binary, index: number, facts: Facts): Pass | null {
  const candidate = goCandidate(image, binary, facts);
  return candidate === null ? null : searchPass(index, { at: binary.offset, length: binary.size }, goBuild(candidate, image.limits), joinGo);
}

/**
 * Whether an image may be Go's, told by the headers that every inspection reads; null for what shows no sign of it. To be
 * called in a reader, with an input of the image's own (`input.part(binary.offset, binary.size)`).
 */
export function goCandidate(input: Input, binary: Binary, facts: Facts): GoCandidate | null {
  if (binary.packer !== null || binary.kind === 'core' || (binary.format === 'mach-o' && binary.machO === null)) return null;
  const sign = WINGS[binary.format].sign(input);
  // ELF and Mach-O have sections for it. In PE it stands among other data, and may stand farther in than a quick look goes.
  return sign === null && (binary.format !== 'pe' || facts === 'main') ? null : candidateOf(input, binary.format, sign, false);
}

/** What Go's reader tells a container by: its first 16 bytes, and with fewer nothing. */
const IDENT_SIZE = 16;

/** The format of a file as Go's reader takes it; null for what it doesn't know. A universal file is Mach-O to it. */
export function goFormat(input: Input): Format | null {
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
  if (format === null) return [];
  const parts = (format === 'mach-o' ? slicesOf(input) : null) ?? [{ offset: 0, size: input.size }];
  return parts.map(({ offset, size }) => {
    const part = { at: offset, length: input.available(offset, size) };
    const image = input.part(part.at, part.length);
    return { candidate: candidateOf(image, format, WINGS[format].sign(image), true), part };
  });
}

function candidateOf(input: Input, format: Format, sign: string | null, always: boolean): GoCandidate {
  const wing = WINGS[format];
  const watched = input.part(0, input.size);
  const view = watched.attempt(() => wing.view(watched)) ?? 'it is more than the limits allow';
  const memory = input.attempt(() => wing.memory(input.part(0, input.size)));
  return { view, memory, sign, always, size: input.size, warnings: watched.warnings };
}

/** A binary with what Go says about it: its settings decide about the platform, and where they contradict the headers that is a warning. */
export function joinGo(binary: Binary, { go, because, target, warnings }: GoFinding): Binary {
  if (go === null) return warnings.length === 0 ? binary : { ...binary, warnings: [...binary.warnings, ...warnings] };
  const reasons: Record<string, string> = { ...binary.because, ...because };
  const odd: Warning[] = [...warnings];
  const platform = joinPlatform(binary.platform, go, target, reasons, odd);
  return { ...binary, platform, go, hardening: withoutCompilerMarks(binary.hardening, reasons), because: reasons, warnings: [...binary.warnings, ...odd] };
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

/** Systems whose programs look like another's, and are told apart by nothing but Go's word. */
const LOOKS_LIKE: Readonly<Record<string, readonly string[]>> = { android: ['linux'], illumos: ['solaris'], ios: ['darwin'] };

function joinPlatform(platform: Platform, go: GoBuild, { os: osFile, arch: archFile }: Target, reasons: Record<string, string>, odd: Warning[]): Platform {
  const seed = { os: platform.os, arch: platform.arch, variant: platform.variant, libc: platform.libc, abi: abiOf(platform) };
  const contradict = (said: string, otherwise: string): void => {
    odd.push({ code: 'go-target-mismatch', message: `${said}, but ${otherwise}`, offset: null });
  };

  const os = goSetting(go, 'GOOS') ?? osFile?.word ?? null;
  const osReason = osFile === null ? `Go's setting GOOS=${os}` : `Go's runtime has the file ${osFile.file}`;
  const headersTell = platform.os !== null && !/^(assumed|unknown)/.test(reasons['os'] ?? '');
  if (os !== null && os !== '') {
    const agree = platform.os === os || (LOOKS_LIKE[os] ?? []).includes(platform.os ?? '');
    if (headersTell && !agree) contradict(osReason, `the headers say ${platform.os}: ${reasons['os'] ?? 'by their format'}`);
    seed.os = os;
    reasons['os'] = osReason;
  }

  const arch = goSetting(go, 'GOARCH') ?? archFile?.word ?? null;
  const archReason = archFile === null ? `Go's setting GOARCH=${arch}` : `Go's runtime has the file ${archFile.file}`;
  if (arch !== null && arch !== '') {
    if (platform.arch !== null && platform.arch !== arch) contradict(archReason, `the headers are for ${platform.arch}`);
    seed.arch = arch;
    reasons['arch'] = archReason;
    const level = goLevel(go, arch);
    if (level !== null && level.variant !== null) {
      seed.variant = level.variant;
      reasons['variant'] = `Go's setting ${level.setting}=${level.value}`;
    }
  }
  return platformOf(seed);
}

/** What a platform's triple says beyond system, architecture and C library: 'eabihf', 'msvc', 'macabi'. */
function abiOf({ triple, os }: Platform): string | null {
  const [, , , last] = triple?.split('-') ?? [];
  if (last === undefined) return null;
  const abi = os === 'linux' ? last.replace(/^(gnu|musl|uclibc)/, '') : last;
  return abi === '' ? null : abi;
}
