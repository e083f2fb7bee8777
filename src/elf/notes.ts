// Notes: what linkers, compilers and systems wrote into a file for whoever asks (gABI chapter 5, "Note Section").

import { align } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { ET, NT_GNU, PT, SHT } from './constants.ts';
import type { ElfFile } from './file.ts';
import { NOTE_HEADER_SIZE, readNoteHeader } from './structures.ts';
import type { Segment } from './structures.ts';

export interface Note {
  readonly owner: string;
  readonly type: number;
  /** Where its description lies in the file, and how long it is. */
  readonly offset: number;
  readonly size: number;
}

const NOTE_REGIONS = 256; // a program has under ten, a kernel as well

/** A stretch of notes. */
interface Stretch {
  readonly offset: number;
  readonly size: number;
  readonly alignment: number;
}

/** What of a segment no section covers. */
function uncovered({ offset, fileSize, alignment }: Segment, sections: readonly Stretch[]): Stretch[] {
  const gaps: Stretch[] = [];
  let from = offset;
  const end = offset + fileSize;
  for (const section of sections) {
    if (section.offset >= end || section.offset + section.size <= from) continue;
    if (section.offset - from >= NOTE_HEADER_SIZE) gaps.push({ offset: from, size: section.offset - from, alignment });
    from = Math.max(from, section.offset + section.size);
  }
  if (end - from >= NOTE_HEADER_SIZE) gaps.push({ offset: from, size: end - from, alignment });
  return gaps;
}

/** All notes: of SHT_NOTE sections, each with its own alignment, then of PT_NOTE segments what no section covers. */
export function readNotes({ input, header, segments, sections, hollow }: ElfFile): Note[] {
  const stretches: Stretch[] = [];
  let left = NOTE_REGIONS;
  const limited = (): boolean => {
    if (left-- > 0) return false;
    if (left === -1) input.warn('limit-exceeded', `notes: more than ${NOTE_REGIONS} segments and sections of them; the rest are left out`);
    return true;
  };
  for (const { type, offset, size, alignment } of sections ?? []) {
    if (type !== SHT.NOTE || size === 0) continue;
    if (limited()) break;
    stretches.push({ offset, size, alignment });
  }
  const ordered = stretches.toSorted((a, b) => a.offset - b.offset);
  for (const segment of hollow ? [] : segments) {
    if (segment.type !== PT.NOTE || segment.fileSize === 0) continue;
    if (limited()) break;
    stretches.push(...uncovered(segment, ordered));
  }
  const notes: Note[] = [];
  const most = header.type === ET.CORE ? 16 : input.limits.notes; // a core's notes are its registers and its files: megabytes
  for (const stretch of stretches) readStretch(input, stretch, most, notes);
  if (notes.length >= input.limits.notes) input.warn('limit-exceeded', `notes: the first ${input.limits.notes} are read`);
  return notes;
}

/** The notes of one stretch. In one that is aligned to 8 only GNU's properties are filled up to 8. */
function readStretch(input: Input, { offset, size, alignment }: Stretch, most: number, notes: Note[]): void {
  const end = offset + input.available(offset, size);
  let other = -1; // where the next note may begin as well
  for (let at = offset; at + NOTE_HEADER_SIZE <= end && notes.length < most; ) {
    const { nameSize, descriptionSize, type } = readNoteHeader(input.read(at, NOTE_HEADER_SIZE, 'note').cursor());
    if (nameSize === 0 && descriptionSize === 0) return;
    const name = at + NOTE_HEADER_SIZE;
    const description = at + align(NOTE_HEADER_SIZE + nameSize, 4);
    const unpadded = description + descriptionSize > end && name + nameSize + descriptionSize === end; // OpenHarmony's name is not filled up
    const place = unpadded ? name + nameSize : description;
    if (place + descriptionSize > end) {
      if (other !== -1 && other !== at) {
        at = other;
        other = -1;
        continue;
      }
      input.warn('note-truncated', `a note of ${nameSize} + ${descriptionSize} bytes at 0x${at.toString(16)} leaves its segment, which ends at 0x${end.toString(16)}`, at);
      return;
    }
    const owner = input.text(name, Math.min(nameSize, 64), 'note owner').text;
    notes.push({ owner, type, offset: place, size: descriptionSize });
    const wide = alignment === 8 && owner === 'GNU' && type === NT_GNU.PROPERTY_TYPE_0;
    other = at + align(place - at + descriptionSize, 4);
    at += align(place - at + descriptionSize, wide ? 8 : 4);
  }
}
