// SHA-256 of many files, in their order: worker threads share them out once there is enough work to pay for starting them.

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker as Thread } from 'node:worker_threads';
import { BinspectError, refuseAborted } from '../errors.ts';
import { digest } from './digest.ts';
import { openFile } from './source-file.ts';
import { StartDelay } from './start-delay.ts';

const MOST_JOBS = 8; // by default: beyond it the disk is what all wait for
const BATCH = 64; // paths that go to the workers at once
const AHEAD = 4096; // files that may be done before the one whose turn it is, which may be large
const TICK = 100; // milliseconds between two reports of progress by workers

/** A file that was hashed. */
export interface HashedFile {
  /** As it was given. */
  readonly path: string;
  /** Bytes that were hashed. */
  readonly size: number;
  /** When the file was last written to, in milliseconds since 1970; of a stream there is no telling. */
  readonly modified?: number | undefined;
  /** When anything about the file was last changed, which nobody can set back; in the same units. */
  readonly changedAt?: number | undefined;
  /** Lower-case hex. */
  readonly sha256: string;
  /** None. */
  readonly error: null;
}

/** A file that could not be hashed. */
export interface UnhashedFile {
  /** As it was given. */
  readonly path: string;
  /** Not known. */
  readonly size: null;
  /** Not known. */
  readonly sha256: null;
  /** Why. */
  readonly error: BinspectError;
}

/** A file's digest, or why there is none. */
export type FileDigest = HashedFile | UnhashedFile;

/** How many files are hashed at a time, and who hears of it. */
export interface PoolOptions {
  /** How many files are hashed at the same time; by default as many as there are processors, at most 8. */
  readonly jobs?: number | undefined;
  /** Ends the work between two chunks: rejects with a BinspectError `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the bytes hashed so far, of all files together. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** What a path `-` stands for; without it, for a file of that name. */
  readonly standardInput?: (() => Promise<FileDigest>) | undefined;
}

/** What every worker is given: whether to stop, a place of its own to count the bytes it has hashed, and whether processors are left to read ahead with. */
export interface WorkerData {
  readonly readAhead: boolean;
  readonly stop: Int32Array;
  readonly bytesDone: BigUint64Array;
  readonly member: number;
}

/** Files for whoever comes first: `taken` counts those that a worker has taken. */
export interface Batch {
  readonly id: number;
  readonly paths: readonly string[];
  readonly taken: Int32Array;
}

export interface Reply {
  readonly id: number;
  readonly results: { readonly index: number; readonly digest: Hashed | null }[];
}

/** What a worker says of a file. */
export type Hashed = Required<Pick<HashedFile, 'size' | 'modified' | 'changedAt' | 'sha256'>>;

/** Bytes hashed so far: in this thread, and by each worker. */
interface Tally {
  here: number;
  byWorker: BigUint64Array;
}

/** A file that a worker is to hash. */
interface Task {
  readonly path: string;
  readonly resolve: (result: FileDigest) => void;
  readonly reject: (error: unknown) => void;
}

/** What all the work of one call shares. */
interface Work {
  readonly jobs: number;
  readonly tally: Tally;
  readonly signal: AbortSignal | undefined;
  /** Tells the caller how far it is. */
  readonly report: (() => void) | undefined;
  /** Hashes a file in this thread. Rejects only where the signal has fired. */
  readonly here: (path: string) => Promise<FileDigest>;
}

/** Work on a list. */
interface ListWork extends Work {
  readonly queue: Iterator<string> | AsyncIterator<string>;
  readonly standardInput: (() => Promise<FileDigest>) | undefined;
}

/** A file's digest, or why there is none. Rejects only where the signal has fired. */
async function digestFile(path: string, signal: AbortSignal | undefined, onProgress: (done: number) => void): Promise<FileDigest> {
  try {
    refuseAborted(signal);
    const source = await openFile(path);
    try {
      const { size, modified, changedAt } = source;
      return { path, size, modified, changedAt, sha256: await digest(source, { signal, onProgress }), error: null };
    } finally {
      await source.close();
    }
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code === 'aborted') throw error;
    error.path ??= path;
    return { path, size: null, sha256: null, error };
  }
}

/** The worker's file, beside ours in dist; null where a bundler has left it behind, or the sources run unbuilt. */
function workerFile(): string | null {
  const url: string | undefined = import.meta.url; // none in the CommonJS build
  const here = typeof __filename === 'string' ? __filename : url?.startsWith('file:') === true ? fileURLToPath(url) : null;
  const file = here === null ? null : join(dirname(here), 'hash-worker.cjs');
  return file !== null && existsSync(file) ? file : null;
}

/** How many files are hashed at once when nobody says. */
function jobsOf(jobs: number | undefined): number {
  if (jobs === undefined) return Math.min(MOST_JOBS, availableParallelism());
  if (Number.isSafeInteger(jobs) && jobs >= 1) return jobs;
  throw new BinspectError('invalid-argument', `the number of jobs is a whole number from 1, not ${String(jobs)}`);
}

/**
 * The digests of files, in the order of their paths; a file that can't be hashed whole comes with its error and ends nothing.
 * Begins in this thread. Worker threads take over once it has lasted a while and files are left: for one job, if they are small,
 * as opening a file takes a worker a fifth of the time that it takes here, where nothing may block. Rejects with `aborted`.
 */
export async function* digestFiles(paths: Iterable<string> | AsyncIterable<string>, options: PoolOptions = {}): AsyncGenerator<FileDigest, void, undefined> {
  const { signal, onProgress, standardInput } = options;
  const tally: Tally = { here: 0, byWorker: new BigUint64Array(0) };
  const report = onProgress && ((): void => onProgress(tally.here + Number(tally.byWorker.reduce((sum, bytes) => sum + bytes, 0n))));
  const here = (path: string): Promise<FileDigest> => {
    let counted = 0;
    return digestFile(path, signal, (bytes) => {
      tally.here += bytes - counted;
      counted = bytes;
      report?.();
    });
  };
  const queue = Symbol.asyncIterator in paths ? paths[Symbol.asyncIterator]() : paths[Symbol.iterator]();
  const work: ListWork = { jobs: jobsOf(options.jobs), queue, tally, signal, report, here, standardInput };
  const worker = workerFile();
  const started = Date.now();
  let count = 0;
  const delay = new StartDelay();
  try {
    for (let next = await queue.next(); next.done !== true; next = await queue.next()) {
      const current = begin(next.value, work);
      const small = count > Date.now() - started; // more than one a millisecond
      if (worker !== null && (work.jobs > 1 || small) && !(await delay.suffices(current))) {
        if (work.jobs === 1) await current.catch(() => {}); // the worker's files come after it
        yield* shareOut(current, work, worker);
        return;
      }
      yield await current;
      count++;
    }
  } finally {
    delay.end();
    await queue.return?.();
  }
}

/** Begins with a path in this thread. */
function begin(path: string, { here, standardInput }: ListWork): Promise<FileDigest> {
  return path === '-' && standardInput !== undefined ? standardInput() : here(path);
}

/** The rest of the work, with workers: what is begun here already, then batches for them, as results are wanted. */
async function* shareOut(begun: Promise<FileDigest>, work: ListWork, file: string): AsyncGenerator<FileDigest, void, undefined> {
  const waiting: Promise<FileDigest>[] = [];
  const expect = (result: Promise<FileDigest>): void => {
    result.catch(() => {}); // it is awaited in its turn; until then its failure is nobody's
    waiting.push(result);
  };
  expect(begun);
  let threads: Threads | null = null;
  let more = true;
  try {
    while (waiting.length > 0) {
      while (more && waiting.length <= AHEAD - BATCH) {
        const tasks: Task[] = [];
        while (more && tasks.length < BATCH) {
          const next = await work.queue.next();
          if (next.done === true) more = false;
          else if (next.value === '-' && work.standardInput !== undefined) expect(work.standardInput());
          else expect(new Promise((resolve, reject) => tasks.push({ path: next.value, resolve, reject })));
        }
        if (tasks.length > 0) give((threads ??= await start(Math.min(work.jobs, tasks.length), file, work)), tasks);
      }
      refuseAborted(work.signal);
      yield await (waiting[0] as Promise<FileDigest>);
      waiting.shift();
    }
  } finally {
    if (threads !== null) await end(threads);
  }
}

/** Worker threads for files that come one by one. */
export interface Workers {
  /** A file's digest, or why there is none; it may wait for others to be sent with. Rejects with `aborted`. */
  digest(path: string): Promise<FileDigest>;
  /** Sends those that wait. */
  flush(): void;
  /** Ends the threads, and with them what they have not done. */
  end(): Promise<void>;
}

/** A thread for each processor but the caller's own, at most 8, or as many as are wanted; null where there is none, or where a bundler has left their file behind. */
export async function startWorkers(signal: AbortSignal | undefined, most: number = MOST_JOBS): Promise<Workers | null> {
  const jobs = Math.min(most, availableParallelism() - 1);
  const file = jobs > 0 ? workerFile() : null;
  if (file === null) return null;
  const here = (path: string): Promise<FileDigest> => digestFile(path, signal, () => {});
  const threads = await start(jobs, file, { jobs, tally: { here: 0, byWorker: new BigUint64Array(0) }, signal, report: undefined, here });
  let tasks: Task[] = [];
  const flush = (): void => {
    if (tasks.length > 0) give(threads, tasks);
    tasks = [];
    if (signal?.aborted === true) abort(threads); // nobody would do what came after that
  };
  return {
    digest(path) {
      const result = new Promise<FileDigest>((resolve, reject) => tasks.push({ path, resolve, reject }));
      if (tasks.length >= BATCH) flush();
      return result;
    },
    flush,
    end: () => end(threads),
  };
}

/** Workers at work, and what they are to do. */
interface Threads {
  readonly work: Work;
  readonly workers: Thread[];
  readonly stop: Int32Array;
  /** What is still to come: by the batch's number, then by the place in it. */
  readonly batches: Map<number, Map<number, Task>>;
  batchCount: number;
  /** Set when a worker has failed: the work of all of them, done in this thread. */
  rescue: Promise<void> | null;
  readonly onAbort: () => void;
  readonly ticker: NodeJS.Timeout | undefined;
}

async function start(count: number, file: string, work: Work): Promise<Threads> {
  const node = await import('node:worker_threads'); // it takes memory that one file does not need
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const bytesDone = new BigUint64Array(new SharedArrayBuffer(8 * count));
  work.tally.byWorker = bytesDone;
  const ticker = work.report === undefined ? undefined : setInterval(work.report, TICK);
  const threads: Threads = { work, workers: [], stop, batches: new Map(), batchCount: 0, rescue: null, onAbort: () => abort(threads), ticker };
  try {
    for (let member = 0; member < count; member++) {
      const workerData: WorkerData = { stop, bytesDone, member, readAhead: work.jobs < availableParallelism() };
      const worker = new node.Worker(file, { workerData, execArgv: [], env: node.SHARE_ENV, resourceLimits: { maxYoungGenerationSizeMb: 2 } });
      worker.on('message', (reply: Reply) => receive(threads, reply));
      worker.on('error', () => takeOver(threads)).on('exit', () => takeOver(threads));
      threads.workers.push(worker);
    }
  } catch {
    takeOver(threads); // Node may be told to allow no workers
  }
  work.signal?.addEventListener('abort', threads.onAbort);
  return threads;
}

function give(threads: Threads, tasks: readonly Task[]): void {
  const id = threads.batchCount++;
  threads.batches.set(id, new Map(tasks.entries()));
  if (threads.rescue !== null) {
    threads.rescue = threads.rescue.then(() => doAllHere(threads));
    return;
  }
  const batch: Batch = { id, paths: tasks.map((task) => task.path), taken: new Int32Array(new SharedArrayBuffer(4)) };
  for (const worker of threads.workers) worker.postMessage(batch);
}

function receive(threads: Threads, { id, results }: Reply): void {
  threads.work.report?.();
  for (const { index, digest: found } of results) {
    const task = threads.batches.get(id)?.get(index);
    if (task === undefined) continue;
    if (found === null) void doHere(threads, id, index); // whatever the error is, it will be met again
    else settle(threads, id, index, { path: task.path, ...found, error: null });
  }
}

function settle({ batches }: Threads, id: number, index: number, result: FileDigest): void {
  const batch = batches.get(id);
  batch?.get(index)?.resolve(result);
  batch?.delete(index);
  if (batch?.size === 0) batches.delete(id);
}

async function doHere(threads: Threads, id: number, index: number): Promise<void> {
  const task = threads.batches.get(id)?.get(index);
  if (task === undefined) return;
  await threads.work.here(task.path).then((result) => settle(threads, id, index, result), task.reject);
}

async function doAllHere(threads: Threads): Promise<void> {
  for (const [id, batch] of threads.batches) for (const index of batch.keys()) await doHere(threads, id, index);
}

/** A worker has failed, or could not start: what is left is done here. */
function takeOver(threads: Threads): void {
  if (threads.rescue !== null || Atomics.load(threads.stop, 0) !== 0) return;
  Atomics.store(threads.stop, 0, 1);
  threads.rescue = doAllHere(threads);
}

function abort({ stop, batches, work: { signal } }: Threads): void {
  Atomics.store(stop, 0, 1);
  const error = new BinspectError('aborted', 'aborted', { cause: signal?.reason });
  for (const batch of batches.values()) for (const task of batch.values()) task.reject(error);
}

async function end({ stop, ticker, work, onAbort, workers }: Threads): Promise<void> {
  Atomics.store(stop, 0, 1);
  clearInterval(ticker);
  work.signal?.removeEventListener('abort', onAbort);
  await Promise.all(workers.map((worker) => worker.terminate()));
}
