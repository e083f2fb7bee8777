// Go's build information as components: the program itself, its modules, the standard library.

import type { BomComponent, BomProperty, Component } from '../model/bom.ts';
import type { GoBuild, GoModule } from '../model/binary.ts';
import { goSetting } from '../model/go-words.ts';
import { purlOf } from './purl.ts';

/** What Go says of the program itself. */
export interface GoProgram {
  readonly name: string | null;
  readonly version: string | null;
  readonly purl: string | null;
  readonly properties: readonly BomProperty[];
}

type GoLibrary = Omit<BomComponent, 'ref'>;

/** What stands for a package that was built from files by their names. */
const UNNAMED = 'command-line-arguments';

function known(version: string): string | null {
  return version === '' || version === '(devel)' ? null : version;
}

/** The module of the main package, and the rest. A program that was built from files by their names has its module among the others. */
function split(go: GoBuild): { main: GoModule | null; deps: readonly GoModule[] } {
  if (go.path !== UNNAMED || go.main !== null) return { main: go.main, deps: go.deps };
  const own = go.deps.filter(({ version }) => version === '(devel)');
  return own.length === 1 ? { main: own[0] as GoModule, deps: go.deps.filter((one) => one !== own[0]) } : { main: null, deps: go.deps };
}

/** The pseudo-version that Go gives a commit without a tag; null where the commit or its time is not recorded. */
function pseudoVersion(go: GoBuild): string | null {
  const time = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(goSetting(go, 'vcs.time') ?? '');
  const revision = /^[0-9a-f]{12}/.exec(goSetting(go, 'vcs.revision') ?? '');
  return time === null || revision === null ? null : `v0.0.0-${time.slice(1).join('')}-${revision[0]}`;
}

/** The program. A command below its module is the module's subpath; a module without a version gets its commit's. */
export function goProgram(go: GoBuild): GoProgram {
  const { main } = split(go);
  const written = main === null ? null : known(main.version);
  const derived = main === null || written !== null ? null : pseudoVersion(go);
  const version = written ?? derived;
  const properties: BomProperty[] = [];
  if (go.version !== null) properties.push({ name: 'binspect:go:version', value: go.version });
  if (derived !== null) properties.push({ name: 'binspect:version:derived', value: 'from vcs.revision and vcs.time' });
  if (main !== null && main.sum !== '') properties.push({ name: 'binspect:go:sum', value: main.sum });
  for (const { key, value } of go.settings) properties.push({ name: `binspect:go:setting:${key}`, value });
  if (main === null || main.path === '') return { name: go.path, version, purl: null, properties };
  const below = go.path !== null && go.path.startsWith(`${main.path}/`) ? go.path.slice(main.path.length + 1) : null;
  const path = go.path === null || go.path === UNNAMED ? main.path : go.path;
  return { name: path, version, purl: purlOf('golang', main.path, version, below), properties };
}

/** A replacement by a folder: go.mod asks for `./`, `../` or a rooted path there. */
function isFolder(path: string): boolean {
  return /^(\.{1,2}(?:[/\\]|$)|[/\\]|[A-Za-z]:[/\\])/.test(path);
}

function library(name: string, version: string | null, properties: readonly BomProperty[]): GoLibrary {
  return {
    type: 'library',
    name,
    version,
    purl: purlOf('golang', name, version),
    cpe: null,
    license: null,
    publisher: null,
    scope: 'required',
    file: null,
    dynamic: false,
    properties,
  };
}

/** A module as it was built: what replaces it, if another module does. `h1:` sums are no digests of any file, and stay what they are. */
function moduleComponent(module: GoModule): GoLibrary {
  const { replace } = module;
  const version = known(module.version);
  const replaced = version === null ? module.path : `${module.path}@${version}`;
  if (replace !== null && isFolder(replace.path)) {
    return library(module.path, null, [
      { name: 'binspect:go:replaces', value: replaced },
      { name: 'binspect:go:replacement', value: replace.path },
    ]);
  }
  const built = replace ?? module;
  const properties: BomProperty[] = built.sum === '' ? [] : [{ name: 'binspect:go:sum', value: built.sum }];
  if (replace !== null) properties.push({ name: 'binspect:go:replaces', value: replaced });
  return library(built.path, known(built.version), properties);
}

/** The standard library, by the version of the toolchain: `go1.26rc1 X:rangefunc` is 1.26rc1 with an experiment. */
function standardLibrary(go: GoBuild): GoLibrary {
  const [, number = null, pre = '', rest = ''] = /^go(\d+(?:\.\d+){0,2})((?:rc|beta)\d+)?(.*)$/s.exec(go.version ?? '') ?? [];
  const version = number === null ? null : `${number}${pre}`;
  const experiment = /(?:^|[ -])X:(\S+)/.exec(rest)?.[1];
  const properties = experiment === undefined ? [] : [{ name: 'binspect:go:experiment', value: experiment }];
  const cpe = number === null ? null : `cpe:2.3:a:golang:go:${number}:${pre === '' ? '-' : pre}:*:*:*:*:*:*`;
  return { ...library('stdlib', version, properties), cpe, license: 'BSD-3-Clause' };
}

/** The modules in the file's order, and the standard library. */
export function goLibraries(go: GoBuild): GoLibrary[] {
  return [...split(go).deps.map(moduleComponent), standardLibrary(go)];
}

/** The same as facts of a binary: the main module first, then the others in the file's order, and the standard library. */
export function goComponents(go: GoBuild): Component[] {
  const { main } = split(go);
  const program = goProgram(go);
  const own: Component[] =
    main === null || main.path === ''
      ? []
      : [{ from: 'go', name: main.path, version: program.version, purl: program.purl, main: true, kind: 'runtime', source: null, dependencies: null }];
  return [...own, ...goLibraries(go).map(({ name, version, purl }): Component => ({ from: 'go', name, version, purl, main: false, kind: 'runtime', source: null, dependencies: null }))];
}

/** Whether the modules are all that went into a program: C code is in none of the lists. */
export function goAggregate(go: GoBuild): 'complete' | 'incomplete' | 'unknown' {
  if (go.path === null && go.main === null && go.deps.length === 0) return 'incomplete';
  return go.buildInfo === 'present' && goSetting(go, 'CGO_ENABLED') !== '1' ? 'complete' : 'unknown';
}
