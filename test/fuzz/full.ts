// The most expensive files at full size: what is promised of time holds, for the asynchronous way too.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isBinspectError } from '../../src/errors.ts';
import { inspect, inspectSync } from '../../src/inspect/inspect.ts';
import { WORST } from './worst.ts';

export const MOST_TIME = 3000; // milliseconds of processor time, as the manual says
export const MOST_RATIO = 3; // of the asynchronous way over the other
export const MOST_EXTRA = 150; // milliseconds in which that ratio says nothing

/** Milliseconds of processor time, and the answer's code. */
async function once(work: () => unknown): Promise<{ time: number; code: string }> {
  const before = process.cpuUsage();
  let code = 'ok';
  try {
    await work();
  } catch (error) {
    if (!isBinspectError(error)) throw error;
    code = error.code;
  }
  const { user, system } = process.cpuUsage(before);
  return { time: (user + system) / 1000, code };
}

/** The better of two. */
async function twice(work: () => unknown): Promise<{ time: number; code: string }> {
  const first = await once(work);
  const second = await once(work);
  return first.time < second.time ? first : second;
}

export interface Measured {
  readonly name: string;
  readonly sync: number;
  readonly file: number;
  readonly source: number;
  /** What is wrong; null where nothing is. */
  readonly problem: string | null;
}

/** Measures every one at a part of its full size, in its order. */
export async function* measured(part: number): AsyncGenerator<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'binspect-full-'));
  const path = join(folder, 'file');
  try {
    for (const { name, make, most } of WORST) {
      const bytes = make(Math.floor(most / part));
      writeFileSync(path, bytes);
      const read = (offset: number, length: number): Promise<Uint8Array> => Promise.resolve(bytes.slice(offset, offset + length));
      const sync = await twice(() => inspectSync(path, { facts: 'all' }));
      const file = await twice(() => inspect(path, { facts: 'all' }));
      const source = await twice(() => inspect({ size: bytes.length, read }, { facts: 'all' }));
      const mostAsync = MOST_RATIO * sync.time + MOST_EXTRA;
      const problem =
        sync.code !== file.code || file.code !== source.code
          ? `the answers differ: ${[sync, file, source].map(({ code }) => code).join(', ')}`
          : sync.time > MOST_TIME
            ? `it takes ${sync.time.toFixed(0)} ms, where ${MOST_TIME} are the most`
            : file.time > mostAsync || source.time > mostAsync
              ? `it takes ${sync.time.toFixed(0)} ms at once, ${file.time.toFixed(0)} and ${source.time.toFixed(0)} as it comes`
              : null;
      yield { name, sync: sync.time, file: file.time, source: source.time, problem };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
