// Where Go may be found in an ELF file whose build information Go's own reader doesn't see.

import type { Input } from '../bytes/input.ts';
import { find, needle } from '../bytes/search.ts';
import { CLASS, DATA, PF, PT, SHT } from '../elf/constants.ts';
import { lastValue } from '../elf/dynamic.ts';
import { openElf, sectionNameTable } from '../elf/file.ts';
import type { ElfFile } from '../elf/file.ts';
import { readNotes } from '../elf/notes.ts';
import { headerSize, readHeader, readIdent, readSection, sectionSize } from '../elf/structures.ts';
import type { Binary } from '../model/binary.ts';
import { MOST_GO_RANGES } from './image.ts';
import type { GoMemory, GoSymbolTable } from './image.ts';

/** Parts of the names of sections that only Go's linker makes: .go.buildinfo, .note.go.buildid, .gopclntab, .data.rel.ro.gopclntab. */
const SIGNS = [needle('go.build'), needle('gopclntab')];
const DT_RELA = { ADDRESS: 7, SIZE: 8 } as const;
const NOTE = { OWNER: 'Go', BUILD_ID: 4 } as const;

/** A sign that an ELF file may be Go's, told from what every inspection reads; null where there is none. Throws nothing. */
export function goSign(plain: Input): string | null {
  const names = sectionNames(plain);
  if (names !== null) return SIGNS.some((sign) => find(names, sign) !== -1) ? 'a section has a name of Go\'s linker' : null;
  const notes = plain.attempt(() => readNotes(openElf(plain)));
  return notes?.some(({ owner }) => owner === NOTE.OWNER) === true ? 'there is a note of Go' : null;
}

/** Where the compilers of Go that have no build information leave a sign: a section of gccgo's, its library, and TinyGo's names in the table of symbols. */
const GCCGO = { SECTION: needle('.go_export\0'), LIBRARY: /^libgo\.so\.\d+$/ } as const;
const TINYGO = [needle('\0tinygo_'), needle('.tinygo_stacksizes\0')] as const;
const MOST_NAMES = 1024 * 1024; // bytes of symbols' names that are looked at, of programs that no loader serves

/** That gccgo or TinyGo built an ELF file: programs of Go all the same, of which Go's own reader finds nothing. Null where no sign is there. Throws nothing. */
export function goCompiler(plain: Input, { interpreter, linkage, dependencies, stripped }: Binary): string | null {
  const names = sectionNames(plain);
  if (names !== null && find(names, GCCGO.SECTION) !== -1) return 'the section .go_export, which gccgo writes';
  if (names !== null && find(names, TINYGO[1]) !== -1) return 'the section .tinygo_stacksizes';
  const library = dependencies.find(({ name }) => GCCGO.LIBRARY.test(name));
  if (library !== undefined) return `the library ${library.name}, which is gccgo's`;
  if (interpreter !== null || linkage === 'dynamic' || stripped === true || names === null) return null;
  return (
    plain.attempt(() => {
      const file = openElf(plain);
      if (file.dynamic !== null) return null;
      const table = symbols(file)?.strings;
      if (table === undefined || table.length === 0) return null;
      const text = file.input.readUpTo(table.at, Math.min(table.length, MOST_NAMES), 'names of symbols').bytes();
      return find(text, TINYGO[0]) === -1 ? null : "symbols of TinyGo's runtime (tinygo_…)";
    }) ?? null
  );
}

/** The section names' string table; null where it is not all there. */
function sectionNames(plain: Input): Uint8Array | null {
  if (plain.size < headerSize(false)) return null;
  const ident = readIdent(plain.read(0, 16, 'ELF identification').cursor());
  const wide = ident.class === CLASS.ELF64;
  if (plain.size < headerSize(wide)) return null;
  const input = plain.encoded({ little: ident.data === DATA.LSB, wide });
  const { sectionsOffset, sectionNamesIndex, sectionSize: stride } = readHeader(input.read(0, headerSize(wide), 'ELF header').cursor());
  const at = sectionsOffset + sectionNamesIndex * stride;
  const size = sectionSize(wide);
  if (sectionsOffset === 0 || sectionNamesIndex === 0 || input.available(at, size) < size) return null;
  const strings = readSection(input.read(at, size, 'section header').cursor());
  if (strings.type !== SHT.STRTAB || strings.size > input.limits.stringBytes * 16 || input.available(strings.offset, strings.size) < strings.size) return null;
  return input.read(strings.offset, strings.size, 'section names').bytes();
}

/** The image that a search goes by. Throws `malformed` or `truncated` where the file has no header to go by. */
export function goMemory(plain: Input): GoMemory {
  const file = openElf(plain);
  const { input, segments } = file;
  const ranges = segments
    .filter(({ type, fileSize }) => type === PT.LOAD && fileSize > 0)
    .slice(0, MOST_GO_RANGES)
    .map(({ address, offset, fileSize, flags }) => ({ address, offset, size: input.available(offset, fileSize), writable: (flags & PF.W) !== 0 }));
  const note = readNotes(file).find(({ owner, type }) => owner === NOTE.OWNER && type === NOTE.BUILD_ID);
  return {
    bits: input.encoding.wide ? 64 : 32,
    little: input.encoding.little,
    ranges,
    fixupBase: null,
    relocations: relocations(file),
    buildIdNote: note === undefined ? null : { at: note.offset, length: note.size },
    code: null,
    symbols: symbols(file),
    tables: tables(file),
  };
}

/** Where sections of the names .gopclntab and .data.rel.ro.gopclntab are placed. */
function tables(file: ElfFile): bigint[] {
  const names = sectionNameTable(file);
  return names === null ? [] : (file.sections ?? []).filter(({ name }) => names.begins(name, '.gopclntab\0') || names.begins(name, '.data.rel.ro.gopclntab\0')).map(({ address }) => address);
}

/** DT_RELA's entries. DT_REL and DT_RELR leave the addresses in the pointers themselves. */
function relocations({ dynamic, memory }: ElfFile): GoMemory['relocations'] {
  const address = lastValue(dynamic?.entries ?? [], DT_RELA.ADDRESS);
  const size = lastValue(dynamic?.entries ?? [], DT_RELA.SIZE);
  const at = address === null ? null : memory.offsetOf(address);
  return at === null || address === null || size === null ? [] : [{ at, length: Math.min(Number(size), memory.backed(address)) }];
}

function symbols({ input, sections }: ElfFile): GoSymbolTable | null {
  const section = sections?.find(({ type }) => type === SHT.SYMTAB);
  const strings = section === undefined ? undefined : sections?.[section.link];
  if (section === undefined || strings === undefined) return null;
  const { wide } = input.encoding;
  return {
    strings: { at: strings.offset, length: input.available(strings.offset, strings.size) },
    table: { at: section.offset, length: input.available(section.offset, section.size) },
    entrySize: wide ? 24 : 16,
    nameAt: 0, // st_name
    valueAt: wide ? 8 : 4, // st_value
    valueSize: wide ? 8 : 4,
    section: null,
    ignored: null,
    prefix: '',
  };
}
