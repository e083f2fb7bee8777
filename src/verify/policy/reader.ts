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
  /** Where a value begins, by its JSON Pointer (RFC 6901), or its key; null for what is not there. */
  readonly positionOf: (pointer: string, ofKey?: boolean) => number | null;
}

/** A step of a JSON Pointer. */
export function pointerTo(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A value with its place, and those of what is in it. A pointer is longer than what it points at: they are made only where something is wrong. */
interface Spot {
  readonly value: unknown;
  readonly at: number;
  /** Where its key begins; null for what has none. */
  readonly keyAt: number | null;
  readonly inside: ReadonlyMap<string, Spot> | readonly Spot[] | null;
}

function spotAt(root: Spot, pointer: string): Spot | null {
  let spot: Spot | undefined = root;
  for (const step of pointer === '' ? [] : pointer.slice(1).split('/')) {
    const inside: Spot['inside'] = spot.inside;
    if (inside === null) return null;
    spot = inside instanceof Map ? inside.get(step.replaceAll('~1', '/').replaceAll('~0', '~')) : (inside as readonly Spot[])[Number(step)];
    if (spot === undefined) return null;
  }
  return spot;
}

const DEPTH = 64; // no policy is deeper than eight; the reader calls itself for each
const VALUES = 200_000; // as many as describe ten thousand files; each has its place kept

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const BLANK = /[ \t\n\r]*/y;
const WORDS: readonly (readonly [string, unknown])[] = [['true', true], ['false', false], ['null', null]]; // prettier-ignore

/** Reads a JSON text. `fail` is called with what is wrong and where, and has to throw. */
export function readJson(text: string, fail: (message: string, at: number) => never): JsonText {
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

  const readObject = (start: number, keyAt: number | null, depth: number): Spot => {
    const entries = new Map<string, Spot>();
    take('{', '{');
    blank();
    while (text[at] !== '}') {
      if (entries.size > 0) {
        take(',', ', or }');
        blank();
      }
      if (text[at] !== '"') fail(`a key in double quotes is wanted, not ${here()}`, at);
      const own = at;
      const key = readString();
      const earlier = entries.get(key);
      if (earlier !== undefined) fail(`the key ${shown(key)} stands here twice: first in ${placeText(placeOf(text, earlier.keyAt ?? 0))}`, own);
      blank();
      take(':', ':');
      entries.set(key, readValue(own, depth + 1));
      blank();
    }
    at++;
    const value = Object.fromEntries(Array.from(entries, ([key, spot]) => [key, spot.value]));
    return { value, at: start, keyAt, inside: entries };
  };

  const readArray = (start: number, keyAt: number | null, depth: number): Spot => {
    const items: Spot[] = [];
    take('[', '[');
    blank();
    while (text[at] !== ']') {
      if (items.length > 0) take(',', ', or ]');
      items.push(readValue(null, depth + 1));
      blank();
    }
    at++;
    return { value: items.map(({ value }) => value), at: start, keyAt, inside: items };
  };

  const readValue = (keyAt: number | null, depth: number): Spot => {
    blank();
    const start = at;
    if (++count > VALUES) fail(`more than ${VALUES} values`, at);
    if (depth > DEPTH) fail(`more than ${DEPTH} levels, one in the other`, at);
    if (text[at] === '{') return readObject(start, keyAt, depth);
    if (text[at] === '[') return readArray(start, keyAt, depth);
    return { value: readPlain(), at: start, keyAt, inside: null };
  };

  const readPlain = (): unknown => {
    if (text[at] === '"') return readString();
    const word = WORDS.find(([name]) => text.startsWith(name, at));
    if (word !== undefined) {
      at += word[0].length;
      return word[1];
    }
    const number = match(NUMBER);
    return number === null ? fail(`a value is wanted, not ${here()}`, at) : Number(number);
  };

  const root = readValue(null, 0);
  blank();
  if (at < text.length) fail(`the text should end here, not go on with ${here()}`, at);
  const positionOf = (pointer: string, ofKey = false): number | null => {
    const spot = spotAt(root, pointer);
    return (ofKey ? spot?.keyAt : undefined) ?? spot?.at ?? null;
  };
  return { value: root.value, positionOf };
}
