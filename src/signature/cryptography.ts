// What the check of embedded signatures asks of the runtime: digests that run along, beside what keys need.

import type { HashName } from '../pki/algorithms.ts';
import type { Runtime } from '../pki/signed-bytes.ts';

/** A digest in the making. */
export interface RunningDigest {
  readonly update: (bytes: Uint8Array) => void;
  readonly digest: () => Uint8Array;
}

/** Digests that run along: those of signatures, and the one of minisign. */
export type DigestName = HashName | 'blake2b512';

/** The runtime's cryptography, all of it at once: browsers have none of this kind. */
export interface Cryptography extends Runtime {
  /** A digest to be fed in pieces; null where this runtime does not have the algorithm. */
  readonly running: (algorithm: DigestName) => RunningDigest | null;
  /** A digest as text, a character for each byte: made for each page of a file, where a buffer for each would take as long as the digest. Null as for `digest`. */
  readonly digestText: (algorithm: HashName, bytes: Uint8Array) => string | null;
}
