// The package as a user gets it: packed, installed into an empty folder, imported, required, type-checked, run.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import assert from 'node:assert/strict';

const folder = mkdtempSync(join(tmpdir(), 'binspect-package-'));
const run = (command, args, options = {}) => execFileSync(command, args, { encoding: 'utf8', cwd: folder, ...options });

try {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: resolve('.'), stdio: ['ignore', 'pipe', 'ignore'] }));
  const names = packed.files.map(({ path }) => path);
  for (const name of names) assert.match(name, /^(dist\/|package\.json$|README\.md$|LICENSE$|src\/schema\/)/, `${name} should not be in the package`);
  for (const name of ['dist/cli.cjs', 'dist/index.js', 'dist/index.cjs', 'dist/index.d.ts', 'dist/index.d.cts']) assert.ok(names.includes(name), `${name} is missing`);
  console.log(`${names.length} files, ${(packed.unpackedSize / 1024).toFixed(0)} KiB unpacked, ${(packed.size / 1024).toFixed(0)} KiB packed`);
  assert.ok(packed.unpackedSize < 1.5 * 1024 * 1024, 'the package has grown beyond 1.5 MiB');

  writeFileSync(join(folder, 'package.json'), '{"name": "user", "private": true}');
  run('npm', ['install', '--no-audit', '--no-fund', '--offline', packed.filename], { stdio: 'ignore' });

  const use = `const i = inspectSync(process.execPath); if (i.schemaVersion !== 1 || i.binaries.length < 1) throw new Error('no inspection');`;
  writeFileSync(join(folder, 'use.mjs'), `import { inspectSync } from 'binspect'; ${use}`);
  writeFileSync(join(folder, 'use.cjs'), `const { inspectSync } = require('binspect'); ${use}`);
  run(process.execPath, ['use.mjs']);
  run(process.execPath, ['use.cjs']);

  const types = `
import { inspect, inspectSync, isBinspectError, toJSON } from 'binspect';
import type { Binary, Inspection } from 'binspect';
const one: Inspection = inspectSync(new Uint8Array(4));
export async function machine(path: string): Promise<string | null> {
  const binary: Binary = (await inspect(path, { hash: true })).binaries[0]!;
  if (binary.format === 'elf') return binary.elf.typeName;
  return binary.machine.name;
}
export const text: string = toJSON(one);
export function code(error: unknown): string { return isBinspectError(error) ? error.code : 'other'; }
`;
  writeFileSync(join(folder, 'types.mts'), types);
  writeFileSync(join(folder, 'types.cts'), types);
  // Without @types/node: what the declarations name has to be there in any project.
  const compilerOptions = { noEmit: true, strict: true, target: 'es2023', lib: ['es2023', 'dom'], module: 'nodenext', moduleResolution: 'nodenext', types: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.mts', 'types.cts'] }));
  run(process.execPath, [resolve('node_modules/typescript/bin/tsc')], { stdio: ['ignore', 'inherit', 'inherit'] });

  const output = run(process.execPath, ['node_modules/binspect/dist/cli.cjs', '--json', process.execPath]);
  assert.equal(JSON.parse(output).sha256.length, 64);
  const command = (...args) => run(process.execPath, ['node_modules/binspect/dist/cli.cjs', ...args]);
  assert.match(command(process.execPath), /ELF|Mach-O|PE32/);
  const sums = command('hash', process.execPath);
  assert.match(sums, /^[0-9a-f]{64} {2}/);
  writeFileSync(join(folder, 'SUMS'), sums);
  assert.match(command('hash', '-c', 'SUMS'), /: OK\n$/);
  assert.match(command('verify', '--kind', 'executable', '--max-size', '1GiB', '--unique', process.execPath), /1 file/);
  assert.match(command('verify', '--init', process.execPath), /"version": 1/);
  assert.match(command('completion', 'bash'), /complete -o filenames/);
  for (const name of ['inspect', 'go', 'hash', 'verify', 'completion']) assert.match(command(name, '--help'), /^Usage: /);
  assert.match(run(join(folder, 'node_modules/.bin/binspect'), ['--version']), /^binspect \d+\.\d+\.\d+\n$/);
  console.log('the package installs, imports, requires, type-checks and runs');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
