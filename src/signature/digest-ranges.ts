// Digests of a stream: over ranges of it, and page by page. Bytes come in their order, each once.

import type { HashName } from '../pki/algorithms.ts';
import { latin1 } from '../pki/values.ts';
import type { Cryptography } from './cryptography.ts';

/** Bytes of a part of a file. */
export interface Range {
  readonly offset: number;
  readonly size: number;
}

/** Takes a stream; `digest` says what it came to, null where the runtime has no such digest or bytes are missing. */
export interface StreamDigest {
  readonly take: (bytes: Uint8Array, at: number) => void;
  readonly digest: () => Uint8Array | null;
}

/**
 * The digest of ranges in their order, and of zeros behind them. They lie one behind the other, but for the last: `late` may begin before the end of the others, and
 * what it needs of those is kept, which its maker has bounded.
 */
export function rangesDigest(cryptography: Cryptography, algorithm: HashName, ranges: readonly Range[], { late = null, padding = 0 }: { readonly late?: Range | null; readonly padding?: number } = {}): StreamDigest {
  const running = cryptography.running(algorithm);
  const end = ranges.reduce((last, { offset, size }) => Math.max(last, offset + size), 0);
  const keptSize = late === null ? 0 : Math.max(0, Math.min(late.offset + late.size, end) - late.offset);
  const kept = new Uint8Array(keptSize);
  let wanted = ranges.reduce((sum, { size }) => sum + size, 0) + (late?.size ?? 0);
  let index = 0;
  let joined = late === null;
  const update = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    running?.update(bytes);
    wanted -= bytes.length;
  };
  const part = (bytes: Uint8Array, at: number, { offset, size }: Range): Uint8Array =>
    bytes.subarray(Math.min(bytes.length, Math.max(0, offset - at)), Math.max(0, Math.min(bytes.length, offset + size - at)));
  const take = (bytes: Uint8Array, at: number): void => {
    const stop = at + bytes.length;
    if (late !== null && keptSize > 0) {
      const overlapping = part(bytes, at, { offset: late.offset, size: keptSize });
      if (overlapping.length > 0) kept.set(overlapping, Math.max(0, at - late.offset));
    }
    for (let range = ranges[index]; range !== undefined && range.offset < stop; range = ranges[index]) {
      update(part(bytes, at, range));
      if (range.offset + range.size > stop) break;
      index++;
    }
    if (late === null || stop < end) return;
    if (!joined) update(kept);
    joined = true;
    const rest = late.offset + keptSize;
    update(part(bytes, at, { offset: rest, size: late.offset + late.size - rest }));
  };
  const digest = (): Uint8Array | null => {
    if (running === null || wanted !== 0) return null;
    if (padding > 0) running.update(new Uint8Array(padding));
    return running.digest();
  };
  return { take, digest };
}

/** One page: bytes of the file, and zeros behind them. */
export interface Page extends Range {
  readonly padding: number;
}

/**
 * Hands over the digest of each page, a character for each byte, of a list that goes upward without overlaps; pages whose bytes don't come are left out.
 * A page that is whole within a stretch is hashed in one call.
 */
export function pageDigests(cryptography: Cryptography, algorithm: HashName, count: number, pageAt: (index: number) => Page, visit: (index: number, digest: string) => void): StreamDigest['take'] {
  let index = 0;
  let page = count > 0 ? pageAt(0) : null;
  let running = cryptography.running(algorithm);
  let begun = false;
  const finish = (digest: string): void => {
    visit(index, digest);
    index++;
    page = index < count ? pageAt(index) : null;
  };
  return (bytes, at) => {
    const stop = at + bytes.length;
    while (page !== null && page.offset < stop && running !== null) {
      const { offset, size, padding } = page;
      const from = Math.max(0, offset - at);
      const to = Math.min(bytes.length, offset + size - at);
      const piece = bytes.subarray(from, to);
      const ends = offset + size <= stop;
      if (!begun && ends && padding === 0) {
        const digest = cryptography.digestText(algorithm, piece);
        if (digest === null) return;
        finish(digest);
        continue;
      }
      running.update(piece);
      begun = !ends;
      if (!ends) return;
      if (padding > 0) running.update(new Uint8Array(padding));
      const digest = running.digest();
      running = cryptography.running(algorithm);
      finish(latin1(digest));
    }
  };
}

/** Whether a digest, a character for each byte, begins with the bytes at a position. */
export function isDigestAt(bytes: Uint8Array, at: number, size: number, digest: string): boolean {
  for (let index = 0; index < size; index++) if (digest.charCodeAt(index) !== bytes[at + index]) return false;
  return true;
}
