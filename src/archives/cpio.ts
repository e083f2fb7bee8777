// cpio: newc and crc (of RPM packages and initial RAM disks) and odc, each member a header, a name and its bytes.

import { align } from '../bytes/bytes.ts';
import type { Flow } from '../bytes/flow.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { bareMember, contentOf, malformedAt } from './member.ts';
import type { Budget, Member, MemberKind } from './member.ts';

/** How a member's header is written. */
type Style = 'newc' | 'odc' | 'stripped';

const MAGICS: ReadonlyMap<string, Style> = new Map<string, Style>([
  ['070701', 'newc'],
  ['070702', 'newc'], // with a sum of the bytes
  ['070707', 'odc'],
  ['07070X', 'stripped'],
]);
const MAGIC_SIZE = 6;
const TRAILER = 'TRAILER!!!';

/** What the rest of a file says of a member whose header says nothing: RPM's stripped payloads. */
export interface CpioFile {
  readonly name: string;
  readonly mode: number;
  /** Bytes of its content in the payload: of hard links only the last one has some. */
  readonly size: number;
  readonly alias: readonly string[];
}

interface CpioHeader {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  /** What tells hard links from each other; null for what has none. */
  readonly inode: string | null;
  readonly alias: readonly string[];
  /** What names and contents are padded to. */
  readonly padding: number;
}

/** Whether bytes begin a cpio archive of a kind that is read. */
export function isCpio(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC_SIZE && MAGICS.has(String.fromCharCode(...bytes.subarray(0, MAGIC_SIZE)));
}

const TYPES: ReadonlyMap<number, MemberKind> = new Map<number, MemberKind>([
  [0o10, 'file'],
  [0o04, 'folder'],
  [0o12, 'symlink'],
]);

/** Members in order. `files` is what a stripped payload's headers point into. Throws `malformed`, `truncated`, `limit-exceeded`. */
export async function* walkCpio(flow: Flow, budget: Budget, files: readonly CpioFile[] = []): AsyncGenerator<Member, void, undefined> {
  const base = flow.position;
  const waiting = new Map<string, string[]>(); // names of hard links whose content is still to come, by inode
  for (;;) {
    const header = await readHeader(flow, base, budget, files);
    if (header === null || header.name === TRAILER) break;
    const kind = TYPES.get(header.mode >>> 12) ?? 'other';
    const mode = header.mode & 0o7777;
    budget.member();
    if (kind === 'file' && header.size === 0 && header.inode !== null) {
      const names = waiting.get(header.inode);
      if (names === undefined) waiting.set(header.inode, [header.name]);
      else names.push(header.name);
      continue;
    }
    const content = contentOf(flow, header.size);
    if (kind === 'file') {
      const linked = header.inode === null ? undefined : waiting.get(header.inode);
      if (header.inode !== null) waiting.delete(header.inode);
      const alias = linked ?? header.alias;
      yield { name: header.name, kind, size: header.size, mode, link: null, alias, checked: false, problem: null, locate: content.locate, start: content.start, open: content.open };
    } else if (kind === 'symlink' && header.size <= budget.limits.stringBytes) {
      yield bareMember(header.name, kind, mode, decodeText(await flow.take(header.size, `link ${header.name}`)));
    } else yield bareMember(header.name, kind, mode, null);
    await content.skip(`contents of ${header.name}`);
    await pad(flow, base, header.padding);
  }
  for (const names of waiting.values()) {
    for (const name of names) yield bareMember(name, 'file', null, null); // links to an empty file
  }
}

async function pad(flow: Flow, base: number, to: number): Promise<void> {
  const used = flow.position - base;
  await flow.skip(align(used, to) - used, 'padding');
}

async function readHeader(flow: Flow, base: number, budget: Budget, files: readonly CpioFile[]): Promise<CpioHeader | null> {
  const at = flow.position;
  const magic = String.fromCharCode(...(await flow.take(MAGIC_SIZE, 'cpio header')));
  const style = MAGICS.get(magic);
  if (style === undefined) throw malformedAt(flow, at, 'no cpio header stands here');
  if (style === 'stripped') return strippedHeader(flow, at, base, files);
  const widths = style === 'newc' ? [8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8] : [6, 6, 6, 6, 6, 6, 6, 11, 6, 11];
  const text = decodeText(await flow.take(widths.reduce((sum, width) => sum + width), 'cpio header'));
  const fields: number[] = [];
  let from = 0;
  for (const width of widths) {
    const digits = text.slice(from, from + width);
    const valid = style === 'newc' ? /^[0-9a-f]+$/i.test(digits) : /^[0-7]+$/.test(digits);
    if (!valid) throw malformedAt(flow, at, 'a field of a cpio header is not a number');
    fields.push(Number.parseInt(digits, style === 'newc' ? 16 : 8));
    from += width;
  }
  const field = (index: number): number => fields[index] as number;
  const newc = style === 'newc';
  const nameSize = field(newc ? 11 : 8);
  if (nameSize > budget.limits.headerBytes) throw new BinspectError('limit-exceeded', `a name of ${nameSize} bytes (the limit headerBytes is ${budget.limits.headerBytes})`);
  if (nameSize === 0) throw malformedAt(flow, at, 'a member without a name');
  const name = decodeText(await flow.take(nameSize, 'name of a member'), 0, nameSize - 1);
  const padding = newc ? 4 : 1;
  await pad(flow, base, padding);
  const links = field(newc ? 4 : 5);
  return {
    name,
    mode: field(newc ? 1 : 2),
    size: field(newc ? 6 : 9),
    inode: newc && links > 1 ? `${field(7)}:${field(8)}:${field(0)}` : null, // odc stores the content with each link
    alias: [],
    padding,
  };
}

const INDEX_SIZE = 8;

async function strippedHeader(flow: Flow, at: number, base: number, files: readonly CpioFile[]): Promise<CpioHeader> {
  const digits = decodeText(await flow.take(INDEX_SIZE, 'cpio header'));
  const file = /^[0-9a-f]{8}$/i.test(digits) ? files[Number.parseInt(digits, 16)] : undefined;
  if (file === undefined) throw malformedAt(flow, at, `a member points to file ${digits} of the header, which has ${files.length}`);
  await pad(flow, base, 4);
  return { ...file, inode: null, padding: 4 };
}
