// From inspections to a bill of materials: what a file is, what is in it, and what nothing in it tells.

import { BinspectError } from '../errors.ts';
import type { Binary, Inspection } from '../model/binary.ts';
import type { Bom, BomComponent, BomDependency, BomProperty, Component } from '../model/bom.ts';
import { goAggregate, goLibraries, goProgram } from './go-modules.ts';
import { wellFormed } from './purl.ts';
import { uuidOf } from './uuid.ts';

/** What a bill of materials is made with. */
export interface BomSettings {
  readonly kind: 'cyclonedx' | 'spdx';
  readonly created: string | null;
  readonly reproducible: boolean;
  readonly native: boolean;
}

type Part = Omit<BomComponent, 'ref'>;
type Aggregate = BomDependency['aggregate'];

/** Raised where the same file comes to another document. */
const MAPPING = 1;

/** Properties in a list's order, without equal ones. */
function distinct(properties: readonly BomProperty[]): BomProperty[] {
  return [...new Map(properties.map((one) => [JSON.stringify([one.name, one.value]), one])).values()];
}

/** A file's own name; without its folders it is the same wherever it lies. */
function baseName(path: string | null): string {
  return path === null ? 'unnamed' : path === '-' ? 'stdin' : (path.split(/[/\\]/).findLast((part) => part !== '') ?? 'unnamed');
}

function slicesOf(binaries: readonly Binary[]): string[] {
  return [...new Set(binaries.map(({ platform }) => platform.go ?? platform.oci ?? platform.triple).filter((word) => word !== null))];
}

/** The package of a distribution that a file says it belongs to. */
function packageProperty({ name, version, purl }: Component): BomProperty {
  return { name: 'binspect:package', value: purl ?? (version === null ? name : `${name}@${version}`) };
}

/** A library that a list names, which is not the program itself. */
function listedLibrary({ name, version, purl, kind, source, from }: Component): Part {
  return {
    type: 'library',
    name,
    version,
    purl,
    cpe: null,
    license: null,
    publisher: null,
    scope: kind === 'build' ? 'excluded' : 'required',
    file: null,
    dynamic: false,
    properties: [{ name: 'binspect:list', value: from }, ...(source === null ? [] : [{ name: 'binspect:source', value: source }])],
  };
}

/** What a file is: what its Go build or its version resource call it, or its name. */
function program({ path, size, sha256, binaries }: Inspection): Part {
  if (sha256 === null) throw new BinspectError('invalid-argument', 'a bill of materials names the digest of its file: inspect it with { hash: true }');
  const file = { name: baseName(path), sha256 };
  const properties: BomProperty[] = [
    { name: 'binspect:file:name', value: file.name },
    { name: 'binspect:file:size', value: String(size) },
    ...slicesOf(binaries).map((value) => ({ name: 'binspect:platform', value })),
    ...binaries.flatMap(({ components }) => components.filter((one) => one.from === 'package-note').map(packageProperty)),
  ];
  const library = binaries.length > 0 && binaries.every(({ kind }) => kind === 'shared-library' || kind === 'bundle');
  const part: Part = { type: library ? 'library' : 'application', name: file.name, version: null, purl: null, cpe: null, license: null, publisher: null, scope: null, file, dynamic: false, properties };
  const builds = binaries.flatMap(({ go }) => (go === null ? [] : [goProgram(go)]));
  const [build] = builds;
  if (build !== undefined) {
    const { name, version, purl } = build;
    return { ...part, name: name === null || name === '' ? file.name : name, version, purl, properties: distinct([...properties, ...builds.flatMap((one) => one.properties)]) };
  }
  const listed = binaries.flatMap(({ components }) => components.filter((one) => one.main && one.from !== 'go'));
  const own = listed.find((one) => one.from !== 'package-note') ?? listed[0];
  if (own !== undefined) return { ...part, name: own.name, version: own.version, purl: own.purl };
  const resource = binaries[0]?.identity.version ?? null;
  if (resource === null) return part;
  const words = (text: string | null): string | null => (text === null || text.trim() === '' ? null : text.trim());
  const name = words(resource.productName) ?? words(resource.fileDescription) ?? file.name;
  const version = words(resource.productVersion) ?? words(resource.fileVersion) ?? resource.fixedProductVersion ?? resource.fixedFileVersion;
  return { ...part, name, version, publisher: words(resource.companyName) };
}

/** The libraries that a loader brings. The file says their names, and nothing of their versions. */
function needed({ dependencies }: Binary): Part[] {
  return dependencies.map(({ name, kind }) => ({
    type: 'library',
    name,
    version: null,
    purl: null,
    cpe: null,
    license: null,
    publisher: null,
    scope: kind === 'weak' ? 'optional' : 'required',
    file: null,
    dynamic: true,
    properties: [{ name: 'binspect:needed', value: 'true' }],
  }));
}

/** What names a component where there is no package URL. */
function refOf({ purl, file, dynamic, name, version }: Part): string {
  if (purl !== null) return purl;
  if (file !== null) return `file:${encodeURIComponent(wellFormed(file.name))}:sha256:${file.sha256}`;
  return `${dynamic ? 'needed' : 'listed'}:${encodeURIComponent(wellFormed(name))}${version === null ? '' : `@${encodeURIComponent(wellFormed(version))}`}`;
}

/** Text as documents can have it. */
function clean(part: Part): Part {
  const text = (value: string | null): string | null => (value === null ? null : wellFormed(value));
  return {
    ...part,
    name: wellFormed(part.name) || 'unnamed',
    version: text(part.version),
    publisher: text(part.publisher),
    file: part.file === null ? null : { ...part.file, name: wellFormed(part.file.name) },
    properties: part.properties.map(({ name, value }) => ({ name: wellFormed(name), value: wellFormed(value) })),
  };
}

/** A document in the making: its components by their names in it. */
class Gathering {
  readonly components: Map<string, BomComponent> = new Map();
  readonly edges: Map<string, BomDependency> = new Map();
  readonly remarks: Set<string> = new Set();

  /** Adds a file, and gives the name that it has in the document. */
  addFile(inspection: Inspection, native: boolean): BomComponent {
    const part = this.#clean(program(inspection));
    let ref = refOf(part);
    if (this.components.has(ref)) ref = `${ref}:sha256:${part.file?.sha256 ?? ''}`; // the same program for another platform
    for (let copy = 2; this.components.has(ref); copy++) ref = `${refOf(part)}:${copy}`;
    const main = { ...part, ref };
    this.components.set(ref, main);
    const slices = new Map<string, Set<string>>(); // of each part
    const aggregates = inspection.binaries.map((binary) => this.#addParts(binary, native, ref, slices));
    const all = slicesOf(inspection.binaries).length;
    for (const [part, its] of slices) {
      if (its.size < all) this.#describe(part, [...its].map((value) => ({ name: 'binspect:slice', value })));
    }
    this.edges.set(ref, { ref, dependsOn: [...slices.keys()], aggregate: worst(aggregates) });
    return main;
  }

  #clean(part: Part): Part {
    const result = clean(part);
    if (JSON.stringify(result) !== JSON.stringify(part) && part.name !== '') this.remarks.add(`text of ${result.name} is no Unicode: U+FFFD stands in its place`);
    return result;
  }

  #describe(ref: string, properties: readonly BomProperty[]): void {
    const known = this.components.get(ref) as BomComponent;
    this.components.set(ref, { ...known, properties: distinct([...known.properties, ...properties]) });
  }

  #addParts(binary: Binary, native: boolean, main: string, slices: Map<string, Set<string>>): Aggregate {
    const own = new Set<string>(); // of one list: Go names no module twice
    const [slice] = slicesOf([binary]);
    const add = (one: Part): string => {
      const part = this.#clean(one);
      const ref = refOf(part);
      if (ref === main || own.has(ref)) {
        this.remarks.add(`${wellFormed(ref)} stands in a list more than once; the first is kept`);
        return ref;
      }
      own.add(ref);
      let its = slices.get(ref);
      if (its === undefined) slices.set(ref, (its = new Set()));
      if (slice !== undefined) its.add(slice);
      if (this.components.has(ref)) this.#describe(ref, part.properties);
      else this.components.set(ref, { ...part, ref });
      return ref;
    };
    const listed = binary.components.filter(({ from }) => from !== 'go'); // of Go its build says more
    const complete = listed.some(({ from }) => from === 'cargo-auditable' || from === 'dotnet-deps' || from === 'native-image');
    for (const one of [...(binary.go === null ? [] : goLibraries(binary.go)), ...(native ? needed(binary) : [])]) add(one);
    this.#addListed(listed.map((one) => ({ ...one, dependencies: one.dependencies?.map((index) => index - (binary.components.length - listed.length)) ?? null })), main, add);
    if (binary.go !== null) return goAggregate(binary.go);
    return complete ? 'complete' : 'incomplete';
  }

  /** What lists name, with what they say of one's need of another. */
  #addListed(list: readonly Component[], main: string, add: (one: Part) => string): void {
    const refs = list.map((one) => (one.main ? main : add(listedLibrary(one))));
    const uses = new Map<string, Set<string>>();
    for (const [index, { main: isMain, dependencies }] of list.entries()) {
      const ref = refs[index] as string;
      if (isMain || dependencies === null || ref === main) continue;
      let its = uses.get(ref);
      if (its === undefined) uses.set(ref, (its = new Set(this.edges.get(ref)?.dependsOn ?? [])));
      for (const one of dependencies) its.add(refs[one] as string);
    }
    for (const [ref, its] of uses) this.edges.set(ref, { ref, dependsOn: [...its], aggregate: 'complete' });
  }

  /** The whole document. */
  bom(main: BomComponent, identity: string, name: string, settings: BomSettings): Bom {
    const components = [...this.components.values()].filter((one) => one.ref !== main.ref);
    const rest = components.map(({ ref }): BomDependency => this.edges.get(ref) ?? { ref, dependsOn: [], aggregate: 'unknown' });
    const { created, reproducible, kind } = settings;
    return {
      name,
      uuid: uuidOf(`binspect:sbom:${kind}:${MAPPING}:${identity}`),
      created,
      reproducible,
      main,
      components,
      dependencies: [this.edges.get(main.ref) as BomDependency, ...rest],
      remarks: [...this.remarks],
    };
  }
}

/** The least that is known of several lists. */
function worst(aggregates: readonly Aggregate[]): Aggregate {
  for (const one of ['incomplete', 'unknown'] as const) if (aggregates.includes(one)) return one;
  return aggregates.length === 0 ? 'incomplete' : 'complete';
}

function identityOf({ file }: BomComponent): string {
  return `${file?.name ?? ''}:sha256:${file?.sha256 ?? ''}`;
}

/** The bill of materials of one file. Throws `invalid-argument` for an inspection without a digest. */
export function bomOf(inspection: Inspection, settings: BomSettings): Bom {
  const gathering = new Gathering();
  const main = gathering.addFile(inspection, settings.native);
  return gathering.bom(main, identityOf(main), main.file?.name ?? '', settings);
}

/** One bill of materials over several files, each of which is a component of what `name` names. */
export function mergedBom(inspections: readonly Inspection[], name: string, settings: BomSettings): Bom {
  const gathering = new Gathering();
  const ref = `merged:${encodeURIComponent(wellFormed(name))}`;
  const main: BomComponent = { type: 'application', ref, name: wellFormed(name), version: null, purl: null, cpe: null, license: null, publisher: null, scope: null, file: null, dynamic: false, properties: [] };
  gathering.components.set(ref, main);
  const files = inspections.map((inspection) => gathering.addFile(inspection, settings.native));
  gathering.edges.set(ref, { ref, dependsOn: files.map((file) => file.ref), aggregate: 'complete' });
  return gathering.bom(main, `${main.name}:merged:${files.map(identityOf).join(':')}`, main.name, settings);
}
