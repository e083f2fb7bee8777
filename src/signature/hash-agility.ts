// Hash agility: by which signed attributes a CMS message covers code directories beside the first. (Apple, Security, SecCMS)

import { hashOfOid } from '../pki/algorithms.ts';
import type { HashName } from '../pki/algorithms.ts';
import { onlyValue } from '../pki/cms.ts';
import type { SignerInfo } from '../pki/cms.ts';
import { DerCursor, TAG, contentOf, equalBytes, malformed } from '../pki/der.ts';
import { oid } from '../pki/values.ts';
import { AGILITY } from './apple-kinds.ts';
import { readPlist } from './plist.ts';

/** A code directory's digest in full. */
export interface DirectoryIdentity {
  readonly hashType: number;
  readonly algorithm: HashName;
  readonly digest: Uint8Array;
}

const CDHASH_SIZE = 20;

/**
 * Whether the attributes name just these code directories: 'none' without such attributes. The list of cdhashes is in the order of the kinds
 * of digest; the digests in full stand in any order, one for each. Throws `malformed`.
 */
export function agilityOf(signer: SignerInfo, directories: readonly DirectoryIdentity[]): 'match' | 'mismatch' | 'none' {
  const attributes = signer.signedAttributes?.list ?? [];
  const plist = onlyValue(attributes, AGILITY.PLIST, 'list of cdhashes');
  const full = attributes.filter(({ oid: id }) => id === AGILITY.DIGESTS);
  if (plist === null && full.length === 0) return 'none';
  const byType = [...directories].sort((a, b) => a.hashType - b.hashType);
  if (plist !== null) {
    const value = plist.tag === TAG.OCTET_STRING ? readPlist(contentOf(plist)) : null;
    const listed = value instanceof Map ? value.get('cdhashes') : null;
    if (!Array.isArray(listed)) throw malformed(plist.data, plist.at, 'the list of cdhashes is no property list of that');
    const same = listed.length === byType.length && byType.every(({ digest }, index) => listed[index] instanceof Uint8Array && equalBytes(listed[index], digest.subarray(0, CDHASH_SIZE)));
    if (!same) return 'mismatch';
  }
  if (full.length === 0) return 'match';
  const values = full.flatMap(({ values: list }) => list);
  if (full.length > 1 || values.length !== directories.length) return 'mismatch';
  const matched = new Set<DirectoryIdentity>();
  for (const value of values) {
    if (value.tag !== TAG.SEQUENCE) throw malformed(value.data, value.at, 'a digest of a code directory has the wrong tag');
    const fields = new DerCursor(value, 'digest of a code directory');
    const algorithm = hashOfOid(oid(fields.take(TAG.OID, 'digest of a code directory'), 'digest of a code directory'));
    const digest = contentOf(fields.take(TAG.OCTET_STRING, 'digest of a code directory'));
    fields.finish();
    const found = directories.find((directory) => directory.algorithm === algorithm && !matched.has(directory) && equalBytes(directory.digest, digest));
    if (found === undefined) return 'mismatch';
    matched.add(found);
  }
  return 'match';
}
