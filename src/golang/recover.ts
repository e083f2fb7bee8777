// Go's build information where Go's own reader has none: by what the program itself needs at run time.

import { find, needle, wanted } from '../bytes/search.ts';
import type { Scan } from '../bytes/search.ts';
import { decodeText } from '../bytes/text.ts';
import type { Limits } from '../limits.ts';
import type { Told } from '../model/binary.ts';
import { parseGoVersion } from '../model/go-words.ts';
import { HEADER_SIZE, uvarint } from './build-info.ts';
import { findCandidates, LONGEST_VERSION, mappedStretches } from './candidates.ts';
import type { Candidates } from './candidates.ts';
import type { GoMemory } from './image.ts';
import { parseModules, SENTINEL } from './modules.ts';
import type { Modules } from './modules.ts';
import { releasesText } from './pclntab.ts';
import type { Releases } from './pclntab.ts';
import { findHeaders } from './string-headers.ts';
import type { Header, Sought } from './string-headers.ts';
import { stringVariable } from './symbols.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';

/** What a Go program tells without its blob; all null for what is no Go program. */
export interface Recovered {
  readonly version: Told<string> | null;
  readonly modules: Told<Modules> | null;
  /** The releases of Go that write such a function table. */
  readonly releases: Told<Releases> | null;
  readonly target: Target;
  /** Why a module text that stands there was not taken; null where none was left out. */
  readonly doubt: string | null;
}

/** A place as it is said: by its position in the file. */
function hex({ start = 0 }: GoMemory, at: number): string {
  return `0x${(start + at).toString(16)}`;
}

/** A version as Go writes them: a release, then nothing or what experiments and vendors add. Text about a version goes on in words. */
const RELEASE = /^(?:devel )?go1\.\d{1,2}(?:\.\d{1,2})?(?:(?:rc|beta)\d{1,2})?(?:b\d+)?/;
const ADDED = /^(?:| X:\S+|-X:\S+|-\w\S*(?: [ -~]+)?| \([ -~]+\)| gccgo [ -~]+| cl\/\d+[ -~]*)$/;

function isVersion(text: string): boolean {
  const release = RELEASE.exec(text)?.[0];
  return release !== undefined && ADDED.test(text.slice(release.length));
}

/** A module text that stands somewhere, its frame included. */
export interface Text {
  readonly at: number;
  readonly length: number;
  readonly modules: Modules;
  readonly bytes: Uint8Array;
}

const END = needle(SENTINEL.END);
const FRAME = SENTINEL.START.length;

/**
 * The module texts that begin at positions: each must end in a line, then the end of its frame, and say something. Texts may lie one in the
 * other, so all together may not be longer than the longest may be.
 */
export function* readTexts(starts: readonly number[], most: number): Scan<Text[]> {
  const texts: Text[] = [];
  let left = most;
  for (const at of starts) {
    for (let length = 16 * 1024; ; length *= 8) {
      const bytes = yield* wanted(at, Math.min(length, left));
      const end = find(bytes, END, FRAME);
      if (end === -1 && bytes.length === length && length < left) continue;
      left -= end === -1 ? 0 : end;
      if (end === -1 || bytes[end - 1] !== 0x0a) break;
      const text = bytes.slice(FRAME, end);
      const modules = parseModules(text);
      if (typeof modules !== 'string' && (modules.path !== null || modules.main !== null)) texts.push({ at, length: end + FRAME, modules, bytes: text });
      break;
    }
  }
  return texts;
}

/** A blob that Go's reader does not get to: only the inline form, all of it plausible. */
interface Blob {
  readonly at: number;
  readonly version: string;
  /** Where its module text begins, the frame included, and its length. */
  readonly text: number;
  readonly length: number;
}

const INLINE = 2;

function* readBlobs(starts: readonly number[]): Scan<Blob[]> {
  const blobs: Blob[] = [];
  for (const at of starts) {
    const bytes = yield* wanted(at, HEADER_SIZE + 10 + LONGEST_VERSION + 10);
    if (bytes.length <= HEADER_SIZE || ((bytes[15] as number) & ~1) !== INLINE) continue;
    const first = uvarint(bytes.subarray(HEADER_SIZE));
    if (first === null || first.value > BigInt(LONGEST_VERSION)) continue;
    const start = HEADER_SIZE + first.size;
    const end = start + Number(first.value);
    const second = uvarint(bytes.subarray(end));
    const version = decodeText(bytes.subarray(start, end));
    if (second === null || !isVersion(version)) continue;
    blobs.push({ at, version, text: at + end + second.size, length: Number(second.value) });
  }
  return blobs;
}

/** The one value of several that are all alike; null where there is none, or where they differ. */
function only<T>(values: readonly T[], identity: (value: T) => string): T | null {
  const [first] = values;
  return first !== undefined && values.every((value) => identity(value) === identity(first)) ? first : null;
}

/** Whether a version is one of some releases; true where either is not known. */
function isOf(version: string, releases: Releases | null): boolean {
  const minor = parseGoVersion(version)?.minor;
  return minor === undefined || releases === null || (minor >= releases.first && minor <= (releases.last ?? minor));
}

/**
 * The version of the runtime that is linked in: by its symbol, by the one variable that points at a version (of several by the
 * one that fits the function table), or from a blob.
 */
function* versionOf(
  memory: GoMemory,
  { versions }: Candidates,
  headers: readonly Header[],
  blobs: readonly Blob[],
  releases: Releases | null,
): Scan<Told<string> | null> {
  const variable = yield* stringVariable(memory, 'runtime.buildVersion', LONGEST_VERSION);
  if (variable !== null && variable.bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    return { value: decodeText(variable.bytes), because: `the symbol runtime.buildVersion, whose text stands at ${hex(memory, variable.at)}` };
  }
  const texts = new Map(versions.map(({ at, bytes }) => [at, bytes]));
  const said = headers.flatMap(({ sought, length, at }) => {
    const bytes = texts.get(sought.at);
    const text = bytes === undefined || length > bytes.length ? '' : decodeText(bytes.subarray(0, length));
    return isVersion(text) && isOf(text, releases) ? [{ text, at, from: sought.at }] : [];
  });
  const one = only(said, ({ text }) => text);
  if (one !== null) return { value: one.text, because: `the string variable at ${hex(memory, one.at)}, whose text stands at ${hex(memory, one.from)}` };
  const blob = said.length > 0 ? null : only(blobs, ({ version }) => version);
  return blob === null ? null : { value: blob.version, because: `a build information blob at ${hex(memory, blob.at)}` };
}

/** Whether a position lies in memory that a program may write to, where Go keeps its blob; what it embeds lies elsewhere. */
function isWritable({ ranges }: GoMemory, at: number): boolean {
  return ranges.some(({ offset, size, writable }) => writable && at >= offset && at < offset + size);
}

/** The module text that is the image's own: its variable points at it, or it stands in a blob of its own. Null where several are. */
function ownText(memory: GoMemory, texts: readonly Text[], headers: readonly Header[], blobs: readonly Blob[]): { text: Text; because: string } | null {
  const pointers = new Map(headers.map(({ sought, at }) => [sought.at, at]));
  const own = texts.filter(({ at }) => pointers.has(at) || blobs.some(({ text }) => text === at));
  const text = only(own, ({ bytes }) => decodeText(bytes));
  if (text === null) return null;
  const pointer = pointers.get(text.at);
  const where = pointer === undefined ? 'in a build information blob' : `which the string variable at ${hex(memory, pointer)} points at`;
  return { text, because: `the module text at ${hex(memory, text.at)}, ${where}` };
}

/** Why module texts that stand in an image were not taken; null where there are none, or one was. */
function doubtOf(memory: GoMemory, texts: readonly Text[], taken: boolean): string | null {
  const [first] = texts;
  if (first === undefined || taken) return null;
  return `${texts.length} module texts stand in the file, the first at ${hex(memory, first.at)}, and nothing tells which is its own`;
}

/** The releases that write the one function table that stands in an image. */
function releasesOf(memory: GoMemory, { pclntabs: [table, another] }: Candidates): Told<Releases> | null {
  if (table === undefined || another !== undefined) return null;
  return { value: table.releases, because: `the function table at ${hex(memory, table.at)} is laid out as by ${releasesText(table.releases)}` };
}

/**
 * Searches an image for what Go's own reader doesn't see. Believed is what the image's own variables point at, for a program
 * may carry another one whole; and where its headers say that it is Go's (`sign`), a blob where Go keeps them.
 */
export function* recover(memory: GoMemory, sign: boolean, size: number, limits: Limits): Scan<Recovered> {
  const candidates = yield* findCandidates(memory, mappedStretches(memory, size, limits.goSearchBytes));
  const texts = yield* readTexts(candidates.texts, limits.goTextBytes);
  const blobs = sign ? (yield* readBlobs(candidates.blobs)).filter(({ at }) => memory.ranges.length === 0 || isWritable(memory, at)) : [];
  const framed = texts.map(({ at, length }): Sought => ({ at, least: length, most: length }));
  const versions = candidates.versions.map(({ at, least }): Sought => ({ at, least, most: LONGEST_VERSION }));
  const headers = yield* findHeaders(memory, [...framed, ...versions], limits.goSearchBytes);
  const releases = releasesOf(memory, candidates);
  const version = yield* versionOf(memory, candidates, headers, blobs, releases?.value ?? null);
  const own = ownText(memory, texts, headers.filter(({ sought }) => framed.includes(sought)), blobs);
  const isGo = sign || version !== null || own !== null;
  return {
    version,
    modules: own === null ? null : { value: own.text.modules, because: own.because },
    releases: isGo ? releases : null,
    target: isGo ? targetOf(candidates.files, memory.little) : { os: null, arch: null },
    doubt: doubtOf(memory, texts, own !== null),
  };
}
