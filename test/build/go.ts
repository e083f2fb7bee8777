// Makes Go programs for tests, as far as a reader of build information looks: blobs of every form, in the smallest ELF, Mach-O and PE files that carry them.

import { encodeText } from '../../src/bytes/text.ts';

/** Bytes that can be written to at positions. */
class Writer {
  bytes = new Uint8Array(256);
  end = 0;
  readonly little: boolean;
  readonly wide: boolean;

  constructor(little: boolean, wide: boolean) {
    this.little = little;
    this.wide = wide;
  }

  number(value: number | bigint, size: number): this {
    const out = Uint8Array.from({ length: size }, (_, i) => Number((BigInt.asUintN(64, BigInt(value)) >> BigInt(8 * i)) & 0xffn));
    return this.raw(this.little ? out : out.reverse());
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.number(value, 2);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.number(value, 4);
    return this;
  }

  word(...values: readonly (number | bigint)[]): this {
    for (const value of values) this.number(value, this.wide ? 8 : 4);
    return this;
  }

  raw(bytes: Uint8Array): this {
    while (this.end + bytes.length > this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
    return this;
  }

  text(text: string, size: number = text.length): this {
    return this.raw(encodeText(text.padEnd(size, '\0')).subarray(0, size));
  }

  /** Zeros up to a position. */
  to(position: number): this {
    return this.raw(new Uint8Array(Math.max(0, position - this.end)));
  }

  align(to: number): this {
    return this.to(Math.ceil(this.end / to) * to);
  }

  done(): Uint8Array {
    return this.bytes.slice(0, this.end);
  }
}

/** A file with a number written over what stands at a position. */
export function patched(file: Uint8Array, at: number, value: number | bigint, size: number, little = true): Uint8Array {
  const copy = file.slice();
  copy.set(new Writer(little, false).number(value, size).done(), at);
  return copy;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Writer(true, false);
  for (const part of parts) all.raw(part);
  return all.done();
}

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));

/** A module text in its frame. */
export function framed(text: string | Uint8Array): Uint8Array {
  const bytes = typeof text === 'string' ? encodeText(text) : text;
  return concat(hex('3077af0c9274080241e1c107e6d618e6'), bytes, hex('f932433186182072008242104116d8f2'));
}

/** A length as Go writes it before a text. */
export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 0x80n) return Uint8Array.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

export const MAGIC: Uint8Array = encodeText('\udcff Go buildinf:');

export interface InlinePlan {
  version?: string | Uint8Array;
  /** The module text, its frame included. */
  modules?: Uint8Array;
  flags?: number;
  pointerSize?: number;
  /** What stands for the lengths. */
  versionLength?: Uint8Array;
  modulesLength?: Uint8Array;
  /** Bytes behind it; a linker fills up to 16, and other data follow. */
  padding?: number;
}

/** The blob of Go 1.18 and later, which has the texts in it. */
export function inlineBlob(plan: InlinePlan = {}): Uint8Array {
  const version = typeof plan.version === 'object' ? plan.version : encodeText(plan.version ?? 'go1.27.0');
  const modules = plan.modules ?? new Uint8Array();
  const writer = new Writer(true, false).raw(MAGIC).number(plan.pointerSize ?? 8, 1).number(plan.flags ?? 2, 1).to(32);
  writer.raw(plan.versionLength ?? varint(version.length)).raw(version).raw(plan.modulesLength ?? varint(modules.length)).raw(modules);
  return writer.to(writer.end + (plan.padding ?? 16)).done();
}

export interface PointerPlan {
  version?: string;
  modules?: Uint8Array;
  little?: boolean;
  pointerSize?: number;
  flags?: number;
  /** What replaces the true pointers: to the headers, to the texts. */
  versionHeader?: bigint;
  modulesHeader?: bigint;
  versionText?: bigint;
  modulesText?: bigint;
  modulesLength?: bigint;
}

/** The blob before Go 1.18, which points at string headers that point at texts: all of it, to be placed at an address. */
export function pointerBlob(address: bigint, plan: PointerPlan = {}): Uint8Array {
  const { little = true, pointerSize = 8, modules = new Uint8Array() } = plan;
  const wide = pointerSize === 8;
  const version = encodeText(plan.version ?? 'go1.17.6');
  const headers = 32;
  const texts = headers + 4 * (wide ? 8 : 4);
  const at = (position: number): bigint => address + BigInt(position);
  const writer = new Writer(little, wide).raw(MAGIC).number(pointerSize, 1).number(plan.flags ?? (little ? 0 : 1), 1);
  writer.word(plan.versionHeader ?? at(headers), plan.modulesHeader ?? at(headers + 2 * (wide ? 8 : 4))).to(headers);
  writer.word(plan.versionText ?? at(texts), version.length, plan.modulesText ?? at(texts + version.length), plan.modulesLength ?? modules.length);
  return writer.raw(version).raw(modules).to(writer.end + 16).done();
}

/** A stretch of memory with its bytes. */
export interface Piece {
  readonly name: string;
  readonly address: bigint;
  readonly data: Uint8Array;
  readonly writable?: boolean;
}

export interface ElfPlan {
  wide?: boolean;
  little?: boolean;
  machine?: number;
  type?: number;
  pieces: readonly Piece[];
  /** Program headers before those of the pieces: p_type, p_vaddr, p_filesz. */
  before?: readonly (readonly [type: number, address: bigint, fileSize: number])[];
  /** Sections that no program header covers. */
  unmapped?: readonly Piece[];
  /** The description of a Go build-id note. */
  buildId?: string;
  /** Whether there is no section header table. */
  bare?: boolean;
  /** Symbols: names and values. */
  symbols?: readonly (readonly [string, bigint])[];
  /** Go's way of saying that the names' section is the last. */
  header?: { phnum?: number; shnum?: number; shstrndx?: number };
  section0?: { type?: number; size?: number; link?: number; info?: number };
}

/** Positions of fields in the ELF header, for patching. */
export const ELF_FIELD = {
  wide: { version: 20, phoff: 32, shoff: 40, phentsize: 54, phnum: 56, shentsize: 58, shnum: 60, shstrndx: 62 },
  narrow: { version: 20, phoff: 28, shoff: 32, phentsize: 42, phnum: 44, shentsize: 46, shnum: 48, shstrndx: 50 },
} as const;

export interface ElfImage {
  readonly file: Uint8Array;
  /** Where the program headers and the section headers begin. */
  readonly programs: number;
  readonly sections: number;
  /** Where each piece's bytes begin. */
  readonly offsets: readonly number[];
}

/** An ELF file: a PT_LOAD and a section for every piece. */
export function elf(plan: ElfPlan): ElfImage {
  const { wide = true, little = true, pieces, before = [], unmapped = [] } = plan;
  const headerSize = wide ? 64 : 52;
  const programSize = wide ? 56 : 32;
  const note = plan.buildId === undefined ? null : new Writer(little, wide).u32(4, plan.buildId.length, 4).text('Go', 4).text(plan.buildId).align(4).done();
  const programCount = before.length + pieces.length + (note === null ? 0 : 1);
  const body = new Writer(little, wide).to(headerSize + programCount * programSize);
  const place = (data: Uint8Array): number => {
    body.align(16);
    const at = body.end;
    body.raw(data);
    return at;
  };
  const offsets = pieces.map(({ data }) => place(data));
  const noteAt = note === null ? 0 : place(note);
  const rows: { name: string; type: number; flags: number; address: bigint; offset: number; size: number; link: number; entrySize: number }[] = [];
  const row = (name: string, type: number, offset: number, size: number, address = 0n, flags = 0, link = 0, entrySize = 0): void => {
    rows.push({ name, type, flags, address, offset, size, link, entrySize });
  };
  for (const [i, { name, address, data, writable }] of pieces.entries()) row(name, 1, offsets[i] as number, data.length, address, writable === true ? 3 : 2);
  if (note !== null) row('.note.go.buildid', 7, noteAt, note.length);
  for (const { name, address, data } of unmapped) row(name, 1, place(data), data.length, address);
  if (plan.symbols !== undefined) {
    const strings = new Writer(little, wide).text('\0');
    const table = new Writer(little, wide).raw(new Uint8Array(wide ? 24 : 16));
    for (const [name, value] of plan.symbols) {
      table.u32(strings.end);
      if (wide) table.number(0, 4).word(value, 16);
      else table.word(value, 8).number(0, 4);
      strings.text(`${name}\0`);
    }
    row('.symtab', 2, place(table.done()), table.end, 0n, 0, rows.length + 2, wide ? 24 : 16);
    row('.strtab', 3, place(strings.done()), strings.end);
  }
  const names = new Writer(little, wide).text('\0');
  const positions = [...rows.map(({ name }) => name), '.shstrtab'].map((name) => {
    const at = names.end;
    names.text(`${name}\0`);
    return at;
  });
  row('.shstrtab', 3, place(names.done()), names.end);
  body.align(8);
  const sections = body.end;
  const { section0 = {} } = plan;
  if (plan.bare !== true) {
    body.u32(0, section0.type ?? 0).word(0, 0, 0, section0.size ?? 0).u32(section0.link ?? 0, section0.info ?? 0).word(0, 0);
    for (const [i, { type, flags, address, offset, size, link, entrySize }] of rows.entries()) {
      body.u32(positions[i] as number, type).word(flags, address, offset, size).u32(link, 0).word(1, entrySize);
    }
  }
  const header = new Writer(little, wide).raw(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1, 0)).to(16);
  header.u16(plan.type ?? 2, plan.machine ?? (wide ? 62 : 3)).u32(1).word(0x40_1000, headerSize, plan.bare === true ? 0 : sections).u32(0).u16(headerSize, programSize);
  header.u16(plan.header?.phnum ?? programCount, wide ? 64 : 40);
  header.u16(plan.header?.shnum ?? (plan.bare === true ? 0 : rows.length + 1), plan.header?.shstrndx ?? (plan.bare === true ? 0 : rows.length));
  const program = (type: number, flags: number, offset: number, address: bigint, size: number): void => {
    header.u32(type);
    if (wide) header.u32(flags);
    header.word(offset, address, address, size, size);
    if (!wide) header.u32(flags);
    header.word(16);
  };
  for (const [type, address, size] of before) program(type, 6, 0, address, size);
  for (const [i, { address, data, writable }] of pieces.entries()) program(1, writable === true ? 6 : 4, offsets[i] as number, address, data.length);
  if (note !== null) program(4, 4, noteAt, 0x1000n, note.length);
  const file = body.done();
  file.set(header.done());
  return { file, programs: headerSize, sections, offsets };
}

export interface MachOPlan {
  wide?: boolean;
  little?: boolean;
  cpuType?: number;
  fileType?: number;
  /** A segment and a section for every piece. */
  pieces: readonly Piece[];
  /** Load commands before the segments, and after them. */
  before?: readonly Uint8Array[];
  after?: readonly Uint8Array[];
  /** Names of symbols, and what n_strx replaces. */
  symbols?: readonly string[];
  nameOffset?: number;
}

export interface MachOImage {
  readonly file: Uint8Array;
  /** Where each load command begins. */
  readonly commands: readonly number[];
  readonly offsets: readonly number[];
}

/** A load command of 32-bit numbers. */
export function command(type: number, values: readonly number[], little = true, size: number = 8 + 4 * values.length): Uint8Array {
  return new Writer(little, true).u32(type, size, ...values).done();
}

/** A Mach-O file. */
export function machO(plan: MachOPlan): MachOImage {
  const { wide = true, little = true, pieces } = plan;
  const headerSize = wide ? 32 : 28;
  const segmentSize = wide ? 72 + 80 : 56 + 68;
  const fixed = [...(plan.before ?? []), ...(plan.after ?? [])].reduce((sum, { length }) => sum + length, 0);
  const size = fixed + pieces.length * segmentSize + (plan.symbols === undefined ? 0 : 24);
  const body = new Writer(little, wide).to(headerSize + size);
  const offsets = pieces.map(({ data }) => {
    body.align(16);
    const at = body.end;
    body.raw(data);
    return at;
  });
  const encoded: Uint8Array[] = [...(plan.before ?? [])];
  for (const [i, { name, address, data, writable }] of pieces.entries()) {
    const segment = new Writer(little, wide).u32(wide ? 0x19 : 1, segmentSize).text(name.startsWith('__PAGEZERO') ? '__PAGEZERO' : '__DATA', 16);
    segment.word(address, data.length, offsets[i] as number, data.length).u32(3, writable === false ? 1 : 3, 1, 0);
    segment.text(name, 16).text('__DATA', 16).word(address, data.length).u32(offsets[i] as number, 4, 0, 0, 0, 0, 0);
    if (wide) segment.u32(0);
    encoded.push(segment.done());
  }
  if (plan.symbols !== undefined) {
    const strings = new Writer(little, wide).text('\0');
    const table = new Writer(little, wide);
    for (const name of plan.symbols) {
      table.u32(plan.nameOffset ?? strings.end, 0x0f).word(0x1000);
      strings.text(`${name}\0`);
    }
    body.align(8);
    const at = body.end;
    body.raw(table.done());
    encoded.push(command(2, [at, plan.symbols.length, body.end, strings.end], little));
    body.raw(strings.done());
  }
  encoded.push(...(plan.after ?? []));
  const header = new Writer(little, wide).u32(wide ? 0xfeed_facf : 0xfeed_face, plan.cpuType ?? (wide ? 0x100_0007 : 7), 3, plan.fileType ?? 2, encoded.length, size, 0);
  if (wide) header.u32(0);
  const commands: number[] = [];
  for (const bytes of encoded) {
    commands.push(header.end);
    header.raw(bytes);
  }
  const file = body.done();
  file.set(header.done());
  return { file, commands, offsets };
}

export interface PePlan {
  wide?: boolean;
  machine?: number;
  imageBase?: bigint;
  /** Addresses count from the image base. */
  sections: readonly { name: string; address: number; data: Uint8Array; flags?: number; virtualSize?: number; offset?: number; size?: number }[];
  /** Symbols as they stand in the table, 18 bytes each, and the string table behind them, its size included. */
  symbols?: readonly Uint8Array[];
  strings?: Uint8Array;
  /** Bytes of the optional header, where they shall lie. */
  optionalSize?: number;
}

export interface PeImage {
  readonly file: Uint8Array;
  /** Where the COFF header, the optional header and the section headers begin. */
  readonly header: number;
  readonly optional: number;
  readonly sections: number;
  readonly offsets: readonly number[];
  readonly symbols: number;
}

/** Flags of the section that Go's linker puts the blob in. */
export const PE_DATA = 0xc000_0040;

/** A PE file. */
export function pe(plan: PePlan): PeImage {
  const { wide = true, imageBase = wide ? 0x1_4000_0000n : 0x40_0000n } = plan;
  const header = 0x84;
  const optional = header + 20;
  const optionalSize = plan.optionalSize ?? (wide ? 240 : 224);
  const sections = optional + optionalSize;
  const body = new Writer(true, false).to(sections + plan.sections.length * 40);
  const offsets = plan.sections.map(({ data }) => {
    body.align(16);
    const at = body.end;
    body.raw(data);
    return at;
  });
  const symbols = body.end;
  const has = plan.symbols !== undefined || plan.strings !== undefined;
  if (has) for (const symbol of plan.symbols ?? []) body.raw(symbol);
  if (has) body.raw(plan.strings ?? Uint8Array.of(4, 0, 0, 0));
  const head = new Writer(true, wide).text('MZ').to(0x3c).u32(header - 4).to(header - 4).text('PE\0\0');
  head.u16(plan.machine ?? (wide ? 0x8664 : 0x14c), plan.sections.length).u32(0, has ? symbols : 0, plan.symbols?.length ?? 0).u16(optionalSize, 0x22);
  if (optionalSize > 0) {
    head.u16(wide ? 0x20b : 0x10b).to(optional + (wide ? 24 : 28)).word(imageBase).u32(0x1000, 0x200);
    head.to(optional + (wide ? 108 : 92)).u32(16);
  }
  head.to(sections);
  for (const [i, { name, address, data, flags = PE_DATA, virtualSize = data.length, offset, size = data.length }] of plan.sections.entries()) {
    head.text(name, 8).u32(virtualSize, address, size, offset ?? (offsets[i] as number), 0, 0).u16(0, 0).u32(flags);
  }
  const file = body.done();
  file.set(head.done().subarray(0, sections + plan.sections.length * 40));
  return { file, header, optional, sections, offsets, symbols };
}

/** A COFF symbol. */
export function coffSymbol(name: string | number, value = 0, section = 1, auxiliary = 0): Uint8Array {
  const writer = new Writer(true, false);
  if (typeof name === 'string') writer.text(name, 8);
  else writer.u32(0, name);
  return writer.u32(value).u16(section, 0).number(2, 1).number(auxiliary, 1).done();
}

/** A universal file: slices one behind the other. */
export function fat(slices: readonly { cpuType: number; cpuSubtype?: number; file: Uint8Array }[], magic = 0xcafe_babe): Uint8Array {
  const head = new Writer(false, false).u32(magic, slices.length);
  let at = Math.ceil((8 + 20 * slices.length) / 64) * 64;
  const body = new Writer(false, false).to(at);
  for (const { cpuType, cpuSubtype = 3, file } of slices) {
    at = body.end;
    head.u32(cpuType, cpuSubtype, at, file.length, 6);
    body.raw(file).align(64);
  }
  const all = body.done();
  all.set(head.done());
  return all;
}

/** Bytes that look like the memory of a Go program: its texts, and the variables that point at them. */
export function runtimeMemory(
  textAddress: bigint,
  plan: { version?: string; modules?: Uint8Array; wide?: boolean; little?: boolean; prefix?: Uint8Array },
): { texts: Uint8Array; variables: Uint8Array } {
  const { wide = true, little = true } = plan;
  const texts = new Writer(little, wide).raw(plan.prefix ?? new Uint8Array());
  const variables = new Writer(little, wide).word(0, 0);
  for (const text of [plan.version === undefined ? undefined : encodeText(plan.version), plan.modules]) {
    if (text === undefined) continue;
    variables.word(textAddress + BigInt(texts.end), text.length);
    texts.raw(text).text('go1.runtime error: ');
  }
  return { texts: texts.done(), variables: variables.word(0, 0).done() };
}

/**
 * What confirms build information, as pieces beside the blob: the module text again and a function table, and the variables that point at them.
 * `address` is that of the first; the other lies 0x100000 behind it.
 */
export function witnesses(address: bigint, plan: { modules?: Uint8Array; wide?: boolean; little?: boolean; magic?: number } = {}): Piece[] {
  const { wide = true, little = true, modules = new Uint8Array(), magic = 0xffff_fff1 } = plan;
  const size = wide ? 8 : 4;
  const texts = new Writer(little, wide).u32(magic).raw(Uint8Array.of(0, 0, 1, size));
  const after = 8 + 8 * size;
  texts.word(1, 1, magic === 0xffff_fff1 ? 0 : Number(address), after, after, after, after, after).align(16);
  const text = address + BigInt(texts.end);
  texts.raw(modules);
  const variables = new Writer(little, wide).word(text, modules.length, address);
  for (let i = 1; i <= 5; i++) variables.word(address + BigInt(i), i, i);
  return [
    { name: '.rodata', address, data: texts.done() },
    { name: '.noptrdata', address: address + 0x10_0000n, data: variables.word(0).done(), writable: true },
  ];
}

/** An AIX program: one section of data, and a symbol table, without which Go reads nothing. */
export function xcoff(data: Uint8Array, plan: { wide?: boolean; symbols?: number; address?: bigint; type?: number; relocations?: number } = {}): Uint8Array {
  const { wide = true, symbols = 1, address = 0x2000_0000n, type = 0x40, relocations = 0 } = plan;
  const headerSize = wide ? 24 : 20;
  const at = headerSize + (wide ? 72 : 40) + (wide ? 4 : 8);
  const end = Math.ceil((at + data.length) / 16) * 16;
  const file = new Writer(false, wide).u16(wide ? 0x1f7 : 0x1df, 1).u32(0).word(end);
  if (wide) file.u16(0, 2).u32(symbols);
  else file.u32(symbols).u16(0, 2);
  file.text('.data', 8).word(address, address, data.length, at, relocations > 0 ? at : 0, 0);
  if (wide) file.u32(relocations, 0, type, 0);
  else file.u16(relocations, 0).u32(type);
  return file.to(at).raw(data).to(end).raw(new Uint8Array(18 * symbols)).u32(4).done();
}
