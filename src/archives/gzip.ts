// gzip's framing (RFC 1952), of our own: Node's takes any byte behind a member for another member, and loses output over it.

import type { Flow } from '../bytes/flow.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { malformedAt, offsetIn } from './member.ts';
import type { Budget, Remarks } from './member.ts';

/** Flags of a header: FLG. */
const FLAG = {
  TEXT: 1,
  HEADER_CRC: 2,
  EXTRA: 4,
  NAME: 8,
  COMMENT: 16,
} as const;

const HEADER_SIZE = 10;
const TRAILER_SIZE = 8;
const DEFLATE = 8;

/** Whether bytes begin a gzip member. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** A member's header: the name of the file that was compressed, where it has one. */
export interface GzipHeader {
  readonly name: string | null;
}

/** Reads a header; the flow then stands at the deflate stream. Throws `malformed`, `truncated`, `limit-exceeded`. */
export async function readGzipHeader(flow: Flow, budget: Budget): Promise<GzipHeader> {
  const at = flow.position;
  const head = await flow.take(HEADER_SIZE, 'gzip header');
  const flags = head[3] as number;
  if (!isGzip(head)) throw malformedAt(flow, at, 'this is no gzip header');
  if (head[2] !== DEFLATE) throw new BinspectError('unsupported', `gzip with the compression method ${head[2]}`, { offset: offsetIn(flow, at) ?? undefined });
  if (flags >= 0x20) throw malformedAt(flow, at, 'a gzip header has flags that nobody defined');
  if ((flags & FLAG.EXTRA) !== 0) {
    const length = await flow.take(2, 'gzip extra field');
    await flow.skip((length[0] as number) + (length[1] as number) * 256, 'gzip extra field');
  }
  const name = (flags & FLAG.NAME) === 0 ? null : await zeroEnded(flow, budget, 'gzip name');
  if ((flags & FLAG.COMMENT) !== 0) await zeroEnded(flow, budget, 'gzip comment');
  if ((flags & FLAG.HEADER_CRC) !== 0) await flow.skip(2, 'gzip header check sum');
  return { name };
}

/** A text up to its NUL. RFC 1952 says Latin-1; writers put in what the file system has. */
async function zeroEnded(flow: Flow, budget: Budget, what: string): Promise<string> {
  const most = budget.limits.headerBytes;
  for (let wanted = 256; ; wanted *= 4) {
    const here = await flow.peek(wanted);
    const end = here.indexOf(0);
    if (end !== -1 && end <= most) {
      const text = decodeText(await flow.take(end, what));
      await flow.skip(1, what);
      return text;
    }
    if (here.length < wanted) throw malformedAt(flow, flow.position, `${what}: no NUL ends it`);
    if (here.length > most) throw new BinspectError('limit-exceeded', `${what}: more than ${most} bytes (the limit headerBytes)`);
  }
}

/**
 * What gzip members, one or more, hold together. The first header has been read. CRC-32 and size of each are compared. What follows the last and
 * is neither a member nor zeros is a warning `trailing-bytes`, as gzip(1) has it. Throws `malformed`, `truncated`.
 */
export async function* gunzip(flow: Flow, budget: Budget, remarks: Remarks): AsyncGenerator<Uint8Array, void, undefined> {
  const { codecs } = budget;
  for (;;) {
    let crc = 0;
    let size = 0;
    for await (const bytes of codecs.inflate(flow)) {
      crc = codecs.crc32(bytes, crc);
      size += bytes.length;
      yield bytes;
    }
    const at = flow.position;
    const trailer = await flow.take(TRAILER_SIZE, 'gzip trailer');
    const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER_SIZE);
    const wanted = view.getUint32(0, true);
    if (wanted !== crc) throw malformedAt(flow, at, `the CRC-32 of the unpacked data is ${hex(crc)}, the gzip trailer says ${hex(wanted)}`);
    if (view.getUint32(4, true) !== size % 2 ** 32) throw malformedAt(flow, at + 4, `${size} bytes were unpacked, the gzip trailer says ${view.getUint32(4, true)} (modulo 2^32)`);
    if (!(await nextMember(flow, remarks))) return;
    await readGzipHeader(flow, budget);
  }
}

/** Whether another member follows: right away, or behind zeros (tapes are padded with them). */
async function nextMember(flow: Flow, remarks: Remarks): Promise<boolean> {
  for (;;) {
    const here = await flow.peek(2);
    if (here.length === 0) return false;
    if (isGzip(here)) return true;
    let zeros = 0;
    while (zeros < here.length && here[zeros] === 0) zeros++;
    if (zeros === 0) {
      remarks.warn('trailing-bytes', 'bytes that are no gzip member lie behind the last one; they are not read', offsetIn(flow, flow.position));
      return false;
    }
    await flow.skip(zeros, 'padding');
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
