// The package on every runtime that it is for: Node 22, 24, 26, Bun and Deno from npm have to say what this Node says, to the byte.
// `node test/runtimes.mjs [NAME…]`, all of them without a name; what it downloads (200 MB each) goes into a folder of its own.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const KNOWN = {
  node22: { install: 'node22@npm:node@22.23.3', command: ['node_modules/node22/bin/node'] },
  node24: { install: 'node24@npm:node@24.9.0', command: ['node_modules/node24/bin/node'] },
  node26: { install: 'node26@npm:node@26.9.0', command: ['node_modules/node26/bin/node'] },
  bun: { install: 'bun@1.4.5', command: ['node_modules/.bin/bun'] },
  deno: { install: 'deno@2.9.6', command: ['node_modules/.bin/deno', 'run', '--allow-all', '--quiet'] },
};

/** Run by every runtime: both forms of the library, every way in; prints what came of it. */
const USE = `
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import * as esm from 'binspect';

const require = createRequire(import.meta.url);
const cjs = require('binspect');
assert.deepEqual(Object.keys(cjs).filter((name) => name in esm).sort(), Object.keys(esm).filter((name) => name !== 'default' && name !== 'module.exports').sort());
assert.equal(require('binspect/schema/inspection.json').type, 'object');
const said = [];
for (const { checkSums, formatChecksums, hash, inspect, inspectSync, isBinspectError, parseChecksums, parsePolicy, scan, toJSON, verify, verifyDetached, verifyFiles } of [esm, cjs]) {
  for (const name of ['elf', 'macho', 'pe.exe']) {
    const path = 'files/' + name;
    const bytes = readFileSync(path);
    const options = { hash: true, facts: 'all' };
    const one = await inspect(path, options);
    said.push(toJSON(one));
    const plain = toJSON({ ...one, path: null });
    for (const input of [bytes, new Uint8Array(bytes).buffer, new Blob([bytes]), pathToFileURL(path), { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) }]) {
      assert.equal(toJSON({ ...(await inspect(input, options)), path: null }), plain);
    }
    assert.equal(toJSON(inspectSync(path, options)), toJSON(one));
    assert.equal(toJSON({ ...inspectSync(bytes, options), path: null }), plain);
    assert.equal(await hash(path), one.sha256);
    said.push(toJSON(verify(one, { stripped: true, kind: 'executable' })));
  }
  for (const name of ['rsa-sha256.exe', 'p521-sha256.exe', 'ed25519-sha512', 'rsa-sha1-page']) {
    const signatures = { roots: readFileSync('signed/roots.pem'), at: '2025-01-01' };
    const one = await inspect('signed/' + name, { signatures, hash: true });
    assert.equal(toJSON(inspectSync('signed/' + name, { signatures, hash: true })), toJSON(one));
    said.push(toJSON(one.binaries[0].signatureCheck));
  }
  for await (const item of scan(['files', 'no such file'])) said.push(item.path, 'error' in item ? item.error.code + item.error.message : item.inspection.format);
  for (const name of ['p256', 'p384', 'p521', 'rsa', 'pss', 'ed25519']) {
    said.push(toJSON(await verifyDetached('files/elf', { signature: 'proofs/' + name + '.sig', key: 'proofs/' + name + '.pem' })));
    said.push(toJSON(await verifyDetached('files/macho', { signature: 'proofs/' + name + '.sig', key: 'proofs/' + name + '.pem' })));
  }
  const sums = parseChecksums(formatChecksums([...'0123'].map((name) => ({ name: 'large/' + name, digest: '0'.repeat(64) }))));
  for await (const { path, actual, status } of checkSums(sums, { jobs: 2 })) said.push(path, actual, status);
  const policy = parsePolicy(JSON.stringify({ version: 1, artifacts: [{ files: ['files/*'], count: 3, expect: { unique: true } }] }));
  said.push(toJSON(await verifyFiles(policy)));
  await assert.rejects(inspect('no such file'), (error) => esm.isBinspectError(error) && isBinspectError(error) && error.code === 'io' && error.cause.code === 'ENOENT' && error.path === 'no such file');
  await assert.rejects(inspect('use.mjs'), { code: 'unrecognized' });
}
console.log(said.join('\\n'));
`;

const PROOF = (index, file) => ['verify', '-v', '--bundle', `proofs/${index}.json`, '--trusted-root', 'proofs/root.json', '--certificate-identity-regexp', '^https://github\\.com/example/', '--certificate-oidc-issuer', 'https://token.actions.githubusercontent.com', file];

const COMMANDS = [
  ['--version'],
  ['files/elf'],
  ['--json', 'files'],
  ['hash', 'files/elf', 'files/macho', 'files/pe.exe'],
  ['hash', '--jobs', '2', 'large/0', 'large/1', 'large/2', 'large/3'],
  ['hash', '-c', 'SUMS'],
  ['verify', '--kind', 'executable', 'files'],
  ['verify', '--target', 'windows/amd64', 'files'],
  ['go', '--recover', 'programs'],
  ['-'],
  ['--json', '--signatures', '--roots', 'signed/roots.pem', '--at', '2025-01-01', 'signed'],
  ['verify', '--anchored', '--roots', 'signed/roots.pem', '--at', '2025-01-01', 'signed'],
  ...[0, 1, 2, 3, 4, 5, 6].flatMap((index) => [PROOF(index, 'files/elf'), PROOF(index, 'files/macho')]),
  ['no such file'],
  ['--no-such-option'],
];

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(KNOWN);
const RUNTIMES = Object.fromEntries(names.map((name) => [name, KNOWN[name] ?? assert.fail(`${name} is none of ${Object.keys(KNOWN).join(', ')}`)]));

const folder = mkdtempSync(join(tmpdir(), 'binspect-runtimes-'));
const npm = (args) => execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

try {
  const tarball = pack();
  writeFileSync(join(folder, 'package.json'), '{"name": "user", "private": true}');
  const started = Date.now();
  npm(['install', '--no-audit', '--no-fund', resolve(tarball), ...Object.values(RUNTIMES).map(({ install }) => install)]);
  console.log(`installed in ${seconds(started)}`);

  mkdirSync(join(folder, 'files'));
  for (const [name, fixture] of Object.entries({ elf: 'elf-x86_64-pie', macho: 'macho-universal', 'pe.exe': 'pe-x86_64.exe' })) {
    copyFileSync(join('testdata', fixture), join(folder, 'files', name));
  }
  // Signed files of every kind of key and digest: what the runtimes' own cryptography makes of them has to be the same.
  execFileSync('node_modules/.bin/esbuild', ['test/build/signed-files.ts', '--bundle', '--platform=node', '--format=esm', '--log-level=error', `--outfile=${join(folder, 'signed-files.mjs')}`]);
  execFileSync(process.execPath, [join(folder, 'signed-files.mjs'), join(folder, 'signed')]);
  // Proofs of every kind beside them.
  execFileSync('node_modules/.bin/esbuild', ['test/build/proof-files.ts', '--bundle', '--platform=node', '--format=esm', '--log-level=error', `--outfile=${join(folder, 'proof-files.mjs')}`]);
  execFileSync(process.execPath, [join(folder, 'proof-files.mjs'), join(folder, 'files/elf'), join(folder, 'proofs')]);
  mkdirSync(join(folder, 'programs')); // esbuild is a Go program, and always here
  copyFileSync(`node_modules/@esbuild/${process.platform}-${process.arch}/bin/esbuild`, join(folder, 'programs/esbuild'));
  mkdirSync(join(folder, 'large')); // enough of it that worker threads are worth their start
  for (const name of '0123') writeFileSync(join(folder, 'large', name), new Uint8Array(48 * 1024 * 1024).fill(Number(name)));
  writeFileSync(join(folder, 'use.mjs'), USE);
  const sums = run([process.execPath], ['node_modules/binspect/dist/cli.cjs', 'hash', 'files/elf', 'files/macho']);
  writeFileSync(join(folder, 'SUMS'), `${sums.stdout}${'0'.repeat(64)}  files/pe.exe\n`);

  const expected = everything([process.execPath]);
  assert.match(expected['go --recover programs'], /esbuild: go1\./);
  for (const [name, { command }] of Object.entries(RUNTIMES)) {
    const before = Date.now();
    const found = everything(command.map((word, index) => (index === 0 ? join(folder, word) : word)));
    for (const [what, answer] of Object.entries(expected)) {
      if (answer !== found[what]) throw new Error(`${name}: ${what}\n${difference(answer, found[what])}`);
    }
    console.log(`${name}: all of ${Object.keys(expected).length} as on Node ${process.versions.node}, ${seconds(before)}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack() {
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  return join(folder, filename);
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

function run([program, ...words], args, input = '') {
  const { status, stdout, stderr, error } = spawnSync(program, [...words, ...args], { cwd: folder, encoding: 'utf8', input, env: { ...process.env, NO_COLOR: '1' } });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** What a runtime makes of the library and of every command. */
function everything(runtime) {
  const library = run(runtime, ['use.mjs']);
  assert.equal(library.status, 0, `${runtime.join(' ')} use.mjs\n${library.stderr}`);
  const answers = { library: library.stdout };
  for (const args of COMMANDS) {
    const { status, stdout, stderr } = run(runtime, ['node_modules/binspect/dist/cli.cjs', ...args], args[0] === '-' ? 'no program' : '');
    answers[args.join(' ')] = `exit status ${status}\n${stdout}\n${stderr}`;
  }
  return answers;
}

/** Where two texts part. */
function difference(expected, found) {
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at++;
  const around = (text) => JSON.stringify(text.slice(Math.max(0, at - 120), at + 120));
  return `expected ${around(expected)}\nfound    ${around(found)}`;
}
