// What a runtime brings for reading archives: inflating, check sums, digests. Node has them built in; a browser has none that shows where a stream ends.

import type { Flow } from './flow.ts';

/** A SHA-256 that bytes are given to as they come. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  /** Lower-case hex, once. */
  digest(): string;
}

/** What a runtime has. */
export interface Codecs {
  /**
   * What one raw deflate stream (RFC 1951) holds. The flow stands right behind the stream when it is done. Throws `malformed`, and
   * `truncated` where the flow ends before the stream.
   */
  inflate(flow: Flow): AsyncGenerator<Uint8Array, void, undefined>;
  /** The first bytes of what a raw deflate stream holds, at most `most`, as far as its own first bytes tell. Throws `malformed`. */
  inflateStart(bytes: Uint8Array, most: number): Uint8Array;
  /** CRC-32 (IEEE 802.3) of bytes, continued from the CRC of those before; 0 at first. */
  crc32(bytes: Uint8Array, before: number): number;
  /** A new SHA-256; null where this runtime has none that bytes can be given to as they come. */
  sha256: (() => RunningDigest) | null;
  /** What one or more zstd frames hold, by what the runtime has built in; null where it has none. */
  zstd: ((flow: Flow) => AsyncGenerator<Uint8Array, void, undefined>) | null;
}
