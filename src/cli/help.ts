// Help, written from the same tables that the arguments are parsed with.

import { padded, tinted } from '../render/words.ts';
import type { Style } from '../render/words.ts';
import { hanging, wrapParts, wrapWords } from '../render/wrap.ts';
import { COMMON } from './arguments.ts';
import type { Command, Option } from './arguments.ts';

const MARGIN = 2;
const NAMES = 26; // wide enough for most options; longer ones get a line of their own
const WIDEST = 100;

/** What help needs to know of the terminal. */
type Width = Style;

/** Words set in lines of a width, all but the first indented. */
function wrap(text: string, indent: number, width: number): string {
  return hanging(wrapWords(text, width - indent), indent);
}

function entry(name: string, text: string, width: number): string {
  const names = width < 60 ? 6 : NAMES;
  const left = ' '.repeat(MARGIN) + wrap(name, 4, width);
  const gap = width < 60 || left.length + 2 > names ? `\n${' '.repeat(names)}` : ' '.repeat(names - left.length);
  return `${left}${gap}${wrap(text, names, width)}\n`;
}

/** A line of usage; what stands in brackets is kept together. */
function usageLine(text: string, width: number): string {
  return hanging(wrapParts(text.match(/\[.*?\]…?(?= |$)|\S+/g) ?? [], ' ', width - 11), 11);
}

/** A command line in parts between which it may be broken: not within quotes, and not after an option, which may have a value. */
function breakable(example: string): string[] {
  const parts: string[] = [];
  for (const word of example.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []) {
    const option = parts.at(-1);
    if (option?.startsWith('-') === true && !option.includes(' ') && !word.startsWith('-')) parts[parts.length - 1] = `${option} ${word}`;
    else parts.push(word);
  }
  return parts;
}

/** Command lines, each with what it does. */
function exampleLines(examples: Command['examples'], width: number): string {
  return examples.map(([example, text]) => `  ${wrapParts(breakable(example), ' ', width - 6).join(' \\\n    ')}\n      ${wrap(text, 6, width)}\n`).join('');
}

/** Help as the terminal can show it: all of it is ours, so signs are simply replaced. */
function shown(text: string, style: Width): string {
  return style.unicode ? text : text.replaceAll('…', '...');
}

function optionNames({ name, short, value, negative }: Option): string {
  const long = value === undefined ? `--${name}` : `--${name}=${value}`;
  return `${short === undefined ? '' : `-${short}, `}${long}${negative === undefined || value !== undefined ? '' : ` | --no-${name}`}`;
}

function optionEntries(option: Option, width: number): string {
  return entry(optionNames(option), option.negative === undefined ? option.help : `${option.help}; ${option.negative}`, width);
}

/** A heading, bold where there are colours. */
function heading(name: string, style: Width): string {
  return tinted(`${name}:`, 'bold', style);
}

/** The help of one command. */
export function commandHelp(command: Command, style: Width): string {
  const width = Math.min(style.columns, WIDEST);
  const groups = new Map<string, string>();
  for (const option of [...command.options, ...COMMON]) {
    const group = option.group ?? 'Options';
    groups.set(group, (groups.get(group) ?? '') + optionEntries(option, width));
  }
  const usage = command.usage.map((one, i) => `${i === 0 ? `${heading('Usage', style)} ` : '       '}${usageLine(one, width)}\n`).join('');
  const options = Array.from(groups, ([name, text]) => `\n${heading(name, style)}\n${text}`).join('');
  const examples = exampleLines(command.examples, width);
  const notes = (command.notes ?? []).map((note) => `\n${wrap(note, 0, width)}\n`).join('');
  return shown(`${usage}\n${wrap(`${command.summary}.`, 0, width)}\n${options}${examples === '' ? '' : `\n${heading('Examples', style)}\n${examples}`}${notes}`, style);
}

/** Commands in one column of names and one of summaries. */
function commandList(commands: readonly Pick<Command, 'name' | 'summary'>[], width: number): string {
  const names = Math.max(...commands.map(({ name }) => name.length)) + MARGIN + 2;
  return commands.map(({ name, summary }) => `${padded(' '.repeat(MARGIN) + name, names)}${wrap(summary, names, width)}\n`).join('');
}

/** What `binspect --help` says: the commands, and where to read on. */
export function programHelp(commands: readonly Pick<Command, 'name' | 'summary'>[], style: Width): string {
  const width = Math.min(style.columns, WIDEST);
  return shown(
    `${heading('Usage', style)} ${usageLine('binspect [COMMAND] [OPTION…] PATH…', width)}\n\n` +
      `${wrap('Says what executable files really are: ELF, Mach-O, PE and WebAssembly. Without a command it inspects.', 0, width)}\n\n` +
      `${heading('Commands', style)}\n${commandList(commands, width)}\n` +
      `${heading('Examples', style)}\n${exampleLines(EXAMPLES, width)}\n` +
      `${wrap("'binspect COMMAND --help' tells the options of each, with examples. A file with the name of a command is written ./NAME.", 0, width)}\n`,
    style,
  );
}

/** What `binspect` alone says on a terminal: the lines that are typed most. */
export function shortHelp(style: Width): string {
  const width = Math.min(style.columns, WIDEST);
  const column = Math.max(...SHORT.map(([line]) => line.length)) + MARGIN + 2;
  const narrow = column > width / 2;
  const lines = SHORT.map(([line, text]) => (narrow ? `  ${line}\n      ${wrap(text, 6, width)}\n` : `${padded(`  ${line}`, column)}${wrap(text, column, width)}\n`));
  return shown(`${wrap('What is this executable, and is it the one you meant to ship?', 0, width)}\n\n${lines.join('')}\n${wrap("'binspect --help' lists all commands, 'binspect COMMAND --help' the options of one.", 0, width)}\n`, style);
}

const SHORT = [
  ['binspect FILE|FOLDER…', 'what it is'],
  ['binspect verify PATH…', 'is it what its name says?'],
  ['binspect diff OLD NEW', 'what changed between two builds'],
  ['binspect map FILE', 'where its bytes are'],
  ['binspect go PATH…', 'how Go built it, as go version -m has it'],
  ['binspect hash [-c] PATH…', 'its SHA-256, as sha256sum has it'],
] as const;

const EXAMPLES = [
  ['binspect program', 'what it is, in full'],
  ['binspect dist/', 'every binary in a folder'],
  ['binspect verify --target-from-name dist/', 'is every file what its name says?'],
  ['binspect --json program', 'the same for scripts'],
] as const;
