// --files-from and --exclude: names from lists of any form, and what is left out of folders.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scan } from '../src/files/scan.ts';
import { excluderOf } from '../src/verify/exclude.ts';
import { fixtureBytes } from './fixtures.ts';
import { run } from './terminal.ts';

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'binspect-lists-'));
const elf = fixtureBytes('elf-x86_64-glibc');
const FILES = ['app', 'a b', 'new\nline', '-', 'lib/x.so', 'node_modules/p/y.node', 'lib/node_modules/q/z.node', 'build/tmp/t', 'build/keep'];

beforeAll(() => {
  process.chdir(folder);
  for (const path of FILES) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, elf);
  }
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

const paths = (out: string): string[] => out.trimEnd().split('\n').map((line) => (JSON.parse(line) as { path: string }).path);

describe('--files-from', () => {
  it('takes names from a file, after those that are given', async () => {
    writeFileSync('list', 'a b\n\nlib/x.so\n');
    const { status, out } = await run(['--json', '--no-hash', 'app', '--files-from', 'list']);
    expect(status).toBe(0);
    expect(paths(out)).toEqual(['app', 'a b', 'lib/x.so']);
  });

  it('takes names that end with NUL from standard input, however they come', async () => {
    const text = Buffer.from('new\nline\0lib\0-\0');
    for (const size of [1, 3, 1000]) {
      const input = Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.subarray(i * size, (i + 1) * size));
      const { status, out } = await run(['--json', '--no-hash', '--files-from=-', '-0'], { input });
      expect(status).toBe(0);
      expect(paths(out)).toEqual(['new\nline', 'lib/node_modules/q/z.node', 'lib/x.so', './-']);
    }
  });

  it('has a line for a name that is not there, whatever else there is', async () => {
    writeFileSync('list', 'app\nmissing\nlib/x.so\n');
    const { status, out } = await run(['--json', '--no-hash', '--files-from', 'list']);
    expect(status).toBe(3);
    expect(out.trimEnd().split('\n').map((line) => (JSON.parse(line) as { error?: { code: string } }).error?.code ?? null)).toEqual([null, 'io', null]);
  });

  it('hashes what is listed', async () => {
    writeFileSync('list', 'a b\nlib/x.so\n');
    const listed = await run(['hash', 'app', '--files-from', 'list']);
    expect(listed).toEqual(await run(['hash', 'app', 'a b', 'lib/x.so']));
    writeFileSync('list', 'lib\n');
    expect((await run(['hash', '-r', '--files-from', 'list'])).out).toBe((await run(['hash', '-r', 'lib'])).out);
  });

  it.each([
    [['-0', 'app'], /no --files-from/],
    [['--files-from', '', 'app'], /names no file/],
    [['hash', '-c', '--files-from', 'list'], /meaningless when verifying/],
  ])('%j is wrong usage', async (args, message) => {
    expect(await run(args)).toMatchObject({ status: 2, out: '', err: expect.stringMatching(message) as string });
  });

  it('refuses what is no list', async () => {
    writeFileSync('list', Buffer.alloc(100_000, 'x'));
    expect(await run(['--files-from', 'list'])).toMatchObject({ status: 2, err: expect.stringContaining('no list of names') as string });
    expect(await run(['--files-from', 'nowhere'])).toMatchObject({ status: 3, err: expect.stringContaining('nowhere: no such file') as string });
  });
});

describe('--exclude', () => {
  it.each([
    [['node_modules'], ['-', 'a b', 'app', 'build/keep', 'build/tmp/t', 'lib/x.so', 'new\nline']],
    [['/node_modules'], ['-', 'a b', 'app', 'build/keep', 'build/tmp/t', 'lib/node_modules/q/z.node', 'lib/x.so', 'new\nline']],
    [['build/tmp', '*.node', 'a b'], ['-', 'app', 'build/keep', 'lib/x.so', 'new\nline']],
    [['lib/', '[-]', '**/t'], ['a b', 'app', 'build/keep', 'new\nline', 'node_modules/p/y.node']],
  ])('%j', async (globs, expected) => {
    const { out } = await run(['--json', '--no-hash', ...globs.flatMap((glob) => ['--exclude', glob]), '.']);
    expect(paths(out).map((path) => path.replace(/^\.\//, ''))).toEqual(expected);
    const scanned: string[] = [];
    for await (const { path } of scan(['.'], { exclude: globs })) if (!path.endsWith('/list')) scanned.push(path.replace(/^\.\//, ''));
    expect(scanned).toEqual(expected);
  });

  it('never leaves out what is named, and names with -v what it leaves out', async () => {
    const { err, out } = await run(['--no-hash', '-v', '--exclude', 'app', '--exclude', 'node_modules', 'app', 'lib']);
    expect(out).toContain('app');
    expect(err).toContain('lib/node_modules: skipped: excluded');
  });

  it('is for the folders of hash -r too', async () => {
    expect((await run(['hash', '-r', '--exclude', 'node_modules', 'lib'])).out).toMatch(/^[0-9a-f]{64} {2}lib\/x\.so\n$/);
    expect(await run(['hash', '--exclude', 'x', 'app'])).toMatchObject({ status: 2 });
  });

  it('refuses globs that name nothing', () => {
    for (const glob of ['', `${'{a,b}'.repeat(12)}`]) expect(() => excluderOf([glob])).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
