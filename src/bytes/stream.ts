// Texts that come from files or from pipes, of which nobody knows when they end.

import { createReadStream, fstatSync, open } from 'node:fs';
import { promisify } from 'node:util';
import { BinspectError } from '../errors.ts';
import { ioError, READ_ONLY, systemPath } from './source-file.ts';

const openAsync = promisify(open);

/** What comes from a path. Pipes and terminals are waited for without a thread. Throws `io` where it can't be opened. */
export async function streamOf(path: string): Promise<AsyncIterable<Uint8Array>> {
  let descriptor: number;
  try {
    descriptor = await openAsync(systemPath(path), READ_ONLY);
  } catch (error) {
    throw ioError(error, path);
  }
  const stats = fstatSync(descriptor);
  if (stats.isFIFO()) return new (await import('node:net')).Socket({ fd: descriptor, readable: true, writable: false });
  if (stats.isCharacterDevice()) {
    const { isatty, ReadStream } = await import('node:tty');
    if (isatty(descriptor)) return new ReadStream(descriptor);
  }
  return createReadStream('', { fd: descriptor });
}

/** All bytes of a stream. Throws `limit-exceeded`, with the name that people know it by, for more than `most`, which also ends one that never ends. */
export async function bytesOfStream(stream: AsyncIterable<Uint8Array>, most: number, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) throw new BinspectError('limit-exceeded', `${path === '-' ? 'standard input' : 'it'} has more than ${most} bytes`, { path, offset: most });
  }
  return Buffer.concat(chunks, size);
}
