// The Go part of the report for people: labels and values, untrusted text not yet made safe to show.

import type { GoBuild, GoModule } from '../model/binary.ts';
import { goSetting, goTrimpath, goVcs, parsePseudoVersion } from '../model/go-words.ts';

function moduleText({ path, version, replace }: GoModule): string {
  const own = version === '' ? path : `${path} ${version}`;
  return replace === null ? own : `${own} => ${moduleText(replace)}`;
}

/** A module, and where its version names a commit what that commit is. */
function mainText(module: GoModule): string {
  const pseudo = parsePseudoVersion(module.version);
  if (pseudo === null) return moduleText(module);
  const after = pseudo.base === null ? 'no tag before it' : `after ${pseudo.base}`;
  return `${moduleText(module)} (commit ${pseudo.revision}, ${pseudo.time}, ${after}${pseudo.dirty ? ', files differed' : ''})`;
}

function vcsText(build: GoBuild): string | null {
  const vcs = goVcs(build);
  if (vcs === null) return null;
  const words = [vcs.system, vcs.revision, vcs.time, vcs.modified === true ? 'modified' : vcs.modified === false ? 'clean' : null];
  return words.filter((word) => word !== null).join(' ');
}

/** Settings that name a level of an architecture. */
const LEVEL = /^GO(ARM|AMD64|ARM64|386|MIPS|MIPS64|PPC64|RISCV64)$/;

/** GOOS/GOARCH and the level of the architecture, as the settings say them. */
function targetText(build: GoBuild): string | null {
  const [os, arch] = [goSetting(build, 'GOOS'), goSetting(build, 'GOARCH')];
  if (os === null && arch === null) return null;
  const level = build.settings.find(({ key }) => LEVEL.test(key));
  return `${os ?? '?'}/${arch ?? '?'}${level === undefined ? '' : ` ${level.key}=${level.value}`}`;
}

const BUILD_INFO: Readonly<Record<GoBuild['buildInfo'], string>> = {
  present: '',
  recovered: ' (recovered: go version does not see it)',
  absent: ' (no build information)',
};

/** The rows of the Go part: what is not known has none. With `verbose` every dependency and every setting has its own. */
export function goRows(build: GoBuild, verbose: boolean): [label: string, value: string][] {
  const rows: [string, string][] = [];
  const row = (label: string, value: string | null): void => {
    if (value !== null && value !== '') rows.push([label, value]);
  };
  const trimpath = goTrimpath(build);
  const cgo = goSetting(build, 'CGO_ENABLED');
  row('go', `${build.version ?? 'version unknown'}${BUILD_INFO[build.buildInfo]}`);
  row('package', build.path);
  row('module', build.main === null ? null : mainText(build.main));
  row('target', targetText(build));
  row('cgo', cgo === null ? null : cgo === '1' ? 'allowed' : cgo === '0' ? 'no' : cgo);
  row('trimpath', trimpath === null ? null : trimpath ? 'yes' : 'no');
  row('build mode', goSetting(build, '-buildmode'));
  row('tags', goSetting(build, '-tags'));
  row('ldflags', goSetting(build, '-ldflags'));
  row('vcs', vcsText(build));
  if (build.main !== null || build.deps.length > 0) row('deps', String(build.deps.length));
  if (!verbose) return rows;
  for (const module of build.deps) row('dep', moduleText(module));
  for (const { key, value } of build.settings) row('setting', `${key}=${value}`);
  row('build id', build.buildId);
  return rows;
}

/** The same in few rows: what people look for first. The version stands in the title. */
export function goSummary(build: GoBuild): [label: string, parts: string[]][] {
  const { path, main, deps, settings, buildInfo } = build;
  const rows: [label: string, parts: string[]][] = [];
  const trimpath = goTrimpath(build);
  const parts = [
    buildInfo === 'present' ? null : BUILD_INFO[buildInfo].trim().replace(/^\((.*)\)$/, '$1'),
    path === null || path === main?.path ? null : path,
    main === null ? null : mainText(main),
    ...settings.filter(({ key }) => key === 'CGO_ENABLED' || LEVEL.test(key)).map(({ key, value }) => `${key}=${value}`),
    goSetting(build, '-buildmode') === 'exe' ? null : goSetting(build, '-buildmode'),
    main === null && deps.length === 0 ? null : `${deps.length} ${deps.length === 1 ? 'dependency' : 'dependencies'}`,
    trimpath === null ? null : trimpath ? '-trimpath' : 'no -trimpath',
  ].filter((part) => part !== null);
  if (parts.length > 0) rows.push(['go', parts]);
  for (const [label, value] of [['tags', goSetting(build, '-tags')], ['ldflags', goSetting(build, '-ldflags')], ['vcs', vcsText(build)]] as const) {
    if (value !== null && value !== '') rows.push([label, [value]]);
  }
  return rows;
}
