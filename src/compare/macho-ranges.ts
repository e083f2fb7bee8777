// What a Mach-O file has that distinguishes one build from another: its UUID, the time stamps of libraries, Go's build id.

import type { Input } from '../bytes/input.ts';
import { DYLIB_USE_MARKER, LC } from '../macho/constants.ts';
import { openMachO } from '../macho/file.ts';
import { hexText, identityRange, timeText } from './named-range.ts';
import type { NamedRange } from './named-range.ts';

/** Commands of libraries, whose time stamp stands behind the position of the name. */
const LIBRARIES: ReadonlySet<number> = new Set([LC.ID_DYLIB, LC.LOAD_DYLIB, LC.LOAD_WEAK_DYLIB, LC.REEXPORT_DYLIB, LC.LAZY_LOAD_DYLIB, LC.LOAD_UPWARD_DYLIB]);

const UUID = { AT: 8, SIZE: 16 } as const;
const TIME_AT = 12;

export function machORanges(image: Input): NamedRange[] {
  const { input, commands, uuid } = openMachO(image);
  const ranges: NamedRange[] = [];
  let numbered = 0;
  for (const { type, offset, size } of commands) {
    if (type === LC.UUID && uuid !== null && size >= UUID.AT + UUID.SIZE && ranges.every(({ what }) => what !== 'UUID')) {
      const text = hexText(input.read(offset + UUID.AT, UUID.SIZE, 'UUID').bytes());
      ranges.push(identityRange(input.start + offset + UUID.AT, UUID.SIZE, 'UUID', text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-').toUpperCase()));
    } else if (LIBRARIES.has(type) && size >= TIME_AT + 4) {
      const time = input.read(offset + TIME_AT, 4, 'library').u32(0);
      numbered++;
      if (time === DYLIB_USE_MARKER) continue; // no time: it says how the library is used
      ranges.push(identityRange(input.start + offset + TIME_AT, 4, `library ${numbered}'s time stamp`, timeText(time)));
    }
  }
  return ranges;
}
