// The finest word for an archive: 'wheel' rather than 'zip', 'tar.gz' rather than 'gz'.

import type { Codecs } from '../bytes/codecs.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { shownName } from '../model/container.ts';
import { KindSigns } from './kinds.ts';
import { Budget, Remarks } from './member.ts';
import { HEAD, openContainer } from './open-container.ts';

const MOST_NAMES = 1000; // members whose names are looked at
const MOST_UNPACKED = 4 * 1024 * 1024; // bytes that it may take to get at them

/** What an archive is by its first members' names; null where it can't be determined. `name` is the archive's own. */
export async function containerWord(source: ByteSource, name: string, codecs: Codecs, limits: Limits, signal: AbortSignal | undefined): Promise<string | null> {
  let signs: KindSigns | null = null;
  let format: string | null = null;
  try {
    const budget = new Budget({ ...limits, archiveBytes: MOST_UNPACKED }, codecs, signal);
    const head = await source.read(0, Math.min(HEAD, source.size));
    const opened = await openContainer({ name, source, head, open: () => Promise.reject(new BinspectError('invalid-argument', 'read it by positions')) }, budget, new Remarks(0));
    if (opened === null) return null;
    format = opened.format;
    signs = new KindSigns(format);
    let count = 0;
    for await (const member of opened.members) {
      signs.see(shownName(member.name));
      if (++count === MOST_NAMES) break;
    }
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code === 'aborted') throw error; // what is damaged is shown by what was read of it
  }
  return signs?.kind(name) ?? format;
}
