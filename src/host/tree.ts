// A tree of files: the machine's own, or a folder that stands for a root. Every path of this room goes through it, and no link leads out of it.

import { accessSync, constants, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { resolve } from 'node:path';
import { openFileSync, systemPath } from '../bytes/source-file.ts';
import type { FileSource } from '../bytes/source-file.ts';
import { decodeText } from '../bytes/text.ts';

/** What a path within a tree leads to. */
export interface Place {
  readonly kind: 'file' | 'folder' | 'other';
  /** The path within the tree, without links. */
  readonly path: string;
  /** The same for the system. */
  readonly outside: string;
  readonly size: number;
  readonly mode: number;
}

/** Why a path leads nowhere: the system's code. */
export interface Nowhere {
  readonly kind: 'nowhere';
  readonly code: string;
}

export interface Tree {
  /** The folder that stands for `/`; empty for the machine's own root. */
  readonly root: string;
  find(path: string): Place | Nowhere;
  /** Names in a folder, sorted; none where it can't be read. */
  list(path: string): readonly string[];
  /** A text file to its end (files of /proc have no size), or the system's code for why not. */
  text(path: string, most?: number): { readonly text: string } | { readonly code: string };
  /** The same, as bytes. */
  bytes(path: string, most?: number): { readonly bytes: Uint8Array } | { readonly code: string };
  /** Where a link points, as it is written; null for what is none. */
  link(path: string): string | null;
  /** Opens a file; null where that fails. */
  open(path: string): FileSource | null;
  /** Whether this user may execute what is there. In a tree for another root: whether anybody may. */
  executable(place: Place): boolean;
}

const MOST_TEXT = 4 * 1024 * 1024; // bytes: the lists that are read as text have some kilobytes
const MOST_LINKS = 40; // as Linux has it

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
}

function placeOf(stats: Stats, path: string, outside: string): Place {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
  return { kind, path, outside, size: stats.size, mode: stats.mode & 0o7777 };
}

/** Names of a path, with `.` left out and `..` kept. */
function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** A path in a tree, link by link: absolute links start at the tree's root, and `..` ends there. */
function walk(root: string, path: string): Place | Nowhere {
  const rest = namesOf(path).reverse();
  const at: string[] = [];
  let links = 0;
  let stats: Stats | null = null;
  const outside = (): string => (at.length === 0 ? root : `${root}/${at.join('/')}`);
  try {
    while (rest.length > 0) {
      const name = rest.pop() as string;
      if (name === '..') {
        at.pop();
        stats = null;
        continue;
      }
      if (stats !== null && !stats.isDirectory()) return { kind: 'nowhere', code: 'ENOTDIR' };
      at.push(name);
      stats = lstatSync(systemPath(outside()));
      if (!stats.isSymbolicLink()) continue;
      if (++links > MOST_LINKS) return { kind: 'nowhere', code: 'ELOOP' };
      const target = decodeText(readlinkSync(systemPath(outside()), { encoding: 'buffer' }));
      at.pop();
      if (target.startsWith('/')) at.length = 0;
      stats = null;
      rest.push(...namesOf(target).reverse());
    }
    return placeOf(stats ?? lstatSync(systemPath(outside())), `/${at.join('/')}`, outside());
  } catch (error) {
    return { kind: 'nowhere', code: codeOf(error) };
  }
}

/** The path without links. What /proc links to may have been deleted, or lie in another process's tree: then the path itself. */
function realPath(path: string): string {
  try {
    return decodeText(realpathSync(systemPath(path), { encoding: 'buffer' }));
  } catch {
    return path;
  }
}

/** A path on the machine itself, as the system resolves it. */
function direct(path: string): Place | Nowhere {
  try {
    const stats = statSync(systemPath(path));
    return placeOf(stats, realPath(path), path);
  } catch (error) {
    return { kind: 'nowhere', code: codeOf(error) };
  }
}

/** The tree under a folder, or the machine's own for an empty one. */
export function treeAt(folder: string): Tree {
  const root = folder === '' ? '' : decodeText(realpathSync(systemPath(resolve(folder)), { encoding: 'buffer' })).replace(/\/$/, '');
  const own = root === '';
  const known = new Map<string, Place | Nowhere>();
  const find = (path: string): Place | Nowhere => {
    if (own) return direct(path);
    let place = known.get(path);
    if (place === undefined) known.set(path, (place = walk(root, path)));
    return place;
  };
  const bytes: Tree['bytes'] = (path, most = MOST_TEXT) => {
    const place = find(path);
    if (place.kind === 'nowhere') return { code: place.code };
    if (place.kind !== 'file' || place.size > most) return { code: place.kind === 'file' ? 'EFBIG' : 'EISDIR' };
    try {
      return { bytes: readFileSync(systemPath(place.outside)) };
    } catch (error) {
      return { code: codeOf(error) };
    }
  };
  return {
    root,
    find,
    list(path) {
      const place = find(path);
      if (place.kind !== 'folder') return [];
      try {
        return readdirSync(systemPath(place.outside), { encoding: 'buffer' }).map((name) => decodeText(name)).sort();
      } catch {
        return [];
      }
    },
    bytes,
    text(path, most) {
      const read = bytes(path, most);
      return 'code' in read ? read : { text: decodeText(read.bytes) };
    },
    link(path) {
      const at = path.lastIndexOf('/');
      const folderPlace = find(path.slice(0, at) === '' ? '/' : path.slice(0, at));
      if (folderPlace.kind !== 'folder') return null;
      try {
        return decodeText(readlinkSync(systemPath(`${folderPlace.outside.replace(/\/$/, '')}/${path.slice(at + 1)}`), { encoding: 'buffer' }));
      } catch {
        return null;
      }
    },
    open(path) {
      const place = find(path);
      if (place.kind !== 'file') return null;
      try {
        return openFileSync(place.outside);
      } catch {
        return null;
      }
    },
    executable({ outside, mode, kind }) {
      if (kind !== 'file') return false;
      if (!own) return (mode & 0o111) !== 0;
      try {
        accessSync(systemPath(outside), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    },
  };
}
