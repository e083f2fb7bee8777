// One file: opened, examined, closed. What checks signatures is loaded where it is asked for.

import { digest, digestBuffer, digestStretch, digestSync, digestTapped } from '../bytes/digest.ts';
import type { InspectInput, Opened } from '../bytes/given.ts';
import { readSync } from '../bytes/input.ts';
import { openSync } from '../bytes/open.ts';
import { scanAsync } from '../bytes/search.ts';
import { FileSource } from '../bytes/source-file.ts';
import type { ByteSource, SyncSource } from '../bytes/source.ts';
import { BinspectError, refuseAborted } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Inspection } from '../model/binary.ts';
import { checkOptions } from '../model/options.ts';
import { complete, examine, INSPECT_OPTIONS, inspectionOf, limitsOf, readerOf } from './examine.ts';
import type { Digests, HashOptions, InspectOptions, Tap } from './examine.ts';
import { openInput } from './open-input.ts';

const DIGESTS: Digests = {
  whole: digest,
  part: (source, stretch, algorithm, signal) => scanAsync(source, stretch, digestStretch({ at: 0, length: stretch.length }, algorithm), signal),
  tapped: tappedBeside,
  signatures: async (option) => (option === undefined || option === false ? null : (await import('../signature/embedded.ts')).signaturePasses(option)), // loaded where it is used
};

/** Files from here on have their SHA-256 computed by a thread of its own while this one takes what streams by: both are limited by the processor. */
const BESIDE = 64 * 1024 * 1024;

/** As `digestTapped`; of a large file the digest comes from a worker thread, where there is a processor for it. */
async function tappedBeside(source: ByteSource, tap: Tap, hash: boolean, options: HashOptions): Promise<string | null> {
  if (!hash || !(source instanceof FileSource) || source.size < BESIDE) return digestTapped(source, tap, hash, options);
  const workers = await (await import('../bytes/hash-pool.ts')).startWorkers(options.signal, 1); // loaded where it is used
  if (workers === null) return digestTapped(source, tap, hash, options);
  try {
    const digested = workers.digest(source.path);
    digested.catch(() => {}); // it is awaited below; until then a failure is nobody's
    workers.flush();
    await digestTapped(source, tap, false, options);
    const found = await digested;
    if (found.error !== null) throw found.error;
    if (found.size === source.size && found.modified === source.modified && found.changedAt === source.changedAt) return found.sha256;
    throw new BinspectError('io', 'the file was written to while it was read', { path: source.path });
  } finally {
    await workers.end();
  }
}

/**
 * Says what a file is. Reads its headers and tables, never the whole file; with `hash` it is read once more, in a stream.
 * Rejects with a BinspectError: `unrecognized`, `unsupported` (with `detected`), `truncated`, `malformed`, `io`, `aborted`, …
 *
 * @example
 * const { format, binaries } = await inspect('app', { hash: true });
 * console.log(format, binaries.map(({ platform }) => platform.go)); // elf [ 'linux/amd64' ]
 */
export async function inspect(input: InspectInput, options: InspectOptions = {}): Promise<Inspection> {
  checkOptions(options, INSPECT_OPTIONS);
  const limits = limitsOf(options);
  const opened = await named(pathOf(input), () => openInput(input, options));
  try {
    return await inspectOpened(opened, options, limits);
  } catch (error) {
    if (error instanceof BinspectError && error.container !== undefined) await refineContainer(error, opened, limits, options.signal);
    throw error;
  } finally {
    await opened.close();
  }
}

/** Says more finely which archive it is: what that takes is loaded for it. */
async function refineContainer(error: BinspectError, { source, path }: Opened<ByteSource>, limits: Limits, signal: AbortSignal | undefined): Promise<void> {
  const { containerWord } = await import('../archives/container-word.ts');
  const { NODE_CODECS } = await import('../bytes/inflate-node.ts');
  const word = await containerWord(source, path?.split(/[/\\]/).at(-1) ?? '', NODE_CODECS, limits, signal);
  if (word !== null) error.container = word;
}

/** The same for a source that is open already. `limits` are those of the options. */
export function inspectOpened(opened: Opened<ByteSource>, options: InspectOptions, limits: Limits): Promise<Inspection> {
  return named(opened.path, () => examine(opened, options, limits, DIGESTS));
}

/** Files up to here are hashed at once: that takes half a millisecond, where going round the event loop takes a tenth. */
const AT_ONCE = 512 * 1024;
let room: Uint8Array | null = null; // for all of them

/** A file that was read, and when it was last written to, in milliseconds since 1970. */
export interface InspectedFile {
  readonly inspection: Inspection;
  readonly modified: number;
  /** When anything about it was last changed, likewise. */
  readonly changedAt: number;
}

/**
 * The same for one of many local files: its headers are read at once, as that takes microseconds, and only what has to be searched
 * or takes long to be hashed is awaited.
 */
export function inspectFile(path: string, options: InspectOptions): InspectedFile | Promise<InspectedFile> {
  const limits = limitsOf(options);
  refuseAborted(options.signal);
  const { source } = openSync(path);
  const { modified, changedAt } = source instanceof FileSource ? source : { modified: 0, changedAt: 0 };
  let open = true;
  try {
    if (options.signatures !== undefined && options.signatures !== false) {
      open = false;
      if (source instanceof FileSource) source.keepSeen();
      return named(path, () => examine({ source, path, bytes: null, close: async () => {} }, options, limits, DIGESTS))
        .then((inspection) => ({ inspection, modified, changedAt }))
        .finally(() => close(source));
    }
    const found = readSync(source, readerOf(options, null), limits);
    if (found.passes.length === 0 && (options.hash !== true || source.size <= AT_ONCE)) {
      const sha256 = options.hash === true ? digestSync(source, { onProgress: options.onProgress, buffer: (room ??= digestBuffer()) }) : null;
      return { inspection: inspectionOf(path, source.size, sha256, found, found.binaries), modified, changedAt };
    }
    open = false;
    if (source instanceof FileSource) source.keepSeen();
    return named(path, () => complete(source, path, found, options, DIGESTS))
      .then((inspection) => ({ inspection, modified, changedAt }))
      .finally(() => close(source));
  } catch (error) {
    throw withPath(error, path);
  } finally {
    if (open) close(source);
  }
}

/** Closes a source that holds a file. */
export function close(source: SyncSource): void {
  if (source instanceof FileSource) source.closeSync();
}

function pathOf(input: InspectInput): string | null {
  return typeof input === 'string' ? input : input instanceof URL ? input.href : null;
}

/** An error of this library, with the path that it belongs to. */
export function withPath(error: unknown, path: string | null): unknown {
  if (error instanceof BinspectError && path !== null) error.path ??= path;
  return error;
}

async function named<T>(path: string | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw withPath(error, path);
  }
}
