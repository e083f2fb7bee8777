// Android's ABIs: `lib/ABI/…` of an apk, `MODULE/lib/ABI/…` of an app bundle, `jni/ABI/…` of a library (NDK, "Android ABIs").

import { claimedTarget, strangeClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';
import { ANDROID_ABIS } from './vocabulary.ts';

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
