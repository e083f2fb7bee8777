// What a binary runs on, in the vocabularies that people compare it with. One table; every spelling comes from it.

import { wordIn } from './names.ts';

/** GOOS words, and those of systems that Go has no port for. Other strings may come: a word that is not in this list is the system's usual lower-case name. */
export type Os =
  | 'linux'
  | 'android'
  | 'openharmony'
  | 'darwin'
  | 'ios'
  | 'tvos'
  | 'watchos'
  | 'visionos'
  | 'windows'
  | 'uefi'
  | 'freebsd'
  | 'netbsd'
  | 'openbsd'
  | 'dragonfly'
  | 'solaris'
  | 'illumos'
  | 'aix'
  | 'haiku'
  | 'hurd'
  | 'fuchsia'
  | 'js'
  | 'wasip1'
  | 'wasip2'
  | 'wasip3'
  | 'emscripten'
  | (string & {});

/** GOARCH words, and the usual lower-case names of machines that Go has no port for. Other strings may come. */
export type Arch =
  | 'amd64'
  | '386'
  | 'arm64'
  | 'arm'
  | 'arm64be'
  | 'armbe'
  | 'loong64'
  | 'mips'
  | 'mipsle'
  | 'mips64'
  | 'mips64le'
  | 'ppc'
  | 'ppc64'
  | 'ppc64le'
  | 'riscv32'
  | 'riscv64'
  | 's390'
  | 's390x'
  | 'sparc'
  | 'sparc64'
  | 'alpha'
  | 'hppa'
  | 'ia64'
  | 'm68k'
  | 'sh4'
  | 'wasm'
  | (string & {});

/** C libraries; where one comes with the system and has no name of its own, the system's name. Other strings may come. */
export type Libc =
  | 'glibc'
  | 'musl'
  | 'bionic'
  | 'uclibc'
  | 'klibc'
  | 'msvcrt'
  | 'ucrt'
  | 'libsystem'
  | 'freebsd'
  | 'netbsd'
  | 'openbsd'
  | 'dragonfly'
  | 'solaris'
  | 'haiku'
  | 'fuchsia'
  | 'qnx'
  | (string & {});

/** What a binary runs on; null stands for what nothing in the file tells, and for words that a vocabulary doesn't have. */
export interface Platform {
  /** GOOS words; null where nothing in the file says. */
  readonly os: Os | null;
  /** GOARCH words; for others the usual lower-case name. */
  readonly arch: Arch | null;
  /** 'v7' 'arm64e' 'x86_64h' 'x32' 'n32' 'arm64ec' … */
  readonly variant: string | null;
  /** The C library; on the BSDs, Solaris and others whose C library comes with the system, the system's name. */
  readonly libc: Libc | null;
  /** 'linux/arm64'; null where Go has no such port. */
  readonly go: string | null;
  /** `${process.platform}-${process.arch}`: 'linux-arm64', 'win32-x64'; null where Node has no such build. */
  readonly node: string | null;
  /** 'linux/arm64', 'linux/arm/v7' (OCI image specification, platform). */
  readonly oci: string | null;
  /** 'aarch64-unknown-linux-gnu'; null where the C library is not known. */
  readonly triple: string | null;
}

/** What the headers tell; the spellings follow from it. */
export interface PlatformSeed {
  readonly os: string | null;
  readonly arch: string | null;
  readonly variant: string | null;
  readonly libc: string | null;
  /** The part of a triple that nothing else shows: 'eabihf', 'abi64', 'msvc', 'sim', 'macabi'. */
  readonly abi: string | null;
  /** A triple's first word, where it is not the architecture's usual one; empty where it can't be determined, and then there is no triple. */
  readonly machine?: string | null;
}

interface Architecture {
  /** process.arch. */
  readonly node: string | null;
  /** The first word of a triple. */
  readonly triple: string;
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  amd64: { node: 'x64', triple: 'x86_64' },
  '386': { node: 'ia32', triple: 'i686' },
  arm64: { node: 'arm64', triple: 'aarch64' },
  arm: { node: 'arm', triple: 'arm' },
  arm64be: { node: null, triple: 'aarch64_be' },
  armbe: { node: null, triple: 'armeb' },
  loong64: { node: 'loong64', triple: 'loongarch64' },
  mips: { node: 'mips', triple: 'mips' },
  mipsle: { node: 'mipsel', triple: 'mipsel' },
  mips64: { node: null, triple: 'mips64' },
  mips64le: { node: null, triple: 'mips64el' },
  ppc: { node: 'ppc', triple: 'powerpc' },
  ppc64: { node: 'ppc64', triple: 'powerpc64' },
  ppc64le: { node: 'ppc64', triple: 'powerpc64le' },
  riscv32: { node: null, triple: 'riscv32gc' },
  riscv64: { node: 'riscv64', triple: 'riscv64gc' },
  s390: { node: 's390', triple: 's390' },
  s390x: { node: 's390x', triple: 's390x' },
  sparc: { node: null, triple: 'sparc' },
  sparc64: { node: null, triple: 'sparc64' },
  alpha: { node: null, triple: 'alpha' },
  hppa: { node: null, triple: 'hppa' },
  ia64: { node: null, triple: 'ia64' },
  m68k: { node: null, triple: 'm68k' },
  sh4: { node: null, triple: 'sh4' },
  wasm: { node: null, triple: 'wasm32' },
};

interface System {
  /** process.platform. */
  readonly node: string | null;
  /** The word of the OCI image specification. */
  readonly oci: string | null;
  /** Vendor and system of a triple; where it takes a C library, that follows. */
  readonly triple: string;
  /** GOARCH values of Go's ports, past ones too (`go tool dist list`). */
  readonly go: readonly string[];
}

const SYSTEMS: Readonly<Record<string, System>> = {
  linux: {
    node: 'linux',
    oci: 'linux',
    triple: 'unknown-linux',
    go: ['386', 'amd64', 'arm', 'arm64', 'loong64', 'mips', 'mipsle', 'mips64', 'mips64le', 'ppc64', 'ppc64le', 'riscv64', 's390x'],
  },
  android: { node: 'android', oci: 'linux', triple: 'linux-android', go: ['386', 'amd64', 'arm', 'arm64'] },
  openharmony: { node: 'openharmony', oci: null, triple: 'unknown-linux-ohos', go: [] },
  darwin: { node: 'darwin', oci: 'darwin', triple: 'apple-darwin', go: ['386', 'amd64', 'arm64'] },
  ios: { node: null, oci: 'ios', triple: 'apple-ios', go: ['amd64', 'arm', 'arm64'] },
  tvos: { node: null, oci: null, triple: 'apple-tvos', go: [] },
  watchos: { node: null, oci: null, triple: 'apple-watchos', go: [] },
  visionos: { node: null, oci: null, triple: 'apple-visionos', go: [] },
  windows: { node: 'win32', oci: 'windows', triple: 'pc-windows', go: ['386', 'amd64', 'arm', 'arm64'] },
  uefi: { node: null, oci: null, triple: 'unknown-uefi', go: [] },
  freebsd: { node: 'freebsd', oci: 'freebsd', triple: 'unknown-freebsd', go: ['386', 'amd64', 'arm', 'arm64', 'riscv64'] },
  netbsd: { node: 'netbsd', oci: 'netbsd', triple: 'unknown-netbsd', go: ['386', 'amd64', 'arm', 'arm64'] },
  openbsd: {
    node: 'openbsd',
    oci: 'openbsd',
    triple: 'unknown-openbsd',
    go: ['386', 'amd64', 'arm', 'arm64', 'mips64', 'ppc64', 'riscv64'],
  },
  dragonfly: { node: null, oci: 'dragonfly', triple: 'unknown-dragonfly', go: ['amd64'] },
  solaris: { node: 'sunos', oci: 'solaris', triple: 'pc-solaris', go: ['amd64'] },
  illumos: { node: 'sunos', oci: 'illumos', triple: 'unknown-illumos', go: ['amd64'] },
  aix: { node: 'aix', oci: 'aix', triple: 'ibm-aix', go: ['ppc64'] },
  haiku: { node: 'haiku', oci: null, triple: 'unknown-haiku', go: [] },
  hurd: { node: null, oci: null, triple: 'unknown-hurd', go: [] },
  fuchsia: { node: null, oci: null, triple: 'unknown-fuchsia', go: [] },
  js: { node: null, oci: null, triple: '', go: ['wasm'] },
  wasip1: { node: null, oci: 'wasip1', triple: 'wasip1', go: ['wasm'] },
  wasip2: { node: null, oci: 'wasip2', triple: 'wasip2', go: [] },
  wasip3: { node: null, oci: null, triple: 'wasip3', go: [] },
  emscripten: { node: null, oci: null, triple: 'unknown-emscripten', go: [] },
};

/** Variants of an ABI of their own: what is built for the plain architecture does not run there, nor the other way round. */
export const FOREIGN: ReadonlySet<string> = new Set(['x32', 'n32', 'o64', 'ilp32', 'arm64_32', 'v7k', 'arm64ec', 'chpe', 'v8+', 'r6', 'n32r6', 'abi1', 'memory64']);

/** Variants that name their architecture themselves. */
const SPEAKS_FOR_ITSELF = /^(arm64(e|ec|x|_32)|x86_64h|x32|anycpu|ppc\d\w*)$/;

/** An architecture with its variant, for people: 'arm/v7', 'arm64e', '386 (softfloat)'. */
export function architectureText(arch: string, variant: string | null): string {
  if (arch === 'wasm') return variant === 'memory64' ? 'wasm64' : arch;
  if (variant === null) return arch;
  if (/^v\d/.test(variant)) return `${arch}/${variant}`;
  return SPEAKS_FOR_ITSELF.test(variant) ? variant : `${arch} (${variant})`;
}

/** Triple words of the variants that have one of their own. */
const VARIANT_TRIPLES: Readonly<Record<string, string>> = {
  arm64e: 'arm64e',
  arm64ec: 'arm64ec',
  arm64_32: 'arm64_32',
  x86_64h: 'x86_64h',
  'arm/v5': 'armv5te',
  'arm/v6': 'arm',
  'arm/v7': 'armv7',
  'arm/v7k': 'armv7k',
  'arm/v7s': 'armv7s',
};

/** What OCI's specification lists as a variant: ARM's generations and the levels of x86-64. */
const OCI_VARIANT = /^(arm\/v[5-8]|amd64\/v[2-4])$/;

const LIBC_TRIPLES: Readonly<Record<string, string>> = { glibc: 'gnu', musl: 'musl', uclibc: 'uclibc' };

/** WebAssembly's triples need no C library; where no system is asked for, `abi` says that none is needed. */
function wasmTriple({ os, variant, abi }: PlatformSeed): string | null {
  const machine = variant === 'memory64' ? 'wasm64' : 'wasm32';
  if (os === null) return abi === 'unknown' ? `${machine}-unknown-unknown` : null;
  const system = wordIn(SYSTEMS, os)?.triple ?? '';
  return system === '' ? null : `${machine}-${system}${abi === 'threads' ? '-threads' : ''}`; // Go's js has none
}

function tripleOf({ os, arch, variant, libc, abi, machine: word = null }: PlatformSeed): string | null {
  if (arch === 'wasm') return wasmTriple({ os, arch, variant, libc, abi });
  if (word === '' && os === 'linux') return null;
  if (os === null || arch === null || libc === null) return null;
  const system = wordIn(SYSTEMS, os);
  const machine = wordIn(ARCHITECTURES, arch);
  if (system === undefined || machine === undefined) return null;
  if (os === 'windows' && arch === 'arm') return abi === null ? null : `thumbv7a-${system.triple}-${abi}`;
  const first = word !== null && word !== '' ? word : (variant === null ? undefined : (wordIn(VARIANT_TRIPLES, variant) ?? wordIn(VARIANT_TRIPLES, `${arch}/${variant}`))) ?? machine.triple;
  if (os === 'android') return `${first}-${system.triple}${arch === 'arm' ? 'eabi' : ''}`;
  if (os === 'openharmony') return `${first}-${system.triple}`;
  if (os === 'linux') {
    const library = wordIn(LIBC_TRIPLES, libc);
    return library === undefined ? null : `${first}-${system.triple}-${library}${abi ?? ''}`;
  }
  if (os === 'windows') return abi === null ? null : `${first}-${system.triple}-${abi}`;
  if (os === 'hurd') return `${first}-${system.triple}-gnu`;
  return `${first}-${system.triple}${abi === null ? '' : `-${abi}`}`;
}

/** All spellings of a platform. */
export function platformOf(seed: PlatformSeed): Platform {
  const { os, arch, variant, libc } = seed;
  const system = os === null ? undefined : wordIn(SYSTEMS, os);
  const machine = arch === null ? undefined : wordIn(ARCHITECTURES, arch);
  const own = (variant !== null && FOREIGN.has(variant)) || seed.abi === 'sim' || seed.abi === 'macabi'; // Go, Node and OCI mean a device or a Mac
  const go = system !== undefined && arch !== null && !own && system.go.includes(arch) ? `${os}/${arch}` : null;
  const nodeOs = system?.node ?? null;
  const nodeArch = own ? null : (machine?.node ?? null);
  const node = nodeOs === null || nodeArch === null ? null : `${nodeOs}-${nodeArch}`;
  const ociOs = system?.oci ?? null;
  const ociArch = machine === undefined || own ? null : arch;
  const level = variant === null ? null : `${arch}/${variant}`;
  const oci = ociOs === null || ociArch === null ? null : `${ociOs}/${level !== null && OCI_VARIANT.test(level) ? level : ociArch}`;
  return { os, arch, variant, libc, go, node, oci, triple: tripleOf(seed) };
}
