// Damage: edits to a file that aim at its fields, its structures' bounds and its texts, made by chance that repeats itself.

import { encode, valueOf } from './fields.ts';
import type { Field } from './fields.ts';

/** Bytes that take the place of others. Every kind of damage is one of these, so that any can be taken back alone. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
  /** For people: 'field of 4 bytes at 0x3c := 0xffffffff'. */
  readonly what: string;
}

/** A file with edits made, one after the other. Where an edit lies beyond the end, it is made at the end. */
export function apply(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let all = bytes.slice();
  for (const { at, remove, insert } of edits) {
    const start = Math.min(at, all.length);
    const end = Math.min(start + remove, all.length);
    if (insert.length === end - start) {
      all.set(insert, start);
      continue;
    }
    const next = new Uint8Array(all.length - (end - start) + insert.length);
    next.set(all.subarray(0, start));
    next.set(insert, start);
    next.set(all.subarray(end), start + insert.length);
    all = next;
  }
  return all;
}

/** What is damaged: the bytes, where their fields are, and words that mean something in them. */
export interface Material {
  readonly bytes: Uint8Array;
  readonly fields: readonly Field[];
  readonly tokens: readonly Uint8Array[];
}

const encoder = new TextEncoder();
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** Texts that terminals, logs and readers of lines take for more than text. */
export const HOSTILE_TEXTS: readonly Uint8Array[] = [
  encoder.encode('\u001b[2J\u001b]0;x\u0007'),
  encoder.encode('\n::error::x\r\n'),
  encoder.encode('\u202etxt.\u2066\u200f'),
  encoder.encode('../../../etc/passwd'),
  encoder.encode('%s%n{0}$(x)`x`'),
  Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80),
  ...Object.getOwnPropertyNames(Object.prototype).flatMap((name) => [encoder.encode(name), encoder.encode(`${name}\0`)]),
  encoder.encode('a'.repeat(300)),
];

/** Chance, with the choices that damage needs. */
class Dice {
  readonly next: () => number;

  constructor(next: () => number) {
    this.next = next;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  one<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** A length from 1 on: short ones are likelier. */
  length(most: number): number {
    return Math.max(1, Math.min(most, Math.floor(2 ** (this.next() * Math.log2(Math.max(2, most))))));
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }
}

/** The fields that are read first decide the most: half of all choices fall among them. */
function someField(dice: Dice, fields: readonly Field[]): Field {
  return dice.next() < 0.5 ? dice.one(fields.slice(0, 96)) : dice.one(fields);
}

/** What a field is set to: what loops, sums and comparisons stumble over. */
function someValue(dice: Dice, field: Field, { bytes, fields }: Material): bigint {
  const bits = BigInt(field.size * 8);
  const own = valueOf(bytes, field);
  const other = someField(dice, fields);
  const size = BigInt(bytes.length);
  switch (dice.below(16)) {
    case 0:
      return 0n;
    case 1:
      return 1n;
    case 2:
      return -1n;
    case 3:
      return (1n << (bits - 1n)) - 1n;
    case 4:
      return 1n << (bits - 1n);
    case 5:
      return own + 1n;
    case 6:
      return own - 1n;
    case 7:
      return own * 2n;
    case 8:
      return size + BigInt(dice.below(3) - 1);
    case 9:
      return BigInt(field.at); // an offset of itself
    case 10:
      return BigInt(other.at); // an offset of something else
    case 11:
      return valueOf(bytes, other); // another's address, offset or count
    case 12:
      return valueOf(bytes, other) + BigInt(dice.below(17) - 8);
    case 13:
      return 1n << BigInt(dice.below(Number(bits)));
    case 14:
      return own ^ (1n << BigInt(dice.below(Number(bits))));
    default:
      return BigInt(dice.below(2 ** 31));
  }
}

type Kind = (dice: Dice, material: Material, others: readonly Material[]) => Edit;

const setField: Kind = (dice, material, others) => {
  if (material.fields.length === 0) return flip(dice, material, others);
  const field = someField(dice, material.fields);
  const value = BigInt.asUintN(field.size * 8, someValue(dice, field, material));
  return { at: field.at, remove: field.size, insert: encode(field, value), what: `field of ${field.size} bytes at ${hex(field.at)} := ${hex(value)}` };
};

const flip: Kind = (dice, { bytes }) => {
  const at = dice.below(bytes.length);
  const count = Math.min(dice.length(8), bytes.length - at);
  return { at, remove: count, insert: dice.bytes(count), what: `${count} bytes at ${hex(at)} by chance` };
};

/** A position: mostly where a structure begins or ends. */
function bound(dice: Dice, { bytes, fields }: Material): number {
  if (fields.length === 0 || dice.next() < 0.25) return dice.below(bytes.length + 1);
  const field = someField(dice, fields);
  return Math.max(0, Math.min(bytes.length, field.at + dice.one([0, 0, 0, field.size, 1, -1])));
}

const cut: Kind = (dice, material) => {
  const at = bound(dice, material);
  return { at, remove: Number.MAX_SAFE_INTEGER, insert: new Uint8Array(), what: `cut at ${hex(at)}` };
};

const extend: Kind = (dice, { bytes }, others) => {
  const more = dice.one([new Uint8Array(dice.length(0x1_0000)), dice.bytes(dice.length(4096)), bytes.slice(0, dice.length(bytes.length)), dice.one(others).bytes]);
  return { at: bytes.length, remove: 0, insert: more, what: `${more.length} bytes appended` };
};

const copy: Kind = (dice, material) => {
  const { bytes } = material;
  const from = bound(dice, material);
  const to = bound(dice, material);
  const block = bytes.slice(from, from + dice.length(4096));
  const insert = dice.next() < 0.5;
  return { at: to, remove: insert ? 0 : block.length, insert: block, what: `${block.length} bytes of ${hex(from)} ${insert ? 'inserted' : 'written'} at ${hex(to)}` };
};

const zero: Kind = (dice, material) => {
  const at = bound(dice, material);
  const count = Math.min(dice.length(4096), material.bytes.length - at);
  const byte = dice.one([0, 0, 0xff]);
  return { at, remove: count, insert: new Uint8Array(count).fill(byte), what: `${count} bytes ${hex(byte)} at ${hex(at)}` };
};

const drop: Kind = (dice, material) => {
  const at = bound(dice, material);
  const count = dice.length(512);
  return { at, remove: count, insert: new Uint8Array(), what: `${count} bytes at ${hex(at)} taken out` };
};

const splice: Kind = (dice, material, others) => {
  const other = dice.one(others);
  const at = bound(dice, material);
  const from = bound(dice, other);
  const whole = dice.next() < 0.5;
  const bytes = other.bytes.slice(from, whole ? undefined : from + dice.length(4096));
  const what = `${bytes.length} bytes of another file's ${hex(from)} at ${hex(at)}${whole ? ', to the end' : ''}`;
  return { at, remove: whole ? Number.MAX_SAFE_INTEGER : bytes.length, insert: bytes, what };
};

/** Writes over a text that stands in the file, or anywhere. */
const hostileText: Kind = (dice, { bytes, tokens }) => {
  const text = dice.one(dice.next() < 0.5 && tokens.length > 0 ? tokens : HOSTILE_TEXTS);
  let at = dice.below(bytes.length + 1);
  for (let i = 0; i < 4096 && at + i < bytes.length; i++) {
    const byte = bytes[at + i] as number;
    if (byte >= 0x61 && byte <= 0x7a) {
      at += i;
      break;
    }
  }
  const insert = tokens.length > 0 && dice.next() < 0.5;
  return { at, remove: insert ? 0 : text.length, insert: text, what: `the text ${JSON.stringify(new TextDecoder('latin1').decode(text.subarray(0, 20)))} at ${hex(at)}` };
};

/** Where the tables of a 64-bit little-endian ELF file are; null for anything else. */
function elfTables(bytes: Uint8Array): { phoff: number; phnum: number; shoff: number; shnum: number } | null {
  if (bytes.length < 64 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[4] !== 2 || bytes[5] !== 1) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [phoff, shoff] = [Number(view.getBigUint64(32, true)), Number(view.getBigUint64(40, true))];
  const [phnum, shnum] = [view.getUint16(56, true), view.getUint16(60, true)];
  return phnum > 0 && phoff + 56 * phnum <= bytes.length && shoff + 64 * shnum <= bytes.length ? { phoff, phnum, shoff, shnum } : null;
}

/** What makes a loader see another program than a reader who goes by offsets: headers twice, tables in a page's tail, other forms, other types. */
const twoFaces: Kind = (dice, material, others) => {
  const { bytes } = material;
  const tables = elfTables(bytes);
  if (tables === null) return setField(dice, material, others);
  const { phoff, phnum, shoff, shnum } = tables;
  const header = (i: number): Uint8Array => bytes.slice(phoff + 56 * i, phoff + 56 * i + 56);
  const put = (at: number, insert: Uint8Array, what: string): Edit => ({ at, remove: insert.length, insert, what });
  const number = (value: bigint, size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  switch (dice.below(5)) {
    case 0: {
      const [from, to] = [dice.below(phnum), dice.below(phnum)];
      return put(phoff + 56 * to, header(from), `program header ${from} again in place of ${to}`);
    }
    case 1: {
      const index = dice.below(phnum);
      return put(phoff + 56 * index + 32, number(BigInt(dice.below(4096)), 8), `program header ${index} ends before its tables do`);
    }
    case 2:
      return put(32, number(0n, 8), 'e_phoff 0');
    case 3:
      return put(4, Uint8Array.of(1), 'the other class');
    default: {
      if (shoff === 0 || shnum === 0) return put(32, number(0n, 8), 'e_phoff 0');
      const index = dice.below(shnum);
      return put(shoff + 64 * index + 4, number(BigInt(dice.one([0, 1, 2, 3, 6, 7, 8, 11])), 4), `section ${index} of another type`);
    }
  }
};

/** Kinds of damage, as often as they are worth it. */
const KINDS: readonly (readonly [weight: number, kind: Kind])[] = [
  [12, setField],
  [2, flip],
  [2, cut],
  [1, extend],
  [2, copy],
  [1, zero],
  [1, drop],
  [2, splice],
  [1, hostileText],
  [2, twoFaces],
];
const DECK: readonly Kind[] = KINDS.flatMap(([weight, kind]) => new Array<Kind>(weight).fill(kind));

const TEXT_DECK: readonly Kind[] = [hostileText, hostileText, hostileText, hostileText, flip, cut, extend, copy, copy, drop, splice];

/** One to eight edits, one on top of the other. */
export function damage(next: () => number, material: Material, others: readonly Material[]): Edit[] {
  const dice = new Dice(next);
  const deck = material.tokens.length > 0 ? TEXT_DECK : DECK;
  const count = dice.length(8);
  const edits: Edit[] = [];
  for (let i = 0; i < count; i++) {
    const now = edits.length === 0 || material.fields.length > 0 ? material : { ...material, bytes: apply(material.bytes, edits) };
    edits.push(now.bytes.length === 0 ? extend(dice, now, others) : dice.one(deck)(dice, now, others));
  }
  return edits;
}
