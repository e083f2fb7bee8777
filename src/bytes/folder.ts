// Folders: what lies in them, in a stable order, and what kind of thing a path is.

import { lstat as lstatOf, lstatSync, readdirSync, realpath as realpathOf, stat as statOf, statSync } from 'node:fs';
import type { BigIntStats, Dirent, Stats } from 'node:fs';
import { isAbsolute, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { BinspectError, refuseAborted } from '../errors.ts';
import { ioError, systemPath } from './source-file.ts';
import { decodeText } from './text.ts';

// From node:fs and not from node:fs/promises: that one takes a megabyte of memory, which hashing a file does not have to pay.
const lstat = promisify(lstatOf);
const realpath = promisify(realpathOf);
const stat = promisify(statOf);

export type PathKind = 'file' | 'folder' | 'pipe' | 'socket' | 'device';

/** Why something in a folder is no file to read. */
export type PassedOver = 'pipe' | 'socket' | 'device' | 'link out of the folder' | 'link to a folder' | 'broken link' | 'unreadable' | 'excluded';

/** A regular file of a folder, or what was skipped there. Paths begin with the folder as it was named, and have `/` between names. */
export type Walked =
  | { readonly path: string; readonly passedOver: null }
  | { readonly path: string; readonly passedOver: PassedOver; readonly error: BinspectError | null };

export interface WalkOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is left out, by its path below the folder; a folder with all that is in it. It comes as skipped, once. */
  readonly exclude?: ((path: string) => boolean) | null | undefined;
  /** Called for the folder and each one below it that can be read, before what is in it. */
  readonly onFolder?: ((path: string) => void) | undefined;
}

type Entry = Dirent<Buffer>;

function kindOf(entry: Stats | Entry): PathKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isFIFO() ? 'pipe' : entry.isSocket() ? 'socket' : 'device';
}

/** What a path leads to, symbolic links followed, and its size in bytes. Throws `io` where it leads nowhere. */
export async function statPath(path: string): Promise<{ kind: PathKind; size: number }> {
  try {
    const stats = statSync(systemPath(path)); // no thread has to be started for it
    return { kind: kindOf(stats), size: stats.size };
  } catch (error) {
    throw ioError(error, path);
  }
}

/** A name in a folder as a path. An absolute name stays as it is. */
export function pathIn(folder: string, name: string): string {
  if (isAbsolute(name) || folder === '') return name;
  const complete = folder.endsWith('/') || (WINDOWS && /\\$|^[a-zA-Z]:$/.test(folder)); // 'C:' is the current folder of that drive
  return complete ? folder + name : `${folder}/${name}`;
}

const WINDOWS = process.platform === 'win32';

/** A path with `/` between its names: on Windows both slashes stand there, elsewhere `\\` is a character as any other. */
export function slashed(path: string): string {
  return WINDOWS ? path.replaceAll('\\', '/') : path;
}

/** Whether names that differ in their capitals may be one file. */
const FOLDS_CASE = WINDOWS || process.platform === 'darwin';

/**
 * The first of some paths from the root that leads to the same file: where the system takes capitals for small letters, 'App.exe' and 'app.exe'.
 * `known` keeps them, and gets the path where it is new.
 */
export function knownPlace(place: string, known: Map<string, string>): string {
  if (!FOLDS_CASE) return place;
  const folded = place.normalize('NFC').toLowerCase();
  const earlier = known.get(folded);
  if (earlier === undefined) known.set(folded, place);
  return earlier !== undefined && earlier !== place && isSameFile(earlier, place) ? earlier : place;
}

/** What the system says of the file that a path leads to, links followed; null where it leads nowhere, or nobody may look. */
export function statsOrNull(path: string): BigIntStats | null {
  try {
    return statSync(systemPath(path), { bigint: true });
  } catch {
    return null; // whoever reads the file or writes it meets the error, and reports it
  }
}

/** Whether a path leads to a folder. Reading what leads nowhere says what is wrong. */
export function isFolder(path: string): boolean {
  return statsOrNull(path)?.isDirectory() === true;
}

/** Whether two paths lead to one file. */
export function isSameFile(one: string, other: string): boolean {
  const [a, b] = [statsOrNull(one), statsOrNull(other)];
  return a !== null && b !== null && a.dev === b.dev && a.ino === b.ino;
}

/** A path from the root of the file system, with `/` between names, without `.` and `..`. Symbolic links are not looked at. */
export function absolutePath(path: string): string {
  const absolute = resolve(path);
  return slashed(absolute);
}

/** What a file is beside its bytes: whether somebody may run it, and which file it is, whatever its name here. Throws `io`. */
export async function fileMarks(path: string): Promise<{ executable: boolean; identity: string }> {
  try {
    const { mode, dev, ino } = await stat(systemPath(path), { bigint: true });
    return { executable: (mode & 0o111n) !== 0n, identity: `${dev}:${ino}` };
  } catch (error) {
    throw ioError(error, path);
  }
}

/** An entry for its name alone, which is all that Bun gives where names are wanted as bytes. */
function entryOf(folder: string, name: Buffer): Entry {
  const stats = lstatSync(Buffer.concat([Buffer.from(systemPath(folder)), SEPARATOR, name]));
  return Object.assign(stats, { name }) as unknown as Entry;
}

/** What lies in one folder, sorted by the bytes of the names. Read at once: going round the event loop takes five times as long. Throws `io`. */
export function entriesOf(folder: string): Entry[] {
  try {
    const listed: readonly (Entry | Buffer)[] = readdirSync(systemPath(folder), { withFileTypes: true, encoding: 'buffer' });
    const entries = listed.map((entry) => (entry instanceof Uint8Array ? entryOf(folder, entry) : entry));
    return entries.sort((a, b) => Buffer.compare(a.name, b.name));
  } catch (error) {
    throw ioError(error, folder);
  }
}

/** The regular files of one folder, not of those below it, sorted by the bytes of their names. None where it can't be read. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = readable(folder === '' ? '.' : folder);
  if (entries instanceof BinspectError) return [];
  return entries.filter((entry) => entry.isFile()).map((entry) => pathIn(folder, decodeText(entry.name)));
}

/** The bytes of a regular file; null where there is none. */
export async function fileSize(path: string): Promise<number | null> {
  try {
    const stats = await stat(systemPath(path));
    return stats.isFile() ? stats.size : null;
  } catch {
    return null;
  }
}

const SEPARATOR = Buffer.from(sep);

function passedOver(path: string, why: PassedOver, error: BinspectError | null = null): Walked {
  return { path, passedOver: why, error };
}

/** What a symbolic link comes to: a file where it leads to one inside the folder whose real path is `root`. */
async function followLink(path: string, root: Buffer): Promise<Walked> {
  let target: Buffer;
  let kind: PathKind;
  try {
    target = await realpath(systemPath(path), { encoding: 'buffer' });
    kind = kindOf(await lstat(target));
  } catch (error) {
    return passedOver(path, 'broken link', ioError(error, path));
  }
  const inside = Buffer.concat([target, SEPARATOR]).subarray(0, root.length).equals(root);
  if (!inside) return passedOver(path, 'link out of the folder');
  if (kind === 'folder') return passedOver(path, 'link to a folder'); // what is in it is met there
  return kind === 'file' ? { path, passedOver: null } : passedOver(path, kind);
}

/** The path that symbolic links lead to, from the root. Throws `io`. */
export async function realPath(path: string): Promise<string> {
  try {
    const real = decodeText(await realpath(systemPath(path), { encoding: 'buffer' }));
    return process.platform === 'win32' ? real.replaceAll('\\', '/') : real;
  } catch (error) {
    throw ioError(error, path);
  }
}

/** The real path of a folder, with a separator at its end: what lies inside begins with it. Throws `io`. */
async function realFolder(folder: string): Promise<Buffer> {
  try {
    const real = await realpath(systemPath(folder), { encoding: 'buffer' });
    return real.subarray(-1).equals(SEPARATOR) ? real : Buffer.concat([real, SEPARATOR]);
  } catch (error) {
    throw ioError(error, folder);
  }
}

/**
 * Every regular file of a folder and the folders below it, and what was skipped: depth first, the names of each folder in
 * the order of their bytes. Symbolic links are followed to files inside the folder only. Names that are no UTF-8 come as
 * `decodeText` gives them, and can be opened so. Holds the names of the folders on the way, no more. Throws `io` where the
 * folder itself can't be read (one below it is skipped), and `aborted`.
 */
export async function* walk(folder: string, { signal, exclude = null, onFolder }: WalkOptions = {}): AsyncGenerator<Walked, void, undefined> {
  let root: Buffer | null = null;
  const below = pathIn(folder, '').length;
  const levels = [{ folder, entries: entriesOf(folder), next: 0 }];
  onFolder?.(folder);
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    refuseAborted(signal);
    const entry = level.entries[level.next++];
    if (entry === undefined) {
      levels.pop();
      continue;
    }
    const path = pathIn(level.folder, decodeText(entry.name));
    if (exclude?.(path.slice(below)) === true) {
      yield passedOver(path, 'excluded');
      continue;
    }
    if (entry.isSymbolicLink()) {
      root ??= await realFolder(folder);
      yield await followLink(path, root);
      continue;
    }
    const kind = kindOf(entry);
    if (kind === 'file') yield { path, passedOver: null };
    else if (kind !== 'folder') yield passedOver(path, kind);
    else {
      const entries = readable(path);
      if (entries instanceof BinspectError) yield passedOver(path, 'unreadable', entries);
      else {
        levels.push({ folder: path, entries, next: 0 });
        onFolder?.(path);
      }
    }
  }
}

/** The entries of a folder, or why they can't be read. */
function readable(folder: string): Entry[] | BinspectError {
  try {
    return entriesOf(folder);
  } catch (error) {
    if (error instanceof BinspectError) return error;
    throw error;
  }
}
