// What callers may hand in on any runtime: bytes, Blobs, and whatever has positions. Paths are for rooms that know a disk.

import { BinspectError } from '../errors.ts';
import { BlobSource } from './source-blob.ts';
import { MemorySource } from './source.ts';
import type { ByteSource } from './source.ts';

/** A path, a `file:` URL, bytes, a Blob, or anything with positions. In a browser a path and a URL are an error `unsupported`. */
export type InspectInput = string | URL | Uint8Array | ArrayBuffer | Blob | ByteSource;

/** A source that can be read, and must be closed once it has been. */
export interface Opened<Source> {
  readonly source: Source;
  /** As the caller named it; null for what has no name. */
  readonly path: string | null;
  /** The bytes, where they are all in memory. */
  readonly bytes: Uint8Array | null;
  close(): Promise<void>;
}

/** What kind of object it is, also where it comes from another realm (a frame, a sandbox of a test runner) and `instanceof` fails. */
function tagOf(input: unknown): string {
  return Object.prototype.toString.call(input).slice('[object '.length, -1);
}

/** The bytes of an input that is bytes, not copied; null for anything else. */
export function bytesOf(input: unknown): Uint8Array | null {
  if (input instanceof Uint8Array) return input;
  const tag = tagOf(input);
  if (tag === 'Uint8Array' && ArrayBuffer.isView(input)) return input as Uint8Array;
  return tag === 'ArrayBuffer' || tag === 'SharedArrayBuffer' ? new Uint8Array(input as ArrayBuffer) : null;
}

function isBlob(input: unknown): input is Blob {
  const tag = tagOf(input);
  return tag === 'Blob' || tag === 'File';
}

/** What people call a value: 'undefined', 'null', 'ReadStream'. */
function wordFor(input: unknown): string {
  if (input === null) return 'null';
  return typeof input === 'object' ? (input.constructor?.name ?? 'object') : typeof input;
}

/** An `invalid-argument` for what is no input. */
export function unusable(input: unknown): BinspectError {
  const message = `a path, a file: URL, bytes, a Blob or a { size, read } source is wanted, not ${wordFor(input)}`;
  return new BinspectError('invalid-argument', message);
}

/** A source of the caller's: whatever it does comes out as bytes that were asked for, or as `io` with the cause. */
class GivenSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;

  constructor(source: ByteSource, size: number) {
    this.#source = source;
    this.size = size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    let given: unknown;
    try {
      given = await this.#source.read(offset, length);
    } catch (error) {
      throw new BinspectError('io', `the source failed: ${error instanceof Error ? error.message : String(error)}`, { offset, cause: error });
    }
    const bytes = given instanceof ArrayBuffer ? null : bytesOf(given);
    if (bytes === null) throw wrongBytes(`${wordFor(given)} in place of a Uint8Array`, offset, length);
    if (bytes.length !== length) throw wrongBytes(`${bytes.length} bytes`, offset, length);
    return bytes;
  }
}

function wrongBytes(what: string, offset: number, length: number): BinspectError {
  const message = `the source gave ${what} where ${length} bytes from ${offset} on were asked for`;
  return new BinspectError('io', message, { offset, cause: new TypeError(message) });
}

/** The size of what has positions; null for what has none. Throws `io` where the caller's object fails to say it. */
function sizeOfSource(input: object): number | null {
  try {
    if (!('read' in input && typeof input.read === 'function' && 'size' in input)) return null;
    const { size } = input;
    return Number.isSafeInteger(size) && (size as number) >= 0 ? (size as number) : null;
  } catch (error) {
    throw new BinspectError('io', `the source failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

const nothingToClose = (): Promise<void> => Promise.resolve();

const own = new WeakSet<object>();

/** Says that a source is this library's, so that its errors come out as they are: a member of an archive. */
export function asOwn<Source extends ByteSource>(source: Source): Source {
  own.add(source);
  return source;
}

function isOwn(input: unknown): input is ByteSource {
  return input instanceof MemorySource || input instanceof BlobSource || input instanceof GivenSource || (typeof input === 'object' && input !== null && own.has(input));
}

/** Opens what names no file. Throws `invalid-argument` for what is no input. */
export function openGiven(input: unknown): Opened<ByteSource> {
  const bytes = bytesOf(input);
  if (bytes !== null) return { source: new MemorySource(bytes), path: null, bytes, close: nothingToClose };
  if (isBlob(input)) return { source: new BlobSource(input), path: null, bytes: null, close: nothingToClose };
  if (isOwn(input)) return { source: input, path: null, bytes: null, close: nothingToClose };
  const size = typeof input === 'object' && input !== null ? sizeOfSource(input) : null;
  if (size !== null) return { source: new GivenSource(input as ByteSource, size), path: null, bytes: null, close: nothingToClose };
  throw unusable(input);
}
