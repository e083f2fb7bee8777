// What custom sections say: who made it, which features it may use, which build it is, what it is called (tool conventions).

import type { Input } from '../../bytes/input.ts';
import { decodeText, hexText } from '../../bytes/text.ts';
import { BinspectError } from '../../errors.ts';
import { wordIn } from '../../model/names.ts';
import type { WasmFeature, WasmProducer } from '../../model/wasm.ts';
import { COMPONENT_NAME, CORE_SORT, CUSTOM, DYLINK, LINKING, NAME, SORT } from '../constants.ts';
import { contentsOf, readVector, subsections } from '../file.ts';
import type { Section, WasmFile } from '../file.ts';
import { left, readByte, readName, readU32, SECTION_HEADER_SIZE } from '../structures.ts';

const MOST_PRODUCERS = 1000; // real ones are under ten

/** Languages, tools and SDKs: fields, each with names and versions. */
export function producers({ input, customs }: WasmFile): WasmProducer[] {
  const section = customs.get(CUSTOM.PRODUCERS);
  if (section === undefined) return [];
  const found: WasmProducer[] = [];
  input.attempt(() => {
    const cursor = contentsOf(input, section, 'producers', input.limits.customSectionBytes).cursor();
    const fields = readU32(cursor);
    for (let i = 0; i < fields; i++) {
      const field = readName(cursor);
      const values = readU32(cursor);
      for (let k = 0; k < values; k++) {
        found.push({ field, name: readName(cursor), version: readName(cursor) });
        if (found.length > MOST_PRODUCERS) {
          found.pop();
          throw new BinspectError('limit-exceeded', `producers: more than ${MOST_PRODUCERS}; the rest are left out`, { offset: input.start + section.offset });
        }
      }
    }
  });
  return found;
}

const USES: Readonly<Record<string, WasmFeature['use']>> = { '+': 'used', '-': 'forbidden', '=': 'required' };

/** What the compiler was allowed to use; null where the file does not say. */
export function targetFeatures({ input, customs }: WasmFile): WasmFeature[] | null {
  const section = customs.get(CUSTOM.TARGET_FEATURES);
  if (section === undefined) return null;
  const contents = input.attempt(() => contentsOf(input, section, 'target features', input.limits.customSectionBytes));
  if (contents === null) return null;
  const { items } = readVector(input, contents.cursor(), MOST_PRODUCERS, (cursor): WasmFeature => {
    const use = wordIn(USES, String.fromCharCode(readByte(cursor)));
    const name = readName(cursor);
    if (use === undefined) throw new BinspectError('malformed', `target features: ${JSON.stringify(name)} has a prefix that is none of '+', '-' and '='`, { offset: input.start + section.contentOffset });
    return { name, use, from: 'target_features' };
  });
  return [...items];
}

const LONGEST_BUILD_ID = 1024;

/** The build id, in hex; null without one. Linkers write its length before it; Sentry's wasm-split writes the bytes alone. */
export function buildId({ input, customs }: WasmFile): string | null {
  const section = customs.get(CUSTOM.BUILD_ID);
  if (section === undefined) return null;
  return input.attempt(() => {
    const cursor = contentsOf(input, section, 'build id', LONGEST_BUILD_ID).cursor();
    if (left(cursor) === 0) return null;
    const length = readByte(cursor); // under 128 in all that linkers offer
    if (length !== left(cursor)) cursor.at = 0;
    return left(cursor) === 0 ? null : hexText(cursor.bytes.bytes(cursor.at));
  });
}

/** A custom section that is one name: the address of a source map, or of a file with debug information. */
export function address({ input, customs }: WasmFile, name: string): string | null {
  const section = customs.get(name);
  if (section === undefined) return null;
  const most = input.limits.stringBytes;
  return input.attempt(() => {
    const cursor = contentsOf(input, section, name, most + 5).cursor();
    const length = readU32(cursor);
    const here = Math.min(length, left(cursor));
    if (here < length && section.contentSize < length) {
      throw new BinspectError('malformed', `${name}: a name of ${length} bytes, where ${left(cursor)} are left`, { offset: input.start + section.contentOffset });
    }
    return decodeText(cursor.bytes.bytes(cursor.at, here));
  });
}

/** What the name section tells: the module's name, and whether functions of its own have names. */
export interface Names {
  readonly moduleName: string | null;
  /** The first subsection with the names of functions: where its contents begin, and their bytes; null without one. */
  readonly functions: { readonly at: number; readonly size: number } | null;
}

const MOST_SUBSECTIONS = 64; // the specification has twelve
const HEADS = 64; // bytes with a subsection's header, and most names of modules

/** Reads the headers of its subsections, and the module's name; function names may be megabytes, and are left where they are. */
export function names({ input, customs, isComponent }: WasmFile): Names {
  const section = customs.get(isComponent ? CUSTOM.COMPONENT_NAME : CUSTOM.NAME);
  const found: { moduleName: string | null; functions: Names['functions'] } = { moduleName: null, functions: null };
  if (section === undefined) return found;
  const own = isComponent ? COMPONENT_NAME.COMPONENT : NAME.MODULE;
  input.attempt(() => {
    const end = section.contentOffset + section.contentSize;
    for (let at = section.contentOffset, count = 0; at < end && count < MOST_SUBSECTIONS; count++) {
      const cursor = input.read(at, Math.min(HEADS, end - at), 'name section').cursor();
      const id = readByte(cursor);
      const size = readU32(cursor);
      const start = at + cursor.at;
      if (start + size > end) throw new BinspectError('malformed', `name section: a subsection of ${size} bytes, where ${end - start} are left`, { offset: input.start + at });
      if (id === own && found.moduleName === null) found.moduleName = moduleName(input, start, size);
      else if (!isComponent && id === NAME.FUNCTIONS && found.functions === null) found.functions = { at: start, size };
      at = start + size;
    }
  });
  return found;
}

function moduleName(input: Input, at: number, size: number): string | null {
  const most = input.limits.stringBytes + 5;
  if (size > most) input.warn('limit-exceeded', `the module's name has ${size} bytes, and is left out`, at);
  return size > most ? null : readName(input.read(at, size, "module's name").cursor());
}

/** What a component calls the modules and components in it, by their indexes. */
export interface PartNames {
  readonly module: ReadonlyMap<number, string>;
  readonly component: ReadonlyMap<number, string>;
}

/** Names from component-name: each subsection of names has a sort, then indexes with their names. */
export function partNames({ input, customs, isComponent }: WasmFile): PartNames {
  const found = { module: new Map<number, string>(), component: new Map<number, string>() };
  const section = isComponent ? customs.get(CUSTOM.COMPONENT_NAME) : undefined;
  if (section === undefined) return found;
  input.attempt(() => {
    const contents = contentsOf(input, section, CUSTOM.COMPONENT_NAME, input.limits.customSectionBytes);
    for (const { id, size, at } of subsections(input, contents.cursor())) {
      if (id !== COMPONENT_NAME.SORTS || at + size > contents.size) continue;
      const cursor = contents.slice(at, size).cursor();
      const sort = readByte(cursor);
      const isModule = sort === SORT.CORE && readByte(cursor) === CORE_SORT.MODULE;
      if (!isModule && sort !== SORT.COMPONENT) continue;
      const { items } = readVector(input, cursor, input.limits.parts, (each) => ({ index: readU32(each), name: readName(each) }));
      for (const { index, name } of items) found[isModule ? 'module' : 'component'].set(index, name);
    }
  });
  return found;
}

/** What wasm-bindgen calls the few functions that it adds, in modules that are stripped as well. */
const WASM_BINDGEN = '__wbindgen_';
const MOST_LEFT = 64;

/** Whether a function that the module defines has a name: the indexes of imported functions come before those of its own. */
export function namesOwnFunction(input: Input, { at, size }: { readonly at: number; readonly size: number }, imported: number): boolean {
  for (let length = 4096; ; length *= 16) {
    const here = Math.min(length, size, input.limits.customSectionBytes);
    const cursor = input.read(at, here, 'names of functions').cursor();
    const count = readU32(cursor);
    if (count * 2 > size) return false; // an index and an empty name are two bytes
    if (count > imported + MOST_LEFT) return true; // indexes stand once each
    for (let i = 0; i < count; i++) {
      if (here < size && left(cursor) < 10) break; // an index and a length, as long as they may be
      const index = readU32(cursor);
      const length = readU32(cursor);
      if (length > left(cursor)) break;
      if (index >= imported && !cursor.bytes.begins(cursor.at, WASM_BINDGEN)) return true;
      cursor.skip(length);
      if (i === count - 1) return false;
    }
    if (here === size || here === input.limits.customSectionBytes) return false;
  }
}

/** The libraries that a side module asks for by name (dylink.0, subsection 2). */
export function neededLibraries({ input, customs }: WasmFile): string[] {
  const section = customs.get(CUSTOM.DYLINK);
  if (section === undefined) return [];
  const needed: string[] = [];
  input.attempt(() => {
    const contents = contentsOf(input, section, 'dylink.0', input.limits.customSectionBytes);
    for (const { id, size, at } of subsections(input, contents.cursor())) {
      if (id !== DYLINK.NEEDED || at + size > contents.size) continue;
      const { items } = readVector(input, contents.slice(at, size).cursor(), input.limits.dependencies - needed.length, readName);
      for (const name of items) needed.push(name);
    }
  });
  return needed;
}

/** Whether an object has its symbol table: all linkers write one. */
export function hasSymbolTable(input: Input, section: Section): boolean {
  const found = input.attempt(() => {
    const end = section.contentOffset + section.contentSize;
    for (let at = section.contentOffset + 1, count = 0; at < end && count < MOST_SUBSECTIONS; count++) { // behind the version
      const cursor = input.readUpTo(at, Math.min(SECTION_HEADER_SIZE, end - at), 'linking').cursor();
      const id = readByte(cursor);
      const size = readU32(cursor);
      if (id === LINKING.SYMBOL_TABLE) return true;
      at += cursor.at + size;
    }
    return false;
  });
  return found === true;
}
