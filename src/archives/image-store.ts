// Where the blobs of an image lie: files of a folder, members of a plain tar archive, or what goes by once in a compressed one.

import { openFile } from '../bytes/source-file.ts';
import type { FileSource } from '../bytes/source-file.ts';
import { MemorySource } from '../bytes/source.ts';
import type { ByteSource } from '../bytes/source.ts';
import { flowOf } from '../bytes/flow.ts';
import { BinspectError } from '../errors.ts';
import { shownName } from '../model/container.ts';
import { compressionOf, unpack } from './compressed.ts';
import { layerOfFlow, layerOfSource } from './image-layer.ts';
import type { Layer, LayerReader } from './image-layer.ts';
import { Remarks } from './member.ts';
import type { Budget, Member } from './member.ts';
import { BLOCK, isTarHeader, isZeros } from './tar-header.ts';
import { walkTar } from './tar.ts';

/** Blobs by the names of their files. */
export interface ImageStore<T> {
  /** A small file, whole; null where there is none. Throws `limit-exceeded` for what is too large to hold. */
  json(name: string): Promise<Uint8Array | null>;
  /** A layer; null where there is none. What was read once is kept. */
  layer(name: string): Promise<Layer<T> | null>;
  /** Whether there is a file of this name. */
  has(name: string): Promise<boolean>;
  /** A layer's bytes, until the store is closed; null where there are none, or they have gone by. */
  source(name: string): Promise<ByteSource | null>;
  /** What was found odd on the way to them. */
  readonly warnings: Remarks['warnings'];
  close(): Promise<void>;
}

/** Counts a file that is held. */
function mayHold(name: string, size: number, budget: Budget): void {
  if (!budget.metadata(size)) throw new BinspectError('limit-exceeded', `${name}: ${size} bytes are too much to read for what the image is (the limits metadataBytes and metadataTotalBytes)`);
}

/** Each layer is read once, however many images have it. */
function kept<T>(read: (name: string) => Promise<Layer<T> | null>): (name: string) => Promise<Layer<T> | null> {
  const layers = new Map<string, Promise<Layer<T> | null>>();
  return (name) => {
    const layer = layers.get(name) ?? read(name);
    layers.set(name, layer);
    return layer;
  };
}

/** An OCI layout in a folder; null where the folder is none. */
export async function folderStore<T>(folder: string, reader: LayerReader<T>): Promise<ImageStore<T> | null> {
  const opened: FileSource[] = [];
  /** What is done with a file; null where there is none. */
  const withFile = async <R>(name: string, work: (file: FileSource) => Promise<R>): Promise<R | null> => {
    const file = await openMissing(`${folder}/${name}`);
    if (file === null) return null;
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  };
  const store: ImageStore<T> = {
    json: (name) =>
      withFile(name, async (file) => {
        mayHold(name, file.size, reader.budget);
        return file.read(0, file.size);
      }),
    has: async (name) => (await withFile(name, () => Promise.resolve(true))) === true,
    layer: kept((name) => withFile(name, (file) => layerOfSource(file, reader))),
    source: async (name) => {
      const file = await openMissing(`${folder}/${name}`);
      if (file !== null) opened.push(file);
      return file;
    },
    warnings: [],
    close: async () => {
      for (const file of opened) await file.close();
    },
  };
  return (await store.has('oci-layout')) && (await store.has('index.json')) ? store : null;
}

/** A file; null where there is none. */
async function openMissing(path: string): Promise<FileSource | null> {
  try {
    return await openFile(path);
  } catch (error) {
    if (error instanceof BinspectError && error.cause instanceof Error && 'code' in error.cause && (error.cause.code === 'ENOENT' || error.cause.code === 'ENOTDIR')) return null;
    throw error;
  }
}

/** Names that members of an image archive have. */
const IMAGE_NAMES = /^(?:blobs(?:\/.*)?|index\.json|oci-layout|manifest\.json|config\.json|repositories|version|(?:sha256:)?[0-9a-f]{12,64}(?:\/.*|\.json|\.tar(?:\.gz)?)?|[^/]+\.tar(?:\.gz)?)$/;
const MOST_STRANGERS = 16; // members by other names that an image archive may have

/** An archive that may hold images; null for what is none, as far as its members' names tell. `source` is closed by whoever opened it. */
export async function archiveStore<T>(source: ByteSource, reader: LayerReader<T>): Promise<ImageStore<T> | null> {
  const { budget } = reader;
  const head = await source.read(0, Math.min(BLOCK, source.size));
  const remarks = new Remarks(budget.limits.warnings);
  if (isTarHeader(head)) return plainStore(source, reader, remarks);
  const compression = compressionOf(head);
  if (compression === null) return null;
  const outer = flowOf(source, { window: 1024 * 1024, ahead: true, signal: budget.signal });
  const { flow } = await unpack(outer, compression, budget, remarks);
  if (!isTarHeader((await flow.peek(BLOCK)).subarray(0, BLOCK))) return null;
  const files = new Map<string, Uint8Array>();
  const layers = new Map<string, Layer<T>>();
  const links = new Map<string, string>();
  for await (const member of walkTar(flow, budget, remarks)) {
    const name = shownName(member.name);
    if (!IMAGE_NAMES.test(name) && files.size + layers.size === 0) return null; // it would show in its first members
    addLink(links, member, name);
    if (member.kind !== 'file' || member.size === null || member.size === 0 || member.problem !== null) continue;
    links.delete(name);
    const first = (await member.start(BLOCK)).subarray(0, BLOCK);
    if (first[0] === 0x7b || first[0] === 0x5b) {
      if (budget.metadata(member.size)) files.set(name, await (await member.open()).rest(member.size, name));
      else if (name === 'index.json' || name === 'manifest.json') mayHold(name, member.size, budget);
    } else if (isTarHeader(first) || isZeros(first) || compressionOf(first) !== null) layers.set(name, await layerOfFlow(await member.open(), member.size, reader));
  }
  while ((await flow.chunk(1024 * 1024)).length > 0);
  if (!isImage((name) => files.has(name))) return null;
  return {
    json: (name) => Promise.resolve(files.get(linked(links, name)) ?? null),
    has: (name) => Promise.resolve(files.has(linked(links, name)) || layers.has(linked(links, name))),
    layer: (name) => Promise.resolve(layers.get(linked(links, name)) ?? null),
    source: () => Promise.resolve(null),
    warnings: remarks.warnings,
    close: () => Promise.resolve(),
  };
}

function isImage(has: (name: string) => boolean): boolean {
  return has('index.json') || has('manifest.json');
}

/** Takes note of a link within the archive, by the name that it leads to. */
function addLink(links: Map<string, string>, { kind, link }: Member, name: string): void {
  if (link === null || (kind !== 'symlink' && kind !== 'hardlink')) return;
  const parts = kind === 'hardlink' ? [] : name.split('/').slice(0, -1);
  for (const part of link.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  links.set(name, parts.join('/'));
}

/** Where links lead from a name. */
function linked(links: ReadonlyMap<string, string>, name: string): string {
  let at = shownName(name);
  for (let hop = 0; hop < 40; hop++) {
    const next = links.get(at);
    if (next === undefined) break;
    at = next;
  }
  return at;
}

async function plainStore<T>(source: ByteSource, reader: LayerReader<T>, remarks: Remarks): Promise<ImageStore<T> | null> {
  const { budget } = reader;
  const files = new Map<string, ByteSource>();
  const links = new Map<string, string>();
  const flow = flowOf(source, { window: 64 * 1024, ahead: false, signal: budget.signal });
  let strangers = 0;
  for await (const member of walkTar(flow, budget, remarks)) {
    const name = shownName(member.name);
    if (!IMAGE_NAMES.test(name) && ++strangers > MOST_STRANGERS) return null;
    addLink(links, member, name);
    if (member.kind !== 'file') continue;
    links.delete(name);
    const content = member.size === 0 ? new MemorySource(new Uint8Array(0)) : await member.locate();
    if (content !== null) files.set(name, content);
    else remarks.warn('unsupported', `${name}: a sparse member, which is not read as a part of an image`);
  }
  if (!isImage((name) => files.has(name))) return null;
  const find = (name: string): Promise<ByteSource | null> => Promise.resolve(files.get(linked(links, name)) ?? null);
  const layer = kept(async (name) => {
    const file = await find(name);
    return file === null ? null : layerOfSource(file, reader);
  });
  return {
    json: async (name) => {
      const file = await find(name);
      if (file === null) return null;
      mayHold(name, file.size, budget);
      return file.read(0, file.size);
    },
    has: async (name) => (await find(name)) !== null,
    layer: (name) => layer(linked(links, name)),
    source: find,
    warnings: remarks.warnings,
    close: () => Promise.resolve(),
  };
}
