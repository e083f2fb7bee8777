// What verify's parts have in common: paths in policies, which file a path leads to, files that are written.

import { writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { absolutePath, slashed, statsOrNull } from '../bytes/folder.ts';
import { ioError, systemPath } from '../bytes/source-file.ts';
import { encodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { shortened } from '../verify/paths.ts';

/** Wrong usage, in a sentence. */
export function usage(message: string): never {
  throw new BinspectError('invalid-argument', message);
}

/** The folder that a policy's paths are relative to: its own; without a policy, and for one that comes through a pipe, the working directory. */
export function baseOf(policyPath: string | undefined): string {
  if (policyPath === undefined || policyPath === '-') return '';
  const stats = statsOrNull(policyPath);
  return stats === null || stats.isFile() ? dirname(policyPath) : '';
}

/** A path as it is written in a policy whose paths are relative to a folder. */
export function fromPolicy(base: string, path: string): string {
  return base === '' ? shortened(slashed(path)) : slashed(relative(absolutePath(base), absolutePath(path)));
}

/** Which file a path leads to, links followed; null where there is none. */
export function identityOf(path: string): string | null {
  const stats = statsOrNull(path);
  return stats === null || !stats.isFile() ? null : `${stats.dev}:${stats.ino}`;
}

/** Writes a file; with 'wx' only where there is none yet. */
export function writeText(path: string, text: string, flag: 'w' | 'wx'): void {
  try {
    writeFileSync(systemPath(path), encodeText(text), { flag });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') usage(`${path} is there already; --init overwrites nothing`);
    throw ioError(error, path);
  }
}
