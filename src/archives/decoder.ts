// What decoders of compressed streams have in common: their interface, their limit, and the driver that hands them input.

import { BinspectError } from '../errors.ts';

/** Decompresses one stream that arrives in pieces of any size. What comes out does not depend on how the input is cut. */
export interface Decoder {
  /**
   * Feeds compressed bytes; yields output chunks. All chunks have to be taken before the next call.
   * A chunk is a view of the decoder's own memory: it is valid until the next chunk is asked for, and is not to be written to.
   * Chunks come before the checksum behind them is compared: only after `end` is the whole output known to be right.
   * Throws BinspectError: `malformed`, `unsupported` or `limit-exceeded`; after that the decoder can't be used any more.
   */
  push(bytes: Uint8Array): Iterable<Uint8Array>;
  /** No more input: yields what is left. Throws `truncated` where the stream is not finished. */
  end(): Iterable<Uint8Array>;
}

/** What one decoder may cost. */
export interface DecoderLimits {
  /** The farthest that a match may reach back, in bytes. It bounds the memory; a larger dictionary in a header counts only where the data use it. */
  readonly dictionaryBytes: number;
}

/** `xz -9` has dictionaries of 64 MiB, `zstd --long=27` windows of 128 MiB; zstd itself refuses more unless it is told otherwise. */
export const DECODER_LIMITS: DecoderLimits = { dictionaryBytes: 128 * 1024 * 1024 };

/** The compressed bytes that a decoder has got so far: the offset for its errors. */
export interface Place {
  at: number;
}

/** What a decoder asks of its driver: so many bytes, or the first four bytes of another stream, of which there may be none. */
export type Wish = number | 'next stream';

/** A decoder's work: yields wishes, each answered by bytes that are valid until the next wish, and output chunks. */
export type Work = Generator<Wish | Uint8Array, void, Uint8Array>;

/** A part of the work that ends with a result. */
export type Part<T> = Generator<Wish | Uint8Array, T, Uint8Array>;

/** How many bytes say what a stream is. */
const MAGIC_SIZE = 4;
const NOTHING: Uint8Array = new Uint8Array();

/** The error for bytes that contradict the format, at the end of what was read. */
export function malformed(message: string, place: Place): BinspectError {
  return new BinspectError('malformed', message, { offset: place.at });
}

/** The error for what the format allows and the decoder does not know. */
export function unsupported(message: string, place: Place): BinspectError {
  return new BinspectError('unsupported', message, { offset: place.at });
}

/** The error for a match that reaches farther back than `dictionaryBytes` allows. */
export function tooFar(distance: number, limit: number, place: Place): BinspectError {
  return new BinspectError('limit-exceeded', `a match reaches ${distance} bytes back, the limit (dictionaryBytes) is ${limit}`, { offset: place.at });
}

/** A decoder whose work is a generator: hands it the bytes it wishes for, gathered where a piece of input ends inside them. */
export function drive(format: string, start: (place: Place) => Work): Decoder {
  const place: Place = { at: 0 };
  const work = start(place);
  let step = work.next();
  let gathered: Uint8Array = NOTHING;
  let filled = 0;
  let busy = false;

  function* run(bytes: Uint8Array, isLast: boolean): Generator<Uint8Array, void, undefined> {
    if (busy) throw new BinspectError('invalid-argument', 'the decoder failed before, or its output was not taken to the end');
    busy = true;
    let from = 0;
    while (step.done !== true) {
      const wish = step.value;
      if (typeof wish === 'object') {
        yield wish;
        step = work.next(NOTHING);
        continue;
      }
      const size = wish === 'next stream' ? MAGIC_SIZE : wish;
      let answer: Uint8Array;
      if (filled === 0 && bytes.length - from >= size) {
        answer = bytes.subarray(from, from + size);
        from += size;
      } else {
        const part = bytes.subarray(from, from + size - filled);
        if (gathered.length < size) gathered = grown(gathered, filled, size);
        gathered.set(part, filled);
        filled += part.length;
        from += part.length;
        if (filled < size && !isLast) break;
        if (filled < size && (filled > 0 || wish !== 'next stream')) {
          throw new BinspectError('truncated', `the ${format} data end after ${place.at + filled} bytes; ${size - filled} more are needed at least`, { offset: place.at + filled });
        }
        answer = gathered.subarray(0, filled);
        filled = 0;
      }
      place.at += answer.length;
      step = work.next(answer);
    }
    busy = isLast;
  }

  return { push: (bytes) => run(bytes, false), end: () => run(NOTHING, true) };
}

function grown(bytes: Uint8Array, filled: number, size: number): Uint8Array {
  const larger = new Uint8Array(Math.max(size, 2 * bytes.length));
  larger.set(bytes.subarray(0, filled));
  return larger;
}
