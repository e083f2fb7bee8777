// xz: streams of blocks, each with its check, an index of the blocks, and a footer (the .xz file format, version 1.2.1).

import { crc32, crc32Checksum, crc64Checksum } from './crc.ts';
import type { Checksum } from './crc.ts';
import { DECODER_LIMITS, drive, malformed, unsupported } from './decoder.ts';
import type { Decoder, DecoderLimits, Part, Place, Work } from './decoder.ts';
import { readChunk, startLzma2 } from './lzma2.ts';
import { sha256Checksum } from './sha256.ts';
import { emptyWindow } from './window.ts';
import type { Window } from './window.ts';
import { startFilters } from './xz-filters.ts';
import type { FilterChain, FilterFlags } from './xz-filters.ts';

const MAGIC: readonly number[] = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const HEADER_SIZE = 12;
const LZMA2 = 0x21;
const MOST_DICTIONARY_BITS = 40;
const MOST_NUMBER_BYTES = 9;

/** How long a check is, by its id. */
const CHECK_SIZES: readonly number[] = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/** The checks that are computed; others are skipped, as the format says. */
const CHECKS: ReadonlyMap<number, () => Checksum> = new Map([
  [1, crc32Checksum],
  [4, crc64Checksum],
  [10, sha256Checksum],
]);

/** Flags of a block header. */
const BLOCK = { FILTERS: 0x03, RESERVED: 0x3c, COMPRESSED_SIZE: 0x40, PLAIN_SIZE: 0x80 } as const;

/** What blocks share: the memory for their output, and how far matches may reach back in it. */
interface Memory {
  readonly window: Window;
  readonly limit: number;
}

/**
 * A decoder of an xz file: all its streams, with padding between and after them. Checks, sizes and the index are compared.
 * All filters of xz 5.8 are known. The end of input is valid after any stream.
 */
export function xzDecoder(limits: Partial<DecoderLimits> = {}): Decoder {
  const { dictionaryBytes = DECODER_LIMITS.dictionaryBytes } = limits;
  return drive('xz', (place) => readStreams({ window: emptyWindow(), limit: dictionaryBytes }, place));
}

function* readStreams(memory: Memory, place: Place): Work {
  let start = yield MAGIC.length;
  while (start.length > 0) {
    yield* readStream(start, memory, place);
    start = yield 'next stream';
    while (start.length > 0 && start.every((byte) => byte === 0)) start = yield 'next stream';
    if (start.length > 0) start = Uint8Array.from([...start, ...(yield 2)]);
  }
}

function* readStream(magic: Uint8Array, memory: Memory, place: Place): Part<void> {
  if (MAGIC.some((byte, index) => magic[index] !== byte)) throw malformed('no xz stream begins here', place);
  const header = yield HEADER_SIZE - MAGIC.length;
  const [zero, flags] = header as unknown as [number, number];
  if (crc32(header.subarray(0, 2)) !== word(header, 2)) throw malformed("the CRC-32 of the xz stream's header is not right", place);
  if (zero !== 0 || flags > 15) throw unsupported('the xz stream has flags of a later version', place);
  const blocks = startRecords();
  let size = (yield 1)[0] as number;
  for (; size !== 0; size = (yield 1)[0] as number) yield* readBlock((size + 1) * 4, flags, memory, blocks, place);
  const indexSize = yield* readIndex(blocks, place);
  const footer = yield HEADER_SIZE;
  if (crc32(footer.subarray(4, 10)) !== word(footer, 0)) throw malformed("the CRC-32 of the xz stream's footer is not right", place);
  if (footer[10] !== 0x59 || footer[11] !== 0x5a) throw malformed("the xz stream's footer does not end in YZ", place);
  if ((word(footer, 4) + 1) * 4 !== indexSize) throw malformed(`the xz stream's footer states another size of the index than ${indexSize}`, place);
  if (footer[8] !== zero || footer[9] !== flags) throw malformed('the flags of the xz stream differ between header and footer', place);
}

/** Block sizes in the order in which they come, as two numbers and a sum over all: an index of any length is compared in constant memory. */
interface Records {
  count: number;
  checksum: number;
}

function startRecords(): Records {
  return { count: 0, checksum: 0 };
}

function addRecord(records: Records, stored: number, plain: number): void {
  const pair = new DataView(new ArrayBuffer(16));
  pair.setFloat64(0, stored);
  pair.setFloat64(8, plain);
  records.count++;
  records.checksum = crc32(new Uint8Array(pair.buffer), records.checksum);
}

/** What a block's header says. */
interface BlockHeader {
  readonly compressed: number | null;
  readonly plain: number | null;
  readonly filters: readonly FilterFlags[];
  readonly dictionary: number;
}

function* readBlock(headerSize: number, check: number, memory: Memory, records: Records, place: Place): Part<void> {
  const { compressed, plain, filters, dictionary } = readBlockHeader(yield headerSize - 1, headerSize, place);
  const chain = filters.length === 0 ? null : startFilters(filters, place);
  const checksum = CHECKS.get(check)?.() ?? null;
  const start = place.at;
  const size = yield* readData(dictionary, memory, chain, checksum, place);
  const stored = place.at - start;
  if (compressed !== null && compressed !== stored) throw malformed(`the xz block has ${stored} bytes of data, its header states ${compressed}`, place);
  if (plain !== null && plain !== size) throw malformed(`the xz block has ${size} bytes of output, its header states ${plain}`, place);
  if ((yield -stored & 3).some((byte) => byte !== 0)) throw malformed("the xz block's padding is not zero", place);
  const expected = yield CHECK_SIZES[check] as number;
  const found = checksum?.digest() ?? expected;
  if (found.some((byte, index) => byte !== expected[index])) throw malformed("the xz block's check does not match its output", place);
  addRecord(records, headerSize + stored + expected.length, size);
}

/** A block's data, filtered and summed up; gives how many bytes came out. */
function* readData(dictionary: number, { window, limit }: Memory, chain: FilterChain | null, checksum: Checksum | null, place: Place): Part<number> {
  const lzma2 = startLzma2(window, { dictionary, limit });
  let size = 0;
  for (;;) {
    const chunk = yield* readChunk(lzma2, place);
    const output = chunk === null ? (chain?.rest() ?? new Uint8Array()) : (chain?.next(chunk) ?? chunk);
    size += output.length;
    if (output.length > 0) {
      checksum?.update(output);
      yield output;
    }
    if (chunk === null) return size;
  }
}

/** `bytes` are all but the first, which is the size. */
function readBlockHeader(bytes: Uint8Array, size: number, place: Place): BlockHeader {
  const body = bytes.subarray(0, -4);
  if (crc32(body, crc32(Uint8Array.of(size / 4 - 1))) !== word(bytes, body.length)) throw malformed("the CRC-32 of the xz block's header is not right", place);
  const flags = body[0] as number;
  if ((flags & BLOCK.RESERVED) !== 0) throw unsupported('the xz block has flags of a later version', place);
  let at = 1;
  const number = (): number => {
    const { value, next } = readNumber(body, at, place);
    at = next;
    return value;
  };
  const compressed = (flags & BLOCK.COMPRESSED_SIZE) === 0 ? null : number();
  const plain = (flags & BLOCK.PLAIN_SIZE) === 0 ? null : number();
  const filters: FilterFlags[] = [];
  for (let left = (flags & BLOCK.FILTERS) + 1; left > 0; left--) {
    const id = number();
    const length = number();
    if (length > body.length - at) throw malformed(`an xz filter has ${length} bytes of properties, the block's header ends after ${body.length - at}`, place);
    filters.push({ id, properties: body.slice(at, at + length) });
    at += length;
  }
  if (body.subarray(at).some((byte) => byte !== 0)) throw unsupported('the xz block has fields of a later version', place);
  const last = filters.pop() as FilterFlags;
  if (last.id !== LZMA2) throw unsupported(`the last xz filter has id ${last.id}, only LZMA2 is known`, place);
  const bits = last.properties[0] ?? 0;
  if (last.properties.length !== 1 || bits > MOST_DICTIONARY_BITS) throw malformed('the properties of LZMA2 are not valid', place);
  const dictionary = bits === MOST_DICTIONARY_BITS ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
  return { compressed, plain, filters, dictionary };
}

/** Seven bits a byte, lowest first, in the fewest bytes. Above 2^53 it is not exact, and differs from all that it is compared with. */
function readNumber(bytes: Uint8Array, at: number, place: Place): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let index = 0; index < MOST_NUMBER_BYTES; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) break;
    value += (byte & 127) * 2 ** (7 * index);
    if (byte < 128) {
      if (byte === 0 && index > 0) break;
      return { value, next: at + index + 1 };
    }
  }
  throw malformed('a number of the xz stream is not valid', place);
}

/** The index: as many records as there were blocks, and the same. Gives its size; its first byte was read. */
function* readIndex(blocks: Records, place: Place): Part<number> {
  const start = place.at - 1;
  let checksum = crc32(Uint8Array.of(0));
  function* bytes(count: number): Part<Uint8Array> {
    const read = yield count;
    checksum = crc32(read, checksum);
    return read;
  }
  function* number(): Part<number> {
    const read = new Uint8Array(MOST_NUMBER_BYTES);
    let length = 0;
    do read.set(yield* bytes(1), length++);
    while (length < MOST_NUMBER_BYTES && (read[length - 1] as number) >= 128);
    return readNumber(read.subarray(0, length), 0, place).value;
  }
  const count = yield* number();
  if (count !== blocks.count) throw malformed(`the xz index has ${count} records, there are ${blocks.count} blocks`, place);
  const listed = startRecords();
  while (listed.count < count) addRecord(listed, yield* number(), yield* number());
  if (listed.checksum !== blocks.checksum) throw malformed('the xz index states other sizes than the blocks have', place);
  if ((yield* bytes(-(place.at - start) & 3)).some((byte) => byte !== 0)) throw malformed("the xz index's padding is not zero", place);
  if (checksum !== word(yield 4, 0)) throw malformed("the CRC-32 of the xz index is not right", place);
  return place.at - start;
}

function word(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}
