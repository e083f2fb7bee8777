// One file: inspectSync() of every executable file at hand, in microseconds a file, beside what nobody can do without and beside its peers.
//
// The files: every ELF of /usr/bin and /usr/lib/x86_64-linux-gnu, and of the folders below them, links not followed; Mach-O and PE from
// the folders that BINSPECT_CORPUS names. Their magic numbers are looked at beforehand, so nothing is measured but reading executables.
// All of it lies in the system's cache. Each round starts a process for each contender, round by round in turn; in it, some passes over
// all files warm the code up, and those after them are timed, pass by pass. The bare cost (open, fstat, one read of 4 KiB into the same
// buffer every time, close) is measured in the very process that it is compared with, its passes in between. The peers: a program in Go
// (debug/elf's ImportedLibraries and debug/buildinfo; bench/go/elf.go) that times its own loop; node-lief, each file parsed and asked
// for its format, its entry point and whether it is position-independent (one round only, where that takes more than ten seconds). The
// targets are for ELF; the other formats are for information.

import { statSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { buildGo, corpusFolders, filesOf, installLief, isElf, isMachO, isMz } from './inputs.mjs';
import { compared, figure, inputFolder, least, median, MIB, rounds, table, verdict, warm } from './measure.mjs';
import { answer, passes } from './processes.mjs';

const FOLDERS = ['/usr/bin', '/usr/lib/x86_64-linux-gnu'];

function measure(title, paths, folder, peers, { quick }) {
  const list = join(folder, `${title.replace(/\W/g, '-')}.txt`);
  writeFileSync(list, `${paths.join('\n')}\n`);
  warm(paths);
  const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  const count = quick ? 3 : 7;
  const timed = Math.max(quick ? 3 : 5, Math.ceil(1000 / paths.length));
  const warmUp = Math.max(4, Math.ceil(4000 / paths.length));
  const fitsMemory = bytes * 1.5 < freemem();
  if (!fitsMemory) console.log(`${Math.round(bytes / MIB)} MiB do not fit into memory: from bytes is not measured\n`);
  const bare = [];
  let slow = false;
  const liefPass = () => {
    const [taken] = passes(list, 0, 1, ['lief'], { BENCH_LIEF: peers.lief }).lief;
    slow = taken * paths.length > 10e6;
    return taken;
  };
  const contenders = [
    () => {
      const taken = passes(list, warmUp, timed, ['bare', 'main']);
      bare.push(...taken.bare);
      return taken.main;
    },
    () => passes(list, warmUp, timed, ['all']).all,
    fitsMemory ? () => passes(list, warmUp, timed, ['bytes']).bytes : null,
    typeof peers.go !== 'string' ? null : () => answer(peers.go, [String(timed), list]),
    peers.lief === null ? null : () => (slow ? [] : liefPass()),
  ];
  const [main, all, fromBytes, go, lief] = rounds(count, contenders, (contender) => contender());
  const row = (what, taken, rest) => [what, figure(least(taken)), figure(median(taken)), ...rest];
  const withTarget = (cells) => (peers.targets ? cells : [...cells.slice(0, 2), '', '']);
  table(
    `${title}: ${paths.length.toLocaleString('en')} files, ${Math.round(bytes / MIB).toLocaleString('en')} MiB`,
    ['', 'µs a file, least', 'median', 'ratio of the least', 'of the medians', 'target', 'holds'],
    [
      row('open + fstat + read 4 KiB + close', bare, ['', '', '', '']),
      row('inspectSync(path) / bare cost', main, withTarget(compared(main, bare, '≤', 3))),
      row("inspectSync(path, { facts: 'all' }) / bare cost", all, [...compared(all, bare, '≤', 3).slice(0, 2), '', '']),
      row('inspectSync(bytes)', fromBytes, withTarget(['', '', '≤ 10 µs', verdict([least(fromBytes), median(fromBytes)], '≤', 10)])),
      ...(peers.go === undefined ? [] : [row('Go: debug/elf + debug/buildinfo / inspectSync(path)', go, compared(go, main, '≥', 4))]),
      row('node-lief / inspectSync(path)', lief, withTarget(compared(lief, main, '≥', 10))),
    ],
  );
}

export default function run(options) {
  const folder = inputFolder();
  const lief = installLief();
  const elf = filesOf(FOLDERS, isElf);
  if (elf.length > 0) measure(`ELF of ${FOLDERS.join(' and ')}`, elf, folder, { go: buildGo('elf.go'), lief, targets: true }, options);
  else console.log(`no ELF files in ${FOLDERS.join(' and ')}: not measured\n`);
  const folders = corpusFolders();
  if (folders.length === 0) console.log('BINSPECT_CORPUS names no folders with Mach-O and PE files: not measured\n');
  for (const [name, isWanted] of [['Mach-O', isMachO], ['PE', isMz]]) {
    const paths = filesOf(folders, isWanted);
    if (paths.length > 0) measure(`${name} of BINSPECT_CORPUS`, paths, folder, { lief, targets: false }, options);
    else if (folders.length > 0) console.log(`no ${name} files in the folders of BINSPECT_CORPUS: not measured\n`);
  }
}
