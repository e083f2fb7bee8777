// scan() with digests over so many files that worker threads take part: built, as the sources have no file for them to run.

import { createHash } from 'node:crypto';
import { appendFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Inspection, ScanItem, ScanOptions } from '../src/index.ts';
import { elf, inlineBlob } from './build/go.ts';
import { buildEntries } from './built.ts';
import type { Built } from './built.ts';

const require = createRequire(import.meta.url);
const threads = require('node:worker_threads') as { Worker: new (...args: never[]) => object };
const GO = elf({ pieces: [{ name: '.go.buildinfo', address: 0x50_0000n, data: inlineBlob({ version: 'go1.22.1' }), writable: true }] }).file;
const ELF = readFileSync('testdata/elf-x86_64-glibc');
const FILES = 4000;

let built: Built;
let folder: string;
let scan: (paths: Iterable<string>, options?: ScanOptions) => AsyncGenerator<ScanItem>;
let hired = 0;
const { Worker } = threads;

const at = (path: string): string => join(folder, path);
const name = (index: number): string => at(`tree/${String(index).padStart(5, '0')}`);

beforeAll(async () => {
  built = await buildEntries({ scan: 'src/files/scan.ts' });
  ({ scan } = require(join(built.folder, 'scan.cjs')) as { scan: typeof scan });
  folder = mkdtempSync(join(tmpdir(), 'binspect-scan-hashed-'));
  mkdirSync(at('tree'));
  writeFileSync(at('elf'), ELF);
  writeFileSync(at('go'), GO);
  writeFileSync(at('text'), 'hello');
  writeFileSync(at('large'), Buffer.concat([ELF, Buffer.alloc(20_000_000)]));
  for (let i = 0; i < FILES; i++) linkSync(at(i % 7 === 0 ? 'go' : i % 5 === 0 ? 'text' : i % 1000 === 999 ? 'large' : 'elf'), name(i));
  threads.Worker = class extends Worker {
    constructor(...args: never[]) {
      super(...args);
      hired++;
    }
  };
}, 60_000);

beforeEach(() => {
  hired = 0;
});

afterAll(() => {
  threads.Worker = Worker;
  built.remove();
  rmSync(folder, { recursive: true });
});

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const many = availableParallelism() > 1;

describe('scan with digests by worker threads', { timeout: 60_000 }, () => {
  it('says of each file what one thread says, in the same order', async () => {
    const digests = new Map(['elf', 'go', 'large'].map((one) => [statSync(at(one)).size, sha256(at(one))]));
    const skipped: string[] = [];
    const plain: ScanItem[] = [];
    for await (const item of scan([at('tree')])) plain.push(item);
    const hashed: ScanItem[] = [];
    for await (const item of scan([at('tree')], { hash: true, onSkip: (path) => skipped.push(path) })) hashed.push(item);
    const expected = plain.map((item) => {
      const { path, inspection } = item as { path: string; inspection: Inspection };
      return { path, inspection: { ...inspection, sha256: digests.get(inspection.size) } };
    });
    expect(hashed).toEqual(expected);
    expect(hashed.length + skipped.length).toBe(FILES);
    expect(hired > 0).toBe(many);
  });

  it('tells progress from one thread', async () => {
    let bytes = 0;
    for await (const item of scan([at('tree')], { hash: true, onProgress: (done, total) => (bytes += done === total ? total : 0) })) {
      if ('inspection' in item) bytes -= item.inspection.size;
    }
    expect(bytes).toBe(0);
    expect(hired).toBe(0);
  });

  it('waits neither for ever nor in vain where few binaries lie among much else', async () => {
    mkdirSync(at('texts'));
    for (let i = 0; i < 3000; i++) linkSync(at(i % 1500 === 700 ? 'elf' : 'text'), at(`texts/${String(i).padStart(5, '0')}`));
    const paths = [at('large'), at('large'), at('large'), at('large'), at('large'), at('large'), at('texts')];
    let skipped = 0;
    const items: ScanItem[] = [];
    for await (const item of scan(paths, { hash: true, onSkip: () => skipped++ })) items.push(item);
    expect(items.map((item) => ('inspection' in item ? item.inspection.sha256 : null))).toEqual([...Array<string>(6).fill(sha256(at('large'))), sha256(at('elf')), sha256(at('elf'))]);
    expect(skipped).toBe(2998);
  });

  it('gives an error for a file that is another by the time it is hashed, and goes on', async () => {
    mkdirSync(at('changing'));
    for (let i = 0; i < FILES; i++) writeFileSync(at(`changing/${String(i).padStart(5, '0')}`), ELF);
    let seen = 0;
    let failed = 0;
    for await (const item of scan([at('changing')], { hash: true })) {
      if (seen++ % 100 === 0) {
        for (let i = Math.min(FILES - 1, seen + 150); i < Math.min(FILES, seen + 160); i++) {
          appendFileSync(at(`changing/${String(i).padStart(5, '0')}`), 'x'); // read already, or not yet; hashed already, or not yet
          utimesSync(at(`changing/${String(i).padStart(5, '0')}`), 1, i);
        }
      }
      if ('error' in item) {
        expect(item.error).toMatchObject({ code: 'io', path: item.path });
        failed++;
      } else {
        const { size, sha256: found } = item.inspection;
        expect(found).toBe(createHash('sha256').update(ELF).update('x'.repeat(size - ELF.length)).digest('hex'));
      }
    }
    expect(seen).toBe(FILES);
    expect(failed).toBeLessThan(FILES);
  });

  it.each([2000, 2100, 2200, 2300, 2400, 2500])('ends wherever it is aborted (%i)', async (index) => {
    const controller = new AbortController();
    const reading = (async (): Promise<void> => {
      let seen = 0;
      for await (const item of scan([at('tree')], { hash: true, signal: controller.signal })) {
        if (item.path > name(index) && seen++ === index % 64) controller.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'aborted' });
  });

  it('ends its threads when nobody wants more, and when it is aborted', async () => {
    for await (const item of scan([at('tree')], { hash: true })) if (item.path === name(3001)) break;
    const controller = new AbortController();
    const reading = (async (): Promise<void> => {
      for await (const item of scan([at('tree')], { hash: true, signal: controller.signal })) if (item.path === name(3001)) controller.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toMatchObject({ code: 'aborted', cause: { message: 'enough' } });
    expect(hired > 0).toBe(many);
    expect(process.getActiveResourcesInfo().filter((resource) => resource === 'MessagePort').length).toBeLessThan(2);
  });
});
