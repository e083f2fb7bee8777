// The options of `hash`: what they come to, and which do not go together.

import type { ChecksumStyle } from '../../checksums/format.ts';
import { BinspectError } from '../../errors.ts';
import { wordIn } from '../../model/names.ts';
import { excluderOf } from '../../verify/exclude.ts';
import type { Excluder } from '../../verify/exclude.ts';
import type { Values } from '../arguments.ts';

/** What the options of `hash` come to. */
export interface HashSettings {
  readonly check: boolean;
  readonly json: boolean;
  readonly jobs: number | undefined;
  readonly style: ChecksumStyle;
  readonly zero: boolean;
  readonly recursive: boolean;
  /** What is left out of folders; null where nothing is. */
  readonly exclude: Excluder | null;
  /** How much a check says: of `--quiet`, `--status` and `--warn` the last one holds. */
  readonly says: 'all' | 'quiet' | 'status' | 'warn';
  readonly ignoreMissing: boolean;
  readonly strict: boolean;
  readonly requireAll: boolean;
}

function usage(message: string): BinspectError {
  return new BinspectError('invalid-argument', message);
}

const ONLY_CHECKING = 'is meaningful only when verifying checksums';

/** Options that do not go with `--check`, and why; in the order in which sha256sum looks at them. */
const CHECK_REFUSES: readonly (readonly [string, string])[] = [
  ['zero', 'the --zero option is not supported when verifying checksums'],
  ['tag', 'the --tag option is meaningless when verifying checksums'],
  ['binary', 'the --binary and --text options are meaningless when verifying checksums'],
  ['text', 'the --binary and --text options are meaningless when verifying checksums'],
  ['recursive', 'the --recursive option is meaningless when verifying checksums'],
  ['files-from', 'the --files-from option is meaningless when verifying checksums'],
  ['exclude', 'the --exclude option is meaningless when verifying checksums'],
];

/** Options that need `--check`. */
const LIST_REFUSES: readonly (readonly [string, string])[] = ['ignore-missing', 'status', 'warn', 'quiet', 'strict', 'require-all'].map((name) => [name, `the --${name} option ${ONLY_CHECKING}`]);

function isGiven(value: Values[string]): boolean {
  return value !== undefined && value !== false;
}

function refuseOptions(values: Values, refused: readonly (readonly [string, string])[]): void {
  for (const [name, message] of refused) if (isGiven(wordIn(values, name))) throw usage(message);
}

/**
 * Reads the options. Where one overrides another the last one holds: the keys of `values` stand in the order in which they were last given.
 * Throws `invalid-argument` for options that don't go together.
 */
export function settingsOf(values: Values, operands: readonly string[]): HashSettings {
  let tag = false;
  let mode: 'text' | 'binary' | null = null;
  let says: HashSettings['says'] = 'all';
  for (const name of Object.keys(values)) {
    if (wordIn(values, name) !== true) continue;
    if (name === 'tag') tag = true;
    if (name === 'tag' || name === 'binary') mode = 'binary';
    if (name === 'text') mode = 'text';
    if (name === 'quiet' || name === 'status' || name === 'warn') says = name;
  }
  if (tag && mode === 'text') throw usage('--tag does not support --text mode');
  const check = values['check'] === true;
  const json = values['json'] === true;
  const zero = values['zero'] === true;
  const recursive = values['recursive'] === true;
  const requireAll = values['require-all'] === true;
  const listed = values['files-from'] !== undefined;
  const exclude = excluderOf((values['exclude'] as readonly string[] | undefined) ?? []);
  refuseOptions(values, check ? CHECK_REFUSES : LIST_REFUSES);
  if (exclude !== null && !recursive) throw usage('--exclude is about the folders of --recursive');
  if (recursive && operands.length === 0 && !listed) throw usage('--recursive needs the folder to hash');
  if (requireAll && operands.length < 2) throw usage('--require-all needs a list, and the files that have to be in it');
  if (json && (mode !== null || zero)) throw usage('--json has a form of its own; --tag, --binary, --text and --zero do not go with it');
  return {
    check,
    json,
    jobs: jobsOf(values['jobs']),
    style: tag ? 'tag' : (mode ?? 'text'),
    zero,
    recursive,
    exclude,
    says,
    ignoreMissing: values['ignore-missing'] === true,
    strict: values['strict'] === true,
    requireAll,
  };
}

function jobsOf(value: Values[string]): number | undefined {
  if (value === undefined) return undefined;
  const jobs = typeof value === 'string' && /^[0-9]{1,3}$/.test(value) ? Number(value) : 0;
  if (jobs < 1) throw usage(`--jobs is a whole number from 1 to 999, not '${String(value)}'`);
  return jobs;
}
