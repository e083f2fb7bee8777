// tar: members in a row, each a header and its contents in blocks of 512 bytes (POSIX pax; the manuals of GNU tar and libarchive).

import { align } from '../bytes/bytes.ts';
import type { Flow } from '../bytes/flow.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { bareMember, contentOf, malformedAt, offsetIn } from './member.ts';
import type { Budget, Member, MemberKind, Remarks } from './member.ts';
import { paxNumber, readPax } from './pax.ts';
import type { PaxRecords } from './pax.ts';
import { checkSparse, filledFlow, readOldSparse, readPaxSparse, readSparseLines } from './sparse.ts';
import type { SparseMap } from './sparse.ts';
import { BLOCK, isTarHeader, isZeros, readTarHeader, TYPE } from './tar-header.ts';
import type { TarHeader } from './tar-header.ts';

/** Types without contents, whatever their size says. */
const BARE: ReadonlyMap<string, MemberKind> = new Map<string, MemberKind>([
  [TYPE.HARD_LINK, 'hardlink'],
  [TYPE.SYMLINK, 'symlink'],
  [TYPE.CHARACTER_DEVICE, 'other'],
  [TYPE.BLOCK_DEVICE, 'other'],
  [TYPE.FOLDER, 'folder'],
  [TYPE.FIFO, 'other'],
]);

/** Types that are no members: they are skipped with their contents. */
const PASSED_OVER: ReadonlySet<string> = new Set([TYPE.GNU_LABEL, TYPE.GNU_OLD_NAMES, TYPE.GNU_CONTINUATION, TYPE.ACL]);

/** What stands before a header and speaks of the member behind it. */
interface Ahead {
  records: (readonly [string, string])[];
  longName: string | null;
  longLink: string | null;
}

/** What a member is called, and how much of the flow it takes, by its header and by what stood before it. */
interface Entry {
  readonly header: TarHeader;
  readonly block: Uint8Array;
  readonly at: number;
  readonly name: string;
  readonly link: string;
  readonly stored: number;
  readonly records: PaxRecords;
}

/** The members of a tar archive, in order. Throws `malformed` for a block that is no header, `truncated`, `limit-exceeded`. */
export async function* walkTar(flow: Flow, budget: Budget, remarks: Remarks): AsyncGenerator<Member, void, undefined> {
  const global = new Map<string, string>();
  let ahead: Ahead = { records: [], longName: null, longLink: null };
  let unread = 0; // what the size of a member without contents says
  for (;;) {
    const at = flow.position;
    const block = await nextHeader(flow, unread, remarks);
    if (block === null) return;
    unread = 0;
    const header = readTarHeader(block);
    if (await readAhead(flow, header, ahead, global, budget)) continue;
    const entry = entryOf(flow, block, header, at, ahead, global, remarks);
    ahead = { records: [], longName: null, longLink: null };
    const bare = BARE.get(header.type);
    if (bare !== undefined) {
      unread = entry.stored;
      budget.member();
      yield bareMember(entry.name, bare, header.mode, bare === 'symlink' || bare === 'hardlink' ? entry.link : null);
      continue;
    }
    if (PASSED_OVER.has(header.type)) {
      if (header.type === TYPE.GNU_CONTINUATION) remarks.warn('unsupported', `${entry.name}: the rest of a file that begins in another volume; it is not read`, offsetIn(flow, at));
      await flow.skip(align(entry.stored, BLOCK), `contents of ${entry.name}`);
      continue;
    }
    budget.member();
    const end = yield* fileMember(flow, entry, budget);
    await flow.skip(end - flow.position, `contents of ${entry.name}`);
  }
}

/** The next header's block; null at the end. `unread`: bytes that may lie before it although they should not. */
async function nextHeader(flow: Flow, unread: number, remarks: Remarks): Promise<Uint8Array | null> {
  let zeros = 0;
  for (;;) {
    const here = (await flow.peek(BLOCK)).subarray(0, BLOCK);
    const at = flow.position;
    if (here.length === 0) return null;
    if (here.length < BLOCK && !isZeros(here)) throw malformedAt(flow, at, `${here.length} bytes behind the last member are not a header`);
    if (isZeros(here)) {
      await flow.skip(here.length, 'end of the archive');
      if (++zeros === 2 || here.length < BLOCK) return null;
      continue;
    }
    if (isTarHeader(here)) {
      if (zeros > 0) remarks.warn('zero-block', 'a block of zeros stands between two members', offsetIn(flow, at));
      await flow.skip(BLOCK, 'header');
      return here;
    }
    if (unread === 0) throw malformedAt(flow, at, 'the check sum of a header is wrong');
    remarks.warn('link-with-contents', `${unread} bytes lie behind a link or a folder, which has none`, offsetIn(flow, at));
    await flow.skip(align(unread, BLOCK), 'contents of a link');
    unread = 0;
  }
}

/** Takes in what speaks of the next member; false for a member itself. */
async function readAhead(flow: Flow, { type, size, name }: TarHeader, ahead: Ahead, global: Map<string, string>, budget: Budget): Promise<boolean> {
  const extended = type === TYPE.EXTENDED || type === TYPE.SUN_EXTENDED || type === TYPE.GLOBAL;
  if (!extended && type !== TYPE.GNU_LONG_NAME && type !== TYPE.GNU_LONG_LINK) return false;
  if (size === null) throw malformedAt(flow, flow.position - BLOCK, 'the size of a header that speaks of another is not a number');
  if (size > budget.limits.headerBytes) throw new BinspectError('limit-exceeded', `${name}: a header of ${size} bytes (the limit headerBytes is ${budget.limits.headerBytes})`);
  const bytes = await flow.take(size, `header ${name}`);
  if (extended) {
    for (const [key, value] of readPax(bytes)) {
      if (type !== TYPE.GLOBAL) ahead.records.push([key, value]);
      else if (value === '') global.delete(key);
      else global.set(key, value);
    }
    const records = ahead.records.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
    if (records > budget.limits.headerBytes) throw new BinspectError('limit-exceeded', `${name}: more than ${budget.limits.headerBytes} bytes of records for one member (the limit headerBytes)`);
  } else {
    const end = bytes.indexOf(0);
    const text = decodeText(bytes, 0, end === -1 ? bytes.length : end);
    if (type === TYPE.GNU_LONG_NAME) ahead.longName = text;
    else ahead.longLink = text;
  }
  await flow.skip(align(size, BLOCK) - size, 'padding');
  return true;
}

function entryOf(flow: Flow, block: Uint8Array, header: TarHeader, at: number, ahead: Ahead, global: ReadonlyMap<string, string>, remarks: Remarks): Entry {
  const records = new Map(global);
  for (const [key, value] of ahead.records) {
    if (value === '') records.delete(key);
    else records.set(key, value);
  }
  const path = records.get('path');
  if (path !== undefined && ahead.longName !== null && path !== ahead.longName) remarks.warn('names-differ', `a member has two long names, ${path} and ${ahead.longName}; the first counts`, offsetIn(flow, at));
  for (const key of ['path', 'size']) if (global.has(key)) remarks.warn('global-header', `a global header sets the ${key} of every member`, offsetIn(flow, at));
  const sizeText = records.get('size');
  const stored = sizeText === undefined ? header.size : paxNumber(sizeText);
  if (stored === null) throw malformedAt(flow, at, 'the size of a member is not a number');
  return {
    header,
    block,
    at,
    name: path ?? ahead.longName ?? header.name,
    link: records.get('linkpath') ?? ahead.longLink ?? header.link,
    stored,
    records: ahead.records,
  };
}

/** A member with contents. Gives where in the flow the next header is. */
async function* fileMember(flow: Flow, entry: Entry, budget: Budget): AsyncGenerator<Member, number, undefined> {
  const { header, stored } = entry;
  let { name } = entry;
  let map: SparseMap | null = null;
  let left = stored; // bytes of content that follow
  const end = flow.position + align(stored, BLOCK);
  let last = end;
  if (header.gnu && header.type === TYPE.GNU_SPARSE) {
    map = await readOldSparse(entry.block, flow, budget.limits.headerBytes);
    last = flow.position + align(stored, BLOCK);
  } else {
    const sparse = readPaxSparse(entry.records);
    if (sparse !== null) {
      name = sparse.name ?? name;
      if (sparse.inData) {
        const lines = await readSparseLines(flow, stored, budget.limits.headerBytes);
        map = { size: sparse.size, pieces: lines.pieces };
        left -= lines.bytes;
      } else map = { size: sparse.size, pieces: sparse.pieces };
    }
  }
  const folder = header.type === TYPE.GNU_FOLDER_LIST || ((header.type === TYPE.OLD_FILE || header.type === TYPE.FILE) && name.endsWith('/'));
  const content = contentOf(flow, left);
  const plain: Member = { name, kind: folder ? 'folder' : 'file', size: left, mode: header.mode, link: null, alias: [], checked: false, problem: null, locate: content.locate, start: content.start, open: content.open };
  if (map === null) yield plain;
  else {
    checkSparse(map, left);
    const sparse = map;
    let filled: Flow | null = null;
    const open = async (): Promise<Flow> => (filled ??= filledFlow(sparse, await content.open(), (bytes) => budget.unpack(bytes)));
    const start = async (most: number): Promise<Uint8Array> => (await (await open()).peek(most)).subarray(0, most);
    yield { ...plain, size: sparse.size, locate: () => Promise.resolve(null), start, open };
  }
  return last;
}
