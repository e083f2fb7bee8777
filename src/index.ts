// The library's face: hands names on, defines nothing.

export { BinspectError, isBinspectError } from './errors.ts';
export type { ErrorCode } from './errors.ts';
export { LIMITS } from './limits.ts';
export type { Limits } from './limits.ts';
export { inspect, inspectSync } from './inspect.ts';
export type { InspectOptions } from './inspect.ts';
export { scan } from './scan.ts';
export type { ScanItem, ScanOptions } from './scan.ts';
export { toJSON } from './render/json.ts';
export type { InspectInput as Input } from './bytes/open.ts';
export type { ByteSource } from './bytes/source.ts';
export type { Platform } from './model/platform.ts';
export type {
  Binary,
  BinaryFacts,
  Dependency,
  DependencyKind,
  ElfBinary,
  ElfDetail,
  Format,
  GoBuild,
  GoModule,
  GoSetting,
  Inspection,
  Kind,
  Linkage,
  Machine,
  MachOBinary,
  MachODetail,
  Minimums,
  PeBinary,
  PeDetail,
  SearchPath,
  Warning,
} from './model/binary.ts';
