// Platforms of Visual Studio Code's extensions: TargetPlatform of extension.vsixmanifest (vsce: Targets).

import { claimedTarget, invalidClaim, nothingClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';
import type { Target } from './target.ts';

const PLATFORMS: ReadonlyMap<string, Target> = new Map([
  ['win32-x64', claimedTarget('windows/amd64')],
  ['win32-arm64', claimedTarget('windows/arm64')],
  ['win32-ia32', claimedTarget('windows/386')],
  ['linux-x64', claimedTarget('linux/amd64', { libc: 'glibc' })],
  ['linux-arm64', claimedTarget('linux/arm64', { libc: 'glibc' })],
  ['linux-armhf', claimedTarget('linux/arm/v7', { ending: 'eabihf' })],
  ['alpine-x64', claimedTarget('linux/amd64', { libc: 'musl' })],
  ['alpine-arm64', claimedTarget('linux/arm64', { libc: 'musl' })],
  ['darwin-x64', claimedTarget('darwin/amd64')],
  ['darwin-arm64', claimedTarget('darwin/arm64')],
]);

/** What a platform claims; null for `universal`, which claims nothing. */
export function vsixClaim(platform: string, from: string): ContentsClaim | null {
  if (platform === 'universal' || platform === 'undefined' || platform === '') return null;
  if (platform === 'web') return nothingClaim(from);
  const target = PLATFORMS.get(platform);
  return target === undefined ? invalidClaim('a platform', from, `'${platform}' is no platform that VS Code installs extensions for`) : targetClaim(target, from);
}
