// One block of a tar archive: v7, POSIX ustar and GNU have the same first 257 bytes, and agree on nothing behind them.

import { decodeText } from '../bytes/text.ts';

/** Bytes of a block; headers are one, and contents are padded to them. */
export const BLOCK = 512;

/** Types of members: typeflag. Every other letter is a file with contents. */
export const TYPE = {
  OLD_FILE: '\0',
  FILE: '0',
  HARD_LINK: '1',
  SYMLINK: '2',
  CHARACTER_DEVICE: '3',
  BLOCK_DEVICE: '4',
  FOLDER: '5',
  FIFO: '6',
  CONTIGUOUS: '7',
  EXTENDED: 'x',
  SUN_EXTENDED: 'X',
  GLOBAL: 'g',
  GNU_LONG_NAME: 'L',
  GNU_LONG_LINK: 'K',
  GNU_SPARSE: 'S',
  GNU_FOLDER_LIST: 'D',
  GNU_CONTINUATION: 'M',
  GNU_OLD_NAMES: 'N',
  GNU_LABEL: 'V',
  ACL: 'A',
} as const;

/** A header, as it stands. */
export interface TarHeader {
  readonly name: string;
  /** Permission bits; null where the field is empty. */
  readonly mode: number | null;
  /** Bytes that follow; null where the field holds no size. */
  readonly size: number | null;
  readonly type: string;
  readonly link: string;
  /** Whether the magic is GNU's: what stands behind the device numbers is then no prefix. */
  readonly gnu: boolean;
}

const CHECKSUM_AT = 148;
const CHECKSUM_SIZE = 8;

/** A number field: octal digits between spaces and NULs, or big-endian base 256 where its first bit is set. Null for what is no number, or none of a file (negative, beyond 2^53 - 1). */
export function tarNumber(block: Uint8Array, at: number, length: number): number | null {
  const first = block[at] as number;
  if (first >= 0x80) {
    if (first === 0xff) return null;
    let value = first & 0x7f;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + (block[i] as number);
    return Number.isSafeInteger(value) ? value : null;
  }
  let i = at;
  const end = at + length;
  while (i < end && (block[i] === 0x20 || block[i] === 0)) i++;
  let value = 0;
  for (; i < end && block[i] !== 0x20 && block[i] !== 0; i++) {
    const digit = (block[i] as number) - 0x30;
    if (digit < 0 || digit > 7) return null;
    value = value * 8 + digit;
  }
  return value;
}

/** Whether a block is all zeros, from a position on: what ends an archive. */
export function isZeros(block: Uint8Array, from = 0): boolean {
  for (let i = from; i < block.length; i++) if (block[i] !== 0) return false;
  return true;
}

/** Whether a block's check sum is right: the sum of its bytes, those of the sum itself taken as spaces. Old Suns added them as signed numbers. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < BLOCK) return false;
  const wanted = tarNumber(block, CHECKSUM_AT, CHECKSUM_SIZE);
  if (wanted === null || wanted === 0) return false;
  let unsigned = CHECKSUM_SIZE * 0x20;
  let signed = unsigned;
  for (let i = 0; i < BLOCK; i++) {
    if (i === CHECKSUM_AT) i += CHECKSUM_SIZE;
    const byte = block[i] as number;
    unsigned += byte;
    signed += byte < 0x80 ? byte : byte - 0x100;
  }
  return wanted === unsigned || wanted === signed;
}

function textAt(block: Uint8Array, at: number, length: number): string {
  let end = at;
  while (end < at + length && block[end] !== 0) end++;
  return decodeText(block, at, end);
}

function ascii(block: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (block[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Reads a block whose check sum is right. POSIX, pax: "ustar Interchange Format"; GNU tar: "Basic Tar Format". */
export function readTarHeader(block: Uint8Array): TarHeader {
  const name = textAt(block, 0, 100);
  const mode = block[100] === 0 ? null : tarNumber(block, 100, 8);
  const posix = ascii(block, 257, 'ustar\0');
  const prefix = posix ? textAt(block, 345, 155) : '';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: mode === null ? null : mode & 0o7777,
    size: tarNumber(block, 124, 12),
    type: String.fromCharCode(block[156] as number),
    link: textAt(block, 157, 100),
    gnu: ascii(block, 257, 'ustar  \0'),
  };
}
