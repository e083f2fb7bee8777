// The layout of files: every byte counted once, parts within parts, and what headers say that is not so.

import { describe, expect, it } from 'vitest';
import { MemorySource } from '../src/bytes/source.ts';
import { PF, PT, SHF, SHT } from '../src/elf/constants.ts';
import { BinspectError } from '../src/errors.ts';
import { inspect } from '../src/inspect/inspect.ts';
import { mapSource } from '../src/inspect/map.ts';
import { LIMITS } from '../src/limits.ts';
import { CPU_TYPE, LC } from '../src/macho/constants.ts';
import { arrange, fixed } from '../src/model/arrange.ts';
import type { Claim } from '../src/model/arrange.ts';
import { ownSize } from '../src/model/regions.ts';
import type { FileMap, Region } from '../src/model/regions.ts';
import { buildElf } from './build/elf.ts';
import { buildFat } from './build/fat.ts';
import { buildMachO, numbers, segment } from './build/macho.ts';
import { buildPe, words } from './build/pe.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';
import { random } from './random.ts';

async function mapOf(bytes: Uint8Array): Promise<FileMap> {
  const source = new MemorySource(bytes);
  return mapSource(source, await inspect(source));
}

/** The layout, or null for what is no executable. Anything thrown but a BinspectError fails the test. */
async function attempt(bytes: Uint8Array): Promise<FileMap | null> {
  try {
    return await mapOf(bytes);
  } catch (error) {
    if (error instanceof BinspectError) return null;
    throw error;
  }
}

const sum = (regions: readonly Region[], of: (region: Region) => number): number => regions.reduce((total, region) => total + of(region), 0);

/** What must hold for every file, whatever its headers say. */
function violations(regions: readonly Region[], from: number, to: number, own: number, place = 'file'): string[] {
  const found: string[] = [];
  if (sum(regions, ownSize) !== own) found.push(`${place}: ${sum(regions, ownSize)} bytes in its parts, not ${own}`);
  let last = 0;
  for (const region of regions) {
    const { name, kind, offset, size, shared, missing, children } = region;
    const here = `${place} > ${name}`;
    for (const number of [size, shared, missing]) if (!(Number.isSafeInteger(number) && number >= 0)) found.push(`${here}: ${number}`);
    if (shared > size) found.push(`${here}: more is shared than there is`);
    if (offset === null) {
      if (size + shared + missing > 0) found.push(`${here}: bytes without a place`);
    } else {
      if (offset < last) found.push(`${here}: at ${offset}, behind something at ${last}`);
      last = offset;
      if (size > 0 && (offset < from || offset + size > to)) found.push(`${here}: ${offset} to ${offset + size}, outside ${from} to ${to}`);
    }
    if ((kind === 'gap' || kind === 'padding') && (shared > 0 || children.length > 0)) found.push(`${here}: a ${kind} that is claimed`);
    if (children.length > 0) found.push(...violations(children, offset ?? 0, (offset ?? 0) + size, ownSize(region), here));
  }
  return found;
}

function expectWhole({ regions, size }: FileMap): void {
  expect(violations(regions, 0, size, size)).toEqual([]);
}

/** All regions, the outer before the inner. */
function flat(regions: readonly Region[]): Region[] {
  return regions.flatMap((region) => [region, ...flat(region.children)]);
}

function named({ regions }: FileMap, name: string): Region {
  const found = flat(regions).find((region) => region.name === name);
  if (found === undefined) throw new Error(`no region ${name} among ${flat(regions).map((region) => region.name).join(', ')}`);
  return found;
}

const readable = fixtureNames().filter((name) => !name.startsWith('error-'));

describe('every byte is counted once', () => {
  it.each(readable)('%s', async (name) => {
    const file = await mapOf(fixtureBytes(name));
    expectWhole(file);
    expect(sum(flat(file.regions), ({ missing }) => missing)).toBe(0);
  });

  it.each(readable)('%s, cut anywhere', async (name) => {
    const bytes = fixtureBytes(name);
    const step = Math.max(7, Math.floor(bytes.length / 16));
    for (let length = 0; length < bytes.length; length += step) {
      const file = await attempt(bytes.subarray(0, length));
      if (file !== null) expectWhole(file);
    }
  });

  it.each(readable)('%s, with bytes changed', async (name) => {
    const original = fixtureBytes(name);
    const next = random(name.length * 7919 + original.length);
    const headers = Math.min(original.length, 1024);
    let read = 0;
    for (let round = 0; round < 24; round++) {
      const bytes = original.slice();
      for (let i = 0; i < 1 + round / 4; i++) {
        const area = next() < 0.7 ? headers : original.length;
        bytes[Math.floor(next() * area)] = next() < 0.3 ? 0xff : Math.floor(next() * 256);
      }
      const file = await attempt(bytes);
      if (file === null) continue;
      expectWhole(file);
      read++;
    }
    expect(read).toBeGreaterThan(0);
  });

  it('is the same in windows of any size', async () => {
    for (const name of ['elf-x86_64-pie', 'macho-universal', 'pe-mingw.exe']) {
      const source = new MemorySource(fixtureBytes(name));
      const inspection = await inspect(source);
      const whole = await mapSource(source, inspection);
      expect(await mapSource(source, inspection, { limits: { ...LIMITS, windowBytes: 64 } })).toEqual(whole);
    }
  });

  it('ends when the signal fires', async () => {
    const source = new MemorySource(fixtureBytes('elf-x86_64-pie'));
    await expect(mapSource(source, await inspect(source), { signal: AbortSignal.abort('enough') })).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
  });
});

/** A claim that holds others, or doesn't. */
const claim = (name: string, offset: number, size: number, holds = false): Claim => ({ ...fixed(name, 'table', 'other', offset, size), holds });
const shape = (regions: readonly Region[]): unknown[] =>
  regions.map(({ name, offset, size, shared, children }) => [name, offset, size, ...(shared > 0 ? [`-${shared}`] : []), ...(children.length > 0 ? [shape(children)] : [])]);
const GAP = 'nothing speaks of it';

describe('claims arranged', () => {
  it.each<[string, Claim[], unknown[]]>([
    ['nothing', [], [[GAP, 0, 100]]],
    ['one after the other', [claim('b', 50, 50), claim('a', 0, 50)], [['a', 0, 50], ['b', 50, 50]]],
    ['with gaps', [claim('a', 10, 20)], [[GAP, 0, 10], ['a', 10, 20], [GAP, 30, 70]]],
    ['one within another', [claim('in', 20, 10), claim('out', 10, 50, true)], [[GAP, 0, 10], ['out', 10, 50, [[GAP, 10, 10], ['in', 20, 10], [GAP, 30, 30]]], [GAP, 60, 40]]],
    ['two that overlap', [claim('a', 0, 60), claim('b', 40, 60)], [['a', 0, 60], ['b', 40, 60, '-20']]],
    ['two at one place', [claim('short', 0, 50), claim('long', 0, 100)], [['long', 0, 100], ['short', 0, 50, '-50']]],
    ['one that crosses the end of what could hold it', [claim('out', 0, 50, true), claim('x', 40, 20)], [['out', 0, 50], ['x', 40, 20, '-10'], [GAP, 60, 40]]],
    ['one across two', [claim('a', 0, 40, true), claim('b', 60, 40, true), claim('x', 30, 50)], [['a', 0, 40], ['x', 30, 50, '-30'], ['b', 60, 40]]],
    [
      'holders that overlap',
      [claim('a', 0, 60, true), claim('b', 40, 60, true), claim('in a', 45, 10), claim('in b', 70, 30)],
      [['a', 0, 60, [[GAP, 0, 45], ['in a', 45, 10], [GAP, 55, 5]]], ['b', 40, 60, '-20', [[GAP, 60, 10], ['in b', 70, 30]]]],
    ],
    ['a holder within a holder', [claim('a', 0, 100, true), claim('b', 40, 20, true)], [['a', 0, 100, [[GAP, 0, 40], ['b', 40, 20], [GAP, 60, 40]]]]],
    ['one beyond the end', [claim('a', 90, 20), claim('b', 200, 5)], [[GAP, 0, 90], ['a', 90, 10], ['b', 200, 0]]],
    ['an empty one', [claim('a', 50, 0)], [[GAP, 0, 50], ['a', 50, 0], [GAP, 50, 50]]],
  ])('%s', (_, claims, expected) => {
    const regions = arrange(claims, 0, 100);
    expect(shape(regions)).toEqual(expected);
    expect(violations(regions, 0, 100, 100)).toEqual([]);
  });

  it('counts every byte once, whatever is claimed', () => {
    const next = random(20261120);
    for (let round = 0; round < 500; round++) {
      const size = 1 + Math.floor(next() * 60);
      const claims = Array.from({ length: Math.floor(next() * 12) }, (_, i) => claim(`c${i}`, Math.floor(next() * size * 1.2), Math.floor(next() * size), next() < 0.4));
      const regions = arrange(claims, 1000, size);
      expect(violations(regions, 1000, 1000 + size, size), JSON.stringify(claims.map(({ offset, size: length, holds }) => [offset, length, holds]))).toEqual([]);
      expect(flat(regions).filter(({ kind }) => kind !== 'gap')).toHaveLength(claims.length);
    }
  });

  it('says how much of a claim is missing', () => {
    expect(arrange([claim('a', 90, 30)], 0, 100).at(-1)).toMatchObject({ name: 'a', size: 10, missing: 20 });
  });
});

describe('ELF', () => {
  it('has sections within segments, and what is in memory only', async () => {
    const file = await mapOf(fixtureBytes('elf-x86_64-pie'));
    const loads = file.regions.filter(({ name }) => name === 'LOAD');
    expect(loads.map(({ permissions }) => permissions)).toEqual(['r--', 'r-x', 'rw-', 'rw-']);
    expect(loads[1]?.children.map(({ name, permissions, content }) => [name, permissions, content])).toEqual([
      ['.text', 'r-x', 'code'],
      ['padding', null, 'padding'],
      ['.plt', 'r-x', 'code'],
    ]);
    expect(named(file, '.dynamic').note).toBe('read-only once relocated');
    expect(named(file, '.symtab')).toMatchObject({ permissions: null, address: null, memorySize: null, content: 'symbols' });
  });

  it('calls a gap padding only where it is all zeros', async () => {
    const bytes = fixtureBytes('elf-x86_64-pie').slice();
    expect((await mapOf(bytes)).regions[2]?.children[1]).toMatchObject({ name: 'padding', kind: 'padding', content: 'padding', offset: 0x36f, size: 1 });
    bytes[0x36f] = 0xcc;
    expect((await mapOf(bytes)).regions[2]?.children[1]).toMatchObject({ name: 'not in a section', kind: 'gap', content: 'code', offset: 0x36f, size: 1 });
  });

  it('puts zeros into the segment that they are loaded with', async () => {
    const bytes = buildElf({
      segments: [{ type: PT.LOAD, flags: PF.R | PF.W, offset: 0, fileSize: 0x78, memorySize: 0x2000, address: 0x40_0000n }],
      sections: [
        { name: '.bss', type: SHT.NOBITS, flags: SHF.ALLOC | SHF.WRITE, address: 0x40_0100n, size: 0x1000 },
        { name: '.far', type: SHT.NOBITS, flags: SHF.ALLOC, address: 0x90_0000n, size: 16 },
      ],
    });
    const file = await mapOf(bytes);
    expect(file.regions[0]?.children.at(-1)).toMatchObject({ name: '.bss', offset: null, size: 0, memorySize: 0x1000, permissions: 'rw-' });
    expect(file.regions.find(({ name }) => name === '.far')).toMatchObject({ offset: null, memorySize: 16 });
  });

  it('shows two sections that claim the same bytes, and counts them once', async () => {
    const file = await mapOf(buildElf({
      sections: [
        { name: '.a', type: SHT.PROGBITS, data: new Uint8Array(64).fill(1) },
        { name: '.b', type: SHT.PROGBITS, offset: 0x40 + 56 + 8, size: 16 },
      ],
    }));
    expectWhole(file);
    expect(flat(file.regions).some(({ shared }) => shared > 0)).toBe(true);
  });

  it('marks what lies beyond the end of the file', async () => {
    const file = await mapOf(buildElf({ sections: [{ name: '.lost', type: SHT.PROGBITS, offset: 0x10_0000, size: 0x20 }] }));
    expect(named(file, '.lost')).toMatchObject({ size: 0, missing: 0x20 });
    expectWhole(file);
  });

  it('says that the segments of a debug file are elsewhere', async () => {
    const file = await mapOf(fixtureBytes('elf-x86_64-debug'));
    for (const load of file.regions.filter(({ name }) => name === 'LOAD')) expect(load).toMatchObject({ offset: null, note: 'its bytes are in another file' });
    expect(named(file, '.debug_info')).toMatchObject({ content: 'debug', size: 47 });
  });

  it('goes by other segments where there are no sections', async () => {
    const file = await mapOf(fixtureBytes('elf-x86_64-nosections'));
    expect(file.regions[0]?.children.map(({ name }) => name)).toContain('INTERP');
    expect(named(file, 'DYNAMIC')).toMatchObject({ kind: 'segment', content: 'linking', permissions: 'rw-' });
  });
});

describe('Mach-O', () => {
  it('has slices, segments, sections and the tables in __LINKEDIT', async () => {
    const file = await mapOf(fixtureBytes('macho-universal'));
    expect(file.regions.map(({ name, kind }) => [name, kind])).toEqual([
      ['universal header', 'header'],
      ['padding', 'padding'],
      ['amd64', 'slice'],
      ['padding', 'padding'],
      ['arm64', 'slice'],
    ]);
    const [, , , , arm] = file.regions as [Region, Region, Region, Region, Region];
    expect(arm.children.map(({ name, permissions }) => [name, permissions])).toEqual([['__TEXT', 'r-x'], ['__LINKEDIT', 'r--']]);
    expect(arm.children[1]?.children.at(-1)).toMatchObject({ name: 'code signature', content: 'signature', offset: 0x8040, size: 288 });
  });

  it('looks into no archive', async () => {
    const file = await mapOf(fixtureBytes('macho-universal-archives'));
    for (const slice of file.regions.filter(({ kind }) => kind === 'slice')) {
      expect(slice.children).toEqual([]);
      expect(slice.note).toMatch(/archive|bitcode|not looked into/);
    }
  });

  it('has the page that catches null pointers in memory only', async () => {
    expect(named(await mapOf(fixtureBytes('macho-x86_64-pie')), '__PAGEZERO')).toMatchObject({ offset: null, permissions: '---', memorySize: 0x1_0000_0000 });
  });

  it('knows no protection in objects', async () => {
    const file = await mapOf(fixtureBytes('macho-x86_64-object'));
    expect(flat(file.regions).every(({ permissions }) => permissions === null)).toBe(true);
    expect(named(file, 'all sections').children.map(({ name }) => name)).toContain('__TEXT,__text');
  });

  it('shows what is written and run', async () => {
    const bytes = buildMachO({ commands: [segment('__EVIL', true, { offset: 0, fileSize: 64, protection: 7 })], size: 4096 });
    expect(named(await mapOf(bytes), '__EVIL').permissions).toBe('rwx');
  });

  it('counts overlapping slices once, and recognises what is appended', async () => {
    const thin = buildMachO({ commands: [numbers(LC.UUID, 1, 2, 3, 4)] });
    const fat = buildFat({ slices: [{ cpuType: CPU_TYPE.X86_64, bytes: thin }, { cpuType: CPU_TYPE.ARM64, offset: 64, size: thin.length }] });
    const bytes = new Uint8Array(fat.length + 40);
    bytes.set(fat);
    bytes.set([0x1f, 0x8b, 8], fat.length);
    const file = await mapOf(bytes);
    expectWhole(file);
    expect(file.regions.at(-1)).toMatchObject({ kind: 'appended', note: 'gzip-compressed' });
  });
});

describe('PE', () => {
  it('has the DOS part, headers, sections and certificates', async () => {
    const file = await mapOf(fixtureBytes('pe-signed.exe'));
    expect(file.regions.map(({ name }) => name)).toEqual([
      'DOS header', 'DOS program', 'PE header', 'optional header', 'section headers', 'padding', '.text', '.rdata', 'certificate table',
    ]); // prettier-ignore
    expect(named(file, '.rdata')).toMatchObject({ permissions: 'r--', note: 'debug directory' });
  });

  it('has the COFF symbols of MinGW, and names from their strings', async () => {
    const file = await mapOf(fixtureBytes('pe-mingw.exe'));
    expect(named(file, 'COFF symbols')).toMatchObject({ content: 'symbols', offset: 0x1400, size: 1368 });
    expect(named(file, '.debug_info').content).toBe('debug');
  });

  it('finds the Rich header', async () => {
    const key = 0x1234_5678;
    const program = [...new Uint8Array(32), ...words((0x536e_6144 ^ key) >>> 0, key, key, key, 0x1111_1111, 0x2222_2222), ...words(0x6863_6952, key)];
    const file = await mapOf(buildPe({ headerOffset: 0x100, dosProgram: program, sections: [{ address: 0x1000, data: [1, 2, 3] }] }));
    expect(named(file, 'Rich header')).toMatchObject({ offset: 0x60, size: 32 });
    expect(named(file, 'DOS program')).toMatchObject({ offset: 0x40, size: 32 });
    expectWhole(file);
  });

  it('has what is packed in memory only', async () => {
    const file = await mapOf(fixtureBytes('pe-upx.exe'));
    expect(named(file, 'UPX0')).toMatchObject({ offset: null, size: 0, memorySize: 0x5000, permissions: 'rwx' });
  });

  it.each<[string, readonly number[], string | null]>([
    ['a zip archive', [0x50, 0x4b, 3, 4, 1, 2, 3, 4], 'a zip archive'],
    ['a zip archive behind a script', [...new TextEncoder().encode('#!python\r\nxxxx'), 0x50, 0x4b, 5, 6, ...new Uint8Array(18)], 'a zip archive'],
    ["NSIS's data", [1, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde, ...new TextEncoder().encode('NullsoftInst')], "an installer's data (NSIS)"],
    ['something else', [1, 2, 3, 4, 5], null],
  ])('recognises %s', async (_, trailer, note) => {
    const bytes = buildPe({ sections: [{ address: 0x1000, data: new Array<number>(0x200).fill(1) }] });
    const whole = new Uint8Array(bytes.length + trailer.length);
    whole.set(bytes);
    whole.set(trailer, bytes.length);
    expect((await mapOf(whole)).regions.at(-1)).toMatchObject({ kind: 'appended', name: 'appended data', size: trailer.length, note });
  });
});

describe('what costs', () => {
  it('is the headers, and what nobody claims', async () => {
    const bytes = buildPe({ sections: [{ address: 0x1000, data: new Uint8Array(8 * 1024 * 1024).fill(1) }] });
    let read = 0;
    const memory = new MemorySource(bytes);
    const source = {
      size: bytes.length,
      read: (offset: number, length: number): Promise<Uint8Array> => {
        read += length;
        return memory.read(offset, length);
      },
    };
    expectWhole(await mapSource(source, await inspect(bytes)));
    expect(read).toBeLessThan(256 * 1024);
  });

  const count = 30_000;
  const end = 64 + count * 120;

  /** As many segments as sections, wherever they shall lie. */
  function crowded(segmentAt: (i: number) => readonly [number, number], sectionAt: (i: number) => readonly [number, number]): Uint8Array {
    const bytes = new Uint8Array(end);
    const view = new DataView(bytes.buffer);
    bytes.set(buildElf({ header: { phoff: 64, phnum: count, shoff: 64 + count * 56, shnum: count, shentsize: 64 } }).subarray(0, 64));
    for (let i = 0; i < count; i++) {
      const at = 64 + i * 56;
      const [offset, size] = segmentAt(i);
      view.setUint32(at, PT.LOAD, true);
      for (const [field, value] of [[8, offset], [16, offset], [32, size], [40, size]] as const) view.setBigUint64(at + field, BigInt(value), true);
      const row = 64 + count * 56 + i * 64;
      const [start, length] = sectionAt(i);
      view.setUint32(row + 4, i === 0 ? SHT.NULL : SHT.PROGBITS, true);
      view.setBigUint64(row + 24, BigInt(start), true);
      view.setBigUint64(row + 32, BigInt(length), true);
    }
    return bytes;
  }

  it.each<[string, (i: number) => readonly [number, number], (i: number) => readonly [number, number]]>([
    ['one within another', (i) => [i, end - i], (i) => [i, end - 2 * i]],
    ['each over the next', (i) => [i * 50, 120], (i) => [i * 37, 100]],
    ['all beyond the end', (i) => [i * 1e9, 1e15], (i) => [Number.MAX_SAFE_INTEGER - i, 9e15]],
  ])('is bounded: %s', { timeout: 30_000 }, async (_, segmentAt, sectionAt) => {
    expectWhole(await mapOf(crowded(segmentAt, sectionAt)));
  });
});
