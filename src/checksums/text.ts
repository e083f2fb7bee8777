// The lines of a checksum file, whatever wrote it: byte order marks, UTF-16, carriage returns, PGP's wrapper.

import { decodeText } from '../bytes/text.ts';
import type { ListEncoding } from './list.ts';

/** A line and its place in the file, counted from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

export interface ListText {
  readonly lines: readonly Line[];
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

/** The lines that say something: no comment, not empty, without their line ends. */
export function linesOf(list: string | Uint8Array): ListText {
  const { text, encoding } =
    typeof list !== 'string' ? decode(list) : list.startsWith(BOM) ? { text: list.slice(1), encoding: 'utf-8 with a byte order mark' as const } : { text: list, encoding: 'utf-8' as const };
  const raw: Line[] = text.split('\n').map((line, index) => ({ number: index + 1, text: line }));
  const body = signedBody(raw);
  const lines: Line[] = [];
  for (const line of body ?? raw) {
    if (line.text.startsWith('#')) continue;
    const stripped = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text; // one only: what is before it belongs to the name
    if (stripped !== '') lines.push({ number: line.number, text: stripped });
  }
  return { lines, encoding, signed: body !== null };
}

/** The lines of a PGP cleartext signature's text (RFC 9580, section 7), unescaped, and any after it, without the armour; null where it is no signed message. */
function signedBody(lines: readonly Line[]): Line[] | null {
  const find = (text: string, from: number): number => lines.findIndex((line, index) => index >= from && line.text.trimEnd() === text);
  const start = lines.findIndex((line) => line.text.trimEnd() !== '');
  if (start === -1 || find('-----BEGIN PGP SIGNED MESSAGE-----', start) !== start) return null;
  const blank = find('', start);
  const signature = find('-----BEGIN PGP SIGNATURE-----', blank);
  if (blank === -1 || signature === -1) return null;
  const end = find('-----END PGP SIGNATURE-----', signature);
  const body = lines.slice(blank + 1, signature).map(({ number, text }) => ({ number, text: text.startsWith('- ') ? text.slice(2) : text }));
  return end === -1 ? body : [...body, ...lines.slice(end + 1)];
}
