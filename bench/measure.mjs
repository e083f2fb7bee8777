// What benches need: inputs of their own, processes timed and weighed, tables.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** The built package, as `npm run build` leaves it. */
export const DIST = resolve(import.meta.dirname, '../dist');
export const CLI = join(DIST, 'cli.cjs');

/** A folder for inputs, gone with the process. BENCH_DIR chooses where it is. */
export function inputFolder() {
  const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'binspect-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  return folder;
}

/** Whether files of so many bytes fit on the disk, and into memory, where they are to be read from. */
export function fits(folder, bytes) {
  const { bavail, bsize } = statfsSync(folder);
  return bytes * 1.1 < bavail * bsize && bytes * 1.5 < totalmem();
}

const block = randomBytes(16 * MIB);

/** A file of so many bytes. */
export function makeFile(path, size) {
  mkdirSync(join(path, '..'), { recursive: true });
  const descriptor = openSync(path, 'w');
  for (let at = 0; at < size; at += block.length) writeSync(descriptor, block, 0, Math.min(block.length, size - at));
  closeSync(descriptor);
  return path;
}

/** Reads files once, so that they lie in the system's memory. */
export function warm(paths) {
  const buffer = Buffer.allocUnsafe(4 * MIB);
  for (const path of paths) {
    const descriptor = openSync(path, 'r');
    while (readSync(descriptor, buffer) > 0);
    closeSync(descriptor);
  }
}

/** Whether a program is installed. */
export function has(command, args = ['--version']) {
  const { error, status } = spawnSync(command, args, { stdio: 'ignore' });
  return error === undefined && status === 0;
}

/** Seconds that a process takes from start to end. Throws where it fails. */
export function seconds([command, ...args]) {
  const start = performance.now();
  const { error, status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: GIB });
  const taken = (performance.now() - start) / 1000;
  if (error !== undefined || status !== 0) throw error ?? new Error(`${command} ${args[0]} … failed: ${stderr}`);
  return taken;
}

/** The best of some rounds for each contender; they take turns, so that a slow moment of the machine hits them all. */
export function best(rounds, contenders, measure = seconds) {
  const results = contenders.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) if (contender !== null) results[index] = Math.min(results[index], measure(contender));
  }
  return results;
}

/** All the figures of some rounds for each contender: as `best`, where the spread counts too. `measure` gives one figure or several. */
export function rounds(count, contenders, measure = seconds) {
  const figures = contenders.map(() => []);
  for (let round = 0; round < count; round++) {
    for (const [index, contender] of contenders.entries()) if (contender !== null) figures[index].push(...[measure(contender)].flat());
  }
  return figures;
}

/** The smallest figure; NaN where nothing was measured. */
export function least(figures) {
  return figures.length === 0 ? Number.NaN : Math.min(...figures);
}

/** The figure in the middle; NaN where nothing was measured. */
export function median(figures) {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Ratios of two contenders' minima and medians, the target that both are to keep, and whether they do. What was not measured holds nothing. */
export function compared(dividend, divisor, sign, target) {
  const ratios = [least(dividend) / least(divisor), median(dividend) / median(divisor)];
  return [...ratios.map(figure), `${sign} ${target}`, verdict(ratios, sign, target)];
}

/** Whether figures keep a target: all of them, only the first (the one of minima), or not. */
export function verdict(figures, sign, target) {
  const kept = figures.map((one) => (sign === '≤' ? one <= target : sign === '>' ? one > target : one >= target));
  if (figures.some((one) => one === undefined || Number.isNaN(one))) return 'not measured';
  return kept.every(Boolean) ? 'yes' : kept[0] && figures.length > 1 ? 'minima only' : '**no**';
}

/** The most memory that a Node program held, in MiB. */
export function peak(args) {
  const { status, stderr } = spawnSync(process.execPath, ['--require', join(import.meta.dirname, 'peak.cjs'), ...args], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  const kibibytes = /^peak (\d+)$/m.exec(stderr)?.[1];
  if (status !== 0 || kibibytes === undefined) throw new Error(`node ${args.join(' ')} failed: ${stderr}`);
  return Number(kibibytes) / 1024;
}

/** A size as people write it: 64 KiB, 4 GiB. */
export function sizeText(bytes) {
  return bytes >= GIB ? `${bytes / GIB} GiB` : bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / KIB} KiB`;
}

/** A number to about three digits; '–' for what was not measured. */
export function figure(value) {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return value >= 100 ? Math.round(value).toLocaleString('en') : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Prints a table in Markdown. */
export function table(title, head, rows) {
  console.log(`### ${title}\n`);
  const all = [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows];
  for (const row of all) console.log(`| ${row.join(' | ')} |`);
  console.log();
}
