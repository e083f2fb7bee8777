// JSON with positions: what a policy says, and at which line and column it says it. Strict, no key twice (RFC 8259), and of bounded size.

import { shown } from '../rules/check.ts';

/** A place in a text, counted from 1; columns are characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place of a position in a text. */
export function placeOf(text: string, at: number): Place {
  const before = text.slice(0, at);
  const start = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let end = before.indexOf('\n'); end !== -1; end = before.indexOf('\n', end + 1)) line++;
  let column = 1;
  for (let i = start; i < at; i += (text.codePointAt(i) as number) > 0xffff ? 2 : 1) column++;
  return { line, column };
}

/** A place as messages have it. */
export function placeText({ line, column }: Place): string {
  return `line ${line}, column ${column}`;
}

/** A JSON text read. */
export interface JsonText {
  readonly value: unknown;
  /** Where each value begins, by its JSON Pointer (RFC 6901); and by pointer and '~key', where each key begins. */
  readonly positions: ReadonlyMap<string, number>;
}

/** A step of a JSON Pointer. */
export function pointerTo(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The name under which the position of a value's key is kept. */
export function keyOf(pointer: string): string {
  return `${pointer}~key`;
}

const DEPTH = 64; // no policy is deeper than eight; the reader calls itself for each
const VALUES = 200_000; // as many as describe ten thousand files; each has its position kept

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const BLANK = /[ \t\n\r]*/y;
const WORDS: readonly (readonly [string, unknown])[] = [['true', true], ['false', false], ['null', null]]; // prettier-ignore

/** Reads a JSON text. `fail` is called with what is wrong and where, and has to throw. */
export function readJson(text: string, fail: (message: string, at: number) => never): JsonText {
  const positions = new Map<string, number>();
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let count = 0;

  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const blank = (): void => void match(BLANK);
  const here = (): string => (at >= text.length ? 'the end of the text' : JSON.stringify(String.fromCodePoint(text.codePointAt(at) as number)));
  const take = (sign: string, wanted: string): void => {
    if (text[at] !== sign) fail(`${wanted} is wanted, not ${here()}`, at);
    at++;
  };

  const readString = (): string => {
    const start = at++;
    do match(PLAIN);
    while (match(ESCAPE) !== null); // by pieces: one expression for all of it would need memory in proportion to the text
    if (text[at] !== '"') fail('a text that does not end, or has a control character or an unknown escape in it', start);
    at++;
    return JSON.parse(text.slice(start, at)) as string;
  };

  const readObject = (pointer: string, depth: number): Record<string, unknown> => {
    const entries = new Map<string, unknown>();
    take('{', '{');
    blank();
    while (text[at] !== '}') {
      if (entries.size > 0) {
        take(',', ', or }');
        blank();
      }
      if (text[at] !== '"') fail(`a key in double quotes is wanted, not ${here()}`, at);
      const start = at;
      const key = readString();
      const inner = pointerTo(pointer, key);
      const earlier = positions.get(keyOf(inner));
      if (earlier !== undefined) fail(`the key ${shown(key)} stands here twice: first in ${placeText(placeOf(text, earlier))}`, start);
      positions.set(keyOf(inner), start);
      blank();
      take(':', ':');
      entries.set(key, readValue(inner, depth + 1));
      blank();
    }
    at++;
    return Object.fromEntries(entries);
  };

  const readArray = (pointer: string, depth: number): unknown[] => {
    const items: unknown[] = [];
    take('[', '[');
    blank();
    while (text[at] !== ']') {
      if (items.length > 0) take(',', ', or ]');
      items.push(readValue(pointerTo(pointer, items.length), depth + 1));
      blank();
    }
    at++;
    return items;
  };

  const readValue = (pointer: string, depth: number): unknown => {
    blank();
    positions.set(pointer, at);
    if (++count > VALUES) fail(`more than ${VALUES} values`, at);
    if (depth > DEPTH) fail(`more than ${DEPTH} levels, one in the other`, at);
    if (text[at] === '{') return readObject(pointer, depth);
    if (text[at] === '[') return readArray(pointer, depth);
    if (text[at] === '"') return readString();
    const word = WORDS.find(([name]) => text.startsWith(name, at));
    if (word !== undefined) {
      at += word[0].length;
      return word[1];
    }
    const number = match(NUMBER);
    return number === null ? fail(`a value is wanted, not ${here()}`, at) : Number(number);
  };

  const value = readValue('', 0);
  blank();
  if (at < text.length) fail(`the text should end here, not go on with ${here()}`, at);
  return { value, positions };
}
