// Standard input, held in memory: executables are read at positions, and a pipe has none.

import { BinspectError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** All of standard input. Throws `limit-exceeded` for more than `limit` bytes, which also ends one that never ends. */
export async function readInput(terminal: Terminal, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of terminal.input()) {
    size += chunk.length;
    if (size > limit) throw new BinspectError('limit-exceeded', `standard input has more than ${limit} bytes`, { offset: limit });
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
