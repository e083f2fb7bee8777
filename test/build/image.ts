// Makes container images for tests: OCI layouts and what docker save writes, as the members of a tar archive.

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { bytesOf } from './archive-bytes.ts';
import { buildTar } from './tar.ts';
import type { TarPlan } from './tar.ts';

export interface ImagePlan {
  /** 'linux/arm64/v8'. */
  platform: string;
  /** What the index says; the platform where nothing is said, null for nothing. */
  index?: string | null;
  layers: readonly (readonly TarPlan[] | Uint8Array)[];
  entrypoint?: readonly string[] | string | null;
  cmd?: readonly string[] | null;
  env?: readonly string[];
  workingDir?: string;
  compress?: (bytes: Uint8Array) => Uint8Array;
  mediaType?: string;
  /** Changes the configuration, the manifest and the descriptor before they are written. */
  config?: (config: Record<string, unknown>) => void;
  manifest?: (manifest: Record<string, unknown>) => void;
  descriptor?: (descriptor: Record<string, unknown>) => void;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Files by their names. */
export type ImageFiles = Map<string, Uint8Array>;

function json(value: unknown): Uint8Array {
  return bytesOf(JSON.stringify(value));
}

function platformOf(text: string): Record<string, string> {
  const [os, architecture, variant] = text.split('/') as [string, string, string?];
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

function configOf(plan: ImagePlan, layers: readonly Uint8Array[]): Uint8Array {
  const config: Record<string, unknown> = {
    ...platformOf(plan.platform),
    config: { Entrypoint: plan.entrypoint ?? null, Cmd: plan.cmd ?? null, Env: plan.env ?? ['PATH=/usr/bin:/bin'], WorkingDir: plan.workingDir ?? '' },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
  };
  plan.config?.(config);
  return json(config);
}

function layersOf({ layers }: ImagePlan): Uint8Array[] {
  return layers.map((layer) => (layer instanceof Uint8Array ? layer : buildTar(layer)));
}

/** An OCI layout. */
export function buildLayout(plans: readonly ImagePlan[], nested = false): ImageFiles {
  const files: ImageFiles = new Map([['oci-layout', json({ imageLayoutVersion: '1.0.0' })]]);
  const blob = (bytes: Uint8Array, mediaType: string): Record<string, unknown> => {
    const hex = sha256(bytes);
    files.set(`blobs/sha256/${hex}`, bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const manifests = plans.map((plan) => {
    const plain = layersOf(plan);
    const compress = plan.compress ?? ((bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)));
    const manifest: Record<string, unknown> = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: blob(configOf(plan, plain), 'application/vnd.oci.image.config.v1+json'),
      layers: plain.map((layer) => blob(compress(layer), plan.mediaType ?? 'application/vnd.oci.image.layer.v1.tar+gzip')),
    };
    plan.manifest?.(manifest);
    const index = plan.index === undefined ? plan.platform : plan.index;
    const descriptor: Record<string, unknown> = { ...blob(json(manifest), 'application/vnd.oci.image.manifest.v1+json'), ...(index === null ? {} : { platform: platformOf(index) }) };
    plan.descriptor?.(descriptor);
    return descriptor;
  });
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
  files.set('index.json', json(nested ? { schemaVersion: 2, manifests: [{ ...blob(json(index), 'application/vnd.oci.image.index.v1+json'), annotations: { 'org.opencontainers.image.ref.name': 'latest' } }] } : index));
  return files;
}

/** What docker save wrote before version 25. */
export function buildSaved(plan: ImagePlan, tags: readonly string[] = ['app:latest']): ImageFiles {
  const files: ImageFiles = new Map();
  const layers = layersOf(plan);
  const config = configOf(plan, layers);
  const names = layers.map((layer, index) => {
    const id = sha256(bytesOf(`id ${index}`, layer));
    files.set(`${id}/VERSION`, bytesOf('1.0'));
    files.set(`${id}/layer.tar`, layer);
    return `${id}/layer.tar`;
  });
  const name = `${sha256(config)}.json`;
  files.set(name, config);
  files.set('manifest.json', json([{ Config: name, RepoTags: tags, Layers: names }]));
  return files;
}

/** What docker save writes since version 25: a layout, and manifest.json over its blobs. */
export function buildSavedLayout(plan: ImagePlan): ImageFiles {
  const files = buildLayout([{ ...plan, compress: (bytes) => bytes, mediaType: 'application/vnd.oci.image.layer.v1.tar' }]);
  const layers = layersOf(plan);
  files.set('manifest.json', json([{ Config: `blobs/sha256/${sha256(configOf(plan, layers))}`, RepoTags: ['app:latest'], Layers: layers.map((layer) => `blobs/sha256/${sha256(layer)}`) }]));
  return files;
}

/** The files as a tar archive. */
export function imageTar(files: ImageFiles, prefix = ''): Uint8Array {
  return buildTar(Array.from(files, ([name, data]) => ({ name: prefix + name, data })));
}
