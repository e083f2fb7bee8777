// The table of functions that every Go program carries (pclntab): its head says which releases of Go could have written it.

import { needle } from '../bytes/search.ts';
import type { Needle } from '../bytes/search.ts';
import { wordAt } from './build-info.ts';

export interface Pclntab {
  /** Where it lies in the image. */
  readonly at: number;
  /** The releases whose layout it has. */
  readonly releases: Releases;
}

/** Releases of Go, by their minor number, both ends included; null where the newest is not known. */
export interface Releases {
  readonly first: number;
  readonly last: number | null;
}

/** 'go1.20 to go1.25', 'go1.26 or later'. */
export function releasesText({ first, last }: Releases): string {
  return last === null ? `go1.${first} or later` : `go1.${first} to go1.${last}`;
}

const FUNCTIONS = { LEAST: 1, MOST: 10_000_000 } as const;

/** The head's first word, and the releases that write it (cmd/link's pclntab, debug/gosym). */
const MAGIC = { GO_1_2: 0xffff_fffb, GO_1_16: 0xffff_fffa, GO_1_18: 0xffff_fff0, GO_1_20: 0xffff_fff1 } as const;

/** What to search for, and how many bytes of the head stand before it: the magic and the two zeros behind it. */
export function pclntabNeedles(little: boolean): { needle: Needle; before: number }[] {
  if (little) return [{ needle: needle('\xff\xff\xff\0\0'), before: 1 }];
  return Object.values(MAGIC).map((magic) => ({ needle: needle(`\xff\xff\xff${String.fromCharCode(magic & 0xff)}\0\0`), before: 0 }));
}

/** The function table whose head stands at a position of `bytes`; null where it is none. `at` is that position in the image. */
export function pclntabAt(bytes: Uint8Array, head: number, at: number, bits: 32 | 64, little: boolean): Pclntab | null {
  const size = bits / 8;
  if (head + 8 + 9 * size > bytes.length) return null;
  const quantum = bytes[head + 6] as number; // the instruction set's smallest step
  if (bytes[head + 4] !== 0 || bytes[head + 5] !== 0 || (quantum !== 1 && quantum !== 2 && quantum !== 4) || bytes[head + 7] !== size) return null;
  const word = (index: number): number => Number(wordAt(bytes, head + 8 + index * size, size, little));
  const functions = word(0);
  if (functions < FUNCTIONS.LEAST || functions > FUNCTIONS.MOST) return null;
  const releases = releasesOf(Number(wordAt(bytes, head, 4, little)), word, size);
  return releases === null ? null : { at, releases };
}

/** The releases that write such a head. From Go 1.16 on the words are counts, then offsets from the head, which come in order. */
function releasesOf(magic: number, word: (index: number) => number, size: number): Releases | null {
  const afterWords = (count: number): number => 8 + count * size;
  const ascending = (first: number, count: number): boolean => {
    for (let i = 1; i < count; i++) if (word(first + i) < word(first + i - 1)) return false;
    return true;
  };
  switch (magic) {
    case MAGIC.GO_1_2:
      return { first: 2, last: 15 };
    case MAGIC.GO_1_16:
      return word(2) >= afterWords(7) && ascending(2, 5) ? { first: 16, last: 17 } : null;
    case MAGIC.GO_1_18:
      return word(3) >= afterWords(8) && ascending(3, 5) ? { first: 18, last: 19 } : null;
    case MAGIC.GO_1_20: // 1.26 leaves out the address of the code, and begins the function names right behind the words
      if (word(3) < afterWords(8) || !ascending(3, 5)) return null;
      return word(2) === 0 && word(3) === afterWords(8) ? { first: 26, last: null } : { first: 20, last: 25 };
  }
  return null;
}
