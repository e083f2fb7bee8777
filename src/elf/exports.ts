// The symbols that an ELF file offers to others, with the versions in which it does.

import { decodeText } from '../bytes/text.ts';
import { DT, SHT } from './constants.ts';
import { dynamicText, lastValue } from './dynamic.ts';
import type { ElfFile } from './file.ts';
import { readVersionDefinition, symbolSize, VERSION_DEFINITION_SIZE } from './structures.ts';
import { dynamicSymbols } from './symbol-names.ts';

const BINDINGS: ReadonlySet<number> = new Set([1, 2, 10]); // STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE
const HIDDEN: ReadonlySet<number> = new Set([1, 2]); // STV_INTERNAL, STV_HIDDEN
const VERSYM_HIDDEN = 0x8000;
const VERSYM_VERSION = 0x7fff;

/** Where the fields of a symbol stand that tell (Elf32_Sym, Elf64_Sym). */
const FIELDS = { narrow: { info: 12, other: 13, section: 14 }, wide: { info: 4, other: 5, section: 6 } } as const;

/** 'name', 'name@VERSION' and, for the version that is linked against, 'name@@VERSION'. Null where the table can't be read whole. */
export function exportedSymbols(file: ElfFile): string[] | null {
  const { input, memory, dynamic, sections } = file;
  if (dynamic === null) return [];
  const table = dynamicSymbols(file);
  const counted = lastValue(dynamic.entries, DT.HASH) !== null || sections?.some(({ type }) => type === SHT.DYNSYM) === true;
  if (table === null || !counted) return null; // the newer hash table does not say how many there are
  const { wide } = input.encoding;
  const size = symbolSize(wide);
  const fields = wide ? FIELDS.wide : FIELDS.narrow;
  const { count, offset, strings } = table;
  if (count * size > input.limits.symbolNameBytes || strings.size > input.limits.symbolNameBytes || input.available(offset, count * size) < count * size) return null;
  const entries = input.read(offset, count * size, 'dynamic symbol table');
  const names = input.readUpTo(strings.offset, strings.size, 'symbol names').bytes();
  const definitions = definedVersions(file);
  const at = lastValue(dynamic.entries, DT.VERSYM);
  const versionsAt = at === null || definitions.size === 0 ? null : memory.offsetOf(at);
  const versions = versionsAt === null ? null : input.readUpTo(versionsAt, count * 2, 'symbol versions');
  const found: string[] = [];
  let length = 0;
  for (let i = 1; i < count; i++) {
    const from = i * size;
    if (entries.u16(from + fields.section) === 0 || !BINDINGS.has(entries.u8(from + fields.info) >>> 4) || HIDDEN.has(entries.u8(from + fields.other) & 3)) continue;
    const start = entries.u32(from);
    const limit = Math.min(names.length, start + input.limits.stringBytes);
    let end = start;
    while (end < limit && names[end] !== 0) end++;
    length += end - start;
    if (length > input.limits.symbolNameBytes) return null; // names may all lie over one another
    const name = decodeText(names, start, end);
    const word = versions !== null && i * 2 + 2 <= versions.size ? versions.u16(i * 2) : 0;
    const version = definitions.get(word & VERSYM_VERSION);
    found.push(version === undefined || version === name ? name : `${name}${(word & VERSYM_HIDDEN) === 0 ? '@@' : '@'}${version}`);
  }
  return found;
}

/** The versions of DT_VERDEF by their indexes, the base definition left out, as far as they can be read. */
function definedVersions(file: ElfFile): Map<number, string> {
  const { input, memory, dynamic } = file;
  const versions = new Map<number, string>();
  const address = lastValue(dynamic?.entries ?? [], DT.VERDEF);
  const start = address === null ? null : memory.offsetOf(address);
  const size = address === null ? 0 : memory.backed(address);
  if (start === null) return versions;
  for (let at = 0, next = -1, entries = 0; next !== 0 && entries < input.limits.tableEntries && at + VERSION_DEFINITION_SIZE <= size; at += next, entries++) {
    const bytes = input.read(start + at, VERSION_DEFINITION_SIZE, 'version definition');
    const { flags, firstName, next: distance } = readVersionDefinition(bytes.cursor());
    next = distance;
    if ((flags & 1) !== 0 || at + firstName + 8 > size) continue;
    const name = dynamicText(file, input.read(start + at + firstName, 4, 'version name').u32(0), 'defined version');
    if (name !== null) versions.set(bytes.u16(4) & VERSYM_VERSION, name); // vd_ndx
  }
  return versions;
}
