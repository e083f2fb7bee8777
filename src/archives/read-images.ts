// The images of a layout or of docker save: for each its configuration, its layers merged, and whether its blobs are what their digests say.

import { BinspectError, refuseAborted } from '../errors.ts';
import { imagePlatformText } from '../model/image.ts';
import type { ImageConfig, ImageLayer, ImagePlatform } from '../model/image.ts';
import type { Warning } from '../model/warning.ts';
import { readConfig, readManifest, readSavedImages } from './image-json.ts';
import type { Descriptor, ReadConfig } from './image-json.ts';
import type { Layer, LayerReader } from './image-layer.ts';
import type { ImageStore } from './image-store.ts';
import { ImageTree } from './image-tree.ts';
import { Remarks } from './member.ts';

/** An image as an index and its own configuration describe it. */
export interface ListedImage<T> {
  readonly format: 'oci-layout' | 'docker-archive';
  readonly names: readonly string[];
  readonly digest: string | null;
  readonly indexPlatform: ImagePlatform | null;
  readonly config: ImageConfig | null;
  /** The names of the layers' files. */
  readonly files: readonly string[];
  /** Reads its layers. Throws `io` and `aborted` only. */
  load(): Promise<LoadedImage<T>>;
}

/** What its layers come to. */
export interface LoadedImage<T> {
  readonly layers: readonly ImageLayer[];
  readonly tree: ImageTree<T>;
  readonly complete: boolean;
  readonly warnings: readonly Warning[];
}

/** What a walk through the indexes comes to. */
interface Leaf {
  readonly descriptor: Descriptor;
  readonly names: readonly string[];
  readonly platform: ImagePlatform | null;
}

const DEPTH = 4; // indexes in indexes
const MERGED = 2; // times the limit `members`: entries that are merged for all images together, as they may share layers

/** Reads images, one after the other. */
export class ImageReader<T> {
  readonly #store: ImageStore<T>;
  readonly #reader: LayerReader<T>;
  #merged = 0;

  constructor(store: ImageStore<T>, reader: LayerReader<T>) {
    this.#store = store;
    this.#reader = reader;
  }

  /**
   * Every image; what is an attestation or another artifact is left out, with a word to `skipped`. Throws `malformed` and so on where the index itself can't be read;
   * an image that can't be read is not `complete`.
   */
  async *images(skipped: (name: string, reason: string) => void): AsyncGenerator<ListedImage<T>, void, undefined> {
    const index = await this.#store.json('index.json');
    const saved = await this.#store.json('manifest.json');
    const seen = new Set<string>();
    if (index !== null) {
      const leaves: Leaf[] = [];
      const parts = readManifest(index, 'index.json');
      if (parts.kind !== 'index') throw new BinspectError('malformed', 'index.json is not an image index');
      const failures: { leaf: Leaf; error: BinspectError }[] = [];
      for (const descriptor of parts.manifests) await this.#walk({ descriptor, names: descriptor.names, platform: descriptor.platform }, 1, leaves, failures, skipped);
      const once = new Map<string, Leaf>();
      for (const leaf of leaves) {
        const key = `${leaf.descriptor.digest} ${leaf.platform === null ? '' : imagePlatformText(leaf.platform)}`;
        const known = once.get(key);
        once.set(key, known === undefined ? leaf : { ...known, names: [...new Set([...known.names, ...leaf.names])] });
      }
      const there: Leaf[] = [];
      const missing: Leaf[] = [];
      for (const leaf of once.values()) ((await this.#store.has(blobName(leaf.descriptor.digest))) ? there : missing).push(leaf);
      for (const leaf of there) {
        const image = await this.#image(leaf, skipped);
        if (image === null) continue;
        seen.add(imageKey(image.config?.digest ?? '', image.files));
        yield image;
      }
      for (const leaf of missing) {
        const name = leaf.platform === null ? leaf.descriptor.digest : imagePlatformText(leaf.platform);
        // docker save writes the whole index, and the blobs of what is on the machine.
        if (saved !== null && there.length > 0) skipped(name, 'the index lists it, and its manifest is not in the archive');
        else yield this.#broken(leaf, new BinspectError('truncated', `the manifest ${leaf.descriptor.digest} is not there`));
      }
      for (const { leaf, error } of failures) yield this.#broken(leaf, error);
    }
    if (saved === null) return;
    for (const { config, tags, layers } of readSavedImages(saved)) {
      const digest = digestOfName(config);
      if (seen.has(imageKey(digest ?? '', layers))) continue;
      seen.add(imageKey(digest ?? '', layers));
      yield await this.#assemble({ format: index === null ? 'docker-archive' : 'oci-layout', names: tags, digest: null, indexPlatform: null }, { name: config, digest }, layers.map((name) => ({ name, shown: name, mediaType: null, digest: digestOfName(name) })));
    }
  }

  async #json({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<Uint8Array | null> {
    const bytes = await this.#store.json(blobName(digest));
    if (bytes === null) return null;
    this.#compare(digest, bytes);
    if (size !== null && size !== bytes.length) throw new BinspectError('malformed', `${digest} has ${bytes.length} bytes, and is listed with ${size}`);
    return bytes;
  }

  /** Throws `malformed` where bytes are not what a digest says. */
  #compare(digest: string, bytes: Uint8Array): void {
    const { sha256 } = this.#reader.budget.codecs;
    if (!digest.startsWith('sha256:')) throw new BinspectError('unsupported', `${digest.slice(0, 20)}…: only SHA-256 digests are computed`);
    if (sha256 === null || !this.#reader.digests) return;
    const running = sha256();
    running.update(bytes);
    const computed = `sha256:${running.digest()}`;
    if (computed !== digest) throw new BinspectError('malformed', `the blob ${digest} has the digest ${computed}`);
  }

  /** Goes down an index, as far as its blobs are there. */
  async #walk(leaf: Leaf, depth: number, leaves: Leaf[], failures: { leaf: Leaf; error: BinspectError }[], skipped: (name: string, reason: string) => void): Promise<void> {
    refuseAborted(this.#reader.budget.signal);
    const { descriptor } = leaf;
    if (descriptor.other) {
      skipped(descriptor.digest, 'an attestation or another artifact, not an image');
      return;
    }
    if (!/image\.index|manifest\.list/.test(descriptor.mediaType ?? '')) {
      leaves.push(leaf);
      return;
    }
    try {
      if (depth > DEPTH) throw new BinspectError('limit-exceeded', `an index within ${DEPTH} others is not read`);
      const bytes = await this.#json(descriptor);
      if (bytes === null) throw new BinspectError('truncated', `the index ${descriptor.digest} is not there`);
      const inner = readManifest(bytes, descriptor.digest);
      if (inner.kind !== 'index') throw new BinspectError('malformed', `${descriptor.digest} is listed as an index, and is none`);
      for (const one of inner.manifests) await this.#walk({ descriptor: one, names: one.names.length > 0 ? one.names : leaf.names, platform: one.platform ?? leaf.platform }, depth + 1, leaves, failures, skipped);
    } catch (error) {
      failures.push({ leaf, error: damage(error) });
    }
  }

  /** One manifest's image; null where it is no image. */
  async #image(leaf: Leaf, skipped: (name: string, reason: string) => void): Promise<ListedImage<T> | null> {
    const { descriptor, names, platform } = leaf;
    try {
      const bytes = await this.#json(descriptor);
      if (bytes === null) throw new BinspectError('truncated', `the manifest ${descriptor.digest} is not there`);
      const manifest = readManifest(bytes, descriptor.digest);
      if (manifest.kind === 'index') throw new BinspectError('malformed', `${descriptor.digest} is listed as a manifest, and is an index`);
      if (manifest.kind === 'other') {
        skipped(descriptor.digest, 'an artifact, not an image');
        return null;
      }
      const { config, layers } = manifest;
      const files = layers.map(({ digest, mediaType }) => ({ name: blobName(digest), shown: digest, mediaType, digest }));
      return await this.#assemble({ format: 'oci-layout', names, digest: descriptor.digest, indexPlatform: platform }, { name: blobName(config.digest), digest: config.digest }, files);
    } catch (error) {
      return this.#broken(leaf, damage(error));
    }
  }

  #broken({ descriptor, names, platform }: Leaf, { code, message }: BinspectError): ListedImage<T> {
    const remarks = new Remarks(this.#reader.budget.limits.warnings);
    remarks.warn(code, message);
    const loaded = { layers: [], tree: new ImageTree<T>(() => {}), complete: false, warnings: remarks.warnings };
    return { format: 'oci-layout', names, digest: descriptor.digest, indexPlatform: platform, config: null, files: [], load: () => Promise.resolve(loaded) };
  }

  async #assemble(head: Head, config: { readonly name: string; readonly digest: string | null }, blobs: readonly LayerBlob[]): Promise<ListedImage<T>> {
    const state = new State(this.#reader.budget.limits.warnings);
    let read: ReadConfig | null = null;
    for (const warning of this.#store.warnings) state.remarks.take(warning);
    try {
      const bytes = await this.#store.json(config.name);
      if (bytes === null) throw new BinspectError('truncated', `the configuration ${config.digest ?? config.name} is not there`);
      if (config.digest !== null) this.#compare(config.digest, bytes);
      read = readConfig(bytes, config.digest ?? config.name);
    } catch (error) {
      state.spoil(damage(error));
    }
    return { ...head, config: read === null ? null : { ...read.config, digest: config.digest }, files: blobs.map(({ name }) => name), load: () => this.#load(blobs, read?.diffIds ?? null, state) };
  }

  async #load(blobs: readonly LayerBlob[], diffIds: readonly string[] | null, state: State): Promise<LoadedImage<T>> {
    const { limits } = this.#reader.budget;
    const most = MERGED * limits.members;
    const tree = new ImageTree<T>(() => {
      if (++this.#merged > most) throw new BinspectError('limit-exceeded', `the layers of all images have more than ${most} entries together (${MERGED} times the limit members)`);
    });
    const layers: ImageLayer[] = [];
    try {
      if (blobs.length > limits.layers) throw new BinspectError('limit-exceeded', `${blobs.length} layers (the limit layers is ${limits.layers})`);
      if (diffIds !== null && diffIds.length !== blobs.length) state.spoil(new BinspectError('malformed', `the configuration has ${diffIds.length} layers, and the manifest ${blobs.length}`));
      for (const [index, blob] of blobs.entries()) {
        const layer = await this.#store.layer(blob.name);
        layers.push({ name: blob.shown, mediaType: blob.mediaType, size: layer?.size ?? null, members: layer?.entries.length ?? 0, diffId: layer === null || layer.diffId === null ? null : `sha256:${layer.diffId}` });
        this.#check(blob, layer, `layer ${index}, ${blob.shown}`, diffIds?.[index], state);
        if (layer !== null) tree.apply(layer, index);
      }
    } catch (error) {
      state.spoil(damage(error));
    }
    for (const problem of tree.problems) state.spoil(problem);
    return { layers, tree, complete: state.complete, warnings: state.remarks.warnings };
  }

  /** Whether a layer is there, was read to its end, and is what its digests say. */
  #check({ digest }: LayerBlob, layer: Layer<T> | null, what: string, diffId: string | undefined, state: State): void {
    if (layer === null) {
      state.spoil(new BinspectError('truncated', `${what}, is not there`));
      return;
    }
    for (const warning of layer.warnings) state.remarks.take(warning, `${what}: `);
    if (layer.failure !== null) state.spoil(new BinspectError(layer.failure.code, `${what}: ${layer.failure.message}`));
    else if (digest !== null && !digest.startsWith('sha256:')) state.spoil(new BinspectError('unsupported', `${what}: only SHA-256 digests are computed`));
    else if (this.#reader.digests) {
      if (digest !== null && `sha256:${layer.digest}` !== digest) state.spoil(new BinspectError('malformed', `${what}, has the digest sha256:${layer.digest}`));
      else if (diffId !== undefined && `sha256:${layer.diffId}` !== diffId) state.spoil(new BinspectError('malformed', `${what}, has the digest sha256:${layer.diffId} unpacked, and the configuration says ${diffId}`));
    }
  }
}

/** What is known of an image before its configuration is. */
type Head = Pick<ListedImage<unknown>, 'format' | 'names' | 'digest' | 'indexPlatform'>;

/** A layer as a manifest lists it. */
interface LayerBlob {
  readonly name: string;
  readonly shown: string;
  readonly mediaType: string | null;
  readonly digest: string | null;
}

/** What was found odd in one image. */
class State {
  complete = true;
  readonly remarks: Remarks;

  constructor(most: number) {
    this.remarks = new Remarks(most);
  }

  spoil({ code, message }: BinspectError): void {
    this.complete = false;
    this.remarks.warn(code, message);
  }
}

/** What spoils one image; anything else is thrown. */
function damage(error: unknown): BinspectError {
  if (!(error instanceof BinspectError) || error.code === 'aborted' || error.code === 'io') throw error;
  return error;
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** The digest that a file's name says it has; null where it says none, as the names of layers in the older form don't. */
function digestOfName(name: string): string | null {
  const hex = /^(?:blobs\/sha256\/([0-9a-f]{64})|sha256:([0-9a-f]{64})|([0-9a-f]{64})\.json)$/.exec(name);
  return hex === null ? null : `sha256:${hex[1] ?? hex[2] ?? hex[3]}`;
}

function imageKey(config: string, files: readonly string[]): string {
  return [config, ...files].join('\n');
}

/** Names images one after the other by what they are listed for; the second of a platform is `linux/arm64#2`. */
export function imageLabels(): (image: Pick<ListedImage<unknown>, 'indexPlatform' | 'config' | 'digest'>) => string {
  const counts = new Map<string, number>();
  return ({ indexPlatform, config, digest }) => {
    const listed = indexPlatform !== null && indexPlatform.os !== null && indexPlatform.arch !== null ? indexPlatform : (config?.platform ?? null);
    const text = listed === null ? (digest ?? 'image') : imagePlatformText(listed).replace(/[^\w./+-]/g, '_');
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    return count === 1 ? text : `${text}#${count}`;
  };
}
