// Whether a program needs other modules.

import type { Kind, Linkage } from '../../model/binary.ts';
import type { ImportTable } from '../imports.ts';

/**
 * Static means: no imports, delayed ones neither. Firmware's programs and most drivers of firmware are; a program for Windows
 * hardly ever is, since system calls go through a DLL. A table that can't be read to its first entry says nothing.
 */
export function linkage(kind: Kind, imports: ImportTable, delayed: ImportTable, because: Record<string, string>): Linkage | null {
  const told = (value: Linkage | null, reason: string): Linkage | null => {
    because['linkage'] = reason;
    return value;
  };
  if (kind === 'shared-library') return told('dynamic', 'it is a shared library');
  if (kind !== 'executable' && kind !== 'driver') return null;
  if (imports.count > 0) return told('dynamic', `${imports.count} import descriptors`);
  if (delayed.count > 0) return told('dynamic', `${delayed.count} delay-load descriptors, and no other imports`);
  if (!imports.complete || !delayed.complete) return told(null, 'unknown: the import tables can\'t be read');
  return told('static', 'there are no imports');
}
