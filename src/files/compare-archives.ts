// Two archives: the executables of both by their paths in them, each pair compared.

import { compareAny, unlookedInto } from '../compare/compare.ts';
import type { CompareOptions } from '../compare/compare.ts';
import { BinspectError } from '../errors.ts';
import type { ComparedFile, ComparedPath } from '../model/comparison.ts';
import { inspectMembers } from './inspect-members.ts';

/** Members that are read again to be compared: each time its archive is read from the beginning. */
const MOST_COMPARED = 64;

/** An archive's members: what executables there are, and which paths it has besides. */
interface Listed {
  readonly whole: string | null;
  /** By the path below the archive, without a folder that all lie in. */
  readonly members: ReadonlyMap<string, { readonly path: string; readonly file: ComparedFile | BinspectError | null }>;
}

async function listOf(archive: string, { limits, signal }: CompareOptions): Promise<Listed> {
  const found = new Map<string, ComparedFile | BinspectError | null>();
  const below = `${archive}!/`.length;
  let whole: string | null = null;
  const onSkip = (path: string, reason: string): void => {
    if (reason !== 'directory' && reason !== 'folder') found.set(path.slice(below), null);
  };
  for await (const item of inspectMembers(archive, { hash: true, limits, signal, onSkip })) {
    if ('container' in item) whole = item.container.path === archive ? item.container.sha256 : whole;
    else if ('error' in item) found.set(item.path.slice(below), item.error);
    else found.set(item.path.slice(below), { path: item.path, size: item.inspection.size, sha256: item.inspection.sha256 ?? '' });
  }
  const top = commonFolder([...found.keys()]);
  return { whole, members: new Map(Array.from(found, ([path, file]) => [path.slice(top), { path, file }])) };
}

/** How long the name of the one folder is that all paths begin with, its slash included; 0 where there is none: releases have their version in it. */
function commonFolder(paths: readonly string[]): number {
  const end = (paths[0]?.indexOf('/') ?? -1) + 1;
  const folder = paths[0]?.slice(0, end) ?? '';
  return end > 0 && !folder.endsWith('!/') && paths.every((path) => path.startsWith(folder)) ? end : 0;
}

/**
 * Every executable of either archive, in the order of the names; of other members those that only one has; and last, under an empty path, whether
 * the rest of the archives is the same. Throws as `inspectMembers` does.
 */
export async function* compareArchives(a: string, b: string, options: CompareOptions = {}): AsyncGenerator<ComparedPath, void, undefined> {
  const [left, right] = [await listOf(a, options), await listOf(b, options)];
  let compared = 0;
  let differs = false;
  for (const name of [...new Set([...left.members.keys(), ...right.members.keys()])].sort()) {
    const [one, other] = [left.members.get(name), right.members.get(name)];
    const [x, y] = [one?.file ?? null, other?.file ?? null];
    if (one === undefined || other === undefined) {
      differs = true;
      yield { path: name, only: other === undefined ? 'a' : 'b', comparison: null, error: null };
    } else if (x instanceof BinspectError || y instanceof BinspectError) {
      yield { path: name, only: null, comparison: null, error: x instanceof BinspectError ? x : (y as BinspectError) };
    } else if (x !== null && y !== null && x.sha256 === y.sha256) {
      yield { path: name, only: null, comparison: unlookedInto(x, y, options.ignore ?? [], null), error: null };
    } else if (x !== null || y !== null) {
      differs = true;
      if (x !== null && y !== null && ++compared > MOST_COMPARED) {
        yield { path: name, only: null, comparison: unlookedInto(x, y, options.ignore ?? [], `more than ${MOST_COMPARED} members differ: this one was not looked into`), error: null };
      } else yield await compareMember(name, `${a}!/${one.path}`, `${b}!/${other.path}`, options);
    }
  }
  if (differs || left.whole === null || left.whole === right.whole) return;
  const [x, y] = [left.whole, right.whole ?? ''].map((sha256, index): ComparedFile => ({ path: index === 0 ? a : b, size: 0, sha256 })) as [ComparedFile, ComparedFile];
  yield { path: '', only: null, comparison: unlookedInto(x, y, options.ignore ?? [], 'all executables are identical; the archives differ in other members, in names, times or compression, which are not compared'), error: null };
}

async function compareMember(name: string, a: string, b: string, options: CompareOptions): Promise<ComparedPath> {
  try {
    return { path: name, only: null, comparison: await compareAny(a, b, options), error: null };
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code === 'aborted') throw error;
    return { path: name, only: null, comparison: null, error };
  }
}
