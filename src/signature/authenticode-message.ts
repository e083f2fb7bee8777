// What an Authenticode signature signs: SpcIndirectDataContent, with the page hashes in it, and the attributes that name a program.
// (Microsoft, "Windows Authenticode Portable Executable Signature Format", 1.0)

import { hashOf, readAlgorithm, HASH_BYTES } from '../pki/algorithms.ts';
import type { HashName } from '../pki/algorithms.ts';
import { attempt } from '../pki/attempt.ts';
import { contentOctets, onlyValue, readSignedData } from '../pki/cms.ts';
import type { SignedData, SignerInfo } from '../pki/cms.ts';
import { DerCursor, TAG, contentOf, context, contextPrimitive, elementsOf, expectTag, hexOf, malformed, readDer } from '../pki/der.ts';
import type { Element } from '../pki/der.ts';
import { latin1, oid, utf16 } from '../pki/values.ts';

/** Object identifiers of Authenticode. */
export const SPC = {
  INDIRECT_DATA: '1.3.6.1.4.1.311.2.1.4',
  PE_IMAGE: '1.3.6.1.4.1.311.2.1.15',
  OPUS_INFO: '1.3.6.1.4.1.311.2.1.12',
  NESTED: '1.3.6.1.4.1.311.2.4.1',
  PAGE_HASHES_SHA1: '1.3.6.1.4.1.311.2.3.1',
  PAGE_HASHES_SHA256: '1.3.6.1.4.1.311.2.3.2',
} as const;

const PAGE_HASHES_CLASS = 'a6b586d5b4a12466ae05a217da8e60d6';

/** A table of page hashes: positions with the digests of the pages there. */
export interface PageHashTable {
  readonly algorithm: HashName;
  readonly table: Uint8Array;
  /** Position of the table in the file. */
  readonly offset: number;
}

/** What is signed of an image. */
export interface IndirectData {
  /** Of what kind the file is said to be: `SPC.PE_IMAGE`. */
  readonly type: string;
  /** Null for a digest that is not known here. */
  readonly algorithm: HashName | null;
  readonly algorithmOid: string;
  readonly digest: Uint8Array;
  /** Position of the digest in the file. */
  readonly digestOffset: number;
  readonly pages: PageHashTable | null;
  /** Why there are page hashes that can't be read; null where all is well. */
  readonly pagesProblem: { readonly message: string; readonly offset: number } | null;
}

/** One signature of a file: the outer one, or one nested in it. */
export interface AuthenticodeMessage {
  readonly depth: number;
  readonly message: SignedData;
  readonly indirect: IndirectData;
  /** The bytes that the message signs. */
  readonly content: Uint8Array;
  /** Bytes of the table's entry behind the message. */
  readonly unauthenticatedBytes: number;
}

const DEEPEST = 4; // signatures nested in one another; one is usual
const MOST = 16; // signatures of one file; three is the most seen

/** Where a nested signature can't be read, and why. */
export type OnDamage = (message: string, offset: number) => void;

/** Reads a signature and those nested in it, as they are stored. Throws `malformed` where the outer one can't be read. */
export function readMessages(contentInfo: Element, unauthenticatedBytes: number, damaged: OnDamage, depth = 0, room: { left: number } = { left: MOST }): AuthenticodeMessage[] {
  room.left--;
  const message = readSignedData(contentInfo);
  if (message.contentType !== SPC.INDIRECT_DATA || message.content === null) {
    throw malformed(contentInfo.data, contentInfo.at, `the message's content is of the type ${message.contentType}, not that of Authenticode`);
  }
  const content = contentOctets(message.content);
  const { data, start } = message.content;
  const sequence = message.content.tag === TAG.SEQUENCE ? message.content : readDer(content, TAG.SEQUENCE, 'signed content', data.base + start);
  const found: AuthenticodeMessage[] = [{ depth, message, indirect: readIndirectData(sequence), content, unauthenticatedBytes }];
  for (const { oid: id, values, offset } of message.signers[0]?.unsignedAttributes ?? []) {
    if (id !== SPC.NESTED) continue;
    for (const value of values) {
      if (depth + 1 >= DEEPEST || room.left <= 0) {
        damaged(`more than ${DEEPEST} signatures within one another, or more than ${MOST} in all`, offset);
        break;
      }
      const nested = attempt(() => readMessages(value, 0, damaged, depth + 1, room));
      if (nested.ok) found.push(...nested.value);
      else damaged(nested.error.message, nested.error.offset ?? offset);
    }
  }
  return found;
}

function readIndirectData(element: Element): IndirectData {
  const fields = new DerCursor(element, 'signed content');
  const data = fields.enter(TAG.SEQUENCE, 'signed content');
  const type = oid(data.take(TAG.OID, 'type of the signed file'), 'type of the signed file');
  const value = data.done ? null : data.any('description of the signed file');
  data.finish();
  const digestInfo = fields.enter(TAG.SEQUENCE, 'digest of the file');
  fields.finish();
  const algorithm = readAlgorithm(digestInfo.take(TAG.SEQUENCE, 'digest algorithm of the file'), 'digest algorithm of the file');
  const digest = digestInfo.take(TAG.OCTET_STRING, 'digest of the file');
  digestInfo.finish();
  const pages = value === null ? null : attempt(() => readPageHashes(value));
  return {
    type,
    algorithm: hashOf(algorithm),
    algorithmOid: algorithm.oid,
    digest: contentOf(digest),
    digestOffset: digest.data.base + digest.start,
    pages: pages?.ok === true ? pages.value : null,
    pagesProblem: pages === null || pages.ok ? null : { message: pages.error.message, offset: pages.error.offset ?? 0 },
  };
}

/** SpcPeImageData, as far as the page hashes in its moniker; null without them. */
function readPageHashes(value: Element): PageHashTable | null {
  if (value.tag !== TAG.SEQUENCE) return null;
  const fields = new DerCursor(value, 'description of the image');
  fields.maybe(TAG.BIT_STRING, 'flags of the image');
  const file = fields.maybe(context(0), 'file of the image');
  if (file === null) return null;
  const link = new DerCursor(file, 'file of the image').any();
  if (link.tag !== context(1)) return null; // a name or an address, as a rule '<<<Obsolete>>>'
  const moniker = new DerCursor(link, 'moniker');
  const id = contentOf(moniker.take(TAG.OCTET_STRING, 'class of the moniker'));
  const serialized = moniker.take(TAG.OCTET_STRING, 'data of the moniker');
  if (hexOf(id) !== PAGE_HASHES_CLASS) return null;
  const base = serialized.data.base + serialized.start;
  for (const attribute of elementsOf(readDer(contentOf(serialized), TAG.SET, 'page hashes', base), 'page hashes', 8)) {
    expectTag(attribute, TAG.SEQUENCE, 'page hashes');
    const pair = new DerCursor(attribute, 'page hashes');
    const type = oid(pair.take(TAG.OID, 'page hashes'), 'page hashes');
    const table = pair.enter(TAG.SET, 'page hashes').take(TAG.OCTET_STRING, 'page hashes');
    const algorithm = type === SPC.PAGE_HASHES_SHA1 ? 'sha1' : type === SPC.PAGE_HASHES_SHA256 ? 'sha256' : null;
    if (algorithm === null) continue;
    const entry = 4 + HASH_BYTES[algorithm];
    if ((table.stop - table.start) % entry !== 0) throw malformed(table.data, table.at, `page hashes: ${table.stop - table.start} bytes, no multiple of ${entry}`);
    return { algorithm, table: contentOf(table), offset: table.data.base + table.start };
  }
  return null;
}

/** SpcSpOpusInfo: the programme's name, and where to read more; null where they are not said or not readable. */
export function readOpus(signer: SignerInfo | undefined): { programName: string | null; moreInfo: string | null } {
  const read = attempt(() => {
    const value = onlyValue(signer?.signedAttributes?.list ?? [], SPC.OPUS_INFO, 'program name');
    if (value === null) return null;
    expectTag(value, TAG.SEQUENCE, 'program name');
    const fields = new DerCursor(value, 'program name');
    const name = fields.maybe(context(0), 'program name');
    const more = fields.maybe(context(1), 'address for more');
    return { programName: name === null ? null : spcString(name), moreInfo: more === null ? null : spcLink(more) };
  });
  return read.ok && read.value !== null ? read.value : { programName: null, moreInfo: null };
}

/** SpcString: `[0]` UTF-16 or `[1]` ASCII, both implicit. */
function spcString(tagged: Element): string | null {
  const inner = new DerCursor(tagged, 'text').any();
  return inner.tag === contextPrimitive(0) ? utf16(contentOf(inner)) : inner.tag === contextPrimitive(1) ? latin1(contentOf(inner)) : null;
}

/** SpcLink: `[0]` an address, or `[2]` a file's name. */
function spcLink(tagged: Element): string | null {
  const inner = new DerCursor(tagged, 'link').any();
  if (inner.tag === contextPrimitive(0)) return latin1(contentOf(inner));
  return inner.tag === context(2) ? spcString(inner) : null;
}
