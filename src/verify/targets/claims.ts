// What a file's name, its folder and its package say that it is, and whether a name says that it is a program at all.

import type { Binary } from '../../model/binary.ts';
import { platformOf } from '../../model/platform.ts';
import type { PackagePlatforms } from '../../model/verdict.ts';
import { UNIVERSAL } from './target.ts';
import type { Match, Target } from './target.ts';
import { readNameWords } from './words.ts';
import type { Words } from './words.ts';

/** A target that a name claims. */
export interface Claim {
  readonly target: Target;
  /** Who claims it: 'the folder "linux-arm64"'. */
  readonly from: string;
}

/** How many folders above a file may claim its target: App.app/Contents/MacOS/App has three of its own. */
const FOLDERS = 4;

/** Endings that only one system's programs and libraries have. */
const ENDINGS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.(exe|dll)$/i, ['windows']],
  [/\.dylib$/i, ['darwin', 'ios', 'tvos', 'watchos', 'visionos']],
];

/** A path's names, the file's own last. */
function namesOf(path: string): string[] {
  return path.split(/[/\\]/).filter((name) => name !== '' && name !== '.' && name !== '..');
}

function targetOf({ os, arch, libc, ending, universal }: Words, text: string): Target | null {
  if (universal) return { text, os: os ?? ['darwin'], arch: arch ?? UNIVERSAL, all: true, libc, atMost: true, ending };
  if (os === null && arch === null && libc === null) return null;
  const several = os?.includes('darwin') === true && arch !== null && arch.length > 1; // darwin-x64+arm64
  return { text, os, arch, all: several, libc, atMost: true, ending };
}

const NAME_MAX = 255; // of every file system in use; what is longer is no name

function nameTarget(name: string, file: boolean): Target | null {
  if (name.length > NAME_MAX) return null;
  return targetOf(readNameWords(name, { file, addon: file && name.endsWith('.node') }), name);
}

/** What a path claims: the file's name, its ending, and the nearest folders up to where both system and architecture are claimed (linux/arm64/app). */
export function claimsOfPath(path: string): Claim[] {
  const names = namesOf(path);
  const name = names.at(-1);
  if (name === undefined) return [];
  const claims: Claim[] = [];
  const own = nameTarget(name, true);
  if (own !== null) claims.push({ target: own, from: `the file name "${name}"` });
  for (const [pattern, os] of ENDINGS) {
    const ending = pattern.exec(name)?.[0];
    if (ending !== undefined) claims.push({ target: { text: ending, os, arch: null, all: false, libc: null, atMost: true, ending: null }, from: `the ending "${ending}"` });
  }
  let system = false;
  let architecture = false;
  for (const folder of names.slice(0, -1).reverse().slice(0, FOLDERS)) {
    const target: Target | null = system && architecture ? null : nameTarget(folder, false);
    if (target === null) continue;
    claims.push({ target, from: `the folder "${folder}"` });
    system ||= target.os !== null;
    architecture ||= target.arch !== null;
  }
  return claims;
}

/** process.platform of a system, where that is not GOOS's word. */
const NODE_SYSTEMS: Readonly<Record<string, string>> = { windows: 'win32', solaris: 'sunos', illumos: 'sunos' };

/** npm's rule for os, cpu and libc: nothing that is excluded, and one of what is listed, where something is. */
function allows(list: readonly string[], words: readonly string[]): boolean {
  if (words.some((word) => list.includes(`!${word}`))) return false;
  const listed = list.filter((word) => !word.startsWith('!'));
  return listed.length === 0 || listed.includes('any') || words.some((word) => listed.includes(word));
}

/** What Node calls a binary's architecture, and what people call it as well. None where Node has no name for it. */
function nodeArchs({ platform: { arch, variant } }: Binary): readonly string[] {
  const { node } = platformOf({ os: 'linux', arch, variant, libc: null, abi: null });
  const own = node === null ? [] : [node.slice(node.indexOf('-') + 1)];
  if (arch === 'mips64le') return [...own, 'mips64el'];
  return arch === 'ppc64le' ? [...own, 'ppc64le'] : own;
}

/** Whether a binary is one that a package says it is for. Only what it says counts, and the C library only where the file tells it. */
export function matchesPackage(binary: Binary, { os, cpu, libc }: PackagePlatforms): Match {
  const { platform } = binary;
  const systems = platform.os === null ? [] : [NODE_SYSTEMS[platform.os] ?? platform.os];
  if (platform.os === 'linux' && os?.includes('openharmony') === true) systems.push('openharmony'); // its programs look like Linux programs
  if (os !== null && systems.length > 0 && !allows(os, systems)) return 'no';
  if (cpu !== null && platform.arch !== null && !allows(cpu, nodeArchs(binary))) return 'no';
  if (libc !== null && platform.os === 'linux' && platform.libc !== null && !allows(libc, [platform.libc])) return 'no';
  return (os !== null && platform.os === null) || (cpu !== null && platform.arch === null) ? 'unknown' : 'yes';
}

const SHOWN = 16; // words in a message; npm knows not many more
const LONGEST_SHOWN = 40; // characters of one

/** What a package says it is for: 'os linux, cpu arm64'; null where it says nothing of it. */
export function packageText({ os, cpu, libc }: PackagePlatforms): string | null {
  const listed = (list: readonly string[]): string => {
    const words = list.slice(0, SHOWN).map((word) => (word.length > LONGEST_SHOWN ? `${word.slice(0, LONGEST_SHOWN)}…` : word));
    return list.length > SHOWN ? `${words.join(' or ')} or ${list.length - SHOWN} more` : words.join(' or ');
  };
  const parts = Object.entries({ os, cpu, libc }).flatMap(([key, list]) => (list === null ? [] : [`${key} ${listed(list)}`]));
  return parts.length === 0 ? null : parts.join(', ');
}

/** Endings of programs and libraries, a library's version behind it or not. */
const PROGRAM = /\.(exe|dll|dylib|node)$|\.so(\.\d+)*$/i;

/** Packages of files: their names tell a target, and nobody knows from outside whether it is true. */
const PACKAGE = /\.(tar|tgz|txz|tbz2?|gz|xz|bz2|zst|zip|7z|deb|rpm|apk|dmg|pkg|msi|appimage|snap|flatpak|whl|vsix)$/i;

/** Texts that come with programs, whatever their ending. */
const TEXTS = /^(licen[cs]es?|copying|notice|readme|changelog|changes|authors|version|makefile|dockerfile)([-._].*)?$/i;

/** An ending of letters that is no part of a target, of a version or of a program's name. */
const OTHER_ENDING = /\.[a-z][a-z0-9]{0,11}$/i;

/** Whether a file's name says that it is something else than a program. */
export function isNamedOtherwise(path: string): boolean {
  const name = namesOf(path).at(-1) ?? '';
  if (PROGRAM.test(name)) return false;
  return TEXTS.test(name) || (OTHER_ENDING.test(name) && nameTarget(name.slice(name.lastIndexOf('.') + 1), false) === null);
}

/** Whether a file's name or its folder's name says that it is a program: an ending, or a target. */
export function isNamedProgram(path: string): boolean {
  const names = namesOf(path);
  const name = names.at(-1) ?? '';
  if (PROGRAM.test(name)) return true;
  if (nameTarget(name, true) !== null && (PACKAGE.test(name) || !isNamedOtherwise(name))) return true;
  const folder = names.at(-2);
  return folder !== undefined && nameTarget(folder, false) !== null && !isNamedOtherwise(path);
}
