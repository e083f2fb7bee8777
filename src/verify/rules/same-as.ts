// The rule about another build: whether the file is the same as one that is named, but for what may differ.

import { IGNORABLE } from '../../model/comparison.ts';
import type { Comparison, Ignorable } from '../../model/comparison.ts';
import { failed, passed, shown, text, unknown } from './check.ts';
import type { Fail, Outcome, Rule, Rules } from './check.ts';
import { nearest } from '../../model/nearest.ts';

/** The file that another has to be the same as, and what may differ. */
export interface Same {
  readonly file: string;
  readonly ignore: readonly Ignorable[];
}

const KEYS: readonly string[] = ['file', 'ignore'];

/** Reads the rule's value where that names a file; null where it is a comparison that was made already. */
export function readSame(value: unknown, fail: Fail): Same | null {
  if (typeof value === 'string') return { file: text(value, fail), ignore: [] };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(`a path is wanted, or an object with file and ignore, not ${shown(value)}`);
  if ('verdict' in value && 'equal' in value) return null;
  for (const key of Object.keys(value)) {
    if (KEYS.includes(key)) continue;
    const near = nearest(key, KEYS);
    fail(`unknown key ${shown(key)}${near === null ? '' : `; did you mean ${JSON.stringify(near)}?`}`);
  }
  const { file, ignore = [] } = value as { file?: unknown; ignore?: unknown };
  if (!Array.isArray(ignore)) return fail(`ignore is a list, not ${shown(ignore)}`);
  for (const word of ignore as unknown[]) {
    if (IGNORABLE.includes(word as Ignorable)) continue;
    const near = typeof word === 'string' ? nearest(word, IGNORABLE) : null;
    fail(`ignore takes ${IGNORABLE.join(', ')}, not ${shown(word)}${near === null ? '' : `; did you mean ${near}?`}`);
  }
  return { file: text(file, fail), ignore: ignore as Ignorable[] };
}

function expectedText(file: string, ignore: readonly Ignorable[]): string {
  return `the same as ${file}${ignore.length === 0 ? '' : ` but for ${ignore.join(', ')}`}`;
}

const MOST_REGIONS = 5;

function outcomeOf(comparison: Comparison | string | undefined, file: string): Outcome {
  if (comparison === undefined) return unknown(`it was not compared with ${file}: verifyFiles and the command do that, verify takes the comparison itself`);
  if (typeof comparison === 'string') return unknown(comparison);
  const { verdict, equal, regions, unexplained, explained, remarks } = comparison;
  if (verdict === 'incomparable') return failed(verdict, null, remarks[0] ?? null);
  const own = regions.filter(({ consequence }) => !consequence);
  const named = own.slice(0, MOST_REGIONS).map(({ path }) => path);
  const evidence = named.length === 0 ? null : `${explained + unexplained} bytes differ, in ${named.join(', ')}${own.length > named.length ? ` and ${own.length - named.length} more regions` : ''}`;
  return equal ? passed(verdict, evidence) : failed(verdict, evidence);
}

const sameAs: Rule = (value, fail) => {
  const same = readSame(value, fail);
  if (same !== null) return ({ compared }) => [{ expected: expectedText(same.file, same.ignore), from: null, judge: { file: () => outcomeOf(compared?.get(sameKey(same)), same.file) } }];
  const comparison = value as Comparison;
  const { a, b, ignored } = comparison;
  return () => [
    {
      expected: expectedText(a.path ?? 'the other file', ignored),
      from: null,
      judge: { file: ({ sha256 }) => (sha256 !== null && sha256 !== a.sha256 && sha256 !== b.sha256 ? unknown('the comparison is one of other files') : outcomeOf(comparison, a.path ?? 'the other file')) },
    },
  ];
};

/** What comparisons are found by. */
export function sameKey({ file, ignore }: Same): string {
  return JSON.stringify([file, ignore]);
}

export const SAME_RULES: Rules<'sameAs'> = { sameAs };
