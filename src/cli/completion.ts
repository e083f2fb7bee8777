// binspect completion SHELL: a script for the shell, written from the same tables that the arguments are parsed with.

import { BinspectError } from '../errors.ts';
import { wordIn } from '../model/names.ts';
import { nearest } from '../model/nearest.ts';
import { visible } from '../render/visible.ts';
import { COMMON } from './arguments.ts';
import type { Command, Option, Values } from './arguments.ts';
import type { Terminal } from './streams/terminal.ts';

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
    operands: Object.keys(SHELLS),
    examples: [
      ['source <(binspect completion bash)', 'in ~/.bashrc'],
      ['binspect completion zsh > "${fpath[1]}/_binspect"', 'once, for zsh'],
      ['binspect completion fish > ~/.config/fish/completions/binspect.fish', 'once, for fish'],
    ],
    async run(_: Values, operands: readonly string[], terminal: Terminal): Promise<number> {
      const [shell] = operands;
      if (shell === undefined || operands.length > 1) throw new BinspectError('invalid-argument', `name one shell: ${Object.keys(SHELLS).join(', ')}`);
      const write = wordIn(SHELLS, shell);
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

/** The values that an option is offered with; undefined where any text or path may follow. */
function offered({ choices, offers }: Option): readonly string[] | undefined {
  return choices ?? offers;
}

/** Words as one bash word, a line each. */
function bashWords(words: readonly string[]): string {
  return `$'${words.join('\\n')}'`;
}

/** No `mapfile`: macOS has bash 3.2. At `=` bash breaks words, so the value of `--color=` is a word after a word that is `=`. */
function bash(commands: readonly Command[]): string {
  const values = new Map(commands.flatMap(allOptions).flatMap((option) => (offered(option) === undefined ? [] : [[option.name, option] as const])));
  const cases = commands.map((command) => {
    const operands = command.operands === undefined ? '' : ` operands=${bashWords(command.operands)}`;
    return `    ${command.name}) options=${bashWords(allOptions(command).map(({ name }) => `--${name}`))}${operands} ;;`;
  });
  return `# bash completion for binspect
_binspect() {
  local IFS=$'\\n' word=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} options operands=
  [[ $option == = ]] && option=\${COMP_WORDS[COMP_CWORD-2]}
  [[ $word == = ]] && word=
  case $command in
    ${commands.map(({ name }) => name).join('|')}) ;;
    *) command=inspect ;;
  esac
  case $command in
${cases.join('\n')}
  esac
  case $option in
${Array.from(values.values(), (option) => `    ${option.short === undefined ? '' : `-${option.short}|`}--${option.name}) COMPREPLY=($(compgen -W ${bashWords(offered(option) ?? [])} -- "$word")); return ;;`).join('\n')}
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [[ -n $operands ]]; then
    COMPREPLY=($(compgen -W "$operands" -- "$word"))
  elif ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${bashWords(commands.map(({ name }) => name))} -- "$word") $(compgen -f -- "$word"))
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

/** The specifications of an option for _arguments: one for its long name, one for its letter. */
function zshOption(option: Option): string[] {
  const { name, short, value, help, multiple } = option;
  const words = offered(option);
  const text = `[${help.replace(/[[\]:]/g, (character) => `\\${character}`)}]`;
  const argument = value === undefined ? '' : `:${value}:${words === undefined ? '_files' : `(${words.join(' ')})`}`;
  const again = multiple === true ? '*' : '';
  return [quoted(`${again}--${name}${value === undefined ? '' : '='}${text}${argument}`), ...(short === undefined ? [] : [quoted(`${again}-${short}${text}${argument}`)])];
}

function zsh(commands: readonly Command[]): string {
  const names = commands.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(' ');
  const cases = commands.map((command) => {
    const operands = command.operands === undefined ? '_files' : `(${command.operands.join(' ')})`;
    return `    ${command.name}) _arguments ${allOptions(command).flatMap(zshOption).join(' ')} '*:operand:${operands}' ;;`;
  });
  return `#compdef binspect
# zsh completion for binspect
_binspect() {
  local -a commands
  commands=(${names})
  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
    _describe command commands
    _files
    return
  fi
  local command=inspect
  if ((\${commands[(I)$words[2]:*]})); then
    command=$words[2]
    shift words
    ((CURRENT--))
  fi
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _binspect ]]; then _binspect "$@"; else compdef _binspect binspect; fi
`;
}

function fish(commands: readonly Command[]): string {
  const lines = ['# fish completion for binspect'];
  const others = commands.filter(({ name }) => name !== 'inspect').map(({ name }) => name);
  for (const command of commands) {
    const { name, summary, operands } = command;
    const given = name === 'inspect' ? `not __fish_seen_subcommand_from ${others.join(' ')}` : `__fish_seen_subcommand_from ${name}`;
    lines.push(`complete -c binspect -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`);
    if (operands !== undefined) lines.push(`complete -c binspect -n ${quoted(given)} -f -a ${quoted(operands.join(' '))}`);
    for (const option of allOptions(command)) {
      const letter = option.short === undefined ? '' : ` -s ${option.short}`;
      const words = offered(option);
      const argument = option.value === undefined ? '' : words === undefined ? ' -r' : ` -x -a ${quoted(words.join(' '))}`;
      lines.push(`complete -c binspect -n ${quoted(given)} -l ${option.name}${letter}${argument} -d ${quoted(option.help)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
