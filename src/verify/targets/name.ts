// What one name says of a target. It is read from its end: the last run of adjacent target words is the claim, what stands before it is the product's.

import type { Arch, Ending, Meaning } from './vocabulary.ts';
import { isLevelLike, isNumber, isStrange, wordsOf } from './words.ts';
import type { Word } from './words.ts';

/** What a name says. Null where it does not. */
export interface Reading {
  readonly os: readonly string[] | null;
  readonly arch: readonly Arch[] | null;
  /** What the architecture's word means on some systems, by GOOS word. */
  readonly on: ReadonlyMap<string, readonly Arch[]> | null;
  /** Whether the architecture counts only where something else names a system. */
  readonly weak: boolean;
  /** Whether the system's word may have meant something else: 'win', 'mac'; an architecture's, as that of 'win32'. */
  readonly soft: { readonly os: boolean; readonly arch: boolean };
  readonly libc: string | null;
  readonly ending: Ending | null;
  readonly setting: string | null;
  readonly universal: boolean;
  /** What looks like an architecture and is not understood. */
  readonly strange: string | null;
  /** The words that were read, as they stand in the name, and those left to the product. */
  readonly read: readonly string[];
  readonly left: readonly string[];
  /** Whether one of those left to the product is a word of targets. */
  readonly doubtful: boolean;
}

/** Whose name it is. */
export interface NameContext {
  /** A file's name begins with what it is called; a folder's may be a target from the beginning. */
  readonly file: boolean;
  /** Whether it is a Node addon, whose name may tell a C library and nothing else ('x.musl.node'). */
  readonly addon: boolean;
  /** The package's name, whose words are no claim: the 'windows' of 'node-get-windows.node'. */
  readonly product: string | null;
}

export const APPLE: ReadonlySet<string> = new Set(['darwin', 'ios', 'tvos', 'watchos', 'visionos']);

/** Endings of files that are no words of a target. */
const FILE_ENDING = /\.(exe|dll|dylib|jnilib|node|sys|ocx|cpl|scr|pyd|xll|efi|bin|elf|run|so(\.\d+)*|a|lib|obj|o)$/i;

/** Systems that are names of programs as well: at the beginning of a file's name they are that. */
const PROGRAMS = new Set(['dragonfly', 'haiku', 'fuchsia', 'hurd']);

/** What may stand behind a lone system: it says how a file was built, and not what it is called. */
const BEHIND = new Set(['bin', 'cli', 'static', 'release', 'debug', 'setup', 'installer', 'portable', 'build', 'dist', 'full', 'lite', 'stripped', 'nightly', 'stable', 'latest', 'default', 'native', 'ci', 'napi', 'abi']);

function isApple(meaning: Meaning | null): boolean {
  return meaning?.os?.some((system) => APPLE.has(system)) === true;
}

/** Whether two words for a system can be one: 'linux-android', 'alpine-linux', 'win32-windows'. In a name the second stands to the right. */
function agree(left: readonly string[], right: readonly string[]): boolean {
  return left.some((system) => right.includes(system)) || (left.includes('linux') && (right.includes('android') || right.includes('openharmony')));
}

/** A run of words for one target, with what it says so far. */
interface Run {
  readonly words: readonly Word[];
  readonly first: number;
  readonly last: number;
}

/** The longest run of words for one target that ends at a word. */
function runEndingAt(words: readonly Word[], last: number): Run {
  const apple = blockOf(words, last).some(({ meaning }) => isApple(meaning));
  const taken: Word[] = [];
  let first = last + 1;
  let os: readonly string[] | null = null;
  let arch: readonly Arch[] | null = null;
  for (let at = last; at >= 0; at--) {
    const word = words[at] as Word;
    const behind = words[at + 1];
    if (behind !== undefined && at < last && !/^[-_ ./+()]{0,3}$/.test(behind.gap)) break;
    if (isNumber(word)) {
      if (!isVersion(words, at)) break;
      continue;
    }
    const { meaning } = word;
    if (meaning === null) break;
    if (meaning.behind === true && words[at - 1]?.meaning?.arch === undefined) break;
    if (meaning.os !== undefined && os !== null && !agree(meaning.os, os)) break;
    if (meaning.arch !== undefined && meaning.os === undefined) {
      const others: readonly Arch[] | null = arch;
      const same = others === null || meaning.arch.some((one) => others.some((other) => other.arch === one.arch));
      if (!same && (!apple || meaning.weak === true)) break;
      arch = [...(arch ?? []), ...meaning.arch];
    }
    if (meaning.apple === true && !apple) break;
    if (meaning.universal === true && (arch !== null || !isBesideApple(words, at))) break;
    if (meaning.os !== undefined) os = os === null ? meaning.os : meaning.os.filter((system) => os?.includes(system)).length > 0 ? meaning.os.filter((system) => os?.includes(system)) : os;
    taken.unshift(word);
    first = at;
  }
  return { words: taken, first, last };
}

/** Whether one of Apple's systems stands directly beside a word, but for a version or a vendor: 'macosx_11_0_universal2', 'universal-apple-darwin'. */
function isBesideApple(words: readonly Word[], at: number): boolean {
  const passes = (word: Word): boolean => isNumber(word) || (word.meaning !== null && Object.keys(word.meaning).length === 0);
  let [left, right] = [at - 1, at + 1];
  while (left >= 0 && passes(words[left] as Word)) left--;
  while (right < words.length && passes(words[right] as Word)) right++;
  return isApple(words[left]?.meaning ?? null) || isApple(words[right]?.meaning ?? null);
}

/** The words around one without any other between them. */
function blockOf(words: readonly Word[], at: number): readonly Word[] {
  let first = at;
  while (first > 0 && ((words[first - 1] as Word).meaning !== null || isNumber(words[first - 1] as Word))) first--;
  let last = at;
  while (last + 1 < words.length && (words[last + 1] as Word).meaning !== null) last++;
  return words.slice(first, last + 1);
}

/** Whether a number belongs to a system or a C library before it: 'macosx_11_0', 'windows-2022', 'manylinux_2_17', 'gnu.2.17'. */
function isVersion(words: readonly Word[], at: number): boolean {
  for (let before = at; before >= 0 && at - before <= 3; before--) {
    const word = words[before] as Word;
    if (isNumber(word)) continue;
    return word.meaning?.os !== undefined || word.meaning?.libc !== undefined;
  }
  return false;
}

/** What the words of a run say together. */
function joined(words: readonly Word[]): Omit<Reading, 'strange' | 'read' | 'left' | 'doubtful'> {
  const meanings = words.map(({ meaning }) => meaning as Meaning);
  let os: readonly string[] | null = null;
  for (const meaning of meanings) {
    if (meaning.os === undefined) continue;
    const before: readonly string[] | null = os;
    const both: readonly string[] = meaning.os.filter((system) => before?.includes(system));
    os = both.length === 0 ? meaning.os : both; // 'linux-android' is Android
  }
  const named = meanings.filter((meaning) => meaning.arch !== undefined && meaning.os === undefined);
  const telling = named.length > 0 ? named : meanings.filter((meaning) => meaning.arch !== undefined); // of 'win64-arm64' the plainer word holds
  const variant = meanings.find((meaning) => meaning.variant !== undefined)?.variant;
  const all = [...new Map(telling.flatMap((meaning) => meaning.arch ?? []).map((one) => [`${one.arch} ${one.variant}`, one])).values()];
  // of words for one architecture the one that says more holds: 'arm-armv7'
  const archs = all.filter((one) => one.variant !== null || !all.some((other) => other.arch === one.arch && other.variant !== null));
  const strong = telling.some((meaning) => meaning.weak !== true);
  const last = <K extends keyof Meaning>(key: K): NonNullable<Meaning[K]> | null => meanings.findLast((meaning) => meaning[key] !== undefined)?.[key] ?? null;
  const systems = meanings.filter((meaning) => meaning.os !== undefined);
  return {
    os,
    arch: archs.length === 0 ? null : archs.map((one) => (variant === undefined ? one : { ...one, variant })),
    on: telling.length === 1 ? (telling[0]?.on ?? null) : null,
    weak: !strong,
    soft: { os: systems.length > 0 && systems.every((meaning) => meaning.weak === true || (meaning.soft === true && meaning.os?.includes('android') === true)), arch: named.length === 0 && telling.length > 0 && telling.every((meaning) => meaning.soft === true && meaning.os?.includes('windows') === true) },
    libc: os?.includes('windows') === true || os?.includes('android') === true ? null : last('libc'),
    ending: os?.includes('android') === true ? null : last('ending'),
    setting: last('setting'),
    universal: meanings.some((meaning) => meaning.universal === true),
  };
}

const NAME_MAX = 255; // of every file system in use; what is longer is no name

/** Links of util-linux's setarch: a program of the machine that it is installed on, called like what it makes the kernel say. */
const SETARCH = /^(linux(32|64)|i[3-6]86|athlon|ppc(32)?|s390|sparc(32|32bash)?|mips(32)?|uname26)$/;

/** Debian's packages of cross tools are called by what the tools are for: binutils-aarch64-linux-gnu, gcc-12-arm-linux-gnueabihf. */
const CROSS_PACKAGE = /^(binutils|gcc|g\+\+|cpp|gfortran|gnat|gdc|gobjc(\+\+)?)(-\d+)?-[^.]*-linux-[^-]*$/i;

/** Reads what a file's or a folder's name says of a target. Null where it says nothing. */
export function readName(name: string, { file, addon, product }: NameContext): Reading | null {
  if (name.length > NAME_MAX) return null;
  if (CROSS_PACKAGE.test(name)) return null;
  if (!file && /^program files\b/i.test(name)) return null; // "(x86)" is where Windows puts it
  if (file && (SETARCH.test(name) || /^qemu-/.test(name))) return null; // an emulator is called like what it emulates
  const stem = file ? name.replace(FILE_ENDING, '') : name;
  const words = wordsOf(stem).filter(({ text }) => text !== '');
  const own = product === null ? null : productWords(words, product);
  const isProduct = (at: number): boolean => own !== null && at >= own.first && at < own.end;
  if (file && isCrossTool(words)) return null;
  for (let last = words.length - 1; last >= 0; last--) {
    const word = words[last] as Word;
    if (word.meaning === null || isProduct(last)) {
      if (isStrange(word) && (last === words.length - 1 || words.slice(last + 1).every(isNumber)) && !isProduct(last)) {
        const before = last === 0 ? null : runEndingAt(words, last - 1);
        if (before !== null && before.words.length > 0) {
          const reading = joined(before.words);
          if (reading.arch === null) return { ...reading, strange: word.text, ...told(words, before) };
        } else if (isLevelLike(word) && (!file || last > 0)) return { ...joined([]), strange: word.text, read: [], left: words.map(({ text }) => text), doubtful: true };
      }
      continue;
    }
    const run = runEndingAt(words, last);
    if (run.words.length === 0) continue;
    const reading = joined(run.words);
    if (counts(reading, run, words, { file, addon, product })) {
      const next = words[last + 1];
      const strange = next !== undefined && reading.arch === null && isStrange(next) ? next.text : null;
      const program = file && run.first === 0 && last < words.length && PROGRAMS.has(reading.os?.[0] ?? '');
      return { ...reading, os: program ? null : reading.os, strange, ...told(words, run) };
    }
    last = run.first;
  }
  return null;
}

/** Whether a run of words is a claim, and not a product's name. */
function counts({ os, arch, weak, universal, libc }: ReturnType<typeof joined>, { words: taken, first, last }: Run, words: readonly Word[], { file, addon }: NameContext): boolean {
  const whole = first === 0 && last === words.length - 1;
  const behind = words.slice(last + 1);
  const atEnd = behind.every((word) => isNumber(word) || BEHIND.has(word.text) || word.meaning !== null);
  if (os !== null && (arch !== null || universal)) return !(file && first === 0 && weak && !whole && !atEnd && !taken.some(({ meaning }) => meaning?.os !== undefined && meaning.arch !== undefined));
  if (os !== null) {
    const strong = taken.some(({ meaning }) => meaning?.os !== undefined && meaning.weak !== true);
    if (whole) return !file || strong;
    if (file && first === 0 && libc === null) return false; // 'ios-deploy' is no program for iOS
    return atEnd && (strong || !file);
  }
  if (arch !== null && !weak) return !(file && first === 0 && !whole && !atEnd && behind.length > 0 && !behind.every(isNumber));
  if (arch !== null) return (atEnd || (!file && first === 0)) && !(file && first === 0);
  return libc !== null && addon && atEnd;
}

/** A cross tool begins with the whole target that it is for: 'aarch64-linux-gnu-gcc', 'arm-none-eabi-ld', 'x86_64-w64-mingw32-windres-12'. */
function isCrossTool(words: readonly Word[]): boolean {
  let at = 0;
  if (words[0]?.meaning?.arch === undefined) return false;
  while (at < words.length && ((words[at] as Word).meaning !== null || isNumber(words[at] as Word))) at++;
  const target = words.slice(0, at);
  const more = target.some(({ meaning }, index) => index > 0 && meaning !== null && meaning.arch === undefined);
  return more && at < words.length && words.slice(at).every(({ meaning }) => meaning === null || Object.keys(meaning).length === 0);
}

/** Where a package's own name stands among the words. A name that says system and architecture is a claim like any other. */
function productWords(words: readonly Word[], product: string): { first: number; end: number } | null {
  const own = wordsOf(product);
  const says = joined(own.filter(({ meaning }) => meaning !== null));
  if (own.length < 2 || (says.os !== null && says.arch !== null)) return null;
  for (let first = 0; first + own.length <= words.length; first++) {
    if (own.every(({ text }, index) => words[first + index]?.text === text)) return { first, end: first + own.length };
  }
  return null;
}

function told(words: readonly Word[], { words: taken }: Run): Pick<Reading, 'read' | 'left' | 'doubtful'> {
  const rest = words.filter((word) => !taken.includes(word));
  const doubtful = rest.some(({ meaning }) => meaning !== null && Object.keys(meaning).length > 0);
  return { read: taken.map(({ text }) => text), left: rest.map(({ text }) => text), doubtful };
}
