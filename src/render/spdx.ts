// A bill of materials as SPDX 2.3 JSON (ISO/IEC 5962 with its later changes).

import type { Bom, BomComponent } from '../model/bom.ts';
import { escapedJson } from './json.ts';

const NOTHING_SAID = 'NOASSERTION';

/** SPDX identifiers by the components' names: letters, digits, dots and dashes, each given once. */
function identifiers(components: readonly BomComponent[]): Map<string, string> {
  const ids = new Map<string, string>();
  const taken = new Map<string, number>(); // how often a text came
  const given = new Set<string>();
  for (const { ref } of components) {
    const text = `SPDXRef-Package-${ref.replace(/^pkg:/, '').replace(/[^A-Za-z0-9.-]/g, '-')}`;
    let count = (taken.get(text) ?? 0) + 1;
    let id = count === 1 ? text : `${text}-${count}`;
    while (given.has(id)) id = `${text}-${++count}`;
    taken.set(text, count);
    given.add(id);
    ids.set(ref, id);
  }
  return ids;
}

/** What the format has no field for, a line each. Sums of modules stand in sourceInfo, and what a program was built with nowhere. */
function remarks({ type, properties, file }: BomComponent): string | undefined {
  if (type === 'application' || file !== null) return undefined;
  const lines = properties.filter(({ name }) => name !== SUM).map(({ name, value }) => `${name}=${value}`);
  return lines.length === 0 ? undefined : lines.join('\n');
}

const SUM = 'binspect:go:sum';

function sourceInfo({ properties }: BomComponent): string | undefined {
  const sums = properties.filter(({ name }) => name === SUM).map(({ value }) => `go.sum ${value}`);
  return sums.length === 0 ? undefined : sums.join('\n');
}

function packageOf(component: BomComponent, id: string): Record<string, unknown> {
  const { type, name, version, license, publisher, file, purl, cpe } = component;
  const references = [
    ...(purl === null ? [] : [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }]),
    ...(cpe === null ? [] : [{ referenceCategory: 'SECURITY', referenceType: 'cpe23Type', referenceLocator: cpe }]),
  ];
  return {
    SPDXID: id,
    name,
    versionInfo: version ?? undefined,
    downloadLocation: NOTHING_SAID,
    filesAnalyzed: false,
    licenseConcluded: NOTHING_SAID,
    licenseDeclared: license ?? NOTHING_SAID,
    copyrightText: NOTHING_SAID,
    packageFileName: file?.name,
    primaryPackagePurpose: type === 'application' ? 'APPLICATION' : 'LIBRARY',
    checksums: file === null ? undefined : [{ algorithm: 'SHA256', checksumValue: file.sha256 }],
    supplier: publisher === null ? NOTHING_SAID : `Organization: ${publisher}`,
    sourceInfo: sourceInfo(component),
    comment: remarks(component),
    externalRefs: references.length === 0 ? undefined : references,
  };
}

/** The document, with two spaces a level and a final newline. `version` is binspect's own; `created` has to be there. */
export function renderSpdx(bom: Bom & { readonly created: string }, version: string): string {
  const packages = [bom.main, ...bom.components];
  const ids = identifiers(packages);
  const idOf = (ref: string): string => ids.get(ref) as string;
  const dynamic = new Set(packages.filter((one) => one.dynamic).map(({ ref }) => ref));
  const relationships = [
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: idOf(bom.main.ref) },
    ...bom.dependencies.flatMap(({ ref, dependsOn }) =>
      dependsOn.map((other) => ({ spdxElementId: idOf(ref), relationshipType: dynamic.has(other) ? 'DYNAMIC_LINK' : 'DEPENDS_ON', relatedSpdxElement: idOf(other) })),
    ),
    ...bom.dependencies
      .filter((one) => one.aggregate === 'incomplete')
      .map(({ ref }) => ({ spdxElementId: idOf(ref), relationshipType: 'DEPENDS_ON', relatedSpdxElement: NOTHING_SAID, comment: 'The file has no list of what is in it: this document is incomplete.' })),
  ];
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: bom.name,
    documentNamespace: `https://spdx.org/spdxdocs/binspect-${encodeURIComponent(bom.name)}-${bom.uuid}`,
    comment: bom.remarks.length === 0 ? undefined : bom.remarks.join('\n'),
    creationInfo: { created: bom.created, creators: [`Tool: binspect-${version}`] },
    packages: packages.map((one) => packageOf(one, idOf(one.ref))),
    relationships,
  };
  return `${escapedJson(JSON.stringify(document, null, 2))}\n`;
}
