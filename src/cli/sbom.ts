// binspect sbom FILE…: bills of materials, from what executables say is in them.

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isFolder } from '../bytes/folder.ts';
import { ioError, systemPath } from '../bytes/source-file.ts';
import { encodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { scan } from '../files/scan.ts';
import { inspect } from '../inspect/inspect.ts';
import { LIMITS } from '../limits.ts';
import type { Inspection } from '../model/binary.ts';
import { visible } from '../render/visible.ts';
import { formatMergedSbom, formatSbom, sbomRemarks } from '../sbom/format.ts';
import type { SbomOptions } from '../sbom/format.ts';
import type { Command, Values } from './arguments.ts';
import { inputOf } from './streams/inputs.ts';
import { readInput } from './streams/standard-input.ts';
import type { Terminal } from './streams/terminal.ts';

export const sbom: Command = {
  name: 'sbom',
  summary: 'Write the bill of materials that is in a file, as CycloneDX or SPDX',
  usage: ['binspect sbom [OPTION…] FILE', 'binspect sbom [OPTION…] -o DIR PATH…', 'binspect sbom [OPTION…] --merge NAME PATH…'],
  options: [
    { name: 'format', value: 'FORMAT', choices: ['cyclonedx', 'spdx'], help: 'cyclonedx (1.6, the default) or spdx (2.3), both as JSON' },
    { name: 'output', short: 'o', value: 'DIR', help: 'write one document a file into this folder, which is made: NAME.cdx.json or NAME.spdx.json' },
    { name: 'merge', value: 'NAME', help: 'write one document over all files, which are the components of NAME' },
    { name: 'reproducible', help: 'state no time, and say that the same file gives the same document; with SOURCE_DATE_EPOCH the time is that one' },
    { name: 'native', help: 'list also the libraries that a loader brings; a file says their names, not their versions' },
  ],
  examples: [
    ['binspect sbom program > program.cdx.json', 'what is in a Go program, for a scanner'],
    ['binspect sbom --format spdx -o sboms dist', 'a document for every program in a folder'],
    ['binspect sbom --merge my-product dist', 'one document over a whole release'],
  ],
  notes: [
    'SOURCE_DATE_EPOCH, in seconds since 1970, is the time that documents state; without it they state when they were written. Serial numbers follow from the name and the bytes of the file.',
    'A file that says nothing of what is in it gets a document that is incomplete and says so. Archives are looked into; folders are walked; what is no program in them is skipped.',
    'Exit status: 0 fine, 2 wrong usage, 3 a file could not be read or understood.',
  ],
  run,
};

/** The time that documents are to state. Throws `invalid-argument` for an epoch that is no count of seconds: a typing error must not switch it off. */
function epochOf(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  if (!/^\d{1,12}$/.test(text) || seconds >= 253_402_300_800) throw new BinspectError('invalid-argument', `SOURCE_DATE_EPOCH is a count of seconds since 1970, not '${visible(text)}'`);
  return new Date(seconds * 1000);
}

function optionsOf(values: Values, env: Terminal['env']): SbomOptions {
  const format = values['format'] === 'spdx' ? 'spdx' : 'cyclonedx';
  const epoch = epochOf(env['SOURCE_DATE_EPOCH']);
  const asked = values['reproducible'] === true;
  if (asked && epoch === null && format === 'spdx') throw new BinspectError('invalid-argument', 'SPDX documents state a time: with --reproducible set SOURCE_DATE_EPOCH');
  const created = epoch ?? (asked ? undefined : new Date());
  return { format, created, reproducible: asked || epoch !== null, native: values['native'] === true };
}

/** The inspections of what was given, failures reported as they come; gives whether there were any. */
async function inspectAll(paths: readonly string[], terminal: Terminal, take: (inspection: Inspection, path: string) => void): Promise<boolean> {
  let failed = false;
  const fail = (path: string, error: BinspectError): void => {
    failed = true;
    terminal.err(`binspect: ${visible(path)}: ${visible(error.message)}\n`);
  };
  for (const path of paths) {
    let found = 0;
    if (path === '-') {
      try {
        take({ ...(await inspect(await readInput(terminal, LIMITS.spooledBytes), { hash: true, facts: 'all' })), path }, path);
      } catch (error) {
        if (!(error instanceof BinspectError)) throw error;
        fail(path, error);
      }
      continue;
    }
    for await (const item of scan([inputOf(path)], { hash: true, facts: 'all', archives: 'named' })) {
      if ('container' in item) continue; // what could not be read of it has been reported
      found++;
      if ('error' in item) fail(item.path, item.error);
      else take(item.inspection, item.path);
    }
    if (found === 0) fail(path, new BinspectError('unrecognized', 'no program is in it'));
  }
  return failed;
}

/** A file name for a document that no other document of this run has. */
function freeName(inspection: Inspection, path: string, ending: string, taken: Set<string>): string {
  const name = path === '-' ? 'stdin' : basename(path);
  for (let copy = 0; ; copy++) {
    const suffix = copy === 0 ? '' : `-${(inspection.sha256 ?? '').slice(0, 12)}${copy === 1 ? '' : `-${copy}`}`;
    const free = `${name}${suffix}${ending}`;
    if (taken.has(free.toLowerCase())) continue; // some disks take capitals for small letters
    taken.add(free.toLowerCase());
    return free;
  }
}

function writeDocument(path: string, text: string): void {
  try {
    writeFileSync(systemPath(path), encodeText(text));
  } catch (error) {
    throw ioError(error, path);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(systemPath(path), { recursive: true });
  } catch (error) {
    throw ioError(error, path);
  }
}

const SEVERAL = 'write them into a folder with -o DIR, or one over all with --merge NAME';

async function run(values: Values, paths: readonly string[], terminal: Terminal): Promise<number> {
  if (paths.length === 0) throw new BinspectError('invalid-argument', 'name a file');
  const [folder, name] = [values['output'], values['merge']] as (string | undefined)[];
  if (folder === '') throw new BinspectError('invalid-argument', '--output names no folder');
  if (name === '') throw new BinspectError('invalid-argument', '--merge gives no name');
  if (folder === undefined && name === undefined && (paths.length > 1 || (paths[0] !== '-' && isFolder(paths[0] as string)))) {
    throw new BinspectError('invalid-argument', `several files give several documents: ${SEVERAL}`);
  }
  const options = optionsOf(values, terminal.env);
  const ending = options.format === 'spdx' ? '.spdx.json' : '.cdx.json';
  const merged: Inspection[] = [];
  const texts: string[] = [];
  const taken = new Set<string>();
  if (folder !== undefined) makeFolder(folder);
  const failed = await inspectAll(paths, terminal, (inspection, path) => {
    const { remarks, hasList } = sbomRemarks(inspection);
    for (const remark of remarks) terminal.err(`binspect: ${visible(path)}: ${visible(remark)}\n`);
    if (!hasList) terminal.err(`binspect: ${visible(path)}: no list of what is in it: the document is incomplete and says so\n`);
    if (name !== undefined) merged.push(inspection);
    else if (folder === undefined) texts.push(formatSbom(inspection, options));
    else writeDocument(join(folder, freeName(inspection, path, ending, taken)), formatSbom(inspection, options));
  });
  if (name !== undefined && merged.length > 0) {
    const text = formatMergedSbom(merged, name, options);
    if (folder === undefined) texts.push(text);
    else writeDocument(join(folder, `${basename(name)}${ending}`), text);
  }
  if (texts.length > 1) throw new BinspectError('invalid-argument', `${texts.length} programs give as many documents: ${SEVERAL}`);
  for (const text of texts) await terminal.out(text);
  return failed ? 3 : 0;
}
