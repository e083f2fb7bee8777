// A range of another source: a member that lies plain in its archive.

import type { ByteSource } from './source.ts';

/** A part of a source as a source of its own. Nothing is copied. */
export class RangeSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #at: number;

  constructor(source: ByteSource, at: number, size: number) {
    this.#source = source;
    this.#at = at;
    this.size = size;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#source.read(this.#at + offset, Math.max(0, Math.min(length, this.size - offset)));
  }
}
