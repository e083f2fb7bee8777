// What confirms Go's build information: a text in a file proves little, a program that Go built has more than that text.

import { inChunks, wanted } from '../bytes/search.ts';
import type { Scan, Stretch } from '../bytes/search.ts';
import type { Limits } from '../limits.ts';
import { parseGoVersion } from '../model/go-words.ts';
import { warningOf } from '../model/warning.ts';
import type { Warning } from '../model/warning.ts';
import { wordAt } from './build-info.ts';
import type { StoredBuildInfo } from './build-info.ts';
import { findCandidates, mappedStretches } from './candidates.ts';
import type { GoMemory } from './image.ts';
import { SENTINEL } from './modules.ts';
import { pclntabAt, releasesText } from './pclntab.ts';
import type { Pclntab, Releases } from './pclntab.ts';
import { pointedAt, positionOf, writableStretches } from './string-headers.ts';

/** Words at the beginning of a module data (runtime.moduledata): the pcHeader's address, then five slices of it, each an address and twice a length. */
const MODULE_WORDS = 16;
const LENGTHS = [2, 5, 8, 11, 14] as const;
const ADDRESSES = [1, 4, 7, 10, 13] as const;

const MOST_PLACES = 64; // of each kind that are looked at
const HEAD = 8 + 9 * 8; // bytes of a function table's head

/** What the memory that a program may write to says. */
interface Places {
  /** Where a string header of the module text's length begins. */
  readonly strings: number[];
  /** Where a module data begins, as it seems. */
  readonly modules: number[];
}

/** A file position as an address; null where none of the ranges has it. */
function addressAt({ ranges }: GoMemory, at: number): bigint | null {
  const range = ranges.find(({ offset, size }) => at >= offset && at < offset + size);
  return range === undefined ? null : range.address + BigInt(at - range.offset);
}

/** The words that begin a module data of a function table that a section names, by their low halves. */
function tableHalves({ tables = [], fixupBase, bits }: GoMemory): number[] {
  const words = tables.flatMap((address) => (fixupBase === null || bits === 32 ? [address] : [address, address - fixupBase]));
  return [...new Set(words.map((word) => Number(BigInt.asUintN(32, word))))].filter((half) => half !== 0);
}

/** Visits the positions at which a number stands among others: what engines search natively, many times faster than a loop does before it is compiled. */
function eachPlace(halves: Uint32Array, value: number, most: number, visit: (index: number) => void): void {
  for (let i = halves.indexOf(value); i !== -1 && i < most; i = halves.indexOf(value, i + 1)) visit(i);
}

/** One pass over what may be written to: there Go keeps its variables. With `tables` only module datas of those function tables are looked for. */
function* placesIn(memory: GoMemory, length: number, stretches: readonly Stretch[], tables: readonly number[] | null): Scan<Places> {
  const places: Places = { strings: [], modules: [] };
  const { bits, little } = memory;
  const size = bits / 8;
  const step = size / 4;
  for (const stretch of stretches) {
    yield* inChunks(stretch, MODULE_WORDS * size, (bytes, at, own) => {
      const halves = halvesOf(bytes, little);
      const low = step === 2 && !little ? 1 : 0;
      const end = halves.length - MODULE_WORDS * step; // the last words are looked at as strings alone
      const most = Math.min(own / 4, halves.length - step - low);
      if (tables !== null) {
        const isWord = (i: number): boolean => i >= low && (i - low) % step === 0;
        if (length > 0) {
          eachPlace(halves, length, most + step, (i) => {
            if (isWord(i - step) && places.strings.length < MOST_PLACES) places.strings.push(at + (i - step - low) * 4);
          });
        }
        for (const table of tables) {
          eachPlace(halves, table, most, (i) => {
            if (isWord(i) && i <= end && places.modules.length < MOST_PLACES && isModule(halves, i, step)) places.modules.push(at + (i - low) * 4);
          });
        }
        return;
      }
      for (let i = low; i < most; i += step) {
        if (halves[i + step] === length && length > 0 && places.strings.length < MOST_PLACES) places.strings.push(at + (i - low) * 4);
        const first = halves[i + 2 * step];
        if (first === 0 || first !== halves[i + 3 * step] || i > end || places.modules.length === MOST_PLACES) continue;
        if (isModule(halves, i, step)) places.modules.push(at + (i - low) * 4);
      }
    });
  }
  return places;
}

const HOST_IS_LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Bytes as numbers of 32 bits, in the file's order. */
function halvesOf(bytes: Uint8Array, little: boolean): Uint32Array {
  const count = Math.floor(bytes.length / 4);
  if (little === HOST_IS_LITTLE && bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: count }, (_, i) => view.getUint32(4 * i, little));
}

/** Whether words, shown by their low halves, are five slices one behind the other; where relocations hold the addresses, none stands there. */
function isModule(halves: Uint32Array, at: number, step: number): boolean {
  const word = (index: number): number => halves[at + index * step] as number;
  if (!LENGTHS.every((index) => word(index) !== 0 && word(index) === word(index + 1))) return false;
  return ADDRESSES.every((index, i) => word(index) > word(ADDRESSES[i - 1] ?? 0)) || ADDRESSES.every((index) => word(index) === 0);
}

const RELA_SIZE = 24; // r_offset, r_info, r_addend

/** What pointers at positions of the file point at, by position: what stands there, or what a relocation puts there. */
function* pointersAt(memory: GoMemory, positions: readonly number[]): Scan<Map<number, bigint[]>> {
  const { bits, little } = memory;
  const size = bits / 8;
  const found = new Map<number, bigint[]>();
  const byAddress = new Map<bigint, number>();
  const lows = new Set<number>();
  for (const at of positions) {
    const bytes = yield* wanted(at, size);
    if (bytes.length < size) continue;
    const stored = wordAt(bytes, 0, size, little);
    found.set(at, pointedAt(memory, stored));
    const address = stored === 0n ? addressAt(memory, at) : null; // what has a relocation with an addend is 0
    if (address === null) continue;
    byAddress.set(address, at);
    lows.add(Number(BigInt.asUintN(32, address)));
  }
  if (bits !== 64 || byAddress.size === 0) return found;
  for (const stretch of memory.relocations) {
    yield* inChunks(stretch, RELA_SIZE, (bytes, at, own) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const skipped = (stretch.at - at) % RELA_SIZE;
      for (let i = skipped < 0 ? skipped + RELA_SIZE : skipped; i < own && i + RELA_SIZE <= bytes.length; i += RELA_SIZE) {
        if (!lows.has(view.getUint32(little ? i : i + 4, little))) continue;
        const place = byAddress.get(wordAt(bytes, i, 8, little));
        if (place !== undefined) found.get(place)?.push(wordAt(bytes, i + 16, 8, little));
      }
    });
  }
  return found;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

function isFramed(bytes: Uint8Array): boolean {
  return SENTINEL.START.every((byte, at) => bytes[at] === byte);
}

type Copy = 'same' | 'other' | 'none';

/** Whether a module text stands at a position which is not the blob's own. */
function* copyAt(framed: Uint8Array, own: number, at: number): Scan<Copy> {
  if (at === own) return 'none';
  const bytes = yield* wanted(at, framed.length);
  return isSame(bytes, framed) ? 'same' : isFramed(bytes) ? 'other' : 'none';
}

/** The function table that a module data points at; null where it points at none. */
function* tableAt(memory: GoMemory, addresses: readonly bigint[]): Scan<Pclntab | null> {
  for (const address of addresses) {
    const position = positionOf(memory, address);
    if (position === null) continue;
    const bytes = yield* wanted(position.at, Math.min(HEAD, position.size));
    const table = bytes.length < 8 ? null : pclntabAt(bytes, 0, position.at, memory.bits, memory.little);
    if (table !== null) return table;
  }
  return null;
}

/** Whether any word of the image is the address of something at a position. */
function* isPointedAt(memory: GoMemory, at: number, stretches: readonly Stretch[]): Scan<boolean> {
  const address = addressAt(memory, at);
  if (address === null) return memory.ranges.length === 0; // an object: nothing is placed yet
  const { bits, little, fixupBase } = memory;
  const size = bits / 8;
  const low = Number(BigInt.asUintN(32, address));
  const lows = fixupBase === null ? [low] : [low, Number(BigInt.asUintN(32, address - fixupBase))];
  let found = false;
  for (const stretch of [...stretches, ...memory.relocations]) {
    const aligned = { at: Math.ceil(stretch.at / size) * size, length: stretch.length };
    yield* inChunks(aligned, size, (bytes, _, own) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const half = bits === 64 && !little ? 4 : 0;
      for (let i = 0; i < own && i + size <= bytes.length; i += size) {
        if (!lows.includes(view.getUint32(i + half, little))) continue;
        found ||= pointedAt(memory, wordAt(bytes, i, size, little)).includes(address);
      }
      return found;
    });
    if (found) return true;
  }
  return false;
}

/** What was found of what confirms it. */
interface Witnesses {
  copy: Copy;
  table: Pclntab | null;
}

/**
 * Where the variables of the runtime stand, counted from the blob: the linker puts them behind it, a function table's module data first (24 to 150 KiB behind it in most
 * programs), then the text's header (50 to 300 KiB). Stretches are looked at in this order, and the next only where those before it have not proved all.
 */
const NEAR: readonly (readonly [from: number, to: number])[] = [[0, 96 * 1024], [96 * 1024, 320 * 1024], [320 * 1024, 1024 * 1024], [-256 * 1024, 0]]; // prettier-ignore

/** Stretches around a position first, then the rest. What lies across two of them is in the second too. */
function aroundFirst(stretches: readonly Stretch[], at: number | null): Stretch[][] {
  if (at === null) return [[...stretches]];
  const start = at - (at % 8);
  const across = MODULE_WORDS * 8;
  const cut = (from: number, to: number): Stretch[] =>
    stretches.flatMap((stretch) => {
      const first = Math.max(stretch.at, from - across);
      const length = Math.min(stretch.at + stretch.length, to) - first;
      return length > 0 ? [{ at: first + ((stretch.at - first) & 7), length }] : [];
    });
  const before = Math.min(...NEAR.map(([from]) => from));
  const behind = Math.max(...NEAR.map(([, to]) => to));
  return [...NEAR.map(([from, to]) => cut(start + from, start + to)), [...cut(0, start + before), ...cut(start + behind, Number.MAX_SAFE_INTEGER)]];
}

/** What is near at hand: the variables that point at the text and at the function table. */
function* nearWitnesses(memory: GoMemory, { textAt }: StoredBuildInfo, framed: Uint8Array, found: Witnesses, stretches: readonly Stretch[], tables: readonly number[] | null): Scan<Witnesses> {
  const { strings, modules } = yield* placesIn(memory, framed.length, stretches, tables);
  const pointers = yield* pointersAt(memory, [...strings, ...modules]);
  for (const at of strings) {
    for (const address of pointers.get(at) ?? []) {
      const position = positionOf(memory, address);
      if (position === null || found.copy === 'same') continue;
      const copy = yield* copyAt(framed, textAt ?? -1, position.at);
      if (copy !== 'none') found.copy = copy;
    }
  }
  for (const at of modules) found.table ??= yield* tableAt(memory, pointers.get(at) ?? []);
  return found;
}

/** All of the image, for what is laid out otherwise. */
function* farWitnesses(memory: GoMemory, { textAt }: StoredBuildInfo, framed: Uint8Array, near: Witnesses, size: number, limits: Limits): Scan<Witnesses> {
  const stretches = mappedStretches(memory, size, limits.goSearchBytes);
  const { texts, pclntabs } = yield* findCandidates(memory, stretches);
  const found: Witnesses = { ...near };
  for (const at of texts) {
    if (found.copy === 'same') break;
    const copy = yield* copyAt(framed, textAt ?? -1, at);
    if (copy !== 'none') found.copy = copy;
  }
  for (const table of pclntabs) if (found.table === null && (yield* isPointedAt(memory, table.at, stretches))) found.table = table;
  return found;
}

function fits(minor: number | undefined, { first, last }: Releases): boolean {
  return minor === undefined || (minor >= first && minor <= (last ?? minor));
}

/**
 * Warnings where nothing in a program confirms what its build information says: anybody can write that text into any program, and `go version -m`
 * believes it. A program of Go's has a function table that its version lays out so, a module data that points at it, and the module text a second
 * time, for itself.
 */
export function* unconfirmed(memory: GoMemory, stored: StoredBuildInfo, version: string, size: number, limits: Limits): Scan<Warning[]> {
  const minor = parseGoVersion(version)?.minor;
  const framed = stored.textAt === null ? new Uint8Array() : yield* wanted(stored.textAt, stored.framedLength);
  const wantsCopy = framed.length > 0;
  const done = ({ copy, table }: Witnesses): boolean => (!wantsCopy || copy === 'same') && table !== null;
  let found: Witnesses = { copy: 'none', table: null };
  const parts = aroundFirst(writableStretches(memory, limits.goSearchBytes), stored.textAt);
  const tables = tableHalves(memory);
  for (const stretches of tables.length === 0 || stored.textAt === null ? [] : parts.slice(0, NEAR.length)) {
    if (!done(found)) found = yield* nearWitnesses(memory, stored, framed, found, stretches, tables);
  }
  for (const stretches of parts) {
    if (!done(found)) found = yield* nearWitnesses(memory, stored, framed, found, stretches, null);
  }
  if (!done(found)) found = yield* farWitnesses(memory, stored, framed, found, size, limits);
  const warnings: Warning[] = [];
  const at = `0x${stored.address.toString(16)}`;
  if (wantsCopy && found.copy === 'other') {
    warnings.push(warningOf('go-copies-differ', `the build information at ${at} is not what the program itself says of its modules and settings`, null));
  } else if (wantsCopy && found.copy === 'none') {
    warnings.push(warningOf('go-unconfirmed', `the build information at ${at} stands in the file once; a program that Go built has its module text twice`, null));
  }
  if (found.table === null) {
    warnings.push(warningOf('go-unconfirmed', 'no module data of Go points at a function table: nothing but a text says that Go built this', null));
  } else if (!fits(minor, found.table.releases)) {
    warnings.push(warningOf('go-unconfirmed', `the build information says ${version}, the function table is laid out as by ${releasesText(found.table.releases)}`, null));
  }
  return warnings;
}
