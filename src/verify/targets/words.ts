// A text as words: which of them the vocabulary knows, alone, grown together ('linuxarm64', 'amd64v3') or with a version ('win10', 'macosx_11_0').

import { MEANINGS } from './vocabulary.ts';
import type { Arch, Meaning } from './vocabulary.ts';

/** A word of a text, and where it stands. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** What stands between it and the word before it. */
  readonly gap: string;
  /** Null for what the vocabulary does not have. */
  readonly meaning: Meaning | null;
}

/** A piece of letters and digits. */
interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const LONGEST = 3; // pieces in one word: 'x86_64' is two

/** Whether a word is but a number or a version: '14', 'v2', '10a'. */
export function isNumber({ text, meaning }: Word): boolean {
  return meaning === null && /^v?\d+[a-z]?\d*$/.test(text);
}

/** The words of a text. It is read without regard to case; '%20' is a blank. */
export function wordsOf(text: string): Word[] {
  const lower = text.toLowerCase().replaceAll('%20', '   ');
  const pieces: Piece[] = Array.from(lower.matchAll(/[a-z0-9]+/g), (match) => ({ text: match[0], start: match.index, end: match.index + match[0].length }));
  const words: Word[] = [];
  for (let at = 0; at < pieces.length; ) {
    const { count, meaning } = longest(lower, pieces, at);
    const first = pieces[at] as Piece;
    const last = pieces[at + count - 1] as Piece;
    const gap = lower.slice(words.at(-1)?.end ?? 0, first.start);
    words.push({ text: lower.slice(first.start, last.end), start: first.start, end: last.end, gap, meaning });
    at += count;
  }
  return withBits(withLevels(words));
}

/** The longest word that begins with a piece. */
function longest(text: string, pieces: readonly Piece[], at: number): { count: number; meaning: Meaning | null } {
  const first = pieces[at] as Piece;
  for (let count = LONGEST; count > 1; count--) {
    const parts = pieces.slice(at, at + count);
    if (parts.length < count || !parts.every((piece, index) => index === 0 || /^[-_ ]$/.test(text.slice((parts[index - 1] as Piece).end, piece.start)))) continue;
    const meaning = MEANINGS.get(parts.map((piece) => piece.text).join(' '));
    if (meaning !== undefined) return { count, meaning };
  }
  const inVersion = /^\d/.test(first.text) && text[first.start - 1] === '.' && /\d/.test(text[first.start - 2] ?? ''); // the 386 of 120.0.386
  if (inVersion) return { count: 1, meaning: null };
  const node = first.text === 'ppc64' && text[first.start - 1] === '-';
  return { count: 1, meaning: node ? NODE_PPC64 : meaningOf(first.text) };
}

/** Node says ppc64 also of the little-endian one, and writes a '-' before it. */
const NODE_PPC64: Meaning = { arch: [{ arch: 'ppc64', variant: null }, { arch: 'ppc64le', variant: null }] };

/** What one piece says. */
function meaningOf(piece: string): Meaning | null {
  const known = MEANINGS.get(piece);
  if (known !== undefined) return known.numbered === true ? null : known;
  return armOf(piece) ?? levelOf(piece) ?? grownTogether(piece);
}

/** 32-bit ARM by its generations, as uname, RPM, Rust and Docker write them: armv7l, armv6hf, arm32v7, thumbv7a, arm7. The eighth also has a word for 64 bits. */
function armOf(piece: string): Meaning | null {
  const match = /^(arm|arm32|thumb)(v?)([4-9])([a-z]{0,4})$/.exec(piece);
  if (match === null) return null;
  const [, family, v, step, rest = ''] = match as unknown as [string, string, string, string, string];
  if (family === 'arm' && v === '' && rest !== '') return null;
  const hard = /^(hf|hl|hnl|hfp)$/.test(rest) ? { ending: 'eabihf' as const } : {};
  const own = step === '7' && (rest === 'k' || rest === 's') ? rest : '';
  if (Number(step) < 8) return { arch: [{ arch: 'arm', variant: `v${step}${own}` }], ...hard };
  const arm: Arch = { arch: 'arm', variant: 'v8' };
  if (family !== 'arm' || rest === 'l' || hard.ending !== undefined) return { arch: [arm], ...hard };
  return { arch: [{ arch: 'arm64', variant: null }, arm] };
}

/** Levels of an architecture: those of GOAMD64, GOARM and GOARM64. What else comes with a v is the product's version. */
const LEVELS: ReadonlyMap<string, RegExp> = new Map([
  ['amd64', /^v[1-4]$/],
  ['arm', /^v?[5-8]$/],
  ['arm64', /^v[89]$/],
]);

/** An architecture with its level grown on: 'amd64v3', 'arm64v8'. */
function levelOf(piece: string): Meaning | null {
  const match = /^(.+?)(v\d)$/.exec(piece);
  const meaning = match === null ? undefined : MEANINGS.get(match[1] as string);
  return match === null || meaning === undefined ? null : withLevel(meaning, match[2] as string);
}

function withLevel(meaning: Meaning, level: string): Meaning | null {
  const [only, ...others] = meaning.arch ?? [];
  if (only === undefined || others.length > 0 || only.variant !== null || meaning.os !== undefined || LEVELS.get(only.arch)?.test(level) !== true) return null;
  return { ...meaning, arch: [{ arch: only.arch, variant: level.startsWith('v') ? level : `v${level}` }] };
}

const BITS: ReadonlyMap<string, Arch> = new Map([
  ['32', { arch: '386', variant: null }],
  ['64', { arch: 'amd64', variant: null }],
]);

/** A system with what is grown onto it: its version, its bits, an architecture, a C library. */
function grownTogether(piece: string): Meaning | null {
  for (let at = piece.length - 1; at > 1; at--) {
    const system = MEANINGS.get(piece.slice(0, at));
    if (system?.os === undefined || system.behind === true || (system.arch !== undefined && system.soft !== true)) continue;
    const rest = piece.slice(at);
    const bits = BITS.get(rest);
    if (bits !== undefined && system.numbered !== true) return { ...system, weak: false, arch: [bits] };
    if ((system.weak === true ? /^(\d{1,2}|20\d\d)$/ : /^\d{1,4}$/).test(rest)) return { ...system, weak: false }; // no windows-1250, a character set
    if (system.numbered === true) continue;
    const other = MEANINGS.get(rest) ?? armOf(rest) ?? levelOf(rest);
    if (other !== null && other.os === undefined && (other.arch ?? other.libc) !== undefined) return { ...system, ...other, os: system.os, weak: false };
  }
  return null;
}

/** Joins an architecture with the levels and settings behind it: 'amd64_v3', 'arm/v7', 'arm64-v8.0', '386_sse2'. */
function withLevels(words: readonly Word[]): Word[] {
  const out: Word[] = [];
  for (const [index, word] of words.entries()) {
    const before = out.at(-1);
    const joins = before?.meaning?.arch !== undefined && /^[-_/,]$/.test(word.gap);
    const next = words[index + 1];
    const minor = next?.gap === '.' && /^\d/.test(next.text);
    let meaning = joins && word.meaning === null && !minor ? withLevel(before.meaning as Meaning, word.text) : null;
    if (joins && minor && /^\d$/.test(next.text) && words[index + 2]?.gap !== '.' && /^v[89]$/.test(word.text) && before.meaning?.arch?.[0]?.arch === 'arm64') {
      out[out.length - 1] = { ...before, text: `${before.text}${word.gap}${word.text}.${next.text}`, end: next.end, meaning: { ...before.meaning, arch: [{ arch: 'arm64', variant: `${word.text}.${next.text}` }] } };
      continue;
    }
    if (joins && word.meaning?.setting !== undefined) meaning = { ...before.meaning, setting: word.meaning.setting };
    if (meaning !== null && before !== undefined) out[out.length - 1] = { ...before, text: `${before.text}${word.gap}${word.text}`, end: word.end, meaning };
    else if (!(before !== undefined && word.start < before.end)) out.push(word);
  }
  return out;
}

/** A bare 32 or 64 directly behind a system is its architecture: 'linux-64', as conda and old esbuild have it. */
function withBits(words: readonly Word[]): Word[] {
  return words.map((word, index) => {
    const before = words[index - 1];
    const bits = word.meaning === null && /^[-_]$/.test(word.gap) && words[index + 1]?.gap !== '.' ? BITS.get(word.text) : undefined;
    return bits === undefined || before?.meaning?.os === undefined || before.meaning.arch !== undefined ? word : { ...word, meaning: { arch: [bits] } };
  });
}

/** What is an architecture but for its level or its bits: 'amd64v9', 'arm64x9'. */
export function isLevelLike({ text, meaning }: Word): boolean {
  return meaning === null && /^(amd64|x64|x86|arm|arm64|aarch64|riscv64|ppc64le|mips64)[vx_]?\d+[a-z]?$/.test(text);
}

/** What looks like an architecture and is not one that is known: 'amd64v9', 'x86_65', 'armv3'. */
export function isStrange({ text, meaning }: Word): boolean {
  return meaning === null && /amd64|x86|x64|i\d86|arm(?=v?\d|64|hf|el)|aarch|riscv|rv\d\d|mips|ppc|powerpc|s390|sparc|loong|ia32|ia64|\d\dbit/.test(text);
}
