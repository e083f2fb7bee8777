// conda's platforms: `subdir` of info/index.json; in older packages `platform` and `arch`.

import { claimedTarget, nothingClaim, strangeClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';

/** Platforms with the targets that they mean (conda: KNOWN_SUBDIRS). */
const SUBDIRS: ReadonlyMap<string, string> = new Map([
  ['linux-64', 'linux/amd64'],
  ['linux-32', 'linux/386'],
  ['linux-aarch64', 'linux/arm64'],
  ['linux-armv6l', 'linux/arm/v6'],
  ['linux-armv7l', 'linux/arm/v7'],
  ['linux-ppc64le', 'linux/ppc64le'],
  ['linux-ppc64', 'linux/ppc64'],
  ['linux-s390x', 'linux/s390x'],
  ['linux-riscv64', 'linux/riscv64'],
  ['linux-riscv32', 'linux/riscv32'],
  ['osx-64', 'darwin/amd64'],
  ['osx-arm64', 'darwin/arm64'],
  ['win-64', 'windows/amd64'],
  ['win-32', 'windows/386'],
  ['win-arm64', 'windows/arm64'],
  ['freebsd-64', 'freebsd/amd64'],
]);

/** Words of `arch`, in packages that have no subdir. */
const OLD_ARCHS: ReadonlyMap<string, string> = new Map([['x86_64', '64'], ['x86', '32'], ['arm64', 'arm64'], ['aarch64', 'aarch64'], ['ppc64le', 'ppc64le'], ['s390x', 's390x'], ['armv7l', 'armv7l'], ['armv6l', 'armv6l']]); // prettier-ignore

/** What a platform claims. */
export function condaClaim(subdir: string, from: string): ContentsClaim {
  if (subdir === 'noarch') return nothingClaim(from);
  if (/^(emscripten|wasi)-wasm32$|^emscripten-32$/.test(subdir)) {
    return targetClaim({ ...claimedTarget('js/wasm'), text: subdir, os: null, arch: [{ arch: 'wasm', variant: null }] }, from);
  }
  const target = SUBDIRS.get(subdir);
  return target === undefined ? strangeClaim(subdir, from, `'${subdir}' is no platform of conda that is known`) : targetClaim(claimedTarget(target), from);
}

/** The platform that older packages name in two fields; null where they name none. */
export function oldSubdir(platform: string | null, arch: string | null): string | null {
  const bits = arch === null ? undefined : OLD_ARCHS.get(arch);
  return platform === null || bits === undefined ? null : `${platform}-${bits}`;
}
