// The symbols that a file lacks, and the versions that it asks for them in.

import type { Kind } from '../../model/binary.ts';
import { DT, EM } from '../constants.ts';
import { lastValue } from '../dynamic.ts';
import type { ElfFile } from '../file.ts';
import { symbolSize } from '../structures.ts';
import { dynamicSymbols } from '../symbol-names.ts';
import { isOfGlibc } from './glibc.ts';

/** Of a symbol's version, the bits that are its index; the highest says that it is hidden. 0 and 1 are no version. */
const VERSYM_VERSION = 0x7fff;
const FIRST_VERSION = 2;

/** st_info: the binding of a symbol that has to be found. */
const STB_GLOBAL = 1;

/** Where the fields of a symbol stand that tell (Elf32_Sym, Elf64_Sym). */
const FIELDS = { narrow: { info: 12, section: 14 }, wide: { info: 4, section: 6 } } as const;

/** The symbols that ld.so has to find somewhere, by the index of their version; 0 where they have none. */
export interface Lacking {
  /** How many symbols ask for each version. */
  readonly versions: ReadonlyMap<number, number>;
  /** How many ask for none. */
  readonly unversioned: number;
}

/**
 * What a file lacks: symbols that are not defined in it and not weak. The symbol table has as many entries as the hash table or the section says, or as
 * relocations ask for: those are what ld.so goes by. Null where there is no table.
 */
export function lackingSymbols(file: ElfFile): Lacking | null {
  const { input, memory, dynamic } = file;
  const table = dynamicSymbols(file);
  if (table === null) return null;
  const { wide } = input.encoding;
  const size = symbolSize(wide);
  const fields = wide ? FIELDS.wide : FIELDS.narrow;
  const wanted = Math.max(table.count, highestReference(file) + 1);
  const most = Math.min(wanted, Math.floor(input.limits.symbolNameBytes / size), Math.floor(input.available(table.offset, wanted * size) / size));
  if (most < table.count) input.warn('limit-exceeded', `${wanted} symbols, of which the first ${most} are read`, table.offset, ['minimums.glibc']);
  const entries = input.readUpTo(table.offset, most * size, 'dynamic symbol table');
  const address = lastValue(dynamic?.entries ?? [], DT.VERSYM);
  const offset = address === null ? null : memory.offsetOf(address);
  const versions = offset === null || address === null ? null : input.readUpTo(offset, Math.min(most * 2, memory.backed(address)), 'symbol versions');
  const counts = new Map<number, number>();
  let unversioned = 0;
  for (let i = 1; i < most; i++) {
    if (entries.u16(i * size + fields.section) !== 0 || entries.u8(i * size + fields.info) >>> 4 !== STB_GLOBAL) continue;
    const index = versions !== null && i * 2 + 2 <= versions.size ? versions.u16(i * 2) & VERSYM_VERSION : 0;
    if (index < FIRST_VERSION) unversioned++;
    else counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return { versions: counts, unversioned };
}

const DT_RELOCATIONS = { RELA: 7, RELASZ: 8, REL: 17, RELSZ: 18, PLTRELSZ: 2, PLTREL: 20 } as const;
const MOST_RELOCATIONS = 1024 * 1024; // bytes of a table; those with a symbol stand at its end, as linkers sort them

/** The highest symbol that a relocation asks for; 0 where none does. MIPS has relocations of its own for it, and of another form. */
function highestReference({ input, header, memory, dynamic }: ElfFile): number {
  if (header.machine === EM.MIPS) return 0;
  const entries = dynamic?.entries ?? [];
  const plain = lastValue(entries, DT_RELOCATIONS.PLTREL) === BigInt(DT_RELOCATIONS.REL);
  const tables = [
    { at: lastValue(entries, DT_RELOCATIONS.RELA), bytes: lastValue(entries, DT_RELOCATIONS.RELASZ), addend: true },
    { at: lastValue(entries, DT_RELOCATIONS.REL), bytes: lastValue(entries, DT_RELOCATIONS.RELSZ), addend: false },
    { at: lastValue(entries, DT.JMPREL), bytes: lastValue(entries, DT_RELOCATIONS.PLTRELSZ), addend: !plain },
  ];
  const { wide, little } = input.encoding;
  const inWide = little ? 12 : 8; // where the symbol stands in an entry: r_info's upper half
  let highest = 0;
  for (const { at, bytes, addend } of tables) {
    const offset = at === null ? null : memory.offsetOf(at);
    if (at === null || offset === null || bytes === null) continue;
    const size = (wide ? 8 : 4) * (addend ? 3 : 2);
    const here = Math.floor(Math.min(memory.backed(at), Number(bytes)) / size);
    const count = Math.min(here, Math.floor(MOST_RELOCATIONS / size));
    const table = input.read(offset + (here - count) * size, count * size, 'relocations');
    for (let i = 0; i < count; i++) {
      const symbol = wide ? table.u32(i * size + inWide) : table.u32(i * size + 4) >>> 8;
      if (symbol > highest) highest = symbol;
    }
  }
  return highest;
}

/**
 * Warns where a symbol is asked for without a version that only glibc can have: on an older one it may be missing, and no version says so. A library's
 * may be its program's, so it is asked only where it needs no version of glibc at all; a program's only where no other library can have it.
 */
export function warnOfUnversioned(
  file: ElfFile,
  { kind, os, needed }: { readonly kind: Kind; readonly os: string | null; readonly needed: readonly string[] },
  hasGlibcVersion: boolean,
): void {
  if (os !== 'linux' && os !== 'hurd' && os !== null) return; // others have libraries of the same names
  if (needed.length === 0 || (hasGlibcVersion && kind !== 'executable')) return;
  if (!needed.some(isOfGlibc)) return;
  const onlyGlibc = kind === 'executable' && needed.every(isOfGlibc);
  if (hasGlibcVersion && !onlyGlibc) return;
  const lacking = lackingSymbols(file);
  if (lacking === null || lacking.unversioned === 0) return;
  file.input.warn('unversioned-symbols', `${lacking.unversioned} symbols are asked for without a version, and glibc may be the one to have them: any release will do, or none`);
}
