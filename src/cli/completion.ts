// binspect completion SHELL: a script for the shell, written from the same tables that the arguments are parsed with.

import { BinspectError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { visible } from '../render/visible.ts';
import { COMMON } from './arguments.ts';
import type { Command, Option, Values } from './arguments.ts';
import type { Terminal } from './terminal.ts';

/** The commands that a script completes, loaded when it is written. */
export type LoadCommands = () => Promise<readonly Command[]>;

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh, fish };

/** The command; it has to be told of the others. */
export function completionCommand(load: LoadCommands): Command {
  return {
    name: 'completion',
    summary: 'Write a completion script for bash, zsh or fish',
    usage: ['binspect completion bash|zsh|fish'],
    options: [],
    examples: [
      ['source <(binspect completion bash)', 'in ~/.bashrc'],
      ['binspect completion zsh > "${fpath[1]}/_binspect"', 'once, for zsh'],
      ['binspect completion fish > ~/.config/fish/completions/binspect.fish', 'once, for fish'],
    ],
    async run(_: Values, operands: readonly string[], terminal: Terminal): Promise<number> {
      const [shell] = operands;
      if (shell === undefined || operands.length > 1) throw new BinspectError('invalid-argument', `name one shell: ${Object.keys(SHELLS).join(', ')}`);
      const write = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
      if (write === undefined) {
        const near = nearest(shell, Object.keys(SHELLS));
        const advice = near === null ? '' : `; did you mean ${near}?`;
        throw new BinspectError('invalid-argument', `no completions for ${visible(shell)}, only for ${Object.keys(SHELLS).join(', ')}${advice}`);
      }
      await terminal.out(write(await load()));
      return 0;
    },
  };
}

/** A command's options, `--no-NAME` among them as an option of its own. */
function allOptions({ options }: Command): Option[] {
  return [...options, ...COMMON].flatMap((option) => (option.negative === undefined ? [option] : [option, { name: `no-${option.name}`, help: option.negative }]));
}

function longOptions(command: Command): string[] {
  return allOptions(command).map(({ name }) => `--${name}`);
}

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => `    ${command.name}) options='${longOptions(command).join(' ')}' ;;`).join('\n');
  return `# bash completion for binspect
_binspect() {
  local word=\${COMP_WORDS[COMP_CWORD]} options
  case \${COMP_WORDS[1]} in
${cases}
    *) options='${longOptions(commands[0] as Command).join(' ')}' ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$word") $(compgen -f -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _binspect binspect
`;
}

/** Text within single quotes, for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function zshOption({ name, value, help, choices }: Option): string {
  const text = help.replace(/[[\]:]/g, (character) => `\\${character}`);
  const argument = value === undefined ? '' : `:${value}:${choices === undefined ? '_files' : `(${choices.join(' ')})`}`;
  return quoted(`--${name}${value === undefined ? '' : '='}[${text}]${argument}`);
}

function zsh(commands: readonly Command[]): string {
  const names = commands.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(' ');
  const cases = commands.map((command) => `    ${command.name}) _arguments ${allOptions(command).map(zshOption).join(' ')} '*:file:_files' ;;`).join('\n');
  return `#compdef binspect
# zsh completion for binspect
_binspect() {
  local -a commands
  commands=(${names})
  if ((CURRENT == 2)); then
    _describe command commands
    _files
    return
  fi
  local command=\${words[2]}
  shift words
  ((CURRENT--))
  case $command in
${cases}
    *) _files ;;
  esac
}
_binspect "$@"
`;
}

function fish(commands: readonly Command[]): string {
  const lines = ['# fish completion for binspect'];
  for (const command of commands) {
    const { name, summary } = command;
    lines.push(`complete -c binspect -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`);
    for (const { name: option, short, value, choices, help } of allOptions(command)) {
      const letter = short === undefined ? '' : ` -s ${short}`;
      const argument = value === undefined ? '' : choices === undefined ? ' -r' : ` -x -a ${quoted(choices.join(' '))}`;
      lines.push(`complete -c binspect -n '__fish_seen_subcommand_from ${name}' -l ${option}${letter}${argument} -d ${quoted(help)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
