// Package notes: which package of a distribution an ELF file belongs to (systemd.io, ELF_PACKAGE_METADATA).

import { BinspectError } from '../errors.ts';
import type { Component } from '../model/bom.ts';
import { purlOf } from '../sbom/purl.ts';
import { jsonObject, textOf } from './json-list.ts';

/** Types of packages that package URLs have, and the distribution that stands in them where the note names none. */
const TYPES: ReadonlyMap<string, string | null> = new Map([['rpm', null], ['deb', 'debian'], ['apk', 'alpine'], ['alpm', 'arch']]); // prettier-ignore

/** The package of a note: JSON up to a NUL, with zeros behind it. Throws `malformed`. */
export function parsePackageNote(bytes: Uint8Array): readonly Component[] {
  const end = bytes.indexOf(0);
  const fields = jsonObject(end === -1 ? bytes : bytes.subarray(0, end));
  const [name, version, type, os] = [textOf(fields['name']), textOf(fields['version']), textOf(fields['type']), textOf(fields['os'])];
  if (name === null) throw new BinspectError('malformed', 'it names no package');
  const vendor = os ?? (type === null ? null : (TYPES.get(type) ?? null));
  const purl = type !== null && TYPES.has(type) && vendor !== null ? purlOf(type, `${vendor}/${name}`, version) : null;
  return [{ from: 'package-note', name, version, purl, main: true, kind: 'runtime', source: os, dependencies: null }];
}
