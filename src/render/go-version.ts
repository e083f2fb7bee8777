// What `go version -m` prints of a Go program, byte for byte, and `go version -m -json`.

import type { GoBuild, GoModule, Inspection } from '../model/binary.ts';
import { keyNeedsQuotes, quoteGo, valueNeedsQuotes } from '../model/go-quote.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';

/** What `formatGoVersion` may be told. */
export interface GoVersionOptions {
  /** Whether the modules and settings follow the version (-m); default true. */
  readonly modules?: boolean | undefined;
  /** Go's own JSON form (-json). */
  readonly json?: boolean | undefined;
  /** Whether also to print what Go's own reader doesn't see; default false. */
  readonly recovered?: boolean | undefined;
}

/** A module's lines: its own, then, where it is replaced, its replacement's, and an empty one. */
function moduleLines(word: string, { path, version, sum, replace }: GoModule): string[] {
  if (replace === null) return [`${word}\t${path}\t${version}\t${sum}`];
  return [`${word}\t${path}\t${version}`, ...moduleLines('=>', replace), ''];
}

function buildLines({ path, main, deps, settings }: GoBuild): string[] {
  const lines = path === null ? [] : [`path\t${path}`];
  if (main !== null) lines.push(...moduleLines('mod', main));
  for (const module of deps) lines.push(...moduleLines('dep', module));
  for (const { key, value } of settings) {
    lines.push(`build\t${keyNeedsQuotes(key) ? quoteGo(key) : key}=${valueNeedsQuotes(value) ? quoteGo(value) : value}`);
  }
  return lines;
}

/** What `go version` prints of one program, with -m or without. Bytes that are no UTF-8 stand as U+DC80–U+DCFF. */
export function renderGoVersion(name: string, build: GoBuild, modules: boolean): string {
  const text = modules ? buildLines(build).join('\n') : '';
  const lines = text === '' ? '' : `\t${text.replaceAll('\n', '\n\t')}\n`;
  return `${name}: ${build.version ?? 'unknown'}\n${lines}`;
}

interface GoModuleJson {
  Path?: string;
  Version?: string;
  Sum?: string;
  Replace?: GoModuleJson;
}

/** An object with what is empty left out, as Go's `omitempty` does. */
function filled<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== '' && part !== undefined && !(Array.isArray(part) && part.length === 0))) as T;
}

function moduleJson(module: GoModule | null): GoModuleJson {
  if (module === null) return {};
  const { path, version, sum, replace } = module;
  return filled({ Path: path, Version: version, Sum: sum, ...(replace === null ? {} : { Replace: moduleJson(replace) }) });
}

/** What Go's encoder escapes that JSON need not: HTML's own characters, and JavaScript's line ends. */
const ESCAPED = /[<>&\u2028\u2029]/g;

/** What `go version -m -json` prints of one program: no name in it, and bytes that are no UTF-8 lost, as since Go 1.27. */
export function renderGoVersionJson({ version, path, main, deps, settings }: GoBuild): string {
  const value = filled({
    GoVersion: version ?? '',
    Path: path ?? '',
    Main: moduleJson(main),
    Deps: deps.map(moduleJson),
    Settings: settings.map(({ key, value: text }) => filled({ Key: key, Value: text })),
  });
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? part.replace(/\p{Cs}/gu, '\ufffd') : part), '\t');
  return `${text.replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

const GO_VERSION_OPTIONS: OptionKinds<GoVersionOptions> = { modules: 'boolean', json: 'boolean', recovered: 'boolean' };

/**
 * What `go version -m` prints on standard output of a file that was inspected: of a universal file the first slice. Empty where
 * it prints nothing there, because Go's own reader finds no build information.
 *
 * @example
 * process.stdout.write(formatGoVersion(await inspect('server')));
 */
export function formatGoVersion({ path, binaries }: Inspection, options: GoVersionOptions = {}): string {
  checkOptions(options, GO_VERSION_OPTIONS);
  const build = binaries[0]?.go ?? null;
  if (build === null || (build.buildInfo !== 'present' && options.recovered !== true)) return '';
  return options.json === true ? renderGoVersionJson(build) : renderGoVersion(path ?? '-', build, options.modules ?? true);
}
