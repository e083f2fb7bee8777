// A bill of materials as CycloneDX 1.6 JSON (ECMA-424).

import type { Bom, BomComponent } from '../model/bom.ts';
import { escapedJson } from './json.ts';

/** An object without its keys that have nothing to say: the format has no null. */
function told(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)));
}

function component({ type, ref, publisher, name, version, scope, license, cpe, purl, file, properties }: BomComponent): Record<string, unknown> {
  return told({
    type,
    'bom-ref': ref,
    publisher,
    name,
    version,
    scope,
    licenses: license === null ? null : [{ license: { id: license } }],
    cpe,
    purl,
    hashes: file === null ? null : [{ alg: 'SHA-256', content: file.sha256 }],
    properties,
  });
}

/** Which components' lists are complete, in one entry for each answer. Nothing is said where there is nothing to say it of. */
function compositions({ dependencies }: Bom): { aggregate: string; dependencies: string[] }[] {
  return (['complete', 'incomplete', 'unknown'] as const)
    .map((aggregate) => ({ aggregate, dependencies: dependencies.filter((one) => one.aggregate === aggregate).map(({ ref }) => ref) }))
    .filter((one) => one.dependencies.length > 0);
}

/** The document, with two spaces a level and a final newline. `version` is binspect's own. */
export function renderCycloneDx(bom: Bom, version: string): string {
  const properties = [
    ...(bom.reproducible ? [{ name: 'cdx:reproducible', value: 'true' }] : []),
    ...bom.remarks.map((value) => ({ name: 'binspect:remark', value })),
  ];
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${bom.uuid}`,
    version: 1,
    metadata: told({
      timestamp: bom.created,
      lifecycles: [{ phase: 'post-build' }],
      tools: { components: [{ type: 'application', name: 'binspect', version }] },
      component: component(bom.main),
      properties,
    }),
    components: bom.components.map(component),
    dependencies: bom.dependencies.map(({ ref, dependsOn }) => told({ ref, dependsOn })),
    compositions: compositions(bom),
  };
  return `${escapedJson(JSON.stringify(document, null, 2))}\n`;
}
