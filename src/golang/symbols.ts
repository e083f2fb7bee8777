// One symbol's address, by its name, from the symbol table of any format.

import { find, inChunks, needle, wanted } from '../bytes/search.ts';
import type { Scan } from '../bytes/search.ts';
import { wordAt } from './build-info.ts';
import type { GoMemory, GoSymbolTable } from './image.ts';
import { pointedAt, positionOf } from './string-headers.ts';

/** Positions of one name that are kept: a program has one of it. */
const MOST_POSITIONS = 64;

/** Positions in the strings at which a name ends one of them. Linkers let names share their ends, so it may begin within another. */
function* namePositions({ strings, prefix }: GoSymbolTable, name: string): Scan<Set<number>> {
  const sought = needle(`${prefix}${name}\0`);
  const positions = new Set<number>();
  yield* inChunks(strings, sought.bytes.length, (bytes, at, own) => {
    for (let hit = find(bytes, sought); hit !== -1 && hit < own; hit = find(bytes, sought, hit + 1)) {
      if (positions.size < MOST_POSITIONS) positions.add(at + hit - strings.at);
    }
  });
  return positions;
}

/** The address of a symbol; null where there is none of that name. */
function* symbolAddress(symbols: GoSymbolTable, name: string, little: boolean): Scan<bigint | null> {
  const positions = yield* namePositions(symbols, name);
  if (positions.size === 0) return null;
  const { table, entrySize, nameAt, valueAt, valueSize, section, ignored } = symbols;
  let address: bigint | null = null;
  yield* inChunks(table, entrySize, (bytes, at, own) => {
    const skipped = (at - table.at) % entrySize;
    for (let i = skipped === 0 ? 0 : entrySize - skipped; i < own && i + entrySize <= bytes.length; i += entrySize) {
      if (!positions.has(Number(wordAt(bytes, i + nameAt, 4, little)))) continue;
      if (nameAt > 0 && wordAt(bytes, i, 4, little) !== 0n) continue; // COFF: a short name stands there itself
      if (ignored !== null && ((bytes[i + ignored.at] as number) & ignored.bits) !== 0) continue;
      const value = wordAt(bytes, i + valueAt, valueSize, little);
      if (section === null) address = value;
      else {
        const number = (bytes[i + section.at] as number) | ((bytes[i + section.at + 1] as number) << 8);
        const base = section.addresses[number - 1];
        if (base === undefined) continue;
        address = base + value;
      }
      return true;
    }
    return false;
  });
  return address;
}

/** The text of a Go string variable, by its symbol, and where the text lies; null where that can't be read. */
export function* stringVariable(memory: GoMemory, name: string, most: number): Scan<{ at: number; bytes: Uint8Array } | null> {
  const { symbols, bits, little } = memory;
  const address = symbols === null ? null : yield* symbolAddress(symbols, name, little);
  const position = address === null ? null : positionOf(memory, address);
  const size = bits / 8;
  if (position === null || position.size < 2 * size) return null;
  const header = yield* wanted(position.at, 2 * size);
  if (header.length < 2 * size) return null;
  const length = Number(wordAt(header, size, size, little));
  if (length === 0 || length > most) return null;
  for (const pointer of pointedAt(memory, wordAt(header, 0, size, little))) {
    const text = positionOf(memory, pointer);
    if (text === null || text.size < length) continue;
    const bytes = yield* wanted(text.at, length);
    return bytes.length < length ? null : { at: text.at, bytes };
  }
  return null;
}
