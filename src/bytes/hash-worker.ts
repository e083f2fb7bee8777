// A worker thread that hashes files: an entry of its own in dist, started by hash-pool.ts.

import { parentPort, workerData } from 'node:worker_threads';
import { BinspectError } from '../errors.ts';
import { digest, digestBuffer, digestSync } from './digest.ts';
import type { Batch, WorkerData, Hashed, Reply } from './hash-pool.ts';
import { openFileSync } from './source-file.ts';

const CHUNK = 1024 * 1024; // two buffers of it are what a worker may cost beside itself
const LARGE = 8 * CHUNK; // from here on others do not wait for it, and another thread may read ahead
const REPLY_AFTER = 8; // milliseconds: results of many small files go back together

const { stop, bytesDone, member, readAhead } = workerData as WorkerData;
const port = parentPort;
const buffer = digestBuffer();
let counted = 0; // bytes of the current file that `bytesDone` holds

function onProgress(done: number): void {
  if (Atomics.load(stop, 0) !== 0) throw new BinspectError('aborted', 'aborted');
  Atomics.add(bytesDone, member, BigInt(done - counted));
  counted = done;
}

let reply: Reply = { id: 0, results: [] };
let since = 0; // when the reply was begun

function send(id: number): void {
  if (reply.results.length > 0) port?.postMessage(reply);
  reply = { id, results: [] };
  since = performance.now();
}

/** A file's size, time and digest; null where there is none. The main thread then tries itself, and has the error in its own workers. */
async function digestOf(path: string): Promise<Hashed | null> {
  counted = 0;
  try {
    const source = openFileSync(path);
    try {
      const { size, modified, changedAt } = source;
      if (size >= LARGE) send(reply.id); // what is done does not wait for it
      const sha256 = readAhead && size >= LARGE ? await digest(source, { onProgress, chunk: CHUNK }) : digestSync(source, { onProgress, buffer });
      return { size, modified, changedAt, sha256 };
    } finally {
      source.closeSync();
    }
  } catch {
    Atomics.sub(bytesDone, member, BigInt(counted));
    return null;
  }
}

/** Hashes files of a batch: each worker takes the next that no other has taken. */
async function work({ id, paths, taken }: Batch): Promise<void> {
  send(id);
  while (Atomics.load(stop, 0) === 0) {
    const index = Atomics.add(taken, 0, 1);
    const path = paths[index];
    if (path === undefined) break;
    const found = await digestOf(path);
    reply.results.push({ index, digest: found });
    if (performance.now() - since > REPLY_AFTER) send(id);
  }
  send(id);
}

let working: Promise<void> = Promise.resolve();
port?.on('message', (batch: Batch) => {
  working = working.then(() => work(batch));
});
