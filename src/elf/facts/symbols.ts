// What is left for debuggers: symbol table and DWARF. Only section headers tell.

import type { Kind } from '../../model/binary.ts';
import { SHT } from '../constants.ts';
import type { ElfFile } from '../file.ts';

/** Sections of DWARF that debuggers start from (DWARF 5, 7.1), plain, in GNU's old compressed form, and split off. */
const DWARF = /^\.z?debug_(info|line|types)(\.dwo)?$/;

interface Symbols {
  readonly stripped: boolean | null;
  readonly debugInfo: boolean | null;
}

/**
 * Stripped is a file without SHT_SYMTAB: the symbols that the loader needs stand in SHT_DYNSYM and can't go. Where there
 * never was a section header table, nobody finds symbols either; where there is one that can't be read, nobody knows.
 */
export function symbols({ sections, header }: ElfFile, kind: Kind, names: readonly string[], because: Record<string, string>): Symbols {
  if (kind === 'core') return { stripped: null, debugInfo: null }; // a core is memory: what it ran stands in other files
  if (sections === null) {
    because['stripped'] = because['debugInfo'] = 'unknown: the section headers are not in the file';
    return { stripped: null, debugInfo: null };
  }
  if (sections.length === 0) {
    because['stripped'] = `there are no section headers (e_shoff is 0x${header.sectionsOffset.toString(16)})`;
    because['debugInfo'] = 'unknown: there are no section headers';
    return { stripped: true, debugInfo: null };
  }
  const table = sections.find(({ type, size }) => type === SHT.SYMTAB && size > 0);
  because['stripped'] = table === undefined ? 'no section is an SHT_SYMTAB' : 'a section is an SHT_SYMTAB';
  const dwarf = names.find((name, index) => DWARF.test(name) && sections[index]?.type !== SHT.NOBITS);
  const debugInfo = dwarf !== undefined ? true : names.length === 0 ? null : false;
  because['debugInfo'] = dwarf !== undefined ? `section ${dwarf}` : names.length === 0 ? 'unknown: the sections have no names' : 'no section holds DWARF';
  return { stripped: table === undefined, debugInfo };
}
