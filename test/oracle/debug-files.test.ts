// Debug files as the tools make them that people use: all are debug symbols, whoever made them, and say what file(1) says of their build id.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectSync } from '../../src/inspect/inspect.ts';

const has = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0;
const canRun = process.platform === 'linux' && ['gcc', 'objcopy', 'eu-strip', 'readelf'].every(has);
if (!canRun && process.env['CI'] === undefined) console.warn('skipped: debug files are made with gcc, objcopy and eu-strip on Linux');

const CODE = 'int f(int x) { return x + 1; }\nint main(void) { return f(2); }\n';
const DATA = 'const int t[1000] = {1, 2, 3};\n';

let folder: string;
const run = (tool: string, ...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync(tool, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${tool}: ${stderr}`);
  return stdout;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'binspect-debug-'));
  writeFileSync(join(folder, 'code.c'), CODE);
  writeFileSync(join(folder, 'data.c'), DATA);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!canRun && process.env['CI'] === undefined)('debug files', () => {
  it.each([
    ['a program', ['code.c', '-pie', '-fPIE']],
    ['a program at fixed addresses', ['code.c', '-no-pie']],
    ['a library', ['code.c', '-shared', '-fPIC']],
    ['a library without code', ['data.c', '-shared', '-fPIC', '-nostdlib']],
  ])('of %s', (name, args) => {
    const base = name.replace(/\W/g, '-');
    run('gcc', '-g', ...args, '-Wl,--build-id', '-o', base);
    run('objcopy', '--only-keep-debug', base, `${base}.gnu`);
    run('cp', base, `${base}.copy`);
    run('eu-strip', '-f', `${base}.elfutils`, `${base}.copy`);
    const id = /Build ID: ([0-9a-f]+)/.exec(run('readelf', '-n', base))?.[1];
    for (const file of [`${base}.gnu`, `${base}.elfutils`]) {
      const [binary] = inspectSync(join(folder, file), { facts: 'all' }).binaries;
      expect(binary).toMatchObject({ kind: 'debug-symbols', debugInfo: true, interpreter: null, libraryName: null, dependencies: [], hardening: null, buildId: id, warnings: [] });
    }
    expect(inspectSync(join(folder, `${base}.copy`)).binaries[0]?.kind).toBe(name.startsWith('a program') ? 'executable' : 'shared-library');
  });
});
