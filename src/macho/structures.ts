// Mach-O's structures, each with its reader; 32 and 64 bits become one record here. Fields stand in the order of Apple's headers.

import type { Cursor } from '../bytes/bytes.ts';

export interface Header {
  readonly cpuType: number;
  readonly cpuSubtype: number;
  readonly fileType: number;
  readonly commandCount: number;
  /** Bytes of all load commands. */
  readonly commandsSize: number;
  readonly flags: number;
}

/** Bytes of a Mach-O header; the load commands follow. */
export function headerSize(wide: boolean): number {
  return wide ? 32 : 28;
}

/** mach_header, mach_header_64. */
export function readHeader(cursor: Cursor): Header {
  cursor.skip(4); // magic
  return {
    cpuType: cursor.u32(),
    cpuSubtype: cursor.u32(),
    fileType: cursor.u32(),
    commandCount: cursor.u32(),
    commandsSize: cursor.u32(),
    flags: cursor.u32(),
  };
}

export const COMMAND_HEADER_SIZE = 8;

export interface CommandHeader {
  readonly type: number;
  /** Bytes of the command, these eight included. */
  readonly size: number;
}

/** load_command: how every command begins. */
export function readCommandHeader(cursor: Cursor): CommandHeader {
  return { type: cursor.u32(), size: cursor.u32() };
}

/** A name in a field of 16 bytes, which may fill it to the last. */
function readName(cursor: Cursor): string {
  const { bytes, at } = cursor;
  cursor.skip(16);
  let name = '';
  for (let i = 0; i < 16; i++) {
    const byte = bytes.u8(at + i);
    if (byte === 0) break;
    if (byte >= 0x80) return bytes.slice(at, 16).text();
    name += String.fromCharCode(byte);
  }
  return name;
}

export interface SegmentHeader {
  readonly name: string;
  readonly address: bigint;
  readonly memorySize: bigint;
  readonly offset: number;
  readonly fileSize: number;
  readonly maximumProtection: number;
  readonly protection: number;
  readonly sectionCount: number;
}

/** Bytes of a segment command without its sections. */
export function segmentSize(wide: boolean): number {
  return wide ? 72 : 56;
}

/** segment_command, segment_command_64. */
export function readSegment(cursor: Cursor): SegmentHeader {
  cursor.skip(COMMAND_HEADER_SIZE);
  return {
    name: readName(cursor),
    address: cursor.address(),
    memorySize: cursor.address(),
    offset: cursor.word(),
    fileSize: cursor.word(),
    maximumProtection: cursor.u32(),
    protection: cursor.u32(),
    sectionCount: cursor.u32(),
  };
}

export interface Section {
  readonly name: string;
  /** The segment that the section is meant for; an object file keeps all of its sections in one segment without a name. */
  readonly segment: string;
  readonly address: bigint;
  readonly size: number;
  readonly offset: number;
  readonly relocationsOffset: number;
  readonly relocations: number;
  /** SECTION_TYPE and SECTION_ATTRIBUTES. */
  readonly flags: number;
}

/** Bytes of a section header. */
export function sectionSize(wide: boolean): number {
  return wide ? 80 : 68;
}

/** section, section_64. */
export function readSection(cursor: Cursor): Section {
  const name = readName(cursor);
  const segment = readName(cursor);
  const address = cursor.address();
  const size = cursor.word();
  const offset = cursor.u32();
  cursor.skip(4); // align
  return { name, segment, address, size, offset, relocationsOffset: cursor.u32(), relocations: cursor.u32(), flags: cursor.u32() };
}

/** A version as X.Y.Z in 16, 8 and 8 bits. */
export type PackedVersion = number;

export interface DylibCommand {
  /** Position of the name in the command. */
  readonly name: number;
  readonly timestamp: number;
  readonly currentVersion: PackedVersion;
  readonly compatibilityVersion: PackedVersion;
}

export const DYLIB_COMMAND_SIZE = 24;

/** dylib_command. */
export function readDylibCommand(cursor: Cursor): DylibCommand {
  cursor.skip(COMMAND_HEADER_SIZE);
  return { name: cursor.u32(), timestamp: cursor.u32(), currentVersion: cursor.u32(), compatibilityVersion: cursor.u32() };
}

/** A dylib_use_command has flags where a dylib_command has its name. */
export const DYLIB_USE_COMMAND_SIZE = 28;

export const STRING_COMMAND_SIZE = 12;

/** dylinker_command, rpath_command, and the beginning of fvmlib_command: position of their one string. */
export function readStringCommand(cursor: Cursor): number {
  cursor.skip(COMMAND_HEADER_SIZE);
  return cursor.u32();
}

export interface VersionMinimum {
  readonly minimum: PackedVersion;
  readonly sdk: PackedVersion;
}

export const VERSION_MINIMUM_SIZE = 16;

/** version_min_command. */
export function readVersionMinimum(cursor: Cursor): VersionMinimum {
  cursor.skip(COMMAND_HEADER_SIZE);
  return { minimum: cursor.u32(), sdk: cursor.u32() };
}

export interface BuildVersion {
  readonly platform: number;
  readonly minimum: PackedVersion;
  readonly sdk: PackedVersion;
}

export const BUILD_VERSION_SIZE = 24;

/** build_version_command. The tools that follow it are of no use here. */
export function readBuildVersion(cursor: Cursor): BuildVersion {
  cursor.skip(COMMAND_HEADER_SIZE);
  return { platform: cursor.u32(), minimum: cursor.u32(), sdk: cursor.u32() };
}

export const UUID_COMMAND_SIZE = 24;

/** uuid_command. */
export function readUuid(cursor: Cursor): Uint8Array {
  cursor.skip(COMMAND_HEADER_SIZE);
  return cursor.bytes.bytes(cursor.at, 16);
}

export const ENTRY_POINT_SIZE = 24;

/** entry_point_command: where main lies, as an offset from the header. The same in 32-bit files. */
export function readEntryPoint(cursor: Cursor): bigint {
  cursor.skip(COMMAND_HEADER_SIZE);
  return cursor.u64();
}

export const THREAD_STATE_SIZE = 8;

export interface ThreadState {
  readonly flavor: number;
  /** Bytes of the registers that follow. */
  readonly size: number;
}

/** How each state within a thread_command begins. */
export function readThreadState(cursor: Cursor): ThreadState {
  return { flavor: cursor.u32(), size: cursor.u32() * 4 };
}

export const FAT_HEADER_SIZE = 8;

export interface FatHeader {
  readonly magic: number;
  readonly count: number;
}

/** fat_header: big-endian, whatever the slices are. */
export function readFatHeader(cursor: Cursor): FatHeader {
  return { magic: cursor.u32(), count: cursor.u32() };
}

/** What a universal file's table says of one of its parts. */
export interface Slice {
  readonly cpuType: number;
  readonly cpuSubtype: number;
  readonly offset: number;
  readonly size: number;
  /** As a power of two. */
  readonly alignment: number;
}

/** Bytes of a slice table's entry. */
export function sliceSize(wide: boolean): number {
  return wide ? 32 : 20;
}

/** fat_arch, fat_arch_64. */
export function readSlice(cursor: Cursor): Slice {
  return { cpuType: cursor.u32(), cpuSubtype: cursor.u32(), offset: cursor.word(), size: cursor.word(), alignment: cursor.u32() };
}

/** Bytes of encryption_info_command, as far as both widths have it. */
export const ENCRYPTION_INFO_SIZE = 20;

/** A stretch that is encrypted (mach-o/loader.h, encryption_info_command). */
export interface Encryption {
  readonly offset: number;
  readonly size: number;
  /** cryptid: 0 is none. */
  readonly scheme: number;
}

export function readEncryptionInfo(cursor: Cursor): Encryption {
  cursor.skip(8); // cmd, cmdsize
  const offset = cursor.u32();
  const size = cursor.u32();
  return { offset, size, scheme: cursor.u32() };
}
