// Inflate of our own held against zlib: what it gives, where it ends, what it refuses.

import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { flowOfChunks } from '../src/bytes/flow.ts';
import { inflate, inflateStart } from '../src/bytes/inflate.ts';
import { NODE_CODECS } from '../src/bytes/inflate-node.ts';
import type { Flow } from '../src/bytes/flow.ts';
import { bytesOf } from './build/archive-bytes.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';
import { random } from './random.ts';

function inPieces(bytes: Uint8Array, size: number): Flow {
  return flowOfChunks(
    (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
    })(),
  );
}

/** All output, and what the flow still has. */
async function all(kind: 'own' | 'node', bytes: Uint8Array, size: number): Promise<{ output: Buffer; rest: Buffer }> {
  const flow = inPieces(bytes, size);
  const chunks: Uint8Array[] = [];
  for await (const chunk of kind === 'own' ? inflate(flow) : NODE_CODECS.inflate(flow)) chunks.push(chunk.slice());
  return { output: Buffer.concat(chunks), rest: Buffer.from(await flow.rest(1_000_000, 'rest')) };
}

const chance = random(3);
const noise = Uint8Array.from({ length: 300_000 }, () => Math.floor(chance() * 256));
const SAMPLES: [string, Uint8Array][] = [
  ['nothing', new Uint8Array()],
  ['one byte', Uint8Array.of(7)],
  ['zeros', new Uint8Array(1_000_000)],
  ['noise', noise],
  ['text', bytesOf('the same words again and again, '.repeat(20_000))],
  ['far matches', bytesOf(noise.subarray(0, 32_768), noise.subarray(0, 32_768), noise.subarray(1, 32_769))],
  ...fixtureNames().slice(0, 12).map((name): [string, Uint8Array] => [name, fixtureBytes(name)]),
];

describe.each(['own', 'node'] as const)('%s', (kind) => {
  it.each(SAMPLES)('%s, at every level and strategy, in pieces', async (_, data) => {
    for (const options of [{ level: 0 }, { level: 1 }, { level: 9 }, { strategy: constants.Z_FIXED }, { strategy: constants.Z_HUFFMAN_ONLY }]) {
      const packed = new Uint8Array(deflateRawSync(data, options));
      for (const size of [packed.length, 4096, ...(packed.length < 4096 ? [1, 7] : [])]) {
        const { output, rest } = await all(kind, bytesOf(packed, 'behind'), Math.max(size, 1));
        expect(output.equals(data)).toBe(true);
        expect(rest.toString()).toBe('behind');
      }
    }
  });

  it('cuts are truncated, wherever they are', async () => {
    const packed = new Uint8Array(deflateRawSync(fixtureBytes(fixtureNames()[0] as string)));
    for (let end = 0; end < packed.length; end += Math.ceil(packed.length / 300)) {
      await expect(all(kind, packed.subarray(0, end), 64 * 1024)).rejects.toMatchObject({ code: 'truncated' });
    }
  });
});

it('gives the first bytes of what is cut', () => {
  const data = fixtureBytes(fixtureNames()[0] as string);
  const packed = new Uint8Array(deflateRawSync(data));
  for (const start of [inflateStart, NODE_CODECS.inflateStart]) {
    expect(Buffer.from(start(packed.subarray(0, 4096), 512)).equals(data.subarray(0, 512))).toBe(true);
    expect(start(packed, 16)).toHaveLength(16);
    expect(start(new Uint8Array(), 16)).toHaveLength(0);
    expect(() => start(Uint8Array.of(7), 16)).toThrow(expect.objectContaining({ code: 'malformed' }));
  }
  expect(inflateStart(new Uint8Array(deflateRawSync(new Uint8Array(100_000_000))).subarray(0, 8192), 512)).toHaveLength(512);
});

it('refuses what zlib refuses, and gives the same of what it does not', async () => {
  const packed = [deflateRawSync(fixtureBytes(fixtureNames()[0] as string).subarray(0, 5000)), deflateRawSync('words, words, words', { strategy: constants.Z_FIXED }), deflateRawSync(noise.subarray(0, 200), { level: 0 })];
  for (let round = 0; round < 600; round++) {
    const bytes = new Uint8Array(packed[round % 3] as Buffer);
    for (let i = 0; i <= round % 3; i++) bytes[Math.floor(chance() * Math.min(bytes.length, round % 2 === 0 ? 80 : bytes.length))] = Math.floor(chance() * 256);
    let wanted: Buffer | null = null;
    try {
      wanted = inflateRawSync(bytes);
    } catch {
      // it is refused
    }
    const found = await all('own', bytes, bytes.length).catch((error: { name: string }) => error);
    if (wanted === null) expect(found).toMatchObject({ name: 'BinspectError' });
    else expect(found).toMatchObject({ output: wanted });
  }
});
