// The library's face: hands names on, defines nothing.

export { BinspectError, isBinspectError } from './errors.ts';
export type { Detected, ErrorCode, ErrorDetails } from './errors.ts';
export { LIMITS } from './limits.ts';
export type { Limits } from './limits.ts';
export { inspect, inspectSync } from './inspect/inspect.ts';
export type { InspectOptions } from './inspect/examine.ts';
export { scan } from './files/scan.ts';
export type { ArchiveScanOptions, ImageItem, ImageScanOptions, ScanFailure, ScanItem, ScannedFile, ScanOptions } from './files/scan.ts';
export { inspectMembers } from './files/inspect-members.ts';
export type { MembersOptions } from './files/members.ts';
export { inspectImages } from './files/images.ts';
export type { ImagesOptions } from './files/images.ts';
export type { Entrypoint, EntrypointMention, EntrypointStep, Image, ImageBinary, ImageConfig, ImageLayer, ImagePlatform, MissingInterpreter } from './model/image.ts';
export type { Container, ContainerClaim, ContainerItem, InspectedMember, Inside, MemberFailure, MemberItem } from './model/container.ts';
export { mapFile } from './inspect/map-file.ts';
export type { MapFileOptions } from './inspect/examine.ts';
export { renderSvg } from './render/svg.ts';
export type { SvgOptions } from './render/svg.ts';
export type { Content, FileMap, Region, RegionKind } from './model/regions.ts';
export { hash } from './inspect/hash.ts';
export type { HashOptions } from './inspect/examine.ts';
export { parseChecksums } from './checksums/parse.ts';
export type { ParseOptions } from './checksums/parse.ts';
export type { ChecksumEntry, ChecksumList, LineStyle, ListEncoding, MalformedLine } from './checksums/list.ts';
export { formatChecksums } from './checksums/format.ts';
export type { ChecksumLine, ChecksumStyle, FormatOptions } from './checksums/format.ts';
export { checkSums } from './checksums/check.ts';
export type { FileDigest, HashedFile, PoolOptions, UnhashedFile } from './bytes/hash-pool.ts';
export type { CheckOptions, ChecksumResult, ChecksumStatus } from './checksums/check.ts';
export { verify } from './verify/verify.ts';
export type { VerifyOptions } from './verify/verify.ts';
export { verifyFiles } from './files/verify-files.ts';
export type { VerifyFilesOptions } from './files/verify-options.ts';
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
export { inspectHost } from './host/host.ts';
export { inspectProcess } from './host/process.ts';
export { runsOn } from './verify/runs/judge.ts';
export type { Emulator, Host, HostLibc, HostLibrary, HostNode, ProcessFile, ProcessMode, ProcessReport } from './model/host.ts';
export { verifyDetached } from './proofs/verify-detached.ts';
export type { DetachedOptions, DetachedProof, ProofInput } from './proofs/settings.ts';
export { compare } from './compare/compare.ts';
export type { CompareOptions } from './compare/compare.ts';
export type {
  ComparedFile,
  ComparedPath,
  Comparison,
  ComparisonVerdict,
  DifferenceClass,
  FactChange,
  Ignorable,
  NamedValue,
  Place,
  RegionChange,
  Run,
} from './model/comparison.ts';
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
