// What is left for debuggers: symbol table and DWARF. Only section headers tell.

import type { Bytes } from '../../bytes/bytes.ts';
import type { Kind } from '../../model/binary.ts';
import { SHT } from '../constants.ts';
import { sectionName, sectionNameTable } from '../file.ts';
import type { ElfFile } from '../file.ts';
import type { Section } from '../structures.ts';

/** Sections of DWARF that debuggers start from (DWARF 5, 7.1), plain, in GNU's old compressed form, and split off. */
const DWARF: ReadonlySet<string> = new Set(['.debug_', '.zdebug_'].flatMap((prefix) => ['info', 'line', 'types'].flatMap((part) => [`${prefix}${part}`, `${prefix}${part}.dwo`])));

const SYMBOL_TABLE = '.symtab\0';

interface Symbols {
  readonly stripped: boolean | null;
  readonly debugInfo: boolean | null;
}

/**
 * Stripped is a file without SHT_SYMTAB: the symbols that the loader needs stand in SHT_DYNSYM and can't go. Without section headers
 * nobody knows: the table may be there all the same, and only the word be missing where it is.
 */
export function symbols(file: ElfFile, kind: Kind, because: Record<string, string>): Symbols {
  const { sections, header } = file;
  if (kind === 'core') return { stripped: null, debugInfo: null }; // a core is memory: what it ran stands in other files
  if (sections === null) {
    because['stripped'] = because['debugInfo'] = 'unknown: the section headers are not in the file';
    return { stripped: null, debugInfo: null };
  }
  if (sections.length === 0) {
    because['stripped'] = `unknown: there are no section headers (e_shoff is 0x${header.sectionsOffset.toString(16)})`;
    because['debugInfo'] = 'unknown: there are no section headers';
    return { stripped: null, debugInfo: null };
  }
  const table = sections.find(({ type, size }) => type === SHT.SYMTAB && size > 0);
  if (table === undefined) warnOfHiddenTable(file, sections);
  because['stripped'] = table === undefined ? 'no section is an SHT_SYMTAB' : 'a section is an SHT_SYMTAB';
  return { stripped: table === undefined, debugInfo: debugInfo(file, sections, because) };
}

/** Warns of a section that has the symbol table's name and not its type: what is in it is there as before. */
function warnOfHiddenTable(file: ElfFile, sections: readonly Section[]): void {
  const names = sectionNameTable(file);
  const hidden = names === null ? undefined : sections.find(({ name, type }) => type !== SHT.NULL && names.begins(name, SYMBOL_TABLE));
  if (hidden === undefined) return;
  file.input.warn('section-type', `the section .symtab has the type ${hidden.type} and ${hidden.size} bytes: it is no symbol table by that`, hidden.offset);
}

function debugInfo(file: ElfFile, sections: readonly Section[], because: Record<string, string>): boolean | null {
  const told = (value: boolean | null, reason: string): boolean | null => {
    because['debugInfo'] = reason;
    return value;
  };
  const names = sectionNameTable(file);
  if (names === null) return told(null, 'unknown: the sections have no names');
  const dwarf = dwarfSection(sections, names);
  if (dwarf !== null) return told(true, `section ${dwarf}`);
  const nameless = sections.find(({ name }) => name >= names.size);
  if (nameless === undefined) return told(false, 'no section holds DWARF');
  file.input.warn('section-names', `a section's name stands at ${nameless.name}, the table of names has ${names.size} bytes`, file.sectionNames?.offset);
  return told(null, "unknown: some of the sections' names can not be read");
}

const D = 0x64;
const Z = 0x7a;

/** The name of the first section that holds DWARF; null where none does. Of most names the second letter is enough. */
function dwarfSection(sections: readonly Section[], names: Bytes): string | null {
  for (const section of sections) {
    if (section.type === SHT.NOBITS || section.name + 1 >= names.size) continue;
    const letter = names.u8(section.name + 1);
    if (letter !== D && letter !== Z) continue;
    const name = sectionName(names, section);
    if (DWARF.has(name)) return name;
  }
  return null;
}
