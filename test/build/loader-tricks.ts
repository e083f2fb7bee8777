// Changes to a 64-bit little-endian ELF program that let a loader see another program than a reader who goes by offsets, sizes and sections.

const PT = { LOAD: 1, DYNAMIC: 2, INTERP: 3, NOTE: 4, GNU_STACK: 0x6474_e551, GNU_RELRO: 0x6474_e552 };
const DT = { NEEDED: 1, STRTAB: 5, SYMTAB: 6, STRSZ: 10, SYMENT: 11, DEBUG: 21, RUNPATH: 29, FLAGS_1: 0x6fff_fffb };
const SHT = { SYMTAB: 2, DYNAMIC: 6, NOBITS: 8 };
const SHF = { ALLOC: 2, EXECINSTR: 4 };
const HEADER = 64;
const ENTRY = 56;
const PAGE = 4096;

export interface ProgramHeader {
  type: number;
  flags: number;
  offset: number;
  address: number;
  fileSize: number;
  memorySize: number;
  alignment: number;
}

/** A file that is changed in place. */
export class Edited {
  bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes);
  }

  get phoff(): number {
    return Number(this.bytes.readBigUInt64LE(32));
  }

  set phoff(value: number) {
    this.bytes.writeBigUInt64LE(BigInt(value), 32);
  }

  get shoff(): number {
    return Number(this.bytes.readBigUInt64LE(40));
  }

  set shoff(value: number) {
    this.bytes.writeBigUInt64LE(BigInt(value), 40);
  }

  get phnum(): number {
    return this.bytes.readUInt16LE(56);
  }

  set phnum(value: number) {
    this.bytes.writeUInt16LE(value, 56);
  }

  get shnum(): number {
    return this.bytes.readUInt16LE(60);
  }

  headers(): ProgramHeader[] {
    return Array.from({ length: this.phnum }, (_, i) => this.header(i));
  }

  header(index: number): ProgramHeader {
    const at = this.phoff + ENTRY * index;
    const word = (field: number): number => Number(this.bytes.readBigUInt64LE(at + field));
    return {
      type: this.bytes.readUInt32LE(at),
      flags: this.bytes.readUInt32LE(at + 4),
      offset: word(8),
      address: word(16),
      fileSize: word(32),
      memorySize: word(40),
      alignment: word(48),
    };
  }

  setHeader(index: number, { type, flags, offset, address, fileSize, memorySize, alignment }: ProgramHeader): void {
    const at = this.phoff + ENTRY * index;
    this.bytes.writeUInt32LE(type, at);
    this.bytes.writeUInt32LE(flags, at + 4);
    [offset, address, address, fileSize, memorySize, alignment].forEach((value, i) => this.bytes.writeBigUInt64LE(BigInt(value), at + 8 + 8 * i));
  }

  /** The index of the last header of a type. */
  indexOf(type: number): number {
    return this.headers().findLastIndex((header) => header.type === type);
  }

  offsetOf(address: number): number {
    const load = this.headers().find(({ type, address: start, fileSize }) => type === PT.LOAD && address >= start && address < start + fileSize);
    if (load === undefined) throw new Error(`0x${address.toString(16)} is not mapped`);
    return address - load.address + load.offset;
  }

  /** The entries of the dynamic section: where each stands, its tag and its value. */
  dynamic(): { at: number; tag: number; value: number }[] {
    const { offset, fileSize } = this.header(this.indexOf(PT.DYNAMIC));
    const entries: { at: number; tag: number; value: number }[] = [];
    for (let at = offset; at < offset + fileSize; at += 16) {
      const tag = Number(this.bytes.readBigUInt64LE(at));
      entries.push({ at, tag, value: Number(this.bytes.readBigUInt64LE(at + 8)) });
      if (tag === 0) break;
    }
    return entries;
  }

  value(tag: number): number {
    const found = this.dynamic().find((entry) => entry.tag === tag);
    if (found === undefined) throw new Error(`no tag ${tag}`);
    return found.value;
  }

  entry(at: number, tag: number, value: number): void {
    this.bytes.writeBigUInt64LE(BigInt(tag), at);
    this.bytes.writeBigUInt64LE(BigInt(value), at + 8);
  }

  text(index: number): string {
    const at = this.offsetOf(this.value(DT.STRTAB)) + index;
    return this.bytes.toString('latin1', at, this.bytes.indexOf(0, at));
  }

  /** Bytes at the end of the file, from the beginning of a page on; gives their offset. */
  append(bytes: Uint8Array): number {
    const at = Math.ceil(this.bytes.length / PAGE) * PAGE;
    this.bytes = Buffer.concat([this.bytes, Buffer.alloc(at - this.bytes.length), bytes]);
    return at;
  }

  /** Each section header: where it stands, its type and its flags. */
  sections(): { at: number; type: number; flags: number }[] {
    return Array.from({ length: this.shoff === 0 ? 0 : this.shnum }, (_, i) => {
      const at = this.shoff + 64 * i;
      return { at, type: this.bytes.readUInt32LE(at + 4), flags: Number(this.bytes.readBigUInt64LE(at + 8)) };
    });
  }

  withoutSections(): void {
    this.shoff = 0;
    this.bytes.writeUInt32LE(0, 60);
  }
}

/** A dynamic section that says nothing of interest, put where the program has a constant of 64 words that nothing needs. */
function decoy(file: Edited, marker: Uint8Array): { offset: number; address: number; size: number } {
  const offset = file.bytes.indexOf(marker);
  const load = file.headers().find((header) => header.type === PT.LOAD && offset >= header.offset && offset < header.offset + header.fileSize) as ProgramHeader;
  const libc = file.dynamic().find(({ tag, value }) => tag === DT.NEEDED && file.text(value) === 'libc.so.6');
  const entries = [
    ...(libc === undefined ? [] : [[DT.NEEDED, libc.value]]),
    ...[DT.STRTAB, DT.SYMTAB, DT.STRSZ, DT.SYMENT, DT.FLAGS_1].map((tag) => [tag, file.value(tag)]),
    [DT.DEBUG, 0],
    [0, 0],
  ] as [number, number][];
  entries.forEach(([tag, value], i) => file.entry(offset + 16 * i, tag, value));
  return { offset, address: offset - load.offset + load.address, size: entries.length * 16 };
}

/** A page of the first segment again, at the end of the file, with one text exchanged for another of its length. */
function pageWith(file: Edited, text: string, other: string): { offset: number; address: number } {
  const [first] = file.headers().filter(({ type }) => type === PT.LOAD) as [ProgramHeader];
  const page = Buffer.alloc(PAGE);
  file.bytes.copy(page, 0, first.offset, first.offset + Math.min(PAGE, first.fileSize));
  const at = page.indexOf(text);
  page.write(other, at, 'latin1');
  return { offset: file.append(page), address: first.address };
}

export interface Trick {
  readonly name: string;
  /** Which program it is made of: the one that asks for the good library, or the one that asks for the evil one. */
  readonly of: 'good' | 'evil';
  /** Whether it runs, and then loads the evil library. */
  readonly runs: boolean;
  readonly change: (file: Edited, marker: Uint8Array) => void;
}

/** Where a note is that nothing needs: its header's place is free for another. */
function spare(file: Edited): number {
  return file.headers().findIndex(({ type }) => type === PT.NOTE);
}

function headersAtZero(file: Edited): void {
  const kept = file.headers().filter(({ type }) => [PT.INTERP, PT.LOAD, PT.DYNAMIC, PT.GNU_STACK, PT.GNU_RELRO].includes(type));
  const size = (2 + 1 + kept.length) * ENTRY;
  file.bytes.fill(0, HEADER, HEADER + file.phnum * ENTRY);
  file.phoff = 0;
  file.phnum = 3 + kept.length;
  file.bytes.writeUInt16LE(ENTRY, 54);
  [{ type: 6, flags: 4, offset: 0, address: 0, fileSize: size, memorySize: size, alignment: 8 }, ...kept].forEach((header, i) => file.setHeader(i + 2, header));
}

export const TRICKS: readonly Trick[] = [
  { name: 'nothing', of: 'evil', runs: true, change: () => {} },
  { name: 'program headers from the first byte', of: 'evil', runs: true, change: headersAtZero },
  {
    name: 'program headers from the first byte, no section headers',
    of: 'evil',
    runs: true,
    change: (file) => {
      headersAtZero(file);
      file.withoutSections();
    },
  },
  { name: 'EI_CLASS says 32 bits', of: 'evil', runs: true, change: ({ bytes }) => void (bytes[4] = 1) },
  {
    name: 'EI_CLASS says 32 bits, no section headers',
    of: 'evil',
    runs: true,
    change: (file) => {
      file.bytes[4] = 1;
      file.withoutSections();
    },
  },
  { name: 'EI_DATA says big-endian', of: 'evil', runs: true, change: ({ bytes }) => void (bytes[5] = 2) },
  {
    name: 'a decoy before PT_DYNAMIC',
    of: 'evil',
    runs: true,
    change: (file, marker) => {
      const { offset, address, size } = decoy(file, marker);
      const real = file.indexOf(PT.DYNAMIC);
      const place = spare(file);
      const header = { type: PT.DYNAMIC, flags: 4, offset, address, fileSize: size, memorySize: size, alignment: 8 };
      if (place > real) file.setHeader(place, file.header(real));
      file.setHeader(Math.min(place, real), header);
    },
  },
  {
    name: 'a PT_DYNAMIC of no bytes',
    of: 'evil',
    runs: true,
    change: (file) => {
      const index = file.indexOf(PT.DYNAMIC);
      file.setHeader(index, { ...file.header(index), fileSize: 0 });
    },
  },
  {
    name: 'a PT_DYNAMIC of one entry',
    of: 'evil',
    runs: true,
    change: (file) => {
      const index = file.indexOf(PT.DYNAMIC);
      const { at } = file.dynamic().find(({ tag, value }) => tag === DT.NEEDED && file.text(value) === 'libc.so.6') as { at: number };
      const [first] = file.dynamic() as [{ at: number; tag: number; value: number }];
      const libc = file.bytes.readBigUInt64LE(at + 8);
      file.bytes.writeBigUInt64LE(file.bytes.readBigUInt64LE(first.at + 8), at + 8); // libc first, the other behind what the size says
      file.bytes.writeBigUInt64LE(libc, first.at + 8);
      file.setHeader(index, { ...file.header(index), fileSize: 16 });
    },
  },
  {
    name: 'a PT_DYNAMIC whose offset is a decoy',
    of: 'evil',
    runs: true,
    change: (file, marker) => {
      const { offset, size } = decoy(file, marker);
      const index = file.indexOf(PT.DYNAMIC);
      file.setHeader(index, { ...file.header(index), offset, fileSize: size });
    },
  },
  {
    name: 'a later segment over the page of the names',
    of: 'good',
    runs: true,
    change: (file) => {
      const { offset, address } = pageWith(file, 'libgood.so', 'libevil.so');
      file.setHeader(spare(file), { type: PT.LOAD, flags: 4, offset, address, fileSize: PAGE, memorySize: PAGE, alignment: PAGE });
    },
  },
  {
    name: "a later segment that begins behind the first one's bytes, in its last page",
    of: 'good',
    runs: true,
    change: (file) => {
      const [first] = file.headers().filter(({ type }) => type === PT.LOAD) as [ProgramHeader];
      const { offset, address } = pageWith(file, 'libgood.so', 'libevil.so');
      const into = Math.ceil(first.fileSize / 16) * 16;
      file.setHeader(spare(file), { type: PT.LOAD, flags: 4, offset: offset + into, address: address + into, fileSize: 16, memorySize: 16, alignment: PAGE });
    },
  },
  {
    name: "the names in the tail of a page, behind the segment's bytes",
    of: 'good',
    runs: true,
    change: (file) => {
      const [first] = file.headers().filter(({ type }) => type === PT.LOAD) as [ProgramHeader];
      const at = Math.ceil(first.fileSize / 16) * 16;
      const strings = file.offsetOf(file.value(DT.STRTAB));
      const size = file.value(DT.STRSZ);
      file.bytes.copy(file.bytes, first.offset + at, strings, strings + size);
      const name = file.bytes.indexOf('libgood.so', first.offset + at);
      file.bytes.write('libevil.so', name, 'latin1');
      const entry = file.dynamic().find(({ tag }) => tag === DT.STRTAB) as { at: number };
      file.entry(entry.at, DT.STRTAB, first.address + at);
    },
  },
  {
    name: 'the names in the tail of a page, no section headers',
    of: 'good',
    runs: true,
    change: (file, marker) => {
      (TRICKS.find(({ name }) => name.startsWith('the names in the tail of a page, behind')) as Trick).change(file, marker);
      file.withoutSections();
    },
  },
  {
    name: 'DT_STRTAB twice',
    of: 'evil',
    runs: true,
    change: (file) => {
      // ld.so takes the last; the first says that the names are elsewhere, where they are as well, with another among them.
      const names = file.dynamic();
      const end = names.at(-1) as { at: number };
      const at = file.append(file.bytes.subarray(file.offsetOf(file.value(DT.STRTAB)), file.offsetOf(file.value(DT.STRTAB)) + file.value(DT.STRSZ)));
      const evil = file.bytes.indexOf('libevil.so', at);
      file.bytes.write('libgood.so', evil, 'latin1');
      file.setHeader(spare(file), { type: PT.LOAD, flags: 4, offset: at, address: 0x10_0000, fileSize: PAGE, memorySize: PAGE, alignment: PAGE });
      file.append(new Uint8Array(1));
      file.entry(end.at, DT.STRTAB, file.value(DT.STRTAB));
      const first = names.find(({ tag }) => tag === DT.STRTAB) as { at: number };
      file.entry(first.at, DT.STRTAB, 0x10_0000);
    },
  },
  {
    name: 'sections of code that claim to be elsewhere',
    of: 'evil',
    runs: true,
    change: (file) => {
      for (const { at, flags } of file.sections()) if ((flags & SHF.ALLOC) !== 0 && (flags & SHF.EXECINSTR) !== 0) file.bytes.writeUInt32LE(SHT.NOBITS, at + 4);
    },
  },
  {
    name: 'a section SHT_DYNAMIC that is a decoy',
    of: 'evil',
    runs: true,
    change: (file, marker) => {
      const { offset, size } = decoy(file, marker);
      const { at } = file.sections().find(({ type }) => type === SHT.DYNAMIC) as { at: number };
      file.bytes.writeBigUInt64LE(BigInt(offset), at + 24);
      file.bytes.writeBigUInt64LE(BigInt(size), at + 32);
    },
  },
  { name: 'no section headers', of: 'evil', runs: true, change: (file) => file.withoutSections() },
  {
    name: 'a symbol table of another type',
    of: 'evil',
    runs: true,
    change: (file) => {
      for (const { at, type } of file.sections()) if (type === SHT.SYMTAB) file.bytes.writeUInt32LE(1, at + 4);
    },
  },
  {
    name: 'a symbol table of no bytes',
    of: 'evil',
    runs: true,
    change: (file) => {
      for (const { at, type } of file.sections()) if (type === SHT.SYMTAB) file.bytes.writeBigUInt64LE(0n, at + 32);
    },
  },
];
