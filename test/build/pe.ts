// Makes PE files for tests: every field can be set, every table misplaced. What is not said is what a linker would write.

import { DIRECTORY, DIRECTORY_COUNT, FILE, MACHINE, OPTIONAL_MAGIC } from '../../src/pe/constants.ts';

export interface SectionPlan {
  name?: string;
  address: number;
  data?: readonly number[] | Uint8Array;
  virtualSize?: number;
  fileSize?: number;
  offset?: number;
  /** PointerToRelocations. */
  relocations?: number;
  characteristics?: number;
}

/** A load configuration; what is not said is 0. */
export interface LoadConfigPlan {
  /** Size: how much of it counts. All of it is written in any case. */
  size: number;
  cookie?: bigint;
  handlers?: readonly [table: bigint, count: number];
  guardTable?: bigint;
  guardCount?: number;
  guardFlags?: number;
  chpe?: bigint;
}

/** A directory of resources by their numbers, or the bytes of one. */
export type ResourcePlan = { readonly [id: number]: ResourcePlan } | readonly number[];

export interface ImportPlan {
  /** A name, or the RVA that stands for one. */
  name: string | number;
  lookupTable?: number;
  addressTable?: number;
  /** The first entry of the address table. */
  thunk?: number;
}

export interface PePlan {
  wide?: boolean;
  machine?: number;
  /** e_magic, e_lfarlc, e_lfanew. */
  dosMagic?: number;
  relocationsOffset?: number;
  headerOffset?: number;
  /** What stands between the DOS header and the PE header. */
  dosProgram?: readonly number[];
  characteristics?: number;
  timestamp?: number;
  sectionCount?: number;
  symbolsOffset?: number;
  symbolCount?: number;
  optionalHeaderSize?: number;
  magic?: number;
  linker?: readonly [number, number];
  entry?: number;
  imageBase?: bigint;
  sectionAlignment?: number;
  subsystemVersion?: readonly [number, number];
  headersSize?: number;
  subsystem?: number;
  dllCharacteristics?: number;
  directoryCount?: number;
  /** Directories that replace the ones that follow from the rest: RVA and size by index. */
  directories?: Readonly<Record<number, readonly [number, number]>>;
  imports?: readonly ImportPlan[];
  /** What follows the last import descriptor; five words of zeros. */
  importEnd?: readonly number[];
  delayImports?: readonly { name: string | number; attributes?: number }[];
  exportName?: string | number;
  debug?: readonly { type: number; data: readonly number[]; address?: number; offset?: number; size?: number }[];
  /** AddressOfIndex. */
  tlsIndex?: bigint;
  loadConfig?: LoadConfigPlan;
  resources?: ResourcePlan;
  clr?: { size?: number; flags: number; metadata?: readonly number[] };
  /** Where the section lies that holds all of this, and what is said of it. */
  content?: Partial<SectionPlan>;
  /** At which place among the sections it stands; the first. */
  contentIndex?: number;
  sections?: readonly SectionPlan[];
  /** Bytes after everything else. */
  trailer?: readonly number[];
}

const encoder = new TextEncoder();
const align = (value: number, to: number): number => Math.ceil(value / to) * to;

/** A number's bytes, the lowest first. */
export function bytesOf(value: number | bigint, size: number): number[] {
  const rest = BigInt.asUintN(size * 8, BigInt(value));
  return Array.from({ length: size }, (_, i) => Number((rest >> BigInt(8 * i)) & 0xffn));
}

export const words = (...values: readonly (number | bigint)[]): number[] => values.flatMap((value) => bytesOf(value, 4));
export const text = (value: string): number[] => [...encoder.encode(value), 0];

/** A CodeView entry of the form RSDS. */
export function rsds(guid: readonly number[], age: number, path: string): number[] {
  return [...text('RSDS').slice(0, 4), ...guid, ...words(age), ...text(path)];
}

/** Bytes in the making, and the RVA at which each part of them will lie. */
class Content {
  readonly bytes: number[] = [];
  readonly address: number;

  constructor(address: number) {
    this.address = address;
  }

  add(bytes: readonly number[]): number {
    while (this.bytes.length % 8 !== 0) this.bytes.push(0);
    const at = this.address + this.bytes.length;
    for (const byte of bytes) this.bytes.push(byte);
    return at;
  }
}

/** IMAGE_LOAD_CONFIG_DIRECTORY up to CHPEMetadataPointer. */
function loadConfig({ size, cookie = 0n, handlers = [0n, 0], guardTable = 0n, guardCount = 0, guardFlags = 0, chpe = 0n }: LoadConfigPlan, wordSize: number): number[] {
  const address = (...values: readonly (number | bigint)[]): number[] => values.flatMap((value) => bytesOf(value, wordSize));
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  return [
    ...words(size), ...zeros(20 + 5 * wordSize + wordSize + 8), ...address(0, cookie, ...handlers, 0, 0, guardTable, guardCount),
    ...words(guardFlags), ...zeros(12 + 5 * wordSize), ...address(chpe),
  ]; // prettier-ignore
}

/** A tree of resources that will lie at an RVA: directories, and behind each entry what it points at. */
function resourceTree(plan: ResourcePlan, address: number): number[] {
  const bytes: number[] = [];
  const write = (values: readonly number[]): number => {
    while (bytes.length % 4 !== 0) bytes.push(0);
    const at = bytes.length;
    for (const value of values) bytes.push(value);
    return at;
  };
  const place = (node: ResourcePlan): number => {
    if (Array.isArray(node)) return write(words(address + write(node as readonly number[]), node.length, 0, 0));
    const entries = Object.entries(node as { readonly [id: number]: ResourcePlan });
    const at = write([...words(0, 0, 0), ...bytesOf(0, 2), ...bytesOf(entries.length, 2), ...new Uint8Array(entries.length * 8)]);
    entries.forEach(([id, child], i) => {
      const target = place(child);
      words(Number(id), Array.isArray(child) ? target : target + 0x8000_0000).forEach((byte, j) => (bytes[at + 16 + i * 8 + j] = byte));
    });
    return at;
  };
  place(plan);
  return bytes;
}

const utf16 = (value: string): number[] => Array.from({ length: value.length + 1 }, (_, i) => bytesOf(value.charCodeAt(i) || 0, 2)).flat();

/** A block of a version resource: its value as bytes, or as text, and the blocks that it holds. */
export function versionBlock(key: string, value: readonly number[] | string, blocks: readonly (readonly number[])[] = []): number[] {
  const isText = typeof value === 'string';
  const padded = (bytes: readonly number[]): number[] => [...bytes, ...new Uint8Array((4 - (bytes.length % 4)) % 4)];
  const head = padded([...new Uint8Array(6), ...utf16(key)]);
  const content = isText ? (value === '' ? [] : utf16(value)) : value;
  const inner = blocks.reduce<readonly number[]>((all, block) => [...padded(all), ...block], []);
  const bytes = inner.length === 0 ? [...head, ...content] : [...padded([...head, ...content]), ...inner];
  const count = isText ? content.length / 2 : content.length;
  return [...bytesOf(bytes.length, 2), ...bytesOf(count, 2), ...bytesOf(isText ? 1 : 0, 2), ...bytes.slice(6)];
}

/** Builds a PE file. */
export function buildPe(plan: PePlan = {}): Uint8Array {
  const wide = plan.wide ?? true;
  const wordSize = wide ? 8 : 4;
  const imageBase = plan.imageBase ?? (wide ? 0x1_4000_0000n : 0x40_0000n);
  const headerOffset = plan.headerOffset ?? 0x80;
  const count = plan.directoryCount ?? DIRECTORY_COUNT;
  const written = Math.min(count, DIRECTORY_COUNT);
  const fixedSize = wide ? 112 : 96;
  const optionalHeaderSize = plan.optionalHeaderSize ?? fixedSize + written * 8;
  const tableAt = headerOffset + 24 + optionalHeaderSize;
  const own = plan.sections ?? [];
  const headersEnd = align(Math.max(tableAt + (own.length + 1) * 40, headerOffset + 24 + fixedSize + written * 8), 0x200);
  const content = new Content(plan.content?.address ?? 0x1000);
  const contentOffset = plan.content?.offset ?? headersEnd;
  const directories: Record<number, readonly [number, number]> = {};
  const place = (index: number, bytes: readonly number[]): void => {
    directories[index] = [content.add(bytes), bytes.length];
  };
  const nameAt = (name: string | number): number => (typeof name === 'number' ? name : content.add(text(name)));

  if (plan.imports !== undefined) {
    const descriptors = plan.imports.flatMap(({ name, lookupTable, addressTable, thunk = 0x1234 }) => {
      const thunks = (): number => content.add([...bytesOf(thunk, wordSize), ...bytesOf(0, wordSize)]);
      return words(lookupTable ?? thunks(), 0, 0, nameAt(name), addressTable ?? thunks());
    });
    place(DIRECTORY.IMPORT, [...descriptors, ...words(...(plan.importEnd ?? [0, 0, 0, 0, 0]))]);
  }
  if (plan.delayImports !== undefined) {
    const descriptors = plan.delayImports.flatMap(({ name, attributes = 1 }) => {
      const at = nameAt(name);
      return words(attributes, (attributes & 1) !== 0 || typeof name === 'number' ? at : imageBase + BigInt(at), 0, 0, 0, 0, 0, 0);
    });
    place(DIRECTORY.DELAY_IMPORT, [...descriptors, ...new Uint8Array(32)]);
  }
  if (plan.exportName !== undefined) place(DIRECTORY.EXPORT, words(0, 0, 0, nameAt(plan.exportName), 1, 0xffff_ffff, 0, 0, 0, 0));
  if (plan.debug !== undefined) {
    const entries = plan.debug.flatMap(({ type, data, address, offset, size }) => {
      const at = content.add(data);
      return words(0, 0, 0, type, size ?? data.length, address ?? at, offset ?? contentOffset + at - content.address);
    });
    place(DIRECTORY.DEBUG, entries);
  }
  if (plan.tlsIndex !== undefined) place(DIRECTORY.TLS, [...bytesOf(0, 2 * wordSize), ...bytesOf(plan.tlsIndex, wordSize), ...bytesOf(0, wordSize + 8)]);
  if (plan.loadConfig !== undefined) place(DIRECTORY.LOAD_CONFIG, loadConfig(plan.loadConfig, wordSize));
  if (plan.resources !== undefined) {
    while (content.bytes.length % 8 !== 0) content.bytes.push(0);
    place(DIRECTORY.RESOURCE, resourceTree(plan.resources, content.address + content.bytes.length));
  }
  if (plan.clr !== undefined) {
    const { size = 72, flags, metadata = [0x42, 0x53, 0x4a, 0x42] } = plan.clr;
    place(DIRECTORY.COM_DESCRIPTOR, [...words(size, 0, content.add(metadata), metadata.length, flags), ...new Uint8Array(52)]);
  }
  Object.assign(directories, plan.directories);

  const sections: SectionPlan[] = [...own];
  if (content.bytes.length > 0) {
    const section = { name: '.rdata', address: content.address, data: content.bytes, offset: contentOffset, characteristics: 0x4000_0040, ...plan.content };
    sections.splice(plan.contentIndex ?? 0, 0, section);
  }
  let end = headersEnd;
  const parts: { at: number; bytes: readonly number[] | Uint8Array }[] = [];
  const rows = sections.flatMap(({ name = '.text', address, data = [], virtualSize, fileSize, offset, relocations = 0, characteristics = 0x6000_0020 }) => {
    const at = offset ?? (data.length === 0 ? 0 : align(end, 0x200));
    parts.push({ at, bytes: data });
    end = Math.max(end, at + data.length);
    const size = fileSize ?? align(data.length, 0x200);
    return [...encoder.encode(name.padEnd(8, '\0').slice(0, 8)), ...words(virtualSize ?? data.length, address, size, at, relocations, 0, 0, characteristics)];
  });

  const { linker = [14, 0], subsystemVersion = [6, 0] } = plan;
  const optional = [...bytesOf(plan.magic ?? (wide ? OPTIONAL_MAGIC.PE32_PLUS : OPTIONAL_MAGIC.PE32), 2), ...linker, ...words(0, 0, 0, plan.entry ?? 0x1000, 0x1000)];
  if (!wide) optional.push(...words(0)); // BaseOfData
  optional.push(...bytesOf(imageBase, wordSize), ...words(plan.sectionAlignment ?? 0x1000, 0x200, 0, 0));
  optional.push(...bytesOf(subsystemVersion[0], 2), ...bytesOf(subsystemVersion[1], 2), ...words(0, 0x10_0000, plan.headersSize ?? headersEnd, 0));
  optional.push(...bytesOf(plan.subsystem ?? 3, 2), ...bytesOf(plan.dllCharacteristics ?? 0x8160, 2), ...new Uint8Array(4 * wordSize), ...words(0, count));
  for (let i = 0; i < written; i++) optional.push(...words(...(directories[i] ?? [0, 0])));

  const symbols = [plan.symbolsOffset ?? 0, plan.symbolCount ?? 0];
  const coff = [...text('PE\0'), ...bytesOf(plan.machine ?? (wide ? MACHINE.AMD64 : MACHINE.I386), 2), ...bytesOf(plan.sectionCount ?? sections.length, 2)];
  coff.push(...words(plan.timestamp ?? 0, ...symbols), ...bytesOf(optionalHeaderSize, 2), ...bytesOf(plan.characteristics ?? FILE.EXECUTABLE_IMAGE, 2));
  const dos = [...bytesOf(plan.dosMagic ?? 0x5a4d, 2), ...new Uint8Array(22), ...bytesOf(plan.relocationsOffset ?? 0x40, 2), ...new Uint8Array(34), ...words(headerOffset)];

  // What is written later wins: a header that overlaps the DOS header leaves e_lfanew as it is only where the plan says so too.
  parts.unshift({ at: 0, bytes: [...dos, ...(plan.dosProgram ?? [])] }, { at: headerOffset, bytes: [...coff, ...optional] }, { at: tableAt, bytes: rows });
  if (plan.trailer !== undefined) parts.push({ at: end, bytes: plan.trailer });
  const bytes = new Uint8Array(Math.max(align(end, 0x200), ...parts.map((part) => part.at + part.bytes.length)));
  for (const part of parts) bytes.set(part.bytes, part.at);
  return bytes;
}
