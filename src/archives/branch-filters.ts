// Filters for machine code (BCJ): compressors make the relative addresses of calls absolute, so that they repeat; these make them relative again.

/** Undoes a filter in place, in `bytes` from `from` to `to`, where `from` is at `pc` of the program. Returns how far it came: what is left needs the bytes behind it. */
export type BranchFilter = (bytes: Uint8Array, from: number, to: number, pc: number) => number;

/** A filter, and what its start has to be a multiple of. */
export interface BranchKind {
  readonly name: string;
  readonly alignment: number;
  /** A fresh filter, with a state of its own where it has any. */
  readonly start: () => BranchFilter;
}

/** A filter that looks at one word of four bytes at a time. */
function words(isLittle: boolean, convert: (word: number, pc: number) => number): BranchFilter {
  return (bytes, from, to, pc) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    let at = from;
    for (; at + 4 <= to; at += 4) {
      const word = view.getInt32(at, isLittle);
      const converted = convert(word, (pc + at - from) | 0);
      if (converted !== word) view.setInt32(at, converted, isLittle);
    }
    return at;
  };
}

/** `bl`: the offset in words, 26 bits of which the low two are flags. */
const powerpc = words(false, (word, pc) => ((word & 0xfc00_0003) === 0x4800_0001 ? 0x4800_0001 | ((word - pc) & 0x03ff_fffc) : word));

/** `bl`, always executed; the processor's pc is two instructions ahead. */
const arm = words(true, (word, pc) => (word >>> 24 === 0xeb ? (0xeb << 24) | (((((word & 0xff_ffff) << 2) - pc - 8) >>> 2) & 0xff_ffff) : word));

/** `call`, forwards or backwards up to 2^24 bytes. */
const sparc = words(false, (word, pc) => {
  const top = word >>> 22;
  if (top !== 0x100 && top !== 0x1ff) return word;
  const offset = ((word << 2) - pc) >>> 2;
  return (0x4000_0000 | (offset & 0x3f_ffff) | ((-((offset >>> 22) & 1) << 22) & 0x3fff_ffff)) | 0;
});

/** `bl`, and `adrp` within 512 MiB, whose address counts pages. */
const arm64 = words(true, (word, pc) => {
  if (word >>> 26 === 0x25) return (0x9400_0000 | ((word - (pc >>> 2)) & 0x03ff_ffff)) | 0;
  if ((word & 0x9f00_0000) >>> 0 !== 0x9000_0000) return word;
  const source = ((word >>> 29) & 3) | ((word >>> 3) & 0x1f_fffc);
  if (((source + 0x2_0000) & 0x1c_0000) !== 0) return word;
  const page = source - (pc >>> 12);
  return (word & 0x9000_001f) | ((page & 3) << 29) | ((page & 0x3_fffc) << 3) | (-(page & 0x2_0000) & 0xe0_0000);
});

/** `bl` of Thumb: two halfwords of eleven bits each. */
function thumb(bytes: Uint8Array, from: number, to: number, pc: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = from;
  for (; at + 4 <= to; at += 2) {
    const high = view.getUint16(at, true);
    const low = view.getUint16(at + 2, true);
    if (high >>> 11 !== 0x1e || low >>> 11 !== 0x1f) continue;
    const offset = ((((high & 0x7ff) << 12) | ((low & 0x7ff) << 1)) - (pc + at - from + 4)) >>> 1;
    view.setUint16(at, 0xf000 | ((offset >>> 11) & 0x7ff), true);
    view.setUint16(at + 2, 0xf800 | (offset & 0x7ff), true);
    at += 2;
  }
  return at;
}

/** Which of the three instructions of a bundle can be branches, by its template. */
const IA64_BRANCHES: readonly number[] = [...new Array<number>(16).fill(0), 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0];

/** `br.call`: bundles of 128 bits, five for the template and three instructions of 41. */
function ia64(bytes: Uint8Array, from: number, to: number, pc: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = from;
  for (; at + 16 <= to; at += 16) {
    const branches = IA64_BRANCHES[(bytes[at] as number) & 31] as number;
    for (let slot = 0; slot < 3; slot++) {
      if (((branches >> slot) & 1) === 0) continue;
      const bit = 5 + 41 * slot;
      const place = at + (bit >> 3);
      const shift = bit & 7;
      // The instruction's 41 bits in two parts: bits 0 to 23, and from 24 on.
      const low = (view.getUint32(place, true) >>> shift) & 0xff_ffff;
      const high = (view.getUint32(place + 2, true) >>> (8 + shift)) & 0x1_ffff;
      if (high >>> 13 !== 5 || ((low >>> 9) & 7) !== 0) continue;
      const source = (low >>> 13) | ((high & 0x1ff) << 11) | (((high >>> 12) & 1) << 20);
      const target = ((source << 4) - ((pc + at - from) | 0)) >>> 4;
      // 20 bits from bit 13 on, and the sign at bit 36; the three bits between stay.
      const newLow = (low & 0x1fff) | ((target & 0x7ff) << 13);
      const newHigh = (high & 0x1_ee00) | ((target >>> 11) & 0x1ff) | (((target >>> 20) & 1) << 12);
      writeBits(bytes, place, shift, newLow, 24);
      writeBits(bytes, place + 3, shift, newHigh, 17);
    }
  }
  return at;
}

/** Writes `count` bits at bit `shift` of the bytes from `place` on. */
function writeBits(bytes: Uint8Array, place: number, shift: number, value: number, count: number): void {
  for (let done = 0; done < count; ) {
    const at = place + ((shift + done) >> 3);
    const offset = (shift + done) & 7;
    const part = Math.min(8 - offset, count - done);
    const mask = ((1 << part) - 1) << offset;
    bytes[at] = ((bytes[at] as number) & ~mask) | (((value >>> done) << offset) & mask);
    done += part;
  }
}

/** `jal`, and pairs of `auipc` with the instruction behind it. What looks like the filter's own form is turned into it and back. */
function riscv(bytes: Uint8Array, from: number, to: number, pc: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = from;
  while (at + 8 <= to) {
    const first = bytes[at] as number;
    if (first === 0xef && ((bytes[at + 1] as number) & 0x0d) === 0) {
      // jal with ra or t0: bits 20 to 1 of the target, high first, from bit 4 of the second byte on.
      const word = view.getInt32(at, true);
      const stored = ((word & 0xf000) << 5) | ((word & 0xff_0000) >>> 7) | ((word >>> 24) << 1);
      const offset = stored - (pc + at - from);
      const immediate = ((offset & 0x10_0000) << 11) | ((offset & 0x7fe) << 20) | ((offset & 0x800) << 9) | (offset & 0xf_f000);
      view.setInt32(at, (word & 0xfff) | immediate, true);
      at += 4;
    } else if ((first & 0x7f) === 0x17) {
      const auipc = view.getInt32(at, true);
      if ((auipc & 0xe80) !== 0) {
        // Not x0 and not x2: a pair stands here as it is only where the encoder met the filter's own form.
        const second = view.getInt32(at + 4, true);
        if ((((auipc << 8) ^ (second - 3)) & 0xf_8003) !== 0) {
          at += 6;
          continue;
        }
        view.setInt32(at, 0x117 | (second << 12), true);
        view.setInt32(at + 4, (auipc & 0xffff_f000) + (second >>> 20), true);
      } else {
        // The form that the encoder made: x2, the low 20 bits of the second instruction, then the target.
        const register = auipc >>> 27;
        if (((auipc - 0x3117) << 18) >>> 0 >= (register & 0x1d)) {
          at += 4;
          continue;
        }
        const offset = (view.getInt32(at + 4) - (pc + at - from)) | 0;
        view.setInt32(at, 0x17 | (register << 7) | ((offset + 0x800) & 0xffff_f000), true);
        view.setInt32(at + 4, (auipc >>> 12) | (offset << 20), true);
      }
      at += 8;
    } else {
      at += 2;
    }
  }
  return at;
}

/** Which byte of the address, from the top, earlier opcodes put in doubt, by their mask shifted by one; with a mask that is not here the opcode stays as it is. */
const X86_DOUBTFUL: ReadonlyMap<number, number> = new Map([[0, 0], [1, 1], [2, 2], [4, 3]]);

/** `call` and `jmp`, whose opcodes can also be a part of an address: `mask` has the opcodes among the last bytes, across calls. */
function x86(): BranchFilter {
  let mask = 0;
  let last = -5; // the last opcode, counted from `from`
  return (bytes, from, to, pc) => {
    const isSign = (byte: number): boolean => byte === 0 || byte === 0xff;
    const end = to - 4;
    let at = from;
    while (at < end) {
      if (((bytes[at] as number) & 0xfe) !== 0xe8) {
        at++;
        continue;
      }
      const here = at - from;
      const distance = here - last;
      last = here;
      if (distance > 5) mask = 0;
      else for (let i = 0; i < distance; i++) mask = (mask & 0x77) << 1;
      const top = bytes[at + 4] as number;
      const doubtful = X86_DOUBTFUL.get(mask >>> 1);
      if (isSign(top) && doubtful !== undefined) {
        const next = (pc + here + 5) | 0;
        let value = (((bytes[at + 1] as number) | ((bytes[at + 2] as number) << 8) | ((bytes[at + 3] as number) << 16) | (top << 24)) - next) | 0;
        while (mask !== 0) {
          const shift = 24 - 8 * doubtful;
          if (!isSign((value >>> shift) & 0xff)) break;
          value = ((value ^ (2 ** (shift + 8) - 1)) - next) | 0;
        }
        bytes[at + 1] = value;
        bytes[at + 2] = value >>> 8;
        bytes[at + 3] = value >>> 16;
        bytes[at + 4] = -((value >>> 24) & 1);
        at += 5;
        mask = 0;
      } else {
        at++;
        mask |= 1;
        if (isSign(top)) mask |= 0x10;
      }
    }
    last -= at - from;
    return at;
  };
}

/** The filters by their id in an xz block header. */
export const BRANCH_KINDS: ReadonlyMap<number, BranchKind> = new Map([
  [4, { name: 'x86', alignment: 1, start: x86 }],
  [5, { name: 'PowerPC', alignment: 4, start: () => powerpc }],
  [6, { name: 'IA-64', alignment: 16, start: () => ia64 }],
  [7, { name: 'ARM', alignment: 4, start: () => arm }],
  [8, { name: 'ARM Thumb', alignment: 2, start: () => thumb }],
  [9, { name: 'SPARC', alignment: 4, start: () => sparc }],
  [10, { name: 'ARM64', alignment: 4, start: () => arm64 }],
  [11, { name: 'RISC-V', alignment: 2, start: () => riscv }],
]);
