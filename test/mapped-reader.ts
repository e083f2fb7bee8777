// A second reader of ELF programs, which shares nothing with the first: it maps memory page by page as mmap does, and reads the dynamic section there.

const PAGE = 4096n;
const MOST_PAGES = 4096;

/** Memory as the kernel leaves it: pages by their number. */
type Memory = Map<bigint, Uint8Array>;

interface Load {
  readonly offset: bigint;
  readonly address: bigint;
  readonly fileSize: bigint;
  readonly memorySize: bigint;
}

/** The names of DT_NEEDED of a program, as ld.so would read them; null for what it would not get to read, or what is too large to map here. */
export function mappedNeeds(file: Uint8Array): string[] | null {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 64 || view.getUint32(0) !== 0x7f45_4c46 || view.getUint8(4) !== 2 || view.getUint8(5) !== 1) return null;
  const type = view.getUint16(16, true);
  if ((type !== 2 && type !== 3) || view.getUint16(18, true) !== 62 || view.getUint16(54, true) !== 56) return null;
  const phoff = view.getBigUint64(32, true);
  const count = view.getUint16(56, true);
  if (count === 0 || count > 1170 || phoff + BigInt(count * 56) > BigInt(file.length)) return null;
  const loads: Load[] = [];
  let dynamic: bigint | null = null;
  let stated: bigint | null = null;
  for (let i = 0; i < count; i++) {
    const at = Number(phoff) + 56 * i;
    const word = (field: number): bigint => view.getBigUint64(at + field, true);
    const kind = view.getUint32(at, true);
    if (kind === 6) stated = word(16);
    if (kind === 2) dynamic = word(16);
    if (kind === 1) loads.push({ offset: word(8), address: word(16), fileSize: word(32), memorySize: word(40) });
  }
  const holder = loads.findLast(({ offset, fileSize }) => offset <= phoff && phoff < offset + fileSize);
  if (stated !== null && (holder === undefined || holder.address + phoff - holder.offset !== stated)) return null; // PT_PHDR moves all addresses
  const memory = dynamic === null ? null : mapped(file, loads);
  if (memory === null || dynamic === null) return null;
  const entries: [bigint, bigint][] = [];
  for (let at = dynamic; entries.length < 4096; at += 16n) {
    const tag = wordIn(memory, at);
    const value = wordIn(memory, at + 8n);
    if (tag === null || value === null) return null;
    if (tag === 0n) break;
    entries.push([tag, value]);
  }
  const last = (tag: bigint): bigint | null => entries.findLast(([one]) => one === tag)?.[1] ?? null;
  const strings = last(5n);
  if (strings === null) return null;
  const names: string[] = [];
  for (const [tag, value] of entries) {
    if (tag !== 1n) continue;
    let name = '';
    for (let at = strings + value; ; at++) {
      const byte = byteIn(memory, at);
      if (byte === null || name.length > 4096) return null;
      if (byte === 0) break;
      name += String.fromCharCode(byte);
    }
    names.push(name);
  }
  return names;
}

/** Pages of the segments, one after the other: each writes over those before it. Null for what the kernel refuses. */
function mapped(file: Uint8Array, loads: readonly Load[]): Memory | null {
  const memory: Memory = new Map();
  for (const { offset, address, fileSize, memorySize } of loads) {
    if (fileSize > memorySize || offset % PAGE !== address % PAGE || offset + fileSize > BigInt(file.length)) return null;
    if ((memorySize + PAGE) / PAGE > MOST_PAGES || address + memorySize >= 1n << 64n) return null;
    const into = address % PAGE;
    if (fileSize === 0n && into !== 0n) return null; // kernels differ
    const first = (address - into) / PAGE;
    const fromFile = fileSize === 0n ? 0n : (into + fileSize + PAGE - 1n) / PAGE;
    const pages = (into + memorySize + PAGE - 1n) / PAGE;
    for (let page = 0n; page < pages; page++) {
      const bytes = new Uint8Array(Number(PAGE));
      const start = Number(offset - into + page * PAGE);
      if (page < fromFile) bytes.set(file.subarray(start, start + Number(PAGE)));
      memory.set(first + page, bytes);
    }
    if (memorySize === fileSize) continue;
    for (let at = address + fileSize; at % PAGE !== 0n; at++) memory.get(at / PAGE)?.fill(0, Number(at % PAGE), Number(at % PAGE) + 1);
  }
  return memory;
}

function byteIn(memory: Memory, address: bigint): number | null {
  return memory.get(address / PAGE)?.[Number(address % PAGE)] ?? null;
}

function wordIn(memory: Memory, address: bigint): bigint | null {
  let word = 0n;
  for (let i = 7n; i >= 0n; i--) {
    const byte = byteIn(memory, address + i);
    if (byte === null) return null;
    word = (word << 8n) | BigInt(byte);
  }
  return word;
}
