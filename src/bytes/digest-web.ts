// Digests where there is no crypto library but Web Crypto: it takes whole buffers, so what is larger is hashed by code of our own, piece by piece.

import { BinspectError, hex } from '../errors.ts';
import type { Stretch } from './search.ts';
import { Sha256 } from './sha256.ts';
import { readFrom } from './source.ts';
import type { ByteSource } from './source.ts';
import { hexText } from './text.ts';

/** Bytes of the largest source that Web Crypto hashes. It takes a copy of its own, so this is held twice; Chromium gives no buffer of 2 GiB. */
const MOST_AT_ONCE: number = 512 * 1024 * 1024;

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

/** The pieces of a stretch, in order. */
async function* piecesOf(source: ByteSource, { at, length }: Stretch, { signal, onProgress }: Watch): AsyncGenerator<Uint8Array, void, undefined> {
  for (let done = 0; done < length; ) {
    const wanted = Math.min(CHUNK, length - done);
    const chunk = await readFrom(source, at + done, wanted, signal);
    if (chunk.length !== wanted) {
      const offset = at + done + chunk.length;
      throw new BinspectError('truncated', `the file shrank while it was read: it had ${source.size} bytes and ended at ${hex(offset)}`, { offset });
    }
    yield chunk;
    done += wanted;
    onProgress?.(done, length);
  }
}

async function readStretch(source: ByteSource, stretch: Stretch, watch: Watch): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(stretch.length);
  let at = 0;
  for await (const piece of piecesOf(source, stretch, watch)) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

async function digestWith(subtle: SubtleCrypto, algorithm: keyof typeof NAMES, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hexText(new Uint8Array(await subtle.digest(NAMES[algorithm], bytes)));
}

/**
 * Lower-case hex SHA-256 of all bytes of a source, of any size. Web Crypto computes it where the page has it and the source is not too large for
 * it; else code of our own does, some ten times slower. Throws `truncated` for a source that shrinks, and `aborted`.
 */
export async function digest(source: ByteSource, watch: Watch = {}): Promise<string> {
  const whole = { at: 0, length: source.size };
  const subtle = subtleCrypto();
  if (subtle !== null && source.size <= MOST_AT_ONCE) return digestWith(subtle, 'sha256', await readStretch(source, whole, watch));
  const hash = new Sha256();
  for await (const piece of piecesOf(source, whole, watch)) hash.update(piece);
  return hash.digest();
}

/** The digest of a part of a source; null where there is no Web Crypto. Throws as `digest` does. */
export async function digestPart(source: ByteSource, stretch: Stretch, algorithm: keyof typeof NAMES, signal?: AbortSignal): Promise<string | null> {
  const subtle = subtleCrypto();
  return subtle === null ? null : digestWith(subtle, algorithm, await readStretch(source, stretch, { signal }));
}
