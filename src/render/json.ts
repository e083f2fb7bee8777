// What the command prints with --json, and what the library's toJSON gives: one line, safe to show in a terminal.

import type { BinspectError } from '../errors.ts';
import type { Inside } from '../model/container.ts';

/**
 * DEL, C1 controls, bidirectional and invisible marks: JSON allows them in strings as they are, a terminal should not get them.
 * And what a log takes for a command to its build, wherever in a line it stands: `##[`, `##vso[`, `##teamcity[`.
 */
const UNSAFE = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]|(?<=#)#(?=(?:vso|teamcity)?\[)/gi;

/** What nearly every line is free of, told in one pass: a tenth of the cost of looking for each of those. JSON has no other controls. */
const SUSPECT = /[\u007f-\uffff]/;

/**
 * JSON of a value: `bigint` as "0x…", undefined as null, no line breaks. What a terminal might obey stands as \u escapes.
 *
 * @example
 * console.log(toJSON(await inspect('app'))); // addresses, which are bigints, as "0x401000"
 */
export function toJSON(value: unknown): string {
  const text = JSON.stringify(plain(value)) ?? 'null';
  if (!SUSPECT.test(text) && !text.includes('##')) return text;
  return escapedJson(text);
}

/** JSON of whatever writer, with what a terminal or a log might obey as \u escapes: it says the same. */
export function escapedJson(text: string): string {
  return text.replace(UNSAFE, (found) => found.split('').map(unitEscape).join(''));
}

function unitEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A failure as one line of JSON; `inside` says step by step which member it is of, where it is one. */
export function failureLine(path: string, { code, message, offset, detected }: BinspectError, inside?: readonly Inside[]): string {
  const error = { code, message, offset: offset ?? null, detected: detected ?? null };
  return `${toJSON(inside === undefined ? { path, error } : { path, inside, error })}\n`;
}

/**
 * The value itself, or a copy where there is something in it that JSON has no word for. (A replacer function sees every part of a
 * value, and costs five times as much as the rest.)
 */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return hex(value);
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return plainItems(value);
  let copy: Record<string, unknown> | null = null;
  for (const key in value) {
    const part = (value as Record<string, unknown>)[key];
    if (typeof part === 'string' || typeof part === 'number') continue;
    const written = plain(part);
    if (written === part) continue;
    copy ??= { ...value };
    copy[key] = written;
  }
  return copy ?? value;
}

function plainItems(items: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let i = 0; i < items.length; i++) {
    const written = plain(items[i]);
    if (written === items[i]) continue;
    copy ??= [...items];
    copy[i] = written;
  }
  return copy ?? items;
}

function hex(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}
