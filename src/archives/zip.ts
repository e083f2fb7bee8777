// zip: members by the central directory, each read where its local header says that its data begin.

import { flowOf, flowOfChunks } from '../bytes/flow.ts';
import type { Flow } from '../bytes/flow.ts';
import { RangeSource } from '../bytes/source-range.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError, hex } from '../errors.ts';
import { bareMember } from './member.ts';
import type { Budget, Member, MemberKind, Remarks } from './member.ts';
import { readZipDirectory, ZIP_FLAG, zipName } from './zip-directory.ts';
import type { ZipEntry } from './zip-directory.ts';

/** Compression methods: 4.4.5 of APPNOTE. */
const METHODS: ReadonlyMap<number, string> = new Map([
  [0, 'stored'],
  [1, 'shrunk'],
  [6, 'imploded'],
  [8, 'deflate'],
  [9, 'deflate64'],
  [12, 'bzip2'],
  [14, 'LZMA'],
  [20, 'zstd'],
  [93, 'zstd'],
  [95, 'xz'],
  [98, 'PPMd'],
  [99, 'AES encryption'],
]);
const STORED = 0;
const DEFLATE = 8;

const LOCAL_SIZE = 30;
const LOCAL_EXTRA = 256; // bytes of a local extra field that are read with the header: most have under 40
const WINDOW = 256 * 1024;
const SMALL = 16 * 1024; // compressed bytes of a member: the next one's header is then read with it
const START = 8 * 1024;
const DATA_WINDOW = 1024 * 1024;

/** Reads around what is asked for where small members follow each other, so that one read serves many. */
class Windows {
  readonly #source: ByteSource;
  #at = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Bytes from a position, at least `length` of them; fewer only where the file ends. */
  async read(at: number, length: number, ahead: boolean): Promise<Uint8Array> {
    const within = at - this.#at;
    if (within >= 0 && within + length <= this.#bytes.length) return this.#bytes.subarray(within);
    const wanted = Math.max(0, Math.min(ahead ? Math.max(length, WINDOW) : length, this.#source.size - at));
    this.#bytes = await this.#source.read(at, wanted);
    this.#at = at;
    return this.#bytes;
  }
}

/** Members by the directory, in its order. Throws as `readZipDirectory` does; what is wrong with one member is that member's. */
export async function* walkZip(source: ByteSource, budget: Budget, remarks: Remarks): AsyncGenerator<Member, void, undefined> {
  const { entries, base } = await readZipDirectory(source, budget, remarks);
  if (base > 0) remarks.warn('prepended-bytes', `${base} bytes lie before the archive`, 0);
  refuseOverlaps(entries, source.size);
  warnOfNames(entries, remarks);
  const windows = new Windows(source);
  for (const entry of entries) {
    budget.member();
    yield member(entry, source, windows, budget, remarks);
  }
}

/** Members that share bytes are a bomb, and no tool writes them. Throws `malformed`. */
function refuseOverlaps(entries: readonly ZipEntry[], size: number): void {
  const sorted = [...entries].sort((a, b) => a.offset - b.offset);
  for (const [index, { name, offset, compressed }] of sorted.entries()) {
    const end = offset + LOCAL_SIZE + compressed;
    const next = sorted[index + 1];
    if (next !== undefined && end > next.offset) throw new BinspectError('malformed', `${name} ends at ${hex(end)}, behind the beginning of ${next.name} at ${hex(next.offset)}`, { offset });
    if (end > size) throw new BinspectError('truncated', `${name} ends at ${hex(end)}, the file at ${hex(size)}`, { offset });
  }
}

function warnOfNames(entries: readonly ZipEntry[], remarks: Remarks): void {
  const names = new Set<string>();
  for (const { name } of entries) {
    if (names.has(name)) remarks.warn('duplicate-name', `${name} is listed more than once: programs differ in which of them they take`);
    names.add(name);
  }
}

/** A member's kind and permissions. Only a Unix writer's mode says something, and only of folders and links: `zip -` marks plain files as FIFOs. */
function kindOf({ name, system, attributes }: ZipEntry): { kind: MemberKind; mode: number | null } {
  const mode = system === 3 || system === 19 ? attributes >>> 16 : 0;
  const type = mode >>> 12;
  const kind = type === 0o12 ? 'symlink' : type === 0o04 || name.endsWith('/') || (mode === 0 && (attributes & 0x10) !== 0) ? 'folder' : 'file';
  return { kind, mode: mode === 0 ? null : mode & 0o7777 };
}

function problemOf({ name, flags, method, compressed, size, offset }: ZipEntry): BinspectError | null {
  if ((flags & (ZIP_FLAG.ENCRYPTED | ZIP_FLAG.STRONG_ENCRYPTION | ZIP_FLAG.MASKED)) !== 0) return new BinspectError('unsupported', `${name} is encrypted`, { offset, detected: 'encrypted' });
  if (method !== STORED && method !== DEFLATE) {
    const word = METHODS.get(method) ?? `method ${method}`;
    return new BinspectError('unsupported', `${name} is compressed with ${word}, which is not read`, { offset, detected: word.toLowerCase() });
  }
  if (method === STORED && compressed !== size) return new BinspectError('malformed', `${name} is stored with ${compressed} bytes, the directory gives it ${size}`, { offset });
  return null;
}

function member(entry: ZipEntry, source: ByteSource, windows: Windows, budget: Budget, remarks: Remarks): Member {
  const { name, size, method, compressed } = entry;
  const { kind, mode } = kindOf(entry);
  if (kind !== 'file') return bareMember(name, kind, mode, null);
  let dataAt: number | null = null;
  /** Where the data begin: behind the local header, whose name and extra field may have other lengths than the directory's. */
  const locateData = async (): Promise<number> => {
    if (dataAt !== null) return dataAt;
    const wanted = LOCAL_SIZE + name.length + LOCAL_EXTRA + Math.min(compressed, START);
    const bytes = await windows.read(entry.offset, Math.min(wanted, source.size - entry.offset), compressed <= SMALL);
    dataAt = entry.offset + localSize(bytes, entry, remarks);
    if (dataAt + compressed > source.size) throw new BinspectError('truncated', `${name} ends at ${hex(dataAt + compressed)}, the file at ${hex(source.size)}`, { offset: entry.offset });
    return dataAt;
  };
  const stored = method === STORED;
  const range = async (): Promise<RangeSource> => new RangeSource(source, await locateData(), compressed);
  return {
    name,
    kind,
    size,
    mode,
    link: null,
    alias: [],
    checked: true,
    problem: problemOf(entry),
    locate: async () => (stored ? range() : null),
    start: async (most) => {
      const at = await locateData();
      const bytes = await windows.read(at, Math.min(compressed, stored ? most : START), compressed <= SMALL);
      return stored ? bytes.subarray(0, Math.min(most, compressed)) : budget.codecs.inflateStart(bytes.subarray(0, compressed), most);
    },
    open: async () => {
      const data = flowOf(await range(), { window: DATA_WINDOW, ahead: true, signal: budget.signal });
      return flowOfChunks(checked(entry, data, budget));
    },
  };
}

/** Bytes of the local header. Throws `malformed`. */
function localSize(bytes: Uint8Array, { name, offset }: ZipEntry, remarks: Remarks): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < LOCAL_SIZE || view.getUint32(0, true) !== 0x0403_4b50) throw new BinspectError('malformed', `${name}: no local header stands at ${hex(offset)}`, { offset });
  const nameLength = view.getUint16(26, true);
  const local = zipName(bytes.subarray(LOCAL_SIZE, LOCAL_SIZE + nameLength), view.getUint16(6, true));
  if (local !== name) remarks.warn('names-differ', `${name} is called ${local} in its local header; the directory counts`, offset);
  return LOCAL_SIZE + nameLength + view.getUint16(28, true);
}

/** A member's content, with size and CRC-32 compared to the directory's: they are the ones that count, as local ones may be missing. */
async function* checked({ name, method, crc: wanted, size: whole, offset }: ZipEntry, data: Flow, budget: Budget): AsyncGenerator<Uint8Array, void, undefined> {
  const { codecs } = budget;
  let crc = 0;
  let size = 0;
  for await (const bytes of method === STORED ? chunks(data) : codecs.inflate(data)) {
    crc = codecs.crc32(bytes, crc);
    size += bytes.length;
    if (method !== STORED) budget.unpack(bytes.length);
    if (size > whole) break;
    yield bytes;
  }
  if (size !== whole) throw new BinspectError('malformed', `${name}: ${size > whole ? 'more than ' : ''}${Math.min(size, whole)} bytes were unpacked, the directory says ${whole}`, { offset });
  if (crc !== wanted) throw new BinspectError('malformed', `${name}: the CRC-32 is ${hex(crc)}, the directory says ${hex(wanted)}`, { offset });
}

async function* chunks(flow: Flow): AsyncGenerator<Uint8Array, void, undefined> {
  for (let bytes = await flow.chunk(DATA_WINDOW); bytes.length > 0; bytes = await flow.chunk(DATA_WINDOW)) yield bytes;
}
