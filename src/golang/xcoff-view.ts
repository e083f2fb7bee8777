// An AIX program in the eyes of Go's own reader (internal/xcoff of Go 1.27). Nobody else reads this format here, so it has no wing.

import type { Cursor } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import type { GoPiece, GoView } from './image.ts';

/** The first two bytes of a program of 32 and of 64 bits. */
export const XCOFF_MAGIC = { NARROW: 0x01df, WIDE: 0x01f7 } as const;

const SYMBOL_SIZE = 18;
const SECTION = { TEXT: 0x20, DATA: 0x40 } as const;

interface Section {
  readonly address: bigint;
  readonly size: number;
  readonly offset: number;
  readonly relocationsAt: number;
  readonly relocations: number;
  readonly type: number;
}

function readSection(cursor: Cursor): Section {
  cursor.skip(8); // s_name
  cursor.address(); // s_paddr
  const address = cursor.address();
  const size = cursor.word();
  const offset = cursor.word();
  const relocationsAt = cursor.word();
  cursor.word(); // s_lnnoptr
  const relocations = cursor.wide ? cursor.u32() : cursor.u16();
  if (cursor.wide) cursor.u32();
  else cursor.u16(); // s_nlnno
  return { address, size, offset, relocationsAt, relocations, type: cursor.u32() };
}

/** An XCOFF program as Go reads it; or why Go refuses it: one without its symbol table, above all. */
export function readXcoffView(plain: Input): GoView | string {
  const wide = plain.encoded({ little: false, wide: false }).read(0, 2, 'magic number').u16(0) === XCOFF_MAGIC.WIDE;
  const input = plain.encoded({ little: false, wide });
  const headerSize = wide ? 24 : 20;
  if (input.size < headerSize) return 'the XCOFF header is cut';
  const header = input.read(0, headerSize, 'XCOFF header').cursor(2);
  const sectionCount = header.u16();
  header.u32(); // f_timdat
  const symbolsAt = header.word();
  let symbols = wide ? 0 : header.u32();
  const optionalSize = header.u16();
  header.u16(); // f_flags
  if (wide) symbols = header.u32();
  if (symbolsAt === 0 || symbols === 0 || symbols > 0x7fff_ffff) return 'there is no symbol table';

  const stringsAt = symbolsAt + symbols * SYMBOL_SIZE;
  if (stringsAt + 4 > input.size) return 'the symbols are not all in the file';
  const stringsSize = input.read(stringsAt, 4, 'string table size').u32(0);
  if (stringsSize > 4 && stringsAt + stringsSize > input.size) return 'the string table is not all in the file';
  const sectionSize = wide ? 72 : 40;
  const tableAt = headerSize + optionalSize;
  if (tableAt + sectionCount * sectionSize > input.size) return 'the section headers are not all in the file';

  const table = input.read(tableAt, sectionCount * sectionSize, 'section headers');
  const pieces: GoPiece[] = [];
  let data: GoView['data'] = null;
  for (let i = 0; i < sectionCount; i++) {
    const { address, size, offset, relocationsAt, relocations, type } = readSection(table.cursor(i * sectionSize));
    const relocated = (type === SECTION.TEXT || type === SECTION.DATA) && relocationsAt !== 0 && relocations > 0;
    if (relocated && relocationsAt + relocations * (wide ? 14 : 10) > input.size) {
      return `the relocations of section ${i} are not all in the file`;
    }
    pieces.push({
      first: address,
      last: BigInt.asUintN(64, address + BigInt(size) - 1n),
      offset,
      size,
      unreadable: offset === 0 ? 'unexpected read from section with uninitialized data' : null,
    });
    if (data === null && type === SECTION.DATA) data = { address, size: BigInt(size) };
  }
  return { data, base: 0n, pieces };
}
