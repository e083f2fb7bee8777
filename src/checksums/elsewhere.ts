// Where a file with a wanted digest lies, when the one that a list names is not it: renamed, swapped, or in another folder.

import { fileSize, filesIn, pathIn, slashed } from '../bytes/folder.ts';
import { digestFiles } from '../bytes/hash-pool.ts';

const MOST_FILES = 1000; // a hint is worth a moment, not minutes
const MOST_FOLDERS = 100;
const MOST_BYTES = 512 * 1024 * 1024; // hashed in less than a second

/** Digests met so far, and files that may still be looked at. */
export interface Search {
  /** Says that a file has a digest. */
  note(digest: string, path: string): void;
  /** A file with a digest that is not at `path`: among those met, then in that folder, then under the same name in the base folder. Null where there is none. */
  find(digest: string, path: string): Promise<string | null>;
}

function folderOf(path: string): string {
  return path.slice(0, slashed(path).lastIndexOf('/') + 1);
}

/** A search that looks at so many files and bytes and no more, whatever it is asked. `base`: where names without a folder are. */
export function searchElsewhere(base: string, signal?: AbortSignal): Search {
  const known = new Map<string, string[]>(); // paths by digest, two of each: one of them is another than the one that is asked for
  const searched = new Set<string>(); // files
  const folders = new Map<string, readonly string[]>(); // the files of each that are still to be looked at
  let files = MOST_FILES;
  let bytes = MOST_BYTES;

  const note = (digest: string, path: string): void => {
    const paths = known.get(digest);
    if (paths === undefined) known.set(digest, [path]);
    else if (paths.length === 1 && paths[0] !== path) paths.push(path);
  };
  const lookup = (digest: string, path: string): string | null => known.get(digest)?.find((other) => other !== path) ?? null;

  /** Hashes files that are not too many and not too large, until one has the digest. */
  const hashUntil = async (digest: string, paths: readonly string[], path: string): Promise<string | null> => {
    for (const candidate of paths) {
      if (files === 0) return null;
      if (candidate === path || searched.has(candidate)) continue;
      searched.add(candidate);
      files--;
      const size = await fileSize(candidate);
      if (size === null || size > bytes) continue;
      bytes -= size;
      for await (const found of digestFiles([candidate], { jobs: 1, signal })) if (found.error === null) note(found.sha256, candidate);
      const hit = lookup(digest, path);
      if (hit !== null) return hit;
    }
    return null;
  };

  /** Looks through a folder, which is listed once; once all of it is known there is nothing to look at. */
  const inFolder = async (folder: string, digest: string, path: string): Promise<string | null> => {
    const listed = folders.get(folder);
    if (listed === undefined && folders.size === MOST_FOLDERS) return null;
    const candidates = listed ?? (await filesIn(folder)).slice(0, MOST_FILES);
    folders.set(folder, candidates);
    const hit = await hashUntil(digest, candidates, path);
    if (hit === null) folders.set(folder, []);
    return hit;
  };

  return {
    note,
    async find(digest, path) {
      const met = lookup(digest, path);
      if (met !== null || files === 0) return met;
      const name = path.slice(slashed(path).lastIndexOf('/') + 1);
      return (await hashUntil(digest, [pathIn(base, name)], path)) ?? (await inFolder(folderOf(path), digest, path));
    },
  };
}
