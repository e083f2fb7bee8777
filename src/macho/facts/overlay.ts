// What was appended to a Mach-O file.

import type { Kind } from '../../model/binary.ts';
import type { Overlay } from '../../model/identity.ts';
import type { MachOFile } from '../file.ts';
import { RELOCATION_SIZE, symbolSize } from '../linkedit.ts';
import type { DataRange } from '../linkedit.ts';
import { headerSize } from '../structures.ts';

/** All data that the load commands speak of, segments and sections among them. */
function* stretches({ input, header, segments, symbolTable, symbolGroups, dyldInfo, data }: MachOFile): Generator<DataRange> {
  const { wide } = input.encoding;
  yield { offset: 0, size: headerSize(wide) + header.commandsSize };
  for (const { header: segment, sections } of segments) {
    yield { offset: segment.offset, size: segment.fileSize };
    for (const { relocationsOffset, relocations } of sections) yield { offset: relocationsOffset, size: relocations * RELOCATION_SIZE };
  }
  if (symbolTable !== null) {
    yield { offset: symbolTable.offset, size: symbolTable.count * symbolSize(wide) };
    yield { offset: symbolTable.stringsOffset, size: symbolTable.stringsSize };
  }
  if (symbolGroups !== null) yield* symbolGroups.tables;
  if (dyldInfo !== null) yield* [dyldInfo.rebase, dyldInfo.bind, dyldInfo.weakBind, dyldInfo.lazyBind, dyldInfo.exports];
  for (const { range } of data) yield range;
}

/** Bytes after everything that the load commands speak of. In a universal file, of the slice: what is appended to the whole belongs to none. */
export function overlay(file: MachOFile, kind: Kind, because: Record<string, string>): Overlay | null {
  if (kind === 'core' || !file.complete) return null;
  let end = 0;
  for (const { offset, size } of stretches(file)) if (size > 0 && offset + size > end) end = offset + size;
  const { size } = file.input;
  if (end >= size) return null;
  because['overlay'] = 'bytes after the last segment, table and signature';
  return { offset: file.input.start + end, size: size - end };
}
