// What was appended to a Mach-O file, and what tools put into it for the program to run.

import { appendedPayload, bunSection, denoData, nodeBlob, pyInstallerPackage } from '../../bytes/payload.ts';
import type { Payload } from '../../bytes/payload.ts';
import type { Kind } from '../../model/binary.ts';
import type { Overlay } from '../../model/identity.ts';
import { LC } from '../constants.ts';
import { dataOf } from '../file.ts';
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

/**
 * Bytes after everything that the load commands speak of. In a universal file, of the slice: what is appended to the whole belongs to none. `all`: also what
 * only bytes in the midst of the file tell.
 */
export function overlay(file: MachOFile, kind: Kind, all: boolean, because: Record<string, string>): Overlay | null {
  if (kind === 'core' || !file.complete) return null;
  let end = 0;
  for (const { offset, size } of stretches(file)) if (size > 0 && offset + size > end) end = offset + size;
  const { size, start } = file.input;
  const known = kind === 'executable' || kind === 'shared-library' || kind === 'bundle' ? inside(file, all) : null;
  const payload = known === null && all && end < size && kind === 'executable' ? appendedPayload(file.input, end, size - end) : null;
  if (known !== null) {
    because['overlay'] = known.because;
    return { offset: start + known.offset, size: known.size, kind: known.kind, inHeaders: true };
  }
  if (end >= size) return null;
  because['overlay'] = `bytes after the last segment, table and signature${payload === null ? '' : `: ${payload.because}`}`;
  return { offset: start + end, size: size - end, kind: payload?.kind ?? null, inHeaders: false };
}

/** What tools put into sections of their own; PyInstaller's package ends what linkers leave for symbols, before the signature. */
function inside(file: MachOFile, all: boolean): Payload | null {
  const { input, segments } = file;
  for (const { header, sections } of segments) {
    for (const { name, offset, size } of sections) {
      const where = `the section ${header.name},${name}`;
      const payload =
        name === '__NODE_SEA_BLOB' ? nodeBlob(input, offset, size, where) : name === '__bun' && header.name === '__BUN' ? bunSection(input, offset, size, where) : header.name === '__SUI' || name === DENO ? denoData(input, offset, size, where) : null;
      if (payload !== null) return payload;
    }
  }
  const linked = all ? segments.find(({ header }) => header.name === '__LINKEDIT') : undefined;
  if (linked === undefined) return null;
  const { offset, fileSize } = linked.header;
  const end = Math.min(dataOf(file, LC.CODE_SIGNATURE)?.offset ?? Infinity, offset + fileSize);
  return end <= offset ? null : pyInstallerPackage(input, offset, end - offset, 'the segment __LINKEDIT');
}

const DENO = 'd3n0l4nd';
