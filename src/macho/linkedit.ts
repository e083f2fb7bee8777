// The structures of what linkers leave for others: symbols, dyld's tables, and where they lie. Fields stand in the order of Apple's headers.

import type { Cursor } from '../bytes/bytes.ts';
import { COMMAND_HEADER_SIZE } from './structures.ts';

/** Where something lies in the file, in bytes. */
export interface DataRange {
  readonly offset: number;
  readonly size: number;
}

function readRange(cursor: Cursor): DataRange {
  return { offset: cursor.u32(), size: cursor.u32() };
}

/** The place of a table whose entries are counted. */
function readTable(cursor: Cursor, entrySize: number): DataRange {
  return { offset: cursor.u32(), size: cursor.u32() * entrySize };
}

export const LINKEDIT_DATA_SIZE = 16;

/** linkedit_data_command: LC_CODE_SIGNATURE, LC_FUNCTION_STARTS and many more. */
export function readLinkeditData(cursor: Cursor): DataRange {
  cursor.skip(COMMAND_HEADER_SIZE);
  return readRange(cursor);
}

/** What dyld does to the image, in programs of its own. */
export interface DyldInfo {
  readonly rebase: DataRange;
  readonly bind: DataRange;
  readonly weakBind: DataRange;
  readonly lazyBind: DataRange;
  readonly exports: DataRange;
}

export const DYLD_INFO_SIZE = 48;

/** dyld_info_command. */
export function readDyldInfo(cursor: Cursor): DyldInfo {
  cursor.skip(COMMAND_HEADER_SIZE);
  return { rebase: readRange(cursor), bind: readRange(cursor), weakBind: readRange(cursor), lazyBind: readRange(cursor), exports: readRange(cursor) };
}

/** How LC_DYLD_CHAINED_FIXUPS begins; positions count from its start. */
export interface ChainedFixups {
  readonly importsOffset: number;
  /** The names of the imports, to the end of the data. */
  readonly symbolsOffset: number;
  readonly imports: number;
  /** 0: plain. */
  readonly symbolsFormat: number;
}

export const CHAINED_FIXUPS_SIZE = 28;

/** dyld_chained_fixups_header. */
export function readChainedFixups(cursor: Cursor): ChainedFixups {
  cursor.skip(8); // fixups_version, starts_offset
  const importsOffset = cursor.u32();
  const symbolsOffset = cursor.u32();
  const imports = cursor.u32();
  cursor.skip(4); // imports_format
  return { importsOffset, symbolsOffset, imports, symbolsFormat: cursor.u32() };
}

export interface SymbolTable {
  readonly offset: number;
  readonly count: number;
  readonly stringsOffset: number;
  readonly stringsSize: number;
}

export const SYMBOL_TABLE_SIZE = 24;

/** symtab_command. */
export function readSymbolTable(cursor: Cursor): SymbolTable {
  cursor.skip(COMMAND_HEADER_SIZE);
  return { offset: cursor.u32(), count: cursor.u32(), stringsOffset: cursor.u32(), stringsSize: cursor.u32() };
}

/** How the symbol table is divided: for debuggers and the static linker only, for others to use, and wanted from others. */
export interface SymbolGroups {
  readonly firstLocal: number;
  readonly locals: number;
  readonly firstDefined: number;
  readonly defined: number;
  readonly firstUndefined: number;
  readonly undefined: number;
  /** Contents, modules, references, indirect symbols, and the relocations of libraries and bundles. */
  readonly tables: readonly DataRange[];
}

export const SYMBOL_GROUPS_SIZE = 80;

/** dysymtab_command. */
export function readSymbolGroups(cursor: Cursor): SymbolGroups {
  cursor.skip(COMMAND_HEADER_SIZE);
  const firstLocal = cursor.u32();
  const locals = cursor.u32();
  const firstDefined = cursor.u32();
  const defined = cursor.u32();
  const firstUndefined = cursor.u32();
  const undefinedCount = cursor.u32();
  // dylib_table_of_contents, dylib_module, dylib_reference, an index, relocation_info twice
  const entrySizes = [8, cursor.wide ? 56 : 52, 4, 4, 8, 8];
  const tables = entrySizes.map((size) => readTable(cursor, size));
  return { firstLocal, locals, firstDefined, defined, firstUndefined, undefined: undefinedCount, tables };
}

export interface Symbol {
  /** Position of the name among the strings. */
  readonly name: number;
  readonly type: number;
  readonly description: number;
}

/** Bytes of a symbol. */
export function symbolSize(wide: boolean): number {
  return wide ? 16 : 12;
}

/** nlist, nlist_64. */
export function readSymbol(cursor: Cursor): Symbol {
  const name = cursor.u32();
  const type = cursor.u8();
  cursor.skip(1); // n_sect
  const description = cursor.u16();
  cursor.address(); // n_value
  return { name, type, description };
}

/** Bytes of a relocation, which says how its section must be changed. */
export const RELOCATION_SIZE = 8;

export const TWOLEVEL_HINTS_SIZE = 16;

/** twolevel_hints_command. */
export function readTwoLevelHints(cursor: Cursor): DataRange {
  cursor.skip(COMMAND_HEADER_SIZE);
  return readTable(cursor, 4);
}

export const NOTE_SIZE = 40;

/** note_command: data of whoever owns it, of 64 bits in every file. */
export function readNote(cursor: Cursor): DataRange {
  cursor.skip(COMMAND_HEADER_SIZE + 16); // data_owner
  return { offset: Number(cursor.u64()), size: Number(cursor.u64()) };
}
