// Which files a verification is about: those given, those that a policy's globs name, those that a checksum list names.

import { absolutePath, pathIn, statPath, walk } from '../bytes/folder.ts';
import { open } from '../bytes/open.ts';
import { parseChecksums } from '../checksums/parse.ts';
import { BinspectError } from '../errors.ts';
import type { PolicySums } from '../model/verdict.ts';
import { folderOf, inFolder, literalPart, matcherIn } from '../verify/paths.ts';
import type { Listed } from '../verify/several.ts';
import { isNamedProgram } from '../verify/targets/programs.ts';

/** A file to look at. */
export interface Candidate {
  readonly path: string;
  /** The same from the root of the file system. */
  readonly place: string;
  /** Whether it was given or a glob names it, so that it is never passed over; what is met in a folder may be. */
  readonly named: boolean;
  /** Whether nothing but a checksum list names it. */
  readonly onlyListed: boolean;
  /** Why it can't be read. */
  readonly error: BinspectError | null;
}

/** Files by their place, in the order in which they were met. */
export type Candidates = Map<string, Candidate>;

/** A checksum list, its lines by the places of the files that they name. */
export interface Sums {
  readonly path: string;
  readonly place: string;
  /** Why the list itself can't be read, or has nothing in it. */
  readonly error: BinspectError | null;
  readonly listed: ReadonlyMap<string, readonly Listed[]>;
  /** Whether every file there has to be listed. */
  readonly mustList: boolean;
  readonly missing: readonly (Listed & { readonly path: string })[];
  readonly malformed: readonly { readonly from: string; readonly message: string }[];
}

export interface Gathering {
  /** The folder that globs and the list are relative to. */
  readonly base: string;
  readonly signal?: AbortSignal | undefined;
  readonly onSkip?: ((path: string, reason: string) => void) | undefined;
}

/** What `work` comes to, or the failure that it ends with. Only `aborted` ends everything. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | BinspectError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BinspectError && error.code !== 'aborted') return error;
    throw error;
  }
}

function add(candidates: Candidates, { path, named, onlyListed, error }: Omit<Candidate, 'place'>): void {
  const place = absolutePath(path);
  const known = candidates.get(place);
  if (known === undefined) candidates.set(place, { path, place, named, onlyListed, error });
  else if (named && !known.named) candidates.set(place, { ...known, named: true });
}

/** A file or a folder that was given. */
export async function addGiven(path: string, candidates: Candidates, gathering: Gathering): Promise<void> {
  const stats = await attempt(() => statPath(path));
  if (stats instanceof BinspectError) add(candidates, { path, named: true, onlyListed: false, error: stats });
  else if (stats.kind === 'folder') await addFolder(path, null, candidates, gathering);
  else add(candidates, { path, named: true, onlyListed: false, error: null });
}

/** The files that a glob names. That there may be none is seen later. */
export async function addGlob(glob: string, candidates: Candidates, gathering: Gathering): Promise<void> {
  const { folder, pattern } = literalPart(glob);
  const path = inFolder(gathering.base, folder);
  const stats = await attempt(() => statPath(path));
  if (stats instanceof BinspectError) {
    if (!isMissing(stats)) add(candidates, { path, named: true, onlyListed: false, error: stats });
  } else if (!pattern) {
    if (stats.kind !== 'folder') add(candidates, { path, named: true, onlyListed: false, error: null });
  } else if (stats.kind === 'folder') await addFolder(path, matcherIn(absolutePath(gathering.base), glob), candidates, gathering);
}

function isMissing({ cause }: BinspectError): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
}

/** The files of a folder, or those that a glob names. Links out of it, pipes and the like are passed over unless something says that they are programs. */
async function addFolder(folder: string, glob: ((place: string) => boolean) | null, candidates: Candidates, { signal, onSkip }: Gathering): Promise<void> {
  const failure = await attempt(async () => {
    for await (const entry of walk(folder, { signal })) {
      const { path, passedOver } = entry;
      const unreadable = passedOver === 'unreadable'; // a folder, in which anything may be
      if (glob !== null && !unreadable && !glob(absolutePath(path))) continue;
      const named = glob !== null;
      if (passedOver === null) add(candidates, { path, named, onlyListed: false, error: null });
      else if (unreadable || (passedOver !== 'link to a folder' && (named || isNamedProgram(path)))) {
        add(candidates, { path, named: true, onlyListed: false, error: entry.error ?? new BinspectError('io', `is a ${passedOver}, which is not followed`, { path }) });
      } else onSkip?.(path, passedOver);
    }
    return null;
  });
  if (failure !== null) add(candidates, { path: folder, named: true, onlyListed: false, error: failure });
}

const LARGEST_LIST = 64 * 1024 * 1024; // bytes: half a million lines

/** All bytes of a file of text. Throws `io`, and `limit-exceeded` for more than `most` bytes, which nobody wrote. */
export async function readWhole(path: string, most: number): Promise<Uint8Array> {
  const { source, close } = await open(path);
  try {
    if (source.size > most) throw new BinspectError('limit-exceeded', `${source.size} bytes, where ${most} are the most that is read`, { path });
    return await source.read(0, source.size);
  } finally {
    await close();
  }
}

/** Reads a checksum list. Files that it lists and that are there become candidates, where it has to be held against all that is there. */
export async function addListed({ file, coverage = 'both' }: PolicySums, candidates: Candidates, { base }: Gathering): Promise<Sums> {
  const path = inFolder(base, file);
  const place = absolutePath(path);
  const listed = new Map<string, Listed[]>();
  const missing: (Listed & { path: string })[] = [];
  const mustList = coverage !== 'listed';
  const list = await attempt(async () => parseChecksums(await readWhole(path, LARGEST_LIST), { file: path, mixed: true }));
  if (list instanceof BinspectError) return { path, place, error: list, listed, mustList, missing, malformed: [] };
  for (const { line, name, digest } of list.entries) {
    const entry = { digest, from: `${path} line ${line}` };
    const found = await locate(name, [folderOf(path), base], candidates);
    if (found === null) {
      if (coverage !== 'present') missing.push({ ...entry, path: pathIn(folderOf(path), name) });
      continue;
    }
    const its = absolutePath(found);
    const others = listed.get(its);
    if (others === undefined) listed.set(its, [entry]);
    else others.push(entry);
    if (coverage !== 'present') add(candidates, { path: found, named: false, onlyListed: true, error: null });
  }
  const malformed = list.malformed.map(({ line, message }) => ({ from: `${path} line ${line}`, message }));
  const error = list.entries.length > 0 ? null : new BinspectError('malformed', 'no line says the SHA-256 of a file', { path });
  return { path, place, error, listed, mustList, missing, malformed };
}

/** Where a file that a list names is: below the first of the folders that has it. Null where none has. */
async function locate(name: string, folders: readonly string[], candidates: Candidates): Promise<string | null> {
  for (const folder of folders) {
    const path = pathIn(folder, name);
    if (candidates.has(absolutePath(path))) return path;
    const stats = await attempt(() => statPath(path));
    if (!(stats instanceof BinspectError) && stats.kind !== 'folder') return path;
  }
  return null;
}
