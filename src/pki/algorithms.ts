// Algorithm identifiers: which digest, which kind of signature.

import { DerCursor, TAG, context } from './der.ts';
import type { Element } from './der.ts';
import { count, oid } from './values.ts';

/** Digests that signatures use. */
export type HashName = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** Object identifiers of digests. */
const HASHES: ReadonlyMap<string, HashName> = new Map([
  ['1.2.840.113549.2.5', 'md5'],
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/** Bytes of a digest. */
export const HASH_BYTES: Readonly<Record<HashName, number>> = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

/** An AlgorithmIdentifier. */
export interface AlgorithmId {
  readonly oid: string;
  /** What stands behind the identifier; null for nothing and for NULL. */
  readonly parameters: Element | null;
}

/** Reads an AlgorithmIdentifier. (RFC 5280 4.1.1.2) */
export function readAlgorithm(element: Element, what: string): AlgorithmId {
  const cursor = new DerCursor(element, what);
  const id = oid(cursor.take(TAG.OID, what), what);
  const parameters = cursor.done ? null : cursor.any(what);
  cursor.finish();
  return { oid: id, parameters: parameters?.tag === TAG.NULL && parameters.start === parameters.stop ? null : parameters };
}

/** The digest that an AlgorithmIdentifier names; null for one that is not known here. */
export function hashOf({ oid, parameters }: AlgorithmId): HashName | null {
  return parameters === null ? (HASHES.get(oid) ?? null) : null;
}

/** The digest with an object identifier; null for one that is not known here. */
export function hashOfOid(oid: string): HashName | null {
  return HASHES.get(oid) ?? null;
}

/** How a signature is made. */
export type SignatureScheme =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: HashName }
  | { readonly kind: 'rsa-pss'; readonly hash: HashName; readonly mgfHash: HashName; /** null: whatever the signature has */ readonly saltBytes: number | null }
  | { readonly kind: 'ecdsa'; readonly hash: HashName }
  | { readonly kind: 'ed25519' };

const RSA = '1.2.840.113549.1.1.1';
const PSS = '1.2.840.113549.1.1.10';
const EC = '1.2.840.10045.2.1';
const ED25519 = '1.3.101.112';
const MGF1 = '1.2.840.113549.1.1.8';

const WITH_RSA: ReadonlyMap<string, HashName> = new Map([
  ['1.2.840.113549.1.1.4', 'md5'],
  ['1.2.840.113549.1.1.5', 'sha1'],
  ['1.3.14.3.2.29', 'sha1'],
  ['1.2.840.113549.1.1.14', 'sha224'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
]);

const WITH_ECDSA: ReadonlyMap<string, HashName> = new Map([
  ['1.2.840.10045.4.1', 'sha1'],
  ['1.2.840.10045.4.3.1', 'sha224'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
]);

/**
 * How a signature with this AlgorithmIdentifier is made; null for one that is not known here. `digest` is what a CMS message names
 * beside it: the identifiers of bare keys take the digest from there, and where both name one they have to be the same.
 */
export function schemeOf(algorithm: AlgorithmId, digest: HashName | null): SignatureScheme | null {
  const { oid: id, parameters } = algorithm;
  if (id === PSS) return pssOf(parameters, digest);
  if (parameters !== null) return null;
  if (id === ED25519) return { kind: 'ed25519' };
  if (id === RSA || id === EC) return digest === null ? null : { kind: id === RSA ? 'rsa-pkcs1' : 'ecdsa', hash: digest };
  const rsa = WITH_RSA.get(id);
  const hash = rsa ?? WITH_ECDSA.get(id);
  if (hash === undefined || (digest !== null && digest !== hash)) return null;
  return { kind: rsa === undefined ? 'ecdsa' : 'rsa-pkcs1', hash };
}

/** RSASSA-PSS-params: each field has a default. (RFC 4055 3.1) */
function pssOf(parameters: Element | null, digest: HashName | null): SignatureScheme | null {
  let hash: HashName | null = 'sha1';
  let mgfHash: HashName | null = 'sha1';
  let saltBytes = 20;
  if (parameters?.tag !== TAG.SEQUENCE) return null;
  const fields = new DerCursor(parameters, 'PSS parameters');
  const field = (number: number): Element | null => {
    const tagged = fields.maybe(context(number), 'PSS parameters');
    if (tagged === null) return null;
    const inner = new DerCursor(tagged, 'PSS parameters');
    const value = inner.any();
    inner.finish();
    return value;
  };
  const hashField = field(0);
  if (hashField !== null) hash = hashOf(readAlgorithm(hashField, 'PSS digest'));
  const mgfField = field(1);
  if (mgfField !== null) {
    const mgf = readAlgorithm(mgfField, 'PSS mask generation');
    mgfHash = mgf.oid === MGF1 && mgf.parameters !== null ? hashOf(readAlgorithm(mgf.parameters, 'PSS mask digest')) : null;
  }
  const saltField = field(2);
  if (saltField !== null) saltBytes = count(saltField, 'PSS salt length');
  const trailer = field(3);
  if (trailer !== null && count(trailer, 'PSS trailer') !== 1) return null;
  fields.finish();
  if (hash === null || mgfHash === null || (digest !== null && digest !== hash)) return null;
  return { kind: 'rsa-pss', hash, mgfHash, saltBytes };
}
