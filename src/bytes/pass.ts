// Passes: what an inspection needs of the bytes beyond the headers (a search, a digest), and how the result joins what the headers say.

import type { Binary } from '../model/binary.ts';
import { scanAsync, scanSync } from './search.ts';
import type { Scan, Stretch } from './search.ts';
import type { ByteSource, SyncSource } from './source.ts';

/** The digests that parts of files are signed with. */
export type PartAlgorithm = 'sha1' | 'sha256' | 'sha384';

/** The lower-case hex digest of a stretch of a source; null where this runtime can't compute it. */
export type PartDigest = (source: ByteSource, stretch: Stretch, algorithm: PartAlgorithm, signal: AbortSignal | undefined) => Promise<string | null>;

/** The same, at once. */
export type SyncPartDigest = (source: SyncSource, stretch: Stretch, algorithm: PartAlgorithm) => string | null;

/** Takes the bytes of a part as they stream by, each once and in their order, and says in the end what they came to. */
export interface Sink<T> {
  /** `at` counts from the part's start. The bytes are the caller's again after the call. */
  readonly take: (bytes: Uint8Array, at: number) => void;
  readonly done: () => T;
}

/** One pass over a part of a file, for one of its binaries. Made by `searchPass`, `digestPass` or `streamPass`; it can be run once. */
export interface Pass {
  /** Which of the file's binaries it is for. */
  readonly index: number;
  /** The part of the file that it gets to see. */
  readonly part: Stretch;
  /** What searches that part; null where its digest is wanted. */
  readonly scan: Scan<unknown> | null;
  /** The digest that is wanted; null where the part is searched. */
  readonly algorithm: PartAlgorithm | null;
  /** What the part is to stream through, together with the digest of the whole file and other sinks; null for the other kinds. */
  readonly sink: Sink<unknown> | null;
  /** The binary with what was found. */
  readonly join: (binary: Binary, found: unknown) => Binary;
}

/** A pass that searches; positions in `scan` count from the part's start. */
export function searchPass<T>(index: number, part: Stretch, scan: Scan<T>, join: (binary: Binary, found: T) => Binary): Pass {
  return { index, part, scan, algorithm: null, sink: null, join: (binary, found) => join(binary, found as T) };
}

/** A pass that hashes; `join` gets lower-case hex, or null where the runtime can't compute it. */
export function digestPass(index: number, part: Stretch, algorithm: PartAlgorithm, join: (binary: Binary, digest: string | null) => Binary): Pass {
  return { index, part, scan: null, algorithm, sink: null, join: (binary, found) => join(binary, found as string | null) };
}

/** A pass that takes its part as it streams by. Whoever streams feeds the sink and calls `joinStreamed`. */
export function streamPass<T>(index: number, part: Stretch, sink: Sink<T>, join: (binary: Binary, found: T) => Binary): Pass {
  return { index, part, scan: null, algorithm: null, sink, join: (binary, found) => join(binary, found as T) };
}

/** A pass that needs no more bytes: what it has to say follows from what the headers say. */
export function factPass(index: number, join: (binary: Binary) => Binary): Pass {
  return { index, part: { at: 0, length: 0 }, scan: null, algorithm: null, sink: null, join };
}

/** What the passes over a stream of the whole file take: called with each of its stretches, in their order. Null where there are none. */
export function tapOf(passes: readonly Pass[]): ((bytes: Uint8Array, at: number) => void) | null {
  const streamed = passes.filter(({ sink }) => sink !== null);
  if (streamed.length === 0) return null;
  return (bytes, at) => {
    for (const { part, sink } of streamed) {
      const from = Math.max(0, part.at - at);
      const to = Math.min(bytes.length, part.at + part.length - at);
      if (from < to) sink?.take(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), at + from - part.at);
    }
  };
}

/** The binaries with what the sinks of a finished stream came to. */
export function joinStreamed(binaries: readonly Binary[], passes: readonly Pass[]): readonly Binary[] {
  const joined = [...binaries];
  for (const { index, sink, join } of passes) if (sink !== null) joined[index] = join(joined[index] as Binary, sink.done());
  return joined;
}

/** The binaries of a file after all passes but those over a stream, one after the other. Rejects as the source does, and with `aborted`. */
export async function runPasses(
  source: ByteSource,
  binaries: readonly Binary[],
  passes: readonly Pass[],
  digest: PartDigest,
  signal?: AbortSignal,
): Promise<readonly Binary[]> {
  const joined = [...binaries];
  for (const { index, part, scan, algorithm, sink, join } of passes) {
    if (sink !== null) continue;
    const found = scan !== null ? await scanAsync(source, part, scan, signal) : algorithm === null ? null : await digest(source, part, algorithm, signal);
    joined[index] = join(joined[index] as Binary, found);
  }
  return joined;
}

/** The same, at once. */
export function runPassesSync(source: SyncSource, binaries: readonly Binary[], passes: readonly Pass[], digest: SyncPartDigest): readonly Binary[] {
  const joined = [...binaries];
  for (const { index, part, scan, algorithm, sink, join } of passes) {
    if (sink !== null) continue;
    const found = scan !== null ? scanSync(source, part, scan) : algorithm === null ? null : digest(source, part, algorithm);
    joined[index] = join(joined[index] as Binary, found);
  }
  return joined;
}
