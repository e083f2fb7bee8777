// WebAssembly facts held against Node's own engine, wasm-objdump (wabt) and jco, on every module and component at hand; and against go's own words.
// BINSPECT_CORPUS names folders with more files, BINSPECT_JCO the command jco (npm, @bytecodealliance/jco), which is not asked for otherwise.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBytes } from '../../src/bytes/input.ts';
import { inspectSync } from '../../src/inspect/inspect.ts';
import { LIMITS } from '../../src/limits.ts';
import type { WasmBinary } from '../../src/model/binary.ts';
import { readWasm } from '../../src/wasm/facts/binary.ts';
import { openWasm } from '../../src/wasm/file.ts';
import type { Section } from '../../src/wasm/file.ts';
import { filesBeginning } from './machine-files.ts';

const CI = process.env['CI'] !== undefined;

function works(command: string, args: readonly string[]): boolean {
  const there = spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  if (!there) console.warn(`skipped: ${command} is not installed`);
  return there;
}

const bytesOf = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));
const read = (bytes: Uint8Array): WasmBinary => readBytes(bytes, (input) => readWasm(input, 'all'), LIMITS);
const sectionsOf = (bytes: Uint8Array): readonly Section[] => readBytes(bytes, openWasm, LIMITS).sections;

const files = filesBeginning(/^0061736d$/, []);
const modules = files.filter((path) => bytesOf(path)[6] === 0);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'binspect-wasm-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("Node's WebAssembly.Module", () => {
  it('has the same imports and exports', { timeout: 600_000 }, () => {
    const refused: string[] = [];
    let compared = 0;
    for (const path of modules) {
      const bytes = bytesOf(path);
      let module: WebAssembly.Module;
      try {
        module = new WebAssembly.Module(bytes);
      } catch {
        refused.push(path); // features that this Node does not have
        continue;
      }
      const { wasm, warnings } = read(bytes);
      const imports = WebAssembly.Module.imports(module);
      const exports = WebAssembly.Module.exports(module);
      expect([wasm.importCount, wasm.exportCount], path).toEqual([imports.length, exports.length]);
      const listed = JSON.stringify([imports.slice(0, 10_000).map((one) => [one.module, one.name, one.kind]), exports.slice(0, 10_000).map((one) => [one.name, one.kind])]);
      expect(JSON.stringify([wasm.imports?.map((one) => [one.module, one.name, one.kind]), wasm.exports?.map((one) => [one.name, one.kind])]) === listed, path).toBe(true);
      expect(warnings, path).toEqual([]);
      compared++;
    }
    console.log(`Node: ${compared} modules compared; it refuses ${refused.length}: ${refused.join(' ')}`);
    expect(compared).toBeGreaterThanOrEqual(6); // what testdata alone has
    expect(refused.length).toBeLessThanOrEqual(1 + compared / 10);
  });
});

/** Sections as wasm-objdump calls them, by their numbers. */
const SECTION_NAMES = ['Custom', 'Type', 'Import', 'Function', 'Table', 'Memory', 'Global', 'Export', 'Start', 'Elem', 'Code', 'Data', 'DataCount', 'Tag'];

describe('wasm-objdump', () => {
  const available = works('wasm-objdump', ['--version']);

  it.skipIf(!available && !CI)('has the same sections, memories, features and start', { timeout: 600_000 }, () => {
    expect(available, 'wasm-objdump is missing').toBe(true);
    const failed: string[] = [];
    let compared = 0;
    for (const path of modules) {
      const show = (...options: readonly string[]): { status: number | null; stdout: string } => spawnSync('wasm-objdump', [...options, path], { encoding: 'utf8', maxBuffer: 2 ** 28 });
      const { status, stdout: headers } = show('-h');
      if (status !== 0) {
        failed.push(path);
        continue;
      }
      const details = ['Import', 'Memory', 'Start', 'target_features'].map((name) => show('-x', '-j', name).stdout).join(''); // it fails where there is no such section
      const bytes = bytesOf(path);
      const { wasm } = read(bytes);
      const sections = Array.from(headers.matchAll(/^ *([A-Z]\w+) start=0x\w+ end=0x(\w+) \(size=0x\w+\)(?: count: \d+| "(.*)"|.*)$/gm), ([, kind, end, label]) => [kind, Number.parseInt(end as string, 16), label ?? null]);
      expect(sectionsOf(bytes).map(({ id, end, name }) => [SECTION_NAMES[id], end, name]), path).toEqual(sections);
      const memories = Array.from(details.matchAll(/^ - memory\[\d+\] pages: initial=(\d+)(?: max=(\d+))?( shared)?( i64)?/gm), ([, min, max, shared, wide]) => [Number(min), max === undefined ? null : Number(max), shared !== undefined, wide === undefined ? 32 : 64]);
      expect(wasm.memories.map(({ minimum, maximum, shared, bits }) => [minimum, maximum, shared, bits]), path).toEqual(memories);
      expect(wasm.start, path).toBe(/^ - start function: (\d+)/m.test(details) ? Number(/^ - start function: (\d+)/m.exec(details)?.[1]) : null);
      const features = Array.from(details.matchAll(/^ {2}- \[([+=-])\] (.*)$/gm), ([, prefix, name]) => `${prefix}${name}`);
      const own = wasm.features?.filter(({ from }) => from === 'target_features').map(({ name, use }) => `${{ used: '+', forbidden: '-', required: '=' }[use]}${name}`);
      expect(own ?? [], path).toEqual(features);
      compared++;
    }
    console.log(`wasm-objdump: ${compared} modules compared; it fails over ${failed.length}: ${failed.join(' ')}`);
    expect(compared).toBeGreaterThanOrEqual(7);
    expect(failed.length).toBeLessThanOrEqual(1 + compared / 10);
  });
});

describe('jco', () => {
  const jco = process.env['BINSPECT_JCO'];
  if (jco === undefined) console.warn('skipped: BINSPECT_JCO names no jco');
  const run = (...args: readonly string[]): string => execFileSync(jco as string, args, { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'ignore'] });

  it.skipIf(jco === undefined)('has the same interfaces, and the same parts', { timeout: 600_000 }, () => {
    const made = [
      ['wasm-wasip1.wasm', '--wasi-command'],
      ['wasm-reactor.wasm', '--wasi-reactor'],
    ].map(([name, adapter]) => {
      const path = join(folder, `${name}.component.wasm`);
      run('new', `testdata/${name}`, adapter as string, '-o', path);
      return path;
    });
    const components = [...made, ...files.filter((path) => bytesOf(path)[6] === 1)];
    for (const path of components) {
      const { wasm, dependencies, warnings } = read(bytesOf(path));
      const text = run('print', path);
      const kindOf = { instance: 'instance', func: 'function', 'core module': 'module', component: 'component', type: 'type', value: 'value' } as const;
      const items = (word: string): string[] =>
        Array.from(text.matchAll(new RegExp(`^  \\(${word} (?:\\$\\S+ \\(;\\d+;\\) )?"([^"]+)" \\((core module|\\w+)`, 'gm')), ([, name, kind]) => `${kindOf[kind as keyof typeof kindOf]} ${name}`);
      expect(wasm.imports?.map(({ kind, name }) => `${kind} ${name}`), path).toEqual(items('import'));
      expect(wasm.exports?.map(({ kind, name }) => `${kind} ${name}`), path).toEqual(items('export'));
      const parts = Array.from(text.matchAll(/^ {2}\((?:core (module)|(component)) (?:\$(\S+) )?\(;\d+;\)/gm), ([, module, component, name]) => [module ?? component, name ?? null]);
      const own = wasm.parts.filter(({ depth }) => depth === 1);
      expect(own.map(({ kind }) => kind), path).toEqual(parts.map(([kind]) => kind));
      own.forEach(({ moduleName }, index) => expect([parts[index]?.[1], 'wasm-reactor.wasm'], path).toContain(moduleName)); // that one has a name of its own
      const wit = run('wit', path);
      const interfaces = Array.from(wit.matchAll(/^ {2}import ([a-z0-9-]+:\S+);$/gm), ([, name]) => name);
      expect(dependencies.map(({ name }) => name), path).toEqual(interfaces);
      expect(warnings, path).toEqual([]);
    }
    console.log(`jco: ${components.length} components compared`);
  });
});

describe('go', () => {
  const available = works('go', ['version']);

  it.skipIf(!available && !CI)('builds programs of which all is recovered that its own reader does not see', { timeout: 600_000 }, () => {
    expect(available, 'go is missing').toBe(true);
    writeFileSync(join(folder, 'main.go'), 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n');
    writeFileSync(join(folder, 'go.mod'), 'module example.com/hello\n\ngo 1.19\n');
    const env = { ...process.env, GOOS: 'js', GOARCH: 'wasm', GOFLAGS: '-mod=mod', GOCACHE: join(folder, 'cache'), GO111MODULE: 'on' };
    const version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
    for (const flags of [[], ['-trimpath', '-ldflags=-s -w']]) {
      const path = join(folder, 'hello.wasm');
      execFileSync('go', ['build', ...flags, '-o', path, '.'], { cwd: folder, env });
      const [binary] = inspectSync(path, { facts: 'main' }).binaries;
      expect(binary).toMatchObject({
        platform: { os: 'js', go: 'js/wasm' },
        kind: 'executable',
        stripped: flags.length > 0,
        go: { version, buildInfo: 'recovered', path: 'example.com/hello', main: { path: 'example.com/hello', version: '(devel)' } },
        wasm: { entry: 'run' },
        warnings: [],
      });
      const settings = new Map(binary?.go?.settings.map(({ key, value }) => [key, value]));
      expect([settings.get('GOOS'), settings.get('GOARCH'), settings.get('-trimpath') ?? null]).toEqual(['js', 'wasm', flags.length > 0 ? 'true' : null]);
      expect(binary?.go?.buildId).toBe(execFileSync('go', ['tool', 'buildid', path], { encoding: 'utf8', env: { ...env, GOOS: '', GOARCH: '' } }).trim());
      expect(spawnSync('go', ['version', '-m', path], { encoding: 'utf8' }).stderr + spawnSync('go', ['version', '-m', path], { encoding: 'utf8' }).stdout).toContain('unrecognized file format');
    }
  });
});
