// The list of packages in .NET programs of a single file: deps.json, among the files that the bundle has (dotnet/runtime, Microsoft.NET.HostModel/Bundle).

import type { Input } from '../bytes/input.ts';
import { find, needle } from '../bytes/search.ts';
import type { Stretch } from '../bytes/search.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import type { Component } from '../model/bom.ts';
import { purlOf } from '../sbom/purl.ts';
import { jsonObject, textOf } from './json-list.ts';

/** SHA-256 of ".net core bundle" and a line feed: it stands in the host's data, and the eight bytes before it say where the bundle's header is. */
const MARK = needle(Uint8Array.of(
  0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
  0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
)); // prettier-ignore

const SEARCHED = 128 * 1024; // of the host's data; hosts have the mark in the first 16 KiB
const MOST_HEADER = 4 * 1024 * 1024; // bytes of the header: a file's entry has some eighty
const MOST_PACKAGES = 100_000;
const MOST_EDGES = 1_000_000;
const DEPS_JSON = 3; // FileType.DepsJson

/** Little-endian 64 bits as a number; -1 for what no file has so many bytes of. */
function long(view: DataView, at: number): number {
  const value = view.getBigInt64(at, true);
  return value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : -1;
}

/** Where the bundle's header lies, by the mark in the host's data; null where there is no mark, or no bundle. */
function headerOf(image: Input, { at, length }: Stretch): number | null {
  const bytes = image.readUpTo(at, Math.min(length, SEARCHED), "the host's data").bytes();
  const found = find(bytes, MARK);
  if (found < 8) return null;
  const offset = long(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), found - 8);
  return offset > 0 && offset < image.size ? offset : null;
}

/** Where deps.json stands in a bundle, and whether it is compressed; null where the host's data have no bundle, or the bundle has none. Throws `malformed`. */
export function bundledDeps(image: Input, data: Stretch): { readonly at: Stretch; readonly compressed: boolean } | null {
  const header = headerOf(image, data);
  if (header === null) return null;
  const bytes = image.readUpTo(header, MOST_HEADER, "the bundle's header").bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const bad = (): BinspectError => new BinspectError('malformed', "the .NET bundle's header ends too soon", { offset: header });
  const need = (at: number, size: number): void => {
    if (at + size > bytes.length) throw bad();
  };
  /** Behind a text with its length before it, seven bits a byte. */
  const behindText = (from: number): number => {
    let size = 0;
    let at = from;
    for (let shift = 0; shift < 35; shift += 7) {
      need(at, 1);
      const byte = bytes[at++] as number;
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    need(at, size);
    return at + size;
  };
  need(0, 12);
  const major = view.getUint32(0, true);
  const count = view.getInt32(8, true);
  let at = behindText(12);
  if (major >= 2) {
    need(at, 40);
    const [offset, size] = [long(view, at), long(view, at + 8)];
    // The places of deps.json and of the configuration stand there only where they are not compressed; the entries have all of them.
    if (offset > 0 && size > 0) return { at: { at: offset, length: size }, compressed: false };
    at += 40;
  }
  for (let i = 0; i < count; i++) {
    const numbers = major >= 6 ? 24 : 16;
    need(at, numbers + 1);
    const [offset, size, packed] = [long(view, at), long(view, at + 8), major >= 6 ? long(view, at + 16) : 0];
    if (bytes[at + numbers] === DEPS_JSON && offset > 0) return { at: { at: offset, length: packed > 0 ? packed : size }, compressed: packed > 0 };
    at = behindText(at + numbers + 1);
  }
  return null;
}

/** 'Newtonsoft.Json/13.0.3' as a name and a version. */
function split(key: string): { name: string; version: string | null } {
  const slash = key.lastIndexOf('/');
  return slash === -1 ? { name: key, version: null } : { name: key.slice(0, slash), version: textOf(key.slice(slash + 1)) };
}

function recordOf(value: unknown): ReadonlyMap<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : new Map();
}

/** The libraries of a deps.json, in its order: packages, parts of the runtime, and the projects, of which the one that no other needs is the program. Throws `malformed` and `limit-exceeded`. */
export function parseDotnetDeps(bytes: Uint8Array): readonly Component[] {
  const text = decodeText(bytes);
  const deps = jsonObject(text.startsWith('\ufeff') ? bytes.subarray(3) : bytes);
  const libraries = recordOf(deps['libraries']);
  if (libraries.size === 0) throw new BinspectError('malformed', 'it has no libraries');
  if (libraries.size > MOST_PACKAGES) throw new BinspectError('limit-exceeded', `${libraries.size} libraries, where ${MOST_PACKAGES} are the most that is read`);
  const target = textOf(recordOf(deps['runtimeTarget']).get('name')) ?? textOf(deps['runtimeTarget']);
  const targets = recordOf(deps['targets']);
  const graph = recordOf(target === null ? [...targets.values()][0] : targets.get(target));
  const positions = new Map([...libraries.keys()].map((key, index) => [key.toLowerCase(), index]));
  const needed = new Set<number>();
  let edges = 0;
  const dependenciesOf = (key: string, own: number): number[] => {
    const found: number[] = [];
    for (const [name, version] of recordOf(recordOf(graph.get(key)).get('dependencies'))) {
      if (++edges > MOST_EDGES) throw new BinspectError('limit-exceeded', `more than ${MOST_EDGES} dependencies`);
      const position = positions.get(`${name}/${textOf(version) ?? ''}`.toLowerCase());
      if (position !== undefined && position !== own) found.push(position);
    }
    for (const one of found) needed.add(one);
    return found;
  };
  const listed = [...libraries].map(([key, value], index) => ({ ...split(key), type: textOf(recordOf(value).get('type')), dependencies: dependenciesOf(key, index) }));
  const program = listed.findIndex(({ type }, index) => type === 'project' && !needed.has(index));
  return listed.map(({ name, version, type, dependencies }, index) => ({
    from: 'dotnet-deps',
    name,
    version,
    purl: type === 'package' ? purlOf('nuget', name, version) : null, // the rest comes from no registry
    main: index === program,
    kind: 'runtime',
    source: type,
    dependencies,
  }));
}
