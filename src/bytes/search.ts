// Passes over large stretches of a file: in chunks, each read once, with an end that is known before.

import { readFrom } from './source.ts';
import type { ByteSource, SyncSource } from './source.ts';

/** A stretch of a source, in bytes. */
export interface Stretch {
  readonly at: number;
  readonly length: number;
}

/**
 * A pass: yields the stretch that it wants next, gets its bytes (fewer where the source ends), and returns what it found.
 * One text for sources that answer at once and for those that don't. For searches: structures are read through `Input`.
 */
export type Scan<T> = Generator<Stretch, T, Uint8Array>;

/** The bytes of a stretch; fewer where the source ends. */
export function* wanted(at: number, length: number): Scan<Uint8Array> {
  return length <= 0 ? new Uint8Array() : yield { at, length };
}

/** The part of a source that a scan gets to see. */
function within(part: Stretch, { at, length }: Stretch): Stretch {
  return { at: part.at + at, length: Math.max(0, Math.min(length, part.length - at)) };
}

/** Runs a scan over a part of a source that answers at once; positions count from the part's start. */
export function scanSync<T>(source: SyncSource, part: Stretch, scan: Scan<T>): T {
  let step = scan.next();
  while (step.done !== true) {
    const { at, length } = within(part, step.value);
    step = scan.next(length === 0 ? new Uint8Array() : source.readSync(at, length));
  }
  return step.value;
}

/** The same over any source. `signal` is looked at before every read. */
export async function scanAsync<T>(source: ByteSource, part: Stretch, scan: Scan<T>, signal?: AbortSignal): Promise<T> {
  let step = scan.next();
  while (step.done !== true) {
    const { at, length } = within(part, step.value);
    step = scan.next(length === 0 ? new Uint8Array() : await readFrom(source, at, length, signal));
  }
  return step.value;
}

/** Bytes that are looked for, with how far to move on by the byte that stands at their end (Horspool's rule). */
export interface Needle {
  readonly bytes: Uint8Array;
  readonly shifts: Uint8Array;
}

/** A needle of at most 255 bytes; of a text its characters' low bytes. */
export function needle(what: Uint8Array | string): Needle {
  const bytes = typeof what === 'string' ? Uint8Array.from(what, (character) => character.charCodeAt(0)) : what;
  const shifts = new Uint8Array(256).fill(bytes.length);
  for (let i = 0; i < bytes.length - 1; i++) shifts[bytes[i] as number] = bytes.length - 1 - i;
  return { bytes, shifts };
}

/** Where a needle first stands in bytes, from a position on; -1 where it doesn't. */
export function find(bytes: Uint8Array, { bytes: sought, shifts }: Needle, from = 0): number {
  const final = sought.length - 1;
  const last = sought[final] as number;
  for (let end = from + final; end < bytes.length; ) {
    const byte = bytes[end] as number;
    if (byte === last) {
      let i = final - 1;
      while (i >= 0 && bytes[end - final + i] === sought[i]) i--;
      if (i < 0) return end - final;
    }
    end += shifts[byte] as number;
  }
  return -1;
}

/** Bytes of one chunk: large enough to make reads few, small enough to hold. */
export const CHUNK: number = 1024 * 1024;

/**
 * Hands out a stretch in chunks. Each carries `overlap` bytes of the next, so that nothing up to that long is cut: `visit` gets
 * the bytes, where they lie, and how many of them no other chunk begins with. It ends the pass by returning true.
 */
export function* inChunks(
  { at: start, length }: Stretch,
  overlap: number,
  visit: (bytes: Uint8Array, at: number, own: number) => boolean | void,
): Scan<void> {
  const end = start + length;
  for (let at = start; at < end; at += CHUNK) {
    const bytes = yield { at, length: Math.min(CHUNK + overlap, end - at) };
    if (bytes.length === 0 || visit(bytes, at, Math.min(CHUNK, bytes.length)) === true) return;
  }
}
