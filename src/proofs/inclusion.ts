// Whether an entry is in a log: the way from its leaf up to the root. (RFC 9162 2.1.3.2, RFC 6962 2.1.1)

import { equalBytes, joined } from '../pki/der.ts';
import type { Runtime } from '../pki/signed-bytes.ts';
import type { InclusionProof } from './bundle.ts';

/** Whether hashing an entry's body with the hashes of a proof leads to its root. */
export function isIncluded(runtime: Runtime, body: Uint8Array, { logIndex, treeSize, rootHash, hashes }: InclusionProof): boolean {
  if (logIndex >= treeSize) return false;
  const hash = (prefix: number, ...parts: readonly Uint8Array[]): Uint8Array => runtime.digest('sha256', joined([Uint8Array.from([prefix]), ...parts])) ?? new Uint8Array(0);
  let first = logIndex;
  let second = treeSize - 1n;
  let result = hash(0, body);
  for (const sibling of hashes) {
    if (second === 0n || sibling.length !== 32) return false;
    if ((first & 1n) === 1n || first === second) {
      result = hash(1, sibling, result);
      while ((first & 1n) === 0n && first !== 0n) {
        first >>= 1n;
        second >>= 1n;
      }
    } else result = hash(1, result, sibling);
    first >>= 1n;
    second >>= 1n;
  }
  return second === 0n && rootHash.length === 32 && equalBytes(result, rootHash);
}
