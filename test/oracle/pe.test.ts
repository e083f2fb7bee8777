// PE facts held against llvm-readobj and GNU objdump, on every PE file at hand.

import { describe, expect, it } from 'vitest';
import { encodeText } from '../../src/bytes/text.ts';
import type { DependencyKind, PeBinary } from '../../src/model/binary.ts';
import { MACHINE } from '../../src/pe/constants.ts';
import { all, compareAll, guidDigits, hasTool, mzFiles, one } from './pe-files.ts';
import type { Comparison, Tool } from './pe-files.ts';

const bytesOf = (text: string | null): string | null => (text === null ? null : Buffer.from(encodeText(text)).toString('latin1'));
const dependencies = (binary: PeBinary, kind: DependencyKind): (string | null)[] => binary.dependencies.filter((item) => item.kind === kind).map(({ name }) => bytesOf(name));

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

describe.each(TOOLS)('$name', (tool) => {
  const { name } = tool;
  const available = hasTool(name);
  if (!available) console.warn(`skipped: ${name} is not installed`);

  it.skipIf(!available && process.env['CI'] === undefined)('agrees on every PE file at hand', { timeout: 600_000 }, () => {
    expect(available, `${name} is missing`).toBe(true);
    const { compared, disagreements, failed } = compareAll(tool, mzFiles());
    console.log(`${name}: ${compared} files compared, ${disagreements.length} disagreements; ${name} fails over ${failed.length}: ${failed.join(' ')}`);
    expect(compared).toBeGreaterThanOrEqual(10); // what testdata alone has
    expect(failed.length).toBeLessThan(compared / 10);
    expect(disagreements).toEqual([]);
  });
});
