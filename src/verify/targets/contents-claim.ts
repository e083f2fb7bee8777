// What an archive claims of the executables in it: plain data, made by the families of claims beside this file.

import type { PackagePlatforms } from '../../model/verdict.ts';
import { parseTarget, targetText } from './target.ts';
import type { Target } from './target.ts';

/** What a claim asks of each executable that counts. */
export type Ask =
  /** To be for a target, and to need nothing newer. */
  | { readonly kind: 'target'; readonly target: Target; readonly bounds: Bounds }
  /** npm's os, cpu and libc. */
  | { readonly kind: 'package'; readonly package: PackagePlatforms }
  /** Not to be there at all, but for those with these endings. */
  | { readonly kind: 'nothing'; readonly except: RegExp | null }
  /** Nothing: the claim is one that no tool accepts, or contradicts another. */
  | { readonly kind: 'invalid'; readonly why: string }
  /** Nothing that could be told. */
  | { readonly kind: 'strange'; readonly why: string };

/** The oldest systems that have to do. */
export interface Bounds {
  /** The newest version of glibc that may be needed: '2.17'. */
  readonly glibc?: string | undefined;
  /** Whether no version of glibc may be needed. */
  readonly noGlibc?: boolean | undefined;
  /** The newest macOS that may be asked for: '10.9'. */
  readonly macos?: string | undefined;
  /** The newest that a slice for arm64 may ask for, where that is another. */
  readonly macosArm64?: string | undefined;
}

/** One claim. */
export interface ContentsClaim {
  /** In words: 'linux/arm64'. */
  readonly expected: string;
  /** Who claims it: 'DEBIAN/control Architecture: arm64', 'the file name "app_linux_arm64.tar.gz"'. */
  readonly from: string;
  readonly asks: Ask;
  /** Which words were read, for a name that may be read otherwise; else null. */
  readonly words: string | null;
  /** The members that it is about, by their paths in the archive; null for all. */
  readonly about: ((name: string) => boolean) | null;
}

const NO_BOUNDS: Bounds = {};

/** A target as a package's metadata claims it: a step of the architecture is the most that may be needed. */
export function claimedTarget(text: string, more: Partial<Target> = {}): Target {
  const target = parseTarget(text);
  if (typeof target === 'string') throw new TypeError(target); // a table's own mistake; a test reads every row
  return { ...target, atMost: true, ...more };
}

/** A claim of a target. */
export function targetClaim(target: Target, from: string, bounds: Bounds = NO_BOUNDS, about: ContentsClaim['about'] = null): ContentsClaim {
  const limits = [
    bounds.glibc === undefined ? null : `glibc ${bounds.glibc} or older`,
    bounds.noGlibc === true ? 'no glibc' : null,
    bounds.macos === undefined ? null : `macOS ${bounds.macos} or older`,
  ].filter((limit) => limit !== null);
  return { expected: [targetText(target), ...limits].join(', '), from, asks: { kind: 'target', target, bounds }, words: null, about };
}

/** A claim that there is nothing for a system or an architecture in it. */
export function nothingClaim(from: string, except: RegExp | null = null): ContentsClaim {
  return { expected: 'no executable for a system', from, asks: { kind: 'nothing', except }, words: null, about: null };
}

/** A claim that is none: it fails whatever the archive holds. */
export function invalidClaim(expected: string, from: string, why: string): ContentsClaim {
  return { expected, from, asks: { kind: 'invalid', why }, words: null, about: null };
}

/** A claim that is not understood, so that nothing can be said. */
export function strangeClaim(expected: string, from: string, why: string): ContentsClaim {
  return { expected, from, asks: { kind: 'strange', why }, words: null, about: null };
}
