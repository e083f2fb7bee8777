// SHA-256 (FIPS 180-4) over bytes that come in pieces, at once and on any runtime: one of the checks that an xz stream can carry.

import type { Checksum } from './crc.ts';

const BLOCK = 64;

/** The first 32 bits of the fractional parts of the square roots (power 1/2) or cube roots (1/3) of the first primes. */
function fractions(count: number, power: number): Int32Array {
  const found = new Int32Array(count);
  for (let candidate = 2, at = 0; at < count; candidate++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) isPrime = false;
    if (isPrime) found[at++] = (candidate ** power % 1) * 2 ** 32;
  }
  return found;
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

let cubeRoots: Int32Array | null = null;

/** SHA-256 in pieces. */
export function sha256Checksum(): Checksum {
  cubeRoots ??= fractions(64, 1 / 3);
  const constants = cubeRoots;
  const state = fractions(8, 1 / 2);
  const words = new Int32Array(64);
  const rest = new Uint8Array(BLOCK);
  let size = 0;

  function compress(view: DataView, at: number): void {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const [early, late] = [words[i - 15] as number, words[i - 2] as number];
      const small0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
      const small1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
      words[i] = (words[i - 16] as number) + small0 + (words[i - 7] as number) + small1;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const first = (h + big1 + ((e & f) ^ (~e & g)) + (constants[i] as number) + (words[i] as number)) | 0;
      const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] as number) + word;
  }

  function update(bytes: Uint8Array): void {
    let at = 0;
    const used = size % BLOCK;
    size += bytes.length;
    if (used > 0) {
      at = Math.min(BLOCK - used, bytes.length);
      rest.set(bytes.subarray(0, at), used);
      if (used + at < BLOCK) return;
      compress(new DataView(rest.buffer), 0);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (; at + BLOCK <= bytes.length; at += BLOCK) compress(view, at);
    rest.set(bytes.subarray(at));
  }

  function digest(): Uint8Array {
    const bits = size * 8;
    const used = size % BLOCK;
    const tail = new Uint8Array(used < BLOCK - 8 ? BLOCK - used : 2 * BLOCK - used);
    tail[0] = 0x80;
    const lengths = new DataView(tail.buffer, tail.length - 8);
    lengths.setUint32(0, bits / 2 ** 32);
    lengths.setUint32(4, bits);
    update(tail);
    const result = new DataView(new ArrayBuffer(32));
    for (const [index, word] of state.entries()) result.setInt32(4 * index, word);
    return new Uint8Array(result.buffer);
  }

  return { update, digest };
}
