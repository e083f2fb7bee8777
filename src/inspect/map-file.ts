// One file's map: opened, inspected, mapped, closed.

import type { InspectInput } from '../bytes/given.ts';
import { checkOptions } from '../model/options.ts';
import type { FileMap } from '../model/regions.ts';
import { limitsOf, MAP_OPTIONS } from './examine.ts';
import type { MapFileOptions } from './examine.ts';
import { inspectOpened } from './inspect-file.ts';
import { mapSource } from './map.ts';
import { openInput } from './open-input.ts';

/**
 * Shows where a file's bytes are: every byte in exactly one region, regions within regions, as the headers and tables have it.
 * Offsets and sizes are in bytes, from the start of the file. Rejects as `inspect` does.
 *
 * @example
 * const { regions } = await mapFile('app');
 * console.log(regions.map(({ name, offset, size }) => `${name} ${offset} ${size}`));
 */
export async function mapFile(input: InspectInput, options: MapFileOptions = {}): Promise<FileMap> {
  checkOptions(options, MAP_OPTIONS);
  const limits = limitsOf(options);
  const opened = await openInput(input, options);
  try {
    const inspection = await inspectOpened(opened, options, limits);
    const { signal } = options;
    return await mapSource(opened.source, inspection, { limits, ...(signal === undefined ? {} : { signal }) });
  } finally {
    await opened.close();
  }
}
