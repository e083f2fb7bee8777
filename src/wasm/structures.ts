// WebAssembly's structures, each with its reader: all of them are made of LEB128 numbers, names and single bytes. A reader that meets the end
// of its range, or what the format does not have, throws `malformed`.

import type { Cursor } from '../bytes/bytes.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError, hex } from '../errors.ts';
import { CORE_SORT, EXTERNAL, LIMITS_FLAG, SORT, VALUE_TYPE } from './constants.ts';

function malformed({ bytes }: Cursor, at: number, problem: string): BinspectError {
  return new BinspectError('malformed', `${bytes.what}: ${problem} at ${hex(bytes.offset + at)}`, { offset: bytes.offset + at });
}

/** Bytes that are left. */
export function left({ at, bytes }: Cursor): number {
  return bytes.size - at;
}

/** One byte. */
export function readByte(cursor: Cursor): number {
  if (cursor.at >= cursor.bytes.size) throw malformed(cursor, cursor.at, 'a byte is missing');
  return cursor.u8();
}

/** An unsigned LEB128 number of `bits` bits. Padding is legal, but only up to the bytes that such a number can take. */
function readUnsigned(cursor: Cursor, bits: number): number {
  const start = cursor.at;
  const most = Math.ceil(bits / 7);
  let value = 0;
  let scale = 1;
  for (let i = 0; i < most; i++) {
    if (cursor.at >= cursor.bytes.size) throw malformed(cursor, start, 'a number is cut');
    const byte = cursor.u8();
    if (i === most - 1 && byte >> (bits - 7 * i) !== 0) break; // it goes on, or has more bits than it may
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) return Math.min(value, Number.MAX_SAFE_INTEGER);
  }
  throw malformed(cursor, start, `no LEB128 number of ${bits} bits`);
}

/** u32. */
export function readU32(cursor: Cursor): number {
  return readUnsigned(cursor, 32);
}

/** u64. What is more than 2^53 - 1 reads as that. */
export function readU64(cursor: Cursor): number {
  return readUnsigned(cursor, 64);
}

/** Passes over a signed LEB128 number of 33 bits: the index of a type, or the code of one that needs no index. */
function skipS33(cursor: Cursor): void {
  const start = cursor.at;
  for (let i = 0; i < 5; i++) if (readByte(cursor) < 0x80) return;
  throw malformed(cursor, start, 'no LEB128 number of 33 bits');
}

/** A length, and as many bytes of UTF-8. What is no UTF-8 stands as U+DC80–U+DCFF. */
export function readName(cursor: Cursor): string {
  const start = cursor.at;
  const length = readU32(cursor);
  if (length > left(cursor)) throw malformed(cursor, start, `a name of ${length} bytes, where ${left(cursor)} are left,`);
  const text = decodeText(cursor.bytes.bytes(cursor.at, length));
  cursor.skip(length);
  return text;
}

const LONE_SURROGATE = /\p{Cs}/u;

/** Whether a name's bytes are UTF-8, as the specification wants. */
export function isUtf8(name: string): boolean {
  return !LONE_SURROGATE.test(name);
}

export interface SectionHeader {
  readonly id: number;
  /** Bytes behind the header. */
  readonly size: number;
}

/** Bytes of the longest section header. */
export const SECTION_HEADER_SIZE = 6;

/** How every section begins. */
export function readSectionHeader(cursor: Cursor): SectionHeader {
  return { id: readByte(cursor), size: readU32(cursor) };
}

export interface Limits {
  readonly minimum: number;
  readonly maximum: number | null;
  readonly shared: boolean;
  readonly wide: boolean;
  /** The logarithm of the page's size to base 2; null where the module says nothing of it. */
  readonly pageLog: number | null;
}

/** limits, memtype: the bounds of a memory or a table. */
export function readLimits(cursor: Cursor): Limits {
  const start = cursor.at;
  const flags = readByte(cursor);
  if (flags > 0x0f) throw malformed(cursor, start, `limits of the unknown kind ${hex(flags)}`);
  const wide = (flags & LIMITS_FLAG.WIDE) !== 0;
  const bound = wide ? readU64 : readU32;
  const minimum = bound(cursor);
  const maximum = (flags & LIMITS_FLAG.MAXIMUM) === 0 ? null : bound(cursor);
  const pageLog = (flags & LIMITS_FLAG.PAGE_SIZE) === 0 ? null : readU32(cursor);
  return { minimum, maximum, shared: (flags & LIMITS_FLAG.SHARED) !== 0, wide, pageLog };
}

/** Passes over a value's or a table's type; true where it is a typed reference, which the first version of references does not have. */
function skipValueType(cursor: Cursor): boolean {
  const start = cursor.at;
  const type = readByte(cursor);
  if (type === VALUE_TYPE.REF || type === VALUE_TYPE.REF_NULL) {
    skipS33(cursor);
    return true;
  }
  if (type < VALUE_TYPE.FIRST || type > VALUE_TYPE.LAST || type === VALUE_TYPE.I8 || type === VALUE_TYPE.I16) throw malformed(cursor, start, `the unknown type ${hex(type)}`);
  return false;
}

/** An import of a module. */
export interface Import {
  readonly module: string;
  readonly name: string;
  /** EXTERNAL. */
  readonly kind: number;
  /** A memory's bounds; null for all else. */
  readonly memory: Limits | null;
  /** Whether its type is a typed reference. */
  readonly typedReference: boolean;
}

/** An entry of the import section. */
export function readImport(cursor: Cursor): Import {
  const module = readName(cursor);
  const name = readName(cursor);
  const start = cursor.at;
  const kind = readByte(cursor);
  let memory: Limits | null = null;
  let typedReference = false;
  switch (kind) {
    case EXTERNAL.FUNCTION:
      readU32(cursor); // the index of its type
      break;
    case EXTERNAL.TABLE:
      typedReference = skipValueType(cursor);
      readLimits(cursor);
      break;
    case EXTERNAL.MEMORY:
      memory = readLimits(cursor);
      break;
    case EXTERNAL.GLOBAL:
      typedReference = skipValueType(cursor);
      readByte(cursor); // whether it can be changed
      break;
    case EXTERNAL.TAG:
      readByte(cursor); // attribute
      readU32(cursor);
      break;
    default:
      throw malformed(cursor, start, `an import of the unknown kind ${hex(kind)}`);
  }
  return { module, name, kind, memory, typedReference };
}

/** An import or an export of a component, an export of a module. */
export interface Named {
  readonly name: string;
  /** EXTERNAL of a module; SORT of a component, and with `core` CORE_SORT. */
  readonly kind: number;
  readonly core: boolean;
}

/** An entry of the export section of a module. */
export function readExport(cursor: Cursor): Named {
  const name = readName(cursor);
  const start = cursor.at;
  const kind = readByte(cursor);
  if (kind > EXTERNAL.TAG) throw malformed(cursor, start, `an export of the unknown kind ${hex(kind)}`);
  readU32(cursor); // its index
  return { name, kind, core: false };
}

/** importname, exportname: which form the name has, the name, and in the third form what its version goes on with. */
function readExternName(cursor: Cursor): string {
  const start = cursor.at;
  const form = readByte(cursor);
  if (form > 2) throw malformed(cursor, start, `a name of the unknown form ${hex(form)}`);
  const name = readName(cursor);
  if (form === 2) readName(cursor);
  return name;
}

/** externdesc: what something is, and its type, which is skipped. */
function readExternType(cursor: Cursor): Omit<Named, 'name'> {
  const start = cursor.at;
  const kind = readByte(cursor);
  switch (kind) {
    case SORT.CORE: {
      const core = readByte(cursor);
      if (core !== CORE_SORT.MODULE) throw malformed(cursor, start, `a type of the unknown core sort ${hex(core)}`);
      readU32(cursor);
      return { kind: core, core: true };
    }
    case SORT.VALUE:
      if (readByte(cursor) === 0) readU32(cursor);
      else skipS33(cursor);
      break;
    case SORT.TYPE:
      if (readByte(cursor) === 0) readU32(cursor); // equal to a type; else a resource of its own
      break;
    case SORT.FUNCTION:
    case SORT.COMPONENT:
    case SORT.INSTANCE:
      readU32(cursor);
      break;
    default:
      throw malformed(cursor, start, `a type of the unknown sort ${hex(kind)}`);
  }
  return { kind, core: false };
}

/** An entry of an import section of a component. */
export function readComponentImport(cursor: Cursor): Named {
  const name = readExternName(cursor);
  const { kind, core } = readExternType(cursor);
  return { name, kind, core };
}

/** An entry of an export section of a component. */
export function readComponentExport(cursor: Cursor): Named {
  const name = readExternName(cursor);
  const start = cursor.at;
  const sort = readByte(cursor);
  if (sort > SORT.INSTANCE) throw malformed(cursor, start, `an export of the unknown sort ${hex(sort)}`);
  const core = sort === SORT.CORE;
  const kind = core ? readByte(cursor) : sort;
  readU32(cursor); // its index
  const typed = readByte(cursor);
  if (typed > 1) throw malformed(cursor, cursor.at - 1, `neither a type nor none: ${hex(typed)}`);
  if (typed === 1) readExternType(cursor);
  return { name, kind, core };
}

/** How a subsection of name, dylink.0 and linking begins: its kind, and the bytes behind it. */
export function readSubsectionHeader(cursor: Cursor): SectionHeader {
  return { id: readByte(cursor), size: readU32(cursor) };
}
