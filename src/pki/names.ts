// Distinguished names of X.509: their attributes, and the one line of text that is made of them.

import { DerCursor, TAG, hexOf, wholeOf } from './der.ts';
import type { Element } from './der.ts';
import { oid, text } from './values.ts';

/** One attribute of a name. */
export interface NameAttribute {
  /** 'CN', 'O', …; the dotted object identifier where it has no short name here. */
  readonly type: string;
  readonly value: string;
}

/** A distinguished name. */
export interface Name {
  /** The whole DER: names are compared by their bytes, never as text. */
  readonly raw: Uint8Array;
  /** In the order of the certificate, sets of attributes flattened. */
  readonly attributes: readonly NameAttribute[];
  /** As RFC 4514 writes it, the most specific attribute first: 'CN=…, O=…, C=…'. */
  readonly text: string;
}

/** Short names of attribute types (RFC 4519, RFC 5280, Apple's and the CA/Browser Forum's use). */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.15', 'businessCategory'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
  ['1.3.6.1.4.1.311.60.2.1.1', 'jurisdictionL'],
  ['1.3.6.1.4.1.311.60.2.1.2', 'jurisdictionST'],
  ['1.3.6.1.4.1.311.60.2.1.3', 'jurisdictionC'],
]);

/** Reads a Name. (RFC 5280 4.1.2.4) */
export function readName(element: Element, what: string): Name {
  const sets: NameAttribute[][] = [];
  const cursor = new DerCursor(element, what);
  while (!cursor.done) {
    const set = cursor.enter(TAG.SET, what);
    const attributes: NameAttribute[] = [];
    while (!set.done) {
      const pair = set.enter(TAG.SEQUENCE, what);
      const type = oid(pair.take(TAG.OID, what), what);
      const value = pair.any(what);
      pair.finish();
      attributes.push({ type: TYPES.get(type) ?? type, value: text(value) ?? `#${hexOf(wholeOf(value))}` });
    }
    sets.push(attributes);
  }
  const line = sets.map((set) => set.map(({ type, value }) => `${type}=${escaped(value)}`).join('+')).reverse();
  return { raw: wholeOf(element), attributes: sets.flat(), text: line.join(', ') };
}

/** A value as RFC 4514 section 2.4 writes it: what has a meaning in the line gets a backslash. */
function escaped(value: string): string {
  return value.replace(/[\\",+;<>]|^[ #]| $/g, '\\$&');
}
