// What does a process run, and how: natively, as a 32-bit program, emulated, translated, through a loader, for a script?

import { BinspectError } from '../errors.ts';
import { inspectSync } from '../inspect/inspect.ts';
import type { Binary, Inspection } from '../model/binary.ts';
import type { Emulator, Host, ProcessFile, ProcessMode, ProcessReport } from '../model/host.ts';
import { whatText } from '../render/words.ts';
import { hostText } from '../verify/runs/finding.ts';
import { targetOf } from '../verify/runs/machine.ts';
import { hostOf } from './host.ts';
import { isThere, readProcess, startOf } from './process-files.ts';
import type { MappedFile, ProcessFiles } from './process-files.ts';
import { firstLine } from './subject.ts';
import { archOf, osOf, thisSystem } from './system.ts';
import type { System } from './system.ts';
import type { Tree } from './tree.ts';

/**
 * What a process runs: the program, and what runs it where that is not the processor itself. On Linux it reads /proc; on macOS it starts /bin/ps. What
 * may not be read is in `notPermitted`, and what it would have told is null. Rejects with `io` where there is no such process, or it ends meanwhile.
 *
 * @example
 * const { mode, program, runsIn } = await inspectProcess(14239); // 'emulated', { path: '/srv/app', … }, { path: '/usr/bin/qemu-aarch64-static', … }
 */
export async function inspectProcess(pid: number): Promise<ProcessReport> {
  const system = thisSystem();
  return processOf(pid, system, await hostOf(system, { tree: system.files, libraries: false }));
}

/** The same on any system. */
export async function processOf(pid: number, system: System, host: Host): Promise<ProcessReport> {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid > 0x7fff_ffff) throw new BinspectError('invalid-argument', `a process has a number above 0, not ${String(pid)}`);
  const os = osOf(system);
  if (os === 'linux' || os === 'android') return linuxProcess(pid, system.files, host);
  if (os === 'darwin') return macProcess(pid, system, host);
  const reason = `nothing in Node tells what a process runs on ${os}`;
  return { ...EMPTY, pid, host: hostText(host), because: { mode: reason } };
}

const EMPTY: Omit<ProcessReport, 'pid' | 'host'> = {
  schemaVersion: 1,
  name: null,
  mode: 'unknown',
  program: null,
  runsIn: null,
  startedBy: null,
  loader: null,
  script: null,
  commandLine: null,
  because: {},
  notPermitted: [],
};

function gone(pid: number): BinspectError {
  const cause = Object.assign(new Error(`ESRCH: no process ${pid}`), { code: 'ESRCH' });
  return new BinspectError('io', `there is no process ${pid}`, { path: String(pid), cause });
}

function linuxProcess(pid: number, files: Tree, host: Host): ProcessReport {
  if (!isThere(files, pid)) throw gone(pid);
  const before = startOf(files, pid);
  const read = readProcess(files, pid);
  const report = reportOf(pid, read, files, host);
  if (startOf(files, pid) !== before || (read.started !== before && before !== null)) throw gone(pid); // it ended, and perhaps another has its number
  return report;
}

/** Emulators by the names of their programs. */
const EMULATORS = /^(qemu-[a-z0-9_]+?(-static|-binfmt)?(-P)?|rosetta|box64|box86|FEXInterpreter|FEX|blink|wine(64)?(-preloader|-loader)?)$/;

const LOADER = /^(ld-linux[^/]*\.so\.\d+|ld-2\.\d+\.so|ld-musl-[^/]+\.so\.1|ld64\.so\.[12])$/;

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function withoutDeleted(link: string): { readonly path: string; readonly deleted: boolean } {
  return link.endsWith(' (deleted)') ? { path: link.slice(0, -' (deleted)'.length), deleted: true } : { path: link, deleted: false };
}

/** Inspects a file through a path of /proc; null for what is no program or can't be read. */
function inspected(path: string): Inspection | null {
  try {
    return inspectSync(path, { facts: 'main' });
  } catch (error) {
    if (error instanceof BinspectError) return null;
    throw error;
  }
}

function fileOf(path: string, deleted: boolean, inspection: Inspection | null): ProcessFile {
  const binary = inspection?.binaries[0];
  if (binary === undefined) return { path, deleted, platform: null, description: null, go: null };
  return { path, deleted, platform: targetOf(binary), description: whatText(binary), go: binary.go?.version ?? null };
}

interface Context {
  readonly pid: number;
  readonly read: ProcessFiles;
  readonly files: Tree;
  readonly host: Host;
  readonly because: Record<string, string>;
}

function reportOf(pid: number, read: ProcessFiles, files: Tree, host: Host): ProcessReport {
  const { exe, name, commandLine, kernelThread, notPermitted } = read;
  const because: Record<string, string> = {};
  const base = { ...EMPTY, pid, name, host: hostText(host), commandLine, because, notPermitted };
  if (kernelThread) {
    because['mode'] = 'it is a thread of the kernel: /proc says PF_KTHREAD, and there is no program';
    return { ...base, mode: 'kernel-thread' };
  }
  if (exe === null) {
    because['mode'] = notPermitted.includes(`/proc/${pid}/exe`) ? `/proc/${pid}/exe may not be read` : `/proc/${pid}/exe leads nowhere`;
    return base;
  }
  const context: Context = { pid, read, files, host, because };
  const { path, deleted } = withoutDeleted(exe);
  const link = `/proc/${pid}/exe`;
  const inspection = inspected(`${files.root}${files.root === '' ? link : path}`);
  const own = fileOf(path, deleted, inspection);
  const entry = entryOf(host, path);
  if (entry !== null || EMULATORS.test(baseName(path))) return { ...base, ...emulated(context, own, entry) };
  if (LOADER.test(baseName(path)) || isLoader(inspection)) return { ...base, ...throughLoader(context, own) };
  const binary = inspection?.binaries[0];
  if (binary === undefined) {
    because['mode'] = `${link} could not be read as a program`;
    return { ...base, program: own };
  }
  const mode = modeOf(binary, context);
  return { ...base, program: own, mode, script: mode === 'unknown' ? null : scriptOf(context, path) };
}

/** A loader that is started under a name of its own: /lib64/ld-linux-x86-64.so.2 may be a link to anything. */
function isLoader(inspection: Inspection | null): boolean {
  const binary = inspection?.binaries[0];
  return binary?.libraryName !== null && binary?.libraryName !== undefined && LOADER.test(binary.libraryName) && binary.interpreter === null;
}

/** The entry of binfmt_misc that starts a program. */
function entryOf({ emulators }: Host, path: string): Emulator | null {
  return emulators.find(({ interpreter }) => interpreter === path) ?? null;
}

/** How a program runs that is no emulator: by its own machine and the width of its words. */
function modeOf({ platform: { arch }, bits }: Binary, { read, host, because, pid }: Context): ProcessMode {
  const wide = read.auxvPair === null ? null : read.auxvPair === 16;
  const words = wide === null ? '' : `, and its auxiliary vector has words of ${wide ? 64 : 32} bits`;
  const contradicted = wide !== null && wide !== (bits === 64);
  if (arch === host.arch && !contradicted) {
    because['mode'] = `/proc/${pid}/exe is for ${host.arch ?? '?'}, as this machine is${words}`;
    return 'native';
  }
  if (bits === 32 && wide !== true && arch !== host.arch) {
    because['mode'] = `/proc/${pid}/exe is a 32-bit program for ${arch ?? '?'}${words}`;
    return 'compatible';
  }
  because['mode'] = `/proc/${pid}/exe is for ${arch ?? '?'}, this machine is for ${host.arch ?? '?'}${words}: what runs it does not show`;
  return 'unknown';
}

type Part = Partial<ProcessReport>;

/** An emulated program: a mapped ELF file of another machine that is not mapped executable; else what the command line says. */
function emulated({ pid, read, files, host, because }: Context, runsIn: ProcessFile, entry: Emulator | null): Part {
  const name = baseName(runsIn.path);
  because['mode'] = entry === null ? `/proc/${pid}/exe is ${runsIn.path}, an emulator by its name` : `/proc/${pid}/exe is ${runsIn.path}, which binfmt_misc starts (${entry.name})`;
  const { maps, commandLine } = read;
  let program: ProcessFile | null = null;
  for (const mapped of maps ?? []) {
    if (mapped.executable || mapped.path === runsIn.path) continue;
    const inspection = inspected(pathFor(files, pid, mapped));
    const binary = inspection?.binaries[0];
    if (binary === undefined || binary.platform.arch === host.arch || (binary.kind === 'shared-library' && isShared(mapped.path))) continue;
    program = fileOf(mapped.path, mapped.deleted, inspection);
    because['program'] = 'a file of another machine is mapped without execute permission';
    break;
  }
  const byHand = commandLine === null || commandLine.length === 0 ? null : EMULATORS.test(baseName(commandLine[0] as string));
  const startedByP = entry?.flags.includes('P') === true;
  if (program === null && commandLine !== null) {
    const argument = startedByP ? commandLine[1] : byHand === true ? firstOperand(commandLine.slice(1)) : commandLine[0];
    if (argument !== undefined) {
      const path = absoluteFor(files, pid, argument);
      program = fileOf(path, false, inspected(`${files.root}${path}`));
      because['program'] = `the command line names it: ${argument}`;
    }
  }
  const startedBy = byHand === null ? null : startedByP || !byHand || (read.name !== null && !name.startsWith(read.name) && !read.name.startsWith('qemu-')) ? 'binfmt_misc' : 'hand';
  if (startedBy !== null) because['startedBy'] = startedBy === 'hand' ? `the command line begins with ${commandLine?.[0] ?? ''}` : `the process is called ${read.name ?? '?'}, as the kernel calls what it starts through an entry`;
  return { mode: name === 'rosetta' ? 'translated' : 'emulated', runsIn, program, startedBy };
}

function isShared(path: string): boolean {
  return /\.so(\.[\w.]+)*$/.test(path);
}

/** Of qemu's options, those that take a value as the next word. */
const QEMU_VALUES: ReadonlySet<string> = new Set(['-g', '-L', '-s', '-cpu', '-E', '-U', '-0', '-r', '-B', '-R', '-d', '-dfilter', '-D', '-p', '-seed', '-plugin', '-trace', '-xtensa-abi']);

/** The first word that is no option of qemu's, nor the value of one. */
function firstOperand(words: readonly string[]): string | undefined {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!word.startsWith('-')) return word;
    if (QEMU_VALUES.has(word.replace(/^--/, '-'))) i++;
  }
  return undefined;
}

/** A path that reaches a mapped file also where it was deleted, or lies in another tree: through the process's own root. */
function pathFor(files: Tree, pid: number, { path }: MappedFile): string {
  if (files.root !== '') return `${files.root}${path}`;
  const own = `/proc/${pid}/root${path}`;
  return files.find(own).kind === 'file' ? own : path;
}

/** A path of a command line from the folder that the process works in. */
function absoluteFor(files: Tree, pid: number, path: string): string {
  if (path.startsWith('/')) return path;
  const folder = files.link(`/proc/${pid}/cwd`);
  return folder === null ? path : `${folder}/${path.replace(/^\.\//, '')}`;
}

/** A program that was started through its loader by hand: the first executable mapping that is no library, and not the loader. */
function throughLoader({ pid, read, files, host, because }: Context, own: ProcessFile): Part {
  because['loader'] = `/proc/${pid}/exe is ${own.path}, a loader`;
  const mapped = read.maps?.find(({ path, executable }) => executable && path !== own.path && !isShared(path));
  if (mapped === undefined) {
    because['mode'] = read.maps === null ? `/proc/${pid}/maps may not be read` : 'the loader has no program mapped';
    return { loader: own.path, mode: own.platform === null ? 'unknown' : 'native' };
  }
  const inspection = inspected(pathFor(files, pid, mapped));
  const program = fileOf(mapped.path, mapped.deleted, inspection);
  because['program'] = 'the first file mapped with execute permission that is no library';
  const binary = inspection?.binaries[0];
  return { loader: own.path, program, mode: binary === undefined ? 'unknown' : modeOf(binary, { pid, read, files, host, because }) };
}

/** The script that a program was started for: its first argument that is a file whose first line names this program. Null for what is none. */
function scriptOf({ pid, read, files, because }: Context, program: string): string | null {
  const words = read.commandLine ?? [];
  for (const word of words.slice(1, 4)) { // the first line may bring one argument, and `env` may have brought options
    if (word.startsWith('-') || word === '') continue;
    const path = absoluteFor(files, pid, word);
    const place = files.find(path);
    if (place.kind !== 'file') return null;
    const source = files.open(path);
    if (source === null) return null;
    let line: ReturnType<typeof firstLine>;
    try {
      line = firstLine(source.readSync(0, Math.min(256, source.size)));
    } finally {
      source.closeSync();
    }
    if (line === null) return null;
    const named = files.find(line.interpreter);
    const same = named.kind === 'file' && (named.path === program || (line.argument ?? '').split(/[ \t]+/).some((one) => baseName(program).startsWith(baseName(one)) && one !== ''));
    if (!same) return null;
    because['script'] = `its argument ${word} begins with #!${line.interpreter}${line.argument === null ? '' : ` ${line.argument}`}`;
    return path;
  }
  return null;
}

const PS = '/bin/ps';
const P_TRANSLATED = 0x2_0000; // of p_flag (xnu, sys/proc.h)

/** macOS: /bin/ps prints a process's flags, which say whether it is translated, and the path of its program. */
async function macProcess(pid: number, system: System, host: Host): Promise<ProcessReport> {
  const text = await system.run(PS, ['-p', String(pid), '-o', 'flags=,comm=']);
  const match = /^\s*([0-9a-f]+)\s+(.+?)\s*$/i.exec(text ?? '');
  if (match === null) {
    if (text === null && system.files.find(PS).kind !== 'file') return { ...EMPTY, pid, host: hostText(host), because: { mode: `${PS} could not be run` } };
    throw gone(pid);
  }
  const path = match[2] as string;
  const flagged = (Number.parseInt(match[1] as string, 16) & P_TRANSLATED) !== 0;
  const inspection = path.startsWith('/') ? inspected(path) : null;
  const arches = inspection?.binaries.map(({ platform }) => platform.arch) ?? [];
  const onlyIntel = arches.length > 0 && !arches.includes('arm64') && arches.includes('amd64') && host.arch === 'arm64';
  const own = Number(pid) === process.pid && host.translated !== null ? host.translated : null;
  const translated = own ?? (flagged || onlyIntel ? true : inspection === null ? null : false);
  const told = own !== null ? 'sysctl.proc_translated' : onlyIntel ? 'the program has no part for arm64, and this machine is arm64' : `${PS} says flags ${match[1] as string}: P_TRANSLATED is ${flagged ? '' : 'not '}set`;
  const wanted = translated === true ? 'amd64' : (host.arch ?? archOf(system));
  const binary = inspection?.binaries.find(({ platform }) => platform.arch === wanted) ?? inspection?.binaries[0];
  const program: ProcessFile = { path, deleted: false, platform: binary === undefined ? null : targetOf(binary), description: binary === undefined ? null : whatText(binary), go: binary?.go?.version ?? null };
  return { ...EMPTY, pid, name: baseName(path), host: hostText(host), mode: translated === null ? 'unknown' : translated ? 'translated' : 'native', program, because: { mode: told } };
}
