// Go programs damaged in every way: always an answer or an error of ours, the same over every source, in bounded time.

import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { scanAsync, scanSync } from '../src/bytes/search.ts';
import { MemorySource } from '../src/bytes/source.ts';
import { encodeText } from '../src/bytes/text.ts';
import { BinspectError } from '../src/errors.ts';
import { goView } from '../src/golang/facts.ts';
import { readBuildInfo } from '../src/golang/build-info.ts';
import { inspect, inspectSync } from '../src/inspect/inspect.ts';
import { LIMITS } from '../src/limits.ts';
import { toJSON } from '../src/render/json.ts';
import { coffSymbol, command, concat, elf, fat, framed, inlineBlob, machO, MAGIC, patched, pe, pointerBlob, runtimeMemory } from './build/go.ts';
import { random } from './random.ts';

const MODULES = framed('path\tx.org/p\nmod\tx.org/p\tv1.0.0\th1:p=\ndep\ta\tv1\n=>\tb\tv2\t\nbuild\t-tags="a b"\nbuild\tGOARCH=amd64\nbuild\tGOOS=linux\n');
const DATA = 0x50_0000n;

/** Go programs of every form. */
function programs(): [string, Uint8Array][] {
  const all: [string, Uint8Array][] = [];
  for (const wide of [true, false]) {
    for (const little of [true, false]) {
      const { texts, variables } = runtimeMemory(0x40_0000n, { version: 'go1.26.5', modules: MODULES, wide, little });
      const forms: [string, Uint8Array][] = [
        ['inline', inlineBlob({ modules: MODULES })],
        ['pointers', pointerBlob(DATA, { little, pointerSize: wide ? 8 : 4, modules: MODULES })],
        ['none', variables],
      ];
      for (const [form, data] of forms) {
        const name = `${form}, ${wide ? 64 : 32} bits, ${little ? 'little' : 'big'}`;
        const code = { name: 'gopclntab', address: 0x40_0000n, data: texts };
        const symbols = [['runtime.buildVersion', DATA + 32n] as const];
        all.push([`ELF, ${name}`, elf({ wide, little, pieces: [code, { name: '.go.buildinfo', address: DATA, data, writable: true }], symbols, buildId: 'a/b/c/d' }).file]);
        const dynamic = command(0xb, [0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], little);
        const pieces = [{ ...code, name: '__gopclntab', writable: false }, { name: '__go_buildinfo', address: DATA, data }];
        all.push([`Mach-O, ${name}`, machO({ wide, little, pieces, symbols: ['_a', '_runtime.buildVersion'], after: [dynamic] }).file]);
      }
    }
    const imageBase = wide ? 0x1_4000_0000n : 0x40_0000n;
    const prefix = encodeText('\udcff Go build ID: "a/b"\n \udcff');
    const { texts, variables } = runtimeMemory(imageBase + 0x1000n, { version: 'go1.26.5', modules: MODULES, wide, prefix });
    for (const data of [inlineBlob({ modules: MODULES }), pointerBlob(imageBase + 0x8000n, { pointerSize: wide ? 8 : 4, modules: MODULES }), variables]) {
      const sections = [
        { name: '.text', address: 0x1000, data: texts, flags: 0x6000_0020 },
        { name: '.data', address: 0x8000, data },
        { name: '.symtab', address: 0x9000, data: new Uint8Array(4), flags: 0x4200_0000 },
      ];
      const strings = concat(Uint8Array.of(25, 0, 0, 0), encodeText('runtime.buildVersion\0'));
      all.push([`PE, ${wide ? 64 : 32} bits`, pe({ wide, sections, symbols: [coffSymbol(4, 32, 2), coffSymbol('a', 0, 1, 1), new Uint8Array(18)], strings }).file]);
    }
  }
  const slice = (cpuType: number): { cpuType: number; file: Uint8Array } => ({ cpuType, file: machO({ pieces: [{ name: '__go_buildinfo', address: DATA, data: inlineBlob({ modules: MODULES }) }] }).file });
  all.push(['universal', fat([slice(0x100_0007), slice(0x100_000c)])]);
  return all;
}

/** What is said of a file: inspection, and Go's own reader. Anything thrown that is no error of ours is thrown on. */
function outcome(file: Uint8Array): string {
  const bounds = { searched: 2 * file.length, text: file.length };
  const view = readBytes(file, goView, LIMITS);
  const stored = typeof view === 'string' ? view : scanSync(new MemorySource(file), { at: 0, length: file.length }, readBuildInfo(view, bounds));
  try {
    return toJSON([inspectSync(file, { facts: 'all' }), stored]);
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    return toJSON([error.code, error.message, stored]);
  }
}

describe.each(programs())('%s', (name, file) => {
  it('is Go', () => {
    expect(inspectSync(file).binaries[0]?.go?.version).toMatch(/^go1\./);
  });

  it('cut anywhere', () => {
    for (let size = 0; size < file.length; size += size < 160 ? 1 : 7) outcome(file.subarray(0, size));
  });

  it('with bytes changed', () => {
    const next = random(name.length * 31 + file.length);
    const values = [0, 1, 2, 0x7f, 0x80, 0xff];
    for (let at = 0; at < file.length; at += at < 320 ? 1 : 7) outcome(patched(file, at, values[Math.floor(next() * values.length)] as number, 1));
    for (let round = 0; round < 60; round++) {
      const damaged = file.slice();
      for (let i = 0; i < 6; i++) damaged[Math.floor(next() * damaged.length)] = Math.floor(next() * 256);
      outcome(damaged);
    }
  });

  it('from any source, in windows of any size', async () => {
    const expected = toJSON(inspectSync(file, { facts: 'all' }));
    const source = { size: file.length, read: (at: number, length: number) => Promise.resolve(file.slice(at, at + length)) };
    expect(toJSON(await inspect(source, { facts: 'all' }))).toBe(expected);
    expect(toJSON(await inspect(source, { facts: 'all', limits: { windowBytes: 64, fetches: 10_000 } }))).toBe(expected);
    expect(toJSON(inspectSync(file, { facts: 'all', limits: { windowBytes: 64, fetches: 10_000 } }))).toBe(expected);
  });
});

describe('made to cost much', () => {
  const timed = (file: Uint8Array): number => {
    const before = process.cpuUsage();
    outcome(file);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const holder = (data: Uint8Array, name = '.go.buildinfo'): Uint8Array => elf({ pieces: [{ name, address: DATA, data, writable: true }] }).file;
  const repeated = (part: Uint8Array, size: number): Uint8Array => {
    const all = new Uint8Array(size);
    for (let at = 0; at + part.length <= size; at += part.length) all.set(part, at);
    return all;
  };
  const SIZE = 8 * 1024 * 1024;

  it.each<[string, Uint8Array]>([
    ['magics, none of them aligned', holder(concat(new Uint8Array(1), repeated(concat(MAGIC, new Uint8Array(2)), SIZE)))],
    ['magics, one behind the other', holder(repeated(MAGIC, SIZE))],
    ['the beginnings of magics', holder(repeated(MAGIC.subarray(1), SIZE))],
    ['blobs of no version', holder(repeated(inlineBlob({ version: '', padding: 14 }), SIZE), '.gopclntab')],
    ['versions', holder(repeated(encodeText('go1.26.5'), SIZE), '.gopclntab')],
    ['headers of versions', holder(concat(encodeText('go1.26.5'.repeat(2)), repeated(Uint8Array.of(0, 0, 0x50, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0), SIZE)), '.gopclntab')],
    ['frames without an end', holder(repeated(MODULES.subarray(0, 40), SIZE), '.gopclntab')],
    ['heads of function tables', holder(repeated(Uint8Array.of(0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8), SIZE), '.gopclntab')],
    ['file names', holder(repeated(encodeText('\0runtime/rt0_linux_amd64.s\0'), SIZE), '.gopclntab')],
    ['lines', holder(inlineBlob({ modules: framed('dep\ta\tb\n'.repeat(SIZE / 32)) }))],
    ['quotes', holder(inlineBlob({ modules: framed(`build\tk="${'\\x41'.repeat(SIZE / 16)}"\n`) }))],
  ])('%s', (_, file) => {
    expect(timed(file)).toBeLessThan(5000);
  });

  it('a range of addresses that is made of pieces', () => {
    const before = Array.from({ length: 20_000 }, (_, i) => [1, DATA + BigInt(i) * 0x10_0000n, 16] as const);
    const { file, sections } = elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: new Uint8Array(16), writable: true }], before });
    expect(timed(patched(file, sections + 64 + 32, 2n ** 62n, 8))).toBeLessThan(5000);
  });

  it('one symbol table that many commands name', () => {
    const commands = Array.from({ length: 20_000 }, () => command(2, [0, 60_000, 0, 400_000]));
    const { file } = machO({ pieces: [{ name: '__go_buildinfo', address: DATA, data: new Uint8Array(1024 * 1024) }], after: commands });
    expect(timed(file)).toBeLessThan(5000);
  });

  it('sizes that no file has allocate nothing', () => {
    const blob = inlineBlob({ versionLength: Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f) });
    expect(timed(holder(blob))).toBeLessThan(1000);
    const { file, sections } = elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: blob, writable: true }] });
    expect(timed(patched(file, sections + 64 + 32, 2n ** 62n, 8))).toBeLessThan(1000);
  });
});

describe('a scan', () => {
  it('is ended by its signal', async () => {
    const file = new Uint8Array(64);
    const source = { size: file.length, read: () => Promise.resolve(file) };
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const view = { data: { address: 0n, size: 64n }, base: 0n, pieces: [{ first: 0n, last: 63n, offset: 0, size: 64, unreadable: null }] };
    const scan = readBuildInfo(view, { searched: 64, text: 64 });
    await expect(scanAsync(source, { at: 0, length: 64 }, scan, controller.signal)).rejects.toMatchObject({ code: 'aborted' });
  });
});
