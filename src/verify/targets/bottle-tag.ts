// Homebrew's bottles: `NAME--VERSION.TAG.bottle[.REBUILD].tar.gz` (Homebrew: Utils::Bottles::Tag).

import { claimedTarget, invalidClaim, nothingClaim, strangeClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';

/** Releases of macOS by the words of tags. */
const RELEASES: ReadonlyMap<string, string> = new Map([
  ['tahoe', '26'],
  ['sequoia', '15'],
  ['sonoma', '14'],
  ['ventura', '13'],
  ['monterey', '12'],
  ['big_sur', '11'],
  ['catalina', '10.15'],
  ['mojave', '10.14'],
  ['high_sierra', '10.13'],
  ['sierra', '10.12'],
  ['el_capitan', '10.11'],
  ['yosemite', '10.10'],
]);

/** What a bottle's name claims; null for a name that is no bottle's. Without an architecture it is x86_64. */
export function bottleClaim(name: string): ContentsClaim | null {
  const tag = /\.([a-z0-9_]+)\.bottle(?:\.\d+)?\.tar\.gz$/.exec(name)?.[1];
  if (tag === undefined) return null;
  const from = `the file name "${name}"`;
  if (tag === 'all') return nothingClaim(from);
  if (tag === 'x86_64_linux') return targetClaim(claimedTarget('linux/amd64'), from);
  if (tag === 'arm64_linux' || tag === 'aarch64_linux') return targetClaim(claimedTarget('linux/arm64'), from);
  const arm = tag.startsWith('arm64_');
  const release = RELEASES.get(arm ? tag.slice('arm64_'.length) : tag);
  if (release === undefined) return strangeClaim(tag, from, `'${tag}' is no tag of a bottle that is known`);
  if (arm && release.startsWith('10.')) return invalidClaim(tag, from, `there was no macOS ${release} for arm64`);
  return targetClaim(claimedTarget(arm ? 'darwin/arm64' : 'darwin/amd64'), from, { macos: release });
}
