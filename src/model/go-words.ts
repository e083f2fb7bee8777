// What the words in a Go program's build information mean: versions of Go, versions of modules, settings.

import type { GoBuild } from './binary.ts';
import { wordIn } from './names.ts';

/** A version of Go, taken apart. */
export interface GoVersion {
  /** 'go1.26.4', 'go1.21rc1': the version without what was added to it. */
  readonly release: string;
  readonly minor: number;
  /** Null where none is written, which since Go 1.21 is the language, not a release. */
  readonly patch: number | null;
  /** What comes before the release, as written: 'rc1', 'beta2'; null for a release. */
  readonly prerelease: string | null;
  /** Whether it is a development version, between two releases. */
  readonly development: boolean;
  /** GOEXPERIMENT, as far as the version says it. */
  readonly experiments: readonly string[];
}

const GO_VERSION = /^(devel )?go1\.(\d{1,4})(?:\.(\d{1,4}))?((?:rc|beta)\d{1,4})?(-devel_)?/;

/** Takes a version of Go apart; null for what names no release ('unknown', 'devel +2c12f3b', gccgo's). Never a semantic version. */
export function parseGoVersion(text: string): GoVersion | null {
  const match = GO_VERSION.exec(text);
  if (match === null) return null;
  const [whole, devel, minor, patch, prerelease, develAfter] = match;
  const release = whole.slice(devel?.length ?? 0, whole.length - (develAfter?.length ?? 0));
  const experiments = /[ -]X:([^ ]*)/.exec(text)?.[1] ?? '';
  return {
    release,
    minor: Number(minor),
    patch: patch === undefined ? null : Number(patch),
    prerelease: prerelease ?? null,
    development: devel !== undefined || develAfter !== undefined,
    experiments: experiments.split(',').filter((name) => name !== ''),
  };
}

/** What a version is ordered by: 1.21 (language, or work towards it) < 1.21beta1 < 1.21rc1 < 1.21.0. Before 1.21, 1.20 is the release. */
function rank({ minor, patch, prerelease, development }: GoVersion): readonly number[] {
  if (prerelease !== null) return [minor, prerelease.startsWith('rc') ? 2 : 1, Number(prerelease.replace(/\D/g, ''))];
  if (patch !== null) return [minor, 3, patch];
  return minor >= 21 || development ? [minor, 0, 0] : [minor, 3, 0];
}

/** The order of two versions of Go: below 0 where the first is older, 0 where neither is. */
export function compareGoVersions(a: GoVersion, b: GoVersion): number {
  const [left, right] = [rank(a), rank(b)];
  for (const [index, part] of left.entries()) {
    const difference = part - (right[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A module version that stands for a commit without a tag (golang.org/ref/mod, "Pseudo-versions"). */
export interface PseudoVersion {
  /** The tag that it comes after: 'v1.2.3', 'v1.2.3-pre'; null where there is none. */
  readonly base: string | null;
  /** When the commit was made: '2022-01-02T03:04:05Z'. */
  readonly time: string;
  /** The first twelve characters of the commit's hash. */
  readonly revision: string;
  /** Whether files differed from the commit ('+dirty'). */
  readonly dirty: boolean;
}

const PSEUDO = /^v(\d+)\.(?:(0)\.0-|(\d+)\.(\d+)-(?:([^+]*)\.)?0\.)(\d{14})-([A-Za-z0-9]+)((?:\+.*)?)$/;

/** Takes a pseudo-version apart; null for any other version. */
export function parsePseudoVersion(version: string): PseudoVersion | null {
  const match = PSEUDO.exec(version);
  if (match === null) return null;
  const [, major, none, minor, patch, before, date = '', revision = '', build = ''] = match;
  let base: string | null = null;
  if (none === undefined) {
    if (before !== undefined) base = `v${major}.${minor}.${patch}-${before}`;
    else if (Number(patch) === 0) return null; // no release comes before vX.Y.0
    else base = `v${major}.${minor}.${Number(patch) - 1}`;
  }
  const time = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}T${date.slice(8, 10)}:${date.slice(10, 12)}:${date.slice(12, 14)}Z`;
  return { base, time, revision, dirty: /[+.]dirty$/.test(build) };
}

/** The value of a build setting; of several the last. Null where there is none. */
export function goSetting({ settings }: Pick<GoBuild, 'settings'>, key: string): string | null {
  return settings.findLast((setting) => setting.key === key)?.value ?? null;
}

/** Whether the program was built with -trimpath. Null where the build settings are not there (before Go 1.18, or removed). */
export function goTrimpath(build: Pick<GoBuild, 'settings'>): boolean | null {
  if (build.settings.length === 0) return null;
  return goSetting(build, '-trimpath') === 'true';
}

/** The commit that a program was built from. */
export interface GoVcs {
  /** 'git', 'hg', 'svn', 'bzr', 'fossil'. */
  readonly system: string;
  readonly revision: string | null;
  /** As written: '2025-07-27T22:08:53Z'. */
  readonly time: string | null;
  /** Whether files differed from the commit. */
  readonly modified: boolean | null;
}

/** What the vcs settings say; null where there are none. */
export function goVcs(build: Pick<GoBuild, 'settings'>): GoVcs | null {
  const system = goSetting(build, 'vcs');
  if (system === null) return null;
  const modified = goSetting(build, 'vcs.modified');
  return {
    system,
    revision: goSetting(build, 'vcs.revision'),
    time: goSetting(build, 'vcs.time'),
    modified: modified === 'true' ? true : modified === 'false' ? false : null,
  };
}

/** The setting that names the level of an architecture that a program needs, and the variant words it stands for. */
const LEVELS: Readonly<Record<string, { readonly setting: string; readonly variant: (value: string) => string | null }>> = {
  amd64: { setting: 'GOAMD64', variant: (value) => (/^v[2-4]$/.test(value) ? value : null) }, // v1 is every amd64
  arm: { setting: 'GOARM', variant: (value) => (/^[567](,|$)/.test(value) ? `v${value[0]}` : null) }, // '6,softfloat' since Go 1.22
  arm64: { setting: 'GOARM64', variant: (value) => /^v(8\.[1-9]|9\.[0-5])/.exec(value)?.[0] ?? null }, // v8.0 is every arm64
  '386': { setting: 'GO386', variant: (value) => (value === 'softfloat' ? value : null) },
  mips: { setting: 'GOMIPS', variant: (value) => (value === 'softfloat' ? value : null) },
  mipsle: { setting: 'GOMIPS', variant: (value) => (value === 'softfloat' ? value : null) },
  mips64: { setting: 'GOMIPS64', variant: (value) => (value === 'softfloat' ? value : null) },
  mips64le: { setting: 'GOMIPS64', variant: (value) => (value === 'softfloat' ? value : null) },
  ppc64: { setting: 'GOPPC64', variant: (value) => (/^power(9|1\d)$/.test(value) ? value : null) },
  ppc64le: { setting: 'GOPPC64', variant: (value) => (/^power(9|1\d)$/.test(value) ? value : null) },
  riscv64: { setting: 'GORISCV64', variant: (value) => (/^rva(2[2-9]|[3-9]\d)u64$/.test(value) ? value : null) },
};

/** The level of the architecture that a program was built for: the setting, its value, and the variant, null for the lowest level. */
export function goLevel(build: Pick<GoBuild, 'settings'>, arch: string): { setting: string; value: string; variant: string | null } | null {
  const level = wordIn(LEVELS, arch);
  const value = level === undefined ? null : goSetting(build, level.setting);
  return level === undefined || value === null ? null : { setting: level.setting, value, variant: level.variant(value) };
}
