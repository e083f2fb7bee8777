// Signatures by a bare key: what key and value fit together, and by which algorithm.

import type { HashName, SignatureScheme } from '../pki/algorithms.ts';
import type { CurveName } from '../pki/keys.ts';
import { checkSignature, invalid, unknown } from '../pki/signed-bytes.ts';
import type { Check, KeyBytes, Runtime } from '../pki/signed-bytes.ts';

/** The digest that belongs to a curve. */
const OWN_HASH: Readonly<Record<CurveName, HashName>> = { p256: 'sha256', p384: 'sha384', p521: 'sha512' };

/** A signature that was checked, and how it is made. */
export interface KeyCheck extends Check {
  /** 'ECDSA P-256 with SHA-256'; null where nothing fits. */
  readonly algorithm: string | null;
}

/** What is signed: digests, and the message itself where it is at hand. */
export interface SignedInput {
  readonly digests: ReadonlyMap<HashName, Uint8Array>;
  readonly message: Uint8Array | null;
}

const CURVE_NAMES: Readonly<Record<CurveName, string>> = { p256: 'P-256', p384: 'P-384', p521: 'P-521' };

/** Digests with which signatures by a key are looked for, the most usual first. */
export function hashesFor({ key }: KeyBytes): readonly HashName[] {
  if (key.kind === 'ed25519' || key.kind === 'unknown') return [];
  const own = key.kind === 'ec' ? OWN_HASH[key.curve] : 'sha256';
  return [own, ...(['sha256', 'sha384', 'sha512'] as const).filter((hash) => hash !== own)];
}

/** Those of them that Sigstore uses: the curve's own, and SHA-256, which older versions of cosign took with every curve. */
export function sigstoreHashesFor(key: KeyBytes): readonly HashName[] {
  const [own] = hashesFor(key);
  return own === undefined ? [] : own === 'sha256' ? [own] : [own, 'sha256'];
}

/** Whether a signature is valid for a key by any algorithm that is used for files: ECDSA, RSA with PKCS#1 1.5 or PSS padding, with SHA-256, 384 or 512, and Ed25519. */
export function checkByKey(runtime: Runtime, key: KeyBytes, { digests, message }: SignedInput, signature: Uint8Array, hashes: readonly HashName[] = hashesFor(key)): KeyCheck {
  if (key.key.kind === 'unknown') return { ...unknown(key.key.reason), algorithm: null };
  if (key.key.kind === 'ed25519') {
    if (signature.length !== 64) return { ...invalid(`an Ed25519 signature has 64 bytes, this one ${signature.length}`), algorithm: null };
    if (message === null) return { ...unknown('Ed25519 signs the file itself, and of it only a digest is at hand'), algorithm: null };
    return { ...checkSignature(runtime, { kind: 'ed25519' }, key, { message }, signature), algorithm: 'Ed25519' };
  }
  let undecided: Check | null = null;
  let missing = false;
  for (const scheme of schemesFor(key, hashes)) {
    const digest = digests.get(scheme.hash);
    if (digest === undefined) {
      missing = true;
      continue;
    }
    const check = checkSignature(runtime, scheme, key, { digest }, signature);
    if (check.state === 'valid') return { ...check, algorithm: schemeName(key, scheme) };
    if (check.state === 'unknown') undecided ??= check;
  }
  if (undecided !== null) return { ...undecided, algorithm: null };
  if (missing) return { ...unknown('the signature does not fit by SHA-256, and other digests of the file are not known'), algorithm: null };
  return { ...invalid('the signature value does not fit key and file'), algorithm: null };
}

type Hashed = Exclude<SignatureScheme, { readonly kind: 'ed25519' }>;

function schemesFor(key: KeyBytes, hashes: readonly HashName[]): Hashed[] {
  if (key.key.kind !== 'rsa') return hashes.map((hash) => ({ kind: 'ecdsa', hash }));
  const pss = hashes.map((hash): Hashed => ({ kind: 'rsa-pss', hash, mgfHash: hash, saltBytes: null }));
  return key.key.pssOnly ? pss : [...hashes.map((hash): Hashed => ({ kind: 'rsa-pkcs1', hash })), ...pss];
}

function schemeName({ key }: KeyBytes, { kind, hash }: Hashed): string {
  const digest = `SHA-${hash.slice(3)}`;
  if (key.kind === 'ec') return `ECDSA ${CURVE_NAMES[key.curve]} with ${digest}`;
  return `RSA ${kind === 'rsa-pss' ? 'PSS' : 'PKCS#1'} with ${digest}`;
}

/** Whether a signature by a log, or by whoever signs messages that are at hand, is valid: with the digest that belongs to the key. */
export function checkMessage(runtime: Runtime, key: KeyBytes, message: Uint8Array, signature: Uint8Array): Check {
  const { kind } = key.key;
  if (kind === 'ed25519') return checkSignature(runtime, { kind }, key, { message }, signature);
  const [hash = 'sha256'] = hashesFor(key);
  return checkSignature(runtime, { kind: kind === 'rsa' ? 'rsa-pkcs1' : 'ecdsa', hash }, key, { message }, signature);
}
