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

  /** Fewer bytes than are asked for where the range or the source ends: a member may be said to be longer than its archive. */
  read(offset: number, length: number): Promise<Uint8Array> {
    const at = this.#at + offset;
    const there = Math.min(length, this.size - offset, this.#source.size - at);
    return there <= 0 ? Promise.resolve(new Uint8Array(0)) : this.#source.read(at, there);
  }
}
