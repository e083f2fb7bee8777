// What an ELF file runs on: architecture from machine, class, byte order and flags; system and C library from whatever tells.

import { decodeText } from '../../bytes/text.ts';
import type { Kind } from '../../model/binary.ts';
import { nameOf, wordIn } from '../../model/names.ts';
import type { PlatformSeed } from '../../model/platform.ts';
import { armArchitecture } from '../attributes.ts';
import { EF_ARM, EF_MIPS, EM, EM_UNOFFICIAL, GNU_ABI, NT_GNU, OSABI } from '../constants.ts';
import { sectionNames } from '../file.ts';
import type { ElfFile } from '../file.ts';
import type { Note } from '../notes.ts';

interface Architecture {
  readonly arch: string | null;
  readonly variant: string | null;
  /** The end of a triple: 'eabihf', 'abi64', 'x32'. */
  readonly abi: string | null;
}

/** What an interpreter or a library tells. */
interface Told {
  readonly os: string;
  readonly libc: string | null;
}

/** What the interpreter, or else the libraries, tell. */
interface Tellers {
  readonly byInterpreter: Told | null;
  readonly byLibraries: { readonly told: Told; readonly name: string } | null;
}

/** Interpreters by their path; the first match holds. */
const INTERPRETERS: readonly (readonly [RegExp, Told])[] = [
  [/(^|\/)ld-linux[^/]*\.so\.\d+$/, { os: 'linux', libc: 'glibc' }],
  [/(^|\/)ld-musl-[^/]+\.so\.1$/, { os: 'linux', libc: 'musl' }],
  [/(^|\/)ld(64)?-uClibc\.so\.[01]$/, { os: 'linux', libc: 'uclibc' }],
  [/(^|\/)klibc-[^/]+\.so$/, { os: 'linux', libc: 'klibc' }],
  [/\/linker(64)?(_asan(64)?)?$/, { os: 'android', libc: 'bionic' }],
  [/^\/(usr\/)?libexec\/ld-elf(32)?\.so\.1$/, { os: 'freebsd', libc: 'freebsd' }],
  [/^\/(usr\/)?libexec\/ld-elf\.so\.2$/, { os: 'dragonfly', libc: 'dragonfly' }],
  [/^\/(usr\/)?libexec\/ld\.elf_so$/, { os: 'netbsd', libc: 'netbsd' }],
  [/^\/usr\/libexec\/ld\.so$/, { os: 'openbsd', libc: 'openbsd' }],
  [/^\/(usr\/)?lib\/(amd64|sparcv9|64)\/ld\.so\.1$|^\/usr\/lib\/(ld|libc)\.so\.1$/, { os: 'solaris', libc: 'solaris' }],
  [/\/runtime_loader$/, { os: 'haiku', libc: 'haiku' }],
  [/\/ldqnx[^/]*$/, { os: 'qnx', libc: 'qnx' }],
  [/^\/usr\/lib\/hpux\d\d\//, { os: 'hpux', libc: null }],
  [/^\/lib\/(ld\.so|ld-x86-64\.so\.1)$/, { os: 'hurd', libc: 'glibc' }],
  [/(^|\/)ld64\.so\.[12]$/, { os: 'linux', libc: 'glibc' }],
  [/^\/lib(32|64)?\/ld\.so\.1$/, { os: 'linux', libc: 'glibc' }], // mips, powerpc, s390, hppa, m68k; on loongarch the ABI before the official one
  [/(^|\/)ld-2\.\d+\.so$/, { os: 'linux', libc: 'glibc' }],
];

/** Libraries by the name that programs ask for; the first match holds. */
const LIBRARIES: readonly (readonly [RegExp, Told])[] = [
  [/^libc\.musl-[^/]+\.so\.1$/, { os: 'linux', libc: 'musl' }],
  [/^ld-musl-[^/]+\.so\.1$/, { os: 'linux', libc: 'musl' }],
  [/^libc\.so\.(6|6\.1)$/, { os: 'linux', libc: 'glibc' }],
  [/^ld-linux[^/]*\.so\.\d+$|^ld64\.so\.[12]$/, { os: 'linux', libc: 'glibc' }],
  [/^libc\.so\.0\.3$/, { os: 'hurd', libc: 'glibc' }],
  [/^libc\.so\.0$|^ld(64)?-uClibc\.so\.[01]$/, { os: 'linux', libc: 'uclibc' }],
  [/^libc\.so\.7$/, { os: 'freebsd', libc: 'freebsd' }],
  [/^libc\.so\.8$/, { os: 'dragonfly', libc: 'dragonfly' }],
  [/^libc\.so\.12$/, { os: 'netbsd', libc: 'netbsd' }],
  [/^libc\.so\.\d{2,}\.\d+$/, { os: 'openbsd', libc: 'openbsd' }],
  [/^libc\.so\.1$/, { os: 'solaris', libc: 'solaris' }],
  [/^libroot\.so$/, { os: 'haiku', libc: 'haiku' }],
  [/^lib(log|android|binder_ndk|mediandk|jnigraphics)\.so$/, { os: 'android', libc: 'bionic' }],
];

/** All of them in one, for the many names that tell nothing. */
const ANY_LIBRARY = new RegExp(LIBRARIES.map(([{ source }]) => source).join('|'));

/** Libraries that are files of their own with bionic, and part of libc.so with musl, which also is asked for as plain libc.so. */
const BIONIC_ONLY: ReadonlySet<string> = new Set(['libdl.so', 'libm.so']);

/** EI_OSABI values that name a system. GNU (3) and none (0) do not. */
const OSABI_SYSTEMS: Readonly<Record<number, string>> = {
  [OSABI.HPUX]: 'hpux',
  [OSABI.NETBSD]: 'netbsd',
  [OSABI.SOLARIS]: 'solaris',
  [OSABI.AIX]: 'aix',
  [OSABI.IRIX]: 'irix',
  [OSABI.FREEBSD]: 'freebsd',
  [OSABI.TRU64]: 'tru64',
  [OSABI.OPENBSD]: 'openbsd',
  [OSABI.OPENVMS]: 'openvms',
  [OSABI.NSK]: 'nsk',
  [OSABI.AROS]: 'aros',
  [OSABI.CLOUDABI]: 'cloudabi',
};

/** Owners of notes that only one system writes. */
const NOTE_SYSTEMS: Readonly<Record<string, string>> = {
  FreeBSD: 'freebsd',
  NetBSD: 'netbsd',
  OpenBSD: 'openbsd',
  DragonFly: 'dragonfly',
  Android: 'android',
  Linux: 'linux',
  LINUX: 'linux', // of core files
};

const ABI_TAG_SYSTEMS: Readonly<Record<number, string>> = {
  [GNU_ABI.LINUX]: 'linux',
  [GNU_ABI.HURD]: 'hurd',
  [GNU_ABI.SOLARIS]: 'solaris',
  [GNU_ABI.FREEBSD]: 'freebsd',
  [GNU_ABI.NETBSD]: 'netbsd',
  [GNU_ABI.SYLLABLE]: 'syllable',
  [GNU_ABI.NACL]: 'nacl',
};

/** Sections of glibc's own that survive `strip` in a statically linked program. */
const GLIBC_SECTIONS: ReadonlySet<string> = new Set(['__libc_freeres_fn', '__libc_subfreeres', '__libc_atexit', '__libc_IO_vtables']);

/** Code for these runs inside another system: a kernel, a validator, a graphics card. */
const GUEST_MACHINES: ReadonlySet<number> = new Set([EM.BPF, EM.SBF, EM.CUDA, EM.AMDGPU]);

/** Machines whose programs are Linux programs where nothing else is said. On others, an unmarked file is more often bare metal. */
const LINUX_MACHINES: ReadonlySet<number> = new Set([
  EM['386'], EM.X86_64, EM.ARM, EM.AARCH64, EM.MIPS, EM.PPC, EM.PPC64, EM.RISCV, EM.S390, EM.LOONGARCH, EM.SPARC, EM.SPARC32PLUS, EM.SPARCV9,
  EM.ALPHA, EM.PARISC, EM.IA_64, EM['68K'], EM.SH,
]); // prettier-ignore

/** What has been read of a file and may tell its platform. */
export interface PlatformClues {
  readonly kind: Kind;
  readonly notes: readonly Note[];
  readonly needed: readonly string[];
  readonly sonames: readonly string[];
}

/** Everything that tells the platform, joined. `because` gets the reasons for os, libc and variant. */
export function platformSeed(file: ElfFile, clues: PlatformClues, because: Record<string, string>): PlatformSeed {
  const { arch, variant, abi } = architecture(file, because);
  const byInterpreter = toldByInterpreter(file.interpreter);
  const byLibraries = byInterpreter === null ? toldByLibraries([...clues.needed, ...clues.sonames]) : null;
  const told = { byInterpreter, byLibraries };
  const os = system(file, clues, told, because);
  const libc = cLibrary(file, os, clues, told, because);
  warnOfContradiction(file, clues, told, os, because);
  return { os, arch, variant, libc, abi };
}

/** Interpreters whose name more than one system has. */
const SHARED_INTERPRETER = /^\/lib(32|64)?\/ld\.so(\.1)?$/;

/** Warns where what tells the system, or the C library, is contradicted by what the kernel will run. */
function warnOfContradiction({ input, interpreter }: ElfFile, { needed }: PlatformClues, { byInterpreter }: Tellers, os: string | null, because: Record<string, string>): void {
  if (interpreter === null || interpreter === '') return;
  if (!interpreter.startsWith('/')) {
    input.warn('interpreter-relative', `the interpreter ${interpreter} is looked for from the current directory: whose it is, its name does not say`);
  }
  if (byInterpreter === null || os === null) return;
  const sameKernel = os === 'android' && byInterpreter.os === 'linux' ? true : os === 'linux' && byInterpreter.os === 'android';
  if (byInterpreter.os !== os && !sameKernel && !SHARED_INTERPRETER.test(interpreter)) {
    input.warn('system-contradicted', `${because['os'] ?? os}, and the interpreter ${interpreter} is one of ${byInterpreter.os}`);
  }
  const other = needed.find((name) => (byInterpreter.libc === 'glibc' && /^(libc\.musl-|ld-musl-)/.test(name)) || (byInterpreter.libc === 'musl' && name === 'libc.so.6'));
  if (other !== undefined) {
    input.warn('system-contradicted', `the interpreter ${interpreter} is one of ${byInterpreter.libc}, and ${other} is asked for`, null, ['platform.libc']);
  }
}

/** e_machine by its registered number. */
function machineOf({ header }: ElfFile): number {
  return EM_UNOFFICIAL[header.machine] ?? header.machine;
}

/** Never the machine alone: class, byte order and flags decide too. */
function architecture(file: ElfFile, because: Record<string, string>): Architecture {
  const { header, input } = file;
  const { little, wide } = input.encoding;
  const machine = machineOf(file);
  const plain = (arch: string | null): Architecture => ({ arch, variant: null, abi: null });
  switch (machine) {
    case EM['386']:
      return plain('386');
    case EM.X86_64:
      if (wide) return plain('amd64');
      because['variant'] = 'EM_X86_64 in a 32-bit file';
      return { arch: 'amd64', variant: 'x32', abi: 'x32' };
    case EM.ARM:
      return { arch: little ? 'arm' : 'armbe', variant: armVariant(file, because), abi: armFloat(file) };
    case EM.AARCH64: {
      const arch = little ? 'arm64' : 'arm64be';
      if (wide) return plain(arch);
      because['variant'] = 'EM_AARCH64 in a 32-bit file';
      return { arch, variant: 'ilp32', abi: '_ilp32' };
    }
    case EM.MIPS:
      return mips(header.flags, little, wide, because);
    case EM.PPC:
      return plain(little ? 'ppcle' : 'ppc');
    case EM.PPC64:
      return plain(little ? 'ppc64le' : 'ppc64');
    case EM.S390:
      return plain(wide ? 's390x' : 's390');
    case EM.RISCV:
      return plain(wide ? 'riscv64' : 'riscv32');
    case EM.LOONGARCH:
      return plain(wide ? 'loong64' : 'loong32');
    case EM.SPARC:
      return plain('sparc');
    case EM.SPARC32PLUS:
      because['variant'] = 'EM_SPARC32PLUS';
      return { arch: 'sparc', variant: 'v8+', abi: null };
    case EM.SPARCV9:
      return plain('sparc64');
    case EM.PARISC:
      return plain(wide ? 'hppa64' : 'hppa');
    case EM.IA_64:
      return plain('ia64');
    case EM['68K']:
      return plain('m68k');
    case EM.SH:
      return plain('sh4');
    case EM.NONE:
      return plain(null);
    default:
      return plain(nameOf(EM, machine)?.toLowerCase().replace(/_/g, '') ?? null);
  }
}

/** The generation that .ARM.attributes asks for, in GOARM's steps. The float flag says nothing of it: ARMv6 has hard float too. */
function armVariant(file: ElfFile, because: Record<string, string>): string | null {
  const name = armArchitecture(file);
  if (name === null) return null;
  because['variant'] = `Tag_CPU_arch in .ARM.attributes is ${name.tag}`;
  return name.variant;
}

/** The float ABI, by the flag that EABI 5 has for it, else by the loader's name. */
function armFloat({ header, interpreter }: ElfFile): string {
  const hard = (header.flags & EF_ARM.HARD_FLOAT) !== 0 || /-(armhf|armebhf)\.so/.test(interpreter ?? '');
  return hard ? 'eabihf' : 'eabi';
}

function mips(flags: number, little: boolean, wide: boolean, because: Record<string, string>): Architecture {
  const end = little ? 'le' : '';
  if (wide) return { arch: `mips64${end}`, variant: null, abi: 'abi64' };
  if ((flags & EF_MIPS.ABI2) !== 0) {
    because['variant'] = 'EF_MIPS_ABI2 in a 32-bit file';
    return { arch: `mips64${end}`, variant: 'n32', abi: 'abin32' };
  }
  if ((flags & EF_MIPS.ABI_MASK) === EF_MIPS.ABI_O64) {
    because['variant'] = 'EF_MIPS_ABI_O64';
    return { arch: `mips64${end}`, variant: 'o64', abi: null };
  }
  return { arch: `mips${end}`, variant: null, abi: null };
}

function toldByInterpreter(interpreter: string | null): Told | null {
  if (interpreter === null) return null;
  return INTERPRETERS.find(([pattern]) => pattern.test(interpreter))?.[1] ?? null;
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function toldByLibraries(names: readonly string[]): { told: Told; name: string } | null {
  const telling = names.filter((name) => ANY_LIBRARY.test(fileName(name)));
  for (const [pattern, told] of telling.length === 0 ? [] : LIBRARIES) {
    const name = telling.find((candidate) => pattern.test(fileName(candidate)));
    if (name !== undefined) return { told, name };
  }
  if (!names.includes('libc.so')) return null;
  const bionic = names.find((name) => BIONIC_ONLY.has(name));
  return bionic === undefined
    ? { told: { os: 'linux', libc: 'musl' }, name: 'libc.so' }
    : { told: { os: 'android', libc: 'bionic' }, name: `libc.so beside ${bionic}` };
}

/**
 * The system, by the first of: EI_OSABI, notes, interpreter, libraries, a kernel module's section. Often nothing tells (a
 * static program for Linux looks like one for DragonFly); then it is assumed to be Linux, and `because` says so.
 */
function system(file: ElfFile, clues: PlatformClues, { byInterpreter, byLibraries }: Tellers, because: Record<string, string>): string | null {
  const { kind, notes } = clues;
  const told = (os: string | null, reason: string): string | null => {
    because['os'] = reason;
    return os;
  };
  const { ident, input } = file;
  const machine = machineOf(file);
  if (GUEST_MACHINES.has(machine)) return told(null, 'unknown: the machine runs inside another system');
  const abi = OSABI_SYSTEMS[ident.osAbi];
  if (abi !== undefined) return told(abi, `EI_OSABI is ELFOSABI_${nameOf(OSABI, ident.osAbi) ?? ident.osAbi}`);
  for (const { owner, type, offset, size } of notes) {
    const os = wordIn(NOTE_SYSTEMS, owner);
    if (os !== undefined) return told(os, `a note of ${owner}`);
    if (owner !== 'GNU' || type !== NT_GNU.ABI_TAG || size < 4) continue;
    const tagged = ABI_TAG_SYSTEMS[input.read(offset, 4, 'GNU ABI tag').u32(0)];
    if (tagged === 'linux' && byInterpreter?.os === 'android') continue;
    if (tagged !== undefined) return told(tagged, 'an NT_GNU_ABI_TAG note');
  }
  if (byInterpreter !== null) return told(byInterpreter.os, `the interpreter ${file.interpreter}`);
  if (byLibraries !== null) return told(byLibraries.told.os, `the library ${byLibraries.name}`);
  if (kind === 'relocatable') {
    const module = sectionNames(file).some((name) => name === '.modinfo' || name === '.gnu.linkonce.this_module');
    return module ? told('linux', 'a section of Linux kernel modules') : told(null, 'unknown: an object file does not say');
  }
  if (kind === 'shared-library' && clues.needed.length === 0 && isDartSnapshot(file)) {
    return told(null, "does not apply: a snapshot of Dart code, which Dart's own runtime loads on every system (_kDart… among its symbols)");
  }
  const linux = (kind === 'executable' || kind === 'shared-library' || kind === 'debug-symbols' || kind === 'core') && LINUX_MACHINES.has(machine);
  return linux ? told('linux', 'assumed: nothing in the file says otherwise') : told(null, 'unknown: nothing in the file says');
}

const DART_MARK = '_kDart'; // of _kDartVmSnapshotInstructions and related (runtime/vm/dart_api_impl.cc, DartSymbols)
const DART_SEARCHED = 512; // bytes of the names, of which a snapshot has five

/** Whether a library is what Dart compiles ahead of time: ELF also on Windows and macOS, and no system's own. */
function isDartSnapshot({ input, dynamic }: ElfFile): boolean {
  const strings = dynamic?.strings ?? null;
  if (strings === null) return false;
  const bytes = input.readUpTo(strings.offset, Math.min(strings.size, DART_SEARCHED), 'names of symbols').bytes();
  return decodeText(bytes).includes(DART_MARK);
}

/** The C library, by interpreter, libraries, or glibc's own sections in a static program. A stripped static musl program leaves no sign. */
function cLibrary(file: ElfFile, os: string | null, clues: PlatformClues, { byInterpreter, byLibraries }: Tellers, because: Record<string, string>): string | null {
  const told = (libc: string | null, reason: string): string | null => {
    if (libc !== null) because['libc'] = reason;
    return libc;
  };
  if (os === 'android') return told('bionic', 'the system is Android');
  if (byInterpreter !== null) return told(byInterpreter.libc, `the interpreter ${file.interpreter}`);
  if (byLibraries !== null && (os === byLibraries.told.os || os === null)) return told(byLibraries.told.libc, `the library ${byLibraries.name}`);
  if (clues.needed.length > 0 && os === 'hurd') return told('glibc', 'the system is the Hurd');
  const section = sectionNames(file).find((name) => GLIBC_SECTIONS.has(name));
  return section === undefined ? null : told('glibc', `section ${section}`);
}
