// Debian's names of architectures (dpkg-architecture(1), cputable, ostable and tupletable of dpkg 1.22): control's Architecture, and the end of a package's name.

import { claimedTarget, invalidClaim, nothingClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';
import type { Target } from './target.ts';

type Cpu = Pick<Target, 'arch'> & Partial<Pick<Target, 'ending'>>;

/** CPU words with the architecture that they mean; with `ending` the float convention. */
const CPUS: ReadonlyMap<string, Cpu> = new Map<string, Cpu>([
  ['amd64', one('amd64')],
  ['i386', one('386')],
  ['arm64', one('arm64')],
  ['armhf', { ...one('arm', 'v7'), ending: 'eabihf' as const }],
  ['armel', { ...one('arm'), ending: 'eabi' as const }],
  ['arm', one('arm')],
  ['armeb', one('armbe')],
  ['arm64be', one('arm64be')],
  ['ppc64el', one('ppc64le')],
  ['ppc64', one('ppc64')],
  ['powerpc', one('ppc')],
  ['powerpcel', one('ppcle')],
  ['s390x', one('s390x')],
  ['s390', one('s390')],
  ['riscv64', one('riscv64')],
  ['riscv32', one('riscv32')],
  ['loong64', one('loong64')],
  ['loong32', one('loong32')],
  ['mips', one('mips')],
  ['mipsel', one('mipsle')],
  ['mips64', one('mips64')],
  ['mips64el', one('mips64le')],
  ['mipsr6', one('mips', 'r6')],
  ['mipsr6el', one('mipsle', 'r6')],
  ['mips64r6', one('mips64', 'r6')],
  ['mips64r6el', one('mips64le', 'r6')],
  ['mipsn32', one('mips64', 'n32')],
  ['mipsn32el', one('mips64le', 'n32')],
  ['x32', one('amd64', 'x32')],
  ['arm64ilp32', one('arm64', 'ilp32')],
  ['sparc', one('sparc')],
  ['sparc64', one('sparc64')],
  ['sh4', one('sh4')],
  ['hppa', one('hppa')],
  ['m68k', one('m68k')],
  ['alpha', one('alpha')],
  ['ia64', one('ia64')],
  ['arc', one('arc')],
]);

function one(arch: string, variant: string | null = null): Pick<Target, 'arch'> {
  return { arch: [{ arch, variant }] };
}

/** What stands before the CPU, where that is not Linux with glibc. */
const SYSTEMS: readonly (readonly [prefix: string, os: string, libc: string | null])[] = [
  ['musl-linux-', 'linux', 'musl'],
  ['uclibc-linux-', 'linux', 'uclibc'],
  ['linux-', 'linux', null],
  ['hurd-', 'hurd', null],
  ['kfreebsd-', 'freebsd', null],
  ['knetbsd-', 'netbsd', null],
  ['freebsd-', 'freebsd', null],
  ['netbsd-', 'netbsd', null],
  ['openbsd-', 'openbsd', null],
  ['dragonflybsd-', 'dragonfly', null],
  ['darwin-', 'darwin', null],
  ['solaris-', 'solaris', null],
  ['aix-', 'aix', null],
];

/** What an architecture means; null for what is none of dpkg's. `all` and wildcards are no targets. */
function debianTarget(word: string): Target | null {
  const [prefix, os, libc] = SYSTEMS.find(([start]) => word.startsWith(start)) ?? ['', 'linux', null];
  const cpu = CPUS.get(word.slice(prefix.length));
  return cpu === undefined ? null : { ...claimedTarget('linux/amd64'), text: word, os: [os], libc, ending: cpu.ending ?? null, arch: cpu.arch };
}

/** What control's Architecture claims. */
export function debianClaim(word: string, from: string): ContentsClaim {
  if (word === 'all') return nothingClaim(from);
  if (/^any$|^any-|-any$/.test(word)) return invalidClaim('an architecture', from, `'${word}' is for sources: a package has one architecture, or 'all'`);
  const target = debianTarget(word);
  return target === null ? invalidClaim('an architecture', from, `'${word}' is no Debian architecture`) : targetClaim(target, from);
}

/** What a package's file name claims: `NAME_VERSION_ARCHITECTURE.deb`. Null for a name that is not made so. */
export function debianNameClaim(name: string): ContentsClaim | null {
  const word = /_[^_]+_([^_]+)\.u?deb$/.exec(name)?.[1];
  if (word === undefined) return null;
  const from = `the file name "${name}"`;
  const target = debianTarget(word);
  return target === null ? null : targetClaim(target, from); // goreleaser's app_1.2.3_linux_386.deb; 'all' is for control to say
}
