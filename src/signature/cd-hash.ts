// The cdhash of a signed Mach-O image: which of its bytes are hashed says the wing, how they are hashed says the runtime.

import type { Input } from '../bytes/input.ts';
import { digestPass } from '../bytes/pass.ts';
import type { Pass } from '../bytes/pass.ts';
import { directoryDigest } from '../macho/code-signature.ts';
import type { Binary, Facts } from '../model/binary.ts';
import { warningOf } from '../model/warning.ts';

/** Bytes of a cdhash, of whatever digest. */
const CDHASH_SIZE = 20;

/** The pass that hashes the code directory; null for what has none, and where only the main facts are wanted. To be called in a reader. */
export function cdHashPass(image: Input, { format, signature, offset }: Binary, index: number, facts: Facts): Pass | null {
  if (facts === 'main' || format !== 'mach-o' || signature === null) return null;
  const digest = directoryDigest(image, { offset: signature.offset - offset, size: signature.size });
  return digest === null ? null : digestPass(index, { at: offset + digest.range.offset, length: digest.range.size }, digest.algorithm, withCdHash);
}

function withCdHash(binary: Binary, digest: string | null): Binary {
  const { signature, warnings } = binary;
  if (signature === null) return binary;
  if (digest !== null) return { ...binary, signature: { ...signature, cdHash: digest.slice(0, CDHASH_SIZE * 2) } };
  const message = 'no cdhash: this runtime offers no digest for it here';
  return { ...binary, warnings: [...warnings, warningOf('unsupported', message, null)] };
}
