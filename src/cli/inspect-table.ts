// The table of many files: rows as they come, or in an order that was asked for; names that contradict their files marked.

import { claimedInstead, nameMemory } from '../files/misnamed.ts';
import type { Inspection } from '../model/binary.ts';
import { isHttpUrl } from '../model/url.ts';
import { renderHardening } from '../render/hardening-table.ts';
import type { HardeningItem } from '../render/hardening-table.ts';
import { tableEnd, tableHead, tableRow } from '../render/table.ts';
import { targetsText } from '../render/words.ts';
import type { Style } from '../render/words.ts';
import { quoted } from './shell-quote.ts';

/** What a table can be sorted by. */
export type Sort = 'path' | 'size' | 'target' | 'format' | 'kind';

interface Item {
  readonly inspection: Inspection;
  readonly path: string;
  readonly claimed: string | null;
}

/** How a table is to look. */
export interface TablePlan {
  readonly style: Style;
  readonly hashed: boolean;
  readonly signed: boolean;
  readonly hardening: boolean;
  /** Null: the order in which files are met. */
  readonly sort: Sort | null;
}

/** What was met beside the files of the table. */
export interface Others {
  readonly skipped: number;
  readonly failed: number;
}

export interface Table {
  /** Takes a file; gives the text that can be shown of it at once. */
  add(inspection: Inspection, path: string, inArchive: boolean): Promise<string>;
  /** The rest: rows that were held, and the sum. `paths` is what was looked at; null where there is to be no sum. */
  end(others: Others, paths: readonly string[] | null): string;
}

/** Paths that are repeated in the line to copy; where more were given, those of marked files stand there. */
const MOST_PATHS = 3;

function text(sort: Exclude<Sort, 'size'>, { inspection, path }: Item): string {
  return sort === 'path' ? path : sort === 'target' ? targetsText(inspection) : sort === 'format' ? inspection.format : (inspection.binaries[0]?.kind ?? '');
}

/** Items in an order: sizes from the largest, words from A on, and paths where those are equal. */
function sorted(items: readonly Item[], sort: Sort): Item[] {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return items.toSorted((a, b) => (sort === 'size' ? b.inspection.size - a.inspection.size : compare(text(sort, a), text(sort, b))) || compare(a.path, b.path));
}

/** A table that is empty as yet. */
export function openTable({ style, hashed, signed, hardening, sort }: TablePlan): Table {
  const memory = nameMemory();
  const held: Item[] = [];
  let binaries = 0;
  let bytes = 0;
  const misnamed: string[] = [];
  let headed = false;
  const rowText = ({ inspection, path, claimed }: Item): string => {
    const head = headed ? '' : tableHead(style, hashed, signed);
    headed = true;
    return head + tableRow(inspection, path, style, claimed);
  };
  return {
    async add(inspection, path, inArchive) {
      binaries++;
      bytes += inspection.size;
      const claimed = hardening || inArchive || path === '-' || isHttpUrl(path) ? null : await claimedInstead(path, inspection, memory);
      if (claimed !== null) misnamed.push(path);
      const item = { inspection, path, claimed };
      if (!hardening && sort === null) return rowText(item);
      held.push(item);
      return '';
    },
    end({ skipped, failed }, paths) {
      const items = sort === null ? held : sorted(held, sort);
      const rows = hardening ? renderHardening(items satisfies HardeningItem[], style) : items.map(rowText).join('');
      return rows + (binaries === 0 || paths === null ? '' : tableEnd({ binaries, bytes, skipped, failed, misnamed: misnamed.length }, (paths.length > MOST_PATHS ? misnamed.slice(0, MOST_PATHS) : paths).map(quoted), style));
    },
  };
}
