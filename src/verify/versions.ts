// Versions of systems, of glibc and of Go, their order, and ranges of them.

import { compareGoVersions, parseGoVersion } from '../model/go-words.ts';
import type { GoVersion } from '../model/go-words.ts';

/** What versions of one kind are written as and ordered by. */
export interface VersionKind<V> {
  /** Null for what is no version of this kind. */
  parse(text: string): V | null;
  /** Below 0 where the first is older, 0 where neither is. */
  compare(a: V, b: V): number;
  /** Whether a version is one of those that a shorter one stands for: 1.22.5 is a 1.22. */
  isOne(version: V, of: V): boolean;
}

/** Numbers with dots between them, compared one by one: 2.9 comes before 2.17, and 11 is 11.0. */
export const DOTTED: VersionKind<readonly number[]> = {
  parse(text: string): readonly number[] | null {
    if (!/^\d{1,9}(\.\d{1,9}){0,7}$/.test(text)) return null;
    return text.split('.').map(Number);
  },
  compare(a: readonly number[], b: readonly number[]): number {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const difference = (a[i] ?? 0) - (b[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  },
  isOne(version: readonly number[], of: readonly number[]): boolean {
    return of.every((part, i) => part === (version[i] ?? 0));
  },
};

/** A version as a release: without a patch level it is the first, '1.22' is 1.22.0. */
function release(version: GoVersion): GoVersion {
  return { ...version, patch: version.prerelease === null ? (version.patch ?? 0) : null };
}

/** Go's versions, with or without the 'go': go1.22beta1 < go1.22rc1 < go1.22 < go1.22.1. What a vendor adds to one changes nothing. */
export const GO: VersionKind<GoVersion> = {
  parse(text: string): GoVersion | null {
    const version = parseGoVersion(text.startsWith('go') || text.startsWith('devel') ? text : `go${text}`);
    return version === null || version.development ? null : version;
  },
  compare(a: GoVersion, b: GoVersion): number {
    return compareGoVersions(release(a), release(b));
  },
  isOne(version: GoVersion, of: GoVersion): boolean {
    if (of.patch !== null || of.prerelease !== null) return GO.compare(version, of) === 0;
    return version.minor === of.minor && version.prerelease === null;
  },
};

type Operator = '>=' | '<=' | '>' | '<' | '=';

/** Bounds that all have to hold. */
export interface Range<V> {
  readonly text: string;
  readonly bounds: readonly { readonly operator: Operator; readonly version: V }[];
}

const TERM = /^\s*(>=|<=|>|<|==?)?\s*([^\s,<>=]+)\s*,?/;

/**
 * A range: versions with `>=`, `>`, `<=`, `<` or `=` before them, between them blanks or commas, all of which have to hold.
 * Without an operator, as with `=`, a version stands for all that begin with it: '1.22' for every 1.22. Null for what is none.
 */
export function parseRange<V>(text: string, { parse }: VersionKind<V>): Range<V> | null {
  const bounds: { operator: Operator; version: V }[] = [];
  for (let rest = text; rest.trim() !== ''; ) {
    const match = TERM.exec(rest);
    if (match === null) return null;
    const [whole, sign = '=', written = ''] = match;
    const version = parse(written);
    if (version === null) return null;
    bounds.push({ operator: sign === '==' ? '=' : (sign as Operator), version });
    rest = rest.slice(whole.length);
  }
  return bounds.length === 0 ? null : { text: text.trim(), bounds };
}

/** Whether a version lies in a range. */
export function inRange<V>(version: V, { bounds }: Range<V>, { compare, isOne }: VersionKind<V>): boolean {
  return bounds.every(({ operator, version: bound }) => {
    if (operator === '=') return isOne(version, bound);
    const order = compare(version, bound);
    return operator === '>=' ? order >= 0 : operator === '>' ? order > 0 : operator === '<=' ? order <= 0 : order < 0;
  });
}
