// binspect go PATH…: what `go version -m` prints of these files and folders, byte for byte.

import { lstatSync, readdirSync, statSync } from 'node:fs';
import type { Dirent, Stats } from 'node:fs';
import { join } from 'node:path';
import { entriesOf } from '../bytes/folder.ts';
import { readSync } from '../bytes/input.ts';
import { scanSync } from '../bytes/search.ts';
import { openFileSync, systemPath } from '../bytes/source-file.ts';
import { MemorySource } from '../bytes/source.ts';
import type { SyncSource } from '../bytes/source.ts';
import { decodeText, encodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { GO_SAYS, readBuildInfo } from '../golang/build-info.ts';
import { anyCandidates, goView } from '../golang/facts.ts';
import { goBuild } from '../golang/go-build.ts';
import { parseModules } from '../golang/modules.ts';
import { mayBeInside } from '../inspect/open-input.ts';
import { LIMITS } from '../limits.ts';
import type { Limits } from '../limits.ts';
import type { GoBuild } from '../model/binary.ts';
import { wordIn } from '../model/names.ts';
import { renderGoVersion, renderGoVersionJson } from '../render/go-version.ts';
import { escapedJson } from '../render/json.ts';
import { visible } from '../render/visible.ts';
import type { Command, Values } from './arguments.ts';
import type { Terminal } from './streams/terminal.ts';

export const go: Command = {
  name: 'go',
  summary: 'Print the Go build information of programs, exactly as `go version -m` does',
  usage: ['binspect go [OPTION…] PATH…'],
  options: [
    { name: 'json', help: "Go's own JSON form, as go version -m -json" },
    { name: 'modules', short: 'm', negative: 'print the version alone, as go version PATH', help: 'print modules and settings too (it does by default)' },
    { name: 'recover', help: "print also what Go's own reader doesn't see, and say so on standard error" },
    { name: 'verbose', short: 'v', help: 'say which files of a folder are no Go programs' },
  ],
  examples: [
    ['binspect go program', 'version, modules and settings of one program'],
    ['binspect go --no-modules /usr/local/bin', 'the version of every Go program in a folder'],
    ['binspect go --recover bin/esbuild', 'a program whose build information was removed'],
  ],
  notes: [
    'Folders are walked; what is no Go program in them is skipped. Of a universal file the first slice is read, as Go does.',
    'Exit status: 0 fine, 1 a file that was named is no Go program (with --no-modules: is not there), 2 wrong usage.',
  ],
  run,
};

const MIB = 1024 * 1024;

/** What is read: a file, or a member of an archive. */
interface GoSource extends SyncSource {
  /** Bytes that the disk holds for it. */
  readonly stored: number;
}

/** How much longer than what the disk holds for a file a table in it may be: file systems compress. */
const SPARSE = 64;

/**
 * What Go's reader may read of a file: twice the tables that an inspection allows, of which the largest real ones measured take a third.
 * A sparse file has tables that nobody wrote; Go would read them all.
 */
function goLimits({ stored }: GoSource): Limits {
  return { ...LIMITS, fetchedBytes: 64 * MIB, goTableBytes: Math.min(32 * MIB, MIB + SPARSE * stored) };
}

interface Options {
  readonly json: boolean;
  readonly modules: boolean;
  readonly recover: boolean;
  readonly verbose: boolean;
}

/** One run of the command: its options, where it prints, its exit status so far. */
interface Session {
  readonly options: Options;
  readonly terminal: Terminal;
  status: number;
}

async function run(values: Values, paths: readonly string[], terminal: Terminal): Promise<number> {
  const options: Options = {
    json: values['json'] === true,
    modules: values['modules'] !== false,
    recover: values['recover'] === true,
    verbose: values['verbose'] === true,
  };
  if (paths.length === 0) throw new BinspectError('invalid-argument', 'name a Go program, or a folder to look for Go programs in');
  if (options.json && !options.modules) throw new BinspectError('invalid-argument', '--json has the modules in it: it does not go with --no-modules');
  const session: Session = { options, terminal, status: 0 };
  for (const path of paths) {
    if (terminal.closed) break;
    const stats = statOf(path);
    if (stats instanceof Error && mayBeInside(path)) {
      if (!(await tellMember(session, path)) && options.modules) session.status = 1;
    } else if (stats instanceof Error) {
      complain(session, `${systemText('stat', path, stats)}`);
      session.status = 1;
    } else if (stats.isDirectory()) {
      await walk(session, path);
    } else if (!(await tell(session, path, stats, true)) && options.modules) session.status = 1;
  }
  return session.status;
}

/** What is printed on a terminal: lines and tabs are Go's, so that nothing else may have any, nor anything that a terminal would obey. */
function safe(text: string): string {
  return text.replace(/[^\n\t]+/g, visible);
}

/** A program's name and version as they are printed: on a terminal each on one line; elsewhere as they are. */
function onOneLine(path: string, build: GoBuild, isTerminal: boolean): [string, GoBuild] {
  return isTerminal ? [visible(path), { ...build, version: build.version === null ? null : visible(build.version) }] : [path, build];
}

/** Says one line on standard error. */
function complain({ terminal }: Session, text: string): void {
  terminal.err(encodeText(`${terminal.errIsTerminal ? visible(text) : text}\n`));
}

function statOf(path: string): Stats | Error {
  try {
    return statSync(systemPath(path));
  } catch (error) {
    return error as Error;
  }
}

/** What the system's errors are called in Go (its errno tables). */
const SYSTEM_TEXTS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EIO: 'input/output error',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EOVERFLOW: 'value too large for defined data type',
  EPERM: 'operation not permitted',
};
const WINDOWS_TEXTS: Readonly<Record<string, string>> = {
  EACCES: 'Access is denied.',
  ENOENT: 'The system cannot find the file specified.',
  EPERM: 'Access is denied.',
};

/** An error of the system as Go prints it: `stat x: no such file or directory`. */
function systemText(call: string, path: string, error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  const windows = process.platform === 'win32';
  const text = wordIn(windows ? WINDOWS_TEXTS : SYSTEM_TEXTS, code) ?? error.message;
  return `${windows ? 'CreateFile' : call} ${path}: ${text}`;
}

/** The entries of a folder in the order of their names' bytes; none where it can't be read. */
function childrenOf(folder: string): { name: string; entry: Dirent | Dirent<Buffer> }[] {
  try {
    if (process.platform === 'win32') return readdirSync(folder, { withFileTypes: true }).map((entry) => ({ name: entry.name, entry })).sort(byName);
    return entriesOf(folder).map((entry) => ({ name: decodeText(entry.name), entry }));
  } catch {
    return []; // as in Go, which goes on with what is left
  }
}

function byName(a: { name: string }, b: { name: string }): number {
  return Buffer.compare(encodeText(a.name), encodeText(b.name));
}

/** Walks a folder as filepath.WalkDir does: depth first, links to folders not followed. A link that is named itself is not walked either. */
async function walk(session: Session, folder: string): Promise<void> {
  const stats = lstatSync(systemPath(folder));
  if (stats.isSymbolicLink()) await tell(session, folder, stats, session.options.verbose);
  else await walkFolder(session, folder);
}

async function walkFolder(session: Session, folder: string): Promise<void> {
  for (const { name, entry } of childrenOf(folder)) {
    if (session.terminal.closed) return;
    const path = join(folder, name);
    if (entry.isDirectory()) await walkFolder(session, path);
    else if (entry.isFile() || entry.isSymbolicLink()) await visit(session, path);
  }
}

async function visit(session: Session, path: string): Promise<void> {
  const { verbose } = session.options;
  let stats: Stats;
  try {
    stats = lstatSync(systemPath(path));
  } catch (error) {
    if (verbose) complain(session, `${path}: ${systemText('lstat', path, error as Error)}`);
    return;
  }
  await tell(session, path, stats, verbose);
}

/** Whether Go takes a file for a program whose failures are worth a word: it may be executed, or is called like a library. */
function mayBeProgram(path: string, stats: Stats): boolean {
  if (stats.isFile() && (stats.mode & 0o111) !== 0) return true;
  const name = path.toLowerCase();
  return /\.(so|exe|dll)$/.test(name) || name.includes('.so.');
}

/** Prints what is known of one file; gives whether it is a Go program. `loud`: whether a failure is worth a word. */
async function tell(session: Session, path: string, named: Stats, loud: boolean): Promise<boolean> {
  let stats = named;
  if (stats.isSymbolicLink()) {
    const target = statOf(path);
    if (target instanceof Error || !target.isFile()) {
      if (loud) complain(session, `${path}: symlink`);
      return false;
    }
    stats = target;
  }
  const answer = stats.isFile() ? answerOf(path, session.options.recover) : GO_SAYS.UNRECOGNIZED; // Go would wait for ever at a pipe
  if (answer === null) {
    if (loud) complain(session, `${path}`);
    return false;
  }
  if (typeof answer === 'string') {
    if (loud && mayBeProgram(path, stats)) complain(session, `${path}: could not read Go build info from ${path}: ${answer}`);
    return false;
  }
  await printAnswer(session, path, answer);
  return true;
}

async function printAnswer(session: Session, path: string, answer: Answer): Promise<void> {
  const { json, modules } = session.options;
  const { terminal } = session;
  const isTerminal = terminal.outIsTerminal;
  const text = json ? renderGoVersionJson(answer.build) : renderGoVersion(...onOneLine(path, answer.build, isTerminal), modules);
  await terminal.out(encodeText(!isTerminal ? text : json ? escapedJson(text) : safe(text)));
  if (answer.because !== null) complain(session, `${path}: recovered: ${answer.because}`);
}

/** Prints what is known of a member of an archive; gives whether it is a Go program. */
async function tellMember(session: Session, path: string): Promise<boolean> {
  let answer: Answer | string;
  try {
    const opened = await (await import('../inspect/open-member.ts')).openMember(path, {});
    if (opened === null) {
      complain(session, systemText('stat', path, statOf(path) as Error));
      session.status = 1;
      return false;
    }
    try {
      if (opened.source.size > LIMITS.memberBytes) throw new BinspectError('limit-exceeded', `it has more than ${LIMITS.memberBytes} bytes, which is what may be held (the limit memberBytes)`);
      const bytes = opened.bytes ?? (await opened.source.read(0, opened.source.size));
      answer = answerIn(Object.assign(new MemorySource(bytes), { stored: bytes.length }), session.options.recover);
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    complain(session, `${path}: ${error.message}`);
    session.status = 1;
    return false;
  }
  if (typeof answer === 'string') complain(session, `${path}: could not read Go build info from ${path}: ${answer}`);
  else await printAnswer(session, path, answer);
  return typeof answer !== 'string';
}

/** What is known of a program, and where Go's own reader doesn't see it what told it. */
interface Answer {
  readonly build: GoBuild;
  readonly because: string | null;
}

/** What Go's reader finds in a file, or what it says instead; null where the file can't be opened. */
function answerOf(path: string, recover: boolean): Answer | string | null {
  let source: ReturnType<typeof openFileSync>;
  try {
    source = openFileSync(path);
  } catch {
    return null;
  }
  try {
    return answerIn(source, recover);
  } finally {
    source.closeSync();
  }
}

function answerIn(source: GoSource, recover: boolean): Answer | string {
  try {
    const said = readGo(source);
    return typeof said === 'string' && recover ? (recoverGo(source) ?? said) : said;
  } catch (error) {
    if (error instanceof BinspectError) return GO_SAYS.UNRECOGNIZED; // it shrank, or the disk failed
    throw error;
  }
}

function readGo(source: GoSource): Answer | string {
  const view = readSync(source, goView, goLimits(source));
  if (typeof view === 'string') return GO_SAYS.UNRECOGNIZED;
  const whole = { at: 0, length: source.size };
  const stored = scanSync(source, whole, readBuildInfo(view, { searched: Math.min(2 * source.size, SPARSE * (MIB + source.stored)), text: 16 * MIB }));
  if (typeof stored === 'string') return stored;
  const modules = parseModules(stored.modules);
  if (typeof modules === 'string') return modules;
  return { build: { version: decodeText(stored.version), buildInfo: 'present', ...modules, buildId: null }, because: null };
}

/** What can be told of a program without Go's own reader: of a universal file the first slice that shows. */
function recoverGo(source: GoSource): Answer | null {
  for (const { candidate, part } of readSync(source, anyCandidates, LIMITS)) {
    const { go: build, because } = scanSync(source, part, goBuild(candidate, LIMITS));
    if (build !== null) return { build, because: because['go'] ?? null };
  }
  return null;
}
