// Whether the processor, or something that stands in for it, runs a program of this machine and system.

import type { Binary, ElfBinary, Inspection, PeBinary } from '../../model/binary.ts';
import type { Emulator, Host } from '../../model/host.ts';
import { FOREIGN } from '../../model/platform.ts';
import { hostText } from './finding.ts';
import type { Answer, Place } from './finding.ts';
import { compareNumbers, numbersOf } from './resolution.ts';

/** The binary of a file that a machine would run, and what it came to. */
export interface Chosen {
  readonly binary: Binary;
  /** Its index in a universal file; null otherwise. */
  readonly slice: number | null;
  readonly answer: Answer;
  /** What runs it, where the processor itself does not. */
  readonly through: Emulator | null;
}

/** 'linux/arm64', 'linux/arm/v7'. */
export function targetOf({ platform: { os, arch, variant }, machine }: Binary): string {
  const architecture = arch ?? machine.name ?? `machine ${machine.value}`;
  return `${os ?? '?'}/${architecture}${variant === null ? '' : ` (${variant})`}`;
}

const ENOEXEC = 'cannot execute binary file: Exec format error';

/** What is said where a file of another machine is started, and by whom. */
const SHELL_NOTE = 'Node hands such a file to /bin/sh, which takes it for a script: "Syntax error" (status 2) or "not found" (127)';

function hexBytes(text: string): number[] {
  return (text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

/** Whether an entry of binfmt_misc takes a file that begins with these bytes. */
export function matches({ magic, mask, offset, extension }: Emulator, head: ArrayLike<number>, name: string): boolean {
  if (magic === null) return extension !== null && name.endsWith(`.${extension}`);
  const wanted = hexBytes(magic);
  if (wanted.length === 0) return false;
  const bits = mask === null ? null : hexBytes(mask);
  return wanted.every((byte, i) => ((head[offset + i] ?? -1) & (bits?.[i] ?? 0xff)) === (byte & (bits?.[i] ?? 0xff)) && offset + i < head.length);
}

/** The first bytes of an ELF file, as its facts tell them: e_ident, e_type, e_machine. */
function elfHead({ bits, endianness, machine, elf }: ElfBinary): Uint8Array {
  const little = endianness === 'little';
  const half = (value: number): number[] => (little ? [value & 0xff, value >> 8] : [value >> 8, value & 0xff]);
  return Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, little ? 1 : 2, 1, elf.osAbi, elf.abiVersion, 0, 0, 0, 0, 0, 0, 0, ...half(elf.type), ...half(machine.value), ...(little ? [1, 0, 0, 0] : [0, 0, 0, 1]));
}

/** The entry that would start a file; null where there is none. One that is switched off, or whose program is missing, is none. */
export function emulatorFor({ emulators }: Host, head: ArrayLike<number>, name: string): Emulator | null {
  return emulators.find((one) => one.enabled && one.present !== false && matches(one, head, name)) ?? null;
}

/** Which binary of a file a machine runs, and whether it does. */
export function chooseBinary(inspection: Pick<Inspection, 'universal' | 'binaries'>, place: Place, name: string, addon: boolean): Chosen {
  const { binaries, universal } = inspection;
  const answers = binaries.map((binary, index): Chosen => ({ binary, slice: universal ? index : null, ...judgeMachine(binary, place, name, addon) }));
  const order = { pass: 0, unknown: 1, fail: 2 } as const;
  const native = ({ binary: { platform }, answer }: Chosen): number => order[answer.status] * 2 + (platform.arch === place.host.arch ? 0 : 1);
  const [best] = [...answers].sort((a, b) => native(a) - native(b));
  if (best === undefined) throw new Error('an inspection without a binary'); // the readers give one at least
  return best.slice === null ? best : { ...best, answer: { ...best.answer, slice: best.slice } };
}

type Judged = Pick<Chosen, 'answer' | 'through'>;

function judgeMachine(binary: Binary, place: Place, name: string, addon: boolean): Judged {
  const { host, which } = place;
  const target = targetOf(binary);
  const machine = addon ? `${host.os}/${host.node === null ? host.arch : host.processArch}` : hostText(host);
  const expected = `a program for ${machine}`;
  const evidence = `the header says ${binary.machine.name ?? binary.machine.value}`;
  const told = (status: Answer['status'], message: string, more: Partial<Answer> = {}, through: Emulator | null = null): Judged => ({
    answer: { status, expected, found: target, evidence, message, ...more },
    through,
  });
  if (binary.kind === 'relocatable' || binary.kind === 'core' || binary.kind === 'debug-symbols') {
    return told('fail', `it is ${binary.kind === 'core' ? 'a core dump' : binary.kind === 'relocatable' ? 'an object file, which has to be linked first' : 'a file of debug symbols'}, and no program`, { systemSays: ENOEXEC });
  }
  if (addon) return judgeAddon(binary, place, told);
  const system = systemOf(binary);
  if (system !== host.os) {
    const emulator = binary.format === 'elf' ? null : emulatorFor(host, binary.format === 'pe' ? [0x4d, 0x5a] : [], name);
    if (emulator !== null) return told('pass', `it is for ${target}; ${emulator.interpreter} runs it (binfmt_misc: ${emulator.name})`, {}, emulator);
    return told('fail', `it is for ${target}, ${which} machine is ${machine}`, { systemSays: wordsFor(host), advice: `take the build for ${machine}` });
  }
  const { arch, variant } = binary.platform;
  if (arch === null || host.arch === null) return told('unknown', `${arch === null ? "the file's machine has no name" : `nothing tells ${which} machine's architecture`}: ${evidence}`);
  if (host.os === 'darwin') return judgeMac(binary, place, told);
  if (host.os === 'windows') return judgeWindows(binary as PeBinary, place, told);
  const own = variant !== null && FOREIGN.has(variant);
  if (arch === host.arch && !own) return told('pass', `it is for ${target}, as ${which} machine is`);
  if (arch === host.arch && variant === 'x32') return told('unknown', `it is for ${target}; whether the kernel has the x32 interface can not be told`, { systemSays: ENOEXEC });
  if (host.compatible?.includes(arch) === true && !own) return told('pass', `it is for ${target}, which ${which} machine's kernel runs too`);
  const byArch = host.emulators.find((one) => one.enabled && one.present !== false && one.magic === null && one.extension === null && one.arch === arch);
  const emulator = (binary.format === 'elf' ? emulatorFor(host, elfHead(binary), name) : null) ?? byArch ?? null;
  if (emulator !== null) {
    return told('pass', `it is for ${target}; ${emulator.interpreter} runs it (binfmt_misc: ${emulator.name})`, {}, emulator);
  }
  const unusable = binary.format === 'elf' ? host.emulators.find((one) => matches(one, elfHead(binary), name)) : undefined;
  if (host.compatible === null && ((arch === 'arm' && host.arch === 'arm64') || (arch === '386' && host.arch === 'amd64'))) {
    return told('unknown', `it is for ${target}; whether ${which} machine, ${machine}, runs 32-bit programs can not be told${arch === 'arm' ? ': Apple silicon and the newer servers do not' : ''}`, { systemSays: ENOEXEC });
  }
  const none = unusable === undefined ? `no emulator is registered for ${arch}` : unusable.enabled ? `the emulator registered for ${arch}, ${unusable.interpreter}, is missing` : `the emulator registered for ${arch} is switched off`;
  const advice = `take the build for ${machine}, or register an emulator (Debian: qemu-user-static, binfmt-support; Docker: docker run --privileged --rm tonistiigi/binfmt --install ${arch})`;
  return told('fail', `it is for ${target}, ${which} machine is ${machine}, and ${none}`, { systemSays: ENOEXEC, advice, evidence: `${evidence}; ${SHELL_NOTE}` });
}

/** The system by whose kernel a binary is loaded. Linux loads whatever does not say that it is for another system, Android's programs too. */
function systemOf({ format, platform: { os } }: Binary): string {
  if (format === 'mach-o') return os === null || os === 'darwin' ? 'darwin' : os;
  if (format === 'pe') return os ?? 'windows';
  return os === null || os === 'android' ? 'linux' : os;
}

function wordsFor({ os }: Host): string {
  if (os === 'darwin') return 'exec format error';
  return os === 'windows' ? 'This version of this program is not compatible with the version of Windows you are running' : ENOEXEC;
}

type Told = (status: Answer['status'], message: string, more?: Partial<Answer>, through?: Emulator | null) => Judged;

const APPLE_ARCH: ReadonlyMap<string, string> = new Map([['amd64', 'x86_64'], ['386', 'i386'], ['arm', 'armv7']]);

function judgeMac(binary: Binary, { host, which }: Place, told: Told): Judged {
  const { arch, variant } = binary.platform;
  const target = targetOf(binary);
  if (variant === 'macabi' || variant === 'sim') return told('unknown', `it is for ${target}; where that runs is not for the header to tell`);
  if (arch === host.arch) return told('pass', `it is for ${target}, as ${which} machine is`);
  if (arch === 'amd64' && host.arch === 'arm64') {
    const rosetta = host.emulators.find((one) => one.arch === 'amd64');
    if (rosetta?.present === true) return told('pass', `it is for ${target}; Rosetta 2 translates it`, {}, rosetta);
    const how = 'softwareupdate --install-rosetta';
    return rosetta?.present === false
      ? told('fail', `it is for ${target}, ${which} machine is darwin/arm64, and Rosetta 2 is not installed`, { systemSays: 'Bad CPU type in executable', advice: `take the build for darwin/arm64, or: ${how}` })
      : told('unknown', `it is for ${target}: it runs with Rosetta 2, if that is installed`, { systemSays: 'Bad CPU type in executable', advice: how });
  }
  return told('fail', `it is for ${target}, ${which} machine is ${hostText(host)}`, { systemSays: 'Bad CPU type in executable', advice: `take the build for ${hostText(host)}` });
}

function judgeWindows(binary: PeBinary, { host, which }: Place, told: Told): Judged {
  const { arch, variant } = binary.platform;
  const target = targetOf(binary);
  if (arch === host.arch && variant !== 'arm64ec') return told('pass', `it is for ${target}, as ${which} machine is`);
  if (arch === '386' && (host.arch === 'amd64' || host.arch === 'arm64')) return told('pass', `it is for ${target}, which Windows for ${host.arch} runs too`);
  if (host.arch === 'arm64' && (arch === 'amd64' || variant === 'arm64ec')) {
    const build = host.osVersion === null ? null : numbersOf(host.osVersion);
    if (build === null) return told('unknown', `it is for ${target}: Windows 11 for ARM64 runs it, Windows 10 does not`);
    if (compareNumbers(build, [10, 0, 22_000]) >= 0) return told('pass', `it is for ${target}, which Windows 11 for ARM64 emulates`);
  }
  if (host.arch === 'arm64' && arch === 'arm') return told('unknown', `it is for ${target}: Windows 11 for ARM64 runs it up to version 23H2, on processors that can`);
  return told('fail', `it is for ${target}, ${which} machine is ${hostText(host)}`, { systemSays: wordsFor(host), advice: `take the build for ${hostText(host)}` });
}

/** A Node addon is loaded into a process that runs already, so it has to be for what that process is. */
function judgeAddon(binary: Binary, { host, which, where }: Place, told: Told): Judged {
  const { arch } = binary.platform;
  const target = targetOf(binary);
  const process = `${host.os}/${host.node === null ? (host.arch ?? '?') : host.processArch}`;
  const wanted = host.node === null ? host.arch : host.processArch;
  const who = host.node === null ? `a Node for ${process}` : `${which} node (${host.node.version})`;
  if (systemOf(binary) === host.os && arch === wanted) return told('pass', `it is for ${target}, as ${who} is`);
  const words =
    host.os === 'darwin'
      ? `incompatible architecture (have '${APPLE_ARCH.get(arch ?? '') ?? arch}', need '${APPLE_ARCH.get(wanted ?? '') ?? wanted}')`
      : host.os === 'windows'
        ? 'is not a valid Win32 application'
        : binary.format === 'elf'
          ? binary.bits === (wanted === '386' || wanted === 'arm' ? 32 : 64) ? 'cannot open shared object file: No such file or directory' : `wrong ELF class: ELFCLASS${binary.bits}`
          : 'invalid ELF header';
  return told('fail', `this addon is for ${target}, and ${host.node === null ? who : `${which} node is for ${process}`}`, { systemSays: words, advice: `delete node_modules and install again ${where === 'here' ? 'on this machine' : 'on that machine'}` });
}
