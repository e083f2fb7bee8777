// binspect hash, where it goes beyond sha256sum or differs from it on purpose. What both do is compared in the oracle suite.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { progressLine, progressText } from '../src/cli/streams/progress.ts';
import type { Progress } from '../src/cli/streams/progress.ts';
import { quoted } from '../src/cli/shell-quote.ts';
import type { Terminal } from '../src/cli/streams/terminal.ts';
import { run } from './terminal.ts';
import type { Ran, TerminalPlan } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-hash-command-'));
const before = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex');
const put = (name: string, content: string | Uint8Array): void => {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
};
const A = digestOf('content of a');
const B = digestOf('content of b');
const EMPTY = digestOf('');
put('a', 'content of a');
put('b', 'content of b');
put('tree/x', 'content of a');
put('tree/sub/y', 'content of b');
put('tree/z', '');
symlinkSync('/', join(folder, 'tree/out'));
execFileSync('mkfifo', [join(folder, 'pipe')]);
execFileSync('mkfifo', [join(folder, 'tree/pipe')]);
mkdirSync(join(folder, 'nothing'));

/** Runs `hash` over files that are written first. */
function hashed(args: string, files: Readonly<Record<string, string | Uint8Array>> = {}, plan: TerminalPlan = {}): Promise<Ran> {
  for (const [name, content] of Object.entries(files)) put(name, content);
  return run(['hash', ...args.split(' ')], plan);
}
const json = ({ out }: Ran): unknown[] => out.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown);

describe('a listing', () => {
  it('is one JSON object a line with --json', async () => {
    const ran = await hashed('--json a none -', {}, { input: [Buffer.from('content '), Buffer.from('of b')] });
    expect(json(ran)).toEqual([
      { path: 'a', size: 12, sha256: A },
      { path: 'none', error: { code: 'io', message: 'no such file or directory', offset: null, detected: null } },
      { path: '-', size: 12, sha256: B },
    ]);
    expect(ran).toMatchObject({ status: 1, err: '' });
  });

  it('of a folder with -r, in order, and what is no file told', async () => {
    expect(await hashed('-r tree')).toEqual({
      status: 0,
      out: `${B}  tree/sub/y\n${A}  tree/x\n${EMPTY}  tree/z\n`,
      err: 'binspect: tree/out: skipped: link out of the folder\nbinspect: tree/pipe: skipped: pipe\n',
    });
    expect((await hashed('-r a tree/sub/ none')).out).toBe(`${A}  a\n${B}  tree/sub/y\n`);
  });

  it('of a folder can be checked', async () => {
    const { out } = await hashed('-r --tag tree');
    expect(await hashed('-c SUMS', { SUMS: out })).toMatchObject({ status: 0, out: 'tree/sub/y: OK\ntree/x: OK\ntree/z: OK\n' });
  });

  it('of nothing is no success', async () => {
    expect(await hashed('-r nothing')).toEqual({ status: 1, out: '', err: 'binspect: nothing: no files there\n' });
  });

  it('goes on after what is no file', async () => {
    expect(await hashed('pipe /dev/null tree a')).toEqual({
      status: 1,
      out: `${A}  a\n`,
      err: 'binspect: pipe: is a pipe, not a regular file\nbinspect: /dev/null: is a device, not a regular file\nbinspect: tree: Is a directory\n',
    });
  });

  it('says why a name that is no UTF-8 can not be found', async () => {
    expect((await hashed('a\ufffd')).err).toMatch(/^binspect: a\ufffd: No such file or directory \(arguments that are not UTF-8 do not reach this program whole/);
  });

  it('shows no controls on a terminal, and only there', async () => {
    put('es\u001bc', 'content of a');
    expect((await hashed('es\u001bc')).out).toBe(`${A}  es\u001bc\n`);
    expect((await hashed('es\u001bc', {}, { outIsTerminal: true })).out).toBe(`${A}  es\\x1bc\n`);
    expect((await hashed('-c SUMS', { SUMS: `${A}  es\u001bc\n` }, { outIsTerminal: true })).out).toBe('es\\x1bc: OK\n');
  });

  it('ends when its reader has gone', async () => {
    const { out, status } = await hashed('a a a a', {}, { outIsTerminal: true, closesAfter: 1 });
    expect({ out, status }).toEqual({ out: `${A}  a\n`, status: 0 });
  });

  it('is in the order of its arguments for any number of jobs', async () => {
    const many = Array.from({ length: 50 }, (_, i) => `many/${i}`);
    for (const name of many) put(name, name);
    const expected = many.map((name) => `${digestOf(name)}  ${name}\n`).join('');
    for (const jobs of [1, 2, 5]) expect((await hashed(`--jobs ${jobs} ${many.join(' ')}`)).out).toBe(expected);
  });
});

describe('a check', () => {
  it('reads a list with a byte order mark, all of it', async () => {
    expect(await hashed('-c SUMS', { SUMS: `\ufeff${B}  a\n${A}  a\n` })).toMatchObject({
      status: 1,
      out: 'a: FAILED\na: OK\n',
      err: expect.stringContaining('hint: SUMS: it is written in utf-8 with a byte order mark, which sha256sum does not read\n') as string,
    });
  });

  it('reads UTF-16, and OpenSSL 3', async () => {
    const text = `SHA2-256(a)= ${A}\r\nSHA256(b)= ${B}\r\n`;
    expect(await hashed('-c SUMS', { SUMS: Buffer.from(`\ufeff${text}`, 'utf16le') })).toMatchObject({ status: 0, out: 'a: OK\nb: OK\n' });
  });

  it('takes a digest alone for the file beside it', async () => {
    expect(await hashed('-c tree/x.sha256', { 'tree/x.sha256': A })).toEqual({ status: 0, out: 'tree/x: OK\n', err: '' });
    expect(await hashed('-c tree/x.sha256', { 'tree/x.sha256': B })).toMatchObject({ status: 1, out: 'tree/x: FAILED\n' });
    rmSync(join(folder, 'tree/x.sha256'));
  });

  it('refuses a line with a NUL', async () => {
    expect(await hashed('-c SUMS', { SUMS: `${A}  a\0b\n` })).toEqual({ status: 1, out: '', err: 'binspect: SUMS: no properly formatted checksum lines found\n' });
  });

  it('reads a PGP-signed list, and does not say that it was signed well', async () => {
    const SUMS = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${A}  a\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n`;
    expect(await hashed('-c --strict SUMS', { SUMS })).toEqual({ status: 0, out: 'a: OK\n', err: "binspect: hint: SUMS: the list's PGP signature is not verified\n" });
  });

  it('says where a file with the digest is', async () => {
    const { out, err, status } = await hashed('-c SUMS', { SUMS: `${A}  renamed\n${B}  a\n` });
    expect({ out, status }).toEqual({ out: 'renamed: FAILED open or read\na: FAILED\n', status: 1 });
    expect(err).toContain('binspect: hint: renamed: a file with this digest exists as a\n');
    expect(err).toContain('binspect: hint: a: a file with this digest exists as b\n');
    expect((await hashed('-c --status SUMS')).err).toBe('binspect: renamed: No such file or directory\n');
  });

  it('says with -w what is wrong with a line', async () => {
    expect((await hashed('-cw SUMS', { SUMS: `a  ${A}\n${A}  a\n` })).err).toBe(
      'binspect: SUMS: 1: improperly formatted SHA256 checksum line\nbinspect: hint: SUMS: 1: the name stands before the digest\nbinspect: WARNING: 1 line is improperly formatted\n',
    );
  });

  it('never reads what is no file', async () => {
    expect(await hashed('-c SUMS', { SUMS: `${EMPTY}  /dev/null\n${EMPTY}  pipe\n` })).toMatchObject({ status: 1, out: '/dev/null: FAILED open or read\npipe: FAILED open or read\n' });
  });

  it('gives results with --json', async () => {
    const ran = await hashed('-c --json SUMS none', { SUMS: `${A}  a\n${B}  a\nwords\n${A}  renamed\n` });
    const none = { offset: null, detected: null };
    expect(json(ran)).toEqual([
      { list: 'SUMS', line: 1, path: 'a', status: 'ok', expected: A, actual: A, error: null, foundAs: null },
      { list: 'SUMS', line: 2, path: 'a', status: 'mismatch', expected: B, actual: A, error: null, foundAs: 'b' },
      { list: 'SUMS', line: 3, path: null, status: 'malformed', expected: null, actual: null, error: { code: 'malformed', message: 'it does not begin with a SHA-256 in hexadecimal', ...none }, foundAs: null },
      { list: 'SUMS', line: 4, path: 'renamed', status: 'missing', expected: A, actual: null, error: { code: 'io', message: 'no such file or directory', ...none }, foundAs: 'a' },
      { path: 'none', error: { code: 'io', message: 'no such file or directory', ...none } },
    ]);
    expect(ran).toMatchObject({ status: 1, err: '' });
    expect(json(await hashed('-c --json --quiet SUMS'))).toHaveLength(3);
    expect((await hashed('-c --json --status SUMS')).out).toBe('');
    expect(json(await hashed('-c --json SUMS', { SUMS: 'words\n' })).at(-1)).toMatchObject({ path: 'SUMS', error: { code: 'malformed' } });
  });

  it('requires with --require-all that files are listed', async () => {
    const files = { SUMS: `${A}  ./a\n${A}  tree/x\n${B}  tree/sub/y\n` };
    expect(await hashed('-c --require-all SUMS a tree/sub', files)).toMatchObject({ status: 0, err: '' });
    expect(await hashed('-c --require-all SUMS a b tree none')).toEqual({
      status: 1,
      out: './a: OK\ntree/x: OK\ntree/sub/y: OK\n',
      err: 'binspect: b: is not in SUMS\nbinspect: tree/z: is not in SUMS\nbinspect: none: No such file or directory\n',
    });
    expect(await hashed('-c --require-all tree/SUMS tree/SUMS tree/x', { 'tree/SUMS': `${A}  tree/x\n` })).toMatchObject({ status: 0, err: '' });
    expect(json(await hashed('-c --require-all --json SUMS b')).at(-1)).toEqual({
      list: 'SUMS', line: null, path: 'b', status: 'unlisted', expected: null, actual: null, error: null, foundAs: null,
    });
    expect(await hashed('-c --require-all --status SUMS b')).toEqual({ status: 1, out: '', err: '' });
  });
});

describe('wrong usage', () => {
  it.each([
    ['--jobs 0 a', "--jobs is a whole number from 1 to 999, not '0'"],
    ['--jobs=two a', "--jobs is a whole number from 1 to 999, not 'two'"],
    ['-r', '--recursive needs the folder to hash'],
    ['-c -r a', 'the --recursive option is meaningless when verifying checksums'],
    ['-c --require-all SUMS', '--require-all needs a list, and the files that have to be in it'],
    ['--require-all SUMS a', 'the --require-all option is meaningful only when verifying checksums'],
    ['--json --tag a', '--json has a form of its own; --tag, --binary, --text and --zero do not go with it'],
    ['--chek a', 'unknown option --chek; did you mean --check?'],
  ])('%s', async (args, message) => {
    expect(await hashed(args)).toEqual({ status: 2, out: '', err: `binspect: ${message}\nTry 'binspect hash --help'.\n` });
  });
});

describe('progress', () => {
  it('says how far, how fast and how long', () => {
    const MIB = 1024 * 1024;
    expect(progressText(512 * MIB, 1024 * MIB, 2)).toBe('512.0 MiB of 1.0 GiB, 256.0 MiB/s, 2 s left');
    expect(progressText(10 * MIB, 1000 * MIB, 10)).toBe('10.0 MiB of 1000.0 MiB, 1.0 MiB/s, 16 min 30 s left');
    expect(progressText(MIB, 100_000 * MIB, 1)).toBe('1.0 MiB of 97.7 GiB, 1.0 MiB/s, 27 h 46 min left');
    expect(progressText(10 * MIB, null, 1)).toBe('10.0 MiB, 10.0 MiB/s');
    expect(progressText(10 * MIB, 5 * MIB, 1)).toBe('10.0 MiB, 10.0 MiB/s');
    expect(progressText(0, 10, 0)).toBe('0 B of 10 B, 0 B/s');
  });

  it('is on a terminal only, after a while, and leaves nothing behind', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    let err = '';
    const terminal = { errIsTerminal: true, err: (text: string) => (err += text) } as unknown as Terminal;
    expect(progressLine({ ...terminal, errIsTerminal: false }, () => Promise.resolve(0))).toBeNull();
    const line = progressLine(terminal, () => Promise.resolve(4096)) as Progress;
    const after = async (milliseconds: number, done: number): Promise<string> => {
      vi.advanceTimersByTime(milliseconds);
      err = '';
      line.update(done);
      await Promise.resolve();
      return err;
    };
    expect(await after(299, 100)).toBe('');
    line.clear();
    expect(err).toBe('');
    expect(await after(201, 1024)).toBe('\r1.0 KiB, 2.0 KiB/s\u001b[K');
    expect(await after(50, 1024)).toBe('');
    expect(await after(450, 2048)).toBe('\r2.0 KiB of 4.0 KiB, 2.0 KiB/s, 1 s left\u001b[K');
    line.clear();
    expect(err.endsWith('\r\u001b[K')).toBe(true);
    vi.useRealTimers();
  });
});

describe('names in messages', () => {
  it.each([
    ['plain', 'plain'],
    ['ünï', 'ünï'],
    ['', "''"],
    ['sp ace', "'sp ace'"],
    ["it's", '"it\'s"'],
    ["it's $1", "'it'\\''s $1'"],
    ['n\nl', "'n'$'\\n''l'"],
    ['\u001b[0m', "''$'\\033''[0m'"],
    ['bad\udcff', "'bad'$'\\377'"],
    ['a\u202eb', "'a'$'\\342\\200\\256''b'"],
    ['~a', "'~a'"],
    ['a~', 'a~'],
    ['a:b', "'a:b'"],
  ])('%j is %s', (name, expected) => expect(quoted(name)).toBe(expected));
});
