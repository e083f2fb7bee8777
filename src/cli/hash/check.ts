// Checking sums: each list and the files that it names, with sha256sum's words and statuses.

import { absolutePath, pathIn, slashed } from '../../bytes/folder.ts';
import { ioError } from '../../bytes/source-file.ts';
import { bytesOfStream } from '../../bytes/stream.ts';
import { checkSums } from '../../checksums/check.ts';
import type { ChecksumResult } from '../../checksums/check.ts';
import type { ChecksumList } from '../../checksums/list.ts';
import { parseChecksums } from '../../checksums/parse.ts';
import { BinspectError } from '../../errors.ts';
import { visible } from '../../render/visible.ts';
import { quoted } from '../shell-quote.ts';
import { gathered } from '../streams/output.ts';
import type { Output } from '../streams/output.ts';
import { progressLine } from '../streams/progress.ts';
import type { Progress } from '../streams/progress.ts';
import type { Terminal } from '../streams/terminal.ts';
import { readTextFile } from '../streams/text-file.ts';
import { errorRecord, filesNamed, insideArchive, jsonLine, reason, sizeOfAll, standardInputOf } from './input.ts';
import type { StandardInput } from './input.ts';
import type { HashSettings } from './settings.ts';

const LARGEST_LIST = 256 * 1024 * 1024; // bytes: more than a million names of the greatest length

/** One run of `hash --check`: what its lists share. */
interface Run {
  readonly settings: HashSettings;
  readonly terminal: Terminal;
  readonly input: StandardInput;
  readonly output: Output;
  /** The line of progress of the list at hand. */
  progress: Progress | null;
  /** The form of the lists so far. */
  form: ChecksumList['form'];
}

/** What came of the lines of a list. */
interface Tally {
  matched: number;
  mismatched: number;
  unread: number;
  malformed: number;
}

/** Checks the lists that are named; gives the exit status. */
export async function check(operands: readonly string[], settings: HashSettings, terminal: Terminal): Promise<number> {
  const lists = operands.length === 0 ? ['-'] : settings.requireAll ? operands.slice(0, 1) : operands;
  const output = gathered(terminal, () => run.progress?.clear());
  const run: Run = { settings, terminal, input: standardInputOf(terminal), output, progress: null, form: null };
  let fine = true;
  for (const name of lists) {
    const list = await readList(name, run);
    if (list === null || !(await checkList(name, list, run))) fine = false;
    if (settings.requireAll && list !== null && !(await covers(name, list, operands.slice(1), run))) fine = false;
    if (terminal.closed) break;
  }
  await output.flush();
  return fine ? 0 : 1;
}

/** A list's name in messages. */
function titleOf(list: string): string {
  return quoted(list === '-' ? 'standard input' : list);
}

/** Says what is wrong with a list as a whole. */
async function complain(list: string, text: string, error: BinspectError, { settings, output }: Run): Promise<void> {
  if (settings.json) await output.write(jsonLine({ path: list, error: errorRecord(error) }));
  else await output.message(`${titleOf(list)}: ${text}`);
}

/** Reads a list whole; null, with the reason told, where that fails. Here a pipe is as good as a file. */
async function readList(name: string, run: Run): Promise<ChecksumList | null> {
  const standardInput = name === '-';
  try {
    const bytes = standardInput ? await bytesOfStream(run.input.chunks(), LARGEST_LIST, name) : await readTextFile(name, LARGEST_LIST);
    const list = parseChecksums(bytes, { ...(standardInput ? {} : { file: name }), standardInput, form: run.form });
    run.form = list.form;
    return list;
  } catch (error) {
    const failure = error instanceof BinspectError ? error : ioError(error, name);
    const atOpening = !(failure.cause instanceof Error && 'syscall' in failure.cause && failure.cause.syscall === 'read');
    await complain(name, atOpening ? reason(failure) : 'read error', failure, run);
    return null;
  }
}

/** Checks the files of a list, and says what came of them; whether all is as it should be. */
async function checkList(name: string, list: ChecksumList, run: Run): Promise<boolean> {
  const { settings, terminal, output, input } = run;
  if (settings.says !== 'status' && !settings.json) await remarkOn(name, list, output);
  const directory = folderFor(name, list);
  const progress = progressLine(terminal, () => sizeOfAll(list.entries.map((entry) => pathIn(directory, entry.name))));
  run.progress = progress;
  const tally: Tally = { matched: 0, mismatched: 0, unread: 0, malformed: 0 };
  const options = { directory, jobs: settings.jobs, standardInput: input.digest, onProgress: progress?.update, search: settings.says !== 'status' };
  for await (const checked of checkSums(list, options)) {
    const result = await checkedInside(checked);
    if (settings.ignoreMissing && result.status === 'missing') continue;
    count(result, tally);
    await (settings.json ? showJson(name, result, run) : show(name, result, run));
    if (terminal.closed) break;
  }
  progress?.clear();
  if (list.entries.length === 0) {
    const text = 'no properly formatted checksum lines found';
    await complain(name, text, new BinspectError('malformed', text, { path: name }), run);
    return false;
  }
  if (settings.says !== 'status') await summarize(name, tally, run);
  return tally.matched > 0 && tally.mismatched === 0 && tally.unread === 0 && !(settings.strict && tally.malformed > 0);
}

/** What came of a line whose file is a member of an archive, where no file has that name. */
async function checkedInside(result: ChecksumResult): Promise<ChecksumResult> {
  const { path, error, expected } = result;
  if (path === null || error === null) return result;
  const { sha256, error: failure } = await insideArchive({ path, size: null, sha256: null, error });
  if (failure !== null) return failure === error ? result : { ...result, error: failure };
  return { ...result, status: sha256 === expected ? 'ok' : 'mismatch', actual: sha256, error: null };
}

/** Where the names of a list begin: at the working directory, but a digest alone is that of a file beside the list. */
function folderFor(list: string, { entries }: ChecksumList): string {
  return entries[0]?.style === 'bare' ? list.slice(0, slashed(list).lastIndexOf('/') + 1) : '';
}

/** What a reader of the list should know that sha256sum would stumble over. */
async function remarkOn(name: string, { encoding, signed }: ChecksumList, output: Output): Promise<void> {
  if (encoding !== 'utf-8') await output.message(`hint: ${titleOf(name)}: it is written in ${encoding}, which sha256sum does not read`);
  if (signed) await output.message(`hint: ${titleOf(name)}: the list's PGP signature is not verified`);
}

function count({ status }: ChecksumResult, tally: Tally): void {
  if (status === 'ok') tally.matched++;
  else if (status === 'mismatch') tally.mismatched++;
  else if (status === 'malformed') tally.malformed++;
  else tally.unread++;
}

/** A name in a line of results: as it is, but on one line. On a terminal, other controls are escaped too. */
function shown(name: string, terminal: Terminal): string {
  const text = name.includes('\n') ? `\\${name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}` : name;
  return terminal.outIsTerminal ? visible(text) : text;
}

async function show(list: string, { line, path, status, error, foundAs }: ChecksumResult, { settings: { says }, terminal, output }: Run): Promise<void> {
  if (path === null) {
    if (says !== 'warn') return;
    await output.message(`${titleOf(list)}: ${line}: improperly formatted SHA256 checksum line`);
    await output.message(`hint: ${titleOf(list)}: ${line}: ${error?.message ?? ''}`);
    return;
  }
  if (error !== null) await output.message(`${quoted(path)}: ${reason(error)}`);
  if (says === 'status' || (says === 'quiet' && status === 'ok')) return;
  const word = status === 'ok' ? 'OK' : status === 'mismatch' ? 'FAILED' : 'FAILED open or read';
  await output.write(`${shown(path, terminal)}: ${word}\n`);
  if (foundAs !== null) await output.message(`hint: ${quoted(path)}: a file with this digest exists as ${quoted(foundAs)}`);
}

async function showJson(list: string, result: ChecksumResult, { settings: { says }, output }: Run): Promise<void> {
  const { line, path, status, expected, actual, error, foundAs } = result;
  if (says === 'status' || (says === 'quiet' && status === 'ok')) return;
  await output.write(jsonLine({ list, line, path, status, expected, actual, error: error === null ? null : errorRecord(error), foundAs }));
}

/** What was wrong in all. */
async function summarize(list: string, { malformed, unread, mismatched, matched }: Tally, run: Run): Promise<void> {
  const { settings, output } = run;
  if (!settings.json) {
    if (malformed > 0) await output.message(`WARNING: ${malformed === 1 ? '1 line is' : `${malformed} lines are`} improperly formatted`);
    if (unread > 0) await output.message(`WARNING: ${unread === 1 ? '1 listed file' : `${unread} listed files`} could not be read`);
    if (mismatched > 0) await output.message(`WARNING: ${mismatched === 1 ? '1 computed checksum' : `${mismatched} computed checksums`} did NOT match`);
  }
  if (settings.ignoreMissing && matched === 0) await complain(list, 'no file was verified', new BinspectError('io', 'no file was verified', { path: list }), run);
}

/** Whether a list names each of these files, and each file of these folders (but the list itself). Tells those that it does not. */
async function covers(name: string, list: ChecksumList, named: readonly string[], run: Run): Promise<boolean> {
  const { settings, output } = run;
  const listed = new Set(list.entries.map((entry) => absolutePath(pathIn(folderFor(name, list), entry.name))));
  const own = absolutePath(name);
  let all = true;
  const miss = async (path: string, text: string, error: BinspectError | null): Promise<void> => {
    all = false;
    if (settings.json) await output.write(jsonLine({ list: name, line: null, path, status: error === null ? 'unlisted' : 'unreadable', expected: null, actual: null, error: error && errorRecord(error), foundAs: null }));
    else if (settings.says !== 'status') await output.message(`${quoted(path)}: ${text}`);
  };
  for await (const item of filesNamed(named)) {
    const path = absolutePath(item.path);
    if (item.passedOver === null && !listed.has(path) && path !== own) await miss(item.path, `is not in ${titleOf(name)}`, null);
    else if (item.passedOver !== null && item.error !== null) await miss(item.path, reason(item.error), item.error);
  }
  return all;
}
