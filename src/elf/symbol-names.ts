// Which of some few symbols a file has: the names are searched first, and the table is read only where one of them is found.

import { find } from '../bytes/search.ts';
import type { Needle } from '../bytes/search.ts';
import { decodeText } from '../bytes/text.ts';
import type { Kind } from '../model/binary.ts';
import { DT, SHT } from './constants.ts';
import { hasTag, lastValue } from './file.ts';
import type { ElfFile, StringTable } from './file.ts';
import { symbolSize } from './structures.ts';

/** A table of symbols, and where their names are. */
export interface SymbolTable {
  readonly offset: number;
  readonly count: number;
  readonly strings: StringTable;
  /** For people: 'dynamic symbol table'. */
  readonly what: string;
}

/**
 * The loader's symbol table, which `strip` can't take. It does not say its length: that stands in the old hash table, in the
 * section header, or (for symbols that the file itself lacks) before the first that the GNU hash table holds.
 */
export function dynamicSymbols({ input, dynamic, sections, memory }: ElfFile): SymbolTable | null {
  const entries = dynamic?.entries ?? [];
  const address = lastValue(entries, DT.SYMTAB);
  const offset = address === null ? null : memory.offsetOf(address);
  const strings = dynamic?.strings ?? null;
  if (offset === null || address === null || strings === null) return null;
  const table = (count: number): SymbolTable => ({ offset, count, strings, what: 'dynamic symbol table' });
  const hash = lastValue(entries, DT.HASH);
  const hashHeader = hash === null ? null : memory.read(hash, 8, 'hash table');
  if (hashHeader !== null) return table(hashHeader.u32(4));
  const section = sections?.find(({ type }) => type === SHT.DYNSYM);
  if (section !== undefined) return table(Math.floor(section.size / symbolSize(input.encoding.wide)));
  const gnu = lastValue(entries, DT.GNU_HASH);
  const gnuHeader = gnu === null ? null : memory.read(gnu, 8, 'GNU hash table');
  return gnuHeader === null ? null : table(gnuHeader.u32(4));
}

/** The symbol table of the link, global symbols only: local ones are never called from elsewhere. */
function linkSymbols({ input, sections }: ElfFile): SymbolTable | null {
  const section = sections?.find(({ type, size }) => type === SHT.SYMTAB && size > 0);
  const strings = section === undefined ? undefined : sections?.[section.link];
  if (section === undefined || strings === undefined || strings.type !== SHT.STRTAB) return null;
  const size = symbolSize(input.encoding.wide);
  const locals = Math.min(section.info, Math.floor(section.size / size));
  return { offset: section.offset + locals * size, count: Math.floor(section.size / size) - locals, strings, what: 'symbol table' };
}

const LONGEST = 64; // bytes on either side of a marker that may belong to its name
const MOST_NAMES = 65_536; // each library function has a handful, as they may be the ends of others

/** The names that were found, and where; or why nobody can tell. */
export interface FoundNames {
  /** Null where there is no table to look into, or it is too long. */
  readonly names: ReadonlySet<string> | null;
  readonly where: string;
}

/**
 * The names, among those that a pattern tells apart, that a program or library has or asks for. The pattern is tried on names
 * that contain one of the markers only, and begin with two underscores.
 */
export function findSymbolNames(file: ElfFile, kind: Kind, markers: readonly Needle[], pattern: RegExp): FoundNames {
  // A program that needs no library calls what is in itself: the loader's table knows nothing of that.
  const table = file.dynamic === null || (kind === 'executable' && !hasTag(file, DT.NEEDED)) ? linkSymbols(file) : dynamicSymbols(file);
  if (table === null) return { names: null, where: 'there is no symbol table' };
  const { input } = file;
  const { strings } = table;
  const tooLong = (where: string): FoundNames => {
    input.warn('limit-exceeded', `${where}, more than ${input.limits.symbolNameBytes}: they are not looked through`);
    return { names: null, where };
  };
  if (strings.size > input.limits.symbolNameBytes) return tooLong(`the names of the ${table.what} have ${strings.size} bytes`);
  const tableBytes = input.available(table.offset, table.count * symbolSize(input.encoding.wide));
  if (tableBytes > input.limits.symbolNameBytes) return tooLong(`the entries of the ${table.what} have ${tableBytes} bytes`);
  const bytes = input.readUpTo(strings.offset, strings.size, 'symbol names').bytes();
  const candidates = new Map<number, string>();
  for (const sought of markers) {
    for (let at = find(bytes, sought); at !== -1; at = find(bytes, sought, at + 1)) {
      if (candidates.size > MOST_NAMES) return { names: null, where: `more than ${MOST_NAMES} such names are in the ${table.what}` };
      const earliest = Math.max(0, at - LONGEST);
      let start = at;
      while (start > earliest && bytes[start - 1] !== 0) start--;
      const latest = Math.min(bytes.length, at + LONGEST);
      let end = at;
      while (end < latest && bytes[end] !== 0) end++;
      const name = decodeText(bytes, start, end);
      // A name may be the end of a longer one: linkers store both once.
      for (let from = name.indexOf('__'); from !== -1 && from <= at - start; from = name.indexOf('__', from + 1)) {
        if (pattern.test(name.slice(from))) candidates.set(start + from, name.slice(from));
      }
    }
  }
  return { names: candidates.size === 0 ? new Set() : usedNames(file, table, candidates), where: table.what };
}

/** Those of the candidates, by their place among the strings, that an entry of the table points at. */
function usedNames({ input }: ElfFile, { offset, count }: SymbolTable, candidates: ReadonlyMap<number, string>): Set<string> {
  const size = symbolSize(input.encoding.wide);
  const fitting = Math.min(count, Math.floor(input.available(offset, count * size) / size));
  const table = input.read(offset, fitting * size, 'symbol table');
  const names = new Set<string>();
  let ends = 0; // a bit for the last five of each place: most symbols are told by them to be none of these
  for (const place of candidates.keys()) ends |= 1 << place;
  for (let i = 0; i < fitting; i++) {
    const place = table.u32(i * size); // st_name, which either class has first
    if ((ends & (1 << place)) === 0) continue;
    const name = candidates.get(place);
    if (name !== undefined) names.add(name);
  }
  return names;
}
