// The merged tree of an image's layers (OCI "Image Layer Filesystem Changeset"): whiteouts, opaque folders, hard links; and paths followed through its links.

import { BinspectError } from '../errors.ts';
import { layerPath } from './image-layer.ts';
import type { Layer, LayerEntry } from './image-layer.ts';

/** A folder. */
export interface Folder<T> {
  readonly kind: 'folder';
  layer: number;
  readonly children: Map<string, Node<T>>;
}

/** A file, a symbolic link, a device. Hard links are one node under several names. */
export interface Leaf<T> {
  readonly kind: 'file' | 'symlink' | 'other';
  readonly layer: number;
  readonly link: string | null;
  readonly mode: number | null;
  readonly size: number | null;
  readonly told: T | null;
  /** Its name in its layer's archive. */
  readonly entry: string;
}

export type Node<T> = Folder<T> | Leaf<T>;

/** Where a path leads, links followed. */
export interface Resolved<T> {
  /** From the root, with a slash before it. */
  readonly path: string;
  readonly node: Node<T>;
}

const HOPS = 40; // as many links as Linux follows
const STEPS = 4096; // names on the way, those of links among them: a path of PATH_MAX has half as many

/** The tree. */
export class ImageTree<T> {
  readonly root: Folder<T> = { kind: 'folder', layer: -1, children: new Map() };
  /** What is wrong with the layers: a link to nothing, a whiteout of nothing in particular. */
  readonly problems: BinspectError[] = [];
  readonly #count: () => void;

  /** `count` is called for every entry and every folder that none names; it throws where there are too many. */
  constructor(count: () => void) {
    this.#count = count;
  }

  /** Lays a layer over those before it. Its whiteouts are of those only, whatever their order among its entries. */
  apply({ entries }: Layer<T>, layer: number): void {
    for (const { path } of entries) this.#whiteout(path);
    for (const entry of entries) if (!isMark(entry.path)) this.#put(entry, layer);
  }

  #whiteout(path: string): void {
    const at = path.lastIndexOf('/');
    const name = path.slice(at + 1);
    if (!name.startsWith('.wh.')) return;
    const folder = this.#literal(at === -1 ? '' : path.slice(0, at));
    if (name === '.wh.') this.problems.push(new BinspectError('malformed', `${path}: a whiteout without a name`));
    else if (name === '.wh..wh..opq') {
      if (folder?.kind === 'folder') folder.children.clear();
    } else if (!name.startsWith('.wh..wh.') && folder?.kind === 'folder') folder.children.delete(name.slice('.wh.'.length)); // others are AUFS's own
  }

  /** What lies at a path, no link followed. */
  #literal(path: string): Node<T> | null {
    let node: Node<T> | undefined = this.root;
    if (path === '') return node;
    for (const name of path.split('/')) {
      node = node.kind === 'folder' ? node.children.get(name) : undefined;
      if (node === undefined) return null;
    }
    return node;
  }

  #put(entry: LayerEntry<T>, layer: number): void {
    if (entry.path === '') return;
    this.#count();
    const at = entry.path.lastIndexOf('/');
    const name = entry.path.slice(at + 1);
    const folder = this.#folder(at === -1 ? [] : entry.path.slice(0, at).split('/'), layer);
    const before = folder.children.get(name);
    switch (entry.kind) {
      case 'folder':
        if (before?.kind === 'folder') before.layer = layer;
        else folder.children.set(name, { kind: 'folder', layer, children: new Map() });
        return;
      case 'hardlink': {
        const target = this.#linked(entry.link ?? '');
        if (target === null) {
          this.problems.push(new BinspectError('malformed', `${entry.path}: a hard link to ${entry.link ?? 'nothing'}, which is not there`));
          folder.children.delete(name);
        } else folder.children.set(name, target);
        return;
      }
      default: {
        const { kind, link, mode, size, told } = entry;
        folder.children.set(name, { kind, layer, link, mode, size, told, entry: entry.name });
      }
    }
  }

  /** What a hard link points to: never a folder. */
  #linked(link: string): Leaf<T> | null {
    const path = layerPath(link);
    if (path === null) return null;
    const literal = this.#literal(path);
    const node = literal ?? this.resolve(`/${path}`)?.node ?? null;
    return node === null || node.kind === 'folder' ? null : node;
  }

  /** The folder at a path of a layer, made where it is not there. A link of the same layer is gone through, as unpacking does; anything else that is no folder is replaced. */
  #folder(names: readonly string[], layer: number): Folder<T> {
    let folder = this.root;
    let path = '';
    for (const name of names) {
      path += `/${name}`;
      let next = folder.children.get(name);
      if (next?.kind === 'symlink' && next.layer === layer) next = this.resolve(path)?.node;
      if (next?.kind !== 'folder') {
        this.#count();
        next = { kind: 'folder', layer, children: new Map() };
        folder.children.set(name, next);
      }
      folder = next;
    }
    return folder;
  }

  /** Where a path leads, links of every part of it followed; absolute ones from the tree's root, out of which none leads. Null where nothing is there. */
  resolve(path: string): Resolved<T> | null {
    const waiting = path.split('/').reverse();
    const way: { readonly name: string; readonly node: Node<T> }[] = [];
    let hops = 0;
    let steps = 0;
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (++steps > STEPS) return null;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        way.pop();
        continue;
      }
      const folder = way.at(-1)?.node ?? this.root;
      const node = folder.kind === 'folder' ? folder.children.get(name) : undefined;
      if (node === undefined) return null;
      if (node.kind !== 'symlink') {
        way.push({ name, node });
        continue;
      }
      const link = node.link ?? '';
      if (++hops > HOPS || link === '' || link.length > 4096) return null;
      if (link.startsWith('/')) way.length = 0;
      waiting.push(...link.split('/').reverse());
    }
    return { path: `/${way.map(({ name }) => name).join('/')}`, node: way.at(-1)?.node ?? this.root };
  }

  /** Every leaf with its path, in the order of names within each folder as they were first met. */
  *leaves(): Generator<{ readonly path: string; readonly leaf: Leaf<T> }, void, undefined> {
    const stack: { readonly path: string; readonly names: Iterator<[string, Node<T>]> }[] = [{ path: '', names: this.root.children.entries() }];
    for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
      const step = level.names.next();
      if (step.done === true) {
        stack.pop();
        continue;
      }
      const [name, node] = step.value;
      const path = `${level.path}/${name}`;
      if (node.kind === 'folder') stack.push({ path, names: node.children.entries() });
      else yield { path, leaf: node };
    }
  }
}

/** Whether a path is a whiteout, or lies below what AUFS keeps for itself. */
function isMark(path: string): boolean {
  return path.split('/').some((name, index, names) => name.startsWith('.wh.') && (index === names.length - 1 || name.startsWith('.wh..wh.')));
}
