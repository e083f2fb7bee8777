// scan(): one answer after the other, in a stable order, whatever the files are and however long each takes.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BinspectError, inspect, scan } from '../src/index.ts';
import type { ScanOptions } from '../src/index.ts';
import { elf, inlineBlob } from './build/go.ts';

// A Go program: its build information is searched, which takes turns.
const GO = elf({ pieces: [{ name: '.go.buildinfo', address: 0x50_0000n, data: inlineBlob({ version: 'go1.22.1' }), writable: true }] }).file;
const ELF = 'testdata/elf-x86_64-glibc';
const PE = 'testdata/pe-mingw.exe';

let folder: string;
const at = (path: string): string => join(folder, path);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'binspect-scan-'));
  mkdirSync(at('tree/d'), { recursive: true });
  writeFileSync(at('tree/a-go'), GO);
  copyFileSync(ELF, at('tree/b-elf'));
  writeFileSync(at('tree/c.txt'), 'hello');
  writeFileSync(at('tree/d/go'), GO);
  writeFileSync(at('tree/d/notes.md'), '# notes');
  copyFileSync(PE, at('tree/e.exe'));
  symlinkSync('nowhere', at('tree/f'));
  writeFileSync(at('tree/g'), '\x7fELF');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that a scan says, a line each, in the order in which it says it. */
async function said(paths: readonly string[], options: ScanOptions = {}): Promise<string[]> {
  const lines: string[] = [];
  const place = (path: string): string => path.replace(`${folder}/`, '');
  const onSkip = (path: string, reason: string): void => void lines.push(`${place(path)} skipped: ${reason.replace(/:.*/s, '')}`);
  for await (const item of scan(paths, { ...options, onSkip })) {
    lines.push(`${place(item.path)} ${'error' in item ? item.error.code : item.inspection.format}`);
  }
  return lines;
}

const TREE = [
  'tree/a-go elf',
  'tree/b-elf elf',
  'tree/c.txt skipped: no executable file',
  'tree/d/go elf',
  'tree/d/notes.md skipped: no executable file',
  'tree/e.exe pe',
  'tree/f skipped: broken link',
  'tree/g truncated',
];

describe('scan', () => {
  it.each([{}, { hash: true }, { facts: 'all' }] as const)('keeps the order of names with %o', async (options) => {
    expect(await said([at('tree')], options)).toEqual(TREE);
  });

  it('keeps the order of the paths that are given, and passes none of them over', async () => {
    expect(await said([at('tree/g'), at('tree/c.txt'), at('tree/a-go'), at('nothing'), at('tree/b-elf')])).toEqual([
      'tree/g truncated',
      'tree/c.txt unrecognized',
      'tree/a-go elf',
      'nothing io',
      'tree/b-elf elf',
    ]);
  });

  it.each([{}, { hash: true }, { facts: 'all' }, { facts: 'all', hash: true }] as const)('says what inspect says with %o', async (options) => {
    let files = 0;
    for await (const item of scan([at('tree')], options)) {
      if ('error' in item) continue;
      files++;
      expect(item.inspection).toEqual(await inspect(item.path, options));
    }
    expect(files).toBe(4);
  });

  it('lets others have their turn', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    try {
      const paths = Array.from({ length: 3000 }, () => at('tree/b-elf'));
      let files = 0;
      for await (const item of scan(paths)) files += 'error' in item ? 0 : 1;
      expect(files).toBe(3000);
      expect(turns).toBeGreaterThan(2);
    } finally {
      clearInterval(timer);
    }
  });

  it('ends with aborted between files that are read at once', async () => {
    const controller = new AbortController();
    const reading = (async (): Promise<void> => {
      for await (const item of scan([at('tree/b-elf'), at('tree/e.exe'), at('tree/b-elf')], { signal: controller.signal })) {
        expect(item.path).toBe(at('tree/b-elf'));
        controller.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'aborted' });
  });

  it('ends with aborted, and at no other fault', async () => {
    const controller = new AbortController();
    const paths: string[] = [];
    const reading = (async (): Promise<void> => {
      for await (const item of scan([at('tree')], { signal: controller.signal, hash: true })) {
        paths.push(item.path);
        controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'aborted' });
    await expect(reading).rejects.toBeInstanceOf(BinspectError);
    expect(paths.length).toBeGreaterThan(0);
  });
});
