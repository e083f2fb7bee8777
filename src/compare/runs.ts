// Two stretches of equal length held against one another: in order, in chunks, each byte read once; and how far two of different lengths are alike.

import { readFrom } from '../bytes/source.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';

const CHUNK = 1024 * 1024; // bytes of each file that are held at once
const LEAST = 4096; // bytes that are read at least
const JOINED = 8; // equal bytes that a run may have between two that differ
const SAMPLE = 32; // bytes of a run that are kept

/** Gives the bytes of a source at a position, at most `CHUNK` of them. */
export type Read = (at: number, length: number) => Promise<Uint8Array>;

/**
 * Reads ahead as long as it is asked in order, twice as far each time; where it is asked for another place, no more than that. So what is read is
 * bounded by what is asked for, in whatever order that comes.
 */
export function readAhead(source: ByteSource, signal: AbortSignal | undefined): Read {
  let start = 0;
  let held: Uint8Array = new Uint8Array(0);
  let step = LEAST;
  return async (at, length) => {
    const end = start + held.length;
    if (at >= start && at + length <= end) return held.subarray(at - start, at - start + length);
    step = at >= start && at <= end + LEAST ? Math.min(CHUNK, 2 * step) : LEAST;
    const wanted = Math.min(Math.max(length, step), source.size - at);
    held = await readFrom(source, at, wanted, signal);
    start = at;
    if (held.length < length) throw new BinspectError('truncated', `the file shrank while it was read: it had ${source.size} bytes and ended at ${at + held.length}`, { offset: at + held.length });
    return held.subarray(0, length);
  };
}

/** Words of four bytes over the same memory, where they lie on a boundary of four. */
function wordsOf(bytes: Uint8Array): Int32Array | null {
  return bytes.byteOffset % 4 === 0 ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2) : null;
}

/** The first position from `from` on at which two arrays of one length differ; their length where they don't. */
export function firstDifference(x: Uint8Array, y: Uint8Array, from: number): number {
  let at = from;
  const { length } = x;
  const [a, b] = [wordsOf(x), wordsOf(y)];
  if (a !== null && b !== null && length - at > 16) {
    while (at % 4 !== 0) {
      if (x[at] !== y[at]) return at;
      at++;
    }
    let word = at >> 2;
    const words = a.length;
    while (word < words && a[word] === b[word]) word++;
    at = word << 2;
  }
  while (at < length && x[at] === y[at]) at++;
  return at;
}

/** A run as it is found: positions count from the start of the stretch. */
export interface FoundRun {
  readonly start: number;
  readonly end: number;
  /** How many of its bytes differ. */
  readonly differing: number;
  readonly a: Uint8Array;
  readonly b: Uint8Array;
}

/** Hands out the runs of a stretch of both files, in order. */
export async function eachRun(readA: Read, readB: Read, atA: number, atB: number, size: number, visit: (run: FoundRun) => void): Promise<void> {
  let open: { start: number; end: number; differing: number; a: number[]; b: number[] } | null = null;
  const close = (): void => {
    if (open !== null) visit({ start: open.start, end: open.end, differing: open.differing, a: Uint8Array.from(open.a.slice(0, open.end - open.start)), b: Uint8Array.from(open.b.slice(0, open.end - open.start)) });
    open = null;
  };
  for (let done = 0; done < size; done += CHUNK) {
    const length = Math.min(CHUNK, size - done);
    const [x, y] = await Promise.all([readA(atA + done, length), readB(atB + done, length)]);
    if (open !== null) sample(open, x, y, 0);
    for (let at = firstDifference(x, y, 0); at < length; at = firstDifference(x, y, at)) {
      const from = done + at;
      if (open !== null && from - (open as { end: number }).end > JOINED) close();
      if (open === null) {
        open = { start: from, end: from, differing: 0, a: [], b: [] };
        sample(open, x, y, at);
      }
      const first = at;
      while (at < length && x[at] !== y[at]) at++;
      open.end = done + at;
      open.differing += at - first;
    }
  }
  close();
}

function sample(run: { a: number[]; b: number[] }, x: Uint8Array, y: Uint8Array, from: number): void {
  const to = Math.min(x.length, from + SAMPLE - run.a.length);
  for (let at = from; at < to; at++) {
    run.a.push(x[at] as number);
    run.b.push(y[at] as number);
  }
}

/** How many bytes two stretches of different lengths have in common at their beginnings, and behind that at their ends. */
export async function commonEnds(readA: Read, readB: Read, a: { offset: number; size: number }, b: { offset: number; size: number }): Promise<{ start: number; end: number }> {
  const shorter = Math.min(a.size, b.size);
  let start = 0;
  while (start < shorter) {
    const length = Math.min(CHUNK, shorter - start);
    const [x, y] = await Promise.all([readA(a.offset + start, length), readB(b.offset + start, length)]);
    const same = firstDifference(x, y, 0);
    start += same;
    if (same < length) break;
  }
  let end = 0;
  for (let step = LEAST; end < shorter - start; step = Math.min(CHUNK, 2 * step)) {
    const length = Math.min(step, shorter - start - end);
    const [x, y] = await Promise.all([readA(a.offset + a.size - end - length, length), readB(b.offset + b.size - end - length, length)]);
    let same = 0;
    while (same < length && x[length - 1 - same] === y[length - 1 - same]) same++;
    end += same;
    if (same < length) break;
  }
  return { start, end };
}
