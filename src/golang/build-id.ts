// The Go build id: what the go command knows a program by.

import { find, needle, wanted } from '../bytes/search.ts';
import type { Scan } from '../bytes/search.ts';
import { decodeText } from '../bytes/text.ts';
import type { GoMemory } from './image.ts';

const MARK = needle('\xff Go build ID: "');
const END = needle('"\n \xff');
/** How far into the code the linker may put it (cmd/internal/buildid's own bound). */
const CODE_SEARCHED = 32 * 1024;
const LONGEST = 1024;

/** The build id: an ELF note's description, elsewhere a mark at the beginning of the code. Null where there is none. */
export function* readBuildId({ buildIdNote, code }: GoMemory): Scan<string | null> {
  if (buildIdNote !== null) {
    const bytes = yield* wanted(buildIdNote.at, Math.min(buildIdNote.length, LONGEST));
    return bytes.length === 0 ? null : decodeText(bytes);
  }
  if (code === null) return null;
  const bytes = yield* wanted(code.at, Math.min(code.length, CODE_SEARCHED));
  const start = find(bytes, MARK);
  const end = start === -1 ? -1 : find(bytes, END, start + MARK.bytes.length);
  if (end === -1) return null;
  const id = decodeText(bytes.subarray(start + MARK.bytes.length, end));
  return id === '' || id.length > LONGEST ? null : id;
}
