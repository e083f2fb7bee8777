// Many files: paths and folders in, one answer after the other out, in a stable order; one bad file never ends it.

import { statPath, walk } from './bytes/folder.ts';
import { BinspectError } from './errors.ts';
import { inspectFile } from './inspect.ts';
import type { InspectOptions } from './examine.ts';
import type { Inspection } from './model/binary.ts';

/** A file that could be read. */
export interface ScannedFile {
  /** As given, or below the folder that was given. */
  readonly path: string;
  /** What it is. */
  readonly inspection: Inspection;
}

/** A file or folder that could not. */
export interface ScanFailure {
  /** As given, or below the folder that was given. */
  readonly path: string;
  /** Why. */
  readonly error: BinspectError;
}

/** One file's answer: `'error' in item` tells which. */
export type ScanItem = ScannedFile | ScanFailure;

/** What `scan` may be told: the same for every file. */
export interface ScanOptions extends InspectOptions {
  /** Called for everything in a folder that is no binary, with the reason. */
  readonly onSkip?: ((path: string, reason: string) => void) | undefined;
}

/** How many files are under way at once: enough to hide the wait for one behind the work on another. */
const AHEAD = 8;

/** Milliseconds of work after which others get their turn. */
const TURN = 10;

/** A path to look at, and whether it was met in a folder. */
interface Candidate {
  readonly path: string;
  readonly walked: boolean;
}

/** Something in a folder that is no binary. */
interface Skipped {
  readonly path: string;
  readonly skipped: string;
}

/**
 * Inspects files, and everything in folders: paths in the order given, a folder's files in the order of their names' bytes.
 * What in a folder is no binary is passed over; a path that was given never is. Rejects with `aborted` only.
 */
export async function* scan(paths: Iterable<string>, options: ScanOptions = {}): AsyncGenerator<ScanItem, void, undefined> {
  const underWay: (ScanItem | Skipped | Promise<ScanItem | Skipped>)[] = [];
  let turn = Date.now() + TURN;
  for await (const candidate of candidates(paths, options)) {
    const pending = 'walked' in candidate ? item(candidate, options) : candidate;
    if (pending instanceof Promise) pending.catch(() => {}); // it is awaited in its turn; until then an abort is nobody's
    underWay.push(pending);
    while (underWay.length >= AHEAD || (underWay.length > 0 && !(underWay[0] instanceof Promise))) {
      const done = await (underWay.shift() as (typeof underWay)[number]);
      if ('skipped' in done) options.onSkip?.(done.path, done.skipped);
      else yield done;
    }
    if (Date.now() < turn) continue;
    await new Promise((resolve) => setImmediate(resolve));
    turn = Date.now() + TURN;
  }
  for (const pending of underWay) {
    const done = await pending;
    if ('skipped' in done) options.onSkip?.(done.path, done.skipped);
    else yield done;
  }
}

/** What is to be inspected, what of it can't even be listed, and what is no regular file. */
async function* candidates(paths: Iterable<string>, { signal }: ScanOptions): AsyncGenerator<Candidate | ScanFailure | Skipped> {
  for (const path of typeof paths === 'string' ? [paths] : paths) { // a text is a list of its characters, which nobody means
    try {
      const folder = (await statPath(path)).kind === 'folder';
      if (!folder) {
        yield { path, walked: false };
        continue;
      }
      for await (const entry of walk(path, { signal })) {
        if (entry.passedOver === null) yield { path: entry.path, walked: true };
        else if (entry.passedOver === 'unreadable' && entry.error !== null) yield { path: entry.path, error: entry.error };
        else yield { path: entry.path, skipped: entry.passedOver };
      }
    } catch (error) {
      if (!(error instanceof BinspectError) || error.code === 'aborted') throw error;
      yield { path, error };
    }
  }
}

/** One file's answer. Throws `aborted` only. */
function item(candidate: Candidate, options: ScanOptions): ScanItem | Skipped | Promise<ScanItem | Skipped> {
  const { path } = candidate;
  try {
    const inspection = inspectFile(path, options);
    if (!(inspection instanceof Promise)) return { path, inspection };
    return inspection.then(
      (done) => ({ path, inspection: done }),
      (error: unknown) => failure(candidate, error),
    );
  } catch (error) {
    return failure(candidate, error);
  }
}

/** What becomes of a file that can't be read: in a folder, what is no binary is passed over. */
function failure({ path, walked }: Candidate, error: unknown): ScanFailure | Skipped {
  if (!(error instanceof BinspectError) || error.code === 'aborted') throw error;
  if (!walked || (error.code !== 'unrecognized' && error.code !== 'unsupported')) return { path, error };
  return { path, skipped: error.message };
}
