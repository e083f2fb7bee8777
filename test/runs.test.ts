// runs over made trees and made hosts: searches of libraries, roots that no link leaves, other machines, hostile files. Nothing is started.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DT, EM, ET } from '../src/elf/constants.ts';
import { groundOf, runsFile } from '../src/host/runs.ts';
import { thisSystem } from '../src/host/system.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { ElfBinary } from '../src/model/binary.ts';
import type { Host } from '../src/model/host.ts';
import type { RunsReport } from '../src/model/runs.ts';
import { parseHost } from '../src/verify/runs/host-value.ts';
import { runsOn, runsVerdict } from '../src/verify/runs/judge.ts';
import { dependencies, elf, file, goBuild, machO, pe, platform } from './build/binary.ts';
import { buildElf } from './build/elf.ts';
import type { ElfPlan } from './build/elf.ts';
import { run } from './terminal.ts';

const GLIBC = '/lib64/ld-linux-x86-64.so.2';
const HOST: Host = parseHost(
  JSON.stringify({ schemaVersion: 1, os: 'linux', arch: 'amd64', level: 'v2', kernel: '5.10.0-1', pageSize: 4096, libc: { name: 'glibc', version: '2.31', from: null }, loaders: [GLIBC], compatible: [], libraries: null }),
);

let home: string;
let root: string;

function put(path: string, bytes: Uint8Array | string, mode = 0o755): void {
  const at = join(root, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, bytes);
  chmodSync(at, mode);
}

/** A program for glibc that needs these libraries; other entries of the dynamic section follow. */
function program(needed: readonly string[], more: ElfPlan['dynamic'] = [], plan: ElfPlan = {}): Uint8Array {
  return buildElf({ type: ET.EXEC, interpreter: GLIBC, dynamic: [...needed.map((name) => [DT.NEEDED, name] as const), ...more], ...plan });
}

function library(name: string, needed: readonly string[] = [], more: ElfPlan['dynamic'] = [], plan: ElfPlan = {}): Uint8Array {
  return buildElf({ type: ET.DYN, entry: 0n, dynamic: [[DT.SONAME, name], ...needed.map((one) => [DT.NEEDED, one] as const), ...more], ...plan });
}

/** ld.so.cache as ldconfig writes it. */
function cache(entries: readonly (readonly [name: string, path: string])[]): Uint8Array {
  const strings = Buffer.from(entries.flat().map((text) => `${text}\0`).join(''), 'latin1');
  const table = Buffer.alloc(48 + entries.length * 24);
  table.write('glibc-ld.so.cache1.1', 0, 'latin1');
  table.writeUInt32LE(entries.length, 20);
  table.writeUInt32LE(strings.length, 24);
  table[28] = 2;
  let at = table.length;
  for (const [i, [name, path]] of entries.entries()) {
    table.writeInt32LE(0x303, 48 + i * 24);
    table.writeUInt32LE(at, 52 + i * 24);
    table.writeUInt32LE(at + name.length + 1, 56 + i * 24);
    at += name.length + path.length + 2;
  }
  return Buffer.concat([table, strings]);
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'binspect-made-'));
  root = join(home, 'root');
  put('lib64/ld-linux-x86-64.so.2', library('ld-linux-x86-64.so.2'));
  put('lib/x86_64-linux-gnu/libc.so.6', library('libc.so.6'));
  put('lib/x86_64-linux-gnu/liba.so', library('liba.so', ['libb.so']));
  put('usr/lib/x86_64-linux-gnu/libb.so', library('libb.so', ['libc.so.6']));
  put('opt/cached/libcached.so.1', library('libcached.so.1'));
  put('etc/ld.so.cache', cache([['libcached.so.1', '/opt/cached/libcached.so.1'], ['libdangling.so.1', '/opt/cached/nowhere.so']]), 0o644);
  put('lib/ld-musl-x86_64.so.1', Buffer.concat([library('libc.musl-x86_64.so.1'), Buffer.from('\0musl libc\0\x001.2.4\0')]));
  put('etc/ld-musl-x86_64.path', '/lib/musl\n/usr/lib/musl\n', 0o644);
  put('usr/lib/musl/libm1.so', library('libm1.so', ['libc.so']));
  put('bin/sh', program(['libc.so.6']));
  writeFileSync(join(home, 'outside.so'), library('outside.so'));
});
afterAll(() => rmSync(home, { recursive: true }));

/** What is said of a file of the tree. */
async function inRoot(path: string, host: Host = HOST): Promise<RunsReport> {
  const ground = await groundOf(thisSystem(), { host, from: 'host.json' }, root);
  return runsFile(path, ground);
}

const failure = ({ findings }: RunsReport): string | undefined => findings.find(({ status }) => status === 'fail')?.rule; // prettier-ignore

describe('a tree', () => {
  it.each<[what: string, needed: readonly string[], more: ElfPlan['dynamic'], found: string | RegExp]>([
    ['what it needs, and what that needs, in the default folders', ['liba.so'], [], '3 libraries'],
    ['by the cache', ['libcached.so.1'], [], '1 library'],
    ['an entry of the cache that leads nowhere', ['libdangling.so.1'], [], /libdangling\.so\.1 is missing/],
    ['a missing one', ['libnone.so'], [], /libnone\.so is missing/],
    ['by DT_RUNPATH', ['libr.so'], [[DT.RUNPATH, '/none:$ORIGIN/../lib']], '1 library'],
    ['by DT_RPATH, with braces', ['libr.so'], [[DT.RPATH, '${ORIGIN}/../lib']], '1 library'],
    ['DT_RPATH does not count beside DT_RUNPATH', ['libr.so'], [[DT.RPATH, '$ORIGIN/../lib'], [DT.RUNPATH, '/none']], /libr\.so is missing/],
    ['$LIB', ['libb.so'], [[DT.RUNPATH, '/usr/$LIB']], '2 libraries'],
    ['by a path', ['/opt/app/lib/libr.so'], [], '1 library'],
    ['that forbids the default folders', ['libb.so'], [[DT.FLAGS_1, 0x800n]], /libb\.so is missing/],
    ['a loader that answers to its own name', ['ld-linux-x86-64.so.2', 'libc.so.6'], [], '1 library'],
    ['circles', ['libx.so'], [[DT.RPATH, '/opt/app/lib']], '2 libraries'],
  ])('%s', async (what, needed, more, found) => {
    put('opt/app/lib/libr.so', library('libr.so'));
    put('opt/app/lib/libx.so', library('libx.so', ['liby.so']));
    put('opt/app/lib/liby.so', library('liby.so', ['libx.so', 'liby.so']));
    put('opt/app/bin/app', program(needed, more));
    const report = await inRoot(join(root, 'opt/app/bin/app'));
    const finding = report.findings.find(({ rule }) => rule === 'runsLibraries');
    if (typeof found === 'string') expect(finding).toMatchObject({ status: 'pass', found });
    else expect(finding).toMatchObject({ status: 'fail', found: expect.stringMatching(found) as string });
    expect(report.ok, what).toBe(typeof found === 'string');
    const inside = await inRoot('/opt/app/bin/app');
    expect(inside.findings.map(({ rule, status }) => [rule, status])).toEqual(report.findings.map(({ rule, status }) => [rule, status]));
  });

  it('no link leads out of it, and absolute links start at its root', async () => {
    mkdirSync(join(root, 'links'), { recursive: true });
    symlinkSync(join(home, 'outside.so'), join(root, 'links/liboutside.so'));
    symlinkSync('../../../../../../../../../..' + join(home, 'outside.so'), join(root, 'links/libdots.so'));
    symlinkSync('/usr/lib/x86_64-linux-gnu/libb.so', join(root, 'links/libinside.so'));
    symlinkSync('libloop.so', join(root, 'links/libloop.so'));
    put('bin/links', program(['liboutside.so', 'libdots.so', 'libloop.so', 'libinside.so'], [[DT.RUNPATH, '/links']]));
    const report = await inRoot('/bin/links');
    expect(report.findings.find(({ rule }) => rule === 'runsLibraries')).toMatchObject({ status: 'fail', found: 'liboutside.so is missing, libdots.so is missing, libloop.so is missing' });
    symlinkSync(join(home, 'outside.so'), join(root, 'bin/escaped'));
    await expect(inRoot(join(root, 'bin/escaped'))).rejects.toMatchObject({ code: 'io', path: join(root, 'bin/escaped') });
    symlinkSync('/bin/sh', join(root, 'bin/linked'));
    expect((await inRoot(join(root, 'bin/linked'))).ok).toBe(true); // the tree's own /bin/sh
  });

  it('musl: the list beside its loader, and its own names', async () => {
    put('bin/musl', program(['libm1.so', 'libc.so', 'libpthread.so.0'], [], { interpreter: '/lib/ld-musl-x86_64.so.1' }));
    expect((await inRoot('/bin/musl')).ok).toBe(true);
    put('bin/musl-none', program(['libnone.so'], [], { interpreter: '/lib/ld-musl-x86_64.so.1' }));
    const report = await inRoot('/bin/musl-none');
    expect(report.findings.find(({ status }) => status === 'fail')).toMatchObject({ rule: 'runsLibraries', systemSays: 'Error loading shared library libnone.so: No such file or directory (needed by /bin/musl-none)' });
  });

  it('libraries of other machines are skipped, and named', async () => {
    put('opt/wrong/libw.so', library('libw.so', [], [], { machine: EM.AARCH64 }));
    put('bin/wrong', program(['libw.so'], [[DT.RUNPATH, '/opt/wrong']]));
    expect((await inRoot('/bin/wrong')).headline).toBe('cannot run there: library libw.so, needed by /bin/wrong, is missing (/opt/wrong/libw.so is for arm64)');
    put('lib/x86_64-linux-gnu/libw.so', library('libw.so'));
    expect((await inRoot('/bin/wrong')).ok).toBe(true);
  });

  it('permission is that of the bits, and a missing loader that of the tree', async () => {
    put('bin/no-x', program([]), 0o644);
    expect(failure(await inRoot('/bin/no-x'))).toBe('runsPermission');
    put('bin/other', program([], [], { interpreter: '/lib64/ld-lsb-x86-64.so.3' }));
    expect(failure(await inRoot('/bin/other'))).toBe('runsInterpreter');
    put('bin/script', '#!/bin/sh\n');
    expect((await inRoot('/bin/script')).ok).toBe(true);
    put('bin/script-2', '#!/bin/bash\n');
    expect(failure(await inRoot('/bin/script-2'))).toBe('runsInterpreter');
  });

  it('costs a sum: many names in many folders end in doubt, and soon', async () => {
    const folders = Array.from({ length: 4000 }, (_, i) => `/f${i}`).join(':');
    put('bin/hostile', program(Array.from({ length: 4000 }, (_, i) => `libn${i}.so`), [[DT.RUNPATH, folders]]));
    const started = performance.now();
    const report = await inRoot('/bin/hostile');
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(report.ok).toBe(false);
  }, 30_000);

  it('a cut cache, and one of names that lie over one another, end nothing', async () => {
    const whole = cache([['libcached.so.1', '/opt/cached/libcached.so.1']]);
    for (let size = 0; size < whole.length; size += 7) {
      put('etc/ld.so.cache', whole.subarray(0, size), 0o644);
      put('bin/cached', program(['libcached.so.1']));
      expect((await inRoot('/bin/cached')).ok).toBe(false);
    }
    const hostile = Buffer.alloc(48 + 24 * 20_000 + 4096, 0x61);
    whole.slice(0, 48).forEach((byte, i) => void (hostile[i] = byte));
    hostile.writeUInt32LE(20_000, 20);
    for (let i = 0; i < 20_000; i++) for (const at of [4, 8]) hostile.writeUInt32LE(48 + 24 * 20_000, 48 + i * 24 + at);
    hostile[hostile.length - 1] = 0;
    put('etc/ld.so.cache', hostile, 0o644);
    expect((await inRoot('/bin/cached')).ok).toBe(false);
    put('etc/ld.so.cache', whole, 0o644);
    expect((await inRoot('/bin/cached')).ok).toBe(true);
  });
});

describe('another machine', () => {
  const glibc = (version: string) => {
    const made = elf({ dependencies: dependencies('libc.so.6'), minimums: { glibc: version, glibcxx: null, cxxabi: null, os: null, kernel: null, cpu: null, pageSize: 4096 } }) as ElfBinary;
    return { ...made, elf: { ...made.elf, neededVersions: [{ library: 'libc.so.6', version: `GLIBC_${version}` }] } };
  }; // prettier-ignore
  const minimum = (more: object) => elf({ minimums: { glibc: null, glibcxx: null, cxxabi: null, os: null, kernel: null, cpu: null, pageSize: 65_536, ...more } }); // prettier-ignore
  const mac: Host = { ...HOST, os: 'darwin', arch: 'arm64', osVersion: '13.5', libc: { name: 'libsystem', version: null, from: null } };
  const rosetta = (present: boolean | null) => ({ ...mac, emulators: [{ arch: 'amd64', interpreter: '/r', flags: '', name: 'Rosetta 2', enabled: true, present, offset: 0, magic: null, mask: null, extension: null }] }); // prettier-ignore
  const intel = machO({ platform: platform({ os: 'darwin', arch: 'amd64', libc: 'libsystem' }) });
  const windows: Host = { ...HOST, os: 'windows', arch: 'arm64', osVersion: '10.0.19045', libc: { name: 'ucrt', version: null, from: null } };
  const arm = elf({ platform: platform({ arch: 'arm64' }), machine: { value: EM.AARCH64, name: 'EM_AARCH64' } });

  it.each<[what: string, inspection: ReturnType<typeof file>, host: Host, rule: string | null, says: RegExp]>([
    ["Debian 12's glibc on Debian 11", file(glibc('2.34')), HOST, 'runsGlibc', /needs GLIBC_2\.34; that system's libc\.so\.6 provides up to GLIBC_2\.31/],
    ['an older glibc', file(glibc('2.4')), HOST, null, /runs there/],
    ['2.9 is older than 2.31', file(glibc('2.9')), HOST, null, /runs there/],
    ['another architecture', file(arm), HOST, 'runsMachine', /it is for linux\/arm64, that machine is linux\/amd64, and no emulator is registered for arm64/],
    ['an emulator by its word', file(arm), { ...HOST, emulators: [{ arch: 'arm64', interpreter: '/q', flags: 'F', name: 'q', enabled: true, present: null, offset: 0, magic: null, mask: null, extension: null }] }, null, /through \/q/],
    ['an emulator that is switched off', file(arm), { ...HOST, emulators: [{ arch: 'arm64', interpreter: '/q', flags: 'F', name: 'q', enabled: false, present: true, offset: 0, magic: null, mask: null, extension: null }] }, 'runsMachine', /arm64/],
    ['another system', file(machO()), HOST, 'runsMachine', /darwin\/arm64/],
    ['a level that it has', file(minimum({ cpu: 'v2' })), HOST, null, /runs there/],
    ['a level that it has not', file(minimum({ cpu: 'v3' })), HOST, 'runsCpu', /x86-64-v3, that processor has x86-64-v2/],
    ["a level of Go's", file(elf({ ...minimum({}), go: goBuild({ settings: [{ key: 'GOAMD64', value: 'v4' }] }) } as never)), HOST, 'runsCpu', /x86-64-v4/],
    ['an older kernel', file(minimum({ kernel: '6.2.0' })), HOST, 'runsKernel', /Linux 6\.2\.0 or newer/],
    ['larger pages', file(minimum({ pageSize: 4096 })), { ...HOST, pageSize: 16_384 }, 'runsPageSize', /pages of up to 4096 bytes, that machine has pages of 16384/],
    ['glibc on musl', file(elf({ interpreter: GLIBC })), { ...HOST, libc: { name: 'musl', version: '1.2.4', from: null }, loaders: ['/lib/ld-musl-x86_64.so.1'] }, 'runsInterpreter', /it was built for glibc, that system has musl 1\.2\.4 \(ld-musl-x86_64\.so\.1\)/],
    ['musl on glibc', file(elf({ interpreter: '/lib/ld-musl-x86_64.so.1' })), HOST, 'runsInterpreter', /it was built for musl, that system has glibc 2\.31/],
    ['386, where the kernel runs it', file(elf({ platform: platform({ arch: '386' }), bits: 32, interpreter: null })), { ...HOST, compatible: ['386'] }, null, /runs there/],
    ['386, where it does not', file(elf({ platform: platform({ arch: '386' }), bits: 32 })), HOST, 'runsMachine', /linux\/386/],
    ['a Mac with Rosetta', file(intel), rosetta(true), null, /runs there, through \/r/],
    ['a Mac without', file(intel), rosetta(false), 'runsMachine', /Rosetta 2 is not installed/],
    ['a newer macOS', file(machO({ signature: null, platform: platform({ os: 'darwin', arch: 'arm64', libc: 'libsystem' }) })), mac, 'runsFile', /macOS kills ARM programs/],
    ['x64 on Windows 10 for ARM64', file(pe({ platform: platform({ os: 'windows', arch: 'amd64' }) })), windows, 'runsMachine', /windows\/amd64/],
    ['x64 on Windows 11 for ARM64', file(pe({ platform: platform({ os: 'windows', arch: 'amd64' }) })), { ...windows, osVersion: '10.0.22631' }, null, /there/],
    ['an addon for another Node', file(elf({ kind: 'shared-library', interpreter: null, platform: platform({ arch: 'arm64' }) }), { path: 'x.node' }), { ...HOST, processArch: 'amd64', node: { version: 'v20', modules: '115', libc: 'glibc' } }, 'runsMachine', /this addon is for linux\/arm64, and that node is for linux\/amd64/],
  ])('%s', (what, inspection, host, rule, says) => {
    const { findings, headline } = runsVerdict(inspection, host);
    expect(findings.find(({ status }) => status === 'fail')?.rule ?? null, headline).toBe(rule);
    expect(headline, what).toMatch(says);
  });

  it('what can not be told is unknown, and no pass', () => {
    const statuses = (inspection: ReturnType<typeof file>, host: Host): string[] => runsVerdict(inspection, host).findings.flatMap(({ rule, status }) => (status === 'unknown' ? [rule] : [])); // prettier-ignore
    expect(statuses(file(elf({ dependencies: dependencies('libz.so.1') })), HOST)).toEqual(['runsLibraries']);
    expect(statuses(file(minimum({ cpu: 'v3' })), { ...HOST, level: null })).toEqual(['runsCpu']);
    expect(statuses(file(elf({ platform: platform({ arch: 'arm' }), bits: 32, interpreter: null })), { ...HOST, arch: 'arm64', compatible: null })).toContain('runsMachine');
    expect(runsOn(file(elf({ dependencies: dependencies('libz.so.1') })), HOST).ok).toBe(false);
  });

  it.each([['', /no host/], ['[]', /an object is wanted/], ['{}', /os: a text is wanted/], ['{"os":"linux","pageSize":"big"}', /pageSize/], ['{"os":"linux","emulators":[{"interpreter":"/x","magic":"zz"}]}', /magic: hexadecimal/], ['{"os":"linux","schemaVersion":2}', /schemaVersion/]])('%j is no host', (text, message) => {
    expect(() => parseHost(text)).toThrow(expect.objectContaining({ code: 'invalid-argument', message: expect.stringMatching(message) as string }) as Error);
  });

  it('every cut and every flipped byte of a program gives a verdict or an error of this library', async () => {
    const whole = program(['liba.so'], [[DT.RUNPATH, '$ORIGIN']]);
    for (let i = 0; i < whole.length; i += 3) {
      for (const bytes of [whole.subarray(0, i), Uint8Array.from(whole, (byte, at) => (at === i ? byte ^ 0xff : byte))]) {
        put('bin/damaged', bytes);
        const report = await inRoot('/bin/damaged').catch((error: unknown) => error);
        if (report instanceof Error) expect(report).toMatchObject({ name: 'BinspectError' });
        else expect(report).toHaveProperty('headline');
      }
    }
  }, 60_000);
});

describe('the command', () => {
  it('says why, what the system says, and what helps; status 0, 1, 2, 3', async () => {
    const hostFile = join(home, 'host.json');
    writeFileSync(hostFile, JSON.stringify(HOST));
    put('bin/arm', program([], [], { machine: EM.AARCH64 }));
    const told = await run(['runs', '--host', hostFile, join(root, 'bin/arm')]);
    expect(told.status).toBe(1);
    expect(told.out).toMatch(/cannot run there: it is for linux\/arm64, that machine is linux\/amd64/);
    expect(told.out).toMatch(/the system says +cannot execute binary file: Exec format error\n +what helps +take the build for linux\/amd64/);
    expect((await run(['runs', '--host', hostFile, '--root', root, '--json', '/bin/sh', join(root, 'bin/arm')])).out.trim().split('\n')).toHaveLength(2);
    expect(await run(['runs', '--root', root, '--host', hostFile, '/bin/sh'])).toMatchObject({ status: 0, out: '✓ /bin/sh: runs there\n' });
    expect(await run(['runs'])).toMatchObject({ status: 2 });
    expect(await run(['runs', '--host', join(root, 'bin/arm'), 'x'])).toMatchObject({ status: 2 });
    expect(await run(['runs', join(home, 'nowhere')])).toMatchObject({ status: 3, err: expect.stringMatching(/no such file/) as string });
    expect(await run(['verify', '--runs-on', hostFile, '--json', join(root, 'bin/arm')])).toMatchObject({ status: 1, out: expect.stringMatching(/"rule":"runsMachine","status":"fail"/) as string });
    expect(await run(['verify', '--runs-on', join(home, 'nowhere.json'), join(root, 'bin/arm')])).toMatchObject({ status: 2, err: expect.stringMatching(/nowhere\.json/) as string });
    writeFileSync(join(home, 'policy.json'), JSON.stringify({ version: 1, defaults: { runsOn: 'host.json' }, waivers: [{ rule: 'runsMachine', files: '**', reason: 'r', expires: '2999-01-01' }] }));
    expect(await run(['verify', '--policy', join(home, 'policy.json'), join(root, 'bin/arm')])).toMatchObject({ status: 0 });
  });

  it('process refuses what is no number, and says when there is none', async () => {
    expect(await run(['process', 'x'])).toMatchObject({ status: 2 });
    expect(await run(['process'])).toMatchObject({ status: 2 });
    expect(inspectSync(program([])).binaries).toHaveLength(1);
  });
});
