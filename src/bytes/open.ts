// What callers may hand in where there is a disk, and how it becomes a source.

import { BinspectError } from '../errors.ts';
import { bytesOf, openGiven, unusable } from './given.ts';
import type { InspectInput, Opened } from './given.ts';
import { FileSource, openFile, openFileSync, pathOfUrl } from './source-file.ts';
import { MemorySource } from './source.ts';
import type { ByteSource } from './source.ts';

/** The path of an input that names a file; null for anything else. A URL stands as its local path. */
export function pathOf(input: unknown): string | null {
  if (typeof input === 'string') {
    if (input.includes('\0')) throw new BinspectError('invalid-argument', 'a path has no NUL byte', { path: input });
    return input;
  }
  return input instanceof URL ? pathOfUrl(input) : null;
}

/** Opens whatever the caller handed in. Throws `io` for a file that can't be opened, `invalid-argument` for what is no input. */
export async function open(input: InspectInput): Promise<Opened<ByteSource>> {
  if (input instanceof FileSource) return { source: input, path: null, bytes: null, close: () => Promise.resolve() }; // whoever opened it closes it
  const path = pathOf(input);
  if (path === null) return openGiven(input);
  const source = await openFile(path);
  return { source, path, bytes: null, close: () => source.close() };
}

/** Opens a local file, or bytes; a FileSource is the caller's to close. */
export function openSync(input: string | URL | Uint8Array): { source: FileSource | MemorySource; path: string | null; bytes: Uint8Array | null } {
  const path = pathOf(input);
  if (path !== null) return { source: openFileSync(path), path, bytes: null };
  const bytes = bytesOf(input);
  if (bytes !== null) return { source: new MemorySource(bytes), path: null, bytes };
  throw unusable(input);
}
