// What Linux shows of a machine: /proc, binfmt_misc, the C library and the loaders of a tree.

import type { Emulator, HostLibc, HostLibrary } from '../model/host.ts';
import { readEmulators } from './binfmt-misc.ts';
import { loadersIn } from './folders.ts';
import { libcOf, librariesOf, loadedAt } from './libc.ts';
import { SCRIPT_FOLDERS, SCRIPT_INTERPRETERS } from './script-interpreters.ts';
import { archOf } from './system.ts';
import type { System } from './system.ts';
import type { Tree } from './tree.ts';

/** Flags of /proc/cpuinfo that each level of x86-64 needs beyond the one before (x86-64 psABI, micro-architecture levels). */
const LEVELS: readonly (readonly [level: string, flags: readonly string[]])[] = [
  ['v2', ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3']],
  ['v3', ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe', 'xsave']],
  ['v4', ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl']],
];

/** The level of an x86-64 processor by the text of /proc/cpuinfo; null where that names no flags, as on other processors. */
export function levelOf(cpuinfo: string): string | null {
  const line = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1];
  if (line === undefined) return null;
  const flags = new Set(line.trim().split(/\s+/));
  if (!flags.has('lm')) return null;
  let level = 'v1';
  for (const [next, needed] of LEVELS) {
    if (!needed.every((flag) => flags.has(flag))) break;
    level = next;
  }
  return level;
}

const AT_PAGESZ = 6;

/** The size of pages by an auxiliary vector: pairs of words of the process's own width. Null where it does not say. */
export function pageSizeOf(auxv: Uint8Array, wide: boolean, little: boolean): number | null {
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.byteLength);
  const size = wide ? 8 : 4;
  const word = (at: number): number => (wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  for (let at = 0; at + 2 * size <= auxv.length; at += 2 * size) if (word(at) === AT_PAGESZ) return word(at + size);
  return null;
}

const NARROW: ReadonlySet<string> = new Set(['386', 'arm', 'mips', 'mipsle', 'ppc', 's390', 'riscv32', 'armbe']);
const BIG: ReadonlySet<string> = new Set(['mips', 'ppc', 'ppc64', 's390', 's390x', 'mips64', 'armbe', 'arm64be', 'sparc64', 'sparc']);

/** The machine's words for what a 32-bit Node on it is told (os.machine()). */
const WIDER: ReadonlyMap<string, string> = new Map([['x86_64', 'amd64'], ['aarch64', 'arm64'], ['ppc64le', 'ppc64le'], ['riscv64', 'riscv64'], ['s390x', 's390x']]);

/** What is asked of Linux. */
export interface LinuxFacts {
  readonly arch: string;
  readonly level: string | null;
  readonly kernel: string;
  readonly pageSize: number | null;
  readonly libc: HostLibc;
  readonly loaders: readonly string[];
  readonly scriptInterpreters: readonly string[];
  readonly libraries: readonly HostLibrary[] | null;
  readonly compatible: readonly string[] | null;
  readonly emulators: readonly Emulator[];
  readonly translated: boolean | null;
  readonly nodeLibc: string | null;
}

/** Gathers it. The machine is this one, whatever the tree; loaders, C library and libraries are the tree's. */
export function linuxFacts(system: System, tree: Tree, withLibraries: boolean, because: Record<string, string>): LinuxFacts {
  const { files } = system;
  const processArch = archOf(system);
  const translated = translation(files, because);
  const arch = machineArch(system, processArch, translated, because);
  const cpuinfo = files.text('/proc/cpuinfo');
  const level = arch === 'amd64' && 'text' in cpuinfo ? levelOf(cpuinfo.text) : null;
  because['level'] = level !== null ? 'the flags in /proc/cpuinfo' : arch === 'amd64' ? ('text' in cpuinfo ? '/proc/cpuinfo names no flags' : `/proc/cpuinfo: ${cpuinfo.code}`) : 'levels are told of x86-64 only';
  const auxv = files.bytes('/proc/self/auxv');
  const pageSize = 'bytes' in auxv ? pageSizeOf(auxv.bytes, !NARROW.has(processArch), !BIG.has(processArch)) : null;
  because['pageSize'] = pageSize === null ? '/proc/self/auxv does not say' : 'AT_PAGESZ in /proc/self/auxv';
  const release = files.text('/proc/sys/kernel/osrelease');
  because['kernel'] = 'text' in release ? '/proc/sys/kernel/osrelease' : 'os.release()';
  const loaders = loadersIn(tree);
  const compatible = compatibleWith(files, arch, because);
  const own = libcOf(tree, arch, loaders);
  const { libc, because: libcReason } = own.libc.name === null && loaders.length > 0 && tree.root !== '' ? libcOf(tree, loadedAt(tree, loaders[0] as string)?.arch ?? null, loaders) : own;
  because['libc'] = libcReason;
  const { emulators, because: emulatorsReason } = readEmulators(files, tree);
  because['emulators'] = emulatorsReason;
  const others = [...(compatible ?? []), ...emulators.flatMap((one) => (one.arch === null ? [] : [one.arch]))];
  return {
    arch,
    level,
    kernel: 'text' in release ? release.text.trim() : system.release,
    pageSize,
    libc,
    loaders,
    scriptInterpreters: SCRIPT_FOLDERS.flatMap((folder) => SCRIPT_INTERPRETERS.map((name) => `${folder}/${name}`)).filter((path) => tree.find(path).kind === 'file'),
    libraries: withLibraries ? librariesOf(tree, [...new Set([arch, ...others, ...(arch === 'arm64' ? ['arm'] : [])])], loaders) : null,
    compatible,
    emulators,
    translated,
    nodeLibc: nodeLibc(files),
  };
}

/** Inside qemu-user /proc/self/exe is made up, and /proc/thread-self/exe is not: it is qemu. (qemu 7.2; later ones may make up more: a "no" is no proof.) */
function translation(files: Tree, because: Record<string, string>): boolean | null {
  const own = files.link('/proc/self/exe');
  const thread = files.link('/proc/thread-self/exe');
  if (own === null || thread === null) {
    because['translated'] = '/proc/self/exe can not be read';
    return null;
  }
  because['translated'] = own === thread ? '/proc/self/exe and /proc/thread-self/exe are the same file' : `/proc/thread-self/exe is ${thread}`;
  return own !== thread;
}

/** The machine's architecture. os.machine() follows the personality and an emulator; what this process was built for does not, and a 32-bit one may run on a wider kernel. */
function machineArch(system: System, processArch: string, translated: boolean | null, because: Record<string, string>): string {
  if (translated === true) {
    const real = loadedAt(system.files, '/proc/thread-self/exe')?.arch ?? null;
    if (real !== null) {
      because['arch'] = `/proc/thread-self/exe, the emulator, is for ${real}`;
      return real;
    }
  }
  const wider = NARROW.has(processArch) ? WIDER.get(system.machine) : undefined;
  because['arch'] = wider === undefined ? 'process.arch' : 'os.machine()';
  return wider ?? processArch;
}

/** Architectures that the kernel runs beside its own. i386 programs on x86-64: only kernels with CONFIG_IA32_EMULATION have /proc/sys/abi/vsyscall32. */
function compatibleWith(files: Tree, arch: string, because: Record<string, string>): readonly string[] | null {
  const told = (value: readonly string[] | null, reason: string): readonly string[] | null => {
    because['compatible'] = reason;
    return value;
  };
  if (arch === 'amd64') {
    const commandLine = files.text('/proc/cmdline');
    if ('text' in commandLine && /(^|\s)ia32_emulation=(0|off|false|n)(\s|$)/i.test(commandLine.text)) return told([], 'ia32_emulation is off on the kernel command line');
    if (files.find('/proc/sys/abi/vsyscall32').kind === 'file') return told(['386'], '/proc/sys/abi/vsyscall32 is there: CONFIG_IA32_EMULATION');
    if (files.find('/proc/sys/kernel').kind === 'folder') return told([], 'there is no /proc/sys/abi/vsyscall32: no CONFIG_IA32_EMULATION');
    return told(null, '/proc/sys can not be read');
  }
  if (arch === 'arm64' || arch === 'ppc64' || arch === 's390x' || arch === 'mips64' || arch === 'mips64le') return told(null, 'nothing in /proc says whether 32-bit programs run');
  return told([], 'no other architecture is its relative');
}

/** The C library of the process that asks, by what it has mapped. */
function nodeLibc(files: Tree): string | null {
  const maps = files.text('/proc/self/maps', 64 * 1024 * 1024);
  if (!('text' in maps)) return null;
  if (/\/(ld-musl-[^/\n]+|libc\.musl-[^/\n]+)$/m.test(maps.text)) return 'musl';
  return /\/libc(\.so\.6|-2\.\d+\.so)$/m.test(maps.text) ? 'glibc' : null;
}
