// Whether a program needs a loader.

import type { Kind, Linkage } from '../../model/binary.ts';
import type { ElfFile } from '../file.ts';
import { CUT } from './kind.ts';

/**
 * Static means: no interpreter. Libraries may be none all the same: Go's own position-independent programs need nothing but
 * the loader, and do not start where there is none. Static and position-independent together is what file(1) calls static-pie.
 */
export function linkage(file: ElfFile, kind: Kind, needed: readonly string[], because: Record<string, string>): Linkage | null {
  const told = (value: Linkage, reason: string): Linkage => {
    because['linkage'] = reason;
    return value;
  };
  if (kind === 'shared-library') return told('dynamic', 'it is a shared library');
  if (kind !== 'executable') return null;
  if (file.interpreter === '') file.input.warn('interpreter', 'PT_INTERP names no interpreter');
  if (file.interpreter !== null) return told('dynamic', file.interpreter === '' ? 'PT_INTERP is there, though it names nothing' : 'PT_INTERP names an interpreter');
  if (needed.length > 0) {
    file.input.warn('needed-without-interpreter', `${needed.length} DT_NEEDED, and no PT_INTERP to load them`);
    return told('dynamic', 'DT_NEEDED is there, though PT_INTERP is not');
  }
  if (!file.complete) {
    because['linkage'] = CUT;
    return null;
  }
  return told('static', 'there is neither PT_INTERP nor DT_NEEDED');
}
