// PE's structures, each with its reader; PE32 and PE32+ become one record here. Fields stand in the order of "PE Format".

import type { Cursor } from '../bytes/bytes.ts';

export const DOS_HEADER_SIZE = 64;

/** What the DOS header has to do with the header after it. */
export interface DosHeader {
  readonly magic: number;
  /** e_lfarlc: where DOS relocations begin; from 0x40 on, what e_lfanew says is meant. */
  readonly relocationsOffset: number;
  /** e_lfanew. */
  readonly newHeaderOffset: number;
}

/** IMAGE_DOS_HEADER. */
export function readDosHeader(cursor: Cursor): DosHeader {
  const magic = cursor.u16();
  cursor.skip(22); // e_cblp, e_cp, e_crlc, e_cparhdr, e_minalloc, e_maxalloc, e_ss, e_sp, e_csum, e_ip, e_cs
  const relocationsOffset = cursor.u16();
  cursor.skip(34); // e_ovno, e_res, e_oemid, e_oeminfo, e_res2
  return { magic, relocationsOffset, newHeaderOffset: cursor.u32() };
}

/** Bytes of the signature and the COFF header after it. */
export const COFF_HEADER_SIZE = 24;

export interface CoffHeader {
  readonly machine: number;
  readonly sectionCount: number;
  readonly timestamp: number;
  readonly symbolsOffset: number;
  readonly symbolCount: number;
  readonly optionalHeaderSize: number;
  readonly characteristics: number;
}

/** 'PE\0\0' and IMAGE_FILE_HEADER. */
export function readCoffHeader(cursor: Cursor): CoffHeader {
  cursor.skip(4);
  return {
    machine: cursor.u16(),
    sectionCount: cursor.u16(),
    timestamp: cursor.u32(),
    symbolsOffset: cursor.u32(),
    symbolCount: cursor.u32(),
    optionalHeaderSize: cursor.u16(),
    characteristics: cursor.u16(),
  };
}

export interface OptionalHeader {
  readonly magic: number;
  readonly linkerMajor: number;
  readonly linkerMinor: number;
  /** AddressOfEntryPoint, an RVA. */
  readonly entry: number;
  readonly imageBase: bigint;
  readonly sectionAlignment: number;
  readonly subsystemMajor: number;
  readonly subsystemMinor: number;
  readonly headersSize: number;
  readonly subsystem: number;
  readonly dllCharacteristics: number;
  /** NumberOfRvaAndSizes, as written. */
  readonly directoryCount: number;
}

/** Bytes of the optional header, up to the data directories. */
export function optionalHeaderSize(wide: boolean): number {
  return wide ? 112 : 96;
}

/** Where fields of the optional header end: the widths differ before ImageBase, and agree again from its end on. */
export const OPTIONAL_END = {
  IMAGE_BASE: 32,
  SUBSYSTEM: 69, // of its two bytes, the second is 0 in all that there are
  DLL_CHARACTERISTICS: 72,
} as const;

/** IMAGE_OPTIONAL_HEADER32, IMAGE_OPTIONAL_HEADER64. PE32+ has no BaseOfData: its ImageBase takes that place too. */
export function readOptionalHeader(cursor: Cursor): OptionalHeader {
  const magic = cursor.u16();
  const linkerMajor = cursor.u8();
  const linkerMinor = cursor.u8();
  cursor.skip(12); // SizeOfCode, SizeOfInitializedData, SizeOfUninitializedData
  const entry = cursor.u32();
  cursor.skip(cursor.wide ? 4 : 8); // BaseOfCode, BaseOfData
  const imageBase = cursor.address();
  const sectionAlignment = cursor.u32();
  cursor.skip(12); // FileAlignment, the operating system's version, the image's version
  const subsystemMajor = cursor.u16();
  const subsystemMinor = cursor.u16();
  cursor.skip(8); // Win32VersionValue, SizeOfImage
  const headersSize = cursor.u32();
  cursor.skip(4); // CheckSum
  const subsystem = cursor.u16();
  const dllCharacteristics = cursor.u16();
  cursor.skip(cursor.wide ? 36 : 20); // stack and heap, each reserved and committed; LoaderFlags
  return {
    magic,
    linkerMajor,
    linkerMinor,
    entry,
    imageBase,
    sectionAlignment,
    subsystemMajor,
    subsystemMinor,
    headersSize,
    subsystem,
    dllCharacteristics,
    directoryCount: cursor.u32(),
  };
}

export const DIRECTORY_SIZE = 8;

export interface DataDirectory {
  /** An RVA; 0 where there is no such directory. */
  readonly address: number;
  readonly size: number;
}

/** IMAGE_DATA_DIRECTORY. */
export function readDataDirectory(cursor: Cursor): DataDirectory {
  return { address: cursor.u32(), size: cursor.u32() };
}

export const SECTION_SIZE = 40;

export interface Section {
  /** Its 8 bytes up to a NUL: the name, or '/' and where the name lies in the string table. */
  readonly name: string;
  readonly virtualSize: number;
  readonly address: number;
  readonly fileSize: number;
  readonly offset: number;
  /** PointerToRelocations, which only objects need. */
  readonly relocationsOffset: number;
  readonly characteristics: number;
}

/** IMAGE_SECTION_HEADER. */
export function readSection(cursor: Cursor): Section {
  const name = cursor.bytes.slice(cursor.at, 8).text();
  cursor.skip(8);
  const virtualSize = cursor.u32();
  const address = cursor.u32();
  const fileSize = cursor.u32();
  const offset = cursor.u32();
  const relocationsOffset = cursor.u32();
  cursor.skip(8); // PointerToLinenumbers, NumberOfRelocations, NumberOfLinenumbers: of objects
  return { name, virtualSize, address, fileSize, offset, relocationsOffset, characteristics: cursor.u32() };
}

export const IMPORT_DESCRIPTOR_SIZE = 20;

export interface ImportDescriptor {
  /** OriginalFirstThunk: the names of what is imported; 0 with linkers that keep them in the IAT only. */
  readonly lookupTable: number;
  readonly name: number;
  /** FirstThunk: the IAT. */
  readonly addressTable: number;
}

/** IMAGE_IMPORT_DESCRIPTOR. */
export function readImportDescriptor(cursor: Cursor): ImportDescriptor {
  const lookupTable = cursor.u32();
  cursor.skip(8); // TimeDateStamp, ForwarderChain
  return { lookupTable, name: cursor.u32(), addressTable: cursor.u32() };
}

export const DELAY_DESCRIPTOR_SIZE = 32;

export interface DelayDescriptor {
  readonly attributes: number;
  readonly name: number;
}

/** IMAGE_DELAYLOAD_DESCRIPTOR, up to the DLL's name. */
export function readDelayDescriptor(cursor: Cursor): DelayDescriptor {
  return { attributes: cursor.u32(), name: cursor.u32() };
}

export const EXPORT_DIRECTORY_SIZE = 40;

/** IMAGE_EXPORT_DIRECTORY, of which only the RVA of the module's own name is of use here. */
export function readExportName(cursor: Cursor): number {
  cursor.skip(12); // Characteristics, TimeDateStamp, MajorVersion, MinorVersion
  return cursor.u32();
}

/** Bytes of a TLS directory up to AddressOfIndex. */
export function tlsSize(wide: boolean): number {
  return wide ? 24 : 12;
}

/** IMAGE_TLS_DIRECTORY: AddressOfIndex, a virtual address that the loader writes to. */
export function readTlsIndexAddress(cursor: Cursor): bigint {
  cursor.address(); // StartAddressOfRawData
  cursor.address(); // EndAddressOfRawData
  return cursor.address();
}

/** Bytes of a load configuration up to the last field that is read here. The structure grew with every Windows; Size says how far one goes. */
export function loadConfigSize(wide: boolean): number {
  return wide ? 0xd0 : 0x80;
}

/** What an image asks of the loader beyond the headers. A field that Size does not cover is 0. */
export interface LoadConfig {
  /** As written. */
  readonly size: number;
  /** The stack canary's address. */
  readonly securityCookie: bigint;
  /** The table of safe exception handlers: its address, and its entries. */
  readonly handlerTable: bigint;
  readonly handlerCount: number;
  /** The table of functions that may be called through pointers: its address, and its entries. */
  readonly guardTable: bigint;
  readonly guardCount: number;
  readonly guardFlags: number;
  /** CHPEMetadataPointer, an address: of hybrids. */
  readonly hybridMetadata: bigint;
}

/** IMAGE_LOAD_CONFIG_DIRECTORY32, IMAGE_LOAD_CONFIG_DIRECTORY64. The two hold ProcessAffinityMask and ProcessHeapFlags in another order. */
export function readLoadConfig(cursor: Cursor): LoadConfig {
  const size = cursor.u32();
  const covered = <T>(value: T, none: T): T => (cursor.at <= size ? value : none); // the cursor stands behind the value
  cursor.skip(20); // TimeDateStamp, MajorVersion, MinorVersion, GlobalFlagsClear, GlobalFlagsSet, CriticalSectionDefaultTimeout
  for (let i = 0; i < 5; i++) cursor.address(); // DeCommitFreeBlockThreshold … VirtualMemoryThreshold
  cursor.address(); // ProcessAffinityMask
  cursor.skip(8); // ProcessHeapFlags, CSDVersion, DependentLoadFlags
  cursor.address(); // EditList
  const securityCookie = covered(cursor.address(), 0n);
  const handlerTable = covered(cursor.address(), 0n);
  const handlerCount = covered(cursor.word(), 0);
  cursor.address(); // GuardCFCheckFunctionPointer
  cursor.address(); // GuardCFDispatchFunctionPointer
  const guardTable = covered(cursor.address(), 0n);
  const guardCount = covered(cursor.word(), 0);
  const guardFlags = covered(cursor.u32(), 0);
  cursor.skip(12); // CodeIntegrity
  for (let i = 0; i < 5; i++) cursor.address(); // GuardAddressTakenIatEntryTable … DynamicValueRelocTable
  const hybridMetadata = covered(cursor.address(), 0n);
  return { size, securityCookie, handlerTable, handlerCount, guardTable, guardCount, guardFlags, hybridMetadata };
}

export const DEBUG_ENTRY_SIZE = 28;

export interface DebugEntry {
  readonly type: number;
  readonly size: number;
  /** RVA; 0 where it is not loaded. */
  readonly address: number;
  readonly offset: number;
}

/** IMAGE_DEBUG_DIRECTORY. */
export function readDebugEntry(cursor: Cursor): DebugEntry {
  cursor.skip(12); // Characteristics, TimeDateStamp, MajorVersion, MinorVersion
  return { type: cursor.u32(), size: cursor.u32(), address: cursor.u32(), offset: cursor.u32() };
}

export const CLR_HEADER_SIZE = 72;

export interface ClrHeader {
  /** cb: bytes of the header. */
  readonly size: number;
  /** RVA. */
  readonly metadata: number;
  readonly flags: number;
  /** RVA of what was compiled ahead of time; 0 where nothing was. */
  readonly native: number;
}

/** IMAGE_COR20_HEADER. */
export function readClrHeader(cursor: Cursor): ClrHeader {
  const size = cursor.u32();
  cursor.skip(4); // MajorRuntimeVersion, MinorRuntimeVersion
  const metadata = cursor.u32();
  cursor.skip(4); // the metadata's size
  const flags = cursor.u32();
  cursor.skip(44); // the entry point, and the directories of resources, strong name, code manager, fixups and export jumps
  return { size, metadata, flags, native: cursor.u32() };
}

export const RESOURCE_DIRECTORY_SIZE = 16;

/** IMAGE_RESOURCE_DIRECTORY: how many entries follow, those with names first. */
export function readResourceCount(cursor: Cursor): number {
  cursor.skip(12); // Characteristics, TimeDateStamp, MajorVersion, MinorVersion
  return cursor.u16() + cursor.u16();
}

export const RESOURCE_ENTRY_SIZE = 8;

export interface ResourceEntry {
  /** A number (of a type, a resource, a language), or with the highest bit set where a name stands. */
  readonly id: number;
  /** Where its directory or data entry lies, counted from the first directory. */
  readonly offset: number;
  readonly isDirectory: boolean;
}

/** IMAGE_RESOURCE_DIRECTORY_ENTRY. */
export function readResourceEntry(cursor: Cursor): ResourceEntry {
  const id = cursor.u32();
  const target = cursor.u32();
  return { id, offset: target % 0x8000_0000, isDirectory: target >= 0x8000_0000 };
}

export const RESOURCE_DATA_SIZE = 16;

export interface ResourceData {
  /** An RVA: unlike all else in the tree, it does not count from the first directory. */
  readonly address: number;
  readonly size: number;
}

/** IMAGE_RESOURCE_DATA_ENTRY. */
export function readResourceData(cursor: Cursor): ResourceData {
  return { address: cursor.u32(), size: cursor.u32() };
}

export const CERTIFICATE_HEADER_SIZE = 8;

export interface CertificateHeader {
  /** Bytes of the entry, this header included; the next begins at a multiple of 8. */
  readonly size: number;
  readonly revision: number;
  readonly type: number;
}

/** WIN_CERTIFICATE. */
export function readCertificateHeader(cursor: Cursor): CertificateHeader {
  return { size: cursor.u32(), revision: cursor.u16(), type: cursor.u16() };
}
