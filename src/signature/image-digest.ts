// The digests of a PE image as Authenticode defines them: flat, section-wise, and page by page; and the checksum. All of one stream.

import type { Sink } from '../bytes/pass.ts';
import type { Section } from '../pe/structures.ts';
import { HASH_BYTES } from '../pki/algorithms.ts';
import type { HashName } from '../pki/algorithms.ts';
import { latin1 } from '../pki/values.ts';
import type { PageHashTable } from './authenticode-message.ts';
import type { AuthenticodeTable } from './authenticode-table.ts';
import type { Cryptography } from './cryptography.ts';
import { isDigestAt, pageDigests, rangesDigest } from './digest-ranges.ts';
import type { Page, Range, StreamDigest } from './digest-ranges.ts';
import { peChecksum } from './pe-checksum.ts';

/** What the stream of an image came to. */
export interface ImageDigests {
  readonly flat: ReadonlyMap<HashName, Uint8Array | null>;
  /** Only where it differs from the flat one, and can be computed. */
  readonly sectionWise: ReadonlyMap<HashName, Uint8Array | null>;
  /** For each table of page hashes: the pages that differ; null where the image has no such pages. */
  readonly pages: ReadonlyMap<PageHashTable, PagesChecked | null>;
  /** What CheckSum should be. */
  readonly checksum: number;
}

/** What came of a table of page hashes. */
export interface PagesChecked {
  /** Pages that the image has. */
  readonly count: number;
  /** Entries of the table, its last one left out. */
  readonly entries: number;
  readonly bad: readonly { readonly index: number; readonly offset: number; readonly size: number }[];
}

const PAGE = 4096; // of the memory it was defined for, whatever the image's alignment

/** The stretches that the image digest leaves out: the checksum, the table's directory entry, the table. */
function flatRanges({ checksumOffset, directoryOffset, table }: AuthenticodeTable, size: number): Range[] {
  const holes: Range[] = [{ offset: checksumOffset, size: 4 }];
  if (directoryOffset !== null) holes.push({ offset: directoryOffset, size: 8 });
  if (table !== null) holes.push(table);
  const ranges: Range[] = [];
  let at = 0;
  for (const { offset, size: length } of holes) {
    if (offset > at) ranges.push({ offset: at, size: offset - at });
    at = offset + length;
  }
  if (at < size) ranges.push({ offset: at, size: size - at });
  return ranges;
}

/** Sections that have bytes in the file, by their place; null where they lie over one another or over the headers, or past the end. */
function placedSections(sections: readonly Section[], headersSize: number, size: number): Section[] | null {
  const placed = sections.filter(({ fileSize, offset }) => fileSize > 0 && offset > 0).sort((a, b) => a.offset - b.offset);
  let end = headersSize;
  for (const { offset, fileSize } of placed) {
    if (offset < end || offset + fileSize > size) return null;
    end = offset + fileSize;
  }
  return placed;
}

const MOST_LATE = 16 * 1024 * 1024; // bytes that are kept for the section-wise digest; gaps have some KB

/**
 * What firmware hashes: headers, sections by their place, and what lies behind as many bytes as those have. With gaps between sections
 * that is something else than the flat digest. Null where it is the same, or no firmware could say.
 */
function sectionWiseRanges(table: AuthenticodeTable, size: number): { ranges: Range[]; late: Range | null } | null {
  const { file, table: place } = table;
  const { headersSize } = file.optional;
  const sections = placedSections(file.sections, headersSize, size);
  if (sections === null || place === null) return null;
  let hashed = headersSize;
  let end = headersSize;
  for (const { offset, fileSize } of sections) {
    hashed += fileSize;
    end = offset + fileSize;
  }
  if (hashed === end) return null;
  const headers = flatRanges({ ...table, table: null }, headersSize);
  const tail = size - place.size - hashed;
  if (tail < 0 || end - hashed > MOST_LATE) return null;
  return { ranges: [...headers, ...sections.map(({ offset, fileSize }) => ({ offset, size: fileSize }))], late: tail === 0 ? null : { offset: hashed, size: tail } };
}

/** The pages of an image behind its headers, in the order of its sections; null where they don't go upward. */
function imagePages(sections: readonly Section[], headersSize: number, size: number): Page[] | null {
  const placed = placedSections(sections, headersSize, size);
  if (placed === null) return null;
  return placed.flatMap(({ offset, fileSize }) =>
    Array.from({ length: Math.ceil(fileSize / PAGE) }, (_, index) => {
      const length = Math.min(PAGE, fileSize - index * PAGE);
      return { offset: offset + index * PAGE, size: length, padding: PAGE - length };
    }),
  );
}

/** A table of page hashes held against an image's pages, as their digests come. */
function pagesSink(cryptography: Cryptography, pages: PageHashTable, table: AuthenticodeTable, size: number): { take: StreamDigest['take']; done: () => PagesChecked | null } {
  const { file } = table;
  const { headersSize } = file.optional;
  const list = imagePages(file.sections, headersSize, size);
  if (list === null || headersSize > PAGE) return { take: () => {}, done: () => null };
  const entry = 4 + HASH_BYTES[pages.algorithm];
  const entries = pages.table.length / entry;
  const view = new DataView(pages.table.buffer, pages.table.byteOffset, pages.table.length);
  const good = new Uint8Array(list.length + 1);
  const fits = (index: number, offset: number, digest: string): boolean =>
    index < entries && view.getUint32(index * entry, true) === offset && isDigestAt(pages.table, index * entry + 4, entry - 4, digest);
  const headers = rangesDigest(cryptography, pages.algorithm, flatRanges({ ...table, table: null }, headersSize), { padding: PAGE - headersSize });
  const rest = pageDigests(cryptography, pages.algorithm, list.length, (index) => list[index] as Page, (index, digest) => {
    if (fits(index + 1, (list[index] as Page).offset, digest)) good[index + 1] = 1;
  });
  return {
    take: (bytes, at) => {
      headers.take(bytes, at);
      rest(bytes, at);
    },
    done: () => {
      const first = headers.digest();
      if (first !== null && fits(0, 0, latin1(first))) good[0] = 1;
      const all = [{ offset: 0, size: headersSize }, ...list];
      return {
        count: all.length,
        entries: entries - 1,
        bad: all.flatMap(({ offset, size }, index) => (good[index] === 1 ? [] : [{ index, offset, size }])),
      };
    },
  };
}

/** What takes the stream of a file and says what its signatures should have signed. */
export function imageSink(cryptography: Cryptography, table: AuthenticodeTable): Sink<ImageDigests> {
  const size = table.file.input.size;
  const algorithms = new Set(table.messages.flatMap(({ indirect }) => (indirect.algorithm === null ? [] : [indirect.algorithm])));
  const sectionWise = sectionWiseRanges(table, size);
  const flat = new Map<HashName, StreamDigest>();
  const gapped = new Map<HashName, StreamDigest>();
  for (const algorithm of algorithms) {
    flat.set(algorithm, rangesDigest(cryptography, algorithm, flatRanges(table, size)));
    if (sectionWise !== null) gapped.set(algorithm, rangesDigest(cryptography, algorithm, sectionWise.ranges, { late: sectionWise.late }));
  }
  const pages = new Map<PageHashTable, ReturnType<typeof pagesSink>>();
  for (const { indirect } of table.messages) if (indirect.pages !== null) pages.set(indirect.pages, pagesSink(cryptography, indirect.pages, table, size));
  const checksum = peChecksum(table.checksumOffset);
  const takers = [...flat.values(), ...gapped.values(), ...pages.values(), ...(table.checksum === 0 ? [] : [checksum])].map(({ take }) => take);
  return {
    take: (bytes, at) => {
      for (const take of takers) take(bytes, at);
    },
    done: () => ({
      flat: new Map([...flat].map(([algorithm, digest]) => [algorithm, digest.digest()])),
      sectionWise: new Map([...gapped].map(([algorithm, digest]) => [algorithm, digest.digest()])),
      pages: new Map([...pages].map(([key, sink]) => [key, sink.done()])),
      checksum: checksum.value(),
    }),
  };
}
