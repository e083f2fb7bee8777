// Lists and policies that are named on the command line: files, or pipes, of which nobody knows when they end.

import { ioError } from '../../bytes/source-file.ts';
import { bytesOfStream, streamOf } from '../../bytes/stream.ts';
import { BinspectError } from '../../errors.ts';

/** All bytes of a text. Throws `io`, and `limit-exceeded` for more than `most` bytes, which also ends one that never ends. */
export async function readTextFile(path: string, most: number): Promise<Uint8Array> {
  try {
    return await bytesOfStream(await streamOf(path), most, path);
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
