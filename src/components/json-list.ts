// JSON that stands in executables: parsed with its failures as errors of this library.

import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';

/** A JSON text that is an object; its keys are to be asked for by names of our own. Throws `malformed`. */
export function jsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(bytes));
  } catch {
    throw new BinspectError('malformed', 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BinspectError('malformed', 'it is not a JSON object');
  return value as Readonly<Record<string, unknown>>;
}

/** A text that is not empty; null for anything else. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
