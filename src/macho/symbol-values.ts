// The values of some few symbols, by their names.

import { decodeText } from '../bytes/text.ts';
import { N_STAB } from './constants.ts';
import type { MachOFile } from './file.ts';
import { readSymbol, symbolSize } from './linkedit.ts';

const LONGEST = 64; // bytes of a name that is looked at
const N_TYPE = 0x0e;

/** The addresses of symbols that are defined in the file, by their names in C; a table beyond the limit on names is not looked through. */
export function symbolValues({ input, symbolTable }: MachOFile, wanted: readonly string[]): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  if (symbolTable === null) return found;
  const { offset, count, stringsOffset, stringsSize } = symbolTable;
  const size = symbolSize(input.encoding.wide);
  const bytes = input.available(offset, count * size);
  if (bytes > input.limits.symbolNameBytes || stringsSize > input.limits.symbolNameBytes) return found;
  const table = input.readUpTo(offset, bytes, 'symbol table');
  const names = input.readUpTo(stringsOffset, stringsSize, 'symbol names').bytes();
  for (let at = 0; at + size <= table.size; at += size) {
    const { name, type } = readSymbol(table.cursor(at));
    if ((type & N_STAB) !== 0 || (type & N_TYPE) === 0 || name >= names.length) continue;
    const end = names.indexOf(0, name);
    if (end === -1 || end - name > LONGEST) continue;
    const text = decodeText(names, name, end);
    if (text.startsWith('_') && wanted.includes(text.slice(1)) && !found.has(text.slice(1))) found.set(text.slice(1), input.encoding.wide ? table.u64(at + 8) : BigInt(table.u32(at + 8)));
  }
  return found;
}
