// Public keys as certificates and key files carry them: SubjectPublicKeyInfo.

import { readAlgorithm } from './algorithms.ts';
import { DerCursor, TAG, contentOf, readDer } from './der.ts';
import type { Element } from './der.ts';
import { bigEndian, bitBytes, oid, unsigned } from './values.ts';

/** The curves that are checked here. */
export type CurveName = 'p256' | 'p384' | 'p521';

/** A public key. */
export type PublicKey =
  | { readonly kind: 'rsa'; readonly modulus: bigint; readonly exponent: bigint; readonly bits: number; /** whether its identifier allows PSS only */ readonly pssOnly: boolean }
  | { readonly kind: 'ec'; readonly curve: CurveName; readonly x: bigint; readonly y: bigint }
  | { readonly kind: 'ed25519'; readonly point: Uint8Array }
  | { readonly kind: 'unknown'; /** what is not known: an algorithm, a curve, explicit parameters */ readonly reason: string };

const CURVES: ReadonlyMap<string, readonly [CurveName, number]> = new Map([
  ['1.2.840.10045.3.1.7', ['p256', 32]],
  ['1.3.132.0.34', ['p384', 48]],
  ['1.3.132.0.35', ['p521', 66]],
]);

const LARGEST = 16_384; // bits of a modulus; OpenSSL takes no larger one either
const LARGEST_EXPONENT = 1n << 64n; // a larger one makes a check cost seconds

/** The key in a SubjectPublicKeyInfo. A kind of key that is not known here is an answer; bytes that hold none are `malformed`. (RFC 5280 4.1.2.7) */
export function readPublicKey(spki: Element): PublicKey {
  const fields = new DerCursor(spki, 'public key');
  const algorithm = readAlgorithm(fields.take(TAG.SEQUENCE, 'key algorithm'), 'key algorithm');
  const bits = bitBytes(fields.take(TAG.BIT_STRING, 'public key'), 'public key');
  fields.finish();
  switch (algorithm.oid) {
    case '1.2.840.113549.1.1.1':
      return rsaKey(bits, false);
    case '1.2.840.113549.1.1.10':
      return rsaKey(bits, true);
    case '1.2.840.10045.2.1':
      return ecKey(algorithm.parameters, bits);
    case '1.3.101.112':
      return bits.length === 32 && algorithm.parameters === null ? { kind: 'ed25519', point: bits } : { kind: 'unknown', reason: 'an Ed25519 key of the wrong length' };
    default:
      return { kind: 'unknown', reason: `a key of the algorithm ${algorithm.oid}` };
  }
}

function rsaKey(bits: Uint8Array, pssOnly: boolean): PublicKey {
  const fields = new DerCursor(readDer(bits, TAG.SEQUENCE, 'RSA key'), 'RSA key');
  const modulus = unsigned(fields.take(TAG.INTEGER, 'RSA modulus'), 'RSA modulus');
  const exponent = unsigned(fields.take(TAG.INTEGER, 'RSA exponent'), 'RSA exponent');
  fields.finish();
  const size = bitLength(modulus);
  if (size > LARGEST || exponent > LARGEST_EXPONENT) return { kind: 'unknown', reason: `an RSA key of ${size} bits with an exponent of ${bitLength(exponent)}` };
  if (size < 64 || modulus % 2n === 0n || exponent < 3n || exponent % 2n === 0n) return { kind: 'unknown', reason: 'numbers that are no RSA key' };
  return { kind: 'rsa', modulus, exponent, bits: size, pssOnly };
}

/** Bits of a number. */
export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** Only named curves: explicit parameters let anybody choose a base point for a key that is not theirs (CVE-2020-0601). */
function ecKey(parameters: Element | null, bits: Uint8Array): PublicKey {
  if (parameters === null) return { kind: 'unknown', reason: 'an elliptic curve key without a curve' };
  if (parameters.tag !== TAG.OID) return { kind: 'unknown', reason: 'an elliptic curve key with explicit parameters' };
  const id = oid(parameters, 'curve');
  const curve = CURVES.get(id);
  if (curve === undefined) return { kind: 'unknown', reason: `an elliptic curve key on the curve ${id}` };
  const [name, size] = curve;
  if (bits.length !== 1 + 2 * size || bits[0] !== 4) return { kind: 'unknown', reason: 'a point that is not written in full' };
  return { kind: 'ec', curve: name, x: bigEndian(bits.subarray(1, 1 + size)), y: bigEndian(bits.subarray(1 + size)) };
}

/** Reads a PKCS#1 RSAPublicKey as the SubjectPublicKeyInfo that holds it. */
export function spkiOfRsa(key: Uint8Array): Uint8Array {
  contentOf(readDer(key, TAG.SEQUENCE, 'RSA key'));
  const algorithm = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
  const bits = [0x03, ...lengthOctets(key.length + 1), 0x00];
  return Uint8Array.from([0x30, ...lengthOctets(algorithm.length + bits.length + key.length), ...algorithm, ...bits, ...key]);
}

/** The SubjectPublicKeyInfo of an Ed25519 key of 32 bytes. */
export function spkiOfEd25519(point: Uint8Array): Uint8Array {
  return Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, ...point]);
}

/** A definite length as DER writes it. */
export function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  return [0x80 + octets.length, ...octets];
}
