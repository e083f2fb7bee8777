// Paths as texts with `/` between names: joined, shortened, and matched with the globs of a policy.

import { globOf, isGlob, pathMatcher } from './glob.ts';

/** How much of a path is its root: '/', 'C:/', '//server/share'; 0 for a relative one. */
function rootLength(path: string): number {
  const root = /^[a-zA-Z]:\/|^\/\/[^/]+\/[^/]+/.exec(path)?.[0] ?? (path.startsWith('/') ? '/' : '');
  return root.length;
}

/** Whether a path or a glob begins at the root of a file system. */
export function isRooted(path: string): boolean {
  return path.startsWith('/') || /^[a-zA-Z]:\//.test(path);
}

/** A path without `.`, and without `..` as far as names come before them. What Windows has before names stays: 'C:/', '//server/share'. */
export function shortened(path: string): string {
  const root = /^[a-zA-Z]:\/|^\/\/[^/]+\/[^/]+(?=\/|$)/.exec(path)?.[0];
  if (root !== undefined) return underRoot(root, path.slice(root.length));
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '.' || (name === '' && names.length > 0)) continue;
    const last = names.at(-1);
    if (name === '..' && last !== undefined && last !== '..' && last !== '') names.pop();
    else names.push(name);
  }
  return names.length === 0 ? '.' : names.length === 1 && names[0] === '' ? '/' : names.join('/');
}

/** The same for what stands behind a root of Windows, out of which no `..` leads. */
function underRoot(root: string, rest: string): string {
  const names: string[] = [];
  for (const name of rest.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '.' && name !== '') names.push(name);
  }
  return names.length === 0 || root.endsWith('/') ? root + names.join('/') : `${root}/${names.join('/')}`;
}

/** The folder that a path lies in; '' for the current one. Above a root is nothing: it is its own. */
export function folderOf(path: string): string {
  const root = rootLength(path);
  return path.slice(0, Math.max(Math.min(root, path.length), path.lastIndexOf('/')));
}

/** A path with the name of its folder, which is missing where it is given from within: 'linux-arm64/x.node' for 'x.node'. `place` is the path from the root. */
export function withFolder(path: string, place: string): string {
  return folderOf(shortened(path)) === '' ? place.split('/').slice(-2).join('/') : path;
}

/** A path in a folder; one from the root stays as it is. */
export function inFolder(folder: string, path: string): string {
  return isRooted(path) || folder === '' ? shortened(path) : shortened(`${folder}/${path}`);
}

/** A matcher of paths from the root, for a glob that is relative to a folder, which is given from the root too. */
export function matcherIn(folder: string, glob: string): (path: string) => boolean {
  if (glob.startsWith('//') && rootLength(folder) === 1) return matcherIn(folder, glob.slice(1)); // POSIX: two slashes are one
  return pathMatcher(isRooted(glob) ? shortened(glob) : shortened(`${globOf(folder)}/${glob}`));
}

/** The path that a glob names if it names just one, with what `globOf` has escaped; null for a pattern. */
export function literalGlob(glob: string): string | null {
  const bare = glob.replace(/\[([*?[\]{}])\]/g, '');
  return isGlob(bare) ? null : glob.replace(/\[([*?[\]{}])\]/g, '$1');
}

/** The folder of a glob from which on its names are patterns, and whether there is any; 'dist' of 'dist/*.node'. */
export function literalPart(glob: string): { folder: string; pattern: boolean } {
  const literal = literalGlob(glob);
  if (literal !== null) return { folder: shortened(literal), pattern: false };
  const names = shortened(glob).split('/');
  const first = names.findIndex(isGlob);
  return { folder: first === 0 ? '.' : names.slice(0, first).join('/') || '/', pattern: true };
}
