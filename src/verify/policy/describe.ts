// A policy that describes files as they are, for a person to loosen where the next build may differ.

import type { Binary, Inspection } from '../../model/binary.ts';
import { goSetting } from '../../model/go-words.ts';
import { wordIn } from '../../model/names.ts';
import { EXPECTATION_KEYS } from '../../model/rules.ts';
import type { Artifact, Policy, PolicyExpectations } from '../../model/verdict.ts';
import { globOf } from '../glob.ts';
import { parseTarget, UNIVERSAL } from '../targets/target.ts';
import { verify } from '../verify.ts';
import { DOTTED, GO } from '../versions.ts';

/** A file, its path relative to the policy's folder, and what it is. */
export interface Described {
  readonly path: string;
  readonly inspection: Inspection;
}

/**
 * A policy that these files meet, but for those whose names contradict them: it asks of these that they be what their names claim. `others`
 * are paths of files that are no programs: they are named, so that what comes later is seen. Files of which the same is expected are one
 * artifact; what all artifacts have in common stands in the defaults.
 */
export function describeFiles(files: readonly Described[], others: readonly string[] = []): Policy {
  const groups = new Map<string, { readonly files: string[]; readonly expect: PolicyExpectations }>();
  for (const described of files) {
    const own = describe(described.inspection);
    const expect: PolicyExpectations = nameProblem(described) === null ? own : { targetFromName: true, ...own, target: undefined };
    const key = JSON.stringify(expect);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { files: [globOf(described.path)], expect });
    else group.files.push(globOf(described.path));
  }
  const artifacts = [...groups.values()].map((group): Artifact => group);
  if (others.length > 0) return { version: 1, artifacts: [...artifacts, { files: others.map(globOf) }], unmatched: 'error' };
  const [first, ...rest] = artifacts;
  if (first === undefined || rest.length === 0) return { version: 1, artifacts, unmatched: 'error' };
  const common = EXPECTATION_KEYS.filter((key) => {
    const text = JSON.stringify(valueOf(first, key));
    return text !== undefined && rest.every((artifact) => JSON.stringify(valueOf(artifact, key)) === text);
  });
  const only = (artifact: Artifact, take: (key: string) => boolean): PolicyExpectations =>
    Object.fromEntries(Object.entries(artifact.expect ?? {}).filter(([key]) => take(key)));
  const isCommon = (key: string): boolean => (common as readonly string[]).includes(key);
  return {
    version: 1,
    defaults: only(first, isCommon),
    artifacts: artifacts.map((artifact) => ({ ...artifact, expect: only(artifact, (key) => !isCommon(key)) })),
    unmatched: 'error',
  };
}

/** What a file's name claims that the file is not; null where it claims nothing else. */
export function nameProblem({ path, inspection }: Described): string | null {
  const { findings } = verify({ ...inspection, path }, { targetFromName: true });
  const wrong = findings.find(({ status }) => status === 'fail');
  return wrong === undefined ? null : `${wrong.message}, by ${wrong.expectedFrom}`;
}

function valueOf({ expect = {} }: Artifact, key: string): unknown {
  return wordIn(expect as Readonly<Record<string, unknown>>, key);
}

/** What one file can be expected to be: what it is. Nothing stands in it that the file itself would not pass. */
export function describe(inspection: Inspection): PolicyExpectations {
  const { binaries } = inspection;
  const all: PolicyExpectations = {
    target: targets(inspection),
    kind: shared(binaries, ({ kind }) => kind),
    linkage: shared(binaries, ({ linkage }) => linkage),
    pie: shared(binaries, ({ pie }) => pie),
    stripped: shared(binaries, ({ stripped }) => stripped),
    libc: shared(binaries, ({ platform }) => platform.libc),
    interpreter: shared(binaries, ({ interpreter, format }) => (format === 'elf' ? interpreter : null)),
    minOs: newest(binaries, minimumOs),
    maxGlibc: newest(binaries, ({ minimums }) => minimums.glibc)?.slice(2),
    ...libraries(binaries),
    noSearchPaths: true,
    go: shared(binaries, ({ go }) => (go?.version != null && GO.parse(go.version) !== null ? `>=${go.version.replace(/[ -].*$/, '')}` : null)),
    goModule: shared(binaries, ({ go }) => go?.main?.path ?? null),
    goSettings: cgo(binaries),
    goVcsClean: true,
    goTrimpath: true,
  };
  const entries = EXPECTATION_KEYS.map((key) => [key, (all as Readonly<Record<string, unknown>>)[key]] as const);
  return Object.fromEntries(entries.filter(([key, value]) => value !== undefined && verify(inspection, { [key]: value }).ok));
}

/** A fact that is the same in all slices; undefined where they differ, or where it is not known. */
function shared<T extends string | boolean>(binaries: readonly Binary[], fact: (binary: Binary) => T | null): T | undefined {
  const [first] = binaries;
  const value = first === undefined ? null : fact(first);
  return value === null || binaries.some((binary) => fact(binary) !== value) ? undefined : value;
}

/** '<=' and the newest of the versions that the slices name. */
function newest(binaries: readonly Binary[], fact: (binary: Binary) => string | null): string | undefined {
  let best: readonly number[] | null = null;
  for (const binary of binaries) {
    const text = fact(binary);
    const version = text === null ? null : DOTTED.parse(text);
    if (version !== null && (best === null || DOTTED.compare(version, best) > 0)) best = version;
  }
  return best === null ? undefined : `<=${best.join('.')}`;
}

function minimumOs(binary: Binary): string | null {
  if (binary.format === 'pe') return binary.pe.subsystemVersion;
  return (binary.format === 'mach-o' ? (binary.machO?.minimumOs ?? null) : null) ?? binary.minimums.os;
}

function targets({ universal, binaries }: Inspection): string | readonly string[] | undefined {
  const texts = [...new Set(binaries.map(target))];
  const darwin = UNIVERSAL.map(({ arch }) => `darwin/${arch}`);
  if (universal && texts.length === darwin.length && darwin.every((one) => texts.includes(one))) return 'darwin/universal';
  if (texts.includes(null)) return undefined;
  return texts.length === 1 ? (texts[0] as string) : (texts as string[]);
}

/** The spelling of a platform that says the most without its C library, which has a rule of its own. */
function target({ platform: { go, oci, triple } }: Binary): string | null {
  const candidates = [oci !== null && go !== null && oci.startsWith(`${go}/`) ? oci : null, go, triple, oci];
  return candidates.find((text) => text !== null && typeof parseTarget(text) !== 'string') ?? null;
}

function libraries(binaries: readonly Binary[]): Pick<PolicyExpectations, 'onlyNeeds' | 'noNeeds'> {
  const names = [...new Set(binaries.flatMap(({ dependencies }) => dependencies.map(({ name }) => globOf(name))))];
  return names.length === 0 ? { noNeeds: '*' } : { onlyNeeds: names };
}

function cgo(binaries: readonly Binary[]): Readonly<Record<string, string>> | undefined {
  const value = shared(binaries, ({ go }) => (go === null ? null : goSetting(go, 'CGO_ENABLED')));
  return value === undefined ? undefined : { CGO_ENABLED: value };
}
