// Whose system a loader's or a library's name means: on which machines, and with which C library.

import { EM } from '../constants.ts';
import type { ElfFile } from '../file.ts';
import { isOfGlibc } from './glibc.ts';
import type { Needed } from './versions.ts';

/** What an interpreter or a library tells. */
export interface Told {
  readonly os: string;
  readonly libc: string | null;
}

/** What a name means, and the machines on which it means that; null: on all. */
type Row = readonly [name: RegExp, told: Told, machines: ReadonlySet<number> | null];

const on = (...machines: number[]): ReadonlySet<number> => new Set(machines);

const SOLARIS = on(EM['386'], EM.X86_64, EM.SPARC, EM.SPARC32PLUS, EM.SPARCV9);
const HURD = on(EM['386'], EM.X86_64, EM.AARCH64);
const FREEBSD = on(EM['386'], EM.X86_64, EM.ARM, EM.AARCH64, EM.MIPS, EM.PPC, EM.PPC64, EM.RISCV, EM.SPARCV9);
const DRAGONFLY = on(EM['386'], EM.X86_64);
const ANDROID = on(EM['386'], EM.X86_64, EM.ARM, EM.AARCH64, EM.MIPS, EM.RISCV);
const OPENBSD = on(
  EM['386'], EM.X86_64, EM.ARM, EM.AARCH64, EM.MIPS, EM.PPC, EM.PPC64, EM.RISCV, EM.SPARC, EM.SPARCV9, EM.ALPHA, EM.PARISC, EM['68K'], EM.SH, EM['88K'], EM.VAX,
); // prettier-ignore
/** On other machines libc.so.1 is uClibc-ng's. */
const NOT_SOLARIS = on(EM.ARM, EM.AARCH64, EM.MIPS, EM.PPC, EM.PPC64, EM.RISCV, EM.SH, EM['68K'], EM.XTENSA, EM.ARC_COMPACT, EM.ARC_COMPACT2, EM.MICROBLAZE, EM.OPENRISC, EM.CSKY);
/** Machines whose glibc has a loader with no other name than ld.so.1. */
const PLAIN_LOADER = on(EM.MIPS, EM.PPC, EM.S390, EM.PARISC, EM['68K'], EM.LOONGARCH);

const GLIBC: Told = { os: 'linux', libc: 'glibc' };
const MUSL: Told = { os: 'linux', libc: 'musl' };

/** Interpreters by their path; the first match holds. */
const INTERPRETERS: readonly Row[] = [
  [/(^|\/)ld-linux[^/]*\.so\.\d+$/, GLIBC, null],
  [/(^|\/)ld-lsb(-[^/]+)?\.so\.\d+$/, GLIBC, null],
  [/(^|\/)ld-musl-[^/]+\.so\.1$/, MUSL, null],
  [/(^|\/)ld(64)?-uClibc\.so\.[01]$/, { os: 'linux', libc: 'uclibc' }, null],
  [/(^|\/)klibc-[^/]+\.so$/, { os: 'linux', libc: 'klibc' }, null],
  [/\/linker(_hwasan|_asan)?(64)?$/, { os: 'android', libc: 'bionic' }, ANDROID],
  [/^\/(usr\/)?libexec\/ld-elf(32)?\.so\.1$/, { os: 'freebsd', libc: 'freebsd' }, FREEBSD],
  [/^\/(usr\/)?libexec\/ld-elf\.so\.2$/, { os: 'dragonfly', libc: 'dragonfly' }, DRAGONFLY],
  [/^\/(usr\/)?libexec\/ld\.elf_so(-\w+)?$/, { os: 'netbsd', libc: 'netbsd' }, null],
  [/^\/usr\/libexec\/ld\.so$/, { os: 'openbsd', libc: 'openbsd' }, OPENBSD],
  [/^\/(usr\/)?lib\/(amd64|sparcv9|64)\/ld\.so\.1$|^\/usr\/lib\/(ld|libc)\.so\.1$/, { os: 'solaris', libc: 'solaris' }, SOLARIS],
  [/\/runtime_loader$/, { os: 'haiku', libc: 'haiku' }, null],
  [/\/ldqnx[^/]*$/, { os: 'qnx', libc: 'qnx' }, null],
  [/^\/usr\/lib\/hpux\d\d\//, { os: 'hpux', libc: null }, on(EM.IA_64, EM.PARISC)],
  [/^\/lib\/(ld\.so|ld-x86-64\.so\.1|ld-aarch64\.so\.1)$/, { os: 'hurd', libc: 'glibc' }, HURD],
  [/(^|\/)ld64\.so\.1$/, GLIBC, on(EM.S390, EM.PPC64)],
  [/(^|\/)ld64\.so\.2$/, GLIBC, on(EM.PPC64)],
  [/^\/lib(32|64)?\/ld\.so\.1$/, GLIBC, PLAIN_LOADER],
  [/(^|\/)ld-2\.\d+\.so$/, GLIBC, null],
];

/** Interpreters that mean a system only beside one of some libraries. */
const TOGETHER: readonly (readonly [name: RegExp, libraries: ReadonlySet<string>, told: Told, machines: ReadonlySet<number>])[] = [
  [/^((asan|hwasan|hwasan-ubsan|asan-ubsan)\/)?ld\.so\.1$/, new Set(['libc.so', 'libfdio.so']), { os: 'fuchsia', libc: 'fuchsia' }, on(EM.X86_64, EM.AARCH64, EM.RISCV)],
  [/^\/lib\/ld\.so\.1$/, new Set(['libc.so.0.3']), { os: 'hurd', libc: 'glibc' }, HURD],
  [/^\/lib\/ld\.so\.1$/, new Set(['libc.so.1']), { os: 'solaris', libc: 'solaris' }, SOLARIS],
];

/** Libraries by the name that programs ask for; the first match holds. */
const LIBRARIES: readonly Row[] = [
  [/^libc\.musl-[^/]+\.so\.1$/, MUSL, null],
  [/^ld-musl-[^/]+\.so\.1$/, MUSL, null],
  [/^libc\.so\.6$/, GLIBC, null],
  [/^libc\.so\.6\.1$/, GLIBC, on(EM.ALPHA, EM.IA_64)],
  [/^ld-linux[^/]*\.so\.\d+$/, GLIBC, null],
  [/^ld64\.so\.1$/, GLIBC, on(EM.S390, EM.PPC64)],
  [/^ld64\.so\.2$/, GLIBC, on(EM.PPC64)],
  [/^libc\.so\.0\.3$/, { os: 'hurd', libc: 'glibc' }, HURD],
  [/^libc\.so\.0$|^ld(64)?-uClibc\.so\.[01]$/, { os: 'linux', libc: 'uclibc' }, null],
  [/^libc\.so\.7$/, { os: 'freebsd', libc: 'freebsd' }, FREEBSD],
  [/^libc\.so\.8$/, { os: 'dragonfly', libc: 'dragonfly' }, DRAGONFLY],
  [/^libc\.so\.12$/, { os: 'netbsd', libc: 'netbsd' }, null],
  [/^libc\.so\.\d{2,}\.\d+$/, { os: 'openbsd', libc: 'openbsd' }, OPENBSD],
  [/^libc\.so\.1$/, { os: 'solaris', libc: 'solaris' }, SOLARIS],
  [/^libc\.so\.1$/, { os: 'linux', libc: 'uclibc' }, NOT_SOLARIS],
  [/^libroot\.so$/, { os: 'haiku', libc: 'haiku' }, null],
  [/^lib(log|android|binder_ndk|mediandk|jnigraphics)\.so$/, { os: 'android', libc: 'bionic' }, ANDROID],
];

/** All of them in one, for the many names that say nothing. */
const ANY_LIBRARY = new RegExp(LIBRARIES.map(([{ source }]) => source).join('|'));

/** Libraries that are files of their own with bionic, and part of libc.so with musl, which also is asked for as plain libc.so. */
const BIONIC_ONLY: ReadonlySet<string> = new Set(['libdl.so', 'libm.so']);

/** A library's name with the number of its interface: it has it on one system, or on few. */
const NUMBERED = /\.so\.\d/;

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const means = (machines: ReadonlySet<number> | null, machine: number): boolean => machines === null || machines.has(machine);

/** What the interpreter says of the system; null where there is none, or none that is known on this machine. */
export function toldByInterpreter({ interpreter }: Pick<ElfFile, 'interpreter'>, machine: number, needed: readonly string[]): Told | null {
  if (interpreter === null) return null;
  const together = TOGETHER.find(([name, libraries, , machines]) => name.test(interpreter) && machines.has(machine) && needed.some((library) => libraries.has(library)));
  if (together !== undefined) return together[2];
  return INTERPRETERS.find(([name, , machines]) => name.test(interpreter) && means(machines, machine))?.[1] ?? null;
}

/**
 * What libraries say of the system, by their names and by the versions of glibc's own. Where there is an interpreter that is not known, only
 * names with a number count: any system may have a libc.so.
 */
export function toldByLibraries(names: readonly string[], versions: readonly Needed[], machine: number, strangeInterpreter: boolean): { told: Told; name: string } | null {
  const telling = names.filter((name) => ANY_LIBRARY.test(fileName(name)) && (!strangeInterpreter || NUMBERED.test(name)));
  for (const [pattern, told, machines] of telling.length === 0 ? [] : LIBRARIES) {
    const name = means(machines, machine) ? telling.find((candidate) => pattern.test(fileName(candidate))) : undefined;
    if (name !== undefined) return { told, name };
  }
  const versioned = versions.find(({ library, version }) => version.startsWith('GLIBC_') && isOfGlibc(library));
  if (versioned !== undefined) return { told: GLIBC, name: `${versioned.library}, with the version ${versioned.version}` };
  if (strangeInterpreter || !names.includes('libc.so')) return null;
  const bionic = names.find((name) => BIONIC_ONLY.has(name));
  return bionic === undefined ? { told: MUSL, name: 'libc.so' } : { told: { os: 'android', libc: 'bionic' }, name: `libc.so beside ${bionic}` };
}
