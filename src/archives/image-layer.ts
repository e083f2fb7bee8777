// One layer of a container image: its entries, and what is found out of each file as it goes by. Its digests are computed in the same pass.

import type { RunningDigest } from '../bytes/codecs.ts';
import { flowOf, flowOfChunks } from '../bytes/flow.ts';
import type { Flow } from '../bytes/flow.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError, refuseAborted } from '../errors.ts';
import { shownName } from '../model/container.ts';
import { compressionOf, otherCompression, unpack } from './compressed.ts';
import { Remarks } from './member.ts';
import type { Budget, Member, MemberKind } from './member.ts';
import { BLOCK, isTarHeader, isZeros } from './tar-header.ts';
import { walkTar } from './tar.ts';

/** Something in a layer. */
export interface LayerEntry<T> {
  /** Its path from the layer's root, without a slash before or behind it; '' is the root itself. */
  readonly path: string;
  /** Its name in the archive, as `shownName` has it. */
  readonly name: string;
  readonly kind: MemberKind;
  readonly link: string | null;
  readonly mode: number | null;
  readonly size: number | null;
  /** What was found out of a file; null where nothing was. */
  readonly told: T | null;
}

/** A layer, as far as it could be read. */
export interface Layer<T> {
  readonly entries: readonly LayerEntry<T>[];
  /** Bytes as stored. */
  readonly size: number;
  /** SHA-256 of the bytes as stored, and unpacked; null where they were not computed. */
  readonly digest: string | null;
  readonly diffId: string | null;
  /** Why it could not be read to its end. */
  readonly failure: BinspectError | null;
  readonly warnings: Remarks['warnings'];
}

/** What reads a layer. */
export interface LayerReader<T> {
  readonly budget: Budget;
  /** Whether digests are computed: then all bytes are read. */
  readonly digests: boolean;
  /** Says what a file is. The member's content can be read until it is done. */
  visit(member: Member, path: string): Promise<T | null>;
}

const WINDOW = 1024 * 1024;
const HEADERS_WINDOW = 64 * 1024;
const CHUNK = 256 * 1024;
const LONGEST_PATH = 4096; // PATH_MAX: nothing longer can be unpacked

/** A layer from a source of its own. Throws `io` and `aborted` only. */
export function layerOfSource<T>(source: ByteSource, reader: LayerReader<T>): Promise<Layer<T>> {
  const { signal } = reader.budget;
  const flow = async (): Promise<Flow> => {
    const plain = !reader.digests && isTarHeader(await source.read(0, Math.min(BLOCK, source.size)));
    return flowOf(source, plain ? { window: HEADERS_WINDOW, ahead: false, signal } : { window: WINDOW, ahead: true, signal });
  };
  return readLayer(flow, source.size, reader);
}

/** A layer that goes by once. Throws `io` and `aborted` only. */
export function layerOfFlow<T>(flow: Flow, size: number, reader: LayerReader<T>): Promise<Layer<T>> {
  return readLayer(() => Promise.resolve(flow), size, reader);
}

async function readLayer<T>(open: () => Promise<Flow>, size: number, reader: LayerReader<T>): Promise<Layer<T>> {
  const { budget, digests } = reader;
  const remarks = new Remarks(budget.limits.warnings);
  const entries: LayerEntry<T>[] = [];
  let digest: string | null = null;
  let diffId: string | null = null;
  try {
    const outer = digests ? (budget.codecs.sha256?.() ?? null) : null;
    const stored = tapped(await open(), outer);
    const head = (await stored.peek(BLOCK)).subarray(0, BLOCK);
    const compression = compressionOf(head);
    const other = otherCompression(head);
    if (other !== null) throw new BinspectError('unsupported', `the layer is compressed with ${other}, which is not read`, { detected: other });
    const inner = compression !== null && digests ? (budget.codecs.sha256?.() ?? null) : null;
    const flow = compression === null ? stored : tapped((await unpack(stored, compression, budget, remarks)).flow, inner);
    await readEntries(flow, entries, remarks, reader);
    if (digests) {
      await drain(flow);
      if (flow !== stored) await drain(stored);
    }
    digest = outer?.digest() ?? null;
    diffId = compression === null ? digest : (inner?.digest() ?? null);
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code === 'aborted' || error.code === 'io') throw error;
    return { entries, size, digest: null, diffId: null, failure: error, warnings: remarks.warnings };
  }
  return { entries, size, digest, diffId, failure: null, warnings: remarks.warnings };
}

/** The same bytes, each of them given to a digest as it goes by. */
function tapped(flow: Flow, digest: RunningDigest | null): Flow {
  if (digest === null) return flow;
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let bytes = await flow.chunk(CHUNK); bytes.length > 0; bytes = await flow.chunk(CHUNK)) {
      (digest as RunningDigest).update(bytes);
      yield bytes;
    }
  }
  return flowOfChunks(chunks());
}

async function drain(flow: Flow): Promise<void> {
  while ((await flow.chunk(WINDOW)).length > 0);
}

async function readEntries<T>(flow: Flow, entries: LayerEntry<T>[], remarks: Remarks, { budget, visit }: LayerReader<T>): Promise<void> {
  const head = (await flow.peek(BLOCK)).subarray(0, BLOCK);
  if (isZeros(head)) return; // a layer without entries
  if (!isTarHeader(head)) throw new BinspectError('malformed', 'the layer is not a tar archive');
  for await (const member of walkTar(flow, budget, remarks)) {
    refuseAborted(budget.signal);
    const path = layerPath(member.name);
    if (path === null) {
      throw new BinspectError('malformed', `${member.name.slice(0, 200)}: a path that leads out of the image, or is longer than ${LONGEST_PATH} characters`);
    }
    const { kind, link, mode, size } = member;
    const told = kind === 'file' && size !== 0 && member.problem === null && !isWhiteout(path) ? await visit(member, path) : null;
    entries.push({ path, name: shownName(member.name), kind, link, mode, size, told });
  }
}

/** Whether a path is one of the marks that delete: they are files without content. */
export function isWhiteout(path: string): boolean {
  return path.startsWith('.wh.') || path.includes('/.wh.');
}

/** A path without `.` and empty names; null for what leads out of the root, and what is too long. */
export function layerPath(name: string): string | null {
  if (name.length > LONGEST_PATH) return null;
  const kept = name.split('/').filter((part) => part !== '' && part !== '.');
  return kept.includes('..') ? null : kept.join('/');
}
