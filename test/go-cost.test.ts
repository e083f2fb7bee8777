// What `binspect go` costs: no more than the bytes that a file really has, in a walk through a folder too.

import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cost } from './cost.ts';
import { compressedSections, WORST } from './fuzz/worst.ts';
import { run } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-go-cost-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MIB = 1024 * 1024;

/** A file that says it is large and holds a few bytes. */
function sparse(name: string, size: number, ...parts: readonly (readonly [at: number, bytes: Uint8Array])[]): string {
  const path = join(folder, name);
  const descriptor = openSync(path, 'w', 0o755);
  for (const [at, bytes] of parts) writeSync(descriptor, bytes, 0, bytes.length, at);
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
  return path;
}

/** ELF64: section headers from 64 on, as many as there is room for, and one that section 0 says has their names. */
function sectionsWithoutEnd(size: number, names = 0): Uint8Array {
  const bytes = Buffer.alloc(128);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(64n, 40);
  bytes.writeUInt16LE(64, 52);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(64, 58);
  bytes.writeUInt16LE(names, 62);
  bytes.writeBigUInt64LE(BigInt(Math.floor((size - 64) / 64)), 64 + 32);
  return bytes;
}

/** PE32+ whose symbol table is all of the file. */
function symbolsWithoutEnd(size: number): Uint8Array {
  const bytes = Buffer.alloc(512);
  bytes.set([0x4d, 0x5a]);
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.set([0x50, 0x45, 0, 0, 0x64, 0x86], 0x80);
  bytes.writeUInt32LE(0x200, 0x8c);
  bytes.writeUInt32LE(Math.floor((size - 0x400) / 18), 0x90);
  return bytes;
}

/** Mach-O, 64 bits: load commands as long as can be said. */
function commandsWithoutEnd(size: number): Uint8Array {
  const bytes = Buffer.alloc(64);
  for (const [index, word] of [0xfeed_facf, 0x0100_000c, 0, 2, 0xffff_ffff, size - 64, 0, 0, 0x1b, size - 64].entries()) bytes.writeUInt32LE(word >>> 0, index * 4);
  return bytes;
}

describe.skipIf(process.platform !== 'linux')('a sparse file', () => {
  const size = 900 * MIB;

  it.each([
    ['sections', sectionsWithoutEnd(size)],
    ['sections with names', sectionsWithoutEnd(size, 1)],
    ['symbols', symbolsWithoutEnd(size)],
    ['load commands', commandsWithoutEnd(size)],
  ])('with %s without end costs milliseconds and kilobytes', async (name, head) => {
    const path = sparse(name, size, [0, head]);
    expect(statSync(path).blocks).toBeLessThan(64);
    const before = process.memoryUsage();
    expect(await run(['go', path])).toEqual({ status: 1, out: '', err: `${path}: could not read Go build info from ${path}: unrecognized file format\n` });
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    expect(arrayBuffers - before.arrayBuffers + heapUsed - before.heapUsed).toBeLessThan(48 * MIB);
    expect(await cost(() => run(['go', path]), 150)).toBeLessThan(150);
    expect(await cost(() => run(['go', folder]), 600)).toBeLessThan(600);
  });
});

describe('a file that holds what it says', () => {
  it.each(WORST.filter(({ name }) => /^(elf|pe|macho)/.test(name)).map(({ name, make, most }) => [name, make, most] as const))('%s', { timeout: 60_000 }, async (name, make, most) => {
    const path = sparse(name.replaceAll(/\W/g, '-'), 0);
    const bytes = make(Math.floor(most / 16));
    writeSync(openSync(path, 'w'), bytes);
    expect(await cost(() => run(['go', path]), 1000)).toBeLessThan(1000);
  });

  it('is read section by section', async () => {
    const path = sparse('compressed', 0);
    const descriptor = openSync(path, 'w');
    writeSync(descriptor, compressedSections(20 * MIB));
    closeSync(descriptor);
    expect((await run(['go', path])).status).toBe(1);
    expect(await cost(() => run(['go', path]), 1500)).toBeLessThan(1500);
  });
});
