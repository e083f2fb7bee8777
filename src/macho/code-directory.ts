// Code directories in full, and every blob of a signature: what is sealed, where each digest stands. Big-endian in every file. Nothing is checked here.

import type { Cursor } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { BinspectError, hex } from '../errors.ts';
import { CS_HASH, CS_MAGIC } from './constants.ts';
import type { DataRange } from './linkedit.ts';

/** CS_CodeDirectory with all that its version has. Positions count from the start of its blob. (xnu, osfmk/kern/cs_blobs.h) */
export interface FullCodeDirectory {
  /** The whole blob: what is hashed for the cdhash, and what a CMS message signs. */
  readonly bytes: Uint8Array;
  /** Where it lies in the image. */
  readonly range: DataRange;
  readonly version: number;
  readonly flags: number;
  /** Where code slot 0 stands; special slots stand before it. */
  readonly hashOffset: number;
  readonly identifier: string | null;
  readonly specialSlots: number;
  readonly codeSlots: number;
  /** Bytes of the image that the code slots cover. */
  readonly codeLimit: number;
  readonly hashSize: number;
  readonly hashType: number;
  /** A power of two; 0: one slot for all. */
  readonly pageSize: number;
  /** log2 of the page's size, as written. */
  readonly pageShift: number;
  readonly scatterOffset: number;
  readonly team: string | null;
  /** Flags of the segment that is run: 1 marks the main program. */
  readonly execSegmentFlags: bigint | null;
  /** The runtime's version, X.Y.Z in 16, 8 and 8 bits; null before version 0x20500. */
  readonly runtime: number | null;
  /** Where the slots of pages before encryption stand; 0 for none. */
  readonly preEncryptOffset: number;
  readonly linkageSize: number;
}

const FIRST_SIZE = 44; // what every version has

/** What versions added, and where that ends. */
const ADDED = {
  SCATTER: { version: 0x2_0100, end: 48 },
  TEAM: { version: 0x2_0200, end: 52 },
  LIMIT_64: { version: 0x2_0300, end: 64 },
  EXEC_SEGMENT: { version: 0x2_0400, end: 88 },
  RUNTIME: { version: 0x2_0500, end: 96 },
  LINKAGE: { version: 0x2_0600, end: 108 },
} as const;

/** Reads a code directory from its whole blob, whose head `cursor` is at. A field counts where the version has it and the blob is long enough. */
export function readFullDirectory(cursor: Cursor, bytes: Uint8Array, range: DataRange): FullCodeDirectory {
  cursor.skip(8); // magic, length
  const version = cursor.u32();
  const has = ({ version: since, end }: { version: number; end: number }): boolean => version >= since && bytes.length >= end;
  const flags = cursor.u32();
  const hashOffset = cursor.u32();
  const identifierOffset = cursor.u32();
  const specialSlots = cursor.u32();
  const codeSlots = cursor.u32();
  const limit32 = cursor.u32();
  const hashSize = cursor.u8();
  const hashType = cursor.u8();
  cursor.skip(1); // platform
  const pageShift = cursor.u8();
  cursor.skip(4); // spare2
  const scatterOffset = has(ADDED.SCATTER) ? cursor.u32() : 0;
  const teamOffset = has(ADDED.TEAM) ? cursor.u32() : 0;
  let codeLimit = limit32;
  if (has(ADDED.LIMIT_64)) {
    cursor.skip(4); // spare3
    const limit64 = cursor.u64();
    if (limit64 !== 0n) codeLimit = Number(limit64);
  }
  let execSegmentFlags: bigint | null = null;
  if (has(ADDED.EXEC_SEGMENT)) {
    cursor.skip(16); // execSegBase, execSegLimit
    execSegmentFlags = cursor.u64();
  }
  const runtime = has(ADDED.RUNTIME) ? cursor.u32() : null;
  const preEncryptOffset = has(ADDED.RUNTIME) ? cursor.u32() : 0;
  let linkageSize = 0;
  if (has(ADDED.LINKAGE)) {
    cursor.skip(8); // linkageHashType, applicationType, subType, linkageOffset
    linkageSize = cursor.u32();
  }
  return {
    bytes,
    range,
    version,
    flags,
    hashOffset,
    identifier: textAt(bytes, identifierOffset),
    specialSlots,
    codeSlots,
    codeLimit,
    hashSize,
    hashType,
    pageSize: pageShift === 0 ? 0 : 2 ** pageShift,
    pageShift,
    scatterOffset,
    team: textAt(bytes, teamOffset),
    execSegmentFlags,
    runtime,
    preEncryptOffset,
    linkageSize,
  };
}

const UTF8 = new TextDecoder();
const LONGEST = 4096;

/** The text at a position, up to its NUL; null where there is none. */
function textAt(bytes: Uint8Array, offset: number): string | null {
  if (offset === 0 || offset >= bytes.length) return null;
  const end = bytes.indexOf(0, offset);
  return UTF8.decode(bytes.subarray(offset, Math.min(end === -1 ? bytes.length : end, offset + LONGEST)));
}

/** One blob of a signature. */
export interface SignatureBlob {
  readonly slot: number;
  readonly magic: number;
  /** The whole blob, its header of eight bytes included. */
  readonly bytes: Uint8Array;
  readonly range: DataRange;
}

/** A signature with all that it holds. */
export interface FullSignature {
  /** All that the load command names. */
  readonly range: DataRange;
  /** Bytes behind the blobs: room that was reserved, and that nobody signs. */
  readonly reserve: DataRange;
  readonly blobs: readonly SignatureBlob[];
  /** With their slots, in the order of those. */
  readonly directories: readonly { readonly slot: number; readonly directory: FullCodeDirectory }[];
}

/** What one signature may hold. */
const MOST_BLOBS = 64; // twenty slots are known
const MOST_BYTES = 16 * 1024 * 1024; // of all blobs: two gigabytes of code in pages of 4 KiB

function malformed(input: Input, message: string, at: number): BinspectError {
  return new BinspectError('malformed', `code signature: ${message}`, { offset: input.start + at });
}

/** Slots of code directories: the first, and five alternates. */
export function isDirectorySlot(slot: number): boolean {
  return slot === 0 || (slot >= 0x1000 && slot < 0x1005);
}

/**
 * Reads every blob of the signature that lies at a place in an image. Throws `malformed` for what the systems refuse: blobs outside the
 * signature, slots that stand twice, code directories of one digest, wrong magics; `truncated` and `limit-exceeded`.
 */
export function readFullSignature(plain: Input, range: DataRange): FullSignature {
  const input = plain.encoded({ little: false, wide: false });
  if (range.offset + range.size > input.size) {
    throw new BinspectError('truncated', `code signature: ${range.size} bytes wanted at ${hex(range.offset)}, the image ends at ${hex(input.size)}`, { offset: input.start + range.offset });
  }
  if (range.size < 8) throw malformed(input, `it has ${range.size} bytes`, range.offset);
  const head = input.read(range.offset, 8, 'code signature');
  const magic = head.u32(0);
  const size = head.u32(4);
  if (size < 8 || size > range.size) throw malformed(input, `its blob has ${size} bytes, the load command names ${range.size}`, range.offset);
  if (size > MOST_BYTES) throw new BinspectError('limit-exceeded', `code signature: ${size} bytes, more than ${MOST_BYTES}`, { offset: input.start + range.offset });
  const whole = input.read(range.offset, size, 'code signature');
  const reserve = { offset: range.offset + size, size: range.size - size };
  if (magic === CS_MAGIC.CODE_DIRECTORY) {
    // The kernel takes a code directory without more.
    const bytes = whole.bytes();
    const directory = directoryOf(input, bytes, { offset: range.offset, size });
    return { range, reserve, blobs: [{ slot: 0, magic, bytes, range: { offset: range.offset, size } }], directories: [{ slot: 0, directory }] };
  }
  if (magic !== CS_MAGIC.EMBEDDED_SIGNATURE) throw malformed(input, `its magic is ${hex(magic)}`, range.offset);
  if (size < 12) throw malformed(input, `it has ${size} bytes, less than 12`, range.offset);
  const count = whole.u32(8);
  if (count > MOST_BLOBS || 12 + count * 8 > size) throw malformed(input, `${count} blobs in ${size} bytes`, range.offset + 8);
  const blobs: SignatureBlob[] = [];
  let sum = 0;
  for (let index = 0; index < count; index++) {
    const slot = whole.u32(12 + index * 8);
    const position = whole.u32(16 + index * 8);
    const at = range.offset + position;
    if (position + 8 > size) throw malformed(input, `the blob of slot ${hex(slot)} is said to begin at ${position} of ${size} bytes`, range.offset + 12 + index * 8);
    const length = whole.u32(position + 4);
    if (length < 8 || length > size - position) throw malformed(input, `the blob of slot ${hex(slot)} has ${length} bytes at ${position} of ${size}`, at);
    sum += length;
    if (sum > MOST_BYTES) throw new BinspectError('limit-exceeded', `code signature: blobs of more than ${MOST_BYTES} bytes`, { offset: input.start + at });
    if (blobs.some((blob) => blob.slot === slot)) throw malformed(input, `slot ${hex(slot)} stands twice`, range.offset + 12 + index * 8);
    const wanted = SLOT_MAGIC.get(slot);
    const found = whole.u32(position);
    if (isDirectorySlot(slot) ? found !== CS_MAGIC.CODE_DIRECTORY : wanted !== undefined && found !== wanted) {
      throw malformed(input, `the blob of slot ${hex(slot)} has the magic ${hex(found)}`, at);
    }
    blobs.push({ slot, magic: found, bytes: whole.bytes().subarray(position, position + length), range: { offset: at, size: length } });
  }
  const directories = blobs
    .filter(({ slot }) => isDirectorySlot(slot))
    .map(({ slot, bytes, range: place }) => ({ slot, directory: directoryOf(input, bytes, place) }))
    .sort((a, b) => a.slot - b.slot);
  if (directories[0]?.slot !== 0) throw malformed(input, 'it has no code directory in slot 0', range.offset);
  const types = new Set(directories.map(({ directory }) => directory.hashType));
  if (types.size !== directories.length) throw malformed(input, 'two code directories have one kind of digest', range.offset);
  return { range, reserve, blobs, directories };
}

/** Which magic belongs into which slot. */
const SLOT_MAGIC: ReadonlyMap<number, number> = new Map([
  [2, 0xfade_0c01],
  [5, 0xfade_7171],
  [7, 0xfade_7172],
  [8, 0xfade_8181],
  [9, 0xfade_8181],
  [10, 0xfade_8181],
  [11, 0xfade_8181],
  [0x1_0000, 0xfade_0b01],
]);

/** Digests of code directories: their sizes in a slot. */
export const CS_HASH_SIZE: ReadonlyMap<number, number> = new Map([
  [CS_HASH.SHA1, 20],
  [CS_HASH.SHA256, 32],
  [CS_HASH.SHA256_TRUNCATED, 20],
  [CS_HASH.SHA384, 48],
]);

const OLDEST = 0x2_0001;
const NEWEST = 0x2_f000;

function directoryOf(input: Input, bytes: Uint8Array, range: DataRange): FullCodeDirectory {
  if (bytes.length < FIRST_SIZE) throw malformed(input, `a code directory of ${bytes.length} bytes, less than ${FIRST_SIZE}`, range.offset);
  const directory = readFullDirectory(input.read(range.offset, bytes.length, 'code directory').cursor(), bytes, range);
  const { version, hashOffset, hashSize, hashType, specialSlots, codeSlots } = directory;
  if (version < OLDEST || version > NEWEST) throw malformed(input, `a code directory of version ${hex(version)}`, range.offset + 8);
  const size = CS_HASH_SIZE.get(hashType);
  if (size !== undefined && size !== hashSize) throw malformed(input, `a code directory with digests of kind ${hashType} and ${hashSize} bytes`, range.offset + 36);
  if (hashSize === 0 || specialSlots * hashSize > hashOffset || hashOffset + codeSlots * hashSize > bytes.length) {
    throw malformed(input, `${specialSlots} special and ${codeSlots} code slots of ${hashSize} bytes at ${hashOffset} of ${bytes.length}`, range.offset + 16);
  }
  return directory;
}
