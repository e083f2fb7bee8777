// The newest glibc version that a file asks for, by the versions of the symbols that it needs.

import { DT } from '../constants.ts';
import { dynamicText, hasTag, lastValue } from '../file.ts';
import type { ElfFile } from '../file.ts';
import { NEEDED_VERSION_SIZE, readNeededVersion, readVersionNeed, VERSION_NEED_SIZE } from '../structures.ts';

/** vna_flags: nobody minds if the version is not there. */
const VER_FLG_WEAK = 2;

/** Versions that name a feature, and the glibc that brought it. */
const FEATURES: Readonly<Record<string, string>> = { GLIBC_ABI_DT_RELR: '2.36' };

const GLIBC_VERSION = /^GLIBC_(\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)$/;

/** A version that a file needs, and the library that has to have it. */
interface Needed {
  readonly version: string;
  readonly library: string;
}

/**
 * What DT_VERNEED asks for, in the file's order; weak versions left out, as the loader does without them. The links are followed
 * as it follows them, to the one that is 0, whatever the counts say. They only go forwards, so the segment's end bounds them. Null,
 * with a warning, where the table can't be read to its end.
 */
function neededVersions(file: ElfFile): Needed[] | null {
  const { input, memory, dynamic } = file;
  const address = lastValue(dynamic?.entries ?? [], DT.VERNEED);
  if (address === null) return [];
  const start = memory.offsetOf(address);
  const size = memory.backed(address);
  const bad = (why: string): null => {
    input.warn('version-table', `DT_VERNEED 0x${address.toString(16)}: ${why}`, start);
    return null;
  };
  if (start === null) return bad('it is in no segment');
  const needed: Needed[] = [];
  let entries = 0;
  for (let at = 0, next = -1; next !== 0; at += next) {
    if (at + VERSION_NEED_SIZE > size) return bad(`a library's entry lies at 0x${at.toString(16)}, ${size} bytes follow in the segment`);
    const need = readVersionNeed(input.read(start + at, VERSION_NEED_SIZE, 'version needs').cursor());
    const library = dynamicText(file, BigInt(need.file), 'library of a symbol version');
    for (let versionAt = at + need.firstVersion, link = -1; link !== 0; versionAt += link) {
      if (++entries > input.limits.tableEntries) return bad(`more than ${input.limits.tableEntries} versions`);
      if (versionAt + NEEDED_VERSION_SIZE > size) return bad(`a version lies at 0x${versionAt.toString(16)}, ${size} bytes follow in the segment`);
      const one = readNeededVersion(input.read(start + versionAt, NEEDED_VERSION_SIZE, 'needed version').cursor());
      const version = dynamicText(file, BigInt(one.name), 'symbol version');
      if (library === null || version === null) return bad('a name in it can not be read');
      if ((one.flags & VER_FLG_WEAK) === 0) needed.push({ version, library });
      link = one.next;
    }
    next = need.next;
  }
  return needed;
}

/** Whether one version of glibc is newer than another, number by number: 2.9 is older than 2.17. */
function isNewer(version: string, than: string): boolean {
  const [a, b] = [version.split('.').map(Number), than.split('.').map(Number)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/**
 * The newest GLIBC_ version that the loader will look for: '2.34'. Null where none is asked for, and `because` says so; or where the
 * table can't be read, and `because` says nothing. What a program looks up while it runs is not in it.
 */
export function minimumGlibc(file: ElfFile, because: Record<string, string>): string | null {
  if (file.dynamic === null) return null;
  const needed = neededVersions(file);
  if (needed === null) return null;
  let newest: string | null = null;
  let reason = hasTag(file, DT.VERNEED) ? 'no GLIBC_ version is among the symbol versions that it asks for' : 'it asks for no symbol versions: there is no DT_VERNEED';
  for (const { version, library } of needed) {
    const number = GLIBC_VERSION.exec(version)?.[1] ?? FEATURES[version];
    if (number === undefined || (newest !== null && !isNewer(number, newest))) continue;
    newest = number;
    reason = `${version} from ${library}`;
  }
  because['minimums.glibc'] = reason;
  return newest;
}
