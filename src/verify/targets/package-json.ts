// What a package.json says of the platforms that its package is for, and whether a binary is for one.

import type { Binary } from '../../model/binary.ts';
import { platformOf } from '../../model/platform.ts';
import type { PackagePlatforms } from '../../model/verdict.ts';
import { contradiction, isOnlySaid, runsAnywhere } from './target.ts';
import type { Match } from './target.ts';

function words(value: unknown): readonly string[] | null {
  const list = texts(value);
  return list.length === 0 ? null : list;
}

function texts(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

const SEVERAL = /[*?[\]{}!]/; // a glob names no file in particular

const PROGRAM = /\.(node|exe|dll|dylib|so)$/i;

/** Programs and the main file that a package.json names one by one. In files stand many that no build makes; of those the programs count. */
function named({ main, bin, files }: Readonly<Record<string, unknown>>): Pick<PackagePlatforms, 'files' | 'programs'> {
  const programs = typeof bin === 'object' && bin !== null && !Array.isArray(bin) ? texts(Object.values(bin)) : texts(bin);
  const own = (list: readonly string[]): readonly string[] => [...new Set(list.map((file) => file.replace(/^(\.?\/)+/, '')).filter((file) => file !== '' && !file.endsWith('/')))];
  return { files: own([...(typeof main === 'string' ? [main] : []), ...programs]), programs: own(texts(files).filter((file) => !SEVERAL.test(file) && PROGRAM.test(file))) };
}

/**
 * The name, os, cpu and libc that the text of a package.json says, and the files that it names. What is no text, and no list of texts,
 * says nothing; so does a package.json that is no JSON, which no package can have.
 */
export function packagePlatforms(path: string, text: string): PackagePlatforms {
  const manifest = entriesOf(text);
  const { name, os, cpu, libc } = manifest;
  return { path, name: typeof name === 'string' ? name.slice(name.lastIndexOf('/') + 1) : null, os: words(os), cpu: words(cpu), libc: words(libc), ...named(manifest) };
}

function entriesOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const manifest: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return typeof manifest === 'object' && manifest !== null ? (manifest as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** process.platform of a system, where that is not GOOS's word. */
const NODE_SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['windows', 'win32'],
  ['solaris', 'sunos'],
  ['illumos', 'sunos'],
]);

/** npm's rule for os, cpu and libc: nothing that is excluded, and one of what is listed, where something is. */
function allows(list: readonly string[], own: readonly string[]): boolean {
  if (own.some((word) => list.includes(`!${word}`))) return false;
  const listed = list.filter((word) => !word.startsWith('!'));
  return listed.length === 0 || listed.includes('any') || own.some((word) => listed.includes(word));
}

/** What Node calls a binary's architecture, and what people call it as well. None where Node has no name for it. */
function nodeArchs({ platform: { arch, variant } }: Binary): readonly string[] {
  const { node } = platformOf({ os: 'linux', arch, variant, libc: null, abi: null });
  if (arch === 'wasm') return variant === 'memory64' ? ['wasm64'] : ['wasm32', 'wasm']; // by packages' own custom: Node has no word for it
  const own = node === null ? [] : [node.slice(node.indexOf('-') + 1)];
  if (arch === 'mips64le') return [...own, 'mips64el'];
  return arch === 'ppc64le' ? [...own, 'ppc64le'] : own;
}

/** Words that people write for one of process.arch. npm knows none of them, and never installs such a package. */
const NOT_NPMS: ReadonlyMap<string, string> = new Map([
  ['powerpc64le', 'ppc64'], ['ppc64el', 'ppc64'], ['x86_64', 'x64'], ['amd64', 'x64'], ['aarch64', 'arm64'], ['x86', 'ia32'], ['i386', 'ia32'], ['i686', 'ia32'], ['386', 'ia32'],
  ['armv7', 'arm'], ['armv7l', 'arm'], ['armv6', 'arm'], ['armhf', 'arm'], ['loongarch64', 'loong64'], ['riscv', 'riscv64'],
]); // prettier-ignore

/** Why a package is not for a binary although people may think so: npm's own word for its processor. */
export function packageNote(binary: Binary, { cpu }: PackagePlatforms): string | null {
  const [own] = nodeArchs(binary);
  const meant = cpu?.find((word) => NOT_NPMS.get(word) === own);
  return own === undefined || meant === undefined ? null : `npm's cpu for this is ${own}; it knows no '${meant}', and never installs the package`;
}

/** process.platform of systems that run no ELF programs, for files whose system is but assumed. */
const NOT_ELF: ReadonlySet<string> = new Set(['win32', 'darwin', 'aix']);

/** Whether a binary is one that a package says it is for. Only what it says counts, and the C library only where the file tells it. */
export function matchesPackage(binary: Binary, { os, cpu, libc }: PackagePlatforms): Match {
  const { platform, assumed } = binary;
  if (contradiction(binary) !== null) return 'no';
  const anywhere = runsAnywhere(binary);
  const systems = platform.os === null || anywhere ? [] : [NODE_SYSTEMS.get(platform.os) ?? platform.os];
  if (platform.os === 'ios' && platform.triple?.endsWith('-macabi') === true) systems.push('darwin'); // Catalyst is for Macs
  let doubt = false;
  if (os !== null && systems.length > 0 && !allows(os, systems)) {
    if (!assumed.includes('os') || (binary.kind === 'executable' && os.every((word) => NOT_ELF.has(word)))) return 'no';
    doubt = true;
  }
  if (cpu !== null && platform.arch !== null && binary.installer === null && !allows(cpu, nodeArchs(binary))) return 'no';
  if (libc !== null && platform.os === 'linux' && platform.libc !== null && !allows(libc, [platform.libc])) return 'no';
  if (doubt) return 'unknown';
  return (os !== null && platform.os === null && !anywhere) || (cpu !== null && ((platform.arch === null && platform.variant !== 'anycpu') || isOnlySaid(binary))) ? 'unknown' : 'yes';
}

const SHOWN = 16; // words in a message; npm knows not many more
const LONGEST_SHOWN = 40; // characters of one

/** What a package says it is for: 'os linux, cpu arm64'; null where it says nothing of it. */
export function packageText({ os, cpu, libc }: PackagePlatforms): string | null {
  const listed = (list: readonly string[]): string => {
    const shown = list.slice(0, SHOWN).map((word) => (word.length > LONGEST_SHOWN ? `${word.slice(0, LONGEST_SHOWN)}…` : word));
    return list.length > SHOWN ? `${shown.join(' or ')} or ${list.length - SHOWN} more` : shown.join(' or ');
  };
  const parts = Object.entries({ os, cpu, libc }).flatMap(([key, list]) => (list === null ? [] : [`${key} ${listed(list)}`]));
  return parts.length === 0 ? null : parts.join(', ');
}
