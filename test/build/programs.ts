// Small executables to put into archives, each told apart by its machine.

import { EM } from '../../src/elf/constants.ts';
import { buildElf } from './elf.ts';

/** An ELF program for amd64. */
export const AMD64: Uint8Array = buildElf({ machine: EM.X86_64, interpreter: '/lib64/ld-linux-x86-64.so.2' });

/** An ELF program for arm64. */
export const ARM64: Uint8Array = buildElf({ machine: EM.AARCH64, interpreter: '/lib/ld-linux-aarch64.so.1' });

/** A program for amd64 with so many bytes behind it. */
export function padded(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(AMD64);
  for (let at = AMD64.length; at < size; at += 997) bytes[at] = at % 251;
  return bytes;
}
