// Zstandard: frames of blocks, each frame with an optional checksum, and frames to skip (RFC 8878).

import { DECODER_LIMITS, drive, malformed, unsupported } from './decoder.ts';
import type { Decoder, DecoderLimits, Part, Place, Work } from './decoder.ts';
import type { HuffmanTable } from './huffman.ts';
import { emptyWindow, makeRoom } from './window.ts';
import type { Window } from './window.ts';
import { xxh64Checksum } from './xxhash.ts';
import { makeScratch, MARGIN, MOST_BLOCK, readLiterals } from './zstd-literals.ts';
import type { Scratch } from './zstd-literals.ts';
import { runSequences, startSequences } from './zstd-sequences.ts';

const MAGIC_SIZE = 4;
const MAGIC = 0xfd2f_b528;
/** The low four bits are the writer's. */
const SKIPPED_MAGIC = 0x184d_2a50;
/** Versions before 0.8 had other formats: 0.1 a magic of its own, 0.2 to 0.7 the numbers from here on. */
const OLD_MAGIC = 0xfd2f_b522;
const OLDEST_MAGIC = 0x1eb5_2ffd;
const SKIPPED_AT_ONCE = 64 * 1024;

/** Flags of a frame's descriptor. */
const FRAME = { DICTIONARY: 0x03, CHECKSUM: 0x04, RESERVED: 0x08, SINGLE_SEGMENT: 0x20 } as const;

/** Kinds of blocks. */
const BLOCK = { RAW: 0, REPEATED: 1, COMPRESSED: 2 } as const;

/**
 * A decoder of all frames of a Zstandard file. Checksums and content sizes are compared where frames have them; without a checksum damage can go unnoticed.
 * Frames that need a dictionary are `unsupported`. The end of input is valid after any frame.
 */
export function zstdDecoder(limits: Partial<DecoderLimits> = {}): Decoder {
  const { dictionaryBytes = DECODER_LIMITS.dictionaryBytes } = limits;
  return drive('Zstandard', (place) => readFrames(dictionaryBytes, place));
}

function* readFrames(limit: number, place: Place): Work {
  const window = emptyWindow();
  let scratch: Scratch | null = null;
  let start = yield MAGIC_SIZE;
  while (start.length > 0) {
    const magic = unsigned(start);
    if (magic === MAGIC) yield* readFrame(window, (scratch ??= makeScratch()), limit, place);
    else if ((magic & ~15) === SKIPPED_MAGIC) yield* skipFrame();
    else if (magic === OLDEST_MAGIC || (magic >= OLD_MAGIC && magic < MAGIC)) throw unsupported('the frame was made by a Zstandard before 0.8', place);
    else throw malformed('no Zstandard frame begins here', place);
    start = yield 'next stream';
  }
}

function* skipFrame(): Part<void> {
  for (let left = unsigned(yield 4); left > 0; ) left -= (yield Math.min(left, SKIPPED_AT_ONCE)).length;
}

/** What a frame's header says; sizes in bytes. */
interface FrameHeader {
  readonly window: number;
  readonly content: number | null;
  readonly hasChecksum: boolean;
}

function* readFrameHeader(place: Place): Part<FrameHeader> {
  const descriptor = (yield 1)[0] as number;
  if ((descriptor & FRAME.RESERVED) !== 0) throw unsupported('the Zstandard frame has flags of a later version', place);
  const isSingle = (descriptor & FRAME.SINGLE_SEGMENT) !== 0;
  const exponent = isSingle ? 0 : ((yield 1)[0] as number);
  const dictionary = unsigned(yield [0, 1, 2, 4][descriptor & FRAME.DICTIONARY] as number);
  if (dictionary !== 0) throw unsupported(`the Zstandard frame needs the dictionary ${dictionary}`, place);
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  const size = unsigned(yield sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  const window = isSingle ? size : 2 ** (10 + (exponent >> 3)) * (1 + (exponent & 7) / 8);
  return { window, content: sizeBytes === 0 ? null : size, hasChecksum: (descriptor & FRAME.CHECKSUM) !== 0 };
}

function* readFrame(window: Window, scratch: Scratch, limit: number, place: Place): Part<void> {
  const header = yield* readFrameHeader(place);
  const kept = Math.min(header.window, limit);
  const most = Math.min(header.window, MOST_BLOCK);
  const checksum = header.hasChecksum ? xxh64Checksum() : null;
  const sequences = startSequences();
  let table: HuffmanTable | null = null;
  let produced = 0;
  window.start = window.end;
  for (let isLast = false; !isLast; ) {
    const block = unsigned(yield 3);
    isLast = (block & 1) !== 0;
    const kind = (block >> 1) & 3;
    const size = block >> 3;
    if (kind > BLOCK.COMPRESSED) throw malformed('a Zstandard block has the reserved kind 3', place);
    if (size > most) throw malformed(`a Zstandard block has ${size} bytes, the most in its frame is ${most}`, place);
    const data = yield kind === BLOCK.REPEATED ? 1 : size;
    makeRoom(window, most + MARGIN, kept);
    const before = window.end;
    if (kind === BLOCK.COMPRESSED) {
      const end = MARGIN + size;
      scratch.bytes.set(data, MARGIN);
      scratch.bytes.fill(0, end, end + MARGIN);
      const literals = readLiterals(scratch, MARGIN, end, table, most, place);
      table = literals.table;
      runSequences(scratch, literals.end, end, sequences, window, most, { window: header.window, limit, produced }, place);
    } else {
      if (kind === BLOCK.RAW) window.bytes.set(data, before);
      else window.bytes.fill(data[0] as number, before, before + size);
      window.end += size;
    }
    const output = window.bytes.subarray(before, window.end);
    produced += output.length;
    if (output.length > 0) {
      checksum?.update(output);
      yield output;
    }
  }
  if (header.content !== null && header.content !== produced) throw malformed(`the Zstandard frame has ${produced} bytes of content, its header states ${header.content}`, place);
  const expected = yield checksum === null ? 0 : 4;
  const found = checksum?.digest() ?? expected;
  if (found.some((byte, index) => byte !== expected[index])) throw malformed("the Zstandard frame's checksum does not match its content", place);
}

/** Little-endian, of any length up to 8; above 2^53 it is not exact, and differs from every count. */
function unsigned(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
