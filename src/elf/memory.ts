// An ELF file's memory, as the kernel and ld.so lay it out: whole pages, one segment after the other, the last over those before it.

import { AddressSpace } from '../bytes/address-space.ts';
import type { AddressRange } from '../bytes/address-space.ts';
import type { Input } from '../bytes/input.ts';
import { ET, PF, PT } from './constants.ts';
import type { Header, Segment } from './structures.ts';

/** Linux starts no program with more than 64 KiB of program headers: 1170 of 64 bits, 2048 of 32. */
const MOST_LOADS = 2048;

const LARGE = 256; // segments, whose ranges are kept from one run to the next

/** The smallest page of the machines that Linux runs on; larger ones map more of the same file. */
const PAGE = 4096;
const PAGE_BITS = 12;

/**
 * What is at an address once all PT_LOAD segments are mapped, in the order of their table. Warns where one takes another's place. The addresses are
 * those that the dynamic section means: ld.so takes the place of PT_PHDR for where the program headers are, and counts all others from there.
 */
export function memoryOf(input: Input, header: Header, segments: readonly Segment[], hasInterpreter: boolean): AddressSpace {
  const make = (): AddressRange[] => rangesOf(input, segments);
  const ranges = segments.length > LARGE ? input.once('ranges', make) : make();
  const memory = new AddressSpace(input, ranges, 'last');
  const judge = (): bigint => {
    if (!memory.inOrder) warnOfOverlaps(input, segments, memory);
    return shiftOf(input, header, segments, memory);
  };
  const shift = segments.length > LARGE ? input.once('shift', judge) : judge();
  if (shift === 0n || !hasInterpreter) return memory;
  return new AddressSpace(input, ranges.map((range) => ({ ...range, address: range.address - shift })), 'last');
}

function rangesOf(input: Input, segments: readonly Segment[]): AddressRange[] {
  const ranges: AddressRange[] = [];
  for (const segment of segments) {
    if (segment.type !== PT.LOAD || (segment.fileSize === 0 && segment.memorySize === 0)) continue;
    if (ranges.length === MOST_LOADS) {
      input.warn('limit-exceeded', `more than ${MOST_LOADS} PT_LOAD segments, of which the first are mapped`, segment.offset);
      break;
    }
    ranges.push(rangeOf(input, segment));
  }
  return ranges;
}

/**
 * The pages of one segment. The page of its first byte and that of its last come whole from the file, so what stands in the file before and behind
 * its bytes is there too; if it has more memory than bytes, zeros begin behind its bytes. A segment whose address and offset lie differently in
 * their pages is mapped by no system with pages, and is taken byte by byte.
 */
function rangeOf(input: Input, { address, offset, fileSize, memorySize }: Segment): AddressRange {
  const backed = input.available(offset, fileSize);
  if (backed < fileSize) {
    input.warn('segment-truncated', `a PT_LOAD segment has ${fileSize} bytes at 0x${offset.toString(16)}, the file ends at 0x${input.size.toString(16)}`, offset);
  }
  const into = offset % PAGE;
  const inPages = Number(BigInt.asUintN(PAGE_BITS, address)) === into;
  const before = inPages && fileSize > 0 ? into : 0;
  const start = address - BigInt(before);
  const bytes = before + backed;
  if (backed < fileSize) return { address: start, memorySize: BigInt(bytes), offset: offset - before, fileSize: bytes };
  if (!inPages) return { address, memorySize: BigInt(Math.max(memorySize, fileSize)), offset, fileSize };
  if (fileSize === 0) return { address, memorySize: BigInt(pagesOf(into + memorySize) - into), offset, fileSize };
  const size = pagesOf(before + Math.max(memorySize, fileSize));
  const fromFile = memorySize > fileSize ? bytes : input.available(offset - before, size);
  return { address: start, memorySize: BigInt(size), offset: offset - before, fileSize: fromFile };
}

function pagesOf(size: number): number {
  return Math.ceil(size / PAGE) * PAGE;
}

/** Warns where a segment's own bytes are not there in the end, because another was mapped over them. */
function warnOfOverlaps(input: Input, segments: readonly Segment[], memory: AddressSpace): void {
  const loads = segments.filter(({ type, memorySize, fileSize }) => type === PT.LOAD && (memorySize > 0 || fileSize > 0)).slice(0, MOST_LOADS);
  const ends = (load: Segment): bigint => load.address + BigInt(Math.max(load.memorySize, load.fileSize));
  let end = -1n;
  for (const load of loads.toSorted((a, b) => (a.address < b.address ? -1 : 1))) {
    if (load.address < end) {
      input.warn('overlapping-load', `PT_LOAD segments overlap at 0x${load.address.toString(16)}: of two that map an address, the one listed last is there in the end`, load.offset);
      return;
    }
    end = ends(load);
  }
  for (const { address, offset, fileSize } of loads) {
    const backed = input.available(offset, fileSize);
    if (backed === 0 || (memory.offsetOf(address) === offset && memory.backed(address) >= backed)) continue;
    input.warn('overlapping-load', `the bytes of the PT_LOAD segment at 0x${address.toString(16)} are not in memory: a later segment has a page of theirs`, offset);
    return;
  }
}

/**
 * By how much ld.so's addresses are off: PT_PHDR's address should be where the kernel says that the program headers are (AT_PHDR). Warns where it
 * is not, and where the table in memory is not the one that the kernel has read in the file.
 */
function shiftOf(input: Input, { type, segmentsOffset, segmentSize }: Header, segments: readonly Segment[], memory: AddressSpace): bigint {
  if ((type !== ET.DYN && type !== ET.EXEC) || !segments.some((segment) => segment.type === PT.DYNAMIC)) return 0n;
  let place: bigint | null = null;
  let stated: bigint | null = null;
  for (const { type: kind, address, offset, fileSize } of segments) {
    if (kind === PT.LOAD && offset <= segmentsOffset && segmentsOffset < offset + fileSize) place = address + BigInt(segmentsOffset - offset);
    if (kind === PT.PHDR) stated = address;
  }
  if (stated === null && place === null) return 0n;
  const at = segmentsOffset;
  if (place === null) {
    input.warn('program-headers-elsewhere', `PT_PHDR says that the program headers are at 0x${(stated ?? 0n).toString(16)}, and no segment maps them`, at);
    return 0n;
  }
  if (memory.offsetOf(place) !== segmentsOffset || memory.backed(place) < segments.length * segmentSize) {
    input.warn('program-headers-elsewhere', `at 0x${place.toString(16)}, where the program headers are mapped, another segment lies over them`, at);
  }
  if (stated === null || stated === place) return 0n;
  input.warn('program-headers-elsewhere', `PT_PHDR says that the program headers are at 0x${stated.toString(16)}, they are at 0x${place.toString(16)}: ld.so counts from there`, at);
  return place - stated;
}

/** Whether a segment that can be run has its bytes in the file, the first instruction among them: no file of debug symbols has. */
export function holdsEntry(input: Input, { entry }: Header, segments: readonly Segment[]): boolean {
  return segments.some(
    ({ type, flags, address, offset, fileSize }) =>
      type === PT.LOAD && (flags & PF.X) !== 0 && entry >= address && entry < address + BigInt(fileSize) && input.available(offset, fileSize) === fileSize,
  );
}
