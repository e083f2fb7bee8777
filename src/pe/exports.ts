// The names that a PE file offers to others.

import { DIRECTORY } from './constants.ts';
import { directory } from './file.ts';
import type { PeFile } from './file.ts';
import { EXPORT_DIRECTORY_SIZE } from './structures.ts';

const FIELDS = { FUNCTIONS: 28, COUNT: 24, NAMES: 32, ORDINALS: 36 } as const; // AddressOfFunctions, NumberOfNames, AddressOfNames, AddressOfNameOrdinals

/** The export name table, in its order; what is exported by number alone has no name. Null where it can't be read whole. */
export function exportedNames(file: PeFile): string[] | null {
  const { input, memory } = file;
  const found = directory(file, DIRECTORY.EXPORT);
  if (found === null) return [];
  const header = memory.read(BigInt(found.address), EXPORT_DIRECTORY_SIZE, 'export directory');
  if (header === null) return null;
  const count = header.u32(FIELDS.COUNT);
  if (count === 0) return [];
  if (count > input.limits.tableEntries) return null;
  const table = memory.read(BigInt(header.u32(FIELDS.NAMES)), 4 * count, 'export name table');
  if (table === null) return null;
  const names: string[] = [];
  let length = 0;
  for (let i = 0; i < count; i++) {
    const name = memory.text(BigInt(table.u32(4 * i)), 'export name');
    if (name === null) return null;
    length += name.text.length;
    if (length > input.limits.symbolNameBytes) return null; // names may all lie over one another
    names.push(name.text);
  }
  return names;
}

/** The addresses, from the image's base, of some few exports by their names. */
export function exportedAddresses(file: PeFile, wanted: readonly string[]): ReadonlyMap<string, number> {
  const { memory } = file;
  const addresses = new Map<string, number>();
  const found = directory(file, DIRECTORY.EXPORT);
  const header = found === null ? null : memory.read(BigInt(found.address), EXPORT_DIRECTORY_SIZE, 'export directory');
  const names = header === null ? null : exportedNames(file);
  for (const name of header === null || names === null ? [] : wanted) {
    const index = names?.indexOf(name) ?? -1;
    const ordinal = index === -1 || header === null ? null : memory.read(BigInt(header.u32(FIELDS.ORDINALS) + index * 2), 2, 'export ordinal');
    const address = ordinal === null || header === null ? null : memory.read(BigInt(header.u32(FIELDS.FUNCTIONS) + ordinal.u16(0) * 4), 4, 'export address');
    if (address !== null) addresses.set(name, address.u32(0));
  }
  return addresses;
}
