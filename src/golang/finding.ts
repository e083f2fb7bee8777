// What is found of Go in one image or module, as plain data.

import type { GoBuild } from '../model/binary.ts';
import type { Warning } from '../model/warning.ts';
import type { Modules } from './modules.ts';
import type { Target } from './target.ts';

export interface GoFinding {
  /** Null: no trace of Go. */
  readonly go: GoBuild | null;
  /** What told it: `go`, and `goVersion` where a version or its range is known. */
  readonly because: Readonly<Record<string, string>>;
  /** GOOS and GOARCH by the runtime's own files, where no settings say them. */
  readonly target: Target;
  readonly warnings: readonly Warning[];
}

export const NOWHERE: Target = { os: null, arch: null };
export const NOTHING: GoFinding = { go: null, because: {}, target: NOWHERE, warnings: [] };
export const NO_MODULES: Modules = { path: null, main: null, deps: [], settings: [] };

/** What is said of a program. */
export function buildOf(version: string | null, buildInfo: GoBuild['buildInfo'], { path, main, deps, settings }: Modules, buildId: string | null): GoBuild {
  return { version, buildInfo, path, main, deps, settings, buildId };
}
