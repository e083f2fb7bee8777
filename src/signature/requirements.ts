// Code requirements as text, as codesign(1) prints them. Nothing is evaluated. (Apple, Security, requirement.h and reqdumper.cpp)

import { BinspectError } from '../errors.ts';
import { attempt } from '../pki/attempt.ts';
import { hexOf } from '../pki/der.ts';
import { latin1, oidOf } from '../pki/values.ts';

/** Which question a requirement answers. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'host'],
  [2, 'guest'],
  [3, 'designated'],
  [4, 'library'],
  [5, 'plugin'],
]);

const SET_MAGIC = 0xfade_0c01;
const MAGIC = 0xfade_0c00;
const MOST = 16; // requirements of one set; five types are known
const DEEPEST = 64; // operators within one another
const MOST_TEXT = 64 * 1024; // characters of one requirement

/** A requirement, or why it can't be read, as its text. */
export interface Requirement {
  readonly type: string;
  readonly text: string;
}

/** Reads a set of requirements from its whole blob. What can't be read is left out, and `damaged` hears why; positions count from the blob's start. */
export function readRequirements(blob: Uint8Array, damaged: (message: string, at: number) => void): Requirement[] {
  const words = new DataView(blob.buffer, blob.byteOffset, blob.length);
  if (blob.length < 12 || words.getUint32(0) !== SET_MAGIC) {
    damaged('the blob of requirements is no set of them', 0);
    return [];
  }
  const count = words.getUint32(8);
  if (count > MOST || 12 + count * 8 > blob.length) {
    damaged(`${count} requirements in ${blob.length} bytes`, 8);
    return [];
  }
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const type = words.getUint32(12 + index * 8);
    const at = words.getUint32(16 + index * 8);
    const read = attempt(() => readRequirement(words, blob, at));
    if (read.ok) return [{ type: TYPES.get(type) ?? String(type), text: read.value }];
    damaged(`requirement ${index} can't be read: ${read.error.message}`, Math.min(at, blob.length));
    return [];
  });
}

function malformed(message: string): BinspectError {
  return new BinspectError('malformed', message);
}

function readRequirement(words: DataView, blob: Uint8Array, at: number): string {
  if (at + 12 > blob.length || words.getUint32(at) !== MAGIC) throw malformed('no requirement stands there');
  const length = words.getUint32(at + 4);
  if (length < 12 || at + length > blob.length) throw malformed(`${length} bytes`);
  if (words.getUint32(at + 8) !== 1) throw malformed(`a requirement of the kind ${words.getUint32(at + 8)}`);
  const printer = new Printer(words, blob, at + 12, at + length);
  return printer.expression(TOP, 0);
}

/** How tightly what stands around binds: parentheses are needed within a tighter one. */
const PRIMARY = 0;
const AND = 1;
const OR = 2;
const TOP = 3;

const MATCHES: readonly (readonly [string, string] | null)[] = [
  null, // exists
  [' = ', ''],
  [' ~ ', ''],
  [' = ', '*'],
  [' = *', ''],
  [' < ', ''],
  [' > ', ''],
  [' <= ', ''],
  [' >= ', ''],
];

/** 9 to 13: dates, in seconds since 2001. */
const DATE_MATCHES: readonly string[] = [' = ', ' < ', ' > ', ' <= ', ' >= '];
const EPOCH = Date.UTC(2001, 0, 1);

const KEYWORDS: ReadonlySet<string> = new Set(
  ('absent always anchor and apple cdhash cert certificate code designated entitlement exists false field generic guest hash host ' +
    'identifier info leaf legacy library never not notarized or platform plugin policy root subject timestamp true trusted').split(' '),
);

/** Prints one requirement, which is written in prefix form. */
class Printer {
  readonly #words: DataView;
  readonly #blob: Uint8Array;
  readonly #end: number;
  #at: number;
  #printed = 0;

  constructor(words: DataView, blob: Uint8Array, at: number, end: number) {
    this.#words = words;
    this.#blob = blob;
    this.#at = at;
    this.#end = end;
  }

  #u32(): number {
    if (this.#at + 4 > this.#end) throw malformed('the expression runs past its end');
    this.#at += 4;
    return this.#words.getUint32(this.#at - 4);
  }

  #data(): Uint8Array {
    const length = this.#u32();
    if (length > this.#end - this.#at) throw malformed('text runs past the end of the expression');
    const bytes = this.#blob.subarray(this.#at, this.#at + length);
    this.#at = Math.min(this.#end, this.#at + Math.ceil(length / 4) * 4);
    this.#printed += length;
    if (this.#printed > MOST_TEXT) throw malformed(`more than ${MOST_TEXT} characters`);
    return bytes;
  }

  #text(dots = false): string {
    return printed(this.#data(), dots);
  }

  #hash(): string {
    return `H"${hexOf(this.#data())}"`;
  }

  #slot(): string {
    const slot = this.#u32() | 0;
    return slot === 0 ? ' leaf' : slot === -1 ? ' root' : ` ${slot}`;
  }

  #oid(): string {
    const bytes = this.#data();
    return oidOf(bytes) ?? `0x${hexOf(bytes)}`;
  }

  #match(): string {
    const kind = this.#u32();
    if (kind === 0) return ' /* exists */';
    if (kind === 14) return ' absent';
    const around = MATCHES[kind];
    if (around !== undefined && around !== null) return `${around[0]}${this.#text()}${around[1]}`;
    const word = DATE_MATCHES[kind - 9];
    if (word === undefined) throw malformed(`a comparison of the kind ${kind}`);
    const high = this.#u32() | 0;
    const seconds = high * 2 ** 32 + this.#u32();
    const date = new Date(EPOCH + seconds * 1000);
    return `${word}timestamp "${Number.isNaN(date.getTime()) ? seconds : date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '')}Z"`;
  }

  /** The expression that stands here. */
  expression(around: number, depth: number): string {
    if (depth > DEEPEST) throw malformed(`more than ${DEEPEST} operators within one another`);
    const operator = this.#u32();
    switch (operator) {
      case 0:
        return 'never';
      case 1:
        return 'always';
      case 2:
        return `identifier ${this.#text()}`;
      case 3:
        return 'anchor apple';
      case 4:
        return `certificate${this.#slot()} = ${this.#hash()}`;
      case 5:
        return `info[${this.#text(true)}] = ${this.#text()}`;
      case 6:
        return this.#pair(AND, 'and', around, depth);
      case 7:
        return this.#pair(OR, 'or', around, depth);
      case 8:
        return `cdhash ${this.#hash()}`;
      case 9:
        return `! ${this.expression(PRIMARY, depth + 1)}`;
      case 10:
        return `info[${this.#text(true)}]${this.#match()}`;
      case 11:
        return `certificate${this.#slot()}[${this.#text(true)}]${this.#match()}`;
      case 12:
        return `certificate${this.#slot()} trusted`;
      case 13:
        return 'anchor trusted';
      case 14:
        return `certificate${this.#slot()}[field.${this.#oid()}]${this.#match()}`;
      case 15:
        return 'anchor apple generic';
      case 16:
        return `entitlement[${this.#text(true)}]${this.#match()}`;
      case 17:
        return `certificate${this.#slot()}[policy.${this.#oid()}]${this.#match()}`;
      case 18:
        return `anchor apple ${this.#text()}`;
      case 19:
        return `(${this.#text()})`;
      case 20:
        return `platform = ${this.#u32() | 0}`;
      case 21:
        return 'notarized';
      case 22:
        return `certificate${this.#slot()}[timestamp.${this.#oid()}]${this.#match()}`;
      case 23:
        return 'legacy';
      default:
        return this.#unknown(operator);
    }
  }

  #pair(level: number, word: string, around: number, depth: number): string {
    const text = `${this.expression(level, depth + 1)} ${word} ${this.expression(level, depth + 1)}`;
    return around < level ? `(${text})` : text;
  }

  /** An operator that is not known may say how long it is, and that it counts as false. */
  #unknown(operator: number): string {
    const skippable = (operator & 0xc000_0000) !== 0;
    if (!skippable) throw malformed(`an operator ${operator}`);
    this.#data();
    return `${(operator & 0x4000_0000) !== 0 ? 'never' : 'always'} /* unknown operator ${operator & 0x3fff_ffff} */`;
  }
}

/** A text as it stands in a requirement: bare where it may, else quoted, else as hex. */
function printed(bytes: Uint8Array, dots: boolean): string {
  const value = latin1(bytes);
  const simple = dots ? /^[A-Za-z][A-Za-z0-9.]*$/ : /^[A-Za-z][A-Za-z0-9]*$/;
  if (simple.test(value) && !KEYWORDS.has(value)) return value;
  return /^[\x20-\x7e\t\n]*$/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : `0x${hexOf(bytes)}`;
}
