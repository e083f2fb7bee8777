// Notes: what linkers, compilers and systems wrote into a file for whoever asks (gABI chapter 5, "Note Section").

import { align } from '../bytes/bytes.ts';
import { ET, PT, SHT } from './constants.ts';
import type { ElfFile } from './file.ts';
import { NOTE_HEADER_SIZE, readNoteHeader } from './structures.ts';

export interface Note {
  readonly owner: string;
  readonly type: number;
  /** Where its description lies in the file, and how long it is. */
  readonly offset: number;
  readonly size: number;
}

const NOTE_REGIONS = 256; // a program has under ten, a kernel as well

/** All notes: of PT_NOTE segments, then of SHT_NOTE sections that no segment covers (Go puts its build-id there). */
export function readNotes({ input, header, segments, sections }: ElfFile): Note[] {
  const regions: { offset: number; size: number; alignment: number }[] = [];
  for (const { type, offset, fileSize, alignment } of segments) {
    if (type === PT.NOTE && fileSize > 0) regions.push({ offset, size: fileSize, alignment });
  }
  for (const { type, offset, size, alignment } of sections ?? []) {
    if (type !== SHT.NOTE || size === 0) continue;
    if (regions.length >= NOTE_REGIONS) {
      input.warn('limit-exceeded', `notes: more than ${NOTE_REGIONS} segments and sections of them; the rest are left out`);
      break;
    }
    if (!regions.some((region) => offset >= region.offset && offset + size <= region.offset + region.size)) regions.push({ offset, size, alignment });
  }
  const notes: Note[] = [];
  const most = header.type === ET.CORE ? 16 : input.limits.notes; // a core's notes are its registers and its files: megabytes
  for (const { offset, size, alignment } of regions) {
    const end = offset + input.available(offset, size);
    const padding = alignment === 8 ? 8 : 4; // 64-bit GNU properties are the only ones that keep the gABI's 8
    for (let at = offset; at + NOTE_HEADER_SIZE <= end && notes.length < most; ) {
      const { nameSize, descriptionSize, type } = readNoteHeader(input.read(at, NOTE_HEADER_SIZE, 'note').cursor());
      if (nameSize === 0 && descriptionSize === 0) break;
      const description = at + align(NOTE_HEADER_SIZE + nameSize, padding);
      const next = at + align(description - at + descriptionSize, padding);
      if (description + descriptionSize > end) {
        input.warn('note-truncated', `a note of ${nameSize} + ${descriptionSize} bytes at 0x${at.toString(16)} leaves its segment, which ends at 0x${end.toString(16)}`, at);
        break;
      }
      const owner = input.text(at + NOTE_HEADER_SIZE, Math.min(nameSize, 64), 'note owner').text;
      notes.push({ owner, type, offset: description, size: descriptionSize });
      at = next;
    }
  }
  if (notes.length >= input.limits.notes) input.warn('limit-exceeded', `notes: the first ${input.limits.notes} are read`);
  return notes;
}
