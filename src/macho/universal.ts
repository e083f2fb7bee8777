// The slices of a universal file, each read as a file of its own; one that can't be read does not hide the others.

import type { Input } from '../bytes/input.ts';
import { hex } from '../errors.ts';
import type { Facts, MachOBinary } from '../model/binary.ts';
import { certainty } from '../model/certainty.ts';
import { NO_IDENTITY } from '../model/identity.ts';
import { nameOf, prefixedNameOf } from '../model/names.ts';
import { platformOf } from '../model/platform.ts';
import type { WarningCode, Warning } from '../model/warning.ts';
import { CPU_ARCH, CPU_SUBTYPE, CPU_SUBTYPE_MASK, CPU_TYPE, MAGIC, MH } from './constants.ts';
import { readMachO } from './facts/binary.ts';
import { tableArchitecture } from './facts/platform.ts';
import { holdsItsMachine, magicAt, overlaps, OVERLAPPING } from './fat.ts';
import { FAT_HEADER_SIZE, readFatHeader, readSlice, sliceSize } from './structures.ts';
import type { Slice } from './structures.ts';

/** What a universal file holds. */
export interface Universal {
  /** One for each slice, in the file's order. */
  readonly binaries: readonly MachOBinary[];
  /** What concerns the file and not one slice. */
  readonly warnings: readonly Warning[];
}

/** Machines whose programs are big-endian; told of a slice that can't be asked itself. */
const BIG_ENDIAN: ReadonlySet<number> = new Set([
  CPU_TYPE.MC680x0,
  CPU_TYPE.MC98000,
  CPU_TYPE.HPPA,
  CPU_TYPE.MC88000,
  CPU_TYPE.SPARC,
  CPU_TYPE.POWERPC,
  CPU_TYPE.POWERPC64,
]);

/** The name of a slice's architecture, for messages: 'CPU_TYPE_ARM64 subtype 2'. */
function named({ cpuType, cpuSubtype }: Slice): string {
  const type = prefixedNameOf('CPU_TYPE_', CPU_TYPE, cpuType) ?? `cputype ${hex(cpuType)}`;
  const subtype = nameOf(CPU_SUBTYPE[cpuType] ?? {}, cpuSubtype & CPU_SUBTYPE_MASK);
  return subtype === null ? `${type} subtype ${cpuSubtype & CPU_SUBTYPE_MASK}` : `CPU_SUBTYPE_${subtype}`;
}

/** Reads every slice of a table that `openFat` found. Throws nothing for a slice's sake. */
export function readUniversal(input: Input, slices: readonly Slice[], depth: Facts = 'main'): Universal {
  const { magic, count } = readFatHeader(input.encoded({ little: false, wide: false }).read(0, FAT_HEADER_SIZE, 'universal header').cursor());
  const wide = magic === MAGIC.FAT_MAGIC_64;
  const unread = new Set(warnOfTable(input, slices, FAT_HEADER_SIZE + slices.length * sliceSize(wide)).slice(OVERLAPPING));
  if (slices.length === count) {
    warnOfRest(input, slices);
    warnOfHidden(input, slices, wide);
  }
  const binaries = slices.map((slice, index) => input.finish(`slice ${index}`, () => readPart(input, slice, index, unread.has(index) ? null : depth)));
  if (wide && binaries.some(({ machO }) => machO?.fileType === MH.EXECUTE)) {
    input.warn('fat64-executable', 'a program in a universal file with a 64-bit table, which the kernel does not run: it reads FAT_MAGIC only', 0);
  }
  return { binaries, warnings: input.warnings };
}

/**
 * Warns of what the kernel refuses a table for: slices that overlap each other or the table, and two for one machine. Gives the
 * indices of those that overlap.
 */
function warnOfTable(input: Input, slices: readonly Slice[], tableEnd: number): number[] {
  const overlapping = overlaps(slices, tableEnd);
  for (const { index, start, other, end } of overlapping) {
    const what = other === -1 ? 'the slice table' : `slice ${other}`;
    input.warn('slices-overlap', `slice ${index} begins at ${hex(start)}, ${what} ends at ${hex(end)}`, start);
  }
  const seen = new Map<string, number>();
  slices.forEach((slice, index) => {
    const key = `${slice.cpuType} ${slice.cpuSubtype & CPU_SUBTYPE_MASK}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else input.warn('duplicate-architecture', `slices ${first} and ${index} are both for ${named(slice)}`);
  });
  return overlapping.map(({ index }) => index);
}

/** What is appended to the whole belongs to no slice. */
function warnOfRest(input: Input, slices: readonly Slice[]): void {
  const end = slices.reduce((most, { offset, size }) => Math.max(most, offset + size), 0);
  if (end < input.size) input.warn('bytes-after-slices', `${input.size - end} bytes after the last slice, which ends at ${hex(end)}`, end);
}

/** Entries behind the table's end that are looked at: a table with more hidden than that hides nothing. */
const MOST_HIDDEN = 8;

/** Warns of entries that stand behind those that are counted, and name Mach-O files for their machines: the kernel's own linker reads no more than are counted, but some tools do. */
function warnOfHidden(input: Input, slices: readonly Slice[], wide: boolean): void {
  const size = sliceSize(wide);
  const plain = input.encoded({ little: false, wide });
  const first = slices.reduce((least, { offset }) => Math.min(least, offset), input.size);
  for (let index = slices.length; index < slices.length + MOST_HIDDEN; index++) {
    const at = FAT_HEADER_SIZE + index * size;
    if (at + size > first || plain.available(at, size) < size) return;
    const slice = readSlice(plain.read(at, size, 'slice table').cursor());
    if (slice.size === 0 || slice.offset + slice.size > input.size || !holdsItsMachine(input, slice, at + size)) return;
    input.warn('hidden-slice', `behind the ${slices.length} slices that are counted an entry names one more, for ${named(slice)}, of ${slice.size} bytes at ${hex(slice.offset)}`, at, []);
  }
}

/** One slice: what is in it; or what the table says of one that is no Mach-O file that can be read, and of one that no depth is given for. */
function readPart(input: Input, slice: Slice, index: number, depth: Facts | null): MachOBinary {
  const size = input.available(slice.offset, slice.size);
  const part = input.part(Math.min(slice.offset, input.size), size);
  if (size < slice.size) {
    const message = `slice ${index}: ${slice.size} bytes wanted at ${hex(slice.offset)}, the file ends at ${hex(input.size)}`;
    part.warn('slice-truncated', message);
  }
  if (depth === null) {
    part.warn('limit-exceeded', `slice ${index} overlaps another, and so do ${OVERLAPPING} before it: it is not read`);
    return opaque(part, slice, true);
  }
  const foreign = foreignContents(magicAt(part, 0));
  if (foreign !== null) {
    part.warn(foreign.code, `slice ${index} is ${foreign.text}`, 0);
    return opaque(part, slice, foreign.code === 'nested-fat');
  }
  const binary = part.attempt(() => readMachO(part, depth));
  if (binary === null) return opaque(part, slice, true);
  if (binary.machine.value !== slice.cpuType) {
    const message = `slice ${index} is for ${named(slice)} by the table, its own header says ${binary.machine.name ?? hex(binary.machine.value)}, which holds`;
    part.warn('slice-cputype-mismatch', message, 0);
  }
  return binary;
}

/** What a slice is that is no Mach-O file. */
function foreignContents(magic: number): { readonly code: WarningCode; readonly text: string } | null {
  switch (magic) {
    case MAGIC.AR:
    case MAGIC.AR_THIN:
      return { code: 'slice-archive', text: 'an archive of object files; unpack it to see them' };
    case MAGIC.BITCODE:
    case MAGIC.BITCODE_WRAPPER:
      return { code: 'slice-bitcode', text: 'LLVM bitcode, not code for a machine' };
    case MAGIC.FAT_MAGIC:
    case MAGIC.FAT_MAGIC_64:
      return { code: 'nested-fat', text: 'a universal file itself, which no system reads' };
    default:
      return null;
  }
}

/** A slice of which only the table tells: of static libraries and bitcode its architecture, which is what link editors go by; of what is damaged none. */
function opaque({ start, size, warnings }: Input, { cpuType, cpuSubtype }: Slice, damaged: boolean): MachOBinary {
  const because: Record<string, string> = {};
  const { arch, variant } = damaged ? { arch: null, variant: null } : tableArchitecture(cpuType, cpuSubtype, because);
  const platform = platformOf({ os: null, arch, variant, libc: null, abi: null });
  return {
    format: 'mach-o',
    offset: start,
    size,
    bits: (cpuType & CPU_ARCH.ABI64) !== 0 ? 64 : 32,
    endianness: BIG_ENDIAN.has(cpuType) ? 'big' : 'little',
    machine: { value: cpuType, name: prefixedNameOf('CPU_TYPE_', CPU_TYPE, cpuType) },
    platform,
    kind: 'other',
    pie: null,
    linkage: null,
    interpreter: null,
    libraryName: null,
    dependencies: [],
    auxiliaries: [],
    searchPaths: [],
    entryPoint: null,
    stripped: null,
    debugInfo: null,
    buildId: null,
    minimums: { glibc: null, glibcxx: null, cxxabi: null, os: null, kernel: null, cpu: null, pageSize: null },
    hardening: null,
    identity: NO_IDENTITY,
    overlay: null,
    signature: null,
    packer: null,
    installer: null,
    go: null,
    signatureCheck: null,
    components: [],
    ...certainty(because, platform),
    because,
    warnings,
    machO: null,
  };
}
