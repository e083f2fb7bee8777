// The C library of a tree, and all libraries that its loader finds by default.

import type { HostLibc, HostLibrary } from '../model/host.ts';
import { newestLike } from '../verify/runs/resolution.ts';
import { cacheOf, glibcDefaults, muslFolders } from './folders.ts';
import { loadedOf } from './library.ts';
import type { LoadedFile } from './library.ts';
import type { Tree } from './tree.ts';

/** What a loader reads of a file in a tree; null for what is no ELF file, or not there. */
export function loadedAt(tree: Tree, path: string): LoadedFile | null {
  const source = tree.open(path);
  if (source === null) return null;
  try {
    return loadedOf(source);
  } finally {
    source.closeSync();
  }
}

export interface FoundLibc {
  readonly libc: HostLibc;
  readonly because: string;
}

/** The C library of an architecture: glibc by what its libc.so.6 defines, musl by its loader. Where both are there, the one of the shell, else glibc. */
export function libcOf(tree: Tree, arch: string | null, loaders: readonly string[]): FoundLibc {
  const glibc = glibcOf(tree, arch);
  const musl = muslOf(tree, arch, loaders);
  const shell = loadedAt(tree, '/bin/sh')?.interpreter ?? '';
  const found = musl !== null && (glibc === null || /ld-musl-/.test(shell)) ? musl : glibc;
  if (found !== null) return found;
  const bionic = loaders.find((path) => /\/linker(64)?$/.test(path));
  if (bionic !== undefined) return { libc: { name: 'bionic', version: null, from: bionic }, because: `${bionic} is there` };
  return { libc: { name: null, version: null, from: null }, because: 'neither a libc.so.6 nor a loader of musl was found' };
}

function glibcOf(tree: Tree, arch: string | null): FoundLibc | null {
  const folders = arch === null ? [] : glibcDefaults(tree, arch, null).folders;
  for (const path of [...(cacheOf(tree).paths.get('libc.so.6') ?? []), ...folders.map((folder) => `${folder}/libc.so.6`)]) {
    const file = loadedAt(tree, path);
    if (file === null || (arch !== null && file.arch !== arch)) continue;
    const version = newestLike('GLIBC_2.0', file.providedVersions)?.slice('GLIBC_'.length) ?? null;
    return { libc: { name: 'glibc', version, from: path }, because: version === null ? `${path} defines no GLIBC_ version` : `${path} defines GLIBC_${version}` };
  }
  return null;
}

function muslOf(tree: Tree, arch: string | null, loaders: readonly string[]): FoundLibc | null {
  for (const path of loaders) {
    if (!/\/ld-musl-[^/]+$/.test(path)) continue;
    const file = loadedAt(tree, path);
    if (file === null || (arch !== null && file.arch !== arch)) continue;
    const version = muslVersion(tree, path);
    return { libc: { name: 'musl', version, from: path }, because: version === null ? `${path} is there` : `${path} has the text ${version}` };
  }
  return null;
}

const MOST_MUSL = 16 * 1024 * 1024; // bytes; musl's loader has under one million

/** musl's version: its loader prints it, so the text is in it, between NULs. */
function muslVersion(tree: Tree, path: string): string | null {
  const file = tree.bytes(path, MOST_MUSL);
  if (!('bytes' in file)) return null;
  return /\0([01]\.\d{1,2}\.\d{1,2}(?:-git-[\w-]+)?)\0/.exec(Buffer.from(file.bytes).toString('latin1'))?.[1] ?? null;
}

const MOST_LIBRARIES = 20_000; // entries; a full desktop has 3,000

const IS_LIBRARY = /\.so(\.[\w.]+)*$/;

/** What the loaders of a tree find by default, each library once for a path: of the cache, and of the default folders. */
export function librariesOf(tree: Tree, arches: readonly string[], loaders: readonly string[]): HostLibrary[] {
  const paths = new Map<string, string>(); // path → name
  for (const { name, path } of cacheOf(tree).entries) if (!paths.has(path)) paths.set(path, name);
  const folders = new Set(arches.flatMap((arch) => glibcDefaults(tree, arch, null).folders));
  for (const loader of loaders) if (/\/ld-musl-/.test(loader)) for (const folder of muslFolders(tree, loader)) folders.add(folder);
  for (const folder of folders) {
    for (const name of tree.list(folder)) if (IS_LIBRARY.test(name) && !paths.has(`${folder}/${name}`)) paths.set(`${folder}/${name}`, name);
  }
  const libraries: HostLibrary[] = [];
  const real = new Map<string, LoadedFile | null>(); // many names lead to one file
  const listed = new Set<string>();
  let looked = 0;
  for (const [path, name] of paths) {
    if (looked++ === 2 * MOST_LIBRARIES || libraries.length === MOST_LIBRARIES) break;
    const place = tree.find(path);
    if (place.kind !== 'file') continue;
    const key = `${name}\0${place.path}`;
    if (listed.has(key)) continue;
    listed.add(key);
    let file = real.get(place.path);
    if (file === undefined) real.set(place.path, (file = loadedAt(tree, path)));
    if (file !== null) libraries.push({ name, path, arch: file.arch, versions: file.providedVersions });
  }
  return libraries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
