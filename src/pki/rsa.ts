// RSA signatures over a digest: PKCS#1 version 1.5, the bare block of old time stamps, and PSS.
// Only public numbers are worked with here, so that time may depend on them.

import type { HashName } from './algorithms.ts';
import { equalBytes, joined } from './der.ts';
import { bigEndian } from './values.ts';

/** Computes a digest. */
export type Digest = (algorithm: HashName, bytes: Uint8Array) => Uint8Array;

/** The DER of DigestInfo up to the digest. (RFC 8017 9.2, note 1) */
const DIGEST_INFO: Readonly<Record<HashName, readonly number[]>> = {
  md5: [0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00, 0x04, 0x10],
  sha1: [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14],
  sha224: [0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c],
  sha256: [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20],
  sha384: [0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30],
  sha512: [0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40],
};

/** An RSA key's two numbers. */
export interface RsaNumbers {
  readonly modulus: bigint;
  readonly exponent: bigint;
  readonly bits: number;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The block that a signature encodes, as long as the modulus; null where it is no signature by such a key. (RFC 8017 5.2.2, 8.2.2) */
function block(key: RsaNumbers, signature: Uint8Array): Uint8Array | null {
  const size = Math.ceil(key.bits / 8);
  const value = bigEndian(signature);
  if (signature.length !== size || value >= key.modulus) return null;
  return bytesOf(power(value, key.exponent, key.modulus), size);
}

function bytesOf(value: bigint, size: number): Uint8Array {
  const text = value.toString(16).padStart(2 * size, '0');
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/**
 * Whether a signature of PKCS#1 version 1.5 is valid over a digest. The whole block is compared with what it has to be, not taken apart.
 * `bare`: without the DigestInfo around the digest, as time stamps of the VeriSign era have it.
 */
export function verifyPkcs1(key: RsaNumbers, hash: HashName, digest: Uint8Array, signature: Uint8Array, bare = false): boolean {
  const found = block(key, signature);
  if (found === null) return false;
  const wanted = bare ? digest : joined([Uint8Array.from(DIGEST_INFO[hash]), digest]);
  const padding = found.length - wanted.length - 3;
  if (padding < 8) return false;
  return equalBytes(found, joined([Uint8Array.from([0, 1]), new Uint8Array(padding).fill(0xff), Uint8Array.from([0]), wanted]));
}

/** What PSS wants to know beside the digest. */
export interface PssParameters {
  readonly hash: HashName;
  readonly mgfHash: HashName;
  /** Null: of whatever length the signature has, as bare signatures say it nowhere. */
  readonly saltBytes: number | null;
}

/** Whether a PSS signature is valid over a digest. (RFC 8017 9.1.2) */
export function verifyPss(key: RsaNumbers, { hash, mgfHash, saltBytes }: PssParameters, digest: Uint8Array, signature: Uint8Array, digestOf: Digest): boolean {
  const whole = block(key, signature);
  if (whole === null) return false;
  const bits = key.bits - 1;
  const size = Math.ceil(bits / 8);
  const encoded = whole.subarray(whole.length - size);
  if (size < whole.length && whole[0] !== 0) return false;
  const length = digest.length;
  const dataLength = size - length - 1;
  if ((saltBytes ?? 0) > dataLength - 1 || dataLength < 1 || encoded[size - 1] !== 0xbc) return false;
  const data = encoded.slice(0, dataLength);
  const seed = encoded.subarray(dataLength, size - 1);
  const top = 0xff >> (8 * size - bits);
  if (((data[0] as number) & ~top) !== 0) return false;
  const mask = mgf1(mgfHash, seed, dataLength, digestOf);
  for (let at = 0; at < dataLength; at++) data[at] = (data[at] as number) ^ (mask[at] as number);
  data[0] = (data[0] as number) & top;
  const one = saltBytes === null ? data.findIndex((byte) => byte !== 0) : dataLength - saltBytes - 1; // none: the next line finds no 1
  for (let at = 0; at < one; at++) if (data[at] !== 0) return false;
  if (data[one] !== 1) return false;
  return equalBytes(seed, digestOf(hash, joined([new Uint8Array(8), digest, data.subarray(one + 1)])));
}

/** MGF1. (RFC 8017 B.2.1) */
function mgf1(hash: HashName, seed: Uint8Array, length: number, digestOf: Digest): Uint8Array {
  const pieces: Uint8Array[] = [];
  let have = 0;
  for (let counter = 0; have < length; counter++) {
    const piece = digestOf(hash, joined([seed, Uint8Array.from([counter >>> 24, counter >>> 16, counter >>> 8, counter])]));
    pieces.push(piece);
    have += piece.length;
  }
  return joined(pieces).subarray(0, length);
}
