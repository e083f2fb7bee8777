// Whether a file runs on a machine: findings, and what a person would see.

import type { Finding } from './verdict.ts';

/** A finding about whether a file runs, with what a person would see and what could be done. */
export interface RunsFinding extends Finding {
  /** What the system itself says when the file is started; null where it says nothing, or starts it. */
  readonly systemSays: string | null;
  /** What would help. */
  readonly advice: string | null;
}

/** Whether a file runs on a machine. `findings` are in the order in which the system meets them. */
export interface RunsVerdict {
  /** Whether everything that was asked passes. */
  readonly ok: boolean;
  /** The first failure, or else the first thing that could not be told, or that it runs. */
  readonly headline: string;
  /** What came of each question. */
  readonly findings: readonly RunsFinding[];
  /** What nobody could judge from the file and the machine alone. */
  readonly notJudged: readonly string[];
}

/** What came of one file that `binspect runs` was given. */
export interface RunsReport extends RunsVerdict {
  /** Of this shape; fields may be added without a new one. */
  readonly schemaVersion: 1;
  /** As it was given. */
  readonly path: string;
  /** What the file is for: 'linux/arm64'; null where it is no program. */
  readonly target: string | null;
  /** The machine that it was held against: 'linux/amd64'. */
  readonly host: string;
}
