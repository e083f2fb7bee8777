// The files of this machine that an oracle is asked about.

import { closeSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Folders to look into: those named, testdata, node_modules, and those that BINSPECT_CORPUS names. */
function folders(system: readonly string[]): string[] {
  return [...system, 'node_modules', 'testdata', ...(process.env['BINSPECT_CORPUS'] ?? '').split(':')].filter((one) => one !== '');
}

/** The first four bytes of a file, in hex; fewer where it has fewer. */
export function magicOf(path: string): string {
  const descriptor = openSync(path, 'r');
  try {
    const head = Buffer.alloc(4);
    return head.subarray(0, readSync(descriptor, head, 0, 4, 0)).toString('hex');
  } finally {
    closeSync(descriptor);
  }
}

/** Every regular file that begins as a pattern of hex digits says, sorted; those of testdata apart that no reader takes. */
export function filesBeginning(magic: RegExp, system: readonly string[]): string[] {
  const found = new Set<string>();
  for (const root of folders(system)) {
    let entries;
    try {
      entries = readdirSync(root, { recursive: true, withFileTypes: true });
    } catch {
      continue; // not every machine has every folder
    }
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !entry.name.startsWith('error-') && magic.test(magicOf(path))) found.add(realpathSync(path));
    }
  }
  return [...found].sort();
}
