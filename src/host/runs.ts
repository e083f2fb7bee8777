// Can it run, and if not, why? A file held against this machine, against a folder that stands for a root, or against another machine's file.

import { absolutePath } from '../bytes/folder.ts';
import type { Opened } from '../bytes/given.ts';
import { readAsync } from '../bytes/input.ts';
import { openFileSync } from '../bytes/source-file.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import { mayBeInside } from '../inspect/open-input.ts';
import { LIMITS } from '../limits.ts';
import type { ElfBinary, Inspection } from '../model/binary.ts';
import type { Host } from '../model/host.ts';
import type { RunsReport } from '../model/runs.ts';
import { hostText } from '../verify/runs/finding.ts';
import type { Place as Where } from '../verify/runs/finding.ts';
import { chosenOf, isAddon, judgeOtherFile, judgeProgram, placeThere, targetText } from '../verify/runs/judge.ts';
import type { Seen } from '../verify/runs/judge.ts';
import { closureOf } from './closure.ts';
import { loadersIn } from './folders.ts';
import { macLibraries, windowsLibraries } from './foreign-libraries.ts';
import { hostOf } from './host.ts';
import { libcOf } from './libc.ts';
import { readLoaded } from './library.ts';
import { subjectOf } from './subject.ts';
import type { Subject } from './subject.ts';
import { osOf } from './system.ts';
import type { System } from './system.ts';
import { treeAt } from './tree.ts';
import type { Place, Tree } from './tree.ts';

/** What files are held against. */
export interface Ground {
  readonly system: System;
  readonly where: Where;
  /** The tree that libraries and loaders are looked for in. */
  readonly tree: Tree;
  /** Whether that tree is another root than the machine's own. */
  readonly rooted: boolean;
  /** The other machine whose libraries only its file lists; null where the tree has them. */
  readonly there: Host | null;
}

/** The ground for some files. `given` is another machine's file, and its name; `root` a folder that stands for a root. Throws `io` where that is none. */
export async function groundOf(system: System, given: { readonly host: Host; readonly from: string } | null, root: string | null): Promise<Ground> {
  const tree = root === null ? system.files : rootAt(root);
  if (given === null) {
    // Only `host` and `process` start a command of the system; what it would tell stays null here.
    const host = await hostOf({ ...system, run: () => Promise.resolve(null) }, { tree, libraries: osOf(system) === 'windows' });
    const from = root === null ? 'this machine' : `this machine, with the files of ${root}`;
    return { system, where: { host, where: 'here', which: 'this', from }, tree, rooted: root !== null, there: null };
  }
  const host = root === null || given.host.os !== 'linux' ? given.host : withTree(given.host, tree);
  return { system, where: placeThere(host, given.from), tree, rooted: root !== null, there: root === null ? host : null };
}

function rootAt(root: string): Tree {
  const place = treeAt('').find(absolutePath(root));
  if (place.kind !== 'folder') throw new BinspectError('io', place.kind === 'nowhere' ? 'no such folder' : 'is no folder', { path: root });
  return treeAt(root);
}

/** Another machine with the files of a tree. */
function withTree(host: Host, tree: Tree): Host {
  const loaders = loadersIn(tree);
  const emulators = host.emulators.map((one) => (one.flags.includes('F') ? one : { ...one, present: tree.find(one.interpreter).kind === 'file' }));
  return { ...host, loaders, libc: libcOf(tree, host.arch, loaders).libc, libraries: null, scriptInterpreters: null, emulators };
}

/** Where a named file lies in the tree; null for one that lies outside of it. Throws `io` for what is not there. */
function placeOf(path: string, { tree, rooted }: Ground): Place | null {
  const nowhere = (code: string): BinspectError => new BinspectError('io', code === 'EACCES' ? 'permission denied' : 'no such file or directory', { path, cause: Object.assign(new Error(code), { code }) });
  if (!rooted) {
    const place = tree.find(path);
    if (place.kind === 'nowhere') throw nowhere(place.code);
    return place;
  }
  const absolute = absolutePath(path);
  const inside = absolute.startsWith(`${tree.root}/`) ? absolute.slice(tree.root.length) : realInside(absolute, tree.root);
  if (inside !== null) {
    const place = tree.find(inside);
    if (place.kind === 'nowhere') throw nowhere(place.code);
    return place;
  }
  const place = path.startsWith('/') ? tree.find(path) : null;
  return place === null || place.kind === 'nowhere' ? null : place;
}

/** The path within a root of a file whose folder leads there through links; null for a file elsewhere. */
function realInside(absolute: string, root: string): string | null {
  const at = absolute.lastIndexOf('/');
  const folder = treeAt('').find(absolute.slice(0, at) === '' ? '/' : absolute.slice(0, at));
  if (folder.kind !== 'folder') return null;
  const real = `${folder.path}/${absolute.slice(at + 1)}`;
  return real.startsWith(`${root}/`) ? real.slice(root.length) : null;
}

/** Holds a file that is named against the ground. Reads it, and what it needs; starts nothing. Throws `io`. */
export async function runsFile(path: string, ground: Ground): Promise<RunsReport> {
  const inside = await memberOf(path);
  if (inside !== null) {
    try {
      return await runsOpened(inside, path, null, ground);
    } finally {
      await inside.close();
    }
  }
  const place = placeOf(path, ground);
  const source = openFileSync(place?.outside ?? path);
  try {
    return await runsOpened({ source, path, bytes: null, close: () => source.close() }, path, place, ground);
  } catch (error) {
    if (error instanceof BinspectError) error.path = path;
    throw error;
  } finally {
    source.closeSync();
  }
}

/** A member of an archive, where no file has that name; else null. Throws as `openMember`. What it takes is loaded for it. */
async function memberOf(path: string): Promise<Opened<ByteSource> | null> {
  if (!mayBeInside(path) || treeAt('').find(absolutePath(path)).kind !== 'nowhere') return null;
  return (await import('../inspect/open-member.ts')).openMember(path, {});
}

/** The same of what is open already: a member of an archive has no place in the tree. */
export async function runsOpened(opened: Opened<ByteSource>, path: string, place: Place | null, ground: Ground): Promise<RunsReport> {
  const { where, tree, there, rooted, system } = ground;
  const own = !rooted && there === null;
  const permission = osOf(system) === 'windows' || where.host.os === 'windows' ? null : place;
  const search = own ? (system.env['PATH'] ?? null) : null;
  const bits: Tree = there === null ? tree : { ...tree, executable: ({ mode }) => (mode & 0o111) !== 0 }; // who starts it there, nobody knows
  const mount = own && place !== null ? noexecMount(system.files, place.path) : null;
  const subject = await subjectOf(opened, { tree: bits, place: permission, mount, path, search, there });
  const host = hostText(where.host);
  if (subject.inspection === null) {
    return { schemaVersion: 1, path, target: null, host, ...judgeOtherFile(where, path, subject.facts, subject.head) };
  }
  const seen = await look(subject, subject.inspection, path, place, ground);
  return { schemaVersion: 1, path, target: targetText(subject.inspection, where, path), host, ...judgeProgram(subject.inspection, where, path, seen) };
}

/** Looks for the loader and the libraries. */
async function look({ facts, source }: Subject, inspection: Inspection, path: string, place: Place | null, ground: Ground): Promise<Seen> {
  const { where, tree, there } = ground;
  const { binary, answer } = chosenOf(inspection, where, path);
  const folder = place === null ? null : place.path.slice(0, place.path.lastIndexOf('/'));
  const seen = (interpreter: boolean | null, resolution: Seen['resolution']): Seen => ({ file: facts, interpreter, resolution });
  if (answer.status === 'fail') return seen(null, null);
  if (binary.format === 'wasm') return seen(null, null);
  if (binary.format === 'mach-o') return seen(null, there === null ? macLibraries(tree, binary, path, folder) : null);
  if (binary.format === 'pe') return seen(null, where.host.os === 'windows' ? windowsLibraries(tree, binary, path, folder, where.host) : null);
  const interpreter = binary.interpreter === null || there !== null ? null : tree.find(binary.interpreter).kind === 'file';
  if (interpreter === false || (binary.interpreter === null && binary.dependencies.length === 0)) return seen(interpreter, null);
  const file = await readAsync(source, readLoaded, LIMITS);
  const setId = place !== null && (place.mode & 0o6000) !== 0;
  return seen(
    interpreter,
    closureOf(
      tree,
      { file, name: path, origin: folder, interpreter: binary.interpreter ?? loaderFor(binary, path, where.host) },
      { level: where.host.level, there, libraryPath: ground.rooted || there !== null || setId ? null : (ground.system.env['LD_LIBRARY_PATH'] ?? null) },
    ),
  );
}

/** The loader that would load a library: that of the process it is for. */
function loaderFor(binary: ElfBinary, path: string, { node, libc, loaders }: Host): string | null {
  const name = (isAddon(path, binary) ? node?.libc : null) ?? binary.platform.libc ?? libc.name;
  return name === 'musl' ? (loaders.find((loader) => /\/ld-musl-/.test(loader)) ?? null) : null;
}

/** The mount that a path lies on, where that forbids executing (fields of /proc/self/mountinfo: the fifth is the place, the sixth the options). */
function noexecMount(files: Tree, path: string): string | null {
  const mounts = files.text('/proc/self/mountinfo');
  if (!('text' in mounts)) return null;
  let best = '';
  let options = '';
  for (const line of mounts.text.split('\n')) {
    const fields = line.split(' ');
    const at = (fields[4] ?? '').replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
    if (at === '' || at.length < best.length || !(path === at || path.startsWith(at === '/' ? '/' : `${at}/`))) continue;
    best = at;
    options = `${fields[5] ?? ''},${fields.at(-1) ?? ''}`;
  }
  return options.split(',').includes('noexec') ? best : null;
}
