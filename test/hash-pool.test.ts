// SHA-256 of many files: order, errors and endings, with worker threads and without.

import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestFiles as unbuilt } from '../src/bytes/hash-pool.ts';
import type { FileDigest, PoolOptions } from '../src/bytes/hash-pool.ts';
import { buildEntries } from './built.ts';
import type { Built } from './built.ts';

const MIB = 1024 * 1024;
const LARGE = 192; // MiB; long enough, on any machine, for the workers to be called
const MEDIUM = 20; // MiB; long enough for a worker to read ahead
const folder = mkdtempSync(join(tmpdir(), 'binspect-pool-'));
const at = (name: string): string => join(folder, name);
const require = createRequire(import.meta.url);
const threads = require('node:worker_threads') as { Worker: new (...given: never[]) => object };
const { Worker } = threads;

let built: Built;
let started = 0; // workers

beforeAll(async () => {
  built = await buildEntries({ 'hash-pool': 'src/bytes/hash-pool.ts' });
  threads.Worker = class extends Worker {
    constructor(...given: never[]) {
      super(...given);
      started++;
    }
  };
  syncBuiltinESMExports();
});
afterAll(() => {
  threads.Worker = Worker;
  syncBuiltinESMExports();
  rmSync(folder, { recursive: true });
  built.remove();
});

type Pool = typeof unbuilt;
const load = (place: string): Pool => (require(join(place, 'hash-pool.cjs')) as { digestFiles: Pool }).digestFiles;

async function all(pool: Pool, paths: Iterable<string> | AsyncIterable<string>, options?: PoolOptions): Promise<FileDigest[]> {
  const results: FileDigest[] = [];
  for await (const result of pool(paths, options)) results.push(result);
  return results;
}

/** A file without content: it takes no room, but its time. */
function hole(name: string, mebibytes: number): string {
  writeFileSync(at(name), '');
  truncateSync(at(name), mebibytes * MIB);
  return at(name);
}

function digestOfZeros(mebibytes: number): string {
  const hash = createHash('sha256');
  for (let i = 0; i < mebibytes; i++) hash.update(Buffer.alloc(MIB));
  return hash.digest('hex');
}

const small = Array.from({ length: 150 }, (_, i) => at(`small-${i}`));
const contentOf = (i: number): Buffer => Buffer.alloc((i * 7919) % 100_000, `${i}`);
for (const [i, path] of small.entries()) writeFileSync(path, contentOf(i));
const large = hole('large', LARGE);
const medium = hole('medium', MEDIUM);
const zeros = digestOfZeros(LARGE);
const fewerZeros = digestOfZeros(MEDIUM);
mkdirSync(at('folder'));

/** Files of every kind, and what should come of them. */
const mixed = [large, ...small.slice(0, 75), at('none'), medium, at('folder'), ...small.slice(75)];
const expected = [
  zeros,
  ...small.slice(0, 75).map((_, i) => createHash('sha256').update(contentOf(i)).digest('hex')),
  'ENOENT',
  fewerZeros,
  'EISDIR',
  ...small.slice(75).map((_, i) => createHash('sha256').update(contentOf(i + 75)).digest('hex')),
];
const outcomes = (results: readonly FileDigest[]): unknown[] => results.map(({ sha256, error }) => sha256 ?? (error.cause as NodeJS.ErrnoException).code);

describe('with worker threads', () => {
  it.each([1, 2, 4])('gives what is there, in order, for %i jobs', async (jobs) => {
    started = 0;
    const results = await all(load(built.folder), mixed, { jobs });
    expect(results.map(({ path }) => path)).toEqual(mixed);
    expect(outcomes(results)).toEqual(expected);
    expect(results.find(({ error }) => error !== null)?.error).toMatchObject({ name: 'BinspectError', code: 'io', path: at('none') });
    expect(results[1]).toMatchObject({ path: small[0], size: 0, sha256: expected[1], error: null });
    if (jobs > 1) expect(started).toBe(jobs);
  });

  it('takes paths as they come, and bytes from elsewhere for -', async () => {
    async function* paths() {
      yield large;
      yield '-';
      yield* small.slice(0, 3);
      yield '-';
    }
    let asked = 0;
    const standardInput = (): Promise<FileDigest> => Promise.resolve({ path: '-', size: 0, sha256: `input ${asked++}`, error: null });
    expect(outcomes(await all(load(built.folder), paths(), { jobs: 2, standardInput }))).toEqual([zeros, 'input 0', ...expected.slice(1, 4), 'input 1']);
  });

  it('says how far it is', async () => {
    const steps: number[] = [];
    await all(load(built.folder), [large, medium, medium, ...small], { jobs: 2, onProgress: (done) => steps.push(done) });
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBeGreaterThan(LARGE * MIB);
    expect(steps.at(-1)).toBeLessThanOrEqual((LARGE + 2 * MEDIUM) * MIB + small.length * 100_000);
  });

  it('ends with the signal', async () => {
    const controller = new AbortController();
    const work = all(load(built.folder), [large, ...small, large, large, large], { jobs: 2, signal: controller.signal });
    setTimeout(() => controller.abort('enough'), 120);
    await expect(work).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
  });

  it('ends where its reader does', async () => {
    let count = 0;
    for await (const { path } of load(built.folder)([large, ...small, large], { jobs: 2 })) {
      expect(path).toBe(count === 0 ? large : small[count - 1]);
      if (++count === 10) break;
    }
    expect(count).toBe(10);
  });

  it.each([
    ['can not be loaded', 'throw new Error("broken");'],
    ['dies in the midst of its work', 'require("node:worker_threads").parentPort.on("message", () => process.exit(1));'],
  ])('does itself what a worker does not that %s', async (_, text) => {
    const place = mkdtempSync(join(folder, 'broken-'));
    copyFileSync(join(built.folder, 'hash-pool.cjs'), join(place, 'hash-pool.cjs'));
    writeFileSync(join(place, 'hash-worker.cjs'), text);
    started = 0;
    expect(outcomes(await all(load(place), mixed, { jobs: 2 }))).toEqual(expected);
    expect(started).toBe(2);
  });
});

describe('without worker threads', () => {
  it('gives the same', async () => {
    started = 0;
    expect(outcomes(await all(unbuilt, mixed, { jobs: 4 }))).toEqual(expected);
    expect(started).toBe(0);
  });

  it('gives the same where Node allows none', async () => {
    const counting = threads.Worker;
    threads.Worker = class {
      constructor() {
        throw new Error('not allowed');
      }
    };
    syncBuiltinESMExports();
    expect(outcomes(await all(load(built.folder), mixed, { jobs: 2 }))).toEqual(expected);
    threads.Worker = counting;
    syncBuiltinESMExports();
  });

  it('starts none for little work, or for one file', async () => {
    started = 0;
    expect(outcomes(await all(load(built.folder), small.slice(0, 5), { jobs: 2 }))).toEqual(expected.slice(1, 6));
    expect(outcomes(await all(load(built.folder), [large], { jobs: 2 }))).toEqual([zeros]);
    expect(await all(load(built.folder), [])).toEqual([]);
    expect(started).toBe(0);
  });

  it('ends with the signal, also one that has fired', async () => {
    await expect(all(unbuilt, small, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await expect(all(unbuilt, [large], { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ code: 'aborted' });
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %d jobs', async (jobs) => {
    await expect(all(unbuilt, [], { jobs })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
