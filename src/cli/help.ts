// Help, written from the same tables that the arguments are parsed with.

import { COMMON } from './arguments.ts';
import type { Command, Option } from './arguments.ts';

const MARGIN = 2;
const NAMES = 26; // wide enough for most options; longer ones get a line of their own

/** Words set in lines of a width, each indented. */
function wrap(text: string, indent: number, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > Math.max(20, width - indent)) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}

function entry(name: string, text: string, width: number): string {
  const names = width < 60 ? 4 : NAMES;
  const left = ' '.repeat(MARGIN) + name;
  const gap = left.length + 2 > names ? `\n${' '.repeat(names)}` : ' '.repeat(names - left.length);
  return `${left}${gap}${wrap(text, names, width)}\n`;
}

function optionNames({ name, short, value, negative }: Option): string {
  const long = value === undefined ? `--${name}` : `--${name}=${value}`;
  return `${short === undefined ? '' : `-${short}, `}${long}${negative === undefined || value !== undefined ? '' : ` | --no-${name}`}`;
}

function optionEntries(option: Option, width: number): string {
  return entry(optionNames(option), option.negative === undefined ? option.help : `${option.help}; ${option.negative}`, width);
}

/** The help of one command. */
export function commandHelp(command: Command, columns: number): string {
  const width = Math.min(columns, 100);
  const groups = new Map<string, string>();
  for (const option of [...command.options, ...COMMON]) {
    const group = option.group ?? 'Options';
    groups.set(group, (groups.get(group) ?? '') + optionEntries(option, width));
  }
  const usage = command.usage.map((one, i) => `${i === 0 ? 'Usage: ' : '       '}${one}\n`).join('');
  const options = Array.from(groups, ([name, text]) => `\n${name}:\n${text}`).join('');
  const examples = command.examples.map(([example, text]) => `  ${example}\n      ${wrap(text, 6, width)}\n`).join('');
  const notes = (command.notes ?? []).map((note) => `\n${wrap(note, 0, width)}\n`).join('');
  return `${usage}\n${wrap(command.summary, 0, width)}.\n${options}${examples === '' ? '' : `\nExamples:\n${examples}`}${notes}`;
}

/** What `binspect --help` says: the commands, and where to read on. */
export function programHelp(commands: readonly Pick<Command, 'name' | 'summary'>[], columns: number): string {
  const width = Math.min(columns, 100);
  const list = commands.map(({ name, summary }) => entry(name, summary, width)).join('');
  return (
    `Usage: binspect [COMMAND] [OPTION…] PATH…\n\n` +
    `${wrap('Says what executable files really are: ELF, Mach-O and PE. Without a command it inspects.', 0, width)}\n\n` +
    `Commands:\n${list}\n` +
    `${wrap("'binspect COMMAND --help' tells the options of each. A file that is called as a command is goes by ./NAME.", 0, width)}\n`
  );
}
