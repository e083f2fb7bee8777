// Targets of WebAssembly in all their spellings, what names claim of them, and what rules say of modules.

import { describe, expect, it } from 'vitest';
import { inspectSync } from '../src/inspect/inspect.ts';
import { formatGoVersion } from '../src/render/go-version.ts';
import { claimsOfPath } from '../src/verify/targets/claims.ts';
import { matchesPackage, packagePlatforms } from '../src/verify/targets/package-json.ts';
import { isNamedProgram } from '../src/verify/targets/programs.ts';
import { matchesTarget, parseTarget, platformText, targetText } from '../src/verify/targets/target.ts';
import type { Target } from '../src/verify/targets/target.ts';
import { verify } from '../src/verify/verify.ts';
import type { Binary } from '../src/model/binary.ts';
import { buildComponent, buildWasm, custom, globalImport, instanceImport, memoryImport, producers } from './build/wasm.ts';
import type { ImportPlan, WasmPlan } from './build/wasm.ts';

function target(text: string): Target {
  const parsed = parseTarget(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

const of = (bytes: Uint8Array): Binary => inspectSync(bytes, { facts: 'all' }).binaries[0] as Binary;
const module = (plan: WasmPlan): Binary => of(buildWasm(plan));

const wasi: ImportPlan = ['wasi_snapshot_preview1', 'fd_write'];
const shared: ImportPlan = ['env', 'memory', memoryImport({ max: 2, shared: true })];
const FILES = {
  js: module({ imports: [['gojs', 'x']], exports: ['run', 'resume', 'getsp'] }),
  wasip1: module({ imports: [wasi], exports: ['_start'] }),
  threads: module({ imports: [wasi, shared, ['wasi', 'thread-spawn']], exports: ['_start'] }),
  wide: module({ imports: [wasi], memories: [{ wide: true }] }),
  wasip2: of(buildComponent([instanceImport('wasi:cli/stdout@0.2.3')])),
  emscripten: module({ imports: [['env', 'emscripten_x']] }),
  unknown: module({ last: [producers({ 'processed-by': [['rustc', '1.98.0']] })] }),
  short: module({ imports: [['a', 'a']] }),
} as const;

describe('targets', () => {
  it.each([
    ['js/wasm', 'js/wasm'], ['js-wasm', 'js/wasm'], ['js_wasm', 'js/wasm'], ['wasip1_wasm', 'wasip1/wasm'],
    ['wasip1/wasm', 'wasip1/wasm'], ['wasm32-wasip1', 'wasip1/wasm'], ['wasm32-wasi', 'wasip1/wasm'], ['wasm32-unknown-wasip1', 'wasip1/wasm'],
    ['wasm32-wasip1-threads', 'wasip1/wasm (threads)'],
    ['wasm32-wasip2', 'wasip2/wasm'], ['wasip2/wasm', 'wasip2/wasm'], ['wasm32-wasip3', 'wasip3/wasm'],
    ['wasm32-unknown-emscripten', 'emscripten/wasm'], ['emscripten/wasm', 'emscripten/wasm'],
    ['wasm32-unknown-unknown', '*/wasm (unknown-unknown)'], ['wasm64-wasip1', 'wasip1/wasm64'], ['wasip1/wasm64', 'wasip1/wasm64'],
  ])('%s is %s', (written, read) => expect(targetText(target(written))).toBe(read)); // prettier-ignore

  it.each(['wasm', 'wasm32', 'js', 'linux/amd64/wasm', 'unknown-unknown', 'x86_64-unknown-unknown', 'wasm32-unknown'])('%s is no target', (written) => {
    expect(parseTarget(written)).toBeTypeOf('string');
  });

  it.each<[keyof typeof FILES, readonly string[], readonly string[]]>([
    ['js', ['js/wasm'], ['wasip1/wasm', 'wasm32-unknown-unknown', 'linux/amd64', 'wasm32-unknown-emscripten']],
    ['wasip1', ['wasip1/wasm', 'wasm32-wasi', 'wasm32-wasip1'], ['js/wasm', 'wasm32-wasip2', 'wasm32-wasip1-threads', 'wasm64-wasip1', 'wasm32-unknown-unknown']],
    ['threads', ['wasm32-wasip1-threads'], ['wasm32-wasip1', 'wasip1/wasm', 'wasm32-wasip2']],
    ['wide', ['wasm64-wasip1'], ['wasm32-wasip1', 'wasip1/wasm']],
    ['wasip2', ['wasip2/wasm', 'wasm32-wasip2'], ['wasm32-wasip1', 'wasm32-wasip3']],
    ['emscripten', ['wasm32-unknown-emscripten'], ['wasm32-unknown-unknown', 'js/wasm']],
    ['unknown', ['wasm32-unknown-unknown'], ['linux/amd64']],
  ])('%s', (name, yes, no) => {
    for (const text of yes) expect(matchesTarget(FILES[name], target(text)), text).toBe('yes');
    for (const text of no) expect(matchesTarget(FILES[name], target(text)), text).toBe('no');
  });

  it('of a module that says nothing are unknown', () => {
    for (const text of ['js/wasm', 'wasip1/wasm', 'wasm32-unknown-unknown']) expect(matchesTarget(FILES.short, target(text)), text).toBe('unknown');
    expect(matchesTarget(FILES.unknown, target('wasip1/wasm'))).toBe('unknown');
    expect(matchesTarget(FILES.short, target('linux/amd64'))).toBe('no');
  });

  it('are what is printed of them', () => {
    for (const binary of Object.values(FILES)) {
      const { go, oci, triple } = binary.platform;
      for (const text of [go, oci, triple].filter((one) => one !== null)) expect(matchesTarget(binary, target(text)), text).toBe(binary === FILES.threads && text !== triple ? 'no' : 'yes');
    }
    expect(platformText(FILES.threads, { libc: null })).toBe('wasip1/wasm');
    expect(platformText(FILES.wide, { libc: null })).toBe('wasip1/wasm64');
  });
});

describe('names', () => {
  const claims = (path: string): string[] => claimsOfPath(path).map(({ target: claimed }) => targetText(claimed));
  it.each<[string, readonly string[]]>([
    ['dist/app_js_wasm', ['js/wasm']],
    ['app_1.2.3_wasip1_wasm', ['wasip1/wasm']],
    ['dist/app_wasip1_wasm/app', ['wasip1/wasm']],
    ['parser.wasm32-wasi.wasm', ['wasip1/wasm']],
    ['node_modules/@x/binding-wasm32-wasi/x.wasm', ['*/wasm', 'wasip1/*']],
    ['x.wasm32-wasip1-threads.wasm', ['wasip1/wasm (threads)']],
    ['target/wasm32-unknown-unknown/release/x', ['*/wasm (unknown-unknown)']],
    ['sharp-wasm32-0.35.5.node.wasm', ['*/wasm']],
    ['sql-wasm.wasm', ['*/wasm']],
    ['esbuild.wasm', ['*/wasm']],
    ['emscripten-module.wasm', ['*/wasm']],
    ['tree-sitter-javascript.wasm', ['*/wasm']],
    ['yoga-wasm-web', ['*/wasm']],
    ['app_linux_amd64', ['linux/amd64']],
    ['linux-amd64-threads', ['linux/amd64']],
  ])('%s claims %j', (path, expected) => expect(claims(path)).toEqual(expected));

  it('of modules for threads may be the plain one', () => {
    const [claim] = claimsOfPath('parser.wasm32-wasi.wasm');
    expect(claim === undefined ? null : matchesTarget(FILES.threads, claim.target)).toBe('yes');
  });

  it('end in .wasm for programs', () => {
    expect(isNamedProgram('x.wasm')).toBe(true);
    expect(isNamedProgram('x.wasm.map')).toBe(false);
  });

  it('of packages say wasm32', () => {
    const claimed = packagePlatforms('package.json', '{"cpu":["wasm32"]}');
    expect([matchesPackage(FILES.short, claimed), matchesPackage(FILES.wide, claimed)]).toEqual(['yes', 'no']);
  });
});

describe('rules', () => {
  const bytes = buildWasm({ imports: [wasi, ['host', 'f']], exports: ['_start'] });
  const status = (expectations: Parameters<typeof verify>[1], file = bytes): Record<string, string> =>
    Object.fromEntries(verify(inspectSync(file, { facts: 'all' }), expectations).findings.map(({ rule, status: one }) => [rule, one]));

  it('say what holds of a module', () => {
    expect(status({ target: 'wasip1/wasm', linkage: 'static', kind: 'executable', stripped: true, needs: 'host', noNeeds: 'env', noSearchPaths: true })).toEqual({
      target: 'pass', linkage: 'pass', kind: 'pass', stripped: 'pass', needs: 'pass', noNeeds: 'pass', noSearchPaths: 'pass',
    }); // prettier-ignore
    expect(status({ onlyNeeds: ['wasi_snapshot_preview1'], target: 'js/wasm' })).toEqual({ onlyNeeds: 'fail', target: 'fail' });
  });

  it('that do not apply are never a pass', () => {
    const found = status({ pie: true, interpreter: '/lib/ld.so', minOs: '<=11', libc: 'musl' });
    expect(Object.values(found)).not.toContain('pass');
  });

  it('about modules that a library imports hold for libraries', () => {
    const library = buildWasm({ imports: [['GOT.mem', 'x', globalImport()], ['env', 'emscripten_x']] });
    expect(status({ needs: 'env', noNeeds: 'wasi_*' }, library)).toEqual({ needs: 'pass', noNeeds: 'pass' });
  });

  it('pass nothing over imports that can not all be read', () => {
    const damaged = Uint8Array.from([...bytes.subarray(0, 8), 2, 4, 9, 1, 0x61, 0]);
    expect(status({ noNeeds: 'env' }, damaged)).toEqual({ noNeeds: 'unknown' });
  });
});

it('go version says nothing of a module', () => {
  const inspection = inspectSync(buildWasm({ exports: ['run', 'resume', 'getsp'], last: [producers({ language: [['Go', 'go1.26.5']] }), custom('x')] }));
  expect(formatGoVersion(inspection)).toBe('');
  expect(formatGoVersion(inspection, { recovered: true })).toBe('-: go1.26.5\n');
});
