// Huffman codes of Zstandard's literals: their table from weights, and one or four streams of literals (RFC 8878, section 4.2).

import { malformed } from './decoder.ts';
import type { Place } from './decoder.ts';
import { readFseTable } from './fse.ts';
import type { FseTable } from './fse.ts';

/** A decoding table: for each `log` bits the symbol (low 8 bits) and how many bits it takes. */
export interface HuffmanTable {
  readonly log: number;
  readonly rows: Uint16Array;
}

const MOST_BITS = 11;
const MOST_WEIGHTS = 255; // of 256 symbols, the last is implied
const WEIGHT_TABLE_LOG = 6;

/** A table and where its description ends. */
export interface HuffmanDescription {
  readonly table: HuffmanTable;
  readonly end: number;
}

/** Reads a table's description, in the bytes from `from` to `to`. */
export function readHuffmanTable(bytes: Uint8Array, from: number, to: number, place: Place): HuffmanDescription {
  const head = from < to ? (bytes[from] as number) : 0;
  const count = head < 128 ? 0 : head - 127;
  const end = from + 1 + (head < 128 ? head : (count + 1) >> 1);
  if (from >= to || end > to) throw malformed('the description of a Huffman table ends too late', place);
  const weights: number[] = [];
  if (head < 128) {
    readWeights(bytes, from + 1, end, weights, place);
  } else {
    for (let i = 0; i < count; i++) {
      const pair = bytes[from + 1 + (i >> 1)] as number;
      weights.push(i % 2 === 0 ? pair >> 4 : pair & 15);
    }
  }
  return { table: tableOf(weights, place), end };
}

/** Weights coded by FSE: two states take turns until the bits run out. */
function readWeights(bytes: Uint8Array, from: number, to: number, weights: number[], place: Place): void {
  const { table, end } = readFseTable(bytes, from, to, WEIGHT_TABLE_LOG, 255, place);
  const last = to > end ? (bytes[to - 1] as number) : 0;
  if (last === 0) throw malformed('the weights of a Huffman table have no end mark', place);
  const start = end * 8;
  let bit = (to - 1) * 8 + 31 - Math.clz32(last);
  /** The next bits backwards; those before the start are 0. */
  const read = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) {
      bit--;
      value = (value << 1) | (bit < start ? 0 : ((bytes[bit >> 3] as number) >> (bit & 7)) & 1);
    }
    return value;
  };
  const states = [read(table.log), read(table.log)];
  if (bit < start) throw malformed('the weights of a Huffman table are too short', place);
  for (let turn = 0; weights.length < MOST_WEIGHTS; turn ^= 1) {
    const state = states[turn] as number;
    weights.push(table.symbols[state] as number);
    states[turn] = nextState(table, state, read);
    if (bit < start) {
      weights.push(table.symbols[states[turn ^ 1] as number] as number);
      break;
    }
  }
  if (bit >= start || weights.length > MOST_WEIGHTS) throw malformed('a Huffman table has too many weights', place);
}

function nextState({ steps }: FseTable, state: number, read: (count: number) => number): number {
  const step = steps[state] as number;
  return (step >> 8) + read(step & 255);
}

/** The table for the weights of all symbols but the last, whose weight fills what is left. */
function tableOf(weights: number[], place: Place): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MOST_BITS) throw malformed(`a Huffman weight is ${weight}, the most is ${MOST_BITS}`, place);
    sum += weight === 0 ? 0 : 1 << (weight - 1);
  }
  const log = 32 - Math.clz32(sum);
  const left = (1 << log) - sum;
  if (sum === 0 || log > MOST_BITS || (left & (left - 1)) !== 0) throw malformed('the weights of a Huffman table do not fill it', place);
  weights.push(32 - Math.clz32(left));
  const longest = weights.filter((weight) => weight === 1).length;
  if (longest < 2 || longest % 2 !== 0) throw malformed(`a Huffman table has ${longest} codes of full length`, place);
  const rows = new Uint16Array(1 << log);
  let row = 0;
  for (let weight = 1; weight <= log; weight++) {
    for (let symbol = 0; symbol < weights.length; symbol++) {
      if (weights[symbol] !== weight) continue;
      const next = row + (1 << (weight - 1));
      rows.fill(((log + 1 - weight) << 8) | symbol, row, next);
      row = next;
    }
  }
  return { log, rows };
}
