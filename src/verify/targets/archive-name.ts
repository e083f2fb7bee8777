// What an archive's own name claims: the families that have a grammar first, else words as in any name.

import { bottleClaim } from './bottle-tag.ts';
import { claimsOfPath, namesOf } from './claims.ts';
import type { ContentsClaim } from './contents-claim.ts';
import { debianNameClaim } from './debian-architecture.ts';
import { rpmNameClaim } from './rpm-architecture.ts';
import { targetText } from './target.ts';
import { tagsOfName, wheelClaims } from './wheel-tag.ts';

/** Endings of archives and packages; a name may have two of them. */
const ENDING = /\.(tar|tgz|txz|tzst|tbz2?|gz|xz|zst|zstd|bz2|lz4?|lzma|z|zip|7z|deb|udeb|rpm|apk|aab|aar|ipa|whl|egg|vsix|nupkg|snupkg|jar|war|conda|pkg|xpi|cpio|a|lib)$/i;

/** Names of archives that hold no programs, whatever their words: sources, documents, lists, symbols. */
const NO_PROGRAMS = /(^|[-_.+])(src|source|sources|docs?|man|manpages|completions?|checksums?|sbom|debuginfo|debugsource|dbgsym|dbg|symbols|pdbs?|headers|javadoc|crate)$/i;

/** An archive's name without its endings, two at most. */
export function archiveStem(name: string): string {
  const once = name.replace(ENDING, '');
  const twice = once === name ? once : once.replace(ENDING, '');
  return twice === '' ? name : twice;
}

/** The path of an archive as that of the folder that it would be unpacked to. */
export function archiveFolder(path: string): string {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  return path.slice(0, at) + archiveStem(path.slice(at));
}

/** What the path of an archive claims of what is in it. */
export function archiveNameClaims(path: string, packageName: string | null = null): ContentsClaim[] {
  const name = namesOf(path).at(-1) ?? '';
  const tags = tagsOfName(name);
  if (tags !== null) return wheelClaims(tags, `the file name "${name}"`);
  const own = debianNameClaim(name) ?? rpmNameClaim(name) ?? bottleClaim(name);
  if (own !== null) return [own];
  if (/\.(src|nosrc|noarch)\.rpm$|_all\.u?deb$/.test(name) || NO_PROGRAMS.test(archiveStem(name))) return [];
  return claimsOfPath(archiveFolder(path), { packageName }).map(({ target, from, words, doubtful, strange }) => ({
    expected: targetText(target),
    from: from.startsWith('the file name') ? `the file name "${name}"` : from,
    asks: strange === null ? { kind: 'target', target, bounds: {} } : { kind: 'strange', why: `'${strange}' looks like an architecture and is not understood` },
    words: doubtful || strange !== null ? words : null,
    about: null,
  }));
}

/** Whether an archive's own name says what system and architecture it is for, so that programs are to be expected in it. */
export function claimsPrograms(path: string): boolean {
  const name = namesOf(path).at(-1) ?? '';
  let [os, arch] = [false, false];
  for (const { asks } of archiveNameClaims(name)) {
    if (asks.kind === 'invalid') return true;
    if (asks.kind !== 'target') continue;
    os ||= asks.target.os !== null;
    arch ||= asks.target.arch !== null;
  }
  return os && arch;
}
