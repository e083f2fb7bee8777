// The whole file as readers see it: ask for a range, get it. Readers are synchronous and may be run again; the drivers
// below fetch what a run found missing. So one text serves bytes, files, Blobs and anything else with positions.

import { BinspectError, hex } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Warning } from '../model/binary.ts';
import { Bytes } from './bytes.ts';
import type { Encoding } from './bytes.ts';
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

/** A stretch of the file that has been fetched. */
interface Window {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** What has been fetched of one file, and what that cost. */
interface Fetched {
  readonly windows: Window[];
  fetches: number;
  bytes: number;
}

const PLAIN: Encoding = { little: true, wide: false };
const TEXT_CHUNK = 128; // most names are shorter

/** A file, or a part of one, during one run of a reader. */
export class Input {
  /** Bytes in all. */
  readonly size: number;
  readonly limits: Limits;
  readonly encoding: Encoding;
  /** What this run has found odd so far. */
  readonly warnings: Warning[];
  /** Where in the file this input begins: a slice of a universal file begins later than the file. */
  readonly start: number;
  readonly #fetched: Fetched;

  constructor(fetched: Fetched, start: number, size: number, limits: Limits, encoding: Encoding, warnings: Warning[]) {
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
    if (at < 0 || at + length > this.size) {
      throw new BinspectError('truncated', `${what}: ${length} bytes wanted at ${hex(at)}, the file ends at ${hex(this.size)}`, {
        offset: this.start + at,
      });
    }
    const start = this.start + at;
    const end = start + length;
    for (const window of this.#fetched.windows) {
      if (start >= window.start && end <= window.end) {
        const { buffer, byteOffset } = window.bytes;
        return new Bytes(new DataView(buffer, byteOffset + start - window.start, length), start, what, this.encoding);
      }
    }
    throw new MissingBytes(start, length);
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
    const most = this.available(at, Math.min(length, this.limits.stringBytes));
    if (most === 0) return { text: '', complete: false };
    for (let size = Math.min(TEXT_CHUNK, most); ; size = Math.min(size * 4, most)) {
      const bytes = this.read(at, size, what).bytes();
      const end = bytes.indexOf(0);
      if (end !== -1) return { text: decodeText(bytes.subarray(0, end)), complete: true };
      if (size === most) return { text: decodeText(bytes), complete: false };
    }
  }

  /** Notes something odd that spoils at most a part of the answer. `at` counts from this input's start. */
  warn(code: string, message: string, at: number | null = null): void {
    if (this.warnings.length < this.limits.warnings) {
      this.warnings.push({ code, message, offset: at === null ? null : this.start + at });
    } else if (this.warnings.length === this.limits.warnings) {
      this.warnings.push({ code: 'limit-exceeded', message: `more than ${this.limits.warnings} warnings; the rest are left out`, offset: null });
    }
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

interface Step<T> {
  readonly value?: T;
  readonly missing: MissingBytes | null;
}

/** One run of a reader over what is here. The one place that knows of missing bytes. */
function step<T>(reader: Reader<T>, fetched: Fetched, size: number, limits: Limits): Step<T> {
  try {
    return { value: reader(new Input(fetched, 0, size, limits, PLAIN, [])), missing: null };
  } catch (thrown) {
    if (thrown instanceof MissingBytes) return { missing: thrown };
    throw thrown;
  }
}

/**
 * The stretch to fetch for what was missing: whole windows around it. A file that needs many fetches gets wider windows,
 * so that one with its strings strewn all over costs few reads more.
 */
function plan(missing: MissingBytes, fetched: Fetched, size: number, limits: Limits): { start: number; length: number } {
  const window = limits.windowBytes * 2 ** Math.min(6, Math.floor(fetched.fetches / 8));
  const start = Math.floor(missing.at / window) * window;
  const end = Math.min(size, Math.ceil((missing.at + missing.length) / window) * window);
  fetched.fetches++;
  fetched.bytes += end - start;
  if (fetched.fetches > limits.fetches) {
    throw new BinspectError('limit-exceeded', `more than ${limits.fetches} reads are needed`, { offset: missing.at });
  }
  if (fetched.bytes > limits.fetchedBytes) {
    throw new BinspectError('limit-exceeded', `more than ${limits.fetchedBytes} bytes would have to be read`, { offset: missing.at });
  }
  return { start, length: end - start };
}

function add(fetched: Fetched, start: number, length: number, bytes: Uint8Array): void {
  if (bytes.length < length) {
    throw new BinspectError('truncated', `${length} bytes wanted at ${hex(start)}, only ${bytes.length} came: the file shrank while it was read`, {
      offset: start + bytes.length,
    });
  }
  fetched.windows.unshift({ start, end: start + length, bytes }); // what was fetched last is asked for next
}

/** Runs a reader over bytes that are all here. */
export function readBytes<T>(bytes: Uint8Array, reader: Reader<T>, limits: Limits): T {
  const whole: Window = { start: 0, end: bytes.length, bytes };
  return reader(new Input({ windows: [whole], fetches: 0, bytes: 0 }, 0, bytes.length, limits, PLAIN, []));
}

/** Runs a reader over a source that answers at once. */
export function readSync<T>(source: SyncSource, reader: Reader<T>, limits: Limits): T {
  const fetched: Fetched = { windows: [], fetches: 0, bytes: 0 };
  for (;;) {
    const { value, missing } = step(reader, fetched, source.size, limits);
    if (missing === null) return value as T;
    const { start, length } = plan(missing, fetched, source.size, limits);
    add(fetched, start, length, source.readSync(start, length));
  }
}

/** Runs a reader over any source. `signal` is looked at before every read. */
export async function readAsync<T>(source: ByteSource, reader: Reader<T>, limits: Limits, signal?: AbortSignal): Promise<T> {
  const fetched: Fetched = { windows: [], fetches: 0, bytes: 0 };
  for (;;) {
    const { value, missing } = step(reader, fetched, source.size, limits);
    if (missing === null) return value as T;
    const { start, length } = plan(missing, fetched, source.size, limits);
    if (signal?.aborted === true) throw new BinspectError('aborted', 'aborted', { cause: signal.reason });
    add(fetched, start, length, await source.read(start, length));
  }
}
