// Policies over files on a disk: what is checked, what is skipped, and what can't be.

import { createHash } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DT, EM, ET } from '../src/elf/constants.ts';
import { inspect } from '../src/inspect/inspect.ts';
import type { FileVerdict, Policy, PolicyExpectations, VerifyReport } from '../src/model/verdict.ts';
import { verifyFiles } from '../src/files/verify-files.ts';
import type { VerifyFilesOptions } from '../src/files/verify-options.ts';
import { describeFiles } from '../src/verify/policy/describe.ts';
import { parsePolicy } from '../src/verify/policy/policy.ts';
import report from '../src/schema/verify-report.json' with { type: 'json' };
import { buildElf } from './build/elf.ts';
import { violations } from './build/json-schema.ts';
import { buildPe } from './build/pe.ts';
import { fixtureBytes } from './fixtures.ts';

const PROGRAM = buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', dynamic: [[DT.NEEDED, 'libc.so.6']], sections: [] });
const ARM64 = buildElf({ machine: EM.AARCH64 });
const LIBRARY = buildElf({ type: ET.DYN, entry: 0n, dynamic: [[DT.SONAME, 'libx.so.1'], [DT.NEEDED, 'libc.so.6']] }); // prettier-ignore

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binspect-verify-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(path: string, bytes: Uint8Array | string, mode = 0o644): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  chmodSync(full, mode);
  return full;
}

function sum(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Checks the whole folder, or some paths of it, and that the report is what its schema says. */
async function check(expectations: PolicyExpectations, options: VerifyFilesOptions = {}, policy: Partial<Policy> = {}): Promise<VerifyReport> {
  return checked({ version: 1, ...policy }, { paths: [folder], overrides: expectations, base: folder, ...options });
}

async function checked(policy: Policy, options: VerifyFilesOptions): Promise<VerifyReport> {
  const result = await verifyFiles(policy, options);
  expect(violations(JSON.parse(JSON.stringify(result)), report)).toEqual([]);
  return result;
}

/** A report as lines: path below the folder, error, findings. */
function lines({ files }: VerifyReport): string[] {
  return files.map(({ path, error, findings }: FileVerdict) => {
    const short = path.replace(`${folder}/`, '');
    return [short, ...(error === null ? [] : [`(${error.code})`]), ...findings.map(({ rule, status }) => `${rule}:${status}`)].join(' ');
  });
}

describe('the tree-sitter package', () => {
  beforeEach(() => {
    const mac = fixtureBytes('macho-x86_64-bundle');
    for (const platform of ['linux-x64', 'linux-arm64']) put(`prebuilds/${platform}/tree-sitter.node`, LIBRARY); // one of them lies
    put('prebuilds/darwin-x64/tree-sitter.node', mac);
    put('prebuilds/win32-x64/tree-sitter.node', buildPe());
    put('package.json', '{"name":"tree-sitter","version":"0.22.1"}');
    put('README.md', '# tree-sitter');
    put('binding.gyp', '{}');
  });

  it('is caught with no configuration', async () => {
    const result = await check({ targetFromName: true, unique: true });
    expect(result.ok).toBe(false);
    expect(lines(result)).toEqual([
      'prebuilds/darwin-x64/tree-sitter.node targetFromName:pass unique:pass',
      'prebuilds/linux-arm64/tree-sitter.node targetFromName:fail unique:fail',
      'prebuilds/linux-x64/tree-sitter.node targetFromName:pass unique:pass', // one finding a group, and not of the innocent one
      'prebuilds/win32-x64/tree-sitter.node targetFromName:pass unique:pass',
    ]);
    expect(result.summary).toMatchObject({ files: 4, passed: 6, failed: 2, unknown: 0, waived: 0 });
    expect(result.files[1]?.findings[0]).toMatchObject({ expected: 'linux/arm64', expectedFrom: 'the folder "linux-arm64"', found: 'linux/amd64' });
    expect(result.files[1]?.findings[1]?.found).toMatch(/identical to .*linux-x64\/tree-sitter\.node/);
  });

  it('passes once it is mended', async () => {
    put('prebuilds/linux-arm64/tree-sitter.node', buildElf({ machine: EM.AARCH64, type: ET.DYN, entry: 0n, dynamic: [[DT.NEEDED, 'libc.so.6']] }));
    expect(await check({ targetFromName: true, unique: true })).toMatchObject({ ok: true, summary: { failed: 0, unknown: 0 } });
  });
});

describe('claims', () => {
  it('come from the nearest package.json', async () => {
    put('node_modules/@x/linux-x64/package.json', '{"os":["linux"],"cpu":["x64"]}');
    put('node_modules/@x/linux-x64/bin/app', PROGRAM);
    put('node_modules/@x/linux-x64/README.md', 'hello');
    put('node_modules/@x/linux-x64/LICENSE', 'MIT');
    put('node_modules/@x/other/package.json', '{"os":["darwin"],"cpu":["x64"]}');
    put('node_modules/@x/other/bin/app', PROGRAM);
    const result = await check({ targetFromName: true });
    expect(lines(result)).toEqual(['node_modules/@x/linux-x64/bin/app targetFromName:pass targetFromName:pass', 'node_modules/@x/other/bin/app targetFromName:fail']);
    expect(result.files[1]?.findings[0]).toMatchObject({ expected: 'os darwin, cpu x64', expectedFrom: expect.stringMatching(/other\/package\.json$/) as string });
  });

  it('come from the folder also where a file is named from within', async () => {
    put('linux-arm64/x.node', LIBRARY);
    const home = process.cwd();
    process.chdir(join(folder, 'linux-arm64'));
    try {
      expect(lines(await checked({ version: 1 }, { paths: ['x.node'], overrides: { targetFromName: true } }))).toEqual(['x.node targetFromName:fail']);
      expect(lines(await checked({ version: 1 }, { paths: ['.'], overrides: { targetFromName: true } }))).toEqual(['./x.node targetFromName:fail']);
    } finally {
      process.chdir(home);
    }
  });

  it('a nearer package.json that claims nothing hides one further away', async () => {
    put('package.json', '{"os":["darwin"]}');
    put('sub/package.json', '{}');
    put('sub/app', PROGRAM);
    expect(lines(await check({ targetFromName: true }))).toEqual(['sub/app targetFromName:unknown']);
  });
});

describe('what is skipped', () => {
  it('is only what nothing names', async () => {
    put('README.md', 'hello');
    put('notes', 'hello');
    put('app', PROGRAM);
    const skipped: string[] = [];
    const result = await check({ kind: 'executable' }, { onSkip: (path) => skipped.push(path.replace(`${folder}/`, '')) });
    expect(lines(result)).toEqual(['app kind:pass']);
    expect(skipped).toEqual(['README.md', 'notes']);
  });

  it.each([
    ['app_linux_arm64', '', 'unrecognized', 0o644],
    ['app_linux_arm64', '<!DOCTYPE html><html>', 'unsupported', 0o644],
    ['linux-arm64/app', 'Not Found', 'unrecognized', 0o755],
    ['app.exe', 'Not Found', 'unrecognized', 0o644],
    ['x.dll', 'Not Found', 'unrecognized', 0o644],
    ['libx.so', 'Not Found', 'unrecognized', 0o644],
    ['libx.so.1', 'Not Found', 'unrecognized', 0o644],
    ['libx.dylib', 'Not Found', 'unrecognized', 0o644],
    ['x.node', 'Not Found', 'unrecognized', 0o644],
    ['app_linux_amd64.tar.gz', '\u001f\u008b', 'unrecognized', 0o644],
    ['tool', 'Not Found', 'unrecognized', 0o755],
    ['app_linux_amd64', '#!/bin/sh\n', 'unsupported', 0o755],
  ])('%s is not', async (path, content, code, mode) => {
    put(path, content, mode);
    const result = await check({ kind: 'executable', maxSize: '1M' });
    expect(lines(result)).toEqual([`${path} (${code}) kind:unknown maxSize:unknown`]);
    expect(result.ok).toBe(false);
  });

  it('is nothing that was given by its name', async () => {
    const text = put('notes', 'hello');
    expect(lines(await check({ kind: 'executable' }, { paths: [text] }))).toEqual(['notes (unrecognized) kind:unknown']);
    expect(lines(await check({ kind: 'executable' }, { paths: [join(folder, 'nothing')] }))).toEqual(['nothing (io) kind:unknown']);
  });

  it('is nothing that a glob names', async () => {
    put('notes', 'hello');
    expect(lines(await check({}, { paths: [] }, { artifacts: [{ files: ['n*'], expect: { kind: 'executable' } }] }))).toEqual(['notes (unrecognized) kind:unknown']);
  });

  it('follows no link out of the folder, and says so where a program is wanted', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'binspect-outside-'));
    writeFileSync(join(outside, 'x'), PROGRAM);
    symlinkSync(join(outside, 'x'), join(folder, 'app_linux_amd64'));
    symlinkSync(join(outside, 'x'), join(folder, 'whatever'));
    const result = await check({ kind: 'executable' });
    rmSync(outside, { recursive: true });
    expect(lines(result)).toEqual(['app_linux_amd64 (io) kind:unknown']);
  });
});

describe('nothing to check', () => {
  it.each([[{ kind: 'executable' } as const], [{}]])('is no success: %j', async (expectations) => {
    put('README.md', 'hello');
    expect(await check(expectations)).toMatchObject({ ok: false, files: [] });
  });

  it('also where files are there and nothing is expected of them', async () => {
    put('app', PROGRAM);
    expect(await check({})).toMatchObject({ ok: false, files: [{ findings: [], error: null }] });
    expect(await check({ unique: false, targetFromName: false })).toMatchObject({ ok: false });
  });
});

describe('what is cut short', () => {
  it.each(['elf-x86_64-pie', 'macho-universal', 'macho-x86_64-pie', 'pe-arm64.exe'])('%s passes nothing, wherever it ends', async (name) => {
    const whole = fixtureBytes(name);
    const full = put('whole', whole);
    const expectations = describeFiles([{ path: 'whole', inspection: await inspect(full, { facts: 'all' }) }]).artifacts?.[0]?.expect as PolicyExpectations;
    expect((await check(expectations, { paths: [full] })).ok).toBe(true);
    const ends = [1, 3, 17, 63, 64, 100, ...Array.from({ length: 40 }, (_, i) => Math.floor((whole.length * (i + 1)) / 41)), whole.length - 1];
    for (const end of ends) {
      if (name.endsWith('.exe') && whole.subarray(end).every((byte) => byte === 0)) continue; // the padding of its last section
      const path = put('cut', whole.subarray(0, end));
      const result = await check(expectations, { paths: [path] });
      const [file] = result.files;
      expect(file?.error, `${name} at ${end} of ${whole.length}`).not.toBeNull();
      expect(file?.findings.every(({ status }) => status === 'unknown')).toBe(true);
      expect(file?.findings.length).toBeGreaterThan(3);
    }
  });
});

describe('several files', () => {
  it('unique: names of one file are no copies of it', async () => {
    put('libx.so.1', LIBRARY);
    symlinkSync('libx.so.1', join(folder, 'libx.so'));
    linkSync(join(folder, 'libx.so.1'), join(folder, 'liby.so'));
    expect(lines(await check({ unique: true }))).toEqual(['libx.so unique:pass', 'libx.so.1 unique:pass', 'liby.so unique:pass']);
    put('libz.so', LIBRARY);
    expect(lines(await check({ unique: true }))).toEqual(['libx.so unique:pass', 'libx.so.1 unique:fail', 'liby.so unique:pass', 'libz.so unique:pass']);
  });

  it('unique: unknown for what can not be read', async () => {
    put('libx.so', 'text');
    expect(lines(await check({ unique: true }))).toEqual(['libx.so (unrecognized) unique:unknown']);
  });

  const sums = (file = 'SHA256SUMS', coverage?: 'both' | 'listed' | 'present'): Partial<Policy> => ({ sums: { file, coverage } });

  it('sums: listed and as listed', async () => {
    put('dist/app', PROGRAM);
    put('dist/notes.txt', 'hello');
    put('dist/app.tar.gz', 'archive');
    put('dist/SHA256SUMS', `${sum(PROGRAM)}  app\n${sum('hello')}  notes.txt\n${sum('archive')} *app.tar.gz\n`);
    expect(lines(await check({}, {}, sums('dist/SHA256SUMS')))).toEqual(['dist/app sums:pass', 'dist/app.tar.gz sums:pass', 'dist/notes.txt sums:pass']);
    expect(lines(await check({}, { paths: [] }, sums('dist/SHA256SUMS')))).toEqual(['dist/app sums:pass', 'dist/notes.txt sums:pass', 'dist/app.tar.gz sums:pass']);
  });

  it('sums: names relative to the working folder', async () => {
    put('dist/app', PROGRAM);
    put('dist/SHA256SUMS', `${sum(PROGRAM)}  dist/app\n`);
    expect(lines(await check({}, {}, sums('dist/SHA256SUMS')))).toEqual(['dist/app sums:pass']);
  });

  it('sums: other bytes, missing, unlisted, and lines that nobody can read', async () => {
    put('app', PROGRAM);
    put('extra', ARM64);
    put('SHA256SUMS', `${sum('other')}  app\n${sum('x')}  gone\nwhat is this\n`);
    const result = await check({}, {}, sums());
    expect(lines(result)).toEqual(['app sums:fail', 'extra sums:fail', 'gone sums:fail', 'SHA256SUMS sums:fail']);
    expect(result.files[0]?.findings[0]).toMatchObject({ expected: sum('other'), found: sum(PROGRAM), expectedFrom: expect.stringMatching(/SHA256SUMS line 1$/) as string });
    expect(result.files[3]?.findings[0]?.message).toMatch(/does not begin with a SHA-256/);
    expect(lines(await check({}, {}, sums('SHA256SUMS', 'listed')))).toEqual(['app sums:fail', 'gone sums:fail', 'SHA256SUMS sums:fail']);
    expect(lines(await check({}, {}, sums('SHA256SUMS', 'present')))).toEqual(['app sums:fail', 'extra sums:fail', 'SHA256SUMS sums:fail']);
  });

  it('sums: a list that is missing, empty or no list', async () => {
    put('app', PROGRAM);
    expect(lines(await check({}, {}, sums()))).toEqual(['app', 'SHA256SUMS (io)']);
    put('SHA256SUMS', '');
    expect(lines(await check({}, {}, sums()))).toEqual(['app', 'SHA256SUMS (malformed)']);
  });

  it('sums: an error page under the name of a program is none, also where it is listed so, though its bytes are as listed', async () => {
    put('app_linux_amd64', '<html>');
    put('SHA256SUMS', `${sum('<html>')}  app_linux_amd64\n`);
    expect(lines(await check({}, {}, sums()))).toEqual(['app_linux_amd64 (unsupported) sums:pass']);
  });

  it('sums: what is listed and no program is asked only for its bytes', async () => {
    put('app', PROGRAM);
    put('notes.txt', 'hello');
    put('SHA256SUMS', `${sum(PROGRAM)}  app\n${sum('hello')}  notes.txt\n`);
    expect(lines(await check({ kind: 'executable' }, {}, sums()))).toEqual(['app kind:pass sums:pass', 'notes.txt sums:pass']);
  });
});

describe('policies', () => {
  const policy = (text: string): Policy => parsePolicy(text);

  it('defaults, then the artifact, then overrides; findings say which', async () => {
    put('a', PROGRAM);
    const result = await checked(policy('{"version":1,"defaults":{"kind":"bundle","pie":true,"linkage":"static"},"artifacts":[{"files":["a"],"expect":{"pie":false,"linkage":"dynamic"}}]}'), {
      base: folder,
      overrides: { kind: 'executable' },
      policyName: 'p.json',
    });
    expect(result.files[0]?.findings.map(({ rule, expected, expectedFrom }) => [rule, expected, expectedFrom])).toEqual([
      ['linkage', 'dynamic', 'p.json: artifacts[0].expect.linkage'],
      ['pie', 'not position-independent', 'p.json: artifacts[0].expect.pie'],
      ['kind', 'executable', '--kind'],
    ]);
    expect(result.ok).toBe(true);
  });

  it('a glob has to name a file, each of them; a count has to be met', async () => {
    put('dist/a', PROGRAM);
    put('dist/b', PROGRAM);
    const result = await checked(policy('{"version":1,"defaults":{"kind":"executable"},"artifacts":[{"files":["dist/a","none/*","dist/x"]},{"files":["dist/*"],"count":3}]}'), { base: folder });
    expect(lines(result)).toEqual(['dist/a kind:pass', 'dist/b kind:pass', 'none/* files:fail', 'dist/x files:fail', 'dist/* count:fail']);
    expect(result.ok).toBe(false);
    expect(lines(await checked(policy('{"version":1,"artifacts":[{"files":["dist/*"],"count":2,"expect":{"kind":"executable"}}]}'), { base: folder }))).toEqual(['dist/a kind:pass', 'dist/b kind:pass', 'dist/* count:pass']);
  });

  it('files that no artifact names are an error, unless it says otherwise', async () => {
    put('a', PROGRAM);
    put('b', PROGRAM);
    put('README', 'hello');
    const text = '{"version":1,"artifacts":[{"files":["a"],"expect":{"kind":"executable"}}]}';
    expect(lines(await checked(policy(text), { base: folder, paths: [folder] }))).toEqual(['README unmatched:fail', 'a kind:pass', 'b unmatched:fail']);
    const ignoring = text.replace('"artifacts"', '"unmatched":"ignore","artifacts"');
    expect(await checked(policy(ignoring), { base: folder, paths: [folder] })).toMatchObject({ ok: true, files: [{}] });
  });

  it('several artifacts may name one file: all of them hold', async () => {
    put('a', PROGRAM);
    const result = await checked(policy('{"version":1,"defaults":{"kind":"executable"},"artifacts":[{"files":["*"],"expect":{"pie":false}},{"files":["a"],"expect":{"linkage":"static"}}]}'), { base: folder });
    expect(lines(result)).toEqual(['a pie:pass kind:pass linkage:fail']); // what both ask is said once
  });

  it('waivers hold until their day, for their rule and their files', async () => {
    put('legacy/a', PROGRAM);
    put('b', PROGRAM);
    const text = '{"version":1,"defaults":{"pie":true,"stripped":true},"artifacts":[{"files":["**"]}],"waivers":[{"rule":"pie","files":"legacy/*","reason":"old loader","expires":"2027-03-01"}]}';
    const on = (day: string): Promise<VerifyReport> => checked(policy(text), { base: folder, today: new Date(day) });
    const held = await on('2027-03-01T23:59:59Z');
    expect(lines(held)).toEqual(['b pie:fail stripped:pass', 'legacy/a pie:waived stripped:pass']);
    expect(held.summary).toMatchObject({ failed: 1, waived: 1 });
    expect(held.files[1]?.findings[0]?.message).toMatch(/waived until 2027-03-01: old loader/);
    const after = await on('2027-03-02T00:00:00Z');
    expect(lines(after)[1]).toBe('legacy/a pie:fail stripped:pass');
    expect(after.files[1]?.findings[0]?.message).toMatch(/its waiver expired on 2027-03-01/);
    rmSync(join(folder, 'b'));
    expect((await on('2027-01-01')).ok).toBe(true);
  });

  it('a waiver never makes an unreadable file good', async () => {
    put('a.node', 'text');
    const text = '{"version":1,"defaults":{"pie":true},"artifacts":[{"files":["*"]}],"waivers":[{"rule":"pie","files":"*","reason":"r","expires":"9999-01-01"}]}';
    const result = await checked(policy(text), { base: folder });
    expect(lines(result)).toEqual(['a.node (unrecognized) pie:unknown']);
    expect(result.ok).toBe(false);
  });

  it('a folder with characters of globs in its name is a folder', async () => {
    put('[x]{y}*/a', PROGRAM);
    const result = await checked(policy('{"version":1,"artifacts":[{"files":["*"],"expect":{"kind":"executable"}}]}'), { base: join(folder, '[x]{y}*') });
    expect(result.ok).toBe(true);
  });

  it('globs go up and out, and from the root', async () => {
    put('dist/a', PROGRAM);
    mkdirSync(join(folder, 'ci'));
    const text = JSON.stringify({ version: 1, artifacts: [{ files: ['../dist/*', `${folder}/dist/?`], expect: { kind: 'executable' } }] });
    expect(await checked(policy(text), { base: join(folder, 'ci') })).toMatchObject({ ok: true, files: [{ findings: [{}] }] });
  });

  it.each([[{ version: 2 }], [{ version: 1, artefacts: [] }], [null], [{ version: 1, defaults: { pie: 'yes' } }]])('refuses %j before anything is read', async (bad) => {
    await expect(verifyFiles(bad as unknown as Policy, { paths: [join(folder, 'nothing')] })).rejects.toMatchObject({ code: 'invalid-policy' });
  });

  it('refuses overrides that are none', async () => {
    await expect(verifyFiles({ version: 1 }, { overrides: { strip: true } as PolicyExpectations })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('ends when it is told to', async () => {
    put('a', PROGRAM);
    await expect(verifyFiles({ version: 1 }, { paths: [folder], overrides: { pie: true }, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });

  it('changes nothing that it was given', async () => {
    put('a', PROGRAM);
    const given = Object.freeze(policy('{"version":1,"defaults":{"pie":false},"artifacts":[{"files":["a"]}]}'));
    const before = JSON.stringify(given);
    await verifyFiles(given, { base: folder });
    expect(JSON.stringify(given)).toBe(before);
    expect(Buffer.from(readFileSync(join(folder, 'a'))).equals(PROGRAM)).toBe(true);
  });
});

describe('a policy that describes files', () => {
  const NAMES = ['elf-x86_64-pie', 'elf-aarch64-musl', 'elf-armv7', 'elf-x86_64-static', 'elf-i386-rpath', 'elf-x86_64-x32', 'elf-x86_64-object', 'elf-aarch64-android', 'macho-universal', 'macho-arm64-pie', 'macho-x86_64-bundle', 'pe-arm64.exe'];

  it('is met by them', async () => {
    const files = [];
    for (const name of NAMES) files.push({ path: `dist/${name}`, inspection: await inspect(put(`dist/${name}`, fixtureBytes(name)), { facts: 'all' }) });
    const described = parsePolicy(JSON.stringify(describeFiles(files)));
    const result = await checked(described, { base: folder, paths: [folder] });
    expect(result.files.filter(({ findings, error }) => error !== null || findings.some(({ status }) => status !== 'pass'))).toEqual([]);
    expect(result.ok).toBe(true);
    expect(described.artifacts?.find(({ files: [name] }) => name === 'dist/macho-universal')?.expect?.target).toBe('darwin/universal');
    put('dist/elf-x86_64-pie', ARM64);
    expect((await checked(described, { base: folder })).ok).toBe(false);
  });

  it('says once what all have in common', async () => {
    const inspection = await inspect(PROGRAM);
    const { defaults, artifacts } = describeFiles([{ path: 'a[1]', inspection }, { path: 'b', inspection }]); // prettier-ignore
    const common = { target: 'linux/amd64', kind: 'executable', linkage: 'dynamic', pie: false, libc: 'glibc', onlyNeeds: ['libc.so.6'] };
    expect({ defaults, artifacts }).toMatchObject({ artifacts: [{ files: ['a[[]1[]]', 'b'], expect: common }] }); // of which the same is expected
    const several = describeFiles([{ path: 'a', inspection }, { path: 'b', inspection: await inspect(ARM64) }]); // prettier-ignore
    expect(several.defaults).toMatchObject({ kind: 'executable' });
    expect(several.artifacts).toHaveLength(2);
  });
});
