// The debug directory: where an image says which PDB belongs to it.

import type { Bytes } from '../bytes/bytes.ts';
import { nameOf } from '../model/names.ts';
import { CODEVIEW, DIRECTORY } from './constants.ts';
import { directory } from './file.ts';
import type { PeFile } from './file.ts';
import { DEBUG_ENTRY_SIZE, readDebugEntry } from './structures.ts';
import type { DebugEntry } from './structures.ts';

const MOST_ENTRIES = 32; // an image has up to seven

/** The debug directory, and whether it was read to its end. Its size is one of the few that are gone by. */
export function readDebugDirectory(file: PeFile): { entries: readonly DebugEntry[]; complete: boolean } {
  const { input, memory } = file;
  const found = directory(file, DIRECTORY.DEBUG);
  if (found === null) return { entries: [], complete: file.complete };
  const entries: DebugEntry[] = [];
  const count = Math.min(Math.floor(found.size / DEBUG_ENTRY_SIZE), MOST_ENTRIES);
  for (let i = 0; i < count; i++) {
    const address = found.address + i * DEBUG_ENTRY_SIZE;
    const bytes = memory.read(BigInt(address), DEBUG_ENTRY_SIZE, 'debug directory');
    if (bytes === null) {
      input.warn('debug-unmapped', `debug directory entry ${i} at RVA 0x${address.toString(16)} is not in the file`);
      return { entries, complete: false };
    }
    entries.push(readDebugEntry(bytes.cursor()));
  }
  return { entries, complete: true };
}

export interface CodeView {
  /** 'RSDS', 'NB10', … */
  readonly form: string;
  /** The PDB's identity, as symbol servers write it in their paths; null where there is none. */
  readonly identity: string | null;
  /** Where the PDB was written; null where there is none, because the debug information itself is here. */
  readonly path: string | null;
}

/** Where the path begins in an entry of each form: the identity stands before. */
const PATH_OFFSET: Readonly<Record<string, number>> = { RSDS: 24, NB10: 16 };

/**
 * A CodeView entry; null, with a warning, where it can't be read. The identity is the GUID's 32 hexadecimal digits, or, before Visual
 * C++ 7, the time stamp's 8, and then the age without leading zeros. Zeros all over are none.
 */
export function readCodeView({ input, memory }: PeFile, { address, offset, size }: DebugEntry): CodeView | null {
  const length = Math.min(size, 24 + input.limits.stringBytes);
  const inMemory = address === 0 ? null : memory.read(BigInt(address), length, 'CodeView entry');
  if (inMemory === null && input.available(offset, length) < length) {
    const places = `neither at RVA 0x${address.toString(16)} nor at 0x${offset.toString(16)}`;
    input.warn('debug-unmapped', `the CodeView entry of ${size} bytes is ${places}`, offset);
    return null;
  }
  const bytes = inMemory ?? input.read(offset, length, 'CodeView entry');
  const form = bytes.size < 4 ? null : nameOf(CODEVIEW, bytes.u32(0));
  const pathAt = form === null ? undefined : PATH_OFFSET[form];
  if (form === null || (pathAt !== undefined && bytes.size < pathAt)) {
    input.warn('codeview', `a CodeView entry of ${size} bytes that is none`, offset);
    return null;
  }
  if (pathAt === undefined) return { form, identity: null, path: null };
  const identity = form === 'RSDS' ? guid(bytes, 4) + hex(bytes.u32(20)) : hex(bytes.u32(8), 8) + hex(bytes.u32(12));
  return { form, identity: /^0+$/.test(identity) ? null : identity, path: bytes.text(pathAt) };
}

function hex(value: number, digits = 1): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** A GUID's digits: a 32-bit and two 16-bit numbers, then 8 bytes in their order. */
function guid(bytes: Bytes, at: number): string {
  let text = hex(bytes.u32(at), 8) + hex(bytes.u16(at + 4), 4) + hex(bytes.u16(at + 6), 4);
  for (const byte of bytes.bytes(at + 8, 8)) text += hex(byte, 2);
  return text;
}
