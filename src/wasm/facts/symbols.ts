// Names of functions and debug information: whether they are there, and where.

import { CUSTOM } from '../constants.ts';
import type { WasmFile } from '../file.ts';
import { hasSymbolTable, namesOwnFunction } from './customs.ts';
import type { Names } from './customs.ts';
import type { Interface } from './interface.ts';

export interface Symbols {
  readonly stripped: boolean | null;
  readonly debugInfo: boolean | null;
}

/** Of a module. A name section with nothing but the names of imports, as wasm-bindgen leaves it, names no function of its own. */
export function symbols(file: WasmFile, { functions }: Names, { imports }: Interface, because: Record<string, string>): Symbols {
  const { input, customs, sections, complete } = file;
  const imported = imports.filter(({ kind }) => kind === 'function').length;
  const named = functions !== null && input.attempt(() => namesOwnFunction(input, functions, imported)) === true;
  const linking = customs.get(CUSTOM.LINKING);
  const dwarf = sections.find(({ name }) => name !== null && name.startsWith('.debug_'))?.name ?? null;
  const away = [CUSTOM.DEBUG_INFO, CUSTOM.EXTERNAL_DEBUG_INFO, CUSTOM.SOURCE_MAP].find((name) => customs.has(name));
  const table = named ? 'the name section names functions' : dwarf !== null ? `section ${dwarf}` : linking !== undefined && hasSymbolTable(input, linking) ? 'the symbol table in section linking' : null;
  because['stripped'] = table ?? (complete ? 'no name section with the names of its functions, and no DWARF' : 'unknown: its sections are not all there');
  because['debugInfo'] = away !== undefined ? `section ${away}` : complete ? 'no DWARF, and no address of it or of a source map' : 'unknown: its sections are not all there';
  return {
    stripped: table !== null ? false : complete ? true : null,
    debugInfo: away !== undefined ? true : complete ? false : null,
  };
}

/** Of a component: what its modules have. Null where it has none. */
export function symbolsOfParts(parts: readonly Symbols[], because: Record<string, string>): Symbols {
  if (parts.length === 0) return { stripped: null, debugInfo: null };
  const all = <T>(values: readonly (T | null)[], value: T, other: T): T | null => (values.includes(value) ? value : values.includes(null) ? null : other);
  const stripped = all(parts.map((part) => part.stripped), false, true);
  const debugInfo = all(parts.map((part) => part.debugInfo), true, false);
  const unsure = 'unknown: not all modules in it could be read';
  because['stripped'] = stripped === null ? unsure : stripped ? 'no module in it has names of functions or DWARF' : 'a module in it has names of functions, or DWARF';
  because['debugInfo'] = debugInfo === null ? unsure : debugInfo ? 'a module in it has debug information, or an address of it' : 'no module in it has debug information';
  return { stripped, debugInfo };
}
