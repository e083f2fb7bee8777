// Makes WebAssembly files for tests: sections from parts, each of which may be damaged or left out.

const encoder = new TextEncoder();

/** An unsigned LEB128 number; with `size` padded to so many bytes. */
export function leb(value: number | bigint, size = 0): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n && bytes.length + 1 >= size ? low : low | 0x80);
  } while (rest !== 0n || bytes.length < size);
  return bytes;
}

/** A name: its length and its UTF-8; bytes stand as they are. */
export function name(text: string | readonly number[]): number[] {
  const bytes = typeof text === 'string' ? [...encoder.encode(text)] : text;
  return [...leb(bytes.length), ...bytes];
}

/** A count and as many entries. */
export function vector(entries: readonly (readonly number[])[]): number[] {
  return [...leb(entries.length), ...entries.flat()];
}

export function section(id: number, contents: readonly number[], size: number = contents.length): number[] {
  return [id, ...leb(size), ...contents];
}

export function custom(label: string | readonly number[], contents: readonly number[] = []): number[] {
  return section(0, [...name(label), ...contents]);
}

export const MODULE: number[] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
export const COMPONENT: number[] = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];

export interface LimitsPlan {
  min?: number | bigint;
  max?: number | bigint;
  shared?: boolean;
  wide?: boolean;
  pageLog?: number;
}

export function limits({ min = 1, max, shared = false, wide = false, pageLog }: LimitsPlan = {}): number[] {
  const flags = (max === undefined ? 0 : 1) + (shared ? 2 : 0) + (wide ? 4 : 0) + (pageLog === undefined ? 0 : 8);
  return [flags, ...leb(min), ...(max === undefined ? [] : leb(max)), ...(pageLog === undefined ? [] : leb(pageLog))];
}

/** What an import is: a function by default, or its kind and type as bytes. */
export type ImportPlan = readonly [module: string, field: string, description?: readonly number[]];

const FUNCTION = [0, 0];

export const memoryImport = (plan: LimitsPlan = {}): number[] => [2, ...limits(plan)];
export const tableImport = (): number[] => [1, 0x70, ...limits()];
export const globalImport = (): number[] => [3, 0x7f, 0];
export const tagImport = (): number[] => [4, 0, 0];

export interface WasmPlan {
  imports?: readonly ImportPlan[];
  /** Exports of functions by name, or of what kind. */
  exports?: readonly (string | readonly [field: string, kind: number])[];
  memories?: readonly LimitsPlan[];
  start?: number;
  /** Whole sections before and behind all others. */
  first?: readonly (readonly number[])[];
  last?: readonly (readonly number[])[];
}

/** A module with a function of its own, which is what its exports of functions are. */
export function buildWasm({ imports = [], exports = [], memories = [], start, first = [], last = [] }: WasmPlan = {}): Uint8Array {
  const functions = imports.filter(([, , description = FUNCTION]) => description[0] === 0).length;
  const own = exports.some((one) => typeof one === 'string') || start !== undefined;
  const parts: (readonly number[])[] = [MODULE, ...first];
  if (own || functions > 0) parts.push(section(1, vector([[0x60, 0, 0]])));
  if (imports.length > 0) parts.push(section(2, vector(imports.map(([module, field, description = FUNCTION]) => [...name(module), ...name(field), ...description]))));
  if (own) parts.push(section(3, vector([[0]])));
  if (memories.length > 0) parts.push(section(5, vector(memories.map(limits))));
  if (exports.length > 0) parts.push(section(7, vector(exports.map((one) => (typeof one === 'string' ? [...name(one), 0, ...leb(functions)] : [...name(one[0]), one[1], 0])))));
  if (start !== undefined) parts.push(section(8, leb(start)));
  if (own) parts.push(section(10, vector([[2, 0, 0x0b]])));
  parts.push(...last);
  return Uint8Array.from(parts.flat());
}

/** The custom section producers: fields, each with names and versions. */
export function producers(fields: Readonly<Record<string, readonly (readonly [name: string, version: string])[]>>): number[] {
  return custom('producers', vector(Object.entries(fields).map(([field, values]) => [...name(field), ...vector(values.map(([tool, version]) => [...name(tool), ...name(version)]))])));
}

/** The custom section name: the module's name, and names of functions by their indexes. */
export function names(module: string | null, functions: readonly (readonly [index: number, text: string])[] = []): number[] {
  return custom('name', [
    ...(module === null ? [] : section(0, name(module))),
    ...(functions.length === 0 ? [] : section(1, vector(functions.map(([index, text]) => [...leb(index), ...name(text)])))),
  ]);
}

export function targetFeatures(features: readonly string[]): number[] {
  return custom('target_features', vector(features.map((feature) => [feature.charCodeAt(0), ...name(feature.slice(1))])));
}

/** An import or an export of an instance in a component. */
export const instanceImport = (interfaceName: string): number[] => section(10, vector([[0, ...name(interfaceName), 5, 0]]));
export const instanceExport = (interfaceName: string): number[] => section(11, vector([[0, ...name(interfaceName), 5, 0, 0]]));

/** A component of whole sections. */
export function buildComponent(sections: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([...COMPONENT, ...sections.flat()]);
}

/** A data section with active segments of memory 0. */
export function dataSection(segments: readonly (readonly [address: number, bytes: Uint8Array | readonly number[]])[]): number[] {
  return section(11, vector(segments.map(([address, bytes]) => [0, 0x41, ...signedLeb(address), 0x0b, ...leb(bytes.length), ...bytes])));
}

/** A signed LEB128 number of 32 bits, from an address without sign. */
export function signedLeb(address: number): number[] {
  const bytes: number[] = [];
  let rest = address | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
