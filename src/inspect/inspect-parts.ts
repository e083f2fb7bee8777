// A file of which only parts are held: its beginning and its end, where all of it would be too much.

import { readParts } from '../bytes/input.ts';
import type { FilePart } from '../bytes/input.ts';
import { runPassesSync } from '../bytes/pass.ts';
import type { SyncPartDigest } from '../bytes/pass.ts';
import type { SyncSource } from '../bytes/source.ts';
import { BinspectError, hex } from '../errors.ts';
import type { Binary, Inspection } from '../model/binary.ts';
import { warningOf } from '../model/warning.ts';
import { uncheckedPasses } from '../signature/unchecked.ts';
import { inspectionOf, limitsOf, readerOf } from './examine.ts';
import type { InspectOptions } from './examine.ts';

/** Parts of a file as a source: what lies between them is an error `limit-exceeded`. */
class PartsSource implements SyncSource {
  readonly size: number;
  readonly #parts: readonly FilePart[];

  constructor(parts: readonly FilePart[], size: number) {
    this.#parts = parts;
    this.size = size;
  }

  readSync(offset: number, length: number): Uint8Array {
    const wanted = Math.min(length, this.size - offset);
    const part = this.#parts.find(({ at, bytes }) => offset >= at && offset + wanted <= at + bytes.length);
    if (part === undefined) throw new BinspectError('limit-exceeded', `${wanted} bytes at ${hex(offset)} are not held (the limit memberBytes)`, { offset });
    return part.bytes.subarray(offset - part.at, offset - part.at + wanted);
  }
}

/**
 * Says what a file is by parts of it. Where facts 'all' need what is not held, the facts 'main' are given with a warning `limit-exceeded`; where a
 * search or a digest does, that fact is null, with one. Throws what `inspect` rejects with, and `limit-exceeded` where the headers themselves lie elsewhere.
 */
export function inspectParts(parts: readonly FilePart[], size: number, options: InspectOptions, digest: SyncPartDigest): Inspection {
  try {
    return told(parts, size, options, digest);
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code !== 'limit-exceeded' || options.facts !== 'all') throw error;
    const inspection = told(parts, size, { ...options, facts: 'main' }, digest);
    const message = `only the main facts: ${error.message}`;
    return { ...inspection, warnings: [...inspection.warnings, warningOf(error.code, message, error.offset ?? null, [])] };
  }
}

function told(parts: readonly FilePart[], size: number, options: InspectOptions, digest: SyncPartDigest): Inspection {
  const found = readParts(parts, size, readerOf(options, uncheckedPasses(options.signatures, 'limit', 'not checked: only parts of the file are held (the limit memberBytes)')), limitsOf(options));
  const source = new PartsSource(parts, size);
  let binaries = found.binaries;
  for (const pass of found.passes) {
    try {
      binaries = runPassesSync(source, binaries, [pass], digest);
    } catch (error) {
      if (!(error instanceof BinspectError)) throw error;
      binaries = binaries.map((binary, index) => (index === pass.index ? withWarning(binary, error, pass.algorithm === null ? ['go'] : ['signature']) : binary));
    }
  }
  return inspectionOf(null, size, null, found, binaries);
}

function withWarning(binary: Binary, { code, message, offset }: BinspectError, doubts: readonly string[]): Binary {
  return { ...binary, warnings: [...binary.warnings, warningOf(code, message, offset ?? null, doubts)] };
}
