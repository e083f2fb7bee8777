// The bill of materials in native images of GraalVM: CycloneDX, compressed by gzip, at the symbol `sbom` (com.oracle.svm, extract-sbom).

import { inflateAll } from '../bytes/inflate.ts';
import { BinspectError } from '../errors.ts';
import type { Component } from '../model/bom.ts';
import { jsonObject, textOf } from './json-list.ts';

/** The symbols that say where the list begins, and where its length of eight bytes stands. */
export const SBOM_SYMBOLS = ['sbom', 'sbom_length'] as const;

const MOST_TEXT = 32 * 1024 * 1024;
const MOST_COMPONENTS = 100_000;

/** Bytes behind gzip's header of ten bytes; a name or other fields in it come from no native image. */
function deflated(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8 || bytes[3] !== 0 || bytes.length < 18) throw new BinspectError('malformed', 'it does not begin as gzip does');
  return bytes.subarray(10);
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** The components of the list, in its order, and what it says of one's need of another. Throws `malformed`, `truncated` and `limit-exceeded`. */
export function parseNativeImage(bytes: Uint8Array): readonly Component[] {
  const bom = jsonObject(inflateAll(deflated(bytes), MOST_TEXT));
  const list = bom['components'];
  if (bom['bomFormat'] !== 'CycloneDX' || !Array.isArray(list)) throw new BinspectError('malformed', 'it is not a CycloneDX document with components');
  const main = objectOf(objectOf(bom['metadata'])['component']);
  const all = [...(textOf(main['name']) === null ? [] : [main]), ...(list as unknown[]).map(objectOf)];
  if (all.length > MOST_COMPONENTS) throw new BinspectError('limit-exceeded', `${all.length} components, where ${MOST_COMPONENTS} are the most that is read`);
  const positions = new Map(all.map((one, index) => [textOf(one['bom-ref']), index]));
  const edges = new Map<string | null, number[]>();
  for (const one of (Array.isArray(bom['dependencies']) ? (bom['dependencies'] as unknown[]) : []).map(objectOf)) {
    const needs = Array.isArray(one['dependsOn']) ? (one['dependsOn'] as unknown[]) : [];
    edges.set(textOf(one['ref']), needs.flatMap((ref) => positions.get(textOf(ref)) ?? []));
  }
  return all.map((one, index): Component => {
    const [name, group, purl, ref] = [textOf(one['name']), textOf(one['group']), textOf(one['purl']), textOf(one['bom-ref'])];
    if (name === null) throw new BinspectError('malformed', `component ${index} has no name`);
    return {
      from: 'native-image',
      name: group === null ? name : `${group}/${name}`,
      version: textOf(one['version']),
      purl: purl?.startsWith('pkg:') === true ? purl : null,
      main: one === main,
      kind: 'runtime',
      source: null,
      dependencies: ref === null ? null : (edges.get(ref) ?? null),
    };
  });
}
