// Whether a file was read whole: what is cut short passes nothing, and what could not be read may hide something.

import type { Binary, Inspection, Warning } from '../../model/binary.ts';

/** Codes of warnings that say: the file ends before bytes that its headers name. */
const CUT = /^(truncated|(segment|section|slice)-truncated|headers-past-eof|sizeofcmds-exceeds-file|signature-outside)$/;

/** The warning that says that a file is cut short; null where none does. */
export function cutShort({ binaries, warnings }: Pick<Inspection, 'binaries' | 'warnings'>): Warning | null {
  return [...warnings, ...binaries.flatMap((binary) => binary.warnings)].find(({ code }) => CUT.test(code)) ?? null;
}

/** Codes of warnings that say: some names are missing from an answer. */
const UNREAD: ReadonlySet<string> = new Set([
  'limit-exceeded',
  'no-string', // ELF: a name that is not in the string table
  'no-dt-null',
  'string-cut',
  'string-table-unmapped',
  'version-table',
  'string-offset', // Mach-O: a name that is not in its load command
  'lc-too-small',
  'sizeofcmds-mismatch',
  'cmdsize-too-small',
  'cmdsize-exceeds-commands',
  'imports-unmapped', // PE: a table without an end
  'imports-overwritten',
  'module-name',
]);

/** The warning that says that libraries, search paths or symbol versions may be missing; null where none does. */
export function isUnread({ warnings }: Pick<Binary, 'warnings'>): Warning | null {
  return warnings.find(({ code }) => UNREAD.has(code)) ?? null;
}
