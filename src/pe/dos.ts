// The beginning that PE shares with older programs: the DOS header, and which of the formats behind it this is.

import { Bytes, chunkOf } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { DOS_MAGIC, SIGNATURE } from './constants.ts';
import { DOS_HEADER_SIZE, readDosHeader } from './structures.ts';
import type { DosHeader } from './structures.ts';

/** What a file that begins with MZ can be. */
export type MzVerdict = 'pe' | 'dos-executable' | 'ne-executable' | 'le-executable' | 'lx-executable' | 'w3-executable' | 'w4-executable';

/** e_lfarlc of a program that has a header of another format behind its DOS header: there is no room for relocations before. */
const NEW_HEADER = 0x40;

/** Beyond this, what stands at e_lfanew in a program for DOS is taken for its own data, and not for a header that was cut off. */
const FARTHEST_LIKELY = 0x1_0000;

/** Windows goes no farther (winnt's RtlImageNtHeaderEx). */
const FARTHEST = 0x1000_0000;

/** Bytes of a header, as Windows sees them: what the file does not have is zeros, to the end of the page. */
export function readPadded(input: Input, at: number, length: number, what: string): Bytes {
  return padded(input.readUpTo(at, length, what), length);
}

/** Bytes, and zeros up to a length where they are fewer. */
export function padded(bytes: Bytes, length: number): Bytes {
  if (bytes.size === length) return bytes;
  const all = new Uint8Array(length);
  all.set(bytes.bytes());
  return new Bytes(chunkOf(all), 0, all.length, bytes.offset, bytes.what, bytes.encoding);
}

/** The DOS header; of one that overlaps the next and ends with the file, the rest is zeros. */
export function dosHeader(input: Input): DosHeader {
  return readDosHeader(readPadded(input, 0, DOS_HEADER_SIZE, 'DOS header').cursor());
}

/** Whether 'PE\0\0' stands where e_lfanew points. */
export function hasPeSignature(input: Input, at: number): boolean {
  return at < FARTHEST && input.available(at, 4) === 4 && input.read(at, 4, 'PE signature').u32(0) === SIGNATURE.PE;
}

/**
 * What a file is that begins with MZ, or with ZM, which only DOS takes. 'pe' too where the file ends before the header that
 * e_lfanew points at, and the DOS header looks like one with another behind it: reading it as PE then says that it is cut.
 */
export function mzVerdict(input: Input): MzVerdict {
  const { magic, relocationsOffset, newHeaderOffset: at } = dosHeader(input);
  if (magic !== DOS_MAGIC.MZ) return 'dos-executable';
  if (hasPeSignature(input, at)) return 'pe';
  const relocated = relocationsOffset > 0 && relocationsOffset < NEW_HEADER;
  if (input.size < DOS_HEADER_SIZE) return relocated ? 'dos-executable' : 'pe';
  if (input.available(at, 4) < 4) return !relocated && at % 4 === 0 && at < FARTHEST_LIKELY ? 'pe' : 'dos-executable';
  switch (input.read(at, 2, 'signature').u16(0)) {
    case SIGNATURE.NE:
      return 'ne-executable';
    case SIGNATURE.LE:
      return 'le-executable';
    case SIGNATURE.LX:
      return 'lx-executable';
    case SIGNATURE.W3:
      return 'w3-executable';
    case SIGNATURE.W4:
      return 'w4-executable';
    default:
      return 'dos-executable';
  }
}
