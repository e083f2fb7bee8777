// Digests of parts of a file, joined with the rest: which bytes they are of the wings say, and nobody else hashes.

import { digestStretch } from './bytes/digest.ts';
import type { Input } from './bytes/input.ts';
import { scanAsync, scanSync } from './bytes/search.ts';
import type { Scan, Stretch } from './bytes/search.ts';
import type { ByteSource, SyncSource } from './bytes/source.ts';
import { directoryDigest } from './macho/code-signature.ts';
import type { DirectoryDigest } from './macho/code-signature.ts';
import type { Binary, Facts } from './model/binary.ts';

/** Bytes of a cdhash, of whatever digest. */
const CDHASH_SIZE = 20;

/** What to digest for the cdhash of a binary; null for what has none. To be called in a reader, with an input of the image's own. */
export function cdHashDigest(image: Input, { format, signature, offset }: Binary, facts: Facts): DirectoryDigest | null {
  if (facts === 'main' || format !== 'mach-o' || signature === null) return null;
  return directoryDigest(image, { offset: signature.offset - offset, size: signature.size });
}

/** The binaries of a file with their cdhashes. `digests` has one entry for each binary. */
export async function withCdHashes(
  source: ByteSource,
  binaries: readonly Binary[],
  digests: readonly (DirectoryDigest | null)[],
  signal?: AbortSignal,
): Promise<readonly Binary[]> {
  const joined: Binary[] = [];
  for (const [index, binary] of binaries.entries()) {
    const digest = digests[index] ?? null;
    joined.push(digest === null ? binary : withCdHash(binary, await scanAsync(source, imageOf(binary), scanOf(digest), signal)));
  }
  return joined;
}

/** The same, at once. */
export function withCdHashesSync(source: SyncSource, binaries: readonly Binary[], digests: readonly (DirectoryDigest | null)[]): readonly Binary[] {
  return binaries.map((binary, index) => {
    const digest = digests[index] ?? null;
    return digest === null ? binary : withCdHash(binary, scanSync(source, imageOf(binary), scanOf(digest)));
  });
}

function imageOf({ offset, size }: Binary): Stretch {
  return { at: offset, length: size };
}

function scanOf({ range, algorithm }: DirectoryDigest): Scan<string> {
  return digestStretch({ at: range.offset, length: range.size }, algorithm);
}

function withCdHash(binary: Binary, digest: string): Binary {
  const { signature } = binary;
  return signature === null ? binary : { ...binary, signature: { ...signature, cdHash: digest.slice(0, CDHASH_SIZE * 2) } };
}
