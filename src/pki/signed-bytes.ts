// Is this signature valid over these bytes, or over this digest, for this key? One answer for all kinds of keys, the same in every runtime.

import { HASH_BYTES } from './algorithms.ts';
import type { HashName, SignatureScheme } from './algorithms.ts';
import { verifyEcdsa } from './ecdsa.ts';
import type { CurveName, PublicKey } from './keys.ts';
import { verifyPkcs1, verifyPss } from './rsa.ts';
import type { Digest } from './rsa.ts';

/** What the runtime's own cryptography does for this folder, which has none. */
export interface Runtime {
  /** A digest; null where this runtime does not have the algorithm. */
  readonly digest: (algorithm: HashName, bytes: Uint8Array) => Uint8Array | null;
  /**
   * Whether a signature is valid over a message: RSA with PKCS#1 1.5 padding, ECDSA as DER, or Ed25519 with `hash` null.
   * `spki`: the key as SubjectPublicKeyInfo. Null where this runtime has no answer.
   */
  readonly verify: (hash: HashName | null, message: Uint8Array, spki: Uint8Array, signature: Uint8Array) => boolean | null;
}

/** What came of a check. 'unknown': it could not be made, and `reason` says why. */
export interface Check {
  readonly state: 'valid' | 'invalid' | 'unknown';
  /** Null for what is valid. */
  readonly reason: string | null;
}

/** What a signature is held against: the message, or the digest of it that somebody else has computed. */
export type Signed = { readonly message: Uint8Array } | { readonly digest: Uint8Array };

/** A public key, and its whole SubjectPublicKeyInfo. */
export interface KeyBytes {
  readonly key: PublicKey;
  readonly spki: Uint8Array;
}

/** A check that found nothing wrong. */
export const VALID: Check = { state: 'valid', reason: null };

/** A check that found something wrong. */
export function invalid(reason: string): Check {
  return { state: 'invalid', reason };
}

/** A check that could not be made. */
export function unknown(reason: string): Check {
  return { state: 'unknown', reason };
}

/** The answer where there is no cryptography at hand. */
export const NO_RUNTIME: Check = { state: 'unknown', reason: 'signatures are not checked in this runtime' };

/** The digests that all runtimes verify together with a curve; Deno says false to others. */
const OWN_HASH: Readonly<Record<CurveName, HashName>> = { p256: 'sha256', p384: 'sha384', p521: 'sha512' };

/**
 * Whether a signature is valid over `signed` for a key. The runtime is asked where every one of them knows the combination; the rest
 * is computed here. A digest is enough for RSA and ECDSA; Ed25519 signs the message itself. `runtime` null: unknown.
 */
export function checkSignature(runtime: Runtime | null, scheme: SignatureScheme, { key, spki }: KeyBytes, signed: Signed, signature: Uint8Array): Check {
  if (runtime === null) return NO_RUNTIME;
  if (key.kind === 'unknown') return unknown(key.reason);
  if (scheme.kind === 'ed25519') {
    if (key.kind !== 'ed25519') return invalid('the key is not an Ed25519 key');
    if (!('message' in signed)) return unknown('Ed25519 signs the message itself; its digest is not enough');
    return answer(runtime.verify(null, signed.message, spki, signature));
  }
  if (key.kind !== (scheme.kind === 'ecdsa' ? 'ec' : 'rsa')) return invalid(`the key is not ${scheme.kind === 'ecdsa' ? 'an elliptic curve' : 'an RSA'} key`);
  if (key.kind === 'rsa' && key.pssOnly && scheme.kind === 'rsa-pkcs1') return invalid('the key is for PSS only');
  if ('message' in signed && (scheme.kind === 'rsa-pkcs1' || (key.kind === 'ec' && OWN_HASH[key.curve] === scheme.hash))) {
    const told = runtime.verify(scheme.hash, signed.message, spki, signature);
    if (told !== null) return answer(told);
  }
  const digest = 'message' in signed ? runtime.digest(scheme.hash, signed.message) : signed.digest;
  if (digest === null) return unknown(`this runtime does not have ${scheme.hash}`);
  if (digest.length !== HASH_BYTES[scheme.hash]) return invalid(`a digest of ${digest.length} bytes where ${scheme.hash} has ${HASH_BYTES[scheme.hash]}`);
  if (key.kind === 'ec') return answer(verifyEcdsa(key.curve, key.x, key.y, digest, signature));
  if (key.kind !== 'rsa') return invalid('the key is of another kind');
  if (scheme.kind === 'rsa-pkcs1') return answer(verifyPkcs1(key, scheme.hash, digest, signature));
  if (scheme.kind !== 'rsa-pss') return invalid('the key is of another kind');
  if (runtime.digest(scheme.mgfHash, signature) === null) return unknown(`this runtime does not have ${scheme.mgfHash}`);
  return answer(verifyPss(key, scheme, digest, signature, digestOf(runtime)));
}

function digestOf(runtime: Runtime): Digest {
  return (algorithm, bytes) => runtime.digest(algorithm, bytes) ?? new Uint8Array(0);
}

function answer(valid: boolean | null): Check {
  if (valid === null) return unknown('this runtime does not verify signatures of this kind');
  return valid ? VALID : invalid('the signature value does not fit');
}

/**
 * Whether an RSA signature holds the bare digest, without the DigestInfo around it: so did time stamps of the VeriSign era, with SHA-1 and MD5.
 * Every runtime's own check says false to it.
 */
export function isBareDigest({ key }: KeyBytes, hash: HashName, digest: Uint8Array, signature: Uint8Array): boolean {
  return key.kind === 'rsa' && !key.pssOnly && (hash === 'sha1' || hash === 'md5') && verifyPkcs1(key, hash, digest, signature, true);
}
