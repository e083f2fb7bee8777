// binspect runs FILE…: can it run here, and if not, why?

import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { groundOf, runsFile } from '../host/runs.ts';
import { thisSystem } from '../host/system.ts';
import type { Host } from '../model/host.ts';
import { failureLine, toJSON } from '../render/json.ts';
import { renderRuns } from '../render/runs-text.ts';
import { visible } from '../render/visible.ts';
import { parseHost } from '../verify/runs/host-value.ts';
import type { Command, Values } from './arguments.ts';
import { gathered } from './streams/output.ts';
import { styleOf } from './streams/style.ts';
import type { Terminal } from './streams/terminal.ts';
import { readTextFile } from './streams/text-file.ts';

export const runs: Command = {
  name: 'runs',
  summary: 'Say whether files can run here, or on another machine, and if not, why',
  usage: ['binspect runs [--host HOST.json] [--root DIR] FILE…'],
  options: [
    { name: 'host', value: 'HOST.json', help: 'hold the files against another machine: what binspect host --json wrote there; - reads standard input' },
    { name: 'root', value: 'DIR', help: 'look for loaders and libraries in this folder, as if it were the root: an unpacked image. Links do not lead out of it; a FILE from / that is not below it is looked for in it first' },
    { name: 'json', help: 'one JSON object a line, one line a file' },
    { name: 'verbose', short: 'v', help: 'show every question, and what was not judged' },
  ],
  examples: [
    ['binspect runs ./app', 'why does it say "Exec format error", or "No such file or directory"?'],
    ['binspect runs --host prod.json dist/app', 'will it run there? prod.json comes from: binspect host --json'],
    ['binspect runs --root rootfs /usr/bin/app', 'in an unpacked image, with its own libraries'],
    ['binspect runs node_modules/x/build/Release/x.node', 'can this Node load this addon?'],
  ],
  notes: [
    'Nothing is started: the file, its loader and its libraries are read as the kernel and the loader read them. Not judged are seccomp, SELinux, LD_PRELOAD, and what a program does once it runs.',
    'Exit status: 0 it can run, 1 it can not, 2 wrong usage, 3 that can not be told, or a file could not be read.',
  ],
  run,
};

const LARGEST_HOST = 64 * 1024 * 1024; // bytes; a machine with 2,000 libraries has half a million

/** Reads another machine's file. Throws `io`, and `invalid-argument` for what is none. */
export async function readHost(path: string): Promise<Host> {
  const bytes = await readTextFile(path === '-' ? '/dev/stdin' : path, LARGEST_HOST);
  try {
    return parseHost(decodeText(bytes));
  } catch (error) {
    if (error instanceof BinspectError) error.path = path;
    throw error;
  }
}

async function run(values: Values, paths: readonly string[], terminal: Terminal): Promise<number> {
  if (paths.length === 0) throw new BinspectError('invalid-argument', 'name a file');
  const hostPath = values['host'] as string | undefined;
  const given = hostPath === undefined ? null : { host: await readHost(hostPath), from: hostPath };
  const system = { ...thisSystem(), env: terminal.env };
  const ground = await groundOf(system, given, (values['root'] as string | undefined) ?? null);
  const json = values['json'] === true;
  const style = styleOf(values, terminal);
  const output = gathered(terminal, () => {});
  let status = 0;
  for (const path of paths) {
    if (terminal.closed) break;
    try {
      const report = await runsFile(path, ground);
      await output.write(json ? `${toJSON(report)}\n` : renderRuns(report, style));
      if (report.ok) continue;
      const fails = report.findings.some((one) => one.status === 'fail');
      status = status === 3 || !fails ? 3 : 1;
    } catch (error) {
      if (!(error instanceof BinspectError)) throw error;
      status = 3;
      if (json) await output.write(failureLine(path, error));
      else await output.message(`${visible(path)}: ${visible(error.message)}`);
    }
  }
  await output.flush();
  return status;
}
