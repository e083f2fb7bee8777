// What `hash` reads: standard input, which can be read once, and files with the system's words for what is wrong with them.

import { digestStream } from '../../bytes/digest.ts';
import { fileSize, statPath, walk } from '../../bytes/folder.ts';
import type { Walked } from '../../bytes/folder.ts';
import type { FileDigest } from '../../bytes/hash-pool.ts';
import { ioError } from '../../bytes/source-file.ts';
import { BinspectError } from '../../errors.ts';
import { wordIn } from '../../model/names.ts';
import { toJSON } from '../../render/json.ts';
import { visible } from '../../render/visible.ts';
import type { Excluder } from '../../verify/exclude.ts';
import type { Terminal } from '../streams/terminal.ts';

/** The C library's words, which scripts know from other tools. */
const MESSAGES: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENFILE: 'Too many open files in system',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
  ESTALE: 'Stale file handle',
};

/** The system's code of a failure: 'ENOENT', …; null where the system has none. */
export function systemCode(error: BinspectError): string | null {
  return error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : null;
}

/** What is wrong with a file, in the words of the C library where it has some. */
export function reason(error: BinspectError): string {
  const code = systemCode(error);
  const message = (code === null ? undefined : wordIn(MESSAGES, code)) ?? visible(error.message); // Node's own names the file
  const lost = code === 'ENOENT' && error.path?.includes('\ufffd') === true;
  return lost ? `${message} (arguments that are not UTF-8 do not reach this program whole: name the file in a list, or its folder with -r)` : message;
}

/** A failure as it stands in JSON. */
export function errorRecord({ code, message, offset, detected }: BinspectError): Record<string, unknown> {
  return { code, message, offset: offset ?? null, detected: detected ?? null };
}

export function jsonLine(value: unknown): string {
  return `${toJSON(value)}\n`;
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

/** Standard input, to whoever asks first; others find it at its end. */
export interface StandardInput {
  readonly chunks: () => AsyncIterable<Uint8Array>;
  readonly digest: () => Promise<FileDigest>;
}

export function standardInputOf(terminal: Terminal): StandardInput {
  let taken = false;
  const chunks = (): AsyncIterable<Uint8Array> => {
    const first = !taken;
    taken = true;
    return first ? terminal.input() : nothing();
  };
  const digest = async (): Promise<FileDigest> => {
    try {
      return { path: '-', ...(await digestStream(chunks())), error: null };
    } catch (error) {
      return { path: '-', size: null, sha256: null, error: ioError(error, '-') };
    }
  };
  return { chunks, digest };
}

/** What is named on the command line, and what lies in the folders among it. What can't be read comes as skipped. */
export async function* filesNamed(names: Iterable<string> | AsyncIterable<string>, exclude: Excluder | null = null): AsyncGenerator<Walked, void, undefined> {
  for await (const name of names) {
    try {
      if (name === '-' || (await statPath(name)).kind !== 'folder') yield { path: name, passedOver: null };
      else yield* walk(name, { exclude });
    } catch (error) {
      if (!(error instanceof BinspectError)) throw error;
      yield { path: name, passedOver: 'unreadable', error };
    }
  }
}

/** The bytes of all files together; what can't be asked counts for nothing. */
export async function sizeOfAll(paths: Iterable<string> | AsyncIterable<string>): Promise<number> {
  let total = 0;
  for await (const path of paths) total += (await fileSize(path)) ?? 0;
  return total;
}

/** What a path that leads into an archive is there, where no file has that name: `app.tar.gz!/bin/app`. As it was for any other. What it takes is loaded for it. */
export async function insideArchive(found: FileDigest): Promise<FileDigest> {
  const { path, error } = found;
  if (error === null || error.code !== 'io' || !path.includes('!/')) return found;
  const { hashMember } = await import('./member.ts');
  return (await hashMember(path)) ?? found;
}
