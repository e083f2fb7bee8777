// Options as callers hand them in: a typo, or a value of another kind, must not switch anything off in silence.

import { BinspectError } from '../errors.ts';
import { wordIn } from './names.ts';
import { nearest } from './nearest.ts';

/** What the value of an option has to be; 'any' where whoever reads it checks it. */
export type OptionKind = 'boolean' | 'function' | 'text' | 'signal' | 'any';

/** The options of a function: `Record<keyof InspectOptions, OptionKind>` has to name each of them. */
export type OptionKinds<Options> = Readonly<Record<keyof Options & string, OptionKind>>;

const WANTED: Readonly<Record<Exclude<OptionKind, 'any'>, string>> = {
  boolean: 'true or false',
  function: 'a function',
  text: 'a text',
  signal: 'an AbortSignal',
};

function isOf(kind: OptionKind, value: unknown): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'signal':
      return typeof value === 'object' && value !== null && 'aborted' in value && typeof value.aborted === 'boolean';
    case 'any':
      return true;
    default:
      return typeof value === kind;
  }
}

/** Throws `invalid-argument` for options that are no object, for a key that is no option, with the nearest that is one, and for a value of the wrong kind. */
export function checkOptions<Options>(options: Options, kinds: OptionKinds<Options>): void {
  const fail = (message: string): never => {
    throw new BinspectError('invalid-argument', message);
  };
  if (typeof options !== 'object' || options === null) fail(`options are an object, not ${options === null ? 'null' : typeof options}`);
  for (const [name, value] of Object.entries(options as object)) {
    const kind = wordIn<OptionKind>(kinds, name);
    if (kind === undefined) {
      const near = nearest(name, Object.keys(kinds));
      fail(`unknown option ${JSON.stringify(name.slice(0, 100))}${near === null ? '' : `; did you mean ${JSON.stringify(near)}?`}`);
    } else if (value !== undefined && kind !== 'any' && !isOf(kind, value)) {
      fail(`the option ${name} is ${WANTED[kind]}, not ${typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : value === null ? 'null' : typeof value}`);
    }
  }
}

/** Those of the options that another function has too. */
export function pickOptions<Options>(options: object, kinds: OptionKinds<Options>): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => wordIn<OptionKind>(kinds, name) !== undefined)) as Partial<Options>;
}
