// binspect completion SHELL: a script for the shell, written from the same tables that the arguments are parsed with.

import { BinspectError } from '../errors.ts';
import { wordIn } from '../model/names.ts';
import { nearest } from '../model/nearest.ts';
import { visible } from '../render/visible.ts';
import { COMMON } from './arguments.ts';
import { fieldNames } from './field-names.ts';
import type { Command, Option, Values } from './arguments.ts';
import type { Terminal } from './streams/terminal.ts';

/** The commands that a script completes, loaded when it is written. */
export type LoadCommands = () => Promise<readonly Command[]>;

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh, fish, powershell };

/** The command; it has to be told of the others. */
export function completionCommand(load: LoadCommands): Command {
  return {
    name: 'completion',
    summary: 'Write a completion script for bash, zsh, fish or PowerShell',
    usage: ['binspect completion bash|zsh|fish|powershell'],
    options: [],
    operands: Object.keys(SHELLS),
    examples: [
      ['source <(binspect completion bash)', 'in ~/.bashrc'],
      ['binspect completion zsh > "${fpath[1]}/_binspect"', 'once, for zsh'],
      ['binspect completion fish > ~/.config/fish/completions/binspect.fish', 'once, for fish'],
      ['binspect completion powershell >> $PROFILE', 'once, for PowerShell'],
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
      await terminal.out(write(withFields(await load())));
      return 0;
    },
  };
}

/** The commands, with the names of facts as what `--fields` offers. */
function withFields(commands: readonly Command[]): Command[] {
  return commands.map((command) => ({ ...command, options: command.options.map((option) => (option.name === 'fields' ? { ...option, offers: fieldNames() } : option)), run: command.run }));
}

/** Whether an option's value is a path, by the word that stands for it in help. */
function takesPath({ value = '' }: Option): boolean {
  return /^(FILE|PATH|DIR|OUT|OLD|HOST\.json|FORMAT\[=FILE\])$/.test(value);
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
  const argument = value === undefined ? '' : `:${value}:${words === undefined ? (takesPath(option) ? '_files' : ' ') : `(${words.join(' ')})`}`;
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
      const argument = option.value === undefined ? '' : words === undefined ? (takesPath(option) ? ' -r -F' : ' -x') : ` -x -a ${quoted(words.join(' '))}`;
      lines.push(`complete -c binspect -n ${quoted(given)} -l ${option.name}${letter}${argument} -d ${quoted(option.help)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Text within single quotes, for PowerShell. */
function psQuoted(text: string): string {
  return `'${text.replaceAll("'", "''").replace(/[\u2018\u2019]/g, '$&$&')}'`;
}

/** Windows PowerShell 5.1 and PowerShell 7. Files are completed where nothing is returned. */
function powershell(commands: readonly Command[]): string {
  const list = (words: readonly string[]): string => `@(${words.map(psQuoted).join(', ')})`;
  const options = commands.map((command) => `    ${psQuoted(command.name)} = [ordered]@{ ${allOptions(command).map(({ name, help }) => `${psQuoted(`--${name}`)} = ${psQuoted(help)}`).join('; ')} }`);
  const values = new Map(commands.flatMap(allOptions).flatMap((option) => (offered(option) === undefined ? [] : [[option.name, option] as const])));
  const offers = Array.from(values.values(), (option) => [`--${option.name}`, ...(option.short === undefined ? [] : [`-${option.short}`])].map((name) => `    ${psQuoted(name)} = ${list(offered(option) ?? [])}`).join('\n'));
  const operands = commands.flatMap(({ name, operands: words }) => (words === undefined ? [] : [`    ${psQuoted(name)} = ${list(words)}`]));
  const summaries = commands.map(({ name, summary }) => `    ${psQuoted(name)} = ${psQuoted(summary)}`);
  return `# PowerShell completion for binspect
Register-ArgumentCompleter -Native -CommandName binspect -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${summaries.join('\n')}
  }
  $options = @{
${options.join('\n')}
  }
  $offers = @{
${offers.join('\n')}
  }
  $operands = @{
${operands.join('\n')}
  }
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $command = 'inspect'
  if ($words.Count -gt 1 -and $commands.Contains($words[1])) { $command = $words[1] }
  $last = ''
  if ($words.Count -gt 1) { $last = $words[-1] }
  if ($offers.ContainsKey($last)) {
    return $offers[$last] | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
  }
  if ($wordToComplete -like '-*') {
    return $options[$command].GetEnumerator() | Where-Object { $_.Key -like "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_.Key, $_.Key, 'ParameterName', $_.Value) }
  }
  if ($operands.ContainsKey($command)) {
    return $operands[$command] | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
  }
  if ($words.Count -le 1) {
    return $commands.GetEnumerator() | Where-Object { $_.Key -like "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_.Key, $_.Key, 'ParameterValue', $_.Value) }
  }
}
`;
}
