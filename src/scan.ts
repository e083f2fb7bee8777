// Many files: paths and folders in, one answer after the other out, in a stable order; one bad file never ends it.

import { statPath, walk } from './bytes/folder.ts';
import { BinspectError } from './errors.ts';
import { inspect } from './inspect.ts';
import type { InspectOptions } from './inspect.ts';
import type { Inspection } from './model/binary.ts';

/** One file's answer. */
export type ScanItem = { readonly path: string; readonly inspection: Inspection } | { readonly path: string; readonly error: BinspectError };

export interface ScanOptions extends InspectOptions {
  /** Called for everything in a folder that is no binary, with the reason. */
  readonly onSkip?: (path: string, reason: string) => void;
}

/** How many files are under way at once: enough to hide the wait for one behind the work on another. */
const AHEAD = 8;

/** A path to look at, and whether it was met in a folder. */
interface Candidate {
  readonly path: string;
  readonly walked: boolean;
}

/**
 * Inspects files, and everything in folders: paths in the order given, a folder's files in the order of their names' bytes.
 * What in a folder is no binary is passed over; a path that was given never is. Rejects with `aborted` only.
 */
export async function* scan(paths: Iterable<string>, options: ScanOptions = {}): AsyncGenerator<ScanItem, void, undefined> {
  const underWay: Promise<ScanItem | null>[] = [];
  for await (const candidate of candidates(paths, options)) {
    const pending = 'error' in candidate ? Promise.resolve(candidate) : item(candidate, options);
    pending.catch(() => {}); // it is awaited in its turn; until then an abort is nobody's
    underWay.push(pending);
    if (underWay.length < AHEAD) continue;
    const done = await (underWay.shift() as Promise<ScanItem | null>);
    if (done !== null) yield done;
  }
  for (const pending of underWay) {
    const done = await pending;
    if (done !== null) yield done;
  }
}

/** What is to be inspected, and what of it can't even be listed. */
async function* candidates(paths: Iterable<string>, { signal, onSkip }: ScanOptions): AsyncGenerator<Candidate | { path: string; error: BinspectError }> {
  for (const path of paths) {
    try {
      const folder = (await statPath(path)).kind === 'folder';
      if (!folder) {
        yield { path, walked: false };
        continue;
      }
      for await (const entry of walk(path, { signal })) {
        if (entry.passedOver === null) yield { path: entry.path, walked: true };
        else if (entry.passedOver === 'unreadable' && entry.error !== null) yield { path: entry.path, error: entry.error };
        else onSkip?.(entry.path, entry.passedOver);
      }
    } catch (error) {
      if (!(error instanceof BinspectError) || error.code === 'aborted') throw error;
      yield { path, error };
    }
  }
}

/** One file's answer; null for what in a folder is no binary. */
async function item({ path, walked }: Candidate, options: ScanOptions): Promise<ScanItem | null> {
  try {
    return { path, inspection: await inspect(path, options) };
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    if (error.code === 'aborted') throw error;
    if (!walked || (error.code !== 'unrecognized' && error.code !== 'unsupported')) return { path, error };
    options.onSkip?.(path, error.message);
    return null;
  }
}
