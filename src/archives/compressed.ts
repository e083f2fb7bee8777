// Compressed streams by their first bytes, whatever is in them; and what they hold, as a flow.

import { flowOfChunks } from '../bytes/flow.ts';
import type { Flow } from '../bytes/flow.ts';
import { BinspectError } from '../errors.ts';
import type { Decoder } from './decoder.ts';
import { gunzip, isGzip, readGzipHeader } from './gzip.ts';
import { offsetIn } from './member.ts';
import type { Budget, Remarks } from './member.ts';

/** Compressions that are read, by the ending that files of theirs have. */
export type Compression = 'gz' | 'xz' | 'zst';

function begins(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** What a stream is compressed with; null where it is not, or with something that is not read. */
export function compressionOf(head: Uint8Array): Compression | null {
  if (isGzip(head)) return 'gz';
  if (begins(head, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])) return 'xz';
  if (begins(head, [0x28, 0xb5, 0x2f, 0xfd])) return 'zst';
  return (head[0] as number) >> 4 === 5 && begins(head.subarray(1), [0x2a, 0x4d, 0x18]) ? 'zst' : null; // a frame to be skipped comes first: pzstd
}

/** Compressions that are named and not read, by their first bytes. LZMA's old form has no magic but its usual properties. */
const OTHERS: readonly (readonly [detected: string, magic: readonly number[]])[] = [
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['compress', [0x1f, 0x9d]],
  ['lzma', [0x5d, 0x00, 0x00]],
  ['lzip', [0x4c, 0x5a, 0x49, 0x50]],
  ['lzop', [0x89, 0x4c, 0x5a, 0x4f]],
];

/** The stable word for a compression that is not read; null for anything else. */
export function otherCompression(head: Uint8Array): string | null {
  return OTHERS.find(([, magic]) => begins(head, magic))?.[0] ?? null;
}

/** A compressed stream: what it holds, and what it says of itself. */
export interface Unpacked {
  readonly compression: Compression;
  /** The name of the file that was compressed, where the stream has one. */
  readonly name: string | null;
  /** What it holds. Once this is read to its end, the stream's check sums have been compared. */
  readonly flow: Flow;
}

/** Opens a compressed stream. The flow stands at its beginning. Throws where its first header is damaged. */
export async function unpack(flow: Flow, compression: Compression, budget: Budget, remarks: Remarks): Promise<Unpacked> {
  let name: string | null = null;
  let chunks: AsyncGenerator<Uint8Array>;
  const start = flow.position;
  if (compression === 'gz') {
    ({ name } = await readGzipHeader(flow, budget));
    chunks = gunzip(flow, budget, remarks);
  } else if (compression === 'zst' && budget.codecs.zstd !== null) chunks = budget.codecs.zstd(flow);
  else chunks = decoded(flow, await decoderOf(compression, budget));
  return { compression, name, flow: flowOfChunks(bounded(chunks, flow, start, budget)) };
}

/** Loaded when something is compressed so. */
async function decoderOf(compression: 'xz' | 'zst', { limits: { dictionaryBytes } }: Budget): Promise<Decoder> {
  return compression === 'xz' ? (await import('./xz.ts')).xzDecoder({ dictionaryBytes }) : (await import('./zstd.ts')).zstdDecoder({ dictionaryBytes });
}

const PIECE = 64 * 1024; // compressed bytes that are decoded before others get their turn

/** What a decoder makes of a flow. Its chunks are its own memory, and are copied. */
async function* decoded(flow: Flow, decoder: Decoder): AsyncGenerator<Uint8Array, void, undefined> {
  for (let bytes = await flow.chunk(PIECE); bytes.length > 0; bytes = await flow.chunk(PIECE)) {
    for (const chunk of decoder.push(bytes)) yield chunk.slice();
  }
  for (const chunk of decoder.end()) yield chunk.slice();
}

const FREE = 64 * 1024 * 1024; // bytes of output that may be as many times their input as they like

/** The chunks, counted; errors say where in the compressed bytes they lie. */
async function* bounded(chunks: AsyncGenerator<Uint8Array>, flow: Flow, start: number, budget: Budget): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  try {
    for await (const bytes of chunks) {
      size += bytes.length;
      budget.unpack(bytes.length);
      if (size > FREE && size > (flow.position - start) * budget.limits.archiveRatio) {
        throw new BinspectError('limit-exceeded', `the compressed data become more than ${budget.limits.archiveRatio} times as large (the limit archiveRatio)`);
      }
      yield bytes;
    }
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    throw new BinspectError(error.code, error.message, { offset: offsetIn(flow, flow.position) ?? undefined, cause: error, detected: error.detected });
  }
}
