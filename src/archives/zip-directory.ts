// The central directory of a zip archive: the only list of members that counts (APPNOTE 6.3.10; what unzip, Python and Java read).

import { chunkOf, Bytes } from '../bytes/bytes.ts';
import type { ByteSource } from '../bytes/source.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError, hex } from '../errors.ts';
import { cp437 } from './cp437.ts';
import type { Budget, Remarks } from './member.ts';

/** An entry of the directory. Offsets count from the start of the file. */
export interface ZipEntry {
  readonly name: string;
  /** System of the writer: 3 is Unix, 19 macOS. */
  readonly system: number;
  readonly flags: number;
  /** Compression method; of an AES-encrypted member the one under the encryption. */
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  /** External file attributes. */
  readonly attributes: number;
  /** Where the local header is. */
  readonly offset: number;
}

/** What the end of the archive says. */
export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Bytes before the archive: a program, a script. */
  readonly base: number;
}

/** General purpose flags. */
export const ZIP_FLAG = {
  ENCRYPTED: 0x1,
  STRONG_ENCRYPTION: 0x40,
  UTF8: 0x800,
  MASKED: 0x2000,
} as const;

const END_SIZE = 22;
const MOST_COMMENT = 0xffff;
const LOCATOR_SIZE = 20;
const END64_SIZE = 56;
const ENTRY_SIZE = 46;
const LITTLE = { little: true, wide: true };

const SIGNATURE = { ENTRY: 0x0201_4b50, END: 0x0605_4b50, END64: 0x0606_4b50, LOCATOR64: 0x0706_4b50 } as const;

async function bytesAt(source: ByteSource, at: number, length: number, what: string): Promise<Bytes> {
  if (at < 0 || at + length > source.size) throw new BinspectError('truncated', `${what}: ${length} bytes wanted at ${hex(Math.max(at, 0))}, the file ends at ${hex(source.size)}`, { offset: Math.max(at, 0) });
  const bytes = await source.read(at, length);
  if (bytes.length < length) throw new BinspectError('truncated', `${what}: ${length} bytes wanted at ${hex(at)}, only ${bytes.length} came: the file shrank while it was read`, { offset: at + bytes.length });
  return new Bytes(chunkOf(bytes), 0, length, at, what, LITTLE);
}

/** The end record, and where it stands. */
interface EndRecord {
  readonly at: number;
  readonly disk: number;
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  /** Where the directory ends: at this record, or at the zip64 record before it. */
  readonly directoryEnd: number;
}

/**
 * Where in the last bytes of a file the end record stands. The last one whose comment ends exactly where the file does counts, else the last whose
 * comment fits. -1 where there is none.
 */
function findEnd(tail: Bytes, remarks: Remarks): number {
  let fits = -1;
  let exact = -1;
  let others = 0;
  for (let at = tail.size - END_SIZE; at >= 0; at--) {
    if (tail.u8(at) !== 0x50 || tail.u32(at) !== SIGNATURE.END) continue;
    const end = at + END_SIZE + tail.u16(at + 20);
    if (end > tail.size) continue;
    if (exact !== -1 || fits !== -1) others++;
    if (end === tail.size && exact === -1) exact = at;
    if (fits === -1) fits = at;
  }
  const found = exact === -1 ? fits : exact;
  if (found === -1) return -1;
  const offset = tail.offset + found;
  if (others > 0) remarks.warn('ambiguous-end', 'more than one end record fits: programs differ in which members they see', offset);
  if (exact === -1) remarks.warn('trailing-bytes', `${tail.size - found - END_SIZE - tail.u16(found + 20)} bytes lie behind the archive's end`, offset);
  return found;
}

/** Whether the file ends as a zip archive does, whatever it begins with. */
export async function endsAsZip(source: ByteSource): Promise<boolean> {
  const length = Math.min(source.size, END_SIZE + MOST_COMMENT);
  if (length < END_SIZE) return false;
  const tail = await bytesAt(source, source.size - length, length, 'end of the file');
  for (let at = length - END_SIZE; at >= 0; at--) if (tail.u32(at) === SIGNATURE.END && at + END_SIZE + tail.u16(at + 20) === length) return true;
  return false;
}

async function readEnd(source: ByteSource, remarks: Remarks): Promise<EndRecord> {
  const length = Math.min(source.size, END_SIZE + MOST_COMMENT + LOCATOR_SIZE + END64_SIZE);
  const tail = await bytesAt(source, source.size - length, length, 'end of the archive');
  const found = length < END_SIZE ? -1 : findEnd(tail, remarks);
  if (found === -1) throw new BinspectError('truncated', 'this zip archive has no end record: the file is cut, or it is no zip archive', { offset: source.size });
  const at = tail.offset + found;
  const plain: EndRecord = { at, disk: tail.u16(found + 4), count: tail.u16(found + 10), size: tail.u32(found + 12), offset: tail.u32(found + 16), directoryEnd: at };
  return (await readEnd64(source, tail, found, plain)) ?? plain;
}

/** The zip64 record, where it is there and valid. Its locator counts from the archive's start: where something was put before that, the record stands right before the locator. */
async function readEnd64(source: ByteSource, tail: Bytes, end: number, plain: EndRecord): Promise<EndRecord | null> {
  const locator = end - LOCATOR_SIZE;
  if (locator < 0 || tail.u32(locator) !== SIGNATURE.LOCATOR64) return null;
  const said = tail.word(locator + 8);
  for (const at of [said, tail.offset + locator - END64_SIZE]) {
    if (at < 0 || at + END64_SIZE > tail.offset + locator) continue;
    const record = await bytesAt(source, at, END64_SIZE, 'zip64 end record');
    if (record.u32(0) !== SIGNATURE.END64) continue;
    return { at: plain.at, disk: record.u32(16), count: record.word(32), size: record.word(40), offset: record.word(48), directoryEnd: at };
  }
  throw new BinspectError('malformed', 'the zip64 locator points to no zip64 end record', { offset: tail.offset + locator });
}

/** Reads the directory. Throws `malformed`, `truncated`, `unsupported` for an archive in several parts, `limit-exceeded`. */
export async function readZipDirectory(source: ByteSource, budget: Budget, remarks: Remarks): Promise<ZipDirectory> {
  const end = await readEnd(source, remarks);
  if (end.disk !== 0 && end.disk !== 0xffff) throw new BinspectError('unsupported', 'a zip archive in several parts', { offset: end.at, detected: 'zip' });
  const base = end.directoryEnd - end.size - end.offset;
  if (base < 0) throw new BinspectError('malformed', `the central directory of ${end.size} bytes at ${hex(end.offset)} does not end before its end record at ${hex(end.directoryEnd)}`, { offset: end.at });
  const directory = await readDirectory(source, { at: end.directoryEnd - end.size, size: end.size, base }, budget, remarks);
  if (directory.length !== end.count && directory.length % 0x1_0000 !== end.count) remarks.warn('count-differs', `the end record counts ${end.count} members, the directory has ${directory.length}`, end.at);
  return { entries: directory, base };
}

const CHUNK = 1024 * 1024; // of a directory, read at once

async function readDirectory(source: ByteSource, { at: start, size, base }: { at: number; size: number; base: number }, budget: Budget, remarks: Remarks): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  const end = start + size;
  for (let at = start; at < end; ) {
    const chunk = await bytesAt(source, at, Math.min(CHUNK, end - at), 'central directory');
    let used = 0;
    for (;;) {
      const length = entryLength(chunk, used, entries.length);
      if (length === null || used + length > chunk.size) break;
      entries.push(readEntry(chunk.slice(used, length), base, budget));
      if (entries.length > budget.limits.members) throw new BinspectError('limit-exceeded', `there are more than ${budget.limits.members} members (the limit members)`);
      used += length;
    }
    if (used === 0) {
      if (at + chunk.size === end && chunk.size < ENTRY_SIZE) {
        remarks.warn('trailing-bytes', `${chunk.size} bytes of the central directory are no entry`, at);
        break;
      }
      throw new BinspectError('truncated', 'an entry of the central directory goes beyond its end', { offset: at });
    }
    at += used;
  }
  return entries;
}

/** Bytes of the entry at a position; null where less than its fixed part is here. */
function entryLength(chunk: Bytes, at: number, index: number): number | null {
  if (at + ENTRY_SIZE > chunk.size) return null;
  if (chunk.u32(at) !== SIGNATURE.ENTRY) throw new BinspectError('malformed', `entry ${index} of the central directory does not begin as one`, { offset: chunk.offset + at });
  return ENTRY_SIZE + chunk.u16(at + 28) + chunk.u16(at + 30) + chunk.u16(at + 32);
}

/** Extra fields that say something about an entry. */
const EXTRA = { ZIP64: 0x0001, UNICODE_PATH: 0x7075, AES: 0x9901 } as const;

const ALL_32 = 0xffff_ffff;

function readEntry(entry: Bytes, base: number, budget: Budget): ZipEntry {
  const flags = entry.u16(8);
  const nameLength = entry.u16(28);
  const nameBytes = entry.bytes(ENTRY_SIZE, nameLength);
  let name = zipName(nameBytes, flags);
  let method = entry.u16(10);
  let compressed = entry.u32(20);
  let size = entry.u32(24);
  let offset = entry.u32(42);
  const extraEnd = ENTRY_SIZE + nameLength + entry.u16(30);
  for (let at = ENTRY_SIZE + nameLength; at + 4 <= extraEnd; ) {
    const id = entry.u16(at);
    const length = Math.min(entry.u16(at + 2), extraEnd - at - 4);
    const data = entry.slice(at + 4, length);
    if (id === EXTRA.ZIP64) {
      let field = 0;
      const wide = (narrow: number): number => {
        if (narrow !== ALL_32) return narrow;
        if (field + 8 > length) throw new BinspectError('malformed', `${name}: its zip64 field is too short`, { offset: data.offset });
        field += 8;
        return data.word(field - 8);
      };
      size = wide(size);
      compressed = wide(compressed);
      offset = wide(offset);
    } else if (id === EXTRA.UNICODE_PATH && length > 5 && data.u8(0) === 1 && data.u32(1) === budget.codecs.crc32(nameBytes, 0)) {
      name = decodeText(data.bytes(5));
    } else if (id === EXTRA.AES && length >= 7) method = data.u16(5);
    at += 4 + length;
  }
  return { name, system: entry.u8(5), flags, method, crc: entry.u32(16), compressed, size, attributes: entry.u32(38), offset: base + offset };
}

/** A name's text: UTF-8 where the flag says so, and where it is UTF-8 although no flag says so, as many tools write it; else code page 437. */
export function zipName(bytes: Uint8Array, flags: number): string {
  const text = decodeText(bytes);
  return (flags & ZIP_FLAG.UTF8) !== 0 || !/[\udc80-\udcff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')) ? text : cp437(bytes);
}
