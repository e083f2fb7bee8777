// The PE files of this machine, and what tools print of them.

import { spawnSync } from 'node:child_process';
import { readSync } from '../../src/bytes/input.ts';
import { openFileSync } from '../../src/bytes/source-file.ts';
import { LIMITS } from '../../src/limits.ts';
import type { Facts, PeBinary } from '../../src/model/binary.ts';
import { mzVerdict } from '../../src/pe/dos.ts';
import { readPe } from '../../src/pe/facts/binary.ts';
import { filesBeginning } from './machine-files.ts';

const BATCH = 50;

/** Every file at hand that begins as PE files do. The rest is left to `mzVerdict`: a file that it misses is one that goes uncompared. */
export function mzFiles(): string[] {
  return filesBeginning(/^4d5a/, ['/usr/lib', '/usr/share']);
}

/** What binspect says of a file; null where it is no PE file. */
function ours(path: string, depth: Facts = 'main'): PeBinary | null {
  const source = openFileSync(path);
  try {
    return readSync(source, (input) => (mzVerdict(input) === 'pe' ? readPe(input, depth) : null), LIMITS);
  } finally {
    source.closeSync();
  }
}

/** A fact's name, what binspect says, and what the tool does. */
export type Comparison = readonly [fact: string, ours: unknown, theirs: unknown];

/** A program that prints something of many files, and how to read it. */
export interface Tool {
  readonly name: string;
  readonly options: readonly string[];
  /** The line that begins a file's output, its path in the group. */
  readonly header: RegExp;
  /** Machines that it reads; null: all. */
  readonly machines: ReadonlySet<number> | null;
  readonly compare: (binary: PeBinary, text: string) => readonly Comparison[];
}

/**
 * Runs a tool over many files; its output for each, cut at the line that names the file. One that fails over a batch is run for each
 * file alone; a file that it fails over then is left out: llvm-readobj gives up at the first table that it can't follow.
 */
function print({ name, options, header }: Tool, paths: readonly string[]): Map<string, string> {
  const outputs = new Map<string, string>();
  const run = (some: readonly string[]): boolean => {
    const { stdout, status, error } = spawnSync(name, [...options, ...some], { encoding: 'latin1', maxBuffer: 2 ** 30 });
    if (error !== undefined) throw error;
    if (status !== 0) return false;
    const parts = stdout.split(header);
    for (let i = 1; i + 1 < parts.length; i += 2) outputs.set(parts[i] as string, parts[i + 1] as string);
    return true;
  };
  for (let i = 0; i < paths.length; i += BATCH) {
    const batch = paths.slice(i, i + BATCH);
    if (!run(batch)) for (const path of batch) run([path]);
  }
  return outputs;
}

export function hasTool(tool: string): boolean {
  return spawnSync(tool, ['--version']).status === 0;
}

export const all = (text: string, pattern: RegExp): string[] => Array.from(text.matchAll(pattern), (match) => match[1] as string);
export const one = (text: string, pattern: RegExp): string | null => pattern.exec(text)?.[1] ?? null;

/** A GUID's digits, from what LLVM prints: until version 14 its bytes as they lie in the file, later the GUID. */
export function guidDigits(printed: string | null): string | null {
  if (printed === null || printed.startsWith('{')) return printed?.replace(/[{}-]/g, '') ?? null;
  const bytes = printed.replace(/[()]/g, '').split(' ');
  return [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((index) => bytes[index]).join('');
}

const shown = (value: unknown): string => JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `0x${part.toString(16)}` : part));

/** Compares all that a tool says of the files with what binspect says of them. */
export function compareAll(tool: Tool, paths: readonly string[], depth: Facts = 'main'): { compared: number; disagreements: string[]; failed: string[] } {
  const outputs = print(tool, paths);
  const disagreements: string[] = [];
  const failed: string[] = [];
  let compared = 0;
  for (const path of paths) {
    const binary = ours(path, depth);
    if (binary === null || (tool.machines !== null && !tool.machines.has(binary.machine.value))) continue;
    const text = outputs.get(path);
    if (text === undefined) {
      failed.push(path);
      continue;
    }
    for (const [fact, our, their] of tool.compare(binary, text)) {
      if (shown(our) !== shown(their)) disagreements.push(`${path}: ${fact}: ${shown(our)}, ${tool.name} says ${shown(their)}`);
    }
    compared++;
  }
  return { compared, disagreements, failed };
}
