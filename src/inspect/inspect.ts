// One file at once, with all that can be asked of it; what answers later stands beside it, so that commands load the check of signatures where they need it.

import { digestStretch, digestSync, digestTappedSync } from '../bytes/digest.ts';
import { readBytes, readSync } from '../bytes/input.ts';
import { openSync } from '../bytes/open.ts';
import type { PartAlgorithm } from '../bytes/pass.ts';
import { scanSync } from '../bytes/search.ts';
import type { Stretch } from '../bytes/search.ts';
import type { SyncSource } from '../bytes/source.ts';
import { refuseAborted } from '../errors.ts';
import type { Inspection } from '../model/binary.ts';
import { checkOptions } from '../model/options.ts';
import { signaturePasses } from '../signature/embedded.ts';
import { completeSync, INSPECT_OPTIONS, limitsOf, readerOf } from './examine.ts';
import type { InspectOptions } from './examine.ts';
import { close, withPath } from './inspect-file.ts';

export { inspect, inspectFile } from './inspect-file.ts';
export type { InspectedFile } from './inspect-file.ts';

/** The digest of a part of a source, at once. */
export function digestPartSync(source: SyncSource, stretch: Stretch, algorithm: PartAlgorithm): string {
  return scanSync(source, stretch, digestStretch({ at: 0, length: stretch.length }, algorithm));
}

/**
 * Says what a file is, as `inspect` does, at once, for a local file or bytes. Throws what `inspect` rejects with.
 *
 * @example
 * const [binary] = inspectSync('app').binaries;
 * if (binary?.format === 'elf') console.log(binary.elf.typeName);
 */
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
    const { signatures, hash = false } = options;
    const reader = readerOf(options, signatures === undefined || signatures === false ? null : signaturePasses(signatures));
    const found = bytes === null ? readSync(source, reader, limits) : readBytes(bytes, reader, limits);
    return completeSync(source, path, found, hash, {
      part: digestPartSync,
      whole: () => digestSync(source, { onProgress: watch }),
      tapped: (tap, wanted) => digestTappedSync(source, tap, wanted, { onProgress: watch }),
    });
  } catch (error) {
    throw withPath(error, path);
  } finally {
    close(source);
  }
}
