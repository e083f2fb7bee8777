// Names of architectures in .PKGINFO: Alpine's (apk-tools, abuild) and Arch Linux's (PKGBUILD(5), and its ports).

import { claimedTarget, invalidClaim, nothingClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';
import type { Target } from './target.ts';

type Row = readonly [arch: string, variant: string | null, ending: Target['ending']];

const ALPINE: ReadonlyMap<string, Row> = new Map<string, Row>([
  ['x86_64', ['amd64', null, null]],
  ['x86', ['386', null, null]],
  ['aarch64', ['arm64', null, null]],
  ['armv7', ['arm', 'v7', 'eabihf']],
  ['armhf', ['arm', 'v6', 'eabihf']],
  ['armel', ['arm', 'v5', 'eabi']],
  ['ppc64le', ['ppc64le', null, null]],
  ['ppc64', ['ppc64', null, null]],
  ['ppc', ['ppc', null, null]],
  ['s390x', ['s390x', null, null]],
  ['riscv64', ['riscv64', null, null]],
  ['riscv32', ['riscv32', null, null]],
  ['loongarch64', ['loong64', null, null]],
  ['mips', ['mips', null, null]],
  ['mipsel', ['mipsle', null, null]],
  ['mips64', ['mips64', null, null]],
  ['mips64el', ['mips64le', null, null]],
]);

const ARCH: ReadonlyMap<string, Row> = new Map<string, Row>([
  ['x86_64', ['amd64', null, null]],
  ['x86_64_v3', ['amd64', 'v3', null]],
  ['x86_64_v4', ['amd64', 'v4', null]],
  ['i486', ['386', null, null]],
  ['i686', ['386', null, null]],
  ['pentium4', ['386', null, null]],
  ['aarch64', ['arm64', null, null]],
  ['armv6h', ['arm', 'v6', 'eabihf']],
  ['armv7h', ['arm', 'v7', 'eabihf']],
  ['arm', ['arm', 'v5', 'eabi']],
  ['riscv64', ['riscv64', null, null]],
  ['loong64', ['loong64', null, null]],
  ['powerpc64le', ['ppc64le', null, null]],
]);

/** What `arch = …` of .PKGINFO claims. Alpine's C library is musl; of Arch's packages nothing is said. */
export function pkginfoClaim(word: string, distribution: 'alpine' | 'arch', from: string): ContentsClaim {
  if (word === (distribution === 'alpine' ? 'noarch' : 'any')) return nothingClaim(from);
  const row = (distribution === 'alpine' ? ALPINE : ARCH).get(word);
  if (row === undefined) return invalidClaim('an architecture', from, `'${word}' is no architecture of ${distribution === 'alpine' ? 'Alpine' : 'Arch'} Linux`);
  const [arch, variant, ending] = row;
  return targetClaim({ ...claimedTarget('linux/amd64'), text: word, arch: [{ arch, variant }], ending, libc: distribution === 'alpine' ? 'musl' : null }, from);
}
