// binspect hash held against GNU sha256sum: output, streams, exit status, over generated names, lists and options.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, existsSync, linkSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildEntries } from '../built.ts';
import type { Built } from '../built.ts';
import { random } from '../random.ts';

/** Bytes as a string, a character for each. */
type Bytes = string;

interface Case {
  readonly title: string;
  readonly args: readonly string[];
  readonly input?: Bytes;
  /** Whether the releases of coreutils differ over it: names with backslashes and controls. */
  readonly odd?: boolean;
  /** Lists to write first. */
  readonly lists?: Readonly<Record<string, Bytes>>;
  /** The status, where ours is not theirs. */
  readonly status?: number;
  /** Whether to run as a user who may not read everything. */
  readonly asNobody?: boolean;
}

interface Ran {
  readonly status: number | null;
  readonly out: Bytes;
  readonly err: Bytes;
}

const first = spawnSync('sha256sum', ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? '';
const [, major, minor] = /^sha256sum \(GNU coreutils\) (\d+)\.(\d+)/.exec(first) ?? [];
const usable = major === '9' && Number(minor) <= 10; // 9.11 quotes names in what it says of files
const sameRelease = major === '9' && minor === '1';

const bytes = (text: string): Bytes => Buffer.from(text, 'utf8').toString('latin1');
const digestOf = (content: Bytes): string => createHash('sha256').update(content, 'latin1').digest('hex');

/** Names and contents. What follows `odd` is shown differently by other releases. */
const PLAIN: readonly Bytes[] = ['a', 'b', 'empty', 'sp ace', ' lead', 'trail ', '*star', '-dash', '#hash', '~tilde', 'c:d', "it's", 'p(a)r', 'x) = y', 'q"uote', 'dir/x', 'dir/deep/y', bytes('ünï'), bytes('日本'), '$var', 'a;b', 'large'];
const ODD: readonly Bytes[] = ['n\nl', 'b\\s', 'cr\rx', 'end\r', '\\lead', 'bad\xff', 'esc\x1b[0m', 'tab\tx', 'both\\\n', "q'\x01u", bytes('é') + '\xc3'];
const NAMES = [...PLAIN, ...ODD];
const contentOf = (name: Bytes): Bytes => (name === 'empty' ? '' : name === 'large' ? 'large'.repeat(500_000) : `content of ${name}`);
const right = (name: Bytes): string => digestOf(contentOf(name));
const WRONG = digestOf('wrong');

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
const escape = (name: Bytes): Bytes => name.replace(/[\\\n\r]/g, (character) => ESCAPES[character] as string);

/** Lines of every kind, for a name. */
const LINES: readonly (readonly [string, (name: Bytes) => Bytes])[] = [
  ['standard', (name) => plain(right(name), '  ', name)],
  ['standard', (name) => plain(right(name), '  ', name)],
  ['binary', (name) => plain(right(name), ' *', name)],
  ['upper case', (name) => plain(right(name).toUpperCase(), '  ', name)],
  ['wrong', (name) => plain(WRONG, '  ', name)],
  ['tagged', (name) => tagged(right(name), 'SHA256 (', name, ') = ')],
  ['tagged tight', (name) => tagged(right(name), 'SHA256(', name, ')=')],
  ['tagged wide', (name) => tagged(right(name), 'SHA256 (', name, ')  \t=   ')],
  ['tagged wrong', (name) => tagged(WRONG, 'SHA256 (', name, ') = ')],
  ['reversed', (name) => plain(right(name), ' ', name)],
  ['tab', (name) => plain(right(name), '\t', name)],
  ['indented', (name) => ` \t${plain(right(name), '  ', name)}`],
  ['missing', (name) => plain(WRONG, '  ', `no ${name}`)],
  ['folder', () => plain(WRONG, '  ', 'dir')],
  ['below a file', () => plain(WRONG, '  ', 'a/x')],
  ['loop', () => plain(WRONG, '  ', 'loop')],
  ['no name', () => `${WRONG}  `],
  ['digest only', () => WRONG],
  ['one blank', () => `${WRONG} `],
  ['too long', (name) => `${WRONG}0  ${name.replace(/[\n\r]/g, '')}`],
  ['too short', (name) => `${WRONG.slice(1)}  ${name.replace(/[\n\r]/g, '')}`],
  ['no hexadecimal', () => `${'g'.repeat(64)}  a`],
  ['swapped', () => `a  ${right('a')}`],
  ['another tag', () => `SHA512 (a) = ${WRONG}${WRONG}`],
  ['a small tag', () => `sha256 (a) = ${WRONG}`],
  ['a tag without end', () => `SHA256 (a = ${WRONG}`],
  ['a tag with more', () => `SHA256 (a) = ${WRONG} `],
  ['a wrong escape', () => `\\${WRONG}  a\\tb`],
  ['a cut escape', () => `\\${WRONG}  a\\`],
  ['an empty tag', () => `SHA256 () = ${WRONG}`],
  ['comment', () => `# ${WRONG}  a`],
  ['empty', () => ''],
  ['words', () => 'These are the sums:'],
];

function plain(digest: string, between: string, name: Bytes): Bytes {
  return escape(name) === name ? `${digest}${between}${name}` : `\\${digest}${between}${escape(name)}`;
}

function tagged(digest: string, before: string, name: Bytes, after: string): Bytes {
  return `${escape(name) === name ? '' : '\\'}${before}${escape(name)}${after}${digest}`;
}

const chance = random(4);
const pick = <T>(choices: readonly T[]): T => choices[Math.floor(chance() * choices.length)] as T;
const some = <T>(choices: readonly T[], most: number): T[] => Array.from({ length: Math.floor(chance() * (most + 1)) }, () => pick(choices));

/** A list of a few lines, mostly good ones. */
function list(names: readonly Bytes[]): Bytes {
  const end = chance() < 0.2 ? '\r\n' : '\n';
  const lines = Array.from({ length: 1 + Math.floor(chance() * 6) }, () => (chance() < 0.4 ? (LINES[0] as (typeof LINES)[0]) : pick(LINES))[1](pick(names)));
  return lines.join(end) + (chance() < 0.8 ? end : '');
}

const CHECK_OPTIONS = ['--ignore-missing', '--quiet', '--status', '--strict', '-w', '--warn'];

function generatedChecks(): Case[] {
  return Array.from({ length: 140 }, (_, i): Case => {
    const odd = i % 3 === 2;
    const names = odd ? NAMES : PLAIN;
    const lists = { first: list(names), second: list(names) };
    const options = ['-c', ...some(CHECK_OPTIONS, 3)];
    const operands = pick([['first'], ['first'], ['first', 'second'], [], ['-'], ['first', 'nowhere', 'second'], ['dir', 'first'], ['nothing'], ['-', 'second']]);
    return { title: `${i}: ${[...options, ...operands].join(' ')}`, args: [...options, ...operands], lists, input: lists.first, odd };
  });
}

function generatedListings(): Case[] {
  return Array.from({ length: 40 }, (_, i): Case => {
    const odd = i % 2 === 1;
    const names = some((odd ? [...PLAIN, 'n\nl', 'b\\s', 'cr\rx', 'tab\tx', '\\lead'] : PLAIN).map((name) => Buffer.from(name, 'latin1').toString('utf8')), 5);
    const others = some(['no such', 'dir', 'a/x', 'loop', '-', "it's not", '#no', 'no:such', 'no$', '{', 'a{', '=x'], 2);
    const options = pick([[], [], ['-b'], ['-t'], ['--tag'], ['-z'], ['-bz'], ['--tag', '-z'], ['-t', '--tag'], ['-b', '-t'], ['-t', '-b'], ['--binary'], ['--zero']]);
    const args = [...options, '--', ...names, ...others];
    return { title: `${i}: ${JSON.stringify(args)}`, args, input: 'input', odd };
  });
}

const A = right('a');

/** What chance may not find. */
const CHECKS: readonly Case[] = [
  { title: 'the form of one list holds for the next', args: ['-cw', 'first', 'second'], lists: { first: `${A}  a\n`, second: `${A} a\n` } },
  { title: 'and the other way round', args: ['-cw', 'first', 'second'], lists: { first: `${A} a\n`, second: `${A}  a\n` } },
  { title: 'a tagged line sets no form', args: ['-cw', 'first'], lists: { first: `SHA256 (a) = ${A}\n${A} a\n${A}  a\n` } },
  { title: 'a wrongly escaped line does', args: ['-cw', 'first'], lists: { first: `\\${A} a\\x\n${A}  a\n` } },
  { title: 'a name of one character after two blanks', args: ['-cw', 'first'], lists: { first: `${A}  a\n${A}  \n` } },
  { title: 'standard input in a list', args: ['-c', 'first'], lists: { first: `${A}  -\n${A}  -\n` }, input: contentOf('a') },
  { title: 'standard input in two lists', args: ['-c', 'first', 'first'], lists: { first: `${A}  -\n` }, input: contentOf('a') },
  { title: 'standard input in itself', args: ['-cw'], input: `${A}  -\n${A}  a\n` },
  { title: 'a list from standard input, then its name', args: ['-c', '-', 'first'], lists: { first: `${A}  -\n` }, input: `${A}  a\n` },
  { title: 'an empty standard input', args: ['-c'], input: '' },
  { title: 'an empty standard input, silently', args: ['-c', '--status'], input: '' },
  { title: 'nothing but comments', args: ['-c', 'first'], lists: { first: '# nothing\n\n' } },
  { title: 'nothing verified', args: ['-c', '--ignore-missing', 'first'], lists: { first: `${A}  nowhere\n` } },
  { title: 'nothing verified, silently', args: ['-c', '--ignore-missing', '--status', 'first'], lists: { first: `${A}  nowhere\n` } },
  { title: 'nothing verified and malformed', args: ['-c', '--ignore-missing', '--strict', 'first'], lists: { first: `${A}  nowhere\nbad\n` } },
  { title: 'a name below a file is not missing', args: ['-c', '--ignore-missing', 'first'], lists: { first: `${A}  a/x\n` } },
  { title: 'one of each', args: ['-c', 'first'], lists: { first: `${A}  a\n${WRONG}  a\n${A}  nowhere\nbad\n` } },
  { title: 'two of each', args: ['-c', 'first'], lists: { first: `${A}  a\n${WRONG}  a\n${A}  nowhere\nbad\n`.repeat(2) } },
  { title: 'strict', args: ['-c', '--strict', 'first'], lists: { first: `${A}  a\nbad\n` } },
  { title: 'not strict', args: ['-c', 'first'], lists: { first: `${A}  a\nbad\n` } },
  { title: 'many lines', args: ['-c', 'first'], lists: { first: PLAIN.map((name) => plain(right(name), '  ', name)).join('\n').concat('\n').repeat(30) } },
  { title: 'two carriage returns', args: ['-c', 'first'], lists: { first: `${A}  a\r\r\n` } },
  ...['--quiet --warn', '--warn --quiet', '--status --quiet', '--quiet --status', '--status --warn', '--warn --status', '--quiet --status --quiet', '--warn --quiet --warn'].map(
    (options): Case => ({ title: options, args: ['-c', ...options.split(' '), 'first'], lists: { first: `${A}  a\nbad\n${WRONG}  a\n` } }),
  ),
  { title: 'a file that may not be read', args: ['secret', 'a'], asNobody: true },
  { title: 'a file in a list that may not be read', args: ['-c', 'first'], lists: { first: `${A}  secret\n${A}  a\n` }, asNobody: true },
  { title: 'a list that may not be read', args: ['-c', 'secret', 'first'], lists: { first: `${A}  a\n` }, asNobody: true },
  { title: 'a long name', args: ['x'.repeat(300)] },
  { title: 'an empty name', args: [''] },
  { title: 'standard input twice', args: ['-', '-'], input: 'input' },
  { title: 'no operand', args: [], input: 'input' },
];

const USAGE: readonly Case[] = [
  ...['--quiet', '--status', '--warn', '--strict', '--ignore-missing'].map((option): Case => ({ title: `${option} without -c`, args: [option, 'a'], status: 2 })),
  ...['--tag', '-z', '-b', '-t'].map((option): Case => ({ title: `-c ${option}`, args: ['-c', option, 'first'], status: 2 })),
  { title: '--tag -t', args: ['--tag', '-t', 'a'], status: 2 },
  { title: '--tag -t -c', args: ['--tag', '-t', '-c', 'a'], status: 2 },
  { title: '-c -z --tag', args: ['-c', '-z', '--tag', 'a'], status: 2 },
];

let built: Built;
const folder = mkdtempSync(join(tmpdir(), 'binspect-sha256sum-'));
chmodSync(folder, 0o755); // for the cases that run as somebody else
afterAll(() => {
  rmSync(folder, { recursive: true });
  built?.remove();
});

const inFolder = (root: string, name: Bytes): Buffer => Buffer.from(`${root}/${name}`, 'latin1');

/** All files in a folder of their own; hard links serve every case. */
function prepare(root: string): void {
  const pool = join(folder, 'pool');
  const fresh = !existsSync(pool);
  for (const place of fresh ? [pool, root] : [root]) mkdirSync(join(place, 'dir/deep'), { recursive: true });
  for (const name of NAMES) {
    if (fresh) writeFileSync(inFolder(pool, name), contentOf(name), 'latin1');
    linkSync(inFolder(pool, name), inFolder(root, name));
  }
  writeFileSync(join(root, 'nothing'), '');
  writeFileSync(join(root, 'secret'), 'secret', { mode: 0 });
  symlinkSync('loop', join(root, 'loop'));
}

/** Runs a program; with `together`, both its streams into one file, in the order in which it writes. */
async function run(command: string, args: readonly string[], { input = '', asNobody = false }: Case, cwd: string, together = false): Promise<Ran> {
  const merged = join(cwd, '..', `${command.replace(/.*\//, '')}.merged`);
  const descriptor = together ? openSync(merged, 'w') : null;
  const who = asNobody && process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const child = spawn(command, args, { cwd, env: { ...process.env, LC_ALL: 'C.UTF-8' }, stdio: ['pipe', descriptor ?? 'pipe', descriptor ?? 'pipe'], ...who });
  const streams = [child.stdout, child.stderr].map(async (stream) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('latin1');
  });
  child.stdin?.on('error', () => {}); // it may not want it
  child.stdin?.end(input, 'latin1');
  const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (descriptor !== null) closeSync(descriptor);
  const [out, err] = (await Promise.all(streams)) as [Bytes, Bytes];
  return { status, out: together ? readFileSync(merged, 'latin1') : out, err };
}

/** What both have to say: the program's name is ours, and hints are ours alone. After --zero a message follows a NUL. */
function common(text: Bytes): Bytes {
  return text.replace(/(?<![^\n\0])(binspect: hint: |Try ').*\n/g, '').replace(/(?<![^\n\0])sha256sum: /g, 'binspect: ');
}

async function compare(one: Case, id: string): Promise<void> {
  const cwd = join(folder, id, 'files');
  mkdirSync(cwd, { recursive: true });
  prepare(cwd);
  for (const [name, text] of Object.entries(one.lists ?? {})) writeFileSync(join(cwd, name), text, 'latin1');
  const both = one.status === undefined && id.endsWith('0'); // a process takes its time: the order among the streams is looked at in every tenth case
  for (const together of both ? [false, true] : [false]) {
    const theirs = await run('sha256sum', one.args, one, cwd, together);
    const ours = await run(process.execPath, [built.cli, 'hash', ...one.args], one, cwd, together);
    expect({ status: ours.status, out: common(ours.out), err: common(ours.err) }).toEqual({ status: one.status ?? theirs.status, out: common(theirs.out), err: common(theirs.err) });
    if (!together && one.status === undefined) expect(ours.out).toBe(theirs.out);
    if (one.status !== undefined) expect(theirs.status).toBe(1);
  }
  rmSync(join(folder, id), { recursive: true });
}

if (!usable) console.warn(`SKIPPED: GNU sha256sum 9.0 to 9.10 is not here (${first === '' ? 'no sha256sum' : first})`);
else if (!sameRelease) console.warn(`SKIPPED: names with controls; they are compared with coreutils 9.1, and this is ${first}`);

it.runIf(process.env['CI'] === 'true')('has GNU sha256sum to compare with', () => expect(usable).toBe(true));

describe.runIf(usable)('sha256sum', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    built = await buildEntries({ cli: 'src/cli.ts' });
  });

  const groups: readonly (readonly [string, readonly Case[]])[] = [
    ['generated lists', generatedChecks()],
    ['lists', CHECKS],
    ['generated listings', generatedListings()],
    ['wrong usage', USAGE],
  ];
  for (const [group, cases] of groups) {
    const wanted = cases.filter(({ odd }) => odd !== true || sameRelease);
    describe(group, () => {
      it.concurrent.each(wanted.map((one, index) => [one.title, one, `${group} ${index}`] as const))('%s', async (_, one, id) => compare(one, id));
    });
  }

  it('is compared over at least 150 cases', () => {
    expect(groups.reduce((sum, [, cases]) => sum + cases.length, 0)).toBeGreaterThanOrEqual(150);
  });
});
