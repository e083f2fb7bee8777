// Go's build information as Go's own reader finds and decodes it: debug/buildinfo of Go 1.27, over any container.

import { align } from '../bytes/bytes.ts';
import { CHUNK, find, needle, wanted } from '../bytes/search.ts';
import type { Needle, Scan } from '../bytes/search.ts';
import type { GoView } from './image.ts';
import { unframed } from './modules.ts';

/** What Go's reader says where it has no answer. */
export const GO_SAYS = { UNRECOGNIZED: 'unrecognized file format', NOT_GO: 'not a Go executable' } as const;

/** What the linker's blob begins with. */
export const MAGIC: Needle = needle('\xff Go buildinf:');
/** Bytes of the blob's header, and what its address is a multiple of. */
export const HEADER_SIZE = 32;
export const ALIGNMENT = 16;

/** What the blob says. */
export interface StoredBuildInfo {
  /** The version of Go; never empty, otherwise any bytes. */
  readonly version: Uint8Array;
  /** The module text without its frame; empty where there is none. */
  readonly modules: Uint8Array;
  /** Bytes of the same with its frame. */
  readonly framedLength: number;
  /** The blob's address. */
  readonly address: bigint;
  /** Where in the image the framed text stands, where that is the blob itself; null where the blob points at the program's own. */
  readonly textAt: number | null;
}

/** What a search may cost. */
export interface BuildInfoBounds {
  /** Bytes in which the blob is searched. */
  readonly searched: number;
  /** Bytes of a version, and of a module text. */
  readonly text: number;
  /** Told what a text has more than that. */
  readonly onTooLong?: (length: bigint) => void;
}

/** An image's memory as Go reads it, and the last bytes that came of it. */
interface Memory {
  readonly view: GoView;
  readonly bounds: BuildInfoBounds;
  at: number;
  bytes: Uint8Array;
}

/** Where an address lies in the file and how many bytes follow in its piece; or what Go says instead. */
function locate({ base, pieces }: GoView, address: bigint): { at: number; size: number } | string {
  const sought = BigInt.asUintN(64, address - base);
  for (const { first, last, offset, size, unreadable } of pieces) {
    if (sought < first || sought > last) continue;
    const into = sought - first;
    if (into >= BigInt(size)) return { at: offset, size: 0 };
    return unreadable ?? { at: offset + Number(into), size: size - Number(into) };
  }
  return GO_SAYS.UNRECOGNIZED;
}

/** Bytes of the file, from those that came last where they are among them. */
function* bytesAt(memory: Memory, at: number, length: number): Scan<Uint8Array> {
  if (at >= memory.at && at + length <= memory.at + memory.bytes.length) return memory.bytes.subarray(at - memory.at, at - memory.at + length);
  memory.bytes = yield* wanted(at, length);
  memory.at = at;
  return memory.bytes;
}

/** Up to `length` bytes from an address, at least one; or what Go says. */
function* readUpTo(memory: Memory, address: bigint, length: number): Scan<Uint8Array | string> {
  const place = locate(memory.view, address);
  if (typeof place === 'string') return place;
  const bytes = yield* bytesAt(memory, place.at, Math.min(length, place.size));
  return bytes.length === 0 ? GO_SAYS.NOT_GO : bytes;
}

/** All of `length` bytes from an address; or what Go says: nothing is made of a part. */
function* readWhole(memory: Memory, address: bigint, length: bigint): Scan<Uint8Array | string> {
  const place = locate(memory.view, address);
  if (typeof place === 'string') return place;
  if (length > BigInt(place.size)) return GO_SAYS.NOT_GO;
  if (length > BigInt(memory.bounds.text)) {
    memory.bounds.onTooLong?.(length);
    return GO_SAYS.NOT_GO;
  }
  const bytes = yield* bytesAt(memory, place.at, Number(length));
  return bytes.length < Number(length) ? GO_SAYS.NOT_GO : bytes;
}

/** Chunks that may come short of their bytes: a range of addresses can be made of any number of pieces. */
const MOST_GAPS = 1000;
/** Pieces that are looked at, one after the other for each chunk; an image has some tens. */
const MOST_LOOKS = 2 ** 23;

/**
 * The address of the first aligned magic. After one that is not aligned, Go 1.24 and later keep the address of the bytes they
 * began with, so that a hit behind it comes out too low: here too.
 */
function* findMagic(memory: Memory, { address, size }: { address: bigint; size: bigint }): Scan<bigint | string> {
  const end = address + size;
  if (end >= 2n ** 64n) return GO_SAYS.UNRECOGNIZED;
  const step = BigInt(ALIGNMENT);
  let start = BigInt.asUintN(64, ((address + step - 1n) / step) * step);
  const most = Math.min(memory.bounds.searched / CHUNK + MOST_GAPS, MOST_LOOKS / memory.view.pieces.length);
  for (let chunks = 0; start < end && chunks < most; chunks++) {
    const remaining = end - start;
    const length = remaining < BigInt(CHUNK) ? Number(remaining) : CHUNK;
    const read = yield* readUpTo(memory, start, length);
    if (typeof read === 'string') return read;
    for (let data = read; ; ) {
      const hit = find(data, MAGIC);
      if (hit === -1) break;
      if (remaining - BigInt(hit) < BigInt(HEADER_SIZE)) return GO_SAYS.NOT_GO;
      if (hit % ALIGNMENT === 0) return start + BigInt(hit);
      const next = align(hit, ALIGNMENT);
      if (next > data.length) return GO_SAYS.NOT_GO;
      data = data.subarray(next);
    }
    start += BigInt(length);
  }
  return GO_SAYS.NOT_GO;
}

const MOST_OF_A_LENGTH = 10; // bytes of the longest varint of 64 bits

/** A varint of at most 64 bits (encoding/binary.Uvarint) and its bytes; null where there is none. */
export function uvarint(bytes: Uint8Array): { value: bigint; size: number } | null {
  let value = 0n;
  for (const [index, byte] of bytes.subarray(0, MOST_OF_A_LENGTH).entries()) {
    if (index === MOST_OF_A_LENGTH - 1 && byte > 1) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value, size: index + 1 };
  }
  return null;
}

/** A text with its length before it. Ten bytes must be there for the length, however few it takes. */
function* readInline(memory: Memory, address: bigint): Scan<{ bytes: Uint8Array; end: bigint; at: number } | string> {
  const head = yield* readWhole(memory, address, BigInt(MOST_OF_A_LENGTH));
  if (typeof head === 'string') return head;
  const length = uvarint(head);
  if (length === null) return GO_SAYS.NOT_GO;
  const start = BigInt.asUintN(64, address + BigInt(length.size));
  const bytes = yield* readWhole(memory, start, length.value);
  if (typeof bytes === 'string') return bytes;
  const place = locate(memory.view, start);
  return { bytes, end: BigInt.asUintN(64, start + length.value), at: typeof place === 'string' ? -1 : place.at };
}

/** A number of 4 or 8 bytes, unsigned. */
export function wordAt(bytes: Uint8Array, at: number, size: number, little: boolean): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  return size === 4 ? BigInt(view.getUint32(0, little)) : view.getBigUint64(0, little);
}

/** A Go string by the address of its header (address and length); empty where any of it can't be read. */
function* readString(memory: Memory, address: bigint, size: number, little: boolean): Scan<Uint8Array> {
  const header = yield* readWhole(memory, address, BigInt(2 * size));
  if (typeof header === 'string') return new Uint8Array();
  const bytes = yield* readWhole(memory, wordAt(header, 0, size, little), wordAt(header, size, size, little));
  return typeof bytes === 'string' ? new Uint8Array() : bytes;
}

/** Flags of the blob's header. */
const FLAG = { BIG_ENDIAN: 1, INLINE: 2 } as const;
const POINTERS_AT = 16;

/** Finds and decodes the build information as Go does; or says what Go says instead. Positions count from the image's start. */
export function* readBuildInfo(view: GoView, bounds: BuildInfoBounds): Scan<StoredBuildInfo | string> {
  const memory: Memory = { view, bounds, at: 0, bytes: new Uint8Array() };
  if (view.data === null || view.data.size === 0n) return GO_SAYS.NOT_GO;
  const address = yield* findMagic(memory, view.data);
  if (typeof address === 'string') return address;
  const header = yield* readWhole(memory, address, BigInt(HEADER_SIZE));
  if (typeof header === 'string') return header;
  const size = header[14] as number;
  const flags = header[15] as number;
  let version: Uint8Array;
  let framed: Uint8Array;
  let textAt: number | null = null;
  if ((flags & FLAG.INLINE) !== 0) {
    const first = yield* readInline(memory, BigInt.asUintN(64, address + BigInt(HEADER_SIZE)));
    if (typeof first === 'string') return first;
    const second = yield* readInline(memory, first.end);
    if (typeof second === 'string') return second;
    version = first.bytes;
    framed = second.bytes;
    textAt = second.at;
  } else {
    if (size !== 4 && size !== 8) return GO_SAYS.NOT_GO;
    const little = (flags & FLAG.BIG_ENDIAN) === 0;
    version = yield* readString(memory, wordAt(header, POINTERS_AT, size, little), size, little);
    framed = yield* readString(memory, wordAt(header, POINTERS_AT + size, size, little), size, little);
  }
  if (version.length === 0) return GO_SAYS.NOT_GO;
  return { version, modules: unframed(framed), framedLength: framed.length, address, textAt };
}
