// Programs and libraries made for one reason each, and what really becomes of them: by execve, by bash and by Node.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const TOOLS: readonly string[] = ['gcc', 'clang', 'ld.lld', 'musl-gcc', 'qemu-aarch64-static', 'qemu-x86_64-static', 'bash', 'unshare', 'go'];

/** Those of the tools that are missing. */
export function missingTools(): string[] {
  return TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
}

/** Runs a tool; throws what it says where it fails. */
export function tool(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, [...args], { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

const ASSEMBLY: Readonly<Record<string, { exit: string; wait: string }>> = {
  'aarch64-linux-gnu': {
    exit: '.globl _start\n_start: mov x0,#0\n mov x8,#93\n svc #0\n',
    wait: '.globl _start\n_start: mov x0,#0\n mov x1,#0\n mov x2,#0\n mov x3,#0\n mov x8,#73\n svc #0\n b _start\n', // ppoll without end
  },
  'i386-linux-gnu': { exit: '.globl _start\n_start: mov $1,%eax\n xor %ebx,%ebx\n int $0x80\n', wait: '.globl _start\n_start: mov $29,%eax\n int $0x80\n jmp _start\n' },
};

export interface Workshop {
  readonly folder: string;
  path(name: string): string;
  write(name: string, contents: string | Uint8Array, mode?: number): string;
  /** A C program, linked with these options. */
  c(name: string, options?: readonly string[], compiler?: string, code?: string): string;
  /** A static program of another machine that ends at once, or waits. */
  foreign(name: string, triple: string, what?: 'exit' | 'wait'): string;
  /** A shared library of another machine. */
  foreignLibrary(name: string, triple: string): string;
  /** A copy with bytes changed. */
  patched(name: string, from: string, change: (bytes: Buffer) => void): string;
  remove(): void;
}

export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'binspect-runs-'));
  tool('chmod', ['755', folder]);
  const path = (name: string): string => join(folder, name);
  const write = (name: string, contents: string | Uint8Array, mode = 0o755): string => {
    writeFileSync(path(name), contents, { mode });
    tool('chmod', [mode.toString(8), path(name)]);
    return path(name);
  };
  const clang = (name: string, triple: string, source: string, options: readonly string[]): string => {
    const file = write(`${name.replaceAll('/', '-')}.S`, source, 0o644);
    tool('clang', [`--target=${triple}`, '-nostdlib', '-fuse-ld=lld', ...options, file, '-o', path(name)]);
    return path(name);
  };
  return {
    folder,
    path,
    write,
    c(name, options = [], compiler = 'gcc', code = 'int main(void) { return 0; }\n') {
      tool(compiler, [write(`${name.replaceAll('/', '-')}.c`, code, 0o644), '-o', path(name), ...options], { cwd: folder });
      return path(name);
    },
    foreign: (name, triple, what = 'exit') => clang(name, triple, (ASSEMBLY[triple] as { exit: string; wait: string })[what], ['-static']),
    foreignLibrary: (name, triple) => clang(name, triple, '.globl f\nf: nop\n', ['-shared']),
    patched(name, from, change) {
      const bytes = readFileSync(from);
      change(bytes);
      return write(name, bytes);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** What became of a program that was really started. */
export interface Started {
  /** The error of execve itself: 'ENOENT'; null where it started. */
  readonly execve: string | null;
  /** What the process came to where it started: its status, or its signal. */
  readonly status: number | string | null;
  readonly stderr: string;
  /** What bash says of it, and its status. */
  readonly bash: { readonly status: number | null; readonly stderr: string };
  /** What Node's spawn gives. */
  readonly node: { readonly status: number | string | null; readonly error: string | null };
}

const RUNNER = `#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv) { execve(argv[1], argv + 1, environ); printf("%s\\n", strerrorname_np(errno)); return 0; }
`;

/** What starts programs with execve and nothing around it. */
export function makeRunner(workshop: Workshop): string {
  return workshop.c('runner', ['-D_GNU_SOURCE'], 'gcc', RUNNER);
}

export function start(runner: string, path: string, env: NodeJS.ProcessEnv = {}): Started {
  const options = { encoding: 'utf8', env: { PATH: process.env['PATH'], LC_ALL: 'C', ...env }, timeout: 20_000 } as const;
  const plain = spawnSync(runner, [path], options);
  const execve = /^(E[A-Z0-9]+)\n$/.exec(plain.stdout)?.[1] ?? null;
  const bash = spawnSync('bash', ['-c', '"$0"', path], options);
  const node = spawnSync(path, [], options);
  return {
    execve,
    status: execve === null ? (plain.signal ?? plain.status) : null,
    stderr: plain.stderr,
    bash: { status: bash.status, stderr: bash.stderr },
    node: { status: node.signal ?? node.status, error: node.error === undefined ? null : String((node.error as NodeJS.ErrnoException).code) },
  };
}

/** The hash that the loader compares versions by (gABI, "Hash Table Section"). */
export function elfHash(name: string): number {
  let hash = 0;
  for (const character of name) {
    hash = ((hash << 4) + character.charCodeAt(0)) >>> 0;
    const high = hash & 0xf000_0000;
    hash = ((hash ^ (high >>> 24)) & ~high) >>> 0;
  }
  return hash;
}
