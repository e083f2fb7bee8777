// The machine as this process sees it: what Node tells, its files, and the one command that macOS and Windows need.

import { execFile } from 'node:child_process';
import { machine, release, version } from 'node:os';
import { BinspectError } from '../errors.ts';
import { treeAt } from './tree.ts';
import type { Tree } from './tree.ts';

/** What facts about a machine are made from. Tests hand in one of their own. */
export interface System {
  /** process.platform and process.arch. */
  readonly platform: string;
  readonly arch: string;
  /** os.machine(), os.release(), os.version(). */
  readonly machine: string;
  readonly release: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Node's version and that of its interface for addons; null where it is no Node. */
  readonly node: { readonly version: string; readonly modules: string } | null;
  /** The machine's own files: /proc and all. */
  readonly files: Tree;
  /** Starts a command by its absolute path, without a shell; gives what it writes, or null where it fails. */
  run(command: string, args: readonly string[]): Promise<string | null>;
}

const PATIENCE = 5000; // milliseconds: these commands answer in tens

function run(command: string, args: readonly string[]): Promise<string | null> {
  if (!/^(\/|[A-Za-z]:\\)/.test(command)) throw new BinspectError('invalid-argument', `a command is started by its absolute path only, not as ${command}`);
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: PATIENCE, maxBuffer: 1 << 20, windowsHide: true, encoding: 'utf8' }, (error, stdout) => resolve(error === null ? stdout : null));
  });
}

/** This machine. */
export function thisSystem(): System {
  const { platform, arch, versions, env } = process;
  return {
    platform,
    arch,
    machine: machine(),
    release: release(),
    version: version(),
    env,
    node: versions.node === undefined ? null : { version: `v${versions.node}`, modules: versions.modules },
    files: treeAt(''),
    run,
  };
}

const OS: ReadonlyMap<string, string> = new Map([['win32', 'windows'], ['sunos', 'solaris']]);
const ARCH: ReadonlyMap<string, string> = new Map([['x64', 'amd64'], ['ia32', '386'], ['mipsel', 'mipsle'], ['ppc64', 'ppc64le']]); // Node has no big-endian ppc64 but on AIX

/** GOOS's word for process.platform. */
export function osOf({ platform }: Pick<System, 'platform'>): string {
  return OS.get(platform) ?? platform;
}

/** GOARCH's word for process.arch. */
export function archOf({ arch, platform }: Pick<System, 'arch' | 'platform'>): string {
  return platform === 'aix' ? 'ppc64' : (ARCH.get(arch) ?? arch);
}
