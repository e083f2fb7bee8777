// The tree of resources: types, names, languages, and at its leaves where the bytes are.

import { DIRECTORY } from './constants.ts';
import { directory } from './file.ts';
import type { PeFile } from './file.ts';
import {
  readResourceCount,
  readResourceData,
  readResourceEntry,
  RESOURCE_DATA_SIZE,
  RESOURCE_DIRECTORY_SIZE,
  RESOURCE_ENTRY_SIZE,
} from './structures.ts';
import type { ResourceData } from './structures.ts';

/** Levels of directories: the type, the name, the language. Windows looks no deeper. */
const LEVELS = 3;

const MOST_ENTRIES = 4096; // all those on the way to one resource; a program with many icons has hundreds

/** A search in the tree: what it has seen, and what it may still look at. */
interface Search {
  readonly base: number;
  readonly type: number | string;
  readonly name: number | string | null;
  readonly visited: Set<number>;
  left: number;
}

/**
 * The first resource of a type, or the one with a number, in the first language that it has; null where there is none, and, with a warning, where the tree can't
 * be followed. Directories may point at one another, so none is entered twice.
 */
export function firstResource(file: PeFile, type: number | string, name: number | string | null = null): ResourceData | null {
  const found = directory(file, DIRECTORY.RESOURCE);
  if (found === null) return null;
  const search: Search = { base: found.address, type, name, visited: new Set(), left: MOST_ENTRIES };
  const leaf = firstLeaf(file, search, 0, 0);
  if (search.left < 0) file.input.warn('limit-exceeded', `resources: more than ${MOST_ENTRIES} entries; the rest are left out`);
  return leaf;
}

function firstLeaf(file: PeFile, search: Search, at: number, level: number): ResourceData | null {
  if (search.visited.has(at)) return null;
  search.visited.add(at);
  const header = readPart(file, search.base + at, RESOURCE_DIRECTORY_SIZE, 'resource directory');
  const count = header === null ? 0 : readResourceCount(header.cursor());
  for (let i = 0; i < count && search.left-- > 0; i++) {
    const bytes = readPart(file, search.base + at + RESOURCE_DIRECTORY_SIZE + i * RESOURCE_ENTRY_SIZE, RESOURCE_ENTRY_SIZE, 'resource directory entry');
    if (bytes === null) return null;
    const { id, offset, isDirectory } = readResourceEntry(bytes.cursor());
    const isLast = level === LEVELS - 1;
    if (isDirectory === isLast || (level === 0 && !isNamed(file, search, search.type, id)) || (level === 1 && search.name !== null && !isNamed(file, search, search.name, id))) continue;
    const leaf = isLast ? readLeaf(file, search.base + offset) : firstLeaf(file, search, offset, level + 1);
    if (leaf !== null) return leaf;
  }
  return null;
}

/** Whether an entry's id is the one that is searched for: a number, or where its name stands (IMAGE_RESOURCE_DIR_STRING_U). */
function isNamed(file: PeFile, { base }: Search, type: number | string, id: number): boolean {
  if (typeof type === 'number') return id === type;
  if (id < 0x8000_0000) return false;
  const bytes = readPart(file, base + (id % 0x8000_0000), 2 + 2 * type.length, "a resource's name");
  return bytes !== null && bytes.u16(0) === type.length && [...type].every((character, index) => bytes.u16(2 + 2 * index) === character.charCodeAt(0));
}

function readLeaf(file: PeFile, address: number): ResourceData | null {
  const bytes = readPart(file, address, RESOURCE_DATA_SIZE, 'resource data entry');
  return bytes === null ? null : readResourceData(bytes.cursor());
}

function readPart({ input, memory }: PeFile, address: number, size: number, what: string): ReturnType<PeFile['memory']['read']> {
  const bytes = memory.read(BigInt(address), size, what);
  if (bytes === null) input.warn('resources-unmapped', `${what}: ${size} bytes at RVA 0x${address.toString(16)} are not in the file`);
  return bytes;
}
