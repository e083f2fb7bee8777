// What callers may hand in, and how it becomes a source.

import { BinspectError } from '../errors.ts';
import { BlobSource } from './source-blob.ts';
import { openFile, openFileSync, pathOfUrl } from './source-file.ts';
import type { FileSource } from './source-file.ts';
import { MemorySource } from './source.ts';
import type { ByteSource } from './source.ts';

/** A path, a `file:` URL, bytes, a Blob, or anything with positions. */
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

function bytesOf(input: unknown): Uint8Array | null {
  if (input instanceof Uint8Array) return input;
  if (input instanceof ArrayBuffer || (typeof SharedArrayBuffer !== 'undefined' && input instanceof SharedArrayBuffer)) return new Uint8Array(input);
  return null;
}

function isByteSource(input: object): input is ByteSource {
  return 'read' in input && typeof input.read === 'function' && 'size' in input && Number.isSafeInteger(input.size) && (input.size as number) >= 0;
}

function unusable(input: unknown): BinspectError {
  const what = input === null ? 'null' : typeof input;
  return new BinspectError('invalid-argument', `a path, a file: URL, bytes, a Blob or a { size, read } source is wanted, not ${what}`);
}

/** The path of an input that names a file; null for anything else. A URL stands as its local path. */
export function pathOf(input: unknown): string | null {
  if (typeof input === 'string') {
    if (input.includes('\0')) throw new BinspectError('invalid-argument', 'a path has no NUL byte', { path: input });
    return input;
  }
  return input instanceof URL ? pathOfUrl(input) : null;
}

const nothingToClose = (): Promise<void> => Promise.resolve();

/** Opens whatever the caller handed in. Throws `io` for a file that can't be opened, `invalid-argument` for what is no input. */
export async function open(input: InspectInput): Promise<Opened<ByteSource>> {
  const path = pathOf(input);
  if (path !== null) {
    const source = await openFile(path);
    return { source, path, bytes: null, close: () => source.close() };
  }
  const bytes = bytesOf(input);
  if (bytes !== null) return { source: new MemorySource(bytes), path: null, bytes, close: nothingToClose };
  if (input instanceof Blob) return { source: new BlobSource(input), path: null, bytes: null, close: nothingToClose };
  if (typeof input === 'object' && input !== null && isByteSource(input)) {
    return { source: input, path: null, bytes: null, close: nothingToClose };
  }
  throw unusable(input);
}

/** Opens a local file, or bytes; a FileSource is the caller's to close. */
export function openSync(input: string | URL | Uint8Array): { source: FileSource | MemorySource; path: string | null; bytes: Uint8Array | null } {
  const path = pathOf(input);
  if (path !== null) return { source: openFileSync(path), path, bytes: null };
  const bytes = bytesOf(input);
  if (bytes !== null) return { source: new MemorySource(bytes), path: null, bytes };
  throw unusable(input);
}
