// Which command it is, and what becomes of its failures.

import { existsSync } from 'node:fs';
import manifest from '../../package.json' with { type: 'json' };
import { BinspectError } from '../errors.ts';
import { wordIn } from '../model/names.ts';
import { nearest } from '../model/nearest.ts';
import { visible } from '../render/visible.ts';
import type { Style } from '../render/words.ts';
import { parseArguments } from './arguments.ts';
import type { Command, Values } from './arguments.ts';
import type { Terminal } from './streams/terminal.ts';

/** The commands, each loaded when it is wanted. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  inspect: async () => (await import('./inspect.ts')).inspectCommand,
  verify: async () => (await import('./verify.ts')).verify,
  go: async () => (await import('./go.ts')).go,
  hash: async () => (await import('./hash.ts')).hash,
  map: async () => (await import('./map.ts')).map,
  diff: async () => (await import('./diff.ts')).diff,
  sbom: async () => (await import('./sbom.ts')).sbom,
  runs: async () => (await import('./runs.ts')).runs,
  host: async () => (await import('./host.ts')).host,
  process: async () => (await import('./process.ts')).processCommand,
  completion: async () => (await import('./completion.ts')).completionCommand(allCommands),
};

/** Every command, in the order of the help. */
function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

async function versionTo(terminal: Terminal): Promise<number> {
  await terminal.out(`binspect ${manifest.version}\n`);
  return 0;
}

/** Runs the program; gives its exit status. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...others] = args;
  const named = first !== undefined && wordIn(COMMANDS, first) !== undefined ? first : null;
  const meant = named === null && first !== undefined ? mistyped(first) : null;
  if (meant !== null) {
    const { errorText, shellWord } = await import('./advice.ts');
    terminal.err(errorText(`there is no command and no file called '${visible(first as string)}'; did you mean ${meant}?`, ['binspect', meant, ...others].map(shellWord).join(' '), terminal));
    return 2;
  }
  try {
    if (args.length === 0 && terminal.outIsTerminal) {
      await helpTo(terminal, {}, ({ shortHelp }, style) => shortHelp(style));
      return 2; // nothing was asked for
    }
    if (named === null && args.length === 1 && isOneOf(first, ['--help', '-h', 'help'])) return await programHelpTo(terminal);
    if (args.length === 1 && first === '--version') return await versionTo(terminal); // without loading a command
    if (isOneOf(first, ['--help', '-h']) && args.length === 2 && wordIn(COMMANDS, others[0] as string) !== undefined) return await main([others[0] as string, '--help'], terminal);
    if (first === 'help' && args.length === 2 && !existsSync(first)) return await main([helpedCommand(others[0] as string), '--help'], terminal);
    const command = await (wordIn(COMMANDS, named ?? 'inspect') as () => Promise<Command>)();
    const { values, positionals } = parseArguments(command, named === null ? args : others);
    if (values['help'] === true) {
      await helpTo(terminal, values, ({ commandHelp }, style) => commandHelp(command, style));
      return 0;
    }
    if (values['version'] === true) return await versionTo(terminal);
    const status = await command.run(values, positionals, terminal);
    if (status !== 0 && named !== 'hash') remarkOnBytes(args, terminal); // hash says so with the file
    return status;
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    const message = `${error.path === undefined ? '' : `${visible(error.path)}: `}${visible(error.message)}`;
    const usage = error.code === 'invalid-argument' || error.code === 'invalid-policy';
    const standsFor = named === 'hash' || named === 'go'; // sha256sum and go version: their words, and their statuses
    const advice = usage && !standsFor ? await import('./advice.ts') : null;
    const line = advice !== null && error.code === 'invalid-argument' ? advice.lineOfMessage(error.message, args) : null;
    terminal.err(advice?.errorText(message, line, terminal) ?? `binspect: ${message}\n`);
    remarkOnBytes(args, terminal);
    if (!usage) return standsFor ? 1 : 3;
    if (error.code === 'invalid-argument' && line === null) terminal.err(`Try 'binspect ${named === null ? '' : `${named} `}--help'.\n`);
    return 2;
  }
}

/** The command that `help NAME` asks about. Throws `invalid-argument` where there is none. */
function helpedCommand(name: string): string {
  if (Object.hasOwn(COMMANDS, name)) return name;
  const near = nearest(name, Object.keys(COMMANDS));
  throw new BinspectError('invalid-argument', `there is no command '${name}'${near === null ? '' : `; did you mean ${near}?`}`);
}

/** Node reads arguments as UTF-8, and has U+FFFD in place of bytes that are none: the file that was meant has another name. */
function remarkOnBytes(args: readonly string[], terminal: Terminal): void {
  if (!args.some((argument) => argument.includes('\ufffd'))) return;
  terminal.err('binspect: hint: bytes of arguments that are not UTF-8 do not reach this program; name the folder that the file is in\n');
}

function isOneOf(word: string | undefined, words: readonly string[]): boolean {
  return word !== undefined && words.includes(word);
}

/** The command, or the option, that a word which names no file was probably meant to be: it begins like it. Null where there is none. */
function mistyped(word: string): string | null {
  if (!/^(-V|[a-z]{3,})$/i.test(word) || existsSync(word)) return null;
  if (word === '-V' || word === 'version') return '--version';
  const near = nearest(word.toLowerCase(), Object.keys(COMMANDS));
  return near !== null && near[0] === word[0]?.toLowerCase() ? near : null;
}

/** Writes a page of help, whose code is loaded for it. */
async function helpTo(terminal: Terminal, values: Values, page: (help: typeof import('./help.ts'), style: Style) => string): Promise<void> {
  const [help, { styleOf }] = await Promise.all([import('./help.ts'), import('./streams/style.ts')]);
  await terminal.out(page(help, styleOf(values, terminal)));
}

async function programHelpTo(terminal: Terminal): Promise<number> {
  const commands = await allCommands();
  await helpTo(terminal, {}, ({ programHelp }, style) => programHelp(commands, style));
  return 0;
}
