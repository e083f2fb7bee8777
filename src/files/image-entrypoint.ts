// What a container starts: from its configuration through PATH, links and first lines of scripts to the program that the kernel loads. Nothing is started.

import type { ImageTree, Leaf } from '../archives/image-tree.ts';
import type { BinspectError } from '../errors.ts';
import type { Inspection } from '../model/binary.ts';
import type { Entrypoint, EntrypointStep, ImageConfig } from '../model/image.ts';

/** What was found out of a file of an image. */
export interface Told {
  readonly inspection: Inspection | null;
  /** Why an executable could not be told. */
  readonly error: BinspectError | null;
  /** The first line of a script behind its `#!`. */
  readonly script: string | null;
  /** Paths that a script names. */
  readonly paths: readonly string[];
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const SCRIPTS = 4; // Linux goes through as many interpreters that are scripts themselves
const MENTIONS = 64;
const LONGEST = 4096; // PATH_MAX
const MOST_FOLDERS = 1000; // of PATH

/** Where a program is: by its path, or the first that may be executed of its name in PATH. */
function look(tree: ImageTree<Told>, name: string, { path, workingDir }: ImageConfig): { readonly asked: string; readonly by: 'config' | 'search' } | null {
  if (name.length > LONGEST) return null;
  const folder = workingDir === null || workingDir === '' || workingDir.length > LONGEST ? '/' : workingDir;
  const absolute = (one: string): string => (one.startsWith('/') ? one : `${folder.startsWith('/') ? '' : '/'}${folder}/${one}`);
  if (name.includes('/')) return { asked: absolute(name), by: 'config' };
  for (const place of (path ?? DEFAULT_PATH).split(':', MOST_FOLDERS)) {
    if (place.length > LONGEST) continue;
    const asked = absolute(`${place === '' ? '.' : place}/${name}`);
    const node = tree.resolve(asked)?.node;
    if (node?.kind === 'file' && (node.mode === null || (node.mode & 0o111) !== 0)) return { asked: asked.replace(/\/+/g, '/'), by: 'search' };
  }
  return null;
}

/** The interpreter of a script's first line; of env the program that it looks for. */
function interpreterOf(line: string): { readonly interpreter: string; readonly program: string | null } | null {
  const words = line.trim().split(/[ \t]+/);
  const interpreter = words[0] ?? '';
  if (interpreter === '') return null;
  if (!/(?:^|\/)env$/.test(interpreter)) return { interpreter, program: null };
  const program = words.slice(1).find((word) => !word.startsWith('-') && !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word));
  return { interpreter, program: program ?? null };
}

/** What a container of this configuration starts. */
export function entrypointOf(tree: ImageTree<Told>, config: ImageConfig): Entrypoint {
  const argv = [...(config.entrypoint ?? []), ...(config.cmd ?? [])];
  const chain: EntrypointStep[] = [];
  const mentions: { path: string; in: string }[] = [];
  const end = (problem: string | null, program: Inspection | null = null): Entrypoint => ({ argv, chain, program, mentions, problem });
  const [first] = argv;
  if (first === undefined || first === '') return end('the configuration starts nothing');
  if (config.platform.os === 'windows') return end('paths in Windows images are not followed');
  const mention = (name: string, where: string): void => {
    const found = look(tree, name, config);
    const resolved = found === null ? null : tree.resolve(found.asked);
    if (mentions.length < MENTIONS && resolved?.node.kind === 'file' && resolved.node.told?.inspection !== null && resolved.node.told !== null) mentions.push({ path: resolved.path, in: where });
  };
  let name = first;
  let by: EntrypointStep['by'] | null = null;
  for (let scripts = 0; scripts <= SCRIPTS; scripts++) {
    const found = look(tree, name, config);
    if (found === null) return end(`${name} is not in PATH of the image`);
    const resolved = tree.resolve(found.asked);
    const node = resolved?.node;
    if (resolved === null || node?.kind !== 'file') {
      chain.push({ path: found.asked, by: by ?? found.by, kind: null });
      return end(`${found.asked} ${node === undefined ? 'is not in the image' : 'is not a regular file'}`);
    }
    const { told } = node as Leaf<Told>;
    const kind = told === null ? null : told.script === null ? 'program' : 'script';
    if (found.asked !== resolved.path) {
      chain.push({ path: found.asked, by: by ?? found.by, kind });
      chain.push({ path: resolved.path, by: 'link', kind });
    } else chain.push({ path: resolved.path, by: by ?? found.by, kind });
    if (told === null) return end(`${resolved.path} is neither a program nor a script`);
    if (told.script === null) {
      if (config.entrypoint !== null && config.entrypoint.length > 0 && config.cmd?.[0] !== undefined) mention(config.cmd[0], 'Cmd');
      return end(told.error === null ? null : `${resolved.path}: ${told.error.message}`, told.inspection);
    }
    for (const path of told.paths) mention(path, resolved.path);
    const next = interpreterOf(told.script);
    if (next === null) return end(`${resolved.path} is a script whose first line names no interpreter`);
    if (next.program === null) name = next.interpreter;
    else {
      const env = tree.resolve(next.interpreter);
      if (env === null) {
        chain.push({ path: next.interpreter, by: 'interpreter', kind: null });
        return end(`${next.interpreter}, the interpreter of ${resolved.path}, is not in the image`);
      }
      chain.push({ path: next.interpreter, by: 'interpreter', kind: 'program' });
      name = next.program;
    }
    by = 'interpreter';
  }
  return end(`more than ${SCRIPTS} scripts interpret each other`);
}
