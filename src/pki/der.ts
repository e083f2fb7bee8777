// DER and BER as they lie in bytes: elements, and a cursor over what an element holds. Every field's tag is checked by who reads it.

import { BinspectError } from '../errors.ts';

/** Bytes that hold ASN.1, and where in the file they begin: positions in errors count from there. */
export interface DerData {
  readonly bytes: Uint8Array;
  /** Position of the first byte in the file. */
  readonly base: number;
}

/** Identifier octets of the universal types, the bit for "constructed" included. */
export const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OID: 0x06,
  ENUMERATED: 0x0a,
  UTF8_STRING: 0x0c,
  NUMERIC_STRING: 0x12,
  PRINTABLE_STRING: 0x13,
  T61_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  VISIBLE_STRING: 0x1a,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

const CONSTRUCTED = 0x20;
const DEEPEST = 64; // elements within one another; a CMS with a time stamp in it has 25
const LENGTH_BYTES = 6; // 48 bits: what a number holds

/** The identifier octet of a context-specific tag that holds other elements: `[0]`. */
export function context(number: number): number {
  return 0xa0 | number;
}

/** The identifier octet of an implicitly tagged primitive: `[0] IMPLICIT OCTET STRING`. */
export function contextPrimitive(number: number): number {
  return 0x80 | number;
}

/** One element. All positions count from the start of `data.bytes`. */
export interface Element {
  readonly data: DerData;
  /** The identifier octet; of a multi-byte tag, that octet times 2^32 and the number. */
  readonly tag: number;
  /** Where its identifier stands. */
  readonly at: number;
  /** Where its content begins and ends. */
  readonly start: number;
  readonly stop: number;
  /** Where it ends: behind the end-of-contents octets of an indefinite length, else `stop`. */
  readonly end: number;
  /** How many elements this one lies within. */
  readonly depth: number;
}

/** An error of malformed ASN.1, at a position that counts from the start of `data.bytes`. */
export function malformed(data: DerData, at: number, message: string): BinspectError {
  return new BinspectError('malformed', message, { offset: data.base + at });
}

/** The element at `at`, which must end at or before `limit`. Throws `malformed`. (X.690 8.1) */
export function readElement(data: DerData, at: number, limit: number, what: string, depth = 0): Element {
  const { bytes } = data;
  if (depth > DEEPEST) throw malformed(data, at, `${what}: more than ${DEEPEST} elements lie within one another`);
  let next = at;
  const octet = (): number => {
    if (next >= limit) throw malformed(data, at, `${what}: the element runs past the end`);
    return bytes[next++] as number;
  };
  let tag = octet();
  if ((tag & 0x1f) === 0x1f) {
    let number = 0;
    let more = true;
    for (let count = 0; more; count++) {
      const part = octet();
      if (count === 4 || (count === 0 && part === 0x80)) throw malformed(data, at, `${what}: the tag's number is too long`);
      number = number * 128 + (part & 0x7f);
      more = (part & 0x80) !== 0;
    }
    tag = tag * 2 ** 32 + number;
  }
  const constructed = identifierOf(tag) & CONSTRUCTED;
  const first = octet();
  if (first === 0x80) {
    if (constructed === 0) throw malformed(data, at, `${what}: a primitive element of indefinite length`);
    const start = next;
    const stop = endOfContents(data, start, limit, what, depth);
    return { data, tag, at, start, stop, end: stop + 2, depth };
  }
  let length = first;
  if (first > 0x80) {
    if (first - 0x80 > LENGTH_BYTES) throw malformed(data, at, `${what}: a length of ${first - 0x80} bytes`);
    length = 0;
    for (let count = first - 0x80; count > 0; count--) length = length * 256 + octet();
  }
  if (length > limit - next) throw malformed(data, at, `${what}: ${length} bytes of content, ${limit - next} are there`);
  return { data, tag, at, start: next, stop: next + length, end: next + length, depth };
}

function identifierOf(tag: number): number {
  return tag < 256 ? tag : Math.floor(tag / 2 ** 32);
}

/** Where the end-of-contents octets of an element stand. */
function endOfContents(data: DerData, start: number, limit: number, what: string, depth: number): number {
  let at = start;
  for (;;) {
    if (limit - at < 2) throw malformed(data, start, `${what}: no end of contents`);
    if (data.bytes[at] === 0 && data.bytes[at + 1] === 0) return at;
    at = readElement(data, at, limit, what, depth + 1).end;
  }
}

/** The one element that bytes hold. Throws `malformed` where something follows it. */
export function readDer(bytes: Uint8Array, tag: number, what: string, base = 0): Element {
  const data: DerData = { bytes, base };
  const element = readElement(data, 0, bytes.length, what);
  expectTag(element, tag, what);
  if (element.end !== bytes.length) throw malformed(data, element.end, `${what}: ${bytes.length - element.end} bytes follow it`);
  return element;
}

/** Throws `malformed` unless an element has this tag. */
export function expectTag(element: Element, tag: number, what: string): void {
  if (element.tag !== tag) throw malformed(element.data, element.at, `${what}: tag 0x${element.tag.toString(16)} where 0x${tag.toString(16)} belongs`);
}

/** Reads the elements that one holds, in their order. */
export class DerCursor {
  readonly #parent: Element;
  readonly #what: string;
  #at: number;

  constructor(parent: Element, what: string) {
    this.#parent = parent;
    this.#what = what;
    this.#at = parent.start;
  }

  /** Whether nothing is left. */
  get done(): boolean {
    return this.#at >= this.#parent.stop;
  }

  /** The next element, of any tag. Throws `malformed` where there is none. */
  any(what: string = this.#what): Element {
    const { data, stop, depth } = this.#parent;
    const element = readElement(data, this.#at, stop, what, depth + 1);
    this.#at = element.end;
    return element;
  }

  /** The next element, which must have this tag. */
  take(tag: number, what: string): Element {
    const element = this.any(what);
    expectTag(element, tag, what);
    return element;
  }

  /** The next element where it has this tag, else null. */
  maybe(tag: number, what: string): Element | null {
    return this.done || this.#parent.data.bytes[this.#at] !== tag ? null : this.take(tag, what);
  }

  /** A cursor over the next element, which must have this tag. */
  enter(tag: number, what: string): DerCursor {
    return new DerCursor(this.take(tag, what), what);
  }

  /** Throws `malformed` where something is left. */
  finish(): void {
    if (!this.done) throw malformed(this.#parent.data, this.#at, `${this.#what}: fields that do not belong there`);
  }
}

/** The elements that one holds. Throws `malformed`, and `limit-exceeded` where there are more than `most`. */
export function elementsOf(parent: Element, what: string, most: number = Number.MAX_SAFE_INTEGER): Element[] {
  const cursor = new DerCursor(parent, what);
  const elements: Element[] = [];
  while (!cursor.done) {
    if (elements.length === most) throw new BinspectError('limit-exceeded', `${what}: more than ${most}`, { offset: parent.data.base + parent.at });
    elements.push(cursor.any());
  }
  return elements;
}

/** An element's bytes, tag and length included. */
export function wholeOf({ data, at, end }: Element): Uint8Array {
  return data.bytes.subarray(at, end);
}

/** An element's content bytes, as they lie there. */
export function contentOf({ data, start, stop }: Element): Uint8Array {
  return data.bytes.subarray(start, stop);
}

/** Position of an element in the file. */
export function offsetOf({ data, at }: Element): number {
  return data.base + at;
}

/** The bytes of a string, which BER may have cut into pieces: a constructed OCTET STRING is the row of its parts. */
export function stringBytes(element: Element): Uint8Array {
  if ((identifierOf(element.tag) & CONSTRUCTED) === 0) return contentOf(element);
  const pieces = elementsOf(element, 'a string in pieces').map((piece) => {
    if ((piece.tag & ~CONSTRUCTED) !== TAG.OCTET_STRING) throw malformed(piece.data, piece.at, 'a piece of a string has another type');
    return stringBytes(piece);
  });
  return joined(pieces);
}

/** Byte strings, one behind the other. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Whether two byte strings are the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Bytes as lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
