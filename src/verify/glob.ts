// Globs: which paths, and which libraries, a pattern names. Matching takes time in proportion to pattern times text, whatever they are.

const ALTERNATIVES = 1024; // of `{a,b}` groups multiplied out; more are none that a person wrote
const DEPTH = 16; // of groups within groups

/** Whether a text has characters that mean something in a glob. */
export function isGlob(text: string): boolean {
  return /[*?[\]{}]/.test(text);
}

/** A text as a glob that names just it. */
export function globOf(text: string): string {
  return text.replace(/[*?[\]{}\\]/g, '[$&]');
}

/** Where the `{` of each group is, and where it is closed. Alone in brackets a brace is a brace, and so is one that has no other. */
function groupsOf(glob: readonly string[]): ReadonlyMap<number, number> {
  const groups = new Map<number, number>();
  const open: number[] = [];
  for (const [at, character] of glob.entries()) {
    if (glob[at - 1] === '[' && glob[at + 1] === ']') continue;
    if (character === '{') open.push(at);
    const opening = character === '}' ? open.pop() : undefined;
    if (opening !== undefined) groups.set(opening, at);
  }
  return groups;
}

/** What is wrong with a glob: groups that come to more globs than anybody meant. Null where nothing is. */
export function globProblem(glob: string): string | null {
  const characters = [...glob];
  const groups = groupsOf(characters);
  let group = { close: characters.length, sum: 0, product: 1 }; // the globs of the choices before, and of the one at hand
  const around: (typeof group)[] = [];
  for (const [at, character] of characters.entries()) {
    const close = groups.get(at);
    if (close !== undefined) {
      around.push(group);
      group = { close, sum: 0, product: 1 };
    } else if (at === group.close) {
      const outer = around.pop() as typeof group;
      outer.product *= group.sum + group.product;
      group = outer;
    } else if (character === ',' && around.length > 0) {
      group.sum += group.product;
      group.product = 1;
    }
    if (around.length > DEPTH) return `more than ${DEPTH} groups, one in the other`;
  }
  return group.product > ALTERNATIVES ? `its groups come to more than ${ALTERNATIVES} globs` : null;
}

/** A stretch of a glob without its `{a,b}` groups: one for each choice. */
function alternatives(glob: readonly string[], groups = groupsOf(glob), from = 0, to: number = glob.length): string[][] {
  let all: string[][] = [[]];
  for (let at = from; at < to; at++) {
    const close = groups.get(at);
    if (close === undefined) {
      for (const one of all) one.push(glob[at] as string);
      continue;
    }
    const choices: string[][] = [];
    for (let start = at + 1, end = start; end <= close; end = (groups.get(end) ?? end) + 1) {
      if (end < close && glob[end] !== ',') continue;
      choices.push(...alternatives(glob, groups, start, end));
      start = end + 1;
    }
    all = all.flatMap((one) => choices.map((choice) => [...one, ...choice])).slice(0, ALTERNATIVES);
    at = close;
  }
  return all;
}

/** One place of a pattern: a character, any character, any number of them, or a set. */
type Place = string | { readonly not: boolean; readonly ranges: readonly (readonly [string, string])[] };

const ANY = '?';
const STAR = '*';

function places(pattern: readonly string[]): Place[] {
  const out: Place[] = [];
  const last = pattern.lastIndexOf(']');
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] as string;
    const not = pattern[at + 1] === '!' || pattern[at + 1] === '^';
    const first = at + (not ? 2 : 1);
    const end = character === '[' && first < last ? pattern.indexOf(']', first + 1) : -1; // a `]` at the set's beginning belongs to it
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

/** A glob over texts, given as lists of characters, in which nothing is a separator: `*` and `?` are any characters. It is one of the choices of a glob with groups. */
export interface TextPattern {
  readonly matches: (text: readonly string[]) => boolean;
  /** The characters before the first that is not fixed: what every text that matches begins with. */
  readonly prefix: string;
  /** Whether it has a `/`. */
  readonly hasSlash: boolean;
  /** Whether it is stars alone: everything matches. */
  readonly isAll: boolean;
  /** The part behind its last `/`, as a pattern. */
  readonly last: (text: readonly string[]) => boolean;
}

function fixedPrefix(pattern: readonly Place[]): string {
  let prefix = '';
  for (const place of pattern) {
    if (typeof place === 'string') {
      if (place === STAR || place === ANY) break;
      prefix += place;
      continue;
    }
    const [range] = place.ranges;
    if (place.not || place.ranges.length !== 1 || range === undefined || range[0] !== range[1]) break;
    prefix += range[0];
  }
  return prefix;
}

/** A glob over whole texts, one pattern for each choice of its groups. */
export function textPatterns(glob: string): readonly TextPattern[] {
  return alternatives([...glob]).map((one) => {
    const pattern = places(one);
    let lastPattern: Place[] | null = null;
    return {
      matches: (text) => matchesName(pattern, text),
      prefix: fixedPrefix(pattern),
      hasSlash: one.includes('/'),
      isAll: pattern.length > 0 && pattern.every((place) => place === STAR),
      last: (text) => matchesName((lastPattern ??= places(one.slice(one.lastIndexOf('/') + 1))), text),
    };
  });
}
