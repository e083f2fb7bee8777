// What the command prints with --json, and what the library's toJSON gives: one line, safe to show in a terminal.

/** DEL, C1 controls, bidirectional and invisible marks: JSON allows them in strings as they are, a terminal should not get them. */
const UNSAFE = /[\u007f-\u009f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** JSON of a value: `bigint` as "0x…", undefined as null, no line breaks. What a terminal might obey stands as \u escapes. */
export function toJSON(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? hex(part) : part === undefined ? null : part)) ?? 'null';
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function hex(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}
