// The ELF files of this machine, and what a readelf prints of them.

import { spawnSync } from 'node:child_process';
import { filesBeginning } from './machine-files.ts';

const BATCH = 100;

/** Every ELF file at hand. */
export function elfFiles(): string[] {
  return filesBeginning(/^7f454c46$/, ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/libexec']);
}

/** Runs a readelf with these options over many files; what it printed of each. */
export function printAll(tool: string, options: readonly string[], paths: readonly string[]): Map<string, string> {
  const outputs = new Map<string, string>();
  for (let at = 0; at < paths.length; at += BATCH) {
    const batch = paths.slice(at, at + BATCH);
    const { stdout, error } = spawnSync(tool, [...options, ...batch, '/dev/null'], {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    if (error !== undefined) throw error;
    for (const part of stdout.split(/^File: /m).slice(1)) {
      const end = part.indexOf('\n');
      outputs.set(part.slice(0, end), part.slice(end));
    }
  }
  return outputs;
}

export function hasTool(tool: string): boolean {
  return spawnSync(tool, ['--version']).status === 0;
}
