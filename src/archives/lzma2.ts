// LZMA2: chunks of at most 64 KiB, each raw or LZMA, which become at most 2 MiB.

import { malformed } from './decoder.ts';
import type { Part, Place } from './decoder.ts';
import { resetState, SLACK, startLzma, startRange } from './lzma-state.ts';
import type { Lzma, Reach } from './lzma-state.ts';
import { decodeLzma } from './lzma.ts';
import { makeRoom } from './window.ts';
import type { Window } from './window.ts';

/** Control bytes. From LZMA on it is a chunk of LZMA, and bits 5 and 6 say what is reset before it. */
const CONTROL = { END: 0, RAW_AND_RESET: 1, RAW: 2, LZMA: 0x80 } as const;

/** What a chunk of LZMA resets: each value also what the values below it do. */
const RESET = { STATE: 1, PROPERTIES: 2, DICTIONARY: 3 } as const;

const MOST_CONTEXT_BITS = 4; // lc + lp
const RANGE_START = 5; // bytes that start the range coder

/** A decoder of LZMA2 between two chunks. */
export interface Lzma2 {
  readonly window: Window;
  readonly reach: Reach;
  /** null until a chunk has brought properties. */
  lzma: Lzma | null;
  /** Bytes since the dictionary was reset; null before the first reset. */
  position: number | null;
}

/** A decoder for a dictionary of so many bytes. It holds what the data have, not what the dictionary could hold, in a window that may have served before. */
export function startLzma2(window: Window, reach: Reach): Lzma2 {
  return { window, reach, lzma: null, position: null };
}

/** The next chunk's output, valid until the next is read; null at the end. Throws `malformed` and `limit-exceeded`. */
export function* readChunk(lzma2: Lzma2, place: Place): Part<Uint8Array | null> {
  const control = (yield 1)[0] as number;
  if (control === CONTROL.END) return null;
  if (control > CONTROL.RAW && control < CONTROL.LZMA) throw malformed(`an LZMA2 chunk has the control byte ${control}`, place);
  const reset = control < CONTROL.LZMA ? 0 : (control >> 5) & 3;
  if (control === CONTROL.RAW_AND_RESET || reset === RESET.DICTIONARY) {
    lzma2.window.start = lzma2.window.end;
    lzma2.position = 0;
    lzma2.lzma = null; // the next chunk of LZMA has to bring properties
  }
  if (lzma2.position === null) throw malformed('the first LZMA2 chunk does not reset the dictionary', place);
  const { window } = lzma2;
  const size = control < CONTROL.LZMA ? yield* readRaw(lzma2) : yield* readCompressed(lzma2, control, reset, place);
  lzma2.position += size;
  return window.bytes.subarray(window.end - size, window.end);
}

/** How far back the output has to be kept. */
function kept({ dictionary, limit }: Reach): number {
  return Math.min(dictionary, limit);
}

function* readRaw({ window, reach }: Lzma2): Part<number> {
  const header = yield 2;
  const size = (((header[0] as number) << 8) | (header[1] as number)) + 1;
  const data = yield size;
  makeRoom(window, size, kept(reach));
  window.bytes.set(data, window.end);
  window.end += size;
  return size;
}

function* readCompressed(lzma2: Lzma2, control: number, reset: number, place: Place): Part<number> {
  const header = yield reset >= RESET.PROPERTIES ? 5 : 4;
  const size = (((control & 31) << 16) | ((header[0] as number) << 8) | (header[1] as number)) + 1;
  const compressed = (((header[2] as number) << 8) | (header[3] as number)) + 1;
  if (reset >= RESET.PROPERTIES) lzma2.lzma = startLzma(header[4] as number, MOST_CONTEXT_BITS, lzma2.lzma);
  else if (reset === RESET.STATE && lzma2.lzma !== null) resetState(lzma2.lzma);
  const { lzma, window, reach, position } = lzma2;
  if (lzma === null) throw malformed(reset >= RESET.PROPERTIES ? `LZMA properties ${header[4]} are not valid` : 'an LZMA2 chunk comes before any properties', place);
  if (compressed < RANGE_START) throw malformed(`an LZMA2 chunk of ${compressed} bytes is too short`, place);
  const data = yield compressed;
  makeRoom(window, size + SLACK, kept(reach));
  startRange(lzma, data, place);
  lzma.position = position as number;
  const before = window.end;
  const at = decodeLzma(lzma, data, RANGE_START, compressed, window, before + size, reach, place);
  if (lzma.isEnded || window.end !== before + size || at !== compressed || lzma.code !== 0) {
    throw malformed(`an LZMA2 chunk of ${compressed} bytes does not come to the ${size} bytes that it states`, place);
  }
  return size;
}
