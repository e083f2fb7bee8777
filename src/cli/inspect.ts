// binspect [inspect] PATH…: what it is.

import { statSync } from 'node:fs';
import { isFolder } from '../bytes/folder.ts';
import { systemPath } from '../bytes/source-file.ts';
import { encodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { scan } from '../files/scan.ts';
import type { ImageItem, ImageScanOptions, ScanItem } from '../files/scan.ts';
import { hash as digestOf } from '../inspect/hash.ts';
import { inspect } from '../inspect/inspect-file.ts';
import { LIMITS } from '../limits.ts';
import type { Inspection } from '../model/binary.ts';
import type { ContainerItem, Inside } from '../model/container.ts';
import { isHttpUrl } from '../model/url.ts';
import { containerLine } from '../render/container.ts';
import { fieldLines, fieldsOf } from '../render/fields.ts';
import { failureLine, toJSON } from '../render/json.ts';
import { digestLine, renderInspection } from '../render/text.ts';
import { visible } from '../render/visible.ts';
import { sizeText } from '../render/words.ts';
import type { Style } from '../render/words.ts';
import type { Command, Values } from './arguments.ts';
import type { Sort, Table, TablePlan } from './inspect-table.ts';
import { signatureOptions, SIGNATURE_OPTIONS } from './signature-options.ts';
import { FILE_LIST_OPTIONS, listedNames } from './streams/file-list.ts';
import { inputOf, inputsOf, TIMEOUT_OPTION, timeoutOf } from './streams/inputs.ts';
import { gathered } from './streams/output.ts';
import { progressLine } from './streams/progress.ts';
import type { Progress } from './streams/progress.ts';
import { readInput } from './streams/standard-input.ts';
import { styleOf } from './streams/style.ts';
import type { Terminal } from './streams/terminal.ts';

const SORTS: readonly Sort[] = ['path', 'size', 'target', 'format', 'kind'];

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'Say what executable files are: format, platform, linkage, dependencies, identity',
  usage: ['binspect [inspect] [OPTION…] PATH…'],
  options: [
    { name: 'json', help: 'one JSON object a line, one line a file' },
    { name: 'fields', value: 'LIST', help: 'only these facts, by their names in the JSON: path,platform.go,pie; a line for each binary, tabs between' },
    { name: 'hardening', help: 'a table of what files do against attacks: one column a mitigation' },
    { name: 'sort', value: 'KEY', choices: SORTS, help: `order the table: by ${SORTS.join(', ')}` },
    { name: 'hash', negative: 'leaving it out is much faster on folders', help: 'compute the SHA-256 (it is by default)' },
    { name: 'signatures', help: 'check embedded signatures: is it whole, who signed it, how far up does that go, when' },
    ...SIGNATURE_OPTIONS.map((option) => ({ ...option, help: `with --signatures: ${option.help}` })),
    { name: 'exclude', value: 'GLOB', multiple: true, help: 'leave out what GLOB names in folders: a name at any depth, or with / a path below the folder' },
    ...FILE_LIST_OPTIONS,
    TIMEOUT_OPTION,
    { name: 'archives', negative: 'read none from inside, not even those that are named', help: 'read archives in folders from inside, too' },
    { name: 'verbose', short: 'v', help: 'show what in the file shows each fact, and what is skipped' },
  ],
  examples: [
    ['binspect program', 'one file in full'],
    ['binspect dist/', 'every binary in a folder, as a table'],
    ['binspect --json --no-hash node_modules | jq .path', 'a stream of JSON, as fast as it goes'],
    ['binspect --hardening dist/', 'what they do against attacks, as a table'],
    ['binspect --fields path,platform.node,pie dist/', 'single facts, for scripts'],
    ['binspect --exclude node_modules --exclude .git .', 'what people build, not what they installed'],
    ["find . -name '*.node' -print0 | binspect --json --files-from - -0", 'a list of any length'],
    ['binspect app.tar.gz', 'every binary in an archive, without unpacking it'],
    ["binspect 'app.tar.gz!/bin/app'", 'one of them in full'],
    ['binspect image.tar', 'a container image: every platform, and what it starts'],
    ["binspect 'image.tar!/linux/arm64!/usr/bin/app'", 'one program of one platform in full'],
    ['binspect --signatures --roots windows.pem setup.exe', 'is it whole, who signed it, how far up does that go, when'],
    ['binspect https://example.com/app.tar.gz', 'what is behind a URL: headers by parts of it, compressed archives in one stream'],
    ['curl -sL $URL | binspect -', 'standard input'],
  ],
  notes: [
    'Folders are walked; what is no binary in them is skipped. A file that is named is never skipped.',
    'Exit status: 0 fine, 2 wrong usage, 3 an input could not be read or understood, or there was none.',
  ],
  run,
};

/** Bytes of what a URL leads to that are fetched for its SHA-256 where nobody asks for that in particular: headers cost kilobytes. */
const REMOTE_HASHED = 64 * 1024 * 1024;

/** Standard input as one more item: it can be read only once, so it is held in memory. */
async function* standardInput(terminal: Terminal, options: ImageScanOptions): AsyncGenerator<Item> {
  try {
    const bytes = await readInput(terminal, LIMITS.spooledBytes);
    try {
      const inspection = await inspect(bytes, { hash: options.hash, facts: options.facts, signatures: options.signatures });
      yield { path: '-', inspection: { ...inspection, path: '-' } };
    } catch (error) {
      if (!(error instanceof BinspectError) || error.container === undefined || options.archives === 'never') throw error;
      const { imagesIn } = await import('../files/images.ts');
      const images = await imagesIn(bytes, { hash: options.hash, facts: options.facts, digests: options.hash === true, onSkip: options.onSkip, name: '-' });
      if (images !== null) {
        for await (const image of images) yield { path: image.path, image };
        return;
      }
      const { inspectMembers } = await import('../files/inspect-members.ts');
      yield* inspectMembers(bytes, { hash: options.hash, facts: options.facts, onSkip: options.onSkip, name: '-' });
    }
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    error.path = '-';
    yield { path: '-', error };
  }
}

type Item = ScanItem | ContainerItem | ImageItem;

/** What is named, in its order: files and folders that stand together are scanned together. What a list names comes last. */
async function* items(paths: readonly string[], listed: AsyncIterable<string> | null, terminal: Terminal, options: ImageScanOptions): AsyncGenerator<Item> {
  for (let at = 0, end = 0; at < paths.length; at = end) {
    if (paths[at] === '-') {
      end = at + 1;
      yield* standardInput(terminal, options);
      continue;
    }
    end = paths.indexOf('-', at);
    if (end === -1) end = paths.length;
    yield* scan(paths.slice(at, end).map(inputOf), options);
  }
  if (listed !== null) yield* scan(inputsOf(listed), options);
}

/** The steps to a member of an archive; undefined for a file. */
function insideOf(item: ScanItem): readonly Inside[] | undefined {
  return 'inside' in item ? (item.inside as readonly Inside[]) : undefined;
}

async function run(values: Values, paths: readonly string[], terminal: Terminal): Promise<number> {
  const listed = listedNames(values, terminal);
  if (paths.length === 0 && listed === null) throw new BinspectError('invalid-argument', 'name a file or a folder to inspect, or - for standard input');
  const json = values['json'] === true;
  const hardening = values['hardening'] === true;
  const style = styleOf(values, terminal);
  const timeout = timeoutOf(values);
  const single = listed === null && paths.length === 1 && !isFolder(paths[0] as string);
  const hash = values['hash'] !== false;
  const fields = await fieldsFrom(values['fields']);
  if (fields !== null && !hash && fields.includes('sha256')) throw new BinspectError('invalid-argument', '--fields asks for sha256, which --no-hash leaves out');
  const given = await signatureOptions(values);
  if (given !== null && values['signatures'] !== true) throw new BinspectError('invalid-argument', '--roots, --tsa-roots and --at are for --signatures');
  const progress = progressLine(terminal, async () => (single ? statSync(systemPath(paths[0] as string)).size : Promise.reject(new Error('not measured'))));
  const output = gathered(terminal, () => progress?.clear());
  const tally = { binaries: 0, skipped: 0, failed: 0, incomplete: 0, images: 0, bytes: 0 };
  const sort = (values['sort'] as Sort | undefined) ?? null;
  if (sort !== null && (json || fields !== null)) throw new BinspectError('invalid-argument', '--sort is for the table');
  const plan: TablePlan = { style, hashed: hash, signed: values['signatures'] === true, hardening, sort };
  let table: Table | null = null; // it is loaded with the first file that it shows
  const skipped = (path: string, reason: string): void => {
    tally.skipped++;
    if (style.verbose) terminal.err(`binspect: ${visible(path)}: skipped: ${visible(reason)}\n`);
  };
  const options: ImageScanOptions = {
    archives: values['archives'] === true ? 'all' : values['archives'] === false ? 'never' : 'named',
    images: true,
    ...(values['hash'] === true ? {} : { remoteHashBytes: REMOTE_HASHED }),
    ...(timeout === undefined ? {} : { limits: { stallMilliseconds: timeout } }),
    hash: hardening && !json ? false : fields === null ? hash : fields.includes('sha256'),
    facts: single || json || hardening || fields !== null || style.verbose ? 'all' : 'main',
    exclude: (values['exclude'] as readonly string[] | undefined) ?? [],
    onSkip: skipped,
    ...(single && progress !== null ? { onProgress: progress.update } : {}),
    ...(values['signatures'] === true ? { signatures: given ?? true } : {}),
  };
  const show = async (inspection: Inspection, path: string, inside?: readonly Inside[]): Promise<string> => {
    if (fields !== null) return json ? fieldsOf(inspection, fields).map((one) => `${toJSON(one)}\n`).join('') : fieldLines(inspection, fields);
    if (json) return `${toJSON(inside === undefined ? inspection : { ...inspection, inside })}\n`;
    if (!hardening && single && inside === undefined) return renderInspection(inspection, path, style);
    table ??= (await import('./inspect-table.ts')).openTable(plan);
    return table.add(inspection, path, inside !== undefined);
  };
  const full = single && !json && !hardening && fields === null;
  let titled: string | null = null; // the archive whose images are listed
  let only: Inspection | null = null; // the first of an archive: in full, unless there is another
  const showOnly = async (inFull: boolean): Promise<void> => {
    if (only === null) return;
    const first: Inspection = only;
    only = null;
    await output.write(await show(first, first.path ?? '', inFull ? undefined : []));
  };
  if (full && hash && terminal.outIsTerminal && values['signatures'] !== true && (await showEarly(paths[0] as string, { style, progress }, terminal))) return 0;
  for await (const item of items(paths, listed, terminal, options)) {
    if ('image' in item) {
      const { image } = item;
      if (!image.complete) tally.incomplete++;
      tally.images++;
      tally.binaries += image.binaries.length;
      if (json && fields === null) await output.write(`${toJSON({ image })}\n`);
      else {
        const { imageHead, imageRow, imageTitle } = await import('../render/image.ts'); // loaded where there is one
        const archive = image.inside[0]?.path ?? '';
        if (fields === null && !hardening) {
          if (titled !== archive) await output.write(`${titled === null ? '' : '\n'}${imageTitle(image, style)}${imageHead(style)}`);
          titled = archive;
          await output.write(imageRow(image, style));
        }
        if (fields !== null || hardening || style.verbose) for (const { inspection, path } of image.binaries) await output.write(await show(inspection, path, []));
      }
    } else if ('container' in item) {
      const { container } = item;
      const outer = !container.path.includes('!/');
      if (!container.complete) tally.incomplete++;
      if (!json && !container.complete && container.members === 0) {
        await output.message(`${visible(container.path)}: ${visible(container.warnings.at(-1)?.message ?? 'not complete')}`);
        continue;
      }
      const line = json ? `${toJSON(item)}\n` : outer || !container.complete || style.verbose ? containerLine(container) : '';
      if (only !== null && outer) {
        await output.write(`${line}\n`);
        await showOnly(true);
      } else if (fields === null) await output.write(line);
      if (paths.some((path) => path === container.path || (isHttpUrl(path) && new URL(path).href === container.path)) && container.binaries === 0 && container.complete) {
        tally.failed++;
        await output.message(`${visible(container.path)}: no executable among ${container.members} ${container.members === 1 ? 'member' : 'members'}`);
      }
    } else if ('error' in item) {
      tally.failed++;
      if (json) await output.write(failureLine(item.path, item.error, insideOf(item)));
      else await output.message(`${visible(item.path)}: ${visible(item.error.message)}`);
    } else {
      const inside = insideOf(item);
      if (hash && item.inspection.sha256 === null && inside === undefined && isHttpUrl(item.path) && fields === null && !hardening) {
        await output.message(`${visible(item.path)}: the SHA-256 is left out, as all ${sizeText(item.inspection.size)} would be fetched for it; --hash computes it`);
      }
      tally.binaries++;
      tally.bytes += item.inspection.size;
      if (!single) progress?.update(tally.bytes);
      if (full && inside !== undefined && tally.binaries === 1) only = item.inspection;
      else {
        await showOnly(false);
        await output.write(await show(item.inspection, item.path, inside));
      }
    }
    if (terminal.closed) break;
  }
  progress?.clear();
  await showOnly(true);
  if (tally.binaries === 0 && tally.failed === 0 && tally.incomplete === 0 && tally.images === 0) {
    terminal.err(`binspect: no binaries in ${[...paths, ...(listed === null ? [] : ['what is listed'])].map(visible).join(', ')}\n`);
    return 3;
  }
  if (table !== null) await output.write((table as Table).end(tally, single || tally.images > 0 ? null : listed === null ? paths : [...paths, '--files-from', 'LIST']));
  await output.flush();
  return tally.failed > 0 || tally.incomplete > 0 ? 3 : 0;
}

/** The fields of `--fields`; null without it. Throws `invalid-argument` for a name that is no fact. */
async function fieldsFrom(value: Values[string]): Promise<string[] | null> {
  if (typeof value !== 'string') return null;
  const fields = value.split(',').filter((field) => field !== '');
  if (fields.length === 0) throw new BinspectError('invalid-argument', '--fields needs the names of facts');
  const unknown = (await import('./field-names.ts')).unknownField(fields);
  if (unknown === null) return fields;
  const advice = unknown.near === null ? '' : `; did you mean ${unknown.near}?`;
  throw new BinspectError('invalid-argument', `--fields: there is no fact called '${unknown.name}'${advice}`);
}

const EARLY = 256 * 1024 * 1024; // bytes from which on a digest takes longer than people wait for facts

/** Shows a big file's facts, and then its digest. False where it is not such a file: it is looked at as any other. */
async function showEarly(path: string, { style, progress }: { style: Style; progress: Progress | null }, terminal: Terminal): Promise<boolean> {
  const stats = path === '-' ? undefined : statSync(systemPath(path), { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size < EARLY) return false;
  let inspection: Inspection;
  try {
    inspection = await inspect(path, { facts: 'all' });
  } catch (error) {
    if (error instanceof BinspectError) return false; // an archive, or what will be told of it
    throw error;
  }
  await terminal.out(encodeText(renderInspection(inspection, path, style)));
  const sha256 = await digestOf(path, progress === null ? {} : { onProgress: progress.update });
  progress?.clear();
  await terminal.out(digestLine(sha256, style));
  return true;
}
