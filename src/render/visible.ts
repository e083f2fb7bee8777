// Untrusted text made safe to show: what a terminal or a build's log would obey, or a reader could not see, stands escaped.

import { wordIn } from '../model/names.ts';

/**
 * C0, DEL and C1 controls (escape sequences begin with one), bidirectional marks (Unicode UAX #9), zero-width and
 * line-breaking characters, byte order marks, tags, and lone surrogates, which stand for bytes that are no UTF-8.
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

/**
 * What a log takes for a command to its build: `::` where a line may begin (GitHub Actions trims blanks before it, and a report breaks
 * lines at blanks), and anywhere `##[` (GitHub's older form), `##vso[` (Azure Pipelines) and `##teamcity[`.
 */
const COMMAND = /(?<=^|\s):(?=:)|(?<=#)#(?=(?:vso|teamcity)?\[)/gi;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const short = wordIn(SHORT, character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code & 0xff).toString(16)}`;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Text that can be printed whatever a file wrote into it: one line, no control, nothing hidden, no command to a log. */
export function visible(text: string): string {
  return text.replace(UNSAFE, escaped).replace(COMMAND, escaped);
}
