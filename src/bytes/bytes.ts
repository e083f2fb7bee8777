// A range of bytes that are here, and a cursor that reads structures from it in the order of the format's document.

import { decodeText } from './text.ts';

/** How a file writes its numbers; set once for each file. */
export interface Encoding {
  readonly little: boolean;
  /** Whether words and addresses have 64 bits. */
  readonly wide: boolean;
}

/** Bytes that are here. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** The same bytes; made once, as making one costs more than ten numbers read through it. */
  readonly view: DataView;
}

export function chunkOf(bytes: Uint8Array): Chunk {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** Pieces one behind the other, in memory of their own. */
export function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** The next multiple of `to`, or the value where it is one. */
export function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

const HIGHEST = 0x1f_ffff; // the upper half of 2^53 - 1

/**
 * Bytes of a file: a range of a chunk that many ranges share. Positions count from the range's start, and the caller keeps within
 * `size`: structures are read whole, and only the range is checked, when it is asked for.
 */
export class Bytes {
  readonly size: number;
  readonly encoding: Encoding;
  /** Where in the file this range begins. */
  readonly offset: number;
  /** What the range holds, for messages. */
  readonly what: string;
  private readonly chunk: Chunk;
  private readonly view: DataView;
  private readonly start: number;
  private readonly little: boolean;

  /** `size` bytes from `start` of a chunk, which lie at `offset` of the file. */
  constructor(chunk: Chunk, start: number, size: number, offset: number, what: string, encoding: Encoding) {
    this.chunk = chunk;
    this.view = chunk.view;
    this.start = start;
    this.size = size;
    this.offset = offset;
    this.what = what;
    this.encoding = encoding;
    this.little = encoding.little;
  }

  u8(at: number): number {
    return this.view.getUint8(this.start + at);
  }

  u16(at: number): number {
    return this.view.getUint16(this.start + at, this.little);
  }

  u32(at: number): number {
    return this.view.getUint32(this.start + at, this.little);
  }

  u64(at: number): bigint {
    return this.view.getBigUint64(this.start + at, this.little);
  }

  /**
   * An offset, a size or a count of the file's width. Beyond 2^53 - 1 it reads as 2^53 - 1: no file is that large, so
   * every bounds check refuses it, and the fact that needs it fails where it is used, not the whole header.
   */
  word(at: number): number {
    return this.encoding.wide ? joined(this.u32(this.little ? at : at + 4), this.u32(this.little ? at + 4 : at)) : this.u32(at);
  }

  /** An address of the file's width. */
  address(at: number): bigint {
    return this.encoding.wide ? this.u64(at) : BigInt(this.u32(at));
  }

  /** The bytes themselves, not copied. */
  bytes(at = 0, length: number = this.size - at): Uint8Array {
    const { buffer, byteOffset } = this.view;
    return new Uint8Array(buffer, byteOffset + this.start + at, length);
  }

  slice(at: number, length: number, what: string = this.what): Bytes {
    return new Bytes(this.chunk, this.start + at, length, this.offset + at, what, this.encoding);
  }

  /** The text from `at` to the next NUL, or to the end of the range or of `length` bytes. */
  text(at = 0, length: number = this.size - at): string {
    const { bytes } = this.chunk;
    const start = this.start + at;
    const limit = start + Math.min(length, this.size - at);
    let end = start;
    while (end < limit && bytes[end] !== 0) end++;
    return decodeText(bytes, start, end);
  }

  /** Whether an ASCII text stands at a position. */
  begins(at: number, text: string): boolean {
    if (at + text.length > this.size) return false;
    const { bytes } = this.chunk;
    for (let i = 0; i < text.length; i++) if (bytes[this.start + at + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  cursor(at = 0): Cursor {
    return new Cursor(this, this.view, this.start, at);
  }
}

/** Reads fields one after the other, so that no offset of a structure is ever written down. */
export class Cursor {
  readonly bytes: Bytes;
  readonly wide: boolean;
  /** Counts from the start of `bytes`. */
  at: number;
  private readonly view: DataView;
  private readonly start: number;
  private readonly little: boolean;
  /** Where in a 64-bit word its lower half stands: 0 or 4. */
  private readonly lower: number;

  /** To be had from `Bytes.cursor`. What it reads, it reads without a detour: this is where an inspection spends its time. */
  constructor(bytes: Bytes, view: DataView, start: number, at: number) {
    const { little, wide } = bytes.encoding;
    this.bytes = bytes;
    this.wide = wide;
    this.at = at;
    this.view = view;
    this.start = start;
    this.little = little;
    this.lower = little ? 0 : 4;
  }

  u8(): number {
    return this.view.getUint8(this.start + this.at++);
  }

  u16(): number {
    const at = this.start + this.at;
    this.at += 2;
    return this.view.getUint16(at, this.little);
  }

  u32(): number {
    const at = this.start + this.at;
    this.at += 4;
    return this.view.getUint32(at, this.little);
  }

  u64(): bigint {
    const at = this.start + this.at;
    this.at += 8;
    return this.view.getBigUint64(at, this.little);
  }

  /** As `Bytes.word`. */
  word(): number {
    if (!this.wide) return this.u32();
    const at = this.start + this.at;
    this.at += 8;
    const low = this.view.getUint32(at + this.lower, this.little);
    const high = this.view.getUint32(at + 4 - this.lower, this.little);
    return high === 0 ? low : joined(low, high);
  }

  address(): bigint {
    return this.wide ? this.u64() : BigInt(this.u32());
  }

  skip(length: number): void {
    this.at += length;
  }

  /** Passes over a word or an address. */
  skipWord(): void {
    this.at += this.wide ? 8 : 4;
  }
}

/** 64 bits as a number: see `Bytes.word`. */
function joined(low: number, high: number): number {
  return high > HIGHEST ? Number.MAX_SAFE_INTEGER : high * 2 ** 32 + low;
}
