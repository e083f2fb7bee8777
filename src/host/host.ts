// What is this machine? A Host that files can be held against, here and elsewhere.

import type { Host, HostLibc } from '../model/host.ts';
import { macFacts, windowsFacts } from './foreign-systems.ts';
import { linuxFacts } from './linux.ts';
import { archOf, osOf, thisSystem } from './system.ts';
import type { System } from './system.ts';
import type { Tree } from './tree.ts';

/** What of a machine is wanted. */
export interface HostOptions {
  /** Whether to list all libraries that the loader finds by default: that reads each of them. */
  readonly libraries: boolean;
  /** Whose loaders and libraries they are: the machine's own, or those of a folder that stands for a root. */
  readonly tree: Tree;
}

const NO_LIBC: HostLibc = { name: null, version: null, from: null };

/**
 * What this machine is: system, processor, kernel, page size, C library, loaders, libraries, what it emulates, and whether this process is itself
 * translated. On Linux it reads files. On macOS and Windows it starts one command of the system, by its absolute path: /usr/sbin/sysctl, or reg.exe
 * in the system's folder. What nothing shows is null, and `because` says why. Written as JSON, another machine's files can be held against it.
 *
 * @example
 * const { os, arch, libc } = await inspectHost(); // 'linux', 'arm64', { name: 'glibc', version: '2.36', … }
 */
export function inspectHost(): Promise<Host> {
  const system = thisSystem();
  return hostOf(system, { libraries: true, tree: system.files });
}

/** The same of any system, and of any tree. */
export async function hostOf(system: System, { libraries, tree }: HostOptions): Promise<Host> {
  const because: Record<string, string> = {};
  const os = osOf(system);
  const processArch = archOf(system);
  const base = { schemaVersion: 1, os, processArch } as const;
  if (os === 'linux' || os === 'android') {
    const { nodeLibc, ...facts } = linuxFacts(system, tree, libraries, because);
    return { ...base, os: 'linux', ...facts, osVersion: null, node: system.node === null ? null : { ...system.node, libc: nodeLibc }, because };
  }
  const facts = os === 'darwin' ? await macFacts(system, because) : os === 'windows' ? await windowsFacts(system, because) : null;
  if (facts === null) because['pageSize'] = because['translated'] = because['libc'] = `nothing in Node tells it on ${os}`;
  because['level'] = 'nothing in Node tells it';
  because['kernel'] = 'os.release()';
  return {
    ...base,
    arch: facts === null ? processArch : facts.arch,
    level: null,
    kernel: system.release,
    osVersion: facts?.osVersion ?? null,
    pageSize: facts?.pageSize ?? null,
    libc: os === 'darwin' ? { name: 'libsystem', version: null, from: null } : os === 'windows' ? { name: 'ucrt', version: null, from: null } : NO_LIBC,
    loaders: os === 'darwin' ? ['/usr/lib/dyld'] : [],
    scriptInterpreters: null,
    libraries: facts?.libraries?.map(({ name, path }) => ({ name, path, arch: null, versions: [] })) ?? null,
    compatible: [],
    emulators: facts?.emulators ?? [],
    translated: facts?.translated ?? null,
    node: system.node === null ? null : { ...system.node, libc: null },
    because,
  };
}
