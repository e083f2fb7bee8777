// Searches over long stretches: nothing is missed at the ends of chunks, nothing is read twice or past the end.

import { describe, expect, it } from 'vitest';
import { CHUNK, find, inChunks, needle, scanAsync, scanSync, wanted } from '../src/bytes/search.ts';
import type { Scan, Stretch } from '../src/bytes/search.ts';
import { MemorySource } from '../src/bytes/source.ts';
import { random } from './random.ts';

describe('find', () => {
  it('finds what indexOf finds', () => {
    const next = random(3);
    for (let round = 0; round < 2000; round++) {
      const bytes = Uint8Array.from({ length: Math.floor(next() * 60) }, () => Math.floor(next() * 3));
      const sought = Uint8Array.from({ length: 1 + Math.floor(next() * 5) }, () => Math.floor(next() * 3));
      const from = Math.floor(next() * 10);
      expect(find(bytes, needle(sought), from)).toBe(Buffer.from(bytes).indexOf(Buffer.from(sought), from) < from ? -1 : Buffer.from(bytes).indexOf(Buffer.from(sought), from));
    }
  });

  it('takes a text’s low bytes', () => {
    expect(find(Uint8Array.of(1, 0xff, 0x20, 0x47), needle('\xff G'))).toBe(1);
  });
});

describe('a scan', () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const source = new MemorySource(bytes);

  function* two(): Scan<number[]> {
    const first = yield* wanted(2, 3);
    const second = yield* wanted(8, 100);
    const none = yield* wanted(5, 0);
    return [...first, ...second, none.length];
  }

  it('sees its part alone', async () => {
    const part: Stretch = { at: 10, length: 10 };
    expect(scanSync(source, part, two())).toEqual([12, 13, 14, 18, 19, 0]);
    expect(await scanAsync(source, part, two())).toEqual([12, 13, 14, 18, 19, 0]);
  });

  it('gets nothing past the end', () => {
    function* past(): Scan<number> {
      return (yield* wanted(200, 10)).length;
    }
    expect(scanSync(source, { at: 0, length: 100 }, past())).toBe(0);
  });

  it('in chunks meets every position once', () => {
    const size = 2 * CHUNK + 100;
    const all = new Uint8Array(size);
    const places = [0, 5, CHUNK - 3, CHUNK + 4, 2 * CHUNK - 1, size - 4];
    for (const at of places) all.set([1, 2, 3, 4], at);
    const sought = needle(Uint8Array.of(1, 2, 3, 4));
    const hits: number[] = [];
    function* search(): Scan<void> {
      yield* inChunks({ at: 0, length: size }, 4, (chunk, at, own) => {
        for (let hit = find(chunk, sought); hit !== -1 && hit < own; hit = find(chunk, sought, hit + 1)) hits.push(at + hit);
      });
    }
    scanSync(new MemorySource(all), { at: 0, length: size }, search());
    expect(hits).toEqual(places);
  });

  it('ends where it is told to', () => {
    let chunks = 0;
    function* search(): Scan<void> {
      yield* inChunks({ at: 0, length: 4 * CHUNK }, 0, () => ++chunks === 2);
    }
    scanSync(new MemorySource(new Uint8Array(4 * CHUNK)), { at: 0, length: 4 * CHUNK }, search());
    expect(chunks).toBe(2);
  });
});
