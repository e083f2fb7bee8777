// binspect runs held against what execve, the loader, bash and Node really do: every cause is made, started, and compared with the verdict.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostOf } from '../../src/host/host.ts';
import { groundOf, runsFile } from '../../src/host/runs.ts';
import type { Ground } from '../../src/host/runs.ts';
import { thisSystem } from '../../src/host/system.ts';
import { inspectSync } from '../../src/inspect/inspect.ts';
import type { Host } from '../../src/model/host.ts';
import type { RunsReport } from '../../src/model/runs.ts';
import { runsOn } from '../../src/verify/runs/judge.ts';
import { buildEntries } from '../built.ts';
import type { Built } from '../built.ts';
import { elfHash, makeRunner, missingTools, openWorkshop, start, tool } from './made-programs.ts';
import type { Started, Workshop } from './made-programs.ts';

const missing = missingTools();
const usable = missing.length === 0 && process.platform === 'linux' && process.arch === 'x64';
if (!usable && process.env['CI'] === undefined) console.warn(`skipped: ${missing.join(', ') || 'this is not Linux on x86-64'}`);

let shop: Workshop;
let runner: string;
let ground: Ground;
let host: Host;

/** How a case is made, what the kernel and the loader really do, and which rule says so. */
interface Case {
  readonly make: () => string;
  /** Null: it has to pass. */
  readonly rule: string | null;
  readonly execve?: string | null;
  /** Of the process, where it starts. */
  readonly status?: number | string | RegExp;
  readonly bash?: number;
  readonly node?: number | string | RegExp;
  readonly env?: NodeJS.ProcessEnv;
  /** Words of the loader or the shell that the verdict has to have too. */
  readonly words?: RegExp;
  readonly says?: RegExp;
}

const LIBRARY = 'int f(void) { return 0; }\n';
const USER = 'int f(void); int main(void) { return f(); }\n';

/** A program with a library in a folder beside it; the library is then changed. */
function withLibrary(name: string, change: (library: string, folder: string) => void, options: readonly string[] = [], compiler = 'gcc'): string {
  mkdirSync(shop.path(`${name}.lib`), { recursive: true });
  const library = shop.c(`${name}.lib/libf.so`, ['-shared', '-fPIC', '-Wl,-soname,libf.so'], compiler, LIBRARY);
  const program = shop.c(name, [`-L${shop.path(`${name}.lib`)}`, '-lf', ...(options.length > 0 ? options : [`-Wl,-rpath,$ORIGIN/${name}.lib`])], compiler, USER);
  change(library, shop.path(`${name}.lib`));
  return program;
}

function versioned(versions: readonly string[]): readonly string[] {
  const map = versions.map((version, i) => `${version} { global: ${i === 0 ? 'f;' : `f${i};`} };`).join('\n');
  return ['-shared', '-fPIC', '-Wl,-soname,libf.so', `-Wl,--version-script=${shop.write(`${versions.join('-')}.map`, map, 0o644)}`];
}

/** A needed version with another name of the same length, and its hash. */
function renamed(name: string, from: string, to: string): string {
  return shop.patched(name, shop.c(`${name}.plain`), (bytes) => {
    bytes.write(to, bytes.indexOf(`${from}\0`), 'latin1');
    const hash = Buffer.alloc(4);
    hash.writeUInt32LE(elfHash(from));
    bytes.writeUInt32LE(elfHash(to), bytes.indexOf(hash));
  });
}

function loads(bytes: Buffer): number[] {
  const count = bytes.readUInt16LE(56);
  return Array.from({ length: count }, (_, i) => Number(bytes.readBigUInt64LE(32)) + i * 56).filter((at) => bytes.readUInt32LE(at) === 1);
}

const CASES: Readonly<Record<string, Case>> = {
  'a program': { make: () => shop.c('fine'), rule: null, status: 0 },
  'a static program': { make: () => shop.c('static', ['-static']), rule: null, status: 0 },
  'a static PIE': { make: () => shop.c('static-pie', ['-static-pie']), rule: null, status: 0 },
  'a program for musl, which is installed': { make: () => shop.c('musl', [], 'musl-gcc'), rule: null, status: 0 },
  'no permission': { make: () => shop.write('no-x', readFileSync(shop.c('no-x.plain')), 0o644), rule: 'runsPermission', execve: 'EACCES', bash: 126, node: 'EACCES', words: /Permission denied/ },
  'another machine': { make: () => shop.foreign('arm64', 'aarch64-linux-gnu'), rule: 'runsMachine', execve: 'ENOEXEC', bash: 126, node: /^(2|127)$/, words: /Exec format error/, says: /linux\/arm64, this machine is linux\/amd64, and no emulator is registered for arm64/ },
  'an object file': { make: () => shop.write('object', readFileSync(shop.c('object.plain', ['-c']))), rule: 'runsMachine', execve: 'ENOEXEC', bash: 126 },
  'another loader': { make: () => shop.c('no-loader', ['-Wl,--dynamic-linker=/lib/ld-musl-nowhere.so.1']), rule: 'runsInterpreter', execve: 'ENOENT', bash: 127, node: 'ENOENT', words: /required file not found/, says: /built for musl, this system has glibc/ },
  'a relative loader': { make: () => shop.c('relative-loader', ['-Wl,--dynamic-linker=nowhere/ld.so']), rule: 'runsInterpreter', execve: 'ENOENT' },
  'a script': { make: () => shop.write('script', '#!/bin/sh\nexit 0\n'), rule: null, status: 0 },
  'a script with blanks': { make: () => shop.write('script-blanks', '#! \t/bin/sh -e \nexit 0\n'), rule: null, status: 0 },
  'a script for a script': { make: () => shop.write('script-2', `#!${shop.write('script-1', '#!/bin/sh\nexit 0\n')}\n`), rule: null, status: 0 },
  'a script for a script for nothing': { make: () => shop.write('script-4', `#!${shop.write('script-3', '#!/nowhere/sh\n')}\n`), rule: 'runsInterpreter', execve: 'ENOENT' },
  'a script for nothing': { make: () => shop.write('script-nothing', '#!/nowhere/interpreter -x\n'), rule: 'runsInterpreter', execve: 'ENOENT', bash: 127, node: 'ENOENT', words: /required file not found/ },
  'a script from Windows': { make: () => shop.write('script-crlf', '#!/bin/sh\r\nexit 0\r\n'), rule: 'runsInterpreter', execve: 'ENOENT', bash: 127, node: 'ENOENT', says: /lines end as Windows has them/ },
  'a script behind a byte order mark': { make: () => shop.write('script-bom', '\ufeff#!/bin/sh\nexit 0\n'), rule: 'runsFile', execve: 'ENOEXEC', says: /byte order mark/ },
  'a script by env': { make: () => shop.write('script-env', '#!/usr/bin/env sh\nexit 0\n'), rule: null, status: 0 },
  'a script by env for nothing': { make: () => shop.write('script-env-nothing', '#!/usr/bin/env no-such-program\n'), rule: 'runsInterpreter', status: 127, words: /No such file or directory/ },
  'a script by env from Windows': { make: () => shop.write('script-env-crlf', '#!/usr/bin/env sh\r\nexit 0\r\n'), rule: 'runsInterpreter', status: 127 },
  'a script for what may not be executed': { make: () => shop.write('script-no-x', `#!${shop.write('interpreter-no-x', '#!/bin/sh\n', 0o644)}\n`), rule: 'runsInterpreter', execve: 'EACCES' },
  'text without a first line': { make: () => shop.write('text', 'exit 0\n'), rule: 'runsFile', execve: 'ENOEXEC' },
  'an empty file': { make: () => shop.write('empty', ''), rule: 'runsFile', execve: 'ENOEXEC', bash: 0, node: 0 },
  'a page': { make: () => shop.write('page', '<!DOCTYPE html>\n<html><body>404</body></html>\n'), rule: 'runsFile', execve: 'ENOEXEC', bash: 2, node: 2, says: /HTML page/ },
  'a page with a blank line': { make: () => shop.write('page-2', '\n<html><body>404</body></html>\n'), rule: 'runsFile', execve: 'ENOEXEC', says: /HTML page/ },
  'an archive': { make: () => shop.write('archive', Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), Buffer.alloc(100)])), rule: 'runsFile', execve: 'ENOEXEC', says: /gzip/ },
  'a library beside it': { make: () => withLibrary('lib-fine', () => {}), rule: null, status: 0 },
  'a library by DT_RPATH': { make: () => withLibrary('lib-rpath', () => {}, ['-Wl,--disable-new-dtags', '-Wl,-rpath,${ORIGIN}/lib-rpath.lib']), rule: null, status: 0 },
  'a library by LD_LIBRARY_PATH': { make: () => withLibrary('lib-env', () => {}, ['-Wl,-rpath,/nowhere']), rule: null, status: 0, env: { LD_LIBRARY_PATH: 'lib-env.lib' } },
  'a library that is missing': { make: () => withLibrary('lib-missing', (library) => tool('rm', [library])), rule: 'runsLibraries', status: 127, bash: 127, node: 127, words: /error while loading shared libraries: libf\.so: cannot open shared object file: No such file or directory/ },
  'a library for musl that is missing': { make: () => withLibrary('lib-missing-musl', (library) => tool('rm', [library]), [], 'musl-gcc'), rule: 'runsLibraries', status: 127, words: /Error loading shared library libf\.so: No such file or directory \(needed by / },
  'a library of another class': { make: () => withLibrary('lib-class', (library) => copyFileSync(shop.foreignLibrary('lib32.so', 'i386-linux-gnu'), library)), rule: 'runsLibraries', status: 127, words: /libf\.so: wrong ELF class: ELFCLASS32/, says: /is for 386/ },
  'a library of another machine': { make: () => withLibrary('lib-machine', (library) => copyFileSync(shop.foreignLibrary('lib-arm64.so', 'aarch64-linux-gnu'), library)), rule: 'runsLibraries', status: 127, words: /libf\.so: cannot open shared object file/, says: /is for arm64/ },
  'a library that is empty': { make: () => withLibrary('lib-empty', (library) => truncateSync(library, 0)), rule: 'runsLibraries', status: 127, words: /libf\.so: file too short/ },
  'a library that is text': { make: () => withLibrary('lib-text', (library) => shop.write('lib-text.lib/libf.so', `INPUT(libf.so.1)\n${' '.repeat(2000)}${library}`)), rule: 'runsLibraries', status: 127, words: /libf\.so: invalid ELF header/ },
  'a library of a library that is missing': {
    make: () => withLibrary('lib-second', (_, folder) => {
      shop.c('lib-second.lib/libg.so', ['-shared', '-fPIC', '-Wl,-soname,libg.so'], 'gcc', 'int g(void) { return 0; }\n');
      shop.c('lib-second.lib/libf.so', ['-shared', '-fPIC', '-Wl,-soname,libf.so', `-L${folder}`, '-lg'], 'gcc', 'int g(void); int f(void) { return g(); }\n');
    }),
    rule: 'runsLibraries', status: 127, words: /libg\.so: cannot open shared object file/, says: /needed by .*libf\.so/,
  }, // prettier-ignore: DT_RUNPATH of the program is not for its libraries
  'a library of a library, by the DT_RPATH of the program': {
    make: () => withLibrary('lib-third', (_, folder) => {
      shop.c('lib-third.lib/libg.so', ['-shared', '-fPIC', '-Wl,-soname,libg.so'], 'gcc', 'int g(void) { return 0; }\n');
      shop.c('lib-third.lib/libf.so', ['-shared', '-fPIC', '-Wl,-soname,libf.so', `-L${folder}`, '-lg'], 'gcc', 'int g(void); int f(void) { return g(); }\n');
    }, ['-Wl,--disable-new-dtags', '-Wl,-rpath,$ORIGIN/lib-third.lib']),
    rule: null, status: 0,
  }, // prettier-ignore
  'a version that glibc does not have': { make: () => renamed('glibc', 'GLIBC_2.34', 'GLIBC_2.99'), rule: 'runsGlibc', status: 1, bash: 1, node: 1, words: /version [`']GLIBC_2\.99' not found \(required by /, says: /needs GLIBC_2\.99; this system's libc\.so\.6 provides up to GLIBC_2\.\d+/ },
  'a version that a library does not have': {
    make: () => withLibrary('lib-version', () => {
      const library = (versions: string[]): string => shop.c('lib-version.lib/libf.so', versioned(versions), 'gcc', 'int f(void) { return 0; } int f1(void) { return 0; }\n');
      library(['V_2']);
      shop.c('lib-version', [`-L${shop.path('lib-version.lib')}`, '-lf', '-Wl,-rpath,$ORIGIN/lib-version.lib'], 'gcc', USER);
      library(['V_1']);
    }),
    rule: 'runsGlibc', status: 1, words: /version [`']V_2' not found/,
  }, // prettier-ignore
  'a library that defines no version any more': {
    make: () => withLibrary('lib-unversioned', () => {
      shop.c('lib-unversioned.lib/libf.so', versioned(['V_3']), 'gcc', LIBRARY);
      shop.c('lib-unversioned', [`-L${shop.path('lib-unversioned.lib')}`, '-lf', '-Wl,-rpath,$ORIGIN/lib-unversioned.lib'], 'gcc', USER);
      shop.c('lib-unversioned.lib/libf.so', ['-shared', '-fPIC', '-Wl,-soname,libf.so'], 'gcc', LIBRARY);
    }),
    rule: 'runsGlibc', status: 127, words: /no version information available/,
  }, // prettier-ignore
  'a library that defines no version any more, and asks for some': {
    make: () => withLibrary('lib-asking', () => {
      shop.c('lib-asking.lib/libf.so', versioned(['V_4']), 'gcc', LIBRARY);
      shop.c('lib-asking', [`-L${shop.path('lib-asking.lib')}`, '-lf', '-Wl,-rpath,$ORIGIN/lib-asking.lib'], 'gcc', USER);
      shop.c('lib-asking.lib/libf.so', ['-shared', '-fPIC', '-Wl,-soname,libf.so'], 'gcc', 'int puts(const char *); int f(void) { puts("f"); return 0; }\n');
    }),
    rule: null, status: 0,
  }, // prettier-ignore: the loader warns, and goes on
  'a cut file': { make: () => shop.patched('cut', shop.c('cut.plain'), () => {}), rule: 'runsFile', status: /^SIG(SEGV|BUS)$/, node: /^SIG(SEGV|BUS)$/ },
  'a file cut in its headers': { make: () => shop.write('cut-headers', readFileSync(shop.c('cut-headers.plain')).subarray(0, 100)), rule: 'runsFile', execve: 'ENOEXEC' },
  'a wrong class': { make: () => shop.patched('class', shop.c('class.plain'), (bytes) => void (bytes[4] = 1)), rule: null, status: 0, says: /runs here/ },
  'a wrong byte order': { make: () => shop.patched('data', shop.c('data.plain'), (bytes) => void (bytes[5] = 2)), rule: null, status: 0 },
  'segments that agree with no page': { make: () => shop.patched('pages', shop.c('pages.plain', ['-static']), (bytes) => { for (const at of loads(bytes)) bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at + 16) + 0x100n, at + 16); }), rule: 'runsPageSize', status: /SIG(SEGV|KILL|BUS)|^\d+$/ },
  'a 32-bit program': { make: () => shop.foreign('i386', 'i386-linux-gnu'), rule: null, status: 0 },
}; // prettier-ignore

describe.runIf(usable || process.env['CI'] !== undefined)('runs', () => {
  beforeAll(async () => {
    expect(missing).toEqual([]);
    shop = openWorkshop();
    runner = makeRunner(shop);
    process.chdir(shop.folder);
    host = await hostOf(thisSystem(), { tree: thisSystem().files, libraries: false });
    ground = await groundOf({ ...thisSystem(), env: { PATH: process.env['PATH'] } }, null, null);
  });
  const home = process.cwd();
  afterAll(() => {
    process.chdir(home);
    shop.remove();
  });

  it.each(Object.entries(CASES))('%s', async (name, { make, rule, execve = null, status, bash, node, env = {}, words, says }) => {
    const path = make();
    if (name === 'a cut file') truncateSync(path, 0x2000);
    const report = await runsFile(path, { ...ground, system: { ...ground.system, env: { PATH: process.env['PATH'], ...env } } });
    const real = start(runner, path, env);
    agree(report, rule, real);
    expect(real.execve, 'execve').toBe(execve);
    if (status instanceof RegExp) expect(String(real.status)).toMatch(status);
    else if (status !== undefined) expect(real.status, real.stderr).toBe(status);
    if (bash !== undefined) expect(real.bash.status, `bash: ${real.bash.stderr}`).toBe(bash);
    if (node instanceof RegExp) expect(String(real.node.error ?? real.node.status), 'Node').toMatch(node);
    else if (node !== undefined) expect(real.node.error ?? real.node.status, 'Node').toBe(node);
    if (words !== undefined) {
      expect(`${real.stderr}${real.bash.stderr}`).toMatch(words);
      expect(report.findings.find((one) => one.status === 'fail')?.systemSays).toMatch(words);
    }
    if (says !== undefined) expect(report.headline).toMatch(says);
  }, 60_000);

  /** What fails by the verdict does not come to a good end, and what passes does. */
  function agree({ ok, findings, headline }: RunsReport, rule: string | null, real: Started): void {
    const first = findings.find((one) => one.status === 'fail');
    expect(first?.rule ?? null, headline).toBe(rule);
    expect(ok, headline).toBe(rule === null);
    expect(real.execve === null && real.status === 0, `${headline}; really: ${JSON.stringify(real)}`).toBe(ok);
  }

  it('the level of the processor: the loader and Go refuse what the verdict refuses', () => {
    const v3 = shop.c('v3', ['-Wl,-z,x86-64-v3']);
    const go = shop.path('go-v3');
    shop.write('main.go', 'package main\n\nfunc main() {}\n', 0o644);
    tool('go', ['build', '-o', go, 'main.go'], { cwd: shop.folder, env: { ...process.env, GOAMD64: 'v3', CGO_ENABLED: '0', GOFLAGS: '', GO111MODULE: 'off', GOCACHE: shop.path('cache') } });
    for (const [path, words] of [[v3, /CPU ISA level is lower than required/], [go, /This program can only be run on AMD64 processors with v3/]] as const) { // prettier-ignore
      const old = spawnSync('qemu-x86_64-static', ['-cpu', 'Nehalem', path], { encoding: 'utf8' });
      expect(old.status).not.toBe(0);
      expect(old.stderr).toMatch(words);
      const findings = (level: string) => runsOn(inspectSync(path), { ...host, level, libraries: null }).findings; // prettier-ignore
      expect(findings('v2').find((one) => one.rule === 'runsCpu')).toMatchObject({ status: 'fail', systemSays: expect.stringMatching(words) as string });
      expect(findings('v3').find((one) => one.rule === 'runsCpu')).toMatchObject({ status: 'pass' });
    }
  }, 120_000);

  it.each([
    ['aarch64-linux-gnu', /cannot open shared object file/],
    ['i386-linux-gnu', /wrong ELF class: ELFCLASS32/],
  ])("addons of Node: dlopen's words for %s", async (triple, words) => {
    const addon = shop.foreignLibrary(`addon-${triple}.node`, triple);
    expect(() => process.dlopen({ exports: {} }, addon)).toThrow(words);
    const report = await runsFile(addon, ground);
    expect(report.findings.find((one) => one.status === 'fail')).toMatchObject({ rule: 'runsMachine', systemSays: expect.stringMatching(words) as string, advice: expect.stringMatching(/delete node_modules/) as string });
    expect((await runsFile(shop.c('addon.node', ['-shared', '-fPIC'], 'gcc', LIBRARY), ground)).ok).toBe(true);
  });

  it('every program of /usr/bin whose loader is content, and every script whose program is there, passes: no false alarm', async () => {
    const wrong: string[] = [];
    let passed = 0;
    let refused = 0;
    for (const name of readdirSync('/usr/bin')) {
      const path = join('/usr/bin', name);
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
      const report = await runsFile(path, ground);
      const truth = starts(path);
      if (report.ok) passed++;
      else refused++;
      if (truth !== null && truth !== report.ok) wrong.push(`${path}: ${report.headline}`);
    }
    console.info(`/usr/bin: ${passed} pass, ${refused} do not, ${wrong.length} false`);
    expect(wrong).toEqual([]);
    expect(passed).toBeGreaterThan(300);
  }, 300_000);

  /** Whether the loader finds everything that a program of the system needs, and a script its program; null where that can't be told without starting it. */
  function starts(path: string): boolean | null {
    const head = readFileSync(path).subarray(0, 256);
    if (head.subarray(0, 2).toString() === '#!') {
      const [program = '', argument] = (head.toString('latin1').split('\n')[0] as string).slice(2).trim().split(/\s+/);
      const there = statSync(program, { throwIfNoEntry: false })?.isFile() === true;
      return there && /\/env$/.test(program) && argument !== undefined && !argument.startsWith('-') ? spawnSync('sh', ['-c', 'command -v "$0"', argument]).status === 0 : there;
    }
    if (head.subarray(1, 4).toString() !== 'ELF') return null;
    const { stdout, status } = spawnSync('/lib64/ld-linux-x86-64.so.2', ['--verify', path]);
    if (status === 1) return null; // static, or for another loader
    void stdout;
    return spawnSync('/lib64/ld-linux-x86-64.so.2', ['--list', path], { encoding: 'utf8' }).stdout.includes('not found') === false;
  }

  it("a host of Debian 11 refuses what Debian 12's glibc is needed for", async () => {
    const path = shop.c('needs-2.34');
    const bullseye: Host = { ...host, libc: { name: 'glibc', version: '2.31', from: null }, libraries: null };
    const { ok, findings } = runsOn(inspectSync(path), bullseye);
    expect(ok).toBe(false);
    expect(findings.find((one) => one.status === 'fail')).toMatchObject({ rule: 'runsGlibc', message: expect.stringMatching(/GLIBC_2\.34.*provides up to GLIBC_2\.31/) as string });
    expect(runsOn(inspectSync(path), { ...bullseye, libc: { name: 'glibc', version: '2.36', from: null } }).ok).toBe(true);
    const written = await groundOf(thisSystem(), { host: bullseye, from: 'bullseye.json' }, null);
    expect((await runsFile(path, written)).headline).toMatch(/^cannot run there: it needs GLIBC_2\.34/);
  });
});

describe.runIf(usable || process.env['CI'] !== undefined)('emulated', () => {
  let built: Built;
  beforeAll(async () => {
    shop = openWorkshop();
    built = await buildEntries({ cli: 'src/cli.ts' });
  }, 120_000);
  afterAll(() => {
    shop.remove();
    built.remove();
  });

  const MAGIC = String.raw`:qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:`;
  /** Runs lines of a shell in a user namespace with a binfmt_misc of its own; null where the kernel allows none. */
  function inNamespace(flags: string, lines: string): { status: number | null; stdout: string; stderr: string } | null {
    const entry = shop.write('entry', `${MAGIC}/usr/bin/qemu-aarch64-static:${flags}`, 0o644);
    const setup = `mount -t binfmt_misc none /proc/sys/fs/binfmt_misc && cat ${entry} > /proc/sys/fs/binfmt_misc/register || exit 99\n`;
    const { status, stdout, stderr } = spawnSync('unshare', ['-U', '-r', '-m', 'bash', '-c', setup + lines], { encoding: 'utf8', timeout: 60_000 });
    if (status !== 99) return { status, stdout, stderr };
    console.warn(`skipped: no binfmt_misc in a user namespace: ${stderr}`); // Linux before 6.7, or namespaces are switched off
    return null;
  }

  it.each(['F', 'PF', ''])('through binfmt_misc with flags %j: it runs, the verdict says so, and the process is told', (flags) => {
    const app = shop.foreign('app', 'aarch64-linux-gnu');
    const wait = shop.foreign('waiting', 'aarch64-linux-gnu', 'wait');
    const cli = `${process.execPath} ${built.cli}`;
    const ran = inNamespace(flags, `${app} && echo ran; ${cli} runs --json ${app}; ${wait} one & sleep 0.5; ${cli} process --json $!; kill $!; ${cli} host --json > ${shop.path('host.json')}`);
    if (ran === null) return;
    const [first, verdict, report] = ran.stdout.trimEnd().split('\n');
    expect(first, ran.stderr).toBe('ran');
    expect(JSON.parse(verdict as string)).toMatchObject({ ok: true, headline: 'runs here, through /usr/bin/qemu-aarch64-static' });
    expect(JSON.parse(report as string)).toMatchObject({
      mode: 'emulated', startedBy: 'binfmt_misc', host: 'linux/amd64', program: { path: wait, platform: 'linux/arm64' }, runsIn: { path: '/usr/bin/qemu-aarch64-static', platform: 'linux/amd64' },
    }); // prettier-ignore
    const host = JSON.parse(readFileSync(shop.path('host.json'), 'utf8')) as Host;
    expect(host.emulators).toMatchObject([{ arch: 'arm64', interpreter: '/usr/bin/qemu-aarch64-static', enabled: true, present: true }]);
    expect(runsOn(inspectSync(app), host).ok).toBe(true);
    expect(runsOn(inspectSync(app), { ...host, emulators: [] }).ok).toBe(false);
  }, 120_000);

  it('a mount that forbids executing', () => {
    const app = shop.c('on-noexec');
    const lines = `mkdir -p ${shop.path('mount')} && mount -t tmpfs -o noexec none ${shop.path('mount')} && cp ${app} ${shop.path('mount')}/app && { ${shop.path('mount')}/app; echo $?; ${process.execPath} ${built.cli} runs --json ${shop.path('mount')}/app; }`;
    const ran = spawnSync('unshare', ['-U', '-r', '-m', 'bash', '-c', lines], { encoding: 'utf8' });
    if (!ran.stdout.startsWith('126')) return console.warn(`skipped: no mount in a user namespace: ${ran.stderr}`);
    expect(ran.stderr).toMatch(/Permission denied/);
    expect(JSON.parse(ran.stdout.split('\n')[1] as string)).toMatchObject({ ok: false, headline: expect.stringMatching(/mounted noexec/) as string });
  }, 60_000);
});
