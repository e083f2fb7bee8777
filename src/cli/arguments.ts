// Commands and their options as tables: the parser, the help and the completions all come from them.

import { parseArgs } from 'node:util';
import { BinspectError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { visible } from '../render/visible.ts';
import type { Terminal } from './streams/terminal.ts';

export interface Option {
  /** Without its dashes. */
  readonly name: string;
  readonly short?: string;
  /** The word that stands for the option's value in help; without it the option is a switch. */
  readonly value?: string;
  /** Values to choose from. */
  readonly choices?: readonly string[];
  /** Values that completions offer, where others are allowed too or are refused later. */
  readonly offers?: readonly string[];
  /** Whether it may be given several times. */
  readonly multiple?: boolean;
  /** Whether its value may begin with a dash and be the next argument: `--go-setting -trimpath=true`. */
  readonly dashed?: boolean;
  /** Whether `--no-NAME` exists too, and what it says in help. */
  readonly negative?: string;
  readonly help: string;
  /** The heading under which help lists it. */
  readonly group?: string;
}

/** What the options were set to: a switch is a boolean, an option with a value a string, a repeated one a list. */
export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** `binspect hash [OPTION…] [PATH…]`, one line or more. */
  readonly usage: readonly string[];
  readonly options: readonly Option[];
  /** Operands to choose from; without them operands are paths. */
  readonly operands?: readonly string[];
  /** A command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** Paragraphs after the options: exit statuses, remarks. */
  readonly notes?: readonly string[];
  /** Runs it; gives the exit status. Wrong usage is thrown as a BinspectError `invalid-argument`. */
  run(values: Values, positionals: readonly string[], terminal: Terminal): Promise<number>;
}

/** Options of every command. */
export const COMMON: readonly Option[] = [
  { name: 'color', value: 'WHEN', choices: ['auto', 'always', 'never'], help: 'colour the output: auto, always or never' },
  { name: 'help', short: 'h', help: 'show this help' },
  { name: 'version', help: 'show the version' },
];

function usageError(message: string): BinspectError {
  return new BinspectError('invalid-argument', message);
}

/** All long options of a command, with their `no-` forms. */
function longNames(options: readonly Option[]): string[] {
  return options.flatMap((option) => (option.negative === undefined ? [option.name] : [option.name, `no-${option.name}`]));
}

/** Arguments with values that begin with a dash joined to their options: Node takes them for options of their own. */
function joinDashed(args: readonly string[], options: readonly Option[]): string[] {
  const dashed = new Set(options.filter((option) => option.dashed === true).map((option) => `--${option.name}`));
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] as string;
    if (argument === '--') return [...joined, ...args.slice(i)];
    const next = args[i + 1];
    const takes = dashed.has(argument) && next !== undefined && /^-[^-].*=/s.test(next); // two dashes are the next option
    joined.push(takes ? `${argument}=${next}` : argument);
    if (takes) i++;
  }
  return joined;
}

/** Reads a command's arguments. Throws `invalid-argument` for what the table doesn't know, with the nearest that it does. */
export function parseArguments(command: Command, args: readonly string[]): { values: Values; positionals: string[] } {
  const options = [...command.options, ...COMMON];
  const config = new Map<string, { type: 'string' | 'boolean'; short?: string; multiple?: boolean }>();
  for (const { name, short, value, multiple, negative } of options) {
    const type = value === undefined ? 'boolean' : 'string';
    config.set(name, { type, ...(short === undefined ? {} : { short }), ...(multiple === true ? { multiple } : {}) });
    if (negative !== undefined) config.set(`no-${name}`, { type: 'boolean' });
  }
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: joinDashed(args, options), options: Object.fromEntries(config), allowPositionals: true, strict: true, tokens: true });
  } catch (error) {
    throw usageError(explain(error, args, options));
  }
  const values = new Map(Object.entries(parsed.values as Values));
  for (const token of parsed.tokens ?? []) { // the keys stand in the order in which the options were last given
    if (token.kind !== 'option') continue;
    const value = values.get(token.name);
    values.delete(token.name);
    values.set(token.name, value);
  }
  for (const token of parsed.tokens ?? []) { // of `--x` and `--no-x` the later one holds
    if (token.kind !== 'option' || !token.name.startsWith('no-')) continue;
    const positive = token.name.slice(3);
    if (options.some((option) => option.name === positive && option.negative !== undefined)) {
      const later = (parsed.tokens ?? []).some((other) => other.kind === 'option' && other.name === positive && other.index > token.index);
      if (!later) values.set(positive, false);
      values.delete(token.name);
    }
  }
  for (const option of options) {
    const value = values.get(option.name);
    if (option.choices === undefined || typeof value !== 'string' || option.choices.includes(value)) continue;
    const near = nearest(value, option.choices);
    throw usageError(`--${option.name} is one of ${option.choices.join(', ')}, not '${visible(value)}'${near === null ? '' : `; did you mean ${near}?`}`);
  }
  return { values: Object.fromEntries(values), positionals: parsed.positionals };
}

/** Node's message for a wrong argument, in our words. */
function explain(error: unknown, args: readonly string[], options: readonly Option[]): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const quoted = /'(-[^']*)'/.exec(message)?.[1] ?? args.find((argument) => argument.startsWith('-')) ?? '';
    const name = quoted.replace(/^--?/, '').replace(/=.*$/s, '');
    const near = quoted.startsWith('--') ? nearest(name, longNames(options)) : null;
    return `unknown option ${visible(quoted)}${near === null ? '' : `; did you mean --${near}?`}`;
  }
  const first = message.split('\n', 1)[0] as string;
  const subject = /'([^']*)'/.exec(first)?.[1] ?? '';
  const name = /--[^ ,=]+/.exec(subject)?.[0] ?? subject;
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    return first.includes('does not take an argument') ? `${visible(name)} takes no value` : `${visible(name)} needs a value`;
  }
  return visible(first);
}
