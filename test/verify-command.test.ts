// binspect verify: options, reports and exit statuses.

import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countText } from '../src/cli/streams/progress.ts';
import { DT } from '../src/elf/constants.ts';
import type { FileVerdict, VerifyReport } from '../src/model/verdict.ts';
import { buildElf } from './build/elf.ts';
import { run } from './terminal.ts';
import type { Ran } from './terminal.ts';

const PROGRAM = buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', dynamic: [[DT.NEEDED, 'libc.so.6']], sections: [] });
const STATIC = buildElf();

let folder: string;
let app: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binspect-command-'));
  app = put('app', PROGRAM);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(path: string, bytes: Uint8Array | string): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  chmodSync(full, 0o644);
  return full;
}

function verify(...args: string[]): Promise<Ran> {
  return run(['verify', ...args]);
}

async function reported(...args: string[]): Promise<VerifyReport> {
  return JSON.parse((await verify('-o', 'json', ...args)).out) as VerifyReport;
}

it('says which waiver names no file, where its rule is missed', async () => {
  const waiver = (files: string): string => JSON.stringify({ version: 1, defaults: { pie: true }, waivers: [{ rule: 'pie', files, reason: 'old loader', expires: '9999-01-01' }] });
  const typing = await verify('--policy', put('typing.json', waiver('ap')), '-o', 'json', app);
  expect([typing.status, typing.err]).toEqual([1, 'binspect: the waiver of pie for ap names no file that was checked\n']);
  expect((JSON.parse(typing.out) as VerifyReport).unmatchedWaivers).toEqual([{ rule: 'pie', files: ['ap'], reason: 'old loader', expires: '9999-01-01' }]);
  expect(await verify('--policy', put('right.json', waiver('app')), app)).toMatchObject({ status: 0, err: '' });
  expect(await verify('--policy', put('other.json', waiver('other')), '--no-pie', app)).toMatchObject({ status: 0, err: '' }); // nothing is missed
});

describe('exit statuses', () => {
  it('0: everything is as expected', async () => {
    expect(await verify('--target', 'linux/amd64', '--dynamic', '--no-pie', '--stripped', '--needs', 'libc.so.6', app)).toMatchObject({ status: 0, err: '' });
    expect(await verify('--kind=executable', folder)).toMatchObject({ status: 0 });
  });

  it('1: something is not, or is unknown', async () => {
    expect(await verify('--target', 'linux/arm64', app)).toMatchObject({ status: 1 });
    expect(await verify('--target-from-name', app)).toMatchObject({ status: 1 }); // no claim
    expect(await verify('--sha256', 'ab'.repeat(32), app)).toMatchObject({ status: 1 });
  });

  it.each([
    [['--pei'], /unknown option --pei; did you mean --pie\?/],
    [['--target', 'linux/arm46'], /--target: .*did you mean arm/],
    [['--kind', 'exe'], /--kind: a kind is one of/],
    [['--go', 'latest'], /--go: a range/],
    [['--go-setting', 'CGO_ENABLED'], /--go-setting: a setting is like/],
    [['--go-setting', '--pie'], /--go-setting needs a value/],
    [['--max-size', 'huge'], /--max-size: a size/],
    [['--static', '--dynamic'], /exclude each other/],
    [['--pie', '-o', 'jsno'], /did you mean json\?/],
    [['--pie', '-o', 'junit='], /names no file/],
    [['--pie', '-o', 'json', '-o', 'text'], /only one report can go to standard output/],
    [['--pie', '--json', '-o', 'text'], /only one report/],
    [['--pie=yes'], /takes no value/],
    [['--init', '--pie'], /--init takes no expectations/],
  ])('2: wrong usage, %j', async (args, message) => {
    const { status, out, err } = await verify(...args, app);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });

  it('2: no path', async () => {
    expect(await verify('--pie')).toMatchObject({ status: 2, err: expect.stringMatching(/name the files/) as string });
    expect(await verify('--init')).toMatchObject({ status: 2 });
  });

  it('2: an invalid policy, with the place, before anything is checked', async () => {
    const policy = put('p.json', '{"version":1,\n  "defaults": {"stripd": true}}');
    const { status, out, err } = await verify('--policy', policy, join(folder, 'nothing'));
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toBe(`error: ${policy}: line 2, column 16: unknown key "stripd"; did you mean "stripped"?\n`);
  });

  it('3: what can not be read or understood, also beside what fails', async () => {
    const text = put('notes', 'hello');
    expect(await verify('--kind', 'executable', text)).toMatchObject({ status: 3 });
    expect(await verify('--kind', 'bundle', app, text)).toMatchObject({ status: 3 });
    expect(await verify('--kind', 'executable', join(folder, 'nothing'))).toMatchObject({ status: 3 });
    expect(await verify('--kind', 'executable', put('cut', PROGRAM.subarray(0, 100)))).toMatchObject({ status: 3 });
    expect(await verify('--policy', join(folder, 'nothing.json'), app)).toMatchObject({ status: 3 });
    expect(await verify('--sums', join(folder, 'nothing'), app)).toMatchObject({ status: 3 });
  });

  it('without an expectation names are checked', async () => {
    expect(await verify(app)).toMatchObject({ status: 1, err: 'binspect: no expectation was given: checking --target-from-name\n' });
    const named = join(folder, 'app_linux_amd64');
    copyFileSync(app, named);
    expect(await verify(named)).toMatchObject({ status: 0 });
  });

  it('3: nothing to check', async () => {
    mkdirSync(join(folder, 'empty'));
    expect(await verify('--pie', join(folder, 'empty'))).toMatchObject({ status: 3, err: expect.stringMatching(/no program/) as string });
    const policy = put('p.json', '{"version":1,"artifacts":[{"files":["none*"],"expect":{"pie":true}}]}');
    expect(await verify('--policy', policy)).toMatchObject({ status: 3, err: expect.stringMatching(/no artifact names a file/) as string });
  });

  it('1: one glob of several names nothing', async () => {
    const policy = put('p.json', '{"version":1,"artifacts":[{"files":["app","none*"],"expect":{"pie":false}}]}');
    expect(await verify('--policy', policy)).toMatchObject({ status: 1 });
  });

  it.each(['text', 'json', 'junit', 'sarif', 'github'])('are the same with -o %s', async (format) => {
    expect((await verify('-o', format, '--no-pie', app)).status).toBe(0);
    expect((await verify('-o', format, '--pie', app)).status).toBe(1);
    expect((await verify('-o', format, '--pie', app, join(folder, 'nothing'))).status).toBe(3);
    expect((await verify('-o', format, app)).status).toBe(1); // its name claims nothing
  });
});

describe('options', () => {
  const GO_SETTINGS = ['--go-setting -trimpath=true', '--go-setting=-trimpath=true', '--go-setting CGO_ENABLED=0 --go-setting -trimpath=true'];

  it.each(GO_SETTINGS)('%s is one expectation each', async (args) => {
    const { files } = await reported(...args.split(' '), app);
    const expected = files[0]?.findings.map((finding) => [finding.rule, finding.expected, finding.expectedFrom]);
    expect(expected?.at(-1)).toEqual(['goSettings', '-trimpath=true', '--go-setting']);
    expect(expected).toHaveLength(args.includes('CGO') ? 2 : 1);
  });

  it('says by which option', async () => {
    const { files } = await reported('--static', '--no-pie', '--no-stripped', '--max-glibc', '2.28', '--no-needs', 'libssl*', '--only-needs=libc.so.6', '--no-search-paths', app);
    expect(files[0]?.findings.map(({ expectedFrom }) => expectedFrom)).toEqual(['--static', '--no-pie', '--no-stripped', '--max-glibc', '--no-needs', '--only-needs', '--no-search-paths']);
  });

  it('of --pie and --no-pie the later one holds', async () => {
    expect((await verify('--pie', '--no-pie', app)).status).toBe(0);
    expect((await verify('--no-pie', '--pie', app)).status).toBe(1);
  });

  it('takes several targets', async () => {
    expect((await verify('--target', 'linux/arm64,linux/amd64', app)).status).toBe(0);
    expect((await verify('--target', 'linux/arm64', '--target', 'linux/amd64', app)).status).toBe(0);
    expect((await verify('--target', 'linux/arm64,darwin/universal', app)).status).toBe(1);
  });

  it('wins over the policy', async () => {
    const policy = put('p.json', '{"version":1,"artifacts":[{"files":["app"],"expect":{"linkage":"static","kind":"executable"}}]}');
    expect((await verify('--policy', policy)).status).toBe(1);
    expect((await verify('--policy', policy, '--dynamic')).status).toBe(0);
    const { files } = JSON.parse((await verify('--policy', policy, '--dynamic', '-o', 'json')).out) as VerifyReport;
    expect(files[0]?.findings.map(({ expectedFrom }) => expectedFrom)).toEqual(['--dynamic', `${policy}: artifacts[0].expect.kind`]);
  });

  it('checks sums both ways, wherever the list is', async () => {
    const hex = createHash('sha256').update(PROGRAM).digest('hex');
    const sums = put('sums/SHA256SUMS', `${hex}  ../app\n`);
    expect((await verify('--sums', sums, app)).status).toBe(0);
    put('other', STATIC);
    expect((await verify('--sums', sums, app, join(folder, 'other'))).status).toBe(1);
    writeFileSync(sums, `${hex}  ../app\n${hex}  ../gone\n`);
    expect((await verify('--sums', sums, app)).status).toBe(1);
    const policy = put('ci/p.json', '{"version":1,"artifacts":[{"files":["../app"],"expect":{"pie":false}}]}');
    writeFileSync(sums, `${hex}  ../app\n`);
    expect((await verify('--policy', policy, '--sums', sums)).status).toBe(0);
  });

  it('finds copies', async () => {
    put('copy', PROGRAM);
    expect((await verify('--unique', folder)).status).toBe(1);
    put('copy', STATIC);
    expect((await verify('--unique', folder)).status).toBe(0);
  });

  it('names what is skipped with -v', async () => {
    put('notes', 'hello');
    const { err, out } = await verify('-v', '--no-pie', folder);
    expect(err).toMatch(/notes: skipped: no executable file/);
    expect(out).toMatch(/pie {3}pass/);
    expect((await verify('--no-pie', folder)).err).toBe('');
  });
});

describe('reports', () => {
  it('go where they are sent, several at a time', async () => {
    const [xml, sarif] = [join(folder, 'r.xml'), join(folder, 'a=b.sarif')];
    const { status, out } = await verify('-o', 'text', '-o', `junit=${xml}`, '-o', `sarif=${sarif}`, '--pie', app);
    expect(status).toBe(1);
    expect(out).toMatch(/^✗ .*app\n {4}pie\n/);
    expect(readFileSync(xml, 'utf8')).toMatch(/<testsuites>/);
    expect(JSON.parse(readFileSync(sarif, 'utf8'))).toMatchObject({ version: '2.1.0' });
    const silent = await verify('-o', `json=${join(folder, 'r.json')}`, '--pie', app);
    expect(silent).toMatchObject({ status: 1, out: '', err: '' });
  });

  it('--json is a line for each file', async () => {
    put('other', STATIC);
    const { out } = await verify('--json', '--no-pie', folder);
    const files = out.trimEnd().split('\n').map((line) => JSON.parse(line) as FileVerdict);
    expect(files.map(({ path, findings, error }) => [path, findings.length, error])).toEqual([[app, 1, null], [join(folder, 'other'), 1, null]]); // prettier-ignore
  });

  it('-o json is one document', async () => {
    const { out } = await verify('-o', 'json', '--pie', app);
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, ok: false, summary: { files: 1, failed: 1 } });
    expect(out.trimEnd().split('\n')).toHaveLength(1);
  });

  it('3: a report that can not be written', async () => {
    expect(await verify('-o', `json=${join(folder, 'none/r.json')}`, '--no-pie', app)).toMatchObject({ status: 3, err: expect.stringMatching(/no such file/) as string });
  });

  it('colours only where it is wanted', async () => {
    const colored = await run(['verify', '--pie', '--color=always', app]);
    expect(colored.out).toContain('\u001b[31m');
    const file = join(folder, 'r.txt');
    await run(['verify', '--pie', '--color=always', '-o', `text=${file}`, app]);
    expect(readFileSync(file, 'utf8')).not.toContain('\u001b');
    expect((await run(['verify', '--pie', app])).out).not.toContain('\u001b');
  });

  it('no file name becomes a command or a line of its own', async () => {
    const evil = put('\n::error::x', PROGRAM);
    const { out } = await verify('--pie', '-o', 'github', evil);
    for (const line of out.trimEnd().split('\n')) expect(line).toMatch(/^::error (file=|title=binspect)/);
    const text = await verify('--pie', evil);
    expect(text.out).not.toMatch(/^::/m);
    expect((await verify('--pie', '-v', folder)).err).not.toMatch(/^::/m);
  });
});

describe('--init', () => {
  it('writes a policy that these files meet', async () => {
    put('lib/x.node', STATIC);
    const policy = join(folder, 'binspect.json');
    expect(await verify('--init', '--policy', policy, folder)).toMatchObject({ status: 0, out: '', err: '' });
    expect(JSON.parse(readFileSync(policy, 'utf8'))).toMatchObject({ version: 1, artifacts: [{ files: ['app'] }, { files: ['lib/x.node'] }], unmatched: 'error' });
    expect(await verify('--policy', policy, folder)).toMatchObject({ status: 0 });
    expect(await verify('--policy', policy)).toMatchObject({ status: 0 });
    put('app', STATIC);
    expect(await verify('--policy', policy)).toMatchObject({ status: 1 });
  });

  it('writes to standard output without --policy, and overwrites nothing with it', async () => {
    const { status, out } = await verify('--init', app);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ artifacts: [{ files: [app], expect: { target: 'linux/amd64' } }] });
    const there = put('p.json', '{}');
    expect(await verify('--init', '--policy', there, app)).toMatchObject({ status: 2, err: expect.stringMatching(/is there already/) as string });
    expect(readFileSync(there, 'utf8')).toBe('{}');
  });

  it('writes nothing where something can not be read, or nothing is there', async () => {
    const policy = join(folder, 'p.json');
    expect(await verify('--init', '--policy', policy, app, join(folder, 'nothing'))).toMatchObject({ status: 3 });
    mkdirSync(join(folder, 'empty'));
    expect(await verify('--init', '--policy', policy, join(folder, 'empty'))).toMatchObject({ status: 3 });
    expect(existsSync(policy)).toBe(false);
  });
});

describe('a policy in the working directory', () => {
  it('is pointed at, and not read', async () => {
    const home = process.cwd();
    process.chdir(folder);
    try {
      writeFileSync('binspect.json', 'no policy');
      const { status, err } = await verify('--no-pie', app);
      expect({ status, err }).toEqual({ status: 0, err: 'binspect: hint: there is a binspect.json here; --policy binspect.json checks against it\n' });
    } finally {
      rmSync('binspect.json', { force: true });
      process.chdir(home);
    }
  });
});

describe('progress', () => {
  it('counts files, and says how long it will take', () => {
    expect(countText(0, 1, 0)).toBe('0 of 1 file');
    expect(countText(250, 1000, 3)).toBe('250 of 1000 files, 9 s left');
    expect(countText(1000, 1000, 3)).toBe('1000 of 1000 files');
  });
});
