// The versions of its symbols that a library defines: what programs linked against it may ask for.

import { DT } from '../constants.ts';
import { dynamicText, lastValue } from '../dynamic.ts';
import type { ElfFile } from '../file.ts';
import { readVersionDefinition, VERSION_DEFINITION_SIZE } from '../structures.ts';

/** vd_flags: the definition of the file itself, which names the library and no version. */
const VER_FLG_BASE = 1;

/**
 * What DT_VERDEF defines, in the file's order, without the base definition. The links are followed as the loader follows them; they
 * only go forwards, so the segment's end bounds them. Null, with a warning, where the table can't be read to its end.
 */
export function providedVersions(file: ElfFile): string[] | null {
  const { input, memory, dynamic } = file;
  const address = lastValue(dynamic?.entries ?? [], DT.VERDEF);
  if (address === null) return [];
  const start = memory.offsetOf(address);
  const size = memory.backed(address);
  const bad = (why: string): null => {
    input.warn('version-table', `DT_VERDEF 0x${address.toString(16)}: ${why}`, start);
    return null;
  };
  if (start === null) return bad('it is in no segment');
  const provided: string[] = [];
  let entries = 0;
  let length = 0;
  for (let at = 0, next = -1; next !== 0; at += next) {
    if (++entries > input.limits.tableEntries) return bad(`more than ${input.limits.tableEntries} versions`);
    if (at + VERSION_DEFINITION_SIZE > size) return bad(`a definition lies at 0x${at.toString(16)}, ${size} bytes follow in the segment`);
    const definition = readVersionDefinition(input.read(start + at, VERSION_DEFINITION_SIZE, 'version definition').cursor());
    next = definition.next;
    if ((definition.flags & VER_FLG_BASE) !== 0) continue;
    const nameAt = at + definition.firstName;
    if (nameAt + 8 > size) return bad(`a name lies at 0x${nameAt.toString(16)}, ${size} bytes follow in the segment`);
    const name = dynamicText(file, input.read(start + nameAt, 4, 'version name').u32(0), 'defined version'); // Elf_Verdaux: vda_name, vda_next
    if (name === null) return bad('a name in it can not be read');
    length += name.length;
    if (length > input.limits.nameBytes) return bad(`more than ${input.limits.nameBytes} bytes of names`);
    provided.push(name);
  }
  return provided;
}
