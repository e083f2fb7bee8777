// Makes Mach-O files for tests: any load command, any malformation, in all four encodings. What is not said is what a linker would write.

import { CPU_TYPE, LC, MAGIC, MH } from '../../src/macho/constants.ts';

/** Grows as it is written to. */
export class MachOWriter {
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

  u32(...values: readonly number[]): this {
    for (const value of values) this.number(value, 4);
    return this;
  }

  word(value: number | bigint): this {
    return this.number(value, this.wide ? 8 : 4);
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  text(text: string): this {
    return this.raw(new TextEncoder().encode(text));
  }

  /** A name in a field of 16 bytes. */
  name(text: string): this {
    return this.raw(new TextEncoder().encode(text.padEnd(16, '\0')).subarray(0, 16));
  }

  align(to: number): this {
    while (this.bytes.length % to !== 0) this.bytes.push(0);
    return this;
  }
}

/** A load command: what follows cmd and cmdsize, and the size where it shall lie. */
export interface CommandPlan {
  type: number;
  write?: (writer: MachOWriter) => void;
  size?: number;
}

export interface SymbolPlan {
  type: number;
  description?: number;
  name?: string;
}

/** Data that a command of its own speaks of: LC_CODE_SIGNATURE, LC_DYLD_CHAINED_FIXUPS. */
export interface DataPlan {
  type: number;
  bytes: Uint8Array;
  /** dataoff and datasize, where they shall lie. */
  offset?: number;
  size?: number;
}

export interface MachOPlan {
  little?: boolean;
  wide?: boolean;
  magic?: number;
  cpuType?: number;
  cpuSubtype?: number;
  fileType?: number;
  flags?: number;
  commands?: readonly CommandPlan[];
  /** Written behind the commands, with LC_SYMTAB and LC_DYSYMTAB for them: locals, defined ones, undefined ones. */
  symbols?: readonly [locals: readonly SymbolPlan[], defined: readonly SymbolPlan[], wanted: readonly SymbolPlan[]];
  /** Written behind the symbols, with a linkedit_data_command for each. */
  data?: readonly DataPlan[];
  /** Bytes behind all that. */
  appended?: Uint8Array;
  /** Fields that replace the true ones. */
  header?: { ncmds?: number; sizeofcmds?: number };
  /** Bytes of the file, which is filled with zeros. */
  size?: number;
}

/** A command of 32-bit numbers. */
export const numbers = (type: number, ...values: readonly number[]): CommandPlan => ({ type, write: (writer) => writer.u32(...values) });

/** A command with one text: LC_LOAD_DYLINKER, LC_RPATH. */
export const text = (type: number, value: string): CommandPlan => ({ type, write: (writer) => writer.u32(12).text(`${value}\0`) });

export interface DylibPlan {
  type?: number;
  current?: number;
  compatibility?: number;
  timestamp?: number;
  /** Flags of a dylib_use_command. */
  use?: number;
  nameOffset?: number;
}

/** A command that names a library. */
export function dylib(name: string | Uint8Array, plan: DylibPlan = {}): CommandPlan {
  const { type = LC.LOAD_DYLIB, current = 0x1_0000, compatibility = 0x1_0000, timestamp = plan.use === undefined ? 2 : 0x1a74_1800, use } = plan;
  return {
    type,
    write: (writer) => {
      writer.u32(plan.nameOffset ?? (use === undefined ? 24 : 28), timestamp, current, compatibility);
      if (use !== undefined) writer.u32(use);
      if (typeof name === 'string') writer.text(`${name}\0`);
      else writer.raw(name);
    },
  };
}

export interface SectionPlan {
  name: string;
  segment: string;
  offset?: number;
  relocationsOffset?: number;
  relocations?: number;
}

export interface SegmentPlan {
  type?: number;
  address?: bigint;
  memorySize?: bigint;
  offset?: number | bigint;
  fileSize?: number | bigint;
  /** initprot; read and execute where it isn't given. */
  protection?: number;
  sections?: readonly SectionPlan[];
  /** nsects, where it shall lie. */
  sectionCount?: number;
}

/** LC_SEGMENT or LC_SEGMENT_64, as the file is wide. */
export function segment(name: string, wide: boolean, plan: SegmentPlan = {}): CommandPlan {
  const { address = 0n, memorySize = 0x1000n, offset = 0, fileSize = 0, sections = [] } = plan;
  return {
    type: plan.type ?? (wide ? LC.SEGMENT_64 : LC.SEGMENT),
    write: (writer) => {
      writer.name(name).word(address).word(memorySize).word(offset).word(fileSize).u32(7, plan.protection ?? 5, plan.sectionCount ?? sections.length, 0);
      for (const section of sections) {
        writer.name(section.name).name(section.segment).word(address).word(16);
        writer.u32(section.offset ?? 0, 0, section.relocationsOffset ?? 0, section.relocations ?? 0, 0, 0, 0);
        if (writer.wide) writer.u32(0);
      }
    },
  };
}

/** Builds a thin Mach-O file. */
export function buildMachO(plan: MachOPlan = {}): Uint8Array {
  const little = plan.little ?? true;
  const wide = plan.wide ?? true;
  const writer = (): MachOWriter => new MachOWriter(little, wide);
  const encode = ({ type, write, size }: CommandPlan): number[] => {
    const body = writer();
    write?.(body);
    const length = Math.ceil((8 + body.bytes.length) / (wide ? 8 : 4)) * (wide ? 8 : 4);
    const command = writer().u32(type, size ?? length).raw(body.bytes);
    return size === undefined ? command.align(wide ? 8 : 4).bytes : command.bytes.concat(new Array<number>(Math.max(0, Math.min(size, 4096) - command.bytes.length)).fill(0));
  };
  const headerSize = wide ? 32 : 28;
  const encoded = (plan.commands ?? []).map(encode);
  const data = plan.data ?? [];
  const end = headerSize + encoded.flat().length + (plan.symbols === undefined ? 0 : 24 + 80) + data.length * 16;
  const table = writer();
  if (plan.symbols !== undefined) {
    const [locals, defined, wanted] = plan.symbols.map(({ length }) => length) as [number, number, number];
    const all = plan.symbols.flat();
    const strings = writer().u32(0);
    for (const { type, description = 0, name } of all) {
      table.u32(name === undefined ? 0 : strings.bytes.length).raw([type, 1]).number(description, 2).word(0);
      if (name !== undefined) strings.text(`${name}\0`);
    }
    encoded.push(encode(numbers(LC.SYMTAB, end, all.length, end + table.bytes.length, strings.bytes.length)));
    encoded.push(encode(numbers(LC.DYSYMTAB, 0, locals, locals, defined, locals + defined, wanted, ...new Array<number>(12).fill(0))));
    table.raw(strings.bytes);
  }
  for (const { type, bytes, offset, size } of data) {
    table.align(8);
    encoded.push(encode(numbers(type, offset ?? end + table.bytes.length, size ?? bytes.length)));
    table.raw(bytes);
  }
  table.raw(plan.appended ?? []);
  const commands = encoded.flat();
  const magic = plan.magic ?? (wide ? MAGIC.MH_MAGIC_64 : MAGIC.MH_MAGIC);
  const header = writer().u32(magic, plan.cpuType ?? (wide ? CPU_TYPE.X86_64 : CPU_TYPE.X86), plan.cpuSubtype ?? 3, plan.fileType ?? MH.EXECUTE);
  header.u32(plan.header?.ncmds ?? encoded.length, plan.header?.sizeofcmds ?? commands.length, plan.flags ?? 0x20_0085);
  if (wide) header.u32(0); // reserved
  const bytes = Uint8Array.from([...header.bytes, ...commands, ...table.bytes]);
  if (plan.size === undefined || plan.size <= bytes.length) return bytes.subarray(0, plan.size);
  const padded = new Uint8Array(plan.size);
  padded.set(bytes);
  return padded;
}
