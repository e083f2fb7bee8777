// The words that targets are made of: one table, each word once, with who writes it. Reading them in a text is words.ts, what a name claims is name.ts.

/** A GOARCH word, and the variant where one is named. */
export interface Arch {
  readonly arch: string;
  readonly variant: string | null;
}

/** What a triple ends in where that makes a difference: the float convention of 32-bit ARM, Apple's simulators and Catalyst, WebAssembly with threads or without a system. */
export type Ending = 'eabihf' | 'eabi' | 'sim' | 'macabi' | 'threads' | 'unknown-unknown';

/** What one word says. A word that says nothing to compare has no key at all. */
export interface Meaning {
  /** One of these systems, GOOS words. */
  readonly os?: readonly string[];
  /** One of these architectures. */
  readonly arch?: readonly Arch[];
  /** Other architectures on some systems: 32-bit ARM never was in a Mac. By GOOS word. */
  readonly on?: ReadonlyMap<string, readonly Arch[]>;
  readonly libc?: string;
  readonly ending?: Ending;
  /** What it adds to the architecture: the x32 of 'gnux32'. */
  readonly variant?: string;
  /** Slices for several architectures. */
  readonly universal?: boolean;
  /** A value of GO386, GOMIPS and related, behind an architecture. */
  readonly setting?: string;
  /** It counts only beside a word of another sort: 'arm' or 'win' alone may be anything. */
  readonly weak?: boolean;
  /** It counts only beside one of Apple's systems. */
  readonly apple?: boolean;
  /** It counts only directly behind an architecture: 'arm64_sonoma'. */
  readonly behind?: boolean;
  /** Where a file is for another system, the word may have meant something else, so the answer is unknown. */
  readonly soft?: boolean;
  /** A system that is a word only with its version: 'deb11', 'el8'. */
  readonly numbered?: boolean;
}

function os(...names: string[]): Meaning {
  return { os: names };
}

function arch(name: string, variant: string | null = null): Meaning {
  return { arch: [{ arch: name, variant }] };
}

function archs(...names: string[]): readonly Arch[] {
  return names.map((name) => ({ arch: name, variant: null }));
}

function weak(meaning: Meaning): Meaning {
  return { ...meaning, weak: true };
}

const HARD: Meaning = { ending: 'eabihf' };
const SOFT: Meaning = { ending: 'eabi' };
const NOTHING: Meaning = {};

/** On Apple's systems and on Windows, words for 32 bits are also used for the architecture that took over. */
const X86_ON: ReadonlyMap<string, readonly Arch[]> = new Map([
  ['darwin', archs('amd64', '386')],
  ['ios', archs('amd64', '386')],
]);
const ARM_ON: ReadonlyMap<string, readonly Arch[]> = new Map([
  ['darwin', archs('arm64')],
  ['ios', archs('arm64', 'arm')],
  ['windows', archs('arm', 'arm64')],
]);
const BITS_64_ON: ReadonlyMap<string, readonly Arch[]> = new Map([['darwin', archs('amd64', 'arm64')]]);
const WINDOWS_32: Meaning = { os: ['windows'], arch: archs('386'), soft: true };

/** Words, blanks between those that mean the same; their meaning; who writes them so. A '+' stands for a separator within a word. */
const TABLE: readonly (readonly [words: string, meaning: Meaning, source: string])[] = [
  // Systems
  ['linux', os('linux'), "GOOS, Node's platform, triples"],
  ['linuxmusl', { ...os('linux'), libc: 'musl' }, 'prebuildify, sharp'],
  ['linuxglibc', { ...os('linux'), libc: 'glibc' }, 'prebuildify'],
  ['linuxstatic gnulinux', os('linux'), 'pkg; releases'],
  ['manylinux manylinux1 manylinux2010 manylinux2014', { ...os('linux'), libc: 'glibc' }, 'Python PEP 513, 571, 599, 600'],
  ['musllinux', { ...os('linux'), libc: 'musl' }, 'Python PEP 656'],
  ['alpine', { ...os('linux'), libc: 'musl' }, '.NET RID, VS Code, pkg'],
  ['ubuntu debian rhel centos fedora sles opensuse archlinux amazonlinux rocky almalinux oraclelinux gentoo', os('linux'), '.NET RID, releases for one distribution'],
  ['deb el fc', { ...os('linux'), numbered: true }, 'RPM dist tags, GHC: deb11, el8, fc39'],
  ['android androidnative', os('android'), "GOOS, Node's platform, triples, Kotlin"],
  ['androideabi', { ...os('android'), libc: 'bionic' }, 'triples'],
  ['bionic', { libc: 'bionic', ...os('android') }, '.NET RID linux-bionic-arm64'],
  ['darwin macos macosx osx', os('darwin'), "GOOS, Node's platform, Python, conda, Maven"],
  ['mac', weak(os('darwin')), 'electron-builder, chromedriver'],
  ['applesilicon apple+silicon', { ...os('darwin'), ...arch('arm64') }, 'Apple'],
  ['ios', os('ios'), 'GOOS, triples'],
  ['iphoneos', os('ios'), 'Xcode'],
  ['tvos appletvos', os('tvos'), 'triples, Xcode'],
  ['watchos', os('watchos'), 'triples, Xcode'],
  ['visionos xros', os('visionos'), 'triples, Xcode'],
  ['iossimulator iphonesimulator iossim', { ...os('ios'), ending: 'sim' }, '.NET RID, Xcode'],
  ['tvossimulator appletvsimulator', { ...os('tvos'), ending: 'sim' }, '.NET RID, Xcode'],
  ['watchsimulator watchossimulator', { ...os('watchos'), ending: 'sim' }, 'Xcode, Kotlin'],
  ['xrsimulator visionossimulator', { ...os('visionos'), ending: 'sim' }, 'Xcode'],
  ['maccatalyst mac+catalyst', { ...os('ios'), ending: 'macabi' }, '.NET RID, xcframework'],
  ['windows', os('windows'), 'GOOS, Python, Rust'],
  ['win', weak(os('windows')), '.NET RID, conda, Node'],
  ['win64', { ...os('windows'), ...arch('amd64') }, 'releases'],
  ['win32', WINDOWS_32, "Node's platform for all of Windows; Python's, MSBuild's and many releases' 32-bit one"],
  ['windows32 windows+32bit', { ...os('windows'), ...arch('386') }, 'releases'],
  ['ucrt64 clang64', { ...os('windows'), ...arch('amd64') }, 'MSYS2'],
  ['clangarm64', { ...os('windows'), ...arch('arm64') }, 'MSYS2'],
  ['uwp msys cygwin', os('windows'), 'vcpkg, Rust, GNU'],
  ['mingw mingw32 mingw64', os('windows'), 'GNU triples, MSYS2'],
  ['freebsd', os('freebsd'), 'GOOS'],
  ['kfreebsd', os('kfreebsd'), 'Debian'],
  ['netbsd', os('netbsd'), 'GOOS'],
  ['openbsd', os('openbsd'), 'GOOS'],
  ['dragonfly dragonflybsd', os('dragonfly'), 'GOOS, JNA'],
  ['solaris', os('solaris'), 'GOOS'],
  ['illumos', os('illumos', 'solaris'), "GOOS; an illumos program's headers are those of Solaris"],
  ['sunos', os('solaris', 'illumos'), "Node's platform, JNA"],
  ['aix', os('aix'), 'GOOS'],
  ['haiku', os('haiku'), 'Rust'],
  ['hurd', os('hurd'), 'Debian, GNU triples'],
  ['fuchsia', os('fuchsia'), 'Rust'],
  ['openharmony ohos', os('openharmony'), "Node's platform, Rust"],
  ['plan9', os('plan9'), 'GOOS'],
  ['uefi', os('uefi'), 'Rust'],
  ['efi', weak(os('uefi')), 'GRUB, file endings'],
  ['js', weak(os('js')), 'GOOS'],
  ['browser', weak(os('js', 'emscripten')), '.NET RID'],
  ['wasip1', os('wasip1'), 'GOOS, Rust'],
  ['wasip2', os('wasip2'), 'Rust'],
  ['wasip3', os('wasip3'), 'Rust'],
  ['wasi', os('wasip1', 'wasip2', 'wasip3'), 'napi-rs, Rust, conda'],
  ['emscripten pyodide', os('emscripten'), 'Rust, conda, Python'],
  ['unix', NOTHING, '.NET RID, Wine'],
  // Architectures
  ['amd64', arch('amd64'), 'GOARCH, Debian'],
  ['x86+64 x8664', arch('amd64'), 'GNU, Rust, Python, Maven, JNA'],
  ['x64', arch('amd64'), "Node's arch, .NET RID, UEFI"],
  ['em64t intel64 x86+64bit', arch('amd64'), 'releases'],
  ['x86+64h', arch('amd64', 'x86_64h'), 'Apple'],
  ['64bit 64+bit', weak({ ...arch('amd64'), on: BITS_64_ON }), 'releases'],
  ['32bit 32+bit', weak(arch('386')), 'releases'],
  ['386', weak(arch('386')), 'GOARCH'],
  ['i386 i486 i586 i686 i86pc', arch('386'), 'GNU, Debian, RPM, Solaris'],
  ['ia32 x86+32 x86+32bit', arch('386'), "Node's arch, UEFI, Maven"],
  ['x86', weak({ ...arch('386'), on: X86_ON }), '.NET RID, Alpine, JNA, Android'],
  ['intel', { arch: archs('amd64', '386'), on: new Map([['darwin', archs('amd64')]]), apple: true }, 'Apple'],
  ['arm64 aarch64 arm+64 aarch+64 aa64 a64', arch('arm64'), 'GOARCH, GNU, Maven, UEFI'],
  ['silicon m1 m2 m3 m4', { ...arch('arm64'), apple: true }, 'Apple'],
  ['arm64e', arch('arm64', 'arm64e'), 'Apple'],
  ['arm64ec', arch('arm64', 'arm64ec'), 'Microsoft, Rust'],
  ['arm64x', arch('arm64', 'arm64x'), 'Microsoft'],
  ['arm64+32', arch('arm64', 'arm64_32'), 'Apple'],
  ['aarch64+be arm64be', arch('arm64be'), 'GNU, Rust'],
  ['arm64+v8a', { ...arch('arm64'), ...os('android'), soft: true }, 'Android ABIs'],
  ['armeabi+v7a', { ...arch('arm', 'v7'), ...os('android'), soft: true }, 'Android ABIs'],
  ['armeabi', { ...arch('arm'), ...os('android'), soft: true }, 'Android ABIs'],
  ['arm', weak({ ...arch('arm'), on: ARM_ON }), "GOARCH, Node's arch"],
  ['arm32 arm+32 aarch32 aarch+32', arch('arm'), 'Docker, Maven, Arm'],
  ['armhf armhfp', { ...arch('arm'), ...HARD }, 'Debian, Fedora'],
  ['armel', { ...arch('arm'), ...SOFT }, 'Debian, .NET RID'],
  ['armeb', arch('armbe'), 'GNU'],
  ['thumbv7neon', arch('arm', 'v7'), 'Rust'],
  ['riscv', weak(arch('riscv64')), 'Maven, releases'],
  ['riscv32 riscv32gc riscv32imac riscv32d rv32 rv32gc', arch('riscv32'), 'GNU, Rust'],
  ['riscv64 riscv64gc riscv64a23 riscv64d riscv+64 rv64 rv64gc', arch('riscv64'), 'GOARCH, GNU, Rust'],
  ['s390 s390+32', arch('s390'), 'GNU, Maven'],
  ['s390x s390+64', arch('s390x'), 'GOARCH, Maven'],
  ['ppc', weak(arch('ppc')), "Node's arch"],
  ['powerpc ppc+32 ppc32', arch('ppc'), 'GNU, Debian, Maven'],
  ['ppcle+32', arch('ppcle'), 'Maven'],
  ['ppc64 powerpc64 ppc+64', arch('ppc64'), 'GOARCH, GNU, Maven'],
  ['ppc64le ppc64el powerpc64le powerpc64el ppcle+64', arch('ppc64le'), 'GOARCH, Debian, GNU, Maven'],
  ['loong64 loongarch64 loongarch loongarch+64 loong64bit', arch('loong64'), 'GOARCH, GNU, Maven'],
  ['loong32 loongarch32', arch('loong32'), 'GNU, UEFI'],
  ['mips', weak(arch('mips')), 'GOARCH'],
  ['mips32 mips+32', arch('mips'), 'Maven'],
  ['mipsle mipsel mipsel+32 mips32el', arch('mipsle'), 'GOARCH, GNU, Maven'],
  ['mips64 mips+64', arch('mips64'), 'GOARCH, Maven'],
  ['mips64le mips64el mipsel+64', arch('mips64le'), 'GOARCH, GNU, Maven'],
  ['mipsisa32r6', arch('mips', 'r6'), 'Rust'],
  ['mipsisa32r6el', arch('mipsle', 'r6'), 'Rust'],
  ['mipsisa64r6', arch('mips64', 'r6'), 'Rust'],
  ['mipsisa64r6el mips64r6el', arch('mips64le', 'r6'), 'Rust, Debian'],
  ['sparc', weak(arch('sparc')), 'GNU'],
  ['sparc+32', arch('sparc'), 'Maven'],
  ['sparc64 sparcv9 sparc+64', arch('sparc64'), 'GNU, Maven'],
  ['ia64 itanium+64', arch('ia64'), 'GNU, Debian, Maven'],
  ['alpha', weak(arch('alpha')), 'GNU, Debian'],
  ['hppa', arch('hppa'), 'GNU, Debian'],
  ['m68k', arch('m68k'), 'GNU, Debian'],
  ['sh4', arch('sh4'), 'GNU, Debian'],
  ['x32', arch('amd64', 'x32'), 'Debian'],
  ['wasm wasm32', arch('wasm'), 'GOARCH, Rust, napi-rs'],
  ['wasm64', arch('wasm', 'memory64'), 'Rust'],
  ['wasm32+wasi', { ...os('wasip1'), ...arch('wasm') }, 'Rust before 2024, napi-rs'],
  ['wasip1+threads', { ...os('wasip1'), ending: 'threads' }, 'Rust'],
  ['unknown+unknown', { ending: 'unknown-unknown' }, 'Rust: WebAssembly without a system'],
  // C libraries, and what else triples end in
  ['glibc gnu gnuabi64 gnuf64', { libc: 'glibc' }, 'triples, Node'],
  ['gnueabi', { libc: 'glibc', ...SOFT }, 'triples'],
  ['gnueabihf', { libc: 'glibc', ...HARD }, 'triples'],
  ['gnuabin32', { libc: 'glibc', variant: 'n32' }, 'triples'],
  ['gnux32', { libc: 'glibc', variant: 'x32' }, 'triples'],
  ['gnu+ilp32', { libc: 'glibc', variant: 'ilp32' }, 'triples'],
  ['musl muslabi64', { libc: 'musl' }, 'triples, Node'],
  ['musleabi', { libc: 'musl', ...SOFT }, 'triples'],
  ['musleabihf', { libc: 'musl', ...HARD }, 'triples'],
  ['muslx32', { libc: 'musl', variant: 'x32' }, 'triples'],
  ['uclibc', { libc: 'uclibc' }, 'triples'],
  ['uclibceabi', { libc: 'uclibc', ...SOFT }, 'triples'],
  ['uclibceabihf', { libc: 'uclibc', ...HARD }, 'triples'],
  ['eabihf', HARD, 'triples'],
  ['sim simulator', { ending: 'sim', apple: true }, 'triples, xcframework'],
  ['macabi catalyst', { ending: 'macabi', apple: true }, 'triples, Apple'],
  // Several architectures at once
  ['universal universal2 fat all', { universal: true, apple: true }, 'goreleaser, Python, releases'],
  // Settings of an architecture, behind its word
  ['softfloat soft+float', { setting: 'softfloat' }, 'GOMIPS, GO386, GOARM'],
  ['hardfloat hard+float', { setting: 'hardfloat' }, 'GOMIPS, GOARM'],
  ...['sse2', 'power8', 'power9', 'power10', 'rva20u64', 'rva22u64', 'rva23u64'].map((word) => [word, { setting: word }, 'GO386, GOPPC64, GORISCV64'] as const),
  // What says nothing to compare, and parts nothing
  ['unknown pc apple ibm w64 none redhat suse nintendo', NOTHING, 'vendors in triples'],
  ['msvc gnullvm cygnus eabi abi2 elf', NOTHING, "compilers and conventions in triples; Android's end in eabi whatever the float convention"],
  ['unpacked baseline', NOTHING, 'electron-builder, Bun'],
  ['sequoia sonoma ventura monterey big+sur catalina mojave high+sierra sierra tahoe', { ...os('darwin'), behind: true }, 'Homebrew'],
];

/** Every word with what it says; within a word a blank stands for '-' or '_'. */
export const MEANINGS: ReadonlyMap<string, Meaning> = new Map(TABLE.flatMap(([words, meaning]) => words.split(' ').map((word) => [word.replaceAll('+', ' '), meaning] as const)));

/** Android's ABIs, as folders in a project's jniLibs and in archives are called, with the architectures that they mean. */
export const ANDROID_ABIS: ReadonlyMap<string, Arch> = new Map([
  ['arm64-v8a', { arch: 'arm64', variant: null }],
  ['armeabi-v7a', { arch: 'arm', variant: 'v7' }],
  ['armeabi', { arch: 'arm', variant: null }],
  ['x86', { arch: '386', variant: null }],
  ['x86_64', { arch: 'amd64', variant: null }],
  ['riscv64', { arch: 'riscv64', variant: null }],
]);
