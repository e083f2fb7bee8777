// Regular expressions as RE2 reads them, for identities: a subset that every engine reads the same way, matched in linear time.

import { BinspectError } from '../errors.ts';

/** What one step of an expression does. */
type Step =
  | { readonly kind: 'character'; readonly accepts: (code: number) => boolean }
  | { readonly kind: 'start' | 'end' | 'word' | 'no-word' | 'line-start' | 'line-end' }
  | { readonly kind: 'split'; readonly to: readonly number[] }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'match' };

/** An expression that was read. */
export interface Expression {
  readonly text: string;
  /** Whether it finds a match anywhere in a text of at most `LONGEST` characters. */
  readonly matches: (text: string) => boolean;
  /** Whether it begins with a ^. */
  readonly anchored: boolean;
}

const LONGEST = 4096; // characters of a pattern and of what it is held against
const MOST_STEPS = 20_000; // of a pattern with its repetitions written out
const MOST_REPEATS = 1000; // RE2's own limit

type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly inner: Node; readonly least: number; readonly most: number };

/** Reads an expression. Throws `invalid-argument` for what is not valid, and for what RE2 and other engines read differently. (github.com/google/re2/wiki/Syntax) */
export function readExpression(text: string, name: string): Expression {
  const fail = (why: string): never => {
    throw new BinspectError('invalid-argument', `${name}: ${why}`);
  };
  if (text.length > LONGEST) return fail(`an expression of at most ${LONGEST} characters is wanted, not one of ${text.length}`);
  const tree = new Parser(text, fail).whole();
  const steps: Step[] = [];
  const emit = (step: Step): number => {
    if (steps.length >= MOST_STEPS) fail('the expression is too large');
    return steps.push(step) - 1;
  };
  compile(tree, emit, steps);
  emit({ kind: 'match' });
  return { text, matches: (value) => value.length <= LONGEST && run(steps, value), anchored: /^(\(\?[ims]+\))?\^/.test(text) };
}

function compile(node: Node, emit: (step: Step) => number, steps: Step[]): void {
  switch (node.kind) {
    case 'empty':
      return;
    case 'step':
      emit(node.step);
      return;
    case 'sequence':
      for (const part of node.parts) compile(part, emit, steps);
      return;
    case 'choice': {
      const targets: number[] = [];
      emit({ kind: 'split', to: targets });
      const ends: number[] = [];
      for (const part of node.parts) {
        targets.push(steps.length);
        compile(part, emit, steps);
        ends.push(emit({ kind: 'jump', to: 0 }));
      }
      for (const end of ends) steps[end] = { kind: 'jump', to: steps.length };
      return;
    }
    case 'repeat': {
      for (let count = 0; count < node.least; count++) compile(node.inner, emit, steps);
      if (node.most === Number.POSITIVE_INFINITY) {
        const targets: number[] = [];
        const split = emit({ kind: 'split', to: targets });
        targets.push(steps.length);
        compile(node.inner, emit, steps);
        emit({ kind: 'jump', to: split });
        targets.push(steps.length);
        return;
      }
      const skips: number[][] = [];
      for (let count = node.least; count < node.most; count++) {
        const targets: number[] = [];
        emit({ kind: 'split', to: targets });
        targets.push(steps.length);
        skips.push(targets);
        compile(node.inner, emit, steps);
      }
      for (const targets of skips) targets.push(steps.length);
    }
  }
}

/** All ways at once, a character at a time: the time is the product of both lengths, which are bounded, and no power. */
function run(steps: readonly Step[], text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) as number);
  const marks = new Int32Array(steps.length).fill(-1);
  let current: number[] = [];
  for (let at = 0; at <= codes.length; at++) {
    const waiting = [...current, 0];
    const reached: number[] = [];
    while (waiting.length > 0) {
      const index = waiting.pop() as number;
      if (marks[index] === at) continue;
      marks[index] = at;
      const step = steps[index] as Step;
      if (step.kind === 'match') return true;
      if (step.kind === 'character') reached.push(index);
      else if (step.kind === 'jump') waiting.push(step.to);
      else if (step.kind === 'split') for (const to of step.to) waiting.push(to);
      else if (holds(step.kind, codes, at)) waiting.push(index + 1);
    }
    if (at === codes.length) return false;
    const code = codes[at] as number;
    current = reached.filter((index) => {
      const step = steps[index] as Step;
      return step.kind === 'character' && step.accepts(code);
    });
    current = current.map((index) => index + 1);
  }
  return false;
}

function holds(kind: 'start' | 'end' | 'word' | 'no-word' | 'line-start' | 'line-end', codes: readonly number[], at: number): boolean {
  switch (kind) {
    case 'start':
      return at === 0;
    case 'end':
      return at === codes.length;
    case 'line-start':
      return at === 0 || codes[at - 1] === 0x0a;
    case 'line-end':
      return at === codes.length || codes[at] === 0x0a;
    default: {
      const boundary = isWord(codes[at - 1]) !== isWord(codes[at]);
      return boundary === (kind === 'word');
    }
  }
}

function isWord(code: number | undefined): boolean {
  return code !== undefined && ((code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || (code >= 0x61 && code <= 0x7a));
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isSpace = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d;

const CLASSES: ReadonlyMap<string, (code: number) => boolean> = new Map([
  ['d', isDigit],
  ['D', (code) => !isDigit(code)],
  ['w', isWord],
  ['W', (code) => !isWord(code)],
  ['s', isSpace],
  ['S', (code) => !isSpace(code)],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['v', 0x0b],
  ['f', 0x0c],
  ['r', 0x0d],
]);

const DEEPEST = 100; // groups within one another

class Parser {
  readonly #characters: readonly string[];
  readonly #fail: (why: string) => never;
  #at = 0;
  #depth = 0;
  #flags: { readonly ignoreCase: boolean; readonly dotAll: boolean; readonly lines: boolean } = { ignoreCase: false, dotAll: false, lines: false };

  constructor(text: string, fail: (why: string) => never) {
    this.#characters = Array.from(text);
    this.#fail = fail;
  }

  whole(): Node {
    const flags = /^\(\?([a-zA-Z]+)\)/.exec(this.#characters.slice(0, 16).join(''));
    if (flags !== null) {
      const letters = flags[1] as string;
      if (!/^[ims]+$/.test(letters)) this.#fail(`the flags (?${letters}) are not taken, only i, m and s`);
      this.#flags = { ignoreCase: letters.includes('i'), dotAll: letters.includes('s'), lines: letters.includes('m') };
      this.#at = flags[0].length;
    }
    const node = this.#choice();
    if (this.#at < this.#characters.length) this.#fail('a ) without its (');
    return node;
  }

  #choice(): Node {
    const parts = [this.#sequence()];
    while (this.#characters[this.#at] === '|') {
      this.#at++;
      parts.push(this.#sequence());
    }
    return parts.length === 1 ? (parts[0] as Node) : { kind: 'choice', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (;;) {
      const next = this.#characters[this.#at];
      if (next === undefined || next === '|' || next === ')') break;
      parts.push(this.#repeated(this.#atom(next)));
    }
    return parts.length === 0 ? { kind: 'empty' } : { kind: 'sequence', parts };
  }

  #repeated(inner: Node): Node {
    const range = this.#quantifier();
    if (range === null) return inner;
    const [least, most] = range;
    if (this.#characters[this.#at] === '?') this.#at++; // the shortest match is as good as any: only whether there is one counts
    if (this.#characters[this.#at] === '+') this.#fail('possessive repetition is not in RE2');
    if (this.#quantifier() !== null) this.#fail('one repetition follows another');
    return { kind: 'repeat', inner, least, most };
  }

  #quantifier(): readonly [number, number] | null {
    const next = this.#characters[this.#at];
    if (next === '*' || next === '+' || next === '?') {
      this.#at++;
      return next === '*' ? [0, Number.POSITIVE_INFINITY] : next === '+' ? [1, Number.POSITIVE_INFINITY] : [0, 1];
    }
    if (next !== '{') return null;
    const match = /^\{(\d{1,5})(?:(,)(\d{0,5}))?\}/.exec(this.#characters.slice(this.#at, this.#at + 16).join(''));
    if (match === null) return this.#fail('a { that begins no repetition; write \\{ for the character');
    const [all, first = '', comma, second = ''] = match;
    const least = Number(first);
    const most = comma === undefined ? least : second === '' ? Number.POSITIVE_INFINITY : Number(second);
    if (least > most || least > MOST_REPEATS || (most !== Number.POSITIVE_INFINITY && most > MOST_REPEATS)) this.#fail(`the repetition ${all} is not valid; at most ${MOST_REPEATS} are`);
    this.#at += all.length;
    return [least, most];
  }

  #atom(next: string): Node {
    this.#at++;
    switch (next) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '.':
        return character(this.#flags.dotAll ? () => true : (code) => code !== 0x0a);
      case '^':
        return { kind: 'step', step: { kind: this.#flags.lines ? 'line-start' : 'start' } };
      case '$':
        return { kind: 'step', step: { kind: this.#flags.lines ? 'line-end' : 'end' } };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
      case '{':
        return this.#fail(`a ${next} with nothing to repeat`);
      default:
        return this.#literal(next.codePointAt(0) as number);
    }
  }

  #group(): Node {
    if (this.#characters[this.#at] === '?') {
      const start = this.#characters.slice(this.#at - 1, this.#at + 3).join('');
      if (this.#characters[this.#at + 1] !== ':') return this.#fail(`${start}… is read differently by other engines; use ( ) or (?: )`);
      this.#at += 2;
    }
    if (++this.#depth > DEEPEST) this.#fail(`more than ${DEEPEST} groups within one another`);
    const node = this.#choice();
    if (this.#characters[this.#at] !== ')') this.#fail('a ( without its )');
    this.#at++;
    this.#depth--;
    return node;
  }

  #escape(): Node {
    const next = this.#characters[this.#at++];
    if (next === undefined) return this.#fail('a \\ at the end');
    const own = CLASSES.get(next);
    if (own !== undefined) return character(own);
    if (next === 'b' || next === 'B') return { kind: 'step', step: { kind: next === 'b' ? 'word' : 'no-word' } };
    return this.#literal(this.#escaped(next));
  }

  /** A character behind a backslash that stands for one character. */
  #escaped(next: string): number {
    const control = CONTROLS.get(next);
    if (control !== undefined) return control;
    if (next === 'x') {
      const digits = this.#characters.slice(this.#at, this.#at + 2).join('');
      if (!/^[0-9a-fA-F]{2}$/.test(digits)) return this.#fail('\\x is followed by two hexadecimal digits');
      this.#at += 2;
      return Number.parseInt(digits, 16);
    }
    if (/^[!-/:-@[-`{-~]$/.test(next)) return next.codePointAt(0) as number;
    return this.#fail(`\\${next} is read differently by other engines, or is not valid`);
  }

  #literal(code: number): Node {
    if (!this.#flags.ignoreCase) return character((other) => other === code);
    const folded = foldedCase(code);
    return character((other) => foldedCase(other) === folded);
  }

  #class(): Node {
    const negated = this.#characters[this.#at] === '^';
    if (negated) this.#at++;
    if (this.#characters[this.#at] === ']') this.#fail('a class that begins with ] is read differently by other engines; write \\]');
    const tests: ((code: number) => boolean)[] = [];
    for (;;) {
      const next = this.#characters[this.#at++];
      if (next === undefined) return this.#fail('a [ without its ]');
      if (next === ']') break;
      if (next === '[' && /^[:.=]$/.test(this.#characters[this.#at] ?? '')) this.#fail('classes such as [:alpha:] are read differently by other engines');
      if (next === '\\') {
        const own = CLASSES.get(this.#characters[this.#at] ?? '');
        if (own !== undefined) {
          this.#at++;
          if (this.#isRange()) this.#fail('a range has a single character at each end');
          tests.push(own);
          continue;
        }
      }
      const from = this.#member(next);
      if (!this.#isRange()) {
        tests.push(this.#span(from, from));
        continue;
      }
      this.#at++;
      const end = this.#characters[this.#at++] as string;
      if (end === '\\' && CLASSES.has(this.#characters[this.#at] ?? '')) this.#fail('a range has a single character at each end');
      const to = this.#member(end);
      if (to < from) this.#fail('a range of a class that runs backwards');
      tests.push(this.#span(from, to));
    }
    const any = (code: number): boolean => tests.some((test) => test(code));
    return character(negated ? (code) => !any(code) : any);
  }

  /** Whether a dash follows that is not the last of its class. */
  #isRange(): boolean {
    return this.#characters[this.#at] === '-' && this.#characters[this.#at + 1] !== ']' && this.#characters[this.#at + 1] !== undefined;
  }

  #member(next: string): number {
    if (next !== '\\') return next.codePointAt(0) as number;
    const escaped = this.#characters[this.#at++];
    return escaped === undefined ? this.#fail('a \\ at the end') : this.#escaped(escaped);
  }

  #span(from: number, to: number): (code: number) => boolean {
    const within = (code: number): boolean => code >= from && code <= to;
    if (!this.#flags.ignoreCase) return within;
    return (code) => within(code) || caseVariants(code).some(within);
  }
}

function character(accepts: (code: number) => boolean): Node {
  return { kind: 'step', step: { kind: 'character', accepts } };
}

function caseVariants(code: number): number[] {
  const text = String.fromCodePoint(code);
  return [text.toLowerCase(), text.toUpperCase()].flatMap((variant) => (Array.from(variant).length === 1 ? [variant.codePointAt(0) as number] : []));
}

function foldedCase(code: number): number {
  return caseVariants(code)[0] ?? code;
}
