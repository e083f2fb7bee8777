// What a file is without its signature: where it is cut, and which fields of the headers speak of it. Nothing else is made equal.

import type { Input } from '../bytes/input.ts';
import { LC, MAGIC } from '../macho/constants.ts';
import { magicAt, openFat } from '../macho/fat.ts';
import { FAT_HEADER_SIZE, sliceSize } from '../macho/structures.ts';
import { dataOf, openMachO } from '../macho/file.ts';
import type { Binary, Format } from '../model/binary.ts';
import { DIRECTORY } from '../pe/constants.ts';
import { directory, openPe } from '../pe/file.ts';
import { COFF_HEADER_SIZE, DIRECTORY_SIZE, optionalHeaderSize } from '../pe/structures.ts';

/** Bytes that stand at a place once the signature is gone. */
export interface Edit {
  /** Position in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** How a signature is removed from one image. */
export interface Unsigning {
  readonly signed: boolean;
  /** From here to the end of the image lies the signature; null where there is none. */
  readonly cut: number | null;
  /** Where the image ends in the file. */
  readonly end: number;
  readonly edits: readonly Edit[];
  /** Why the signature can't be removed; null where it can, or where there is none. */
  readonly problem: string | null;
}

/** How each format's images lose their signature; in a reader, with an input of the image's own. */
export const UNSIGNED: Readonly<Record<Format, (image: Input, binary: Binary) => Unsigning>> = {
  elf: without,
  wasm: without,
  'mach-o': (image, binary) => (binary.format === 'mach-o' && binary.machO === null ? without(image) : unsignedMachO(image)),
  pe: unsignedPe,
};

function without({ start, size }: Input): Unsigning {
  return { signed: false, cut: null, end: start + size, edits: [], problem: null };
}

function number(value: number | bigint, size: number, little: boolean): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt(value);
  for (let i = 0; i < size; i++, rest >>= 8n) bytes[little ? i : size - 1 - i] = Number(rest & 0xffn);
  return bytes;
}

const NCMDS_AT = 16;
const SIZEOFCMDS_AT = 20;
const COMMAND_SIZE = 16; // of LC_CODE_SIGNATURE
const SEGMENT_NAME_AT = 8;

/** As Go's gorebuild and codesign do it: only where LC_CODE_SIGNATURE is the last command and the signature the last of the file. */
function unsignedMachO(image: Input): Unsigning {
  const file = openMachO(image);
  const { input, header, commands } = file;
  const { little, wide } = input.encoding;
  const { start, size } = input;
  const range = dataOf(file, LC.CODE_SIGNATURE);
  const linkedit = commands.find(({ type, offset, size: length }) => (type === LC.SEGMENT || type === LC.SEGMENT_64) && length >= 56 && input.read(offset + SEGMENT_NAME_AT, 16, 'segment').text() === '__LINKEDIT');
  const word = wide ? 8 : 4;
  const at = linkedit === undefined ? null : { memorySize: linkedit.offset + (wide ? 32 : 28), fileSize: linkedit.offset + (wide ? 48 : 36) };
  const fileSize = at === null ? 0 : input.read(at.fileSize, word, 'segment').word(0);
  if (range === null) {
    // Whoever signs rounds the segment's size in memory up to a page.
    const edits = at === null ? [] : [{ offset: start + at.memorySize, bytes: number(fileSize, word, little) }];
    return { signed: false, cut: null, end: start + size, edits, problem: null };
  }
  const last = commands.at(-1);
  const refused = (problem: string): Unsigning => ({ signed: true, cut: null, end: start + size, edits: [], problem });
  if (last?.type !== LC.CODE_SIGNATURE || last.size !== COMMAND_SIZE || !file.complete) return refused('LC_CODE_SIGNATURE is not the last load command, so the signature is not removed');
  if (range.offset + range.size !== size) return refused('the code signature does not end where the file does, so it is not removed');
  if (at === null || fileSize < range.size) return refused('no __LINKEDIT segment holds the code signature, so it is not removed');
  const kept = number(fileSize - range.size, word, little);
  const edits = [
    { offset: start + NCMDS_AT, bytes: number(header.commandCount - 1, 4, little) },
    { offset: start + SIZEOFCMDS_AT, bytes: number(header.commandsSize - COMMAND_SIZE, 4, little) },
    { offset: start + at.memorySize, bytes: kept },
    { offset: start + at.fileSize, bytes: kept },
    { offset: start + last.offset, bytes: new Uint8Array(COMMAND_SIZE) },
  ].sort((x, y) => x.offset - y.offset);
  return { signed: true, cut: start + range.offset, end: start + size, edits, problem: null };
}

const CHECKSUM_AT = 0x40;

/** The checksum and the directory of certificates become zeros, the table is cut off, which must be the last of the file. */
function unsignedPe(image: Input): Unsigning {
  const file = openPe(image);
  const { input, headerOffset, directories } = file;
  const { start, size } = input;
  const found = directory(file, DIRECTORY.SECURITY);
  const optional = headerOffset + COFF_HEADER_SIZE;
  const edits: Edit[] = [{ offset: start + optional + CHECKSUM_AT, bytes: new Uint8Array(4) }];
  if (directories.length > DIRECTORY.SECURITY) {
    edits.push({ offset: start + optional + optionalHeaderSize(input.encoding.wide) + DIRECTORY.SECURITY * DIRECTORY_SIZE, bytes: new Uint8Array(DIRECTORY_SIZE) });
  }
  if (found === null || found.size === 0) return { signed: false, cut: null, end: start + size, edits, problem: null };
  const ends = found.address + found.size;
  if (ends !== size && Math.ceil(ends / 8) * 8 !== size) return { signed: true, cut: null, end: start + size, edits: [], problem: 'the certificate table does not end where the file does, so it is not removed' };
  return { signed: true, cut: start + found.address, end: start + size, edits, problem: null };
}

/** Positions and sizes of slices in a universal file's table: they follow from the slices, which are held against one another themselves. */
export function containerEdits(input: Input): Edit[] {
  const verdict = openFat(input);
  if (verdict.kind !== 'universal') return [];
  const wide = magicAt(input, 0) === MAGIC.FAT_MAGIC_64;
  const width = wide ? 16 : 8; // offset and size
  return verdict.slices.map((_, index) => ({ offset: FAT_HEADER_SIZE + index * sliceSize(wide) + PLACE_AT, bytes: new Uint8Array(width) }));
}

const PLACE_AT = 8; // in an entry, behind the machine
