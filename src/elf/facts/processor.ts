// What the loader asks of the processor before it starts a program: the level of x86-64, and the size of a page.

import type { Kind, Told } from '../../model/binary.ts';
import { EM, GNU_PROPERTY, PT } from '../constants.ts';
import type { ElfFile } from '../file.ts';
import type { Note } from '../notes.ts';
import { gnuProperties } from '../properties.ts';

/** GNU_PROPERTY_X86_ISA_1_NEEDED: one bit for each level (x86-64 psABI, Program Property). */
const LEVELS = ['v1', 'v2', 'v3', 'v4'] as const;

/**
 * The level of x86-64 without which glibc refuses to start the program (since 2.33); null where no note asks for one. A level that has no name yet
 * is `unknown`.
 */
export function x86Level(file: ElfFile, notes: readonly Note[]): Told<string | null> | null {
  const { machine } = file.header;
  if (machine !== EM.X86_64 && machine !== EM['386']) return null;
  const needed = gnuProperties(file, notes, GNU_PROPERTY.X86_ISA_1_NEEDED).reduce((all, word) => (all | word) >>> 0, 0);
  if (needed === 0) return null;
  const highest = 31 - Math.clz32(needed);
  const level = LEVELS[highest];
  if (level === undefined) return { value: null, because: `unknown: GNU_PROPERTY_X86_ISA_1_NEEDED is 0x${needed.toString(16)}, of which bit ${highest} has no name` };
  return { value: level, because: `GNU_PROPERTY_X86_ISA_1_NEEDED asks for x86-64-${level === 'v1' ? 'baseline' : level}` };
}

/** The largest page of any machine that Linux runs on, times four: what is aligned to more is aligned to any page. */
const LARGEST = 2 ** 30;

/** The largest power of two that divides a number; 0 is divided by all. */
function alignmentOf(difference: bigint): number {
  if (difference === 0n) return LARGEST;
  const low = Number(difference & -difference);
  return Math.min(LARGEST, low);
}

/**
 * The largest page with which all segments can be mapped: none may ask for less alignment, and each lies in the file as it does in memory, up to whole
 * pages. Null for what no loader maps.
 */
export function pageSize({ segments, complete }: ElfFile, kind: Kind): Told<number> | null {
  if ((kind !== 'executable' && kind !== 'shared-library') || !complete) return null;
  let smallest: number | null = null;
  let reason = '';
  for (const { type, address, offset, memorySize, alignment } of segments) {
    if (type !== PT.LOAD || memorySize === 0) continue;
    const stated = alignment <= 1 ? LARGEST : alignmentOf(BigInt(alignment));
    const placed = alignmentOf(address - BigInt(offset));
    const size = Math.min(stated, placed);
    if (smallest !== null && size >= smallest) continue;
    smallest = size;
    reason = placed < stated ? `a PT_LOAD at offset 0x${offset.toString(16)} has the address 0x${address.toString(16)}` : `a PT_LOAD has the alignment 0x${alignment.toString(16)}`;
  }
  return smallest === null || smallest === LARGEST ? null : { value: smallest, because: reason };
}
