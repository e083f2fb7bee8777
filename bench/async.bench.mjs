// inspect(), 16 at a time, beside inspectSync() one after the other: 1,000 ELF files of /usr/bin and /usr/lib/x86_64-linux-gnu.
//
// Both in one process, pass by pass in turn, after passes that warm the code up; a process a round. Where the machine has fewer
// files, they are taken more than once. All of them lie in the system's cache.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, isElf } from './inputs.mjs';
import { compared, figure, inputFolder, least, median, rounds, table, warm } from './measure.mjs';
import { passes } from './processes.mjs';

const COUNT = 1000;

export default function run({ quick }) {
  const found = filesOf(['/usr/bin', '/usr/lib/x86_64-linux-gnu'], isElf);
  if (found.length === 0) {
    console.log('no ELF files in /usr/bin and /usr/lib/x86_64-linux-gnu: not measured\n');
    return;
  }
  const paths = Array.from({ length: COUNT }, (_, index) => found[index % found.length]);
  const list = join(inputFolder(), 'list.txt');
  writeFileSync(list, `${paths.join('\n')}\n`);
  warm(paths);
  const [both] = rounds(quick ? 2 : 7, [() => passes(list, 4, quick ? 3 : 7, ['main', 'async'])], (contender) => contender());
  const one = both.flatMap(({ main }) => main);
  const many = both.flatMap((taken) => taken.async);
  table(`${COUNT.toLocaleString('en')} ELF files`, ['', 'µs a file, least', 'median', 'ratio of the least', 'of the medians', 'target', 'holds'], [
    ['inspectSync(path)', figure(least(one)), figure(median(one)), '', '', '', ''],
    ['inspect(path), 16 at a time / inspectSync(path)', figure(least(many)), figure(median(many)), ...compared(many, one, '≤', 5)],
  ]);
}
