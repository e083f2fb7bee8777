// The ELF files of this machine, and what a readelf prints of them.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync as readDescriptor, realpathSync } from 'node:fs';
import { join } from 'node:path';

const ROOTS = ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/libexec', 'node_modules', 'testdata', ...(process.env['BINSPECT_CORPUS'] ?? '').split(':')];
const BATCH = 100;

function isElf(path: string): boolean {
  const descriptor = openSync(path, 'r');
  try {
    const head = Buffer.alloc(4);
    return readDescriptor(descriptor, head, 0, 4, 0) === 4 && head.toString('latin1') === '\x7fELF';
  } finally {
    closeSync(descriptor);
  }
}

/** Every ELF file of the machine's folders, node_modules, testdata (those apart that no reader takes), and the folders that BINSPECT_CORPUS names. */
export function elfFiles(): string[] {
  const found = new Set<string>();
  for (const root of ROOTS.filter((one) => one !== '')) {
    let entries;
    try {
      entries = readdirSync(root, { recursive: true, withFileTypes: true });
    } catch {
      continue; // not every machine has every folder
    }
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !entry.name.startsWith('error-') && isElf(path)) found.add(realpathSync(path));
    }
  }
  return [...found].sort();
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
