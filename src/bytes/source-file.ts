// A local file as a source: positional reads of what is asked for, never the whole file.

import { close as closeDescriptor, closeSync, constants, fstat, fstatSync, open as openDescriptor, openSync, read as readDescriptor, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BinspectError } from '../errors.ts';
import { wordIn } from '../model/names.ts';
import type { ByteSource, SyncSource } from './source.ts';
import { encodeText } from './text.ts';

const openAsync = promisify(openDescriptor);
const closeAsync = promisify(closeDescriptor);
const statAsync = promisify(fstat);
const readAsync = promisify(readDescriptor);

/** An error of the system as binspect's: code `io`, the system's own error (`ENOENT`, `EACCES`, …) its cause. */
export function ioError(error: unknown, path: string): BinspectError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Record<string, string> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
    EISDIR: 'is a directory',
    ENOTDIR: 'a part of the path is no directory',
    ELOOP: 'too many symbolic links',
    EMFILE: 'too many open files',
    ENAMETOOLONG: 'the name is too long',
    ENOSPC: 'no space left on device',
    EFBIG: 'the file would be too large',
    EIO: 'input/output error',
  };
  const text = wordIn(words, code) ?? (error instanceof Error ? error.message : String(error));
  return new BinspectError('io', text, { path, cause: error });
}

const NOT_UTF8 = /[\ud800-\udfff]/u; // a lone surrogate: see text.ts

/** A path for the system. One that holds bytes that are no UTF-8 goes as bytes; Windows has names of 16-bit units, and needs none of it. */
export function systemPath(path: string): string | Buffer {
  return process.platform !== 'win32' && NOT_UTF8.test(path) ? Buffer.from(encodeText(path)) : path;
}

/** A `file:` URL's path. Any other URL is an `invalid-argument`: it is for functions that wait. */
export function pathOfUrl(url: URL): string {
  if (url.protocol !== 'file:') throw new BinspectError('invalid-argument', `only file: URLs can be read, not ${url.protocol}`);
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new BinspectError('invalid-argument', `no local path: ${url.href}`, { cause: error });
  }
}

/** Positions mean something only in a regular file (or a block device); a pipe or a terminal has none. */
function requireFile(stats: Stats, path: string): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) {
    const cause = Object.assign(new Error('EISDIR: illegal operation on a directory, read'), { code: 'EISDIR', syscall: 'read', path });
    throw new BinspectError('io', 'is a directory', { path, cause });
  }
  const what = stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';
  throw new BinspectError('io', `is ${what}, not a regular file`, { path });
}

/** Bytes that were read at a position. */
interface Seen {
  readonly at: number;
  /** The memory that they came to, from its beginning on. */
  bytes: Uint8Array;
  readonly length: number;
}

/** Bytes of a file that are kept to be held against what is hashed: headers and tables, and no more of what is searched. */
const MOST_SEEN = 1024 * 1024;

/** An open local file. */
export class FileSource implements ByteSource, SyncSource {
  readonly size: number;
  readonly path: string;
  /** When it was last written to, in milliseconds since 1970. */
  readonly modified: number;
  /** When anything about it was last changed, which nobody can set back. */
  readonly changedAt: number;
  /** Bytes that the disk holds for it: less than `size` for a sparse file. */
  readonly stored: number;
  readonly #descriptor: number;
  readonly #links: number;
  readonly #seen: Seen[] = [];
  #seenBytes = 0;

  constructor(descriptor: number, { size, mtimeMs, ctimeMs, nlink, blocks }: Stats, path: string) {
    this.stored = blocks > 0 ? blocks * 512 : size; // some network file systems count none
    this.#descriptor = descriptor;
    this.modified = mtimeMs;
    this.changedAt = ctimeMs;
    this.#links = nlink;
    this.size = size;
    this.path = path;
  }

  readSync(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const got = this.fillSync(bytes, offset, length);
    return got === length ? bytes : bytes.subarray(0, got);
  }

  fillSync(bytes: Uint8Array, offset: number, length: number): number {
    let got = 0;
    try {
      while (got < length) {
        const count = readSync(this.#descriptor, bytes, got, length - got, offset + got);
        if (count === 0) break;
        got += count;
      }
    } catch (error) {
      throw ioError(error, this.path);
    }
    this.#see(offset, bytes, got);
    return got;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let got = 0;
    try {
      while (got < length) {
        const { bytesRead } = await readAsync(this.#descriptor, bytes, got, length - got, offset + got);
        if (bytesRead === 0) break;
        got += bytesRead;
      }
    } catch (error) {
      throw ioError(error, this.path);
    }
    this.#see(offset, bytes, got);
    return got === length ? bytes : bytes.subarray(0, got);
  }

  #see(at: number, bytes: Uint8Array, length: number): void {
    if (this.#seenBytes + length > MOST_SEEN) return;
    this.#seenBytes += length;
    this.#seen.push({ at, bytes, length });
  }

  /** Keeps copies of the bytes that were read so far: the memory that they came to is about to be used again. */
  keepSeen(): void {
    for (const seen of this.#seen) seen.bytes = seen.bytes.slice(0, seen.length);
  }

  /** Whether bytes at a position are others than those that were read there before. */
  differs(bytes: Uint8Array, at: number): boolean {
    return this.#seen.some((seen) => {
      const from = Math.max(at, seen.at);
      const to = Math.min(at + bytes.length, seen.at + seen.length);
      return from < to && Buffer.compare(bytes.subarray(from - at, to - at), seen.bytes.subarray(from - seen.at, to - seen.at)) !== 0;
    });
  }

  /** Reads into the caller's buffer what the system hands over at once. Gives the number of bytes: 0 only where the file ends. */
  readInto(buffer: Uint8Array, offset: number): Promise<number> {
    return new Promise((resolve, reject) => {
      readDescriptor(this.#descriptor, buffer, 0, buffer.length, offset, (error, count) => {
        if (error === null) resolve(count);
        else reject(ioError(error, this.path));
      });
    });
  }

  readIntoSync(buffer: Uint8Array, offset: number): number {
    try {
      return readSync(this.#descriptor, buffer, 0, buffer.length, offset);
    } catch (error) {
      throw ioError(error, this.path);
    }
  }

  /** Whether somebody has written to the file since it was opened. (Asking an open file blocks nothing.) */
  changed(): boolean {
    const { size, mtimeMs, ctimeMs, nlink } = fstatSync(this.#descriptor);
    if (size !== this.size || mtimeMs !== this.modified) return true;
    // Deleting, replacing and linking change the last time too, and the file is still the one that was opened. Where it has several names, others may do so unseen.
    return ctimeMs !== this.changedAt && nlink === 1 && this.#links === 1;
  }

  closeSync(): void {
    closeSync(this.#descriptor);
  }

  async close(): Promise<void> {
    await closeAsync(this.#descriptor);
  }
}

/**
 * How files are opened. Without O_NONBLOCK, opening a named pipe that nobody writes to would wait for ever, in a thread that Ctrl-C could not end.
 * Windows has no such flag, and no such pipes.
 */
export const READ_ONLY: number = process.platform === 'win32' ? 0 : constants.O_RDONLY | constants.O_NONBLOCK;

/** Opens a local file. Throws `io` where that fails, and where it is no regular file. */
export function openFileSync(path: string): FileSource {
  let descriptor: number;
  try {
    descriptor = openSync(systemPath(path), READ_ONLY);
  } catch (error) {
    throw ioError(error, path);
  }
  try {
    const stats = fstatSync(descriptor);
    requireFile(stats, path);
    return new FileSource(descriptor, stats, path);
  } catch (error) {
    closeSync(descriptor);
    throw error instanceof BinspectError ? error : ioError(error, path);
  }
}

/** The same, without blocking the event loop. */
export async function openFile(path: string): Promise<FileSource> {
  let descriptor: number;
  try {
    descriptor = await openAsync(systemPath(path), READ_ONLY);
  } catch (error) {
    throw ioError(error, path);
  }
  try {
    const stats = await statAsync(descriptor);
    requireFile(stats, path);
    return new FileSource(descriptor, stats, path);
  } catch (error) {
    await closeAsync(descriptor);
    throw error instanceof BinspectError ? error : ioError(error, path);
  }
}
