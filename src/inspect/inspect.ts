// One file: opened, examined, closed.

import { digest, digestBuffer, digestStretch, digestSync } from '../bytes/digest.ts';
import type { InspectInput, Opened } from '../bytes/given.ts';
import { readBytes, readSync } from '../bytes/input.ts';
import { openSync } from '../bytes/open.ts';
import type { PartAlgorithm } from '../bytes/pass.ts';
import { scanAsync, scanSync } from '../bytes/search.ts';
import type { Stretch } from '../bytes/search.ts';
import { FileSource } from '../bytes/source-file.ts';
import type { ByteSource, SyncSource } from '../bytes/source.ts';
import { BinspectError, refuseAborted } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Inspection } from '../model/binary.ts';
import { checkOptions } from '../model/options.ts';
import { complete, completeSync, examine, INSPECT_OPTIONS, inspectionOf, limitsOf, readerOf } from './examine.ts';
import type { Digests, InspectOptions } from './examine.ts';
import { openInput } from './open-input.ts';

const DIGESTS: Digests = {
  whole: digest,
  part: (source, stretch, algorithm, signal) => scanAsync(source, stretch, digestStretch({ at: 0, length: stretch.length }, algorithm), signal),
};

/** The digest of a part of a source, at once. */
export function digestPartSync(source: SyncSource, stretch: Stretch, algorithm: PartAlgorithm): string {
  return scanSync(source, stretch, digestStretch({ at: 0, length: stretch.length }, algorithm));
}

/**
 * Says what a file is. Reads its headers and tables, never the whole file; with `hash` it is read once more, in a stream.
 * Rejects with a BinspectError: `unrecognized`, `unsupported` (with `detected`), `truncated`, `malformed`, `io`, `aborted`, …
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

/** The same at once, for a local file or bytes. Throws what `inspect` rejects with. */
export function inspectSync(input: string | URL | Uint8Array, options: InspectOptions = {}): Inspection {
  checkOptions(options, INSPECT_OPTIONS);
  const { signal, onProgress } = options;
  const limits = limitsOf(options);
  refuseAborted(signal);
  const { source, path, bytes } = openSync(input);
  const watch = (done: number, total: number): void => {
    onProgress?.(done, total);
    refuseAborted(signal); // nothing but the caller's own function runs meanwhile that could end it
  };
  try {
    const reader = readerOf(options);
    const found = bytes === null ? readSync(source, reader, limits) : readBytes(bytes, reader, limits);
    const sha256 = (): string | null => (options.hash === true ? digestSync(source, { onProgress: watch }) : null);
    return completeSync(source, path, found, digestPartSync, sha256);
  } catch (error) {
    throw withPath(error, path);
  } finally {
    close(source);
  }
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
    const found = readSync(source, readerOf(options), limits);
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

function close(source: SyncSource): void {
  if (source instanceof FileSource) source.closeSync();
}

function pathOf(input: InspectInput): string | null {
  return typeof input === 'string' ? input : input instanceof URL ? input.href : null;
}

/** An error of this library, with the path that it belongs to. */
function withPath(error: unknown, path: string | null): unknown {
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
