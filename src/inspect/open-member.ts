// A member of an archive as an input, by the path that it is shown by.

import { findMember } from '../archives/find-member.ts';
import { Budget } from '../archives/member.ts';
import { statPath } from '../bytes/folder.ts';
import type { PathKind } from '../bytes/folder.ts';
import type { Opened } from '../bytes/given.ts';
import { NODE_CODECS } from '../bytes/inflate-node.ts';
import { openFile } from '../bytes/source-file.ts';
import { MemorySource } from '../bytes/source.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import { limitsOf } from './examine.ts';
import type { InspectOptions } from './examine.ts';
import type { ImageMember } from './open-image-member.ts';

/** An archive, or the folder of an OCI layout, that a path leads into: where its own path ends. */
interface Outer {
  readonly end: number;
  readonly kind: 'file' | 'folder';
}

/** Where the archive's own path ends: before the first `!/` that a regular file stands before, or a folder that a path of an image follows; null where there is none. */
async function outerOf(path: string): Promise<Outer | null> {
  for (let end = path.indexOf('!/'); end !== -1; end = path.indexOf('!/', end + 2)) {
    const kind = end > 0 ? await kindOf(path.slice(0, end)) : null;
    if (kind === 'file' || (kind === 'folder' && mayBeOfImage(path.slice(end + 2)))) return { end, kind };
  }
  return null;
}

async function kindOf(path: string): Promise<PathKind | null> {
  try {
    return (await statPath(path)).kind;
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    return null;
  }
}

/** How a path below an image begins: a platform, and the path in its tree. */
function mayBeOfImage(path: string): boolean {
  return /^[\w.+-]+\/[\w.+-]+(?:\/[\w.+-]+)?(?:#\d+)?!\/./.test(path);
}

type MemberOptions = { readonly limits?: InspectOptions['limits']; readonly signal?: AbortSignal | undefined };

/** A file of a container image; null where the path names none. What reads images is loaded for it. */
async function ofImage(from: ByteSource | string, path: string, options: MemberOptions): Promise<ImageMember | null> {
  if (!mayBeOfImage(path)) return null;
  const { openImageMember } = await import('./open-image-member.ts');
  return openImageMember(from, path, new Budget(limitsOf(options), NODE_CODECS, options.signal));
}

/** What was found, open until it is closed; `close` closes what it lies in. */
async function opened(content: Uint8Array | ByteSource, path: string, close: () => Promise<void>): Promise<Opened<ByteSource>> {
  if (!(content instanceof Uint8Array)) return { source: content, path, bytes: null, close };
  await close();
  return { source: new MemorySource(content), path, bytes: content, close: () => Promise.resolve() };
}

/**
 * Opens a member: where it lies plain, as a range of its archive, else held in memory. Null where the path leads into no archive. Throws `io` where the
 * archive has no such member, `limit-exceeded` where it is too large to hold, and what reading the archive throws.
 */
export async function openMember(path: string, options: MemberOptions): Promise<Opened<ByteSource> | null> {
  const outer = await outerOf(path);
  if (outer === null) return null;
  const archive = path.slice(0, outer.end);
  const rest = path.slice(outer.end + 2);
  if (outer.kind === 'folder') {
    const image = await ofImage(archive, rest, options);
    return image === null ? null : opened(image.content, path, image.close);
  }
  return openMemberOf(await openFile(archive), archive, rest, path, options);
}

/** The same of an archive that is open. It is closed with what it gives. */
export async function openMemberOf(source: ByteSource & { close(): Promise<void> }, archive: string, rest: string, path: string, options: MemberOptions): Promise<Opened<ByteSource>> {
  try {
    const image = await ofImage(source, rest, options);
    const found = image?.content ?? (await findMember(source, archive.split(/[/\\]/).at(-1) as string, rest, new Budget(limitsOf(options), NODE_CODECS, options.signal)));
    return await opened(found, path, async () => {
      await image?.close();
      await source.close();
    });
  } catch (error) {
    await source.close();
    if (error instanceof BinspectError) error.path ??= path;
    throw error;
  }
}
