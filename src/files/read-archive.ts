// An archive of a verification, read from inside: its executables, what could not be read, what it and the archives in it say of themselves.

import { decodeText } from '../bytes/text.ts';
import type { BinspectError } from '../errors.ts';
import type { InspectOptions } from '../inspect/examine.ts';
import type { Inside } from '../model/container.ts';
import type { PackagePlatforms } from '../model/verdict.ts';
import type { ContentsContainer, ContentsMember } from '../verify/contents/members.ts';
import { packagePlatforms } from '../verify/targets/package-json.ts';
import { walkMembers } from './inspect-members.ts';

/** An executable, with the way to it. */
export interface ArchiveMember extends ContentsMember {
  readonly inside: readonly Inside[];
  /** The package.json nearest to it in its archive; null where there is none, or it is that of the whole archive. */
  readonly packageJson: PackagePlatforms | null;
}

/** A member that could not be read. */
export interface ArchiveFailure {
  readonly path: string;
  readonly below: string;
  readonly inside: readonly Inside[];
  readonly error: BinspectError;
}

/** What an archive holds. */
export interface ReadArchive {
  /** The given one is the last. */
  readonly containers: readonly ContentsContainer[];
  readonly members: readonly ArchiveMember[];
  readonly failures: readonly ArchiveFailure[];
  /** Paths below it of all that is no folder. */
  readonly names: ReadonlySet<string>;
}

/** The folder of a path, '' for the first. */
function folderOf(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf('/'), 0));
}

/** The package.json files of one archive, by their folders. */
type Manifests = Map<string, PackagePlatforms>;

function nearestManifest(name: string, manifests: Manifests | undefined): PackagePlatforms | null {
  if (manifests === undefined) return null;
  for (let folder = folderOf(name); ; folder = folderOf(folder)) {
    const found = manifests.get(folder);
    if (found !== undefined) return found;
    if (folder === '') return null;
  }
}

/** The manifest of a whole package: npm unpacks what lies one folder down. Of several, that of npm's own folder. */
function ownManifest(manifests: Manifests | undefined): PackagePlatforms | null {
  if (manifests === undefined) return null;
  const tops = [...manifests].filter(([folder]) => folder !== '' && !folder.includes('/'));
  return (tops.find(([folder]) => folder === 'package') ?? tops[0])?.[1] ?? null;
}

/** The way to a member as `Inside` has it, below the given archive. */
function containerOf(path: string, containers: ReadonlySet<string>): string | null {
  for (let at = path.lastIndexOf('!/'); at > 0; at = path.lastIndexOf('!/', at - 1)) {
    const outer = path.slice(0, at);
    if (containers.has(outer)) return outer;
  }
  return null;
}

/**
 * Reads an archive. `claimed` is the path by which it claims a target. Of an executable that is listed twice the last one counts, as tar unpacks it. Rejects
 * with what `inspectMembers` rejects with.
 */
export async function readArchive(input: string | URL, claimed: string, options: InspectOptions): Promise<ReadArchive> {
  const path = typeof input === 'string' ? input : input.href;
  const members = new Map<string, ArchiveMember & { inside: readonly Inside[] }>();
  const failures: ArchiveFailure[] = [];
  const names = new Set<string>();
  const found: { container: ContentsContainer['container'] }[] = [];
  const manifests = new Map<string, Manifests>();
  const pending: { path: string; bytes: Uint8Array }[] = [];
  const below = (full: string): string => full.slice(path.length + 2);
  const onSkip = (full: string, reason: string): void => {
    members.delete(full); // what comes later replaces it
    if (reason !== 'folder') names.add(below(full));
  };
  const onMetadata = (full: string, bytes: Uint8Array): void => {
    if (full.endsWith('/package.json')) pending.push({ path: full, bytes: bytes.slice() });
  };
  for await (const item of walkMembers(input, { ...options, onSkip, onMetadata })) {
    if ('container' in item) {
      found.push(item);
      continue;
    }
    names.add(below(item.path));
    const container = item.inside.at(-1)?.path ?? path;
    if ('error' in item) failures.push({ path: item.path, below: below(item.path), inside: item.inside, error: item.error });
    else {
      members.delete(item.path);
      members.set(item.path, { path: item.path, container, name: item.path.slice(container.length + 2), below: below(item.path), mode: item.mode, facts: item.inspection, inside: item.inside, packageJson: null });
    }
  }
  const paths = new Set(found.map(({ container }) => container.path));
  for (const { path: full, bytes } of pending) {
    const container = containerOf(full, paths) ?? path;
    const name = full.slice(container.length + 2);
    const own = manifests.get(container) ?? new Map<string, PackagePlatforms>();
    manifests.set(container, own.set(folderOf(name), packagePlatforms(name, decodeText(bytes))));
  }
  const containers = found.map(({ container }): ContentsContainer => {
    const parent = container.path === path ? null : (containerOf(container.path, paths) ?? path);
    return { container, parent, name: parent === null ? claimed : container.path.slice(parent.length + 2), manifest: container.kind === 'npm' ? ownManifest(manifests.get(container.path)) : null };
  });
  const own = new Map(containers.map((one) => [one.container.path, one.manifest]));
  const placed = [...members.values()].map((member): ArchiveMember => {
    const nearest = nearestManifest(member.name, manifests.get(member.container));
    const container = paths.has(member.container) ? member.container : (containerOf(member.path, paths) ?? path); // a file that was compressed alone is no archive of its own
    return { ...member, container, name: member.path.slice(container.length + 2), packageJson: nearest === own.get(member.container) ? null : nearest };
  });
  return { containers, members: placed, failures, names };
}
