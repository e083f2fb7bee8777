// Rules about the libraries that a file asks for, where it looks for them, and how new they have to be.

import type { Binary, Format } from '../../model/binary.ts';
import { shownLibrary } from '../../model/library-name.ts';
import { globProblem } from '../glob.ts';
import { allowing, denying } from '../library-names.ts';
import { DOTTED } from '../versions.ts';
import { failed, failedFirmly, isNotLoaded, notForKind, ofSlices, packedBy, passed, shown, text, texts, unknown, yesOrNo } from './check.ts';
import type { Check, Fail, Outcome, Rule, Rules } from './check.ts';

const FIELDS: Readonly<Record<Format, string>> = { elf: 'DT_NEEDED', 'mach-o': 'LC_LOAD_DYLIB and related commands', pe: 'the import directories', wasm: 'the imported modules' };

/** Why there is no list of libraries to look at; null where there is. */
function unlisted(binary: Binary): Outcome | null {
  if (isNotLoaded(binary)) return notForKind(binary);
  return binary.packer === null ? null : packedBy(binary.packer);
}

/** All libraries that the loader brings in: those that are asked for, and those that filter, audit or are inserted. */
function loadedNames({ dependencies, auxiliaries }: Binary): string[] {
  return [...dependencies, ...auxiliaries].map(({ name }) => name);
}

/** At most so many names are shown. */
const SHOWN = 8;

function listText(names: readonly string[], format: Format): string {
  if (names.length === 0) return 'none';
  const shownNames = names.slice(0, SHOWN).map((name) => shownLibrary(format, name)).join(', ');
  return names.length <= SHOWN ? shownNames : `${shownNames} and ${names.length - SHOWN} more`;
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
    const matches = allowing(wanted, { last: true });
    const slice = (binary: Binary): Outcome => {
      const { format } = binary;
      const names = loadedNames(binary);
      const found = names.find((name) => matches(name, format));
      if (found !== undefined && !isNotLoaded(binary)) return passed(shownLibrary(format, found), FIELDS[format]);
      return unlisted(binary) ?? failed(listText(names, format), FIELDS[format]);
    };
    return { expected: wanted, from: null, judge: { slice } };
  });
  return () => checks;
};

const noNeeds: Rule = (value, fail) => {
  const checks = globs(value, fail).map((glob): Check => {
    const denied = denying(glob);
    const slice = (binary: Binary): Outcome => {
      const { format } = binary;
      const names = loadedNames(binary);
      const bad = names.filter((name) => denied(name, binary) === 'yes');
      if (bad.length > 0) return failedFirmly(listText(bad, format), FIELDS[format]);
      const open = names.filter((name) => denied(name, binary) === 'unknown');
      const found = open.length === 0 ? null : unknown(`where ${listText(open, format)} leads is known only when the file is loaded`, FIELDS[format]);
      return unlisted(binary) ?? found ?? passed('none', FIELDS[format]);
    };
    return { expected: `no ${glob}`, from: null, judge: { slice } };
  });
  return () => checks;
};

const onlyNeeds: Rule = (value, fail) => {
  const wanted = globs(value, fail);
  const allowed = wanted.map((glob) => allowing(glob, { last: false }));
  return ofSlices(`only ${wanted.join(', ')}`, (binary) => {
    const { format } = binary;
    const names = loadedNames(binary);
    const bad = names.filter((name) => !allowed.some((matches) => matches(name, format)));
    if (bad.length > 0) return failedFirmly(listText(bad, format), FIELDS[format]);
    return unlisted(binary) ?? passed(listText(names, format), FIELDS[format]);
  });
};

/** Whether a library's name makes the loader look in a folder that the file picks, and not where the system keeps libraries. */
function picksFolder(name: string, format: Format): boolean {
  if (format === 'elf') return name.includes('$') || (name.includes('/') && !name.startsWith('/'));
  if (format === 'wasm') return false; // the host decides
  if (format === 'pe') return /[\\/:]/.test(name);
  return !name.startsWith('/') && !name.startsWith('@rpath/');
}

const PICKED: Readonly<Record<Format, string>> = {
  elf: 'DT_RPATH, DT_RUNPATH, DT_NEEDED, PT_INTERP',
  'mach-o': 'LC_RPATH, LC_LOAD_DYLIB and related',
  pe: 'PE files have none, and no import is a path',
  wasm: 'WebAssembly has none',
};

const noSearchPaths: Rule = (value, fail) => {
  if (!yesOrNo(value, fail)) return null;
  return ofSlices('no search paths', (binary) => {
    const { format, interpreter, searchPaths } = binary;
    const [first] = searchPaths;
    if (first !== undefined) return failedFirmly(listText(searchPaths.map(({ path }) => (path === '' ? '(the current directory)' : path)), format), first.from);
    const names = loadedNames(binary).filter((name) => picksFolder(name, format));
    if (names.length > 0) return failedFirmly(listText(names, format), FIELDS[format]);
    if (interpreter !== null && !interpreter.startsWith('/')) return failedFirmly(interpreter, format === 'elf' ? 'PT_INTERP' : 'LC_LOAD_DYLINKER');
    return unlisted(binary) ?? passed('none', PICKED[format]);
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
    if (format !== 'elf') return { ...none('it is no ELF file'), firm: true };
    if (isNotLoaded(binary)) return notForKind(binary);
    if (minimums.glibc !== null) {
      const version = DOTTED.parse(minimums.glibc);
      if (version === null) return unknown(`${shown(minimums.glibc)} is no version`, evidence);
      const found = `glibc ${minimums.glibc}`;
      return DOTTED.compare(version, most) <= 0 ? passed(found, evidence) : failedFirmly(found, evidence);
    }
    if (packer !== null) return packedBy(packer);
    if (platform.libc !== null && platform.libc !== 'glibc' && evidence?.startsWith('unknown') !== true) return none(`it is made for ${platform.libc}`);
    if (linkage === 'static') return none(because['linkage'] ?? 'it is static');
    if (evidence?.startsWith('unknown') === true) return unknown(evidence);
    if (evidence !== null) return none(evidence);
    return linkage === 'dynamic' && binary.dependencies.length === 0 ? none('it asks for no library') : unknown('its symbol versions are not known');
  });
};

export const LIBRARY_RULES: Rules<'needs' | 'noNeeds' | 'onlyNeeds' | 'noSearchPaths' | 'maxGlibc'> = { needs, noNeeds, onlyNeeds, noSearchPaths, maxGlibc };
