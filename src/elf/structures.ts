// ELF's structures, each with its reader; 32 and 64 bits become one record here. Fields stand in the order of the gABI.

import type { Cursor } from '../bytes/bytes.ts';

/** What e_ident says. */
export interface Ident {
  readonly class: number;
  readonly data: number;
  readonly version: number;
  readonly osAbi: number;
  readonly abiVersion: number;
}

export const IDENT_SIZE = 16;

/** e_ident. */
export function readIdent(cursor: Cursor): Ident {
  cursor.skip(4); // EI_MAG0–3
  return { class: cursor.u8(), data: cursor.u8(), version: cursor.u8(), osAbi: cursor.u8(), abiVersion: cursor.u8() };
}

export interface Header {
  readonly type: number;
  readonly machine: number;
  readonly version: number;
  readonly entry: bigint;
  readonly segmentsOffset: number;
  readonly sectionsOffset: number;
  readonly flags: number;
  readonly headerSize: number;
  readonly segmentSize: number;
  readonly segmentCount: number;
  readonly sectionSize: number;
  readonly sectionCount: number;
  readonly sectionNamesIndex: number;
}

/** Bytes of an ELF header, e_ident included. */
export function headerSize(wide: boolean): number {
  return wide ? 64 : 52;
}

/** Elf32_Ehdr, Elf64_Ehdr. */
export function readHeader(cursor: Cursor): Header {
  cursor.skip(IDENT_SIZE);
  return {
    type: cursor.u16(),
    machine: cursor.u16(),
    version: cursor.u32(),
    entry: cursor.address(),
    segmentsOffset: cursor.word(),
    sectionsOffset: cursor.word(),
    flags: cursor.u32(),
    headerSize: cursor.u16(),
    segmentSize: cursor.u16(),
    segmentCount: cursor.u16(),
    sectionSize: cursor.u16(),
    sectionCount: cursor.u16(),
    sectionNamesIndex: cursor.u16(),
  };
}

export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: bigint;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

/** Bytes of a program header. */
export function segmentSize(wide: boolean): number {
  return wide ? 56 : 32;
}

/** Elf32_Phdr, Elf64_Phdr. ELF64 moved the flags up, to keep its words aligned. */
export function readSegment(cursor: Cursor): Segment {
  const type = cursor.u32();
  let flags = cursor.wide ? cursor.u32() : 0;
  const offset = cursor.word();
  const address = cursor.address();
  cursor.skipWord(); // p_paddr
  const fileSize = cursor.word();
  const memorySize = cursor.word();
  if (!cursor.wide) flags = cursor.u32();
  const alignment = cursor.word();
  return { type, flags, offset, address, fileSize, memorySize, alignment };
}

export interface Section {
  /** Position of its name in the section names' string table. */
  readonly name: number;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
}

/** Bytes of a section header. */
export function sectionSize(wide: boolean): number {
  return wide ? 64 : 40;
}

/** Elf32_Shdr, Elf64_Shdr. */
export function readSection(cursor: Cursor): Section {
  return {
    name: cursor.u32(),
    type: cursor.u32(),
    flags: cursor.word(),
    address: cursor.address(),
    offset: cursor.word(),
    size: cursor.word(),
    link: cursor.u32(),
    info: cursor.u32(),
    alignment: cursor.word(),
    entrySize: cursor.word(),
  };
}

export interface DynamicEntry {
  readonly tag: number;
  /** A number or an address, as the tag says. */
  readonly value: bigint;
}

/** Bytes of an entry of the dynamic section. */
export function dynamicEntrySize(wide: boolean): number {
  return wide ? 16 : 8;
}

/** Elf32_Dyn, Elf64_Dyn. */
export function readDynamicEntry(cursor: Cursor): DynamicEntry {
  return { tag: cursor.word(), value: cursor.address() };
}

export const NOTE_HEADER_SIZE = 12;

export interface NoteHeader {
  readonly nameSize: number;
  readonly descriptionSize: number;
  readonly type: number;
}

/** Elf32_Nhdr, Elf64_Nhdr: the same in both. */
export function readNoteHeader(cursor: Cursor): NoteHeader {
  return { nameSize: cursor.u32(), descriptionSize: cursor.u32(), type: cursor.u32() };
}

export interface Symbol {
  /** Position of its name in the string table. */
  readonly name: number;
  readonly info: number;
  readonly other: number;
  readonly section: number;
  readonly value: bigint;
}

/** Bytes of an entry of a symbol table. */
export function symbolSize(wide: boolean): number {
  return wide ? 24 : 16;
}

/** Elf32_Sym, Elf64_Sym. ELF64 moved value and size down, to keep its words aligned. */
export function readSymbol(cursor: Cursor): Symbol {
  const name = cursor.u32();
  let value = 0n;
  if (!cursor.wide) {
    value = cursor.address();
    cursor.skipWord(); // st_size
  }
  const info = cursor.u8();
  const other = cursor.u8();
  const section = cursor.u16();
  if (cursor.wide) {
    value = cursor.address();
    cursor.skipWord(); // st_size
  }
  return { name, info, other, section, value };
}

/** Versions that are needed of one library. Positions of what follows count from this structure's own. */
export interface VersionNeed {
  readonly version: number;
  /** Versions needed. */
  readonly count: number;
  /** Position of the library's name in the string table. */
  readonly file: number;
  readonly firstVersion: number;
  /** Where the next library's begins; 0 for the last. */
  readonly next: number;
}

export const VERSION_NEED_SIZE = 16;

/** Elf32_Verneed, Elf64_Verneed: the same in both. */
export function readVersionNeed(cursor: Cursor): VersionNeed {
  return { version: cursor.u16(), count: cursor.u16(), file: cursor.u32(), firstVersion: cursor.u32(), next: cursor.u32() };
}

/** One version that is needed. */
export interface NeededVersion {
  readonly hash: number;
  readonly flags: number;
  readonly other: number;
  /** Position of its name in the string table. */
  readonly name: number;
  /** Where the next one begins; 0 for the last. */
  readonly next: number;
}

export const NEEDED_VERSION_SIZE = 16;

/** Elf32_Vernaux, Elf64_Vernaux: the same in both. */
export function readNeededVersion(cursor: Cursor): NeededVersion {
  return { hash: cursor.u32(), flags: cursor.u16(), other: cursor.u16(), name: cursor.u32(), next: cursor.u32() };
}

/** A version that a library defines. Positions of what follows count from this structure's own. */
export interface VersionDefinition {
  readonly version: number;
  readonly flags: number;
  readonly index: number;
  /** Names: its own, then those of the versions that it builds on. */
  readonly count: number;
  readonly hash: number;
  /** Where its first name's entry lies. */
  readonly firstName: number;
  /** Where the next definition begins; 0 for the last. */
  readonly next: number;
}

export const VERSION_DEFINITION_SIZE = 20;

/** Elf32_Verdef, Elf64_Verdef: the same in both. */
export function readVersionDefinition(cursor: Cursor): VersionDefinition {
  return {
    version: cursor.u16(),
    flags: cursor.u16(),
    index: cursor.u16(),
    count: cursor.u16(),
    hash: cursor.u32(),
    firstName: cursor.u32(),
    next: cursor.u32(),
  };
}
