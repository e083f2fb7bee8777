// Rules about several files together: that none is under two names that claim different targets, and that they are what a checksum list says.

import type { Finding } from '../model/verdict.ts';
import { failed, passed, unknown } from './rules/check.ts';
import { finding } from './verify.ts';

/** What a file among others is known by. */
export interface Digested {
  readonly path: string;
  /** Null where it could not be read, or nobody asked. */
  readonly sha256: string | null;
  /** The same for all names of one file: links, hard links. */
  readonly identity: string;
  /** The target that its name and its package claim; null where they claim none. */
  readonly claim: string | null;
  /** Whether it is for what it claims. */
  readonly fits: boolean;
  /** The archive that it lies in; not there for a file of its own. */
  readonly archive?: string | undefined;
}

/** A line of a checksum list. */
export interface Listed {
  readonly digest: string;
  /** 'SHA256SUMS line 3'. */
  readonly from: string;
}

const EXPECTED = 'no other file with the same bytes for another target';

/**
 * The findings of `unique`, by file. Files with the same bytes may be copies for one target, or names of one file that don't claim different
 * ones, or fit what each of them claims (a universal file, .NET code). Else one of the group fails: one that is not for what it claims, or the second.
 */
export function uniqueFindings<File extends Digested>(files: readonly File[], from: (file: File) => string): ReadonlyMap<File, Finding> {
  const groups = new Map<string, File[]>();
  for (const file of files) {
    if (file.sha256 === null) continue;
    const group = groups.get(file.sha256);
    if (group === undefined) groups.set(file.sha256, [file]);
    else group.push(file);
  }
  const findings = new Map<File, Finding>();
  for (const [sha256, group] of groups) {
    const evidence = `SHA-256 ${sha256}`;
    const [first, second] = group as [File, File | undefined];
    if (second === undefined) {
      findings.set(first, finding('unique', EXPECTED, from(first), null, passed('none', evidence)));
      continue;
    }
    const allowed = whyAllowed(group);
    const guilty = allowed === null ? (group.find(({ fits, claim }) => !fits && claim !== null) ?? second) : null;
    for (const file of group) {
      const others = othersText(group, file);
      const outcome = file === guilty ? failed(`identical to ${others}`, evidence) : { ...passed(`identical to ${others}`, evidence), note: allowed ?? `said of ${guilty?.path ?? ''}` };
      findings.set(file, finding('unique', EXPECTED, from(file), null, outcome));
    }
  }
  return findings;
}

/** Why files with the same bytes may stand beside each other; null where they may not. */
function whyAllowed(group: readonly Digested[]): string | null {
  const claims = new Set(group.map(({ claim }) => claim));
  const [claim] = claims;
  const [archive] = group.map((file) => file.archive);
  if (archive !== undefined && group.every((file) => file.archive === archive)) return 'they lie in one archive';
  if (claims.size === 1 && claim !== null) return 'they claim the same target';
  claims.delete(null);
  if (new Set(group.map(({ identity }) => identity)).size === 1 && claims.size < 2) return 'they are names of one file';
  return group.every(({ fits, claim: own }) => fits && own !== null) ? 'it is for each of the targets that they claim' : null;
}

const SHOWN = 2; // of the others by name

function othersText(group: readonly Digested[], file: Digested): string {
  const others = group.slice(0, SHOWN + 1).filter((other) => other !== file).slice(0, SHOWN);
  const more = group.length - 1 - others.length;
  return `${others.map(({ path, claim }) => (claim === null ? path : `${path} (${claim})`)).join(' and ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The finding of `unique` for a file that could not be read, or was not hashed. */
export function unreadUnique(unread: string | null, from: string): Finding {
  return finding('unique', EXPECTED, from, null, unknown(unread ?? 'the file was not hashed'));
}

/** The findings of `sums` for a file that is there: one for each line that lists it, or that none does. */
export function sumsFindings(sha256: string | null, listed: readonly Listed[], unread: string | null, list: string, mustBeListed: boolean): Finding[] {
  if (listed.length === 0) {
    return mustBeListed ? [finding('sums', 'to be listed', list, null, failed('not listed', null, 'it is there, but the list does not name it'))] : [];
  }
  return listed.map(({ digest, from }) => {
    if (unread !== null || sha256 === null) return finding('sums', digest, from, null, unknown(unread ?? 'the file was not hashed'));
    return finding('sums', digest, from, null, sha256 === digest ? passed(sha256, 'all bytes of the file') : failed(sha256, 'all bytes of the file'));
  });
}

/** The finding of `sums` for a line whose file is not there. */
export function missingFinding({ digest, from }: Listed): Finding {
  return finding('sums', digest, from, null, failed('no such file', null, 'it is listed, but it is not there'));
}

/** The finding of `sums` for a line that nobody can read. */
export function malformedFinding(message: string, from: string): Finding {
  return finding('sums', 'a digest and a name', from, null, failed(null, null, message));
}
