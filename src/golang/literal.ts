// Go's string literals read: what strconv.Unquote and strconv.QuotedPrefix accept.

import { decodeText, encodeText } from '../bytes/text.ts';
import { wordIn } from '../model/names.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

/** One escape of a double-quoted literal, its backslash left out: \xHH and octal ones are bytes, \u and \U characters. */
const ESCAPE = /[abfnrtv\\"]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-7]{3}/y;

/** A byte among text: as a lone surrogate where it is no ASCII. */
function byteText(byte: number): string {
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}

function escapedText(escape: string): string | null {
  const simple = wordIn(SIMPLE, escape);
  if (simple !== undefined) return simple;
  const kind = escape[0] as string;
  if (kind === 'x') return byteText(parseInt(escape.slice(1), 16));
  if (kind === 'u' || kind === 'U') {
    const code = parseInt(escape.slice(1), 16);
    return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? null : String.fromCodePoint(code);
  }
  const byte = parseInt(escape, 8);
  return byte > 0xff ? null : byteText(byte);
}

/**
 * The Go string literal that a text begins with: its length in the text, and what it says. Null where there is none.
 * A byte that is no UTF-8 reads as U+FFFD between double quotes, and as itself between backquotes.
 */
export function literalAt(text: string): { length: number; value: string } | null {
  if (text.startsWith('`')) {
    const end = text.indexOf('`', 1);
    return end === -1 ? null : { length: end + 1, value: text.slice(1, end).replaceAll('\r', '') };
  }
  if (!text.startsWith('"')) return null;
  const parts: string[] = [];
  let start = 1;
  for (let at = 1; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '\n') return null;
    if (character !== '"' && character !== '\\') continue;
    parts.push(text.slice(start, at).replace(/\p{Cs}/gu, '\ufffd'));
    // Bytes written one by one may make up a character: what comes out is read anew.
    if (character === '"') return { length: at + 1, value: decodeText(encodeText(parts.join(''))) };
    ESCAPE.lastIndex = at + 1;
    const escape = ESCAPE.exec(text)?.[0];
    const said = escape === undefined ? null : escapedText(escape);
    if (escape === undefined || said === null) return null;
    parts.push(said);
    at += escape.length;
    start = at + 1;
  }
  return null;
}
