// Inflate (RFC 1951) in plain TypeScript: for runtimes whose own does not say where a stream ends, and for the first bytes of one.

import { BinspectError } from '../errors.ts';
import { concatenated } from './bytes.ts';
import type { Flow } from './flow.ts';

const WINDOW = 32 * 1024; // how far back a match may reach
const ROOM = 8 * WINDOW;
const MOST_MATCH = 258;
const MOST_SYMBOL = 8; // bytes that one symbol with its distance and all extra bits takes, and what is read ahead
const MOST_TABLES = 512; // bytes that the tables of a dynamic block take: 3 + 14 + 19 * 3 + 320 * 14 bits are fewer

const LENGTH_BASE: Uint16Array = Uint16Array.of(3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258);
const LENGTH_EXTRA: Uint8Array = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0);
const DISTANCE_BASE: Uint16Array = Uint16Array.of(1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12_289, 16_385, 24_577);
const DISTANCE_EXTRA: Uint8Array = Uint8Array.of(0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13);
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;

/** A code: for each possible next `bits` bits the symbol and, in the low four bits, how many of them it takes; 0 where no code begins so. */
interface Code {
  readonly table: Uint16Array;
  readonly bits: number;
}

function damaged(what: string): BinspectError {
  return new BinspectError('malformed', `the compressed data are damaged: ${what}`);
}

/** The code of lengths, as 3.2.2 of the RFC assigns it. One of a single symbol of one bit may be incomplete. */
function codeOf(lengths: Uint8Array, what: string): Code {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length] = (counts[length] as number) + 1;
  let bits = 15;
  while (bits > 1 && counts[bits] === 0) bits--;
  const next = new Uint16Array(16);
  let left = 1;
  let used = 0;
  for (let length = 1, code = 0; length <= 15; length++) {
    left = left * 2 - (counts[length] as number);
    used += counts[length] as number;
    if (left < 0) throw damaged(`${what} have more codes than fit`);
    next[length] = code;
    code = (code + (counts[length] as number)) * 2;
  }
  if (left > 0 && (used > 1 || (used === 1 && (bits > 1 || what === 'code lengths')))) throw damaged(`${what} have codes that mean nothing`);
  const table = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] as number;
    if (length === 0) continue;
    const code = next[length] as number;
    next[length] = code + 1;
    let reversed = 0;
    for (let i = 0; i < length; i++) reversed |= ((code >> i) & 1) << (length - 1 - i);
    for (let at = reversed; at < table.length; at += 1 << length) table[at] = (symbol << 4) | length;
  }
  return { table, bits };
}

function fixed(): { literals: Code; distances: Code } {
  const lengths = new Uint8Array(288).fill(8);
  lengths.fill(9, 144, 256);
  lengths.fill(7, 256, 280);
  return { literals: codeOf(lengths, 'literals'), distances: codeOf(new Uint8Array(32).fill(5), 'distances') };
}

let fixedCodes: ReturnType<typeof fixed> | null = null;

/** A stream on its way: it works on as much input as is here, and goes on when there is more. */
class Inflation {
  /** What has come out, behind up to 32 KiB that matches may still reach back to. */
  readonly room: Uint8Array = new Uint8Array(ROOM);
  filled = 0;
  done = false;
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #held = 0; // bits that have been read from the input and not used
  #count = 0;
  #last = false;
  #state: 'header' | 'stored' | 'codes' = 'header';
  #stored = 0;
  #literals: Code | null = null;
  #distances: Code | null = null;

  /** Adds input behind what is left of the last. */
  give(bytes: Uint8Array): void {
    const rest = this.#input.subarray(this.#at);
    this.#at = 0;
    if (rest.length === 0) this.#input = bytes;
    else {
      this.#input = new Uint8Array(rest.length + bytes.length);
      this.#input.set(rest);
      this.#input.set(bytes, rest.length);
    }
  }

  /** Input that has not been used. */
  unused(): Uint8Array {
    return this.#input.subarray(this.#at - (this.#count >> 3));
  }

  /** Goes on until the room is full, input is wanted (with `final`: until the stream is done), or the stream is done. Throws `malformed`, `truncated`. */
  run(final: boolean): void {
    while (!this.done && this.filled < ROOM - MOST_MATCH) {
      const here = this.#input.length - this.#at;
      if (this.#state === 'header') {
        if (!final && here < MOST_TABLES) return;
        this.#header();
      } else if (this.#state === 'stored') {
        if (this.#stored > 0 && here === 0) {
          if (final) throw tooShort();
          return;
        }
        this.#copyStored();
      } else {
        if (!final && here < MOST_SYMBOL) return;
        this.#symbols(final);
      }
    }
  }

  #need(count: number): void {
    while (this.#count < count) {
      if (this.#at >= this.#input.length) throw tooShort();
      this.#held |= (this.#input[this.#at++] as number) << this.#count;
      this.#count += 8;
    }
  }

  #bits(count: number): number {
    this.#need(count);
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#count -= count;
    return value;
  }

  #symbol({ table, bits }: Code): number {
    while (this.#count < bits && this.#at < this.#input.length) {
      this.#held |= (this.#input[this.#at++] as number) << this.#count;
      this.#count += 8;
    }
    const entry = table[this.#held & (table.length - 1)] as number;
    const length = entry & 15;
    if (length > this.#count || (length === 0 && this.#count < bits)) throw tooShort();
    if (length === 0) throw damaged('a code that nobody assigned');
    this.#held >>>= length;
    this.#count -= length;
    return entry >> 4;
  }

  #header(): void {
    this.#last = this.#bits(1) === 1;
    const type = this.#bits(2);
    if (type === 3) throw damaged('a block of no type');
    if (type === 0) {
      this.#held = 0;
      this.#at -= this.#count >> 3;
      this.#count = 0;
      const length = this.#bits(16);
      if ((this.#bits(16) ^ length) !== 0xffff) throw damaged('the length of a stored block stands twice and differs');
      this.#stored = length;
      this.#state = 'stored';
      return;
    }
    if (type === 1) ({ literals: this.#literals, distances: this.#distances } = fixedCodes ??= fixed());
    else this.#tables();
    this.#state = 'codes';
  }

  #tables(): void {
    const literals = this.#bits(5) + 257;
    const distances = this.#bits(5) + 1;
    const count = this.#bits(4) + 4;
    if (literals > 286 || distances > 30) throw damaged('more symbols than there are');
    const small = new Uint8Array(19);
    for (let i = 0; i < count; i++) small[LENGTH_ORDER[i] as number] = this.#bits(3);
    const code = codeOf(small, 'code lengths');
    const lengths = new Uint8Array(literals + distances);
    for (let at = 0; at < lengths.length; ) {
      const symbol = this.#symbol(code);
      if (symbol < 16) lengths[at++] = symbol;
      else {
        if (symbol === 16 && at === 0) throw damaged('a length repeats what is not there');
        const value = symbol === 16 ? (lengths[at - 1] as number) : 0;
        const times = symbol === 16 ? 3 + this.#bits(2) : symbol === 17 ? 3 + this.#bits(3) : 11 + this.#bits(7);
        if (at + times > lengths.length) throw damaged('code lengths go beyond the last symbol');
        lengths.fill(value, at, at + times);
        at += times;
      }
    }
    if (lengths[256] === 0) throw damaged('a block has no end');
    this.#literals = codeOf(lengths.subarray(0, literals), 'literals');
    this.#distances = codeOf(lengths.subarray(literals), 'distances');
  }

  #endBlock(): void {
    this.#state = 'header';
    this.done = this.#last;
  }

  #copyStored(): void {
    const length = Math.min(this.#stored, this.#input.length - this.#at, ROOM - this.filled);
    this.room.set(this.#input.subarray(this.#at, this.#at + length), this.filled);
    this.#at += length;
    this.filled += length;
    this.#stored -= length;
    if (this.#stored === 0) this.#endBlock();
  }

  #symbols(final: boolean): void {
    if (this.#at + MOST_SYMBOL <= this.#input.length) this.#fastSymbols();
    while (final && this.#state === 'codes' && this.filled < ROOM - MOST_MATCH) this.#oneSymbol();
  }

  /** Symbols as long as there is input for one whatever it is: no bit is asked for twice whether it is there. */
  #fastSymbols(): void {
    const { table: literals, bits: most } = this.#literals as Code;
    const { table: distances } = this.#distances as Code;
    const literalMask = literals.length - 1;
    const distanceMask = distances.length - 1;
    const room = this.room;
    const input = this.#input;
    const safe = input.length - MOST_SYMBOL;
    let at = this.#at;
    let held = this.#held;
    let count = this.#count;
    let filled = this.filled;
    let problem: string | null = null;
    while (at <= safe && filled < ROOM - MOST_MATCH) {
      while (count < most) {
        held |= (input[at++] as number) << count;
        count += 8;
      }
      const entry = literals[held & literalMask] as number;
      const taken = entry & 15;
      held >>>= taken;
      count -= taken;
      const symbol = entry >> 4;
      if (taken === 0) {
        problem = 'a code that nobody assigned';
        break;
      }
      if (symbol < 256) {
        room[filled++] = symbol;
        continue;
      }
      if (symbol === 256) {
        this.#endBlock();
        break;
      }
      if (symbol > 285) {
        problem = 'a length that nobody defined';
        break;
      }
      while (count < 20) {
        held |= (input[at++] as number) << count;
        count += 8;
      }
      const extra = LENGTH_EXTRA[symbol - 257] as number;
      const length = (LENGTH_BASE[symbol - 257] as number) + (held & ((1 << extra) - 1));
      held >>>= extra;
      count -= extra;
      const far = distances[held & distanceMask] as number;
      const farTaken = far & 15;
      held >>>= farTaken;
      count -= farTaken;
      const slot = far >> 4;
      if (farTaken === 0 || slot > 29) {
        problem = 'a distance that nobody defined';
        break;
      }
      const farExtra = DISTANCE_EXTRA[slot] as number;
      while (count < farExtra) {
        held |= (input[at++] as number) << count;
        count += 8;
      }
      const distance = (DISTANCE_BASE[slot] as number) + (held & ((1 << farExtra) - 1));
      held >>>= farExtra;
      count -= farExtra;
      if (distance > filled) {
        problem = 'a match reaches back before the beginning';
        break;
      }
      for (let from = filled - distance, end = filled + length; filled < end; filled++, from++) room[filled] = room[from] as number;
    }
    this.#at = at;
    this.#held = held;
    this.#count = count;
    this.filled = filled;
    if (problem !== null) throw damaged(problem);
  }

  /** One symbol near the end of the input. */
  #oneSymbol(): void {
    const symbol = this.#symbol(this.#literals as Code);
    if (symbol < 256) {
      this.room[this.filled++] = symbol;
      return;
    }
    if (symbol === 256) {
      this.#endBlock();
      return;
    }
    if (symbol > 285) throw damaged('a length that nobody defined');
    const length = (LENGTH_BASE[symbol - 257] as number) + this.#bits(LENGTH_EXTRA[symbol - 257] as number);
    const slot = this.#symbol(this.#distances as Code);
    if (slot > 29) throw damaged('a distance that nobody defined');
    const distance = (DISTANCE_BASE[slot] as number) + this.#bits(DISTANCE_EXTRA[slot] as number);
    if (distance > this.filled) throw damaged('a match reaches back before the beginning');
    for (let i = 0; i < length; i++, this.filled++) this.room[this.filled] = this.room[this.filled - distance] as number;
  }

  /** Lets go of what matches can no longer reach; gives where the rest begins. */
  slide(): number {
    const from = Math.max(0, this.filled - WINDOW);
    this.room.copyWithin(0, from, this.filled);
    this.filled -= from;
    return this.filled;
  }
}

function tooShort(): BinspectError {
  return new BinspectError('truncated', 'the compressed data end too early');
}

const CHUNK = 64 * 1024;

/** What one raw deflate stream holds: as `Codecs.inflate` says. */
export async function* inflate(flow: Flow): AsyncGenerator<Uint8Array, void, undefined> {
  const inflation = new Inflation();
  let final = false;
  let told = 0; // bytes of the room that have been handed out
  while (!inflation.done) {
    inflation.run(final);
    if (inflation.filled > told) {
      yield inflation.room.slice(told, inflation.filled);
      told = inflation.slide();
      continue;
    }
    if (inflation.done || final) continue;
    const bytes = await flow.chunk(CHUNK);
    if (bytes.length === 0) final = true;
    else inflation.give(bytes);
  }
  flow.unread(inflation.unused());
}

/** The first bytes of what a raw deflate stream holds: as `Codecs.inflateStart` says. */
export function inflateStart(bytes: Uint8Array, most: number): Uint8Array {
  const inflation = new Inflation();
  inflation.give(bytes);
  const { room } = inflation;
  try {
    inflation.run(true);
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code !== 'truncated') throw error; // it is cut on purpose
  }
  return room.slice(0, Math.min(most, inflation.filled));
}

/** All that a raw deflate stream holds. Throws `malformed`, `truncated`, and `limit-exceeded` for more than `most` bytes, of which no more than a window is made. */
export function inflateAll(bytes: Uint8Array, most: number): Uint8Array {
  const inflation = new Inflation();
  inflation.give(bytes);
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let told = 0; ; ) {
    inflation.run(true);
    if (inflation.filled === told) break;
    parts.push(inflation.room.slice(told, inflation.filled));
    size += inflation.filled - told;
    if (size > most) throw new BinspectError('limit-exceeded', `the compressed data hold more than ${most} bytes`);
    told = inflation.slide();
  }
  return concatenated(parts);
}
