// The list of crates that `cargo auditable` puts into Rust programs: JSON, compressed as zlib does.

import { inflateAll } from '../bytes/inflate.ts';
import { BinspectError } from '../errors.ts';
import type { Component } from '../model/bom.ts';
import { purlOf } from '../sbom/purl.ts';
import { jsonObject, textOf } from './json-list.ts';

const MOST_TEXT = 8 * 1024 * 1024; // what the tools that read it allow
const MOST_PACKAGES = 100_000;
const MOST_EDGES = 1_000_000;

function bad(message: string): BinspectError {
  return new BinspectError('malformed', message);
}

/** The crates of a `.dep-v0` section, in the list's order. Throws `malformed`, `truncated` and `limit-exceeded`. */
export function parseAuditable(bytes: Uint8Array): readonly Component[] {
  const [method = 0, flags = 0] = bytes;
  if (bytes.length < 2 || (method & 0x0f) !== 8 || ((method << 8) | flags) % 31 !== 0 || (flags & 0x20) !== 0) throw bad('it does not begin as zlib does');
  const list = jsonObject(inflateAll(bytes.subarray(2), MOST_TEXT))['packages'];
  if (!Array.isArray(list)) throw bad('it has no list of packages');
  if (list.length > MOST_PACKAGES) throw new BinspectError('limit-exceeded', `${list.length} packages, where ${MOST_PACKAGES} are the most that is read`);
  let edges = 0;
  return list.map((entry: unknown, index): Component => {
    if (typeof entry !== 'object' || entry === null) throw bad(`package ${index} is not an object`);
    const fields = entry as Readonly<Record<string, unknown>>;
    const [name, version, source] = [textOf(fields['name']), textOf(fields['version']), textOf(fields['source'])];
    if (name === null) throw bad(`package ${index} has no name`);
    const dependencies = Array.isArray(fields['dependencies']) ? (fields['dependencies'] as unknown[]) : [];
    edges += dependencies.length;
    if (edges > MOST_EDGES) throw new BinspectError('limit-exceeded', `more than ${MOST_EDGES} dependencies`);
    for (const one of dependencies) if (!Number.isInteger(one) || (one as number) < 0 || (one as number) >= list.length) throw bad(`package ${index} depends on a package that is not there`);
    return {
      from: 'cargo-auditable',
      name,
      version,
      purl: source === 'crates.io' ? purlOf('cargo', name, version) : null, // without a registry the type claims crates.io
      main: fields['root'] === true,
      kind: fields['kind'] === 'build' ? 'build' : 'runtime',
      source,
      dependencies: [...new Set(dependencies as number[])],
    };
  });
}
