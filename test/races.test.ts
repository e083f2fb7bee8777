// What can't be staged on a disk in a moment: a file rewritten between two looks at it, files of many megabytes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { searchElsewhere } from '../src/checksums/elsewhere.ts';
import { scan } from '../src/files/scan.ts';
import { fixtureBytes } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-races-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MIB = 1024 * 1024;
const state = vi.hoisted(() => ({ modified: (own: number): number => own, size: 0 }));

vi.mock('../src/bytes/start-delay.ts', () => ({ StartDelay: class { isOver = true; suffices = (): Promise<boolean> => Promise.resolve(false); end = (): void => {}; } })); // prettier-ignore
vi.mock('../src/bytes/folder.ts', async (actual) => ({ ...(await actual<typeof import('../src/bytes/folder.ts')>()), fileSize: (): Promise<number> => Promise.resolve(state.size) }));
vi.mock('../src/bytes/hash-pool.ts', async (actual) => {
  const real = await actual<typeof import('../src/bytes/hash-pool.ts')>();
  const digest = async (path: string): Promise<unknown> => {
    for await (const found of real.digestFiles([path], { jobs: 1 })) return found.error === null ? { ...found, modified: state.modified(found.modified ?? 0) } : found;
    return undefined;
  };
  return { ...real, startWorkers: () => Promise.resolve({ digest, flush: () => {}, end: () => Promise.resolve() }) };
});

describe('a file rewritten at its size between its headers and its digest', () => {
  const path = join(folder, 'program');
  writeFileSync(path, fixtureBytes('elf-x86_64-pie'));

  it('is an error, and no digest of other bytes', async () => {
    const answers = async (): Promise<unknown[]> => {
      const all: unknown[] = [];
      for await (const item of scan([path], { hash: true })) all.push('error' in item ? [item.error.code, item.error.message] : item.inspection.sha256);
      return all;
    };
    state.modified = (own) => own;
    expect(await answers()).toEqual([createHash('sha256').update(fixtureBytes('elf-x86_64-pie')).digest('hex')]);
    state.modified = (own) => own + 1;
    expect(await answers()).toEqual([['io', 'the file was written to while it was read']]);
  });
});

describe('a hint of where a file lies instead', () => {
  it('is not looked for in more than half a GiB', async () => {
    const digest = (name: string): string => createHash('sha256').update(name).digest('hex');
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), name);
    const find = (size: number): Promise<string | null> => {
      state.size = size;
      return searchElsewhere(folder).find(digest('b'), join(folder, 'missing'));
    };
    expect(await find(MIB)).toBe(join(folder, 'b'));
    expect(await find(300 * MIB)).toBeNull(); // the first of them takes what there is
    expect(await find(200 * MIB)).toBe(join(folder, 'b'));
  });
});
