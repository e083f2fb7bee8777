// One file's map: opened, inspected, mapped, closed.

import type { InspectInput } from '../bytes/given.ts';
import { open } from '../bytes/open.ts';
import type { FileMap } from '../model/regions.ts';
import { limitsOf } from './examine.ts';
import type { MapFileOptions } from './examine.ts';
import { inspect } from './inspect-file.ts';
import { mapSource } from './map.ts';

/**
 * Shows where a file's bytes are: every byte in exactly one region, regions within regions, as the headers and tables have it.
 * Offsets and sizes are in bytes, from the start of the file. Rejects as `inspect` does.
 *
 * @example
 * const { regions } = await mapFile('app');
 * console.log(regions.map(({ name, offset, size }) => `${name} ${offset} ${size}`));
 */
export async function mapFile(input: InspectInput, options: MapFileOptions = {}): Promise<FileMap> {
  const limits = limitsOf(options);
  const opened = await open(input);
  try {
    const inspection = await inspect(opened.source, options);
    const { signal } = options;
    return await mapSource(opened.source, { ...inspection, path: opened.path }, { limits, ...(signal === undefined ? {} : { signal }) });
  } finally {
    await opened.close();
  }
}
