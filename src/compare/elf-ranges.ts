// What an ELF file has that distinguishes one build from another: build ids in notes, and the checksum of its debug file.

import { align } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { NT_GNU, SHT } from '../elf/constants.ts';
import { openElf, sectionNames } from '../elf/file.ts';
import { readNotes } from '../elf/notes.ts';
import { goBuildIdRanges, hexText, identityRange } from './named-range.ts';
import type { NamedRange } from './named-range.ts';

const LONGEST_ID = 64; // bytes; linkers write 8, 16, 20 or 32
const LONGEST_GO_ID = 1024;
const NT_GO_BUILD_ID = 4;

/** Of GNU build ids the first counts, as for everybody who reads them: a file with many could hide much behind the name. */
export function elfRanges(image: Input): NamedRange[] {
  const file = openElf(image);
  const { input, sections } = file;
  const ranges: NamedRange[] = [];
  const notes = readNotes(file);
  const gnu = notes.find(({ owner, type }) => owner === 'GNU' && type === NT_GNU.BUILD_ID);
  if (gnu !== undefined && gnu.size > 0 && gnu.size <= LONGEST_ID) {
    ranges.push(identityRange(input.start + gnu.offset, gnu.size, 'build id', hexText(input.read(gnu.offset, gnu.size, 'build id').bytes())));
  }
  const go = notes.find(({ owner, type }) => owner === 'Go' && type === NT_GO_BUILD_ID);
  if (go !== undefined && go.size <= LONGEST_GO_ID) ranges.push(...goBuildIdRanges(input.start + go.offset, input.read(go.offset, go.size, 'Go build id').text()));
  const link = (sections ?? [])[sectionNames(file).indexOf('.gnu_debuglink')];
  if (link !== undefined && link.type !== SHT.NOBITS && link.size <= input.limits.stringBytes && input.available(link.offset, link.size) === link.size) {
    const bytes = input.read(link.offset, link.size, '.gnu_debuglink');
    const at = align(bytes.bytes().indexOf(0) + 1, 4);
    if (at > 0 && at + 4 === bytes.size) ranges.push(identityRange(input.start + link.offset + at, 4, "debug file's checksum", bytes.u32(at).toString(16).padStart(8, '0')));
  }
  return ranges;
}
