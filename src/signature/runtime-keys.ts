// The runtime's cryptography: digests, and whether a signature is valid for a key. The only room of signatures that needs Node's modules, or Bun's and Deno's.

import type { KeyObject } from 'node:crypto';
import type { Cryptography } from './cryptography.ts';

const keys = new WeakMap<Uint8Array, KeyObject | null>(); // a certificate's key is asked for again for each signature of its holder

/**
 * Node's cryptography, as Bun and Deno have it too. Of it only `verify` over a whole message is used: their classes for certificates
 * differ, and what one of them can't do is null and never false.
 */
export const NODE_RUNTIME: Cryptography = {
  digest: (algorithm, bytes) => {
    try {
      const { hash, createHash } = process.getBuiltinModule('node:crypto');
      // One call where there is one: it takes half the time for a page of 4 KiB.
      return typeof hash === 'function' ? hash(algorithm, bytes, 'buffer') : createHash(algorithm).update(bytes).digest();
    } catch {
      return null; // switched off in this build of OpenSSL: md5 under FIPS
    }
  },
  running: (algorithm) => {
    try {
      const hash = process.getBuiltinModule('node:crypto').createHash(algorithm);
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
    } catch {
      return null;
    }
  },
  digestText: (algorithm, bytes) => {
    try {
      const { hash, createHash } = process.getBuiltinModule('node:crypto');
      return typeof hash === 'function' ? hash(algorithm, bytes, 'binary') : createHash(algorithm).update(bytes).digest('binary');
    } catch {
      return null;
    }
  },
  verify: (hash, message, spki, signature) => {
    const key = keyOf(spki);
    if (key === null) return null;
    try {
      return process.getBuiltinModule('node:crypto').verify(hash, message, key.asymmetricKeyType === 'ec' ? { key, dsaEncoding: 'der' } : key, signature);
    } catch {
      return null; // SHA-1 signatures, where the system's OpenSSL refuses them
    }
  },
};

function keyOf(spki: Uint8Array): KeyObject | null {
  const known = keys.get(spki);
  if (known !== undefined) return known;
  const key = readKey(spki);
  keys.set(spki, key);
  return key;
}

function readKey(spki: Uint8Array): KeyObject | null {
  try {
    return process.getBuiltinModule('node:crypto').createPublicKey({ key: Buffer.from(spki.buffer, spki.byteOffset, spki.length), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}
