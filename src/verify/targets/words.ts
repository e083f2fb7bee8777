// The words that targets are made of, and how they are read: strictly in a target that was given, by what stands around them in a name.

/** A GOARCH word, and the variant where one is named. */
export interface Arch {
  readonly arch: string;
  readonly variant: string | null;
}

export type Ending = 'eabihf' | 'eabi' | 'sim' | 'macabi';

/** What one word says. */
interface Meaning {
  readonly os?: readonly string[];
  readonly arch?: readonly Arch[];
  readonly libc?: string;
  /** What a triple for it ends in, where that makes a difference: the float convention of 32-bit ARM, Apple's simulators and Catalyst. */
  readonly ending?: Ending;
  /** What it adds to the architecture: the x32 of 'gnux32'. */
  readonly variant?: string;
  /** Slices for several architectures. */
  readonly universal?: boolean;
  /** Whether it says so only beside a word of another sort: 'arm' or 'win' alone may be anything. */
  readonly weak?: boolean;
}

/** All that the words of a text say together. */
export interface Words {
  readonly os: readonly string[] | null;
  readonly arch: readonly Arch[] | null;
  readonly libc: string | null;
  readonly ending: Ending | null;
  readonly universal: boolean;
}

function os(...names: string[]): Meaning {
  return { os: names };
}

function arch(name: string, variant: string | null = null): Meaning {
  return { arch: [{ arch: name, variant }] };
}

function weak(meaning: Meaning): Meaning {
  return { ...meaning, weak: true };
}

const HARD = { ending: 'eabihf' } as const;
const SOFT = { ending: 'eabi' } as const;
const NONE: Meaning = {};

/** Systems, in the words of GOOS, process.platform, triples and people. */
const SYSTEMS: Readonly<Record<string, Meaning>> = {
  linux: os('linux'),
  linux32: { ...os('linux'), ...arch('386') },
  linux64: { ...os('linux'), ...arch('amd64') },
  linuxmusl: { ...os('linux'), libc: 'musl' },
  android: os('android'),
  androideabi: os('android'),
  darwin: os('darwin'),
  macos: os('darwin'),
  macosx: os('darwin'),
  osx: os('darwin'),
  mac: weak(os('darwin')),
  ios: os('ios'),
  tvos: os('tvos'),
  watchos: os('watchos'),
  visionos: os('visionos'),
  windows: os('windows'),
  win32: os('windows'), // Node's name for all of Windows, also where it is not 32-bit
  win64: { ...os('windows'), ...arch('amd64') },
  win: weak(os('windows')),
  mingw32: os('windows'),
  mingw64: os('windows'),
  freebsd: os('freebsd'),
  netbsd: os('netbsd'),
  openbsd: os('openbsd'),
  dragonfly: os('dragonfly'),
  solaris: os('solaris'),
  illumos: os('illumos', 'solaris'), // an illumos program's headers are those of Solaris
  sunos: os('solaris', 'illumos'),
  aix: os('aix'),
  haiku: os('haiku'),
  hurd: os('hurd'),
  fuchsia: os('fuchsia'),
  openharmony: os('openharmony', 'linux'), // its programs look like Linux programs of musl
  ohos: os('openharmony', 'linux'),
  uefi: os('uefi'),
};

/** Architectures, in the words of GOARCH, process.arch, triples, Debian, uname and people. */
const ARCHITECTURES: Readonly<Record<string, Meaning>> = {
  amd64: arch('amd64'),
  x86_64: arch('amd64'),
  'x86-64': arch('amd64'),
  x64: arch('amd64'),
  x86_64h: arch('amd64', 'x86_64h'),
  '386': weak(arch('386')),
  i386: arch('386'),
  i486: arch('386'),
  i586: arch('386'),
  i686: arch('386'),
  ia32: arch('386'),
  x86: weak(arch('386')),
  arm64: arch('arm64'),
  aarch64: arch('arm64'),
  arm64e: arch('arm64', 'arm64e'),
  arm64ec: arch('amd64', 'arm64ec'),
  arm64_32: arch('arm64', 'arm64_32'),
  aarch64_be: arch('arm64be'),
  armv8: { arch: [{ arch: 'arm64', variant: null }, { arch: 'arm', variant: 'v8' }] },
  arm: weak(arch('arm')),
  armhf: { ...arch('arm'), ...HARD },
  armel: { ...arch('arm'), ...SOFT },
  armeb: arch('armbe'),
  armv5: arch('arm', 'v5'),
  armv5te: arch('arm', 'v5'),
  armv5tel: arch('arm', 'v5'),
  armv6: arch('arm', 'v6'),
  armv6l: arch('arm', 'v6'),
  armv6hf: { ...arch('arm', 'v6'), ...HARD },
  armv6hl: { ...arch('arm', 'v6'), ...HARD },
  armv7: arch('arm', 'v7'),
  armv7l: arch('arm', 'v7'),
  armv7a: arch('arm', 'v7'),
  armv7hf: { ...arch('arm', 'v7'), ...HARD },
  armv7hl: { ...arch('arm', 'v7'), ...HARD },
  thumbv7neon: arch('arm', 'v7'),
  riscv32: arch('riscv32'),
  riscv32gc: arch('riscv32'),
  riscv64: arch('riscv64'),
  riscv64gc: arch('riscv64'),
  s390: arch('s390'),
  s390x: arch('s390x'),
  ppc: weak(arch('ppc')),
  powerpc: arch('ppc'),
  ppc64: arch('ppc64'),
  powerpc64: arch('ppc64'),
  ppc64le: arch('ppc64le'),
  ppc64el: arch('ppc64le'),
  powerpc64le: arch('ppc64le'),
  loong64: arch('loong64'),
  loongarch64: arch('loong64'),
  mips: weak(arch('mips')),
  mipsle: arch('mipsle'),
  mipsel: arch('mipsle'),
  mips64: arch('mips64'),
  mips64le: arch('mips64le'),
  mips64el: arch('mips64le'),
  sparc: weak(arch('sparc')),
  sparc64: arch('sparc64'),
  sparcv9: arch('sparc64'),
  ia64: arch('ia64'),
};

/** C libraries, as triples and file names write them, and what else triples end in. */
const LIBRARIES: Readonly<Record<string, Meaning>> = {
  glibc: { libc: 'glibc' },
  gnu: { libc: 'glibc' },
  gnueabi: { libc: 'glibc', ...SOFT },
  gnueabihf: { libc: 'glibc', ...HARD },
  gnuabi64: { libc: 'glibc' },
  gnuabin32: { libc: 'glibc', variant: 'n32' },
  gnux32: { libc: 'glibc', variant: 'x32' },
  gnu_ilp32: { libc: 'glibc', variant: 'ilp32' },
  musl: { libc: 'musl' },
  musleabi: { libc: 'musl', ...SOFT },
  musleabihf: { libc: 'musl', ...HARD },
  muslabi64: { libc: 'musl' },
  muslx32: { libc: 'musl', variant: 'x32' },
  uclibc: { libc: 'uclibc' },
  uclibceabi: { libc: 'uclibc', ...SOFT },
  uclibceabihf: { libc: 'uclibc', ...HARD },
  eabi: NONE, // Android's triples end in it as well, whatever the float convention
  eabihf: HARD,
  sim: { ending: 'sim' },
  macabi: { ending: 'macabi' },
};

/** For several architectures at once, which in a name means something only beside macOS ('ctags-universal' is no such thing). */
const BUNDLES: Readonly<Record<string, Meaning>> = {
  universal: { universal: true },
  universal2: { universal: true },
  fat: { universal: true },
  all: { universal: true },
};

/** Words of triples that say nothing to compare. */
const VENDORS: Readonly<Record<string, Meaning>> = { unknown: NONE, pc: NONE, apple: NONE, ibm: NONE, w64: NONE, none: NONE, msvc: NONE, gnullvm: NONE };

const MEANINGS = new Map(Object.entries({ ...VENDORS, ...BUNDLES, ...LIBRARIES, ...ARCHITECTURES, ...SYSTEMS }));

const ALTERNATIVES = [...MEANINGS.keys()].sort((a, b) => b.length - a.length).join('|');

/** A word between separators; a system may have its version behind it, 32-bit ARM and others the step of the architecture. */
const WORD = new RegExp(
  `(?<![a-z0-9])(?:(?<plain>${ALTERNATIVES})(?:(?<=darwin|macosx?|bsd|solaris|ios|android|androideabi)\\d+(?:\\.\\d+)*)?)` +
    `(?:(?<=amd64|x86[-_]64|arm64|aarch64|arm)(?:[-_/]v(?<step>[1-9](?:\\.\\d)?)|(?<=arm)_(?<goarm>[5-7]))(?!\\.?\\d))?(?![a-z0-9])`,
  'g',
);

/** A word of a text, and where it stands. */
interface Found {
  readonly meaning: Meaning;
  readonly start: number;
  readonly end: number;
}

/** Node says ppc64 also of the little-endian one, and writes a '-' before it. */
const NODE_PPC64: Meaning = { arch: [{ arch: 'ppc64', variant: null }, { arch: 'ppc64le', variant: null }] };

function findWords(text: string): Found[] {
  return Array.from(text.matchAll(WORD), (match) => {
    const { plain = '', step, goarm } = match.groups as Record<string, string | undefined>;
    const start = match.index;
    const level = step ?? goarm;
    let meaning = MEANINGS.get(plain) as Meaning;
    if (plain === 'ppc64' && text[start - 1] === '-') meaning = NODE_PPC64;
    else if (level !== undefined && meaning.arch !== undefined) meaning = arch((meaning.arch[0] as Arch).arch, `v${level}`);
    return { meaning, start, end: start + match[0].length };
  });
}

function distinct<T>(items: readonly T[]): readonly T[] | null {
  const unique = [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
  return unique.length === 0 ? null : unique;
}

/** What the words say together. */
function joined(meanings: readonly Meaning[]): Words {
  const systems = distinct(meanings.flatMap((meaning) => meaning.os ?? [])) ?? [];
  const android = systems.includes('android') && systems.includes('linux'); // 'linux-android' is one system
  const left = android ? systems.filter((system) => system !== 'linux') : systems;
  const plain = meanings.filter((meaning) => meaning.os === undefined); // of 'win64-arm64' the plainer word holds
  const archs = distinct(plain.flatMap((meaning) => meaning.arch ?? [])) ?? distinct(meanings.flatMap((meaning) => meaning.arch ?? []));
  const own = meanings.find((meaning) => meaning.variant !== undefined)?.variant;
  const steps = archs?.filter(({ variant }) => variant !== null) ?? [];
  return {
    os: left.length === 0 ? null : left,
    // of words for one architecture the one that says more holds: 'arm-armv7'
    arch: archs?.filter(({ arch: name, variant }) => variant !== null || !steps.some((step) => step.arch === name)).map((one) => (own === undefined ? one : { ...one, variant: own })) ?? null,
    libc: left.includes('windows') ? null : (meanings.find((meaning) => meaning.libc !== undefined)?.libc ?? null),
    ending: left.includes('android') ? null : (meanings.find((meaning) => meaning.ending !== undefined)?.ending ?? null),
    universal: meanings.some((meaning) => meaning.universal === true),
  };
}

/** A target that was given, read. */
export interface TargetWords {
  readonly words: Words;
  /** How many systems and how many architectures are named. */
  readonly systems: number;
  readonly archs: number;
  /** Words that nobody knows, and all that could have been meant. */
  readonly strange: readonly string[];
  readonly known: Iterable<string>;
}

/** Reads a target that was given, whose every word has to be known. */
export function readTargetWords(text: string): TargetWords {
  const lower = text.toLowerCase();
  const found = findWords(lower);
  let rest = lower;
  for (const { start, end } of [...found].reverse()) rest = `${rest.slice(0, start)} ${rest.slice(end)}`;
  const meanings = found.map(({ meaning }) => meaning);
  return {
    words: joined(meanings),
    systems: meanings.filter((meaning) => meaning.os !== undefined).length - (/linux-(android|ohos|openharmony)/.test(lower) ? 1 : 0),
    archs: meanings.filter((meaning) => meaning.arch !== undefined && meaning.os === undefined).length,
    strange: rest.split(/[-/ ]+/).filter((word) => word !== ''),
    known: MEANINGS.keys(),
  };
}

/** How a name is read. */
export interface NameContext {
  /** A file's name begins with what it is called: a system there counts only before an architecture ('ios-deploy' is no program for iOS). */
  readonly file: boolean;
  /** Whether it is a Node addon, whose name may tell a C library and nothing else ('x.musl.node'). */
  readonly addon: boolean;
}

/** Systems that are names of programs as well. */
const PROGRAMS = new Set(['dragonfly', 'haiku', 'fuchsia', 'hurd']);

/** Reads what a file's or a folder's name says of a target. Words that say something only in company count only in company. */
export function readNameWords(text: string, { file, addon }: NameContext): Words {
  const lower = text.toLowerCase();
  const all = findWords(lower).filter(({ meaning }) => meaning !== NONE);
  const found = all.filter(({ meaning, start, end }, index) => {
    if (!file || start > 0 || meaning.os === undefined || meaning.arch !== undefined || end === lower.length) return true;
    if (PROGRAMS.has(meaning.os[0] as string)) return false;
    const next = all[index + 1];
    return next !== undefined && next.start === end + 1 && next.meaning.os === undefined;
  });
  const has = (sort: 'os' | 'arch' | 'universal', except: Found): boolean =>
    found.some((other) => other !== except && other.meaning[sort] !== undefined);
  const counting = found.filter((one) => {
    const { meaning } = one;
    const darwin = found.some((other) => other.meaning.os?.includes('darwin') === true);
    if (meaning.universal === true) return darwin;
    if (meaning.os !== undefined) return meaning.weak !== true || has('arch', one) || has('universal', one);
    if (meaning.arch !== undefined) return meaning.weak !== true || has('os', one);
    return addon || has('os', one) || has('arch', one);
  });
  return joined(counting.map(({ meaning }) => meaning));
}
