// Which files a verification is about: those given, those that a policy's globs name, those that a checksum list names.

import { absolutePath, fileSize, knownPlace, pathIn, slashed, statPath, walk } from '../bytes/folder.ts';
import type { PassedOver } from '../bytes/folder.ts';
import { open } from '../bytes/open.ts';
import { bytesOfStream, streamOf } from '../bytes/stream.ts';
import { pathOfUrl } from '../bytes/source-file.ts';
import { parseChecksums } from '../checksums/parse.ts';
import { BinspectError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Limits } from '../limits.ts';
import type { PolicySums } from '../model/verdict.ts';
import { isHttpUrl, placeOfUrl } from '../model/url.ts';
import type { Excluder } from '../verify/exclude.ts';
import { folderOf, inFolder, literalPart, matcherIn } from '../verify/paths.ts';
import { outerGlob } from '../verify/policy/plan.ts';
import type { Listed } from '../verify/several.ts';

/** A file to look at. */
export interface Candidate {
  readonly path: string;
  /** The same from the root of the file system. */
  readonly place: string;
  /** Whether it was given or a glob names it, so that it is never skipped; what is met in a folder may be. */
  readonly named: boolean;
  /** Whether nothing but a checksum list names it. */
  readonly onlyListed: boolean;
  /** What it is, where it is no file that is read: a pipe, a link that leads elsewhere. */
  readonly other: PassedOver | null;
  /** Why it can't be read. */
  readonly error: BinspectError | null;
  /** Whether it holds container images, which have entries of their own: of the file itself only rules about bytes are asked. */
  readonly image?: true;
  /** Where it is no local file: then `place` is the URL, as people read it. */
  readonly url?: URL;
}

/** Files by their place, in the order in which they were met. */
export type Candidates = Map<string, Candidate>;

/** Places as they were first met, by their small letters. */
type Known = Map<string, string>;

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
  /** What was read, for who checks the list itself; null where it can't be read. */
  readonly bytes: Uint8Array | null;
}

export interface Gathering {
  /** The folder that globs and the list are relative to. */
  readonly base: string;
  /** Places met so far, for systems to which capitals are small letters. */
  readonly known: Known;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** What is left out of walked folders, by its path below them; null where nothing is. */
  readonly exclude: Excluder | null;
  /** The folders that are walked, by their places. */
  readonly folders: Map<string, string>;
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

function add(candidates: Candidates, names: Known, { path, named = false, onlyListed = false, other = null, error = null, url }: Partial<Candidate> & Pick<Candidate, 'path'>): void {
  const place = url === undefined ? knownPlace(absolutePath(path), names) : placeOfUrl(url.href);
  const known = candidates.get(place);
  if (known === undefined) candidates.set(place, { path, place, named, onlyListed, other, error, ...(url === undefined ? {} : { url }) });
  else if (named && !known.named) candidates.set(place, { ...known, named: true });
}

/** A file, a folder or a URL that was given. */
export async function addGiven(given: string | URL, candidates: Candidates, gathering: Gathering): Promise<void> {
  if (given instanceof URL && given.protocol !== 'file:') return add(candidates, gathering.known, { path: given.href, named: true, url: given });
  const path = given instanceof URL ? pathOfUrl(given) : given;
  const stats = await attempt(() => statPath(path));
  if (stats instanceof BinspectError) add(candidates, gathering.known, { path, named: true, error: await isInside(path) ? null : stats });
  else if (stats.kind === 'folder' && !(await isLayoutFolder(path))) await addFolder(path, null, candidates, gathering);
  else add(candidates, gathering.known, { path, named: true });
}

/** The files that a glob names. That there may be none is seen later. */
export async function addGlob(glob: string, candidates: Candidates, gathering: Gathering): Promise<void> {
  const outer = outerGlob(glob);
  if (outer !== null) await addGlob(outer, candidates, gathering); // the archives whose members it names
  const { folder, pattern } = literalPart(glob);
  const path = inFolder(gathering.base, folder);
  if (!pattern && candidates.has(knownPlace(absolutePath(path), gathering.known))) return add(candidates, gathering.known, { path, named: true }); // it was met already
  const stats = await attempt(() => statPath(path));
  if (stats instanceof BinspectError) {
    if (!isMissing(stats)) add(candidates, gathering.known, { path, named: true, error: stats });
  } else if (!pattern) {
    if (stats.kind !== 'folder') add(candidates, gathering.known, { path, named: true });
  } else if (stats.kind === 'folder') await addFolder(path, matcherIn(absolutePath(gathering.base), glob), candidates, gathering);
}

/** Whether a folder is an OCI layout: a container image, which is looked at as one. */
async function isLayoutFolder(path: string): Promise<boolean> {
  return (await fileSize(pathIn(path, 'oci-layout'))) !== null && (await fileSize(pathIn(path, 'index.json'))) !== null;
}

/** Whether a path leads into an archive that is there: `app.tar.gz!/bin/app`. What is in it is seen when it is read. */
async function isInside(path: string): Promise<boolean> {
  for (let at = path.indexOf('!/'); at !== -1; at = path.indexOf('!/', at + 2)) {
    const stats = at === 0 ? null : await attempt(() => statPath(path.slice(0, at)));
    if (stats !== null && !(stats instanceof BinspectError) && (stats.kind === 'file' || (await isLayoutFolder(path.slice(0, at))))) return true;
  }
  return false;
}

function isMissing({ cause }: BinspectError): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
}

/** What lies in a folder, or what of it a glob names: links and pipes too, which are not followed but are there. */
async function addFolder(folder: string, glob: ((place: string) => boolean) | null, candidates: Candidates, gathering: Gathering): Promise<void> {
  const { signal, exclude, folders } = gathering;
  const onFolder = (path: string): void => void folders.set(absolutePath(path), path);
  const failure = await attempt(async () => {
    for await (const entry of walk(folder, { signal, exclude, onFolder: glob === null ? onFolder : undefined })) {
      const { path, passedOver } = entry;
      if (passedOver === 'excluded') continue;
      const unreadable = passedOver === 'unreadable'; // a folder, in which anything may be
      if (glob !== null && !unreadable && !glob(absolutePath(path))) continue;
      const named = glob !== null || unreadable;
      if (passedOver === null) add(candidates, gathering.known, { path, named });
      else add(candidates, gathering.known, { path, named, other: passedOver, error: entry.error ?? new BinspectError('io', `is a ${passedOver}, which is not followed`, { path }) });
    }
    return null;
  });
  if (failure !== null) add(candidates, gathering.known, { path: folder, named: true, error: failure });
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

/** What a shell hands over already open: `<(…)`, standard input. Somebody writes to it, which of any other pipe nobody knows. */
const HANDED_OVER = /^\/dev\/(fd\/\d+|stdin)$|^\/proc\/self\/fd\/\d+$/;

/** The bytes of a list: of a file, or of a pipe that is handed over. */
async function readList(path: string): Promise<Uint8Array> {
  const piped = HANDED_OVER.test(path) && (await statPath(path)).kind === 'pipe';
  return piped ? bytesOfStream(await streamOf(path), LARGEST_LIST, path) : readWhole(path, LARGEST_LIST);
}

/** Reads a checksum list. Files that it lists and that are there become candidates, where it has to be held against all that is there. */
export async function addListed({ file, coverage = 'both' }: PolicySums, candidates: Candidates, gathering: Gathering): Promise<Sums> {
  const { base, known } = gathering;
  const url = isHttpUrl(file) ? new URL(file) : null;
  const path = url === null ? slashed(inFolder(slashed(base), slashed(file))) : url.href;
  const place = url === null ? knownPlace(absolutePath(path), known) : placeOfUrl(url.href);
  const listed = new Map<string, Listed[]>();
  const missing: (Listed & { path: string })[] = [];
  const kind = url === null ? await attempt(() => statPath(path)) : null;
  const isFile = kind === null || kind instanceof BinspectError || kind.kind === 'file'; // names in a pipe are relative to the policy, or to where one stands
  const mustList = coverage !== 'listed';
  const bytes = await attempt(() => url === null ? readList(path) : fetchList(url, gathering));
  if (bytes instanceof BinspectError) return { path, place, error: bytes, listed, mustList, missing, malformed: [], bytes: null };
  const list = await attempt(async () => parseChecksums(bytes, { file: path, mixed: true }));
  if (list instanceof BinspectError) return { path, place, error: list, listed, mustList, missing, malformed: [], bytes };
  for (const { line, name, digest } of list.entries) {
    const entry = { digest, from: `${path} line ${line}` };
    const found = url === null ? await locate(name, isFile ? [folderOf(path), base] : [base], candidates) : await locateRemote(name, place, base, candidates);
    if (found === null) {
      if (coverage !== 'present') missing.push({ ...entry, path: url === null ? pathIn(isFile ? folderOf(path) : base, name) : new URL(encodeURI(name), url).href });
      continue;
    }
    const its = candidates.has(found) ? found : knownPlace(absolutePath(found), known);
    const others = listed.get(its);
    if (others === undefined) listed.set(its, [entry]);
    else others.push(entry);
    if (coverage !== 'present' && !candidates.has(its)) add(candidates, gathering.known, { path: found, onlyListed: true });
  }
  const malformed = list.malformed.map(({ line, message }) => ({ from: `${path} line ${line}`, message }));
  const error = list.entries.length > 0 ? null : new BinspectError('malformed', 'no line says the SHA-256 of a file', { path });
  return { path, place, error, listed, mustList, missing, malformed, bytes };
}

/** Where a file that a list names is: below the first of the folders that has it. Null where none has. */
async function locate(name: string, folders: readonly string[], candidates: Candidates): Promise<string | null> {
  for (const folder of folders) {
    const path = pathIn(folder, name);
    if (candidates.has(absolutePath(path))) return path;
    const stats = await attempt(() => statPath(path));
    if (!(stats instanceof BinspectError) && stats.kind !== 'folder') return path;
    if (stats instanceof BinspectError && (await isInside(path))) return path;
  }
  return null;
}

/** A list behind a URL. What fetches is loaded for it. */
async function fetchList(url: URL, { limits, signal }: Gathering): Promise<Uint8Array> {
  const { fetchBytes } = await import('../bytes/source-http.ts');
  const { stallMilliseconds, spooledBytes } = { ...LIMITS, ...limits };
  return fetchBytes(url, LARGEST_LIST, { stallMilliseconds, spooledBytes, signal });
}

/** Where a file is that a list behind a URL names: beside the list, in the folder where one stands, or the one file of that name that was given. Null where there is none. */
async function locateRemote(name: string, list: string, base: string, candidates: Candidates): Promise<string | null> {
  const beside = `${folderOf(list)}/${name}`;
  if (candidates.has(beside)) return beside;
  const local = await locate(name, [base], candidates);
  if (local !== null) return local;
  const given = [...candidates.values()].filter(({ place }) => place.endsWith(`/${name}`));
  return given.length === 1 ? (given[0] as Candidate).place : null;
}
