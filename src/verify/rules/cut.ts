// Whether a file was read whole: what is cut short passes nothing.

import type { Inspection } from '../../model/binary.ts';
import { doubtOf } from '../../model/warning.ts';
import type { Warning } from '../../model/warning.ts';

/** The warning that says that a file is cut short: it ends before bytes that its headers name. Null where none does. */
export function cutShort({ binaries, warnings }: Pick<Inspection, 'binaries' | 'warnings'>): Warning | null {
  return doubtOf([...warnings, ...binaries.flatMap((binary) => binary.warnings)], ['size']);
}
