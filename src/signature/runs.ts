// Pages that stand side by side, shown as one.

import type { ByteRange } from '../model/signature.ts';

/** A run of pages: the first one's index, and how many. */
export interface Run {
  readonly index: number;
  readonly offset: number;
  count: number;
  size: number;
}

/** Adjacent pages, as one. */
export function runsOf(pages: readonly ByteRange[]): Run[] {
  const runs: Run[] = [];
  for (const { index, offset, size } of pages) {
    const last = runs.at(-1);
    if (last !== undefined && last.index + last.count === index && last.offset + last.size === offset) {
      last.count++;
      last.size += size;
    } else {
      runs.push({ index, count: 1, offset, size });
    }
  }
  return runs;
}
