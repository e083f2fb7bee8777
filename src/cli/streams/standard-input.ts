// Streams held in memory, standard input above all: executables are read at positions, and a pipe has none.

import { BinspectError } from '../../errors.ts';
import type { Terminal } from './terminal.ts';

/** All of standard input. Throws `limit-exceeded` for more than `most` bytes. */
export function readInput(terminal: Terminal, most: number): Promise<Uint8Array> {
  return bytesOf(terminal.input(), most, '-');
}

/** All bytes of a stream. Throws `limit-exceeded`, with the name that people know it by, for more than `most`, which also ends one that never ends. */
export async function bytesOf(stream: AsyncIterable<Uint8Array>, most: number, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) throw new BinspectError('limit-exceeded', `${path === '-' ? 'standard input' : 'it'} has more than ${most} bytes`, { path, offset: most });
  }
  return Buffer.concat(chunks, size);
}
