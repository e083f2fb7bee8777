// The library's face where there is no disk: hands names on, defines nothing. It has the names of index.ts except for what is
// nothing without one: scan, checkSums, verifyFiles, inspectHost and inspectProcess. A path or a URL is an error `unsupported`.

export { BinspectError, isBinspectError } from './errors.ts';
export type { Detected, ErrorCode, ErrorDetails } from './errors.ts';
export { LIMITS } from './limits.ts';
export type { Limits } from './limits.ts';
export { hash, inspect, inspectSync, mapFile } from './inspect/inspect-web.ts';
export type { MapFileOptions } from './inspect/examine.ts';
export { renderSvg } from './render/svg.ts';
export type { SvgOptions } from './render/svg.ts';
export type { Inside } from './model/container.ts';
export type { Content, FileMap, Region, RegionKind } from './model/regions.ts';
export type { HashOptions, InspectOptions } from './inspect/examine.ts';
export { parseChecksums } from './checksums/parse.ts';
export type { ParseOptions } from './checksums/parse.ts';
export type { ChecksumEntry, ChecksumList, LineStyle, ListEncoding, MalformedLine } from './checksums/list.ts';
export { formatChecksums } from './checksums/format.ts';
export type { ChecksumLine, ChecksumStyle, FormatOptions } from './checksums/format.ts';
export { verify } from './verify/verify.ts';
export type { VerifyOptions } from './verify/verify.ts';
export { parsePolicy } from './verify/policy/policy.ts';
export type {
  Artifact,
  Expectations,
  Failure,
  FileVerdict,
  Finding,
  PackagePlatforms,
  PassedOverCounts,
  Policy,
  PolicyExpectations,
  PolicySums,
  RuleId,
  ProofRuleId,
  RunsRuleId,
  SameFile,
  Status,
  Summary,
  Verdict,
  VerifyReport,
  Waiver,
} from './model/verdict.ts';
export { runsOn } from './verify/runs/judge.ts';
export type { Emulator, Host, HostLibc, HostLibrary, HostNode } from './model/host.ts';
export { renderReport } from './render/report.ts';
export type { ReportForm, ReportOptions } from './render/report.ts';
export type { ReportChanges, ReportDetail } from './render/report-data.ts';
export { formatGoVersion } from './render/go-version.ts';
export type { GoVersionOptions } from './render/go-version.ts';
export { formatSbom } from './sbom/format.ts';
export type { SbomOptions } from './sbom/format.ts';
export { toJSON } from './render/json.ts';
export type { InspectInput as Input } from './bytes/given.ts';
export type { ByteSource } from './bytes/source.ts';
export type { ComparedFile, ComparedPath, Comparison, ComparisonVerdict, DifferenceClass, FactChange, Ignorable, NamedValue, Place, RegionChange, Run } from './model/comparison.ts';
export type { Arch, Libc, Os, Platform } from './model/platform.ts';
export type { Component } from './model/bom.ts';
export type { Hardening } from './model/hardening.ts';
export type {
  ByteRange,
  Certificate,
  CodeDirectoryCheck,
  CodeRequirement,
  Entitlements,
  Level,
  Levels,
  SignatureCheck,
  SignatureItem,
  SignatureProblem,
  SignatureState,
  SignatureTime,
  SpecialSlot,
  SubjectAttribute,
  TimestampCheck,
  UnsignedAttribute,
} from './model/signature.ts';
export type { RootsInput, SignatureOptions } from './signature/settings.ts';
export type { Identity, Overlay, Signature, VersionResource } from './model/identity.ts';
export type {
  Auxiliary,
  Binary,
  BinaryFacts,
  Dependency,
  DependencyKind,
  ElfBinary,
  ElfDetail,
  Facts,
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
  PointerAuthentication,
  SearchPath,
  SymbolVersion,
  WasmBinary,
} from './model/binary.ts';
export type { WasmDetail, WasmExport, WasmExternal, WasmFeature, WasmImport, WasmMemory, WasmPart, WasmProducer } from './model/wasm.ts';
export type { Warning, WarningCode } from './model/warning.ts';
