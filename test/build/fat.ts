// Makes universal Mach-O files for tests: both tables, with any lie in them.

import { MAGIC } from '../../src/macho/constants.ts';
import { MachOWriter } from './macho.ts';

export interface SlicePlan {
  cpuType: number;
  cpuSubtype?: number;
  bytes?: Uint8Array;
  /** Where they are placed, and the size that is told of them, where these aren't given. */
  offset?: number | bigint;
  size?: number | bigint;
}

export interface FatPlan {
  wide?: boolean;
  magic?: number;
  /** nfat_arch, where it shall lie. */
  count?: number;
  slices?: readonly SlicePlan[];
  /** Whether the file ends behind the table. */
  tableOnly?: boolean;
}

/** Builds a universal file. Slices are placed one behind the other, each at a multiple of 64. */
export function buildFat({ wide = false, magic, count, slices = [], tableOnly = false }: FatPlan): Uint8Array {
  const table = new MachOWriter(false, wide);
  table.u32(magic ?? (wide ? MAGIC.FAT_MAGIC_64 : MAGIC.FAT_MAGIC), count ?? slices.length);
  const contents: { at: number; bytes: Uint8Array }[] = [];
  let end = 8 + slices.length * (wide ? 32 : 20);
  for (const { cpuType, cpuSubtype = 3, bytes = new Uint8Array(0), offset, size } of slices) {
    const at = Math.ceil(end / 64) * 64;
    if (offset === undefined) {
      contents.push({ at, bytes });
      end = at + bytes.length;
    }
    table.u32(cpuType, cpuSubtype).word(offset ?? at).word(size ?? bytes.length).u32(6);
    if (wide) table.u32(0);
  }
  const file = new Uint8Array(tableOnly ? table.bytes.length : Math.max(end, table.bytes.length));
  file.set(table.bytes);
  if (!tableOnly) for (const { at, bytes } of contents) file.set(bytes, at);
  return file;
}
