// The values of some few symbols, by their names.

import { decodeText } from '../bytes/text.ts';
import type { ElfFile } from './file.ts';
import { readSymbol, symbolSize } from './structures.ts';
import { dynamicSymbols, linkSymbols } from './symbol-names.ts';

const LONGEST = 64; // bytes of a name that is looked at

/** The addresses of symbols that are defined in the file, in the loader's table or in the linker's; tables beyond the limit on names are not looked through. */
export function symbolValues(file: ElfFile, wanted: readonly string[]): ReadonlyMap<string, bigint> {
  const { input } = file;
  const found = new Map<string, bigint>();
  const size = symbolSize(input.encoding.wide);
  for (const table of [dynamicSymbols(file), linkSymbols(file)]) {
    if (table === null || found.size === wanted.length) continue;
    const { offset, strings, what } = table;
    const bytes = input.available(offset, table.count * size);
    if (bytes > input.limits.symbolNameBytes || strings.size > input.limits.symbolNameBytes) continue;
    const entries = input.readUpTo(offset, bytes, what);
    const names = input.readUpTo(strings.offset, strings.size, 'symbol names').bytes();
    for (let at = 0; at + size <= entries.size; at += size) {
      const { name, section, value } = readSymbol(entries.cursor(at));
      if (section === 0 || name >= names.length) continue;
      const end = names.indexOf(0, name);
      if (end === -1 || end - name > LONGEST) continue;
      const text = decodeText(names, name, end);
      if (wanted.includes(text) && !found.has(text)) found.set(text, value);
    }
  }
  return found;
}
