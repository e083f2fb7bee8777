// `binspect go` held against the installed `go version`, on programs of many targets, built here, and on released ones from npm.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSync } from '../../src/bytes/input.ts';
import { scanSync } from '../../src/bytes/search.ts';
import { openFileSync } from '../../src/bytes/source-file.ts';
import { decodeText } from '../../src/bytes/text.ts';
import { go } from '../../src/cli/go.ts';
import { anyCandidates, goView } from '../../src/golang/facts.ts';
import { readBuildInfo } from '../../src/golang/build-info.ts';
import { parseModules } from '../../src/golang/modules.ts';
import { recover } from '../../src/golang/recover.ts';
import { inspectSync } from '../../src/inspect/inspect.ts';
import { LIMITS } from '../../src/limits.ts';
import type { Binary } from '../../src/model/binary.ts';
import { parseGoVersion } from '../../src/model/go-words.ts';

const found = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
const installed = found.status === 0 ? parseGoVersion(found.stdout.trim()) : null;
const inCi = process.env['CI'] === 'true';
if (installed === null) {
  const message = 'there is no `go` here: `binspect go` is compared with nothing';
  if (inCi) throw new Error(message);
  console.warn(`skipped: ${message}`);
}
/** Since Go 1.24 `go version -m` ends with 1 where a file is no Go program. */
const hasStatus = installed !== null && installed.minor >= 24;

const folder = mkdtempSync(join(tmpdir(), 'binspect-go-oracle-'));
afterAll(() => {
  process.chdir('/');
  rmSync(folder, { recursive: true, force: true });
});

const goEnv = { ...process.env, GOFLAGS: '-mod=mod', GOPATH: join(folder, 'gopath'), GOTOOLCHAIN: 'local', GOPROXY: 'off', GOSUMDB: 'off' };

interface Said {
  readonly out: string;
  readonly err: string;
  readonly status: number | null;
}

/** What the installed go says. Text is compared as bytes. */
function theirs(flags: readonly string[], paths: readonly string[]): Said {
  const { stdout, stderr, status } = spawnSync('go', ['version', ...flags, ...paths], { cwd: folder, env: goEnv, encoding: 'latin1', maxBuffer: 1 << 28 });
  return { out: stdout, err: stderr, status };
}

async function ours(values: Readonly<Record<string, boolean>>, paths: readonly string[]): Promise<Said> {
  const chunks: Buffer[] = [];
  let err = '';
  const terminal = {
    env: {},
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 80,
    closed: false,
    out: (data: string | Uint8Array) => Promise.resolve(void chunks.push(Buffer.from(data as Uint8Array))),
    err: (data: string | Uint8Array) => void (err += Buffer.from(data as Uint8Array).toString('utf8')),
    async *input(): AsyncGenerator<Uint8Array> {},
  };
  process.chdir(folder);
  const status = await go.run(values, paths, terminal);
  return { out: Buffer.concat(chunks).toString('latin1'), err: Buffer.from(err).toString('latin1'), status };
}

/** Compares all that both say, the status where both have one. */
async function compare(paths: readonly string[]): Promise<Said> {
  const modules = [theirs(['-m'], paths), await ours({}, paths)] as const;
  expect({ out: modules[1].out, err: modules[1].err }).toEqual({ out: modules[0].out, err: modules[0].err });
  if (hasStatus) expect(modules[1].status).toBe(modules[0].status);
  const plain = [theirs([], paths), await ours({ modules: false }, paths)] as const;
  expect(plain[1]).toEqual(plain[0]);
  if (installed !== null && installed.minor >= 25) expect((await ours({ json: true }, paths)).out).toBe(theirs(['-m', '-json'], paths).out);
  return modules[1];
}

/** A program of one package and a replaced module; it imports next to nothing, so that it builds fast for any target. */
function writeSources(): void {
  const put = (name: string, text: string): void => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  put('src/go.mod', 'module example.com/hello\n\ngo 1.19\n\nrequire example.com/dep v1.2.3\n\nreplace example.com/dep v1.2.3 => ./dep\n');
  put('src/main.go', 'package main\n\nimport "example.com/dep"\n\nvar v = "none"\n\nfunc main() { println(dep.V, v) }\n');
  put('src/dep/go.mod', 'module example.com/dep\n');
  put('src/dep/dep.go', 'package dep\n\nvar V = "dep"\n');
  put('c/go.mod', 'module example.com/c\n\ngo 1.19\n');
  put('c/main.go', 'package main\n\nimport "C"\n\n//export Hello\nfunc Hello() {}\n\nfunc main() {}\n');
}

function build(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}, from = 'src'): void {
  const { status, stderr } = spawnSync('go', ['build', '-o', join(folder, name), ...args], {
    cwd: join(folder, from),
    env: { ...goEnv, CGO_ENABLED: '0', ...env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`go build ${name}: ${stderr}`);
  chmodSync(join(folder, name), 0o755); // Go before 1.20 reads nothing that can't be executed, and a c-shared library can't
}

const of = (name: string): Binary => inspectSync(join(folder, name), { facts: 'all' }).binaries[0] as Binary;

describe.runIf(installed !== null)('programs built here', { timeout: 120_000 }, () => {
  beforeAll(writeSources);

  it.each(['linux/amd64', 'linux/arm64', 'linux/386', 'linux/arm', 'linux/s390x', 'linux/mips', 'windows/amd64', 'windows/386', 'darwin/amd64', 'darwin/arm64', 'freebsd/amd64'])(
    '%s',
    async (target) => {
      const [os, arch] = target.split('/') as [string, string];
      const name = `hello-${os}-${arch}`;
      build(name, ['.'], { GOOS: os, GOARCH: arch });
      const { out } = await compare([name]);
      expect(out).toContain('\tdep\texample.com/dep\tv1.2.3\n\t=>\t./dep\t(devel)\t\n\t\n');
      expect(of(name)).toMatchObject({ go: { buildInfo: 'present', path: 'example.com/hello' }, platform: { os, arch, go: target } });
      expect(of(name).go?.buildId).toMatch(/^[\w-]{20}\/[\w-]{20}\/[\w-]{20}\/[\w-]{20}$/);
    },
  );

  it.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ['-s -w', ['-ldflags', '-s -w', '.'], {}],
    ['-trimpath', ['-trimpath', '-ldflags', '-s -w', '.'], {}],
    ['settings that need quoting', ['-ldflags', '-X "main.v=a b"', '-tags', 'a,b', '-gcflags', 'all=-N -l', '.'], {}],
    ['GOAMD64', ['.'], { GOAMD64: 'v3' }],
    ['pie', ['-buildmode=pie', '.'], { GOOS: 'windows' }],
    ['no build id', ['-ldflags', '-buildid=', '.'], {}],
    ['named files', ['main.go'], {}],
    ['without modules', ['main.go'], { GO111MODULE: 'off', GOFLAGS: '' }],
  ])('%s', async (what, args, env) => {
    const name = `with ${what.replace(/\W+/g, '-')}`;
    if (env['GO111MODULE'] === 'off') {
      mkdirSync(join(folder, 'old'), { recursive: true });
      writeFileSync(join(folder, 'old/main.go'), 'package main\n\nfunc main() {}\n');
      build(name, args, env, 'old');
    } else build(name, args, env);
    await compare([name]);
    expect(of(name).go?.buildInfo).toBe('present');
    if (env['GOAMD64'] === 'v3') expect(of(name).platform.variant).toBe('v3');
  });

  const hasGit = spawnSync('git', ['--version']).status === 0;
  if (!hasGit) console.warn('skipped: there is no git, so no commit in a program');
  it.runIf(hasGit || inCi)('with its commit, clean and not', async () => {
    const git = (...args: readonly string[]): void => void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: join(folder, 'src'), stdio: 'pipe' });
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'first');
    build('vcs-clean', ['-buildvcs=true', '.']);
    writeFileSync(join(folder, 'src/more.go'), 'package main\n');
    build('vcs-modified', ['-buildvcs=true', '.']);
    rmSync(join(folder, 'src/.git'), { recursive: true });
    rmSync(join(folder, 'src/more.go'));
    expect((await compare(['vcs-clean', 'vcs-modified'])).out).toMatch(/vcs\.modified=false[^]*vcs\.modified=true/);
  });

  const cc = spawnSync(process.env['CC'] ?? 'gcc', ['--version']).status === 0 ? (process.env['CC'] ?? 'gcc') : 'clang';
  const compiles = spawnSync(cc, ['--version']).status === 0;
  if (!compiles) console.warn('skipped: there is no C compiler, so no c-shared library and no external linking');
  it.runIf(compiles || inCi)('linked with C', async () => {
    const env = { CGO_ENABLED: '1', CC: cc };
    build('shared.so', ['-buildmode=c-shared', '.'], env, 'c');
    build('external', ['-ldflags', '-linkmode=external -s', '.'], env, 'c');
    build('external-pie', ['-buildmode=pie', '-ldflags', '-linkmode=external', '.'], env, 'c');
    await compare(['shared.so', 'external', 'external-pie']);
    for (const name of ['shared.so', 'external', 'external-pie']) expect(of(name).go).toMatchObject({ buildInfo: 'present', path: 'example.com/c' });
  });

  it('several, a folder, links, and what is no program', async () => {
    mkdirSync(join(folder, 'walk/.hidden'), { recursive: true });
    build('walk/b', ['.']);
    build('walk/.hidden/a', ['.']);
    symlinkSync('b', join(folder, 'walk/link'));
    symlinkSync('.hidden', join(folder, 'walk/folder'));
    writeFileSync(join(folder, 'walk/script'), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(join(folder, 'walk/empty'), '', { mode: 0o755 });
    chmodSync(join(folder, 'walk/script'), 0o755);
    await compare(['walk/b', 'walk/link', 'walk/script', 'walk/empty']);
    await compare(['walk']);
    await compare(['./walk/', 'walk/folder/']);
    const verbose = [theirs(['-m', '-v'], ['walk']), await ours({ verbose: true }, ['walk'])] as const;
    expect(verbose[1]).toEqual(verbose[0]);
    const missing = [theirs(['-m'], ['nosuch', 'walk/b']), await ours({}, ['nosuch', 'walk/b'])] as const;
    expect(missing[1]).toEqual(missing[0]);
  });

  it('the machine’s own programs', async () => {
    const names = readdirSync('/usr/bin', { withFileTypes: true }).filter((entry) => entry.isFile()).slice(0, 300);
    await compare(names.map(({ name }) => join('/usr/bin', name)));
    const root = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
    const { out } = await compare([join(root, 'bin'), join(root, 'pkg/tool')]);
    expect(out.split('\n').length).toBeGreaterThan(10);
  });
});

/** Files below folders, as far as they are there. */
function filesBelow(roots: readonly string[]): string[] {
  return roots.filter((root) => root !== '' && existsSync(root)).flatMap((root) =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

describe.runIf(installed !== null)('recovery, held against what Go’s own reader says', { timeout: 120_000 }, () => {
  it('without a look at the blob tells the same, or nothing; of other programs nothing', () => {
    const root = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
    const corpus = (process.env['BINSPECT_CORPUS'] ?? '').split(':');
    const count = { go: 0, right: 0, missed: 0, wrong: [] as string[], others: 0, false: [] as string[] };
    for (const path of filesBelow([folder, join(root, 'bin'), join(root, 'pkg/tool'), '/usr/bin', ...corpus])) {
      const source = openFileSync(path);
      const whole = { at: 0, length: source.size };
      const view = readSync(source, goView, LIMITS);
      const stored = typeof view === 'string' ? null : scanSync(source, whole, readBuildInfo(view, { searched: source.size, text: source.size }));
      const images = readSync(source, anyCandidates, LIMITS);
      const [image] = images;
      if (image !== undefined && image.candidate.memory !== null && images.length === 1) {
        const { version, modules } = scanSync(source, image.part, recover(image.candidate.memory, false, source.size, LIMITS));
        if (stored === null || typeof stored === 'string') {
          count.others++;
          if ((version !== null || modules !== null) && image.candidate.sign === null) count.false.push(path);
        } else {
          count.go++;
          const said = parseModules(stored.modules);
          const silent = typeof said === 'string' || (said.path === null && said.main === null);
          if (version !== null && version.value !== decodeText(stored.version)) count.wrong.push(`${path}: ${version.value}`);
          else if (modules !== null && JSON.stringify(modules.value) !== JSON.stringify(said)) count.wrong.push(`${path}: modules`);
          else if (version === null || (modules === null && !silent)) count.missed++;
          else count.right++;
        }
      }
      source.closeSync();
    }
    console.info(`recovery: ${count.go} Go programs, ${count.right} right, ${count.missed} missed, ${count.wrong.length} wrong; ${count.others} others, ${count.false.length} false`);
    expect(count).toMatchObject({ wrong: [], false: [], missed: 0 });
    expect(count.go).toBeGreaterThan(20);
    expect(count.others).toBeGreaterThan(50);
  });
});

/** Released programs of every age and platform, and what Go says of them: with the blob, in its older form, and without. */
const RELEASED: readonly (readonly [string, string, string | null])[] = [
  ['@esbuild/linux-x64@0.25.8', 'package/bin/esbuild', 'go1.23.10'],
  ['@esbuild/linux-s390x@0.25.8', 'package/bin/esbuild', 'go1.23.10'],
  ['@esbuild/win32-ia32@0.25.8', 'package/esbuild.exe', 'go1.23.10'],
  ['@esbuild/darwin-arm64@0.25.8', 'package/bin/esbuild', 'go1.23.10'],
  ['esbuild-linux-64@0.8.57', 'package/bin/esbuild', 'go1.16'],
  ['esbuild-windows-64@0.9.3', 'package/esbuild.exe', 'go1.16'],
  ['esbuild-darwin-64@0.8.57', 'package/bin/esbuild', 'go1.16'],
  ['esbuild-linux-32@0.13.0', 'package/bin/esbuild', 'go1.17.1'],
  ['esbuild-linux-s390x@0.14.10', 'package/bin/esbuild', 'go1.17.5'],
  ['@esbuild/linux-x64@0.28.2', 'package/bin/esbuild', null],
  ['@esbuild/win32-x64@0.28.2', 'package/esbuild.exe', null],
  ['@esbuild/darwin-arm64@0.28.2', 'package/bin/esbuild', null],
];

const reachable = spawnSync('npm', ['ping'], { stdio: 'ignore', timeout: 20_000 }).status === 0 || spawnSync('npm', ['view', 'esbuild@0.25.8', 'version'], { stdio: 'ignore', timeout: 20_000 }).status === 0;
if (!reachable) {
  const message = 'npm’s registry is out of reach: released programs are not compared';
  if (inCi) throw new Error(message);
  console.warn(`skipped: ${message}`);
}

describe.runIf(installed !== null && reachable)('released programs', { timeout: 60_000 }, () => {
  it.each(RELEASED)('%s', async (name, path, version) => {
    const into = join(folder, 'npm', name.replaceAll('/', '+'));
    mkdirSync(into, { recursive: true });
    const [archive] = JSON.parse(execFileSync('npm', ['pack', '--json', name], { cwd: into, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as [{ filename: string }];
    execFileSync('tar', ['xzf', archive.filename], { cwd: into });
    const file = join(into, path);
    chmodSync(file, 0o755);
    const relative = file.slice(folder.length + 1);
    const { go: facts } = inspectSync(file).binaries[0] as Binary;
    if (version !== null) {
      expect((await compare([relative])).out).toMatch(`${relative}: ${version}\n`);
      expect(facts).toMatchObject({ version, buildInfo: 'present' });
      return;
    }
    // The blob was removed. Of the Windows program Go before 1.22 says another thing than the newest: it did not search so far.
    const { out, err, status } = await ours({}, [relative]);
    const reason = path.endsWith('.exe') ? 'unrecognized file format' : 'not a Go executable';
    expect({ out, err, status }).toEqual({ out: '', err: `${relative}: could not read Go build info from ${relative}: ${reason}\n`, status: 1 });
    if (!path.endsWith('.exe') || hasStatus) expect(err).toBe(theirs(['-m'], [relative]).err);
    expect(facts).toMatchObject({ version: 'go1.26.5', buildInfo: 'recovered', path: 'github.com/evanw/esbuild/cmd/esbuild' });
  });
});
