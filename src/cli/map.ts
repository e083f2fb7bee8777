// binspect map FILE: how a file is laid out, as a picture.

import { writeFileSync } from 'node:fs';
import { isSameFile } from '../bytes/folder.ts';
import { ioError, systemPath } from '../bytes/source-file.ts';
import { encodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { mapFile } from '../inspect/map-file.ts';
import { LIMITS } from '../limits.ts';
import type { FileMap } from '../model/regions.ts';
import { failureLine, toJSON } from '../render/json.ts';
import { renderMap } from '../render/map.ts';
import { renderSvg } from '../render/svg.ts';
import type { Command, Values } from './arguments.ts';
import { inputOf } from './streams/inputs.ts';
import { readInput } from './streams/standard-input.ts';
import { styleOf } from './streams/style.ts';
import type { Terminal } from './streams/terminal.ts';

export const map: Command = {
  name: 'map',
  summary: 'Draw how a file is laid out: headers, segments, sections, slices, signature, appended data',
  usage: ['binspect map [OPTION…] FILE'],
  options: [
    { name: 'all', help: 'show every region; otherwise small ones are counted together' },
    { name: 'svg', value: 'OUT', help: 'write the picture to OUT as an SVG that needs nothing else; - is standard output' },
    { name: 'json', help: 'all regions, as one JSON object' },
    { name: 'verbose', short: 'v', help: 'sizes in bytes, addresses, and what else is known of each region' },
  ],
  examples: [
    ['binspect map program', 'where the bytes are'],
    ['binspect map --all program', 'every region, however small'],
    ['binspect map --svg program.svg program', 'the same to look at in a browser, or to put into a document'],
    ["binspect map --json program | jq '.regions[] | [.name, .offset, .size]'", 'for scripts'],
  ],
  notes: [
    'PERM is what may be done with a region in memory: r read, w write, x execute; what has none is not loaded. SHARE is the part of the file. Every byte is counted once: what two regions claim counts for the one that begins first, and the other says so.',
    'JSON: { path, size, format, universal, regions }. A region has name, kind, content, offset (null: it is in memory only), size, missing (bytes beyond the end of the file), shared (bytes that count elsewhere), address, memorySize, permissions, note, and children.',
    'Exit status: 0 fine, 2 wrong usage, 3 the file could not be read or understood.',
  ],
  run,
};

async function run(values: Values, paths: readonly string[], terminal: Terminal): Promise<number> {
  const [path] = paths;
  if (path === undefined || paths.length > 1) throw new BinspectError('invalid-argument', 'name one file to draw, or - for standard input');
  const json = values['json'] === true;
  const all = values['all'] === true;
  const svg = values['svg'];
  if (json && svg !== undefined) throw new BinspectError('invalid-argument', '--json and --svg are two forms of one thing: choose one');
  if (svg === '') throw new BinspectError('invalid-argument', '--svg names no file');
  try {
    const file = await read(path, terminal);
    if (json) await terminal.out(`${toJSON(file)}\n`);
    else if (typeof svg !== 'string') {
      const text = { ...styleOf(values, terminal), columns: terminal.columns }; // bars need a width, also in a file
      await terminal.out(renderMap(file, path, text, all));
    } else if (svg === '-') await terminal.out(renderSvg(file, { all }));
    else if (isSameFile(svg, path)) throw new BinspectError('invalid-argument', `--svg: ${svg} is what is read here; it is not overwritten`);
    else write(svg, renderSvg(file, { all }));
    return 0;
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    error.path ??= path;
    if (!json || error.code === 'invalid-argument') throw error;
    await terminal.out(failureLine(path, error));
    return 3;
  }
}

async function read(path: string, terminal: Terminal): Promise<FileMap> {
  return { ...(await mapFile(path === '-' ? await readInput(terminal, LIMITS.spooledBytes) : inputOf(path))), path };
}

function write(path: string, text: string): void {
  try {
    writeFileSync(systemPath(path), encodeText(text));
  } catch (error) {
    throw ioError(error, path);
  }
}
