// How Go writes a string as a literal: in module text, in `go version -m`, in its messages (strconv.Quote).

import { wordIn } from './names.ts';

const SHORT: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Letters, marks, numbers, punctuation, symbols, and of the spaces only ASCII's (strconv.IsPrint). The expression takes V8 a millisecond, which few programs ask for. */
function isPrintable(character: string): boolean {
  return /^[ -~]$/.test(character) || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
}

/** A character in a literal between `quote`s. A lone surrogate U+DC80–U+DCFF stands for a byte that is no UTF-8. */
function inLiteral(character: string, quote: string): string {
  if (character === quote) return `\\${quote}`;
  const short = wordIn(SHORT, character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code & 0xff).toString(16)}`;
  if (isPrintable(character)) return character;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** A text as Go's double-quoted literal (fmt's %q of a string). */
export function quoteGo(text: string): string {
  let literal = '"';
  for (const character of text) literal += inLiteral(character, '"');
  return `${literal}"`;
}

/** A number as Go's rune literal (fmt's %q of a byte). */
export function quoteGoRune(code: number): string {
  return `'${inLiteral(String.fromCodePoint(code), "'")}'`;
}

/** Whether a setting's key must stand quoted in a build line (runtime/debug). */
export function keyNeedsQuotes(key: string): boolean {
  return key === '' || /[= \t\r\n"`]/.test(key);
}

/** Whether a setting's value must stand quoted in a build line. */
export function valueNeedsQuotes(value: string): boolean {
  return /[ \t\r\n"`]/.test(value);
}
