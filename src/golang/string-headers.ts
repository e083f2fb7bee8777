// Go strings by the headers that point at them (address and length): what distinguishes a program's own version from any text like one.

import { inChunks, wanted } from '../bytes/search.ts';
import type { Scan, Stretch } from '../bytes/search.ts';
import { wordAt } from './build-info.ts';
import type { GoMemory, GoRange } from './image.ts';

/** A text whose header is sought: where it lies, and how long it may be. */
export interface Sought {
  readonly at: number;
  readonly least: number;
  readonly most: number;
}

export interface Header {
  readonly sought: Sought;
  readonly length: number;
  /** Where the header lies in the image. */
  readonly at: number;
}

/** An address among those that are sought. */
interface Target {
  readonly sought: Sought;
  readonly address: bigint;
}

/** What chained fixups leave of a pointer: 36 bits, an address or a distance from the image's first byte (dyld's DYLD_CHAINED_PTR_64). */
const FIXUP_MASK = 0xf_ffff_ffffn;

/** The file position of an address; null where the file has no byte for it. */
export function positionOf({ ranges }: GoMemory, address: bigint): { at: number; size: number } | null {
  for (const range of ranges) {
    const into = address - range.address;
    if (into >= 0n && into < BigInt(range.size)) return { at: range.offset + Number(into), size: range.size - Number(into) };
  }
  return null;
}

/** What a stored pointer may point at: itself, and where it is a chained fixup what that stands for. */
export function pointedAt({ fixupBase, bits }: GoMemory, stored: bigint): bigint[] {
  if (fixupBase === null || bits === 32) return [stored];
  const target = stored & FIXUP_MASK;
  return [stored, target, target + fixupBase];
}

const MOST_ADDRESSES = 4; // of one position: a linker maps it once, or twice where two segments meet in a page
const MOST_ALIKE = 64; // addresses whose low halves are the same

/** The addresses that a position of the file is mapped to. */
function addressesOf(ranges: readonly GoRange[], at: number): bigint[] {
  const holding = ranges.filter(({ offset, size }) => at >= offset && at < offset + size).slice(0, MOST_ADDRESSES);
  return holding.map(({ address, offset }) => address + BigInt(at - offset));
}

/** What is sought, by the low halves of the pointers that may stand for it. */
function targetsOf(memory: GoMemory, sought: readonly Sought[]): Map<number, Target[]> {
  const targets = new Map<number, Target[]>();
  for (const text of sought) {
    for (const address of addressesOf(memory.ranges, text.at)) {
      const stored = memory.fixupBase === null ? [address] : [address, address - memory.fixupBase];
      for (const low of new Set(stored.map((pointer) => Number(BigInt.asUintN(32, pointer))))) {
        const same = targets.get(low);
        if (same === undefined) targets.set(low, [{ sought: text, address }]);
        else if (same.length < MOST_ALIKE) same.push({ sought: text, address });
      }
    }
  }
  return targets;
}

/** The low half of a pointer. */
function lowHalf(view: DataView, at: number, { bits, little }: GoMemory): number {
  return view.getUint32(bits === 64 && !little ? at + 4 : at, little);
}

/** Headers that are kept. Programs have two; a table of versions, in a tool that knows them all, some hundred. */
const MOST_HEADERS = 4096;

/** The memory that a program may write to, from its first aligned word on. Where ranges lie over one another in the file, each byte is there once. */
export function writableStretches({ ranges, bits }: GoMemory, most: number): Stretch[] {
  const size = BigInt(bits / 8);
  const stretches: Stretch[] = [];
  let left = most;
  let done = 0;
  for (const range of ranges.filter(({ writable }) => writable).sort((a, b) => a.offset - b.offset)) {
    const start = Math.max(range.offset, done);
    const end = Math.min(range.offset + range.size, start + left);
    const address = range.address + BigInt(start - range.offset);
    const at = start + Number((size - (address % size)) % size);
    if (at >= end) continue;
    stretches.push({ at, length: end - at });
    left -= end - start;
    done = end;
  }
  return stretches;
}

/** The headers of sought texts in the memory that a program may write to: there Go keeps its variables. */
export function* findHeaders(memory: GoMemory, sought: readonly Sought[], most: number): Scan<Header[]> {
  const { bits, little } = memory;
  const size = bits / 8;
  const targets = targetsOf(memory, sought);
  const headers: Header[] = [];
  if (targets.size === 0) return headers;
  const mayBe = new Uint8Array(0x1_0000); // most words are no pointer to anything sought: shown by 16 bits
  for (const low of targets.keys()) mayBe[low & 0xffff] = 1;
  for (const stretch of writableStretches(memory, most)) {
    yield* inChunks(stretch, 2 * size, (bytes, at, own) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let i = 0; i < own && i + 2 * size <= bytes.length; i += size) {
        const low = lowHalf(view, i, memory);
        if (mayBe[low & 0xffff] === 0) continue;
        const same = targets.get(low);
        if (same === undefined) continue;
        const pointers = pointedAt(memory, wordAt(bytes, i, size, little));
        const stated = Number(wordAt(bytes, i + size, size, little));
        for (const { sought: text, address } of same) {
          if (pointers.includes(address) && stated >= text.least && stated <= text.most) headers.push({ sought: text, length: stated, at: at + i });
        }
        if (headers.length >= MOST_HEADERS) return true;
      }
      return false;
    });
    if (headers.length >= MOST_HEADERS) break;
  }
  if (headers.length === 0) yield* relocatedHeaders(memory, targets, headers);
  return headers;
}

const RELA_SIZE = 24; // r_offset, r_info, r_addend

/** Where pointers stand in relocations (Elf64_Rela), what they point at is the addend, and the length stands where it belongs. */
function* relocatedHeaders(memory: GoMemory, targets: Map<number, Target[]>, headers: Header[]): Scan<void> {
  if (memory.bits !== 64) return;
  const places: { place: bigint; target: Target }[] = [];
  for (const stretch of memory.relocations) {
    yield* inChunks(stretch, RELA_SIZE, (bytes, at, own) => {
      const skipped = (stretch.at - at) % RELA_SIZE;
      for (let i = skipped < 0 ? skipped + RELA_SIZE : skipped; i < own && i + RELA_SIZE <= bytes.length; i += RELA_SIZE) {
        const addend = wordAt(bytes, i + 16, 8, memory.little);
        for (const target of targets.get(Number(BigInt.asUintN(32, addend))) ?? []) {
          if (target.address === addend && places.length < 64) places.push({ place: wordAt(bytes, i, 8, memory.little), target });
        }
      }
    });
  }
  for (const { place, target } of places) {
    const position = positionOf(memory, place + 8n);
    const bytes = position === null || position.size < 8 ? new Uint8Array() : yield* wanted(position.at, 8);
    if (position === null || bytes.length < 8) continue;
    const length = Number(wordAt(bytes, 0, 8, memory.little));
    const { sought } = target;
    if (length >= sought.least && length <= sought.most) headers.push({ sought, length, at: position.at - 8 });
  }
}
