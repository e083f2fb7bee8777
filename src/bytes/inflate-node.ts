// Node's zlib, without its framing: it takes whatever follows a gzip member for another one, and loses good output over it.

import type { InflateRaw } from 'node:zlib';
import { BinspectError } from '../errors.ts';
import type { Codecs } from './codecs.ts';
import { runningDigest } from './digest.ts';
import type { Flow } from './flow.ts';

const OUTPUT = 256 * 1024; // bytes of one piece of output: 16 KiB take half as long again, and 1 MiB no less
const INPUT = 256 * 1024;
const AHEAD = 1024 * 1024; // output that may wait: enough to inflate while others hash

/** Node's module, taken when something is inflated. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}

function failure(error: NodeJS.ErrnoException): BinspectError {
  if (error.code === 'Z_BUF_ERROR') return new BinspectError('truncated', 'the compressed data end too early', { cause: error });
  return new BinspectError('malformed', `the compressed data are damaged: ${error.message}`, { cause: error });
}

/** A stream of zlib's, fed by hand: it is given input only when its output is wanted, so nobody reads from the flow behind the caller's back. */
class Inflater {
  readonly #stream: InflateRaw = zlib().createInflateRaw({ chunkSize: OUTPUT });
  readonly #output: Uint8Array[] = [];
  #waiting = 0; // bytes of `output`
  #busy = false; // whether input is being worked on
  #ended = false;
  #error: BinspectError | null = null;
  #wake: () => void = () => {};

  constructor() {
    this.#stream.on('data', (bytes: Uint8Array) => {
      this.#output.push(bytes);
      this.#waiting += bytes.length;
      if (this.#waiting >= AHEAD) this.#stream.pause();
      this.#wake();
    });
    this.#stream.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
    this.#stream.on('error', (error) => {
      this.#error = failure(error);
      this.#wake();
    });
  }

  /** The next output that is ready; null where there is none yet. */
  take(): Uint8Array | null {
    const bytes = this.#output.shift();
    if (bytes === undefined) return null;
    this.#waiting -= bytes.length;
    if (this.#waiting < AHEAD && this.#stream.isPaused()) this.#stream.resume();
    return bytes;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Bytes of input that the stream has used. */
  get used(): number {
    return this.#stream.bytesWritten;
  }

  give(bytes: Uint8Array): void {
    this.#busy = true;
    const done = (): void => {
      this.#busy = false;
      this.#wake();
    };
    if (bytes.length === 0) this.#stream.end();
    else this.#stream.write(bytes, done);
  }

  /** Waits for output, for the end, or until more input is wanted. */
  async wait(): Promise<void> {
    if (this.#error === null) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#error !== null) throw this.#error;
  }

  close(): void {
    this.#stream.destroy();
  }
}

async function* inflate(flow: Flow): AsyncGenerator<Uint8Array, void, undefined> {
  const inflater = new Inflater();
  let given = 0;
  let last: Uint8Array = new Uint8Array(0);
  try {
    for (;;) {
      const output = inflater.take();
      if (output !== null) yield output;
      else if (inflater.ended) break;
      else if (inflater.busy || inflater.used < given) await inflater.wait(); // what it has left unused lies behind the stream's end
      else {
        last = await flow.chunk(INPUT);
        given += last.length;
        inflater.give(last);
        await inflater.wait();
      }
    }
  } finally {
    inflater.close();
  }
  flow.unread(last.subarray(last.length - (given - inflater.used)));
}

/** Bytes of input that are tried first: what they give is bounded by deflate itself, at 1,032 times as much. */
const START = 1024;
const LATER_START = 8 * START; // for data that don't compress

function inflateStart(bytes: Uint8Array, most: number): Uint8Array {
  const { inflateRawSync, constants } = zlib();
  const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: Math.max(2 * most, 1024) };
  try {
    const first = inflateRawSync(bytes.subarray(0, START), options);
    const output = first.length >= most || bytes.length <= START ? first : inflateRawSync(bytes.subarray(0, LATER_START), options);
    return output.subarray(0, most);
  } catch (error) {
    throw failure(error as NodeJS.ErrnoException);
  }
}

/** What Node brings for archives. */
export const NODE_CODECS: Codecs = {
  inflate,
  inflateStart,
  crc32: (bytes, before) => zlib().crc32(bytes, before),
  sha256: runningDigest,
  zstd: null,
};
