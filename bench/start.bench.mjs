// The start: whole processes of the shipped command, from start to end, beside `node -e 0`, in milliseconds.
//
// All commands take turns, round by round, 60 rounds; the file is a small program (/usr/bin/true where there is one, else Node itself).
// Standard output is once /dev/null and once a pipe, which costs Node more to open. The targets are differences to `node -e 0` with the
// same output, of the least and of the medians.

import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildGo } from './inputs.mjs';
import { CLI, figure, inputFolder, least, median, rounds, table, verdict } from './measure.mjs';

const node = process.execPath;

function milliseconds({ args, output }) {
  const start = performance.now();
  const { error, status } = spawnSync(node, args, { stdio: ['ignore', output, 'ignore'] });
  const taken = performance.now() - start;
  if (error !== undefined || status !== 0) throw error ?? new Error(`node ${args.join(' ')} failed: ${status}`);
  return taken;
}

export default function run({ quick }) {
  const empty = join(inputFolder(), 'empty.cjs');
  writeFileSync(empty, '');
  const file = existsSync('/usr/bin/true') ? '/usr/bin/true' : node;
  const program = buildGo('elf.go');
  const commands = [
    { what: 'node -e 0', args: ['-e', '0'] },
    { what: 'node, an empty file', args: [empty] },
    { what: 'binspect --version', args: [CLI, '--version'], most: 5 },
    { what: 'binspect FILE', args: [CLI, file], most: 15 },
    { what: 'binspect --json FILE', args: [CLI, '--json', file], most: 15 },
    ...(program === null ? [] : [{ what: 'binspect go FILE', args: [CLI, 'go', program] }]),
    { what: 'binspect hash FILE', args: [CLI, 'hash', file] },
    { what: 'binspect verify --kind executable FILE', args: [CLI, 'verify', '--kind', 'executable', file] },
  ];
  const outputs = [['/dev/null', 'ignore'], ['a pipe', 'pipe']];
  const contenders = outputs.flatMap(([, output]) => commands.map((command) => ({ ...command, output })));
  const figures = rounds(quick ? 10 : 60, contenders, milliseconds);
  for (const [index, [name]] of outputs.entries()) {
    const mine = figures.slice(index * commands.length, (index + 1) * commands.length);
    const idle = mine[0];
    const rows = commands.map(({ what, most }, row) => {
      const more = [least(mine[row]) - least(idle), median(mine[row]) - median(idle)];
      return [what, figure(least(mine[row])), figure(median(mine[row])), ...more.map(figure), most === undefined ? '' : `≤ +${most} ms`, most === undefined ? '' : verdict(more, '≤', most)];
    });
    table(`Start to end, standard output to ${name} (ms)`, ['', 'least', 'median', 'more than node -e 0, of the least', 'of the medians', 'target', 'holds'], rows);
  }
}
