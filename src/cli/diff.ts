// binspect diff A B: is it the same build, and if not, what changed?

import { isFolder } from '../bytes/folder.ts';
import { compare, readIgnored } from '../compare/compare.ts';
import type { CompareOptions } from '../compare/compare.ts';
import { compareFolders } from '../compare/folders.ts';
import { BinspectError } from '../errors.ts';
import type { InspectInput } from '../bytes/given.ts';
import { LIMITS } from '../limits.ts';
import { IGNORABLE } from '../model/comparison.ts';
import type { Comparison, ComparedPath, Ignorable } from '../model/comparison.ts';
import { renderDiff, renderDiffSummary, renderPathDiff } from '../render/diff-text.ts';
import type { DiffSummary } from '../render/diff-text.ts';
import { failureLine, toJSON } from '../render/json.ts';
import { visible } from '../render/visible.ts';
import type { Style } from '../render/words.ts';
import type { Command, Values } from './arguments.ts';
import { inputOf } from './streams/inputs.ts';
import { readInput } from './streams/standard-input.ts';
import { styleOf } from './streams/style.ts';
import type { Terminal } from './streams/terminal.ts';

export const diff: Command = {
  name: 'diff',
  summary: 'Say whether two builds are the same, and if not, what changed and whether it matters',
  usage: ['binspect diff [OPTION…] A B'],
  options: [
    { name: 'ignore', value: 'WHAT', multiple: true, offers: IGNORABLE, help: 'count as equal what differs in signature, identity or vcs only, comma-separated. Each covers those before it: identity is build ids, UUIDs, time stamps, checksums and PDB ids, vcs what Go records of the commit' },
    { name: 'quiet', short: 'q', help: 'print nothing: the exit status says it' },
    { name: 'verbose', short: 'v', help: 'show every region and every run of differing bytes' },
    { name: 'json', help: 'one JSON object; of folders and archives one a line, one line a path' },
  ],
  examples: [
    ['binspect diff old/app new/app', 'what changed: Go version, modules, libraries, hardening, regions'],
    ['binspect diff --ignore signature build/app signed/app', 'is the signed file the one that was built?'],
    ['binspect diff --ignore identity first/ second/', 'is the build reproducible but for build ids and time stamps?'],
    ['binspect diff -v a.exe b.exe', 'every byte that differs, and what it is'],
  ],
  notes: [
    'Verdicts: identical; identical-but-signature (the same once signatures are removed); identical-but-identity (only named fields of identity differ besides); explained (besides, the text of facts: Go\'s module text, a version resource); differs; incomparable (another format, machine or kind). A verdict says nothing of whether a signature holds or a time stamp is true.',
    'Of two folders the files with the same path are compared. Files there that are no executables are compared by their bytes. Of two archives the executables with the same path are compared, below a folder that all lie in; of other members only which ones there are.',
    'Exit status, as diff has it: 0 the same, or equal by --ignore; 1 different; 2 trouble: wrong usage, files that can not be read or not be compared. (Other commands of binspect have 3 for files that can not be read.)',
  ],
  run,
};

async function run(values: Values, paths: readonly string[], terminal: Terminal): Promise<number> {
  const [a, b] = paths;
  if (a === undefined || b === undefined || paths.length > 2) throw new BinspectError('invalid-argument', 'name two files, two folders or two archives');
  if (a === '-' && b === '-') throw new BinspectError('invalid-argument', 'standard input can be only one of the two');
  const words = ((values['ignore'] as readonly string[] | undefined) ?? []).flatMap((text) => text.split(','));
  const ignore = ignoredOf(words);
  const style = styleOf(values, terminal);
  const json = values['json'] === true;
  const quiet = values['quiet'] === true;
  const [folderA, folderB] = [a, b].map((path) => path !== '-' && isFolder(path));
  if (folderA !== folderB) throw new BinspectError('invalid-argument', `${folderA ? a : b} is a folder, ${folderA ? b : a} is none`);
  if (folderA) return diffPaths(compareFolders(a, b, { ignore }), { json, quiet, style }, terminal);
  try {
    const comparison = await comparePaths(a, b, { ignore }, terminal);
    if (!quiet) await terminal.out(json ? `${toJSON(comparison)}\n` : renderDiff(comparison, style));
    return statusOf(comparison);
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code === 'invalid-argument') throw error;
    if (error.container !== undefined && a !== '-' && b !== '-') return diffArchives(a, b, { ignore }, { json, quiet, style }, terminal);
    if (json && !quiet) await terminal.out(failureLine(error.path ?? a, error));
    else terminal.err(`binspect: ${error.path === undefined ? '' : `${visible(error.path)}: `}${visible(error.message)}\n`);
    return 2;
  }
}

function ignoredOf(words: readonly string[]): Ignorable[] {
  try {
    return readIgnored(words);
  } catch (error) {
    if (error instanceof BinspectError) error.message = `--ignore: ${error.message.replace(/^ignore takes/, 'it takes')}`;
    throw error;
  }
}

async function comparePaths(a: string, b: string, options: CompareOptions, terminal: Terminal): Promise<Comparison> {
  const input = async (path: string): Promise<InspectInput> => (path === '-' ? await readInput(terminal, LIMITS.spooledBytes) : inputOf(path));
  const comparison = await compare(await input(a), await input(b), options);
  return { ...comparison, a: { ...comparison.a, path: a }, b: { ...comparison.b, path: b } };
}

function statusOf({ verdict, equal }: Comparison): number {
  return equal ? 0 : verdict === 'incomparable' ? 2 : 1;
}

/** How the paths of two folders, or of two archives, are shown. */
interface Shown {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly style: Style;
}

/** Two archives; what that takes is loaded for it. */
async function diffArchives(a: string, b: string, options: CompareOptions, shown: Shown, terminal: Terminal): Promise<number> {
  const { compareArchives } = await import('../files/compare-archives.ts');
  try {
    return await diffPaths(compareArchives(a, b, options), shown, terminal);
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    if (shown.json && !shown.quiet) await terminal.out(failureLine(error.path ?? a, error));
    else terminal.err(`binspect: ${error.path === undefined ? '' : `${visible(error.path)}: `}${visible(error.message)}\n`);
    return 2;
  }
}

async function diffPaths(paths: AsyncIterable<ComparedPath>, { json, quiet, style }: Shown, terminal: Terminal): Promise<number> {
  const summary: DiffSummary = { identical: 0, ignored: 0, different: 0, onlyInA: 0, onlyInB: 0, failed: 0 };
  let status = 0;
  for await (const one of paths) {
    if (terminal.closed) break;
    status = Math.max(status, counted(one, summary));
    if (!quiet) await terminal.out(json ? `${toJSON(lineOf(one))}\n` : renderPathDiff(one, style));
  }
  if (!quiet && !json) await terminal.out(renderDiffSummary(summary));
  return status;
}

/** Counts a path; gives its exit status. */
function counted({ only, comparison, error }: ComparedPath, summary: DiffSummary): number {
  if (error !== null || comparison?.verdict === 'incomparable') summary.failed++;
  else if (only === 'a') summary.onlyInA++;
  else if (only === 'b') summary.onlyInB++;
  else if (comparison?.verdict === 'identical') summary.identical++;
  else if (comparison?.equal === true) summary.ignored++;
  else summary.different++;
  return error !== null ? 2 : comparison === null ? 1 : statusOf(comparison);
}

function lineOf({ path, only, comparison, error }: ComparedPath): object {
  return { path, only, comparison, error: error === null ? null : { code: error.code, message: error.message, offset: error.offset ?? null, detected: error.detected ?? null } };
}
