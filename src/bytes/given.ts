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

function isByteSource(input: object): input is ByteSource {
  return 'read' in input && typeof input.read === 'function' && 'size' in input && Number.isSafeInteger(input.size) && (input.size as number) >= 0;
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

const nothingToClose = (): Promise<void> => Promise.resolve();

/** Opens what names no file. Throws `invalid-argument` for what is no input. */
export function openGiven(input: unknown): Opened<ByteSource> {
  const bytes = bytesOf(input);
  if (bytes !== null) return { source: new MemorySource(bytes), path: null, bytes, close: nothingToClose };
  if (isBlob(input)) return { source: new BlobSource(input), path: null, bytes: null, close: nothingToClose };
  if (typeof input === 'object' && input !== null && isByteSource(input)) {
    return { source: input, path: null, bytes: null, close: nothingToClose };
  }
  throw unusable(input);
}
