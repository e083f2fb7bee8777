// Structures that may be damaged: what a reader gives, or what is wrong with them.

import { BinspectError } from '../errors.ts';

/** What a reader of ASN.1 gave, or its error. */
export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: BinspectError };

/** What `read` gives, or its BinspectError: for parts that may be damaged without spoiling the rest. Any other error is thrown on. */
export function attempt<T>(read: () => T): Attempt<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    return { ok: false, error };
  }
}
