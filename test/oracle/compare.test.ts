// Pairs of builds that differ in one thing that is known, made by real tools: the verdict, and what the bytes are.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compare } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/model/comparison.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

function put(name: string, text: string): string {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
  return at(name);
}

function tool(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd: string = folder): void {
  const { status, stderr, error } = spawnSync(command, [...args], { encoding: 'utf8', cwd, env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/** Whether tools are missing; where a build has to have them, that fails. */
function lacks(...tools: readonly string[]): boolean {
  const missing = tools.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  if (missing.length > 0 && process.env['CI'] !== undefined) throw new Error(`not installed: ${missing.join(', ')}`);
  if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`);
  return missing.length > 0;
}

const names = ({ values }: Comparison): string[] => values.map(({ what }) => what);

describe.skipIf(lacks('clang', 'ld.lld', 'strip'))('ELF', () => {
  const source = put('e/main.c', 'int twice(int x) { return 2 * x; }\nvoid _start(void) { for (;;) twice(1); }\n');
  const link = (name: string, ...options: readonly string[]): string => {
    tool('clang', ['--target=x86_64-linux-gnu', '-nostdlib', '-fuse-ld=lld', '-static', source, '-o', at(name), ...options]);
    return at(name);
  };

  it('two build ids: their 20 bytes and no more', async () => {
    const found = await compare(link('e1', `-Wl,--build-id=0x${'11'.repeat(20)}`), link('e2', `-Wl,--build-id=0x${'22'.repeat(20)}`));
    expect(found).toMatchObject({ verdict: 'identical-but-identity', explained: 20, unexplained: 0, values: [{ what: 'build id', a: '11'.repeat(20) }] });
  });

  it('linked twice: identical', async () => {
    expect((await compare(link('e3', '-Wl,--build-id'), link('e4', '-Wl,--build-id'))).verdict).toBe('identical');
  });

  it('no build id in one: different', async () => {
    const found = await compare(link('e5', '-Wl,--build-id'), link('e6', '-Wl,--build-id=none'));
    expect(found.verdict).toBe('differs');
    expect(found.remarks).toContain('B has no build id');
  });

  it('debug information of another folder: only the build id is left once it is stripped', async () => {
    const build = (name: string): string => {
      const here = put(`${name}/main.c`, 'void _start(void) { for (;;); }\n');
      tool('clang', ['--target=x86_64-linux-gnu', '-g', '-c', here, '-o', join(dirname(here), 'main.o')], {}, dirname(here));
      tool('ld.lld', ['--build-id=sha1', join(dirname(here), 'main.o'), '-o', at(`${name}.out`)]);
      return at(`${name}.out`);
    };
    const [a, b] = [build('one'), build('two')];
    expect((await compare(a, b)).verdict).toBe('differs');
    for (const path of [a, b]) tool('strip', ['-g', path]);
    const found = await compare(a, b);
    expect([found.verdict, names(found), found.unexplained]).toEqual(['identical-but-identity', ['build id'], 0]);
    expect(found.remarks[0]).toMatch(/likely it was built from other debug information/);
  });
});

describe.skipIf(lacks('clang', 'lld-link', 'osslsigncode', 'openssl'))('PE', () => {
  const object = at('p/main.obj');
  const source = put('p/main.c', 'int mainCRTStartup(void) { return 3; }\n');
  const link = (name: string, ...options: readonly string[]): string => {
    tool('clang', ['--target=x86_64-pc-windows-msvc', '-c', source, '-o', object]);
    tool('lld-link', ['/nologo', '/entry:mainCRTStartup', '/subsystem:console', '/nodefaultlib', `/out:${at(name)}`, object, ...options]);
    return at(name);
  };

  it('two time stamps', async () => {
    const found = await compare(link('p1.exe', '/timestamp:1'), link('p2.exe', '/timestamp:2'));
    expect(found).toMatchObject({ verdict: 'identical-but-identity', unexplained: 0 });
    expect(names(found)).toContain('time stamp');
  });

  it('with a PDB: time stamps and its id', async () => {
    const pdb = ['/debug', '/pdbaltpath:a.pdb'];
    const found = await compare(link('p3.exe', '/timestamp:1', ...pdb), link('p4.exe', '/timestamp:2', ...pdb));
    expect(found).toMatchObject({ verdict: 'identical-but-identity', unexplained: 0 });
    expect(names(found).sort()).toEqual(['PDB id', 'time stamp', 'time stamp of debug entry 1']);
  });

  it('signed, signed by another, with the signature taken off, and changed under it', async () => {
    const plain = link('p5.exe', '/timestamp:1');
    for (const name of ['k1', 'k2']) {
      tool('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), '-days', '30', '-subj', `/CN=${name}`, '-addext', 'extendedKeyUsage=codeSigning']);
      tool('osslsigncode', ['sign', '-certs', at(`${name}.pem`), '-key', at(`${name}.key`), '-in', plain, '-out', at(`${name}.exe`)]);
    }
    tool('osslsigncode', ['remove-signature', '-in', at('k1.exe'), '-out', at('off.exe')]);
    expect(await compare(plain, at('k1.exe'))).toMatchObject({ verdict: 'identical-but-signature', unexplained: 0 });
    expect(await compare(at('k1.exe'), at('k2.exe'))).toMatchObject({ verdict: 'identical-but-signature', unexplained: 0 });
    const off = await compare(plain, at('off.exe'));
    expect([off.verdict, names(off)]).toEqual(['identical-but-identity', ['checksum']]);
    expect((await compare(plain, at('k1.exe'), { ignore: ['signature'] })).equal).toBe(true);
    const changed = readFileSync(at('k1.exe'));
    changed[0x200] = (changed[0x200] as number) ^ 1; // the first byte of code
    writeFileSync(at('changed.exe'), changed);
    const stale = await compare(at('k1.exe'), at('changed.exe'), { ignore: ['signature', 'identity', 'vcs'] });
    expect([stale.verdict, stale.equal, stale.regions[0]?.path]).toEqual(['differs', false, '.text']);
  });
});

describe.skipIf(lacks('go', 'git'))('Go', { timeout: 300_000 }, () => {
  const home = at('g');
  let commits = 0; // each has a second of its own
  const git = (...args: readonly string[]): void => tool('git', ['-c', 'user.email=a@example.com', '-c', 'user.name=a', ...args], { GIT_COMMITTER_DATE: `2026-01-02T03:04:${10 + commits}Z` }, home);
  const build = (os: string, name: string, ...options: readonly string[]): string => {
    tool('go', ['build', '-trimpath', '-buildvcs=true', ...options, '-o', at(name), '.'], { GOOS: os, GOARCH: 'arm64', CGO_ENABLED: '0', GOFLAGS: '', GO111MODULE: 'on' }, home);
    return at(name);
  };
  const flags = (text: string): string[] => ['-ldflags', `-X main.text=${text}`];
  const commit = (): void => {
    put('g/notes', String(commits++));
    git('add', '-A');
    git('commit', '-qm', String(commits));
  };

  it.each(['linux', 'windows', 'darwin'])('%s: again, with another flag, from another commit', async (os) => {
    put('g/go.mod', 'module example.com/x\n\ngo 1.19\n');
    put('g/main.go', 'package main\n\nvar text = "abc"\n\nfunc main() { println(text) }\n');
    if (commits === 0) git('init', '-q', '.');
    commit();
    const one = build(os, `${os}-1`, ...flags('one'));
    expect((await compare(one, build(os, `${os}-again`, ...flags('one')))).verdict).toBe('identical');
    const flag = await compare(one, build(os, `${os}-2`, ...flags('two')));
    expect([flag.verdict, flag.unexplained]).toEqual(['differs', 3]);
    expect(flag.remarks[0]).toMatch(/the same packages were linked, with other link flags/);
    commit();
    const stamp = await compare(one, build(os, `${os}-3`, ...flags('one')));
    expect([stamp.verdict, stamp.unexplained]).toEqual(['explained', 0]);
    expect(new Set(names(stamp).filter((name) => name.startsWith('module text')))).toEqual(new Set(['module text (vcs.revision)', 'module text (vcs.time)']));
    expect(stamp.facts.map(({ name }) => name)).toEqual(expect.arrayContaining(['vcs.revision', 'vcs.time']));
    expect(stamp.remarks[0]).toMatch(/the same code from other inputs/);
    expect((await compare(one, at(`${os}-3`), { ignore: ['vcs'] })).equal).toBe(true);
    expect((await compare(one, at(`${os}-3`), { ignore: ['identity'] })).equal).toBe(false);
    const stripped = await compare(one, build(os, `${os}-4`, '-ldflags', '-s -w -X main.text=one'));
    expect(stripped.verdict).toBe('differs');
  });
});
