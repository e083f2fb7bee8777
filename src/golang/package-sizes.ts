// The functions of a Go program by package, from the table that Go's runtime walks stacks with (runtime/symtab.go, cmd/link's pcln.go; Go 1.2 to 1.26).

/** A package, and how much of the program's code is its. */
export interface GoPackageSize {
  /** Its import path; '' for what the toolchain makes: type algorithms, wrappers. */
  readonly name: string;
  /** Bytes of its functions. */
  readonly size: number;
  /** How many functions there are. */
  readonly functions: number;
}

const MAGIC_1_2 = 0xffff_fffb;
const MAGIC_1_16 = 0xffff_fffa;
const MAGIC_1_18 = 0xffff_fff0;
const MAGIC_1_20 = 0xffff_fff1;
const MAGICS: ReadonlySet<number> = new Set([MAGIC_1_2, MAGIC_1_16, MAGIC_1_18, MAGIC_1_20]);

const LONGEST_NAME = 4096; // bytes

/** Where a table begins in some bytes: its magic, two zeros, the least instruction (1, 2 or 4 bytes) and the size of a pointer; -1 where none does. */
export function findPclntab(bytes: Uint8Array): number {
  for (let at = 0; at + 8 <= bytes.length; at += 4) {
    const [first, last] = [bytes[at], bytes[at + 3]];
    if ((first !== 0xff && last !== 0xff) || bytes[at + 1] !== 0xff || bytes[at + 2] !== 0xff) continue;
    if (bytes[at + 4] !== 0 || bytes[at + 5] !== 0 || ![1, 2, 4].includes(bytes[at + 6] as number) || ![4, 8].includes(bytes[at + 7] as number)) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 4);
    if (MAGICS.has(view.getUint32(0, true)) || MAGICS.has(view.getUint32(0, false))) return at;
  }
  return -1;
}

/** The package of a symbol's name: what stands before the first dot behind its last slash, type arguments left aside; '' for names of the toolchain's own. */
export function packageOf(symbol: string): string {
  const bracket = symbol.indexOf('[');
  const name = bracket === -1 ? symbol : symbol.slice(0, bracket);
  if (/^(go|type):|^type\.\.|^go\.(itab|shape|func|map|string)/.test(name)) return '';
  const slash = name.lastIndexOf('/');
  const dot = name.indexOf('.', slash + 1);
  if (dot === -1) return name.includes('/') ? name : ''; // assembler's own
  return name.slice(0, dot).replace(/%([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** The packages of a table that begins at the first byte, the largest first; null where it is not one that is understood. A function ends where the next begins. */
export function goPackages(bytes: Uint8Array): GoPackageSize[] | null {
  if (bytes.length < 8 + 7 * 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = MAGICS.has(view.getUint32(0, true));
  const magic = view.getUint32(0, little);
  const pointer = view.getUint8(7);
  if (!MAGICS.has(magic) || (pointer !== 4 && pointer !== 8)) return null;
  const has = (at: number, length: number): boolean => at >= 0 && Number.isSafeInteger(at) && at + length <= bytes.length;
  const word = (at: number): number => (!has(at, pointer) ? NaN : pointer === 4 ? view.getUint32(at, little) : Number(view.getBigUint64(at, little)));
  const header = (index: number): number => word(8 + index * pointer);
  const short = magic === MAGIC_1_18 || magic === MAGIC_1_20; // offsets of four bytes in place of addresses
  const shift = short ? 1 : 0; // the word textStart
  const names = magic === MAGIC_1_2 ? 0 : header(2 + shift);
  const table = magic === MAGIC_1_2 ? 8 + pointer : header(6 + shift);
  const field = short ? 4 : pointer;
  const count = header(0);
  if (!has(names, 1) || !has(table, 1) || !(count > 0) || !has(table, count * 2 * field + field)) return null;
  const read = (at: number): number => (short ? (has(at, 4) ? view.getUint32(at, little) : NaN) : word(at));
  const base = magic === MAGIC_1_2 ? 0 : table; // what offsets of functions count from
  const sizes = new Map<string, { size: number; functions: number }>();
  const known = new Map<number, string>(); // packages by the offset of a name
  let budget = 2 * bytes.length; // names are stored once; a table whose names overlap costs no more than its bytes
  const latin1 = new TextDecoder('latin1');
  for (let i = 0; i < count; i++) {
    const start = read(table + i * 2 * field);
    const end = read(table + (i + 1) * 2 * field);
    const place = base + read(table + i * 2 * field + field);
    if (!(end >= start) || !has(place, field + 4)) continue;
    const offset = view.getInt32(place + field, little);
    let name = known.get(offset);
    if (name === undefined) {
      const from = names + offset;
      if (!has(from, 1)) continue;
      let to = from;
      while (to < bytes.length && to - from < LONGEST_NAME && bytes[to] !== 0) to++;
      budget -= to - from;
      if (budget < 0) return null;
      name = packageOf(latin1.decode(bytes.subarray(from, to)));
      known.set(offset, name);
    }
    const one = sizes.get(name) ?? { size: 0, functions: 0 };
    one.size += end - start;
    one.functions++;
    sizes.set(name, one);
  }
  return Array.from(sizes, ([name, { size, functions }]) => ({ name, size, functions })).sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
}
