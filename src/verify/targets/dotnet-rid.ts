// NuGet's runtime identifiers: `runtimes/RID/native/…` in a package (.NET RID catalog, the portable graph, and the older ones with a version).

import { claimedTarget, strangeClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';
import type { Target } from './target.ts';

type System = readonly [os: readonly string[], libc: string | null, ending: Target['ending']];

const SYSTEMS: ReadonlyMap<string, System> = new Map<string, System>([
  ['win', [['windows'], null, null]],
  ['linux', [['linux'], 'glibc', null]],
  ['linux-musl', [['linux'], 'musl', null]],
  ['alpine', [['linux'], 'musl', null]],
  ['linux-bionic', [['android', 'linux'], 'bionic', null]],
  ['android', [['android'], null, null]],
  ['osx', [['darwin'], null, null]],
  ['ios', [['ios'], null, null]],
  ['iossimulator', [['ios'], null, 'sim']],
  ['tvos', [['tvos'], null, null]],
  ['tvossimulator', [['tvos'], null, 'sim']],
  ['maccatalyst', [['ios'], null, 'macabi']],
  ['freebsd', [['freebsd'], null, null]],
  ['illumos', [['illumos', 'solaris'], null, null]],
  ['solaris', [['solaris'], null, null]],
  ['haiku', [['haiku'], null, null]],
]);

/** Distributions that old identifiers name in place of Linux. */
const DISTRIBUTIONS = new Set(['ubuntu', 'debian', 'rhel', 'centos', 'fedora', 'opensuse', 'sles', 'ol', 'linuxmint', 'gentoo', 'arch', 'manjaro', 'tizen', 'rocky', 'almalinux', 'amzn']);

const ARCHS: ReadonlyMap<string, readonly [arch: string, variant: string | null, ending: Target['ending']]> = new Map([
  ['x64', ['amd64', null, null]],
  ['x86', ['386', null, null]],
  ['arm64', ['arm64', null, null]],
  ['arm', ['arm', 'v7', 'eabihf']],
  ['armel', ['arm', null, 'eabi']],
  ['armv6', ['arm', 'v6', 'eabihf']],
  ['s390x', ['s390x', null, null]],
  ['ppc64le', ['ppc64le', null, null]],
  ['riscv64', ['riscv64', null, null]],
  ['loongarch64', ['loong64', null, null]],
  ['mips64', ['mips64le', null, null]],
] as const);

/** `SYSTEM[.VERSION][-QUALIFIER]-ARCH`: what it means; null for what names no system or architecture in particular; a text where it is not understood. */
function ridTarget(rid: string): Target | string | null {
  const lower = rid.toLowerCase();
  if (lower === 'any' || lower === 'base' || lower === 'unix' || lower === 'native') return null;
  const parts = lower.split('-');
  if (parts.at(-1) === 'aot' || parts.at(-1) === 'corert') parts.pop();
  const last = parts.at(-1) as string;
  if (last === 'wasm') return { ...claimedTarget('js/wasm'), text: rid, os: null, arch: [{ arch: 'wasm', variant: null }] };
  const arch = parts.length > 1 ? ARCHS.get(last) : undefined;
  const named = (arch === undefined ? parts : parts.slice(0, -1)).join('-').replace(/\.\d[\d.]*/g, '').replace(/^win\d+$/, 'win');
  if (named === 'unix' || named === 'any') return arch === undefined ? null : { ...claimedTarget('linux/amd64'), text: rid, os: null, arch: [{ arch: arch[0], variant: arch[1] }] };
  const system: System | undefined = SYSTEMS.get(named) ?? (DISTRIBUTIONS.has(named) ? [['linux'], 'glibc', null] : undefined);
  if (system === undefined) return `'${rid}' is no runtime identifier that is known`;
  const [os, libc, ending] = system;
  const [name, variant, float] = arch ?? [null, null, null];
  return { ...claimedTarget('linux/amd64'), text: rid, os, libc, arch: name === null ? null : [{ arch: name, variant }], ending: ending ?? (os.includes('linux') ? float : null) };
}

/** The folder of a member whose name is a runtime identifier: `runtimes/linux-x64/native/libx.so`. Null where it lies in none. */
export function ridOf(name: string): string | null {
  return /^runtimes\/([^/]+)\/(?:native|lib|nativeassets)\//i.exec(name)?.[1] ?? null;
}

/** What the folders of some runtime identifiers claim of what is in them. */
export function ridClaims(rids: Iterable<string>): ContentsClaim[] {
  return [...new Set(rids)].flatMap((rid): ContentsClaim[] => {
    const from = `the folder "runtimes/${rid}"`;
    const about = (name: string): boolean => ridOf(name) === rid;
    const target = ridTarget(rid);
    if (target === null) return [];
    return [{ ...(typeof target === 'string' ? strangeClaim(rid, from, target) : targetClaim(target, from)), about }];
  });
}
