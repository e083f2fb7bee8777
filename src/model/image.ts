// What is said of a container image: its configuration, its merged tree's executables, what it starts. Plain data.

import type { Inspection } from './binary.ts';
import type { Inside } from './container.ts';
import type { Warning } from './warning.ts';

/** A platform as OCI writes it, in the usual spelling: 'linux', 'arm64', 'v7'. Null for what is not said. */
export interface ImagePlatform {
  /** 'linux', 'windows', 'freebsd'. */
  readonly os: string | null;
  /** 'amd64', 'arm64', 'arm'. */
  readonly arch: string | null;
  /** 'v7', 'v3'; null for what says nothing beyond the architecture, such as arm64's v8. */
  readonly variant: string | null;
  /** The version of Windows that it is for. */
  readonly osVersion: string | null;
}

/** One layer, in the manifest's order. */
export interface ImageLayer {
  /** The digest that the manifest names it by; in the older form of `docker save` the name of its file. */
  readonly name: string;
  /** As the manifest says it; null where it says none. */
  readonly mediaType: string | null;
  /** Bytes as stored; null where the layer is not there. */
  readonly size: number | null;
  /** Its entries, whiteouts among them. */
  readonly members: number;
  /** SHA-256 of the layer unpacked; null where it was not computed. */
  readonly diffId: string | null;
}

/** What the configuration says that a container starts, and how. */
export interface ImageConfig {
  /** 'sha256:…'; null where the image names it otherwise. */
  readonly digest: string | null;
  /** What it says that the image is for. */
  readonly platform: ImagePlatform;
  /** The program and its first arguments; null where it has none. */
  readonly entrypoint: readonly string[] | null;
  /** The program's usual arguments, or the program where there is no entrypoint; null where it has none. */
  readonly cmd: readonly string[] | null;
  /** PATH of its environment; null where it sets none. */
  readonly path: string | null;
  /** The folder that it starts in. */
  readonly workingDir: string | null;
  /** The user that it runs as. */
  readonly user: string | null;
}

/** One step from the entrypoint to the program that the kernel starts. */
export interface EntrypointStep {
  /** Where it lies in the image: '/entry.sh'. */
  readonly path: string;
  /** How it was come to: the configuration, a search in PATH, a symbolic link, the first line of a script. */
  readonly by: 'config' | 'search' | 'link' | 'interpreter';
  /** What the file is; null for what is no executable and no script. */
  readonly kind: 'program' | 'script' | null;
}

/** A program that may be started behind the entrypoint. */
export interface EntrypointMention {
  /** Where it lies in the image, links followed. */
  readonly path: string;
  /** The script that names it, or 'Cmd'. */
  readonly in: string;
}

/** A loader that is not in an image. */
export interface MissingInterpreter {
  /** Its path, as programs name it. */
  readonly interpreter: string;
  /** The programs that ask for it, by their paths in the image. */
  readonly programs: readonly string[];
}

/** What a container of an image starts. */
export interface Entrypoint {
  /** Entrypoint and Cmd together. */
  readonly argv: readonly string[];
  /** The way to the program, the program last; none where nothing is there. */
  readonly chain: readonly EntrypointStep[];
  /** The program at its end, as in `Image.binaries`; null where the chain does not end at one. */
  readonly program: Inspection | null;
  /** Programs that scripts of the chain name by their paths, and the first word of Cmd behind an Entrypoint: they may be started next. */
  readonly mentions: readonly EntrypointMention[];
  /** Why the chain does not end at a program; null where it does. */
  readonly problem: string | null;
}

/** An executable of an image's merged tree. */
export interface ImageBinary {
  /** Its path as an input: `image.tar!/linux/arm64!/usr/bin/app`. */
  readonly path: string;
  /** Its path in the image: `/usr/bin/app`. */
  readonly member: string;
  /** The layer that it comes from, from 0. */
  readonly layer: number;
  /** Permission bits. */
  readonly mode: number | null;
  /** What it is: the facts of the same file unpacked. */
  readonly inspection: Inspection;
}

/** One image: one platform of an index. */
export interface Image {
  /** As it is shown: `image.tar!/linux/arm64`. */
  readonly path: string;
  /** The same, step by step. */
  readonly inside: readonly Inside[];
  /** How it is stored: 'oci-layout' (a folder, or a tar archive), 'docker-archive'. */
  readonly format: 'oci-layout' | 'docker-archive';
  /** What it is called: tags and reference names. */
  readonly names: readonly string[];
  /** The manifest's digest; null in the older form of `docker save`, which has no manifest of the image's own. */
  readonly digest: string | null;
  /** What the index says that the image is for; null where it says nothing. */
  readonly indexPlatform: ImagePlatform | null;
  /** What the image's own configuration says; null where it can't be read. */
  readonly config: ImageConfig | null;
  /** Its layers, the lowest first. */
  readonly layers: readonly ImageLayer[];
  /** What a container of it starts; null where there is no configuration. */
  readonly entrypoint: Entrypoint | null;
  /** Executables of the merged tree: what later layers delete is not among them. */
  readonly binaries: readonly ImageBinary[];
  /** Loaders that programs ask for and that are not in the tree, each with the programs. */
  readonly missingInterpreters: readonly MissingInterpreter[];
  /** Whether the digests of its blobs were compared. */
  readonly digestsChecked: boolean;
  /** False where something could not be read, or is not what its digest says: nothing that is said of all files is certain then. */
  readonly complete: boolean;
  /** What was found odd, and why it is not complete. */
  readonly warnings: readonly Warning[];
}

/** Architectures by other names that people write, as containerd takes them. */
const ARCHES: ReadonlyMap<string, readonly [arch: string, variant: string | null]> = new Map([
  ['x86_64', ['amd64', null]],
  ['x86-64', ['amd64', null]],
  ['aarch64', ['arm64', null]],
  ['i386', ['386', null]],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
] as const);

/** Variants that say nothing beyond the architecture. */
const PLAIN: ReadonlySet<string> = new Set(['arm64/v8', 'arm64/8', 'amd64/v1']);

/** A platform in the usual spelling, as containerd writes it. */
export function imagePlatform(os: string | null, architecture: string | null, variant: string | null, osVersion: string | null): ImagePlatform {
  const word = architecture?.toLowerCase() ?? null;
  const [arch, own] = word === null ? [null, null] : (ARCHES.get(word) ?? [word, null]);
  const written = variant === null || variant === '' ? own : variant.toLowerCase();
  const step = written !== null && /^\d/.test(written) ? `v${written}` : written;
  const system = os?.toLowerCase() ?? null;
  return { os: system === 'macos' ? 'darwin' : system, arch, variant: step !== null && PLAIN.has(`${arch}/${step}`) ? null : step, osVersion };
}

/** 'linux/arm64', 'linux/arm/v7'; '?' for what is not said. */
export function imagePlatformText({ os, arch, variant }: ImagePlatform): string {
  return `${os ?? '?'}/${arch ?? '?'}${variant === null ? '' : `/${variant}`}`;
}
