// Which command it is, and what becomes of its failures.

import manifest from '../../package.json' with { type: 'json' };
import { BinspectError } from '../errors.ts';
import { visible } from '../render/visible.ts';
import { parseArguments } from './arguments.ts';
import type { Command } from './arguments.ts';
import { commandHelp, programHelp } from './help.ts';
import type { Terminal } from './terminal.ts';

/** The commands, each loaded when it is wanted. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  inspect: async () => (await import('./inspect.ts')).inspectCommand,
  go: async () => (await import('./go.ts')).go,
  hash: async () => (await import('./hash.ts')).hash,
  completion: async () => (await import('./completion.ts')).completionCommand(allCommands),
  verify: async () => (await import('./verify.ts')).verify,
};

/** Every command, in the order of the help. */
function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

/** Runs the program; gives its exit status. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const named = args[0] !== undefined && Object.hasOwn(COMMANDS, args[0]) ? args[0] : null;
  const rest = named === null ? args : args.slice(1);
  try {
    if (named === null && isGeneral(args)) return await general(args, terminal);
    const command = await (COMMANDS[named ?? 'inspect'] as () => Promise<Command>)();
    const { values, positionals } = parseArguments(command, rest);
    if (values['help'] === true) {
      await terminal.out(commandHelp(command, terminal.columns));
      return 0;
    }
    if (values['version'] === true) return await general(['--version'], terminal);
    return await command.run(values, positionals, terminal);
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    terminal.err(`binspect: ${error.path === undefined ? '' : `${visible(error.path)}: `}${visible(error.message)}\n`);
    if (error.code !== 'invalid-argument' && error.code !== 'invalid-policy') return 3;
    if (error.code === 'invalid-argument') terminal.err(`Try 'binspect ${named === null ? '' : `${named} `}--help'.\n`);
    return 2;
  }
}

/** Whether the arguments ask about the program itself. */
function isGeneral(args: readonly string[]): boolean {
  return args.length === 1 && ['--help', '-h', 'help', '--version'].includes(args[0] as string);
}

async function general([word]: readonly string[], terminal: Terminal): Promise<number> {
  if (word === '--version') {
    await terminal.out(`binspect ${manifest.version}\n`);
    return 0;
  }
  await terminal.out(programHelp(await allCommands(), terminal.columns));
  return 0;
}
