// Which of some few symbols a file has: the names that it takes from libraries, or, where nothing is loaded with it, all that are in it.

import type { Input } from '../bytes/input.ts';
import { decodeText } from '../bytes/text.ts';
import type { Linkage } from '../model/binary.ts';
import { LC, N_STAB } from './constants.ts';
import { dataOf } from './file.ts';
import type { MachOFile } from './file.ts';
import { CHAINED_FIXUPS_SIZE, readChainedFixups, readSymbol, symbolSize } from './linkedit.ts';
import type { DataRange } from './linkedit.ts';

const LONGEST = 64; // bytes of a name that may be one of those few
const MOST_NAMES = 4096; // the C library has some hundred of them

/** The names that were found, and where; or why nobody can tell. */
export interface FoundNames {
  /** Null where there is nothing to look into, or it is too long. */
  readonly names: ReadonlySet<string> | null;
  readonly where: string;
}

/**
 * The names that a pattern tells apart and that begin with three underscores, among those that a linked file uses. dyld binds by
 * the imports of chained fixups, or (until 2021) by programs of its own, which repeat the names of the undefined symbols; it
 * needs no symbol table, but strip(1) leaves the undefined symbols in it.
 */
export function findSymbolNames(file: MachOFile, linkage: Linkage | null, pattern: RegExp): FoundNames {
  const { symbolTable, symbolGroups, dyldInfo, complete } = file;
  if (!complete) return { names: null, where: 'not all load commands could be read' };
  if (linkage === 'static') {
    if (symbolTable === null || symbolTable.count === 0) return { names: null, where: 'there is no symbol table' };
    return tableNames(file, 0, symbolTable.count, pattern, 'symbols');
  }
  const fixups = dataOf(file, LC.DYLD_CHAINED_FIXUPS);
  const imports = fixups === null ? null : importNames(file.input, fixups, pattern);
  if (imports !== null) return imports;
  if (symbolGroups === null && symbolTable !== null) return tableNames(file, 0, symbolTable.count, pattern, 'symbols');
  if (symbolGroups !== null && symbolGroups.undefined > 0) {
    return tableNames(file, symbolGroups.firstUndefined, symbolGroups.undefined, pattern, 'undefined symbols');
  }
  const binds = dyldInfo === null ? 0 : dyldInfo.bind.size + dyldInfo.weakBind.size + dyldInfo.lazyBind.size;
  if (binds > 0) return { names: null, where: `there are no undefined symbols, though dyld has ${binds} bytes of bindings` };
  return { names: new Set(), where: 'imports, as there are none' };
}

/** The names that chained fixups import; null where they are in no form that is known. */
function importNames(input: Input, { offset, size }: DataRange, pattern: RegExp): FoundNames | null {
  const where = 'imports of the chained fixups';
  if (size < CHAINED_FIXUPS_SIZE || input.available(offset, size) < size) return null;
  const header = readChainedFixups(input.read(offset, CHAINED_FIXUPS_SIZE, 'chained fixups').cursor());
  if (header.imports === 0) return { names: new Set(), where: 'imports, as there are none' };
  if (header.symbolsFormat !== 0 || header.symbolsOffset >= size) return null;
  const length = size - header.symbolsOffset;
  if (length > input.limits.symbolNameBytes) return tooLong(input, `the names of the ${where} have ${length} bytes`);
  const bytes = input.read(offset + header.symbolsOffset, length, 'names of imports').bytes();
  const names = new Set<string>();
  for (let at = 0; at < bytes.length; ) {
    const name = nameAt(bytes, at, pattern);
    if (name !== null && names.add(name).size > MOST_NAMES) return tooMany(where);
    const end = bytes.indexOf(0, at);
    at = end === -1 ? bytes.length : end + 1;
  }
  return { names, where };
}

/** The names of some symbols in a row. Linkers write names in the order of the symbols, so only a part of the names need be read. */
function tableNames({ input, symbolTable }: MachOFile, first: number, stated: number, pattern: RegExp, where: string): FoundNames {
  if (symbolTable === null) return { names: null, where: 'there is no symbol table' };
  const { limits, encoding } = input;
  const size = symbolSize(encoding.wide);
  const count = Math.max(0, Math.min(stated, symbolTable.count - first));
  const start = symbolTable.offset + first * size;
  if (input.available(start, count * size) < count * size) return { names: null, where: `the ${where} are not in the file` };
  if (count * size > limits.symbolNameBytes) return tooLong(input, `the ${where} have ${count * size} bytes`);
  const table = input.read(start, count * size, 'symbol table');
  const nameOf = (index: number): number | null => {
    const { name, type } = readSymbol(table.cursor(index * size));
    return (type & N_STAB) !== 0 || name >= symbolTable.stringsSize ? null : name;
  };
  let low = symbolTable.stringsSize;
  let high = -1;
  for (let i = 0; i < count; i++) {
    const name = nameOf(i);
    if (name === null) continue;
    low = Math.min(low, name);
    high = Math.max(high, name);
  }
  if (high === -1) return { names: new Set(), where };
  const length = Math.min(high - low + LONGEST, symbolTable.stringsSize - low);
  if (length > limits.symbolNameBytes) return tooLong(input, `the names of the ${where} span ${length} bytes`);
  const bytes = input.readUpTo(symbolTable.stringsOffset + low, length, 'symbol names').bytes();
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const position = nameOf(i);
    const name = position === null ? null : nameAt(bytes, position - low, pattern);
    if (name !== null && names.add(name).size > MOST_NAMES) return tooMany(where);
  }
  return { names, where };
}

function tooLong(input: Input, where: string): FoundNames {
  input.warn('limit-exceeded', `${where}, more than ${input.limits.symbolNameBytes}: they are not looked through`);
  return { names: null, where };
}

function tooMany(where: string): FoundNames {
  return { names: null, where: `more than ${MOST_NAMES} such names are among the ${where}` };
}

const UNDERSCORE = 0x5f;

/** The name at a position, if the pattern knows it. Most names are distinguished by their first bytes. */
function nameAt(bytes: Uint8Array, at: number, pattern: RegExp): string | null {
  if (bytes[at] !== UNDERSCORE || bytes[at + 1] !== UNDERSCORE || bytes[at + 2] !== UNDERSCORE) return null;
  const most = bytes.subarray(at, at + LONGEST);
  const end = most.indexOf(0);
  const name = decodeText(end === -1 ? most : most.subarray(0, end));
  return pattern.test(name) ? name : null;
}
