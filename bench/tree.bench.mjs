// A folder of 10,000 binaries: whole processes from start to end, beside what else reads such a folder; and memory at most as it grows.
//
// The folder: every ELF up to 4 MiB of /usr/bin and /usr/lib/x86_64-linux-gnu, copied once with the permission to run (`go version` passes
// over files without), then given as many names by hard links as it takes, 500 in a folder. Nobody here looks at a file once for
// all of its names. Everything lies in the system's cache. The commands take turns, round by round, each with its output in a file; the
// tools that don't walk folders get all names at once, in one process. What each printed is counted first, so that nobody is measured failing.
//
// Memory: V8 lets rubbish lie while there is room, so a longer run looks larger. Whether what is held grows shows where the heap is small:
// those rows have the target.

import { chmodSync, copyFileSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, isElf } from './inputs.mjs';
import { CLI, compared, fits, figure, has, inputFolder, least, median, MIB, peak, rounds, table, verdict, warm } from './measure.mjs';
import { secondsInto } from './processes.mjs';

const COUNT = 10_000;
const A_FOLDER = 500;
const LARGEST = 4 * MIB;
const GROWTH = [1000, 10_000, 50_000];
const HEAP = 24; // MiB
const node = process.execPath;

/** A folder of so many names for the sources; gives the names, as seen from it. */
function tree(folder, sources, count) {
  return Array.from({ length: count }, (_, index) => {
    const name = `${String(Math.floor(index / A_FOLDER)).padStart(2, '0')}/${index % A_FOLDER}`;
    if (index % A_FOLDER === 0) mkdirSync(join(folder, name, '..'), { recursive: true });
    linkSync(sources[index % sources.length], join(folder, name));
    return name;
  });
}

function copies(folder, paths) {
  mkdirSync(folder);
  return paths.map((path, index) => {
    const copy = join(folder, String(index));
    copyFileSync(path, copy);
    chmodSync(copy, 0o755);
    return copy;
  });
}

/** Times commands in turn; gives a row each, the first being what the others are held against. */
function contest(title, commands, { cwd, output, count, round, sign, target, over }) {
  const present = commands.map((command) => (command.tool === undefined || has(command.tool, command.asks) ? command : null));
  for (const command of present) {
    if (command === null) continue;
    secondsInto(output, command.args, { cwd, statuses: command.statuses });
    const answers = command.counts === undefined ? count : readFileSync(output, 'latin1').match(command.counts)?.length ?? 0;
    if (answers < count * 0.98) throw new Error(`${command.what}: ${answers} answers for ${count} files`);
  }
  const figures = rounds(round, present, ({ args, statuses }) => secondsInto(output, args, { cwd, statuses }));
  const [ours] = figures;
  const rows = commands.map(({ what, tool, judged = true }, index) => {
    const head = [what, figure(least(figures[index])), figure(median(figures[index])), figure((least(figures[index]) / count) * 1e6)];
    if (present[index] === null) return [what, '–', '–', '–', '–', '–', `${sign} ${target}`, `not measured: ${tool} is missing`];
    if (index === 0) return [...head, '', '', '', ''];
    const ratio = over === 'theirs' ? compared(ours, figures[index], sign, target) : compared(figures[index], ours, sign, target);
    return [...head, ...(judged ? ratio : [...ratio.slice(0, 2), '', ''])];
  });
  table(title, ['', 's, least', 'median', 'µs a file', over === 'theirs' ? 'binspect / it, of the least' : 'it / binspect, of the least', 'of the medians', 'target', 'holds'], rows);
}

function memory(folder, sources, quick) {
  const counts = quick ? GROWTH.slice(0, 2) : GROWTH;
  const idle = peak(['-e', 'setTimeout(() => {}, 200)']);
  const kinds = [['--no-hash --json', ['--no-hash', '--json']], ['--no-hash, a table', ['--no-hash']], ...(quick ? [] : [['--json, hashed', ['--json']]])].flatMap(([what, args]) => [
    { what, args: [CLI, ...args], judged: false },
    { what: `${what}; a heap of ${HEAP} MiB`, args: [`--max-old-space-size=${HEAP}`, '--max-semi-space-size=1', CLI, ...args], judged: !quick },
  ]);
  const held = kinds.map(() => []);
  for (const count of counts) {
    const mine = join(folder, `grown-${count}`);
    tree(mine, sources, count);
    for (const [index, { args }] of kinds.entries()) held[index].push(Math.min(...[0, 1, 2].map(() => peak([...args, mine]))));
    rmSync(mine, { recursive: true });
  }
  const rows = kinds.map(({ what, judged }, index) => {
    const growth = held[index].at(-1) / held[index].at(-2);
    return [`binspect ${what}`, ...held[index].map(figure), figure(growth), ...(judged ? ['≤ 1.1', verdict([growth], '≤', 1.1)] : ['', ''])];
  });
  const heads = counts.map((count) => count.toLocaleString('en'));
  table(`Memory at most, the least of three runs (MiB; an idle Node: ${figure(idle)})`, ['', ...heads.map((head) => `${head} files`), `${heads.at(-1)} / ${heads.at(-2)}`, 'target', 'holds'], rows);
}

export default function run({ quick }) {
  const found = filesOf(['/usr/bin', '/usr/lib/x86_64-linux-gnu'], isElf).filter((path) => statSync(path).size <= LARGEST);
  const bytes = found.reduce((sum, path) => sum + statSync(path).size, 0);
  const folder = inputFolder();
  if (found.length === 0 || !fits(folder, bytes)) {
    console.log('no ELF files in /usr/bin and /usr/lib/x86_64-linux-gnu, or no room for their copies: not measured\n');
    return;
  }
  const sources = copies(join(folder, 'sources'), found);
  warm(sources);
  const cwd = join(folder, 'tree');
  const names = tree(cwd, sources, COUNT);
  const output = join(folder, 'output.txt');
  const size = Math.round(names.reduce((sum, _, index) => sum + statSync(sources[index % sources.length]).size, 0) / MIB);
  const what = `${COUNT.toLocaleString('en')} binaries (${found.length.toLocaleString('en')} different ones)`;
  const shared = { cwd, output, count: COUNT };
  contest(`${what}, not hashed`, [
    { what: 'binspect --no-hash --json DIR', args: [node, CLI, '--no-hash', '--json', '.'], counts: /^\{"schemaVersion"/gm },
    { what: 'binspect --no-hash DIR (a table)', args: [node, CLI, '--no-hash', '.'], counts: /\n/g, judged: false },
    { what: 'go version -m DIR', tool: 'go', asks: ['version'], args: ['go', 'version', '-m', '.'] },
    { what: 'readelf -hdW FILE…', tool: 'readelf', args: ['readelf', '-hdW', ...names], counts: /^ELF Header:/gm, statuses: [0, 1] },
    { what: 'llvm-readobj --needed-libs FILE…', tool: 'llvm-readobj', args: ['llvm-readobj', '--needed-libs', ...names], counts: /^File: /gm, statuses: [0, 1] },
    { what: 'file FILE…', tool: 'file', args: ['file', ...names], counts: /: +ELF /g },
  ], { ...shared, round: quick ? 2 : 7, sign: '>', target: 1, over: 'ours' });
  contest(`${what}, ${size.toLocaleString('en')} MiB hashed`, [
    { what: 'binspect --json DIR', args: [node, CLI, '--json', '.'], counts: /"sha256":"[0-9a-f]{64}"/g },
    { what: 'binspect hash -r DIR', args: [node, CLI, 'hash', '-r', '.'], counts: /^[0-9a-f]{64} /gm },
    { what: 'sha256sum FILE…', tool: 'sha256sum', args: ['sha256sum', ...names], counts: /^[0-9a-f]{64} /gm, judged: false },
  ], { ...shared, round: quick ? 2 : 5, sign: '≤', target: 1.1, over: 'theirs' });
  rmSync(cwd, { recursive: true });
  memory(folder, sources, quick);
}
