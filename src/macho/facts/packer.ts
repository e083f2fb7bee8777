// What hides a Mach-O file's contents.

import type { MachOFile } from '../file.ts';
import { headerSize } from '../structures.ts';

const UPX_MAGIC = 0x5550_5821; // 'UPX!'
const UPX_SECTION = 'upxTEXT';
const UPX_PAGE = 0x1000;

/**
 * UPX, by the mark at the head of what it packed: in the section that newer versions name, behind the load commands, or, in a
 * program without symbols, a page into the file, where versions before 3.95 have it. Anywhere else the mark means nothing.
 */
export function packer({ input, header, segments, symbolTable }: MachOFile, because: Record<string, string>): string | null {
  const plain = input.encoded({ little: false, wide: false });
  const section = segments.flatMap(({ sections }) => sections).find(({ name }) => name === UPX_SECTION);
  const places = [
    ...(section === undefined ? [] : [{ at: section.offset, where: `at the head of the section ${UPX_SECTION}` }]),
    { at: headerSize(input.encoding.wide) + header.commandsSize, where: 'behind the load commands' },
    ...(symbolTable === null ? [{ at: UPX_PAGE, where: 'a page into the file' }] : []),
  ];
  for (const { at, where } of places) {
    const mark = at + 4; // l_info: a checksum, then the mark
    if (plain.available(mark, 4) < 4 || plain.read(mark, 4, 'UPX mark').u32(0) !== UPX_MAGIC) continue;
    because['packer'] = `'UPX!' ${where}`;
    return 'UPX';
  }
  return null;
}
