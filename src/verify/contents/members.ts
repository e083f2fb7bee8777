// Which executables in an archive count for what the archive is for, and which claims of outer archives and folders are about them.

import type { Binary } from '../../model/binary.ts';
import { isTestPath } from '../../model/container.ts';
import type { Container } from '../../model/container.ts';
import type { PackagePlatforms } from '../../model/verdict.ts';
import type { Facts } from '../rules/check.ts';
import { isManaged } from '../rules/target.ts';
import { claimsOfPath } from '../targets/claims.ts';
import { runsAnywhere } from '../targets/target.ts';

/** An executable in an archive. */
export interface ContentsMember {
  /** As it is shown: `app.tar.gz!/bin/app`. */
  readonly path: string;
  /** The archive that it lies in, as that is shown. */
  readonly container: string;
  /** Its path below that archive. */
  readonly name: string;
  /** Its path below the given archive: the same, unless it lies in an archive in it. */
  readonly below: string;
  readonly mode: number | null;
  readonly facts: Facts;
}

/** An archive: the given one, or one in it. */
export interface ContentsContainer {
  readonly container: Container;
  /** The archive that it lies in; null for the given one. */
  readonly parent: string | null;
  /** Its path below that archive; of the given one its path on the disk. */
  readonly name: string;
  /** What its own package.json says; null where it has none. */
  readonly manifest: PackagePlatforms | null;
}

const COUNTING: ReadonlySet<Binary['kind']> = new Set(['executable', 'shared-library', 'bundle', 'driver']);

/** Whether an executable is a program of its own, and no library or object. */
export function isProgram({ facts }: ContentsMember): boolean {
  return facts.binaries.some(({ kind }) => kind === 'executable');
}

function mayCount({ below, facts }: ContentsMember): boolean {
  return facts.binaries.some(({ kind }) => COUNTING.has(kind)) && !isTestPath(below);
}

/** Whether somebody may run it: by its mode, where the archive has modes, or by its ending. */
export function isRunnable(member: ContentsMember): boolean {
  return !isProgram(member) || member.mode === null || (member.mode & 0o111) !== 0 || /\.(exe|com|scr|efi)$/i.test(member.name);
}

/**
 * The executables that count: programs and libraries that are no tests; programs that may be executed, where the archive has modes. Where none of
 * its programs may be, modes say nothing: then all of them count.
 */
export function countingMembers(members: readonly ContentsMember[]): ReadonlySet<ContentsMember> {
  const counting = members.filter(mayCount);
  const modes = counting.some((member) => isProgram(member) && member.mode !== null && isRunnable(member));
  return new Set(modes ? counting.filter(isRunnable) : counting);
}

/** .NET code without a processor, and what else is for no system in particular. */
export function isForAny({ facts }: ContentsMember): boolean {
  return facts.binaries.length > 0 && facts.binaries.every(runsAnywhere);
}

/** Packages of a system's files: a folder in them is where something is installed, and no claim that replaces the package's. */
const SYSTEM_PACKAGES: ReadonlySet<string> = new Set(['deb', 'rpm', 'alpine', 'arch']);

/** Folders below which stands what is chosen when it runs, or is for other systems on purpose. */
const NATIVE_FOLDERS: ReadonlySet<string> = new Set(['node_modules', 'prebuilds', 'prebuilt', 'runtimes', 'natives', 'native', 'jni', 'jnilibs', 'site-packages', 'dist-packages', 'gcc-cross', 'gcc']);

/** Folders of a machine's second ABI, in packages of a system's files. */
const SECOND_ABI = /(^|\/)(lib32|libx32|libo32|libn32|32|x32|i386-linux-gnu)\//;

/** A folder's name that claims a system, and its place among the folders above a member; null where none does. */
function claimingFolder(name: string): { at: number; folders: readonly string[] } | null {
  const folders = name.split('/').slice(0, -1);
  if (folders.length === 0) return null;
  const claim = claimsOfPath(`${folders.join('/')}/x.node`).find(({ target, from }) => target.os !== null && from.startsWith('the folder '));
  const at = claim === undefined ? -1 : folders.lastIndexOf(claim.target.text);
  return at === -1 ? null : { at, folders };
}

/** The first folders of members that claim a system: an archive with several of them is for several systems. */
export function topFolders(members: Iterable<ContentsMember>): ReadonlyMap<string, ReadonlySet<string>> {
  const tops = new Map<string, Set<string>>();
  for (const { name, container } of members) {
    const found = claimingFolder(name);
    if (found?.at !== 0) continue;
    const own = tops.get(container);
    if (own === undefined) tops.set(container, new Set([found.folders[0] as string]));
    else own.add(found.folders[0] as string);
  }
  return tops;
}

/**
 * Whether a member's folder within the archive says what it is for in the archive's place: prebuilds/darwin-arm64/x.node. The first folder does not, which
 * archives have for all that is in them, unless there are several; nor do folders of packages of a system's files, but for those of cross tools.
 */
export function isForItsFolder({ name, container }: ContentsMember, kind: string | null, tops: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (kind !== null && SYSTEM_PACKAGES.has(kind) && SECOND_ABI.test(name)) return true;
  const found = claimingFolder(name);
  if (found === null) return false;
  const { at, folders } = found;
  if (kind !== null && SYSTEM_PACKAGES.has(kind)) return folders.slice(0, at).some((one) => NATIVE_FOLDERS.has(one.toLowerCase())) || (at > 0 && folders[at - 1] === 'usr');
  return at > 0 || (tops.get(container)?.size ?? 0) > 1;
}

/** Whether a member's own path, within its archive, claims what it is for. */
export function claimsItself({ name, facts }: ContentsMember): boolean {
  return claimsOfPath(name, { managed: isManaged(facts) }).length > 0;
}

/** Archives that hold for several systems what fits each: of them an outer archive claims nothing. */
const PORTABLE: ReadonlySet<string> = new Set(['jar', 'wheel', 'npm', 'nupkg', 'vsix', 'static-library', 'conda', 'aar', 'android-apk', 'android-bundle']);

/** Whether what an outer archive is for is said of what is in this one, too. */
export function isTransparent({ container: { kind } }: ContentsContainer): boolean {
  return kind === null || !PORTABLE.has(kind);
}
