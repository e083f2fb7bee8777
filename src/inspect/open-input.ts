// What callers hand in, also a path that leads into an archive, `app.tar.gz!/bin/app`, and a URL.

import type { InspectInput, Opened } from '../bytes/given.ts';
import { open } from '../bytes/open.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import type { OpenOptions } from './open-url.ts';

/** Whether a path may lead into an archive, where no file of that very name exists. */
export function mayBeInside(path: unknown): path is string {
  return typeof path === 'string' && path.includes('!/');
}

/** Opens whatever the caller handed in. A file of that very name comes first. Throws as `open`, and what reading an archive throws. */
export async function openInput(input: InspectInput, options: OpenOptions): Promise<Opened<ByteSource>> {
  if (input instanceof URL && input.protocol !== 'file:') return (await import('./open-url.ts')).openHttp(input, options); // loaded when it is wanted
  try {
    return await open(input);
  } catch (error) {
    if (!mayBeInside(input) || !(error instanceof BinspectError) || error.code !== 'io') throw error;
    const inside = await (await import('./open-member.ts')).openMember(input, options); // loaded when it is wanted
    if (inside === null) throw error;
    return inside;
  }
}
