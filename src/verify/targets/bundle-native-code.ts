// A Java archive's Bundle-NativeCode: which of its libraries is for which system and processor (OSGi Core 8, 3.10).

import { claimedTarget, strangeClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';

/** OSGi's osname values, small letters, and what they are in GOOS words (Core 8, table 4.4). */
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/^linux/, 'linux'],
  [/^(macos|mac ?os|macosx|mac os x|darwin)/, 'darwin'],
  [/^win/, 'windows'],
  [/^freebsd/, 'freebsd'],
  [/^openbsd/, 'openbsd'],
  [/^netbsd/, 'netbsd'],
  [/^(solaris|sunos)/, 'solaris'],
  [/^aix/, 'aix'],
];

/** OSGi's processor values with aliases (Core 8, table 4.3). */
const PROCESSORS: ReadonlyMap<string, string> = new Map([
  ['x86-64', 'amd64'], ['amd64', 'amd64'], ['em64t', 'amd64'], ['x86_64', 'amd64'], ['x86_64h', 'amd64'],
  ['x86', '386'], ['pentium', '386'], ['i386', '386'], ['i486', '386'], ['i586', '386'], ['i686', '386'],
  ['aarch64', 'arm64'], ['arm64', 'arm64'], ['arm_le', 'arm'], ['arm', 'arm'], ['ppc64le', 'ppc64le'], ['powerpc-64-le', 'ppc64le'], ['powerpc', 'ppc'], ['ppc', 'ppc'], ['powerpc-64', 'ppc64'], ['ppc64', 'ppc64'],
  ['s390x', 's390x'], ['riscv64', 'riscv64'], ['loongarch64', 'loong64'], ['sparcv9', 'sparc64'], ['sparc', 'sparc'], ['ia64n', 'ia64'],
]); // prettier-ignore

interface Clause {
  readonly paths: readonly string[];
  readonly systems: readonly string[];
  readonly processors: readonly string[];
}

function clauseOf(text: string): Clause {
  const paths: string[] = [];
  const systems: string[] = [];
  const processors: string[] = [];
  for (const part of text.split(';').map((one) => one.trim())) {
    const at = part.search(/:?=/);
    if (at === -1) {
      if (part !== '' && part !== '*') paths.push(part.replace(/^\/+/, ''));
      continue;
    }
    const key = part.slice(0, at).trim().toLowerCase();
    const value = part.slice(part.indexOf('=', at) + 1).trim().replace(/^"(.*)"$/, '$1').toLowerCase();
    if (key === 'osname') systems.push(value);
    if (key === 'processor') processors.push(value);
  }
  return { paths, systems, processors };
}

/** The clauses: commas part them, but for those in quotes. */
function clausesOf(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    if (at < text.length && (quoted || text[at] !== ',')) continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  return parts;
}

/** What each clause claims of the libraries that it names. */
export function nativeCodeClaims(text: string, from: string): ContentsClaim[] {
  return clausesOf(text).flatMap((part): ContentsClaim[] => {
    const { paths, systems, processors } = clauseOf(part);
    if (paths.length === 0 || (systems.length === 0 && processors.length === 0)) return [];
    const named = new Set(paths);
    const about = (name: string): boolean => named.has(name);
    const os = systems.map((word) => SYSTEMS.find(([pattern]) => pattern.test(word))?.[1]);
    const archs = processors.map((word) => PROCESSORS.get(word));
    const odd = [...systems.filter((_, i) => os[i] === undefined), ...processors.filter((_, i) => archs[i] === undefined)];
    if (odd.length > 0) return [{ ...strangeClaim([...systems, ...processors].join('/'), from, `'${odd.join("', '")}' is no system or processor of OSGi that is known`), about }];
    const target = {
      ...claimedTarget('linux/amd64'),
      text: [...systems, ...processors].join('/'),
      os: os.length === 0 ? null : [...new Set(os as string[])],
      arch: archs.length === 0 ? null : [...new Set(archs as string[])].map((arch) => ({ arch, variant: null })),
    };
    return [targetClaim(target, from, {}, about)];
  });
}
