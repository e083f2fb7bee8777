// Two inspections compared key by key: what changed, and whether it is a loss.

import type { Binary, GoModule } from '../model/binary.ts';
import type { FactChange } from '../model/comparison.ts';
import { MITIGATIONS } from '../model/mitigations.ts';
import { DOTTED } from '../verify/versions.ts';

/** Whether B's value is worse than A's; null where neither is. */
type Judge = (a: string | null, b: string | null) => boolean | null;

const neither: Judge = () => null;

/** A lower need is a better one. */
const newer: Judge = (a, b) => {
  const [from, to] = [a, b].map((text) => (text === null ? null : DOTTED.parse(text.replace(/^v/, ''))));
  if (from === null && to === null) return null;
  if (from === null || from === undefined) return a === null ? true : null; // what asked for nothing asks for something
  if (to === null || to === undefined) return b === null ? false : null;
  const order = DOTTED.compare(from, to);
  return order === 0 ? null : order < 0;
};

const higher: Judge = (a, b) => (a === null || b === null ? null : Number(b) > Number(a));

/** Of the values from the worst to the best, whether it went down; null where one is not known. */
function ranked(...values: readonly string[]): Judge {
  return (a, b) => {
    const [from, to] = [a, b].map((text) => (text === null ? -1 : values.indexOf(text)));
    return from === -1 || to === -1 || from === undefined || to === undefined ? null : to < from;
  };
}

const RELRO = ranked('none', 'partial', 'full');
const GOOD = ranked('false', 'true');
const BAD = ranked('true', 'false');

/** Something that is there is better than nothing. */
const wanted: Judge = (a, b) => (a === null ? false : b === null ? true : null);

interface Scalar {
  readonly fact: string;
  readonly of: (binary: Binary) => string | number | boolean | null | undefined;
  readonly judge?: Judge;
}

interface List {
  readonly fact: string;
  /** Its entries as name and value. */
  readonly of: (binary: Binary) => readonly (readonly [name: string, value: string])[];
}

const moduleText = ({ version, sum, replace, path }: GoModule, own: string): string => {
  const shown = [path === own ? '' : path, version].filter((part) => part !== '').join(' ');
  return replace === null ? `${shown}${sum === '' ? '' : ` ${sum}`}` : `${shown} => ${moduleText(replace, own)}`;
};

/** Facts of one value, in the order of an inspection. Places and sizes are left out: regions have them. */
const SCALARS: readonly Scalar[] = [
  { fact: 'platform.os', of: ({ platform }) => platform.os },
  { fact: 'platform.arch', of: ({ platform }) => platform.arch },
  { fact: 'platform.variant', of: ({ platform }) => platform.variant },
  { fact: 'platform.libc', of: ({ platform }) => platform.libc },
  { fact: 'kind', of: ({ kind }) => kind },
  { fact: 'pie', of: ({ pie }) => pie, judge: GOOD },
  { fact: 'linkage', of: ({ linkage }) => linkage },
  { fact: 'interpreter', of: ({ interpreter }) => interpreter },
  { fact: 'libraryName', of: ({ libraryName }) => libraryName },
  { fact: 'stripped', of: ({ stripped }) => stripped },
  { fact: 'debugInfo', of: ({ debugInfo }) => debugInfo },
  { fact: 'buildId', of: ({ buildId }) => buildId },
  { fact: 'minimums.glibc', of: ({ minimums }) => minimums.glibc, judge: newer },
  { fact: 'minimums.glibcxx', of: ({ minimums }) => minimums.glibcxx, judge: newer },
  { fact: 'minimums.cxxabi', of: ({ minimums }) => minimums.cxxabi, judge: newer },
  { fact: 'minimums.os', of: ({ minimums }) => minimums.os, judge: newer },
  { fact: 'minimums.kernel', of: ({ minimums }) => minimums.kernel, judge: newer },
  { fact: 'minimums.cpu', of: ({ minimums }) => minimums.cpu, judge: newer },
  { fact: 'minimums.pageSize', of: ({ minimums }) => minimums.pageSize, judge: (a, b) => flip(higher(a, b)) },
  ...MITIGATIONS.map(({ fact, good }): Scalar => ({ fact: `hardening.${fact}`, of: ({ hardening }) => hardening?.[fact], judge: good === null ? RELRO : good ? GOOD : BAD })),
  { fact: 'identity.debugLink', of: ({ identity }) => identity.debugLink },
  { fact: 'identity.debugLinkCrc', of: ({ identity }) => identity.debugLinkCrc },
  { fact: 'identity.debugAltLink', of: ({ identity }) => identity.debugAltLink },
  { fact: 'identity.miniDebugInfo', of: ({ identity }) => identity.miniDebugInfo },
  { fact: 'identity.pdbPath', of: ({ identity }) => identity.pdbPath },
  { fact: 'identity.pdbGuid', of: ({ identity }) => identity.pdbGuid },
  { fact: 'identity.pdbAge', of: ({ identity }) => identity.pdbAge },
  { fact: 'identity.timestamp', of: ({ identity }) => identity.timestamp },
  { fact: 'identity.reproducible', of: ({ identity }) => identity.reproducible },
  { fact: 'identity.version.fileVersion', of: ({ identity }) => identity.version?.fileVersion },
  { fact: 'identity.version.productVersion', of: ({ identity }) => identity.version?.productVersion },
  { fact: 'identity.version.productName', of: ({ identity }) => identity.version?.productName },
  { fact: 'identity.version.companyName', of: ({ identity }) => identity.version?.companyName },
  { fact: 'identity.version.fileDescription', of: ({ identity }) => identity.version?.fileDescription },
  { fact: 'identity.version.originalFilename', of: ({ identity }) => identity.version?.originalFilename },
  { fact: 'identity.version.fixedFileVersion', of: ({ identity }) => identity.version?.fixedFileVersion },
  { fact: 'identity.version.fixedProductVersion', of: ({ identity }) => identity.version?.fixedProductVersion },
  { fact: 'signature', of: ({ signature }) => signature?.kind, judge: wanted },
  { fact: 'signature.identifier', of: ({ signature }) => signature?.identifier },
  { fact: 'signature.teamId', of: ({ signature }) => signature?.teamId },
  { fact: 'signature.cdHash', of: ({ signature }) => signature?.cdHash },
  { fact: 'packer', of: ({ packer }) => packer },
  { fact: 'installer', of: ({ installer }) => installer },
  { fact: 'go.version', of: ({ go }) => go?.version },
  { fact: 'go.buildInfo', of: ({ go }) => go?.buildInfo },
  { fact: 'go.path', of: ({ go }) => go?.path },
  { fact: 'go.main', of: ({ go }) => (go?.main == null ? null : `${go.main.path} ${moduleText(go.main, go.main.path)}`.trimEnd()) },
  { fact: 'go.buildId', of: ({ go }) => go?.buildId },
  { fact: 'elf.flags', of: (binary) => (binary.format === 'elf' ? binary.elf.flags : null) },
  { fact: 'machO.sdk', of: (binary) => (binary.format === 'mach-o' ? binary.machO?.sdk : null) },
  { fact: 'pe.subsystemName', of: (binary) => (binary.format === 'pe' ? binary.pe.subsystemName : null) },
  { fact: 'pe.subsystemVersion', of: (binary) => (binary.format === 'pe' ? binary.pe.subsystemVersion : null) },
  { fact: 'wasm.moduleName', of: (binary) => (binary.format === 'wasm' ? binary.wasm.moduleName : null) },
  { fact: 'wasm.entry', of: (binary) => (binary.format === 'wasm' ? binary.wasm.entry : null) },
];

/** Facts that are lists, in the order of an inspection. */
const LISTS: readonly List[] = [
  { fact: 'dependencies', of: ({ dependencies }) => dependencies.map(({ name, kind, currentVersion, compatibilityVersion }) => [name, [kind === 'required' ? '' : kind, currentVersion ?? '', compatibilityVersion === null ? '' : `compatible with ${compatibilityVersion}`].filter((part) => part !== '').join(' ')]) },
  { fact: 'searchPaths', of: ({ searchPaths }) => searchPaths.map(({ path, from }) => [path, from]) },
  { fact: 'auxiliaries', of: ({ auxiliaries }) => auxiliaries.map(({ name, from }) => [name, from]) },
  { fact: 'go.deps', of: ({ go }) => (go?.deps ?? []).map((module) => [module.path, moduleText(module, module.path)]) },
  { fact: 'go.settings', of: ({ go }) => (go?.settings ?? []).map(({ key, value }) => [key, value]) },
  { fact: 'components', of: ({ components }) => components.filter(({ from }) => from !== 'go').map(({ from, name, version }) => [`${from} ${name}`, version ?? '']) },
  { fact: 'elf.neededVersions', of: (binary) => (binary.format === 'elf' ? binary.elf.neededVersions.map(({ library, version }) => [`${library} ${version}`, '']) : []) },
  { fact: 'elf.providedVersions', of: (binary) => (binary.format === 'elf' ? (binary.elf.providedVersions ?? []).map((version) => [version, '']) : []) },
  { fact: 'elf.extensions', of: (binary) => (binary.format === 'elf' ? binary.elf.extensions.map((name) => [name, '']) : []) },
  { fact: 'machO.flagNames', of: (binary) => (binary.format === 'mach-o' ? (binary.machO?.flagNames ?? []).map((name) => [name, '']) : []) },
  { fact: 'pe.characteristicsNames', of: (binary) => (binary.format === 'pe' ? binary.pe.characteristicsNames.map((name) => [name, '']) : []) },
  { fact: 'pe.dllCharacteristicsNames', of: (binary) => (binary.format === 'pe' ? binary.pe.dllCharacteristicsNames.map((name) => [name, '']) : []) },
  { fact: 'wasm.imports', of: (binary) => (binary.format === 'wasm' ? (binary.wasm.imports ?? []).map(({ module, name, kind }) => [module === null ? name : `${module}.${name}`, kind]) : []) },
  { fact: 'wasm.exports', of: (binary) => (binary.format === 'wasm' ? (binary.wasm.exports ?? []).map(({ name, kind }) => [name, kind]) : []) },
  { fact: 'wasm.features', of: (binary) => (binary.format === 'wasm' ? (binary.wasm.features ?? []).map(({ name, use }) => [name, use]) : []) },
  { fact: 'wasm.producers', of: (binary) => (binary.format === 'wasm' ? binary.wasm.producers.map(({ field, name, version }) => [`${field} ${name}`, version]) : []) },
];

function flip(worse: boolean | null): boolean | null {
  return worse === null ? null : !worse;
}

/** What changed from one binary to the other. `slice` is the name of the slice, of universal files. */
export function factChanges(a: Binary, b: Binary, slice: string | null): FactChange[] {
  const changes: FactChange[] = [];
  for (const { fact, of, judge = neither } of SCALARS) {
    const [from, to] = [textOf(of(a)), textOf(of(b))];
    if (from === to) continue;
    changes.push({ fact, name: null, slice, change: from === null ? 'added' : to === null ? 'removed' : 'changed', a: from, b: to, worse: judge(from, to) });
  }
  for (const { fact, of } of LISTS) changes.push(...listChanges(fact, of(a), of(b), slice));
  return changes;
}

function textOf(value: string | number | boolean | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** Entries by name; of names that a list has several times, the first is held against the first. In the order of the names. */
export function listChanges(fact: string, a: readonly (readonly [string, string])[], b: readonly (readonly [string, string])[], slice: string | null): FactChange[] {
  const [from, to] = [numbered(a), numbered(b)];
  const changes: FactChange[] = [];
  for (const [key, [name, value]] of from) {
    const other = to.get(key);
    if (other === undefined) changes.push({ fact, name, slice, change: 'removed', a: value, b: null, worse: null });
    else if (other[1] !== value) changes.push({ fact, name, slice, change: 'changed', a: value, b: other[1], worse: null });
  }
  for (const [key, [name, value]] of to) if (!from.has(key)) changes.push({ fact, name, slice, change: 'added', a: null, b: value, worse: null });
  return changes.sort((x, y) => ((x.name as string) < (y.name as string) ? -1 : x.name === y.name ? 0 : 1));
}

function numbered(entries: readonly (readonly [string, string])[]): Map<string, readonly [string, string]> {
  const counts = new Map<string, number>();
  return new Map(
    entries.map((entry): [string, readonly [string, string]] => {
      const count = (counts.get(entry[0]) ?? 0) + 1;
      counts.set(entry[0], count);
      return [`${entry[0]}\0${count}`, entry];
    }),
  );
}
