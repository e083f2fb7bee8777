// npm run fuzz [-- --minutes M] [--seed N] [--cases N] [--case I] [--only NAME] [--corpus DIR] [--keep DIR]: bundles main.ts, and runs it.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'tsup';

const folder = mkdtempSync(join(tmpdir(), 'binspect-fuzzer-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
await build({ config: false, silent: true, entry: { fuzz: 'test/fuzz/main.ts' }, outDir: folder, format: ['cjs'], target: 'node20', splitting: false, sourcemap: 'inline', dts: false });
const child = spawn(process.execPath, ['--enable-source-maps', join(folder, 'fuzz.cjs'), ...process.argv.slice(2)], { stdio: 'inherit' });
child.on('exit', (status) => process.exit(status ?? 1));
