// Two folders: the files of both by their paths below the folder, each pair compared.

import { pathIn, walk } from '../bytes/folder.ts';
import { BinspectError } from '../errors.ts';
import type { ComparedPath } from '../model/comparison.ts';
import { compareAny } from './compare.ts';
import type { CompareOptions } from './compare.ts';

/** The regular files of a folder by their paths below it, and what can't be read there. */
async function filesOf(folder: string, signal: AbortSignal | undefined): Promise<Map<string, BinspectError | null>> {
  const below = pathIn(folder, '').length;
  const files = new Map<string, BinspectError | null>();
  for await (const found of walk(folder, { signal })) {
    if (found.passedOver === null) files.set(found.path.slice(below), null);
    else if (found.passedOver === 'unreadable' || found.passedOver === 'broken link') files.set(found.path.slice(below), found.error ?? new BinspectError('io', found.passedOver, { path: found.path }));
  }
  return files;
}

/** Every path of either folder, in the order of the names. Throws `io` where a folder can't be read. */
export async function* compareFolders(a: string, b: string, options: CompareOptions = {}): AsyncGenerator<ComparedPath, void, undefined> {
  const [left, right] = [await filesOf(a, options.signal), await filesOf(b, options.signal)];
  for (const path of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const problem = left.get(path) ?? right.get(path) ?? null;
    if (problem !== null) yield { path, only: null, comparison: null, error: problem };
    else if (!right.has(path)) yield { path, only: 'a', comparison: null, error: null };
    else if (!left.has(path)) yield { path, only: 'b', comparison: null, error: null };
    else yield await comparePath(path, pathIn(a, path), pathIn(b, path), options);
  }
}

async function comparePath(path: string, a: string, b: string, options: CompareOptions): Promise<ComparedPath> {
  try {
    return { path, only: null, comparison: await compareAny(a, b, options), error: null };
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code === 'aborted') throw error;
    return { path, only: null, comparison: null, error };
  }
}
