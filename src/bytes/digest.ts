// SHA-256 of whole files: streamed in large chunks, the next one read while the last one is hashed.

import { createHash } from 'node:crypto';
import { BinspectError } from '../errors.ts';
import type { ByteSource, SyncSource } from './source.ts';

const CHUNK = 1024 * 1024; // large enough to keep the hash busy, small enough to leave the event loop alone for under a millisecond

export interface DigestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each chunk with the bytes hashed so far and in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

function shrank(offset: number, size: number): BinspectError {
  return new BinspectError('truncated', `the file ended at 0x${offset.toString(16)} while it was hashed; it had ${size} bytes`, { offset });
}

/** Lower-case hex SHA-256 of bytes in memory. */
export function digestBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Lower-case hex SHA-256 of all bytes of a source. Throws `aborted`, `io`, and `truncated` where the source shrinks meanwhile. */
export async function digest(source: ByteSource, { signal, onProgress }: DigestOptions = {}): Promise<string> {
  const hash = createHash('sha256');
  const { size } = source;
  const lengthAt = (at: number): number => Math.min(CHUNK, size - at);
  let next: Promise<Uint8Array> | null = size > 0 ? source.read(0, lengthAt(0)) : null;
  for (let at = 0; next !== null; ) {
    const bytes: Uint8Array = await next;
    if (signal?.aborted === true) throw new BinspectError('aborted', 'aborted', { cause: signal.reason });
    if (bytes.length !== lengthAt(at)) throw shrank(at + bytes.length, size);
    at += bytes.length;
    next = at < size ? source.read(at, lengthAt(at)) : null;
    next?.catch(() => {}); // it is awaited in the next round; until then its failure is nobody's
    hash.update(bytes);
    onProgress?.(at, size);
  }
  return hash.digest('hex');
}

/** The same, at once. */
export function digestSync(source: SyncSource): string {
  const hash = createHash('sha256');
  for (let at = 0; at < source.size; ) {
    const length = Math.min(CHUNK, source.size - at);
    const bytes = source.readSync(at, length);
    if (bytes.length !== length) throw shrank(at + bytes.length, source.size);
    hash.update(bytes);
    at += length;
  }
  return hash.digest('hex');
}
