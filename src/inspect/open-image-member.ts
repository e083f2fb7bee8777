// A file of a container image as an input: `image.tar!/linux/arm64!/usr/bin/app`, links followed within the image.

import { findMember } from '../archives/find-member.ts';
import { archiveStore, folderStore } from '../archives/image-store.ts';
import type { ImageStore } from '../archives/image-store.ts';
import type { LayerReader } from '../archives/image-layer.ts';
import type { Budget } from '../archives/member.ts';
import { imageLabels, ImageReader } from '../archives/read-images.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';

/** How a path below an image begins: a platform, and the path in its tree. */
const WITHIN = /^([\w.+-]+\/[\w.+-]+(?:\/[\w.+-]+)?(?:#\d+)?)!(\/.+)$/s;

/** A file of an image, open until it is closed. */
export interface ImageMember {
  readonly content: Uint8Array | ByteSource;
  close(): Promise<void>;
}

/**
 * The content of a file of an image: held, or a range of its layer. `path` is what stands behind the archive's own. Null where the archive, or the folder, is no
 * image, or has none for that platform. Throws `io` where the image has no such file. `close` what it gives.
 */
export async function openImageMember(from: ByteSource | string, path: string, budget: Budget): Promise<ImageMember | null> {
  const [, wanted = '', member = ''] = WITHIN.exec(path) ?? [];
  const reader: LayerReader<never> = { budget, digests: false, visit: () => Promise.resolve(null) };
  const store = typeof from === 'string' ? await folderStore<never>(from, reader) : await archiveStore<never>(from, reader);
  if (store === null) return null;
  try {
    const label = imageLabels();
    for await (const image of new ImageReader(store, reader).images(() => {})) {
      if (label(image) !== wanted) continue;
      const { tree, complete, warnings } = await image.load();
      const node = tree.resolve(member)?.node;
      if (node === undefined) throw new BinspectError('io', `the image has no file ${member}${complete ? '' : `: ${warnings.at(-1)?.message ?? 'it could not be read'}`}`);
      if (node.kind !== 'file') throw new BinspectError('io', node.kind === 'folder' ? 'is a directory' : 'is not a regular file');
      const content = await contentOf(store, image.files[node.layer] as string, node.entry, from, budget);
      return { content, close: () => store.close() };
    }
  } catch (error) {
    await store.close();
    throw error;
  }
  await store.close();
  return null;
}

/** A file's bytes by its path in a layer, which is read once more. */
async function contentOf(store: ImageStore<never>, layer: string, entry: string, archive: ByteSource | string, budget: Budget): Promise<Uint8Array | ByteSource> {
  const source = await store.source(layer);
  if (source !== null) return findMember(source, layer, entry, budget);
  if (typeof archive === 'string') throw new BinspectError('io', `the layer ${layer} is not there`);
  return findMember(archive, '', `${layer}!/${entry}`, budget); // it went by in a compressed archive
}
