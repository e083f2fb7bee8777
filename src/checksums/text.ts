// The lines of a checksum file, whatever wrote it: byte order marks, UTF-16, carriage returns, PGP's wrapper.

import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import type { ListEncoding } from './list.ts';

/** A line and its place in the file, counted from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** A line that says something. */
export interface ListLine extends Line {
  /** Whether it stands behind the text that a signature is for. */
  readonly unsigned: boolean;
}

export interface ListText {
  readonly lines: readonly ListLine[];
  readonly encoding: ListEncoding;
  /** Whether it is the body of a PGP-signed message. */
  readonly signed: boolean;
}

const BOM = '\ufeff';

function decode(bytes: Uint8Array): { text: string; encoding: ListEncoding } {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes), encoding: 'utf-16le' };
  if (first === 0xfe && second === 0xff) return { text: new TextDecoder('utf-16be').decode(bytes), encoding: 'utf-16be' };
  if (first === 0xef && second === 0xbb && third === 0xbf) return { text: decodeText(bytes.subarray(3)), encoding: 'utf-8 with a byte order mark' };
  return { text: decodeText(bytes), encoding: 'utf-8' };
}

const MOST_LINES = 2_000_000; // no release has as many files, and each line takes memory

/** Some of a text's lines. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  /** The number of the first line. */
  readonly number: number;
  /** Whether it is the text that a signature is for: a dash and a blank before a line are not part of it then, and neither are blanks at its end. */
  readonly signed: boolean;
}

/** The lines of a stretch, where each begins, without the character that ends it. One after the other: an array of all would cost more than the text. */
function* linesIn(text: string, { from, to, number }: Stretch): Generator<Line & { readonly at: number }, void, undefined> {
  for (let at = from, line = number; at <= to; line++) {
    const end = text.indexOf('\n', at);
    const stop = end === -1 || end > to ? to : end;
    yield { number: line, text: text.slice(at, stop), at };
    at = stop + 1;
  }
}

/** The lines that say something: no comment, not empty, without their line ends. Throws `limit-exceeded` where they are too many. */
export function linesOf(list: string | Uint8Array): ListText {
  const { text, encoding } =
    typeof list !== 'string' ? decode(list) : list.startsWith(BOM) ? { text: list.slice(1), encoding: 'utf-8 with a byte order mark' as const } : { text: list, encoding: 'utf-8' as const };
  const body = signedBody(text);
  const lines: ListLine[] = [];
  for (const stretch of body ?? [{ from: 0, to: text.length, number: 1, signed: false }]) {
    for (const { number, text: line } of linesIn(text, stretch)) {
      const plain = stretch.signed ? unescaped(line) : line;
      if (plain.startsWith('#')) continue;
      const stripped = plain.endsWith('\r') ? plain.slice(0, -1) : plain; // one only: what is before it belongs to the name
      if (stripped === '') continue;
      if (lines.length === MOST_LINES) throw new BinspectError('limit-exceeded', `the list has more than ${MOST_LINES} lines`);
      lines.push({ number, text: stripped, unsigned: body !== null && !stretch.signed });
    }
  }
  return { lines, encoding, signed: body !== null };
}

/** A line of a signed text as it was signed: blanks at the end of a line can be added and taken away without the signature's noticing. */
function unescaped(line: string): string {
  return (line.startsWith('- ') ? line.slice(2) : line).replace(/[ \t\r]+$/, '');
}

/** The lines of a PGP cleartext signature's text (RFC 9580, section 7), to be unescaped, and any after it, without the armour; null where it is no signed message. */
function signedBody(text: string): readonly Stretch[] | null {
  let begun = false;
  let blank: (Line & { at: number }) | null = null;
  let signature: (Line & { at: number }) | null = null;
  for (const line of linesIn(text, { from: 0, to: text.length, number: 1, signed: false })) {
    const words = line.text.trimEnd();
    if (!begun) {
      if (words === '') continue;
      if (words !== '-----BEGIN PGP SIGNED MESSAGE-----') return null;
      begun = true;
    } else if (blank === null) {
      if (words === '') blank = line;
    } else if (signature === null) {
      if (words === '-----BEGIN PGP SIGNATURE-----') signature = line;
    } else if (words === '-----END PGP SIGNATURE-----') {
      const after = line.at + line.text.length + 1;
      return [signedText(blank, signature), { from: after, to: text.length, number: line.number + 1, signed: false }];
    }
  }
  return blank === null || signature === null ? null : [signedText(blank, signature)];
}

function signedText(blank: Line & { at: number }, signature: Line & { at: number }): Stretch {
  return { from: blank.at + blank.text.length + 1, to: signature.at - 1, number: blank.number + 1, signed: true };
}
