// Where loaders look by default: glibc's folders by distribution and its cache, musl's list.

import { readLdCache } from './ld-cache.ts';
import type { CachedLibrary } from './ld-cache.ts';
import type { Tree } from './tree.ts';

/** Debian's folders (multiarch) by GOARCH's words. */
const MULTIARCH: ReadonlyMap<string, readonly string[]> = new Map([
  ['amd64', ['x86_64-linux-gnu']],
  ['386', ['i386-linux-gnu']],
  ['arm64', ['aarch64-linux-gnu']],
  ['arm', ['arm-linux-gnueabihf', 'arm-linux-gnueabi']],
  ['ppc64le', ['powerpc64le-linux-gnu']],
  ['ppc64', ['powerpc64-linux-gnu']],
  ['riscv64', ['riscv64-linux-gnu']],
  ['s390x', ['s390x-linux-gnu']],
  ['loong64', ['loongarch64-linux-gnu']],
  ['mipsle', ['mipsel-linux-gnu']],
  ['mips', ['mips-linux-gnu']],
  ['mips64le', ['mips64el-linux-gnuabi64']],
  ['mips64', ['mips64-linux-gnuabi64']],
]);

const WIDE: ReadonlySet<string> = new Set(['amd64', 'arm64', 'ppc64le', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64le', 'mips64', 'sparc64']);

/** The folders that a loader looks in by itself, and what `$LIB` stands for. */
export interface Defaults {
  readonly folders: readonly string[];
  /** `$LIB`. */
  readonly lib: string;
}

/**
 * glibc's own folders for an architecture. Which they are is compiled into the loader; where the C library lies shows it: Debian has a folder for
 * each architecture, Fedora /lib64, others /lib. A loader outside the usual folders (Nix, Guix, Homebrew) looks beside itself.
 */
export function glibcDefaults(tree: Tree, arch: string, interpreter: string | null): Defaults {
  if (interpreter !== null && !/^\/(usr\/)?lib(32|64|x32)?\//.test(interpreter)) return { folders: [interpreter.slice(0, interpreter.lastIndexOf('/'))], lib: 'lib' };
  const has = (folder: string): boolean => tree.find(`${folder}/libc.so.6`).kind === 'file';
  for (const triple of MULTIARCH.get(arch) ?? []) {
    if (has(`/lib/${triple}`) || has(`/usr/lib/${triple}`)) return { folders: [`/lib/${triple}`, `/usr/lib/${triple}`, '/lib', '/usr/lib'], lib: `lib/${triple}` };
  }
  if (arch === 'riscv64' && has('/lib64/lp64d')) return { folders: ['/lib64/lp64d', '/usr/lib64/lp64d'], lib: 'lib64/lp64d' };
  if (WIDE.has(arch) && (has('/lib64') || has('/usr/lib64'))) return { folders: ['/lib64', '/usr/lib64'], lib: 'lib64' };
  return { folders: ['/lib', '/usr/lib'], lib: 'lib' };
}

/** musl's folders: the list beside its loader, in lines or between colons, or what is compiled in. `name` is the loader's: ld-musl-x86_64.so.1. */
export function muslFolders(tree: Tree, interpreter: string): readonly string[] {
  const match = /^(.*)\/lib\/ld-musl-([^/]+)\.so\.1$/.exec(interpreter);
  const list = match === null ? { code: 'ENOENT' } : tree.text(`${match[1]}/etc/ld-musl-${match[2]}.path`);
  const folders = 'text' in list ? list.text.split(/[:\n]/).filter((folder) => folder !== '') : [];
  return folders.length > 0 ? folders : ['/lib', '/usr/local/lib', '/usr/lib'];
}

const MOST_CACHE = 64 * 1024 * 1024; // bytes; a system of 900 libraries has 60 KB

/** A cache as a table of names, each with its paths in the loader's order. */
export interface Cache {
  readonly paths: ReadonlyMap<string, readonly string[]>;
  readonly entries: readonly CachedLibrary[];
}

const caches = new WeakMap<Tree, Cache>();

/** glibc's cache of a tree, read once. Empty where there is none that can be read. */
export function cacheOf(tree: Tree): Cache {
  let cache = caches.get(tree);
  if (cache === undefined) caches.set(tree, (cache = readCache(tree)));
  return cache;
}

function readCache(tree: Tree): Cache {
  const file = tree.bytes('/etc/ld.so.cache', MOST_CACHE);
  const entries = 'bytes' in file ? readLdCache(file.bytes) : null;
  const paths = new Map<string, string[]>();
  for (const { name, path } of entries ?? []) {
    const same = paths.get(name);
    if (same === undefined) paths.set(name, [path]);
    else same.push(path);
  }
  return { paths, entries: entries ?? [] };
}

/** Folders in which loaders lie by the paths that programs ask for. */
const LOADER_FOLDERS = ['/lib', '/lib32', '/lib64', '/libx32', '/system/bin', '/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/libx32'];

const LOADER = /^(ld-linux[^/]*\.so\.\d+|ld-musl-[^/]+\.so\.1|ld64\.so\.[12]|ld\.so\.1|ld(64)?-uClibc\.so\.[01]|linker(64)?)$/;

/** Loaders that are there. */
export function loadersIn(tree: Tree): string[] {
  return LOADER_FOLDERS.flatMap((folder) =>
    tree
      .list(folder)
      .filter((name) => LOADER.test(name))
      .map((name) => `${folder}/${name}`)
      .filter((path) => tree.find(path).kind === 'file'),
  );
}
