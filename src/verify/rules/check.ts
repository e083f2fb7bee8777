// What a check is: one expectation about one fact, ready to be held against binaries.

import type { Binary, Inspection } from '../../model/binary.ts';
import type { Comparison } from '../../model/comparison.ts';
import type { Expectations, Finding, PackagePlatforms } from '../../model/verdict.ts';

/** What a check says. */
export interface Outcome {
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly found: string | null;
  /** What in the file says so. */
  readonly evidence: string | null;
  /** Why, where expected and found do not say it themselves. */
  readonly note: string | null;
  /** Whether it stays so where the facts are in doubt: what was found is there, and wrong, whatever else there may be. */
  readonly firm?: true;
}

/** What of an inspection rules look at. A file that is no program has no binaries. */
export type Facts = Pick<Inspection, 'size' | 'sha256' | 'universal' | 'binaries' | 'warnings'>;

/** One thing that is expected. */
export interface Check {
  readonly expected: string;
  /** Where the expectation comes from, where that is not who asked for the rule. */
  readonly from: string | null;
  readonly judge:
    | { readonly file: (facts: Facts) => Outcome }
    | { readonly slice: (binary: Binary) => Outcome }
    /** For a rule that comes to findings under ids of their own; `from` says where the expectation comes from. */
    | { readonly findings: (facts: Facts, from: string) => readonly Finding[] };
}

/** What is known of a file before it is read. */
export interface Subject {
  readonly path: string | null;
  readonly packageJson: PackagePlatforms | null;
  /** What came of comparing it with others, by `sameKey`; why where one could not be. Not there where nothing was compared. */
  readonly compared?: ReadonlyMap<string, Comparison | string>;
}

/** A rule with its value: the checks that it comes to for a file. Of a file that could not be read there are no facts, but why. */
export type Prepared = (subject: Subject, facts: Facts | string) => readonly Check[];

/** Throws what is wrong with a value. */
export type Fail = (message: string) => never;

/** Reads a rule's value. Null where the value switches the rule off. */
export type Rule = (value: unknown, fail: Fail) => Prepared | null;

/** Some rules by their ids. */
export type Rules<Id extends keyof Expectations> = Readonly<Record<Id, Rule>>;

export function passed(found: string, evidence: string | null): Outcome {
  return { status: 'pass', found, evidence, note: null };
}

export function failed(found: string | null, evidence: string | null, note: string | null = null): Outcome {
  return { status: 'fail', found, evidence, note };
}

/** A failure that no doubt about the rest can take away. */
export function failedFirmly(found: string, evidence: string | null): Outcome {
  return { status: 'fail', found, evidence, note: null, firm: true };
}

export function unknown(note: string, evidence: string | null = null): Outcome {
  return { status: 'unknown', found: null, evidence, note };
}

const KINDS: Readonly<Record<Binary['kind'], string>> = {
  executable: 'an executable',
  'shared-library': 'a shared library',
  relocatable: 'an object file',
  core: 'a core dump',
  bundle: 'a bundle',
  driver: 'a driver',
  'debug-symbols': 'a file of debug symbols',
  other: 'this kind of file',
};

/** The question does not arise for this kind of file, so it is not what was expected. */
export function notForKind({ kind, because }: Binary): Outcome {
  return failed(kind, because['kind'] ?? null, `does not apply to ${KINDS[kind]}`);
}

/** What a packer hides. */
export function packedBy(packer: string): Outcome {
  return unknown(`it is packed (${packer}), which hides it`);
}

/** Whether a file is nothing that is loaded and run: it has neither loader nor libraries to ask for. */
export function isNotLoaded({ kind, format }: Binary): boolean {
  return kind === 'relocatable' || kind === 'core' || kind === 'debug-symbols' || (kind === 'other' && format !== 'wasm'); // libraries of WebAssembly have no mark
}

/** A check of each slice, for a rule that comes to just one. */
export function ofSlices(expected: string, slice: (binary: Binary) => Outcome): Prepared {
  return () => [{ expected, from: null, judge: { slice } }];
}

/** A check of the whole file, for a rule that comes to just one. */
export function ofFile(expected: string, file: (facts: Facts) => Outcome): Prepared {
  return () => [{ expected, from: null, judge: { file } }];
}

const LONGEST = 4096; // PATH_MAX: nobody expects a longer name, path or version, and matching costs its time

/** Reads a text that is not empty, and not endless. */
export function text(value: unknown, fail: Fail): string {
  if (typeof value !== 'string') return fail(`a text is wanted, not ${shown(value)}`);
  if (value.length > LONGEST) return fail(`a text of at most ${LONGEST} characters is wanted, not one of ${value.length}`);
  return value.trim() === '' ? fail('a text is wanted, not an empty one') : value;
}

/** Reads one text, or a list of texts, none empty. */
export function texts(value: unknown, fail: Fail): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) return fail('at least one text is wanted, not an empty list');
  return list.map((item) => text(item, fail));
}

export function yesOrNo(value: unknown, fail: Fail): boolean {
  return typeof value === 'boolean' ? value : fail(`true or false is wanted, not ${shown(value)}`);
}

/** A value in a message. */
export function shown(value: unknown): string {
  const json = JSON.stringify(typeof value === 'string' ? value.slice(0, 100) : value);
  if (json === undefined) return String(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
