// Version 5 UUIDs, with the SHA-1 that they are made of: documents get their serial numbers from what they are about.

import { encodeText } from '../bytes/text.ts';

const NAMESPACE = Uint8Array.of(0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8); // for URLs

/** The version 5 UUID of a name in the namespace of URLs, lower case (RFC 9562, 5.5). */
export function uuidOf(name: string): string {
  const text = encodeText(name);
  const bytes = new Uint8Array(NAMESPACE.length + text.length);
  bytes.set(NAMESPACE);
  bytes.set(text, NAMESPACE.length);
  const digest = sha1(bytes).subarray(0, 16);
  digest[6] = ((digest[6] as number) & 0x0f) | 0x50;
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** FIPS 180-4, 6.1. */
function sha1(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, (bytes.length * 8) >>> 0);
  const state = new Int32Array([0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0].map((word) => word | 0));
  const words = new Int32Array(80);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 80; i++) {
      const [w3, w8, w14, w16] = [words[i - 3], words[i - 8], words[i - 14], words[i - 16]] as [number, number, number, number];
      words[i] = i < 16 ? view.getInt32(at + 4 * i) : rotated(w3 ^ w8 ^ w14 ^ w16, 1);
    }
    let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
    for (let i = 0; i < 80; i++) {
      const mixed = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
      const added = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6][Math.floor(i / 20)] as number;
      const next = (rotated(a, 5) + mixed + e + added + (words[i] as number)) | 0;
      [a, b, c, d, e] = [next, a, rotated(b, 30), c, d];
    }
    for (const [i, word] of [a, b, c, d, e].entries()) state[i] = ((state[i] as number) + word) | 0;
  }
  const digest = new DataView(new ArrayBuffer(20));
  for (const [i, word] of state.entries()) digest.setInt32(4 * i, word);
  return new Uint8Array(digest.buffer);
}
