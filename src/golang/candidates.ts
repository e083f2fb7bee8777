// One pass over an image for everything that only Go programs have: module texts, versions, blobs, function tables, file names.

import { find, inChunks, needle } from '../bytes/search.ts';
import type { Needle, Scan, Stretch } from '../bytes/search.ts';
import { ALIGNMENT, MAGIC } from './build-info.ts';
import type { GoMemory } from './image.ts';
import { SENTINEL } from './modules.ts';
import { pclntabAt, pclntabNeedles } from './pclntab.ts';
import type { Pclntab } from './pclntab.ts';

/** A text that looks like the beginning of a version of Go. */
export interface VersionText {
  readonly at: number;
  /** Bytes that look like one; the version may go on behind them. */
  readonly least: number;
  /** What stands there, up to the longest version. */
  readonly bytes: Uint8Array;
}

export interface Candidates {
  /** Where module texts begin, their frame included. */
  readonly texts: number[];
  readonly versions: VersionText[];
  /** Where a build information blob may begin. */
  readonly blobs: number[];
  readonly pclntabs: Pclntab[];
  /** Names of the runtime's own files: 'rt0_linux_amd64.s'. */
  readonly files: Set<string>;
}

/** The longest version that is believed; Google's own have under 100 characters. */
export const LONGEST_VERSION = 256;
/** Places of each kind that are looked at more closely, those that come to nothing among them. The largest programs have some tens of thousands. */
const MOST_PLACES = 2 ** 20;
/** What is kept of each kind. Go programs have one or two, and some tens of texts that begin like a version. */
const MOST = { TEXTS: 64, VERSIONS: 4096, BLOBS: 64, PCLNTABS: 64, FILES: 256 } as const;

const START = needle(SENTINEL.START);
const VERSIONS = [needle('go1.'), needle('devel go1.')];
const FILE = needle('runtime/');
const VERSION_TEXT = /^(?:devel )?go1\.\d{1,2}(?:\.\d{1,2})?(?:(?:rc|beta)\d{1,2})?/;
/** rt0_linux_amd64.s, sys_linux_amd64.s, os_linux.go, ended by its NUL. */
const FILE_NAME = /^((?:rt0|sys)_[a-z0-9]+_[a-z0-9]+\.s|os_[a-z0-9]+\.go)\0/;
const NUL = 0;
const SLASH = 0x2f;

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(Math.max(from, 0), to));
}

/** The stretches of the file that an image maps, in order, each byte once; the whole file where it maps nothing (objects). */
export function mappedStretches({ ranges }: GoMemory, size: number, most: number): Stretch[] {
  const stretches: Stretch[] = [];
  let left = most;
  let done = 0;
  const sorted = ranges.length === 0 ? [{ offset: 0, size }] : [...ranges].sort((a, b) => a.offset - b.offset);
  for (const range of sorted) {
    const at = Math.max(range.offset, done);
    const length = Math.min(range.offset + range.size - at, left);
    if (length <= 0) continue;
    stretches.push({ at, length });
    left -= length;
    done = at + length;
  }
  return stretches;
}

/** Searches stretches of an image, each byte once. */
export function* findCandidates({ bits, little }: GoMemory, stretches: readonly Stretch[]): Scan<Candidates> {
  const found: Candidates = { texts: [], versions: [], blobs: [], pclntabs: [], files: new Set() };
  const tables = pclntabNeedles(little);
  const places = new Map<Needle, number>();
  const each = (bytes: Uint8Array, what: Needle, own: number, visit: (hit: number) => void): void => {
    let seen = places.get(what) ?? 0;
    if (seen >= MOST_PLACES) return;
    for (let hit = find(bytes, what); hit !== -1 && hit < own && seen < MOST_PLACES; hit = find(bytes, what, hit + 1)) {
      visit(hit);
      seen++;
    }
    places.set(what, seen);
  };
  for (const stretch of stretches) {
    yield* inChunks(stretch, LONGEST_VERSION, (bytes, at, own) => {
      each(bytes, START, own, (hit) => {
        if (found.texts.length < MOST.TEXTS) found.texts.push(at + hit);
      });
      each(bytes, MAGIC, own, (hit) => {
        if ((at + hit) % ALIGNMENT === 0 && found.blobs.length < MOST.BLOBS) found.blobs.push(at + hit);
      });
      for (const version of VERSIONS) {
        each(bytes, version, own, (hit) => {
          if (found.versions.length === MOST.VERSIONS) return;
          const text = VERSION_TEXT.exec(ascii(bytes, hit, hit + 24))?.[0];
          if (text === undefined) return;
          found.versions.push({ at: at + hit, least: text.length, bytes: bytes.slice(hit, hit + LONGEST_VERSION) });
        });
      }
      each(bytes, FILE, own, (hit) => {
        const before = hit === 0 ? SLASH : (bytes[hit - 1] as number);
        if ((before !== NUL && before !== SLASH) || found.files.size === MOST.FILES) return;
        const name = FILE_NAME.exec(ascii(bytes, hit + FILE.bytes.length, hit + FILE.bytes.length + 48))?.[1];
        if (name !== undefined) found.files.add(name);
      });
      for (const table of tables) {
        each(bytes, table.needle, own, (hit) => {
          const head = hit - table.before;
          const pclntab = head < 0 ? null : pclntabAt(bytes, head, at + head, bits, little);
          if (pclntab !== null && found.pclntabs.length < MOST.PCLNTABS) found.pclntabs.push(pclntab);
        });
      }
    });
  }
  return found;
}
