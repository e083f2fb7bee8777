// Paths: Windows' as texts on any system; names with backslashes, policies and lists through pipes, outputs over inputs where they can be tried.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderSarif } from '../src/render/sarif.ts';
import { globOf, pathMatcher } from '../src/verify/glob.ts';
import { folderOf, inFolder, literalPart, matcherIn, shortened } from '../src/verify/paths.ts';
import { buildEntries } from './built.ts';
import type { Built } from './built.ts';
import { fixtureBytes } from './fixtures.ts';
import { run } from './terminal.ts';

describe('paths as texts', () => {
  it.each([
    ['C:/a/b', 'C:/a'], ['C:/a', 'C:/'], ['C:/', 'C:/'], ['/a', '/'], ['/', '/'], ['a', ''], ['a/b', 'a'], ['', ''],
    ['//server/share/a/b', '//server/share/a'], ['//server/share/a', '//server/share'], ['//server/share', '//server/share'], ['//?/Z:/a', '//?/Z:'], ['//?/Z:', '//?/Z:'],
  ])('%s lies in %s', (path, folder) => {
    expect(folderOf(path)).toBe(folder);
  }); // prettier-ignore

  it.each(['C:/proj/pkg/bin/app.exe', '//server/share/proj/app.exe', '//?/Z:/proj/app.exe', '/proj/app', 'D:/app.exe'])('above %s is a root, and never where one stands', (path) => {
    const folders: string[] = [];
    for (let folder = folderOf(path); folders.at(-1) !== folder; folder = folderOf(folder)) folders.push(folder);
    expect(folders).not.toContain('');
    expect(folders.length).toBeLessThan(6);
    expect(path.startsWith(folders.at(-1) as string)).toBe(true);
  });

  it.each([
    ['//server/share/dist/./x/../app', '//server/share/dist/app'], ['//server/share/../..', '//server/share'], ['//server/share/', '//server/share'], ['C:/a/../../b', 'C:/b'], ['C:/', 'C:/'],
    ['//?/C:/a/./b', '//?/C:/a/b'], ['/a//b', '/a/b'],
  ])('%s is short for %s', (path, short) => {
    expect(shortened(path)).toBe(short);
  }); // prettier-ignore

  it.each([
    ['//server/share/p', 'dist/*', '//server/share/p/dist/app', true], ['//server/share/p', '../q/*', '//server/share/q/app', true], ['//server/share', '//server/share/*', '//server/share/app', true],
    ['//?/Z:/p', 'dist/*', '//?/Z:/p/dist/app', true], ['C:/p', 'dist/*', 'C:/p/dist/app', true], ['C:/p', 'D:/x/*', 'D:/x/app', true], ['C:/', '*.exe', 'C:/a.exe', true],
    ['/p', '//usr/*', '/usr/app', true], ['/p', 'dist/*', '/p/dist/app', true], ['//server/share/p', 'dist/*', '//server/other/p/dist/app', false],
  ] as const)('in %s the glob %s names %s: %s', (folder, glob, path, is) => {
    expect(matcherIn(folder, glob)(path)).toBe(is);
  }); // prettier-ignore

  it('has globs for every name, those with backslashes too', () => {
    for (const name of ['we\\ird', '\\', 'a\\*b', '[\\]', '{\\}', 'dist/\\x']) {
      expect(pathMatcher(globOf(name))(name), name).toBe(true);
      expect(pathMatcher(globOf(name))(name.replaceAll('\\', '/')), name).toBe(false);
    }
    expect(inFolder('//server/share/p', 'x/../y')).toBe('//server/share/p/y');
    expect(literalPart('//server/share/dist/*.exe')).toEqual({ folder: '//server/share/dist', pattern: true });
  });

  it('stand in SARIF as they are, or as Windows has them', () => {
    const report = (path: string) => ({ schemaVersion: 1 as const, ok: false, files: [{ path, findings: [], error: null }], summary: { files: 1, passed: 0, failed: 0, unknown: 1, waived: 0 } }) as never;
    const uri = (path: string, windows: boolean): unknown => /"uri":"([^"]*)"/.exec(renderSarif(report(path), '1', windows))?.[1];
    expect(uri('dist\\app', false)).toBe('dist%5Capp');
    expect(uri('dist\\app', true)).toBe('dist/app');
    expect(uri('C:\\dist\\app', true)).toBe('file:///C:/dist/app');
  });
});

const PIE = fixtureBytes('elf-x86_64-pie');
const STATIC = fixtureBytes('elf-x86_64-static');

describe.skipIf(process.platform === 'win32')('files on POSIX', () => {
  const folder = mkdtempSync(join(tmpdir(), 'binspect-paths-'));
  const before = process.cwd();
  let built: Built;
  beforeAll(async () => {
    built = await buildEntries({ cli: 'src/cli.ts' });
    process.chdir(folder);
    mkdirSync('bs/sub', { recursive: true });
    mkdirSync('pol');
    writeFileSync('bs/we\\ird', PIE);
    writeFileSync('bs/sub/\\', STATIC);
    writeFileSync('pol/app', PIE);
    writeFileSync('pol.json', JSON.stringify({ version: 1, artifacts: [{ files: ['pol/*'], expect: { pie: true } }] }));
    writeFileSync('SUMS', (await run(['hash', 'pol/app'])).out);
  }, 60_000);
  afterAll(() => {
    process.chdir(before);
    built.remove();
    rmSync(folder, { recursive: true });
  });
  const bash = (line: string): { status: number | null; out: string; err: string } => {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', line.replaceAll('binspect', `"${process.execPath}" "${built.cli}"`)], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
    return { status, out: stdout, err: stderr };
  };

  it('with backslashes in their names are described by policies that they meet', async () => {
    const { out } = await run(['verify', '--init', 'bs']);
    writeFileSync('init.json', out);
    expect(await run(['verify', '--policy', 'init.json', 'bs'])).toMatchObject({ status: 0 });
    expect(await run(['verify', '--init', '--policy', 'written.json', 'bs'])).toMatchObject({ status: 0, err: '' });
    expect(await run(['verify', '--policy', 'written.json'])).toMatchObject({ status: 0 });
    expect(Object.keys(JSON.parse(readFileSync('written.json', 'utf8')))).toContain('artifacts');
    writeFileSync('wrong.json', JSON.stringify({ version: 1, artifacts: [{ files: ['dist\\app'] }] }));
    expect((await run(['verify', '--policy', 'wrong.json'])).err).toContain('folders are separated by /');
  });

  it('are held against policies and lists that come through pipes', { timeout: 60_000 }, () => {
    for (const line of ['binspect verify --policy <(cat pol.json)', 'cat pol.json | binspect verify --policy -', 'cat pol.json | binspect verify --policy /dev/stdin', 'binspect verify --policy pol.json', 'binspect verify --sums <(cat SUMS) --pie pol', 'binspect verify --policy <(cat pol.json) --sums <(cat SUMS)']) {
      expect(bash(line), line).toMatchObject({ status: 0, err: '' });
    }
    expect(bash('cat pol.json | (cd bs && binspect verify --policy -)').status).toBe(3);
  });

  it('are not overwritten by what is said of them', async () => {
    writeFileSync('app', PIE);
    symlinkSync('app', 'link');
    for (const args of [['map', '--svg', 'app', 'app'], ['map', '--svg', 'link', 'app'], ['verify', '--pie', '-o', 'json=app', 'app'], ['verify', '--pie', '-o', 'json=link', '.'], ['verify', '--policy', 'pol.json', '-o', 'text', '-o', 'junit=pol.json'], ['verify', '--sums', 'SUMS', '-o', 'json=SUMS', 'pol']]) {
      const { status, err } = await run(args);
      expect([status, err], args.join(' ')).toEqual([2, expect.stringContaining('is what is read here; it is not overwritten')]);
    }
    expect(await run(['verify', '--pie', '-o', 'json=out', '-o', 'junit=./out', 'app'])).toMatchObject({ status: 2, err: expect.stringContaining('two reports') as string });
    expect(new Uint8Array(readFileSync('app'))).toEqual(PIE);
    expect((await run(['verify', '--pie', '-o', 'json=out', '-o', 'junit=out.xml', 'app'])).status).toBe(0);
    expect((await run(['verify', '--pie', '-o', 'json=out', 'app'])).status).toBe(0); // a report of before is
  });

  it('that the system refuses are an error of one line, whatever asks for them', async () => {
    writeFileSync('app', PIE);
    symlinkSync('loop', 'loop');
    for (const path of ['app/below', 'n'.repeat(5000), 'loop', 'a\0b']) {
      for (const args of [
        [path], ['map', path], ['map', '--svg', path, 'app'], ['go', path], ['hash', path], ['hash', '-c', path], ['sbom', path], ['sbom', '-o', path, 'app'], ['runs', path], ['runs', '--host', path, 'app'],
        ['diff', 'app', path], ['diff', path, 'app'], ['verify', '--pie', path], ['verify', '--policy', path, 'app'], ['verify', '--init', '--policy', path, 'app'], ['verify', '--sums', path, 'app'],
        ['verify', '--same-as', path, 'app'], ['verify', '--pie', '--against', path, 'app'], ['verify', '--pie', '-o', `html=${path}`, 'app'], ['verify', '--runs-on', path, 'app'], ['verify', '--pie', '-o', `json=${path}`, 'app'], ['--files-from', path], ['--signatures', '--roots', path, 'app'],
      ]) { // prettier-ignore
        const { status, out, err } = await run(args);
        expect([1, 2, 3], `${args.join(' ')}: ${err}`).toContain(status);
        expect(`${out}${err}`, args.join(' ')).not.toMatch(/^ {4}at |^\w*Error: /m);
        expect(`${out}${err}`, args.join(' ')).not.toBe('');
      }
    }
  });
});
