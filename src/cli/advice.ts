// Wrong usage, met with the right line: what was typed, with the mistyped word replaced, ready to copy.

import { visible } from '../render/visible.ts';
import { tinted } from '../render/words.ts';
import { quoted } from './shell-quote.ts';
import { wantsColor } from './streams/terminal.ts';
import type { Terminal } from './streams/terminal.ts';

/** An argument as a shell takes it; `--option=value` stands as it is. */
export function shellWord(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : quoted(argument);
}

/** The command line with a word replaced. A word may stand within an argument: behind '=', or in a list with commas. Null where it stands nowhere. */
export function correctedLine(args: readonly string[], wrong: string, right: string): string | null {
  const within = (argument: string): boolean => argument === wrong || argument.split(/[=,]/).includes(wrong);
  const at = args.findIndex(within);
  if (at === -1) return null;
  const argument = args[at] as string;
  const fixed = argument === wrong ? right : argument.split(/([=,])/).map((part) => (part === wrong ? right : part)).join('');
  return ['binspect', ...args.slice(0, at), fixed, ...args.slice(at + 1)].map(shellWord).join(' ');
}

/** The corrected line of a message that says what was probably meant; null where it says no such thing. */
export function lineOfMessage(message: string, args: readonly string[]): string | null {
  const [, right] = /; did you mean (\S+?)\?$/.exec(message) ?? [];
  if (right === undefined) return null;
  const pattern = right.startsWith('-') ? /(?<![\w-])(--?[\w-]+)/g : /'([^']+)'/g; // an option is meant by an option
  const named = Array.from(message.matchAll(pattern), ([, word]) => word as string);
  for (const wrong of named) {
    const line = wrong === right ? null : correctedLine(args, wrong, right);
    if (line !== null) return line;
  }
  return null;
}

/** 'error: …' for standard error, and below it the line that would be right. */
export function errorText(message: string, line: string | null, terminal: Terminal): string {
  const style = { color: wantsColor('auto', terminal.env, terminal.errIsTerminal), unicode: true, columns: Infinity, verbose: false };
  return `${tinted(tinted('error:', 'bold', style), 'red', style)} ${message}\n${line === null ? '' : `  ${tinted(visible(line), 'bold', style)}\n`}`;
}
