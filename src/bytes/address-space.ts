// Where an address lies in the file: the one place that turns addresses into offsets.

import { Bytes, chunkOf } from './bytes.ts';
import type { Input } from './input.ts';

/** A range of addresses as the loader fills it: first with bytes of the file, from there on with zeros. */
export interface AddressRange {
  readonly address: bigint;
  /** Bytes in memory. */
  readonly memorySize: bigint;
  /** Where its bytes begin in the file. */
  readonly offset: number;
  /** Bytes from the file; the rest of `memorySize` is zeros. */
  readonly fileSize: number;
}

/** A range, or what earlier ranges left of it. */
interface Piece {
  readonly start: bigint;
  readonly end: bigint;
  /** Address at which the file's bytes end. */
  readonly fileEnd: bigint;
  readonly offset: number;
}

const MANY = 256; // ranges: a linker writes under twenty
const FEW = 8; // pieces, which are found faster one after the other than by halves

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/**
 * The ranges made disjoint, sorted by address: where two overlap, the one listed first wins; what goes on in the file becomes one piece. A file may name 65,535 ranges, all over one
 * another; so every stretch between two neighbouring bounds is given away once, and skipped from then on.
 */
function disjoint(ranges: readonly AddressRange[], fileSize: number): Piece[] {
  const bounds = [...new Set(ranges.flatMap(({ address, memorySize }) => [address, address + memorySize]))].sort((a, b) => (a < b ? -1 : 1));
  const owners = new Array<AddressRange | null>(bounds.length).fill(null);
  const free = Uint32Array.from({ length: bounds.length + 1 }, (_, slot) => slot); // from a stretch towards the next that has no owner
  const nextFree = (from: number): number => {
    let slot = from;
    while (free[slot] !== slot) slot = free[slot] = free[free[slot] as number] as number;
    return slot;
  };
  for (const range of ranges) {
    const end = range.address + range.memorySize;
    for (let slot = nextFree(firstWhere(bounds, (bound) => bound >= range.address)); (bounds[slot] ?? end) < end; slot = nextFree(slot)) {
      owners[slot] = range;
      free[slot] = slot + 1;
    }
  }
  const pieces: Piece[] = [];
  for (let slot = 0; slot < owners.length; slot++) {
    const range = owners[slot] as AddressRange | null;
    if (range === null) continue;
    const start = bounds[slot] as bigint;
    while (owners[slot + 1] === range) slot++;
    const end = bounds[slot + 1] as bigint;
    const piece = pieceOf(range, start, end, fileSize);
    const last = pieces.at(-1);
    const goesOn = last !== undefined && last.fileEnd === start && last.end === start && last.offset + Number(start - last.start) === piece.offset;
    if (goesOn) pieces[pieces.length - 1] = { start: last.start, end, fileEnd: piece.fileEnd, offset: last.offset };
    else pieces.push(piece);
  }
  return pieces;
}

/** What a range has of the addresses from `start` to `end`. */
function pieceOf(range: AddressRange, start: bigint, end: bigint, fileSize: number): Piece {
  const backed = Math.max(0, Math.min(range.fileSize, fileSize - range.offset));
  const fileEnd = min(end, range.address + BigInt(backed));
  return { start, end, fileEnd: fileEnd < start ? start : fileEnd, offset: range.offset + Number(start - range.address) };
}

/** Whether each range begins where the one before it has ended: as every linker writes them. */
function isDisjoint(ranges: readonly AddressRange[]): boolean {
  let end = -1n;
  for (const { address, memorySize } of ranges) {
    if (address < end || memorySize === 0n) return false;
    end = address + memorySize;
  }
  return true;
}

/** The index of the first item of a sorted list for which a test holds: it holds for all after it too. */
function firstWhere<T>(items: readonly T[], test: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** An image's memory, as far as the file fills it. Addresses are bigint and offsets number, so neither passes for the other. */
export class AddressSpace {
  readonly #input: Input;
  readonly #pieces: readonly Piece[];
  /** Whether the ranges are in order, and no two of them claim an address. */
  readonly inOrder: boolean;

  /** Where ranges overlap, `wins` says which of them is there in the end. */
  constructor(input: Input, ranges: readonly AddressRange[], wins: 'first' | 'last') {
    this.#input = input;
    this.inOrder = isDisjoint(ranges);
    if (this.inOrder) {
      this.#pieces = ranges.map((range) => pieceOf(range, range.address, range.address + range.memorySize, input.size));
      return;
    }
    const make = (): Piece[] => disjoint(wins === 'first' ? ranges : [...ranges].reverse(), input.size);
    this.#pieces = ranges.length > MANY ? input.once('memory', make) : make();
  }

  #pieceAt(address: bigint): Piece | null {
    const pieces = this.#pieces;
    if (pieces.length > FEW) {
      const piece = pieces[firstWhere(pieces, ({ end }) => end > address)];
      return piece !== undefined && piece.start <= address ? piece : null;
    }
    for (const piece of pieces) if (address < piece.end) return piece.start <= address ? piece : null;
    return null;
  }

  /** The file position of the byte at an address; null where the file has none for it (unmapped, or zeros). */
  offsetOf(address: bigint): number | null {
    const piece = this.#pieceAt(address);
    return piece === null || address >= piece.fileEnd ? null : piece.offset + Number(address - piece.start);
  }

  /** Whether there is anything at an address: bytes of the file, or zeros. */
  isMapped(address: bigint): boolean {
    return this.#pieceAt(address) !== null;
  }

  /** How many bytes of the file follow from an address without a gap or a jump. */
  backed(address: bigint): number {
    const piece = this.#pieceAt(address);
    return piece === null || address >= piece.fileEnd ? 0 : Number(piece.fileEnd - address);
  }

  /**
   * The bytes at an address as the loader would put them there, zeros included, across neighbouring ranges.
   * Null where not all of them are mapped. Keep `length` small: it is allocated where the bytes lie apart.
   */
  read(address: bigint, length: number, what: string): Bytes | null {
    if (length <= this.backed(address)) return this.#input.read(this.offsetOf(address) as number, length, what);
    const all = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const here = address + BigInt(at);
      const piece = this.#pieceAt(here);
      if (piece === null) return null;
      const size = Math.min(length - at, Number(piece.end - here));
      const fromFile = Math.min(size, this.backed(here));
      if (fromFile > 0) all.set(this.#input.read(this.offsetOf(here) as number, fromFile, what).bytes(), at);
      at += size;
    }
    const offset = this.offsetOf(address) ?? 0;
    return new Bytes(chunkOf(all), 0, length, this.#input.start + offset, what, this.#input.encoding);
  }

  /** The text at an address, up to its NUL or the end of what is mapped; null where the address is not mapped. */
  text(address: bigint, what: string): { text: string; complete: boolean } | null {
    const piece = this.#pieceAt(address);
    if (piece === null) return null;
    const backed = this.backed(address);
    if (backed === 0) return { text: '', complete: true }; // zeros
    const { text, complete } = this.#input.text(this.offsetOf(address) as number, backed, what);
    return { text, complete: complete || (piece.end > piece.fileEnd && backed <= this.#input.limits.stringBytes) };
  }
}
