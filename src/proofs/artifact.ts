// The file that a proof is about: its digests, in one pass, and its bytes where a signature is over those. Or nothing but a digest.

import type { InspectInput } from '../bytes/given.ts';
import { readFrom } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import { openInput } from '../inspect/open-input.ts';
import type { HashName } from '../pki/algorithms.ts';
import { joined } from '../pki/der.ts';
import type { Cryptography, DigestName } from '../signature/cryptography.ts';

/** What is known of a file. */
export interface Artifact {
  readonly digests: ReadonlyMap<HashName, Uint8Array>;
  /** For minisign; null where it was not asked for. */
  readonly blake2b: Uint8Array | null;
  /** Null where nobody asked for it, it is too large, or only a digest is given. */
  readonly bytes: Uint8Array | null;
  /** Whether nothing but a digest is given. */
  readonly digestOnly: boolean;
}

/** What a proof asks of a file. */
export interface Wanted {
  readonly hashes: ReadonlySet<DigestName>;
  readonly bytes: boolean;
}

const CHUNK = 1_048_576;
const LARGEST = 1_073_741_824; // bytes of a file that is held whole: Ed25519 has no other way
const DIGEST = /^sha256:([0-9a-f]{64})$/i;

/** Reads a file once. `sha256:HEX` stands for a file of that digest, where there is none of that name. Rejects with `io`, `aborted`. */
export async function readArtifact(input: InspectInput, { hashes, bytes: whole }: Wanted, cryptography: Cryptography, signal: AbortSignal | undefined): Promise<Artifact> {
  const digest = typeof input === 'string' ? DIGEST.exec(input) : null;
  const opened = await openOrNull(input, signal, digest !== null);
  if (opened === null) {
    const hex = (digest as RegExpExecArray)[1] as string;
    return { digests: new Map([['sha256', Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))]]), blake2b: null, bytes: null, digestOnly: true };
  }
  const { source, close } = opened;
  try {
    const running = [...hashes].map((name) => ({ name, hash: cryptography.running(name) }));
    const keep = whole && source.size <= LARGEST;
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < source.size; at += CHUNK) {
      const piece = await readFrom(source, at, Math.min(CHUNK, source.size - at), signal);
      for (const { hash } of running) hash?.update(piece);
      if (keep) pieces.push(Uint8Array.from(piece));
    }
    const results = running.flatMap(({ name, hash }) => (hash === null ? [] : [[name, hash.digest()] as const]));
    const digests = new Map(results.flatMap(([name, value]) => (name === 'blake2b512' ? [] : [[name, value] as const])));
    return { digests, blake2b: results.find(([name]) => name === 'blake2b512')?.[1] ?? null, bytes: keep ? joined(pieces) : null, digestOnly: false };
  } finally {
    await close();
  }
}

async function openOrNull(input: InspectInput, signal: AbortSignal | undefined, mayBeDigest: boolean): ReturnType<typeof openInput> extends Promise<infer T> ? Promise<T | null> : never {
  try {
    return await openInput(input, { signal });
  } catch (error) {
    if (mayBeDigest && error instanceof BinspectError && error.code === 'io' && error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ENOENT') return null;
    throw error;
  }
}
