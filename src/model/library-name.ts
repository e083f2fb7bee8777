// How a library's name is shown.

import type { Format } from './binary.ts';

const NOT_ASCII = /[^\u0000-\u007f]/gu;

function escaped(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code & 0xff).toString(16)}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * A library's name for people. Windows takes the bytes of a PE file's names by the code page of the system, so what is not ASCII is
 * another character from one machine to the next, and looks like an ASCII letter where it is none: it is shown escaped.
 */
export function shownLibrary(format: Format, name: string): string {
  return format === 'pe' ? name.replace(NOT_ASCII, escaped) : name;
}
