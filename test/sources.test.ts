// One reader, many sources: the same file gives the same answer whatever it comes from and in whatever pieces.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { ByteSource } from '../src/bytes/source.ts';
import { BinspectError } from '../src/errors.ts';
import { inspect, inspectSync } from '../src/inspect/inspect.ts';
import { toJSON } from '../src/render/json.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';
import { random } from './random.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-sources-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An answer to compare: the inspection or the error, without the path. */
async function answer(work: () => unknown): Promise<string> {
  try {
    return toJSON({ ...((await work()) as object), path: null });
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    return toJSON({ code: error.code, message: error.message, offset: error.offset, detected: error.detected });
  }
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)) };
}

describe('every source and every window size gives the same inspection', () => {
  it.each(fixtureNames())('%s', async (name) => {
    const bytes = fixtureBytes(name);
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const options = { hash: true, facts: 'all' } as const;
    const expected = await answer(() => inspectSync(bytes, options));
    const windows = [512, 16 * 1024, 1024 * 1024].map((windowBytes) => ({ ...options, limits: { windowBytes, fetches: 10_000 } }));
    const answers = [
      answer(() => inspectSync(path, options)),
      answer(() => inspectSync(pathToFileURL(path), options)),
      answer(() => inspect(path, options)),
      answer(() => inspect(pathToFileURL(path), options)),
      answer(() => inspect(bytes, options)),
      answer(() => inspect(bytes.slice().buffer, options)),
      answer(() => inspect(new Blob([bytes as Uint8Array<ArrayBuffer>]), options)),
      ...windows.map((own) => answer(() => inspectSync(path, own))),
      ...windows.map((own) => answer(() => inspect(sourceOf(bytes), own))),
    ];
    for (const one of await Promise.all(answers)) expect(one).toBe(expected);
  });

  it.each(fixtureNames())('%s is not changed by reading it', (name) => {
    const bytes = fixtureBytes(name);
    const before = bytes.slice();
    void answer(() => inspectSync(bytes, { hash: true, facts: 'all' }));
    expect(bytes).toEqual(before);
  });
});

/** An answer of any kind that binspect may give; anything else is thrown on. */
function outcome(bytes: Uint8Array): void {
  try {
    inspectSync(bytes, { facts: 'all' });
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
  }
}

describe('damage', () => {
  it.each(fixtureNames())('%s, cut anywhere, gives an inspection or an error of ours', (name) => {
    const bytes = fixtureBytes(name);
    const step = Math.max(1, Math.floor(bytes.length / 3000));
    for (let size = 0; size < bytes.length; size += size < 1024 ? 1 : step) outcome(bytes.subarray(0, size));
  });

  it.each(fixtureNames())('%s, with flipped bytes, gives an inspection or an error of ours', (name) => {
    const bytes = fixtureBytes(name);
    const next = random(name.length * 7919 + bytes.length);
    const values = [0, 1, 0x7f, 0x80, 0xff];
    for (let at = 0; at < Math.min(bytes.length, 1024); at++) {
      const damaged = bytes.slice();
      damaged[at] = values[Math.floor(next() * values.length)] as number;
      outcome(damaged);
    }
    for (let round = 0; round < 300; round++) {
      const damaged = bytes.slice();
      for (let i = 0; i < 8; i++) damaged[Math.floor(next() * damaged.length)] = Math.floor(next() * 256);
      outcome(damaged);
    }
  });
});
