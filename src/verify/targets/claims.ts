// What a file's path claims that the file is for: its own name, its ending, its folders. A nearer claim wins over a farther one of the same sort.

import { readName } from './name.ts';
import type { Reading } from './name.ts';
import { targetText, UNIVERSAL } from './target.ts';
import type { Target } from './target.ts';
import { ANDROID_ABIS } from './vocabulary.ts';
import type { Arch } from './vocabulary.ts';

/** A target that a name claims. */
export interface Claim {
  readonly target: Target;
  /** Who claims it: 'the folder "linux-arm64"'. */
  readonly from: string;
  /** Which words were read, and which were left to the product: "read: linux amd64; the product's: app". Null for an ending. */
  readonly words: string | null;
  /** Whether the name has more words of targets than were read, so that a reader who sees a failure wants to know which. */
  readonly doubtful: boolean;
  /** What in it looks like an architecture and is not understood; then nothing can be said of the architecture. */
  readonly strange: string | null;
}

/** What is known of a file besides its path. */
export interface ClaimContext {
  /** Whether it is .NET code, whose .exe and .dll are for any system. */
  readonly managed?: boolean | undefined;
  /** The name of the package that it lies in. */
  readonly packageName?: string | null | undefined;
}

/** How many folders above a file may claim its target: App.app/Contents/MacOS/App has three of its own. */
const FOLDERS = 4;

/** Endings that only one system's programs and libraries have. */
const ENDINGS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.(exe|dll|sys|ocx|cpl|scr|xll|pyd)$/i, ['windows']],
  [/\.(dylib|jnilib)$/i, ['darwin', 'ios', 'tvos', 'watchos', 'visionos']],
  [/\.efi$/i, ['uefi']],
];

/** Endings of programs and libraries that several systems share. */
const SHARED_ENDING = /\.(node|so(\.\d+)*|elf)$/i;

/** The names that the UEFI specification (3.5.1.1) and boot loaders give: BOOTX64.EFI, grubaa64.efi. */
const EFI_NAME = /(ia32|x64|aa64|arm|riscv32|riscv64|riscv128|loongarch32|loongarch64)\.efi$/i;
const EFI_ARCHS: ReadonlyMap<string, string> = new Map([
  ['ia32', '386'],
  ['x64', 'amd64'],
  ['aa64', 'arm64'],
  ['arm', 'arm'],
  ['riscv32', 'riscv32'],
  ['riscv64', 'riscv64'],
  ['riscv128', 'riscv128'],
  ['loongarch32', 'loong32'],
  ['loongarch64', 'loong64'],
]);

/** A path's names, the file's own last. */
export function namesOf(path: string): string[] {
  return path.split(/[/\\]/).filter((name) => name !== '' && name !== '.' && name !== '..');
}

const NONE: Reading = { os: null, arch: null, on: null, weak: false, soft: { os: false, arch: false }, libc: null, ending: null, setting: null, universal: false, strange: null, read: [], left: [], doubtful: false };

/** One place of a path that says something. */
interface Place {
  readonly reading: Reading;
  readonly text: string;
  readonly from: string;
  readonly own: boolean;
}

/** What the file's own name says, and what its ending does. */
function ownPlaces(name: string, folders: readonly string[], { managed = false, packageName = null }: ClaimContext): Place[] {
  const read = readName(name, { file: true, addon: /\.node$/i.test(name), product: packageName });
  const efi = read?.arch == null ? EFI_NAME.exec(name)?.[1]?.toLowerCase() : undefined;
  let own = efi === undefined ? read : { ...(read ?? NONE), os: ['uefi'], arch: [{ arch: EFI_ARCHS.get(efi) as string, variant: null }], on: null, weak: false, read: [efi] };
  const places: Place[] = [];
  const [ending, systems] = endingOf(name);
  const claims = ending !== null && !managed;
  const contradicts = claims && own?.os != null && !own.os.some((system) => systems.includes(system));
  if (own !== null && contradicts && own.arch === null && !own.universal) own = { ...own, os: null, libc: null }; // 'wsl-linux.exe'
  if (own !== null && /\.pyd$/i.test(name)) own = firm(own); // Python's win32 is the one of 32 bits
  if (own !== null && isAboutOthers(own, name, folders)) own = null;
  if (own !== null && own.arch === null && !own.universal && own.os !== null && isProductSystem(own.os, folders, packageName)) own = { ...own, os: null };
  if (own !== null) places.push({ reading: own, text: name, from: `the file name "${name}"`, own: true });
  if (claims && !(contradicts && own?.os != null)) places.push({ reading: { ...NONE, os: systems }, text: ending, from: `the ending "${ending}"`, own: true });
  return places;
}

function endingOf(name: string): readonly [string, readonly string[]] | readonly [null, readonly string[]] {
  for (const [pattern, systems] of ENDINGS) {
    const ending = pattern.exec(name)?.[0];
    if (ending !== undefined) return [ending, systems];
  }
  return [null, []];
}

/** A reading whose 32 bits are meant. */
function firm(reading: Reading): Reading {
  return { ...reading, soft: { ...reading.soft, arch: false } };
}

/** Debian's and GNU's folders of one target: 'x86_64-linux-gnu'. */
function isTriple(reading: Reading | null): reading is Reading {
  return reading !== null && reading.os !== null && reading.arch !== null && reading.libc !== null;
}

function readFolder(name: string, packageName: string | null = null): Reading | null {
  return readName(name, { file: false, addon: false, product: packageName });
}

/** A library about an architecture, in a folder for one target: lib/x86_64-linux-gnu/libopcodes-2.40-arm64.so. */
function isAboutOthers({ os, arch }: Reading, name: string, folders: readonly string[]): boolean {
  const folder = folders.at(-1);
  return os === null && arch !== null && /^lib.+\.so(\.\d+)*$/i.test(name) && folder !== undefined && isTriple(readFolder(folder));
}

/** A system alone in a file's own name is the product's where a folder names a whole target for another: darwin-arm64/node-get-windows.node. */
function isProductSystem(os: readonly string[], folders: readonly string[], packageName: string | null): boolean {
  return folders.slice(-FOLDERS).some((folder) => {
    const reading = readFolder(folder, packageName);
    return reading !== null && reading.os !== null && (reading.arch !== null || reading.universal) && !reading.os.some((system) => os.includes(system));
  });
}

/** Folders named by what the tools in them are for: usr/aarch64-linux-gnu/bin, lib/gcc-cross/TRIPLE, lib/gcc/TRIPLE, lib/grub/i386-pc. */
function isForeignTools(folders: readonly string[], at: number): boolean {
  const above = folders[at - 1]?.toLowerCase();
  const below = folders[at + 1]?.toLowerCase();
  if (above === 'grub' || above === 'gcc-cross' || above === 'gcc') return true;
  if (below === 'bfd-plugins') return true; // of the tools, not of what they are for
  return below === 'bin' && (above === 'usr' || above === 'local' || above === folders[at]?.toLowerCase()) && readFolder(folders[at] as string)?.os != null;
}

function folderPlace(folders: readonly string[], at: number, packageName: string | null): Place | null {
  const name = folders[at] as string;
  if (isForeignTools(folders, at)) return null;
  const above = folders[at - 1]?.toLowerCase();
  const jni = above === 'jnilibs' || above === 'jni' ? ANDROID_ABIS.get(name.toLowerCase()) : undefined;
  let reading: Reading | null = jni === undefined ? readFolder(name, packageName) : { ...NONE, os: ['android'], arch: [jni], read: [name] };
  if (reading?.soft.arch === true) {
    if (name === 'Win32') reading = firm(reading); // MSBuild's
    else if (name === 'win32') reading = { ...reading, arch: null, soft: { os: false, arch: false } }; // Node's platform
    else if (/(^|-)(cp|py)\d+/.test(name)) reading = firm(reading); // a wheel's tag
  }
  return reading === null ? null : { reading, text: name, from: `the folder "${name}"`, own: false };
}

/** What a path claims: one claim for each of its names that has something to say that no nearer one says. */
export function claimsOfPath(path: string, context: ClaimContext = {}): Claim[] {
  const names = namesOf(path);
  const name = names.at(-1);
  if (name === undefined) return [];
  const folders = names.slice(0, -1);
  const places = ownPlaces(name, folders, context);
  for (let at = folders.length - 1; at >= Math.max(0, folders.length - FOLDERS); at--) {
    if (saysAll(places)) break;
    const place = folderPlace(folders, at, context.packageName ?? null);
    if (place !== null) places.push(place);
  }
  return claimsOf(places, SHARED_ENDING.test(name));
}

/** The place that names the system more closely than an ending that several systems have: arm64-ios/x.dylib. */
function refined(nearest: Place | undefined, places: readonly Place[]): Place | undefined {
  const systems = nearest?.reading.os ?? [];
  if (systems.length < 3) return nearest;
  return places.find(({ reading }) => reading.os !== null && reading.os.length < 3 && reading.os.every((system) => systems.includes(system))) ?? nearest;
}

/** A folder for a whole target of another system than a file's ending is for: a library of Windows does not belong into runtimes/linux-x64. */
function contradicting(system: readonly string[], places: readonly Place[]): Place | undefined {
  return places.find(({ own, reading }) => !own && reading.os !== null && (reading.arch !== null || reading.universal) && !reading.os.some((one) => system.includes(one)));
}

/** Of several architectures that a word stands for, those that a farther place has too: the 'armv8' of linux-arm64/x.armv8.node. */
function narrowed({ reading }: Place, places: readonly Place[]): readonly Arch[] | null {
  if (reading.universal || reading.arch === null || reading.arch.length < 2 || reading.on !== null) return null;
  for (const { reading: other } of places) {
    const both = reading.arch.filter((one) => other.arch?.some(({ arch }) => arch === one.arch) === true);
    if (both.length > 0 && both.length < reading.arch.length) return both;
  }
  return null;
}

/** All that a path claims, in one text: 'linux/arm64 (musl)'. Null where it claims nothing. */
export function claimText(path: string, packageName: string | null): string | null {
  const claims = claimsOfPath(path, { packageName });
  const first = <K extends 'os' | 'arch' | 'libc' | 'ending' | 'setting'>(key: K): Target[K] => claims.find(({ target }) => target[key] !== null)?.target[key] ?? (null as Target[K]);
  const all = claims.some(({ target }) => target.all);
  const joined = { os: first('os'), arch: first('arch'), all, libc: first('libc'), ending: first('ending'), setting: first('setting') };
  if (joined.os === null && joined.arch === null && joined.libc === null) return null;
  return targetText({ text: '', atMost: true, soft: { os: false, arch: false }, ...joined });
}

/** Folders of one target that hold more than programs. */
const SHARED_FOLDERS = new Set(['lib', 'lib32', 'lib64', 'libx32', 'include', 'share', 'libexec', 'usr', 'doc', 'docs', 'gcc', 'gcc-cross', 'grub', 'qemu', 'pkgconfig', 'cmake', 'config', 'archs']);

/** Folders of an installed system below usr, where a package may leave a place for others. */
const INSTALLED = new Set(['lib', 'lib32', 'lib64', 'libx32', 'libexec', 'share', 'include', 'bin', 'sbin']);

/** The system and architecture that a folder's own name claims, as a text, where a program is to be expected in it; null otherwise. */
export function folderClaim(place: string): string | null {
  const folders = namesOf(place);
  const name = folders.at(-1);
  const reading = name === undefined || isForeignTools(folders, folders.length - 1) ? null : readFolder(name);
  if (reading === null || reading.os === null || (reading.arch === null && !reading.universal) || reading.strange !== null) return null;
  const installed = folders.some((one, at) => one === 'usr' && INSTALLED.has(folders[at + 1] ?? ''));
  return installed || SHARED_FOLDERS.has(folders.at(-2)?.toLowerCase() ?? '') ? null : targetText({ text: '', atMost: true, soft: reading.soft, libc: reading.libc, ending: reading.ending, setting: reading.setting, os: reading.os, ...archOf(reading, reading.os) });
}

/** Whether system and architecture are both claimed, so that nothing farther away counts. */
function saysAll(places: readonly Place[]): boolean {
  return places.some(({ reading }) => reading.os !== null && reading.os.length < 3) && places.some(({ reading }) => reading.universal || reading.arch !== null);
}

/** Each sort of claim by the nearest that makes it. */
function claimsOf(places: readonly Place[], program: boolean): Claim[] {
  const nearest = places.find(({ reading }) => reading.os !== null);
  const os = refined(nearest, places);
  const company = os !== undefined || program;
  const arch = places.find(({ reading }) => reading.universal || (reading.arch !== null && (!reading.weak || company)));
  const narrower = arch === undefined ? null : narrowed(arch, places);
  const strange = places.find(({ reading }) => reading.strange !== null);
  const unclear = strange !== undefined && (arch === undefined || places.indexOf(strange) <= places.indexOf(arch)) ? strange : undefined;
  const libc = places.find(({ reading }) => reading.libc !== null && (reading.os !== null || reading.arch !== null || places.indexOf(os ?? arch ?? { reading, text: '', from: '', own: true }) !== -1 || program));
  const ending = places.find(({ reading }) => reading.ending !== null);
  const setting = places.find(({ reading }) => reading.setting !== null);
  const system = os?.reading.os ?? null;
  const against = os === nearest && os?.own === true && os.reading.read.length === 0 ? contradicting(system ?? [], places) : undefined;
  return places.flatMap((place): Claim[] => {
    const { reading, text, from } = place;
    const own = { os: place === os ? system : place === against ? place.reading.os : null, ...archOf(place === arch ? { ...reading, arch: narrower ?? reading.arch } : NONE, system) };
    const target: Target = {
      text,
      ...own,
      libc: place === libc && system?.includes('windows') !== true ? reading.libc : null,
      atMost: true,
      ending: place === ending && (place === os || place === arch || place === libc) ? reading.ending : null,
      setting: place === setting && place === arch ? reading.setting : null,
      soft: { os: place === os && reading.soft.os && !isWholeFolder(place), arch: place === arch && reading.soft.arch },
    };
    const odd = place === unclear ? reading.strange : null;
    if (target.os === null && target.arch === null && target.libc === null && target.ending === null && odd === null) return [];
    const left = reading.left.length === 0 ? '' : `; left to the product: ${reading.left.join(' ')}`;
    return [{ target, from, words: reading.read.length === 0 ? null : `read from the name: ${reading.read.join(' ')}${left}`, doubtful: reading.doubtful, strange: odd }];
  });
}

/** A folder that is called like a system and its architecture means them; in a file's name 'win' may be the product's. */
function isWholeFolder({ own, reading }: Place): boolean {
  return !own && reading.os?.includes('android') !== true;
}

function archOf({ arch, on, universal, os }: Reading, system: readonly string[] | null): Pick<Target, 'arch' | 'all'> {
  if (universal) return { arch: arch ?? UNIVERSAL, all: true };
  if (arch === null) return { arch: null, all: false };
  const family = system === null ? undefined : system.includes('darwin') && !system.includes('ios') ? 'darwin' : system.some((one) => one === 'ios' || one === 'tvos' || one === 'watchos') ? 'ios' : system[0];
  const own = family === undefined ? undefined : on?.get(family === 'ios' && system?.includes('darwin') === true ? 'darwin' : family);
  const named = new Set(arch.map((one) => one.arch)).size;
  return { arch: own ?? arch, all: own === undefined && on === null && named > 1 && os?.includes('darwin') === true };
}
