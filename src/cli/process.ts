// binspect process PID…: what does it run, and how?

import { BinspectError } from '../errors.ts';
import { hostOf } from '../host/host.ts';
import { processOf } from '../host/process.ts';
import { thisSystem } from '../host/system.ts';
import { renderProcess } from '../render/host-text.ts';
import { failureLine, toJSON } from '../render/json.ts';
import { visible } from '../render/visible.ts';
import type { Command, Values } from './arguments.ts';
import { gathered } from './streams/output.ts';
import { styleOf } from './streams/style.ts';
import type { Terminal } from './streams/terminal.ts';

export const processCommand: Command = {
  name: 'process',
  summary: 'Say what processes run: natively, emulated, translated, and what shows it',
  usage: ['binspect process [OPTION…] PID…'],
  options: [
    { name: 'json', help: 'one JSON object a line, one line a process' },
    { name: 'verbose', short: 'v', help: 'show the command line as well' },
  ],
  operands: [],
  examples: [
    ['binspect process 14239', 'is it emulated, and by what?'],
    ['binspect process --json $(pgrep myapp) | jq -r .mode', 'for scripts'],
  ],
  notes: [
    'An emulated process shows the emulator as its program to ps and file. Here the emulator and what it runs are told apart, by what is mapped. On macOS /bin/ps is started; on Windows nothing can be told.',
    'Processes of other users show only their names and command lines: what may not be read is listed. Run it as root to see all.',
    'Exit status: 0 fine, 2 wrong usage, 3 there is no such process, or not all could be read.',
  ],
  run,
};

async function run(values: Values, operands: readonly string[], terminal: Terminal): Promise<number> {
  if (operands.length === 0) throw new BinspectError('invalid-argument', 'name the number of a process');
  const pids = operands.map((text) => {
    if (!/^[1-9]\d{0,9}$/.test(text) || Number(text) > 0x7fff_ffff) throw new BinspectError('invalid-argument', `the number of a process is wanted, not '${visible(text)}'`);
    return Number(text);
  });
  const system = thisSystem();
  const host = await hostOf(system, { tree: system.files, libraries: false });
  const json = values['json'] === true;
  const style = styleOf(values, terminal);
  const output = gathered(terminal, () => {});
  let status = 0;
  for (const pid of pids) {
    try {
      const report = await processOf(pid, system, host);
      if (report.mode === 'unknown') status = 3;
      await output.write(json ? `${toJSON(report)}\n` : renderProcess(report, style));
    } catch (error) {
      if (!(error instanceof BinspectError)) throw error;
      status = 3;
      if (json) await output.write(failureLine(String(pid), error));
      else await output.message(visible(error.message));
    }
  }
  await output.flush();
  return status;
}
