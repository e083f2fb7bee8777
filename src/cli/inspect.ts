// binspect [inspect] PATH…: what it is.

import { statSync } from 'node:fs';
import { BinspectError } from '../errors.ts';
import { scan } from '../files/scan.ts';
import type { ScanItem, ScanOptions } from '../files/scan.ts';
import type { InspectOptions } from '../inspect/examine.ts';
import { inspect } from '../inspect/inspect-file.ts';
import { LIMITS } from '../limits.ts';
import type { Inspection } from '../model/binary.ts';
import { fieldLines, fieldsOf, unknownField } from '../render/fields.ts';
import { failureLine, toJSON } from '../render/json.ts';
import { tableHead, tableRow } from '../render/table.ts';
import { renderInspection } from '../render/text.ts';
import { visible } from '../render/visible.ts';
import { sizeText } from '../render/words.ts';
import type { Command, Values } from './arguments.ts';
import { signatureOptions, SIGNATURE_OPTIONS } from './signature-options.ts';
import { FILE_LIST_OPTIONS, listedNames } from './streams/file-list.ts';
import { gathered } from './streams/output.ts';
import { readInput } from './streams/standard-input.ts';
import { styleOf } from './streams/style.ts';
import type { Terminal } from './streams/terminal.ts';

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'Say what executable files are: format, platform, linkage, dependencies, identity',
  usage: ['binspect [inspect] [OPTION…] PATH…'],
  options: [
    { name: 'json', help: 'one JSON object a line, one line a file' },
    { name: 'fields', value: 'LIST', help: 'only these facts, by their names in the JSON: path,platform.go,pie; a line for each binary, tabs between' },
    { name: 'hash', negative: 'leaving it out is much faster on folders', help: 'compute the SHA-256 (it is by default)' },
    { name: 'signatures', help: 'check embedded signatures: is it whole, who signed it, how far up does that go, when' },
    ...SIGNATURE_OPTIONS.map((option) => ({ ...option, help: `with --signatures: ${option.help}` })),
    { name: 'exclude', value: 'GLOB', multiple: true, help: 'leave out what GLOB names in folders: a name at any depth, or with / a path below the folder' },
    ...FILE_LIST_OPTIONS,
    { name: 'verbose', short: 'v', help: 'say what told each fact, and what is passed over' },
  ],
  examples: [
    ['binspect program', 'one file in full'],
    ['binspect dist/', 'every binary in a folder, as a table'],
    ['binspect --json --no-hash node_modules | jq .path', 'a stream of JSON, as fast as it goes'],
    ['binspect --fields path,platform.node,pie dist/', 'single facts, for scripts'],
    ['binspect --exclude node_modules --exclude .git .', 'what people build, not what they installed'],
    ["find . -name '*.node' -print0 | binspect --json --files-from - -0", 'a list of any length'],
    ['binspect --signatures --roots windows.pem setup.exe', 'is it whole, who signed it, how far up does that go, when'],
    ['curl -sL $URL | binspect -', 'standard input'],
  ],
  notes: [
    'Folders are walked; what is no binary in them is passed over. A file that is named is never passed over.',
    'Exit status: 0 fine, 2 wrong usage, 3 an input could not be read or understood, or there was none.',
  ],
  run,
};

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // reading it will say what is wrong
  }
}

/** Standard input as one more item: it can be read only once, so it is held in memory. */
async function standardInput(terminal: Terminal, options: InspectOptions): Promise<ScanItem> {
  try {
    const bytes = await readInput(terminal, LIMITS.spooledBytes);
    const inspection = await inspect(bytes, options);
    return { path: '-', inspection: { ...inspection, path: '-' } };
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    error.path = '-';
    return { path: '-', error };
  }
}

/** What is named, in its order: files and folders that stand together are scanned together. What a list names comes last. */
async function* items(paths: readonly string[], listed: AsyncIterable<string> | null, terminal: Terminal, options: ScanOptions): AsyncGenerator<ScanItem> {
  for (let at = 0, end = 0; at < paths.length; at = end) {
    if (paths[at] === '-') {
      end = at + 1;
      yield await standardInput(terminal, options);
      continue;
    }
    end = paths.indexOf('-', at);
    if (end === -1) end = paths.length;
    yield* scan(paths.slice(at, end), options);
  }
  if (listed !== null) yield* scan(listed, options);
}

async function run(values: Values, paths: readonly string[], terminal: Terminal): Promise<number> {
  const listed = listedNames(values, terminal);
  if (paths.length === 0 && listed === null) throw new BinspectError('invalid-argument', 'name a file or a folder to inspect, or - for standard input');
  const json = values['json'] === true;
  const style = styleOf(values, terminal);
  const single = listed === null && paths.length === 1 && !isFolder(paths[0] as string);
  const hash = values['hash'] !== false;
  const fields = fieldsFrom(values['fields']);
  const given = await signatureOptions(values);
  if (given !== null && values['signatures'] !== true) throw new BinspectError('invalid-argument', '--roots, --tsa-roots and --at are for --signatures');
  const output = gathered(terminal, () => {});
  const tally = { binaries: 0, skipped: 0, failed: 0, bytes: 0 };
  const skipped = (path: string, reason: string): void => {
    tally.skipped++;
    if (style.verbose) terminal.err(`binspect: ${visible(path)}: passed over: ${visible(reason)}\n`);
  };
  const options: ScanOptions = {
    hash: fields === null ? hash : fields.includes('sha256'),
    facts: single || json || fields !== null || style.verbose ? 'all' : 'main',
    exclude: (values['exclude'] as readonly string[] | undefined) ?? [],
    onSkip: skipped,
    ...(values['signatures'] === true ? { signatures: given ?? true } : {}),
  };
  const show = (inspection: Inspection, path: string): string => {
    if (fields !== null) return json ? fieldsOf(inspection, fields).map((one) => `${toJSON(one)}\n`).join('') : fieldLines(inspection, fields);
    if (json) return `${toJSON(inspection)}\n`;
    if (single) return renderInspection(inspection, path, style);
    return `${tally.binaries === 1 ? tableHead(style, hash, values['signatures'] === true) : ''}${tableRow(inspection, path, style)}`;
  };
  for await (const item of items(paths, listed, terminal, options)) {
    if ('error' in item) {
      tally.failed++;
      if (json) await output.write(failureLine(item.path, item.error));
      else await output.message(`${visible(item.path)}: ${visible(item.error.message)}`);
    } else {
      tally.binaries++;
      tally.bytes += item.inspection.size;
      await output.write(show(item.inspection, item.path));
    }
    if (terminal.closed) break;
  }
  if (tally.binaries === 0 && tally.failed === 0) {
    terminal.err(`binspect: no binaries in ${[...paths, ...(listed === null ? [] : ['what is listed'])].map(visible).join(', ')}\n`);
    return 3;
  }
  if (!single && !json && fields === null && tally.binaries > 0) await output.write(summary(tally));
  await output.flush();
  return tally.failed > 0 ? 3 : 0;
}

/** The fields of `--fields`; null without it. Throws `invalid-argument` for a name that is no fact. */
function fieldsFrom(value: Values[string]): string[] | null {
  if (typeof value !== 'string') return null;
  const fields = value.split(',').filter((field) => field !== '');
  if (fields.length === 0) throw new BinspectError('invalid-argument', '--fields needs the names of facts');
  const unknown = unknownField(fields);
  if (unknown === null) return fields;
  const advice = unknown.near === null ? '' : `; did you mean ${unknown.near}?`;
  throw new BinspectError('invalid-argument', `--fields: there is no fact called '${unknown.name}'${advice}`);
}

function summary({ binaries, skipped, failed, bytes }: { binaries: number; skipped: number; failed: number; bytes: number }): string {
  const parts = [`${binaries} ${binaries === 1 ? 'binary' : 'binaries'}`];
  if (skipped > 0) parts.push(`${skipped} other ${skipped === 1 ? 'file' : 'files'}`);
  if (failed > 0) parts.push(`${failed} not read`);
  return `${parts.join(', ')}, ${sizeText(bytes)}\n`;
}
