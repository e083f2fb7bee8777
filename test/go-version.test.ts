// What `go version` prints: the text, the JSON, the command with its folders, links and statuses.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeText } from '../src/bytes/text.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { GoBuild, GoModule } from '../src/model/binary.ts';
import { goRows } from '../src/render/go-report.ts';
import { formatGoVersion, renderGoVersion, renderGoVersionJson } from '../src/render/go-version.ts';
import { elf, fat, framed, inlineBlob, machO, runtimeMemory } from './build/go.ts';
import { run } from './terminal.ts';

const module = (path: string, version = '', sum = '', replace: GoModule | null = null): GoModule => ({ path, version, sum, replace });
const build = (plan: Partial<GoBuild> = {}): GoBuild => ({ version: 'go1.27.0', buildInfo: 'present', path: null, main: null, deps: [], settings: [], buildId: null, ...plan });

describe('the text', () => {
  it('has the version alone where there is nothing else', () => {
    expect(renderGoVersion('x', build(), true)).toBe('x: go1.27.0\n');
    expect(renderGoVersion('x', build({ path: 'p' }), false)).toBe('x: go1.27.0\n');
  });

  it('has a lone tab behind a replaced module, and a tab before an empty sum', () => {
    const replaced = module('b.org/b', 'v1.5.0', 'h1:gone=', module('./local', '(devel)'));
    const text = renderGoVersion('dir/x', build({ path: 'x.org/p', main: module('x.org/m', '(devel)'), deps: [module('a.org/a', 'v1.0.0', 'h1:a='), replaced] }), true);
    expect(text).toBe(
      'dir/x: go1.27.0\n\tpath\tx.org/p\n\tmod\tx.org/m\t(devel)\t\n\tdep\ta.org/a\tv1.0.0\th1:a=\n\tdep\tb.org/b\tv1.5.0\n\t=>\t./local\t(devel)\t\n\t\n',
    );
  });

  it('ends in one newline also behind a replaced main module', () => {
    expect(renderGoVersion('x', build({ main: module('m', 'v1', '', module('r', 'v2', 'h1:r=')) }), true)).toBe('x: go1.27.0\n\tmod\tm\tv1\n\t=>\tr\tv2\th1:r=\n\t\n');
  });

  it('quotes keys and values that need it', () => {
    const settings = [
      { key: '-ldflags', value: "-X 'main.v=a b'" },
      { key: 'a=b', value: 'a=b' },
      { key: '', value: '' },
      { key: 'back\\slash', value: 'a\\b' },
      { key: 'tab', value: '\t\udcff`' },
    ];
    expect(renderGoVersion('x', build({ settings }), true)).toBe(
      'x: go1.27.0\n\tbuild\t-ldflags="-X \'main.v=a b\'"\n\tbuild\t"a=b"=a=b\n\tbuild\t""=\n\tbuild\tback\\slash=a\\b\n\tbuild\ttab="\\t\\xff`"\n',
    );
  });

  it('is printed as it stands: newlines in a version begin no tab', () => {
    expect(renderGoVersion('x', build({ version: 'a\nb', path: 'p' }), true)).toBe('x: a\nb\n\tpath\tp\n');
  });
});

describe('the JSON', () => {
  it('leaves out what is empty, but for Main', () => {
    expect(renderGoVersionJson(build())).toBe('{\n\t"GoVersion": "go1.27.0",\n\t"Main": {}\n}\n');
  });

  it('has Go’s order, tabs and names', () => {
    const text = renderGoVersionJson(
      build({ path: 'p', main: module('m', 'v1', 'h1:m='), deps: [module('d', 'v2', '', module('r', '(devel)')), module('')], settings: [{ key: 'CGO_CFLAGS', value: '' }, { key: '', value: '' }] }),
    );
    expect(text).toBe(
      [
        '{',
        '\t"GoVersion": "go1.27.0",',
        '\t"Path": "p",',
        '\t"Main": {',
        '\t\t"Path": "m",',
        '\t\t"Version": "v1",',
        '\t\t"Sum": "h1:m="',
        '\t},',
        '\t"Deps": [',
        '\t\t{',
        '\t\t\t"Path": "d",',
        '\t\t\t"Version": "v2",',
        '\t\t\t"Replace": {',
        '\t\t\t\t"Path": "r",',
        '\t\t\t\t"Version": "(devel)"',
        '\t\t\t}',
        '\t\t},',
        '\t\t{}',
        '\t],',
        '\t"Settings": [',
        '\t\t{',
        '\t\t\t"Key": "CGO_CFLAGS"',
        '\t\t},',
        '\t\t{}',
        '\t]',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('escapes what Go’s encoder escapes', () => {
    expect(renderGoVersionJson(build({ version: '<a>&\u2028\u2029\u0001\b\f\n\r\t"\\\u007f\udcff\u00e9😀' }))).toBe(
      '{\n\t"GoVersion": "\\u003ca\\u003e\\u0026\\u2028\\u2029\\u0001\\b\\f\\n\\r\\t\\"\\\\\u007f\ufffdé😀",\n\t"Main": {}\n}\n',
    );
  });
});

const TEXT = 'path\tx.org/p\nmod\tx.org/p\tv1.2.3\th1:p=\nbuild\tGOARCH=amd64\nbuild\tGOOS=linux\n';
const LINES = '\tpath\tx.org/p\n\tmod\tx.org/p\tv1.2.3\th1:p=\n\tbuild\tGOARCH=amd64\n\tbuild\tGOOS=linux\n';
const goElf = (text = TEXT, version = 'go1.27.0'): Uint8Array =>
  elf({ pieces: [{ name: '.go.buildinfo', address: 0x50_0000n, data: inlineBlob({ version, modules: framed(text) }), writable: true }] }).file;
const program = goElf();
const plain = elf({ pieces: [{ name: '.data', address: 0x50_0000n, data: new Uint8Array(64), writable: true }] }).file;

/** A program whose blob was removed, and what its own variables say. */
function recoverable(version = 'go1.26.5'): Uint8Array {
  const { texts, variables } = runtimeMemory(0x40_0000n, { version, modules: framed(TEXT) });
  return elf({
    pieces: [
      { name: '.gopclntab', address: 0x40_0000n, data: texts },
      { name: '.data', address: 0x50_0000n, data: variables, writable: true },
    ],
  }).file;
}

describe('formatGoVersion', () => {
  it('is what the command prints of the file', () => {
    expect(formatGoVersion({ ...inspectSync(program), path: 'x' })).toBe(`x: go1.27.0\n${LINES}`);
    expect(formatGoVersion({ ...inspectSync(program), path: 'x' }, { modules: false })).toBe('x: go1.27.0\n');
    expect(formatGoVersion(inspectSync(program), { json: true })).toContain('"GoVersion": "go1.27.0"');
  });

  it('is empty where Go finds nothing', () => {
    expect(formatGoVersion(inspectSync(plain))).toBe('');
    expect(formatGoVersion(inspectSync(recoverable()))).toBe('');
    expect(formatGoVersion({ ...inspectSync(recoverable()), path: 'x' }, { recovered: true })).toBe(`x: go1.26.5\n${LINES}`);
  });
});

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'binspect-go-'));
  const before = process.cwd();
  const put = (name: string, bytes: Uint8Array | string, mode = 0o644): void => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), bytes);
    chmodSync(join(folder, name), mode);
  };

  beforeAll(() => {
    put('prog', program, 0o755);
    put('plain', plain, 0o755);
    put('quiet', plain);
    put('lib.SO', plain);
    put('lib.so.1.2', plain);
    put('text.exe', 'no program');
    put('broken', goElf('mod\tx\n'), 0o755);
    put('recoverable', recoverable(), 0o755);
    put('esc', goElf('', 'go\u001b[31m'), 0o755);
    put('fat', fat([{ cpuType: 7, file: machO({ pieces: [{ name: '__go_buildinfo', address: 0x1000n, data: inlineBlob({ version: 'go1.1' }), writable: true }] }).file }]), 0o755);
    put('tree/b/prog', goElf('', 'go1.2'));
    put('tree/.hidden/prog', goElf('', 'go1.3'));
    put('tree/B', goElf('', 'go1.4'));
    put('tree/a.txt', 'words');
    put('tree/a', plain, 0o755);
    put('tree/b-', goElf('', 'go1.5'));
    put('elsewhere/prog', goElf('', 'go1.6'));
    symlinkSync('../elsewhere', join(folder, 'tree/z-folder'));
    symlinkSync('../elsewhere/prog', join(folder, 'tree/z-file'));
    symlinkSync('nowhere', join(folder, 'tree/z-nowhere'));
    symlinkSync('tree', join(folder, 'link'));
    symlinkSync('prog', join(folder, 'linked'));
    symlinkSync('nowhere', join(folder, 'dangling'));
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  const go = (...args: readonly string[]): ReturnType<typeof run> => run(['go', ...args]);
  const notGo = (name: string, reason = 'not a Go executable'): string => `${name}: could not read Go build info from ${name}: ${reason}\n`;

  it('prints one file, and several', async () => {
    expect(await go('prog')).toEqual({ status: 0, out: `prog: go1.27.0\n${LINES}`, err: '' });
    expect(await go('./prog', 'linked')).toEqual({ status: 0, out: `./prog: go1.27.0\n${LINES}linked: go1.27.0\n${LINES}`, err: '' });
    expect(await go('fat')).toEqual({ status: 0, out: 'fat: go1.1\n', err: '' });
  });

  it('prints the version alone with --no-modules', async () => {
    expect(await go('--no-modules', 'prog')).toEqual({ status: 0, out: 'prog: go1.27.0\n', err: '' });
    expect(await go('-m', 'prog')).toEqual({ status: 0, out: `prog: go1.27.0\n${LINES}`, err: '' });
  });

  it('prints Go’s JSON, one object after the other', async () => {
    const { status, out } = await go('--json', 'prog', 'fat');
    expect(status).toBe(0);
    expect(out).toMatch(/^\{\n\t"GoVersion": "go1\.27\.0",[^]*\n\}\n\{\n\t"GoVersion": "go1\.1",\n\t"Main": \{\}\n\}\n$/);
  });

  it('ends with 1 where a file that was named is no Go program', async () => {
    expect(await go('plain', 'prog')).toEqual({ status: 1, out: `prog: go1.27.0\n${LINES}`, err: notGo('plain') });
    expect(await go('text.exe')).toEqual({ status: 1, out: '', err: notGo('text.exe', 'unrecognized file format') });
    expect(await go('broken')).toEqual({ status: 1, out: '', err: notGo('broken', 'could not parse Go build info: line 1: expected 2 or 3 columns; got 1') });
  });

  it('says nothing of what could be no program', async () => {
    expect(await go('quiet')).toEqual({ status: 1, out: '', err: '' });
    expect(await go('lib.SO')).toEqual({ status: 1, out: '', err: notGo('lib.SO') });
    expect(await go('lib.so.1.2')).toEqual({ status: 1, out: '', err: notGo('lib.so.1.2') });
    expect(await go('/dev/null')).toEqual({ status: 1, out: '', err: '' });
  });

  it('ends with 0 for those with --no-modules, but with 1 for what is not there', async () => {
    expect(await go('--no-modules', 'plain')).toEqual({ status: 0, out: '', err: notGo('plain') });
    expect(await go('--no-modules', 'nosuch')).toEqual({ status: 1, out: '', err: 'stat nosuch: no such file or directory\n' });
  });

  it('says in the system’s words why a file is not there, and goes on', async () => {
    const { status, out, err } = await go('nosuch', 'prog/x', 'dangling', 'prog');
    expect(status).toBe(1);
    expect(err).toBe('stat nosuch: no such file or directory\nstat prog/x: not a directory\nstat dangling: no such file or directory\n');
    expect(out).toBe(`prog: go1.27.0\n${LINES}`);
  });

  it('walks a folder in the order of bytes, hidden ones too, links to folders not', async () => {
    const expected = ['.hidden/prog: go1.3', 'B: go1.4', 'b/prog: go1.2', 'b-: go1.5', 'z-file: go1.6'];
    const printed = (prefix: string): string => expected.map((line) => `${prefix}${line}\n`).join('');
    expect(await go('tree')).toEqual({ status: 0, out: printed('tree/'), err: '' });
    expect(await go('./tree/')).toEqual({ status: 0, out: printed('tree/'), err: '' });
    process.chdir('tree');
    const here = await go('.');
    process.chdir('..');
    expect(here).toEqual({ status: 0, out: printed(''), err: '' });
  });

  it('says with -v what is skipped and could be a program', async () => {
    const { status, err } = await go('-v', 'tree');
    expect(status).toBe(0);
    expect(err).toBe(`${notGo('tree/a')}tree/z-folder: symlink\ntree/z-nowhere: symlink\n`);
  });

  it('does not walk a link to a folder, but with a slash behind it', async () => {
    expect(await go('link')).toEqual({ status: 0, out: '', err: '' });
    expect(await go('-v', 'link')).toEqual({ status: 0, out: '', err: 'link: symlink\n' });
    expect((await go('link/')).out).toContain('link/B: go1.4\n');
  });

  it('recovers, and says so on standard error', async () => {
    expect((await go('recoverable')).status).toBe(1);
    const { status, out, err } = await go('--recover', 'recoverable', 'prog');
    expect(status).toBe(0);
    expect(out).toBe(`recoverable: go1.26.5\n${LINES}prog: go1.27.0\n${LINES}`);
    expect(err).toMatch(/^recoverable: recovered: the module text at 0x[0-9a-f]+, which the string variable at 0x[0-9a-f]+ points at; go version says: not a Go executable\n$/);
    expect(await go('--recover', 'plain')).toEqual({ status: 1, out: '', err: notGo('plain') });
  });

  it('is exact in a pipe, and safe on a terminal', async () => {
    expect((await go('esc')).out).toBe('esc: go\u001b[31m\n');
    expect((await run(['go', 'esc', 'prog'], { outIsTerminal: true })).out).toBe(`esc: go\\x1b[31m\nprog: go1.27.0\n${LINES}`);
  });

  it('refuses wrong usage with 2', async () => {
    expect((await go()).status).toBe(2);
    expect((await go('--json', '--no-modules', 'prog')).status).toBe(2);
    expect((await go('--recove', 'prog')).err).toContain('did you mean --recover?');
  });
});

describe.runIf(process.platform === 'linux')('names that are no UTF-8', () => {
  it('go through as they are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'binspect-go-names-'));
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0x61)]), program);
    const chunks: Uint8Array[] = [];
    const { go } = await import('../src/cli/go.ts');
    const terminal = { env: {}, outIsTerminal: false, errIsTerminal: false, columns: 80, closed: false, err: () => {}, async *input() {}, out: (data: string | Uint8Array) => Promise.resolve(void chunks.push(data as Uint8Array)) };
    expect(await go.run({ modules: false }, [folder], terminal)).toBe(0);
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(encodeText(`${folder}/\udcffa: go1.27.0\n`)));
    rmSync(folder, { recursive: true });
  });
});

describe('the report', () => {
  const full = build({
    path: 'x.org/m/cmd/p',
    main: module('x.org/m', 'v1.2.4-0.20220102030405-abcdef123456+dirty'),
    deps: [module('d', 'v1', 'h1:d=', module('./d', ''))],
    settings: [
      { key: '-buildmode', value: 'exe' },
      { key: '-tags', value: 'a,b' },
      { key: '-trimpath', value: 'true' },
      { key: 'CGO_ENABLED', value: '0' },
      { key: 'GOARCH', value: 'arm' },
      { key: 'GOARM', value: '6' },
      { key: 'GOOS', value: 'linux' },
      { key: 'vcs', value: 'git' },
      { key: 'vcs.revision', value: 'abcdef1234567890' },
      { key: 'vcs.time', value: '2022-01-02T03:04:05Z' },
      { key: 'vcs.modified', value: 'true' },
    ],
    buildId: 'a/b/c/d',
  });

  it('has a row for all that is known', () => {
    expect(goRows(full, false)).toEqual([
      ['go', 'go1.27.0'],
      ['package', 'x.org/m/cmd/p'],
      ['module', 'x.org/m v1.2.4-0.20220102030405-abcdef123456+dirty (commit abcdef123456, 2022-01-02T03:04:05Z, after v1.2.3, files differed)'],
      ['target', 'linux/arm GOARM=6'],
      ['cgo', 'no'],
      ['trimpath', 'yes'],
      ['build mode', 'exe'],
      ['tags', 'a,b'],
      ['vcs', 'git abcdef1234567890 2022-01-02T03:04:05Z modified'],
      ['deps', '1'],
    ]);
  });

  it('lists dependencies and settings when asked', () => {
    const rows = goRows(full, true);
    expect(rows).toContainEqual(['dep', 'd v1 => ./d']);
    expect(rows).toContainEqual(['setting', 'GOARM=6']);
    expect(rows).toContainEqual(['build id', 'a/b/c/d']);
  });

  it('has none for what is not', () => {
    expect(goRows(build({ version: null, buildInfo: 'absent' }), false)).toEqual([['go', 'version unknown (no build information)']]);
    expect(goRows(build({ buildInfo: 'recovered', path: 'p' }), false)[0]).toEqual(['go', 'go1.27.0 (recovered: go version does not see it)']);
  });
});
