// What an LZMA decoder remembers between two stretches of input, and how its probabilities are laid out.

import type { BinspectError } from '../errors.ts';
import { malformed, tooFar } from './decoder.ts';
import type { Place } from './decoder.ts';

/** Where each kind of probability stands in the one array that holds them all. */
export const IS_MATCH = 0; // by state and position
export const IS_REP = 192; // by state, as the next three
export const WHICH_REP = 204; // three bits at most, REP_STEP apart
export const REP_STEP = 12;
export const IS_LONG = 240; // by state and position
export const SLOT = 432; // by length: a tree of six bits
export const SPECIAL = 688; // the low bits of the distances of slots 4 to 13, from the lowest on
export const ALIGN = 816; // the lowest four bits of greater distances
export const MATCH_LENGTH = 832;
export const REP_LENGTH = 1346;
export const LITERAL = 1860;

/** Within the probabilities of a length: two choices, then three trees. */
export const LOW = 2; // by position: a tree of three bits
export const MIDDLE = 130;
export const HIGH = 258; // a tree of eight bits

export const LITERAL_CODER = 0x300;
const EVEN = 1024; // a half, of 2048
const MOST_LENGTH = 273;

/** Bytes that may be written behind the end of what was asked for: the last match is checked after it was copied. */
export const SLACK: number = MOST_LENGTH;
/** The most bytes of input that one literal or match can take. */
export const MOST_INPUT = 20;

/** A decoder's state between two stretches of input. */
export interface Lzma {
  readonly probabilities: Uint16Array;
  /** lc: how many high bits of the byte before choose a literal's probabilities. */
  literalContext: number;
  /** Masks of the position for literals (lp) and for all else (pb). */
  literalMask: number;
  positionMask: number;
  state: number;
  /** The last four distances, the latest first, each less one. */
  readonly distances: Int32Array;
  /** Bytes since the dictionary was reset. */
  position: number;
  range: number;
  code: number;
  /** Whether the end marker was met: a distance of 2^32. */
  isEnded: boolean;
}

/** A fresh decoder for the properties of the coding, or null where the byte that holds them is not valid. `most` bounds lc + lp. The memory of the decoder before is used again where it fits. */
export function startLzma(properties: number, most: number, before: Lzma | null): Lzma | null {
  const lc = properties % 9;
  const lp = Math.floor(properties / 9) % 5;
  const pb = Math.floor(properties / 45);
  if (pb > 4 || lc + lp > most) return null;
  const size = LITERAL + (LITERAL_CODER << (lc + lp));
  const lzma: Lzma = {
    probabilities: before?.probabilities.length === size ? before.probabilities : new Uint16Array(size),
    literalContext: lc,
    literalMask: (1 << lp) - 1,
    positionMask: (1 << pb) - 1,
    state: 0,
    distances: new Int32Array(4),
    position: 0,
    range: -1,
    code: 0,
    isEnded: false,
  };
  resetState(lzma);
  return lzma;
}

/** Forgets what was learned from the data; the window stays. */
export function resetState(lzma: Lzma): void {
  lzma.probabilities.fill(EVEN);
  lzma.distances.fill(0);
  lzma.state = 0;
}

/** Starts the range coder with its first five bytes. */
export function startRange(lzma: Lzma, bytes: Uint8Array, place: Place): void {
  if (bytes[0] !== 0) throw malformed('the first byte of LZMA data is not 0', place);
  lzma.range = -1;
  lzma.code = new DataView(bytes.buffer, bytes.byteOffset).getInt32(1);
}

/** How far matches may reach back: by the format, and by the caller's limit. */
export interface Reach {
  readonly dictionary: number;
  readonly limit: number;
}

/** The error for a distance (as the decoder stores it, less one) that is too far, where so many bytes are available. */
export function refused(stored: number, available: number, { dictionary, limit }: Reach, place: Place): BinspectError {
  const distance = (stored >>> 0) + 1;
  if (distance <= available && distance <= dictionary) return tooFar(distance, limit, place);
  return malformed(`an LZMA match reaches ${distance} bytes back; there are ${Math.min(available, dictionary)}`, place);
}
