// SHA-256 of whole files: two large buffers take turns, one is filled while the other is hashed.

import type { Hash } from 'node:crypto';
import { BinspectError, refuseAborted } from '../errors.ts';
import type { RunningDigest } from './codecs.ts';
import { inChunks } from './search.ts';
import type { Scan, Stretch } from './search.ts';
import { FileSource } from './source-file.ts';
import { readFrom } from './source.ts';
import type { ByteSource, SyncSource } from './source.ts';

const CHUNK = 2 * 1024 * 1024; // going round the event loop costs 40 µs: 7 % of the hashing at 1 MiB, 4 % here; and two such buffers are not too much memory
const FIRST_CHUNK = 256 * 1024; // until it is here nothing can be hashed; each chunk after it may be four times as large
const SYNC_CHUNK = 512 * 1024; // read and hashed by one thread, bytes should still lie in its cache
const UNSIZED_CHUNK = 64 * 1024; // for a file that says it is empty: those under /proc do so and are not

/** A new hash. Node's module is taken when something is hashed, not when this one is loaded: it takes 3 ms of a start. */
function createHash(algorithm: 'sha1' | 'sha256' | 'sha384'): Hash {
  return process.getBuiltinModule('node:crypto').createHash(algorithm);
}

export interface DigestOptions {
  /** Ends the work between two chunks: rejects with a BinspectError `aborted` whose cause is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each chunk with the bytes hashed so far and in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Bytes read at once; a large file takes two buffers of this size. */
  readonly chunk?: number | undefined;
}

/** Hands over the bytes at a position, as many as it likes; none only at the end. What it gave is its own again at the call after the next. */
type Pull = (at: number) => Promise<Uint8Array>;

const NOTHING = new Uint8Array(0);
const END = Promise.resolve(NOTHING);

function shrank(source: { size: number }, offset: number): BinspectError {
  const path = source instanceof FileSource ? source.path : undefined;
  return new BinspectError('truncated', `the file shrank while it was read: it had ${source.size} bytes and ended at ${offset}`, { offset, path });
}

function grew({ size, path }: FileSource): BinspectError {
  return new BinspectError('io', `the file grew while it was read: it had ${size} bytes`, { offset: size, path });
}

function written({ path }: FileSource): BinspectError {
  return new BinspectError('io', 'the file was written to while it was read', { path });
}

/** Lower-case hex SHA-256 of bytes in memory. */
export function digestBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A SHA-256 that bytes are given to as they come. */
export function runningDigest(): RunningDigest {
  const hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => hash.digest('hex'),
  };
}

/** Lower-case hex SHA-256 of a stream, and how many bytes it had. */
export async function digestStream(chunks: AsyncIterable<Uint8Array>, { signal, onProgress }: DigestOptions = {}): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of chunks) {
    refuseAborted(signal);
    hash.update(chunk);
    size += chunk.length;
    onProgress?.(size, size);
  }
  return { sha256: hash.digest('hex'), size };
}

/** A pass that gives the lower-case hex digest of a stretch of a source. Throws `truncated` where the source ends before it. */
export function* digestStretch(stretch: Stretch, algorithm: 'sha1' | 'sha256' | 'sha384'): Scan<string> {
  const hash = createHash(algorithm);
  let left = stretch.length;
  yield* inChunks(stretch, 0, (bytes) => {
    hash.update(bytes);
    left -= bytes.length;
  });
  if (left > 0) throw new BinspectError('truncated', `${stretch.length} bytes were to be hashed, ${left} of them are gone: the file shrank while it was read`);
  return hash.digest('hex');
}

type Buffers = [Uint8Array | null, Uint8Array | null];

let spare: WeakRef<Buffers> | null = null; // the last large file's buffers, for the next one, unless the collector wanted them

function takeSpare(chunk: number): Buffers | null {
  const buffers = spare?.deref();
  if (buffers?.[0]?.length !== chunk) return null;
  spare = null;
  return buffers;
}

/** How much to read at once: one byte more than the file has, so that growth shows, or a chunk. */
function chunkFor({ size }: FileSource, most: number): number {
  return size === 0 ? UNSIZED_CHUNK : Math.min(most, size + 1);
}

/** Pulls a file into buffers that take turns. `release` lends them to the next file. */
function pullFile(source: FileSource, chunk: number): { pull: Pull; release: () => void } {
  const wanted = chunkFor(source, chunk);
  const large = wanted === chunk;
  const buffers: Buffers = (large ? takeSpare(chunk) : null) ?? [null, null];
  let turn = 0;
  let length = Math.min(wanted, FIRST_CHUNK);
  let ended = false;
  const pull = (at: number): Promise<Uint8Array> => {
    if (ended) return END;
    turn = 1 - turn;
    const whole = (buffers[turn] ??= Buffer.allocUnsafeSlow(wanted));
    const buffer = length === wanted ? whole : whole.subarray(0, length);
    length = Math.min(wanted, 4 * length);
    return source.readInto(buffer, at).then((count) => {
      ended = count === 0 || (count < buffer.length && at + count === source.size); // less than was wanted, and just where the end should be
      return count === buffer.length ? buffer : buffer.subarray(0, count);
    });
  };
  const release = (): void => {
    if (large) spare = new WeakRef(buffers);
  };
  return { pull, release };
}

/** Pulls from any other source: its bytes are its own, and it is not asked for more than it says it has. */
function pullRange(source: ByteSource, signal: AbortSignal | undefined): Pull {
  return async (at) => {
    const length = Math.min(CHUNK, source.size - at);
    if (length === 0) return NOTHING;
    const bytes = await readFrom(source, at, length, signal);
    if (bytes.length !== length) throw shrank(source, at + bytes.length);
    return bytes;
  };
}

/**
 * Lower-case hex SHA-256 of all bytes of a source. The event loop is never kept longer than one chunk takes.
 * Throws `aborted`, `io` (also for a file that grows or is written to meanwhile), and `truncated` for one that shrinks.
 */
export async function digest(source: ByteSource, options: DigestOptions = {}): Promise<string> {
  const hash = createHash('sha256');
  await stream(source, (bytes) => hash.update(bytes), options);
  return hash.digest('hex');
}

/** Takes a stretch of a source, which lies at `at`. The bytes are not the caller's to keep. */
export type Take = (bytes: Uint8Array, at: number) => void;

/** Hands over all bytes of a source in their order, as `digest` reads them. Throws what `digest` throws. */
export async function stream(source: ByteSource, take: Take, options: DigestOptions = {}): Promise<void> {
  if (!(source instanceof FileSource)) return pullThrough(source, pullRange(source, options.signal), take, options);
  const { pull, release } = pullFile(source, options.chunk ?? CHUNK);
  await pullThrough(source, pull, take, options);
  release();
  if (source.changed()) throw written(source);
}

/** All bytes of a source through `tap` and, where `hash` says so, into its SHA-256, which is null otherwise. */
export async function digestTapped(source: ByteSource, tap: Take, hash: boolean, options: DigestOptions = {}): Promise<string | null> {
  const whole = hash ? createHash('sha256') : null;
  const take: Take = (bytes, at) => {
    whole?.update(bytes);
    tap(bytes, at);
  };
  await stream(source, take, options);
  return whole?.digest('hex') ?? null;
}

/** The same, at once. */
export function digestTappedSync(source: SyncSource, tap: Take, hash: boolean, options: SyncDigestOptions = {}): string | null {
  const whole = hash ? createHash('sha256') : null;
  const take: Take = (bytes, at) => {
    whole?.update(bytes);
    tap(bytes, at);
  };
  streamSync(source, take, options);
  return whole?.digest('hex') ?? null;
}

async function pullThrough(source: ByteSource, pull: Pull, take: Take, { signal, onProgress }: DigestOptions): Promise<void> {
  refuseAborted(signal);
  let at = 0;
  let next = pull(0);
  try {
    for (;;) {
      const bytes = await next;
      refuseAborted(signal);
      if (bytes.length === 0) break;
      next = pull(at + bytes.length);
      refuseDifference(source, bytes, at);
      take(bytes, at);
      at += bytes.length;
      refuseGrowth(source, at);
      onProgress?.(at, source.size);
    }
  } finally {
    await next.catch(() => {}); // nobody is to close the file under a read
  }
  if (at < source.size) throw shrank(source, at);
}

/** Growth is reported at once: a file that is written to without end would never be done. */
function refuseGrowth(source: { size: number }, at: number): void {
  if (source instanceof FileSource && source.size > 0 && at > source.size) throw grew(source);
}

/** What was said of the headers and the digest are of one content: a writer can leave no trace in a file's times. */
function refuseDifference(source: object, bytes: Uint8Array, at: number): void {
  if (source instanceof FileSource && source.differs(bytes, at)) throw written(source);
}

/** What `digestSync` may be given beside the source. */
export interface SyncDigestOptions {
  /** As for `digest`; what it throws ends the work. */
  readonly onProgress?: DigestOptions['onProgress'];
  /** Room to read files into, from `digestBuffer`; saves allocating it for each. */
  readonly buffer?: Uint8Array;
}

/** A buffer as `digestSync` likes it. */
export function digestBuffer(): Uint8Array {
  return Buffer.allocUnsafeSlow(SYNC_CHUNK);
}

/** The same at once: reading and hashing by turns, in chunks that stay in the processor's cache. */
export function digestSync(source: SyncSource, options: SyncDigestOptions = {}): string {
  const hash = createHash('sha256');
  streamSync(source, (bytes) => hash.update(bytes), options);
  return hash.digest('hex');
}

function streamSync(source: SyncSource, take: Take, { onProgress, buffer }: SyncDigestOptions): void {
  const file = source instanceof FileSource ? source : null;
  const room = file === null ? NOTHING : (buffer ?? Buffer.allocUnsafeSlow(chunkFor(file, SYNC_CHUNK)));
  const pull = (at: number): Uint8Array =>
    file === null ? source.readSync(at, Math.min(SYNC_CHUNK, source.size - at)) : room.subarray(0, file.readIntoSync(room, at));
  let at = 0;
  for (let ended = false; !ended; ) {
    const bytes = pull(at);
    refuseDifference(source, bytes, at);
    take(bytes, at);
    at += bytes.length;
    refuseGrowth(source, at);
    onProgress?.(at, source.size);
    ended = bytes.length === 0 || (at === source.size && (file === null || bytes.length < room.length));
  }
  if (at < source.size) throw shrank(source, at);
  if (file !== null && file.changed()) throw written(file);
}
