// What a module or a component asks for and what it offers.

import type { Dependency } from '../../model/binary.ts';
import { nameOf, wordIn } from '../../model/names.ts';
import type { WasmExport, WasmExternal, WasmImport, WasmMemory } from '../../model/wasm.ts';
import { COMPONENT_SECTION, CORE_SORT, EXTERNAL, PAGE_SIZE, SECTION, SORT } from '../constants.ts';
import { contentsOf, readVector, sectionOf } from '../file.ts';
import type { Section, WasmFile } from '../file.ts';
import { isUtf8, readComponentExport, readComponentImport, readExport, readImport, readLimits, readU32 } from '../structures.ts';
import type { Limits, Named } from '../structures.ts';

/** What was read of the import, export, memory and start sections. */
export interface Interface {
  readonly imports: readonly WasmImport[];
  readonly exports: readonly WasmExport[];
  /** Imported ones first, as their indexes count. */
  readonly memories: readonly WasmMemory[];
  /** The index of the start function. */
  readonly start: number | null;
  /** Whether something that is imported is a typed reference. */
  readonly typedReferences: boolean;
  /** Whether all imports and all exports were read. */
  readonly complete: boolean;
}

/** Reads it, once for all runs of the reader. */
export function readInterface(file: WasmFile): Interface {
  return file.input.once('interface', () => (file.isComponent ? componentInterface(file) : moduleInterface(file)));
}

function moduleInterface(file: WasmFile): Interface {
  const { input } = file;
  const imported = entries(file, [sectionOf(file, SECTION.IMPORT)], 'imports', readImport);
  const exported = entries(file, [sectionOf(file, SECTION.EXPORT)], 'exports', readExport);
  const own = entries(file, [sectionOf(file, SECTION.MEMORY)], 'memories', readLimits);
  const startSection = sectionOf(file, SECTION.START);
  const start = startSection === null ? null : input.attempt(() => readU32(contentsOf(input, startSection, 'start function', 16).cursor()));
  const imports = imported.items.map(({ module, name, kind }): WasmImport => ({ module, name, kind: externalOf(EXTERNAL, kind) }));
  const exports = exported.items.map(({ name, kind }): WasmExport => ({ name, kind: externalOf(EXTERNAL, kind) }));
  warnOfNames(file, imports, exports);
  return {
    imports,
    exports,
    memories: [
      ...imported.items.flatMap(({ memory }) => (memory === null ? [] : [memoryOf(memory, true)])),
      ...own.items.map((limits) => memoryOf(limits, false)),
    ],
    start,
    typedReferences: imported.items.some(({ typedReference }) => typedReference),
    complete: imported.complete && exported.complete,
  };
}

function componentInterface(file: WasmFile): Interface {
  const all = (id: number): Section[] => file.sections.filter((section) => section.id === id);
  const imported = entries(file, all(COMPONENT_SECTION.IMPORT), 'imports', readComponentImport);
  const exported = entries(file, all(COMPONENT_SECTION.EXPORT), 'exports', readComponentExport);
  const imports = imported.items.map((one): WasmImport => ({ module: null, name: one.name, kind: sortOf(one) }));
  const exports = exported.items.map((one): WasmExport => ({ name: one.name, kind: sortOf(one) }));
  warnOfNames(file, imports, exports);
  return { imports, exports, memories: [], start: null, typedReferences: false, complete: imported.complete && exported.complete };
}

/** The entries of sections, one after the other, as many as the limits allow. */
function entries<T>({ input }: WasmFile, sections: readonly (Section | null)[], what: string, read: Parameters<typeof readVector<T>>[3]): { items: readonly T[]; complete: boolean } {
  const items: T[] = [];
  let complete = true;
  let room = input.limits.interfaceBytes;
  for (const section of sections) {
    if (section === null) continue;
    if (room === 0 || items.length === input.limits.interfaceEntries) {
      input.warn('limit-exceeded', `${what}: those from here on are left out`, section.offset);
      return { items, complete: false };
    }
    const contents = input.attempt(() => contentsOf(input, section, what, room));
    if (contents === null) return { items, complete: false };
    const found = readVector(input, contents.cursor(), input.limits.interfaceEntries - items.length, read);
    for (const item of found.items) items.push(item);
    if (complete && !found.complete) input.warn('interface-cut', `not all ${what} can be read: ${found.items.length} of ${found.count}`, section.offset);
    complete &&= found.complete;
    room -= contents.size;
  }
  return { items, complete };
}

const EXTERNAL_WORDS: Readonly<Record<string, WasmExternal>> = {
  FUNCTION: 'function',
  TABLE: 'table',
  MEMORY: 'memory',
  GLOBAL: 'global',
  TAG: 'tag',
  VALUE: 'value',
  TYPE: 'type',
  COMPONENT: 'component',
  INSTANCE: 'instance',
  MODULE: 'module',
};

function externalOf(table: Readonly<Record<string, number>>, kind: number): WasmExternal {
  return wordIn(EXTERNAL_WORDS, nameOf(table, kind) ?? '') ?? 'value';
}

function sortOf({ kind, core }: Named): WasmExternal {
  return externalOf(core ? CORE_SORT : SORT, kind);
}

/** Names have to be UTF-8: engines refuse a file in which one is not. */
function warnOfNames({ input }: WasmFile, imports: readonly WasmImport[], exports: readonly WasmExport[]): void {
  const texts = [...imports.flatMap(({ module, name }) => [module ?? '', name]), ...exports.map(({ name }) => name)];
  const odd = texts.filter((text) => !isUtf8(text)).length;
  if (odd > 0) input.warn('invalid-name', `${odd} names of imports and exports are not valid UTF-8: no engine loads it`);
}

function memoryOf({ minimum, maximum, shared, wide, pageLog }: Limits, imported: boolean): WasmMemory {
  return { imported, minimum, maximum, shared, bits: wide ? 64 : 32, pageSize: pageLog === null || pageLog > 16 ? PAGE_SIZE : 2 ** pageLog };
}

/** What a component's imports are where something has to be brought that has an interface of its own. */
const BROUGHT: ReadonlySet<WasmExternal> = new Set(['instance', 'component', 'module']);

/** The libraries that dylink.0 names, then the imported modules, or interfaces, in the order of their first appearance. */
export function dependencies({ input }: WasmFile, { imports }: Interface, needed: readonly string[]): Dependency[] {
  const names = new Set(needed);
  let bytes = 0;
  for (const { module, name, kind } of imports) {
    if (module === null && !BROUGHT.has(kind)) continue;
    const text = module ?? name;
    if (names.has(text)) continue;
    bytes += text.length;
    if (names.size >= input.limits.dependencies || bytes > input.limits.nameBytes) {
      input.warn('limit-exceeded', `imported modules: more than ${names.size}; the rest are left out`);
      break;
    }
    names.add(text);
  }
  return [...names].map((name) => ({ name, kind: 'required', currentVersion: null, compatibilityVersion: null }));
}
