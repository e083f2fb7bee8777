// What is said of a program built with Go: first what Go's own reader says, then what can be recovered.

import { find, needle } from '../bytes/search.ts';
import type { Scan } from '../bytes/search.ts';
import { decodeText } from '../bytes/text.ts';
import type { Limits } from '../limits.ts';
import type { GoBuild } from '../model/binary.ts';
import { warningOf } from '../model/warning.ts';
import type { Warning } from '../model/warning.ts';
import { readBuildId } from './build-id.ts';
import { GO_SAYS, readBuildInfo } from './build-info.ts';
import { findCandidates, mappedStretches } from './candidates.ts';
import { buildOf, NO_MODULES, NOTHING, NOWHERE } from './finding.ts';
import type { GoFinding } from './finding.ts';
import type { GoMemory, GoView, GoWasm } from './image.ts';
import { parseModules } from './modules.ts';
import { recover } from './recover.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';
import { searchWasm } from './wasm-search.ts';
import { unconfirmed } from './witnesses.ts';

/** An image in which Go may be found. */
export interface GoCandidate {
  /** How Go's own reader sees the image; or why it refuses it. */
  readonly view: GoView | string;
  /** How the loader sees it; null where it can't be determined. */
  readonly memory: GoMemory | null;
  /** What in its headers says that it is Go's; null where only a search can tell. */
  readonly sign: string | null;
  /** Whether `sign` is that of another compiler of Go, of which Go's own reader knows nothing: it is one of Go's programs then, whatever else is found. */
  readonly compiler?: boolean;
  /** Whether to search for what Go's reader doesn't find whatever the headers say; else only where they or a build id say Go. */
  readonly always: boolean;
  /** Bytes of the image. */
  readonly size: number;
  /** WebAssembly: what there is to search, in the place of `memory`. */
  readonly wasm?: GoWasm;
  /** Why `view` says less than there is. */
  readonly warnings?: readonly Warning[];
}

function limitPassed(message: string): Warning {
  return warningOf('limit-exceeded', message, null, ['go']);
}

/** Everything about Go in one image. */
export function* goBuild(candidate: GoCandidate, limits: Limits): Scan<GoFinding> {
  const { view, memory, size } = candidate;
  if (candidate.wasm !== undefined) return yield* searchWasm(candidate.wasm, candidate.sign, limits);
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
  const warnings = [...saidTwice(modules, stored.modules), ...(memory === null ? [] : yield* unconfirmed(memory, stored, version, size, limits))];
  return { go: buildOf(version, 'present', modules, buildId), because, target, warnings };
}

/** The first two lines of a text that begin with a word and differ; null where none do. */
function twoLines(text: Uint8Array, word: string): readonly [string, string] | null {
  const start = needle(`\n${word}\t`);
  const lineAt = (at: number): string => decodeText(text, at, Math.min(at + 200, Math.max(at, text.indexOf(0x0a, at))));
  let first: string | null = text[0] === word.charCodeAt(0) && decodeText(text, 0, word.length + 1) === `${word}\t` ? lineAt(0) : null;
  for (let at = find(text, start); at !== -1; at = find(text, start, at + 1)) {
    const line = lineAt(at + 1);
    if (first !== null && line !== first) return [first, line];
    first = line;
  }
  return null;
}

/** What comes more than once: Go writes it once, and readers don't agree on which counts. */
function saidTwice({ settings }: Pick<GoBuild, 'settings'>, text: Uint8Array): Warning[] {
  const values = new Map<string, string>();
  for (const { key, value } of settings) {
    const before = values.get(key);
    if (before !== undefined && before !== value) {
      const shown = [before, value].map((one) => (one.length > 100 ? `${one.slice(0, 99)}…` : one)).join(' and ');
      return [warningOf('go-said-twice', `the build setting ${key} is there twice: ${shown}`, null, ['go.settings'])];
    }
    values.set(key, value);
  }
  for (const word of ['path', 'mod']) {
    const lines = twoLines(text, word);
    if (lines !== null) return [warningOf('go-said-twice', `the build information has two lines of ${word}: ${lines.join(', ')}`, null, ['go.main'])];
  }
  return [];
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
  } else if (sign !== null && view.data !== null && found.modules === null && candidate.compiler !== true) {
    warn(`Go's own reader finds nothing where its build information should be, and says: ${said}`);
  }
  if (found.doubt !== null) warn(found.doubt);
  if (size > limits.goSearchBytes) warnings.push(limitPassed(`the image has ${size} bytes, of which ${limits.goSearchBytes} are searched for traces of Go`));

  const evidence = found.modules?.because ?? found.version?.because ?? found.releases?.because ?? (buildId === null ? null : 'a Go build id') ?? (candidate.compiler === true ? sign : null);
  if (evidence === null) return sign === null ? NOTHING : { ...NOTHING, warnings };
  const because: Record<string, string> = { go: `${evidence}; go version says: ${said}` };
  const version = found.version ?? found.releases;
  if (version !== null) because['goVersion'] = version.because;
  const go = buildOf(found.version?.value ?? null, found.modules === null ? 'absent' : 'recovered', found.modules?.value ?? NO_MODULES, buildId);
  return { go, because, target: found.target, warnings };
}
