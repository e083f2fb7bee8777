// The program as it is shipped, for tests that need real processes and worker threads: built into a folder of its own.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'tsup';

export interface Built {
  readonly folder: string;
  /** dist/cli.cjs, with the worker beside it. */
  readonly cli: string;
  readonly remove: () => void;
}

/** Builds entries of src, and the hash worker, as CommonJS. */
export async function buildEntries(entries: Readonly<Record<string, string>>): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'binspect-built-'));
  chmodSync(folder, 0o755); // for tests that run as somebody else
  const entry = Object.fromEntries(Object.entries({ ...entries, 'hash-worker': 'src/bytes/hash-worker.ts' }).map(([name, path]) => [name, resolve(path)]));
  await build({ config: false, silent: true, entry, outDir: folder, format: ['cjs'], target: 'node20', splitting: false, dts: false });
  return { folder, cli: join(folder, 'cli.cjs'), remove: () => rmSync(folder, { recursive: true }) };
}
