// binspect verify PATH…: is it what it should be?

import { existsSync } from 'node:fs';
import manifest from '../../package.json' with { type: 'json' };
import { absolutePath } from '../bytes/folder.ts';
import { bytesOfStream } from '../bytes/stream.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { verifyFiles } from '../files/verify-files.ts';
import { IGNORABLE } from '../model/comparison.ts';
import { wordIn } from '../model/names.ts';
import { nearest } from '../model/nearest.ts';
import { EXPECTATION_KEYS, RULES } from '../model/rules.ts';
import { isHttpUrl } from '../model/url.ts';
import type { Policy, PolicyExpectations, PolicySums, RuleId, Verdict, VerifyReport } from '../model/verdict.ts';
import { renderGithub } from '../render/github.ts';
import { renderJunit } from '../render/junit.ts';
import { renderSarif } from '../render/sarif.ts';
import { renderVerdictJson, renderVerdictLines } from '../render/verdict-json.ts';
import { renderVerdict } from '../render/verdict-text.ts';
import { visible } from '../render/visible.ts';
import type { Style } from '../render/words.ts';
import { parsePolicy } from '../verify/policy/policy.ts';
import { optionText, readExpectations } from '../verify/rules/rules.ts';
import { KINDS } from '../verify/rules/target.ts';
import type { Command, Option, Values } from './arguments.ts';
import { hasProofOptions, proofOptions, PROOF_OPTIONS } from './proof-options.ts';
import { signatureOptions, SIGNATURE_OPTIONS } from './signature-options.ts';
import { FILE_LIST_OPTIONS, listedNames, withListed } from './streams/file-list.ts';
import { inputsOf, TIMEOUT_OPTION, timeoutOf } from './streams/inputs.ts';
import { countLine } from './streams/progress.ts';
import { styleOf } from './streams/style.ts';
import type { Terminal } from './streams/terminal.ts';
import { readTextFile } from './streams/text-file.ts';
import { baseOf, fromPolicy, identityOf, usage, writeText } from './verify-paths.ts';

const FORMATS = ['text', 'json', 'junit', 'sarif', 'github', 'markdown', 'html'] as const;
type ReportFormat = (typeof FORMATS)[number];

/** Values of rules, for completions: those that come up most. */
const OFFERS: Readonly<Record<string, readonly string[]>> = {
  target: ['linux/amd64', 'linux/arm64', 'darwin/amd64', 'darwin/arm64', 'darwin/universal', 'windows/amd64', 'windows/arm64'],
  kind: KINDS,
  libc: ['glibc', 'musl', 'bionic', 'ucrt', 'msvcrt', 'libsystem'],
};

/** The options of the rule table. */
const RULE_OPTIONS: readonly Option[] = Object.values(RULES).flatMap(({ group, options }) =>
  options.map((option): Option => {
    const offers = wordIn(OFFERS, option.name);
    return { ...option, group, ...(option.name === 'go-setting' ? { dashed: true } : {}), ...(offers === undefined ? {} : { offers }) };
  }),
);

const GROUPS = ['Target', 'Linking', 'Libraries', 'Go', 'Signature', 'Detached proof', 'File', 'Several files'];

const SIGNATURE_RULES = Object.values(RULES).filter(({ group }) => group === 'Signature');

export const verify: Command = {
  name: 'verify',
  summary: 'Check that files are what their names say and what a release needs',
  usage: ['binspect verify [EXPECTATION…] [-o FORMAT[=FILE]]… PATH…', 'binspect verify --policy FILE [EXPECTATION…] [PATH…]', 'binspect verify --init [--policy FILE] PATH…'],
  options: [
    ...[...PROOF_OPTIONS, ...RULE_OPTIONS, ...SIGNATURE_OPTIONS].sort((a, b) => GROUPS.indexOf(a.group ?? '') - GROUPS.indexOf(b.group ?? '')),
    { name: 'ignore', value: 'WHAT', multiple: true, offers: IGNORABLE, group: 'File', help: 'of --same-as: what may differ: signature, identity, vcs, comma-separated; each covers those before it' },
    { name: 'policy', value: 'FILE', group: 'Policy', help: 'read expectations from FILE; options given here win over them' },
    { name: 'coverage', value: 'WHICH', offers: ['both', 'listed', 'present'], group: 'Several files', help: 'of --sums: both (default) wants every file listed and every listed file there, listed only the latter, present neither' },
    { name: 'init', group: 'Policy', help: 'write a policy that describes these files as they are, to standard output or to the FILE of --policy' },
    { name: 'exclude', value: 'GLOB', multiple: true, group: 'Several files', help: 'leave out what GLOB names in folders: a name at any depth, or with / a path below the folder' },
    { name: 'archives', negative: 'read no archive from inside', group: 'Several files', help: 'read also those archives in folders from inside whose names claim nothing' },
    ...FILE_LIST_OPTIONS.map((option) => ({ ...option, group: 'Several files' })),
    { ...TIMEOUT_OPTION, group: 'Several files' },
    { name: 'output', short: 'o', value: 'FORMAT[=FILE]', offers: FORMATS, multiple: true, group: 'Output', help: `write a report: ${FORMATS.join(', ')}; text is the default. May be given several times` },
    { name: 'against', value: 'OLD', group: 'Output', help: 'show what changed since OLD, the folder or the file of an older release; in text, Markdown and HTML' },
    { name: 'json', group: 'Output', help: 'one JSON object a line, one line a file' },
    { name: 'quiet', short: 'q', group: 'Output', help: 'of the text: what fails, and nothing where all is fine' },
    { name: 'verbose', short: 'v', group: 'Output', help: 'show what passes as well, and what is skipped' },
  ],
  examples: [
    ['binspect verify --target-from-name dist/ prebuilds/', 'is every file for the target that its name claims?'],
    ['binspect verify --target linux/arm64 --static --stripped dist/app', 'one file, in particular'],
    ["binspect verify --go '>=1.22' --go-setting CGO_ENABLED=0 --go-vcs-clean dist/app", 'how Go built it'],
    ['binspect verify --anchored --roots apple.pem --team-id 97JCY7859U dist/app', 'signed, by whom, and up to which root'],
    ['binspect verify --sums https://example.com/SUMS .', 'what was downloaded, held against the list that is published'],
    ['binspect verify --sums SHA256SUMS --unique dist/', 'all files are listed, as listed, and no two are the same'],
    ['binspect verify --init --policy binspect.json dist/', 'write a policy, to be loosened by hand'],
    ['binspect verify -o html=report.html --against last-release/ dist/', 'a page to hand on, with what changed'],
    ['binspect verify --policy binspect.json -o text -o junit=report.xml dist/', 'check against it, with a report for CI'],
  ],
  notes: [
    'Each expectation is a rule, and passes, fails or is unknown; what is unknown fails. In a universal file a rule has to hold for every slice. A file that can not be read or is cut short passes nothing.',
    'What is no program in a folder is skipped, unless a policy or a list names it, its own name claims a system and an architecture, it ends in .exe, .dll, .so, .dylib or .node, or it may be executed and has no other ending. Archives and scripts that claim nothing are skipped; the summary counts them. Without any expectation, names are checked.',
    'Exit status: 0 everything is as expected, 1 something is not, 2 wrong usage or an invalid policy, 3 a file could not be read or understood, or there was nothing to check.',
  ],
  run,
};

async function run(values: Values, paths: readonly string[], terminal: Terminal): Promise<number> {
  const overrides = overridesOf(values);
  const policyPath = values['policy'] as string | undefined;
  if (values['init'] === true) return (await import('./verify-init.ts')).init(policyPath, values, overrides, paths, terminal);
  const outputs = outputsOf(values);
  const base = baseOf(policyPath);
  const policy = withSums(policyPath === undefined ? { version: 1 } : await readPolicy(policyPath, terminal), base, values['sums'] as string | undefined, coverageOf(values));
  const proven = hasProofOptions(values);
  const bare = policyPath === undefined && policy.sums === undefined && Object.keys(overrides).length === 0; // nothing but a proof is asked
  if (bare && !proven) {
    overrides.targetFromName = true;
    terminal.err('binspect: no expectation was given: checking --target-from-name\n');
  }
  const listed = listedNames(values, terminal);
  const timeout = timeoutOf(values);
  if (paths.length === 0 && listed === null && policy.artifacts === undefined) throw new BinspectError('invalid-argument', 'name the files or folders to check');
  const ofProofs = PROOF_OPTIONS.flatMap(({ name }) => (name === 'namespace' || wordIn(values, name) === undefined ? [] : [wordIn(values, name) as string]));
  const inputs = [policyPath, values['sums'] as string | undefined, ...ofProofs].filter((path) => path !== undefined && path !== '-') as string[];
  refuseOverwriting(outputs, [...paths, ...inputs]);
  const signatures = await signatureOptions(values);
  const about = SIGNATURE_RULES.some(({ options }) => options.some(({ name }) => wordIn(values, name) !== undefined));
  if (signatures !== null && policyPath === undefined && !about && !proven) usage('--roots, --tsa-roots and --at are for expectations about signatures: --signed, --anchored, --signer, …');
  if (values['anchored'] === true && signatures?.roots === undefined) usage('--anchored needs --roots: the root certificates that count');
  const proofs = proven ? await proofOptions(values, signatures ?? {}, policy.sums !== undefined) : null;
  const verbose = values['verbose'] === true;
  if (policyPath === undefined && existsSync(POLICY)) terminal.err(`binspect: hint: there is a ${POLICY} here; --policy ${POLICY} checks against it\n`);
  const progress = countLine(terminal);
  const rest = (named: AsyncIterable<string | URL> | readonly (string | URL)[], checkSums?: (bytes: Uint8Array) => Promise<Verdict>): Promise<VerifyReport> => verifyFiles(policy, {
    paths: named,
    ...(timeout === undefined ? {} : { limits: { stallMilliseconds: timeout } }),
    exclude: (values['exclude'] as readonly string[] | undefined) ?? [],
    archives: archivesOf(values),
    overrides,
    base,
    policyName: policyPath ?? 'policy',
    except: [...(policyPath === undefined || policyPath === '-' ? [] : [policyPath]), ...ofProofs],
    ...(checkSums === undefined ? {} : { checkSums }),
    ...(signatures === null ? {} : { signatures }),
    ...(progress === null ? {} : { onProgress: progress.update }),
    onSkip: (path, reason) => {
      if (!verbose) return;
      progress?.clear();
      terminal.err(`binspect: ${visible(path)}: skipped: ${visible(reason)}\n`);
    },
  });
  const named = inputsOf(withListed(paths, listed));
  const checked = proofs === null ? rest(named) : (await import('../files/verify-proofs.ts')).verifyWithProofs(proofs, named, bare ? null : rest);
  const report = await checked.finally(() => progress?.clear());
  refuseOverwriting(outputs, [...paths, ...report.files.map(({ path }) => path), ...inputs]);
  const style = styleOf(values, terminal);
  const plain: Style = { color: false, unicode: true, columns: Infinity, verbose };
  const old = values['against'] as string | undefined;
  const handed = old !== undefined || outputs.some(({ format }) => isPage(format)) ? await import('./verify-report.ts') : null;
  const changes = handed === null || old === undefined ? null : await handed.changesSince(old, paths);
  const page = handed?.pagesOf(report, paths, changes, manifest.version, outputs.some(({ format }) => format === 'html'));
  for (const { format, file } of outputs) {
    const own = file === null ? style : plain;
    let text = isPage(format) ? ((await page?.(format)) ?? '') : render(report, format, own, values['quiet'] === true);
    if (format === 'text' && changes !== null) text += handed?.changesText(changes, own) ?? '';
    if (file === null) await terminal.out(text);
    else writeText(file, text, 'w');
  }
  const nothing = whyNothing(report);
  const missed = new Set(report.files.flatMap(({ findings }) => findings.filter(({ status }) => status === 'fail' || status === 'unknown').map(({ rule }) => rule)));
  for (const { rule, files } of report.unmatchedWaivers ?? []) {
    if (missed.has(rule)) terminal.err(`binspect: the waiver of ${rule} for ${[files].flat().map(visible).join(', ')} names no file that was checked\n`);
  }
  if (nothing !== null) terminal.err(`binspect: nothing was checked: ${nothing}\n`);
  return statusOf(report);
}

/** What a policy in the working directory is called; it is never read unless it is named. */
const POLICY = 'binspect.json';

/** Why nothing was checked; null where something was. */
function whyNothing({ files }: VerifyReport): string | null {
  if (files.length === 0) return 'there is no program in what was given';
  const checked = files.some(({ findings, error }) => error !== null || findings.some(({ rule }) => rule !== 'files' && rule !== 'count' && rule !== 'unmatched'));
  if (checked) return null;
  return files.some(({ findings }) => findings.length > 0) ? 'no artifact names a file that is there' : 'no expectation was given';
}

/** 3: something could not be read, or nothing is expected of it; 1: something is not as expected. */
function statusOf(report: VerifyReport): number {
  if (whyNothing(report) !== null || report.files.some(({ findings, error }) => error !== null || findings.length === 0)) return 3;
  return report.ok ? 0 : 1;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The expectations of the command line, checked. */
function overridesOf(values: Values): Writable<PolicyExpectations> {
  const overrides: Record<string, unknown> = {};
  for (const rule of EXPECTATION_KEYS) {
    const value = expectationOf(rule, values);
    if (value !== undefined) overrides[rule] = value;
  }
  readExpectations(overrides, (key, message) => usage(`${optionText(key as RuleId, wordIn(overrides, key))}: ${message}`));
  return overrides;
}

/** The value of a rule as its options give it; undefined where none is given. */
function expectationOf(rule: RuleId, values: Values): unknown {
  if (rule === 'linkage') {
    if (values['static'] === true && values['dynamic'] === true) usage('--static and --dynamic exclude each other');
    return values['static'] === true ? 'static' : values['dynamic'] === true ? 'dynamic' : undefined;
  }
  const value = wordIn(values, RULES[rule].options[0]?.name ?? '');
  if (rule === 'sameAs' && values['ignore'] !== undefined) {
    if (value === undefined) usage('--ignore says what --same-as leaves out: name a file with it');
    return { file: value, ignore: (values['ignore'] as readonly string[]).flatMap((words) => words.split(',')) };
  }
  if (rule === 'target' && Array.isArray(value)) return value.flatMap((text: string) => text.split(','));
  return value;
}

/** Which archives are read from inside. */
function archivesOf(values: Values): 'never' | 'named' | 'all' {
  return values['archives'] === true ? 'all' : values['archives'] === false ? 'never' : 'named';
}

const LARGEST_POLICY = 16 * 1024 * 1024; // bytes: what the parser takes

/** Reads a policy file. Throws `invalid-policy` with its path, `io` where it can't be read, `limit-exceeded` where it is no file that anybody wrote. */
async function readPolicy(path: string, terminal: Terminal): Promise<Policy> {
  const bytes = path === '-' ? await bytesOfStream(terminal.input(), LARGEST_POLICY, path) : await readTextFile(path, LARGEST_POLICY);
  const [first = 0, second = 0] = bytes;
  if (first + second === 0xff + 0xfe && first >= 0xfe) throw new BinspectError('invalid-policy', 'it is written in UTF-16; a policy is written in UTF-8', { path });
  try {
    return parsePolicy(decodeText(bytes));
  } catch (error) {
    if (error instanceof BinspectError) error.path = path;
    throw error;
  }
}

/** The policy with the list of --sums, which is relative to the working directory. */
function withSums(policy: Policy, base: string, sums: string | undefined, coverage: PolicySums['coverage']): Policy {
  const file = sums === undefined ? policy.sums?.file : isHttpUrl(sums) ? sums : fromPolicy(base, sums);
  if (file === undefined) return coverage === undefined ? policy : usage('--coverage says how --sums is meant; there is no list');
  return { ...policy, sums: { ...policy.sums, file, ...(coverage === undefined ? {} : { coverage }) } };
}

/** Refuses reports that would overwrite each other, or what was read. */
function refuseOverwriting(outputs: readonly Output[], inputs: readonly string[]): void {
  const written = new Set<string>();
  for (const { file } of outputs) {
    if (file === null) continue;
    const place = absolutePath(file);
    if (written.has(place)) usage(`--output: two reports can't be written to one file: ${file}`);
    written.add(place);
    const identity = identityOf(file);
    if (identity !== null && inputs.some((input) => identityOf(input) === identity)) usage(`--output: ${file} is what is read here; it is not overwritten`);
  }
}

const COVERAGES = ['both', 'listed', 'present'] as const;

/** The value of --coverage. */
function coverageOf(values: Values): PolicySums['coverage'] {
  const written = values['coverage'] as string | undefined;
  const known = COVERAGES.find((one) => one === written);
  if (written !== undefined && known === undefined) usage(`--coverage: one of ${COVERAGES.join(', ')}, not '${written}'`);
  return known;
}

interface Output {
  readonly format: ReportFormat | 'lines';
  /** Null: standard output. */
  readonly file: string | null;
}

/** What is to be written where: `FORMAT` and `FORMAT=FILE`. Only one report can go to standard output. */
function outputsOf(values: Values): readonly Output[] {
  const outputs = ((values['output'] as readonly string[] | undefined) ?? []).map((text): Output => {
    const at = text.indexOf('=');
    const format = at === -1 ? text : text.slice(0, at);
    if (!(FORMATS as readonly string[]).includes(format)) {
      const near = nearest(format, FORMATS);
      usage(`--output: a format is one of ${FORMATS.join(', ')}, not '${format}'${near === null ? '' : `; did you mean ${near}?`}`);
    }
    if (at === text.length - 1) usage(`--output: ${format}= names no file`);
    return { format: format as ReportFormat, file: at === -1 ? null : text.slice(at + 1) };
  });
  const all: Output[] = values['json'] === true ? [...outputs, { format: 'lines', file: null }] : outputs;
  if (all.filter(({ file }) => file === null).length > 1) usage('only one report can go to standard output; name a file for the others: --output FORMAT=FILE');
  return all.length === 0 ? [{ format: 'text', file: null }] : all;
}

/** Whether a report shows what the files are, beside its findings. */
function isPage(format: Output['format']): format is 'markdown' | 'html' {
  return format === 'markdown' || format === 'html';
}

function render(report: VerifyReport, format: Exclude<Output['format'], 'markdown' | 'html'>, style: Style, quiet: boolean): string {
  switch (format) {
    case 'text':
      return renderVerdict(report, style, { quiet });
    case 'json':
      return renderVerdictJson(report);
    case 'lines':
      return renderVerdictLines(report);
    case 'junit':
      return renderJunit(report, new Date());
    case 'sarif':
      return renderSarif(report, manifest.version, process.platform === 'win32');
    case 'github':
      return renderGithub(report);
  }
}

