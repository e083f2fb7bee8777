// What became of the libraries that a program asks for: found by a search on disk, or in what a host's file lists.

import type { ElfBinary } from '../../model/binary.ts';
import type { Host, HostLibrary } from '../../model/host.ts';

/** A library that a program, or one of its libraries, asks for. */
export interface ResolvedLibrary {
  readonly name: string;
  /** Who asks for it: a path, or a name. */
  readonly neededBy: string;
  /** `missing` and `broken` stop the loader; `unknown`: nobody could look. */
  readonly status: 'found' | 'missing' | 'broken' | 'unknown';
  readonly path: string | null;
  /** What was found in its place, or why nobody could look. */
  readonly note: string | null;
  /** What the loader says; null where it is content. */
  readonly systemSays: string | null;
}

/** A version that is asked for and that the library does not define. */
export interface VersionGap {
  readonly version: string;
  readonly library: string;
  readonly neededBy: string;
  /** The library as the loader names it. */
  readonly path: string;
  /** The newest version of the same kind that it defines; null where it has none of that kind. */
  readonly newest: string | null;
}

/** All of it. */
export interface Resolution {
  readonly libraries: readonly ResolvedLibrary[];
  readonly gaps: readonly VersionGap[];
  /** How many versions were held against their libraries. */
  readonly versionsChecked: number;
  /** Versions that could not be held against anything, and why. */
  readonly unchecked: readonly string[];
}

/** The newest version with the same letters before its number. A version that is no number orders by its text. */
export function newestLike(version: string, provided: readonly string[]): string | null {
  const kind = kindOf(version);
  let newest: string | null = null;
  for (const one of provided) if (kindOf(one) === kind && (newest === null || isNewer(one, newest))) newest = one;
  return newest;
}

function kindOf(version: string): string {
  return /^(.*?_)\d[\d.]*$/.exec(version)?.[1] ?? version;
}

function isNewer(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => (/([\d.]+)$/.exec(text)?.[1] ?? '').split('.').map(Number)) as [number[], number[]];
  return compareNumbers(a, b) > 0;
}

/** Lists of numbers in their order: 2.9 before 2.17. */
export function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The numbers of a version or of a kernel's release: '6.1.0-18-amd64' begins with 6, 1 and 0. Null where it begins with none. */
export function numbersOf(text: string): number[] | null {
  const match = /^\d+(\.\d+)*/.exec(text);
  return match === null ? null : match[0].split('.').map(Number);
}

/** Libraries that are parts of glibc and stand beside its libc.so.6. */
const GLIBC_PARTS = /^(lib(c|m|mvec)\.so\.6|lib(pthread|c_malloc_debug|BrokenLocale|thread_db)\.so\.[01]|lib(dl|util|nss_files|nss_dns|nsl|anl|resolv)\.so\.[12]|librt\.so\.1|ld-linux[^/]*\.so\.\d+|ld64\.so\.[12])$/;

/** Names that musl answers itself, whatever follows them: its libc is all of them. */
const MUSL_PARTS = /^lib(c|pthread|rt|m|dl|util|xnet)\.|^ld-musl-/;

/** Whether a library is a part of the C library, which is there where that is there. */
export function isPartOf(libc: string | null, name: string): boolean {
  return libc === 'glibc' ? GLIBC_PARTS.test(name) : libc === 'musl' && MUSL_PARTS.test(name);
}

/** Looks the libraries of an ELF file up in what a host lists. What they in turn ask for is the host's own affair. Pure. */
export function resolveByHost(binary: ElfBinary, host: Host, asker: string): Resolution {
  const byName = new Map<string, HostLibrary[]>();
  for (const library of host.libraries ?? []) {
    const same = byName.get(library.name);
    if (same === undefined) byName.set(library.name, [library]);
    else same.push(library);
  }
  const { arch } = binary.platform;
  const usable = (name: string): HostLibrary | undefined => byName.get(name)?.find((library) => library.arch === null || arch === null || library.arch === arch);
  const libraries = binary.dependencies.map(({ name }): ResolvedLibrary => {
    const found = usable(name);
    const told = (status: ResolvedLibrary['status'], note: string | null, systemSays: string | null = null): ResolvedLibrary => ({
      name,
      neededBy: asker,
      status,
      path: found?.path ?? null,
      note,
      systemSays,
    });
    if (found !== undefined || (arch === host.arch && isPartOf(host.libc.name, name))) return told('found', null);
    if (host.libraries === null) return told('unknown', "the host's file lists no libraries");
    if (name.includes('/')) return told('unknown', 'it is asked for by a path');
    if (binary.searchPaths.length > 0) return told('unknown', `it may lie in ${binary.searchPaths.map(({ path }) => path).join(':')}`);
    const other = byName.get(name)?.[0];
    const note = other === undefined ? null : `${other.path} is for ${other.arch ?? 'another machine'}`;
    return told('missing', note, missingWords(name, asker, host.libc.name));
  });
  const gaps: VersionGap[] = [];
  const unchecked: string[] = [];
  let versionsChecked = 0;
  for (const { library, version } of binary.elf.neededVersions) {
    const found = usable(library);
    const provided = found === undefined || found.versions.length === 0 ? glibcUpTo(library, version, host, arch) : found.versions;
    if (provided === null) unchecked.push(`${version} of ${library}`);
    else {
      versionsChecked++;
      if (!provided.includes(version)) gaps.push({ version, library, neededBy: asker, path: found?.path ?? library, newest: newestLike(version, provided) });
    }
  }
  return { libraries, gaps, versionsChecked, unchecked };
}

/** What a glibc of a version defines of the kind asked for, where a host says no more than that version: the one asked for if it is not newer. */
export function glibcUpTo(library: string, version: string, { libc, arch: own }: Host, arch: string | null): readonly string[] | null {
  if (libc.name !== 'glibc' || libc.version === null || arch !== own || !isPartOf('glibc', library)) return null;
  const wanted = version === 'GLIBC_ABI_DT_RELR' ? [2, 36] : version.startsWith('GLIBC_') ? numbersOf(version.slice(6)) : null;
  const has = numbersOf(libc.version);
  if (wanted === null || has === null) return null;
  const newest = `GLIBC_${libc.version}`;
  return compareNumbers(wanted, has) <= 0 ? [version, newest] : [newest];
}

/** What the loader says of a library that it does not find. */
export function missingWords(name: string, asker: string, libc: string | null): string {
  return libc === 'musl'
    ? `Error loading shared library ${name}: No such file or directory (needed by ${asker})`
    : `error while loading shared libraries: ${name}: cannot open shared object file: No such file or directory`;
}
