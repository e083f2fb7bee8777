// SHA-256: one file of any size, many files, memory; beside openssl, sha256sum, node:crypto over a plain stream, Web Crypto.

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { best, CLI, figure, fits, GIB, has, inputFolder, KIB, makeFile, MIB, peak, sizeText, table, warm } from './measure.mjs';

const ROUNDS = 5;
const SIZES = [4 * KIB, 64 * KIB, MIB, 16 * MIB, 256 * MIB, GIB, 4 * GIB];
const COUNTS = [10, 100, 1000, 10_000];
const PARTS = 8; // large files that are hashed at the same time
const PART = 512 * MIB;

const node = process.execPath;
const hash = (...args) => [node, CLI, 'hash', ...args];

/** MiB/s of the crypto library that Node is built with is what `memory` measures; this is the installed one's own figure. */
function opensslSpeed() {
  const { stdout } = spawnSync('openssl', ['speed', '-evp', 'sha256', '-bytes', String(MIB), '-seconds', '2'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return (Number(/^sha256\s+([\d.]+)k/im.exec(stdout)?.[1]) * 1000) / MIB;
}

function inProcess([way, path]) {
  const { stdout, stderr, status } = spawnSync(node, [join(import.meta.dirname, 'hash-one.mjs'), way, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

function oneFile(paths, tools) {
  const ceiling = tools.openssl ? Math.max(opensslSpeed(), opensslSpeed()) : Number.NaN;
  const inner = [];
  const outer = [];
  for (const [size, path] of paths) {
    const rate = (taken) => size / MIB / taken;
    const rounds = size > GIB ? 3 : ROUNDS;
    const ways = [['binspect', path], ['stream', path], size <= GIB ? ['webcrypto', path] : null, ['memory', path]];
    const [ours, stream, web, memory] = best(rounds, ways, inProcess).map(rate);
    inner.push([sizeText(size), figure(ours), figure(stream), figure(web || Number.NaN), figure(memory), figure(ours / memory), figure(ours / ceiling)]);
    const commands = [hash(path), tools.sha256sum ? ['sha256sum', path] : null, tools.openssl ? ['openssl', 'dgst', '-sha256', path] : null];
    const [program, sum, dgst] = best(rounds, commands).map(rate);
    outer.push([sizeText(size), figure(program), figure(sum || Number.NaN), figure(dgst || Number.NaN), figure(program / sum), figure(program / dgst)]);
  }
  const speed = Number.isFinite(ceiling) ? `; openssl speed: ${figure(ceiling)} MiB/s` : '';
  table(`One file, in the process (MiB/s${speed})`, ['size', 'binspect', 'plain stream', 'Web Crypto', 'no reading', 'binspect / no reading', 'binspect / openssl speed'], inner);
  table('One file, the whole program from start to end (MiB/s)', ['size', 'binspect hash', 'sha256sum', 'openssl dgst', '/ sha256sum', '/ openssl dgst'], outer);
}

function manyFiles(folder, tools) {
  const rows = COUNTS.map((count) => {
    const paths = Array.from({ length: count }, (_, index) => makeFile(join(folder, `small-${count}`, `f${index}`), 16 * KIB));
    const commands = [hash('--jobs', '1', ...paths), hash(...paths), tools.sha256sum ? ['sha256sum', ...paths] : null];
    return [String(count), ...best(ROUNDS, commands).map((taken) => figure(count / taken))];
  });
  table('Files of 16 KiB, the whole program (files/s)', ['files', '--jobs 1', `--jobs ${availableParallelism()} (default)`, 'sha256sum'], rows);
}

function largeFiles(paths, tools) {
  const jobs = availableParallelism();
  const rate = (taken) => (PARTS * PART) / MIB / taken;
  const oneCore = tools.taskset ? ['taskset', '-c', '0', ...hash('--jobs', '1', ...paths)] : null;
  const [single, one, all] = best(3, [oneCore, hash('--jobs', '1', ...paths), hash('--jobs', String(jobs), ...paths)]).map(rate);
  table(`${PARTS} files of ${sizeText(PART)}, the whole program (MiB/s)`, ['one processor', '--jobs 1 (another reads ahead)', `--jobs ${jobs}`, `--jobs ${jobs} / one processor`], [
    [figure(single || Number.NaN), figure(one), figure(all), figure(all / single)],
  ]);
}

function memory(paths, parts) {
  const idle = peak(['-e', 'setTimeout(() => {}, 200)']);
  const program = peak([CLI, '--version']);
  const row = (what, mebibytes, jobs) => [what, figure(mebibytes), figure(mebibytes - idle), jobs];
  const rows = [row('an idle Node', idle, ''), row('binspect --version', program, '')];
  for (const [size, path] of paths.filter(([size]) => size >= MIB)) rows.push(row(`hash, one file of ${sizeText(size)}`, peak([CLI, 'hash', path]), ''));
  if (parts.length > 0) {
    const alone = peak([CLI, 'hash', '--jobs', '1', ...parts]);
    rows.push(row(`hash --jobs 1, ${PARTS} files`, alone, ''));
    for (const jobs of [2, 4]) {
      const held = peak([CLI, 'hash', '--jobs', String(jobs), ...parts]);
      rows.push(row(`hash --jobs ${jobs}, ${PARTS} files`, held, figure((held - alone) / jobs)));
    }
  }
  table('Memory at most (MiB)', ['', 'peak', 'above idle', 'for each job'], rows);
}

export default function run() {
  const folder = inputFolder();
  const tools = { openssl: has('openssl', ['version']), sha256sum: has('sha256sum'), taskset: has('taskset') };
  for (const [name, here] of Object.entries(tools)) if (!here) console.log(`${name} is not installed: its figures are left out`);
  const sizes = SIZES.filter((size) => fits(folder, size * 1.4));
  if (sizes.length < SIZES.length) console.log(`too little memory or disk for files over ${sizeText(sizes.at(-1))}: left out`);
  const paths = sizes.map((size) => [size, makeFile(join(folder, `size-${size}`), size)]);
  warm(paths.map(([, path]) => path));
  oneFile(paths, tools);
  manyFiles(folder, tools);
  const parts = fits(folder, 2 * PARTS * PART) ? Array.from({ length: PARTS }, (_, index) => makeFile(join(folder, 'parts', String(index)), PART)) : [];
  warm(parts);
  if (parts.length > 0) largeFiles(parts, tools);
  else console.log(`too little memory or disk for ${PARTS} files of ${sizeText(PART)}: left out`);
  memory(paths, parts);
}
