// ECDSA over a digest, on the curves of NIST: for what runtimes verify over whole messages only.
// Only public numbers are worked with here, so that time may depend on them.

import { attempt } from './attempt.ts';
import { DerCursor, TAG, readDer } from './der.ts';
import { bitLength } from './keys.ts';
import type { CurveName } from './keys.ts';
import { bigEndian, integer } from './values.ts';

/** A curve y² = x³ − 3x + b over a prime field. (SEC 2, FIPS 186-4 D.1.2) */
interface Curve {
  readonly p: bigint;
  readonly b: bigint;
  readonly n: bigint;
  readonly x: bigint;
  readonly y: bigint;
}

const CURVES: Readonly<Record<CurveName, Curve>> = {
  p256: {
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  },
  p384: {
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
  },
  p521: {
    p: (1n << 521n) - 1n,
    b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    n: 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    x: 0x00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66n,
    y: 0x011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650n,
  },
};

/** A point in Jacobian coordinates; z = 0 is the point at infinity. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

const INFINITY: Point = { x: 1n, y: 1n, z: 0n };

function modulo(value: bigint, prime: bigint): bigint {
  const rest = value % prime;
  return rest < 0n ? rest + prime : rest;
}

function inverse(value: bigint, prime: bigint): bigint {
  let [a, b] = [modulo(value, prime), prime];
  let [u, v] = [1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [u, v] = [v - quotient * u, u];
  }
  return modulo(u, prime);
}

function doubled({ x, y, z }: Point, p: bigint): Point {
  if (z === 0n || y === 0n) return INFINITY;
  const yy = (y * y) % p;
  const s = (4n * x * yy) % p;
  const zz = (z * z) % p;
  const m = modulo(3n * (x - zz) * (x + zz), p);
  const doubleX = modulo(m * m - 2n * s, p);
  return { x: doubleX, y: modulo(m * (s - doubleX) - 8n * yy * yy, p), z: (2n * y * z) % p };
}

function sum(a: Point, b: Point, p: bigint): Point {
  if (a.z === 0n) return b;
  if (b.z === 0n) return a;
  const az = (a.z * a.z) % p;
  const bz = (b.z * b.z) % p;
  const u = (a.x * bz) % p;
  const s = (a.y * bz * b.z) % p;
  const h = modulo(b.x * az - u, p);
  const r = modulo(b.y * az * a.z - s, p);
  if (h === 0n) return r === 0n ? doubled(a, p) : INFINITY;
  const hh = (h * h) % p;
  const hhh = (hh * h) % p;
  const v = (u * hh) % p;
  const x = modulo(r * r - hhh - 2n * v, p);
  return { x, y: modulo(r * (v - x) - s * hhh, p), z: (h * a.z * b.z) % p };
}

/** a·P + b·Q, both at once. */
function combined(a: bigint, first: Point, b: bigint, second: Point, p: bigint): Point {
  const both = sum(first, second, p);
  let result = INFINITY;
  for (let bit = BigInt(Math.max(bitLength(a), bitLength(b))) - 1n; bit >= 0n; bit--) {
    result = doubled(result, p);
    const inA = ((a >> bit) & 1n) === 1n;
    const inB = ((b >> bit) & 1n) === 1n;
    if (inA || inB) result = sum(result, inA && inB ? both : inA ? first : second, p);
  }
  return result;
}

/** Whether a DER signature is valid over a digest, for the key at a point. (FIPS 186-4 6.4, SEC 1 4.1.4) */
export function verifyEcdsa(curve: CurveName, x: bigint, y: bigint, digest: Uint8Array, signature: Uint8Array): boolean {
  const { p, b, n, x: baseX, y: baseY } = CURVES[curve];
  if (x >= p || y >= p || modulo(y * y - (x * x * x - 3n * x + b), p) !== 0n) return false;
  const read = attempt(() => {
    const fields = new DerCursor(readDer(signature, TAG.SEQUENCE, 'signature'), 'signature');
    const r = integer(fields.take(TAG.INTEGER, 'r'), 'r');
    const s = integer(fields.take(TAG.INTEGER, 's'), 's');
    fields.finish();
    return { r, s };
  });
  if (!read.ok) return false;
  const { r, s } = read.value;
  if (r < 1n || r >= n || s < 1n || s >= n) return false;
  const excess = 8 * digest.length - bitLength(n);
  const number = excess > 0 ? bigEndian(digest) >> BigInt(excess) : bigEndian(digest);
  const w = inverse(s, n);
  const point = combined(modulo(number * w, n), { x: baseX, y: baseY, z: 1n }, modulo(r * w, n), { x, y, z: 1n }, p);
  if (point.z === 0n) return false;
  const z = inverse(point.z, p);
  return modulo(modulo(point.x * z * z, p), n) === r;
}
