// Which archive bytes are, and its members: formats, what compresses them, and packages that are made of both.

import { flowOf } from '../bytes/flow.ts';
import type { Flow } from '../bytes/flow.ts';
import { MemorySource } from '../bytes/source.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import type { ContainerClaim } from '../model/container.ts';
import { arKind, walkAr } from './ar.ts';
import { compressionOf, otherCompression, unpack } from './compressed.ts';
import type { Unpacked } from './compressed.ts';
import { isCpio, walkCpio } from './cpio.ts';
import { bareMember } from './member.ts';
import type { Budget, Member, Remarks } from './member.ts';
import { walkConda, walkDeb } from './packages.ts';
import { isRpm, readRpm } from './rpm.ts';
import { BLOCK, isTarHeader, isZeros } from './tar-header.ts';
import { walkTar } from './tar.ts';
import { endsAsZip } from './zip-directory.ts';
import { walkZip } from './zip.ts';

/** How many of a file's first bytes say what archive it is. */
export const HEAD: number = BLOCK;

/** What an archive is to be read from. */
export interface ContainerBytes {
  /** Its own name, without folders. */
  readonly name: string;
  /** Its bytes at positions; null where they only come in order. */
  readonly source: ByteSource | null;
  /** Its first bytes, `HEAD` of them where it has so many. */
  readonly head: Uint8Array;
  /** Its bytes in order, where `source` is null. */
  open(): Promise<Flow>;
  /** Hears of all bytes, in order, of an archive that is read from end to end. */
  readonly seen?: ((bytes: Uint8Array, end: number) => void) | undefined;
}

/** An archive that has been opened. */
export interface OpenedContainer {
  /** As in `Container.format`. */
  readonly format: string;
  /** A file that was compressed alone: no list of members, and no name but what its own says. */
  readonly single: boolean;
  /** What its own header says that it is for. */
  readonly claims: readonly ContainerClaim[];
  /** The members, in order. Throws where the archive is damaged: what came before stands. */
  readonly members: AsyncGenerator<Member, void, undefined>;
  /** After the last member: reads what is left, so that every check sum has been compared. Throws where one is wrong. */
  finish(): Promise<void>;
}

/** Formats by their first bytes. */
type Magic = 'tar' | 'zip' | 'ar' | 'deb' | 'rpm' | 'cpio' | 'gz' | 'xz' | 'zst';

function isText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Which archive bytes begin; null for what is none, or is not read. */
export function containerMagic(head: Uint8Array): Magic | null {
  if (head.length === 0) return null;
  if (isText(head, 0, 'PK') && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6) || (head[2] === 7 && head[3] === 8))) return 'zip';
  const ar = arKind(head);
  if (ar !== null) return ar === 'ar' && isText(head, 8, 'debian-binary') ? 'deb' : 'ar';
  if (isRpm(head)) return 'rpm';
  if (isCpio(head)) return 'cpio';
  return compressionOf(head) ?? (isTarHeader(head.subarray(0, BLOCK)) ? 'tar' : null);
}

const OTHER_ARCHIVES: readonly (readonly [detected: string, magic: string])[] = [
  ['7-zip', '7z\xbc\xaf\x27\x1c'],
  ['rar', 'Rar!\x1a\x07'],
  ['cabinet', 'MSCF'],
  ['xar', 'xar!'],
  ['squashfs', 'hsqs'],
  ['alpine-v3', 'ADB'],
];

/** The stable word for an archive, or a compression, that is known and not read; null for anything else. */
export function unreadArchive(head: Uint8Array): string | null {
  return OTHER_ARCHIVES.find(([, magic]) => isText(head, 0, magic))?.[0] ?? otherCompression(head);
}

const STREAM_WINDOW = 1024 * 1024; // of what is read from end to end
const HEADERS_WINDOW = 64 * 1024; // of what is read for its headers only

/**
 * Opens an archive. Null for what is none. Throws `malformed`, `truncated` and so on where it can't even be begun with.
 * `anywhere`: also an archive that something was put before, a program or a script: a zip file's list stands at its end.
 */
export async function openContainer(bytes: ContainerBytes, budget: Budget, remarks: Remarks, anywhere = false): Promise<OpenedContainer | null> {
  const { source, seen, head } = bytes;
  const { signal } = budget;
  const plain = (window: number, ahead: boolean): Promise<Flow> =>
    source === null ? bytes.open() : Promise.resolve(flowOf(source, { window, ahead, signal, seen: ahead ? seen : undefined }));
  const magic = containerMagic(head);
  switch (magic) {
    case null:
      return anywhere && source !== null && (await endsAsZip(source)) ? zip(source, budget, remarks) : null;
    case 'zip':
      return zip(source ?? (await held(bytes, budget)), budget, remarks);
    case 'tar': {
      const flow = await plain(HEADERS_WINDOW, false);
      return opened('tar', walkTar(flow, budget, remarks), () => drainTar(flow, remarks, HEADERS_WINDOW));
    }
    case 'ar':
      return opened('ar', walkAr(await plain(HEADERS_WINDOW, false), budget));
    case 'deb':
      return opened('deb', walkDeb(await plain(HEADERS_WINDOW, false), budget, remarks));
    case 'cpio':
      return opened('cpio', walkCpio(await plain(HEADERS_WINDOW, false), budget));
    case 'rpm':
      return rpm(await plain(STREAM_WINDOW, true), budget, remarks);
    default:
      return compressed(await unpack(await plain(STREAM_WINDOW, true), magic, budget, remarks), bytes.name, budget, remarks);
  }
}

function opened(format: string, members: AsyncGenerator<Member, void, undefined>, finish: () => Promise<void> = () => Promise.resolve()): OpenedContainer {
  return { format, single: false, claims: [], members, finish };
}

function zip(source: ByteSource, budget: Budget, remarks: Remarks): OpenedContainer {
  return opened('zip', walkConda(walkZip(source, budget, remarks), budget, remarks));
}

/** A zip file that only comes in order: its list stands at its end, so it is held. */
async function held(bytes: ContainerBytes, { limits }: Budget): Promise<ByteSource> {
  const flow = await bytes.open();
  return new MemorySource(await flow.rest(limits.memberBytes, bytes.name));
}

async function compressed({ flow, compression, name }: Unpacked, container: string, budget: Budget, remarks: Remarks): Promise<OpenedContainer> {
  const head = (await flow.peek(HEAD)).subarray(0, HEAD);
  if (isTarHeader(head)) return opened(`tar.${compression}`, walkTar(flow, budget, remarks), () => drainTar(flow, remarks, Number.POSITIVE_INFINITY));
  if (isCpio(head)) return opened(`cpio.${compression}`, walkCpio(flow, budget), () => drain(flow));
  const only = singleMember(flow, name === null ? withoutEnding(container) : (name.split(/[/\\]/).at(-1) as string), budget);
  return { format: compression, single: true, claims: [], members: only, finish: () => drain(flow) };
}

/** What `gzip -d` would call a file. */
export function withoutEnding(name: string): string {
  const short = name.replace(/\.t(?:gz|xz|zst)$/i, '.tar').replace(/\.(?:gz|xz|zst|zstd)$/i, '');
  return short === '' ? name : short;
}

async function* singleMember(flow: Flow, name: string, budget: Budget): AsyncGenerator<Member, void, undefined> {
  budget.member();
  yield { ...bareMember(name, 'file', null, null), size: null, locate: () => Promise.resolve(null), start: async (most) => (await flow.peek(most)).subarray(0, most), open: () => Promise.resolve(flow) };
}

async function rpm(flow: Flow, budget: Budget, remarks: Remarks): Promise<OpenedContainer> {
  const header = await readRpm(flow, budget);
  const head = await flow.peek(HEAD);
  const compression = compressionOf(head);
  const other = otherCompression(head);
  if (other !== null) throw new BinspectError('unsupported', `the payload is compressed with ${other}, which is not read`, { detected: other, offset: flow.position });
  const payload = compression === null ? flow : (await unpack(flow, compression, budget, remarks)).flow;
  const claims: ContainerClaim[] = [];
  if (!header.source) {
    if (header.arch !== null) claims.push({ text: header.arch, from: 'header ARCH' });
    if (header.os !== null) claims.push({ text: header.os, from: 'header OS' });
  }
  return { ...opened('rpm', walkCpio(payload, budget, header.files), () => drain(payload)), claims };
}

const DRAIN = 1024 * 1024;

async function drain(flow: Flow): Promise<void> {
  while ((await flow.chunk(DRAIN)).length > 0);
}

/** Behind a tar archive's end there is padding; what is something else is a warning, once. At most `most` bytes are looked at. */
async function drainTar(flow: Flow, remarks: Remarks, most: number): Promise<void> {
  let told = false;
  let left = most;
  for (let bytes = await flow.chunk(DRAIN); bytes.length > 0; bytes = left > 0 ? await flow.chunk(DRAIN) : new Uint8Array(0)) {
    left -= bytes.length;
    if (told || isZeros(bytes)) continue;
    told = true;
    remarks.warn('trailing-bytes', "bytes lie behind the archive's end; they are not read");
  }
}
