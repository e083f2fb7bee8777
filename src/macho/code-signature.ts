// The code signature's own structures, big-endian in every file: which blobs it has, and what its code directory says. Nothing is checked here.

import type { Cursor } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { BinspectError, hex } from '../errors.ts';
import { CS_ALTERNATES, CS_HASH, CS_MAGIC, CS_SLOT } from './constants.ts';
import type { DataRange } from './linkedit.ts';

const BLOB_SIZE = 8;

interface Blob {
  readonly magic: number;
  /** Bytes of the blob, these eight included. */
  readonly size: number;
}

function readBlob(cursor: Cursor): Blob {
  return { magic: cursor.u32(), size: cursor.u32() };
}

/** Where a signature has one of its blobs, counted from the signature's start. */
interface BlobIndex {
  readonly slot: number;
  readonly offset: number;
}

const BLOB_INDEX_SIZE = 8;

function readBlobIndex(cursor: Cursor): BlobIndex {
  return { slot: cursor.u32(), offset: cursor.u32() };
}

/** A code directory: what was signed, as far as it is reported here. */
export interface CodeDirectory {
  /** Where it lies in the file (of the slice), with all that it has. */
  readonly range: DataRange;
  readonly version: number;
  readonly flags: number;
  /** Position of the identifier in the code directory. */
  readonly identifier: number;
  readonly hashType: number;
  /** Position of the team's identifier; 0 where there is none. */
  readonly team: number;
}

const DIRECTORY_SIZE = 44;
const TEAM = { VERSION: 0x2_0200, END: 52 } as const;

/** CS_CodeDirectory, as far as it is reported here. Later versions have more fields. */
function readCodeDirectory(cursor: Cursor, range: DataRange): CodeDirectory {
  cursor.skip(BLOB_SIZE);
  const version = cursor.u32();
  const flags = cursor.u32();
  cursor.skip(4); // hashOffset
  const identifier = cursor.u32();
  cursor.skip(4 + 4 + 4 + 1); // nSpecialSlots, nCodeSlots, codeLimit, hashSize
  const hashType = cursor.u8();
  cursor.skip(1 + 1 + 4); // platform, pageSize, spare2
  if (version < TEAM.VERSION || range.size < TEAM.END) return { range, version, flags, identifier, hashType, team: 0 };
  cursor.skip(4); // scatterOffset
  return { range, version, flags, identifier, hashType, team: cursor.u32() };
}

/** A blob where it lies in the file (of the slice). */
interface PlacedBlob extends DataRange {
  readonly magic: number;
}

/** A code signature that can be read. */
export interface CodeSignature {
  /** All that the load command names: there is room behind the blobs. */
  readonly range: DataRange;
  /** The blob that holds the others, or the code directory alone. */
  readonly whole: PlacedBlob;
  readonly blobs: readonly BlobIndex[];
  /** The code directory that counts: of several the one with the strongest digest. */
  readonly directory: CodeDirectory;
}

/** From the weakest to the strongest; digests that nobody listed are weaker. */
const STRENGTH: readonly number[] = [CS_HASH.SHA1, CS_HASH.SHA256_TRUNCATED, CS_HASH.SHA256, CS_HASH.SHA384];

const DIRECTORY_SLOTS: readonly number[] = [
  CS_SLOT.CODE_DIRECTORY,
  ...Array.from({ length: CS_ALTERNATES }, (_, index) => CS_SLOT.ALTERNATE_CODE_DIRECTORIES + index),
];

function malformed(input: Input, message: string, at: number): BinspectError {
  return new BinspectError('malformed', `code signature: ${message}`, { offset: input.start + at });
}

/** The blob that begins at a position of a stretch and must end within it. */
function blobAt(input: Input, position: number, { offset, size }: DataRange, what: string): PlacedBlob {
  if (position + BLOB_SIZE > size) throw malformed(input, `${what} is said to begin at ${position} of ${size} bytes`, offset);
  const at = offset + position;
  const blob = readBlob(input.read(at, BLOB_SIZE, what).cursor());
  if (blob.size < BLOB_SIZE || blob.size > size - position) {
    throw malformed(input, `${what} has ${blob.size} bytes at ${position}, it must have at least ${BLOB_SIZE} and at most ${size - position}`, at);
  }
  return { magic: blob.magic, offset: at, size: blob.size };
}

/** The versions of code directories that Apple's headers name: from the first to the one with linkage (0x20600). */
const VERSIONS = { FIRST: 0x2_0001, LAST: 0x2_0600 } as const;

/** Says what of the code directory that counts is not understood, or points out of it. */
function warnOfDirectory(input: Input, { range, version, identifier, hashType, team }: CodeDirectory): void {
  const odd = (message: string): void => input.warn('code-directory', `code signature: the code directory's ${message}`, range.offset);
  if (version < VERSIONS.FIRST || version > VERSIONS.LAST) odd(`version is ${hex(version)}, and nobody knows what it holds`);
  if (!STRENGTH.includes(hashType)) odd(`hash type is ${hashType}, which stands for no digest that is known`);
  if (identifier < DIRECTORY_SIZE || identifier >= range.size) odd(`identifier is said to lie at ${identifier} of ${range.size} bytes`);
  if (team !== 0 && (team < DIRECTORY_SIZE || team >= range.size)) odd(`team is said to lie at ${team} of ${range.size} bytes`);
}

function directoryOf(input: Input, { magic, offset, size }: PlacedBlob): CodeDirectory {
  if (magic !== CS_MAGIC.CODE_DIRECTORY) throw malformed(input, `the code directory's magic is ${hex(magic)}`, offset);
  if (size < DIRECTORY_SIZE) throw malformed(input, `the code directory has ${size} bytes, less than ${DIRECTORY_SIZE}`, offset);
  return readCodeDirectory(input.read(offset, Math.min(size, TEAM.END), 'code directory').cursor(), { offset, size });
}

/** The signature that lies at a place in the file. Throws `malformed` and `truncated` where it has no code directory to go by. */
export function readCodeSignature(plain: Input, range: DataRange): CodeSignature {
  const input = plain.encoded({ little: false, wide: false });
  if (range.offset + range.size > input.size) {
    const message = `code signature: ${range.size} bytes wanted at ${hex(input.start + range.offset)}, the file ends at ${hex(input.start + input.size)}`;
    throw new BinspectError('truncated', message, { offset: input.start + range.offset });
  }
  const whole = blobAt(input, 0, range, 'the signature');
  // The kernel takes a code directory without more.
  if (whole.magic === CS_MAGIC.CODE_DIRECTORY) {
    const alone = directoryOf(input, whole);
    warnOfDirectory(input, alone);
    return { range, whole, blobs: [], directory: alone };
  }
  if (whole.magic !== CS_MAGIC.EMBEDDED_SIGNATURE) throw malformed(input, `its magic is ${hex(whole.magic)}`, whole.offset);
  const blobs = readBlobs(input, whole);
  const directories = DIRECTORY_SLOTS.map((wanted) => blobs.find(({ slot }) => slot === wanted))
    .filter((index) => index !== undefined)
    .map(({ offset }) => directoryOf(input, blobAt(input, offset, whole, 'the code directory')));
  const [directory] = directories.sort((a, b) => STRENGTH.indexOf(b.hashType) - STRENGTH.indexOf(a.hashType));
  if (directory === undefined) throw malformed(input, 'it has no code directory', whole.offset);
  warnOfDirectory(input, directory);
  return { range, whole, blobs, directory };
}

/** CS_SuperBlob: as many of its entries as it has room for. */
function readBlobs(input: Input, { offset, size }: PlacedBlob): BlobIndex[] {
  const first = BLOB_SIZE + 4;
  if (size < first) throw malformed(input, `it has ${size} bytes, less than ${first}`, offset);
  const stated = input.read(offset + BLOB_SIZE, 4, 'code signature').u32(0);
  const count = Math.min(stated, Math.floor((size - first) / BLOB_INDEX_SIZE), input.limits.tableEntries);
  if (count < stated) input.warn('signature-blobs', `code signature: ${stated} blobs, of which ${count} fit into its ${size} bytes`, offset);
  const table = input.read(offset + first, count * BLOB_INDEX_SIZE, 'code signature');
  return Array.from({ length: count }, (_, index) => readBlobIndex(table.cursor(index * BLOB_INDEX_SIZE)));
}

/** What the blob of a slot holds; null where there is none, and, with a warning, where it can't be read. */
export function blobContents(plain: Input, { whole, blobs }: CodeSignature, slot: number, magic: number): DataRange | null {
  const index = blobs.find((blob) => blob.slot === slot);
  if (index === undefined) return null;
  const blob = plain.attempt(() => blobAt(plain.encoded({ little: false, wide: false }), index.offset, whole, `blob ${hex(slot)}`));
  return blob?.magic === magic ? { offset: blob.offset + BLOB_SIZE, size: blob.size - BLOB_SIZE } : null;
}

/** A text that the code directory has at a position; null where there is none. */
export function directoryText(input: Input, { range }: CodeDirectory, position: number, what: string): string | null {
  if (position === 0 || position >= range.size) return null;
  return input.text(range.offset + position, range.size - position, what).text;
}

/** The bytes whose digest is the cdhash before it is cut to 20 bytes, and which digest that is. */
export interface DirectoryDigest {
  /** Counted from the start of the image. */
  readonly range: DataRange;
  readonly algorithm: 'sha1' | 'sha256' | 'sha384';
}

const ALGORITHMS: Readonly<Record<number, DirectoryDigest['algorithm']>> = {
  [CS_HASH.SHA1]: 'sha1',
  [CS_HASH.SHA256]: 'sha256',
  [CS_HASH.SHA256_TRUNCATED]: 'sha256',
  [CS_HASH.SHA384]: 'sha384',
};

/** What to digest for the cdhash of a signature that lies at a place in an image; null for a digest that nobody listed, and for too many bytes. */
export function directoryDigest(image: Input, range: DataRange): DirectoryDigest | null {
  const { directory } = readCodeSignature(image, range);
  const algorithm = ALGORITHMS[directory.hashType];
  return algorithm === undefined || directory.range.size > image.limits.fetchedBytes ? null : { range: directory.range, algorithm };
}
