// What /proc shows of one process, as plain values; and what of it may not be read.

import type { Tree } from './tree.ts';

/** A mapped file: its path, and whether a part of it may be executed. */
export interface MappedFile {
  readonly path: string;
  readonly deleted: boolean;
  readonly executable: boolean;
}

/** What was read. */
export interface ProcessFiles {
  /** Field 22 of stat: when it was started; the same number of another process has another. */
  readonly started: string | null;
  readonly name: string | null;
  /** The link /proc/PID/exe as it is written; null where there is none. */
  readonly exe: string | null;
  readonly commandLine: readonly string[] | null;
  /** In the order of their addresses; null where they could not be read. */
  readonly maps: readonly MappedFile[] | null;
  /** Bytes of a pair in the auxiliary vector: 8 in a 32-bit process; null where that could not be told. */
  readonly auxvPair: 8 | 16 | null;
  readonly kernelThread: boolean;
  readonly notPermitted: readonly string[];
}

/** Whether a process of this number is there. */
export function isThere(files: Tree, pid: number): boolean {
  return files.find(`/proc/${pid}`).kind === 'folder';
}

/** When a process was started, in ticks since the machine was; null where it has ended. The name in stat may hold blanks and brackets, so fields are counted from its end. */
export function startOf(files: Tree, pid: number): string | null {
  const stat = files.text(`/proc/${pid}/stat`);
  if (!('text' in stat)) return null;
  return stat.text.slice(stat.text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

const KTHREAD = 0x0020_0000; // PF_KTHREAD, of the flags in stat

function isKernelThread(stat: string): boolean {
  const flags = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6] ?? 0);
  return (flags & KTHREAD) !== 0;
}

const MOST_MAPS = 256 * 1024 * 1024; // characters; 65,530 mappings are what Linux allows by default

/** Reads all of it. A file that is gone meanwhile counts as one that can't be read. */
export function readProcess(files: Tree, pid: number): ProcessFiles {
  const at = `/proc/${pid}`;
  const notPermitted: string[] = [];
  const text = (name: string, most?: number): string | null => {
    const read = files.text(`${at}/${name}`, most);
    if ('text' in read) return read.text;
    if (read.code === 'EACCES' || read.code === 'EPERM') notPermitted.push(`${at}/${name}`);
    return null;
  };
  const stat = text('stat');
  const comm = text('comm');
  const exe = files.link(`${at}/exe`);
  const commandLine = text('cmdline');
  const maps = text('maps', MOST_MAPS);
  const auxv = files.bytes(`${at}/auxv`);
  if ('code' in auxv && (auxv.code === 'EACCES' || auxv.code === 'EPERM')) notPermitted.push(`${at}/auxv`);
  const kernelThread = stat !== null && isKernelThread(stat);
  if (exe === null && !kernelThread && stat !== null && files.find(at).kind === 'folder') notPermitted.unshift(`${at}/exe`);
  return {
    started: startOf(files, pid),
    name: comm?.replace(/\n$/, '') ?? null,
    exe,
    commandLine: commandLine === null ? null : commandLine === '' ? [] : commandLine.replace(/\0$/, '').split('\0'),
    maps: maps === null ? null : mappedFiles(maps),
    auxvPair: 'bytes' in auxv && auxv.bytes.length > 0 ? pairOf(auxv.bytes) : null,
    kernelThread,
    notPermitted,
  };
}

/** Every mapped file once, executable if any of its mappings is. */
function mappedFiles(maps: string): MappedFile[] {
  const found = new Map<string, MappedFile>();
  for (const line of maps.split('\n')) {
    const match = /^[0-9a-f]+-[0-9a-f]+ (\S{4}) [0-9a-f]+ \S+ \d+ +(\/.*)$/.exec(line);
    if (match === null) continue;
    const written = (match[2] as string).replace(/\\012/g, '\n');
    const deleted = written.endsWith(' (deleted)');
    const path = deleted ? written.slice(0, -' (deleted)'.length) : written;
    const executable = match[1]?.[2] === 'x' || found.get(path)?.executable === true;
    found.set(path, { path, deleted, executable });
  }
  return [...found.values()];
}

const AT_NULL = 0;
const MOST_TYPE = 64; // types of the vector are small numbers

/** The width of a vector that ends with a pair of zeros: in pairs of 64 bits all types are small; where the words are of 32 bits, two of them together are not. */
function pairOf(auxv: Uint8Array): 8 | 16 | null {
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.byteLength);
  for (const little of [true, false]) {
    for (const size of [16, 8] as const) {
      let at = 0;
      let type = -1;
      for (; at + size <= auxv.length && type !== AT_NULL; at += size) {
        type = size === 16 ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little);
        if (type > MOST_TYPE) break;
      }
      if (type === AT_NULL) return size;
    }
  }
  return null;
}
