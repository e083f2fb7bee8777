// RPM packages: a lead that nobody reads any more, two headers of tags, and a cpio archive (rpm.org: "RPM V4 Package format").

import { align, Bytes, chunkOf } from '../bytes/bytes.ts';
import type { Flow } from '../bytes/flow.ts';
import { BinspectError } from '../errors.ts';
import type { CpioFile } from './cpio.ts';
import { malformedAt } from './member.ts';
import type { Budget } from './member.ts';

/** Tags of a header that are read. */
const TAG = {
  OS: 1021,
  ARCH: 1022,
  FILE_SIZES: 1028,
  FILE_MODES: 1030,
  SOURCE_RPM: 1044,
  FILE_DEVICES: 1095,
  FILE_INODES: 1096,
  SOURCE_PACKAGE: 1106,
  DIRECTORY_INDEXES: 1116,
  BASE_NAMES: 1117,
  DIRECTORY_NAMES: 1118,
  LONG_FILE_SIZES: 5008,
} as const;

const LEAD_SIZE = 96;
const INTRO_SIZE = 16;
const ENTRY_SIZE = 16;
const SIGNATURE_PADDING = 8;
const BIG = { little: false, wide: true };

/** Types of values: how many bytes one has. Strings end in NUL. */
const TYPE = { INT8: 2, INT16: 3, INT32: 4, INT64: 5, STRING: 6, STRINGS: 8, TRANSLATED: 9 } as const;

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

/** A header's tags and the bytes that they point into. */
interface Header {
  readonly entries: ReadonlyMap<number, Entry>;
  readonly data: Bytes;
}

/** What a package's header says. */
export interface RpmHeader {
  readonly arch: string | null;
  readonly os: string | null;
  /** Source packages name the machine that they were made on, which claims nothing. */
  readonly source: boolean;
  /** The files, in the order of the header: a stripped payload's members point into it. */
  readonly files: readonly CpioFile[];
}

/** Whether bytes begin an RPM package. */
export function isRpm(bytes: Uint8Array): boolean {
  return bytes[0] === 0xed && bytes[1] === 0xab && bytes[2] === 0xee && bytes[3] === 0xdb;
}

/** Reads the headers; the flow then stands at the payload. Throws `malformed`, `truncated`, `limit-exceeded`. */
export async function readRpm(flow: Flow, budget: Budget): Promise<RpmHeader> {
  const base = flow.position;
  await flow.take(LEAD_SIZE, 'RPM lead');
  await readHeader(flow, budget, 'signature header');
  const used = flow.position - base;
  await flow.skip(align(used, SIGNATURE_PADDING) - used, 'padding');
  const header = await readHeader(flow, budget, 'RPM header');
  return {
    arch: textOf(header, TAG.ARCH),
    os: textOf(header, TAG.OS),
    source: !header.entries.has(TAG.SOURCE_RPM) && (header.entries.has(TAG.SOURCE_PACKAGE) || !header.entries.has(TAG.ARCH)),
    files: filesOf(header),
  };
}

async function readHeader(flow: Flow, budget: Budget, what: string): Promise<Header> {
  const at = flow.position;
  const intro = new Bytes(chunkOf(await flow.take(INTRO_SIZE, what)), 0, INTRO_SIZE, at, what, BIG);
  if (intro.u32(0) !== 0x8ead_e801) throw malformedAt(flow, at, `no ${what} stands here`);
  const count = intro.u32(8);
  const size = intro.u32(12);
  const whole = count * ENTRY_SIZE + size;
  if (whole > budget.limits.metadataTotalBytes) throw new BinspectError('limit-exceeded', `the ${what} has ${whole} bytes (the limit metadataTotalBytes is ${budget.limits.metadataTotalBytes})`);
  const bytes = new Bytes(chunkOf(await flow.take(whole, what)), 0, whole, at + INTRO_SIZE, what, BIG);
  const entries = new Map<number, Entry>();
  for (let i = 0; i < count; i++) {
    const entry = i * ENTRY_SIZE;
    entries.set(bytes.u32(entry), { type: bytes.u32(entry + 4), offset: bytes.u32(entry + 8), count: bytes.u32(entry + 12) });
  }
  return { entries, data: bytes.slice(count * ENTRY_SIZE, size) };
}

function textOf({ entries, data }: Header, tag: number): string | null {
  const entry = entries.get(tag);
  if (entry === undefined || entry.offset >= data.size || ![TYPE.STRING, TYPE.STRINGS, TYPE.TRANSLATED].some((type) => type === entry.type)) return null;
  return data.text(entry.offset);
}

function textsOf({ entries, data }: Header, tag: number): string[] {
  const entry = entries.get(tag);
  if (entry === undefined || entry.type !== TYPE.STRINGS) return [];
  const texts: string[] = [];
  const bytes = data.bytes();
  for (let at = entry.offset; at < data.size && texts.length < entry.count; ) {
    texts.push(data.text(at));
    const end = bytes.indexOf(0, at);
    if (end === -1) break;
    at = end + 1;
  }
  return texts;
}

function numbersOf({ entries, data }: Header, tag: number): number[] {
  const entry = entries.get(tag);
  if (entry === undefined) return [];
  const width = entry.type === TYPE.INT16 ? 2 : entry.type === TYPE.INT32 ? 4 : entry.type === TYPE.INT64 ? 8 : 0;
  if (width === 0) return [];
  const numbers: number[] = [];
  for (let at = entry.offset; at + width <= data.size && numbers.length < entry.count; at += width) {
    numbers.push(width === 2 ? data.u16(at) : width === 4 ? data.u32(at) : data.word(at));
  }
  return numbers;
}

/** The files of the header. Of hard links (the same device and inode) only the last one's content is in the payload. */
function filesOf(header: Header): CpioFile[] {
  const folders = textsOf(header, TAG.DIRECTORY_NAMES);
  const folderOf = numbersOf(header, TAG.DIRECTORY_INDEXES);
  const modes = numbersOf(header, TAG.FILE_MODES);
  const long = numbersOf(header, TAG.LONG_FILE_SIZES);
  const sizes = long.length > 0 ? long : numbersOf(header, TAG.FILE_SIZES);
  const inodes = numbersOf(header, TAG.FILE_INODES);
  const devices = numbersOf(header, TAG.FILE_DEVICES);
  const names = textsOf(header, TAG.BASE_NAMES).map((name, i) => `${folders[folderOf[i] ?? -1] ?? ''}${name}`);
  const regular = (i: number): boolean => (modes[i] ?? 0) >>> 12 === 0o10;
  const links = new Map<string, number[]>();
  const keyOf = (i: number): string => `${devices[i] ?? 0}:${inodes[i] ?? `none ${i}`}`;
  for (const i of names.keys()) {
    if (!regular(i)) continue;
    const group = links.get(keyOf(i));
    if (group === undefined) links.set(keyOf(i), [i]);
    else group.push(i);
  }
  return names.map((name, i) => {
    const group = regular(i) ? (links.get(keyOf(i)) as number[]) : [i];
    const last = group.at(-1) === i;
    const holds = regular(i) ? last : (modes[i] ?? 0) >>> 12 === 0o12; // a link's content is where it points to
    return { name: `.${name}`, mode: modes[i] ?? 0, size: holds ? (sizes[i] ?? 0) : 0, alias: last ? group.slice(0, -1).map((index) => `.${names[index] as string}`) : [] };
  });
}
