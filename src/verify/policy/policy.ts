// Policies: read from JSON, refused whole where anything in them is not as it should be.

import { BinspectError } from '../../errors.ts';
import { nearest } from '../../model/nearest.ts';
import { EXPECTATION_KEYS, RULE_IDS } from '../../model/rules.ts';
import type { Artifact, Policy, PolicyExpectations, PolicySums, Waiver } from '../../model/verdict.ts';
import { globProblem } from '../glob.ts';
import { shown, text, texts } from '../rules/check.ts';
import type { Fail } from '../rules/check.ts';
import { readExpectations, unknownKey } from '../rules/rules.ts';
import { placeOf, placeText, pointerTo, readJson } from './reader.ts';

/** Throws what is wrong at a place, which is a JSON Pointer, or with its key. */
type PlaceFail = (pointer: string, message: string, ofKey?: boolean) => never;

/** The most characters of a policy: it is written by people, or by --init for some thousand files. */
const LARGEST = 16 * 1024 * 1024;

/**
 * Reads a policy. Throws BinspectError `invalid-policy` with line and column: nothing is checked by half a policy.
 *
 * @example
 * const policy = parsePolicy('{ "version": 1, "artifacts": [{ "files": ["dist/*"] }] }');
 * console.log(policy.artifacts?.map(({ files }) => files)); // hand it to verifyFiles
 */
export function parsePolicy(source: string): Policy {
  if (source.length > LARGEST) throw new BinspectError('invalid-policy', `it has ${source.length} characters, where a policy has at most ${LARGEST}`);
  const at = (position: number, message: string): never => {
    throw new BinspectError('invalid-policy', `${placeText(placeOf(source, position))}: ${message}`, { offset: position });
  };
  const { value, positionOf } = readJson(source, (message, position) => at(position, message));
  return readPolicy(value, (pointer, message, ofKey) => at(positionOf(pointer, ofKey) ?? 0, message));
}

/** Checks a policy that was not read from a text. Throws `invalid-policy` with the place as a JSON Pointer. */
export function checkPolicy(policy: unknown): Policy {
  return readPolicy(policy, (pointer, message) => {
    throw new BinspectError('invalid-policy', `${pointer === '' ? 'the policy' : pointer}: ${message}`);
  });
}

/** An object with no other keys than those. */
function objectOf<Key extends string>(value: unknown, pointer: string, keys: readonly Key[], fail: PlaceFail): Readonly<Partial<Record<Key, unknown>>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(pointer, `an object is wanted, not ${shown(value)}`);
  for (const key of Object.keys(value)) {
    if ((keys as readonly string[]).includes(key)) continue;
    const misplaced = (EXPECTATION_KEYS as readonly string[]).includes(key);
    fail(pointerTo(pointer, key), misplaced ? `${shown(key)} is an expectation: it belongs into "defaults" or an artifact's "expect"` : unknownKey(key, keys), true);
  }
  return value as Readonly<Partial<Record<Key, unknown>>>;
}

function listOf(value: unknown, pointer: string, fail: PlaceFail): readonly unknown[] {
  return Array.isArray(value) ? value : fail(pointer, `a list is wanted, not ${shown(value)}`);
}

function oneOf<const Word extends string>(value: unknown, words: readonly Word[], fail: Fail): Word {
  if ((words as readonly unknown[]).includes(value)) return value as Word;
  const near = typeof value === 'string' ? nearest(value, words) : null;
  return fail(`one of ${words.map((word) => JSON.stringify(word)).join(', ')} is wanted, not ${shown(value)}${near === null ? '' : `; did you mean ${JSON.stringify(near)}?`}`);
}

function readPolicy(value: unknown, fail: PlaceFail): Policy {
  const policy = objectOf(value, '', ['$schema', 'version', 'defaults', 'artifacts', 'unmatched', 'sums', 'waivers'], fail);
  if (policy.version !== 1) fail('version' in policy ? '/version' : '', `"version": 1 is wanted, ${'version' in policy ? `not ${shown(policy.version)}` : 'as the first thing to say'}`);
  if (policy.$schema !== undefined) text(policy.$schema, failingAt('/$schema', fail));
  return {
    version: 1,
    defaults: policy.defaults === undefined ? undefined : expectationsOf(policy.defaults, '/defaults', fail),
    artifacts: policy.artifacts === undefined ? undefined : artifactsOf(policy.artifacts, fail),
    unmatched: policy.unmatched === undefined ? undefined : oneOf(policy.unmatched, ['error', 'ignore'], failingAt('/unmatched', fail)),
    sums: policy.sums === undefined ? undefined : sumsOf(policy.sums, fail),
    waivers: policy.waivers === undefined ? undefined : listOf(policy.waivers, '/waivers', fail).map((waiver, i) => waiverOf(waiver, `/waivers/${i}`, fail)),
  };
}

function failingAt(pointer: string, fail: PlaceFail): Fail {
  return (message) => fail(pointer, message);
}

function expectationsOf(value: unknown, pointer: string, fail: PlaceFail): PolicyExpectations {
  readExpectations(value, (key, message) => (key === '' ? fail(pointer, message) : fail(pointerTo(pointer, key), message, message.startsWith('unknown key'))));
  return value as PolicyExpectations;
}

function artifactsOf(value: unknown, fail: PlaceFail): Artifact[] {
  const list = listOf(value, '/artifacts', fail);
  if (list.length === 0) fail('/artifacts', 'at least one artifact is wanted, not an empty list');
  return list.map((item, i) => {
    const pointer = `/artifacts/${i}`;
    const artifact = objectOf(item, pointer, ['files', 'count', 'expect'], fail);
    if (artifact.files === undefined) fail(pointer, 'an artifact without "files"');
    const { count } = artifact;
    if (count !== undefined && !(Number.isSafeInteger(count) && (count as number) > 0)) fail(`${pointer}/count`, `a count above 0 is wanted, not ${shown(count)}`);
    return {
      files: globsOf(artifact.files, `${pointer}/files`, fail),
      count: count as number | undefined,
      expect: artifact.expect === undefined ? undefined : expectationsOf(artifact.expect, `${pointer}/expect`, fail),
    };
  });
}

function globsOf(value: unknown, pointer: string, fail: PlaceFail): readonly string[] {
  return texts(value, failingAt(pointer, fail)).map((glob) => {
    const problem = glob.replaceAll('[\\]', '').includes('\\') ? 'folders are separated by /, also on Windows' : globProblem(glob);
    return problem === null ? glob : fail(pointer, `${problem}: ${shown(glob)}`);
  });
}

function sumsOf(value: unknown, fail: PlaceFail): PolicySums {
  const sums = objectOf(value, '/sums', ['file', 'coverage'], fail);
  if (sums.file === undefined) fail('/sums', 'sums without "file"');
  return {
    file: text(sums.file, failingAt('/sums/file', fail)),
    coverage: sums.coverage === undefined ? undefined : oneOf(sums.coverage, ['both', 'listed', 'present'], failingAt('/sums/coverage', fail)),
  };
}

function waiverOf(value: unknown, pointer: string, fail: PlaceFail): Waiver {
  const waiver = objectOf(value, pointer, ['rule', 'files', 'reason', 'expires'], fail);
  for (const key of ['rule', 'files', 'reason', 'expires'] as const) if (waiver[key] === undefined) fail(pointer, `a waiver without "${key}"`);
  const expires = text(waiver.expires, failingAt(`${pointer}/expires`, fail));
  if (!isDate(expires)) fail(`${pointer}/expires`, `a day like "2027-03-01" is wanted, not ${shown(expires)}`);
  return {
    rule: oneOf(waiver.rule, RULE_IDS, failingAt(`${pointer}/rule`, fail)),
    files: globsOf(waiver.files, `${pointer}/files`, fail),
    reason: text(waiver.reason, failingAt(`${pointer}/reason`, fail)),
    expires,
  };
}

/** Whether a text is a day of the calendar: no 30th of February. */
function isDate(day: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return false;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
