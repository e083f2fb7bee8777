// What the types teach, held by the compiler (`npm run check`): nothing here runs. A union that stops narrowing as the documentation
// says, or a type that takes what it should refuse, is an error of types in this file.

import * as browser from '../src/browser.ts';
import * as index from '../src/index.ts';
import type {
  Binary,
  ByteSource,
  ChecksumResult,
  DependencyKind,
  ElfDetail,
  ErrorCode,
  Expectations,
  FileDigest,
  Finding,
  GoBuild,
  Input,
  Inspection,
  InspectOptions,
  Kind,
  MachODetail,
  PeDetail,
  Policy,
  ScanItem,
  Verdict,
  WasmDetail,
} from '../src/index.ts';

/** Whether two types are one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`. */
function holds<_ extends true>(): void {}

declare const inspection: Inspection;
declare const item: ScanItem;
declare const error: unknown;

/** A switch that forgets a case does not compile. */
const never = (value: never): never => value;

/** A binary's format tells which details it carries. */
export function details(binary: Binary): ElfDetail | MachODetail | PeDetail | WasmDetail | null {
  // @ts-expect-error: only an ELF binary has it
  void binary.elf;
  switch (binary.format) {
    case 'elf':
      return binary.elf;
    case 'mach-o':
      return binary.machO;
    case 'pe':
      return binary.pe;
    case 'wasm':
      return binary.wasm;
    default:
      return never(binary);
  }
}

/** A scanned file is an inspection or an error, never both. */
export function scanned(): string {
  // @ts-expect-error: it may be an error
  void item.inspection;
  if ('error' in item) {
    holds<Same<typeof item, index.ScanFailure>>();
    return item.error.code;
  }
  holds<Same<typeof item, index.ScannedFile>>();
  return item.inspection.format;
}

/** An unknown error is nothing until it is known to be binspect's; its code is one of a few. */
export function failure(): string {
  // @ts-expect-error: anything may have been thrown
  void error.code;
  if (!index.isBinspectError(error)) return 'not ours';
  const code: ErrorCode = error.code;
  switch (code) {
    case 'unsupported':
      return error.detected ?? 'something else';
    case 'unrecognized':
    case 'malformed':
    case 'truncated':
    case 'limit-exceeded':
    case 'io':
    case 'aborted':
    case 'invalid-policy':
    case 'invalid-argument':
      return error.message;
    default:
      return never(code);
  }
}

/** Four statuses, and no fifth by mistake. */
export function mark({ status }: Finding): string {
  switch (status) {
    case 'pass':
    case 'waived':
      return 'fine';
    case 'fail':
    case 'unknown':
      return 'not fine';
    default:
      return never(status);
  }
}

/** A digest is there exactly where no error is. */
export function digestOf(file: FileDigest): string {
  // @ts-expect-error: it may be null
  const early: string = file.sha256;
  return file.error === null ? file.sha256 : early;
}

/** What is unknown is null, and has to be looked at. */
export function unknowns({ pie, linkage, libraryName, entryPoint, stripped }: Binary, go: GoBuild): void {
  holds<Same<typeof pie, boolean | null>>();
  holds<Same<typeof stripped, boolean | null>>();
  holds<Same<typeof linkage, 'static' | 'dynamic' | null>>();
  holds<Same<typeof libraryName, string | null>>();
  holds<Same<typeof entryPoint, bigint | null>>();
  holds<Same<GoBuild['buildInfo'], 'present' | 'recovered' | 'absent'>>();
  if (entryPoint !== null) {
    // @ts-expect-error: an address is a bigint, and no offset
    void (entryPoint + inspection.size);
  }
  // @ts-expect-error: there may be no main module
  void go.main.path;
}

/** Nothing that is handed out can be changed by accident. */
export function frozen(): void {
  // @ts-expect-error: read-only
  inspection.size = 0;
  // @ts-expect-error: read-only
  inspection.binaries.push();
}

/** Words are of a closed list where the contract closes it, and open where a format is. */
export function words(): void {
  holds<Same<Inspection['format'], 'elf' | 'mach-o' | 'pe' | 'wasm'>>();
  holds<Same<Kind, 'executable' | 'shared-library' | 'relocatable' | 'core' | 'bundle' | 'driver' | 'debug-symbols' | 'other'>>();
  holds<Same<DependencyKind, 'required' | 'weak' | 'reexport' | 'upward' | 'lazy' | 'delay'>>();
  holds<Same<ChecksumResult['status'], 'ok' | 'mismatch' | 'missing' | 'unreadable' | 'malformed'>>();
  holds<'linux' | 'plan9' extends Binary['platform']['os'] ? true : false>(); // open to words that are not listed
  holds<Same<index.Finding['rule'], index.RuleId>>();
  holds<Same<Binary['machine']['name'], string | null>>();
  holds<'truncated' | 'anything' extends index.Warning['code'] ? true : false>();
}

/** What can be handed in. */
export function inputs(source: ByteSource, blob: Blob, signal: AbortSignal | undefined): void {
  const all: readonly Input[] = ['app', new URL('file:///app'), new Uint8Array(), new ArrayBuffer(0), blob, source];
  for (const input of all) void index.inspect(input, { hash: true, facts: 'all', signal, onProgress: undefined });
  void index.inspectSync('app', { limits: { windowBytes: 4096 } });
  // @ts-expect-error: a Blob can't be read at once
  index.inspectSync(blob);
  // @ts-expect-error: 'some' is no set of facts
  void index.inspect('app', { facts: 'some' });
  // @ts-expect-error: there is no such option
  const wrong: InspectOptions = { sha256: true };
  // @ts-expect-error: there is no such limit
  const limit: InspectOptions = { limits: { memory: 1 } };
  void [wrong, limit];
}

/** A typo in an expectation must not switch a check off. */
export function expectations(): Verdict {
  // @ts-expect-error: 'striped' is no rule
  const typo: Expectations = { striped: true };
  // @ts-expect-error: linkage is a word
  const value: Expectations = { linkage: true };
  // @ts-expect-error: policies have a version
  const bare: Policy = { artifacts: [] };
  // @ts-expect-error: 'unique' needs several files
  const several: Expectations = { unique: true };
  void [typo, value, bare, several];
  return index.verify(inspection, { target: ['linux/amd64', 'linux/arm64'], linkage: 'static', pie: false, go: '>=1.22' });
}

/** What is a stream is asked for piece by piece. */
export async function streams(): Promise<void> {
  for await (const one of index.scan(['dist'], { onSkip: (path, reason) => void [path, reason] })) holds<Same<typeof one, ScanItem>>();
  for await (const one of index.checkSums(index.parseChecksums(''))) holds<Same<typeof one, ChecksumResult>>();
}

/** Where a bundler takes the face for browsers, code that was checked against the other one still fits. */
export const swapped: Pick<typeof index, keyof typeof browser> = browser;
