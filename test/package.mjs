// The package as a user gets it: packed, linted, installed into an empty folder, imported, required, bundled, type-checked, run.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';

/** KiB that the parts may have: a tenth above what they had when this was last looked at. */
const BUDGETS = {
  'library for Node, minified': 870,
  'library for Node, gzip': 330,
  'library for browsers, minified': 512,
  'library for browsers, gzip': 192,
  'bundle of parseChecksums alone': 9,
  'command, all files': 1350,
  'command, loaded by --version': 30,
  'tarball': 920,
  'unpacked': 2720,
};

const LINTERS = { publint: '0.3.25', '@arethetypeswrong/cli': '0.18.5' };

const overspent = [];
const folder = mkdtempSync(join(tmpdir(), 'binspect-package-'));
const run = (command, args, options = {}) => execFileSync(command, args, { encoding: 'utf8', cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], ...options });
const write = (name, text) => writeFileSync(join(folder, name), text);
const project = createRequire(import.meta.url);
const typescript = project('typescript');
const { build } = createRequire(project.resolve('tsup'))('esbuild');

try {
  const packed = pack();
  lint(packed);
  write('package.json', '{"name": "user", "private": true}');
  run('npm', ['install', '--no-audit', '--no-fund', '--offline', packed.filename], { stdio: 'ignore' });
  checkFiles(packed);
  load();
  checkTypes();
  await bundle();
  runCommand();
  assert.deepEqual(overspent, [], 'grown beyond the budgets in test/package.mjs');
  console.log('the package installs, imports, requires, bundles, type-checks and runs');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack() {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: resolve('.'), stdio: ['ignore', 'pipe', 'ignore'] }));
  const known = /^(package\.json|README\.md|src\/schema\/[a-z-]+\.json|dist\/(index\.(js|cjs|d\.ts|d\.cts)|browser\.(js|d\.ts)|checksums\.js|(cli|hash-worker)\.cjs|[a-z-]+-[\w-]{8}\.(js|cjs|d\.ts|d\.cts)))$/;
  for (const { path } of packed.files) assert.match(path, known, `${path} should not be in the package`);
  return packed;
}

function budget(what, bytes) {
  const size = bytes / 1024;
  console.log(`${what}: ${size.toFixed(1)} KiB of ${BUDGETS[what]}`);
  if (size > BUDGETS[what]) overspent.push(what);
}

/** publint and attw, which are no dependencies: from the registry, into a folder of their own. */
function lint({ filename }) {
  const tools = join(folder, 'linters');
  mkdirSync(tools);
  writeFileSync(join(tools, 'package.json'), '{"name": "linters", "private": true}');
  try {
    run('npm', ['install', '--no-audit', '--no-fund', ...Object.entries(LINTERS).map(([name, version]) => `${name}@${version}`)], { cwd: tools, stdio: 'ignore' });
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    console.log('publint and attw are skipped: they can not be installed here (with CI=true that is a failure)');
    return;
  }
  const tarball = join(folder, filename);
  for (const args of [['publint', '--strict', tarball], ['attw', '--profile', 'strict', '--no-color', '--no-emoji', tarball]]) {
    const [tool, ...rest] = args;
    const { status, stdout, stderr } = spawnSync(join(tools, 'node_modules/.bin', tool), rest, { encoding: 'utf8', cwd: folder });
    assert.equal(status, 0, `${tool} finds:\n${stdout}${stderr}`);
    console.log(`${tool} finds nothing`);
  }
}

function installed(name) {
  return readFileSync(join(folder, 'node_modules/binspect', name));
}

/** A module with what it imports of the package itself. */
function withChunks(name, seen = new Set()) {
  if (seen.has(name)) return [];
  seen.add(name);
  const text = installed(name);
  const chunks = Array.from(text.toString().matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g), ([, chunk]) => join(dirname(name), chunk));
  return [text, ...chunks.flatMap((chunk) => withChunks(chunk, seen))];
}

function checkFiles({ files, size, unpackedSize }) {
  const names = files.map(({ path }) => path);
  for (const name of ['dist/cli.cjs', 'dist/index.js', 'dist/index.cjs', 'dist/index.d.ts', 'dist/index.d.cts', 'dist/browser.js', 'dist/browser.d.ts', 'README.md']) {
    assert.ok(names.includes(name), `${name} is missing`);
  }
  for (const { path, size: bytes } of files) console.log(`  ${path}: ${(bytes / 1024).toFixed(1)} KiB`);
  budget('tarball', size);
  budget('unpacked', unpackedSize);
  for (const [what, name] of [['Node', 'dist/index.js'], ['browsers', 'dist/browser.js']]) {
    const parts = withChunks(name);
    budget(`library for ${what}, minified`, Buffer.concat(parts).length);
    budget(`library for ${what}, gzip`, parts.reduce((sum, part) => sum + gzipSync(part, { level: 9 }).length, 0));
  }
  for (const part of withChunks('dist/browser.js')) refuseNode(part.toString(), 'dist/browser.js');
  // What runs is what was written: no bundler's substitutes for ?., ?? and plain calls.
  for (const name of names.filter((path) => path.endsWith('js'))) assert.doesNotMatch(installed(name).toString(), /_optionalChain|_nullishCoalesce|\.call\(void 0/, name);
  const command = files.filter(({ path }) => path.endsWith('.cjs') && path !== 'dist/index.cjs');
  budget('command, all files', command.reduce((sum, file) => sum + file.size, 0));
}

/** Nothing but the web's own names in code for browsers. Texts may speak of a process. */
function refuseNode(code, name) {
  for (const pattern of [/["']node:/, /\brequire\(/, /\bprocess\.[a-z]/, /\bBuffer\b/, /\b__dirname\b/, /from\s*["'](fs|path|crypto|util|os|url|worker_threads)["']/]) {
    assert.doesNotMatch(code, pattern, `${name} needs Node`);
  }
}

function load() {
  const use = `const i = inspectSync(process.execPath); if (i.schemaVersion !== 1 || i.binaries.length < 1) throw new Error('no inspection');`;
  write('use.mjs', `import { inspectSync } from 'binspect'; ${use}`);
  write('use.cjs', `const { inspectSync } = require('binspect'); ${use}; if (require('binspect/schema/inspection.json').type !== 'object') throw new Error('no schema');`);
  run(process.execPath, ['use.mjs']);
  run(process.execPath, ['use.cjs']);
}

/** A user's project without @types/node, which takes every declaration apart; and the names that the declarations export. */
function checkTypes() {
  const code = `
import { BinspectError, checkSums, formatChecksums, formatGoVersion, hash, inspect, inspectSync, isBinspectError, LIMITS, parseChecksums, parsePolicy, scan, toJSON, verify, verifyFiles } from 'binspect';
import type { Binary, ByteSource, Inspection, Policy, Verdict } from 'binspect';
const one: Inspection = inspectSync(new Uint8Array(4));
export async function machine(input: string | Blob | ByteSource): Promise<string | null> {
  const binary: Binary = (await inspect(input, { hash: true, signal: AbortSignal.timeout(1000) })).binaries[0]!;
  if (binary.format === 'elf') return binary.elf.typeName;
  return binary.machine.name;
}
export const text: string = toJSON(one) + formatGoVersion(one) + formatChecksums(parseChecksums('').entries);
export const verdict: Verdict = verify(one, { target: 'linux/arm64', stripped: true });
export function code(error: unknown): string { return isBinspectError(error) ? error.code : error instanceof BinspectError ? error.message : String(LIMITS.slices); }
export async function files(policy: Policy = parsePolicy('{"version": 1}')): Promise<boolean> {
  for await (const item of scan(['.'])) if ('error' in item) throw item.error;
  for await (const { status } of checkSums(parseChecksums(''))) if (status !== 'ok') return false;
  return (await hash('x')).length === 64 && (await verifyFiles(policy)).ok;
}
`;
  const web = code.replaceAll(/\b(checkSums|scan|verifyFiles), |, (verifyFiles)\b/g, '').replace(/export async function files[^]*$/, 'export const digest: Promise<string> = hash(new Blob());\n');
  for (const name of ['types.mts', 'types.cts', 'types.ts']) write(name, code);
  for (const name of ['web.mts', 'web.ts']) write(name, web);
  const common = { noEmit: true, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, skipDefaultLibCheck: true, target: 'es2023', lib: ['es2023', 'dom'], types: [] };
  const projects = {
    nodenext: [{ module: 'nodenext', moduleResolution: 'nodenext' }, ['types.mts', 'types.cts']],
    node16: [{ module: 'node16', moduleResolution: 'node16' }, ['types.mts', 'types.cts']],
    bundler: [{ module: 'esnext', moduleResolution: 'bundler' }, ['types.ts', 'web.ts']],
    'bundler, browser': [{ module: 'esnext', moduleResolution: 'bundler', customConditions: ['browser'] }, ['web.ts']],
    'node16, browser': [{ module: 'node16', moduleResolution: 'node16', customConditions: ['browser'] }, ['web.mts']],
  };
  for (const [name, [own, files]] of Object.entries(projects)) {
    write('tsconfig.json', JSON.stringify({ compilerOptions: { ...common, ...own }, files }));
    run(process.execPath, [project.resolve('typescript/bin/tsc'), '--project', '.'], { stdio: ['ignore', 'inherit', 'inherit'] });
    console.log(`types hold: ${name}`);
  }
  for (const [face, declarations] of Object.entries({ index: ['index.d.ts', 'index.d.cts'], browser: ['browser.d.ts'] })) {
    const expected = Array.from(readFileSync(`test/api/${face}.d.ts.txt`, 'utf8').matchAll(/^export (?:declare )?(?:interface|type|class|function|const) (\w+)/gm), ([, name]) => name);
    for (const name of declarations) assert.deepEqual(exportsOf(name), [...new Set(expected)].map((one) => (one === 'InspectInput' ? 'Input' : one)).sort(), name); // an overloaded function stands there once
  }
}

function exportsOf(name) {
  const path = join(folder, 'node_modules/binspect/dist', name);
  const program = typescript.createProgram([path], { module: typescript.ModuleKind.Node16, moduleResolution: typescript.ModuleResolutionKind.Node16, types: [] });
  const checker = program.getTypeChecker();
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path))).map((symbol) => symbol.name).sort();
}

/** What a bundler makes of it for browsers: the face without Node, and of that what is used. */
async function bundle() {
  const bundled = async (contents, options = {}) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder }, bundle: true, write: false, minify: true, platform: 'browser', format: 'iife', logLevel: 'silent', ...options,
    }); // prettier-ignore
    return outputFiles[0].text;
  };
  const fixture = new Uint8Array(readFileSync('testdata/macho-universal'));
  const expected = run(process.execPath, ['--input-type=module', '-e', `import { inspect, toJSON } from 'binspect'; console.log(toJSON({ ...(await inspect(${JSON.stringify(resolve('testdata/macho-universal'))}, { hash: true })), path: null }))`]).trim();
  for (const contents of [`import * as binspect from 'binspect'; globalThis.binspect = binspect;`, `globalThis.binspect = require('binspect');`]) {
    const code = await bundled(contents);
    refuseNode(code, 'the bundle');
    const realm = vm.createContext({ TextDecoder, TextEncoder, Blob, URL, crypto }); // the web's names, and none of Node's
    vm.runInContext(code, realm);
    const inspection = await realm.binspect.inspect(fixture, { hash: true });
    assert.equal(realm.binspect.toJSON(inspection), expected);
  }
  for (const conditions of [['browser'], ['node']]) await bundled(`export * from 'binspect';`, { format: 'cjs', platform: 'node', conditions }); // which can't await at the top level
  const whole = await bundled(`export * from 'binspect';`, { format: 'esm' });
  const part = await bundled(`import { parseChecksums } from 'binspect'; console.log(parseChecksums(''));`, { format: 'esm' });
  budget('bundle of parseChecksums alone', part.length);
  assert.ok(part.length < whole.length / 3, 'what is not imported should not be bundled');
  await assert.rejects(bundled(`import { scan } from 'binspect'; console.log(scan);`), /No matching export .* for import "scan"/);
  console.log('a bundler takes the face for browsers, and leaves out what is not used');
}

function runCommand() {
  const cli = 'node_modules/binspect/dist/cli.cjs';
  const command = (...args) => run(process.execPath, [cli, ...args]);
  assert.equal(JSON.parse(command('--json', process.execPath)).sha256.length, 64);
  assert.match(command(process.execPath), /ELF|Mach-O|PE32/);
  const sums = command('hash', process.execPath);
  assert.match(sums, /^[0-9a-f]{64} {2}/);
  write('SUMS', sums);
  assert.match(command('hash', '-c', 'SUMS'), /: OK\n$/);
  assert.match(command('verify', '--kind', 'executable', '--max-size', '1GiB', '--unique', process.execPath), /1 file/);
  assert.match(command('verify', '--init', process.execPath), /"version": 1/);
  assert.match(command('completion', 'bash'), /complete -o filenames/);
  for (const name of ['inspect', 'go', 'hash', 'verify', 'completion']) assert.match(command(name, '--help'), /^Usage: /);
  assert.match(run(join(folder, 'node_modules/.bin/binspect'), ['--version']), /^binspect \d+\.\d+\.\d+\n$/);
  write('loaded.cjs', `process.argv = [process.argv[0], require.resolve('./${cli}'), '--version']; require('./${cli}'); process.on('exit', () => console.error(JSON.stringify(Object.keys(require.cache))));`);
  const stderr = execFileSync('sh', ['-c', `"${process.execPath}" loaded.cjs 2>&1 >/dev/null`], { cwd: folder, encoding: 'utf8' });
  const loaded = JSON.parse(stderr).filter((path) => path.includes('binspect/dist'));
  assert.ok(loaded.length > 0);
  budget('command, loaded by --version', loaded.reduce((sum, path) => sum + readFileSync(path).length, 0));
}
