// The numbers of WebAssembly: the core specification (binary format), the component model's Binary.md, and the tool conventions.

/** The first four bytes, read as big-endian: '\0asm'. */
export const WASM_MAGIC = 0x0061_736d;

/** What stands behind the magic: a version and a layer, 16 bits each. */
export const PREAMBLE = {
  module: { version: 1, layer: 0 },
  component: { version: 13, layer: 1 }, // 13 is what comes before the standard
} as const;

/** Sections of a module. */
export const SECTION = {
  CUSTOM: 0,
  TYPE: 1,
  IMPORT: 2,
  FUNCTION: 3,
  TABLE: 4,
  MEMORY: 5,
  GLOBAL: 6,
  EXPORT: 7,
  START: 8,
  ELEMENT: 9,
  CODE: 10,
  DATA: 11,
  DATACOUNT: 12,
  TAG: 13,
} as const;

/** The order in which they have to stand, each at most once; custom ones stand anywhere. */
export const SECTION_ORDER: readonly number[] = [
  SECTION.TYPE, SECTION.IMPORT, SECTION.FUNCTION, SECTION.TABLE, SECTION.MEMORY, SECTION.TAG, SECTION.GLOBAL, SECTION.EXPORT, SECTION.START,
  SECTION.ELEMENT, SECTION.DATACOUNT, SECTION.CODE, SECTION.DATA,
]; // prettier-ignore

/** Sections of a component: in any order, each as often as it likes. */
export const COMPONENT_SECTION = {
  CUSTOM: 0,
  CORE_MODULE: 1,
  CORE_INSTANCE: 2,
  CORE_TYPE: 3,
  COMPONENT: 4,
  INSTANCE: 5,
  ALIAS: 6,
  TYPE: 7,
  CANON: 8,
  START: 9,
  IMPORT: 10,
  EXPORT: 11,
  VALUE: 12,
} as const;

/** What an import or an export of a module is. */
export const EXTERNAL = { FUNCTION: 0, TABLE: 1, MEMORY: 2, GLOBAL: 3, TAG: 4 } as const;

/** What an import or an export of a component is. */
export const SORT = { CORE: 0, FUNCTION: 1, VALUE: 2, TYPE: 3, COMPONENT: 4, INSTANCE: 5 } as const;

/** What SORT.CORE goes on with. */
export const CORE_SORT = { FUNCTION: 0, TABLE: 1, MEMORY: 2, GLOBAL: 3, TYPE: 0x10, MODULE: 0x11, INSTANCE: 0x12 } as const;

/** Bits before the limits of a memory or a table. */
export const LIMITS_FLAG = { MAXIMUM: 1, SHARED: 2, WIDE: 4, PAGE_SIZE: 8 } as const;

/** The first byte of a value's type; the two that go on with a heap type, a signed number of 33 bits, and the range of those that don't. */
export const VALUE_TYPE = { REF_NULL: 0x63, REF: 0x64, FIRST: 0x68, LAST: 0x7f, I16: 0x77, I8: 0x78 } as const;

/** Subsections of the custom section name. */
export const NAME = { MODULE: 0, FUNCTIONS: 1 } as const;

/** Subsections of the custom section component-name: the component's own name, and names of what is in it. */
export const COMPONENT_NAME = { COMPONENT: 0, SORTS: 1 } as const;

/** Subsections of dylink.0. */
export const DYLINK = { MEMORY_INFO: 1, NEEDED: 2, EXPORT_INFO: 3, IMPORT_INFO: 4, RUNTIME_PATH: 5 } as const;

/** Subsections of linking, behind its version. */
export const LINKING = { SYMBOL_TABLE: 8 } as const;

/** Custom sections by their names (tool conventions; Go's linker). */
export const CUSTOM = {
  NAME: 'name',
  COMPONENT_NAME: 'component-name',
  PRODUCERS: 'producers',
  TARGET_FEATURES: 'target_features',
  DYLINK: 'dylink.0',
  LINKING: 'linking',
  BUILD_ID: 'build_id',
  SOURCE_MAP: 'sourceMappingURL',
  EXTERNAL_DEBUG_INFO: 'external_debug_info',
  DEBUG_INFO: '.debug_info',
  GO_BUILD_ID: 'go:buildid',
  GO_BUILD_ID_OLD: 'go.buildid', // up to Go 1.19
} as const;

/** Bytes of a page of memory. */
export const PAGE_SIZE = 65_536;
