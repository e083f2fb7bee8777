// SHA-256 of one thing, and of files that change meanwhile; folders and what lies in them.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { digest, digestBytes, digestStream, digestSync } from '../src/bytes/digest.ts';
import { fileSize, filesIn, pathIn, walk } from '../src/bytes/folder.ts';
import { openFile, openFileSync } from '../src/bytes/source-file.ts';
import { MemorySource } from '../src/bytes/source.ts';
import { BinspectError } from '../src/errors.ts';
import { hash } from '../src/inspect/hash.ts';
import { random } from './random.ts';

const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'binspect-hash-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const chance = random(1);
const noise = Buffer.from(Uint8Array.from({ length: 65_521 }, () => chance() * 256)); // a prime, so that no chunk repeats another
const contentOf = (size: number): Buffer => Buffer.alloc(size, noise);
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function put(name: string, size: number): string {
  writeFileSync(at(name), contentOf(size));
  utimesSync(at(name), 1, 1);
  return at(name);
}

const failureOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'no failure', (error: unknown) => error);
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const failure = await failureOf(work);
  return failure instanceof BinspectError ? failure.code : String(failure);
};

describe('hash', () => {
  it.each([0, 1, 63, 64, 65, 4095, 65_536, 512 * 1024 - 1, 512 * 1024, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 8 * MIB, 9 * MIB + 5])('of %i bytes, from every source', async (size) => {
    const path = put('sized', size);
    const bytes = contentOf(size);
    const expected = digestOf(bytes);
    expect(await hash(path)).toBe(expected);
    expect(await hash(pathToFileURL(path))).toBe(expected);
    expect(await hash(bytes)).toBe(expected);
    expect(await hash(new Uint8Array(bytes).buffer)).toBe(expected);
    expect(await hash(new Blob([new Uint8Array(bytes)]))).toBe(expected);
    expect(await hash({ size, read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)) })).toBe(expected);
    expect(digestBytes(bytes)).toBe(expected);
    expect(digestSync(new MemorySource(bytes))).toBe(expected);
    const source = openFileSync(path);
    expect(digestSync(source)).toBe(expected);
    expect(digestSync(source, { buffer: new Uint8Array(1000) })).toBe(expected);
    expect(await digest(source, { chunk: 1000 })).toBe(expected);
    source.closeSync();
  });

  it('tells how far it is', async () => {
    const path = put('large', 9 * MIB);
    const steps: number[] = [];
    await hash(path, { onProgress: (done, total) => steps.push(done / total) });
    expect(steps.length).toBeGreaterThan(3);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(1);
  });

  it('of several files at the same time', async () => {
    const paths = [9, 5, 12].map((size) => put(`part-${size}`, size * MIB));
    expect(await Promise.all(paths.map((path) => hash(path)))).toEqual([9, 5, 12].map((size) => digestOf(contentOf(size * MIB))));
  });

  it('does not keep the event loop', async () => {
    const path = put('large', 40 * MIB);
    let turns = 0;
    const ticking = setInterval(() => turns++, 0);
    await hash(path);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(2);
  });

  it('of a file that says it is empty and is not', async () => {
    if (process.platform !== 'linux') return;
    const expected = digestOf(readFileSync('/proc/version'));
    const source = openFileSync('/proc/version');
    expect(source.size).toBe(0);
    expect(digestSync(source)).toBe(expected);
    source.closeSync();
    expect(await hash('/proc/version')).toBe(expected);
  });

  it('of a stream', async () => {
    async function* chunks() {
      yield contentOf(5);
      yield contentOf(7);
    }
    expect(await digestStream(chunks())).toEqual({ sha256: digestOf(Buffer.concat([contentOf(5), contentOf(7)])), size: 12 });
  });
});

describe('hash ends', () => {
  it('with the signal, before and between chunks', async () => {
    const path = put('large', 20 * MIB);
    const failure = await failureOf(hash(path, { signal: AbortSignal.abort('reason') }));
    expect(failure).toMatchObject({ code: 'aborted', cause: 'reason' });
    const controller = new AbortController();
    let steps = 0;
    const onProgress = (): void => {
      if (++steps === 2) controller.abort();
    };
    expect(await codeOf(hash(path, { signal: controller.signal, onProgress }))).toBe('aborted');
    expect(steps).toBe(2);
  });

  it('with what the caller throws', async () => {
    const path = put('large', 20 * MIB);
    const failure = await failureOf(hash(path, { onProgress: () => { throw new RangeError('mine'); } }));
    expect(failure).toBeInstanceOf(RangeError);
  });

  it.each<[string, () => string, RegExp]>([
    ['nothing', () => at('none'), /no such file/],
    ['a folder', () => folder, /is a directory/],
    ['a device', () => '/dev/null', /is a device, not a regular file/],
    ['a pipe', () => { rmSync(at('pipe'), { force: true }); execFileSync('mkfifo', [at('pipe')]); return at('pipe'); }, /is a pipe, not a regular file/],
    ['a loop', () => { symlinkSync('loop', at('loop')); return at('loop'); }, /too many symbolic links/],
  ])('at %s', async (_, prepared, message) => {
    const path = prepared();
    const failure = await failureOf(hash(path));
    expect(failure).toMatchObject({ code: 'io', path });
    expect(String(failure)).toMatch(message);
  });

  it('at a source that is shorter than it says', async () => {
    expect(await codeOf(hash({ size: 10, read: () => Promise.resolve(new Uint8Array(4)) }))).toBe('io');
  });

  it('at what is no input', async () => {
    expect(await codeOf(hash(7 as never))).toBe('invalid-argument');
    expect(await codeOf(hash(new URL('ftp://example.com/file')))).toBe('invalid-argument');
  });
});

describe('a file that changes while it is read', () => {
  const overwrite = (path: string): void => {
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, 'x', 0);
    closeSync(descriptor);
  };
  const changes: readonly (readonly [string, (path: string) => void, string, RegExp])[] = [
    ['shrinks', (path) => truncateSync(path, 5), 'truncated', /shrank while it was read: it had \d+ bytes and ended at \d+/],
    ['grows', (path) => appendFileSync(path, 'x'), 'io', /grew while it was read/],
    ['is written to', overwrite, 'io', /written to while it was read/],
  ];
  for (const [what, change, code, message] of changes) {
    it.each([100, 3 * MIB, 9 * MIB])(`has no digest if it ${what} after it was opened, at %i bytes`, async (size) => {
      const path = put('changing', size);
      const source = await openFile(path);
      change(path);
      const failure = await failureOf(digest(source));
      expect(failure).toMatchObject({ code, path });
      expect(String(failure)).toMatch(message);
      expect(() => digestSync(source)).toThrow(message);
      await source.close();
    });

    it(`has none if it ${what} in the midst of it`, async () => {
      const path = put('changing', 13 * MIB);
      let steps = 0;
      const onProgress = (): void => {
        if (steps++ === 0) change(path);
      };
      expect(await codeOf(hash(path, { onProgress }))).toBe(code);
      put('changing', 13 * MIB);
      steps = 0;
      const source = openFileSync(path);
      expect(() => digestSync(source, { onProgress })).toThrow(message);
      source.closeSync();
    });
  }
});

describe('walk', () => {
  const root = at('tree');
  const walked = async (path: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const item of walk(path)) found.push(`${item.path}${item.passedOver === null ? '' : ` (${item.passedOver})`}`);
    return found;
  };

  it('goes through folders in the order of their names, and tells what it passes over', async () => {
    for (const name of ['b', 'a/z', 'a/sub/deep', 'a.txt', 'B', 'ä', 'empty/']) {
      mkdirSync(join(root, name.endsWith('/') ? name : join(name, '..')), { recursive: true });
      if (!name.endsWith('/')) writeFileSync(join(root, name), name);
    }
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'a/odd')), Buffer.of(0xff)]), 'odd');
    symlinkSync('../b', join(root, 'a/inside'));
    symlinkSync('..', join(root, 'a/up'));
    symlinkSync(at('sized'), join(root, 'out'));
    symlinkSync('/', join(root, 'root'));
    symlinkSync('nowhere', join(root, 'broken'));
    symlinkSync('self', join(root, 'self'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const server = createServer().listen(join(root, 'socket'));
    await new Promise((resolve) => server.on('listening', resolve));
    const expected = [
      'B', 'a/inside', 'a/odd\udcff', 'a/sub/deep', 'a/up (link to a folder)', 'a/z', 'a.txt', 'b', 'broken (broken link)', 'out (link out of the folder)',
      'pipe (pipe)', 'root (link out of the folder)', 'self (broken link)', 'socket (socket)', 'ä',
    ];
    const found = (await walked(root)).map((path) => path.slice(root.length + 1));
    server.close();
    expect(found).toEqual(expected);
    expect((await walked(`${root}/`))[0]).toBe(`${root}/B`);
  });

  it('gives paths that can be opened', async () => {
    for await (const item of walk(root)) if (item.passedOver === null) await hash(item.path);
  });

  it('fails for what is no folder, and ends with the signal', async () => {
    await expect(walked(join(root, 'b'))).rejects.toMatchObject({ code: 'io' });
    await expect(walk(root, { signal: AbortSignal.abort() }).next()).rejects.toMatchObject({ code: 'aborted' });
  });

  it('has a way to the files of one folder, and their sizes', async () => {
    expect((await filesIn(join(root, 'a'))).map((path) => path.slice(root.length))).toEqual(['/a/odd\udcff', '/a/z']);
    expect(await filesIn(join(root, 'none'))).toEqual([]);
    expect(await fileSize(join(root, 'b'))).toBe(1);
    expect(await fileSize(root)).toBeNull();
    expect(await fileSize(join(root, 'none'))).toBeNull();
    expect([pathIn('', 'a'), pathIn('d', 'a'), pathIn('d/', 'a'), pathIn('d', '/a')]).toEqual(['a', 'd/a', 'd/a', '/a']);
  });
});
