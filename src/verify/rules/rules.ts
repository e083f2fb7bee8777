// Every rule that looks at one file, by its id.

import { BinspectError } from '../../errors.ts';
import { wordIn } from '../../model/names.ts';
import { nearest } from '../../model/nearest.ts';
import { EXPECTATION_KEYS, RULES } from '../../model/rules.ts';
import type { Expectations, RuleId } from '../../model/verdict.ts';
import { shown } from './check.ts';
import type { Prepared, Rule } from './check.ts';
import { FILE_RULES } from './file.ts';
import { GO_RULES } from './go.ts';
import { HARDENING_RULES } from './hardening.ts';
import { LIBRARY_RULES } from './libraries.ts';
import { LINKING_RULES } from './linking.ts';
import { MINIMUM_RULES } from './minimums.ts';
import { RUNS_RULES } from './runs-on.ts';
import { SAME_RULES } from './same-as.ts';
import { SIGNATURE_RULES } from './signatures.ts';
import { TARGET_RULES } from './target.ts';

const CHECKS: Readonly<Record<keyof Expectations, Rule>> = {
  ...TARGET_RULES, ...RUNS_RULES, ...LINKING_RULES, ...LIBRARY_RULES, ...MINIMUM_RULES, ...HARDENING_RULES, ...GO_RULES, ...FILE_RULES, ...SAME_RULES, ...SIGNATURE_RULES,
}; // prettier-ignore

/** A rule that is asked for, ready to be held against files. */
export interface Asked {
  readonly rule: RuleId;
  readonly prepared: Prepared;
}

/** Throws what is wrong with the value of a key. */
export type KeyFail = (key: string, message: string) => never;

/** Why a key is none of those that are known, with the nearest one that is. */
export function unknownKey(key: string, known: Iterable<string>): string {
  const near = nearest(key, known);
  return `unknown key ${shown(key)}${near === null ? '' : `; did you mean ${JSON.stringify(near)}?`}`;
}

/** Reads expectations: the rules that they ask for, in the table's order. Unknown keys are refused: a typo must not switch a check off. */
export function readExpectations(expectations: unknown, fail: KeyFail): readonly Asked[] {
  if (typeof expectations !== 'object' || expectations === null || Array.isArray(expectations)) return fail('', 'expectations are an object');
  const values = expectations as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(values)) {
    if (!(EXPECTATION_KEYS as readonly string[]).includes(key)) fail(key, unknownKey(key, EXPECTATION_KEYS));
  }
  const asked: Asked[] = [];
  for (const rule of EXPECTATION_KEYS) {
    const value = values[rule];
    if (value === undefined) continue;
    const failing = (message: string): never => fail(rule, message);
    const read = wordIn<Rule>(CHECKS, rule);
    if (read !== undefined) {
      const prepared = read(value, failing);
      if (prepared !== null) asked.push({ rule, prepared });
    } else if (typeof value !== 'boolean') failing(`true or false is wanted, not ${shown(value)}`);
  }
  return asked;
}

/** The same for one file by itself. Throws `invalid-argument`, also for rules that need several files. */
export function readOwnExpectations(expectations: unknown): readonly Asked[] {
  const fail = (key: string, message: string): never => {
    throw new BinspectError('invalid-argument', key === '' ? message : `${key}: ${message}`);
  };
  const asked = readExpectations(expectations, fail);
  for (const [key, value] of Object.entries(expectations as object)) {
    if (value !== undefined && value !== false && wordIn<Rule>(CHECKS, key) === undefined) fail(key, 'this rule is about several files; verifyFiles has it');
  }
  return asked;
}

/** How a rule is asked for on the command line: '--max-glibc', '--no-pie'. */
export function optionText(rule: keyof typeof RULES, value: unknown): string {
  const [option] = RULES[rule].options;
  if (option === undefined) return rule;
  if (rule === 'linkage') return `--${String(value)}`;
  return value === false && option.negative !== undefined ? `--no-${option.name}` : `--${option.name}`;
}
