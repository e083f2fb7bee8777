// How findings about running are made: one sentence each, what the system says, and a way out.

import type { Host } from '../../model/host.ts';
import type { RunsFinding } from '../../model/runs.ts';
import type { RunsRuleId } from '../../model/verdict.ts';

/** The machine that a file is held against, and how sentences call it. */
export interface Place {
  readonly host: Host;
  /** 'here' or 'there'. */
  readonly where: string;
  /** 'this' or 'that': this machine, that system. */
  readonly which: string;
  /** Where the facts about it come from: 'this machine', a file's name. */
  readonly from: string;
}

/** What one question came to. */
export interface Answer {
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly expected: string;
  readonly found: string | null;
  readonly evidence?: string | null | undefined;
  readonly message: string;
  readonly systemSays?: string | null | undefined;
  readonly advice?: string | null | undefined;
  readonly slice?: number | null | undefined;
}

/** A finding of a rule. */
export function findingOf(rule: RunsRuleId, answer: Answer, { from }: Place): RunsFinding {
  const { status, expected, found, evidence = null, message, systemSays = null, advice = null, slice = null } = answer;
  return { rule, status, expected, expectedFrom: from, found, evidence, slice, message, systemSays, advice };
}

/** 'linux/amd64'. */
export function hostText({ os, arch }: Pick<Host, 'os' | 'arch'>): string {
  return `${os}/${arch ?? '?'}`;
}

/** 'glibc 2.36'; 'an unknown C library'. */
export function libcText({ libc: { name, version } }: Host): string {
  if (name === null) return 'no C library that is known';
  return version === null ? name : `${name} ${version}`;
}
