// Layouts held against readelf, llvm-readobj and llvm-objdump, on every binary at hand: which section lies where, how long, with which permissions.

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../src/bytes/source-file.ts';
import { BinspectError } from '../../src/errors.ts';
import { inspect } from '../../src/inspect/inspect.ts';
import { mapSource } from '../../src/inspect/map.ts';
import type { Inspection } from '../../src/model/binary.ts';
import { ownSize } from '../../src/model/regions.ts';
import type { FileMap, Region } from '../../src/model/regions.ts';
import { elfFiles, hasTool, printAll } from './elf-files.ts';
import { filesBeginning } from './machine-files.ts';
import { mzFiles } from './pe-files.ts';

interface Read {
  readonly inspection: Inspection;
  readonly file: FileMap;
}

/** A file's layout; null for what is no executable that binspect reads. */
async function read(path: string): Promise<Read | null> {
  const source = await openFile(path);
  try {
    const inspection = await inspect(source);
    return { inspection, file: await mapSource(source, inspection) };
  } catch (error) {
    if (error instanceof BinspectError && error.detected !== undefined) return null;
    throw error;
  } finally {
    await source.close();
  }
}

function flat(regions: readonly Region[]): Region[] {
  return regions.flatMap((region) => [region, ...flat(region.children)]);
}

const hex = (value: number | bigint): string => value.toString(16);
const stated = ({ size, missing }: Region): number => size + missing;

/** What differs between two lists, whatever their order. */
function differences(path: string, what: string, ours: readonly string[], theirs: readonly string[]): string[] {
  const left = ours.toSorted();
  const right = theirs.toSorted();
  if (left.join('\n') === right.join('\n')) return [];
  const only = (a: readonly string[], b: readonly string[]): string[] => a.filter((one) => !b.includes(one)).slice(0, 3);
  return [`${path}: ${what}: only ours ${JSON.stringify(only(left, right))}, only theirs ${JSON.stringify(only(right, left))}`];
}

/** Compares all files; at least `least` of them must be comparable. */
async function compareAll(paths: readonly string[], tool: string, least: number, compare: (path: string, read: Read) => string[] | null): Promise<void> {
  const found: string[] = [];
  let compared = 0;
  let regions = 0;
  for (const path of paths) {
    const answer = await read(path);
    if (answer === null) continue;
    const { file } = answer;
    if (file.regions.reduce((sum, region) => sum + ownSize(region), 0) !== file.size) found.push(`${path}: its regions are not all of it`);
    const differing = compare(path, answer);
    if (differing === null) continue;
    found.push(...differing);
    compared++;
    regions += flat(file.regions).length;
  }
  console.log(`${tool}: ${compared} layouts compared, ${regions} regions, ${found.length} disagreements`);
  expect(found).toEqual([]);
  expect(compared).toBeGreaterThanOrEqual(least);
}

function oracle(tool: string, run: () => Promise<void>): void {
  const available = hasTool(tool);
  if (!available) console.warn(`skipped: ${tool} is not installed`);
  it.skipIf(!available && process.env['CI'] === undefined)('agrees on every file of this machine', { timeout: 900_000 }, async () => {
    expect(available, `${tool} is missing`).toBe(true);
    await run();
  });
}

const SECTION = /^ +\[ *(\d+)\] (.*?) +(\S+|<unknown>: \S+|\S+: <unknown>) +([0-9a-f]{8,16}) ([0-9a-f]{6,}) ([0-9a-f]{6,}) [0-9a-f]{2,} ([A-Za-z ]{3,}?) +\d+ +\d+ +\d+$/gm;
const LOAD = /^ +LOAD +0x([0-9a-f]+) 0x([0-9a-f]+) 0x[0-9a-f]+ 0x([0-9a-f]+) 0x([0-9a-f]+) ([R ])([W ])([E ]) /gm;

/** readelf -SlW: what lies where, in our words. */
function byReadelf(path: string, { inspection, file }: Read, text: string): string[] {
  const [binary] = inspection.binaries;
  if (binary === undefined || binary.format !== 'elf') return [];
  const object = binary.kind === 'relocatable';
  const sections = Array.from(text.matchAll(SECTION), ([, , name, type, address, offset, size, flags = '']) => {
    if (type === 'NULL') return [];
    const loaded = flags.includes('A');
    const place = type === 'NOBITS' ? '-' : Number.parseInt(offset as string, 16).toString(16);
    const permissions = loaded ? `r${flags.includes('W') ? 'w' : '-'}${flags.includes('X') ? 'x' : '-'}` : '';
    const memory = loaded && !object ? BigInt(`0x${address}`).toString(16) : '';
    return [`${name} ${place} ${type === 'NOBITS' ? (loaded ? Number.parseInt(size as string, 16).toString(16) : '') : Number.parseInt(size as string, 16).toString(16)} ${memory} ${permissions}`];
  }).flat();
  const ours = flat(file.regions).filter(({ kind }) => kind === 'section').map((region) => {
    const { name, offset, address, permissions, memorySize } = region;
    const size = offset === null ? (memorySize === null ? '' : hex(memorySize)) : hex(stated(region));
    return `${/^section \d+$/.test(name) ? '' : name} ${offset === null ? '-' : hex(offset)} ${size} ${address === null ? '' : hex(address)} ${permissions ?? ''}`;
  });
  const found = differences(path, 'sections', ours, sections);
  if (binary.kind === 'debug-symbols') return found; // its segments' bytes are in another file
  const loads = Array.from(text.matchAll(LOAD), ([, offset, address, fileSize, memorySize, r, w, x]) => {
    const inFile = Number.parseInt(fileSize as string, 16) > 0;
    const number = (digits: string | undefined): string => BigInt(`0x${digits}`).toString(16);
    return `${inFile ? `${number(offset)} ${number(fileSize)}` : '-'} ${number(address)} ${number(memorySize)} ${r === 'R' ? 'r' : '-'}${w === 'W' ? 'w' : '-'}${x === 'E' ? 'x' : '-'}`;
  });
  const ourLoads = flat(file.regions).filter(({ name, kind }) => kind === 'segment' && name === 'LOAD').map((region) => {
    const { offset, address, memorySize, permissions } = region;
    return `${offset === null ? '-' : `${hex(offset)} ${hex(stated(region))}`} ${hex(address ?? 0n)} ${hex(memorySize ?? 0)} ${permissions}`;
  });
  return [...found, ...differences(path, 'LOAD', ourLoads, loads)];
}

describe('readelf', () => {
  oracle('readelf', async () => {
    const paths = elfFiles();
    const outputs = printAll('readelf', ['-SW', '-lW'], paths);
    await compareAll(paths, 'readelf', 100, (path, answer) => {
      const text = outputs.get(path);
      return text === undefined ? [`${path}: readelf printed nothing`] : byReadelf(path, answer, text);
    });
  });
});

/** A tool's output; null where it refuses the file. */
function print(tool: string, ...args: string[]): string | null {
  const { stdout, status, error } = spawnSync(tool, args, { encoding: 'latin1', maxBuffer: 1 << 30, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  if (error !== undefined) throw error;
  return status === 0 ? stdout : null;
}

const field = (block: string, name: string): string => new RegExp(`^ +${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
const number = (block: string, name: string): number => Number(field(block, name));
const blocksOf = (text: string): string[] => text.split(/^ {2}Section \{$/m).slice(1);

/** llvm-readobj --sections of a PE file. */
function bySections(path: string, { inspection, file }: Read, text: string): string[] {
  const [binary] = inspection.binaries;
  if (binary === undefined || binary.format !== 'pe') return [];
  const { imageBase } = binary.pe;
  const theirs = blocksOf(text).map((block) => {
    const [, flags = '0'] = /Characteristics \[ \((0x[0-9A-F]+)\)/.exec(block) ?? [];
    const bit = (mask: number, letter: string): string => ((Number(flags) & mask) !== 0 ? letter : '-');
    const inFile = number(block, 'PointerToRawData') !== 0 && number(block, 'RawDataSize') > 0;
    const place = inFile ? `${hex(number(block, 'PointerToRawData'))} ${hex(number(block, 'RawDataSize'))}` : '-';
    const memory = number(block, 'VirtualSize') === 0 ? number(block, 'RawDataSize') : number(block, 'VirtualSize');
    const name = Buffer.from(field(block, 'Name').replace(/ \((?:[0-9A-F]{2} ?)+\)$/, ''), 'latin1').toString('utf8');
    return `${name} ${place} ${hex(imageBase + BigInt(number(block, 'VirtualAddress')))} ${hex(memory)} ${bit(0x4000_0000, 'r')}${bit(0x8000_0000, 'w')}${bit(0x2000_0000, 'x')}`;
  });
  const ours = flat(file.regions).filter(({ kind }) => kind === 'section').map((region) => {
    const { name, offset, address, memorySize, permissions } = region;
    return `${/^section \d+$/.test(name) ? '' : name} ${offset === null ? '-' : `${hex(offset)} ${hex(stated(region))}`} ${hex(address ?? 0n)} ${hex(memorySize ?? 0)} ${permissions}`;
  });
  return differences(path, 'sections', ours, theirs);
}

describe('llvm-readobj, PE', () => {
  oracle('llvm-readobj', async () => {
    await compareAll(mzFiles(), 'llvm-readobj', 10, (path, answer) => {
      const text = print('llvm-readobj', '--sections', path);
      return text === null ? null : bySections(path, answer, text);
    });
  });
});

/** Segments and sections of one slice, as llvm-objdump prints its load commands. */
function byCommands(path: string, slice: readonly Region[], start: number, text: string): string[] {
  const commands = text.split(/^Load command \d+\n/m).slice(1).filter((block) => /^ +cmd LC_SEGMENT/m.test(block));
  const value = (block: string, name: string): string => new RegExp(`^ *${name} (\\S*)`, 'm').exec(block)?.[1] ?? '';
  const segments: string[] = [];
  const sections: string[] = [];
  const object = commands.some((block) => value(block, 'segname') === '');
  for (const command of commands) {
    const [head, ...rest] = command.split(/^Section$/m) as [string, ...string[]];
    const size = Number(value(head, 'filesize'));
    const protection = value(head, 'initprot');
    segments.push(`${value(head, 'segname') || 'all sections'} ${size > 0 ? `${hex(Number(value(head, 'fileoff')))} ${hex(size)}` : '-'} ${hex(BigInt(value(head, 'vmsize')))} ${protection}`);
    for (const block of rest) {
      const zeros = /^ *type (S_ZEROFILL|S_GB_ZEROFILL|S_THREAD_LOCAL_ZEROFILL)$/m.test(block) || value(block, 'offset') === '0';
      const name = object ? `${value(block, 'segname')},${value(block, 'sectname')}` : value(block, 'sectname');
      const length = BigInt(value(block, 'size'));
      sections.push(`${name} ${zeros || size === 0 || length === 0n ? '-' : hex(Number(value(block, 'offset')))} ${hex(length)}`);
    }
  }
  const all = flat(slice);
  const mapped = all.some(({ kind, permissions }) => kind === 'segment' && permissions !== null);
  const ourSegments = all.filter(({ kind }) => kind === 'segment').map((region) => {
    const { name, offset, memorySize, permissions } = region;
    return `${name} ${offset === null ? '-' : `${hex(offset - start)} ${hex(stated(region))}`} ${hex(memorySize ?? 0)} ${permissions}`;
  });
  const ourSections = all.filter(({ kind }) => kind === 'section').map((region) => {
    const { name, offset, memorySize } = region;
    return `${name} ${offset === null || stated(region) === 0 ? '-' : hex(offset - start)} ${hex(offset === null ? (memorySize ?? 0) : stated(region))}`;
  });
  const plain = (line: string): string => (mapped ? line : line.replace(/ \S+$/, ''));
  return [...differences(path, 'segments', ourSegments.map(plain), segments.map(plain)), ...differences(path, 'sections', ourSections, sections)];
}

describe('llvm-objdump, Mach-O', () => {
  oracle('llvm-objdump', async () => {
    const paths = filesBeginning(/^(cafebab[ef]|feedfac[ef]|c[ef]faedfe)$/, ['/usr/lib', '/usr/share']);
    await compareAll(paths, 'llvm-objdump', 10, (path, { inspection, file }) => {
      if (inspection.binaries.some((binary) => binary.format !== 'mach-o' || binary.machO === null)) return null; // archives in slices
      const text = print('llvm-objdump', '--macho', '--private-headers', '--arch=all', path);
      if (text === null) return null;
      const parts = text.split(/^Mach header$/m).slice(1);
      const slices = file.universal ? file.regions.filter(({ kind }) => kind === 'slice') : null;
      if (parts.length !== (slices?.length ?? 1)) return [`${path}: ${parts.length} parts printed`];
      return parts.flatMap((part, index) => {
        const slice = slices?.[index];
        return byCommands(path, slice?.children ?? file.regions, slice?.offset ?? 0, part);
      });
    });
  });
});
