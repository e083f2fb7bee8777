// Finite state entropy: the tables by which Zstandard codes sequences and Huffman weights (RFC 8878, section 4.1).

import { malformed } from './decoder.ts';
import type { Place } from './decoder.ts';

/** A decoding table: a row for each state. */
export interface FseTable {
  /** The base-2 logarithm of the number of rows. */
  readonly log: number;
  /** A row's symbol. */
  readonly symbols: Uint8Array;
  /** A row's way to the next: the bits to read in the low 8, and what they are added to above. */
  readonly steps: Int32Array;
}

/** A table for one symbol that takes no bits. */
export function singleTable(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), steps: new Int32Array(1) };
}

/** The table for the probabilities of symbols, in rows; -1 is less than one, and takes a row all the same. Together they have to be 2^log. */
export function fseTable(probabilities: ArrayLike<number>, log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const steps = new Int32Array(size);
  const next = new Uint16Array(probabilities.length);
  let high = size;
  for (let symbol = 0; symbol < probabilities.length; symbol++) {
    const probability = probabilities[symbol] as number;
    if (probability === -1) symbols[--high] = symbol;
    next[symbol] = probability === -1 ? 1 : probability;
  }
  const stride = (size >> 1) + (size >> 3) + 3;
  let row = 0;
  for (let symbol = 0; symbol < probabilities.length; symbol++) {
    for (let left = probabilities[symbol] as number; left > 0; left--) {
      symbols[row] = symbol;
      do row = (row + stride) & (size - 1);
      while (row >= high);
    }
  }
  for (row = 0; row < size; row++) {
    const symbol = symbols[row] as number;
    const state = next[symbol] as number;
    next[symbol] = state + 1;
    const bits = log - (31 - Math.clz32(state));
    steps[row] = (((state << bits) - size) << 8) | bits;
  }
  return { log, symbols, steps };
}

/** A table's description, and where it ends. */
export interface FseDescription {
  readonly table: FseTable;
  readonly end: number;
}

/** Reads the description of a table of at most 2^mostLog rows for symbols up to `mostSymbol`, in the bytes from `from` to `to`. */
export function readFseTable(bytes: Uint8Array, from: number, to: number, mostLog: number, mostSymbol: number, place: Place): FseDescription {
  let bit = from * 8;
  /** The next `count` bits, lowest first, at most 16; zeros behind the end. */
  const peek = (count: number): number => {
    const at = bit >> 3;
    const word = at < to ? (bytes[at] as number) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) : 0;
    return (word >> (bit & 7)) & ((1 << count) - 1);
  };
  const log = peek(4) + 5;
  bit += 4;
  if (log > mostLog) throw malformed(`an FSE table has 2^${log} rows, the most is 2^${mostLog}`, place);
  const probabilities: number[] = [];
  let left = 1 << log;
  while (left > 0 && probabilities.length <= mostSymbol) {
    // A value from 0 to left + 1; the lowest of them take a bit less.
    const bits = 32 - Math.clz32(left + 1);
    const short = (1 << bits) - 2 - left;
    let value = peek(bits);
    const low = value & ((1 << (bits - 1)) - 1);
    if (low < short) {
      value = low;
      bit += bits - 1;
    } else {
      if (value >= 1 << (bits - 1)) value -= short;
      bit += bits;
    }
    const probability = value - 1;
    left -= Math.abs(probability);
    probabilities.push(probability);
    if (probability !== 0) continue;
    for (let more = 3; more === 3 && probabilities.length <= mostSymbol + 1; ) {
      more = peek(2);
      bit += 2;
      for (let zero = 0; zero < more; zero++) probabilities.push(0);
    }
  }
  const end = (bit + 7) >> 3;
  if (left !== 0 || probabilities.length > mostSymbol + 1 || end > to) throw malformed('the description of an FSE table is not valid', place);
  return { table: fseTable(probabilities, log), end };
}
