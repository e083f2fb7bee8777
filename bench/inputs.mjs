// What benches of reading take: the executable files of this machine, and peers that have to be built or installed first.

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { has } from './measure.mjs';

const LIEF = 'node-lief@1.0.0';

/** Where peers are kept from one run to the next; never inside the checkout. */
function peerFolder(name) {
  const folder = join(process.env.BENCH_DIR ?? tmpdir(), 'binspect-bench-peers', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A file's first four bytes as a number; 0 where it can't be read. */
export function magicOf(path) {
  const head = Buffer.alloc(4);
  try {
    const descriptor = openSync(path, 'r');
    readSync(descriptor, head, 0, 4, 0);
    closeSync(descriptor);
  } catch {
    return 0; // it may be for root only
  }
  return head.readUInt32BE();
}

export const isElf = (magic) => magic === 0x7f45_4c46;
export const isMachO = (magic) => [0xfeed_face, 0xfeed_facf, 0xcefa_edfe, 0xcffa_edfe, 0xcafe_babe, 0xcafe_babf].includes(magic);
export const isMz = (magic) => magic >>> 16 === 0x4d5a;

/** The regular files of folders and of the folders below them whose magic number is of a kind. Symbolic links are not followed. */
export function filesOf(folders, isWanted) {
  const found = [];
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      if (entry.isFile() && isWanted(magicOf(path))) found.push(path);
    }
  }
  return found;
}

/** The folders of more files that BINSPECT_CORPUS names. */
export function corpusFolders() {
  return (process.env.BINSPECT_CORPUS ?? '').split(':').filter((folder) => folder !== '');
}

/** The Go program of this folder, built; null where there is no Go, which is said. */
export function buildGo(source) {
  if (!has('go', ['version'])) {
    console.log('go is not installed: its figures are missing\n');
    return null;
  }
  const program = join(peerFolder('go'), source.replace('.go', process.platform === 'win32' ? '.exe' : ''));
  const env = { ...process.env, GOCACHE: peerFolder('go-cache'), GO111MODULE: 'off', GOFLAGS: '', CGO_ENABLED: '0' };
  const { error, status, stderr } = spawnSync('go', ['build', '-o', program, join(import.meta.dirname, 'go', source)], { env, encoding: 'utf8' });
  if (error !== undefined || status !== 0) throw error ?? new Error(`go build ${source} failed: ${stderr}`);
  return program;
}

/** The folder that node-lief is in; null where it can't be installed, which is said. */
export function installLief() {
  const folder = peerFolder('lief');
  const home = join(folder, 'node_modules/node-lief');
  if (!existsSync(home)) {
    spawnSync('npm', ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', LIEF], { stdio: 'ignore', cwd: folder });
  }
  if (existsSync(home)) return home;
  console.log(`${LIEF} could not be installed: its figures are missing\n`);
  return null;
}
