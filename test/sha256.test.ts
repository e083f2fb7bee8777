// SHA-256 in TypeScript against Node's own: every length around the blocks, every way to cut the input, and lengths beyond 32 bits of bits.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Sha256 } from '../src/bytes/sha256.ts';
import { random } from './random.ts';

const node = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('SHA-256 in TypeScript', () => {
  it('is the standard\'s for "abc" and for nothing', () => {
    expect(new Sha256().digest()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(new Sha256().update(new TextEncoder().encode('abc')).digest()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('is Node\'s for every length up to four blocks', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => (i * 31) & 0xff);
    for (let length = 0; length <= bytes.length; length++) {
      const part = bytes.subarray(0, length);
      expect(new Sha256().update(part).digest()).toBe(node(part));
    }
  });

  it('is the same however the bytes are cut', () => {
    const next = random(20261128);
    const bytes = Uint8Array.from({ length: 100_000 }, () => Math.floor(next() * 256));
    for (let round = 0; round < 20; round++) {
      const hash = new Sha256();
      for (let at = 0; at < bytes.length; ) {
        const length = Math.floor(next() * 300);
        hash.update(bytes.subarray(at, at + length));
        at += length;
      }
      expect(hash.digest()).toBe(node(bytes));
    }
  });

  it('counts beyond 512 MiB, where the bits take more than 32', () => {
    const chunk = new Uint8Array(16 * 1024 * 1024).fill(7);
    const own = new Sha256();
    const theirs = createHash('sha256');
    for (let i = 0; i < 33; i++) {
      own.update(chunk);
      theirs.update(chunk);
    }
    expect(own.digest()).toBe(theirs.digest('hex'));
  }, 60_000);
});
