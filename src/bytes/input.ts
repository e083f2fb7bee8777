// The whole file as readers see it: ask for a range, get it. Readers are synchronous and may be run again; the drivers
// below fetch what a run found missing. So one text serves bytes, files, Blobs and anything else with positions.

import { BinspectError, hex } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { HEADER_FACTS, warningOf } from '../model/warning.ts';
import type { WarningCode, ListedWarning } from '../model/warning.ts';
import { Bytes, chunkOf } from './bytes.ts';
import type { Chunk, Encoding } from './bytes.ts';
import type { Stretch } from './search.ts';
import { readFrom } from './source.ts';
import type { ByteSource, SyncSource } from './source.ts';
import { decodeText } from './text.ts';

/** A pure function over a file. It keeps nothing outside, prints nothing and catches nothing but BinspectError. */
export type Reader<T> = (input: Input) => T;

/** What a run asked for and was not here. Not an Error: no stack is taken, and nobody but the driver knows it. */
class MissingBytes {
  readonly at: number;
  readonly length: number;

  constructor(at: number, length: number) {
    this.at = at;
    this.length = length;
  }
}

/** A fetch that failed while a reader ran. Not an Error either: no reader may take it for damage that spoils a part of its answer. */
class FailedFetch {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** A stretch of the file that has been fetched. */
interface Window {
  readonly start: number;
  readonly end: number;
  readonly chunk: Chunk;
}

/** What came of a stretch that was asked for. Throws `truncated` where it is less. */
function windowOf(start: number, length: number, chunk: Chunk, got: number = chunk.bytes.length): Window {
  if (got >= length) return { start, end: start + length, chunk };
  throw new BinspectError('truncated', `${length} bytes wanted at ${hex(start)}, only ${got} came: the file shrank while it was read`, { offset: start + got });
}

/** What has been fetched of one file, and what that cost. */
interface Fetched {
  windows: Window[];
  fetches: number;
  /** Bytes that are held. */
  bytes: number;
  /** What this run has asked for so far, in units of work: one for each read, and one for every 64 bytes. */
  work: number;
  /** How much wider than its place would have it the next fetch is to be, as a power of two: it grows with what a rerun costs. */
  widened: number;
  /** Gets what is not here, or throws. */
  readonly fetch: (at: number, length: number) => Window;
  /** What earlier runs have finished, with the warnings that came of it. */
  kept: Map<string, { readonly value: unknown; readonly warnings: readonly ListedWarning[]; readonly work: number }> | null;
}

function nothingFetched(fetch: Fetched['fetch'], windows: Window[] = []): Fetched {
  return { windows, fetches: 0, bytes: 0, work: 0, widened: 0, fetch, kept: null };
}

const PLAIN: Encoding = { little: true, wide: false };
const TEXT_CHUNK = 128; // most names are shorter
const MUCH = 8 * 1024 * 1024; // bytes of windows that may stay when a part is done with
const SMALL = 64 * 1024; // bytes of a window that stays even then: headers, which are asked for again

function letGo(fetched: Fetched): void {
  fetched.windows = fetched.windows.filter(({ start, end }) => end - start <= SMALL);
  fetched.bytes = fetched.windows.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** A file, or a part of one, during one run of a reader. */
export class Input {
  /** Bytes in all. */
  readonly size: number;
  readonly limits: Limits;
  readonly encoding: Encoding;
  /** What this run has found odd so far. */
  readonly warnings: ListedWarning[];
  /** Where in the file this input begins: a slice of a universal file begins later than the file. */
  readonly start: number;
  readonly #fetched: Fetched;

  constructor(fetched: Fetched, start: number, size: number, limits: Limits, encoding: Encoding, warnings: ListedWarning[]) {
    this.#fetched = fetched;
    this.start = start;
    this.size = size;
    this.limits = limits;
    this.encoding = encoding;
    this.warnings = warnings;
  }

  /** The same bytes, their numbers read in the file's own encoding. */
  encoded(encoding: Encoding): Input {
    return new Input(this.#fetched, this.start, this.size, this.limits, encoding, this.warnings);
  }

  /** A part as an input of its own, with warnings of its own; it must lie within this one. */
  part(at: number, size: number): Input {
    return new Input(this.#fetched, this.start + at, size, this.limits, this.encoding, []);
  }

  /** How many of `length` bytes from `at` the file has. */
  available(at: number, length: number): number {
    return Math.max(0, Math.min(length, this.size - at));
  }

  /** All of `length` bytes from `at`. Throws `truncated`, naming `what`, where the file ends before. */
  read(at: number, length: number, what: string): Bytes {
    if (at < 0 || at + length > this.size) throw this.#outside(at, length, what);
    const start = this.start + at;
    const window = this.#windowOf(start, length);
    return new Bytes(window.chunk, start - window.start, length, start, what, this.encoding);
  }

  #outside(at: number, length: number, what: string): BinspectError {
    return new BinspectError('truncated', `${what}: ${length} bytes wanted at ${hex(this.start + at)}, the ${this.start === 0 ? 'file' : 'slice'} ends at ${hex(this.start + this.size)}`, { offset: this.start + at });
  }

  #windowOf(start: number, length: number): Window {
    this.#fetched.work += 1 + length / 64;
    for (const window of this.#fetched.windows) if (start >= window.start && start + length <= window.end) return window;
    return this.#fetched.fetch(start, length);
  }

  /** As many of `length` bytes from `at` as the file has. */
  readUpTo(at: number, length: number, what: string): Bytes {
    return this.read(Math.min(Math.max(at, 0), this.size), this.available(at, length), what);
  }

  /**
   * The text from `at` to its NUL. Where there is none within `length` bytes (or the limit on strings, or the file), the
   * text ends there, and `complete` is false.
   */
  text(at: number, length: number, what: string): { text: string; complete: boolean } {
    if (at < 0) throw this.#outside(at, length, what);
    const most = this.available(at, Math.min(length, this.limits.stringBytes));
    if (most === 0) return { text: '', complete: false };
    const start = this.start + at;
    for (let size = Math.min(TEXT_CHUNK, most); ; size = Math.min(size * 4, most)) {
      const window = this.#windowOf(start, size);
      const { bytes } = window.chunk;
      const from = start - window.start;
      let end = from;
      while (end < from + size && bytes[end] !== 0) end++;
      if (end < from + size) return { text: decodeText(bytes, from, end), complete: true };
      if (size < most) continue;
      if (most === this.limits.stringBytes && most < this.available(at, length)) this.warn('limit-exceeded', `${what}: the text is cut after ${most} bytes`, at);
      return { text: decodeText(bytes, from, end), complete: false };
    }
  }

  /**
   * Notes something odd that spoils at most a part of the answer. `at` counts from this input's start; `doubts` are the facts that it puts
   * in doubt, where they are not those of its code.
   */
  warn(code: WarningCode, message: string, at: number | null = null, doubts?: readonly string[]): void {
    if (this.warnings.length < this.limits.warnings) {
      this.warnings.push(warningOf(code, message, at === null ? null : this.start + at, doubts));
    } else if (this.warnings.length === this.limits.warnings) {
      this.warnings.push(warningOf('limit-exceeded', `more than ${this.limits.warnings} warnings; the rest are left out`, null, HEADER_FACTS));
    }
  }

  /**
   * What `read` gives, kept for the runs to come under a name of its own: for what large tables become, so that a file that needs many
   * fetches does not have them read as often. It has to be plain data, and to follow from this input's bytes alone.
   */
  once<T>(name: string, read: () => T): T {
    const key = `${this.start} ${this.size} ${name}`;
    const kept = this.#fetched.kept?.get(key);
    if (kept !== undefined) {
      this.#fetched.work += kept.work; // so that a run that repeats itself fetches what one that does not would
      for (const { code, message, offset, doubts } of kept.warnings) this.warn(code, message, offset === null ? null : offset - this.start, doubts);
      return kept.value as T;
    }
    const before = this.warnings.length;
    const done = this.#fetched.work;
    const value = read();
    this.#fetched.kept ??= new Map();
    this.#fetched.kept.set(key, { value, warnings: this.warnings.slice(before), work: this.#fetched.work - done });
    return value;
  }

  /** As `once`, for a part of the file that is done with then: large stretches that were fetched for it are let go, so that parts don't add up. */
  finish<T>(name: string, read: () => T): T {
    return this.once(name, () => {
      const value = read();
      if (this.#fetched.bytes > MUCH) letGo(this.#fetched);
      return value;
    });
  }

  /** What `read` gives, or null with its error as a warning: for what spoils only a part of the answer. */
  attempt<T>(read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof BinspectError)) throw error;
      this.warn(error.code, error.message, error.offset === undefined ? null : error.offset - this.start);
      return null;
    }
  }
}

const WHOLE = 4; // windows: a file of up to so many is fetched at once
const DEAR = 16_384; // units of work, a millisecond or two: more than a fetch costs
const VERY_DEAR = 131_072;

/**
 * The stretch to fetch for what was missing: whole windows around it. A file that needs many fetches gets wider windows,
 * so that one with its strings strewn all over costs few reads more. Where it takes much work to get to what is missing, which
 * the reader repeats after the fetch, they soon hold all of the file that may be held.
 */
function plan({ at, length }: Stretch, fetched: Fetched, size: number, limits: Limits): Stretch {
  fetched.widened += fetched.work > VERY_DEAR ? 6 : fetched.work > DEAR ? 2 : 0;
  const usual = limits.windowBytes * 2 ** Math.min(6, Math.floor(fetched.fetches / 8));
  const affordable = size <= limits.fetchedBytes ? size : limits.fetchedBytes / 4 - fetched.bytes;
  const window = fetched.widened === 0 ? usual : Math.max(usual, Math.min(usual * 2 ** Math.min(fetched.widened, 24), affordable));
  const last = Math.ceil((at + length) / window) * window;
  const small = size <= WHOLE * window && (fetched.widened === 0 || size <= limits.fetchedBytes);
  const end = small || size - last <= window ? size : last;
  const first = small ? 0 : Math.min(Math.floor(at / window) * window, end - window); // the file's last window is a whole one too
  const start = fetched.widened === 0 ? first : behindHeld(fetched.windows, first, at);
  fetched.windows = fetched.windows.filter((held) => held.start < start || held.end > end);
  fetched.fetches++;
  fetched.bytes = fetched.windows.reduce((sum, held) => sum + held.end - held.start, end - start);
  if (fetched.fetches > limits.fetches) {
    throw new BinspectError('limit-exceeded', `more than ${limits.fetches} reads are needed`, { offset: at });
  }
  if (fetched.bytes > limits.fetchedBytes) {
    throw new BinspectError('limit-exceeded', `more than ${limits.fetchedBytes} bytes would have to be held`, { offset: at });
  }
  return { at: start, length: end - start };
}

/** Where to begin so that what is held already is not fetched again: behind the windows that follow one another from `start`, as far as `at`. */
function behindHeld(windows: readonly Window[], start: number, at: number): number {
  let edge = start;
  for (const held of windows.toSorted((a, b) => a.start - b.start)) if (held.start <= edge && held.end > edge && held.end <= at) edge = held.end;
  return edge;
}

/** For bytes that are all here, and for a source that takes its time: the driver gets what is missing, and runs the reader again. */
function nothingMore(at: number, length: number): never {
  throw new MissingBytes(at, length);
}

/** Runs a reader over bytes that are all here. */
export function readBytes<T>(bytes: Uint8Array, reader: Reader<T>, limits: Limits): T {
  const whole = windowOf(0, bytes.length, chunkOf(bytes));
  return reader(new Input(nothingFetched(nothingMore, [whole]), 0, bytes.length, limits, PLAIN, []));
}

/** A part of a file, and where in it that lies. */
export interface FilePart {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * Runs a reader over parts of a file, in order, where the rest is not held. Throws `limit-exceeded` where it needs what lies outside of them.
 */
export function readParts<T>(parts: readonly FilePart[], size: number, reader: Reader<T>, limits: Limits): T {
  const windows = parts.map(({ at, bytes }) => windowOf(at, bytes.length, chunkOf(bytes)));
  const fetch = (at: number, length: number): never => {
    throw new BinspectError('limit-exceeded', `${length} bytes at ${hex(at)} are not held: the member has ${size} bytes`, { offset: at });
  };
  return reader(new Input(nothingFetched(fetch, windows), 0, size, limits, PLAIN, []));
}

const SPARE_BYTES = 4 * 8 * 1024; // what `plan` asks for at most, until a file needs many reads
const MOST_SPARES = 4; // one file in a hundred needs more

/** Memory of windows that are done with: what a reader returns is numbers and texts, never bytes of a window. */
const spares: Chunk[] = [];

/** Fetches a stretch; into spare memory where the source can, as making an array costs more than filling it. */
function fetchSync(source: SyncSource, { at, length }: Stretch, lent: Chunk[]): Window {
  if (source.fillSync === undefined || length > SPARE_BYTES) return windowOf(at, length, chunkOf(source.readSync(at, length)));
  const chunk = spares.pop() ?? chunkOf(new Uint8Array(SPARE_BYTES));
  lent.push(chunk);
  return windowOf(at, length, chunk, source.fillSync(chunk.bytes, at, length));
}

/** Runs a reader over a source that answers at once. It is run once only: what is missing is fetched where it is asked for. */
export function readSync<T>(source: SyncSource, reader: Reader<T>, limits: Limits): T {
  const lent: Chunk[] = [];
  const fetched: Fetched = nothingFetched((at, length) => {
    try {
      const window = fetchSync(source, plan({ at, length }, fetched, source.size, limits), lent);
      fetched.windows.unshift(window); // what was fetched last is asked for next
      return window;
    } catch (error) {
      throw new FailedFetch(error);
    }
  });
  try {
    return reader(new Input(fetched, 0, source.size, limits, PLAIN, []));
  } catch (thrown) {
    throw thrown instanceof FailedFetch ? thrown.error : thrown;
  } finally {
    while (lent.length > 0 && spares.length < MOST_SPARES) spares.push(lent.pop() as Chunk);
  }
}

/** Runs a reader over any source, and again after each fetch. `signal` is looked at before every read. */
export async function readAsync<T>(source: ByteSource, reader: Reader<T>, limits: Limits, signal?: AbortSignal): Promise<T> {
  const fetched: Fetched = nothingFetched(nothingMore);
  for (;;) {
    let missing: MissingBytes;
    fetched.work = 0;
    try {
      return reader(new Input(fetched, 0, source.size, limits, PLAIN, []));
    } catch (thrown) {
      if (!(thrown instanceof MissingBytes)) throw thrown;
      missing = thrown;
    }
    const { at, length } = plan(missing, fetched, source.size, limits);
    fetched.windows.unshift(windowOf(at, length, chunkOf(await readFrom(source, at, length, signal))));
  }
}
