// Every library that a program needs, and those that these need, found as the loader finds them (ld.so(8); musl, ldso/dynlink.c). Nothing is run.

import type { Host } from '../model/host.ts';
import { glibcUpTo, isPartOf, missingWords, newestLike } from '../verify/runs/resolution.ts';
import type { Resolution, ResolvedLibrary, VersionGap } from '../verify/runs/resolution.ts';
import { cacheOf, glibcDefaults, muslFolders } from './folders.ts';
import type { Defaults } from './folders.ts';
import { loadedOf } from './library.ts';
import type { LoadedFile } from './library.ts';
import type { Tree } from './tree.ts';

/** Libraries looked at for one program; the largest real one measured has under 300. */
const MOST_LIBRARIES = 500;

/** Places looked at for all of them: a program of 300 libraries has under 10,000. Names and folders are each limited, and a hostile file could multiply them. */
const MOST_PLACES = 50_000;

/** The program that is started, or the library that is loaded, as the loader is handed it. */
export interface Root {
  readonly file: LoadedFile;
  /** As sentences call it. */
  readonly name: string;
  /** The folder that `$ORIGIN` stands for: within the tree, without links. Null for what lies in no folder of the tree. */
  readonly origin: string | null;
  /** The loader that does it. */
  readonly interpreter: string | null;
}

/** What the search depends on beside the tree. */
export interface SearchOptions {
  /** The level of an x86-64 processor, for the loader's folders of faster builds. */
  readonly level: string | null;
  /** The machine that the libraries are of, by its file; null where they are the tree's. What the program brings along is looked for in the tree all the same. */
  readonly there: Host | null;
  /** LD_LIBRARY_PATH; null where it does not count (other machines, set-user-ID programs). */
  readonly libraryPath: string | null;
}

interface Loaded {
  readonly file: LoadedFile;
  readonly name: string;
  readonly path: string;
  readonly origin: string | null;
  /** Who asked for it; null for the program. */
  readonly by: Loaded | null;
}

interface Search {
  readonly tree: Tree;
  readonly root: Loaded;
  readonly musl: boolean;
  readonly defaults: Defaults;
  readonly cache: ReadonlyMap<string, readonly string[]>;
  readonly libraryPath: readonly string[];
  /** Subfolders that are looked at before a folder itself. */
  readonly faster: readonly string[];
  readonly platform: string;
  readonly there: Host | null;
  /** Places that may still be looked at. */
  readonly budget: { left: number };
}

const PLATFORMS: ReadonlyMap<string, string> = new Map([['amd64', 'x86_64'], ['386', 'i686'], ['arm64', 'aarch64'], ['arm', 'v7l']]);

/** Searches for everything. */
export function closureOf(tree: Tree, { file, name, origin, interpreter }: Root, { level, there, libraryPath }: SearchOptions): Resolution {
  const musl = interpreter !== null && /(^|\/)ld-musl-/.test(interpreter);
  const arch = file.arch ?? '';
  const root: Loaded = { file, name, path: name, origin, by: null };
  const highest = arch === 'amd64' ? Number(level?.slice(1) ?? 1) : 1;
  const search: Search = {
    tree,
    root,
    musl,
    defaults: musl ? { folders: muslFolders(tree, interpreter), lib: 'lib' } : glibcDefaults(tree, arch, interpreter),
    cache: musl || there !== null || isElsewhere(interpreter) ? new Map() : cacheOf(tree).paths,
    libraryPath: libraryPath === null || libraryPath === '' ? [] : libraryPath.split(/[:;]/),
    faster: [4, 3, 2].filter((one) => one <= highest).map((one) => `glibc-hwcaps/x86-64-v${one}`),
    platform: PLATFORMS.get(arch) ?? arch,
    there,
    budget: { left: MOST_PLACES },
  };
  return walk(search, interpreter);
}

/** Whether a loader lies outside of the usual folders: it has a cache of its own, or none. */
function isElsewhere(interpreter: string | null): boolean {
  return interpreter !== null && !/^\/(usr\/)?lib(32|64|x32)?\//.test(interpreter);
}

/** Breadth first, each name once. */
function walk(search: Search, interpreter: string | null): Resolution {
  const libraries: ResolvedLibrary[] = [];
  const gaps: VersionGap[] = [];
  const unchecked: string[] = [];
  const byName = new Map<string, Loaded | null>();
  const queue: Loaded[] = [search.root];
  const order: Loaded[] = [search.root];
  let versionsChecked = 0;
  if (interpreter !== null) byName.set(baseName(interpreter), search.there === null ? null : loaderThere(search.there, interpreter, search.root.file)); // it is loaded already, and answers to its name
  for (let by = queue.shift(); by !== undefined; by = queue.shift()) {
    for (const name of by.file.needed) {
      const known = byName.get(name);
      if (known !== undefined || byName.has(name)) continue;
      if (byName.size > MOST_LIBRARIES) {
        libraries.push({ name, neededBy: by.name, status: 'unknown', path: null, note: `more than ${MOST_LIBRARIES} libraries; the rest were not looked for`, systemSays: null });
        return { libraries, gaps, versionsChecked, unchecked };
      }
      const { library, loaded } = find(search, name, by);
      libraries.push(library);
      byName.set(name, loaded);
      if (loaded === null) continue;
      if (loaded.file.libraryName !== null && !byName.has(loaded.file.libraryName)) byName.set(loaded.file.libraryName, loaded);
      queue.push(loaded);
      order.push(loaded);
    }
  }
  const loader = interpreter === null || search.there !== null ? null : fileAt(search.tree, interpreter);
  const missing = new Set(libraries.filter(({ status }) => status !== 'found').map(({ name }) => name));
  for (const { file, name } of order) {
    for (const { library, version } of search.musl ? [] : file.neededVersions) {
      if (missing.has(library)) continue; // the loader never gets there
      const provider = byName.get(library)?.file ?? (interpreter?.endsWith(`/${library}`) === true ? loader : null);
      if (provider === null || provider === undefined) unchecked.push(`${version} of ${library}`);
      else if (search.there !== null && provider.providedVersions.length === 0) {
        const upTo = glibcUpTo(library, version, search.there, search.root.file.arch);
        if (upTo === null) unchecked.push(`${version} of ${library}`);
        else {
          versionsChecked++;
          if (!upTo.includes(version)) gaps.push({ version, library, neededBy: name, path: library, newest: newestLike(version, upTo) });
        }
      } else if (provider.providedVersions.length > 0 || !provider.versioned) {
        versionsChecked++; // a library that defines none, but asks for some, gets a warning from the loader, and is taken; one without any ends it
        if (!provider.providedVersions.includes(version)) {
          gaps.push({ version, library, neededBy: name, path: byName.get(library)?.path ?? interpreter ?? library, newest: newestLike(version, provider.providedVersions) });
        }
      }
    }
  }
  return { libraries, gaps, versionsChecked, unchecked };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function loaderThere(host: Host, interpreter: string, file: LoadedFile): Loaded | null {
  const listed = listedOf(host, baseName(interpreter), file);
  return listed === 'unknown' ? null : listed;
}

/** Names that musl's loader takes for itself. */
const MUSL_ITSELF = /^lib(c|pthread|rt|m|dl|util|xnet)\./;

interface Outcome {
  readonly library: ResolvedLibrary;
  readonly loaded: Loaded | null;
}

/** Looks for one library. */
function find(search: Search, name: string, by: Loaded): Outcome {
  const { tree, musl, root } = search;
  const told = (status: ResolvedLibrary['status'], path: string | null, note: string | null, systemSays: string | null, loaded: Loaded | null = null): Outcome => ({
    library: { name, neededBy: by.name, status, path, note, systemSays },
    loaded,
  });
  if (musl && MUSL_ITSELF.test(name)) return told('found', null, 'musl answers to this name itself', null);
  const wrong: string[] = [];
  let denied: string | null = null;
  let unknowable = false;
  for (const path of candidates(search, name, by)) {
    if (path === null) {
      unknowable = true;
      continue;
    }
    if (search.budget.left-- <= 0) return told('unknown', null, `more than ${MOST_PLACES} places to look at`, null);
    const place = tree.find(path);
    if (place.kind === 'nowhere') {
      if (place.code === 'EACCES') denied ??= path;
      continue;
    }
    if (place.kind === 'folder') continue;
    const source = tree.open(path);
    if (source === null) {
      denied ??= path;
      continue;
    }
    let file: LoadedFile | null;
    let size: number;
    try {
      file = loadedOf(source);
      ({ size } = source);
    } finally {
      source.closeSync();
    }
    const words = (why: string): string => (musl ? `Error loading shared library ${name}: Exec format error (needed by ${by.name})` : `error while loading shared libraries: ${path}: ${why}`);
    if (file === null) return told('broken', path, size < 64 ? 'it is cut, or empty' : 'it is no ELF file', words(size < 64 ? 'file too short' : 'invalid ELF header'));
    if (file.machine !== root.file.machine || file.bits !== root.file.bits) {
      const what = `${path} is for ${file.arch ?? `machine ${file.machine}`}`;
      if (musl) return told('broken', path, what, words(''));
      wrong.push(file.bits === root.file.bits ? what : `${what}: wrong ELF class: ELFCLASS${file.bits}`);
      continue;
    }
    if (file.cut !== null) return told('broken', path, `it is cut: ${file.cut}`, words('file too short'));
    return told('found', path, null, null, { file, name: path, path, origin: path.slice(0, path.lastIndexOf('/')), by });
  }
  if (search.there !== null) {
    const listed = listedOf(search.there, name, root.file);
    if (listed === 'unknown') return told('unknown', null, "the host's file lists no libraries", null);
    if (listed !== null) return told('found', listed.path, null, null, listed);
  }
  if (unknowable) return told('unknown', null, 'the file may bring it along, in a folder that can not be looked into', null);
  const note = wrong.length > 0 ? wrong.slice(0, 3).join(', ') : denied === null ? null : `${denied} may not be read`;
  return told('missing', null, note, wordsFor(name, by.name, musl, wrong, denied));
}

/** A library by what another machine's file lists. What it asks for in turn is that machine's own affair. */
function listedOf({ libraries, libc, arch }: Host, name: string, file: LoadedFile): Loaded | 'unknown' | null {
  const found = libraries?.find((one) => one.name === name && (one.arch === null || one.arch === file.arch));
  const part = found === undefined && file.arch === arch && isPartOf(libc.name, name);
  if (found === undefined && !part) return libraries === null ? 'unknown' : null;
  const path = found?.path ?? name;
  const versions = found?.versions ?? [];
  return { file: { ...file, needed: [], rpath: [], runpath: [], libraryName: name, neededVersions: [], providedVersions: versions }, name: path, path, origin: null, by: null };
}

function wordsFor(name: string, by: string, musl: boolean, wrong: readonly string[], denied: string | null): string {
  const plain = missingWords(name, by, musl ? 'musl' : 'glibc');
  const otherClass = wrong.length === 1 ? /wrong ELF class: ELFCLASS\d+$/.exec(wrong[0] as string) : null;
  if (otherClass !== null) return `error while loading shared libraries: ${name}: ${otherClass[0]}`;
  return denied !== null && wrong.length === 0 ? plain.replace('No such file or directory', 'Permission denied') : plain;
}

/** Every path at which a library is looked for, in order. Null stands for a folder that can't be known. */
function* candidates(search: Search, name: string, by: Loaded): Generator<string | null> {
  if (name.includes('/')) {
    const path = expanded(search, name, by);
    return yield path === null || !path.startsWith('/') ? null : path;
  }
  if (search.musl) {
    yield* inFolders(search, search.libraryPath, name, null);
    for (let asker: Loaded | null = by; asker !== null; asker = asker.by) yield* inFolders(search, asker.file.runpath.length > 0 ? asker.file.runpath : asker.file.rpath, name, asker);
    return yield* inFolders(search, search.defaults.folders, name, null);
  }
  if (by.file.runpath.length === 0) {
    const askers = new Set<Loaded>();
    for (let asker: Loaded | null = by; asker !== null; asker = asker.by) askers.add(asker);
    askers.add(search.root);
    for (const asker of askers) if (asker.file.runpath.length === 0) yield* inFolders(search, asker.file.rpath, name, asker);
  }
  yield* inFolders(search, search.libraryPath, name, search.root);
  yield* inFolders(search, by.file.runpath, name, by);
  const { folders } = search.defaults;
  const highest = search.faster;
  for (const path of search.cache.get(name) ?? []) {
    const level = /\/(glibc-hwcaps\/[^/]+)\//.exec(path)?.[1];
    if (level !== undefined && !highest.includes(level)) continue;
    if (by.file.noDefaults && folders.some((folder) => path === `${folder}/${name}`)) continue;
    yield path;
  }
  if (!by.file.noDefaults) yield* inFolders(search, folders, name, null);
}

/** A name in some folders; in each of glibc's, the folders of faster builds come first. */
function* inFolders(search: Search, folders: readonly string[], name: string, asker: Loaded | null): Generator<string | null> {
  for (const folder of folders) {
    const path = asker === null ? folder : expanded(search, folder, asker);
    if (path === null) yield null;
    else if (search.there !== null && !/\$(ORIGIN|\{ORIGIN\})/.test(folder)) {
      if (asker !== null) yield null; // a folder of the other machine
    } else if (!path.startsWith('/')) {
      yield search.tree.root === '' ? `${path === '' ? '.' : path}/${name}` : null; // from the folder in which it will be started: here, as far as anybody knows
    } else {
      const plain = path.replace(/\/+$/, '');
      if (!search.musl) for (const faster of search.faster) yield `${plain}/${faster}/${name}`;
      yield `${plain}/${name}`;
    }
  }
}

/** A path with `$ORIGIN`, `$LIB` and `$PLATFORM` in place. Null where that needs a folder that can't be known. */
function expanded({ defaults, platform, tree }: Search, path: string, { origin }: Loaded): string | null {
  if (/\$(ORIGIN|\{ORIGIN\})/.test(path) && origin === null) return null;
  const text = path.replace(/\$(?:(ORIGIN|LIB|PLATFORM)\b|\{(ORIGIN|LIB|PLATFORM)\})/g, (_, plain: string | undefined, braced: string | undefined) => {
    const word = plain ?? braced;
    return word === 'ORIGIN' ? (origin as string) : word === 'LIB' ? defaults.lib : platform;
  });
  return tree.root === '' || text.startsWith('/') || text === path ? text : `/${text}`;
}

function fileAt(tree: Tree, path: string): LoadedFile | null {
  const source = tree.open(path);
  if (source === null) return null;
  try {
    return loadedOf(source);
  } finally {
    source.closeSync();
  }
}
