// Files with holes in tar: where their pieces lie, in GNU's four ways of writing that down.

import { flowOfChunks } from '../bytes/flow.ts';
import type { Flow } from '../bytes/flow.ts';
import { BinspectError } from '../errors.ts';
import { paxNumber } from './pax.ts';
import type { PaxRecords } from './pax.ts';
import { BLOCK, tarNumber } from './tar-header.ts';

/** A piece of a file that is stored; what lies between pieces is zeros. */
export interface Piece {
  readonly at: number;
  readonly size: number;
}

/** A file with holes: its whole size, and its pieces in order. */
export interface SparseMap {
  readonly size: number;
  readonly pieces: readonly Piece[];
}

const OLD_MAP = 386; // of the header: four pieces
const OLD_MORE = 482; // whether blocks with more of them follow
const OLD_SIZE = 483;
const MORE_PIECES = 21; // of such a block
const FIELD = 12;

function oldPieces(block: Uint8Array, at: number, count: number, pieces: Piece[]): void {
  for (let i = 0; i < count; i++) {
    const start = at + i * 2 * FIELD;
    if (block[start] === 0) return;
    const offset = tarNumber(block, start, FIELD);
    const size = tarNumber(block, start + FIELD, FIELD);
    if (offset === null || size === null) throw new BinspectError('malformed', 'a sparse map: a field is not a number');
    pieces.push({ at: offset, size });
  }
}

/** GNU's old format: in the header, and in blocks that follow it. `most` bounds their bytes. Throws `malformed`. */
export async function readOldSparse(header: Uint8Array, flow: Flow, most: number): Promise<SparseMap> {
  const size = tarNumber(header, OLD_SIZE, FIELD);
  if (size === null) throw new BinspectError('malformed', 'a sparse file: its size is not a number');
  const pieces: Piece[] = [];
  oldPieces(header, OLD_MAP, 4, pieces);
  let more = header[OLD_MORE] === 1;
  for (let bytes = BLOCK; more; bytes += BLOCK) {
    if (bytes > most) throw new BinspectError('limit-exceeded', `a sparse map has more than ${most} bytes (the limit headerBytes)`);
    const block = await flow.take(BLOCK, 'sparse map');
    oldPieces(block, 0, MORE_PIECES, pieces);
    more = block[2 * FIELD * MORE_PIECES] === 1;
  }
  return { size, pieces };
}

/** What PAX records say of a sparse file. `inData`: format 1.0, whose map stands before the data. */
export interface PaxSparse {
  readonly name: string | null;
  readonly size: number;
  readonly pieces: readonly Piece[];
  readonly inData: boolean;
}

/** GNU's formats 0.0, 0.1 and 1.0 in PAX records; null where they speak of no holes. Throws `malformed`. */
export function readPaxSparse(records: PaxRecords): PaxSparse | null {
  let name: string | null = null;
  let size: number | null = null;
  let major = 0;
  let sparse = false;
  const pieces: Piece[] = [];
  let offset: number | null = null;
  const number = (key: string, text: string): number => {
    const value = paxNumber(text);
    if (value === null) throw new BinspectError('malformed', `the PAX record ${key} is not a number`);
    return value;
  };
  for (const [key, value] of records) {
    if (!key.startsWith('GNU.sparse.')) continue;
    switch (key.slice('GNU.sparse.'.length)) {
      case 'major':
        major = number(key, value);
        sparse = true;
        break;
      case 'name':
        name = value;
        break;
      case 'realsize':
      case 'size':
        size = number(key, value);
        sparse = true;
        break;
      case 'offset':
        offset = number(key, value);
        break;
      case 'numbytes':
        if (offset === null) throw new BinspectError('malformed', 'a sparse map: bytes without an offset');
        pieces.push({ at: offset, size: number(key, value) });
        offset = null;
        break;
      case 'map': {
        const numbers = value === '' ? [] : value.split(',').map((text) => number(key, text));
        if (numbers.length % 2 !== 0) throw new BinspectError('malformed', 'a sparse map: an offset without bytes');
        for (let i = 0; i < numbers.length; i += 2) pieces.push({ at: numbers[i] as number, size: numbers[i + 1] as number });
        break;
      }
    }
  }
  if (!sparse) return null;
  if (size === null) throw new BinspectError('malformed', 'a sparse file: no record has its size');
  return { name, size, pieces, inData: major >= 1 };
}

const LINE = 24; // bytes of a number and its line end, at most

/** The map of format 1.0: decimal lines before the data, how many pieces first, padded to a block. Gives it with the bytes that it takes. */
export async function readSparseLines(flow: Flow, stored: number, most: number): Promise<{ pieces: Piece[]; bytes: number }> {
  let used = 0;
  const line = async (): Promise<number> => {
    const here = await flow.peek(Math.min(LINE, stored - used));
    const end = here.subarray(0, LINE).indexOf(0x0a);
    const value = end <= 0 ? null : paxNumber(String.fromCharCode(...here.subarray(0, end)));
    if (value === null || used + end + 1 > stored) throw new BinspectError('malformed', 'a sparse map: a line is not a number');
    used += end + 1;
    if (used > most) throw new BinspectError('limit-exceeded', `a sparse map has more than ${most} bytes (the limit headerBytes)`);
    await flow.skip(end + 1, 'sparse map');
    return value;
  };
  const count = await line();
  const pieces: Piece[] = [];
  for (let i = 0; i < count; i++) pieces.push({ at: await line(), size: await line() });
  const padding = (BLOCK - (used % BLOCK)) % BLOCK;
  await flow.skip(padding, 'sparse map');
  return { pieces, bytes: used + padding };
}

/** Holds a map against what is stored: pieces in order, within the file, and no more nor fewer bytes than follow. Throws `malformed`. */
export function checkSparse({ size, pieces }: SparseMap, stored: number): void {
  let end = 0;
  let sum = 0;
  for (const piece of pieces) {
    if (piece.at < end) throw new BinspectError('malformed', `a sparse map: a piece at ${piece.at} begins before the one before it ends, at ${end}`);
    end = piece.at + piece.size;
    sum += piece.size;
    if (end > size) throw new BinspectError('malformed', `a sparse map: a piece ends at ${end}, the file at ${size}`);
  }
  if (sum !== stored) throw new BinspectError('malformed', `a sparse map: its pieces have ${sum} bytes, ${stored} are stored`);
}

const ZEROS = new Uint8Array(64 * 1024);
const CHUNK = 1024 * 1024;

async function* filled({ size, pieces }: SparseMap, data: Flow, spend: (bytes: number) => void): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  for (const piece of [...pieces, { at: size, size: 0 }]) {
    while (at < piece.at) {
      const zeros = ZEROS.subarray(0, piece.at - at);
      spend(zeros.length);
      at += zeros.length;
      yield zeros;
    }
    for (let left = piece.size; left > 0; ) {
      const bytes = await data.chunk(Math.min(left, CHUNK));
      if (bytes.length === 0) return;
      left -= bytes.length;
      at += bytes.length;
      yield bytes;
    }
  }
}

/** The file with its holes filled. `spend` hears of zeros that are made, and may end it by throwing. */
export function filledFlow(map: SparseMap, data: Flow, spend: (bytes: number) => void): Flow {
  return flowOfChunks(filled(map, data, spend));
}
