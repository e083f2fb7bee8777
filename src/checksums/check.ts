// Whether files are what a checksum file says.

import { pathIn } from '../bytes/folder.ts';
import { digestFiles } from '../bytes/hash-pool.ts';
import type { FileDigest, PoolOptions } from '../bytes/hash-pool.ts';
import { BinspectError } from '../errors.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';
import { searchElsewhere } from './elsewhere.ts';
import type { Search } from './elsewhere.ts';
import type { ChecksumEntry, ChecksumList, MalformedLine } from './list.ts';

/**
 * What came of a line.
 * - `ok`: the file, read to its end, has the digest
 * - `mismatch`: it has another
 * - `missing`: there is no such file
 * - `unreadable`: there is something, but it can't be read whole
 * - `malformed`: the line says nothing that could be checked
 */
export type ChecksumStatus = 'ok' | 'mismatch' | 'missing' | 'unreadable' | 'malformed';

/** A line and what came of it. */
export interface ChecksumResult {
  /** In the list, counted from 1. */
  readonly line: number;
  /** As the list names it; null for a malformed line. */
  readonly name: string | null;
  /** Where it was looked for. */
  readonly path: string | null;
  /** What came of it. */
  readonly status: ChecksumStatus;
  /** The list's digest, lower-case hex; null for a malformed line. */
  readonly expected: string | null;
  /** The file's digest, lower-case hex; null where it could not be hashed. */
  readonly actual: string | null;
  /** Why there is no `actual`; for a malformed line what is wrong with it. */
  readonly error: BinspectError | null;
  /** Where a file with the expected digest lies instead; looked for only with `search`. */
  readonly foundAs: string | null;
}

/** What `checkSums` may be told. */
export interface CheckOptions extends PoolOptions {
  /** Where names in the list begin; the working directory by default. */
  readonly directory?: string | undefined;
  /** Whether to look for a file with the digest where the named one is missing or differs: in its folder, for a moment. Default false. */
  readonly search?: boolean | undefined;
}

const CHECK_OPTIONS: OptionKinds<CheckOptions> = {
  directory: 'text', search: 'boolean', jobs: 'any', signal: 'signal', onProgress: 'function', standardInput: 'function',
}; // prettier-ignore

function hasCode(error: BinspectError, code: string): boolean {
  return error.cause instanceof Error && 'code' in error.cause && error.cause.code === code;
}

function statusOf(expected: string, { sha256, error }: FileDigest): ChecksumStatus {
  if (error !== null) return hasCode(error, 'ENOENT') ? 'missing' : 'unreadable';
  return sha256 === expected ? 'ok' : 'mismatch';
}

/**
 * Hashes the files that a list names and compares, in the order of its lines, malformed ones among them. A file that can't be
 * read ends nothing. A list without entries gives no `ok`: whoever asks must treat that as a failure. Rejects with `aborted`.
 *
 * @example
 * const list = parseChecksums(await readFile('SHA256SUMS'));
 * for await (const { name, status } of checkSums(list)) if (status !== 'ok') console.log(name, status);
 */
export async function* checkSums(list: ChecksumList, options: CheckOptions = {}): AsyncGenerator<ChecksumResult, void, undefined> {
  checkOptions(options, CHECK_OPTIONS);
  const { directory = '', search = false, signal } = options;
  const elsewhere = search ? searchElsewhere(directory, signal) : null;
  const paths = list.entries.map(({ name }) => (name === '-' && options.standardInput !== undefined ? name : pathIn(directory, name)));
  const digests = digestFiles(paths, options);
  try {
    for (const line of inOrder(list)) {
      if ('message' in line) {
        yield malformedResult(line);
        continue;
      }
      const next = await digests.next();
      if (next.done !== true) yield await compare(line, next.value, elsewhere);
    }
  } finally {
    await digests.return();
  }
}

/** Entries and malformed lines as they follow one another in the list: each of the two has its own order already. */
function* inOrder({ entries, malformed }: ChecksumList): Generator<ChecksumEntry | MalformedLine, void, undefined> {
  let next = 0;
  for (const entry of entries) {
    for (let line = malformed[next]; line !== undefined && line.line < entry.line; line = malformed[++next]) yield line;
    yield entry;
  }
  while (next < malformed.length) yield malformed[next++] as MalformedLine;
}

function malformedResult({ line, message }: MalformedLine): ChecksumResult {
  return { line, name: null, path: null, status: 'malformed', expected: null, actual: null, error: new BinspectError('malformed', message), foundAs: null };
}

async function compare({ line, name, digest: expected }: ChecksumEntry, found: FileDigest, elsewhere: Search | null): Promise<ChecksumResult> {
  const { path, sha256: actual, error } = found;
  const status = statusOf(expected, found);
  if (actual !== null) elsewhere?.note(actual, path);
  const lost = status === 'mismatch' || status === 'missing';
  const foundAs = lost && elsewhere !== null ? await elsewhere.find(expected, path) : null;
  return { line, name, path, status, expected, actual, error, foundAs };
}
