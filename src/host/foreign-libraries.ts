// Libraries of Mach-O and PE programs, looked for where dyld and Windows look for them.

import { BinspectError } from '../errors.ts';
import { inspectSync } from '../inspect/inspect.ts';
import type { Binary, MachOBinary, PeBinary } from '../model/binary.ts';
import type { Host } from '../model/host.ts';
import { isOfSystem } from '../verify/runs/judge.ts';
import type { Resolution, ResolvedLibrary } from '../verify/runs/resolution.ts';
import type { Tree } from './tree.ts';

const MOST_LIBRARIES = 500;
const MOST_PLACES = 200; // for one library: dependencies and search paths are each limited, and a hostile file could multiply them

/** A binary that was found, and who asked for it. */
interface Loaded<T> {
  readonly binary: T;
  readonly name: string;
  readonly folder: string | null;
  readonly by: Loaded<T> | null;
}

function resolution(libraries: readonly ResolvedLibrary[]): Resolution {
  return { libraries, gaps: [], versionsChecked: 0, unchecked: [] };
}

/** The binary of a file for one machine; null for what is none. */
function binaryAt(tree: Tree, path: string, like: Binary): Binary | null {
  const place = tree.find(path);
  if (place.kind !== 'file') return null;
  try {
    return inspectSync(place.outside).binaries.find(({ machine, format }) => format === like.format && machine.value === like.machine.value) ?? null;
  } catch (error) {
    if (error instanceof BinspectError) return null;
    throw error;
  }
}

/** dyld(1): names as they are, or with @rpath, @loader_path and @executable_path in place; what macOS itself brings is in dyld's cache. */
export function macLibraries(tree: Tree, program: MachOBinary, name: string, folder: string | null): Resolution {
  const root: Loaded<MachOBinary> = { binary: program, name, folder, by: null };
  const libraries: ResolvedLibrary[] = [];
  const known = new Set<string>();
  const queue = [root];
  for (let by = queue.shift(); by !== undefined; by = queue.shift()) {
    for (const { name: wanted, kind } of by.binary.dependencies) {
      if (known.has(wanted) || kind === 'weak' || kind === 'lazy' || known.size > MOST_LIBRARIES) continue;
      known.add(wanted);
      const paths = isOfSystem('mach-o', wanted) ? null : pathsOf(wanted, by, root);
      const told = (status: ResolvedLibrary['status'], path: string | null, note: string | null = null): void => {
        const systemSays = status === 'missing' ? `dyld: Library not loaded: ${wanted}` : null;
        libraries.push({ name: wanted, neededBy: (by as Loaded<MachOBinary>).name, status, path, note, systemSays });
      };
      if (paths === null) {
        told('found', null);
        continue;
      }
      const path = paths.find((one) => one !== null && tree.find(one).kind === 'file') ?? null;
      if (path === null) {
        told(paths.includes(null) ? 'unknown' : 'missing', null, paths.includes(null) ? 'it is looked for beside the program' : null);
        continue;
      }
      const binary = binaryAt(tree, path, program);
      told(binary === null ? 'missing' : 'found', path, binary === null ? `${path} has nothing for this machine` : null);
      if (binary !== null) queue.push({ binary: binary as MachOBinary, name: path, folder: path.slice(0, path.lastIndexOf('/')), by });
    }
  }
  return resolution(libraries);
}

function pathsOf(wanted: string, by: Loaded<MachOBinary>, root: Loaded<MachOBinary>): (string | null)[] {
  if (!wanted.startsWith('@rpath/')) return [placed(wanted, by, root)];
  const paths: (string | null)[] = [];
  for (let asker: Loaded<MachOBinary> | null = by; asker !== null; asker = asker.by) {
    for (const { path } of asker.binary.searchPaths) {
      const folder = placed(path, asker, root);
      if (paths.length >= MOST_PLACES) return paths;
      paths.push(folder === null ? null : `${folder.replace(/\/$/, '')}/${wanted.slice('@rpath/'.length)}`);
    }
  }
  return paths;
}

function placed(path: string, { folder }: Loaded<MachOBinary>, root: Loaded<MachOBinary>): string | null {
  const match = /^@(loader_path|executable_path)(\/|$)/.exec(path);
  if (match === null) return path;
  const at = match[1] === 'loader_path' ? folder : root.folder;
  return at === null ? null : `${at}/${path.slice(match[0].length)}`;
}

/** Windows' search (LoadLibrary): the program's folder, then the system's. Names there have no case. */
export function windowsLibraries(tree: Tree, program: PeBinary, name: string, folder: string | null, host: Host): Resolution {
  const beside = new Map((folder === null ? [] : tree.list(folder)).map((file) => [file.toLowerCase(), file]));
  const system = host.libraries === null ? null : new Set(host.libraries.map((one) => one.name.toLowerCase()));
  const libraries: ResolvedLibrary[] = [];
  const known = new Set<string>();
  const queue: { binary: Binary; name: string }[] = [{ binary: program, name }];
  for (let by = queue.shift(); by !== undefined; by = queue.shift()) {
    for (const { name: wanted, kind } of by.binary.dependencies) {
      const lower = wanted.toLowerCase();
      if (known.has(lower) || kind === 'delay' || known.size > MOST_LIBRARIES) continue;
      known.add(lower);
      const file = beside.get(lower);
      const path = file === undefined ? null : `${folder}/${file}`;
      const binary = path === null ? null : binaryAt(tree, path, program);
      const there = isOfSystem('pe', wanted) || system?.has(lower) === true;
      const status = binary !== null || there ? 'found' : system === null ? 'unknown' : 'missing';
      const note = path !== null && binary === null && !there ? `${path} is for another machine` : system === null ? 'nothing lists the system folder' : null;
      const systemSays = status === 'missing' ? `The code execution cannot proceed because ${wanted} was not found (0xC0000135)` : null;
      libraries.push({ name: wanted, neededBy: by.name, status, path, note: status === 'found' ? null : note, systemSays });
      if (binary !== null && path !== null) queue.push({ binary, name: path });
    }
  }
  return resolution(libraries);
}
