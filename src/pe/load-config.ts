// The load configuration: where compilers tell the loader about canaries, exception handlers and the targets of calls.

import { DIRECTORY } from './constants.ts';
import { padded } from './dos.ts';
import { directory } from './file.ts';
import type { PeFile } from './file.ts';
import { loadConfigSize, readLoadConfig } from './structures.ts';
import type { LoadConfig } from './structures.ts';

/**
 * The load configuration, and whether it could be read; null where there is none. It is as long as it says itself: the directory's
 * own size is wrong with old linkers.
 */
export function readLoadConfiguration(file: PeFile): { config: LoadConfig | null; complete: boolean } {
  const { input, memory } = file;
  const found = directory(file, DIRECTORY.LOAD_CONFIG);
  if (found === null) return { config: null, complete: file.complete };
  const most = loadConfigSize(input.encoding.wide);
  const size = memory.read(BigInt(found.address), 4, 'load configuration')?.u32(0) ?? 4;
  const bytes = memory.read(BigInt(found.address), Math.min(Math.max(size, 4), most), 'load configuration');
  if (bytes !== null) return { config: readLoadConfig(padded(bytes, most).cursor()), complete: true };
  input.warn('load-config-unmapped', `the load configuration of ${size} bytes at RVA 0x${found.address.toString(16)} is not in the file`);
  return { config: null, complete: false };
}
