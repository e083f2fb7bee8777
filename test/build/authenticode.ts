// Signs PE files as signtool does, with whatever is wrong in it. The digests are computed here anew, from Microsoft's paper.

import { buildPe } from './pe.ts';
import { bits, bmp, octets, oid, sequence, setOf, tagged, taggedBytes } from './der.ts';
import { attribute, countersignature, digest, hashId, house, signedData, signerInfo, timeStamp } from './pki.ts';
import type { Hash, House } from './pki.ts';

const SPC = '1.3.6.1.4.1.311.2.1';
export const INDIRECT_DATA: string = `${SPC}.4`;

/** Where the fields stand that no digest covers. */
export interface PeFields {
  readonly checksum: number;
  readonly directory: number;
  readonly headersSize: number;
  readonly sections: readonly { readonly offset: number; readonly size: number }[];
}

export function fieldsOf(pe: Uint8Array): PeFields {
  const view = new DataView(pe.buffer, pe.byteOffset, pe.length);
  const header = view.getUint32(0x3c, true);
  const optional = header + 24;
  const wide = view.getUint16(optional, true) === 0x20b;
  const table = optional + view.getUint16(header + 20, true);
  const sections = Array.from({ length: view.getUint16(header + 6, true) }, (_, index) => ({
    size: view.getUint32(table + index * 40 + 16, true),
    offset: view.getUint32(table + index * 40 + 20, true),
  }));
  return { checksum: optional + 64, directory: optional + (wide ? 144 : 128), headersSize: view.getUint32(optional + 60, true), sections };
}

/** A small image of several pages: two sections with raw data, the second not a whole page. */
export function plainPe(wide = true): Uint8Array {
  const data = Array.from({ length: 0x2400 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
  return buildPe({ wide, sections: [{ address: 0x1000, data }, { name: '.data', address: 0x4000, data: data.slice(0, 0x600), characteristics: 0xc000_0040 }] });
}

/** The flat digest: all but the checksum, the table's directory entry, and the table. */
export function imageDigest(pe: Uint8Array, hash: Hash, end: number = pe.length): Buffer {
  const { checksum, directory } = fieldsOf(pe);
  return digest(hash, pe.subarray(0, checksum), pe.subarray(checksum + 4, directory), pe.subarray(directory + 8, end));
}

/** A table of page hashes: headers, pages of sections, and the end. */
export function pageHashes(pe: Uint8Array, hash: 'sha1' | 'sha256'): Buffer {
  const { checksum, directory, headersSize, sections } = fieldsOf(pe);
  const position = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const entries: Buffer[] = [
    position(0),
    digest(hash, pe.subarray(0, checksum), pe.subarray(checksum + 4, directory), pe.subarray(directory + 8, headersSize), Buffer.alloc(4096 - headersSize)),
  ];
  let end = 0;
  for (const { offset, size } of sections) {
    for (let at = 0; at < size; at += 4096) {
      const page = pe.subarray(offset + at, offset + Math.min(size, at + 4096));
      entries.push(position(offset + at), digest(hash, page, Buffer.alloc(4096 - page.length)));
    }
    end = offset + size;
  }
  return Buffer.concat([...entries, position(end), Buffer.alloc(hash === 'sha1' ? 20 : 32)]);
}

/** SpcIndirectDataContent. */
export function indirectData(image: Uint8Array, hash: Hash, pages: Uint8Array | null, pagesHash: 'sha1' | 'sha256' = 'sha256'): Uint8Array {
  const obsolete = tagged(2, taggedBytes(0, bmp('<<<Obsolete>>>').subarray(2)));
  const moniker = (table: Uint8Array): Uint8Array => {
    const serialized = setOf(sequence(oid(pagesHash === 'sha1' ? '1.3.6.1.4.1.311.2.3.1' : '1.3.6.1.4.1.311.2.3.2'), setOf(octets(table))));
    return tagged(1, octets(Buffer.from('a6b586d5b4a12466ae05a217da8e60d6', 'hex')), octets(serialized));
  };
  const link = tagged(0, pages === null ? obsolete : moniker(pages));
  return sequence(sequence(oid(`${SPC}.15`), sequence(bits(Buffer.alloc(0)), link)), sequence(hashId(hash), octets(image)));
}

export type Stamp = 'rfc3161' | 'countersignature';

export interface AuthenticodeOptions {
  readonly parties?: House;
  readonly hash?: Hash;
  /** Digests of signatures nested in the outer one. */
  readonly nested?: readonly Hash[];
  readonly pages?: boolean;
  /** A table of page hashes that replaces the true one. */
  readonly pageTable?: Uint8Array;
  /** The digest that is signed, where it is not the image's. */
  readonly image?: Uint8Array;
  readonly stamps?: readonly Stamp[];
  readonly stampTime?: string;
  readonly programName?: string;
  readonly moreInfo?: string;
  /** More unsigned attributes. */
  readonly unsigned?: readonly Uint8Array[];
  /** Signed attributes are left out. */
  readonly bare?: boolean;
  /** Certificates that replace the usual ones. */
  readonly certificates?: House['signer'][];
  /** How many signers there are. */
  readonly signers?: number;
}

let usual: House | null = null;

/** The parties of most tests. */
export function parties(): House {
  return (usual ??= house('rsa'));
}

/** The message over an image whose table begins at `end`. */
export function authenticodeMessage(pe: Uint8Array, options: AuthenticodeOptions = {}): Uint8Array {
  const { parties: people = parties(), hash = 'sha256', nested = [], stamps = [], stampTime = '2025-03-01T12:00:00.250Z' } = options;
  const table = options.pageTable ?? (options.pages === true ? pageHashes(pe, hash === 'sha1' ? 'sha1' : 'sha256') : null);
  const content = indirectData(options.image ?? imageDigest(pe, hash), hash, table, hash === 'sha1' ? 'sha1' : 'sha256');
  const opus = sequence(
    ...(options.programName === undefined ? [] : [tagged(0, taggedBytes(0, bmp(options.programName).subarray(2)))]),
    ...(options.moreInfo === undefined ? [] : [tagged(1, taggedBytes(0, Buffer.from(options.moreInfo)))]),
  );
  const attributes = [attribute(`${SPC}.12`, opus), attribute(`${SPC}.11`, sequence(oid('1.3.6.1.4.1.311.2.1.21')))];
  const stampOf = (signature: Uint8Array) => (kind: Stamp): Uint8Array => {
    const place = { certificate: people.stamper, time: stampTime };
    if (kind === 'countersignature') return attribute('1.2.840.113549.1.9.6', countersignature(signature, place));
    return attribute('1.3.6.1.4.1.311.3.3.1', timeStamp(signature, { ...place, certificates: [people.stamper, people.stampRoot] }));
  };
  const { header, body } = split(content);
  const signer = signerInfo({
    certificate: people.signer,
    hash,
    content: body,
    contentType: INDIRECT_DATA,
    attributes: options.bare === true ? null : attributes,
    unsigned: (signature) => [
      ...nested.map((inner) => attribute('1.3.6.1.4.1.311.2.4.1', authenticodeMessage(pe, { ...options, hash: inner, nested: [] }))),
      ...stamps.map(stampOf(signature)),
      ...(options.unsigned ?? []),
    ],
  });
  const extra = stamps.includes('countersignature') ? [people.stamper] : [];
  return signedData({
    contentType: INDIRECT_DATA,
    content: Buffer.concat([header, body]),
    certificates: options.certificates ?? [people.signer, people.intermediate, people.root, ...extra],
    signers: Array.from({ length: options.signers ?? 1 }, () => signer),
    hash,
  });
}

/** An element's tag and length, and its content: PKCS#7 digests the content alone. */
function split(whole: Uint8Array): { header: Uint8Array; body: Uint8Array } {
  const length = whole[1] as number;
  const start = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return { header: whole.subarray(0, start), body: whole.subarray(start) };
}

/** An entry of the certificate table, filled to a multiple of 8. */
export function certificateEntry(data: Uint8Array, type = 2, revision = 0x0200, size: number = 8 + Math.ceil(data.length / 8) * 8): Uint8Array {
  const bytes = Buffer.alloc(8 + Math.ceil(data.length / 8) * 8);
  bytes.writeUInt32LE(size, 0);
  bytes.writeUInt16LE(revision, 4);
  bytes.writeUInt16LE(type, 6);
  bytes.set(data, 8);
  return bytes;
}

/** What CheckSum should be, by adding up words one by one. */
export function checksumOf(pe: Uint8Array): number {
  const { checksum } = fieldsOf(pe);
  let sum = 0;
  for (let at = 0; at < pe.length; at += 2) {
    if (at === checksum || at === checksum + 2) continue;
    sum += (pe[at] as number) | ((pe[at + 1] ?? 0) << 8);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ((sum & 0xffff) + (sum >>> 16)) + pe.length;
}

/** An image with a certificate table, its directory entry and its checksum. */
export function withTable(pe: Uint8Array, table: Uint8Array, place: { offset?: number; size?: number } = {}): Uint8Array {
  const image = Buffer.concat([pe, Buffer.alloc((8 - (pe.length % 8)) % 8)]);
  const bytes = Buffer.concat([image, table]);
  const { checksum, directory } = fieldsOf(bytes);
  bytes.writeUInt32LE(place.offset ?? image.length, directory);
  bytes.writeUInt32LE(place.size ?? table.length, directory + 4);
  bytes.writeUInt32LE(checksumOf(bytes), checksum);
  return Uint8Array.from(bytes);
}

/** Signs an image. */
export function signPe(pe: Uint8Array = plainPe(), options: AuthenticodeOptions = {}): Uint8Array {
  return withTable(pe, certificateEntry(authenticodeMessage(pe, options)));
}

/** An attribute that nobody knows. */
export const strangeAttribute = (size: number): Uint8Array => attribute('1.3.6.1.4.1.99999.1', octets(Buffer.alloc(size, 0x41)));

