// The version resource, VS_VERSIONINFO: blocks in blocks, each with its size, a key, a value, and the blocks that it holds.

import { align } from '../bytes/bytes.ts';
import type { Bytes } from '../bytes/bytes.ts';
import type { VersionResource } from '../model/identity.ts';
import { FIXED_FILE_INFO, RESOURCE_TYPE } from './constants.ts';
import type { PeFile } from './file.ts';
import { firstResource } from './resources.ts';

const HEADER_SIZE = 6; // wLength, wValueLength, wType
const FIXED_SIZE = 52;
const ALIGNMENT = 4; // of blocks and their values

interface Block {
  readonly key: string;
  /** Where its value begins, its parts, and where it ends. */
  readonly valueAt: number;
  readonly childrenAt: number;
  readonly end: number;
}

/**
 * What the version resource says, in the first language that it has strings for; null where there is none, and, with a warning, where it
 * can't be read.
 */
export function readVersion(file: PeFile): VersionResource | null {
  const { input, memory } = file;
  const found = firstResource(file, RESOURCE_TYPE.VERSION);
  if (found === null) return null;
  const size = memory.read(BigInt(found.address), 2, 'version resource')?.u16(0) ?? 0; // of 16 bits: so nothing in it is long
  const bytes = memory.read(BigInt(found.address), Math.min(found.size, size), 'version resource');
  const root = bytes === null ? null : readBlock(bytes, 0, bytes.size);
  if (bytes === null || root === null || root.key !== 'VS_VERSION_INFO') {
    const problem = bytes === null ? 'not in the file' : 'none';
    const message = `the version resource of ${found.size} bytes at RVA 0x${found.address.toString(16)} is ${problem}`;
    input.warn('version-resource', message, memory.offsetOf(BigInt(found.address)));
    return null;
  }
  const fixed = root.childrenAt - root.valueAt >= FIXED_SIZE && root.valueAt + FIXED_SIZE <= root.end && bytes.u32(root.valueAt) === FIXED_FILE_INFO;
  const texts = strings(bytes, root);
  const text = (key: string): string | null => texts.get(key) ?? null;
  return {
    fileVersion: text('FileVersion'),
    productVersion: text('ProductVersion'),
    productName: text('ProductName'),
    companyName: text('CompanyName'),
    fileDescription: text('FileDescription'),
    originalFilename: text('OriginalFilename'),
    fixedFileVersion: fixed ? fixedVersion(bytes, root.valueAt + 8) : null,
    fixedProductVersion: fixed ? fixedVersion(bytes, root.valueAt + 16) : null,
  };
}

/** The strings of the first StringTable of StringFileInfo, by their keys; of two with one key the first. */
function strings(bytes: Bytes, root: Block): Map<string, string> {
  const texts = new Map<string, string>();
  const info = blocksIn(bytes, root).find(({ key }) => key === 'StringFileInfo');
  const table = info === undefined ? undefined : blocksIn(bytes, info)[0];
  for (const { key, valueAt, childrenAt, end } of table === undefined ? [] : blocksIn(bytes, table)) {
    // Some compilers give the value's length in bytes and some in characters: a NUL ends it, or its block.
    if (!texts.has(key)) texts.set(key, childrenAt === valueAt ? '' : wideText(bytes, valueAt, end));
  }
  return texts;
}

/** The blocks that a block holds. Each has at least its header, so there are no more than the bytes allow. */
function blocksIn(bytes: Bytes, { childrenAt, end }: Block): Block[] {
  const blocks: Block[] = [];
  for (let at = childrenAt; ; ) {
    const block = readBlock(bytes, at, end);
    if (block === null) return blocks;
    blocks.push(block);
    at = align(block.end, ALIGNMENT);
  }
}

function readBlock(bytes: Bytes, at: number, limit: number): Block | null {
  if (at + HEADER_SIZE > limit) return null;
  const length = bytes.u16(at);
  const valueLength = bytes.u16(at + 2);
  const isText = bytes.u16(at + 4) === 1; // wType
  if (length < HEADER_SIZE) return null;
  const end = Math.min(at + length, limit);
  const key = wideText(bytes, at + HEADER_SIZE, end);
  const valueAt = align(at + HEADER_SIZE + 2 * (key.length + 1), ALIGNMENT);
  return { key, valueAt, childrenAt: align(valueAt + valueLength * (isText ? 2 : 1), ALIGNMENT), end };
}

const decoder = new TextDecoder('utf-16le', { ignoreBOM: true });

/** UTF-16 up to a NUL or `end`. Half of a surrogate pair reads as U+FFFD. */
function wideText(bytes: Bytes, at: number, end: number): string {
  let stop = at;
  while (stop + 2 <= end && bytes.u16(stop) !== 0) stop += 2;
  return stop === at ? '' : decoder.decode(bytes.bytes(at, stop - at));
}

/** Four numbers of 16 bits, in two words of which the first is the higher. */
function fixedVersion(bytes: Bytes, at: number): string {
  return [bytes.u16(at + 2), bytes.u16(at), bytes.u16(at + 6), bytes.u16(at + 4)].join('.');
}
