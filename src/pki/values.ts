// What primitive elements of ASN.1 hold: numbers, object identifiers, bits, text and times.

import { TAG, contentOf, expectTag, malformed } from './der.ts';
import type { Element } from './der.ts';

/** An INTEGER of any size, signed. */
export function integer(element: Element, what: string): bigint {
  expectTag(element, TAG.INTEGER, what);
  return BigInt.asIntN(8 * (element.stop - element.start), unsigned(element, what));
}

/** The bytes of an INTEGER as a number without a sign: for serials and keys, which are compared or known to be positive. */
export function unsigned(element: Element, what: string): bigint {
  const bytes = contentOf(element);
  if (bytes.length === 0) throw malformed(element.data, element.at, `${what}: a number without bytes`);
  return bigEndian(bytes);
}

/** Bytes as one number, the first byte the highest. */
export function bigEndian(bytes: Uint8Array): bigint {
  let text = '0x0';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return BigInt(text);
}

/** An INTEGER that is a count or a version: 0 to 2^31 − 1. */
export function count(element: Element, what: string): number {
  const value = integer(element, what);
  if (value < 0n || value > 0x7fff_ffffn) throw malformed(element.data, element.at, `${what}: ${element.stop - element.start} bytes, no number up to 2^31`);
  return Number(value);
}

/** A BOOLEAN. */
export function boolean(element: Element, what: string): boolean {
  expectTag(element, TAG.BOOLEAN, what);
  if (element.stop - element.start !== 1) throw malformed(element.data, element.at, `${what}: a boolean of ${element.stop - element.start} bytes`);
  return element.data.bytes[element.start] !== 0;
}

/** An OBJECT IDENTIFIER in dotted form. */
export function oid(element: Element, what: string): string {
  expectTag(element, TAG.OID, what);
  const text = oidOf(contentOf(element));
  if (text === null) throw malformed(element.data, element.at, `${what}: not a valid object identifier`);
  return text;
}

const OID_BYTES = 128; // the longest in use has some thirty

/** The dotted form of an object identifier's content bytes; null where they are not valid. */
export function oidOf(bytes: Uint8Array): string | null {
  if (bytes.length === 0 || bytes.length > OID_BYTES || (bytes[bytes.length - 1] as number) >= 0x80) return null;
  const arcs: bigint[] = [];
  let value = 0n;
  let fresh = true;
  for (const byte of bytes) {
    if (fresh && byte === 0x80) return null;
    value = (value << 7n) | BigInt(byte & 0x7f);
    fresh = byte < 0x80;
    if (!fresh) continue;
    arcs.push(value);
    value = 0n;
  }
  const [first = 0n, ...rest] = arcs;
  const root = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}

/** A BIT STRING's bytes; whole octets only, as signatures and keys have them. */
export function bitBytes(element: Element, what: string): Uint8Array {
  expectTag(element, TAG.BIT_STRING, what);
  if (element.stop === element.start || element.data.bytes[element.start] !== 0) throw malformed(element.data, element.at, `${what}: bits that fill no octets`);
  return contentOf(element).subarray(1);
}

/** The bits of a BIT STRING of flags: bit 0 is the lowest here. At most 32. */
export function flagBits(element: Element, what: string): number {
  expectTag(element, TAG.BIT_STRING, what);
  const bytes = contentOf(element);
  if (bytes.length === 0 || (bytes[0] as number) > 7) throw malformed(element.data, element.at, `${what}: not a valid bit string`);
  let flags = 0;
  for (let bit = 0; bit < Math.min(32, (bytes.length - 1) * 8); bit++) {
    if ((((bytes[1 + (bit >> 3)] as number) << (bit & 7)) & 0x80) !== 0) flags |= 1 << bit;
  }
  return flags >>> 0;
}

const UTF8 = new TextDecoder('utf-8');

/** Text of any of the string types that certificates use; null for another type. */
export function text(element: Element): string | null {
  const bytes = contentOf(element);
  switch (element.tag) {
    case TAG.UTF8_STRING:
      return UTF8.decode(bytes);
    case TAG.PRINTABLE_STRING:
    case TAG.NUMERIC_STRING:
    case TAG.IA5_STRING:
    case TAG.VISIBLE_STRING:
    case TAG.T61_STRING: // no one implements T.61; Latin-1 is what was meant
      return latin1(bytes);
    case TAG.BMP_STRING:
      return utf16(bytes);
    case TAG.UNIVERSAL_STRING:
      return utf32(bytes);
    default:
      return null;
  }
}

/** Bytes as text, one character each. */
export function latin1(bytes: Uint8Array): string {
  let result = '';
  for (const byte of bytes) result += String.fromCharCode(byte);
  return result;
}

/** UTF-16, the high byte first. */
export function utf16(bytes: Uint8Array): string {
  let result = '';
  for (let at = 0; at + 1 < bytes.length; at += 2) result += String.fromCharCode(((bytes[at] as number) << 8) | (bytes[at + 1] as number));
  return result;
}

function utf32(bytes: Uint8Array): string {
  let result = '';
  for (let at = 0; at + 3 < bytes.length; at += 4) {
    const point = (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0;
    result += String.fromCodePoint(point <= 0x10_ffff ? point : 0xfffd);
  }
  return result;
}

const TIME = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:[.,](\d{1,9}))?(Z|[+-]\d{4})$/;

/** A UTCTime or GeneralizedTime, in milliseconds since 1970. Years of two digits below 50 are this century's (RFC 5280 4.1.2.5.1). */
export function time(element: Element, what: string): number {
  const long = element.tag === TAG.GENERALIZED_TIME;
  if (!long) expectTag(element, TAG.UTC_TIME, what);
  const parts = TIME.exec(latin1(contentOf(element)));
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '00', fraction = '', zone = ''] = parts ?? [];
  if (parts === null || (year.length === 4) !== long) throw malformed(element.data, element.at, `${what}: not a valid time`);
  const full = long ? Number(year) : Number(year) < 50 ? 2000 + Number(year) : 1900 + Number(year);
  const date = new Date(0);
  date.setUTCFullYear(full, Number(month) - 1, Number(day));
  const valid = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 61;
  if (!valid) throw malformed(element.data, element.at, `${what}: not a valid time`);
  date.setUTCHours(Number(hour), Number(minute), Number(second), Math.floor(Number(`0.${fraction}0`) * 1000));
  return date.getTime() - offsetOf(zone);
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** Milliseconds since 1970 as ISO 8601 in UTC: seconds, and a fraction only where there is one. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
