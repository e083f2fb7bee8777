// What is left for debuggers: local symbols, stabs and DWARF.

import type { Kind, Told } from '../../model/binary.ts';
import { N_OPT, N_STAB, REFERENCED_DYNAMICALLY } from '../constants.ts';
import type { MachOFile } from '../file.ts';
import { readSymbol, symbolSize } from '../linkedit.ts';
import type { Symbol } from '../linkedit.ts';

/** Sections of DWARF that debuggers start from (DWARF 5, 7.1), plain, and in Go's old compressed form. */
const DWARF = /^__z?debug_(info|line|types)/;

/** Symbols looked at on either end of a group: linkers put the stabs first (ld64 until 2022, LLD) or last (ld64 since). */
const SAMPLE = 16;

interface Symbols {
  readonly stripped: boolean | null;
  readonly debugInfo: boolean | null;
}

/** The part of the symbol table that only debuggers and the static linker need; all of it where no command divides it. */
interface Locals {
  readonly first: number;
  readonly count: number;
}

function localsOf({ input, symbolTable, symbolGroups }: MachOFile): Locals | null {
  if (symbolTable === null) return null;
  const first = symbolGroups?.firstLocal ?? 0;
  const stated = symbolGroups?.locals ?? symbolTable.count;
  const count = Math.max(0, Math.min(stated, symbolTable.count - first));
  if (count < stated) input.warn('symbol-count', `LC_DYSYMTAB: ${stated} local symbols from ${first} on, LC_SYMTAB has ${symbolTable.count}`);
  return { first, count };
}

/** All local symbols, or, of many, those on either end; null where they are not in the file. */
function sampleOf({ input, symbolTable }: MachOFile, { first, count }: Locals): Symbol[] | null {
  const size = symbolSize(input.encoding.wide);
  const start = symbolTable?.offset ?? 0;
  const symbols = (from: number, length: number): Symbol[] => {
    const bytes = input.read(start + from * size, length * size, 'symbol table');
    return Array.from({ length }, (_, index) => readSymbol(bytes.cursor(index * size)));
  };
  return input.attempt(() => (count <= 2 * SAMPLE ? symbols(first, count) : [...symbols(first, SAMPLE), ...symbols(first + count - SAMPLE, SAMPLE)]));
}

/** What strip(1) leaves among the local symbols: the mark that it was there, and the program's own header. */
function isLeftOver({ type, description }: Symbol): boolean {
  return type === N_OPT || ((type & N_STAB) === 0 && (description & REFERENCED_DYNAMICALLY) !== 0);
}

function isDebugging({ type }: Symbol): boolean {
  return (type & N_STAB) !== 0 && type !== N_OPT;
}

/**
 * Stripped is a file without local symbols. There is one table only, so what a file takes from others and offers to others stays
 * in it; `strip -x` leaves every global symbol of a program too. An object file is stripped if it has none at all.
 * Debug information is DWARF, in objects and dSYM files; or stabs, which in a linked file say in which objects the DWARF lies.
 */
export function symbols(file: MachOFile, kind: Kind, because: Record<string, string>): Symbols {
  if (kind === 'core') return { stripped: null, debugInfo: null }; // a core is memory: what it ran stands in other files
  const dwarf = file.segments.flatMap(({ sections }) => sections).find(({ segment, name }) => segment === '__DWARF' && DWARF.test(name));
  const locals = localsOf(file);
  // The symbols lie far from the headers: they are read only where nothing else tells.
  const wanted = locals !== null && locals.count > 0 && (dwarf === undefined || locals.count <= 2 * SAMPLE);
  const sample = wanted ? sampleOf(file, locals) : [];
  const isStripped = stripped(file, kind, locals?.count ?? 0, sample);
  const debug = dwarf === undefined ? debugInfo(file, sample) : { value: true, because: `section __DWARF,${dwarf.name}` };
  because['stripped'] = isStripped.because;
  because['debugInfo'] = debug.because;
  return { stripped: isStripped.value, debugInfo: debug.value };
}

function told(value: boolean | null, because: string): Told<boolean | null> {
  return { value, because };
}

function stripped(file: MachOFile, kind: Kind, locals: number, sample: readonly Symbol[] | null): Told<boolean | null> {
  const { symbolTable, symbolGroups, complete } = file;
  if (!complete && (symbolTable === null || symbolGroups === null)) return told(null, 'unknown: not all load commands could be read');
  if (symbolTable === null) return told(true, 'there is no LC_SYMTAB');
  if (symbolTable.count === 0) return told(true, 'LC_SYMTAB counts no symbols');
  if (kind === 'relocatable') return told(false, `LC_SYMTAB counts ${symbolTable.count} symbols`);
  if (symbolGroups === null) return told(false, `LC_SYMTAB counts ${symbolTable.count} symbols, and no LC_DYSYMTAB says what dyld needs of them`);
  if (locals === 0) return told(true, 'LC_DYSYMTAB counts no local symbols');
  if (locals > 2 * SAMPLE) return told(false, `LC_DYSYMTAB counts ${locals} local symbols`);
  if (sample === null) return told(null, 'unknown: the symbol table is not in the file');
  if (sample.every(isLeftOver)) return told(true, 'the only local symbols are what strip leaves behind');
  return told(false, `LC_DYSYMTAB counts ${locals} local symbols`);
}

function debugInfo({ complete }: MachOFile, sample: readonly Symbol[] | null): Told<boolean | null> {
  if (sample === null) return told(null, 'unknown: the symbol table is not in the file');
  if (sample.some(isDebugging)) return told(true, 'debugging symbols (stabs) in the symbol table');
  return complete ? told(false, 'there is neither DWARF nor a debugging symbol') : told(null, 'unknown: not all load commands could be read');
}
