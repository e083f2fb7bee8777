// Digests where there is no crypto library but Web Crypto: it takes whole buffers, so there is a size that it ends at.

import { BinspectError, hex } from '../errors.ts';
import type { Stretch } from './search.ts';
import { readFrom } from './source.ts';
import type { ByteSource } from './source.ts';
import { hexText } from './text.ts';

/** Bytes of the largest source that is hashed. Web Crypto takes a copy of its own, so this is held twice; Chromium gives no buffer of 2 GiB. */
export const MOST_HASHED: number = 512 * 1024 * 1024;

const CHUNK = 4 * 1024 * 1024; // each is a trip to where the browser keeps its files; between two of them the work can be ended

const NAMES = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384' } as const;

/** What ends a digest, and who hears how far it is. */
interface Watch {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Web Crypto, which is not there on pages that came over plain HTTP from another machine; null then. */
function subtleCrypto(): SubtleCrypto | null {
  return (globalThis.crypto as Crypto | undefined)?.subtle ?? null;
}

async function readStretch(source: ByteSource, { at, length }: Stretch, { signal, onProgress }: Watch): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const wanted = Math.min(CHUNK, length - done);
    const chunk = await readFrom(source, at + done, wanted, signal);
    if (chunk.length !== wanted) {
      const offset = at + done + chunk.length;
      throw new BinspectError('truncated', `the file shrank while it was read: it had ${source.size} bytes and ended at ${hex(offset)}`, { offset });
    }
    bytes.set(chunk, done);
    done += wanted;
    onProgress?.(done, length);
  }
  return bytes;
}

async function digestWith(subtle: SubtleCrypto, algorithm: keyof typeof NAMES, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hexText(new Uint8Array(await subtle.digest(NAMES[algorithm], bytes)));
}

/**
 * Lower-case hex SHA-256 of all bytes of a source. Throws `unsupported` above `MOST_HASHED` bytes and where there is no Web Crypto,
 * `truncated` for a source that shrinks, and `aborted`.
 */
export async function digest(source: ByteSource, watch: Watch = {}): Promise<string> {
  const subtle = subtleCrypto();
  if (subtle === null) throw new BinspectError('unsupported', 'SHA-256 needs Web Crypto, which is there on pages from HTTPS or localhost only');
  if (source.size > MOST_HASHED) {
    throw new BinspectError('unsupported', `SHA-256 of ${source.size} bytes: Web Crypto takes them all at once, so ${MOST_HASHED} are the most`);
  }
  const bytes = await readStretch(source, { at: 0, length: source.size }, watch);
  return digestWith(subtle, 'sha256', bytes);
}

/** The digest of a part of a source; null where there is no Web Crypto. Throws as `digest` does. */
export async function digestPart(source: ByteSource, stretch: Stretch, algorithm: keyof typeof NAMES, signal?: AbortSignal): Promise<string | null> {
  const subtle = subtleCrypto();
  return subtle === null ? null : digestWith(subtle, algorithm, await readStretch(source, stretch, { signal }));
}
