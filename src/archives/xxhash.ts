// XXH64 with seed 0, whose low half is the checksum of a Zstandard frame, over bytes that come in pieces.

import type { Checksum } from './crc.ts';

const STRIPE = 32;
const PRIME_1 = 0x9e37_79b1_85eb_ca87n;
const PRIME_2 = 0xc2b2_ae3d_27d4_eb4fn;
const PRIME_3 = 0x1656_67b1_9e37_79f9n;
const PRIME_4 = 0x85eb_ca77_c2b2_ae63n;
const PRIME_5 = 0x27d4_eb2f_1656_67c5n;

/** The primes of the inner loop in halves. */
const P1_HIGH = 0x9e37_79b1 | 0;
const P1_LOW = 0x85eb_ca87 | 0;
const P2_HIGH = 0xc2b2_ae3d | 0;
const P2_LOW = 0x27d4_eb4f;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => u64(value << by) | (value >> (64n - by));

/** The upper half of the product of two words, in 16 bits a step. */
function upperHalf(a: number, b: number): number {
  const a1 = a >>> 16;
  const a0 = a & 0xffff;
  const b1 = b >>> 16;
  const b0 = b & 0xffff;
  const middle = (Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16)) | 0;
  return ((middle >>> 16) + ((Math.imul(a0, b1) + (middle & 0xffff)) >>> 16) + Math.imul(a1, b1)) | 0;
}

/** Adds full stripes to one of the four sums, in halves: sum = rotate(sum + word * PRIME_2, 31) * PRIME_1. */
function addLane(sums: Int32Array, lane: number, view: DataView, from: number, to: number): void {
  let low = sums[2 * lane] as number;
  let high = sums[2 * lane + 1] as number;
  for (let at = from + 8 * lane; at < to; at += STRIPE) {
    const wordLow = view.getInt32(at, true);
    const wordHigh = view.getInt32(at + 4, true);
    const product = Math.imul(wordLow, P2_LOW);
    const sum = (low + product) | 0;
    const carry = ((low & product) | ((low | product) & ~sum)) >>> 31;
    high = (high + carry + upperHalf(wordLow, P2_LOW) + Math.imul(wordHigh, P2_LOW) + Math.imul(wordLow, P2_HIGH)) | 0;
    const turnedLow = (sum << 31) | (high >>> 1);
    const turnedHigh = (high << 31) | (sum >>> 1);
    low = Math.imul(turnedLow, P1_LOW);
    high = (upperHalf(turnedLow, P1_LOW) + Math.imul(turnedHigh, P1_LOW) + Math.imul(turnedLow, P1_HIGH)) | 0;
  }
  sums[2 * lane] = low;
  sums[2 * lane + 1] = high;
}

const round = (sum: bigint, word: bigint): bigint => u64(rotate(u64(sum + word * PRIME_2), 31n) * PRIME_1);

/** XXH64 in pieces; its digest is the low half, little-endian, as a frame carries it. */
export function xxh64Checksum(): Checksum {
  const sums = new Int32Array(8);
  for (const [lane, start] of [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1].entries()) {
    sums[2 * lane] = Number(BigInt.asIntN(32, start));
    sums[2 * lane + 1] = Number(BigInt.asIntN(32, start >> 32n));
  }
  const rest = new Uint8Array(STRIPE);
  const restView = new DataView(rest.buffer);
  let size = 0;

  function addStripes(view: DataView, from: number, to: number): void {
    for (let lane = 0; lane < 4; lane++) addLane(sums, lane, view, from, to);
  }

  function update(bytes: Uint8Array): void {
    let at = 0;
    const used = size % STRIPE;
    size += bytes.length;
    if (used > 0) {
      at = Math.min(STRIPE - used, bytes.length);
      rest.set(bytes.subarray(0, at), used);
      if (used + at < STRIPE) return;
      addStripes(restView, 0, STRIPE);
    }
    const end = bytes.length - ((bytes.length - at) % STRIPE);
    addStripes(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), at, end);
    rest.set(bytes.subarray(end));
  }

  function digest(): Uint8Array {
    let hash = PRIME_5;
    if (size >= STRIPE) {
      const words = [0, 1, 2, 3].map((lane) => (BigInt(sums[2 * lane + 1] as number) << 32n) | BigInt((sums[2 * lane] as number) >>> 0)).map(u64);
      hash = u64(words.reduce((sum, word, lane) => sum + rotate(word, [1n, 7n, 12n, 18n][lane] as bigint), 0n));
      for (const word of words) hash = u64((hash ^ round(0n, word)) * PRIME_1 + PRIME_4);
    }
    hash = u64(hash + BigInt(size));
    let at = 0;
    const end = size % STRIPE;
    for (; at + 8 <= end; at += 8) hash = u64(rotate(hash ^ round(0n, restView.getBigUint64(at, true)), 27n) * PRIME_1 + PRIME_4);
    for (; at + 4 <= end; at += 4) hash = u64(rotate(hash ^ u64(BigInt(restView.getUint32(at, true)) * PRIME_1), 23n) * PRIME_2 + PRIME_3);
    for (; at < end; at++) hash = u64(rotate(hash ^ u64(BigInt(rest[at] as number) * PRIME_5), 11n) * PRIME_1);
    hash = u64((hash ^ (hash >> 33n)) * PRIME_2);
    hash = u64((hash ^ (hash >> 29n)) * PRIME_3);
    hash ^= hash >> 32n;
    const low = new DataView(new ArrayBuffer(4));
    low.setUint32(0, Number(hash & 0xffff_ffffn), true);
    return new Uint8Array(low.buffer);
  }

  return { update, digest };
}
