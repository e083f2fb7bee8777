// The debug directory: where an image says which PDB belongs to it, and what found no room in the headers.

import type { Bytes } from '../bytes/bytes.ts';
import { nameOf, wordIn } from '../model/names.ts';
import { CODEVIEW, DEBUG_TYPE, DIRECTORY } from './constants.ts';
import { directory } from './file.ts';
import type { PeFile } from './file.ts';
import { DEBUG_ENTRY_SIZE, readDebugEntry } from './structures.ts';
import type { DebugEntry } from './structures.ts';

const MOST_ENTRIES = 32; // an image has up to seven

export interface DebugDirectory {
  readonly entries: readonly DebugEntry[];
  /** Whether it was read to its end. */
  readonly complete: boolean;
  /** The first CodeView entry; null where there is none, and, with a warning, where it can't be read. */
  readonly codeView: CodeView | null;
}

/** The debug directory. Its size is one of the few that are gone by. */
export function readDebugDirectory(file: PeFile): DebugDirectory {
  const { input, memory } = file;
  const found = directory(file, DIRECTORY.DEBUG);
  if (found === null) return { entries: [], complete: file.complete, codeView: null };
  const entries: DebugEntry[] = [];
  const count = Math.min(Math.floor(found.size / DEBUG_ENTRY_SIZE), MOST_ENTRIES);
  while (entries.length < count) {
    const address = found.address + entries.length * DEBUG_ENTRY_SIZE;
    const bytes = memory.read(BigInt(address), DEBUG_ENTRY_SIZE, 'debug directory');
    if (bytes === null) {
      input.warn('debug-unmapped', `debug directory entry ${entries.length} at RVA 0x${address.toString(16)} is not in the file`);
      break;
    }
    entries.push(readDebugEntry(bytes.cursor()));
  }
  const codeView = entryOf(entries, DEBUG_TYPE.CODEVIEW);
  return { entries, complete: entries.length === count, codeView: codeView === undefined ? null : readCodeView(file, codeView) };
}

/** The first entry of a type. */
export function entryOf(entries: readonly DebugEntry[], wanted: number): DebugEntry | undefined {
  return entries.find(({ type }) => type === wanted);
}

/** What an entry points at, in memory or else in the file, but at most so many bytes; null, with a warning, where it is in neither. */
export function readDebugData({ input, memory }: PeFile, { address, offset, size }: DebugEntry, most: number, what: string): Bytes | null {
  const length = Math.min(size, most);
  const inMemory = address === 0 ? null : memory.read(BigInt(address), length, what);
  if (inMemory !== null) return inMemory;
  if (input.available(offset, length) === length) return input.read(offset, length, what);
  input.warn('debug-unmapped', `the ${what} of ${size} bytes is neither at RVA 0x${address.toString(16)} nor at 0x${offset.toString(16)}`, offset);
  return null;
}

export interface CodeView {
  /** 'RSDS', 'NB10', … */
  readonly form: string;
  /** The PDB's identity, as symbol servers write it in their paths; null where there is none. */
  readonly identity: string | null;
  /** Its two halves: the GUID, which there is in RSDS only, in groups divided by hyphens; how often the PDB was written since. */
  readonly guid: string | null;
  readonly age: number | null;
  /** Where the PDB was written; null where there is none, because the debug information itself is here. */
  readonly path: string | null;
}

/** Where the path begins in an entry of each form: the identity stands before. */
const PATH_OFFSET: Readonly<Record<string, number>> = { RSDS: 24, NB10: 16 };

/**
 * A CodeView entry; null, with a warning, where it can't be read. The identity is the GUID's 32 hexadecimal digits, or, before Visual
 * C++ 7, the time stamp's 8, and then the age without leading zeros. Zeros all over are none.
 */
function readCodeView(file: PeFile, entry: DebugEntry): CodeView | null {
  const { input } = file;
  const bytes = readDebugData(file, entry, 24 + input.limits.stringBytes, 'CodeView entry');
  if (bytes === null) return null;
  const form = bytes.size < 4 ? null : nameOf(CODEVIEW, bytes.u32(0));
  const pathAt = form === null ? undefined : wordIn(PATH_OFFSET, form);
  if (form === null || (pathAt !== undefined && bytes.size < pathAt)) {
    input.warn('codeview', `a CodeView entry of ${entry.size} bytes that is none`, entry.offset);
    return null;
  }
  if (pathAt === undefined) return { form, identity: null, guid: null, age: null, path: null };
  const path = bytes.text(pathAt);
  const digits = form === 'RSDS' ? guidDigits(bytes, 4) : hex(bytes.u32(8), 8);
  const age = bytes.u32(pathAt - 4);
  const guid = form === 'RSDS' ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : null;
  if (/^0+$/.test(digits) && age === 0) return { form, identity: null, guid: null, age: null, path };
  return { form, identity: digits + hex(age), guid, age, path };
}

function hex(value: number, digits = 1): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** A GUID's digits: a 32-bit and two 16-bit numbers, then 8 bytes in their order. */
function guidDigits(bytes: Bytes, at: number): string {
  let text = hex(bytes.u32(at), 8) + hex(bytes.u16(at + 4), 4) + hex(bytes.u16(at + 6), 4);
  for (const byte of bytes.bytes(at + 8, 8)) text += hex(byte, 2);
  return text;
}
