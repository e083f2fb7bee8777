// Lists and policies that are named on the command line: files, or pipes, of which nobody knows when they end.

import { createReadStream, fstatSync, open } from 'node:fs';
import { promisify } from 'node:util';
import { ioError, READ_ONLY, systemPath } from '../../bytes/source-file.ts';
import { BinspectError } from '../../errors.ts';
import { bytesOf } from './standard-input.ts';

const openAsync = promisify(open);

/** What comes from a path. Pipes and terminals are waited for without a thread. */
async function streamOf(path: string): Promise<AsyncIterable<Uint8Array>> {
  const descriptor = await openAsync(systemPath(path), READ_ONLY);
  const stats = fstatSync(descriptor);
  if (stats.isFIFO()) return new (await import('node:net')).Socket({ fd: descriptor, readable: true, writable: false });
  if (stats.isCharacterDevice()) {
    const { isatty, ReadStream } = await import('node:tty');
    if (isatty(descriptor)) return new ReadStream(descriptor);
  }
  return createReadStream('', { fd: descriptor });
}

/** All bytes of a text. Throws `io`, and `limit-exceeded` for more than `most` bytes, which also ends one that never ends. */
export async function readTextFile(path: string, most: number): Promise<Uint8Array> {
  try {
    return await bytesOf(await streamOf(path), most, path);
  } catch (error) {
    throw error instanceof BinspectError ? error : ioError(error, path);
  }
}

/** What a text file or a pipe holds, as it comes. Throws `io`. */
export async function* textStream(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* await streamOf(path);
  } catch (error) {
    throw error instanceof BinspectError ? error : ioError(error, path);
  }
}
