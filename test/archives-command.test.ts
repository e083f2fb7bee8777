// Archives on the command line and in scan: the table, one in full, JSON, statuses, and paths that lead inside.

import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scan } from '../src/files/scan.ts';
import { hash } from '../src/inspect/hash.ts';
import { inspect, inspectSync } from '../src/inspect/inspect.ts';
import { mapFile } from '../src/inspect/map-file.ts';
import { buildDeb } from './build/ar.ts';
import { buildGzip } from './build/gzip.ts';
import { AMD64, ARM64 } from './build/programs.ts';
import { buildTar } from './build/tar.ts';
import { buildZip } from './build/zip.ts';
import { run } from './terminal.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'binspect-archives-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(FOLDER, name);
  writeFileSync(path, bytes);
  return path;
}

const TWO = file('two.tar.gz', buildGzip(buildTar([{ name: './bin/app', mode: 0o755, data: AMD64 }, { name: 'bin/link', type: '1', link: './bin/app' }, { name: 'bin/soft', type: '2', link: 'app' }, { name: 'bin/b', data: ARM64 }, { name: 'bin/', type: '5' }])));
const ONE = file('one.zip', buildZip([{ name: 'README', data: 'text' }, { name: 'app', data: AMD64 }]));
const NONE = file('none.tar', buildTar([{ name: 'README', data: 'text' }]));
const CUT = file('cut.tar.gz', buildGzip(buildTar([{ name: 'app', data: AMD64 }, { name: 'b', data: ARM64 }])).subarray(0, -9));
const NESTED = file('nested.tar', buildTar([{ name: 'x.deb', data: buildDeb(buildTar([{ name: 'control', data: 'Architecture: amd64\n' }]), buildTar([{ name: './usr/bin/app', data: AMD64 }])) }, { name: 'c.zip', data: buildZip([{ name: 'b', data: ARM64 }]) }]));

describe('the command', () => {
  it('shows the only executable in full, below its archive', async () => {
    const { out, status } = await run([ONE]);
    expect(status).toBe(0);
    expect(out).toMatch(/^\S+one\.zip {2}zip · 2 members, 1 binary · .*\n\n\S+one\.zip!\/app .*linux\/amd64/);
  });

  it('shows several as a table', async () => {
    const { out, status } = await run([TWO]);
    expect(status).toBe(0);
    expect(out.split('\n').filter((line) => line.includes('!/'))).toHaveLength(3);
    expect(out).toMatch(/tar\.gz · 5 members, 3 binaries/);
  });

  it('one without any is a failure', async () => {
    const { err, status } = await run([NONE]);
    expect(status).toBe(3);
    expect(err).toContain('no executable among 1 member');
  });

  it('says what is in one that is cut, and that it is not complete', async () => {
    const { out, status } = await run([CUT]);
    expect(status).toBe(3);
    expect(out).toContain('NOT COMPLETE');
  });

  it('JSON has each member with its place, and the archive last', async () => {
    const { out, status } = await run(['--json', NESTED]);
    const lines = out.trimEnd().split('\n').map((line) => JSON.parse(line) as { path?: string; inside?: unknown; container?: { path: string } });
    expect(status).toBe(0);
    expect(lines.map(({ path, container }) => (path ?? container?.path)?.slice(FOLDER.length + 1))).toEqual(['nested.tar!/x.deb!/usr/bin/app', 'nested.tar!/x.deb', 'nested.tar!/c.zip!/b', 'nested.tar!/c.zip', 'nested.tar']);
    expect(lines[0]?.inside).toEqual([{ path: NESTED, format: 'tar', member: 'x.deb' }, { path: `${NESTED}!/x.deb`, format: 'deb', member: './usr/bin/app' }]);
  });

  it('archives in folders only where that is asked for, named ones unless it is refused', async () => {
    expect(await run([FOLDER])).toMatchObject({ status: 3, out: '' });
    expect((await run(['--archives', FOLDER])).out).toContain('one.zip!/app');
    expect(await run(['--no-archives', ONE])).toMatchObject({ status: 3, out: '' });
  });

  it('reads standard input from inside, too', async () => {
    const { out, status } = await run(['-'], { input: [Buffer.from(buildZip([{ name: 'app', data: AMD64 }, { name: 'b', data: ARM64 }]))] });
    expect(status).toBe(0);
    expect(out).toContain('-!/app');
  });
});

describe('a path that leads inside', () => {
  it('gives the same as the file unpacked', async () => {
    const app = file('app', AMD64);
    const options = { hash: true, facts: 'all' } as const;
    const plain = await inspect(app, options);
    for (const path of [`${TWO}!/bin/app`, `${TWO}!/bin/link`, `${ONE}!/app`, `${NESTED}!/x.deb!/usr/bin/app`]) {
      expect(await inspect(path, options)).toEqual({ ...plain, path });
      expect(await hash(path)).toBe(plain.sha256);
      expect((await mapFile(path)).regions).toEqual((await mapFile(app)).regions);
      const items = [];
      for await (const item of scan([path], options)) items.push(item);
      expect(items).toEqual([{ path, inspection: { ...plain, path } }]);
    }
  });

  it.each([
    [`${TWO}!/nope`, 'io'],
    [`${TWO}!/bin/soft`, 'io'],
    [`${TWO}!/bin/`, 'io'],
    [`${FOLDER}/missing.zip!/app`, 'io'],
    [`${ONE}!/README`, 'unrecognized'],
    [`${file('text!', new Uint8Array(10))}!/x`, 'unsupported'],
  ])('%s', async (path, code) => {
    await expect(inspect(path)).rejects.toMatchObject({ code, path });
  });

  it('is a file where one of that very name exists', async () => {
    mkdirSync(join(FOLDER, 'dir!'));
    const path = file('dir!/two', ARM64);
    expect((await inspect(path)).binaries[0]?.platform.arch).toBe('arm64');
    const archive = file('dir!/a.zip', buildZip([{ name: 'x!/y', data: AMD64 }]));
    expect((await inspect(`${archive}!/x!/y`)).binaries[0]?.platform.arch).toBe('amd64');
  });

  it('takes the last of several of one name', async () => {
    const path = file('twice.tar', buildTar([{ name: 'a', data: AMD64 }, { name: './a', data: ARM64 }]));
    expect((await inspect(`${path}!/a`)).binaries[0]?.platform.arch).toBe('arm64');
  });
});

describe('errors say which archive it is', () => {
  it.each([
    [TWO, 'gzip', 'tar.gz'],
    [ONE, 'zip', 'zip'],
    [file('x-1-py3-none-any.whl', buildZip([{ name: 'x-1.dist-info/WHEEL', data: 'Tag: py3-none-any\n' }])), 'zip', 'wheel'],
    [NESTED, 'tar', 'tar'],
    [file('v7.tar', buildTar([{ name: 'a', magic: 'v7', data: 'x' }])), 'tar', 'tar'],
    [file('x.deb', buildDeb(buildTar([]), buildTar([]))), 'ar-archive', 'deb'],
    [file('x.gz', buildGzip('text')), 'gzip', 'gz'],
  ])('%s', async (path, detected, container) => {
    await expect(inspect(path)).rejects.toMatchObject({ code: 'unsupported', detected, container });
    expect(() => inspectSync(path)).toThrow(expect.objectContaining({ code: 'unsupported', detected }));
  });

  it('scan refuses words that it does not know', async () => {
    await expect(scan([ONE], { archives: 'some' as never }).next()).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
