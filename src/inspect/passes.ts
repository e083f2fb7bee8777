// Digests of parts of a file, joined with the rest: which bytes they are of the wings say, how they are computed the runtime.

import type { Input } from '../bytes/input.ts';
import type { Stretch } from '../bytes/search.ts';
import type { ByteSource, SyncSource } from '../bytes/source.ts';
import { directoryDigest } from '../macho/code-signature.ts';
import type { DirectoryDigest } from '../macho/code-signature.ts';
import type { Binary, Facts } from '../model/binary.ts';
import { warningOf } from '../model/warning.ts';

/** The lower-case hex digest of a stretch of a source; null where this runtime can't compute it. */
export type PartDigest = (
  source: ByteSource,
  stretch: Stretch,
  algorithm: DirectoryDigest['algorithm'],
  signal: AbortSignal | undefined,
) => Promise<string | null>;

/** The same, at once. */
export type SyncPartDigest = (source: SyncSource, stretch: Stretch, algorithm: DirectoryDigest['algorithm']) => string | null;

/** Bytes of a cdhash, of whatever digest. */
const CDHASH_SIZE = 20;

/** What to digest for the cdhash of a binary; null for what has none. To be called in a reader, with an input of the image's own. */
export function cdHashDigest(image: Input, { format, signature, offset }: Binary, facts: Facts): DirectoryDigest | null {
  if (facts === 'main' || format !== 'mach-o' || signature === null) return null;
  return directoryDigest(image, { offset: signature.offset - offset, size: signature.size });
}

/** The binaries of a file with their cdhashes. `wanted` has one entry for each binary. */
export async function withCdHashes(
  source: ByteSource,
  binaries: readonly Binary[],
  wanted: readonly (DirectoryDigest | null)[],
  digest: PartDigest,
  signal?: AbortSignal,
): Promise<readonly Binary[]> {
  const joined: Binary[] = [];
  for (const [index, binary] of binaries.entries()) {
    const what = wanted[index] ?? null;
    joined.push(what === null ? binary : withCdHash(binary, await digest(source, stretchOf(binary, what), what.algorithm, signal)));
  }
  return joined;
}

/** The same, at once. */
export function withCdHashesSync(
  source: SyncSource,
  binaries: readonly Binary[],
  wanted: readonly (DirectoryDigest | null)[],
  digest: SyncPartDigest,
): readonly Binary[] {
  return binaries.map((binary, index) => {
    const what = wanted[index] ?? null;
    return what === null ? binary : withCdHash(binary, digest(source, stretchOf(binary, what), what.algorithm));
  });
}

function stretchOf({ offset }: Binary, { range }: DirectoryDigest): Stretch {
  return { at: offset + range.offset, length: range.size };
}

function withCdHash(binary: Binary, digest: string | null): Binary {
  const { signature, warnings } = binary;
  if (signature === null) return binary;
  if (digest !== null) return { ...binary, signature: { ...signature, cdHash: digest.slice(0, CDHASH_SIZE * 2) } };
  const message = 'no cdhash: this runtime offers no digest for it here';
  return { ...binary, warnings: [...warnings, warningOf('unsupported', message, null)] };
}
