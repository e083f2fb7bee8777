// Whether the loader is there, finds every library, and finds in them the versions that are asked for.

import type { Binary, ElfBinary } from '../../model/binary.ts';
import type { Host } from '../../model/host.ts';
import { libcText } from './finding.ts';
import type { Answer, Place } from './finding.ts';
import { compareNumbers, numbersOf } from './resolution.ts';
import type { Resolution, ResolvedLibrary } from './resolution.ts';

/** The C library that a loader belongs to. */
export function libcOfLoader(path: string): string | null {
  if (/(^|\/)ld-musl-[^/]+\.so\.1$/.test(path)) return 'musl';
  if (/(^|\/)(ld-linux[^/]*\.so\.\d+|ld64\.so\.[12]|ld-2\.\d+\.so)$|^\/lib(32|64)?\/ld\.so\.1$/.test(path)) return 'glibc';
  if (/\/linker(64)?$/.test(path)) return 'bionic';
  return null;
}

/** What to do about a loader that is missing. */
function loaderAdvice(built: string | null, binary: ElfBinary, { host, which }: Place): string {
  const { arch } = binary.platform;
  if (arch !== host.arch) return `install the libraries of ${arch} (Debian: dpkg --add-architecture ${debianArch(arch)}, then apt-get install libc6:${debianArch(arch)})`;
  if (built === 'musl' && host.libc.name === 'glibc') return 'take the -gnu build, or a static one';
  if (built === 'glibc' && host.libc.name === 'musl') return 'take the -musl build, or a static one; Alpine: gcompat helps some';
  if (built === 'bionic') return 'take the build for Linux: this one is for Android';
  return host.libc.name === null ? `there is no C library: take a static build, or copy the loader and its libraries into ${which} system` : 'take a static build, or set the path of the loader right (patchelf --set-interpreter)';
}

function debianArch(arch: string | null): string {
  return arch === '386' ? 'i386' : arch === 'arm' ? 'armhf' : arch === 'ppc64le' ? 'ppc64el' : (arch ?? '');
}

/** The loader that PT_INTERP names. `present` is what a look at the disk gave; without one, the host's own list decides. */
export function judgeInterpreter(binary: ElfBinary, place: Place, present: boolean | null): Answer {
  const { host, which } = place;
  const { interpreter } = binary;
  if (interpreter === null) {
    const found = 'none';
    if (binary.kind === 'shared-library') return { status: 'pass', expected: 'a loader that is there, or none', found, message: 'a library is loaded by the loader of the program that uses it' };
    return { status: 'pass', expected: 'a loader that is there, or none', found, evidence: 'there is no PT_INTERP', message: 'it needs no loader' };
  }
  const expected = 'a loader that is there, or none';
  const there = present ?? host.loaders.includes(interpreter);
  const evidence = `PT_INTERP is ${interpreter}`;
  if (there) return { status: 'pass', expected, found: interpreter, evidence, message: `its loader ${interpreter} is there` };
  if (present === null && !/^\/(usr\/)?(lib(32|64|x32)?|libexec)\/|^\/system\/bin\//.test(interpreter)) {
    return { status: 'unknown', expected, found: interpreter, evidence, message: `its loader ${interpreter} is in no folder that ${which} machine's list of loaders covers` };
  }
  const built = libcOfLoader(interpreter);
  const why =
    binary.platform.arch !== host.arch
      ? `the libraries of ${binary.platform.arch ?? 'its machine'} are not installed`
      : built !== null && built !== host.libc.name
        ? `it was built for ${built === 'bionic' ? 'Android (bionic)' : built}, ${which} system has ${libcText(host)}${builtHint(host)}`
        : built === null
          ? 'nothing of that name is there'
          : `${which} system has ${libcText(host)}, and no loader of that name`;
  return {
    status: 'fail',
    expected,
    found: interpreter,
    evidence,
    message: `its loader ${interpreter} is missing: ${why}`,
    systemSays: 'cannot execute: required file not found (older shells, and Node: No such file or directory, of the program itself)',
    advice: loaderAdvice(built, binary, place),
  };
}

/** The loader by which a system's C library is known. */
function builtHint({ libc, loaders }: Host): string {
  const own = loaders.find((path) => libcOfLoader(path) === libc.name);
  return libc.name === 'musl' && own !== undefined ? ` (${own.slice(own.lastIndexOf('/') + 1)})` : '';
}

function list(names: readonly string[]): string {
  const most = 8;
  return names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ');
}

/** The libraries that it asks for, and those that these ask for. */
export function judgeLibraries(binary: Binary, { which }: Place, { libraries }: Resolution): Answer {
  const expected = 'every library to be found';
  const bad = libraries.filter(({ status }) => status === 'missing' || status === 'broken');
  const direct = binary.dependencies.length;
  if (libraries.length === 0) return { status: 'pass', expected, found: 'none asked for', message: 'it asks for no library' };
  const evidence = direct === 0 ? null : `it asks for ${list(binary.dependencies.map(({ name }) => name))}`;
  const [first] = bad;
  if (first !== undefined) {
    const others = [...new Set(bad.slice(1).map(({ name }) => name))].filter((name) => name !== first.name);
    const more = others.length === 0 ? '' : `; so ${others.length === 1 ? 'is' : 'are'} ${list(others)}`;
    return {
      status: 'fail',
      expected,
      found: list([...new Set(bad.map(({ name, status }) => `${name} ${status === 'missing' ? 'is missing' : 'can not be loaded'}`))]),
      evidence,
      message: `${sentence(first)}${more}`,
      systemSays: first.systemSays,
      advice: adviceFor(first, binary),
    };
  }
  const unknown = libraries.filter(({ status }) => status === 'unknown');
  const [open] = unknown;
  if (open !== undefined) {
    const names = list([...new Set(unknown.map(({ name }) => name))]);
    return { status: 'unknown', expected, found: null, evidence, message: `whether ${which} system has ${names} can not be told${open.note === null ? '' : `: ${open.note}`}` };
  }
  const count = new Set(libraries.map(({ name }) => name)).size;
  return { status: 'pass', expected, found: `${count} ${count === 1 ? 'library' : 'libraries'}`, evidence, message: `${count === 1 ? 'the library' : `all ${count} libraries`} that it needs ${count === 1 ? 'is' : 'are'} there` };
}

function sentence({ name, neededBy, status, path, note }: ResolvedLibrary): string {
  const where = `library ${name}, needed by ${neededBy},`;
  if (status === 'missing') return `${where} is missing${note === null ? '' : ` (${note})`}`;
  return `${where} can not be loaded${path === null ? '' : ` from ${path}`}${note === null ? '' : `: ${note}`}`;
}

function adviceFor({ name, note, status }: ResolvedLibrary, { platform, format }: Binary): string {
  if (format === 'pe') return /^(vcruntime|msvcp|concrt|vcomp)\d/i.test(name) ? 'install the Microsoft Visual C++ Redistributable' : 'put the DLL beside the program';
  if (format === 'mach-o') return 'install the library, or set the search path right (install_name_tool -add_rpath)';
  if (name.startsWith('libc.musl-')) return 'take the -gnu build';
  if (status === 'broken') return 'replace that library by a whole one for this machine';
  if (note !== null && note.includes(' is for ')) return `install the build of it for ${platform.arch ?? 'its machine'}`;
  return 'install the package that has it (Debian: apt-file search; Fedora: dnf provides; Alpine: apk search so:), or put it beside the program and link with -Wl,-rpath,\'$ORIGIN\'';
}

/** The versions of symbols that it and its libraries ask for. Null where none is asked for. */
export function judgeVersions(binary: Binary, place: Place, resolution: Resolution): Answer | null {
  const { host, which } = place;
  const { gaps, versionsChecked, unchecked } = resolution;
  const { glibc } = binary.minimums;
  if (gaps.length === 0 && versionsChecked === 0 && unchecked.length === 0) return null;
  const expected = host.libc.name === 'glibc' && host.libc.version !== null ? `at most glibc ${host.libc.version}, and what its libraries define` : 'versions that the libraries define';
  const evidence = binary.because['minimums.glibc'] ?? null;
  const worst = newestGap(gaps);
  if (worst !== null) {
    const { version, library, neededBy, path, newest } = worst;
    const others = [...new Set(gaps.map((gap) => gap.version))].filter((one) => one !== version);
    const own = gaps.some((gap) => gap.version === version && gap.neededBy === neededBy) && !binary.dependencies.some(({ name }) => name === library) ? `${neededBy} needs` : 'it needs';
    const has = newest === null ? `has no version of that kind` : `provides up to ${newest}`;
    return {
      status: 'fail',
      expected,
      found: version,
      evidence,
      message: `${own} ${version}${others.length === 0 ? '' : ` (and ${list(others)})`}; ${which} system's ${library} ${has}`,
      systemSays: newest === null ? `${path}: no version information available, or version \`${version}' not found (required by ${neededBy})` : `${path}: version \`${version}' not found (required by ${neededBy})`,
      advice: adviceForVersion(version, host),
    };
  }
  const found = glibc === null ? `${versionsChecked} versions` : `glibc ${glibc}`;
  if (unchecked.length > 0) return { status: 'unknown', expected, found, evidence, message: `whether ${which} system's libraries define ${list(unchecked)} can not be told` };
  const has = host.libc.name === 'glibc' && host.libc.version !== null && glibc !== null ? `it needs glibc ${glibc}, ${which} system has ${host.libc.version}` : `all ${versionsChecked} versions that are asked for are defined`;
  return { status: 'pass', expected, found, evidence, message: has };
}

function newestGap(gaps: Resolution['gaps']): Resolution['gaps'][number] | null {
  let worst: Resolution['gaps'][number] | null = null;
  const numbers = (version: string): number[] => numbersOf(/\d[\d.]*$/.exec(version)?.[0] ?? '') ?? [];
  for (const gap of gaps) if (worst === null || compareNumbers(numbers(gap.version), numbers(worst.version)) > 0) worst = gap;
  return worst;
}

function adviceForVersion(version: string, { libc }: Host): string {
  if (/^(GLIBCXX|CXXABI)_/.test(version)) return "install a newer libstdc++, or take a build made with an older compiler, or with -static-libstdc++";
  const own = libc.version === null ? 'an older system' : `glibc ${libc.version} or older`;
  return version.startsWith('GLIBC') ? `take a build made on ${own}, the -musl build, or a static one` : 'install a newer release of that library';
}
