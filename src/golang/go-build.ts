// What is said of a program built with Go: first what Go's own reader says, then what can be recovered.

import type { Scan } from '../bytes/search.ts';
import { decodeText } from '../bytes/text.ts';
import type { Limits } from '../limits.ts';
import type { GoBuild } from '../model/binary.ts';
import { warningOf } from '../model/warning.ts';
import type { Warning } from '../model/warning.ts';
import { readBuildId } from './build-id.ts';
import { GO_SAYS, readBuildInfo } from './build-info.ts';
import { findCandidates, mappedStretches } from './candidates.ts';
import type { GoMemory, GoView } from './image.ts';
import { parseModules } from './modules.ts';
import type { Modules } from './modules.ts';
import { recover } from './recover.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';

/** An image in which Go may be found. */
export interface GoCandidate {
  /** How Go's own reader sees the image; or why it refuses it. */
  readonly view: GoView | string;
  /** How the loader sees it; null where it can't be told. */
  readonly memory: GoMemory | null;
  /** What in its headers says that it is Go's; null where only a search can tell. */
  readonly sign: string | null;
  /** Whether to search for what Go's reader doesn't find whatever the headers say; else only where they or a build id say Go. */
  readonly always: boolean;
  /** Bytes of the image. */
  readonly size: number;
  /** Why `view` says less than there is. */
  readonly warnings?: readonly Warning[];
}

export interface GoFinding {
  /** Null: no trace of Go. */
  readonly go: GoBuild | null;
  /** What told it: `go`, and `goVersion` where a version or its range is known. */
  readonly because: Readonly<Record<string, string>>;
  /** GOOS and GOARCH by the runtime's own files, where no settings say them. */
  readonly target: Target;
  readonly warnings: readonly Warning[];
}

const NOWHERE: Target = { os: null, arch: null };
const NOTHING: GoFinding = { go: null, because: {}, target: NOWHERE, warnings: [] };
const NO_MODULES: Modules = { path: null, main: null, deps: [], settings: [] };

function limitPassed(message: string): Warning {
  return warningOf('limit-exceeded', message, null, ['go']);
}

function buildOf(version: string | null, buildInfo: GoBuild['buildInfo'], { path, main, deps, settings }: Modules, buildId: string | null): GoBuild {
  return { version, buildInfo, path, main, deps, settings, buildId };
}

/** Everything about Go in one image. */
export function* goBuild(candidate: GoCandidate, limits: Limits): Scan<GoFinding> {
  const { view, memory, size } = candidate;
  const passed: Warning[] = [...(candidate.warnings ?? [])];
  const onTooLong = (length: bigint): void => {
    passed.push(limitPassed(`a text of Go's build information has ${length} bytes, more than ${limits.goTextBytes}`));
  };
  const bounds = { searched: Math.min(size, limits.goSearchBytes), text: limits.goTextBytes, onTooLong };
  const stored = typeof view === 'string' ? GO_SAYS.UNRECOGNIZED : yield* readBuildInfo(view, bounds);
  const buildId = memory === null ? null : yield* readBuildId(memory);
  if (typeof stored === 'string') {
    const finding = yield* recovered(candidate, buildId, stored, limits);
    return { ...finding, warnings: [...passed, ...finding.warnings] };
  }
  const version = decodeText(stored.version);
  const because = { go: `Go's build information at address 0x${stored.address.toString(16)}`, goVersion: "Go's build information" };
  const modules = parseModules(stored.modules);
  if (typeof modules === 'string') {
    const warning = warningOf('go-build-info', `${modules}; go version says no more of this file`, null);
    return { go: buildOf(version, 'absent', NO_MODULES, buildId), because, target: NOWHERE, warnings: [warning] };
  }
  const saysTarget = modules.settings.some(({ key }) => key === 'GOOS' || key === 'GOARCH');
  const target = saysTarget || memory === null ? NOWHERE : yield* fileTarget(memory, size, limits);
  return { go: buildOf(version, 'present', modules, buildId), because, target, warnings: [] };
}

function* fileTarget(memory: GoMemory, size: number, limits: Limits): Scan<Target> {
  const { files } = yield* findCandidates(memory, mappedStretches(memory, size, limits.goSearchBytes));
  return targetOf(files, memory.little);
}

/** What can be told where Go's own reader gives `said` for an answer. */
function* recovered(candidate: GoCandidate, buildId: string | null, said: string, limits: Limits): Scan<GoFinding> {
  const { view, memory, sign, always, size } = candidate;
  const isGo = sign !== null || buildId !== null;
  if (memory === null || !(isGo || always)) return NOTHING;
  const found = yield* recover(memory, isGo, size, limits);
  const warnings: Warning[] = [];
  const warn = (message: string): void => {
    warnings.push(warningOf('go-build-info', message, null));
  };
  if (typeof view === 'string') {
    if ((candidate.warnings ?? []).length === 0) warn(`Go's own reader refuses this file: ${view}`);
  } else if (sign !== null && view.data !== null && found.modules === null) {
    warn(`Go's own reader finds nothing where its build information should be, and says: ${said}`);
  }
  if (found.doubt !== null) warn(found.doubt);
  if (size > limits.goSearchBytes) warnings.push(limitPassed(`the image has ${size} bytes, of which ${limits.goSearchBytes} are searched for traces of Go`));

  const evidence = found.modules?.because ?? found.version?.because ?? found.releases?.because ?? (buildId === null ? null : 'a Go build id');
  if (evidence === null) return sign === null ? NOTHING : { ...NOTHING, warnings };
  const because: Record<string, string> = { go: `${evidence}; go version says: ${said}` };
  const version = found.version ?? found.releases;
  if (version !== null) because['goVersion'] = version.because;
  const go = buildOf(found.version?.value ?? null, found.modules === null ? 'absent' : 'recovered', found.modules?.value ?? NO_MODULES, buildId);
  return { go, because, target: found.target, warnings };
}
