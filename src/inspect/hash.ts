// SHA-256 of one thing: a file, bytes, a Blob, a source.

import { digest } from '../bytes/digest.ts';
import type { InspectInput } from '../bytes/given.ts';
import { checkOptions } from '../model/options.ts';
import { HASH_OPTIONS } from './examine.ts';
import type { HashOptions } from './examine.ts';
import { openInput } from './open-input.ts';

/**
 * Lower-case hex SHA-256, streamed. A file is hashed whole or not at all: rejects with `io` where it can't be read, is no regular file, or
 * grows or is written to meanwhile, with `truncated` where it shrinks, with `aborted` where the signal fires.
 *
 * @example
 * console.log(await hash('app.tar.gz')); // 64 hex digits
 */
export async function hash(input: InspectInput, options: HashOptions = {}): Promise<string> {
  checkOptions(options, HASH_OPTIONS);
  const { source, close } = await openInput(input, { ...options, sequential: true });
  try {
    return await digest(source, options);
  } finally {
    await close();
  }
}
