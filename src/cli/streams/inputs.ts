// Names on the command line and in lists: paths, and URLs.

import { BinspectError } from '../../errors.ts';
import { isHttpUrl } from '../../model/url.ts';
import type { Option, Values } from '../arguments.ts';

/** The option of commands that fetch. */
export const TIMEOUT_OPTION: Option = { name: 'timeout', value: 'SECONDS', help: 'of URLs: give up a server that sends nothing for so long; 30 is the default' };

/** A name as an input: a URL where it is an http or https one. Throws `invalid-argument` for one that is not valid. */
export function inputOf(name: string): string | URL {
  if (!isHttpUrl(name)) return name;
  if (!URL.canParse(name)) throw new BinspectError('invalid-argument', 'not a valid URL', { path: name });
  return new URL(name);
}

/** The same for a list of names. */
export async function* inputsOf(names: AsyncIterable<string>): AsyncGenerator<string | URL, void, undefined> {
  for await (const name of names) yield inputOf(name);
}

/** What --timeout says, in milliseconds; undefined without it. Throws `invalid-argument`. */
export function timeoutOf(values: Values): number | undefined {
  const text = values['timeout'];
  if (typeof text !== 'string') return undefined;
  const seconds = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0) throw new BinspectError('invalid-argument', `--timeout: a number of seconds is wanted, not '${text}'`);
  return seconds * 1000;
}
