// The entropy of a file along its length: what is packed or encrypted has nearly eight bits a byte.

import type { InspectInput } from '../bytes/given.ts';
import { readFrom } from '../bytes/source.ts';
import { openInput } from './open-input.ts';

const SAMPLE = 16 * 1024; // bytes of each cell that are counted, from its middle
const LEAST = 256; // bytes below which nothing can be said

/** Shannon's entropy of some bytes, in bits a byte; a short text can't have eight, so it is measured against what it could have. Null for too few. */
export function entropyOf(bytes: Uint8Array): number | null {
  if (bytes.length < LEAST) return null;
  const counts = new Uint32Array(256);
  for (let i = 0; i < bytes.length; i++) counts[bytes[i] as number] = (counts[bytes[i] as number] as number) + 1;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / bytes.length) * Math.log2(count / bytes.length);
  const expected = 8 - 255 / (2 * Math.LN2 * bytes.length); // of random bytes of this length (Miller and Madow)
  return Math.min(8, (bits * 8) / expected);
}

/** The entropy of a file in so many cells: bits a byte, of a sample of each. Null for cells that are too small. Rejects as `inspect` does. */
export async function entropyAlong(input: InspectInput, cells: number, signal?: AbortSignal): Promise<(number | null)[]> {
  const opened = await openInput(input, signal === undefined ? {} : { signal });
  try {
    const { source } = opened;
    const each = source.size / cells;
    const along: (number | null)[] = [];
    for (let cell = 0; cell < cells; cell++) {
      const from = Math.floor(cell * each);
      const size = Math.floor((cell + 1) * each) - from;
      const length = Math.min(size, SAMPLE);
      along.push(length < LEAST ? null : entropyOf(await readFrom(source, from + ((size - length) >> 1), length, signal)));
    }
    return along;
  } finally {
    await opened.close();
  }
}
