// What an http or https URL leads to as an input, also a path in the archive that it leads to: https://…/app.tar.gz!/bin/app.

import { containerMagic, HEAD } from '../archives/open-container.ts';
import type { Opened } from '../bytes/given.ts';
import { openUrl } from '../bytes/source-http.ts';
import { MemorySource } from '../bytes/source.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import { placeOfUrl } from '../model/url.ts';
import { limitsOf } from './examine.ts';
import type { InspectOptions } from './examine.ts';

/** How it is going to be read: `sequential` from end to end, which takes no ranges. */
export interface OpenOptions {
  readonly limits?: InspectOptions['limits'];
  readonly signal?: AbortSignal | undefined;
  readonly sequential?: boolean | undefined;
}

/**
 * Opens a URL. Throws as `openUrl` does, and `io` where the server ignores ranges and it is no archive, which is read from end to end; for a path in an archive what
 * opening a member throws.
 */
export async function openHttp(url: URL, options: OpenOptions): Promise<Opened<ByteSource>> {
  const path = url.href;
  const at = path.indexOf('!/', url.origin.length);
  try {
    if (at === -1) return await whole(url, path, options);
    const outer = await whole(new URL(path.slice(0, at)), path.slice(0, at), options);
    const { openMemberOf } = await import('./open-member.ts');
    return await openMemberOf({ size: outer.source.size, read: (offset, length) => outer.source.read(offset, length), close: () => outer.close() }, placeOfUrl(path.slice(0, at)), placeOfUrl(path.slice(at + 2)), path, options);
  } catch (error) {
    if (error instanceof BinspectError) error.path ??= path;
    throw error;
  }
}

async function whole(url: URL, path: string, options: OpenOptions): Promise<Opened<ByteSource>> {
  const { stallMilliseconds, spooledBytes } = limitsOf(options);
  const opened = await openUrl(url, { stallMilliseconds, spooledBytes, signal: options.signal });
  if ('bytes' in opened) {
    requireArchive(opened.bytes.subarray(0, HEAD), opened.bytes.length === 0 || options.sequential === true);
    return { source: new MemorySource(opened.bytes), path, bytes: opened.bytes, close: () => Promise.resolve() };
  }
  const { source } = opened;
  const close = (): Promise<void> => source.close();
  try {
    if (!source.ranged) requireArchive(await source.read(0, Math.min(HEAD, source.size)), options.sequential === true);
  } catch (error) {
    await close();
    throw error;
  }
  return { source, path, bytes: null, close };
}

function requireArchive(head: Uint8Array, sequential: boolean): void {
  if (!sequential && containerMagic(head) === null) throw new BinspectError('io', 'the server ignores ranges, so that what is no archive can not be read from it');
}
