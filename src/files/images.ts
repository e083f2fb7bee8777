// Container images: every platform of an OCI layout (a folder, a tar archive) or of docker save, with the executables of its merged tree.

import { archiveStore, folderStore } from '../archives/image-store.ts';
import type { ImageStore } from '../archives/image-store.ts';
import type { LayerReader } from '../archives/image-layer.ts';
import { Holder } from '../archives/hold.ts';
import { Budget } from '../archives/member.ts';
import type { Member } from '../archives/member.ts';
import { imageLabels, ImageReader } from '../archives/read-images.ts';
import type { ListedImage } from '../archives/read-images.ts';
import type { InspectInput } from '../bytes/given.ts';
import { NODE_CODECS } from '../bytes/inflate-node.ts';
import { statPath } from '../bytes/folder.ts';
import { FileSource, pathOfUrl } from '../bytes/source-file.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { INSPECT_OPTIONS, limitsOf, mayBeBinary } from '../inspect/examine.ts';
import type { InspectOptions } from '../inspect/examine.ts';
import { hash } from '../inspect/hash.ts';
import { digestPartSync, inspect, inspectSync } from '../inspect/inspect.ts';
import { openInput } from '../inspect/open-input.ts';
import { isTestPath } from '../model/container.ts';
import type { Inside } from '../model/container.ts';
import type { Entrypoint, Image, ImageBinary } from '../model/image.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';
import { warningOf } from '../model/warning.ts';
import type { Warning } from '../model/warning.ts';
import { entrypointOf } from './image-entrypoint.ts';
import type { Told } from './image-entrypoint.ts';
import { inspectMember } from './member-content.ts';
import type { MemberRuntime } from './member-content.ts';

/** What `inspectImages` may be told. */
export interface ImagesOptions extends InspectOptions {
  /** What bytes without a path are called in the paths of their files; nothing where it is not given. */
  readonly name?: string | undefined;
  /** Whether the digests of all blobs are computed and compared; default true. Without it less is read, and `digestsChecked` is false. */
  readonly digests?: boolean | undefined;
  /** Called for what an index lists and is no image, or is not there, with the reason. */
  readonly onSkip?: ((path: string, reason: string) => void) | undefined;
}

const IMAGES_OPTIONS: OptionKinds<ImagesOptions> = { ...INSPECT_OPTIONS, name: 'text', digests: 'boolean', onSkip: 'function' };

const RUNTIME: MemberRuntime = { codecs: NODE_CODECS, inspect, inspectBytes: inspectSync, part: digestPartSync, hash };

/**
 * The images of an OCI layout, as a folder or as an archive, or of what `docker save` wrote: one for each platform of each index, with its configuration,
 * what it starts, and the executables of its merged tree. Nothing is unpacked. Rejects with a BinspectError: `unrecognized` and `unsupported` for what holds
 * no image, `malformed` where its index can't be read, `io`, `aborted`. An image that can't be read as a whole is not `complete`.
 *
 * @example
 * for await (const { path, config, entrypoint } of inspectImages('image.tar')) {
 *   console.log(path, config?.platform.arch, entrypoint?.program?.binaries[0].platform.go);
 * }
 */
export async function* inspectImages(input: InspectInput, options: ImagesOptions = {}): AsyncGenerator<Image, void, undefined> {
  checkOptions(options, IMAGES_OPTIONS);
  const images = await imagesIn(input, options);
  if (images === null) throw new BinspectError('unsupported', 'no container image: neither an OCI layout nor what docker save writes', typeof input === 'string' ? { path: input } : {});
  yield* images;
}

/** The same; null where there is no image. */
export async function imagesIn(input: InspectInput, options: ImagesOptions): Promise<AsyncGenerator<Image, void, undefined> | null> {
  const budget = new Budget(limitsOf(options), NODE_CODECS, options.signal);
  const reader: LayerReader<Told> = { budget, digests: options.digests !== false, visit: visitor(budget, options) };
  const folder = await folderOf(input);
  if (folder !== null) {
    const store = await folderStore<Told>(folder, reader);
    return store === null ? null : read(store, folder, reader, options, null, () => Promise.resolve());
  }
  const opened = await openInput(input, options);
  try {
    const store = await archiveStore<Told>(opened.source, reader);
    if (store === null) {
      await opened.close();
      return null;
    }
    return read(store, opened.path ?? options.name ?? '', reader, options, opened.source instanceof FileSource ? opened.source : null, opened.close);
  } catch (error) {
    await opened.close();
    if (error instanceof BinspectError && opened.path !== null) error.path ??= opened.path;
    throw error;
  }
}

/** The folder that an input names; null for anything else. */
async function folderOf(input: InspectInput): Promise<string | null> {
  const path = typeof input === 'string' ? input : input instanceof URL && input.protocol === 'file:' ? pathOfUrl(input) : null;
  if (path === null || path.includes('\0')) return null;
  try {
    return (await statPath(path)).kind === 'folder' ? path : null;
  } catch (error) {
    if (error instanceof BinspectError) return null; // opening it says what is wrong
    throw error;
  }
}

async function* read(store: ImageStore<Told>, path: string, reader: LayerReader<Told>, options: ImagesOptions, file: FileSource | null, close: () => Promise<void>): AsyncGenerator<Image, void, undefined> {
  try {
    const label = imageLabels();
    const skipped = (name: string, reason: string): void => options.onSkip?.(`${path}!/${name}`, reason);
    for await (const listed of new ImageReader(store, reader).images(skipped)) {
      const image = await imageOf(listed, path, label(listed), reader.digests);
      if (file?.changed() === true) throw new BinspectError('io', 'the file was written to while it was read');
      yield image;
    }
  } catch (error) {
    if (error instanceof BinspectError && path !== '') error.path ??= path;
    throw error;
  } finally {
    await store.close();
    await close();
  }
}

const SCRIPT = 64 * 1024; // bytes of a script whose paths are looked at
const PATHS = 256;

/** What each file of a layer is. */
function visitor(budget: Budget, options: ImagesOptions): (member: Member) => Promise<Told | null> {
  const holder = new Holder();
  return async (member) => {
    const head = await member.start(256);
    if (head[0] === 0x23 && head[1] === 0x21) {
      const text = decodeText((await (await member.open()).peek(SCRIPT)).subarray(0, SCRIPT));
      const line = text.includes('\n') ? text.indexOf('\n') : text.length;
      const paths = new Set<string>();
      for (const [path] of text.slice(line).matchAll(/(?<![\w.\-/])\/[\w.+@-][\w.+@/-]*/g)) {
        if (paths.size < PATHS) paths.add(path);
      }
      return { inspection: null, error: null, script: text.slice(2, Math.min(line, 256)), paths: [...paths] };
    }
    if (!mayBeBinary(head)) return null;
    try {
      return { inspection: await inspectMember(member, holder, budget, RUNTIME, options), error: null, script: null, paths: [] };
    } catch (error) {
      if (!(error instanceof BinspectError) || error.code === 'aborted' || error.code === 'io') throw error;
      return error.code === 'unsupported' || error.code === 'unrecognized' ? null : { inspection: null, error, script: null, paths: [] };
    }
  };
}

/** The entrypoint with its program's path as an input. */
function startOf(entrypoint: Entrypoint, path: string): Entrypoint {
  const { program, chain } = entrypoint;
  return program === null ? entrypoint : { ...entrypoint, program: { ...program, path: `${path}!${chain.at(-1)?.path ?? ''}` } };
}

async function imageOf(listed: ListedImage<Told>, archive: string, label: string, digestsChecked: boolean): Promise<Image> {
  const { format, names, digest, indexPlatform, config } = listed;
  const { layers, tree, complete, warnings } = await listed.load();
  const path = archive === '' ? label : `${archive}!/${label}`;
  const binaries: ImageBinary[] = [];
  const problems: Warning[] = [];
  for (const { path: member, leaf } of tree.leaves()) {
    const { told } = leaf;
    if (told === null) continue;
    const shown = `${path}!${member}`;
    if (told.inspection !== null) binaries.push({ path: shown, member, layer: leaf.layer, mode: leaf.mode, inspection: { ...told.inspection, path: shown } });
    else if (told.error !== null && !isTestPath(member)) problems.push(warningOf(told.error.code, `${member}: ${told.error.message}`, null, []));
  }
  const missing = new Map<string, string[]>();
  const found = new Map<string, boolean>();
  for (const { member, inspection } of config?.platform.os === 'windows' ? [] : binaries) {
    for (const { interpreter } of inspection.binaries) {
      if (interpreter === null) continue;
      const present = found.get(interpreter) ?? tree.resolve(interpreter)?.node.kind === 'file';
      found.set(interpreter, present);
      if (present) continue;
      const programs = missing.get(interpreter) ?? [];
      programs.push(member);
      missing.set(interpreter, programs);
    }
  }
  const inside: Inside[] = [{ path: archive, format, member: label }];
  return {
    path,
    inside,
    format,
    names,
    digest,
    indexPlatform,
    config,
    layers,
    entrypoint: config === null ? null : startOf(entrypointOf(tree, config), path),
    binaries,
    missingInterpreters: Array.from(missing, ([interpreter, programs]) => ({ interpreter, programs })),
    digestsChecked,
    complete: complete && problems.length === 0,
    warnings: [...warnings, ...problems],
  };
}
