// The command line: what it prints where, and with which status it ends.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DF_1, DT, ET } from '../src/elf/constants.ts';
import { buildElf } from './build/elf.ts';
import { fixtureBytes } from './fixtures.ts';
import { run } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const put = (name: string, bytes: Uint8Array | string): string => {
  mkdirSync(join(at(name), '..'), { recursive: true });
  writeFileSync(at(name), bytes);
  return at(name);
};

const program = put('program', fixtureBytes('elf-x86_64-pie'));
const library = put('tree/lib/library.so', fixtureBytes('elf-x86_64-library'));
put('tree/bin/program', fixtureBytes('elf-x86_64-static'));
put('tree/readme.txt', 'words');
put('tree/run.sh', '#!/bin/sh\n');
put('tree/damaged', fixtureBytes('elf-x86_64-static').subarray(0, 40));
symlinkSync('/', at('tree/out'));
symlinkSync('../lib/library.so', at('tree/bin/linked.so'));
put('text', 'nothing to see here');
put('empty', '');

describe('--fields', () => {
  it.each([
    ['path,platform.goo', "there is no fact called 'platform.goo'; did you mean platform.go?"],
    ['platfrm', "there is no fact called 'platfrm'; did you mean platform?"],
    ['go.main.vresion', "there is no fact called 'go.main.vresion'; did you mean go.main.version?"],
    ['dependencies.nam', "there is no fact called 'dependencies.nam'; did you mean dependencies.name?"],
    ['machO.minimumOS', "there is no fact called 'machO.minimumOS'; did you mean machO.minimumOs?"],
    ['path.x', "there is no fact called 'path.x'"],
    ['toString', "there is no fact called 'toString'"],
    ['platform.constructor', "there is no fact called 'platform.constructor'"],
  ])('%s is refused', async (fields, message) => {
    const { status, out, err } = await run(['--fields', fields, program]);
    const meant = /mean (.*)\?$/.exec(message)?.[1];
    const line = meant === undefined ? "Try 'binspect --help'." : `  binspect --fields ${fields.replace(/[^,]*$/, meant)} ${program}`;
    expect([status, out, err]).toEqual([2, '', `error: --fields: ${message}\n${line}\n`]);
  });

  it('has every fact that the JSON has, and what may stand in its records', async () => {
    const paths = (value: unknown, name: string): string[] =>
      typeof value !== 'object' || value === null ? [name] : Array.isArray(value) ? [name, ...value.flatMap((one) => paths(one, name))] : [name, ...Object.entries(value).flatMap(([key, one]) => paths(one, `${name}.${key}`))];
    for (const fixture of ['elf-x86_64-pie', 'macho-universal-objects']) {
      const inspection = JSON.parse((await run(['--json', `testdata/${fixture}`])).out) as { binaries: object[] };
      const names = [...new Set(inspection.binaries.flatMap((binary) => Object.entries(binary).flatMap(([key, value]) => paths(value, key))))];
      expect((await run(['--fields', names.join(','), `testdata/${fixture}`])).status).toBe(0);
    }
  });

  it('does not hash for a fact that --no-hash leaves out', async () => {
    expect(await run(['--no-hash', '--fields', 'path,sha256', program])).toMatchObject({ status: 2, err: expect.stringContaining('--no-hash leaves out') as string });
    expect((await run(['--no-hash', '--fields', 'path', program])).status).toBe(0);
  });
});

describe('one file', () => {
  it('is shown in full', async () => {
    const { status, out, err } = await run([program]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^\S+program {2}linux\/amd64 · ELF64 PIE executable · dynamic, glibc · 2\.5 KiB\n\n/);
    expect(out).toMatch(/^sha256 {7}[0-9a-f]{64}$/m);
    expect(out).toMatch(/^needs {8}libc\.so\.6 {2}\/lib/m);
    expect(out).toMatch(/^DT_RUNPATH {3}\$ORIGIN\/\.\.\/lib {2}\/opt\/lib$/m);
    expect(out).toMatch(/^hardening {4}✓ PIE {2}✓ NX stack {2}✗ canary/m);
    expect(out.endsWith('\n')).toBe(true);
    expect(out).not.toContain('\u001b');
  });

  it('says with -v what told each fact', async () => {
    expect((await run(['-v', program])).out).toMatch(/^PIE {10}yes +DF_1_PIE is set in DT_FLAGS_1$/m);
    expect((await run(['-v', program], { outIsTerminal: true, columns: 80, env: { NO_COLOR: '1' } })).out).toContain('\nPIE          yes\n             because DF_1_PIE is set in DT_FLAGS_1\n');
  });

  it('is one JSON document with --json', async () => {
    const { out } = await run(['--json', program]);
    expect(out.split('\n')).toHaveLength(2);
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, path: program, format: 'elf', universal: false });
  });

  it('is not hashed with --no-hash', async () => {
    expect((await run(['--no-hash', program])).out).not.toContain('sha256');
    expect(JSON.parse((await run(['--no-hash', '--json', program])).out)).toMatchObject({ sha256: null });
  });

  it('comes from standard input for -', async () => {
    const bytes = fixtureBytes('elf-x86_64-pie');
    const { status, out } = await run(['--json', '-'], { input: [bytes.subarray(0, 100), bytes.subarray(100)] });
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ path: '-', size: bytes.length });
    expect(JSON.parse(out).sha256).toBe(JSON.parse((await run(['--json', program])).out).sha256);
  });

  it('goes by the name of a command with ./', async () => {
    const cwd = process.cwd();
    put('inspect', fixtureBytes('elf-x86_64-static'));
    process.chdir(folder);
    try {
      expect((await run(['./inspect'])).out).toContain('static executable');
      expect((await run(['inspect', 'inspect'])).out).toContain('static executable');
    } finally {
      process.chdir(cwd);
    }
  });
});

describe('several files, and folders', () => {
  it('are a table', async () => {
    const { status, out, err } = await run([program, library]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.split('\n')[0]).toMatch(/^TARGET +FORMAT +KIND +LINK +PIE +C LIBRARY +SIZE +SHA256 +PATH$/);
    expect(out).toMatch(/^linux\/amd64 +ELF64 +executable +dynamic +yes +glibc +2\.5 KiB +[0-9a-f]{12} +\S+program$/m);
    expect(out).toMatch(/^2 binaries, 4\.1 KiB$/m);
  });

  it('are walked in order, what is no binary skipped, damaged binaries told', async () => {
    const { status, out, err } = await run(['--json', '--no-hash', at('tree')]);
    const lines = out.trimEnd().split('\n').map((line) => JSON.parse(line) as { path: string; error?: { code: string } });
    expect(lines.map(({ path }) => path.slice(folder.length))).toEqual(['/tree/bin/linked.so', '/tree/bin/program', '/tree/damaged', '/tree/lib/library.so']);
    expect(lines[2]?.error?.code).toBe('truncated');
    expect({ status, err }).toEqual({ status: 3, err: '' });
  });

  it('name what was skipped with -v', async () => {
    const { err } = await run(['-v', at('tree')]);
    expect(err).toContain('readme.txt: skipped');
    expect(err).toContain('run.sh: skipped: a script');
    expect(err).toContain('out: skipped: link out of the folder');
  });

  it('without a binary are a failure', async () => {
    mkdirSync(at('nothing'));
    expect(await run([at('nothing')])).toMatchObject({ status: 3, out: '' });
  });
});

describe('what can not be read', () => {
  it.each<[string, () => string, RegExp, string]>([
    ['a missing file', () => at('missing'), /no such file or directory/, 'io'],
    ['an empty file', () => at('empty'), /the file is empty/, 'unrecognized'],
    ['no executable', () => at('text'), /no executable/, 'unrecognized'],
    ['a script', () => at('tree/run.sh'), /a script/, 'unsupported'],
    ['a cut header', () => at('tree/damaged'), /ELF header: 64 bytes wanted at 0x0, the file ends at 0x28/, 'truncated'],
    ['an archive that is not read', () => put('a.bz2', Uint8Array.of(0x42, 0x5a, 0x68, 0x39, 0, 0)), /bzip2.*unpack it first/, 'unsupported'],
  ])('%s', async (_, path, message, code) => {
    const named = path();
    const text = await run([named]);
    expect(text).toMatchObject({ status: 3, out: '' });
    expect(text.err).toMatch(message);
    expect(text.err.startsWith(`binspect: ${named}: `)).toBe(true);
    const json = await run(['--json', named]);
    expect(JSON.parse(json.out)).toMatchObject({ path: named, error: { code } });
    expect(json).toMatchObject({ status: 3, err: '' });
  });

  it.skipIf(process.getuid?.() === 0)('no permission', async () => {
    chmodSync(put('secret', 'x'), 0);
    expect((await run([at('secret')])).err).toContain('permission denied');
  });

  it('does not keep the others from being read', async () => {
    const { status, out, err } = await run([at('missing'), program]);
    expect(status).toBe(3);
    expect(out).toContain('program');
    expect(err).toContain('no such file');
  });
});

describe('--fields', () => {
  it('prints single facts, a line for each binary', async () => {
    const { out, status } = await run(['--fields', 'path,platform.go,pie,dependencies,searchPaths,interpreter,entryPoint,machine', program, library]);
    expect(status).toBe(0);
    expect(out.split('\n').map((line) => line.split('\t').slice(1))).toEqual([
      ['linux/amd64', 'true', 'libc.so.6', '$ORIGIN/../lib,/opt/lib', '/lib64/ld-linux-x86-64.so.2', expect.stringMatching(/^0x/), 'EM_X86_64'],
      ['linux/amd64', '-', '-', '-', '-', '-', 'EM_X86_64'],
      [],
    ]);
  });

  it('prints them as JSON', async () => {
    expect(JSON.parse((await run(['--json', '--fields', 'size,dependencies.name,pe.subsystem', program])).out)).toEqual({
      size: 2592,
      'dependencies.name': ['libc.so.6'],
      'pe.subsystem': null,
    });
  });

  it('hashes only where the digest is asked for', async () => {
    expect((await run(['--fields=sha256', program])).out).toMatch(/^[0-9a-f]{64}\n$/);
  });

  it('refuses what is no fact', async () => {
    expect(await run(['--fields=plattform.go', program])).toMatchObject({ status: 2, out: '', err: expect.stringContaining('did you mean platform.go?') });
  });
});

describe('usage', () => {
  it.each<[string[], RegExp]>([
    [[], /name a file or a folder/],
    [['--jsno', program], /unknown option --jsno; did you mean --json\?/],
    [['--color=sometimes', program], /--color is one of auto, always, never/],
    [['--json=yes', program], /--json takes no value/],
    [['-x', program], /unknown option -x/],
  ])('%s is wrong', async (args, message) => {
    const { status, out, err } = await run(args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).toMatch(/--help'|\n {2}binspect /);
  });

  it('takes -- as the end of options', async () => {
    expect((await run(['--json', '--', '--json'])).out).toContain('"path":"--json"');
  });

  it('shows help and version', async () => {
    expect(await run(['--help'])).toMatchObject({ status: 0, err: '' });
    expect((await run(['inspect', '--help'])).out).toContain('Usage: binspect [inspect]');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await run(['--version'])).out).toBe(`binspect ${version}\n`);
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('%s', async (shell) => {
    const { status, out } = await run(['completion', shell]);
    expect(status).toBe(0);
    for (const word of ['inspect', 'hash', 'no-hash', 'ignore-missing', 'json']) expect(out).toContain(word);
  });

  it.skipIf(spawnSync('bash', ['--version']).status !== 0)('completes in bash', async () => {
    const { out } = await run(['completion', 'bash']);
    const script = `${out}\nCOMP_WORDS=(binspect hash --ig) COMP_CWORD=2\n_binspect\necho "\${COMPREPLY[@]}"`;
    expect(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout).toBe('--ignore-missing\n');
  });

  it('is for known shells', async () => {
    expect(await run(['completion', 'bsh'])).toMatchObject({ status: 2, err: expect.stringContaining('did you mean bash?') });
  });
});

describe('what a file says is not obeyed', () => {
  const evil = 'lib\u001b[31m\u202e\u009b\n::error::x.so';
  const bytes = buildElf({ type: ET.DYN, dynamic: [[DT.NEEDED, evil], [DT.SONAME, evil], [DT.RPATH, evil], [DT.FLAGS_1, BigInt(DF_1.PIE)]], interpreter: evil });

  it.each([[['--color=always']], [['-v']], [['--json']]])('%s', async (options) => {
    const path = put('e\u001b[2Jvil', bytes);
    const { out, err } = await run([...options, path, at('no\u001b[2Jne')]);
    for (const text of [out, err]) {
      expect(text.replace(/\u001b\[(1|2|22|31|32|33|39)m/g, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(text).not.toMatch(/^::/m);
    }
    expect((await run(['--color=never', path])).out).not.toContain('\u001b');
  });
});

describe('colour', () => {
  it.each<[string[], Record<string, string>, boolean, boolean]>([
    [[], {}, false, false],
    [[], {}, true, true],
    [[], { TERM: 'dumb' }, true, false],
    [[], { NO_COLOR: '1' }, true, false],
    [[], { NO_COLOR: '' }, true, true],
    [[], { FORCE_COLOR: '1' }, false, true],
    [[], { FORCE_COLOR: '0' }, true, false],
    [[], { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [['--color=always'], { NO_COLOR: '1' }, false, true],
    [['--color=never'], { FORCE_COLOR: '1' }, true, false],
  ])('%s %o on a terminal: %s', async (args, env, outIsTerminal, colored) => {
    expect((await run([...args, program], { env, outIsTerminal })).out.includes('\u001b[')).toBe(colored);
  });
});

it('ends quietly when its reader goes', async () => {
  const { status, out } = await run(['--json', '--no-hash', at('tree')], { closesAfter: 1, outIsTerminal: true });
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  expect(status).toBe(0);
});
