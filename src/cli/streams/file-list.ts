// --files-from: names that come from a file or from standard input, one after the other, as many as there are.

import { decodeText } from '../../bytes/text.ts';
import { BinspectError } from '../../errors.ts';
import type { Option, Values } from '../arguments.ts';
import type { Terminal } from './terminal.ts';
import { textStream } from './text-file.ts';

/** The options of every command that takes names from a list. */
export const FILE_LIST_OPTIONS: readonly Option[] = [
  { name: 'files-from', value: 'FILE', help: 'also the paths in FILE, one a line; - is standard input' },
  { name: 'null', short: '0', help: 'the names of --files-from end with NUL in place of a newline, as find -print0 writes them' },
];

const LONGEST = 64 * 1024; // bytes of a path; no system has longer ones

/**
 * The names that `--files-from` lists, read as they are wanted and never kept; null without the option. Empty lines are skipped, and a name `-` is a
 * file of that name. Throws `io` where the list can't be read, and `invalid-argument` for what is no list of names.
 */
export function listedNames(values: Values, terminal: Terminal): AsyncIterable<string> | null {
  const from = values['files-from'];
  const zero = values['null'] === true;
  if (typeof from !== 'string') {
    if (zero) throw new BinspectError('invalid-argument', '-0 says how the names of --files-from end, and there is no --files-from');
    return null;
  }
  if (from === '') throw new BinspectError('invalid-argument', '--files-from names no file');
  return namesIn(from === '-' ? terminal.input() : textStream(from), zero ? 0 : 0x0a, from);
}

async function* namesIn(chunks: AsyncIterable<Uint8Array>, end: number, path: string): AsyncGenerator<string, void, undefined> {
  let rest = new Uint8Array(0);
  for await (const chunk of chunks) {
    let at = 0;
    for (let stop = chunk.indexOf(end); stop !== -1; stop = chunk.indexOf(end, at)) {
      const name = nameOf(Buffer.concat([rest, chunk.subarray(at, stop)]));
      rest = rest.subarray(0, 0);
      at = stop + 1;
      if (name !== '') yield name;
    }
    rest = Buffer.concat([rest, chunk.subarray(at)]);
    if (rest.length > LONGEST) {
      const ends = end === 0 ? 'NUL' : 'newline';
      throw new BinspectError('invalid-argument', `--files-from: more than ${LONGEST} bytes without a ${ends}: this is no list of names`, { path });
    }
  }
  const name = nameOf(rest);
  if (name !== '') yield name;
}

/** A name of the list. Lists from Windows end lines with a carriage return too. */
function nameOf(bytes: Uint8Array): string {
  const name = decodeText(process.platform === 'win32' && bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes);
  return name === '-' ? './-' : name;
}

/** Operands first, then what the list names. */
export async function* withListed(operands: readonly string[], listed: AsyncIterable<string> | null): AsyncGenerator<string, void, undefined> {
  yield* operands;
  if (listed !== null) yield* listed;
}
