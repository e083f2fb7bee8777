// Rules about several files together: that none is a copy of another, and that they are what a checksum list says.

import type { Finding } from '../model/verdict.ts';
import { failed, passed, unknown } from './rules/check.ts';
import { finding } from './verify.ts';

/** What a file among others is known by. */
export interface Digested {
  readonly path: string;
  /** Null where it could not be read, or nobody asked. */
  readonly sha256: string | null;
  /** The same for all names of one file. */
  readonly identity: string;
}

/** A line of a checksum list. */
export interface Listed {
  readonly digest: string;
  /** 'SHA256SUMS line 3'. */
  readonly from: string;
}

/** Other files with the same bytes: the first, and how many there are. */
export interface Copies {
  readonly first: Digested | null;
  readonly count: number;
}

/** Who has the same bytes, under the digest that they share. Several names of one file are no copies. */
export function copies(files: readonly Digested[]): (file: Digested) => Copies {
  const bySum = new Map<string, Map<string, Digested[]>>(); // by digest, then by file
  for (const file of files) {
    if (file.sha256 === null) continue;
    const same = bySum.get(file.sha256) ?? new Map<string, Digested[]>();
    const names = same.get(file.identity) ?? [];
    names.push(file);
    bySum.set(file.sha256, same.set(file.identity, names));
  }
  const totals = new Map(Array.from(bySum, ([digest, same]) => [digest, [...same.values()].reduce((sum, names) => sum + names.length, 0)]));
  return ({ sha256, identity }) => {
    const same = sha256 === null ? undefined : bySum.get(sha256);
    if (sha256 === null || same === undefined) return { first: null, count: 0 };
    for (const [other, [first]] of same) {
      if (other !== identity) return { first: first ?? null, count: (totals.get(sha256) ?? 0) - (same.get(identity)?.length ?? 0) };
    }
    return { first: null, count: 0 };
  };
}

/** The finding of `unique`. `unread` is why the file could not be read, if it could not. */
export function uniqueFinding({ sha256 }: Digested, { first, count }: Copies, unread: string | null, from: string): Finding {
  const expected = 'no other file with the same bytes';
  const evidence = sha256 === null ? null : `SHA-256 ${sha256}`;
  if (unread !== null || sha256 === null) return finding('unique', expected, from, null, unknown(unread ?? 'the file was not hashed'));
  if (first === null) return finding('unique', expected, from, null, passed('none', evidence));
  const more = count > 1 ? ` and ${count - 1} more` : '';
  return finding('unique', expected, from, null, failed(`identical to ${first.path}${more}`, evidence));
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
