// A bill of materials as plain data: what CycloneDX and SPDX documents are written from.

/** Something that a list inside an executable says is in it. Anybody can write such a list: nothing in it is proved. */
export interface Component {
  /** Which list names it. */
  readonly from: 'go' | 'cargo-auditable' | 'package-note' | 'native-image' | 'dotnet-deps';
  /** 'serde'. */
  readonly name: string;
  /** As the list writes it; null where it does not. */
  readonly version: string | null;
  /** Its package URL; null where the list does not say where the package comes from. */
  readonly purl: string | null;
  /** Whether it is the program itself, or the package that the program belongs to. */
  readonly main: boolean;
  /** Whether it is in the program, or only helped to build it. */
  readonly kind: 'runtime' | 'build';
  /** 'crates.io', 'local', 'git', 'package', 'project' …, as the list writes it; null where it does not. */
  readonly source: string | null;
  /** Positions in this list of what it depends on; null where the list does not say. */
  readonly dependencies: readonly number[] | null;
}

/** A word and its value that a component carries. */
export interface BomProperty {
  /** 'binspect:go:sum'. */
  readonly name: string;
  /** As written in the file. */
  readonly value: string;
}

/** A component of a bill of materials. Null stands for what is not known, and is left out of documents. */
export interface BomComponent {
  /** What it is: a program, or something that is in one. */
  readonly type: 'application' | 'library';
  /** What names it within the document; no two components have the same. */
  readonly ref: string;
  /** A module's path, a package's or a file's name. */
  readonly name: string;
  /** As the list that names it writes it. */
  readonly version: string | null;
  /** A package URL (ECMA-427). */
  readonly purl: string | null;
  /** CPE 2.3, as a formatted string. */
  readonly cpe: string | null;
  /** An SPDX licence identifier. */
  readonly license: string | null;
  /** Who made it. */
  readonly publisher: string | null;
  /** `required` is in the file or is needed to start it; `optional` may be absent, `excluded` only helped to build it; null for programs. */
  readonly scope: 'required' | 'optional' | 'excluded' | null;
  /** The file that it is; null for what is inside one. */
  readonly file: { readonly name: string; readonly sha256: string } | null;
  /** Whether a loader brings it at run time. */
  readonly dynamic: boolean;
  /** In a fixed order. */
  readonly properties: readonly BomProperty[];
}

/** What one component depends on. */
export interface BomDependency {
  /** The component. */
  readonly ref: string;
  /** The components that it depends on, each once. */
  readonly dependsOn: readonly string[];
  /** Whether that list has everything. `unknown` is what nothing in a file tells. */
  readonly aggregate: 'complete' | 'incomplete' | 'unknown';
}

/** A bill of materials. */
export interface Bom {
  /** The name of the file, or of the whole that several files make. */
  readonly name: string;
  /** A UUID that follows from the name and the files' digests, lower case. */
  readonly uuid: string;
  /** RFC 3339 in UTC, in whole seconds; null where no time is stated. */
  readonly created: string | null;
  /** Whether the document says that writing it again gives the same bytes. */
  readonly reproducible: boolean;
  /** What the document is about. */
  readonly main: BomComponent;
  /** What is in it, in the order of the files and of their lists. */
  readonly components: readonly BomComponent[];
  /** Of every component one, `main` first. */
  readonly dependencies: readonly BomDependency[];
  /** What had to be left out or altered to make a valid document. */
  readonly remarks: readonly string[];
}
