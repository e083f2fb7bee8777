// ELF facts held against GNU readelf and llvm-readelf, on every ELF file at hand.

import { describe, expect, it } from 'vitest';
import { readSync } from '../../src/bytes/input.ts';
import { openFileSync } from '../../src/bytes/source-file.ts';
import { readElf } from '../../src/elf/facts/binary.ts';
import { LIMITS } from '../../src/limits.ts';
import type { ElfBinary } from '../../src/model/binary.ts';
import { elfFiles, hasTool, printAll } from './elf-files.ts';

/** What a readelf prints of one file, as far as it is compared. */
interface Printed {
  type: string;
  machine: string;
  flags: string;
  entry: string;
  pieMark: boolean;
  interpreter: string | null;
  needed: string[];
  soname: string[];
  rpath: string[];
  runpath: string[];
  buildId: string | null;
  symtab: boolean;
  debugInfo: boolean;
}

function parsePrinted(text: string): Printed {
  const field = (name: string): string => new RegExp(`^ +${name}: +(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const bracketed = (tag: string): string[] => Array.from(text.matchAll(new RegExp(`\\(${tag}\\) .*\\[(.*)\\]$`, 'gm')), (match) => match[1] as string);
  const type = field('Type');
  return {
    type: type.split(' ')[0] as string,
    machine: field('Machine'),
    flags: field('Flags'),
    entry: field('Entry point address'),
    pieMark: /^ +0x[0-9a-f]+ +\(FLAGS_1\) .*\bPIE\b/m.test(text),
    interpreter: /\[Requesting program interpreter: (.*)\]$/m.exec(text)?.[1] ?? null,
    needed: bracketed('NEEDED'),
    soname: bracketed('SONAME'),
    rpath: bracketed('RPATH'),
    runpath: bracketed('RUNPATH'),
    buildId: /\bBuild ID: ([0-9a-f]+)$/m.exec(text)?.[1] ?? null,
    symtab: /^ +\[ *\d+\] +\S+ +SYMTAB /m.test(text),
    debugInfo: /^ +\[ *\d+\] +\.z?debug_(info|line|types)(\.dwo)? +(?!NOBITS)/m.test(text),
  };
}

const TYPES: Readonly<Record<string, string>> = { ET_REL: 'REL', ET_EXEC: 'EXEC', ET_DYN: 'DYN', ET_CORE: 'CORE', ET_NONE: 'NONE' };

/** Names that the tools print for machines, by ours; GNU's, then LLVM's where it differs. */
const MACHINES: Readonly<Record<string, RegExp>> = {
  EM_X86_64: /X86-64/,
  EM_386: /Intel 80386/,
  EM_ARM: /^ARM$/,
  EM_AARCH64: /^AArch64$/,
  EM_MIPS: /^MIPS R3000$/,
  EM_PPC: /^PowerPC$/,
  EM_PPC64: /^PowerPC64$/,
  EM_RISCV: /^RISC-V$/,
  EM_S390: /^IBM S\/390$/,
  EM_SPARCV9: /^Sparc v9$/,
  EM_LOONGARCH: /^LoongArch$/,
  EM_BPF: /BPF$/,
  EM_SPARC: /^Sparc$/,
  EM_68K: /^MC68000$/,
  EM_PARISC: /^HPPA$/,
  EM_ALPHA: /^Alpha$/,
  EM_SH: /SuperH/,
  EM_IA_64: /IA-64/,
  EM_AVR: /AVR/,
  EM_MSP430: /msp430/i,
  EM_XTENSA: /Xtensa/,
};

/** What readelf says of the ABI behind the flags, for the machines where it says it. */
function abiPrinted(flags: string): string[] {
  const found = [/Version(\d) EABI/.exec(flags)?.[1], /(hard|soft|single|double|quad)-float ABI/i.exec(flags)?.[1]?.toLowerCase(), /abiv(\d)/.exec(flags)?.[1]];
  return found.filter((word) => word !== undefined);
}

function abiWords({ machine, elf }: ElfBinary, printed: readonly string[]): string[] {
  const version = /^(?:eabi|elfv)(\d)$/.exec(elf.abi ?? '')?.[1];
  const float = machine.name === 'EM_RISCV' || (machine.name === 'EM_ARM' && printed.some((word) => /float|^hard$|^soft$/.test(word))) ? elf.floatAbi : null; // ARM's may come from attributes, which flags do not tell
  if (machine.name === 'EM_PPC64') return version === undefined ? [] : [version];
  return [version, float].filter((word) => word !== undefined && word !== null);
}

function disagreements(path: string, ours: ElfBinary, printed: Printed, tool: string): string[] {
  const found: string[] = [];
  const compare = (fact: string, our: unknown, their: unknown): void => {
    if (JSON.stringify(our) !== JSON.stringify(their)) found.push(`${path}: ${fact}: ${JSON.stringify(our)}, ${tool} says ${JSON.stringify(their)}`);
  };
  compare('type', TYPES[ours.elf.typeName ?? ''], printed.type);
  const machine = MACHINES[ours.machine.name ?? ''];
  const bare = printed.machine === ours.machine.value.toString(16); // what a tool prints for a machine that it has no name for
  if (!bare && (machine === undefined || !machine.test(printed.machine))) compare('machine', ours.machine, printed.machine);
  if (tool === 'readelf') compare('ABI', abiWords(ours, abiPrinted(printed.flags)), abiPrinted(printed.flags));
  compare('entry point', `0x${(ours.entryPoint ?? 0n).toString(16)}`, printed.entry.toLowerCase());
  compare('NEEDED', ours.dependencies.map(({ name }) => name), printed.needed);
  compare('SONAME', ours.libraryName, printed.soname.at(-1) ?? null);
  const paths = (from: string): string[] => ours.searchPaths.filter((one) => one.from === from).map((one) => one.path);
  compare('RPATH', paths('DT_RPATH').join(':'), printed.rpath.join(':'));
  compare('RUNPATH', paths('DT_RUNPATH').join(':'), printed.runpath.join(':'));
  if (ours.kind !== 'debug-symbols') compare('interpreter', ours.interpreter, printed.interpreter);
  if (printed.type !== 'EXEC') compare('DF_1_PIE', ours.because['pie']?.startsWith('DF_1_PIE') ?? false, printed.pieMark);
  if (ours.elf.type !== 4) compare('build-id', ours.buildId, printed.buildId);
  compare('symbol table', ours.stripped === false, printed.symtab);
  compare('debug info', ours.debugInfo === true, printed.debugInfo);
  return found;
}

describe.each(['readelf', 'llvm-readelf'])('%s', (tool) => {
  const available = hasTool(tool);
  if (!available) console.warn(`skipped: ${tool} is not installed`);

  it.skipIf(!available && process.env['CI'] === undefined)('agrees on every ELF file of this machine', { timeout: 600_000 }, () => {
    expect(available, `${tool} is missing`).toBe(true);
    const paths = elfFiles();
    expect(paths.length).toBeGreaterThan(100);
    const outputs = printAll(tool, ['-h', '-l', '-S', '-d', '-n', '-W'], paths);
    const found: string[] = [];
    let compared = 0;
    for (const path of paths) {
      const text = outputs.get(path);
      if (text === undefined) {
        found.push(`${path}: ${tool} printed nothing`);
        continue;
      }
      const source = openFileSync(path);
      try {
        found.push(...disagreements(path, readSync(source, readElf, LIMITS), parsePrinted(text), tool));
        compared++;
      } catch (error) {
        found.push(`${path}: ${String(error)}`);
      } finally {
        source.closeSync();
      }
    }
    console.log(`${tool}: ${compared} files compared, ${found.length} disagreements`);
    expect(found).toEqual([]);
  });
});
