// A member of an archive as an input, by the path that it is shown by.

import { findMember } from '../archives/find-member.ts';
import { Budget } from '../archives/member.ts';
import { statPath } from '../bytes/folder.ts';
import type { Opened } from '../bytes/given.ts';
import { NODE_CODECS } from '../bytes/inflate-node.ts';
import { openFile } from '../bytes/source-file.ts';
import { MemorySource } from '../bytes/source.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import { limitsOf } from './examine.ts';
import type { InspectOptions } from './examine.ts';

/** Where the archive's own path ends: before the first `!/` that a regular file stands before; -1 where there is none. */
async function archiveEnd(path: string): Promise<number> {
  for (let at = path.indexOf('!/'); at !== -1; at = path.indexOf('!/', at + 2)) {
    if (at > 0 && (await isFile(path.slice(0, at)))) return at;
  }
  return -1;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await statPath(path)).kind === 'file';
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    return false;
  }
}

/**
 * Opens a member: where it lies plain, as a range of its archive, else held in memory. Null where the path leads into no archive. Throws `io` where the
 * archive has no such member, `limit-exceeded` where it is too large to hold, and what reading the archive throws.
 */
export async function openMember(path: string, options: { readonly limits?: InspectOptions['limits']; readonly signal?: AbortSignal | undefined }): Promise<Opened<ByteSource> | null> {
  const end = await archiveEnd(path);
  if (end === -1) return null;
  const archive = path.slice(0, end);
  const source = await openFile(archive);
  try {
    const budget = new Budget(limitsOf(options), NODE_CODECS, options.signal);
    const found = await findMember(source, archive.split(/[/\\]/).at(-1) as string, path.slice(end + 2), budget);
    if (!(found instanceof Uint8Array)) return { source: found, path, bytes: null, close: () => source.close() };
    await source.close();
    return { source: new MemorySource(found), path, bytes: found, close: () => Promise.resolve() };
  } catch (error) {
    await source.close();
    if (error instanceof BinspectError) error.path ??= path;
    throw error;
  }
}
