// One member by its path, through archives in archives.

import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import { shownName } from '../model/container.ts';
import { Holder } from './hold.ts';
import { Remarks } from './member.ts';
import type { Budget, Member } from './member.ts';
import { HEAD, openContainer } from './open-container.ts';
import type { ContainerBytes } from './open-container.ts';

/** What a path names: bytes, a range of the archive, or another path that it is a link to. */
type Found = Uint8Array | ByteSource | { readonly link: string };

const HOPS = 40; // as many links as Linux follows

/**
 * The content of a member: held, or as a range where it lies plain. `path` is as it is shown below the archive. Hard links are followed, as they are one
 * file; symbolic ones are not. The last of several members of one name counts. Throws `io` where there is no such member.
 */
export async function findMember(source: ByteSource, archive: string, path: string, budget: Budget): Promise<Uint8Array | ByteSource> {
  let wanted = path;
  for (let hop = 0; hop < HOPS; hop++) {
    const head = await source.read(0, Math.min(HEAD, source.size));
    const bytes: ContainerBytes = { name: archive, source, head, open: () => Promise.reject(new BinspectError('invalid-argument', 'read it by positions')) };
    const found = await find(bytes, wanted, budget, 1);
    if (found === null) throw new BinspectError('io', `${archive} has no member ${wanted}`);
    if (!('link' in found)) return found;
    wanted = found.link;
  }
  throw new BinspectError('io', `${path}: too many links`);
}

async function find(bytes: ContainerBytes, path: string, budget: Budget, depth: number): Promise<Found | null> {
  if (depth > budget.limits.archiveDepth) throw new BinspectError('limit-exceeded', `${path}: an archive within ${depth - 1} others is not opened (the limit archiveDepth)`);
  const opened = await openContainer(bytes, budget, new Remarks(0), depth === 1);
  if (opened === null) {
    if (depth > 1) return null;
    throw new BinspectError('unsupported', `${bytes.name} is no archive that is read`, { offset: 0 });
  }
  const counts = new Map<string, number>();
  let found: Found | null = null;
  for await (const member of opened.members) {
    const own = shownName(member.name);
    const count = (counts.get(own) ?? 0) + 1;
    if (opened.format === 'ar') counts.set(own, count); // names repeat there: the second is `x.o#2`
    const name = count === 1 ? own : `${own}#${count}`;
    if (name === path || member.alias.some((alias) => shownName(alias) === path)) found = await content(member, path, budget);
    else if (member.kind === 'file' && path.startsWith(`${name}!/`)) {
      const inner = await within(member, name, path, budget, depth);
      if (inner !== null) found = inner;
    }
  }
  await opened.finish();
  return found;
}

async function within(member: Member, name: string, path: string, budget: Budget, depth: number): Promise<Found | null> {
  if (member.problem !== null) throw member.problem;
  if (member.size === 0) return null;
  const bytes: ContainerBytes = { name: name.split('/').at(-1) as string, source: await member.locate(), head: await member.start(HEAD), open: () => member.open() };
  const inner = await find(bytes, path.slice(name.length + 2), budget, depth + 1);
  return inner !== null && 'link' in inner ? { link: `${name}!/${inner.link}` } : inner;
}

async function content(member: Member, path: string, budget: Budget): Promise<Found> {
  if (member.kind === 'hardlink') return { link: shownName(member.link ?? '') };
  if (member.kind === 'symlink') throw new BinspectError('io', `${path} is a symbolic link${member.link === null ? '' : ` to ${member.link}`}; links in archives are not followed`);
  if (member.kind !== 'file') throw new BinspectError('io', member.kind === 'folder' ? 'is a directory' : 'is not a regular file');
  if (member.problem !== null) throw member.problem;
  if (member.size === 0) return new Uint8Array(0);
  const range = member.checked ? null : await member.locate();
  if (range !== null) return range;
  const { parts } = await new Holder().hold(await member.open(), member, budget, false);
  const [whole] = parts;
  if (whole === undefined || parts.length > 1) throw new BinspectError('limit-exceeded', `${path} is larger than ${budget.limits.memberBytes} bytes, which is what may be held (the limit memberBytes)`);
  return whole.bytes;
}
