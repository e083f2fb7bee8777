// One file where there is no disk: bytes, a Blob or a File, and whatever has positions.

import { digest, digestPart } from '../bytes/digest-web.ts';
import { bytesOf, openGiven, unusable } from '../bytes/given.ts';
import type { InspectInput, Opened } from '../bytes/given.ts';
import { readBytes } from '../bytes/input.ts';
import { Sha256 } from '../bytes/sha256.ts';
import { MemorySource } from '../bytes/source.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError, refuseAborted } from '../errors.ts';
import type { Inspection } from '../model/binary.ts';
import { checkOptions } from '../model/options.ts';
import type { FileMap } from '../model/regions.ts';
import { uncheckedPasses } from '../signature/unchecked.ts';
import { completeSync, examine, HASH_OPTIONS, INSPECT_OPTIONS, limitsOf, MAP_OPTIONS, readerOf } from './examine.ts';
import type { Digests, HashOptions, InspectOptions, MapFileOptions } from './examine.ts';
import { mapSource } from './map.ts';

const DIGESTS: Digests = {
  whole: digest,
  part: digestPart,
  tapped: async (source, _, hash, options) => (hash ? digest(source, options) : null), // nothing is made here that takes a stream
  signatures: async (option) => uncheckedPasses(option),
};

function refusePath(input: unknown): void {
  if (typeof input !== 'string' && !(input instanceof URL)) return;
  const message = 'a path can be read only where there is a disk: hand in bytes, a Blob, a File or a { size, read } source';
  throw new BinspectError('unsupported', message, { path: String(input) });
}

function openHere(input: InspectInput): Opened<ByteSource> {
  refusePath(input);
  return openGiven(input);
}

/**
 * Says what bytes, a Blob, a File or a source are: the same Inspection as on Node, read in the same few ranges.
 * Rejects with a BinspectError: as on Node, and with `unsupported` for a path or a URL.
 *
 * @example
 * const { binaries } = await inspect(file); // a File from an input element
 */
export async function inspect(input: InspectInput, options: InspectOptions = {}): Promise<Inspection> {
  checkOptions(options, INSPECT_OPTIONS);
  const limits = limitsOf(options);
  return examine(openHere(input), options, limits, DIGESTS);
}

/**
 * The same at once, for bytes. Throws what `inspect` rejects with. A code signature's cdhash is left out, with a warning, as Web Crypto answers
 * later only; the SHA-256 is computed by code of our own, some ten times slower than `inspect` does it.
 *
 * @example
 * const { binaries } = inspectSync(new Uint8Array(await file.arrayBuffer()));
 */
export function inspectSync(input: string | URL | Uint8Array, options: InspectOptions = {}): Inspection {
  checkOptions(options, INSPECT_OPTIONS);
  const limits = limitsOf(options);
  refuseAborted(options.signal);
  refusePath(input);
  const bytes = bytesOf(input);
  if (bytes === null) throw unusable(input);
  const found = readBytes(bytes, readerOf(options, uncheckedPasses(options.signatures)), limits);
  const whole = (): string => new Sha256().update(bytes).digest();
  return completeSync(new MemorySource(bytes), null, found, options.hash === true, { part: () => null, whole, tapped: (_, hash) => (hash ? whole() : null) });
}

/**
 * Lower-case hex SHA-256, by Web Crypto where the page has it and up to 512 MiB. Rejects with `unsupported` for a path or a URL, with `io` where a
 * File changed meanwhile, `truncated` where a source shrank, and `aborted`.
 *
 * @example
 * const digest = await hash(file); // a File from an input element
 */
export async function hash(input: InspectInput, options: HashOptions = {}): Promise<string> {
  checkOptions(options, HASH_OPTIONS);
  return digest(openHere(input).source, options);
}

/**
 * Shows where a file's bytes are: every byte in exactly one region, as on Node. Rejects as `inspect` does.
 *
 * @example
 * document.body.innerHTML = renderSvg(await mapFile(file)); // a File from an input element
 */
export async function mapFile(input: InspectInput, options: MapFileOptions = {}): Promise<FileMap> {
  checkOptions(options, MAP_OPTIONS);
  const limits = limitsOf(options);
  const opened = openHere(input);
  const { signal } = options;
  return mapSource(opened.source, await examine(opened, options, limits, DIGESTS), { limits, ...(signal === undefined ? {} : { signal }) });
}
