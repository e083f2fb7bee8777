// What an ELF file runs on: architecture from machine, class, byte order and flags; system and C library from whatever shows.

import { decodeText } from '../../bytes/text.ts';
import type { Kind } from '../../model/binary.ts';
import { nameOf, wordIn } from '../../model/names.ts';
import type { PlatformSeed } from '../../model/platform.ts';
import { armAttributes } from '../attributes.ts';
import { EF_MIPS, EF_RISCV, EM, EM_UNOFFICIAL, GNU_ABI, NT_GNU, OSABI } from '../constants.ts';
import { sectionNames } from '../file.ts';
import type { ElfFile } from '../file.ts';
import type { Note } from '../notes.ts';
import { abiOf } from './abi.ts';
import { isOfGlibc } from './glibc.ts';
import { x86Level } from './processor.ts';
import { toldByInterpreter, toldByLibraries } from './tellers.ts';
import type { Told } from './tellers.ts';
import type { Needed } from './versions.ts';

interface Architecture {
  readonly arch: string | null;
  readonly variant: string | null;
  /** The end of a triple: 'eabihf', 'abi64', 'x32'. */
  readonly abi: string | null;
  /** The first word of a triple, where it is not the architecture's usual one; empty where nobody can tell it. */
  readonly machine: string | null;
}

/** What the interpreter, or else the libraries, tell. */
interface Tellers {
  readonly byInterpreter: Told | null;
  readonly byLibraries: { readonly told: Told; readonly name: string } | null;
  /** Whether there is an interpreter, and it is not known. */
  readonly strange: boolean;
}

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
  OHOS: 'openharmony',
  QNX: 'qnx',
  Minix: 'minix',
};

/** The owners of notes in cores of Linux, which others have too. */
const CORE_OWNERS: ReadonlySet<string> = new Set(['CORE', 'GNU', 'VMCOREINFO', 'QEMU', '']);

/** An owner without what the BSDs add to it in cores: 'NetBSD-CORE@1'. */
function ownerWord(owner: string): string {
  return owner.replace(/(-CORE)?(@.*)?$/s, '');
}

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
  /** Symbol versions that are asked for. */
  readonly versions: readonly Needed[];
}

/** Everything that shows the platform, joined. `because` gets the reasons for os, libc and variant. */
export function platformSeed(file: ElfFile, clues: PlatformClues, because: Record<string, string>): PlatformSeed {
  const own = architecture(file, clues, because);
  const machine = machineOf(file);
  const byInterpreter = toldByInterpreter(file, machine, clues.needed);
  const strange = byInterpreter === null && file.interpreter !== null && file.interpreter !== '';
  const byLibraries = byInterpreter === null ? toldByLibraries([...clues.needed, ...clues.sonames], clues.versions, machine, strange) : null;
  const told = { byInterpreter, byLibraries, strange };
  const os = system(file, clues, told, because);
  const libc = cLibrary(file, os, clues, told, because);
  warnOfContradiction(file, clues, told, os, because);
  const { arch, abi, machine: word } = own;
  return { os, arch, variant: own.variant ?? oldWorld(file, clues, because), libc, abi, machine: word };
}

/** The first glibc of the LoongArch that Linux has: what asks for older versions is for the ABI before it. */
const NEW_WORLD = 36;

/** LoongArch's ABI before the official one, which other kernels and C libraries have: by the loader, or by versions of glibc before 2.36. */
function oldWorld(file: ElfFile, { versions }: PlatformClues, because: Record<string, string>): string | null {
  if (file.header.machine !== EM.LOONGARCH) return null;
  const told = (reason: string): string => {
    because['variant'] = reason;
    return 'abi1';
  };
  if (file.interpreter !== null && /^\/lib(32|64)?\/ld\.so\.1$/.test(file.interpreter)) return told(`the interpreter ${file.interpreter} is the one of the ABI before Linux had LoongArch`);
  const old = versions.find(({ library, version }) => isOfGlibc(library) && Number(/^GLIBC_2\.(\d{1,3})(\.\d+)?$/.exec(version)?.[1] ?? NEW_WORLD) < NEW_WORLD);
  return old === undefined ? null : told(`${old.version} from ${old.library} is older than glibc's support of LoongArch, which came with 2.${NEW_WORLD}`);
}

/** Interpreters whose name more than one system has. */
const SHARED_INTERPRETER = /^\/lib(32|64)?\/ld\.so(\.1)?$/;

/** Warns where notes of several systems are in a file. */
function warnOfSeveralOwners(input: ElfFile['input'], notes: readonly Note[]): void {
  if (notes.every(({ owner }) => owner === 'GNU')) return; // as good as always
  const systems = new Set(notes.flatMap(({ owner }) => wordIn(NOTE_SYSTEMS, ownerWord(owner)) ?? []));
  if (systems.size > 1) input.warn('system-contradicted', `notes of ${[...systems].join(' and ')} are in it`);
}

/** Warns where what shows the system, or the C library, is contradicted by what the kernel will run. */
function warnOfContradiction({ input, interpreter }: ElfFile, { needed, versions, notes }: PlatformClues, { byInterpreter }: Tellers, os: string | null, because: Record<string, string>): void {
  warnOfSeveralOwners(input, notes);
  if (interpreter === null || interpreter === '') return;
  if (!interpreter.startsWith('/')) {
    input.warn('interpreter-relative', `the interpreter ${interpreter} is looked for from the current directory: whose it is, its name does not say`);
  }
  if (byInterpreter === null || os === null) return;
  const sameKernel = (byInterpreter.os === 'linux' && (os === 'android' || os === 'openharmony')) || (os === 'linux' && byInterpreter.os === 'android');
  if (byInterpreter.os !== os && !sameKernel && !SHARED_INTERPRETER.test(interpreter)) {
    input.warn('system-contradicted', `${because['os'] ?? os}, and the interpreter ${interpreter} is one of ${byInterpreter.os}`);
  }
  const other = needed.find((name) => (byInterpreter.libc === 'glibc' && /^(libc\.musl-|ld-musl-)/.test(name)) || (byInterpreter.libc === 'musl' && name === 'libc.so.6'));
  const glibc = versions.find(({ library, version }) => version.startsWith('GLIBC_') && isOfGlibc(library));
  const asked = other ?? (byInterpreter.libc !== 'glibc' && byInterpreter.os === 'linux' && glibc !== undefined ? `${glibc.version} of ${glibc.library}` : undefined);
  if (asked !== undefined) {
    input.warn('system-contradicted', `the interpreter ${interpreter} is one of ${byInterpreter.libc}, and ${asked} is asked for`, null, ['platform.libc', 'minimums.glibc']);
  }
}

/** e_machine by its registered number. */
function machineOf({ header }: ElfFile): number {
  return EM_UNOFFICIAL[header.machine] ?? header.machine;
}

/** Never the machine alone: class, byte order and flags decide too. */
function architecture(file: ElfFile, clues: PlatformClues, because: Record<string, string>): Architecture {
  const { header, input } = file;
  const { little, wide } = input.encoding;
  const machine = machineOf(file);
  const plain = (arch: string | null): Architecture => ({ arch, variant: null, abi: null, machine: null });
  switch (machine) {
    case EM['386']:
      return plain('386');
    case EM.X86_64:
      if (wide) {
        const level = x86Level(file, clues.notes);
        if (level === null || level.value === 'v1' || level.value === null) return plain('amd64');
        because['variant'] = level.because;
        return { arch: 'amd64', variant: level.value, abi: null, machine: null };
      }
      because['variant'] = 'EM_X86_64 in a 32-bit file';
      return { arch: 'amd64', variant: 'x32', abi: 'x32', machine: null };
    case EM.ARM:
      return { arch: little ? 'arm' : 'armbe', variant: armVariant(file, because), ...armFloat(file, clues) };
    case EM.AARCH64: {
      const arch = little ? 'arm64' : 'arm64be';
      if (wide) return plain(arch);
      because['variant'] = 'EM_AARCH64 in a 32-bit file';
      return { arch, variant: 'ilp32', abi: '_ilp32', machine: null };
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
      return { ...plain(wide ? 'riscv64' : 'riscv32'), machine: isGeneral(file) ? null : wide ? 'riscv64' : 'riscv32' };
    case EM.LOONGARCH:
      return plain(wide ? 'loong64' : 'loong32');
    case EM.SPARC:
      return plain('sparc');
    case EM.SPARC32PLUS:
      because['variant'] = 'EM_SPARC32PLUS';
      return { arch: 'sparc', variant: 'v8+', abi: null, machine: null };
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
  const architecture = armAttributes(file)?.architecture ?? null;
  if (architecture === null) return null;
  because['variant'] = `Tag_CPU_arch in .ARM.attributes is ${architecture.tag}`;
  return architecture.variant;
}

/** How a triple ends on ARM: by the float ABI. Where nothing shows that, there is no triple. */
function armFloat(file: ElfFile, { needed }: PlatformClues): Pick<Architecture, 'abi' | 'machine'> {
  const { floatAbi } = abiOf(file, needed);
  return floatAbi === null ? { abi: null, machine: '' } : { abi: floatAbi === 'hard' ? 'eabihf' : 'eabi', machine: null };
}

/** Whether e_flags have what makes a RISC-V 'gc': compressed instructions, and floating point numbers of double precision in registers. */
function isGeneral({ header: { flags } }: ElfFile): boolean {
  return (flags & EF_RISCV.RVC) !== 0 && (flags & 6) === 4;
}

/** The instruction set of MIPS: the top four bits of e_flags (9 and 10 are Release 6, which runs nothing older and is run by nothing older). */
const MIPS_R6: ReadonlySet<number> = new Set([9, 10]);

function mips(flags: number, little: boolean, wide: boolean, because: Record<string, string>): Architecture {
  const end = little ? 'le' : '';
  const r6 = MIPS_R6.has(flags >>> 28);
  const told = (bits: 32 | 64, variant: string | null, abi: string | null, reason: string): Architecture => {
    if (r6) because['variant'] = `e_flags name the instruction set MIPS${bits} Release 6${variant === null ? '' : `; ${reason}`}`;
    else if (variant !== null) because['variant'] = reason;
    const machine = r6 ? `mipsisa${bits}r6${little ? 'el' : ''}` : null;
    return { arch: `mips${bits === 64 ? '64' : ''}${end}`, variant: r6 ? `${variant ?? ''}r6` : variant, abi, machine };
  };
  if (wide) return told(64, null, 'abi64', '');
  if ((flags & EF_MIPS.ABI2) !== 0) return told(64, 'n32', 'abin32', 'EF_MIPS_ABI2 in a 32-bit file');
  if ((flags & EF_MIPS.ABI_MASK) === EF_MIPS.ABI_O64) return told(64, 'o64', null, 'EF_MIPS_ABI_O64');
  return told(32, null, null, '');
}

/**
 * The system, by the first of: EI_OSABI, notes, interpreter, libraries, a kernel module's section. Often nothing shows (a
 * static program for Linux looks like one for DragonFly); then it is assumed to be Linux, and `because` says so.
 */
function system(file: ElfFile, clues: PlatformClues, { byInterpreter, byLibraries, strange }: Tellers, because: Record<string, string>): string | null {
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
    const os = owner === 'GNU' ? undefined : wordIn(NOTE_SYSTEMS, ownerWord(owner));
    if (os !== undefined) return told(os, `a note of ${owner}`);
    if (owner !== 'GNU' || type !== NT_GNU.ABI_TAG || size < 4) continue;
    const tagged = ABI_TAG_SYSTEMS[input.read(offset, 4, 'GNU ABI tag').u32(0)];
    if (tagged === 'linux' && byInterpreter?.os === 'android') continue;
    if (tagged !== undefined) return told(tagged, 'an NT_GNU_ABI_TAG note');
  }
  if (byInterpreter !== null) return told(byInterpreter.os, `the interpreter ${file.interpreter}`);
  if (byLibraries !== null) return told(byLibraries.told.os, `the library ${byLibraries.name}`);
  if (strange) return told(null, `unknown: the interpreter ${file.interpreter} is not known`);
  if (kind === 'relocatable') {
    const module = sectionNames(file).some((name) => name === '.modinfo' || name === '.gnu.linkonce.this_module');
    return module ? told('linux', 'a section of Linux kernel modules') : told(null, 'unknown: an object file does not say');
  }
  if (kind === 'shared-library' && clues.needed.length === 0 && isDartSnapshot(file)) {
    return told(null, "does not apply: a snapshot of Dart code, which Dart's own runtime loads on every system (_kDart… among its symbols)");
  }
  const against = againstLinux(file, clues);
  if (against !== null) return told(null, `unknown: ${against}`);
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

/** What in a file speaks against Linux, where nothing names a system; null where nothing does. */
function againstLinux(file: ElfFile, { kind, notes }: PlatformClues): string | null {
  if (file.header.machine === EM.ARM) {
    const attributes = armAttributes(file);
    if (attributes?.embedded != null) return attributes.embedded;
  }
  if (kind !== 'core') return null;
  const strange = notes.find(({ owner }) => !CORE_OWNERS.has(owner));
  return strange === undefined ? null : `a note of ${strange.owner}, whose core files are not known`;
}

/** The C library, by interpreter, libraries, or glibc's own sections in a static program. A stripped static musl program leaves no sign. */
function cLibrary(file: ElfFile, os: string | null, clues: PlatformClues, { byInterpreter, byLibraries }: Tellers, because: Record<string, string>): string | null {
  const told = (libc: string | null, reason: string): string | null => {
    if (libc !== null) because['libc'] = reason;
    return libc;
  };
  if (os === 'android') return told('bionic', 'the system is Android');
  if (os === 'openharmony') return told('musl', 'the system is OpenHarmony');
  if (byInterpreter !== null) return told(byInterpreter.libc, `the interpreter ${file.interpreter}`);
  if (byLibraries !== null && (os === byLibraries.told.os || os === null)) return told(byLibraries.told.libc, `the library ${byLibraries.name}`);
  if (clues.needed.length > 0 && os === 'hurd') return told('glibc', 'the system is the Hurd');
  const { kind, notes, needed } = clues;
  if (kind === 'executable' && file.interpreter === null && needed.length === 0 && os === 'linux' && notes.some(({ owner, type }) => owner === 'GNU' && type === NT_GNU.ABI_TAG)) {
    return told('glibc', "an NT_GNU_ABI_TAG note, which glibc's start files have, in a static program");
  }
  const section = sectionNames(file).find((name) => GLIBC_SECTIONS.has(name));
  return section === undefined ? null : told('glibc', `section ${section}`);
}
