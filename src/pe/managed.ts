// The header of .NET.

import { DIRECTORY, METADATA_SIGNATURE } from './constants.ts';
import { directory } from './file.ts';
import type { PeFile } from './file.ts';
import { CLR_HEADER_SIZE, readClrHeader } from './structures.ts';
import type { ClrHeader } from './structures.ts';

/**
 * The .NET header. Null where there is none, and, with a warning, where what stands there is no such header.
 */
export function readManaged(file: PeFile, modules: readonly string[]): ClrHeader | null {
  const { input, memory } = file;
  const found = directory(file, DIRECTORY.COM_DESCRIPTOR);
  if (found === null) {
    if (modules.length === 1 && /^mscoree(\.dll)?$/i.test(modules[0] as string)) {
      input.warn('managed-unknown', 'the only import is mscoree.dll, and there is no .NET header: whether this is .NET code can\'t be told');
    }
    return null;
  }
  const bytes = memory.read(BigInt(found.address), CLR_HEADER_SIZE, '.NET header');
  const header = bytes === null ? null : readClrHeader(bytes.cursor());
  const signature = header === null ? null : memory.read(BigInt(header.metadata), 4, '.NET metadata');
  if (header !== null && header.size >= CLR_HEADER_SIZE && signature?.u32(0) === METADATA_SIGNATURE) return header;
  input.warn('clr-header', `a .NET header at RVA 0x${found.address.toString(16)} that is none`, memory.offsetOf(BigInt(found.address)));
  return null;
}
