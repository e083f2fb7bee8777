// What only WebAssembly has: what a module or a component asks for, what it offers, who made it, and what it is made of.

/** What an import or an export is. `module`, `component`, `instance`, `type` and `value` exist in components only. */
export type WasmExternal = 'function' | 'table' | 'memory' | 'global' | 'tag' | 'module' | 'component' | 'instance' | 'type' | 'value';

/** Something that the host or another module has to bring. */
export interface WasmImport {
  /** The module that it is imported from: 'wasi_snapshot_preview1'; null in components, whose imports have one name. */
  readonly module: string | null;
  /** Its name: 'fd_write'; in components the interface: 'wasi:cli/environment@0.2.3'. */
  readonly name: string;
  /** What it is. */
  readonly kind: WasmExternal;
}

/** Something that a host or another module may use. */
export interface WasmExport {
  /** '_start'; in components often an interface: 'wasi:cli/run@0.2.3'. */
  readonly name: string;
  /** What it is. */
  readonly kind: WasmExternal;
}

/** A linear memory: one that is imported, or the module's own. */
export interface WasmMemory {
  /** Whether the host brings it. */
  readonly imported: boolean;
  /** Pages at the beginning. More than 2^53 - 1 reads as that. */
  readonly minimum: number;
  /** The most pages that it may grow to; null without a bound. */
  readonly maximum: number | null;
  /** Whether threads may share it. */
  readonly shared: boolean;
  /** Width of its addresses. */
  readonly bits: 32 | 64;
  /** Bytes of a page: 65536 unless the module says otherwise. */
  readonly pageSize: number;
}

/** A feature of the instruction set beyond the first version of WebAssembly. */
export interface WasmFeature {
  /** 'simd128', 'bulk-memory', 'threads'. */
  readonly name: string;
  /** `used`: the compiler was allowed to use it. `forbidden`: it must not be linked with code that uses it. `required`: all code must use it. */
  readonly use: 'used' | 'forbidden' | 'required';
  /** What says so: the custom section target_features, or the module's own structure. */
  readonly from: 'target_features' | 'structure';
}

/** A language, a tool or an SDK that took part, by the custom section producers. */
export interface WasmProducer {
  /** 'language', 'processed-by', 'sdk'. */
  readonly field: string;
  /** 'Rust', 'clang'. */
  readonly name: string;
  /** Often empty. */
  readonly version: string;
}

/** A whole module or component inside a component. */
export interface WasmPart {
  /** Which of the two it is. */
  readonly kind: 'module' | 'component';
  /** Position of its preamble in the file, in bytes. */
  readonly offset: number;
  /** Bytes of it, the preamble included. */
  readonly size: number;
  /** 1 for what lies in the outermost component, 2 for what lies in one of its parts, … */
  readonly depth: number;
  /** The name that its name section gives it, or the component around it; null without one. */
  readonly moduleName: string | null;
  /** Who made it, by its own section producers. */
  readonly producers: readonly WasmProducer[];
}

/** What only WebAssembly has. */
export interface WasmDetail {
  /** The preamble's version: 1 for modules, 13 for components. */
  readonly version: number;
  /** The preamble's layer: 0 is a module, 1 a component. */
  readonly layer: number;
  /** The layer's name. */
  readonly layerName: 'module' | 'component';
  /** Sections at the top level. */
  readonly sections: number;
  /** How many imports there are; of more than 100,000 the rest is not counted. */
  readonly importCount: number;
  /** How many exports there are, counted likewise. */
  readonly exportCount: number;
  /** The first 10,000, with `facts: 'all'`; null with 'main'. */
  readonly imports: readonly WasmImport[] | null;
  /** The first 10,000, with `facts: 'all'`; null with 'main'. */
  readonly exports: readonly WasmExport[] | null;
  /** Imported ones first. */
  readonly memories: readonly WasmMemory[];
  /** Null where nothing shows: what is not listed may be used all the same. */
  readonly features: readonly WasmFeature[] | null;
  /** Who made it; empty without such a section. */
  readonly producers: readonly WasmProducer[];
  /** The modules and components inside a component, outer ones before what lies in them. */
  readonly parts: readonly WasmPart[];
  /** The module's name for people, by the name section. */
  readonly moduleName: string | null;
  /** The index of the function that runs when the module is instantiated; null without one. */
  readonly start: number | null;
  /** The export that a host calls to run it: '_start', 'run', 'wasi:cli/run@0.2.3', '_initialize'; null without one. */
  readonly entry: string | null;
  /** The address of a source map (sourceMappingURL); null without one. */
  readonly sourceMap: string | null;
  /** The address of a file with the debug information (external_debug_info); null without one. */
  readonly debugFile: string | null;
}
