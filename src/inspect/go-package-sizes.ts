// Which packages of a Go program take how much of its code: the table found through the file's map.

import type { InspectInput } from '../bytes/given.ts';
import { readFrom } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import { findPclntab, goPackages } from '../golang/package-sizes.ts';
import type { GoPackageSize } from '../golang/package-sizes.ts';
import type { FileMap, Region } from '../model/regions.ts';
import { leavesOf } from '../render/map-rows.ts';
import { openInput } from './open-input.ts';

/** Where the table lies by name (ELF, Mach-O), and where it has to be looked for (PE, and programs linked otherwise). */
const NAMED = /^(\.data\.rel\.ro)?\.gopclntab$|^__gopclntab$/;
const SEARCHED = /^(\.rdata|\.rodata|\.data|\.text|\.data\.rel\.ro|__rodata|__const)$/;

const MOST = 512 * 1024 * 1024; // bytes of a table, held in memory

/** A program, or a slice of a universal file, and its packages. */
export interface GoPackages {
  /** The slice's name; null for a file that is not universal. */
  readonly slice: string | null;
  readonly packages: readonly GoPackageSize[];
}

/**
 * The packages of each program of a mapped file, the largest first. Rejects with `unsupported` where there is no table of Go's, or one of a form that
 * is not understood.
 */
export async function goPackageSizes(input: InspectInput, { regions }: FileMap): Promise<GoPackages[]> {
  const opened = await openInput(input, {});
  try {
    const { source } = opened;
    const read = (region: Region): Promise<Uint8Array> => readFrom(source, region.offset as number, Math.min(region.size, source.size - (region.offset as number)));
    const packagesIn = async (list: readonly Region[]): Promise<readonly GoPackageSize[] | null> => {
      const leaves = [...leavesOf(list)].filter(({ size }) => size <= MOST);
      for (const region of [...leaves.filter(({ name }) => NAMED.test(name)), ...leaves.filter(({ name }) => SEARCHED.test(name))]) {
        const bytes = await read(region);
        const at = findPclntab(bytes);
        const packages = at === -1 ? null : goPackages(bytes.subarray(at));
        if (packages !== null && packages.length > 0) return packages;
      }
      return null;
    };
    const slices = regions.filter(({ kind }) => kind === 'slice');
    const parts = slices.length === 0 ? [{ slice: null, list: regions }] : slices.map(({ name, children }) => ({ slice: name, list: children }));
    const found: GoPackages[] = [];
    for (const { slice, list } of parts) {
      const packages = await packagesIn(list);
      if (packages !== null) found.push({ slice, packages });
    }
    if (found.length > 0) return found;
    throw new BinspectError('unsupported', "there is no table of functions as Go's linker writes it", { offset: 0 });
  } finally {
    await opened.close();
  }
}
