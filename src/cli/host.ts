// binspect host: what is this machine?

import { BinspectError } from '../errors.ts';
import { hostOf } from '../host/host.ts';
import { thisSystem } from '../host/system.ts';
import { renderHost } from '../render/host-text.ts';
import { toJSON } from '../render/json.ts';
import type { Command, Values } from './arguments.ts';
import { styleOf } from './streams/style.ts';
import type { Terminal } from './streams/terminal.ts';

export const host: Command = {
  name: 'host',
  summary: 'Say what this machine is: architecture, kernel, C library, loaders, emulators',
  usage: ['binspect host [--json]'],
  options: [
    { name: 'json', help: 'all of it as one JSON object, with the libraries that the loader finds: what runs --host and verify --runs-on take' },
    { name: 'verbose', short: 'v', help: 'show what told each fact' },
  ],
  operands: [],
  examples: [
    ['binspect host', 'the machine in some lines'],
    ['ssh prod binspect host --json > prod.json', 'to hold files against it elsewhere: binspect runs --host prod.json dist/app'],
  ],
  notes: [
    'On Linux files are read and nothing is started. On macOS one command is started, /usr/sbin/sysctl, and on Windows reg.exe of the system folder: Node alone can not tell a translated process from a native one.',
    'Exit status: 0 fine, 2 wrong usage.',
  ],
  run,
};

async function run(values: Values, operands: readonly string[], terminal: Terminal): Promise<number> {
  if (operands.length > 0) throw new BinspectError('invalid-argument', 'host takes no operand');
  const json = values['json'] === true;
  const system = thisSystem();
  const facts = await hostOf(system, { tree: system.files, libraries: json });
  await terminal.out(json ? `${toJSON(facts)}\n` : renderHost(facts, styleOf(values, terminal)));
  return 0;
}
