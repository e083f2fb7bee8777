// Globs: which paths, and which libraries, a pattern names. Matching takes time in proportion to pattern times text, whatever they are.

const ALTERNATIVES = 1024; // of `{a,b}` groups multiplied out; more are none that a person wrote

/** Whether a text has characters that mean something in a glob. */
export function isGlob(text: string): boolean {
  return /[*?[\]{}]/.test(text);
}

/** A text as a glob that names just it. */
export function globOf(text: string): string {
  return text.replace(/[*?[\]{}]/g, '[$&]');
}

/** The position of the brace that closes the one at `open`; -1 where none does. */
function closing(glob: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < glob.length; at++) {
    if (glob[at] === '{' && !inSet(glob, at)) depth++;
    else if (glob[at] === '}' && !inSet(glob, at) && --depth === 0) return at;
  }
  return -1;
}

/** Whether a brace stands alone in brackets, which takes its meaning from it. */
function inSet(glob: readonly string[], at: number): boolean {
  return glob[at - 1] === '[' && glob[at + 1] === ']';
}

/** A glob without its `{a,b}` groups: one for each choice. */
function alternatives(glob: readonly string[]): (readonly string[])[] {
  const open = glob.findIndex((character, at) => character === '{' && !inSet(glob, at) && closing(glob, at) !== -1);
  if (open === -1) return [glob];
  const close = closing(glob, open);
  const choices: string[][] = [[]];
  let depth = 0;
  for (const character of glob.slice(open + 1, close)) {
    if (character === ',' && depth === 0) choices.push([]);
    else (choices.at(-1) as string[]).push(character);
    depth += character === '{' ? 1 : character === '}' ? -1 : 0;
  }
  const rests = alternatives(glob.slice(close + 1));
  const all: (readonly string[])[] = [];
  for (const choice of choices) {
    for (const middle of alternatives(choice)) for (const rest of rests) if (all.length < ALTERNATIVES) all.push([...glob.slice(0, open), ...middle, ...rest]);
  }
  return all;
}

/** One place of a pattern: a character, any character, any number of them, or a set. */
type Place = string | { readonly not: boolean; readonly ranges: readonly (readonly [string, string])[] };

const ANY = '?';
const STAR = '*';

function places(pattern: readonly string[]): Place[] {
  const out: Place[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] as string;
    const not = pattern[at + 1] === '!' || pattern[at + 1] === '^';
    const first = at + (not ? 2 : 1);
    const end = character === '[' ? pattern.indexOf(']', first + 1) : -1; // a `]` at the set's beginning belongs to it
    if (end === -1) {
      out.push(character === '[' ? { not: false, ranges: [['[', '[']] } : character);
      continue;
    }
    const ranges: (readonly [string, string])[] = [];
    for (let i = first; i < end; i++) {
      const from = pattern[i] as string;
      const range = pattern[i + 1] === '-' && i + 2 < end;
      ranges.push([from, range ? (pattern[i + 2] as string) : from]);
      if (range) i += 2;
    }
    out.push({ not, ranges });
    at = end;
  }
  return out;
}

function isOne(place: Place, character: string): boolean {
  if (typeof place === 'string') return place === ANY || place === character;
  return place.ranges.some(([from, to]) => character >= from && character <= to) !== place.not;
}

/** Whether a sequence matches a pattern of single items and stars. Only the last star ever has to be tried again. */
function matches<P, T>(pattern: readonly P[], text: readonly T[], isStar: (item: P) => boolean, isItem: (item: P, of: T) => boolean): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let from = 0;
  while (t < text.length) {
    const item = pattern[p];
    if (item !== undefined && isStar(item)) {
      star = p++;
      from = t;
    } else if (item !== undefined && isItem(item, text[t] as T)) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++from;
    } else return false;
  }
  while (p < pattern.length && isStar(pattern[p] as P)) p++;
  return p === pattern.length;
}

function matchesName(pattern: readonly Place[], text: readonly string[]): boolean {
  return matches(pattern, text, (place) => place === STAR, isOne);
}

/** A matcher for paths with `/`: `*`, `?` and `[…]` stay within one name, `**` stands for folders, `{a,b}` for one or the other. */
export function pathMatcher(glob: string): (path: string) => boolean {
  const patterns = alternatives([...glob]).map((one) => one.join('').split('/').map((name) => (name === '**' ? null : places([...name]))));
  return (path) => {
    const names = path.split('/').map((name) => [...name]);
    return patterns.some((pattern) => matches(pattern, names, (item) => item === null, (item, name) => item !== null && matchesName(item, name)));
  };
}

/**
 * A matcher for libraries: `*` and `?` are any characters. A pattern without a `/` also names a library by the last part of
 * its path. Windows does not tell small letters from capitals.
 */
export function libraryMatcher(glob: string, windows: boolean): (name: string) => boolean {
  const fold = (text: string): string => (windows ? text.toLowerCase() : text);
  const patterns = alternatives([...fold(glob)]).map((one) => ({ pattern: places(one), whole: one.includes('/') }));
  return (name) => {
    const characters = [...fold(name)];
    const last = characters.slice(characters.lastIndexOf('/') + 1);
    return patterns.some(({ pattern, whole }) => matchesName(pattern, characters) || (!whole && matchesName(pattern, last)));
  };
}
