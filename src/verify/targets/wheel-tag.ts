// Tags of Python's wheels: python, ABI and platform in a wheel's name and in its WHEEL file (PEP 425, 427, 600, 656, 730, 738; packaging.tags).

import { claimedTarget, invalidClaim, nothingClaim, strangeClaim, targetClaim } from './contents-claim.ts';
import type { Bounds, ContentsClaim } from './contents-claim.ts';
import type { Target } from './target.ts';
import type { Arch } from './vocabulary.ts';

/** What a wheel's name says: each part a set. */
export interface WheelTags {
  readonly pythons: readonly string[];
  readonly abis: readonly string[];
  readonly platforms: readonly string[];
}

const MOST_TAGS = 10_000; // of the product of the three sets; the longest real one has some dozens

/** The tags of a compressed set: 'py2.py3-none-any'. Null for what is none. */
export function wheelTags(text: string): WheelTags | null {
  const [python, abi, platform, ...more] = text.trim().toLowerCase().split('-');
  if (python === undefined || abi === undefined || platform === undefined || more.length > 0) return null;
  return { pythons: python.split('.'), abis: abi.split('.'), platforms: platform.split('.') };
}

/** The tags in a wheel's name; null for a name that is not made so. A build tag begins with a digit. */
export function tagsOfName(name: string): WheelTags | null {
  if (!/\.whl$/i.test(name)) return null;
  const parts = name.slice(0, -4).split('-');
  if (parts.length !== 5 && !(parts.length === 6 && /^\d/.test(parts[2] as string))) return null;
  return wheelTags(parts.slice(-3).join('-'));
}

/** Every single tag that sets stand for; null where they are too many for anything but an attack. */
function expanded({ pythons, abis, platforms }: WheelTags): string[] | null {
  if (pythons.length * abis.length * platforms.length > MOST_TAGS) return null;
  return pythons.flatMap((python) => abis.flatMap((abi) => platforms.map((platform) => `${python}-${abi}-${platform}`)));
}

/** Whether the name's tags and those of the WHEEL file are the same; what differs where they are not. */
export function tagDifference(name: WheelTags, written: readonly string[]): string | null {
  const own = expanded(name);
  const listed = written.map((text) => wheelTags(text));
  if (own === null || listed.includes(null)) return 'a tag in the WHEEL file is no tag';
  const all = new Set<string>();
  for (const tags of listed) {
    for (const tag of expanded(tags as WheelTags) ?? []) all.add(tag);
    if (all.size > MOST_TAGS) return 'the WHEEL file has more tags than the name';
  }
  const missing = own.find((tag) => !all.has(tag));
  if (missing !== undefined) return `the name says ${missing}, and the WHEEL file does not`;
  const named = new Set(own);
  const surplus = [...all].find((tag) => !named.has(tag));
  return surplus === undefined ? null : `the WHEEL file says ${surplus}, and the name does not`;
}

const LINUX_ARCHS: ReadonlyMap<string, Arch & { readonly hard?: boolean }> = new Map([
  ['x86_64', { arch: 'amd64', variant: null }],
  ['i686', { arch: '386', variant: null }],
  ['aarch64', { arch: 'arm64', variant: null }],
  ['armv7l', { arch: 'arm', variant: 'v7', hard: true }],
  ['armv6l', { arch: 'arm', variant: 'v6', hard: true }],
  ['armv8l', { arch: 'arm', variant: 'v8', hard: true }],
  ['ppc64le', { arch: 'ppc64le', variant: null }],
  ['ppc64', { arch: 'ppc64', variant: null }],
  ['s390x', { arch: 's390x', variant: null }],
  ['riscv64', { arch: 'riscv64', variant: null }],
  ['loongarch64', { arch: 'loong64', variant: null }],
]);

/** manylinux names of before PEP 600, with the glibc that they stand for. */
const OLD_MANYLINUX: ReadonlyMap<string, string> = new Map([['manylinux1', '2.5'], ['manylinux2010', '2.12'], ['manylinux2014', '2.17']]); // prettier-ignore

/** Architectures in macosx tags: one of them, or with `all` each. */
const MAC_ARCHS: ReadonlyMap<string, readonly [archs: readonly string[], all: boolean]> = new Map([
  ['x86_64', [['amd64'], false]],
  ['arm64', [['arm64'], false]],
  ['i386', [['386'], false]],
  ['ppc', [['ppc'], false]],
  ['ppc64', [['ppc64'], false]],
  ['universal2', [['amd64', 'arm64'], true]],
  ['intel', [['amd64', '386'], false]],
  ['fat', [['386', 'ppc'], false]],
  ['fat32', [['386', 'ppc'], false]],
  ['fat3', [['amd64', '386', 'ppc'], false]],
  ['fat64', [['amd64', 'ppc64'], false]],
  ['universal', [['amd64', '386', 'ppc', 'ppc64'], false]],
] as const);

function plain(archs: readonly string[]): readonly Arch[] {
  return archs.map((arch) => ({ arch, variant: null }));
}

function linuxTarget(word: string, libc: string | null): Target | null {
  const found = LINUX_ARCHS.get(word);
  if (found === undefined) return null;
  return { ...claimedTarget('linux/amd64'), text: word, libc, arch: [{ arch: found.arch, variant: found.variant }], ending: found.hard === true ? 'eabihf' : null };
}

/** What a platform tag claims. `universal` of the set: whether a slice for arm64 may ask for macOS 11. */
function platformClaim(tag: string, from: string): ContentsClaim | null {
  if (tag === 'any') return nothingClaim(from, /\.exe$/i); // launchers of setuptools and distlib come with every such wheel
  if (tag === 'win32') return targetClaim(claimedTarget('windows/386'), from);
  if (tag === 'win_amd64') return targetClaim(claimedTarget('windows/amd64'), from);
  if (tag === 'win_arm64') return targetClaim(claimedTarget('windows/arm64'), from);
  if (tag === 'win_arm32') return targetClaim(claimedTarget('windows/arm'), from);
  return linuxClaim(tag, from) ?? macClaim(tag, from) ?? mobileClaim(tag, from) ?? strangeClaim(tag, from, `'${tag}' is no platform tag that is known`);
}

function linuxClaim(tag: string, from: string): ContentsClaim | null {
  const old = /^(manylinux1|manylinux2010|manylinux2014)_(.+)$/.exec(tag);
  const many = /^manylinux_(\d+)_(\d+)_(.+)$/.exec(tag);
  const musl = /^musllinux_(\d+)_(\d+)_(.+)$/.exec(tag);
  const bare = /^linux_(.+)$/.exec(tag);
  const odd = (arch: string): ContentsClaim => strangeClaim(tag, from, `'${arch}' is no architecture of such tags that is known`);
  if (old !== null || many !== null) {
    const arch = (old?.[2] ?? many?.[3]) as string;
    const glibc = old === null ? `${many?.[1]}.${many?.[2]}` : (OLD_MANYLINUX.get(old[1] as string) as string);
    const target = linuxTarget(arch, 'glibc');
    if (target === null) return odd(arch);
    const [major, minor] = glibc.split('.').map(Number) as [number, number];
    if (major === 2 && minor < 17 && arch !== 'x86_64' && arch !== 'i686') return invalidClaim(tag, from, `pip knows tags of before manylinux_2_17 for x86_64 and i686 only`);
    return targetClaim(target, from, { glibc });
  }
  if (musl !== null) {
    const target = linuxTarget(musl[3] as string, 'musl');
    return target === null ? odd(musl[3] as string) : targetClaim(target, from, { noGlibc: true });
  }
  if (bare === null) return null;
  const target = linuxTarget(bare[1] as string, null);
  return target === null ? odd(bare[1] as string) : targetClaim(target, from);
}

function macClaim(tag: string, from: string): ContentsClaim | null {
  const match = /^macosx_(\d+)_(\d+)_(.+)$/.exec(tag);
  if (match === null) return null;
  const [, major, minor, word] = match as unknown as [string, string, string, string];
  const known = MAC_ARCHS.get(word);
  if (known === undefined) return strangeClaim(tag, from, `'${word}' is no architecture of macOS`);
  const [archs, all] = known;
  const first = Number(major);
  if (first >= 11 && minor !== '0') return invalidClaim(tag, from, `pip accepts no such tag: from macOS 11 on the second number is 0`);
  if (first < 11 && word === 'arm64') return invalidClaim(tag, from, 'pip accepts no such tag: there was no macOS 10 for arm64');
  const bounds: Bounds = { macos: first >= 11 ? major : `${major}.${minor}`, ...(first < 11 && archs.includes('arm64') ? { macosArm64: '11.0' } : {}) };
  return targetClaim({ ...claimedTarget('darwin/amd64'), text: tag, arch: plain(archs), all }, from, bounds);
}

function mobileClaim(tag: string, from: string): ContentsClaim | null {
  const ios = /^ios_\d+_\d+_(arm64|x86_64)_(iphoneos|iphonesimulator)$/.exec(tag);
  if (ios !== null) return targetClaim({ ...claimedTarget('ios/arm64'), text: tag, arch: plain([ios[1] === 'arm64' ? 'arm64' : 'amd64']), ending: ios[2] === 'iphonesimulator' ? 'sim' : null }, from);
  const android = /^android_\d+_(arm64_v8a|armeabi_v7a|x86|x86_64)$/.exec(tag)?.[1];
  const archs: ReadonlyMap<string, string> = new Map([['arm64_v8a', 'arm64'], ['armeabi_v7a', 'arm'], ['x86', '386'], ['x86_64', 'amd64']]); // prettier-ignore
  if (android !== undefined) return targetClaim({ ...claimedTarget('android/arm64'), text: tag, os: ['android', 'linux'], arch: plain([archs.get(android) as string]) }, from);
  if (/^(emscripten|pyodide|pyemscripten|wasi)_.*wasm32$/.test(tag)) return targetClaim({ ...claimedTarget('js/wasm'), text: tag, os: null, arch: plain(['wasm']) }, from);
  const bsd = /^(freebsd|openbsd|netbsd|dragonfly)_.*_(x86_64|amd64|aarch64|arm64|i386|riscv64|powerpc64le)$/.exec(tag);
  if (bsd === null) return null;
  const words: ReadonlyMap<string, string> = new Map([['x86_64', 'amd64'], ['aarch64', 'arm64'], ['i386', '386'], ['powerpc64le', 'ppc64le']]); // prettier-ignore
  return targetClaim({ ...claimedTarget('linux/amd64'), text: tag, os: [bsd[1] as string], arch: plain([words.get(bsd[2] as string) ?? (bsd[2] as string)]) }, from);
}

/** What a wheel's platform tags claim: of a set each has to hold. */
export function wheelClaims({ platforms }: WheelTags, from: string): ContentsClaim[] {
  return [...new Set(platforms)].flatMap((tag) => platformClaim(tag, from) ?? []);
}

/** The version that an extension module's name is for: 'cp312' of x.cpython-312-x86_64-linux-gnu.so and x.cp312-win_amd64.pyd; null where it is for any. */
export function moduleAbi(name: string): string | null {
  const version = /\.(?:cpython-|cp)(\d{2,3}t?)d?(?:-[^/]*)?\.(?:so|pyd)$/i.exec(name)?.[1];
  return version === undefined ? null : `cp${version.toLowerCase()}`;
}

/** Whether the extension modules of a wheel are for a version of Python that its tags name. Null where they are, or where none of them names one. */
export function abiDifference({ pythons, abis }: WheelTags, modules: Iterable<string>): string | null {
  const wanted = new Set([...abis, ...pythons].filter((tag) => /^cp\d{2,3}t?$/.test(tag)));
  if (wanted.size === 0 || abis.includes('abi3') || abis.includes('none')) return null;
  let other: string | null = null;
  for (const name of modules) {
    const abi = moduleAbi(name);
    if (abi === null) return null;
    if (wanted.has(abi)) return null;
    other ??= name;
  }
  return other === null ? null : `${other} is for another version of Python, and no module is for ${[...wanted].join(' or ')}`;
}
