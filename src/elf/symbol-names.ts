// Which of some few symbols a file has.

import { decodeText } from '../bytes/text.ts';
import type { Kind } from '../model/binary.ts';
import { DT, SHT } from './constants.ts';
import { hasTag, lastValue } from './dynamic.ts';
import type { StringTable } from './dynamic.ts';
import type { ElfFile } from './file.ts';
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
export function linkSymbols({ input, sections }: ElfFile): SymbolTable | null {
  const section = sections?.find(({ type, size }) => type === SHT.SYMTAB && size > 0);
  const strings = section === undefined ? undefined : sections?.[section.link];
  if (section === undefined || strings === undefined || strings.type !== SHT.STRTAB) return null;
  const size = symbolSize(input.encoding.wide);
  const locals = Math.min(section.info, Math.floor(section.size / size));
  return { offset: section.offset + locals * size, count: Math.floor(section.size / size) - locals, strings, what: 'symbol table' };
}

const LONGEST = 64; // bytes of a name that is looked at
const MOST_NAMES = 65_536; // each library function has one
const UNDERSCORE = 0x5f;

/** The names that were found, and where; or why nobody can tell. */
export interface FoundNames {
  /** In the order of the table. Null where there is no table to look into, or it is too long. */
  readonly names: ReadonlySet<string> | null;
  readonly where: string;
}

/** The names with two underscores at their beginning, among those that a pattern tells apart, that a program or library has or asks for. */
export function findSymbolNames(file: ElfFile, kind: Kind, pattern: RegExp): FoundNames {
  // A program that needs no library calls what is in itself: the loader's table knows nothing of that.
  const table = file.dynamic === null || (kind === 'executable' && !hasTag(file, DT.NEEDED)) ? linkSymbols(file) : dynamicSymbols(file);
  if (table === null) return { names: null, where: 'there is no symbol table' };
  const { input } = file;
  const { strings, what } = table;
  const tooLong = (where: string): FoundNames => {
    input.warn('limit-exceeded', `${where}, more than ${input.limits.symbolNameBytes}: they are not looked through`);
    return { names: null, where };
  };
  if (strings.size > input.limits.symbolNameBytes) return tooLong(`the names of the ${what} have ${strings.size} bytes`);
  const size = symbolSize(input.encoding.wide);
  const tableBytes = input.available(table.offset, table.count * size);
  if (tableBytes > input.limits.symbolNameBytes) return tooLong(`the entries of the ${what} have ${tableBytes} bytes`);
  const count = Math.floor(tableBytes / size);
  const entries = input.readUpTo(table.offset, count * size, what);
  const bytes = input.readUpTo(strings.offset, strings.size, 'symbol names').bytes();
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const start = entries.u32(i * size); // st_name, which either class has first
    if (bytes[start] !== UNDERSCORE || bytes[start + 1] !== UNDERSCORE) continue; // as nearly all
    const limit = Math.min(bytes.length, start + LONGEST);
    let end = start + 2;
    while (end < limit && bytes[end] !== 0) end++;
    const name = decodeText(bytes, start, end);
    if (pattern.test(name)) names.add(name);
    if (names.size > MOST_NAMES) return { names: null, where: `more than ${MOST_NAMES} such names are in the ${what}` };
  }
  return { names, where: what };
}
