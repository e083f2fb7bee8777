// Many files: paths and folders in, one answer after the other out, in a stable order; one bad file never ends it.

import { fileSize, pathIn, statPath, walk } from '../bytes/folder.ts';
import type { Workers } from '../bytes/hash-pool.ts';
import { pathOfUrl } from '../bytes/source-file.ts';
import { StartDelay } from '../bytes/start-delay.ts';
import { BinspectError } from '../errors.ts';
import { INSPECT_OPTIONS, limitsOf } from '../inspect/examine.ts';
import type { InspectOptions } from '../inspect/examine.ts';
import { inspect, inspectFile, inspectOpened } from '../inspect/inspect-file.ts';
import type { InspectedFile } from '../inspect/inspect-file.ts';
import { mayBeInside, openInput } from '../inspect/open-input.ts';
import type { Inspection } from '../model/binary.ts';
import type { ContainerItem } from '../model/container.ts';
import type { Image } from '../model/image.ts';
import { checkOptions, pickOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';
import { excluderOf } from '../verify/exclude.ts';

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

/** One file's answer: `'error' in item` says which. */
export type ScanItem = ScannedFile | ScanFailure;

/** What `scan` may be told: the same for every file. */
export interface ScanOptions extends InspectOptions {
  /** Called for everything in a folder that is no binary, with the reason. */
  readonly onSkip?: ((path: string, reason: string) => void) | undefined;
  /**
   * Globs of what is left out in folders: without `/` a name at any depth ('node_modules', '*.map'), with `/` a path below the folder. An
   * excluded folder is not looked into. Paths that are given are never left out.
   */
  readonly exclude?: readonly string[] | undefined;
  /** With `hash`: bytes up to which what a URL leads to is fetched whole for its SHA-256; of anything larger it is null. Default: no bound. */
  readonly remoteHashBytes?: number | undefined;
}

/** The same, where archives may be read from inside. */
export interface ArchiveScanOptions extends ScanOptions {
  /**
   * Whether archives are read from inside: 'never' (default), 'named': those that are given as paths, 'all': also those in folders. The items of one
   * are then those of `inspectMembers`, its own (`'container' in item`) behind its members'.
   */
  readonly archives: 'never' | 'named' | 'all';
  /** Not here: with it, what comes are images too. */
  readonly images?: never;
}

/** The same, where container images are reported as images. */
export interface ImageScanOptions extends Omit<ArchiveScanOptions, 'images'> {
  /**
   * Whether archives that are opened and hold container images, and named folders that are OCI layouts, come as their images (`'image' in item`), one for each
   * platform; default false.
   */
  readonly images: true;
}

/** A container image: one platform of it. */
export interface ImageItem {
  /** As it is shown: `image.tar!/linux/arm64`. */
  readonly path: string;
  /** What it is. */
  readonly image: Image;
}

type AnyOptions = ScanOptions & Partial<ImageScanOptions>;
const SCAN_OPTIONS: OptionKinds<AnyOptions> = { ...INSPECT_OPTIONS, onSkip: 'function', exclude: 'any', archives: 'any', images: 'any', remoteHashBytes: 'any' };

/** How archives are packed that may hold images. */
const IMAGE_CONTAINERS: ReadonlySet<string> = new Set(['tar', 'gz', 'xz', 'zst', 'tar.gz', 'tar.xz', 'tar.zst', 'oci-layout', 'docker-archive']);

/** How many files are read at once: enough to hide the wait for one behind the work on another. Each is open, and has a buffer. */
const AHEAD = 8;

/** How many are under way where worker threads hash: enough to keep them busy beside a large one. What was read of a file is small. */
const AHEAD_OF_WORKERS = 512;

/** Milliseconds of work after which others get their turn. */
const TURN = 10;

/** A path to look at, and whether it was met in a folder. */
interface Candidate {
  readonly path: string;
  readonly walked: boolean;
  /** Where it is no local file. */
  readonly url?: URL;
}

/** Something in a folder that is no binary. */
interface Skipped {
  readonly path: string;
  readonly skipped: string;
}

/** An archive, or a folder that is an OCI layout, whose members are to be told in its place. */
interface Archive {
  readonly path: string;
  /** Why it is no single file; null for a folder. */
  readonly archive: BinspectError | null;
  readonly url?: URL | undefined;
  /** Whether what is behind the URL is hashed. */
  readonly hashed?: boolean | undefined;
}

type Answer = ScanItem | Skipped | Archive;

/** A place in the order, with its answer once that is there. */
interface Place {
  answer: Answer | null;
  readonly settled: Promise<Answer> | null;
}

/**
 * Inspects files, and everything in folders: paths in the order given (they are taken as they are wanted, so there may be any number), a folder's files in the order of their names' bytes.
 * What in a folder is no binary is skipped; a path that was given never is. Hashing is begun in this thread; once the work
 * has lasted a while worker threads do it, unless `onProgress` wants to see it. Rejects with `aborted` only.
 *
 * @example
 * for await (const item of scan(['dist'])) console.log(item.path, 'error' in item ? item.error.code : item.inspection.format);
 */
export function scan(paths: Iterable<string | URL> | AsyncIterable<string | URL>, options: ArchiveScanOptions): AsyncGenerator<ScanItem | ContainerItem, void, undefined>;
/** The same; container images come as images. */
export function scan(paths: Iterable<string | URL> | AsyncIterable<string | URL>, options: ImageScanOptions): AsyncGenerator<ScanItem | ContainerItem | ImageItem, void, undefined>;
/** The same; of an archive nothing but that it is one. */
export function scan(paths: Iterable<string | URL> | AsyncIterable<string | URL>, options?: ScanOptions): AsyncGenerator<ScanItem, void, undefined>;
/** All of them. */
export async function* scan(paths: Iterable<string | URL> | AsyncIterable<string | URL>, options: AnyOptions = {}): AsyncGenerator<ScanItem | ContainerItem | ImageItem, void, undefined> {
  checkOptions(options, SCAN_OPTIONS);
  const { archives } = options;
  if (archives !== undefined && !['never', 'named', 'all'].includes(archives)) throw new BinspectError('invalid-argument', `archives is 'never', 'named' or 'all', not ${JSON.stringify(archives)}`);
  for await (const answer of answers(paths, options)) {
    if ('skipped' in answer) options.onSkip?.(answer.path, answer.skipped);
    else if ('archive' in answer) yield* members(answer, options);
    else yield answer;
  }
}

/** The items of an archive; what can't be opened at all is one failure. */
async function* members({ path, archive, url, hashed }: Archive, asked: AnyOptions): AsyncGenerator<ScanItem | ContainerItem | ImageItem, void, undefined> {
  const options = hashed === undefined ? asked : { ...asked, hash: hashed };
  const { inspectMembers } = await import('./inspect-members.ts'); // loaded where there is one
  try {
    const word = archive?.container ?? 'tar';
    if (options.images === true && IMAGE_CONTAINERS.has(word)) {
      const images = await (await import('./images.ts')).imagesIn(url ?? path, { ...pickOptions<InspectOptions>(options, INSPECT_OPTIONS), digests: options.hash === true, onSkip: options.onSkip });
      if (images !== null) {
        for await (const image of images) yield { path: image.path, image };
        return;
      }
    }
    yield* inspectMembers(url ?? path, { ...pickOptions<InspectOptions>(options, INSPECT_OPTIONS), onSkip: options.onSkip });
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code === 'aborted') throw error;
    yield { path, error: archive !== null && (error.code === 'unrecognized' || error.code === 'unsupported') ? archive : error };
  }
}

/** What is said of each file, in order. */
async function* answers(paths: Iterable<string | URL> | AsyncIterable<string | URL>, options: AnyOptions): AsyncGenerator<Answer, void, undefined> {
  const line: Place[] = [];
  const reading: Promise<unknown>[] = [];
  const unhashed = { ...options, hash: false };
  let delay = options.hash === true && options.onProgress === undefined && isOff(options.signatures) ? new StartDelay() : null; // null where nobody is to be hired any more
  let workers: Workers | null = null;
  let turn = Date.now() + TURN;
  try {
    for await (const candidate of candidates(paths, options)) {
      if (delay?.isOver === true) {
        delay.end();
        delay = null;
        workers = await (await import('../bytes/hash-pool.ts')).startWorkers(options.signal); // loaded where there is much to do
      }
      const place = placeOf('walked' in candidate ? item(candidate, workers === null ? options : unhashed, workers, reading) : candidate);
      line.push(place);
      if (reading.length >= AHEAD) await reading.shift();
      if (place.settled !== null) await delay?.suffices(place.settled.catch(() => {}));
      const ahead = workers === null ? AHEAD : AHEAD_OF_WORKERS;
      for (let first = line[0]; first !== undefined && (first.answer !== null || line.length >= ahead); first = line[0]) {
        if (first.answer === null) workers?.flush(); // it may be among those that wait to be sent
        yield await answerOf(first);
        line.shift();
      }
      if (Date.now() < turn) continue;
      workers?.flush();
      await new Promise((resolve) => setImmediate(resolve));
      turn = Date.now() + TURN;
    }
    workers?.flush();
    for (const place of line) yield await answerOf(place);
  } finally {
    delay?.end();
    await workers?.end();
  }
}

/** Whether no signatures are checked: where they are, each file is hashed in the stream that this takes. */
function isOff(signatures: ScanOptions['signatures']): boolean {
  return signatures === undefined || signatures === false;
}

function placeOf(answer: Answer | Promise<Answer>): Place {
  if (!(answer instanceof Promise)) return { answer, settled: null };
  const place: Place = { answer: null, settled: answer };
  answer.then(
    (settled) => {
      place.answer = settled;
    },
    () => {}, // it is awaited in its turn; until then an abort is nobody's
  );
  return place;
}

function answerOf({ answer, settled }: Place): Answer | Promise<Answer> {
  return answer ?? (settled as Promise<Answer>);
}

/** What is to be inspected, what of it can't even be listed, and what is no regular file. */
async function* candidates(paths: Iterable<string | URL> | AsyncIterable<string | URL>, { signal, exclude = [], images }: AnyOptions): AsyncGenerator<Candidate | ScanFailure | Skipped | Archive> {
  const excluder = excluderOf(exclude);
  for await (const given of typeof paths === 'string' || paths instanceof URL ? [paths] : paths) { // a text is a list of its characters, which nobody means
    if (given instanceof URL && given.protocol !== 'file:') {
      yield { path: given.href, walked: false, url: given };
      continue;
    }
    const path = given instanceof URL ? pathOfUrl(given) : given;
    try {
      const folder = (await statPath(path)).kind === 'folder';
      if (!folder) {
        yield { path, walked: false };
        continue;
      }
      if (images === true && (await fileSize(pathIn(path, 'oci-layout'))) !== null && (await fileSize(pathIn(path, 'index.json'))) !== null) {
        yield { path, archive: null };
        continue;
      }
      for await (const entry of walk(path, { signal, exclude: excluder })) {
        if (entry.passedOver === null) yield { path: entry.path, walked: true };
        else if (entry.passedOver === 'unreadable' && entry.error !== null) yield { path: entry.path, error: entry.error };
        else yield { path: entry.path, skipped: entry.passedOver };
      }
    } catch (error) {
      if (!(error instanceof BinspectError) || error.code === 'aborted') throw error;
      if (mayBeInside(path)) yield { path, walked: false };
      else yield { path, error };
    }
  }
}

/** One file's answer; `workers` hash it, where the options don't. What is still being read of it comes to `reading`, and never rejects there. Throws `aborted` only. */
function item(candidate: Candidate, options: AnyOptions, workers: Workers | null, reading: Promise<unknown>[]): Answer | Promise<Answer> {
  const { path, url } = candidate;
  if (url !== undefined) {
    const inspected = remote(url, options, options.hash === true || workers !== null);
    reading.push(inspected.catch(() => {}));
    return inspected.then((answer) => ('error' in answer ? failure(candidate, answer.error, options, answer.hashed) : answer));
  }
  try {
    const inspected = inspectFile(path, options);
    if (inspected instanceof Promise) reading.push(inspected.catch(() => {}));
    else if (workers === null) return { path, inspection: inspected.inspection };
    return finished(path, inspected, workers).catch((error: unknown) => failure(candidate, error, options));
  } catch (error) {
    if (mayBeInside(path) && error instanceof BinspectError && error.code === 'io') {
      const inside = inspect(path, { ...pickOptions(options, INSPECT_OPTIONS), hash: options.hash === true || workers !== null });
      reading.push(inside.catch(() => {}));
      return inside.then((inspection) => ({ path, inspection }), (inner: unknown) => failure(candidate, inner, options));
    }
    return failure(candidate, error, options);
  }
}

/** What is behind a URL. Throws `aborted` only. */
async function remote(url: URL, options: AnyOptions, hash: boolean): Promise<ScannedFile | { error: BinspectError; hashed: boolean }> {
  const { remoteHashBytes = Number.POSITIVE_INFINITY } = options;
  const path = url.href;
  let hashed = false;
  try {
    const opened = await openInput(url, options);
    try {
      hashed = hash && opened.source.size <= remoteHashBytes;
      return { path, inspection: await inspectOpened(opened, { ...pickOptions(options, INSPECT_OPTIONS), hash: hashed }, limitsOf(options)) };
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code === 'aborted') throw error;
    error.path ??= path;
    return { error, hashed };
  }
}

/** The answer to a file that is still under way, or whose digest is still to come. */
async function finished(path: string, inspected: InspectedFile | Promise<InspectedFile>, workers: Workers | null): Promise<ScannedFile> {
  const digest = workers?.digest(path);
  digest?.catch(() => {}); // what the headers tell is awaited first
  const { inspection, modified, changedAt } = await inspected;
  const found = await digest;
  if (found === undefined) return { path, inspection };
  if (found.error !== null) throw found.error;
  if (found.size !== inspection.size || found.modified !== modified || found.changedAt !== changedAt) throw new BinspectError('io', 'the file was written to while it was read', { path });
  return { path, inspection: { ...inspection, sha256: found.sha256 } };
}

/** What becomes of a file that can't be read: in a folder, what is no binary is skipped. */
function failure({ path, walked, url }: Candidate, error: unknown, { archives = 'never' }: AnyOptions, hashed?: boolean): ScanFailure | Skipped | Archive {
  if (!(error instanceof BinspectError) || error.code === 'aborted') throw error;
  const opened = archives === 'all' || (archives === 'named' && !walked);
  if (opened && (error.container !== undefined || (!walked && error.detected === 'script'))) return { path, archive: error, url, hashed }; // an archive may stand behind a script
  if (!walked || (error.code !== 'unrecognized' && error.code !== 'unsupported')) return { path, error };
  return { path, skipped: error.message };
}
