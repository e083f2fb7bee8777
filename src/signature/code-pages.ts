// The pages of Mach-O code directories, held against the bytes as they stream by.

import type { FullCodeDirectory } from '../macho/code-directory.ts';
import { CS_HASH } from '../macho/constants.ts';
import type { HashName } from '../pki/algorithms.ts';
import type { Cryptography } from './cryptography.ts';
import { isDigestAt, pageDigests } from './digest-ranges.ts';
import type { StreamDigest } from './digest-ranges.ts';

/** The digest that a kind of code directory uses, and its name; null for one that is not known. */
export function directoryHash(hashType: number): { readonly hash: HashName; readonly name: 'sha1' | 'sha256-truncated' | 'sha256' | 'sha384' } | null {
  switch (hashType) {
    case CS_HASH.SHA1:
      return { hash: 'sha1', name: 'sha1' };
    case CS_HASH.SHA256:
      return { hash: 'sha256', name: 'sha256' };
    case CS_HASH.SHA256_TRUNCATED:
      return { hash: 'sha256', name: 'sha256-truncated' };
    case CS_HASH.SHA384:
      return { hash: 'sha384', name: 'sha384' };
    default:
      return null;
  }
}

/** What came of a code directory's pages. */
export interface PagesFound {
  /** Pages that are not what their slots say, in bytes of the image. */
  readonly bad: readonly { readonly index: number; readonly offset: number; readonly size: number }[];
  /** Why the pages could not be held against the slots; null where they were. */
  readonly unknown: string | null;
}

const SMALLEST = 9; // log2: systems take pages of 4 KiB and 16 KiB; smaller ones make work without end
const LARGEST = 30;

/** How many slots the pages of a code directory need. */
export function pagesOf({ codeLimit, pageSize }: FullCodeDirectory): number {
  return pageSize === 0 ? (codeLimit === 0 ? 0 : 1) : Math.ceil(codeLimit / pageSize);
}

/** What takes the stream of an image and holds each page against its slot; a page that the image does not have in full is bad. */
export function codePages(cryptography: Cryptography, directory: FullCodeDirectory): { readonly take: StreamDigest['take']; readonly done: () => PagesFound } {
  const { bytes, codeLimit, codeSlots, hashOffset, hashSize, hashType, pageShift } = directory;
  const algorithm = directoryHash(hashType);
  const refused = algorithm === null ? `digests of kind ${hashType} are not known` : pageShift !== 0 && (pageShift < SMALLEST || pageShift > LARGEST) ? `pages of 2^${pageShift} bytes are not taken` : null;
  if (algorithm === null || refused !== null) return { take: () => {}, done: () => ({ bad: [], unknown: refused }) };
  const count = Math.min(codeSlots, pagesOf(directory));
  const pageSize = directory.pageSize === 0 ? codeLimit : directory.pageSize;
  const good = new Uint8Array(count);
  const take = pageDigests(
    cryptography,
    algorithm.hash,
    count,
    (index) => ({ offset: index * pageSize, size: Math.min(pageSize, codeLimit - index * pageSize), padding: 0 }),
    (index, digest) => {
      if (isDigestAt(bytes, hashOffset + index * hashSize, hashSize, digest)) good[index] = 1;
    },
  );
  const done = (): PagesFound => {
    const bad: PagesFound['bad'][number][] = [];
    for (let index = 0; index < count; index++) {
      if (good[index] === 1) continue;
      bad.push({ index, offset: index * pageSize, size: Math.min(pageSize, codeLimit - index * pageSize) });
    }
    return { bad, unknown: null };
  };
  return { take, done };
}
