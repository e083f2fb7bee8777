// /etc/ld.so.cache: the libraries that glibc's loader finds without a search (glibc, sysdeps/generic/dl-cache.h).

import { decodeText } from '../bytes/text.ts';

/** An entry: a library's name and where it is. */
export interface CachedLibrary {
  readonly name: string;
  readonly path: string;
  /** Kind and required ABI: 0x303 is libc6 for x86-64. */
  readonly flags: number;
}

const OLD_MAGIC = 'ld.so-1.7.0';
const NEW_MAGIC = 'glibc-ld.so.cache1.1';
const OLD_HEADER = 16;
const OLD_ENTRY = 12;
const NEW_HEADER = 48;
const NEW_ENTRY = 24;
const BIG_ENDIAN = 3; // of the two low bits of the flags; 2 is little-endian, 0 was written before there were flags

function begins(bytes: Uint8Array, at: number, text: string): boolean {
  if (at + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** The text from a position to its NUL; null where there is none in the file. */
function textAt(bytes: Uint8Array, at: number): string | null {
  if (at < 0 || at >= bytes.length) return null;
  const end = bytes.subarray(at, at + 4096).indexOf(0);
  return end === -1 ? null : decodeText(bytes, at, at + end);
}

/**
 * The entries of a cache, in the loader's order of preference. Null for what is no such cache. The form before glibc 2.2 is read too; where both
 * are there, the new one stands behind the old one, and its positions count from its own start. A cut file gives what is left of it.
 */
export function readLdCache(bytes: Uint8Array): readonly CachedLibrary[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (begins(bytes, 0, NEW_MAGIC)) return readNew(bytes, view, 0);
  if (!begins(bytes, 0, OLD_MAGIC) || bytes.length < OLD_HEADER) return null;
  for (const little of [true, false]) {
    const count = view.getUint32(12, little);
    const end = OLD_HEADER + count * OLD_ENTRY;
    if (end > bytes.length) continue;
    const next = Math.ceil(end / 8) * 8;
    if (begins(bytes, next, NEW_MAGIC)) return readNew(bytes, view, next);
    return readEntries(bytes, view, { at: OLD_HEADER, size: OLD_ENTRY, count, little, base: end });
  }
  return [];
}

function readNew(bytes: Uint8Array, view: DataView, start: number): readonly CachedLibrary[] {
  if (start + NEW_HEADER > bytes.length) return [];
  const order = view.getUint8(start + 28) & 3;
  const fits = (little: boolean): boolean => NEW_HEADER + view.getUint32(start + 20, little) * NEW_ENTRY <= bytes.length - start;
  const little = order === 0 ? fits(true) : order !== BIG_ENDIAN;
  const count = Math.min(view.getUint32(start + 20, little), Math.floor((bytes.length - start - NEW_HEADER) / NEW_ENTRY));
  return readEntries(bytes, view, { at: start + NEW_HEADER, size: NEW_ENTRY, count, little, base: start });
}

interface Entries {
  readonly at: number;
  readonly size: number;
  readonly count: number;
  readonly little: boolean;
  /** Where positions of texts count from. */
  readonly base: number;
}

/** Entries begin alike in both forms: flags, name, path. Names of which every one lies over the others cost no more than the file has bytes, times their limit. */
function readEntries(bytes: Uint8Array, view: DataView, { at, size, count, little, base }: Entries): CachedLibrary[] {
  const entries: CachedLibrary[] = [];
  let length = 0;
  for (let i = 0; i < count && length <= 4 * bytes.length; i++) {
    const from = at + i * size;
    const name = textAt(bytes, base + view.getUint32(from + 4, little));
    const path = textAt(bytes, base + view.getUint32(from + 8, little));
    if (name === null || path === null || name === '') continue;
    length += name.length + path.length;
    entries.push({ name, path, flags: view.getUint32(from, little) });
  }
  return entries;
}
