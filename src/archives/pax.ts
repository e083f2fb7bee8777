// PAX records: what a tar header has no room for, as text.

import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';

/** Records of one header, in order: GNU's first sparse format uses a key many times. */
export type PaxRecords = readonly (readonly [key: string, value: string])[];

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
const LENGTH_DIGITS = 16;

/** Reads the records of an extended header: `LENGTH KEY=VALUE\n`, where the length counts all of the record. Throws `malformed`. */
export function readPax(bytes: Uint8Array): PaxRecords {
  const records: [string, string][] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] === 0) break; // some writers pad
    let space = at;
    let length = 0;
    for (; bytes[space] !== SPACE; space++) {
      const digit = (bytes[space] ?? 0) - 0x30;
      if (digit < 0 || digit > 9 || space - at >= LENGTH_DIGITS) throw new BinspectError('malformed', `PAX records: no length stands at byte ${at} of ${bytes.length}`);
      length = length * 10 + digit;
    }
    const end = at + length;
    const equals = bytes.indexOf(EQUALS, space + 1);
    if (end > bytes.length || end <= space + 1 || bytes[end - 1] !== NEWLINE || equals === -1 || equals >= end) {
      throw new BinspectError('malformed', `PAX records: the record at byte ${at} of ${bytes.length} has the length ${length}, where no line ends`);
    }
    records.push([decodeText(bytes, space + 1, equals), decodeText(bytes, equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

/** A decimal number of a record. Null for what is none, or is beyond 2^53 - 1. */
export function paxNumber(text: string): number | null {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}
