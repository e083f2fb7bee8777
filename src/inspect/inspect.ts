// One file at once, with all that can be asked of it; what answers later stands beside it, so that commands load the check of signatures where they need it.

import { digestBytes, digestStretch, digestSync, digestTappedSync } from '../bytes/digest.ts';
import { readBytes, readSync } from '../bytes/input.ts';
import { openSync } from '../bytes/open.ts';
import type { PartAlgorithm } from '../bytes/pass.ts';
import { scanSync } from '../bytes/search.ts';
import type { Stretch } from '../bytes/search.ts';
import type { SyncSource } from '../bytes/source.ts';
import type { Inspection } from '../model/binary.ts';
import { signaturePasses } from '../signature/embedded.ts';
import { completeSync, limitsOf, readerOf } from './examine.ts';
import type { InspectOptions } from './examine.ts';
import { close, withPath } from './inspect-file.ts';

export { inspect, inspectFile } from './inspect-file.ts';

function digestPartSync(source: SyncSource, stretch: Stretch, algorithm: PartAlgorithm): string {
  return scanSync(source, stretch, digestStretch({ at: 0, length: stretch.length }, algorithm));
}

/** Says what a file is, as `inspect` does, at once, for a local file or bytes. Throws what `inspect` rejects with. */
export function inspectSync(input: string | URL | Uint8Array, options: InspectOptions = {}): Inspection {
  const limits = limitsOf(options);
  const { source, path, bytes } = openSync(input);
  try {
    const { signatures, hash = false } = options;
    const reader = readerOf(options, signatures === undefined || signatures === false ? null : signaturePasses(signatures));
    const found = bytes === null ? readSync(source, reader, limits) : readBytes(bytes, reader, limits);
    return completeSync(source, path, found, hash, {
      part: digestPartSync,
      whole: () => (bytes === null ? digestSync(source) : digestBytes(bytes)),
      tapped: (tap, wanted) => digestTappedSync(source, tap, wanted),
    });
  } catch (error) {
    throw withPath(error, path);
  } finally {
    close(source);
  }
}
