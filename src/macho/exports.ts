// The symbols that a Mach-O file offers to others, by its symbol table.

import { decodeText } from '../bytes/text.ts';
import { N_STAB } from './constants.ts';
import type { MachOFile } from './file.ts';
import { readSymbol, symbolSize } from './linkedit.ts';

const N = { EXTERNAL: 0x01, PRIVATE: 0x10, TYPE: 0x0e, UNDEFINED: 0, PREBOUND: 0x0c } as const;

/** Symbols that are external and defined here, in the table's order. Null where the table can't be read whole, or is stripped off. */
export function exportedSymbols({ input, symbolTable }: MachOFile): string[] | null {
  if (symbolTable === null || symbolTable.count === 0) return null;
  const { offset, count, stringsOffset, stringsSize } = symbolTable;
  const size = symbolSize(input.encoding.wide);
  if (count * size > input.limits.symbolNameBytes || stringsSize > input.limits.symbolNameBytes || input.available(offset, count * size) < count * size) return null;
  const table = input.read(offset, count * size, 'symbol table');
  const strings = input.readUpTo(stringsOffset, stringsSize, 'symbol names').bytes();
  const found: string[] = [];
  let length = 0;
  for (let i = 0; i < count; i++) {
    const { name, type } = readSymbol(table.cursor(i * size));
    const kind = type & N.TYPE;
    if ((type & N_STAB) !== 0 || (type & N.EXTERNAL) === 0 || (type & N.PRIVATE) !== 0 || kind === N.UNDEFINED || kind === N.PREBOUND) continue;
    const limit = Math.min(strings.length, name + input.limits.stringBytes);
    let end = name;
    while (end < limit && strings[end] !== 0) end++;
    length += end - name;
    if (length > input.limits.symbolNameBytes) return null; // names may all lie over one another
    found.push(decodeText(strings, name, end));
  }
  return found;
}
