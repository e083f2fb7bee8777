// What is said of a machine and of a process: plain data that can be written on one machine and read on another.

/** The C library that programs get by default. */
export interface HostLibc {
  /** 'glibc', 'musl', 'bionic', 'libsystem', 'ucrt'; null where none was found. */
  readonly name: string | null;
  /** '2.36'; null where nothing shows it. */
  readonly version: string | null;
  /** The file that told it. */
  readonly from: string | null;
}

/** An entry of binfmt_misc, or another program that runs files of a foreign kind. */
export interface Emulator {
  /** GOARCH's word for the machine that it takes files of; null where it is not about a machine. */
  readonly arch: string | null;
  /** The program that is started. */
  readonly interpreter: string;
  /** binfmt_misc's flags: 'P', 'O', 'C', 'F'. */
  readonly flags: string;
  /** The entry's name. */
  readonly name: string;
  /** Whether the entry, and binfmt_misc as a whole, is switched on. */
  readonly enabled: boolean;
  /** Whether the program is there to be started: it was opened at registration (flag F), or exists. Null where that could not be found out. */
  readonly present: boolean | null;
  /** Where in a file the magic has to stand, in bytes. */
  readonly offset: number;
  /** Hexadecimal; null for an entry that goes by the file's ending. */
  readonly magic: string | null;
  /** Hexadecimal: which bits of the magic count; null where all do. */
  readonly mask: string | null;
  /** The ending of names that it takes, without the dot; null for an entry that goes by magic. */
  readonly extension: string | null;
}

/** A library in a folder in which the loader looks by default. */
export interface HostLibrary {
  /** The name that programs ask for it by: 'libc.so.6'. */
  readonly name: string;
  /** Where it is. */
  readonly path: string;
  /** GOARCH's word; null where nothing shows it. */
  readonly arch: string | null;
  /** The versions of its symbols that it defines: 'GLIBC_2.36'. */
  readonly versions: readonly string[];
}

/** The Node that asked: what its addons have to match. */
export interface HostNode {
  /** 'v20.19.0'. */
  readonly version: string;
  /** process.versions.modules: the version of the interface for addons. */
  readonly modules: string;
  /** The C library that it runs with: 'glibc' or 'musl'; null elsewhere, and where nothing shows it. */
  readonly libc: string | null;
}

/** A machine, as far as it decides what runs there. Facts that nothing told are null; `because` says why. */
export interface Host {
  /** Of this shape; fields may be added without a new one. */
  readonly schemaVersion: 1;
  /** GOOS's word. */
  readonly os: string;
  /** GOARCH's word for the machine, whatever the asking process was built for. */
  readonly arch: string | null;
  /** The level of an x86-64 processor: 'v1' to 'v4'. */
  readonly level: string | null;
  /** The kernel's release: '6.1.0-18-amd64'. */
  readonly kernel: string | null;
  /** The version of the system: macOS '14.5', Windows '10.0.22631'; null on Linux. */
  readonly osVersion: string | null;
  /** Bytes of a page of memory. */
  readonly pageSize: number | null;
  /** The C library that programs get by default. */
  readonly libc: HostLibc;
  /** Loaders that are there, by the paths that programs ask for them by. */
  readonly loaders: readonly string[];
  /** Programs that scripts often name in their first line and that are there; null where nobody looked. */
  readonly scriptInterpreters: readonly string[] | null;
  /** What the loader finds by default; null where nobody looked. */
  readonly libraries: readonly HostLibrary[] | null;
  /** Architectures besides its own whose programs the kernel runs by itself; null where that could not be found out. */
  readonly compatible: readonly string[] | null;
  /** What runs files of foreign kinds. */
  readonly emulators: readonly Emulator[];
  /** Whether the asking process was translated or emulated. */
  readonly translated: boolean | null;
  /** GOARCH's word for what the asking process was built for. */
  readonly processArch: string;
  /** The Node that asked; null where it was none. */
  readonly node: HostNode | null;
  /** For a fact: what told it, or why nothing did. */
  readonly because: Readonly<Record<string, string>>;
}

/** How a process runs its program. */
export type ProcessMode = 'native' | 'compatible' | 'emulated' | 'translated' | 'kernel-thread' | 'unknown';

/** A file that has to do with a process. */
export interface ProcessFile {
  /** Its path, as the process has it. */
  readonly path: string;
  /** Whether it was deleted or replaced since it was started. */
  readonly deleted: boolean;
  /** 'linux/arm64'; null where it could not be read. */
  readonly platform: string | null;
  /** 'ELF64 static executable'; null where it could not be read. */
  readonly description: string | null;
  /** Go's version, where Go built it. */
  readonly go: string | null;
}

/** What a process runs, and how. */
export interface ProcessReport {
  /** Of this shape; fields may be added without a new one. */
  readonly schemaVersion: 1;
  /** Its number. */
  readonly pid: number;
  /** The name that the kernel has for it. */
  readonly name: string | null;
  /** How it runs: `compatible` is a 32-bit program on a 64-bit kernel. */
  readonly mode: ProcessMode;
  /** The machine: 'linux/amd64'. */
  readonly host: string;
  /** The program that it runs, for the user. */
  readonly program: ProcessFile | null;
  /** What runs the program: an emulator; null where the processor does. */
  readonly runsIn: ProcessFile | null;
  /** How the emulator was started: by an entry of binfmt_misc, or by its own name. */
  readonly startedBy: 'binfmt_misc' | 'hand' | null;
  /** The loader that it was started through by hand. */
  readonly loader: string | null;
  /** The script that the program was started for. */
  readonly script: string | null;
  /** The command line; null where it could not be read. */
  readonly commandLine: readonly string[] | null;
  /** For a fact: what told it. */
  readonly because: Readonly<Record<string, string>>;
  /** What may not be read, for lack of permission. */
  readonly notPermitted: readonly string[];
}
