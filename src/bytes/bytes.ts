// A range of bytes that are here, and a cursor that reads structures from it in the order of the format's document.

import { decodeText } from './text.ts';

/** How a file writes its numbers; set once for each file. */
export interface Encoding {
  readonly little: boolean;
  /** Whether words and addresses have 64 bits. */
  readonly wide: boolean;
}

const HIGHEST = 0x1f_ffff; // the upper half of 2^53 - 1

/** Bytes of a file. Positions count from the range's start; the caller keeps within `size`, and a RangeError here is a bug. */
export class Bytes {
  readonly size: number;
  readonly encoding: Encoding;
  /** Where in the file this range begins. */
  readonly offset: number;
  /** What the range holds, for messages. */
  readonly what: string;
  readonly #view: DataView;

  constructor(view: DataView, offset: number, what: string, encoding: Encoding) {
    this.#view = view;
    this.size = view.byteLength;
    this.offset = offset;
    this.what = what;
    this.encoding = encoding;
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.encoding.little);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.encoding.little);
  }

  u64(at: number): bigint {
    return this.#view.getBigUint64(at, this.encoding.little);
  }

  /**
   * An offset, a size or a count of the file's width. Beyond 2^53 - 1 it reads as 2^53 - 1: no file is that large, so
   * every bounds check refuses it, and the fact that needs it fails where it is used, not the whole header.
   */
  word(at: number): number {
    if (!this.encoding.wide) return this.u32(at);
    const low = this.u32(this.encoding.little ? at : at + 4);
    const high = this.u32(this.encoding.little ? at + 4 : at);
    return high > HIGHEST ? Number.MAX_SAFE_INTEGER : high * 2 ** 32 + low;
  }

  /** An address of the file's width. */
  address(at: number): bigint {
    return this.encoding.wide ? this.u64(at) : BigInt(this.u32(at));
  }

  /** The bytes themselves, not copied. */
  bytes(at = 0, length: number = this.size - at): Uint8Array {
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length);
  }

  slice(at: number, length: number, what: string = this.what): Bytes {
    return new Bytes(new DataView(this.#view.buffer, this.#view.byteOffset + at, length), this.offset + at, what, this.encoding);
  }

  /** The text from `at` to the next NUL, or to the end of the range or of `length` bytes. */
  text(at = 0, length: number = this.size - at): string {
    const bytes = this.bytes(at, Math.min(length, this.size - at));
    const end = bytes.indexOf(0);
    return decodeText(end === -1 ? bytes : bytes.subarray(0, end));
  }

  cursor(at = 0): Cursor {
    return new Cursor(this, at);
  }
}

/** Reads fields one after the other, so that no offset of a structure is ever written down. */
export class Cursor {
  readonly bytes: Bytes;
  readonly wide: boolean;
  at: number;

  constructor(bytes: Bytes, at: number) {
    this.bytes = bytes;
    this.wide = bytes.encoding.wide;
    this.at = at;
  }

  u8(): number {
    return this.bytes.u8(this.at++);
  }

  u16(): number {
    const value = this.bytes.u16(this.at);
    this.at += 2;
    return value;
  }

  u32(): number {
    const value = this.bytes.u32(this.at);
    this.at += 4;
    return value;
  }

  u64(): bigint {
    const value = this.bytes.u64(this.at);
    this.at += 8;
    return value;
  }

  word(): number {
    const value = this.bytes.word(this.at);
    this.at += this.wide ? 8 : 4;
    return value;
  }

  address(): bigint {
    const value = this.bytes.address(this.at);
    this.at += this.wide ? 8 : 4;
    return value;
  }

  skip(length: number): void {
    this.at += length;
  }
}
