// RPM's names of architectures (rpmrc: arch_canon, buildarchtranslate): the header's ARCH and OS, and the end of a package's name.

import { claimedTarget, invalidClaim, nothingClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';
import type { Target } from './target.ts';

/** Words with the architecture that they mean. */
const ARCHS: readonly (readonly [words: string, arch: string, variant: string | null])[] = [
  ['x86_64 amd64 ia32e em64t', 'amd64', null],
  ['x86_64_v2', 'amd64', 'v2'],
  ['x86_64_v3', 'amd64', 'v3'],
  ['x86_64_v4', 'amd64', 'v4'],
  ['i386 i486 i586 i686 athlon geode pentium3 pentium4', '386', null],
  ['aarch64', 'arm64', null],
  ['armv5tl armv5tel armv5tejl', 'arm', 'v5'],
  ['armv6l armv6hl', 'arm', 'v6'],
  ['armv7l armv7hl armv7hnl', 'arm', 'v7'],
  ['armv8l armv8hl armv8hnl armv8hcnl', 'arm', 'v8'],
  ['ppc64le ppc64lep8', 'ppc64le', null],
  ['ppc64 ppc64p7 ppc64pseries ppc64iseries', 'ppc64', null],
  ['ppc ppciseries ppcpseries ppc8260 ppc8560 ppc32dy4', 'ppc', null],
  ['s390x', 's390x', null],
  ['s390', 's390', null],
  ['riscv64', 'riscv64', null],
  ['riscv32', 'riscv32', null],
  ['loongarch64', 'loong64', null],
  ['mips', 'mips', null],
  ['mipsel', 'mipsle', null],
  ['mips64', 'mips64', null],
  ['mips64el', 'mips64le', null],
  ['mips64r6', 'mips64', 'r6'],
  ['mips64r6el', 'mips64le', 'r6'],
  ['mipsr6', 'mips', 'r6'],
  ['mipsr6el', 'mipsle', 'r6'],
  ['ia64', 'ia64', null],
  ['alpha alphaev5 alphaev56 alphapca56 alphaev6 alphaev67', 'alpha', null],
  ['sparc sparcv8 sparcv9 sparcv9v', 'sparc', null],
  ['sparc64 sparc64v', 'sparc64', null],
  ['sh4 sh4a', 'sh4', null],
  ['m68k', 'm68k', null],
];

const BY_WORD: ReadonlyMap<string, readonly [string, string | null]> = new Map(ARCHS.flatMap(([words, arch, variant]) => words.split(' ').map((word) => [word, [arch, variant]] as const)));

/** Word ends of ARM's hard-float packages: armv7hl, armv7hnl. */
const HARD = /^armv\d+h/;

const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['linux', 'linux'],
  ['darwin', 'darwin'],
  ['freebsd', 'freebsd'],
  ['netbsd', 'netbsd'],
  ['openbsd', 'openbsd'],
  ['solaris', 'solaris'],
  ['aix', 'aix'],
]);

function rpmTarget(word: string, system: string): Target | null {
  const found = BY_WORD.get(word);
  if (found === undefined) return null;
  const [arch, variant] = found;
  return { ...claimedTarget('linux/amd64'), text: word, os: [SYSTEMS.get(system.toLowerCase()) ?? 'linux'], arch: [{ arch, variant }], ending: HARD.test(word) ? 'eabihf' : null };
}

/** What the header's ARCH claims, for the system that its OS names. */
export function rpmClaim(word: string, system: string, from: string): ContentsClaim {
  if (word === 'noarch') return nothingClaim(from);
  const target = rpmTarget(word, system);
  return target === null ? invalidClaim('an architecture', from, `'${word}' is no architecture of RPM`) : targetClaim(target, from);
}

/** What a package's file name claims: `NAME-VERSION-RELEASE.ARCH.rpm`. Null for a name that is not made so, and for sources. */
export function rpmNameClaim(name: string): ContentsClaim | null {
  const word = /-[^-]+\.([a-z0-9_]+)\.rpm$/.exec(name)?.[1];
  if (word === undefined || word === 'src' || word === 'nosrc' || word === 'noarch') return null;
  const from = `the file name "${name}"`;
  const target = rpmTarget(word, 'linux');
  return target === null ? null : targetClaim(target, from);
}
