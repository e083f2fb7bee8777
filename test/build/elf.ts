// Makes ELF files for tests: every field can be set, every table misplaced. What is not said is what a linker would write.

import { DT, ET, PT, SHT } from '../../src/elf/constants.ts';

export interface SegmentPlan {
  type: number;
  flags?: number;
  offset?: number | bigint;
  address?: bigint;
  fileSize?: number | bigint;
  memorySize?: number | bigint;
  alignment?: number;
  /** Contents; they are placed, and offset, address and sizes follow where they aren't given. */
  data?: Uint8Array;
}

export interface SectionPlan {
  name: string;
  type: number;
  flags?: number;
  address?: bigint;
  data?: Uint8Array;
  offset?: number | bigint;
  size?: number | bigint;
  link?: number;
  info?: number;
}

export interface ElfPlan {
  little?: boolean;
  wide?: boolean;
  class?: number;
  data?: number;
  osAbi?: number;
  abiVersion?: number;
  type?: number;
  machine?: number;
  entry?: bigint;
  flags?: number;
  interpreter?: string;
  /** Tag and value; text is put into the string table. DT_STRTAB, DT_STRSZ and DT_NULL are added. */
  dynamic?: readonly (readonly [number, bigint | string])[];
  /** Whether DT_STRTAB, DT_STRSZ and DT_NULL are left out. */
  bareDynamic?: boolean;
  notes?: readonly { owner: string; type: number; data: Uint8Array }[];
  segments?: readonly SegmentPlan[];
  sections?: readonly SectionPlan[];
  /** Header fields that replace the true ones. */
  header?: { phoff?: number | bigint; shoff?: number | bigint; phentsize?: number; phnum?: number; shentsize?: number; shnum?: number; shstrndx?: number };
  /** Fields of section 0, for the extended counts. */
  section0?: { type?: number; size?: number | bigint; link?: number; info?: number };
}

/** Grows as it is written to. */
class Writer {
  bytes: number[] = [];
  readonly little: boolean;
  readonly wide: boolean;

  constructor(little: boolean, wide: boolean) {
    this.little = little;
    this.wide = wide;
  }

  number(value: number | bigint, size: number): this {
    let rest = BigInt.asUintN(size * 8, BigInt(value));
    const out: number[] = [];
    for (let i = 0; i < size; i++, rest >>= 8n) out.push(Number(rest & 0xffn));
    this.bytes.push(...(this.little ? out : out.reverse()));
    return this;
  }

  u16(value: number): this {
    return this.number(value, 2);
  }

  u32(value: number): this {
    return this.number(value, 4);
  }

  word(value: number | bigint): this {
    return this.number(value, this.wide ? 8 : 4);
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  align(to: number): this {
    while (this.bytes.length % to !== 0) this.bytes.push(0);
    return this;
  }
}

const encoder = new TextEncoder();
const BASE = 0x40_0000n;

/** The bytes of one note. */
function noteBytes(little: boolean, { owner, type, data }: { owner: string; type: number; data: Uint8Array }): number[] {
  const name = encoder.encode(`${owner}\0`);
  const writer = new Writer(little, false).u32(name.length).u32(data.length).u32(type).raw(name).align(4).raw(data).align(4);
  return writer.bytes;
}

/** Builds an ELF file. One PT_LOAD maps the whole of it at 0x400000 unless `segments` has PT_LOADs of its own. */
export function buildElf(plan: ElfPlan = {}): Uint8Array {
  const little = plan.little ?? true;
  const wide = plan.wide ?? true;
  const headerSize = wide ? 64 : 52;
  const segmentSize = wide ? 56 : 32;
  const sectionSize = wide ? 64 : 40;
  const parts: { at: number; bytes: number[] }[] = [];
  const segments: SegmentPlan[] = [];
  const ownLoads = (plan.segments ?? []).some(({ type }) => type === PT.LOAD);
  const count =
    (ownLoads ? 0 : 1) + (plan.interpreter === undefined ? 0 : 1) + (plan.dynamic === undefined ? 0 : 1) + (plan.notes === undefined ? 0 : 1) + (plan.segments?.length ?? 0);
  let end = headerSize + count * segmentSize;
  const place = (bytes: Iterable<number>): number => {
    end = Math.ceil(end / 8) * 8;
    const at = end;
    const list = [...bytes];
    parts.push({ at, bytes: list });
    end += list.length;
    return at;
  };

  if (plan.interpreter !== undefined) {
    const data = encoder.encode(`${plan.interpreter}\0`);
    segments.push({ type: PT.INTERP, offset: place(data), fileSize: data.length });
  }
  if (plan.dynamic !== undefined) {
    const strings: number[] = [0];
    const entries = plan.dynamic.map(([tag, value]): [number, bigint] => {
      if (typeof value === 'bigint') return [tag, value];
      const at = strings.length;
      strings.push(...encoder.encode(value), 0);
      return [tag, BigInt(at)];
    });
    const stringsAt = place(strings);
    if (plan.bareDynamic !== true) entries.push([DT.STRTAB, BASE + BigInt(stringsAt)], [DT.STRSZ, BigInt(strings.length)], [DT.NULL, 0n]);
    const writer = new Writer(little, wide);
    for (const [tag, value] of entries) writer.word(tag).word(value);
    segments.push({ type: PT.DYNAMIC, offset: place(writer.bytes), fileSize: writer.bytes.length });
  }
  if (plan.notes !== undefined) {
    const bytes = plan.notes.flatMap((note) => noteBytes(little, note));
    segments.push({ type: PT.NOTE, offset: place(bytes), fileSize: bytes.length, alignment: 4 });
  }
  for (const segment of plan.segments ?? []) {
    segments.push(segment.data === undefined ? segment : { ...segment, offset: segment.offset ?? place(segment.data), fileSize: segment.fileSize ?? segment.data.length });
  }

  const sections: SectionPlan[] = [...(plan.sections ?? [])];
  const names: number[] = [0];
  const sectionRows: { name: number; plan: SectionPlan }[] = [];
  if (plan.sections !== undefined) {
    sections.push({ name: '.shstrtab', type: SHT.STRTAB });
    for (const section of sections) {
      sectionRows.push({ name: names.length, plan: section });
      names.push(...encoder.encode(section.name), 0);
    }
  }
  const placed = sectionRows.map(({ name, plan: section }, i) => {
    const data = i === sectionRows.length - 1 ? names : (section.data ?? []);
    const bytes = [...data];
    const offset = section.offset ?? (section.type === SHT.NOBITS ? end : place(bytes));
    return { name, section, offset, size: section.size ?? bytes.length };
  });
  const sectionsAt = placed.length === 0 && plan.section0 === undefined ? 0 : Math.ceil(end / 8) * 8;
  if (sectionsAt !== 0) {
    const writer = new Writer(little, wide);
    const zero = plan.section0 ?? {};
    writer.u32(0).u32(zero.type ?? 0).word(0).word(0).word(0).word(zero.size ?? 0).u32(zero.link ?? 0).u32(zero.info ?? 0).word(0).word(0);
    for (const { name, section, offset, size } of placed) {
      writer.u32(name).u32(section.type).word(section.flags ?? 0).word(section.address ?? 0n).word(offset).word(size);
      writer.u32(section.link ?? 0).u32(section.info ?? 0).word(1).word(0);
    }
    parts.push({ at: sectionsAt, bytes: writer.bytes });
    end = sectionsAt + writer.bytes.length;
  }
  if (!ownLoads) segments.unshift({ type: PT.LOAD, flags: 5, offset: 0, address: BASE, fileSize: end, memorySize: end, alignment: 0x1000 });

  const { header = {} } = plan;
  const writer = new Writer(little, wide);
  writer.raw([0x7f, 0x45, 0x4c, 0x46, plan.class ?? (wide ? 2 : 1), plan.data ?? (little ? 1 : 2), 1, plan.osAbi ?? 0, plan.abiVersion ?? 0]).raw(new Uint8Array(7));
  writer.u16(plan.type ?? ET.EXEC).u16(plan.machine ?? 62).u32(1).word(plan.entry ?? BASE + 0x1000n);
  writer.word(header.phoff ?? (segments.length === 0 ? 0 : headerSize)).word(header.shoff ?? sectionsAt).u32(plan.flags ?? 0).u16(headerSize);
  writer.u16(header.phentsize ?? segmentSize).u16(header.phnum ?? segments.length);
  writer.u16(header.shentsize ?? sectionSize).u16(header.shnum ?? (placed.length === 0 ? 0 : placed.length + 1)).u16(header.shstrndx ?? (placed.length === 0 ? 0 : placed.length));
  for (const { type, flags = 4, offset = 0, address = BASE + BigInt(offset), fileSize = 0, memorySize = fileSize, alignment = 8 } of segments) {
    writer.u32(type);
    if (wide) writer.u32(flags);
    writer.word(offset).word(address).word(address).word(fileSize).word(memorySize);
    if (!wide) writer.u32(flags);
    writer.word(alignment);
  }
  const bytes = new Uint8Array(Math.max(end, writer.bytes.length));
  bytes.set(writer.bytes, 0);
  for (const { at, bytes: part } of parts) bytes.set(part, at);
  return bytes;
}
