// Standard output that can't be written to: one line says so, and the status is that of the command's contract.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elf as goElf, framed, inlineBlob } from './build/go.ts';
import { buildEntries } from './built.ts';
import type { Built } from './built.ts';
import { fixtureBytes } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-output-'));
let built: Built;
let cli: string;
beforeAll(async () => {
  built = await buildEntries({ cli: 'src/cli.ts' });
  cli = built.cli;
  writeFileSync(join(folder, 'program'), fixtureBytes('elf-x86_64-pie'));
  writeFileSync(join(folder, 'go.exe'), goElf({ pieces: [{ name: '.go.buildinfo', address: 0x50_0000n, data: inlineBlob({ modules: framed('path\tp\n') }), writable: true }] }).file);
  writeFileSync(join(folder, 'SUMS'), spawnSync(process.execPath, [cli, 'hash', 'program'], { cwd: folder }).stdout);
}, 60_000);
afterAll(() => {
  built.remove();
  rmSync(folder, { recursive: true });
});

function shell(line: string, args: readonly string[]): { status: number | null; err: string } {
  const { status, stderr } = spawnSync('sh', ['-c', line, 'sh', process.execPath, cli, ...args], { cwd: folder, encoding: 'utf8', timeout: 30_000 });
  return { status, err: stderr };
}

const COMMANDS: readonly (readonly [args: readonly string[], status: number])[] = [
  [['program'], 3],
  [['--json', 'program'], 3],
  [['--fields', 'path', '.'], 3],
  [['.'], 3],
  [['map', 'program'], 3],
  [['map', '--json', 'program'], 3],
  [['verify', '--pie', 'program'], 3],
  [['verify', '--static', 'program'], 3],
  [['verify', '-o', 'junit', '--pie', 'program'], 3],
  [['verify', '--init', 'program'], 3],
  [['completion', 'bash'], 3],
  [['--help'], 3],
  [['--version'], 3],
  [['go', 'go.exe'], 1],
  [['hash', 'program'], 1],
  [['hash', '-r', '.'], 1],
  [['hash', '--json', 'program'], 1],
  [['hash', '-c', 'SUMS'], 1],
];

describe.skipIf(process.platform !== 'linux')('a full disk', () => {
  it.each(COMMANDS)('%j', (args, status) => {
    expect(shell('exec "$@" > /dev/full', args)).toEqual({ status, err: 'binspect: standard output: no space left on device\n' });
  });

  it.each([[['program'], 3], [['hash', 'program'], 1]] as const)('of a file that may not grow: %j', (args, status) => {
    const { status: was, err } = shell('ulimit -f 0; trap "" XFSZ; exec "$@" > out', args);
    expect([was, err]).toEqual([status, 'binspect: standard output: the file would be too large\n']);
  });
});

/** Runs a program at a terminal that has hung up, deaf to the signal that says so. */
const HANG_UP = `
import os, pty, signal, subprocess, sys
master, slave = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=slave, stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
os.close(slave)
os.close(master)
sys.stderr.buffer.write(child.communicate(timeout=20)[1])
sys.exit(child.returncode)`;

const python = spawnSync('python3', ['--version']).status === 0;

describe.skipIf(process.platform !== 'linux' || (!python && process.env['CI'] === undefined))('a terminal that has hung up', () => {
  it.each(COMMANDS.filter(([args]) => !args.includes('.')))('%j', (args, status) => {
    const { status: was, stderr } = spawnSync('python3', ['-c', HANG_UP, process.execPath, cli, ...args], { cwd: folder, encoding: 'utf8', timeout: 30_000 });
    expect(stderr).toBe('binspect: standard output: input/output error\n');
    expect(was).toBe(status);
  });
});
