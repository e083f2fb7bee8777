// Go's packages by size: the table of functions in all its forms, and what names say of packages.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPclntab, goPackages, packageOf } from '../src/golang/package-sizes.ts';
import { cost } from './cost.ts';
import { run } from './terminal.ts';

type Functions = readonly (readonly [name: string, size: number])[];

/** A table as a release of Go's linker writes it. */
function table(magic: number, pointer: 4 | 8, little: boolean, functions: Functions): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  const word = (at: number, value: number): void => (pointer === 4 ? view.setUint32(at, value, little) : view.setBigUint64(at, BigInt(value), little));
  view.setUint32(0, magic, little);
  bytes.set([0, 0, 1, pointer], 4);
  const old = magic === 0xffff_fffb;
  const short = magic === 0xffff_fff0 || magic === 0xffff_fff1;
  const names = old ? 0 : 128;
  const place = old ? 8 + pointer : 1024;
  word(8, functions.length);
  if (!old) {
    word(8 + 2 * pointer + (short ? pointer : 0), names);
    word(8 + 6 * pointer + (short ? pointer : 0), place);
  }
  const field = short ? 4 : pointer;
  const put = (at: number, value: number): void => (short ? view.setUint32(at, value, little) : word(at, value));
  let text = old ? 2048 : names;
  let record = old ? 1024 : 512; // from where offsets count
  let address = 0x1000;
  functions.forEach(([name, size], i) => {
    put(place + i * 2 * field, address);
    put(place + i * 2 * field + field, record);
    put((old ? 0 : place) + record, address);
    view.setInt32((old ? 0 : place) + record + field, text - names, little);
    bytes.set(new TextEncoder().encode(`${name}\0`), text);
    text += name.length + 1;
    record += 64;
    address += size;
  });
  put(place + functions.length * 2 * field, address);
  return bytes;
}

const FUNCTIONS: Functions = [['runtime.main', 64], ['example.com/a/b.(*T).Method', 100], ['example.com/a/b.Generic[go.shape.int]', 28], ['main.main', 32], ['type:.eq.main.T', 16]];

describe('the table', () => {
  it.each([0xffff_fffb, 0xffff_fffa, 0xffff_fff0, 0xffff_fff1])('is read with the magic 0x%s', (magic) => {
    for (const pointer of [4, 8] as const) {
      for (const little of [true, false]) {
        const bytes = table(magic, pointer, little, FUNCTIONS);
        expect(goPackages(bytes)).toEqual([
          { name: 'example.com/a/b', size: 128, functions: 2 },
          { name: 'runtime', size: 64, functions: 1 },
          { name: 'main', size: 32, functions: 1 },
          { name: '', size: 16, functions: 1 },
        ]);
        expect(findPclntab(Uint8Array.of(...new Uint8Array(64), ...bytes))).toBe(64);
      }
    }
  });

  it('is null or partial where it is cut or damaged, and never throws', () => {
    const whole = table(0xffff_fff1, 8, true, FUNCTIONS);
    for (let length = 0; length < whole.length; length += 7) expect(() => goPackages(whole.subarray(0, length))).not.toThrow();
    for (let at = 0; at < 1200; at++) expect(() => goPackages(whole.with(at, whole[at] === 255 ? 0 : 255))).not.toThrow();
    expect(goPackages(new Uint8Array(100))).toBeNull();
    expect(findPclntab(new Uint8Array(1000).fill(255))).toBe(-1);
  });

  it('costs what it has, also where long names lie within one another', async () => {
    const count = 200_000;
    const bytes = new Uint8Array(8 * 1024 * 1024).fill(0x61); // names from 128 on: letters without an end
    bytes.set(table(0xffff_fff1, 8, true, FUNCTIONS).subarray(0, 128));
    const view = new DataView(bytes.buffer);
    const place = 4 * 1024 * 1024;
    view.setBigUint64(8, BigInt(count), true);
    view.setBigUint64(8 + 7 * 8, BigInt(place), true);
    for (let i = 0; i <= count; i++) {
      view.setUint32(place + i * 8, i, true);
      view.setUint32(place + i * 8 + 4, 2_000_000 + i * 8, true);
      view.setUint32(place + 2_000_000 + i * 8 + 4, i * 8, true);
    }
    expect(await cost(() => goPackages(bytes), 500)).toBeLessThan(500);
  });
});

describe('a name', () => {
  it.each([
    ['main.main', 'main'],
    ['net/http.(*Server).Serve', 'net/http'],
    ['gopkg.in/yaml%2ev3.Unmarshal', 'gopkg.in/yaml.v3'],
    ['slices.Sort[go.shape.[]example.com/x.T]', 'slices'],
    ['example.com/a.F[example.com/b/c.T]', 'example.com/a'],
    ['type:.hash.main.T', ''],
    ['go:buildid', ''],
    ['_rt0_amd64_linux', ''],
  ])('%s is of %j', (symbol, name) => {
    expect(packageOf(symbol)).toBe(name);
  });
});

describe('binspect map --go-packages', () => {
  const esbuild = resolve(`node_modules/@esbuild/${process.platform}-${process.arch}/bin/esbuild`);

  it.skipIf(!existsSync(esbuild))('shows what makes a program large', async () => {
    const { status, out } = await run(['map', '--go-packages', esbuild], { columns: 100 });
    expect(status).toBe(0);
    expect(out).toMatch(/^\d+ packages, [\d.]+ MiB of code in a file of [\d.]+ MiB\n\n +SIZE +SHARE +FUNCTIONS +PACKAGE\n/);
    expect(out).toMatch(/^ +[\d.]+ KiB +[\d.]+% +\d+ +github\.com\/evanw\/esbuild\/internal\/js_parser +█+$/m);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('says so where there is no such table', async () => {
    expect(await run(['map', '--go-packages', 'testdata/elf-x86_64-glibc'])).toMatchObject({ status: 3, out: '', err: expect.stringContaining("no table of functions as Go's linker writes it") });
    expect((await run(['map', '--go-packages', '--json', 'testdata/elf-x86_64-glibc'])).status).toBe(2);
  });
});
