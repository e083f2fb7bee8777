// What Linux and ld.so really load, held against what is said: programs that are made so that readers see another program than the loader.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectSync } from '../../src/inspect/inspect.ts';
import type { Expectations, Finding } from '../../src/model/verdict.ts';
import { verify } from '../../src/verify/verify.ts';
import { Edited, TRICKS } from '../build/loader-tricks.ts';

const canRun = process.platform === 'linux' && process.arch === 'x64' && spawnSync('gcc', ['--version']).status === 0;
if (!canRun && process.env['CI'] === undefined) console.warn('skipped: what the loader loads is seen only on Linux on x86-64, and with gcc');

const LIBRARY = 'int lib(void) { return 0; }';
/** Prints what is loaded, by its own map of memory. */
const MAIN = `#include <stdio.h>
#include <string.h>
int lib(void);
__attribute__((section(".decoy"), used)) const unsigned long decoy[64] = {0x1122334455667788, 0x99aabbccddeeff00};
int main(void) {
  char line[4096];
  FILE *maps = fopen("/proc/self/maps", "r");
  while (fgets(line, sizeof line, maps)) { char *name = strchr(line, '/'); if (name) fputs(name, stdout); }
  return lib() + (decoy[0] == 1);
}`;
const MARKER = Uint8Array.of(0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00, 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99);

let folder: string;
const bases: Record<'good' | 'evil', Uint8Array> = { good: new Uint8Array(), evil: new Uint8Array() };

function build(...args: string[]): void {
  const { status, stderr } = spawnSync('gcc', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

beforeAll(() => {
  if (!canRun) return;
  folder = mkdtempSync(join(tmpdir(), 'binspect-loader-'));
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'library.c'), LIBRARY);
  writeFileSync(join(folder, 'main.c'), MAIN);
  for (const which of ['good', 'evil'] as const) {
    build('-shared', '-fPIC', 'library.c', `-Wl,-soname,lib${which}.so`, '-o', `lib/lib${which}.so`);
    build('main.c', '-o', `base_${which}`, `lib/lib${which}.so`, `-Wl,-rpath,${folder}/lib`);
    bases[which] = readFileSync(join(folder, `base_${which}`));
  }
});

afterAll(() => {
  if (canRun) rmSync(folder, { recursive: true });
});

/** Every rule that a program which loads the evil library by its search path must not pass. */
const ASKED: Expectations = {
  linkage: 'static',
  needs: 'libgood.so',
  noNeeds: 'libevil*',
  onlyNeeds: ['libgood.so', 'libc.so.6'],
  noSearchPaths: true,
  stripped: true,
  kind: 'debug-symbols',
};

/** Those that pass. */
function passing(path: string): string[] {
  return verify(inspectSync(path), ASKED)
    .findings.filter(({ status }: Finding) => status === 'pass')
    .map(({ rule }) => rule);
}

/** What a program prints of what it has loaded, and how it ends. */
function run(path: string): { loaded: string[]; status: number | null } {
  chmodSync(path, 0o755);
  const { stdout, status } = spawnSync(path, { encoding: 'utf8', cwd: folder });
  const names = stdout.trim().split('\n').map((line) => basename(line));
  return { loaded: [...new Set(names)].filter((one) => one !== basename(path) && !one.startsWith('ld-linux')), status };
}

describe.runIf(canRun || process.env['CI'] !== undefined)('libraries by their paths', () => {
  it.each([
    ['an absolute path', () => `${folder}/e/libgood.so`],
    ['a path with dots', () => `/usr/lib/../..${folder}/e/libgood.so`],
    ['the working directory', () => './e/libgood.so'],
    ['the program\'s folder', () => '$ORIGIN/e/libgood.so'],
  ])('%s is what ld.so opens', (_, name) => {
    mkdirSync(join(folder, 'e'), { recursive: true });
    build('-shared', '-fPIC', 'library.c', `-Wl,-soname,${name()}`, '-o', 'e/libgood.so');
    build('main.c', '-o', 'by_path', 'e/libgood.so');
    const path = join(folder, 'by_path');
    expect(run(path)).toMatchObject({ status: 0, loaded: expect.arrayContaining(['libgood.so']) as string[] });
    const { findings } = verify(inspectSync(path), { onlyNeeds: ['libgood.so', 'libc.so.6', '/usr/lib/*'], noNeeds: 'libgood*', noSearchPaths: true });
    const found = Object.fromEntries(findings.map(({ rule, status }) => [rule, status]));
    expect(found).toMatchObject({ onlyNeeds: 'fail', noNeeds: 'fail' });
    expect(found['noSearchPaths']).toBe(name().startsWith('/') ? 'pass' : 'fail');
  });
});

describe.runIf(canRun || process.env['CI'] !== undefined)('versions of glibc', () => {
  const MAX = { maxGlibc: '2.17' };
  const status = (path: string): string | undefined => verify(inspectSync(path), MAX).findings[0]?.status;

  it('a weak version of a symbol that is not weak counts', () => {
    const file = new Edited(bases.good);
    const needs = file.offsetOf(file.value(0x6fff_fffe));
    for (let at = needs, next = -1; next !== 0; at += next) {
      for (let version = at + file.bytes.readUInt32LE(at + 8), link = -1; link !== 0; version += link) {
        file.bytes.writeUInt16LE(file.bytes.readUInt16LE(version + 4) | 2, version + 4);
        link = file.bytes.readUInt32LE(version + 12);
      }
      next = file.bytes.readUInt32LE(at + 12);
    }
    const path = join(folder, 'weak');
    writeFileSync(path, file.bytes);
    expect(run(path).status).toBe(0);
    expect(inspectSync(path).binaries[0]?.minimums.glibc).toBe(inspectSync(join(folder, 'base_good')).binaries[0]?.minimums.glibc);
  });

  it('a program without versions may need any', () => {
    writeFileSync(join(folder, 'stub.c'), 'int __libc_start_main(){return 0;} int printf(){return 0;} unsigned long thrd_current(){return 0;}');
    writeFileSync(join(folder, 'new.c'), '#include <stdio.h>\nunsigned long thrd_current(void);\nint main(void) { printf("%d\\n", thrd_current() != 0); return 0; }');
    build('-w', '-fno-builtin', '-shared', '-nostdlib', '-fPIC', 'stub.c', '-Wl,-soname,libc.so.6', '-o', 'stub.so');
    build('new.c', '-o', 'unversioned', '-nodefaultlibs', 'stub.so');
    const path = join(folder, 'unversioned');
    expect(spawnSync(path, { encoding: 'utf8' }).stdout).toBe('1\n');
    expect(status(path)).toBe('unknown');
  });
});

describe.runIf(canRun || process.env['CI'] !== undefined)('what the loader loads', () => {
  it.each(TRICKS)('$name', ({ name, of, change }) => {
    const file = new Edited(bases[of]);
    change(file, MARKER);
    const path = join(folder, name.replaceAll(/[^a-z]+/gi, '-'));
    writeFileSync(path, file.bytes);
    const { loaded, status } = run(path);
    expect(status).toBe(0);
    const [binary] = inspectSync(path).binaries;
    expect(binary?.dependencies.map((one) => one.name).sort()).toEqual(loaded.sort());
    expect(loaded).toContain('libevil.so');
    expect(passing(path)).toEqual([]);
  });
});
