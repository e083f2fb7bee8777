// What bytes come from. Anything that can say its size and hand over a range is a source.

import { refuseAborted } from '../errors.ts';

/** Bytes at positions, asynchronously: a file, a Blob, a range of an HTTP resource, an entry of an archive. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /**
   * The `length` bytes from `offset`; it is never asked for more than `size` says there are. Where it rejects, and where what comes are
   * other than that many bytes, whoever asked rejects with `io`, whose cause is what went wrong.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Reads from a source. Throws `aborted` where the signal has fired, before the read or while it was under way. */
export async function readFrom(source: ByteSource, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
  refuseAborted(signal);
  try {
    return await source.read(offset, length);
  } catch (error) {
    refuseAborted(signal);
    throw error;
  }
}

/** The same, at once: bytes in memory, a local file. */
export interface SyncSource {
  readonly size: number;
  readSync(offset: number, length: number): Uint8Array;
  /** The same into bytes of the caller's; gives how many came. Where it is missing, `readSync` is cheap: nothing is copied. */
  fillSync?(bytes: Uint8Array, offset: number, length: number): number;
}

/** Bytes in memory, as both kinds of source. The bytes are neither copied nor changed. */
export class MemorySource implements ByteSource, SyncSource {
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  readSync(offset: number, length: number): Uint8Array {
    return this.#bytes.subarray(offset, offset + length);
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(this.readSync(offset, length));
  }
}
