// binspect hash [PATH…]: SHA-256 sums, written and checked as sha256sum does.

import type { Command, Values } from './arguments.ts';
import { check } from './hash/check.ts';
import { list } from './hash/list.ts';
import { settingsOf } from './hash/settings.ts';
import { FILE_LIST_OPTIONS, listedNames } from './streams/file-list.ts';
import type { Terminal } from './streams/terminal.ts';

const CHECKING = 'When checking';
const BEYOND = 'Beyond sha256sum';

export const hash: Command = {
  name: 'hash',
  summary: 'Write and check SHA-256 sums, as sha256sum does',
  usage: ['binspect hash [OPTION…] [PATH…]', 'binspect hash -c [OPTION…] [LIST…]', 'binspect hash -c --require-all [OPTION…] LIST PATH…'],
  options: [
    { name: 'check', short: 'c', help: 'read sums from the lists, and check the files that they name' },
    { name: 'binary', short: 'b', help: 'mark names as read in binary mode (it makes no difference)' },
    { name: 'text', short: 't', help: 'mark names as read in text mode (the default)' },
    { name: 'tag', help: 'write lines as BSD does: SHA256 (NAME) = DIGEST' },
    { name: 'zero', short: 'z', help: 'end lines with NUL, and escape no names' },
    { name: 'ignore-missing', group: CHECKING, help: 'pass over files that are not there' },
    { name: 'quiet', group: CHECKING, help: 'say nothing of files that are as they should be' },
    { name: 'status', group: CHECKING, help: 'write nothing, the exit status says it' },
    { name: 'strict', group: CHECKING, help: 'fail for lines that are not properly formatted' },
    { name: 'warn', short: 'w', group: CHECKING, help: 'name each line that is not properly formatted' },
    { name: 'require-all', group: CHECKING, help: 'the first operand is the list; fail for a file among the others that is not in it' },
    { name: 'recursive', short: 'r', group: BEYOND, help: 'hash all files of the folders that are named' },
    { name: 'exclude', value: 'GLOB', multiple: true, group: BEYOND, help: 'with -r, leave out what GLOB names: a name at any depth, or with / a path below the folder' },
    ...FILE_LIST_OPTIONS.map((option) => ({ ...option, group: BEYOND })),
    { name: 'jobs', value: 'N', group: BEYOND, help: 'hash N files at the same time; by default one for each processor, at most 8' },
    { name: 'json', group: BEYOND, help: 'one JSON object a line, one line a file' },
  ],
  examples: [
    ['binspect hash dist/* > SHA256SUMS', 'sums of files'],
    ['binspect hash -r dist', 'of all files in a folder, in a stable order'],
    ['binspect hash -c SHA256SUMS', 'check them'],
    ['binspect hash -c --ignore-missing SHA256SUMS', 'check those that are here'],
    ['binspect hash -c --require-all SHA256SUMS dist', 'check them, and that no file of dist is left out'],
  ],
  notes: [
    'Without PATH or LIST, or where it is -, standard input is read. Names in a list begin at the working directory.',
    'Pipes and devices are not hashed; name - to hash what comes through a pipe.',
    'Exit status: 0 fine, 1 a file could not be read, a checksum did not match or there was none to check, 2 wrong usage.',
  ],
  async run(values: Values, operands: readonly string[], terminal: Terminal): Promise<number> {
    const settings = settingsOf(values, operands);
    const listed = listedNames(values, terminal);
    return settings.check ? check(operands, settings, terminal) : list(operands, listed, settings, terminal);
  },
};
