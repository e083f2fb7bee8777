// What a file asks of the machine that runs it: the level of an x86-64 processor, and pages that are not too large.

import { align } from '../../bytes/bytes.ts';
import type { Minimums } from '../../model/binary.ts';
import { EM, GNU_PROPERTY, NT_GNU, PT } from '../constants.ts';
import type { ElfFile } from '../file.ts';
import type { Note } from '../notes.ts';
import type { Segment } from '../structures.ts';

/** A property of 32 bits of the NT_GNU_PROPERTY_TYPE_0 note; null where there is none. */
export function gnuProperty({ input }: ElfFile, notes: readonly Note[], wanted: number): number | null {
  const note = notes.find(({ owner, type }) => owner === 'GNU' && type === NT_GNU.PROPERTY_TYPE_0);
  if (note === undefined) return null;
  const bytes = input.readUpTo(note.offset, Math.min(note.size, input.limits.stringBytes), 'GNU properties');
  const padding = input.encoding.wide ? 8 : 4;
  for (let at = 0; at + 12 <= bytes.size; ) {
    const size = bytes.u32(at + 4);
    if (bytes.u32(at) === wanted && size === 4) return bytes.u32(at + 8);
    at += 8 + align(size, padding);
  }
  return null;
}

const LEVELS = ['v1', 'v2', 'v3', 'v4'] as const;

/** The level that GNU_PROPERTY_X86_ISA_1_NEEDED asks for (x86-64 psABI): bit 0 is the baseline, bits 1 to 3 are v2 to v4. */
function processorLevel(file: ElfFile, notes: readonly Note[], because: Record<string, string>): string | null {
  const { machine } = file.header;
  if (machine !== EM.X86_64 && machine !== EM['386']) return null;
  const needed = gnuProperty(file, notes, GNU_PROPERTY.X86_ISA_1_NEEDED);
  if (needed === null || needed === 0) return null;
  const highest = 31 - Math.clz32(needed);
  const level = LEVELS[highest];
  if (level === undefined) {
    file.input.warn('isa-needed', `the x86 ISA property asks for level bits 0x${needed.toString(16)}, of which bit ${highest} has no name`);
    return null;
  }
  because['minimums.cpu'] = `GNU_PROPERTY_X86_ISA_1_NEEDED is 0x${needed.toString(16)}`;
  return level;
}

const SMALLEST_PAGE = 4096;

/** No Linux system has larger pages than these (arm64, ppc64, loong64). */
const LARGEST_PAGE = 65_536;

/** Whether each segment can be mapped with pages of this size, and none replaces a page of another one. */
function fits(loads: readonly Segment[], page: number): boolean {
  const size = BigInt(page);
  let lastPage = -1n;
  let last: Segment | null = null;
  for (const load of loads) {
    const { address, offset, memorySize, flags } = load;
    const distance = address - BigInt(offset);
    if (load.fileSize > 0 && distance % size !== 0n) return false;
    const first = address / size;
    const same = last !== null && last.flags === flags && last.address - BigInt(last.offset) === distance;
    if (first <= lastPage && !same && page > SMALLEST_PAGE) return false; // a file may be laid out so on purpose; larger pages do it by accident
    lastPage = (address + BigInt(Math.max(memorySize, 1)) - 1n) / size;
    last = load;
  }
  return true;
}

/** The largest page that its PT_LOAD segments can be mapped with, in bytes, up to 65536; null where there are none, or no page size fits. */
function largestPage({ segments }: ElfFile, because: Record<string, string>): number | null {
  const loads = segments.filter(({ type, memorySize }) => type === PT.LOAD && memorySize > 0).sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  if (loads.length === 0) return null;
  let page: number | null = null;
  for (let size = SMALLEST_PAGE; size <= LARGEST_PAGE && fits(loads, size); size *= 2) page = size;
  if (page !== null) because['minimums.pageSize'] = `addresses and offsets of ${loads.length} PT_LOAD segments agree with pages of up to ${page} bytes`;
  return page;
}

/** The lowest level of an x86-64 processor, and the largest page, that will do. */
export function machineMinimums(file: ElfFile, notes: readonly Note[], because: Record<string, string>): Pick<Minimums, 'cpu' | 'pageSize'> {
  return { cpu: processorLevel(file, notes, because), pageSize: largestPage(file, because) };
}
