// The JSON files of container images: index, manifest, configuration (OCI Image Format Specification 1.1), and manifest.json of docker save.

import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { imagePlatform } from '../model/image.ts';
import type { ImageConfig, ImagePlatform } from '../model/image.ts';
import { wordIn } from '../model/names.ts';

/** A reference to a blob. */
export interface Descriptor {
  readonly mediaType: string | null;
  readonly digest: string;
  readonly size: number | null;
  readonly platform: ImagePlatform | null;
  readonly names: readonly string[];
  /** Whether it is no image: an attestation, or another artifact. */
  readonly other: boolean;
}

/** An index or a manifest: they are shown by what is in them, as some writers leave the media type out. */
export type Manifest =
  | { readonly kind: 'index'; readonly manifests: readonly Descriptor[] }
  | { readonly kind: 'image'; readonly config: Descriptor; readonly layers: readonly Descriptor[] }
  | { readonly kind: 'other' };

/** An image as manifest.json of docker save lists it, by the names of files. */
export interface SavedImage {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
}

/** A configuration: what of it is said, and the digests of the layers unpacked. */
export interface ReadConfig {
  readonly config: Omit<ImageConfig, 'digest'>;
  readonly diffIds: readonly string[];
}

/** A JSON value. Throws `malformed`, naming `what`. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(decodeText(bytes).replace(/^\ufeff/, ''));
  } catch (error) {
    throw new BinspectError('malformed', `${what} is not valid JSON`, { cause: error });
  }
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? wordIn(value as Record<string, unknown>, key) : undefined;
}

function textOf(value: unknown, key: string): string | null {
  const field = fieldOf(value, key);
  return typeof field === 'string' ? field : null;
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const field = fieldOf(value, key);
  return Array.isArray(field) ? field : [];
}

function textsOf(values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === 'string');
}

/** A list of words; Docker reads a single text as a list of one. */
function wordsOf(value: unknown, key: string): readonly string[] | null {
  const field = fieldOf(value, key);
  if (typeof field === 'string') return [field];
  return Array.isArray(field) ? textsOf(field) : null;
}

const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/;
const NAMES = ['io.containerd.image.name', 'org.opencontainers.image.ref.name'];

function platformOf(value: unknown): ImagePlatform | null {
  if (typeof value !== 'object' || value === null) return null;
  return imagePlatform(textOf(value, 'os'), textOf(value, 'architecture'), textOf(value, 'variant'), textOf(value, 'os.version'));
}

/** Throws `malformed` for a digest that is none: it becomes the name of a file. */
function descriptor(value: unknown, what: string): Descriptor {
  const digest = textOf(value, 'digest');
  if (digest === null || !DIGEST.test(digest)) throw new BinspectError('malformed', `${what} names a blob by ${digest === null ? 'no digest' : `'${digest.slice(0, 100)}', which is not a digest`}`);
  const size = fieldOf(value, 'size');
  const platform = platformOf(fieldOf(value, 'platform'));
  const annotations = fieldOf(value, 'annotations');
  const names = textsOf(NAMES.map((key) => fieldOf(annotations, key)));
  const attestation = textOf(annotations, 'vnd.docker.reference.type') === 'attestation-manifest' || (platform?.os === 'unknown' && platform.arch === 'unknown');
  return { mediaType: textOf(value, 'mediaType'), digest, size: typeof size === 'number' ? size : null, platform, names: [...new Set(names)], other: attestation || textOf(value, 'artifactType') !== null };
}

/** Configurations of what is no image. */
function isOtherConfig(mediaType: string | null): boolean {
  return mediaType !== null && !/container\.image|oci\.image\.config|octet-stream/.test(mediaType);
}

/** An index, a manifest, or something else. Throws `malformed`. */
export function readManifest(bytes: Uint8Array, what: string): Manifest {
  const json = parseJson(bytes, what);
  const manifests = fieldOf(json, 'manifests');
  if (Array.isArray(manifests)) return { kind: 'index', manifests: manifests.map((one) => descriptor(one, what)) };
  const config = fieldOf(json, 'config');
  if (config === undefined) {
    if (fieldOf(json, 'schemaVersion') === 1) throw new BinspectError('unsupported', `${what} is a manifest of schema 1, which is not read`);
    return { kind: 'other' };
  }
  const read = descriptor(config, what);
  if (textOf(json, 'artifactType') !== null || isOtherConfig(read.mediaType)) return { kind: 'other' };
  return { kind: 'image', config: read, layers: listOf(json, 'layers').map((one) => descriptor(one, what)) };
}

/** What manifest.json lists. Throws `malformed`. */
export function readSavedImages(bytes: Uint8Array): SavedImage[] {
  const json = parseJson(bytes, 'manifest.json');
  if (!Array.isArray(json)) throw new BinspectError('malformed', 'manifest.json is not a list of images');
  return json.map((one) => {
    const config = textOf(one, 'Config');
    if (config === null) throw new BinspectError('malformed', 'manifest.json lists an image without a configuration');
    return { config, tags: textsOf(listOf(one, 'RepoTags')), layers: textsOf(listOf(one, 'Layers')) };
  });
}

/** A configuration. Throws `malformed`. */
export function readConfig(bytes: Uint8Array, what: string): ReadConfig {
  const json = parseJson(bytes, what);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new BinspectError('malformed', `${what} is not a configuration`);
  const run = fieldOf(json, 'config');
  const path = textsOf(listOf(run, 'Env')).findLast((one) => one.startsWith('PATH='));
  return {
    config: {
      platform: imagePlatform(textOf(json, 'os'), textOf(json, 'architecture'), textOf(json, 'variant'), textOf(json, 'os.version')),
      entrypoint: wordsOf(run, 'Entrypoint'),
      cmd: wordsOf(run, 'Cmd'),
      path: path?.slice('PATH='.length) ?? null,
      workingDir: textOf(run, 'WorkingDir'),
      user: textOf(run, 'User'),
    },
    diffIds: textsOf(listOf(fieldOf(json, 'rootfs'), 'diff_ids')),
  };
}
