// The sequences of a compressed Zstandard block: literals to copy, then a match (RFC 8878, sections 3.1.1.3.2 and 3.1.1.4).

import { malformed, tooFar } from './decoder.ts';
import type { Place } from './decoder.ts';
import { fseTable, readFseTable, singleTable } from './fse.ts';
import type { FseTable } from './fse.ts';
import type { Window } from './window.ts';
import { lastBit } from './zstd-literals.ts';
import type { Scratch } from './zstd-literals.ts';

/** A code stands for a lowest value and a number of bits to add. */
interface Codes {
  readonly base: Int32Array;
  readonly bits: Uint8Array;
}

function codes(first: number, bits: readonly number[]): Codes {
  let next = first;
  const base = bits.map((count) => (next += 1 << count) - (1 << count));
  return { base: Int32Array.from(base), bits: Uint8Array.from(bits) };
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const LITERAL_CODES = codes(0, [...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const MATCH_CODES = codes(3, [...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

/** One of the three things that a sequence codes: its table where none is given, and the largest that may be given. */
interface Field {
  readonly name: string;
  readonly predefined: FseTable;
  readonly mostLog: number;
  readonly mostSymbol: number;
}

const LITERAL_LENGTH: Field = {
  name: 'literal lengths',
  predefined: fseTable([4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1], 6),
  mostLog: 9,
  mostSymbol: 35,
};
const OFFSET: Field = {
  name: 'offsets',
  predefined: fseTable([1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], 5),
  mostLog: 8,
  mostSymbol: 31,
};
const MATCH_LENGTH: Field = {
  name: 'match lengths',
  predefined: fseTable([1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1], 6),
  mostLog: 9,
  mostSymbol: 52,
};

/** How a table is given. */
const MODE = { PREDEFINED: 0, SINGLE: 1, DESCRIBED: 2, REPEATED: 3 } as const;

/** What sequences keep from one block of a frame to the next. */
export interface SequenceState {
  literalLengths: FseTable | null;
  offsets: FseTable | null;
  matchLengths: FseTable | null;
  /** The last three offsets, the latest first. */
  readonly repeats: Int32Array;
}

export function startSequences(): SequenceState {
  return { literalLengths: null, offsets: null, matchLengths: null, repeats: Int32Array.of(1, 4, 8) };
}

/** How far a frame's matches may reach back: by its window, and by the caller's limit; and its output before this block. */
export interface FrameReach {
  readonly window: number;
  readonly limit: number;
  readonly produced: number;
}

/** From this length on the engine's own copy is faster than a loop. */
const LONG_COPY = 128;
/** Codes of offsets up to here take one load. */
const ONE_LOAD = 25;
/** The first code whose offsets no memory can hold. */
const HUGE_OFFSET = 31;

/** The tables and the number of sequences of a block, in the scratch from `from` to `to`; the bits begin at `bits`. */
interface Head {
  readonly count: number;
  readonly bits: number;
}

function readHead({ bytes }: Scratch, from: number, to: number, state: SequenceState, place: Place): Head {
  const first = from < to ? (bytes[from] as number) : 0;
  let at = from + (first < 128 ? 1 : first < 255 ? 2 : 3);
  if (at > to) throw malformed('a Zstandard block ends before its sequences', place);
  const second = bytes[from + 1] as number;
  const count = first < 128 ? first : first < 255 ? ((first - 128) << 8) | second : (second | ((bytes[from + 2] as number) << 8)) + 0x7f00;
  if (count === 0) {
    if (at !== to) throw malformed('a Zstandard block goes on behind its last sequence', place);
    return { count, bits: at };
  }
  const modes = at < to ? (bytes[at] as number) : 3;
  if ((modes & 3) !== 0) throw malformed('the modes of the tables of sequences are not valid', place);
  at++;
  const table = (field: Field, mode: number, before: FseTable | null): FseTable => {
    if (mode === MODE.PREDEFINED) return field.predefined;
    if (mode === MODE.REPEATED) {
      if (before === null) throw malformed(`a Zstandard block goes on with a table of ${field.name} that was never given`, place);
      return before;
    }
    if (mode === MODE.DESCRIBED) {
      const described = readFseTable(bytes, at, to, field.mostLog, field.mostSymbol, place);
      at = described.end;
      return described.table;
    }
    const symbol = bytes[at++] as number;
    if (at > to || symbol > field.mostSymbol) throw malformed(`${symbol} is not a valid code of ${field.name}`, place);
    return singleTable(symbol);
  };
  state.literalLengths = table(LITERAL_LENGTH, modes >> 6, state.literalLengths);
  state.offsets = table(OFFSET, (modes >> 4) & 3, state.offsets);
  state.matchLengths = table(MATCH_LENGTH, (modes >> 2) & 3, state.matchLengths);
  return { count, bits: at };
}

/**
 * Decodes a block's sequences, in the scratch from `from` to `to`, and writes its output to the window, which has room for `most` bytes and a margin.
 * Bits are read backwards: `bit` is the one behind the next, and a load at its byte has 25 bits at least.
 */
export function runSequences(scratch: Scratch, from: number, to: number, state: SequenceState, window: Window, most: number, reach: FrameReach, place: Place): void {
  const head = readHead(scratch, from, to, state, place);
  const { literals, literalsView, literalCount, view } = scratch;
  const { bytes, view: output } = window;
  const before = window.end;
  const end = before + most;
  let out = before;
  let literal = 0;

  if (head.count > 0) {
    const { literalLengths, offsets, matchLengths, repeats } = state as { [K in keyof SequenceState]: NonNullable<SequenceState[K]> };
    const { symbols: literalSymbols, steps: literalSteps } = literalLengths;
    const { symbols: offsetSymbols, steps: offsetSteps } = offsets;
    const { symbols: matchSymbols, steps: matchSteps } = matchLengths;
    const { base: literalBase, bits: literalBits } = LITERAL_CODES;
    const { base: matchBase, bits: matchBits } = MATCH_CODES;
    const farthest = Math.min(reach.window, reach.limit);
    const { start } = window;
    const first = head.bits * 8;
    let repeat1 = repeats[0] as number;
    let repeat2 = repeats[1] as number;
    let repeat3 = repeats[2] as number;
    let bit = lastBit(scratch.bytes, head.bits, to, place);
    bit -= literalLengths.log;
    let literalState = (view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << literalLengths.log) - 1);
    bit -= offsets.log;
    let offsetState = (view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << offsets.log) - 1);
    bit -= matchLengths.log;
    let matchState = (view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << matchLengths.log) - 1);

    for (let left = head.count; left > 0; left--) {
      if (bit < first) throw malformed('the bits of the sequences end too early', place);
      const offsetCode = offsetSymbols[offsetState] as number;
      const matchCode = matchSymbols[matchState] as number;
      const literalCode = literalSymbols[literalState] as number;
      if (offsetCode >= HUGE_OFFSET) throw refused(2 ** HUGE_OFFSET, out - before, reach, place);
      let offset = 1 << offsetCode;
      if (offsetCode > ONE_LOAD) {
        bit -= offsetCode - ONE_LOAD;
        offset |= ((view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << (offsetCode - ONE_LOAD)) - 1)) << ONE_LOAD;
        bit -= ONE_LOAD;
        offset |= (view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << ONE_LOAD) - 1);
      } else {
        bit -= offsetCode;
        offset |= (view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << offsetCode) - 1);
      }
      let count = matchBits[matchCode] as number;
      bit -= count;
      const matchLength = (matchBase[matchCode] as number) + ((view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << count) - 1));
      count = literalBits[literalCode] as number;
      bit -= count;
      const literalLength = (literalBase[literalCode] as number) + ((view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << count) - 1));
      if (left > 1) {
        let step = literalSteps[literalState] as number;
        count = step & 255;
        bit -= count;
        literalState = (step >> 8) + ((view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << count) - 1));
        step = matchSteps[matchState] as number;
        count = step & 255;
        bit -= count;
        matchState = (step >> 8) + ((view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << count) - 1));
        step = offsetSteps[offsetState] as number;
        count = step & 255;
        bit -= count;
        offsetState = (step >> 8) + ((view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << count) - 1));
      }

      // Values up to 3 name one of the last offsets; without literals before the match, the next one.
      if (offset > 3) {
        offset -= 3;
        repeat3 = repeat2;
        repeat2 = repeat1;
        repeat1 = offset;
      } else {
        const which = offset - (literalLength === 0 ? 0 : 1);
        offset = which === 0 ? repeat1 : which === 1 ? repeat2 : which === 2 ? repeat3 : repeat1 - 1;
        if (which > 1) repeat3 = repeat2;
        if (which > 0) {
          repeat2 = repeat1;
          repeat1 = offset;
        }
      }

      if (literal + literalLength > literalCount || out + literalLength + matchLength > end) throw malformed('the sequences of a Zstandard block make more than it can hold', place);
      if (literalLength < LONG_COPY) {
        for (let i = 0; i < literalLength; i += 4) output.setInt32(out + i, literalsView.getInt32(literal + i, true), true);
      } else {
        bytes.set(literals.subarray(literal, literal + literalLength), out);
      }
      out += literalLength;
      literal += literalLength;
      if (offset > farthest || offset > out - start || offset === 0) throw refused(offset, out - before, reach, place);
      const source = out - offset;
      if (offset < 4) {
        for (let i = 0; i < matchLength; i++) bytes[out + i] = bytes[source + i] as number;
      } else if (matchLength < LONG_COPY || offset < matchLength) {
        for (let i = 0; i < matchLength; i += 4) output.setInt32(out + i, output.getInt32(source + i, true), true);
      } else {
        bytes.copyWithin(out, source, source + matchLength);
      }
      out += matchLength;
    }
    if (bit !== first) throw malformed('the bits of the sequences do not end with their last', place);
    repeats[0] = repeat1;
    repeats[1] = repeat2;
    repeats[2] = repeat3;
  }

  if (literalCount - literal > end - out) throw malformed('the literals of a Zstandard block are more than it can hold', place);
  bytes.set(literals.subarray(literal, literalCount), out);
  window.end = out + literalCount - literal;
}

function refused(offset: number, inBlock: number, { window, limit, produced }: FrameReach, place: Place): Error {
  const available = Math.min(produced + inBlock, window);
  if (offset > 0 && offset <= available) return tooFar(offset, limit, place);
  return malformed(`a Zstandard match reaches ${offset} bytes back; there are ${available}`, place);
}
