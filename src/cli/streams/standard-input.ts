// Streams held in memory, standard input above all: executables are read at positions, and a pipe has none.

import { bytesOfStream } from '../../bytes/stream.ts';
import type { Terminal } from './terminal.ts';

/** All of standard input. Throws `limit-exceeded` for more than `most` bytes. */
export function readInput(terminal: Terminal, most: number): Promise<Uint8Array> {
  return bytesOfStream(terminal.input(), most, '-');
}
