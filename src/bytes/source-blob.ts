// A Blob, or a File that a person chose on a page, as a source.

import { BinspectError } from '../errors.ts';
import type { ByteSource } from './source.ts';

/** A Blob's bytes at positions. A read rejects with `io` where the file behind it has changed or gone since it was chosen. */
export class BlobSource implements ByteSource {
  readonly size: number;
  readonly #blob: Blob;

  constructor(blob: Blob) {
    this.#blob = blob;
    this.size = blob.size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    try {
      return new Uint8Array(await this.#blob.slice(offset, offset + length).arrayBuffer());
    } catch (error) {
      throw new BinspectError('io', `a Blob can't be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}
