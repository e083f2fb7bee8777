// GNU properties: what all object files of a link have in common, and what the processor must have (Linux extensions to the gABI).

import { align } from '../bytes/bytes.ts';
import { NT_GNU } from './constants.ts';
import type { ElfFile } from './file.ts';
import type { Note } from './notes.ts';

/** The words of all properties of a type that have four bytes, in the order of the file. */
export function gnuProperties({ input }: ElfFile, notes: readonly Note[], wanted: number): number[] {
  const padding = input.encoding.wide ? 8 : 4;
  const words: number[] = [];
  for (const { owner, type, offset, size: noteSize } of notes) {
    if (owner !== 'GNU' || type !== NT_GNU.PROPERTY_TYPE_0) continue;
    const bytes = input.readUpTo(offset, Math.min(noteSize, input.limits.stringBytes), 'GNU properties');
    for (let at = 0; at + 12 <= bytes.size; ) {
      const size = bytes.u32(at + 4);
      if (bytes.u32(at) === wanted && size === 4) words.push(bytes.u32(at + 8));
      at += 8 + align(size, padding);
    }
  }
  return words;
}
