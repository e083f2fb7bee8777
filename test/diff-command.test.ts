// binspect diff: what it prints, and with which status it ends.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PT, SHF, SHT } from '../src/elf/constants.ts';
import { buildElf } from './build/elf.ts';
import { buildGzip } from './build/gzip.ts';
import { buildPe, rsds } from './build/pe.ts';
import { buildTar } from './build/tar.ts';
import type { TarPlan } from './build/tar.ts';
import { fixtureBytes } from './fixtures.ts';
import { run } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-diff-'));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
};

const filled = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);
const elf = (id: number, code = 0x90, stack = 6, size = 64): Uint8Array =>
  buildElf({
    interpreter: '/lib64/ld-linux-x86-64.so.2',
    notes: [{ owner: 'GNU', type: 3, data: filled(20, id) }],
    segments: [{ type: PT.GNU_STACK, flags: stack }],
    sections: [{ name: '.text', type: SHT.PROGBITS, flags: SHF.ALLOC | SHF.EXECINSTR, data: filled(size, code) }],
  });
const one = put('one', elf(1));
const two = put('two', elf(2));
const three = put('three', elf(1, 0x91, 7, 80));

describe('two files', () => {
  it('the same', async () => {
    const same = put('same', elf(1));
    const { status, out } = await run(['diff', one, same]);
    expect([status, out]).toEqual([0, expect.stringMatching(/^identical {3}linux\/amd64 ELF64 executable {3}[\d,]+ bytes, sha256 [0-9a-f]{64}\n$/)]);
  });

  it('the same but for the build id: what it was and is', async () => {
    const { status, out } = await run(['diff', one, two]);
    expect(status).toBe(1);
    expect(out).toMatch(new RegExp(`^the same but for identity: 20 bytes\n {2}0x[0-9a-f]+ {2}20 bytes {2}build id {2}${'01'.repeat(20)} → ${'02'.repeat(20)}\nnote: .*other debug information`));
    expect((await run(['diff', '--ignore', 'identity', one, two])).status).toBe(0);
    expect((await run(['diff', '--ignore=signature,vcs', one, two])).out).toContain('counts as equal: signature, vcs ignored');
    expect(await run(['diff', '-q', one, two])).toEqual({ status: 1, out: '', err: '' });
  });

  it('different: facts, losses marked, regions, consequences', async () => {
    const { status, out } = await run(['diff', one, three]);
    expect(status).toBe(1);
    expect(out).toContain('differs   linux/amd64 ELF64 executable');
    expect(out).toContain('hardening ! nonExecutableStack true → false');
    expect(out).toMatch(/\.text +64 B +80 B +\+16 B +80 bytes between the common ends/);
    expect(out).toContain('headers differ as a consequence');
  });

  it('with every run', async () => {
    const { out } = await run(['diff', '-v', one, two]);
    expect(out).toContain(`20 bytes  build id\n    A ${'0101 '.repeat(9)}0101\n    B`);
  });

  it('JSON', async () => {
    const { status, out } = await run(['diff', '--json', '--ignore', 'vcs', one, two]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'identical-but-identity', equal: true, ignored: ['vcs'], a: { path: one }, b: { path: two }, explained: 20, unexplained: 0 });
  });

  it('what can not be compared is trouble', async () => {
    expect((await run(['diff', one, 'testdata/pe-x86_64.exe']))).toMatchObject({ status: 2, out: expect.stringContaining('incomparable') as string });
    expect(await run(['diff', one, put('words', 'words')])).toMatchObject({ status: 2, out: '', err: expect.stringContaining('words: no executable file') as string });
    expect((await run(['diff', one, join(folder, 'missing')])).status).toBe(2);
    expect(JSON.parse((await run(['diff', '--json', one, join(folder, 'missing')])).out)).toMatchObject({ error: { code: 'io' } });
    expect((await run(['diff', put('text1', 'same words'), put('text2', 'same words')])).status).toBe(0);
  });

  it.each([
    [['diff', one], 'name two files, two folders or two archives'],
    [['diff', one, two, three], 'name two files, two folders or two archives'],
    [['diff', '-', '-'], 'standard input can be only one of the two'],
    [['diff', '--ignore', 'identify', one, two], '--ignore: it takes signature, identity, vcs, not "identify"; did you mean identity?'],
    [['diff', one, folder], 'is a folder'],
  ])('%j: wrong usage', async (args, message) => {
    expect(await run(args)).toMatchObject({ status: 2, out: '', err: expect.stringContaining(message) as string });
  });

  it('standard input is one of them', async () => {
    expect((await run(['diff', '-', two], { input: [elf(2)] })).status).toBe(0);
  });

  it('words of a file are escaped, and a terminal gets its signs', async () => {
    const pe = (path: string): Uint8Array => buildPe({ debug: [{ type: 2, data: rsds([...filled(16, 1)], 1, path) }] });
    const { out } = await run(['diff', put('a.exe', pe('a\u001b[31m.pdb')), put('b.exe', pe('b\u001b[31m.pdb'))], { outIsTerminal: true, columns: 100, env: { LANG: 'C.UTF-8', TERM: 'xterm' } });
    expect(out).not.toContain('[31m.pdb\u001b');
    expect(out).toContain('a\\x1b[31m.pdb → b\\x1b[31m.pdb');
  });
});

describe('two folders', () => {
  put('old/app', elf(1));
  put('old/lib/same.so', fixtureBytes('elf-x86_64-library'));
  put('old/notes.txt', 'one');
  put('old/gone', elf(1));
  put('new/app', elf(2));
  put('new/lib/same.so', fixtureBytes('elf-x86_64-library'));
  put('new/notes.txt', 'two!');
  put('new/more', elf(1));
  const [a, b] = [join(folder, 'old'), join(folder, 'new')];

  it('by path, with a summary', async () => {
    const { status, out } = await run(['diff', a, b]);
    expect(status).toBe(1);
    expect(out).toBe(
      'the same but for identity  app  20 bytes\nonly in A  gone\nonly in B  more\ndiffers  notes.txt  3 → 4 bytes (+1, +33.3 %), file\n1 identical, 2 different, 1 only in A, 1 only in B\n',
    );
    expect((await run(['diff', '--ignore', 'identity', a, b])).out).toContain('1 identical, 1 equal but for what is ignored, 1 different');
    expect((await run(['diff', a, a])).status).toBe(0);
  });

  it('JSON, a line a path', async () => {
    const { out } = await run(['diff', '--json', a, b]);
    const lines = out.trimEnd().split('\n').map((line) => JSON.parse(line) as { path: string; only: string | null; comparison: { verdict: string } | null });
    expect(lines.map(({ path, only, comparison }) => [path, only, comparison?.verdict])).toEqual([
      ['app', null, 'identical-but-identity'], ['gone', 'a', undefined], ['lib/same.so', null, 'identical'], ['more', 'b', undefined], ['notes.txt', null, 'differs'],
    ]); // prettier-ignore
  });

  it('what can not be read is trouble, and wins', async () => {
    const [x, y] = [join(folder, 'x'), join(folder, 'y')];
    put('x/app', elf(1));
    put('y/app', elf(2));
    put('y/link', 'words');
    symlinkSync('nowhere', join(x, 'link'));
    const { status, out } = await run(['diff', x, y]);
    expect(status).toBe(2);
    expect(out).toContain('can not be compared  link');
    put('x/other', elf(1));
    put('y/other', '#!/bin/sh\n');
    expect((await run(['diff', x, y])).out).toContain('incomparable  other');
  });
});

describe('two archives', () => {
  const tar = (top: string, id: number, text: string, more: readonly TarPlan[] = []): Uint8Array => buildTar([{ name: `${top}/bin/app`, data: elf(id) }, { name: `${top}/lib/x.so`, data: fixtureBytes('elf-x86_64-library') }, { name: `${top}/notes`, data: text }, ...more]);
  const first = put('app-1.tar', tar('app-1', 1, 'one'));

  it('the executables by their paths, without the folder that has the version', async () => {
    const { status, out } = await run(['diff', first, put('app-2.tar', tar('app-2', 2, 'two', [{ name: 'app-2/more', data: 'x' }]))]);
    expect(status).toBe(1);
    expect(out).toBe('the same but for identity  bin/app  20 bytes\nonly in B  more\n1 identical, 1 different, 1 only in B\n');
  });

  it('compressed, and with all executables the same', async () => {
    const { status, out } = await run(['diff', first, put('app-3.tar.gz', buildGzip(tar('app-3', 1, 'else')))]);
    expect(status).toBe(1);
    expect(out).toMatch(/^differs {2}\(the archive itself\)\n {4}note: all executables are identical; /);
    expect((await run(['diff', first, first])).status).toBe(0);
    expect((await run(['diff', '--json', first, put('app-4.tar', tar('app-4', 1, 'else'))])).status).toBe(1);
  });

  it('an archive and something else', async () => {
    expect((await run(['diff', first, one])).status).toBe(2);
    expect((await run(['diff', one, first])).status).toBe(2);
  });
});

describe('verify --same-as', () => {
  it('the same, and not', async () => {
    expect((await run(['verify', '--same-as', one, one])).status).toBe(0);
    const differs = await run(['verify', '--same-as', one, two]);
    expect(differs.status).toBe(1);
    expect(differs.out).toMatch(/expected +the same as .*one +by --same-as\n +found +identical-but-identity +20 bytes differ, in NOTE/);
    expect((await run(['verify', '--same-as', one, '--ignore', 'identity', two])).status).toBe(0);
    expect((await run(['verify', '--same-as', one, '--ignore', 'signature', two])).status).toBe(1);
    expect((await run(['verify', '--same-as', one, three])).out).toMatch(/found +differs/);
  });

  it('a file that can not be read leaves it unknown', async () => {
    const missing = await run(['verify', '--same-as', join(folder, 'missing'), one]);
    expect(missing.status).toBe(1);
    expect(missing.out).toMatch(/missing: no such file/);
  });

  it('files that are no programs', async () => {
    const [x, y] = [put('x.txt', 'words'), put('y.txt', 'other words')];
    expect((await run(['verify', '--same-as', x, x])).status).toBe(0);
    expect((await run(['verify', '--same-as', x, y])).status).toBe(1);
  });

  it('in a policy, relative to its folder', async () => {
    put('policy/ref/app', elf(1));
    put('policy/dist/app', elf(2));
    const policy = put('policy/binspect.json', JSON.stringify({ version: 1, artifacts: [{ files: 'dist/*', expect: { sameAs: { file: 'ref/app', ignore: ['identity'] } } }] }));
    expect((await run(['verify', '--policy', policy])).status).toBe(0);
    put('policy/dist/app', elf(2, 0x91));
    expect((await run(['verify', '--policy', policy])).out).toMatch(/found +differs/);
  });

  it.each([
    [['verify', '--ignore', 'identity', one], '--ignore says what --same-as leaves out'],
    [['verify', '--same-as', one, '--ignore', 'all', one], '--same-as: ignore takes signature, identity, vcs'],
  ])('%j is wrong usage', async (args, message) => {
    expect(await run(args)).toMatchObject({ status: 2, err: expect.stringContaining(message) as string });
  });
});
