// The commands, given files and folders by somebody who wants to be obeyed by a terminal, a build's log or a shell, or to keep them for ever.

import { spawn, execFileSync } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeText } from '../src/bytes/text.ts';
import { openFile } from '../src/bytes/source-file.ts';
import { reason } from '../src/cli/hash/input.ts';
import { main } from '../src/cli/main.ts';
import type { Terminal } from '../src/cli/streams/terminal.ts';
import { DT } from '../src/elf/constants.ts';
import { BinspectError } from '../src/errors.ts';
import { inspect } from '../src/inspect/inspect.ts';
import { LC, MH } from '../src/macho/constants.ts';
import { toJSON } from '../src/render/json.ts';
import { visible } from '../src/render/visible.ts';
import { scan } from '../src/files/scan.ts';
import { buildElf } from './build/elf.ts';
import { elf as goElf, framed, inlineBlob } from './build/go.ts';
import { buildMachO, dylib, text as machOText } from './build/macho.ts';
import { buildPe, rsds, versionBlock } from './build/pe.ts';
import { buildEntries } from './built.ts';
import type { Built } from './built.ts';
import { run } from './terminal.ts';

const POSIX = process.platform !== 'win32';
const LINUX = process.platform === 'linux';

/** What strangers write where a name is wanted. */
const EVIL: readonly string[] = [
  'a\u001b[31mred\u001b[2J',
  '\u001b]52;c;AAAA\u0007clipboard',
  '\u001b]8;;x\u001b\\link\u001b]8;;\u001b\\',
  '\u009b31m\u009d0;title\u009c',
  'x\r\nforged: OK',
  'x\n::error title=forged::by a name',
  '\n  ::stop-commands::forged',
  '::set-output name=forged::x',
  ' \u3000::add-mask::x',
  'x ::warning::forged  ::notice::forged · ::debug::forged',
  'x ##[set-output name=forged]x',
  '##[error]forged',
  '##vso[task.setvariable variable=forged]x',
  "##teamcity[testFailed name='forged']",
  'tab\tand\bback',
  '\u202exe.gpj\u202c \u2066x\u2069 \u200e\u200f\u061c',
  'zero\u200bwidth\u200d\ufeff\u00ad\u2060',
  'line\u2028paragraph\u2029next\u0085',
  '<![CDATA[x]]> </testcase> & " \' <!-- -->',
  '%0A::error::forged%0D',
  '\ufffe\uffff\u{e0041}\u{1f600}',
];

/** What a terminal or a reader must not get: controls, bidirectional and invisible marks. Line ends are looked at apart. */
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u;

const COMMANDS = new Set(['add-mask', 'add-matcher', 'add-path', 'debug', 'echo', 'endgroup', 'error', 'group', 'internal-set-repo-path', 'notice', 'remove-matcher', 'save-state', 'set-env', 'set-output', 'stop-commands', 'warning']); // prettier-ignore

/** The commands that GitHub's runner finds in a log: `::name …::` after blanks at the beginning of a line, `##[name …]` anywhere in it. */
function commandsIn(log: string): string[] {
  return log.split(/\r?\n|\r/).flatMap((line) => {
    const first = /^\s*::([^ :]*)[^]*?::/.exec(line)?.[1];
    if (first !== undefined && COMMANDS.has(first)) return [`::${first}`];
    const older = /##\[([^ \]]*)[^]*?\]/.exec(line)?.[1];
    if (older !== undefined && COMMANDS.has(older)) return [`##[${older}`];
    return line.includes('##vso[') || line.includes('##teamcity[') ? ['another log'] : [];
  });
}

/** Holds what was printed: nothing raw (tabs only where they separate), no line that a name began, no command. */
function expectSafe(printed: string, { tabs = false, commands = [] }: { tabs?: boolean; commands?: readonly string[] } = {}): void {
  const found = RAW.exec(tabs ? printed.replaceAll('\t', ' ') : printed);
  expect(found === null ? null : printed.slice(Math.max(0, found.index - 40), found.index + 40)).toBeNull();
  expect(commandsIn(printed)).toEqual(commands);
  for (const line of printed.split('\n')) expect(line).not.toMatch(/^\s*forged/);
}

/** XML 1.0 as far as a report has it: elements that are closed in their order, quoted attributes, known entities, no forbidden character. */
function expectWellFormed(xml: string): void {
  expect(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.exec(xml)).toBeNull();
  expect(/&(?!(amp|lt|gt|quot|apos);)/.exec(xml)).toBeNull();
  const token = /<\?xml [^?<]*\?>|<(\/?)([A-Za-z-]+)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|[^<]+/y;
  const open: string[] = [];
  for (let at = 0; at < xml.length; at = token.lastIndex) {
    token.lastIndex = at;
    const match = token.exec(xml);
    if (match === null) expect.fail(`no XML: ${xml.slice(at, at + 60)}`);
    const [, end, name, , empty] = match;
    if (name === undefined) continue;
    if (end === '/') expect(open.pop()).toBe(name);
    else if (empty === '') open.push(name);
  }
  expect(open).toEqual([]);
}

/** A binary of each format with a hostile text wherever one can stand, and where the JSON has it. */
function evilFiles(evil: string): readonly { readonly bytes: Uint8Array; readonly told: (binary: Record<string, unknown>) => unknown[] }[] {
  const strings = versionBlock('StringFileInfo', '', [versionBlock('040904b0', '', [versionBlock('ProductName', evil), versionBlock('CompanyName', evil)])]);
  const version = versionBlock('VS_VERSION_INFO', '', [strings]);
  const names = (list: unknown): unknown[] => (list as { name: string }[]).map(({ name }) => name);
  return [
    {
      bytes: buildElf({ interpreter: evil, dynamic: [[DT.NEEDED, evil], [DT.NEEDED, 'libc.so.6'], [DT.SONAME, evil], [DT.RUNPATH, evil.replaceAll(':', ';')]] }),
      told: ({ interpreter, libraryName, dependencies }) => [interpreter, libraryName, names(dependencies)[0]],
    },
    {
      bytes: buildMachO({ fileType: MH.DYLIB, commands: [dylib(evil, { type: LC.ID_DYLIB }), dylib(evil), machOText(LC.RPATH, evil), machOText(LC.LOAD_DYLINKER, evil)] }),
      told: ({ libraryName, dependencies, searchPaths }) => [libraryName, names(dependencies)[0], (searchPaths as { path: string }[])[0]?.path],
    },
    {
      bytes: buildPe({
        imports: [{ name: evil }, { name: 'KERNEL32.dll' }],
        delayImports: [{ name: evil }],
        exportName: evil,
        debug: [{ type: 2, data: rsds(Array.from({ length: 16 }, () => 1), 1, evil) }],
        resources: { 16: { 1: { 1033: version } } },
      }),
      told: ({ libraryName, dependencies }) => [libraryName, names(dependencies)[0], names(dependencies)[2]],
    },
  ];
}

/** A Go program with a hostile text wherever Go's own form allows one: no line end in the module text, any byte in the version. */
function evilGo(evil: string): Uint8Array {
  const line = evil.replace(/[\r\n\t]/g, ' ');
  const modules = framed(`path\t${line}\nmod\texample.com/${line}\tv1.0.0\th1:${line}\nbuild\t-ldflags=${JSON.stringify(evil)}\nbuild\tvcs.revision=${JSON.stringify(evil)}\n`);
  return goElf({ pieces: [{ name: '.go.buildinfo', address: 0x50_0000n, data: inlineBlob({ version: `go1.22 ${evil}`, modules }), writable: true }] }).file;
}

const folder = mkdtempSync(join(tmpdir(), 'binspect-hostile-'));
chmodSync(folder, 0o755);
const before = process.cwd();
let built: Built;
let server: Server | null = null;

beforeAll(async () => {
  process.chdir(folder);
  built = await buildEntries({ cli: 'src/cli.ts' }).catch(async () => {
    process.chdir(before);
    const made = await buildEntries({ cli: 'src/cli.ts' });
    process.chdir(folder);
    return made;
  });
}, 60_000);
afterAll(() => {
  process.chdir(before);
  server?.close();
  built.remove();
  rmSync(folder, { recursive: true });
});

function put(path: string, bytes: Uint8Array | string): string {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, bytes);
  return full;
}

interface Shown {
  readonly status: number;
  readonly out: Uint8Array;
  readonly err: Uint8Array;
}

/** Runs the program before a terminal. */
async function onTerminal(args: readonly string[], columns = 80): Promise<Shown & { text: string }> {
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  const bytes = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data);
  const terminal: Terminal = {
    env: { NO_COLOR: '1' },
    outIsTerminal: true,
    errIsTerminal: true,
    columns,
    closed: false,
    out: (data) => (out.push(bytes(data)), Promise.resolve()),
    err: (data) => void err.push(bytes(data)),
    async *input() {},
  };
  const status = await main(args, terminal);
  const text = Buffer.concat([...out, ...err]).toString('utf8');
  return { status, out: Buffer.concat(out), err: Buffer.concat(err), text };
}

describe('what a file says is shown, and not obeyed', () => {
  it.each(EVIL)('%j becomes one visible line', (evil) => {
    expectSafe(visible(evil));
    expectSafe(`    ${visible(`x ${evil}`)}`);
    expect(visible(evil)).not.toContain('\n');
    expect(visible(visible(evil))).toBe(visible(evil));
    expectSafe(toJSON({ [evil]: evil }));
    expect(JSON.parse(toJSON({ [evil]: evil }))).toEqual({ [evil]: evil });
  });

  it('leaves alone what is no command', () => {
    const plain = 'std::string foo::bar a:b ::: x::y # ## [x] #[y] C:\\x';
    expect(visible(plain)).toBe(plain.replace(' :::', ' \\x3a::'));
    expect(visible('##[x]')).toBe('#\\x23[x]');
  });

  it.each(EVIL)('%j in every place of a binary', async (evil) => {
    for (const { bytes, told } of evilFiles(evil)) {
      const path = put('evil/file', bytes);
      for (const options of [[], ['-v'], ['--no-hash', '-v']]) {
        for (const columns of [40, 80]) expectSafe((await onTerminal([...options, path], columns)).text);
        expectSafe((await run([...options, path])).out);
      }
      expectSafe((await run([join(folder, 'evil')])).out);
      const fields = 'path,interpreter,libraryName,dependencies,searchPaths,identity,because,warnings,buildId';
      expectSafe((await run(['--fields', fields, path])).out, { tabs: true });
      const { out } = await run(['--json', path]);
      expectSafe(out);
      expect(out.trimEnd()).not.toContain('\n');
      const [binary] = (JSON.parse(out) as { binaries: Record<string, unknown>[] }).binaries as [Record<string, unknown>];
      for (const text of told(binary)) if (text !== null) expect(text).toBe(evil);
      expect(JSON.stringify(binary)).toContain(JSON.stringify(evil).slice(1, -1)); // not a byte of it is lost
      expectSafe((await run(['--json', '--fields', fields, path])).out);
    }
  });

  it.each(EVIL)('%j in reports of a verification', async (evil) => {
    const path = put('report/file', evilFiles(evil)[0]?.bytes ?? '');
    const policy = put('policy.json', JSON.stringify({
      version: 1,
      defaults: { interpreter: '/lib/ld.so', noNeeds: '*', libc: evil },
      artifacts: [{ files: 'report/file' }, { files: `none/${evil.replaceAll('\\', '').replace(/[[\]{}*?]/g, '[$&]')}` }],
      waivers: [{ rule: 'noNeeds', files: 'report/*', reason: evil, expires: '9999-12-31' }],
    })); // prettier-ignore
    for (const args of [['--policy', policy], ['--needs', evil, path]]) {
      for (const options of [[], ['-v']]) expectSafe((await onTerminal(['verify', ...options, ...args], 60)).text);
      const text = await run(['verify', '-v', ...args]);
      expect([0, 1]).toContain(text.status); // the file does need what it is asked for
      expectSafe(text.out + text.err);
      const junit = await run(['verify', '-o', 'junit', ...args]);
      expectSafe(junit.out);
      expectWellFormed(junit.out);
      for (const format of ['json', 'sarif']) {
        const { out } = await run(['verify', '-o', format, ...args]);
        expectSafe(out);
        expect(() => JSON.parse(out)).not.toThrow();
      }
      const lines = await run(['verify', '--json', ...args]);
      expectSafe(lines.out);
      for (const line of lines.out.trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
      const github = (await run(['verify', '-o', 'github', ...args])).out;
      const own = github.trimEnd().split('\n');
      for (const line of own) expect(line).toMatch(/^::(error|notice) ([^:]*,)?title=binspect[^,\n]*?::/);
      expectSafe(github, { commands: own.map((line) => line.slice(0, line.indexOf(' '))) });
    }
  });

  it.each(EVIL)('%j in a Go program', async (evil) => {
    const path = put('go/program', evilGo(evil));
    for (const options of [[], ['--no-modules'], ['--recover', '-v']]) expectSafe((await onTerminal(['go', ...options, path])).text, { tabs: true });
    const json = await onTerminal(['go', '--json', path]);
    expectSafe(json.text, { tabs: true });
    const { Settings } = JSON.parse(json.text) as { Settings: { Key: string; Value: string }[] };
    expect(Settings.find(({ Key }) => Key === '-ldflags')?.Value).toBe(evil);
    expectSafe((await onTerminal(['-v', path], 60)).text);
    expectSafe((await onTerminal(['verify', '--go-setting', '-ldflags=', '--go-module', 'x', path], 60)).text);
    const piped = await run(['go', path]); // for other tools: the bytes that Go would write
    expect(piped.out.startsWith(`${path}: go1.22 ${evil}\n\tpath\t`)).toBe(true);
  });
});

describe.runIf(POSIX)('names of files', () => {
  const names = [...EVIL.map((name) => encodeText(name.replaceAll('/', '|'))), Uint8Array.of(0x62, 0x61, 0x64, 0xff, 0xfe), encodeText('-v'), encodeText('--json'), encodeText('$(touch forged)`x`;x')];
  const elf = buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', dynamic: [[DT.NEEDED, 'libc.so.6']] });
  const sum = createHash('sha256').update(elf).digest('hex');
  const all = (): string => join(folder, 'names');

  beforeAll(() => {
    mkdirSync(all());
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${all()}/`), name]), elf);
    chmodSync(all(), 0o755);
  });

  it.each([[['names']], [['-v', 'names']], [['--json', 'names']], [['--fields', 'path,kind', 'names'], true], [['verify', '--pie', '-v', 'names']], [['verify', '-o', 'junit', '--pie', 'names']], [['verify', '-o', 'sarif', '--pie', 'names']], [['verify', '-o', 'json', '--pie', 'names']], [['verify', '--target-from-name', 'names']], [['hash', '-r', 'names']], [['hash', '-r', '--tag', 'names']], [['hash', '-r', '--json', 'names']], [['go', '-v', 'names'], true], [['verify', '--init', 'names']]] as [string[], boolean?][])('%j before a terminal', async (args, tabs = false) => {
    expectSafe((await onTerminal(args)).text.replaceAll('\0', '\n'), { tabs });
  }); // prettier-ignore

  it('on a terminal are escaped with --zero too', async () => {
    const { text } = await onTerminal(['hash', '-r', '-z', 'names']);
    expect(text.split('\0').length).toBe(names.length + 1);
    for (const line of text.split('\0')) expectSafe(line);
  });

  it('come in annotations of GitHub as properties of its own commands', async () => {
    const { out } = await run(['verify', '-o', 'github', '--pie', 'names']);
    for (const line of out.trimEnd().split('\n')) expect(line).toMatch(/^::error (file=[^,:\n]*,)?title=binspect[^,\n]*?::/);
    expect(commandsIn(out)).toEqual(Array.from({ length: names.length + 1 }, () => '::error'));
  });

  it('are all told, and lose nothing in JSON', async () => {
    const { out } = await run(['--json', '--no-hash', 'names']);
    const paths = out.trimEnd().split('\n').map((line) => (JSON.parse(line) as { path: string }).path);
    expect(paths.map((path) => Buffer.from(encodeText(path)).toString('hex')).sort()).toEqual(names.map((name) => Buffer.concat([Buffer.from('names/'), name]).toString('hex')).sort());
  });

  it('are hashed in a pipe byte for byte as sha256sum writes them, and checked', async () => {
    const { stdout } = await finished(spawnBuilt(['hash', '-r', 'names']));
    const escaped = (name: Uint8Array): Buffer => {
      const text = Buffer.from(name).toString('latin1');
      const special = /[\\\n\r]/.test(text);
      const safe = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
      return Buffer.from(`${special ? '\\' : ''}${sum}  names/${safe}\n`, 'latin1');
    };
    const sorted = [...names].sort((a, b) => Buffer.compare(a, b));
    expect(stdout.equals(Buffer.concat(sorted.map(escaped)))).toBe(true);
    writeFileSync('names.sums', stdout);
    expect(await run(['hash', '-c', '--quiet', 'names.sums'])).toMatchObject({ status: 0, out: '' });
    expectSafe((await onTerminal(['hash', '-c', 'names.sums'])).text);
  });

  it('in the words of the system are escaped as well', () => {
    const cause = Object.assign(new Error("EBUSY: resource busy or locked, open 'a\u001b[31m'"), { code: 'EBUSY' });
    expectSafe(reason(new BinspectError('io', cause.message, { cause, path: 'a\u001b[31m' })));
  });

  it('that are no UTF-8 are lost on the command line, which is said', async () => {
    const bad = '"$(printf "names/bad\\377\\376")"';
    for (const command of ['', 'go', 'verify --pie', 'verify --pie --policy']) {
      const { stderr } = await finished(spawnShell(`exec node "$CLI" ${command} ${bad}`));
      expect(stderr.toString()).toMatch(/hint: bytes of arguments that are not UTF-8 do not reach this program; name the folder/);
    }
    const { stderr, status } = await finished(spawnShell(`exec node "$CLI" hash ${bad}`));
    expect(stderr.toString()).toMatch(/arguments that are not UTF-8 do not reach this program whole: name the file in a list, or its folder with -r/);
    expect(status).toBe(1);
  });

  it('and arguments of every kind come back escaped in messages', async () => {
    for (const evil of EVIL) {
      for (const args of [[`--${evil}`], ['--fields', evil, 'x'], ['--color', evil, 'x'], ['verify', '-o', evil, 'x'], ['verify', '--target', evil, 'x'], ['verify', '--max-size', evil, 'x'], ['hash', '--jobs', evil], ['completion', evil], ['verify', '--policy', evil, 'x'], [evil], ['hash', evil], ['hash', '-c', evil], ['go', evil]]) {
        const { text, status } = await onTerminal(args);
        expect(status).not.toBe(0);
        expectSafe(text);
      }
    } // prettier-ignore
  });
});

interface Ended {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

function spawnBuilt(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return spawn(process.execPath, [built.cli, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], ...options });
}

function spawnShell(script: string): ChildProcess {
  return spawn('bash', ['-c', script], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CLI: built.cli } });
}

/** What a process wrote by its end, which has to come within ten seconds. */
function finished(child: ChildProcess): Promise<Ended> {
  const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  child.stdout?.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  return new Promise((resolve) => {
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ status, stdout: Buffer.concat(chunks.stdout), stderr: Buffer.concat(chunks.stderr) });
    });
  });
}

describe.runIf(POSIX)('a folder of traps', () => {
  const elf = buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', dynamic: [[DT.NEEDED, 'libc.so.6']] });
  const other = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}; // permissions mean nothing to root

  beforeAll(async () => {
    mkdirSync('traps/below', { recursive: true });
    put('traps/program', elf);
    put('traps/below/program', elf);
    put('traps/secret', elf);
    for (const [target, name] of [['.', 'loop'], ['..', 'up'], ['self', 'self'], ['b', 'a'], ['a', 'b'], ['nowhere', 'broken'], ['program', 'link'], ['/dev/zero', 'zero'], ['/dev/stdin', 'stdin'], ['/etc', 'etc'], ['/proc/self/fd/0', 'fd'], ['traps', 'below/traps']] as const) symlinkSync(target, `traps/${name}`); // prettier-ignore
    execFileSync('mkfifo', ['traps/pipe']);
    mkdirSync('traps/closed');
    put('traps/closed/program', elf);
    server = createServer();
    await new Promise<void>((resolve) => server?.listen(join(folder, 'traps/socket'), resolve));
    chmodSync('traps/secret', 0);
    chmodSync('traps/closed', 0);
    execFileSync('chmod', ['755', 'traps', 'traps/below']);
  });
  afterAll(() => {
    chmodSync('traps/closed', 0o755);
  });

  it('is walked once, in moments, and what can not be read is told', async () => {
    const { status, stdout, stderr } = await finished(spawnBuilt(['--no-hash', '--fields', 'path', 'traps'], other));
    expect(stdout.toString().split('\n')).toEqual(['traps/below/program', 'traps/link', 'traps/program', '']);
    expect(stderr.toString().split('\n').sort()).toEqual(['', 'binspect: traps/closed: permission denied', 'binspect: traps/secret: permission denied']);
    expect(status).toBe(3);
  });

  it.each([
    ['hash', ['hash', '-r', 'traps'], 1, 3],
    ['go', ['go', '-v', 'traps'], 0, 0],
    ['verify', ['verify', '--kind', 'executable', '--json', 'traps'], 3, 5],
    ['verify with a glob', ['verify', '--json', '--policy', 'trap-policy.json'], 3, 17],
  ] as const)('keeps %s no longer', async (_, args, status, lines) => {
    put('trap-policy.json', '{"version":1,"artifacts":[{"files":"traps/**","expect":{"kind":"executable"}}]}');
    const ended = await finished(spawnBuilt(args, other));
    expect(ended.status).toBe(status);
    expect(ended.stdout.toString().split('\n').slice(0, -1).map((line) => line.slice(0, 70))).toHaveLength(lines);
  });

  it.each(['pipe', 'socket', 'self', 'a', 'broken', 'zero', 'etc/../pipe'])('%s, named itself, is refused at once by every command', async (name) => {
    for (const args of [[], ['hash'], ['go'], ['verify', '--pie'], ['verify', '--unique', '--sums']]) {
      const { status } = await run([...args, `traps/${name}`]);
      expect(status, `${args.join(' ')} ${name}`).toBeGreaterThan(0);
      expect(status).toBeLessThan(4);
    }
  });

  it('that is deeper than any path can be is walked as far as the system lets', { timeout: 60_000 }, async () => {
    const name = 'd'.repeat(200);
    execFileSync('bash', ['-c', `mkdir deep && cd deep && for i in $(seq 40); do mkdir ${name} && cd ${name} || exit 1; done; echo > bottom`]);
    try {
      for (const args of [['-v', 'deep'], ['hash', '-r', 'deep'], ['go', 'deep'], ['verify', '--pie', 'deep']]) {
        const { status, stderr, stdout } = await finished(spawnBuilt(args));
        expect(status).not.toBe(70);
        if (args[0] !== 'go') expect(`${stderr.toString()}${stdout.toString()}`).toMatch(/name is too long|name too long/i);
      }
    } finally {
      execFileSync('rm', ['-rf', 'deep']); // Node's own removal goes by whole paths
    }
  });

  it('of 20,000 entries takes seconds, and little more memory than one of 100', async () => {
    const told = put('told.cjs', "process.on('exit', () => process.stderr.write(`${process.resourceUsage().maxRSS}`));");
    const memory = async (count: number): Promise<number> => {
      mkdirSync(`many-${count}`);
      for (let i = 0; i < count; i++) writeFileSync(`many-${count}/${i}`, i % 20 === 0 ? elf : `text ${i}`);
      const { status, stdout, stderr } = await finished(spawn(process.execPath, ['--require', told, built.cli, '--no-hash', '--fields', 'path', `many-${count}`], { cwd: folder }));
      expect(status).toBe(0);
      expect(stdout.toString().split('\n').length - 1).toBe(count / 20);
      rmSync(`many-${count}`, { recursive: true });
      return Number(stderr.toString()) / 1024;
    };
    expect((await memory(20_000)) - (await memory(100))).toBeLessThan(96); // MiB
  }, 60_000);
});

describe('a file that changes under the reader', () => {
  const elf = buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', dynamic: [[DT.NEEDED, 'libc.so.6']], sections: [{ name: '.text', type: 1, data: new Uint8Array(200_000) }] });

  it('between the walk and its turn is an error of its own, and ends nothing', async () => {
    mkdirSync('changing');
    for (let i = 10; i < 40; i++) put(`changing/${i}`, elf);
    const told = new Map<string, string>();
    for await (const item of scan(['changing'], { hash: true })) {
      const name = item.path.slice(-2);
      told.set(name, 'error' in item ? item.error.code : 'fine');
      if (name !== '10') continue;
      rmSync('changing/30');
      truncateSync('changing/31', 100);
      truncateSync('changing/32', 20);
      truncateSync('changing/33', 0);
      writeFileSync('changing/34', 'text');
      renameSync('changing/35', 'changing/elsewhere');
      rmSync('changing/36');
      mkdirSync('changing/36');
      if (POSIX) {
        rmSync('changing/37');
        execFileSync('mkfifo', ['changing/37']);
        rmSync('changing/38');
        symlinkSync('/dev/zero', 'changing/38');
      }
    }
    const changed = Object.fromEntries([...told].filter(([name]) => name >= '30'));
    expect(changed).toEqual({ 30: 'io', 31: 'fine', 32: 'truncated', 35: 'io', 36: 'io', ...(POSIX ? { 37: 'io', 38: 'io' } : { 37: 'fine', 38: 'fine' }), 39: 'fine' }); // 33 and 34 are no binaries any more
    expect([...told].filter(([name, word]) => name < '30' && word !== 'fine')).toEqual([]);
  });

  it.each([
    ['is cut', (path: string) => truncateSync(path, 150_000), 'truncated'],
    ['is emptied', (path: string) => truncateSync(path, 0), 'truncated'],
    ['grows', (path: string) => writeFileSync(path, 'more', { flag: 'a' }), 'io'],
    ['is written to', (path: string) => writeFileSync(path, Buffer.concat([elf.subarray(0, 190_000), Buffer.from('x'), elf.subarray(190_001)]), { flag: 'r+' }), 'io'],
  ] as const)('that %s after it was opened has no digest', async (_, change, code) => {
    const path = put('opened', elf);
    const source = await openFile(path);
    try {
      await new Promise((resolve) => setTimeout(resolve, 20)); // for systems whose clocks are coarse
      change(path);
      await expect(inspect(source, { hash: true })).rejects.toMatchObject({ code });
    } finally {
      await source.close();
    }
  });

  it('that is deleted or replaced after it was opened is still the file that was opened', async () => {
    if (!POSIX) return;
    const path = put('opened', elf);
    const source = await openFile(path);
    try {
      put('other', 'something else');
      renameSync('other', path);
      const { sha256, binaries } = await inspect(source, { hash: true });
      expect(sha256).toBe(createHash('sha256').update(elf).digest('hex'));
      expect(binaries[0]?.interpreter).toBe('/lib64/ld-linux-x86-64.so.2');
    } finally {
      await source.close();
    }
  });
});

describe.runIf(POSIX)('standard streams and signals', () => {
  it('an input that never ends is refused at the limit, or hashed as it comes', async () => {
    const list = await finished(spawnShell('head -c 300000000 /dev/zero | node "$CLI" hash -c -'));
    expect(list).toMatchObject({ status: 1 });
    expect(list.stderr.toString()).toContain('more than 268435456 bytes');
    const hashed = await finished(spawnShell('head -c 200000000 /dev/zero | node "$CLI" hash -'));
    expect(hashed.stdout.toString()).toMatch(/^[0-9a-f]{64} {2}-\n$/);
    const policy = await finished(spawnShell('node "$CLI" verify --policy /dev/zero x'));
    expect(policy).toMatchObject({ status: 3 });
    expect(policy.stderr.toString()).toContain('it has more than 16777216 bytes');
  }, 30_000);

  it.each([['-'], ['hash', '-'], ['hash', '-c', '-'], ['hash', '-c'], ['hash']])('an input that ends at once: %s %s', async (...args) => {
    for (const redirect of ['</dev/null', '<&-']) {
      const ended = await finished(spawnShell(`exec node "$CLI" ${args.join(' ')} ${redirect}`));
      expect(ended.status).toBe(args[0] === '-' ? 3 : args.includes('-c') ? 1 : 0);
      if (args[0] === 'hash' && !args.includes('-c')) expect(ended.stdout.toString()).toMatch(/^e3b0c442[0-9a-f]{56} {2}-\n$/);
    }
  });

  it('an output that is closed ends it quietly', async () => {
    mkdirSync('pipes', { recursive: true });
    for (let i = 0; i < 400; i++) put(`pipes/${i}`, buildElf());
    for (const args of ['--json pipes', 'hash -r pipes', 'verify -o json --pie pipes']) {
      const ended = await finished(spawnShell(`node "$CLI" ${args} 2>errors | head -c 100 >/dev/null; exit \${PIPESTATUS[0]}`));
      expect(readFileSync(join(folder, 'errors'), 'utf8')).not.toMatch(/EPIPE|at |Error/);
      expect(ended.status).not.toBe(70);
    }
  }, 30_000);

  it('Ctrl-C ends what waits, with 130', async () => {
    execFileSync('mkfifo', ['waiting']);
    const waiting = [['-'], ['hash', '-'], ['hash', '-c', '-'], ['hash', '-c', 'waiting'], ['verify', '--pie', '--policy', 'waiting', '.']];
    const children = waiting.map((args) => spawnBuilt(args, { stdio: ['pipe', 'pipe', 'pipe'] }));
    const ended = Promise.all(children.map(finished));
    await new Promise((resolve) => setTimeout(resolve, 2500)); // until they wait
    for (const child of children) child.kill('SIGINT');
    expect((await ended).map(({ status }) => status)).toEqual(waiting.map(() => 130));
  }, 20_000);

  it('lists and policies may come through pipes, binaries may not', async () => {
    put('listed', 'x');
    const sum = createHash('sha256').update('x').digest('hex');
    expect((await finished(spawnShell(`exec node "$CLI" hash -c <(sleep 0.2; echo "${sum}  listed")`))).stdout.toString()).toBe('listed: OK\n');
    expect((await finished(spawnShell(`rm -f p; mkfifo p; (sleep 0.5; echo "${sum}  listed" > p) & node "$CLI" hash -c p`))).stdout.toString()).toBe('listed: OK\n');
    put('program', buildElf());
    expect((await finished(spawnShell(`exec node "$CLI" verify --policy <(echo '{"version":1,"defaults":{"kind":"executable"}}') program`))).status).toBe(0);
    const binary = await finished(spawnShell('exec node "$CLI" <(cat program)'));
    expect(binary.status).toBe(3);
    expect(binary.stderr.toString()).toMatch(/is a pipe, not a regular file/);
    expect((await finished(spawnShell('cat program | node "$CLI" --fields kind -'))).stdout.toString()).toBe('executable\n');
    expect((await finished(spawnShell('exec node "$CLI" --fields kind /dev/stdin < program'))).stdout.toString()).toBe('executable\n');
  });
});

describe.runIf(LINUX)('files that are none', () => {
  it.each(['/dev/zero', '/dev/null', '/dev/full', '/dev/urandom'])('%s is a device, for every command', async (path) => {
    if (!existsSync(path)) return;
    expect(await run([path])).toMatchObject({ status: 3, err: `binspect: ${path}: is a device, not a regular file\n` });
    expect(await run(['hash', path])).toMatchObject({ status: 1, err: `binspect: ${path}: is a device, not a regular file\n` });
    expect((await run(['go', path])).status).toBe(1);
    expect((await run(['verify', '--pie', path])).status).toBe(3);
  });

  it('what the kernel writes as it is read is hashed as it is read', async () => {
    expect((await run(['hash', '/proc/version'])).out).toBe(`${createHash('sha256').update(readFileSync('/proc/version')).digest('hex')}  /proc/version\n`);
    expect(await run(['/proc/version'])).toMatchObject({ status: 3, out: '' });
  });

  it('a link of the kernel to a program is that program', async () => {
    const { out, status } = await run(['--no-hash', '--fields', 'format,kind', '/proc/self/exe']);
    expect(status).toBe(0);
    expect(out).toBe('elf\texecutable\n');
  });

  it('memory, and what says nothing for the moment, fail and do not wait', async () => {
    for (const path of ['/proc/self/mem', '/proc/kmsg', '/proc/self/pagemap']) {
      if (!existsSync(path)) continue;
      const { status } = await finished(spawnBuilt([path]));
      expect(status).toBe(3);
    }
  });
});
