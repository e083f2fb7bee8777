// The CheckSum of a PE file's optional header: no digest, not signed, and a sign of changes nevertheless.

import type { StreamDigest } from './digest-ranges.ts';

const BIG_ENDIAN: boolean = new Uint8Array(Uint16Array.from([1]).buffer)[0] === 0;

/** Adds up a stream as CheckSumMappedFile does: words of 16 bits with the carry brought round, the field itself left out, and the file's size. */
export function peChecksum(field: number): { readonly take: StreamDigest['take']; readonly value: () => number } {
  let sum = 0; // modulo 65,535, which is what the carry brought round comes to
  let size = 0;
  let any = false;
  const add = (total: number, odd: boolean): void => {
    any ||= total !== 0;
    const folded = total % 0xffff;
    sum = (sum + (odd ? (folded * 256) % 0xffff : folded)) % 0xffff;
  };
  const addBytes = (bytes: Uint8Array, at: number): void => {
    for (let index = 0; index < bytes.length; index++) add(bytes[index] as number, ((at + index) & 1) === 1);
  };
  const addWords = (bytes: Uint8Array, at: number): void => {
    const head = Math.min(bytes.length, (4 - (bytes.byteOffset & 3)) & 3);
    addBytes(bytes.subarray(0, head), at);
    const words = (bytes.length - head) >>> 2;
    const view = new Uint32Array(bytes.buffer, bytes.byteOffset + head, words);
    for (let from = 0; from < words; from += 0x10_0000) {
      const to = Math.min(words, from + 0x10_0000); // 2^20 words of 32 bits stay below 2^53
      let total = 0;
      for (let index = from; index < to; index++) total += view[index] as number;
      add(total, (((at + head) & 1) === 1) !== BIG_ENDIAN);
    }
    addBytes(bytes.subarray(head + 4 * words), at + head + 4 * words);
  };
  return {
    take: (bytes, at) => {
      const before = Math.min(bytes.length, Math.max(0, field - at));
      const after = Math.min(bytes.length, Math.max(0, field + 4 - at));
      if (before > 0) addWords(bytes.subarray(0, before), at);
      if (after < bytes.length) addWords(bytes.subarray(after), at + after);
      size = Math.max(size, at + bytes.length);
    },
    value: () => (sum === 0 && any ? 0xffff : sum) + size,
  };
}
