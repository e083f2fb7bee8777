// Android's ABIs: `lib/ABI/…` of an apk, `MODULE/lib/ABI/…` of an app bundle, `jni/ABI/…` of a library (NDK, "Android ABIs").

import { claimedTarget, strangeClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';
import type { Arch } from './vocabulary.ts';

/** ABIs with the architectures that they mean. */
export const ANDROID_ABIS: ReadonlyMap<string, Arch> = new Map([
  ['arm64-v8a', { arch: 'arm64', variant: null }],
  ['armeabi-v7a', { arch: 'arm', variant: 'v7' }],
  ['armeabi', { arch: 'arm', variant: null }],
  ['x86', { arch: '386', variant: null }],
  ['x86_64', { arch: 'amd64', variant: null }],
  ['riscv64', { arch: 'riscv64', variant: null }],
]);

/** The ABI that a member lies under; null where it lies under none. */
export function abiOf(name: string): string | null {
  return /^(?:[^/]+\/)?(?:lib|jni)\/([^/]+)\/[^/]+$/.exec(name)?.[1] ?? null;
}

/** What the folders of some ABIs claim of what is in them. Libraries of before 2017 do not say that they are Android's. */
export function abiClaims(abis: Iterable<string>): ContentsClaim[] {
  return [...new Set(abis)].map((abi) => {
    const from = `the folder "lib/${abi}"`;
    const about = (name: string): boolean => abiOf(name) === abi;
    const arch = ANDROID_ABIS.get(abi);
    if (arch === undefined) return { ...strangeClaim(abi, from, `'${abi}' is no ABI of Android`), about };
    return { ...targetClaim({ ...claimedTarget('android/arm64'), text: abi, os: ['android', 'linux'], arch: [arch] }, from), expected: `android/${abi}`, about };
  });
}
