// Rules about how Go built a program.

import type { Binary, GoBuild } from '../../model/binary.ts';
import { goSetting, goTrimpath as trimmed, goVcs } from '../../model/go-words.ts';
import { GO, inRange, parseRange } from '../versions.ts';
import { failed, failedFirmly, ofSlices, packedBy, passed, shown, text, unknown, yesOrNo } from './check.ts';
import type { Check, Fail, Outcome, Rule, Rules } from './check.ts';

/** A judgement of what Go left in a program. Without a sign of Go there is nothing to be right. */
function ofGo(judge: (go: GoBuild, evidence: string | null) => Outcome): (binary: Binary) => Outcome {
  return ({ go, packer, because }) => {
    if (go !== null) return judge(go, because['go'] ?? null);
    return packer === null ? failed('not built by Go', null, 'nothing in the file shows that Go built it') : packedBy(packer);
  };
}

function unrecorded({ buildInfo }: GoBuild, what: string, evidence: string | null): Outcome {
  return unknown(buildInfo === 'absent' ? `the build information is not in the file, so ${what} is not known` : `no ${what} is recorded`, evidence);
}

const go: Rule = (value, fail) => {
  const written = text(value, fail);
  const range = parseRange(written, GO);
  if (range === null) return fail(`a range of Go versions is like '>=1.22' or '>=1.21 <1.23', not ${shown(written)}`);
  const judge = ofGo((build, evidence) => {
    if (build.version === null) return unrecorded(build, 'Go version', evidence);
    const version = GO.parse(build.version);
    if (version === null) return { status: 'unknown', found: build.version, evidence, note: 'it is no release of Go, so it has no place in the range' };
    return inRange(version, range, GO) ? passed(build.version, evidence) : failed(build.version, evidence);
  });
  return ofSlices(range.text, judge);
};

const goModule: Rule = (value, fail) => {
  const wanted = text(value, fail);
  const judge = ofGo((build, evidence) => {
    if (build.main === null) return unrecorded(build, 'main module', evidence);
    return build.main.path === wanted ? passed(wanted, evidence) : failed(build.main.path, evidence);
  });
  return ofSlices(wanted, judge);
};

/** Settings as an object, or as a list of 'KEY=VALUE'. */
function readSettings(value: unknown, fail: Fail): readonly (readonly [string, string])[] {
  const list = typeof value === 'string' ? [value] : value;
  if (Array.isArray(list)) {
    const settings = list.map((item): readonly [string, string] => {
      const written = text(item, fail);
      const at = written.indexOf('=');
      return at > 0 ? [written.slice(0, at), written.slice(at + 1)] : fail(`a setting is like CGO_ENABLED=0 or -trimpath=true, not ${shown(written)}`);
    });
    return settings.length > 0 ? settings : fail('at least one setting is wanted, not an empty list');
  }
  if (typeof list !== 'object' || list === null) return fail(`settings and their values are wanted, like {"CGO_ENABLED": "0"}, not ${shown(value)}`);
  const settings = Object.entries(list).map(([key, wanted]): readonly [string, string] => {
    if (key === '') return fail('a setting without a name');
    return typeof wanted === 'string' ? [key, wanted] : fail(`the setting ${shown(key)} is a text, not ${shown(wanted)}`);
  });
  return settings.length > 0 ? settings : fail('at least one setting is wanted, not an empty object');
}

/** The values of a setting. Go writes each once; one that is there with two values has none. */
function valuesOf({ settings }: GoBuild, wanted: string): readonly string[] {
  return [...new Set(settings.filter(({ key }) => key === wanted).map(({ value }) => value))];
}

const goSettings: Rule = (value, fail) => {
  const checks = readSettings(value, fail).map(([key, wanted]): Check => {
    const slice = ofGo((build, evidence) => {
      if (build.settings.length === 0) return unrecorded(build, 'build setting', evidence);
      const several = valuesOf(build, key);
      if (several.length > 1) return failedFirmly(several.map((value) => `${key}=${value}`).join(', '), evidence);
      const found = goSetting(build, key);
      if (found === null) return failed(null, evidence, `no ${key} is recorded among the build settings`);
      return found === wanted ? passed(`${key}=${found}`, evidence) : failed(`${key}=${found}`, evidence);
    });
    return { expected: `${key}=${wanted}`, from: null, judge: { slice } };
  });
  return () => checks;
};

const goVcsClean: Rule = (value, fail) => {
  if (!yesOrNo(value, fail)) return null;
  const judge = ofGo((build, evidence) => {
    if (build.main !== null && /[+.]dirty$/.test(build.main.version)) return failed(`main module ${build.main.version}`, evidence);
    const several = valuesOf(build, 'vcs.modified');
    if (several.length > 1) return failedFirmly(several.map((one) => `vcs.modified=${one}`).join(', '), evidence);
    const modified = goVcs(build)?.modified ?? null;
    const written = goSetting(build, 'vcs.modified');
    if (modified === null) return unrecorded(build, 'vcs.modified', evidence);
    return modified ? failed(`vcs.modified=${written}`, evidence) : passed(`vcs.modified=${written}`, evidence);
  });
  return ofSlices('vcs.modified=false', judge);
};

const goTrimpath: Rule = (value, fail) => {
  if (!yesOrNo(value, fail)) return null;
  const judge = ofGo((build, evidence) => {
    const several = valuesOf(build, '-trimpath');
    if (several.length > 1) return failedFirmly(several.map((one) => `-trimpath=${one}`).join(', '), evidence);
    const trim = trimmed(build);
    if (trim === null) return unrecorded(build, 'build setting', evidence);
    return trim ? passed('-trimpath=true', evidence) : failed(null, evidence, 'no -trimpath=true is recorded among the build settings');
  });
  return ofSlices('-trimpath=true', judge);
};

export const GO_RULES: Rules<'go' | 'goModule' | 'goSettings' | 'goVcsClean' | 'goTrimpath'> = { go, goModule, goSettings, goVcsClean, goTrimpath };
