// PE facts held against llvm-readobj and GNU objdump, on every PE file at hand.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync as readDescriptor, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSync } from '../../src/bytes/input.ts';
import { openFileSync } from '../../src/bytes/source-file.ts';
import { encodeText } from '../../src/bytes/text.ts';
import { LIMITS } from '../../src/limits.ts';
import type { DependencyKind, PeBinary } from '../../src/model/binary.ts';
import { MACHINE } from '../../src/pe/constants.ts';
import { mzVerdict } from '../../src/pe/dos.ts';
import { readPe } from '../../src/pe/facts.ts';

const ROOTS = ['testdata', 'node_modules', '/usr/lib', '/usr/share', ...(process.env['BINSPECT_CORPUS'] ?? '').split(':')];
const BATCH = 50;

/** The two bytes that PE files begin with. The rest is left to `mzVerdict`: a file that it misses is one that goes uncompared. */
function isMz(path: string): boolean {
  const descriptor = openSync(path, 'r');
  try {
    const head = Buffer.alloc(2);
    return readDescriptor(descriptor, head, 0, 2, 0) === 2 && head.toString('latin1') === 'MZ';
  } finally {
    closeSync(descriptor);
  }
}

function mzFiles(): string[] {
  const found = new Set<string>();
  for (const root of ROOTS.filter((one) => one !== '')) {
    let entries;
    try {
      entries = readdirSync(root, { recursive: true, withFileTypes: true });
    } catch {
      continue; // not every machine has every folder
    }
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && isMz(path)) found.add(realpathSync(path));
    }
  }
  return [...found].sort();
}

/** What binspect says of a file; null where it is no PE file. */
function ours(path: string): PeBinary | null {
  const source = openFileSync(path);
  try {
    return readSync(source, (input) => (mzVerdict(input) === 'pe' ? readPe(input) : null), LIMITS);
  } finally {
    source.closeSync();
  }
}

/** A fact's name, what binspect says, and what the tool does. */
type Comparison = readonly [fact: string, ours: unknown, theirs: unknown];

interface Tool {
  readonly name: string;
  readonly options: readonly string[];
  /** The line that begins a file's output, its path in the group. */
  readonly header: RegExp;
  /** Machines that it reads; null: all. */
  readonly machines: ReadonlySet<number> | null;
  readonly compare: (binary: PeBinary, text: string) => Comparison[];
}

/**
 * Runs a tool over many files; its output for each, cut at the line that names the file. One that fails over a batch is run for each
 * file alone; a file that it fails over then is left out: llvm-readobj gives up at the first table that it can't follow.
 */
function print({ name, options, header }: Tool, paths: readonly string[]): Map<string, string> {
  const outputs = new Map<string, string>();
  const run = (some: readonly string[]): boolean => {
    const { stdout, status, error } = spawnSync(name, [...options, ...some], { encoding: 'latin1', maxBuffer: 2 ** 30 });
    if (error !== undefined) throw error;
    if (status !== 0) return false;
    const parts = stdout.split(header);
    for (let i = 1; i + 1 < parts.length; i += 2) outputs.set(parts[i] as string, parts[i + 1] as string);
    return true;
  };
  for (let i = 0; i < paths.length; i += BATCH) {
    const batch = paths.slice(i, i + BATCH);
    if (!run(batch)) for (const path of batch) run([path]);
  }
  return outputs;
}

function hasTool(tool: string): boolean {
  return spawnSync(tool, ['--version']).status === 0;
}

const bytesOf = (text: string | null): string | null => (text === null ? null : Buffer.from(encodeText(text)).toString('latin1'));
const all = (text: string, pattern: RegExp): string[] => Array.from(text.matchAll(pattern), (match) => match[1] as string);
const one = (text: string, pattern: RegExp): string | null => pattern.exec(text)?.[1] ?? null;
const dependencies = (binary: PeBinary, kind: DependencyKind): (string | null)[] => binary.dependencies.filter((item) => item.kind === kind).map(({ name }) => bytesOf(name));

/** A GUID's digits, from what LLVM prints: until version 14 its bytes as they lie in the file, later the GUID. */
function guidDigits(printed: string | null): string | null {
  if (printed === null || printed.startsWith('{')) return printed?.replace(/[{}-]/g, '') ?? null;
  const bytes = printed.replace(/[()]/g, '').split(' ');
  return [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((index) => bytes[index]).join('');
}

/** What llvm-readobj prints of headers, imports and the debug directory. */
function byReadobj(binary: PeBinary, text: string): Comparison[] {
  const number = (pattern: RegExp): number => Number(one(text, pattern) ?? 'NaN');
  const [characteristics, dllCharacteristics] = all(text, /^ {2}Characteristics \[ \((0x[0-9A-F]+)\)$/gm).map(Number);
  const machine = one(text, /^ {2}Machine: (.*) \(0x/m);
  const guid = guidDigits(one(text, /^ {6}PDBGUID: (.*)$/m));
  const identity = guid === null ? null : `${guid}${number(/^ {6}PDBAge: (\d+)$/m).toString(16).toUpperCase()}`;
  const entry = BigInt(one(text, /^ {2}AddressOfEntryPoint: (0x[0-9A-F]+)$/m) ?? 0);
  return [
    ['machine', binary.machine.value, number(/^ {2}Machine: .*\((0x[0-9A-F]+)\)$/m)],
    ...(machine === null ? [] : ([['machine name', binary.machine.name, machine]] as const)),
    ['magic', binary.pe.magic, number(/^ {2}Magic: (0x[0-9A-F]+)$/m)],
    ['sections', binary.pe.sections, number(/^ {2}SectionCount: (\d+)$/m)],
    ['characteristics', binary.pe.characteristics, characteristics],
    ['DllCharacteristics', binary.pe.dllCharacteristics, dllCharacteristics],
    ['subsystem', binary.pe.subsystem, number(/^ {2}Subsystem: .*\((0x[0-9A-F]+)\)$/m)],
    ['subsystem name', binary.pe.subsystemName, one(text, /^ {2}Subsystem: (.*) \(0x/m)],
    ['subsystem version', binary.pe.subsystemVersion, `${number(/^ {2}MajorSubsystemVersion: (\d+)$/m)}.${number(/^ {2}MinorSubsystemVersion: (\d+)$/m)}`],
    ['image base', binary.pe.imageBase, BigInt(one(text, /^ {2}ImageBase: (0x[0-9A-F]+)$/m) ?? -1)],
    ['entry point', binary.entryPoint, entry === 0n ? null : entry + binary.pe.imageBase],
    ['imports', dependencies(binary, 'required'), all(text, /^Import \{\n {2}Name: (.*)$/gm)],
    ['delay imports', dependencies(binary, 'delay'), all(text, /^DelayImport \{\n {2}Name: (.*)$/gm)],
    ['build id', binary.buildId, identity !== null && /^0+$/.test(identity) ? null : identity],
  ];
}

/**
 * What objdump prints of imports, exports and sections. It takes the import table to be as long as its directory says, which no loader
 * does, so that where it prints none it says nothing.
 */
function byObjdump(binary: PeBinary, text: string): Comparison[] {
  const imports = all(text, /^\tDLL Name: (.*)$/gm);
  const dwarf = /^ +\d+ \.z?debug_(info|line|types) /m.test(text);
  return [
    ...(imports.length === 0 ? [] : ([['imports', dependencies(binary, 'required'), imports]] as const)),
    ['export name', bytesOf(binary.libraryName), one(text, /^Name \t\t\t\t[0-9a-f]+ (.*)$/m)],
    ['DWARF', binary.because['debugInfo']?.startsWith('section .') ?? false, dwarf],
  ];
}

const TOOLS: readonly Tool[] = [
  { name: 'llvm-readobj', options: ['--file-headers', '--coff-imports', '--coff-debug-directory'], header: /^File: (.*)\n/m, machines: null, compare: byReadobj },
  { name: 'objdump', options: ['-p', '-h'], header: /^(.*): {5}file format pei-.*\n/m, machines: new Set([MACHINE.AMD64, MACHINE.I386, MACHINE.ARM64]), compare: byObjdump },
];

const shown = (value: unknown): string => JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `0x${part.toString(16)}` : part));

describe.each(TOOLS)('$name', (tool) => {
  const { name, machines, compare } = tool;
  const available = hasTool(name);
  if (!available) console.warn(`skipped: ${name} is not installed`);

  it.skipIf(!available && process.env['CI'] === undefined)('agrees on every PE file at hand', { timeout: 600_000 }, () => {
    expect(available, `${name} is missing`).toBe(true);
    const paths = mzFiles();
    const outputs = print(tool, paths);
    const found: string[] = [];
    let compared = 0;
    const failed: string[] = [];
    for (const path of paths) {
      const binary = ours(path);
      if (binary === null) continue;
      if (machines !== null && !machines.has(binary.machine.value)) continue;
      const text = outputs.get(path);
      if (text === undefined) {
        failed.push(path);
        continue;
      }
      for (const [fact, our, their] of compare(binary, text)) {
        if (shown(our) !== shown(their)) found.push(`${path}: ${fact}: ${shown(our)}, ${name} says ${shown(their)}`);
      }
      compared++;
    }
    console.log(`${name}: ${compared} files compared, ${found.length} disagreements; ${name} fails over ${failed.length}: ${failed.join(' ')}`);
    expect(compared).toBeGreaterThanOrEqual(10); // what testdata alone has
    expect(failed.length).toBeLessThan(compared / 10);
    expect(found).toEqual([]);
  });
});
