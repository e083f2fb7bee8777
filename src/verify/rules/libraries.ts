// Rules about the libraries that a file asks for, where it looks for them, and how new they have to be.

import type { Binary, Format } from '../../model/binary.ts';
import { globProblem, libraryMatcher } from '../glob.ts';
import { DOTTED } from '../versions.ts';
import { failed, isNotLoaded, notForKind, ofSlices, packedBy, passed, shown, text, texts, unknown, yesOrNo } from './check.ts';
import type { Check, Fail, Outcome, Rule, Rules } from './check.ts';
import { isUnread } from './cut.ts';

const FIELDS: Readonly<Record<Format, string>> = { elf: 'DT_NEEDED', 'mach-o': 'LC_LOAD_DYLIB and kin', pe: 'the import directories' };

/** Why the list of libraries may not be all of them; null where it is. */
function incomplete(binary: Binary): Outcome | null {
  if (isNotLoaded(binary)) return notForKind(binary);
  if (binary.packer !== null) return packedBy(binary.packer);
  const warning = isUnread(binary);
  return warning === null ? null : unknown(`not everything can be read: ${warning.message}`);
}

/** At most so many names are shown. */
const SHOWN = 8;

function listText(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}

/** Reads globs of libraries. */
function globs(value: unknown, fail: Fail): readonly string[] {
  return texts(value, fail).map((glob) => {
    const problem = globProblem(glob);
    return problem === null ? glob : fail(`${problem}: ${shown(glob)}`);
  });
}

const needs: Rule = (value, fail) => {
  const checks = globs(value, fail).map((wanted): Check => {
    const matchers = { pe: libraryMatcher(wanted, true), other: libraryMatcher(wanted, false) };
    const slice = (binary: Binary): Outcome => {
      const matches = binary.format === 'pe' ? matchers.pe : matchers.other;
      const names = binary.dependencies.map(({ name }) => name);
      const found = names.find(matches);
      if (found !== undefined && !isNotLoaded(binary)) return passed(found, FIELDS[binary.format]);
      return incomplete(binary) ?? failed(listText(names), FIELDS[binary.format]);
    };
    return { expected: wanted, from: null, judge: { slice } };
  });
  return () => checks;
};

const noNeeds: Rule = (value, fail) => {
  const checks = globs(value, fail).map((glob): Check => {
    const matchers = { pe: libraryMatcher(glob, true), other: libraryMatcher(glob, false) };
    const slice = (binary: Binary): Outcome => {
      const matches = binary.format === 'pe' ? matchers.pe : matchers.other;
      const bad = binary.dependencies.map(({ name }) => name).filter(matches);
      if (bad.length > 0) return failed(listText(bad), FIELDS[binary.format]);
      return incomplete(binary) ?? passed('none', FIELDS[binary.format]);
    };
    return { expected: `no ${glob}`, from: null, judge: { slice } };
  });
  return () => checks;
};

const onlyNeeds: Rule = (value, fail) => {
  const wanted = globs(value, fail);
  const matchers = { pe: wanted.map((glob) => libraryMatcher(glob, true)), other: wanted.map((glob) => libraryMatcher(glob, false)) };
  return ofSlices(`only ${wanted.join(', ')}`, (binary) => {
    const allowed = binary.format === 'pe' ? matchers.pe : matchers.other;
    const names = binary.dependencies.map(({ name }) => name);
    const bad = names.filter((name) => !allowed.some((matches) => matches(name)));
    if (bad.length > 0) return failed(listText(bad), FIELDS[binary.format]);
    return incomplete(binary) ?? passed(listText(names), FIELDS[binary.format]);
  });
};

const noSearchPaths: Rule = (value, fail) => {
  if (!yesOrNo(value, fail)) return null;
  return ofSlices('no search paths', (binary) => {
    const [first] = binary.searchPaths;
    if (first !== undefined) return failed(listText(binary.searchPaths.map(({ path }) => (path === '' ? '(the current directory)' : path))), first.from);
    return incomplete(binary) ?? passed('none', { elf: 'DT_RPATH, DT_RUNPATH', 'mach-o': 'LC_RPATH', pe: 'PE files have none' }[binary.format]);
  });
};

/** The reason for `minimums.glibc`: what was looked through, also where no version was found. */
const REASON = 'minimums.glibc';

const maxGlibc: Rule = (value, fail) => {
  const written = text(value, fail);
  const most = DOTTED.parse(written);
  if (most === null) return fail(`a version of glibc is like '2.28', not ${shown(written)}`);
  return ofSlices(`glibc ${written} or older`, (binary) => {
    const { format, linkage, packer, platform, because, minimums } = binary;
    const evidence = because[REASON] ?? null;
    const none = (why: string): Outcome => passed('no glibc version is needed', why);
    if (format !== 'elf') return none(`it is no ELF file`);
    if (isNotLoaded(binary)) return notForKind(binary);
    if (minimums.glibc !== null) {
      const version = DOTTED.parse(minimums.glibc);
      if (version === null) return unknown(`${shown(minimums.glibc)} is no version`, evidence);
      const found = `glibc ${minimums.glibc}`;
      return DOTTED.compare(version, most) <= 0 ? passed(found, evidence) : failed(found, evidence);
    }
    if (packer !== null) return packedBy(packer);
    if (platform.libc !== null && platform.libc !== 'glibc') return none(`it is made for ${platform.libc}`);
    if (linkage === 'static') return none(because['linkage'] ?? 'it is static');
    const warning = isUnread(binary);
    if (warning !== null) return unknown(`not everything can be read: ${warning.message}`);
    if (evidence !== null) return none(evidence);
    return linkage === 'dynamic' && binary.dependencies.length === 0 ? none('it asks for no library') : unknown('its symbol versions are not known');
  });
};

export const LIBRARY_RULES: Rules<'needs' | 'noNeeds' | 'onlyNeeds' | 'noSearchPaths' | 'maxGlibc'> = { needs, noNeeds, onlyNeeds, noSearchPaths, maxGlibc };
