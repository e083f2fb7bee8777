// A file that changes while it is looked at: never the headers of one content with the digest of another.

import { closeSync, mkdtempSync, openSync, rmSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digest } from '../src/bytes/digest.ts';
import { FileSource, openFileSync } from '../src/bytes/source-file.ts';
import { DT } from '../src/elf/constants.ts';
import { inspect } from '../src/inspect/inspect.ts';
import { buildElf } from './build/elf.ts';

const GOOD = buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', dynamic: [[DT.NEEDED, 'libgood.so']] });
const EVIL = buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', dynamic: [[DT.NEEDED, 'libevil.so']] });
const PADDING = new Uint8Array(8 * 1024 * 1024);

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'binspect-changed-'));
  path = join(folder, 'app');
});

afterAll(() => rmSync(folder, { recursive: true }));

function put(bytes: Uint8Array): void {
  writeFileSync(path, Buffer.concat([bytes, PADDING]));
  utimesSync(path, 1e9, 1e9);
}

/** Writes over the beginning of the file and sets its time back. */
function exchange(bytes: Uint8Array): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, 0);
  closeSync(descriptor);
  utimesSync(path, 1e9, 1e9);
}

describe('a file that is exchanged', () => {
  it('while it is hashed is an error, though its time was set back', async () => {
    put(GOOD);
    let done = false;
    const inspecting = inspect(path, {
      hash: true,
      onProgress: () => {
        if (!done) exchange(EVIL);
        done = true;
      },
    });
    await expect(inspecting).rejects.toMatchObject({ code: 'io', message: expect.stringMatching(/written to/) as string });
  });

  it('between headers and hash is an error by its bytes alone', async () => {
    put(GOOD);
    const source = openFileSync(path);
    source.readSync(0, GOOD.length);
    exchange(EVIL);
    Object.defineProperty(source, 'changed', { value: () => false }); // as of a mapping whose pages were not written back
    expect(source).toBeInstanceOf(FileSource);
    await expect(digest(source)).rejects.toMatchObject({ code: 'io' });
    source.closeSync();
  });

  it('before and after is none', async () => {
    put(GOOD);
    await expect(inspect(path, { hash: true })).resolves.toMatchObject({ binaries: [{ dependencies: [{ name: 'libgood.so' }] }] });
    exchange(EVIL);
    await expect(inspect(path, { hash: true })).resolves.toMatchObject({ binaries: [{ dependencies: [{ name: 'libevil.so' }] }] });
  });
});
