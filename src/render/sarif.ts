// A verification as SARIF 2.1.0 (OASIS): what code scanning reads. Results are what fails; what passes is not one.

import { RULES } from '../model/rules.ts';
import type { RuleId, FileVerdict, Finding, VerifyReport } from '../model/verdict.ts';
import { toJSON } from './json.ts';
import { visible } from './visible.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const IDS = Object.keys(RULES) as RuleId[];

/** A path as a URI reference: relative ones stay so, bytes that are no UTF-8 are those bytes. */
function uri(path: string, windows: boolean): string {
  const encoded = Array.from(windows ? path.replaceAll('\\', '/') : path, (character) => {
    const code = character.charCodeAt(0);
    if (character.length === 1 && code >= 0xd800 && code <= 0xdfff) return code >= 0xdc80 && code <= 0xdcff ? `%${(code & 0xff).toString(16).toUpperCase()}` : '%EF%BF%BD';
    return /[A-Za-z0-9\-._~/]/.test(character) ? character : encodeURIComponent(character).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  }).join('');
  if (/^[A-Za-z]%3A\//.test(encoded)) return `file:///${encoded.replace('%3A', ':')}`;
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}

/** A rule of the table as a reporting descriptor. */
function descriptor(id: RuleId): object {
  const { options, passes, fails, unknown, notApplicable } = RULES[id];
  const help = options.map((option) => option.help).join('; ');
  const scope = notApplicable === null ? '' : ` Does not apply to, which fails: ${notApplicable}.`;
  return {
    id,
    shortDescription: { text: help === '' ? fails : help },
    fullDescription: { text: `Passes: ${passes}. Fails: ${fails}. Unknown, which fails: ${unknown}.${scope}` },
    defaultConfiguration: { level: 'error' },
  };
}

/** Files of a run, those in archives below theirs (SARIF 3.24: parentIndex), and where each stands in the list. */
class Artifacts {
  readonly list: { readonly location: { readonly uri: string }; readonly parentIndex?: number }[] = [];
  readonly #known = new Map<string, number>();
  readonly #windows: boolean;

  constructor(windows: boolean) {
    this.#windows = windows;
  }

  #add(key: string, uriText: string, parent: number | null): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const index = this.list.push({ location: { uri: uriText }, ...(parent === null ? {} : { parentIndex: parent }) }) - 1;
    this.#known.set(key, index);
    return index;
  }

  /** Where a result is: the file on the disk, and for what lies in an archive its own place in the list; null where the file is one of its own. */
  place({ path, inside }: FileVerdict): { outer: object; inner: object | null } {
    const first = inside?.[0];
    if (inside === undefined || first === undefined) return { outer: { uri: uri(path, this.#windows) }, inner: null };
    const outer = uri(first.path, this.#windows);
    let index = this.#add(first.path, outer, null);
    const at = index;
    let key = first.path;
    let member = '';
    for (const step of inside) {
      member = uri(step.member.replace(/^(?:\.?\/)+/, ''), false);
      key = `${key}!/${step.member}`;
      index = this.#add(key, member, index);
    }
    return { outer: { uri: outer, index: at }, inner: { uri: member, index } };
  }
}

function result(file: FileVerdict, finding: Finding, artifacts: Artifacts): object {
  const { path } = file;
  const { outer, inner } = artifacts.place(file);
  const { rule, status, slice, message, expected, expectedFrom, found, evidence } = finding;
  const location = { physicalLocation: { artifactLocation: outer, region: { startLine: 1 } } }; // code scanning wants a line
  return {
    ruleId: rule,
    ruleIndex: (IDS as readonly string[]).indexOf(rule),
    level: 'error',
    message: { text: visible(`${path}: ${message}`) },
    locations: [location],
    ...(inner === null ? {} : { relatedLocations: [{ message: { text: visible(path) }, physicalLocation: { artifactLocation: inner } }] }),
    partialFingerprints: { 'binspect/v1': visible(`${rule} ${slice ?? ''} ${path} ${expected}`) },
    ...(status === 'waived' ? { suppressions: [{ kind: 'external', justification: visible(message) }] } : {}),
    properties: { status, expected: visible(expected), expectedFrom: visible(expectedFrom), found: found === null ? null : visible(found), evidence: evidence === null ? null : visible(evidence) },
  };
}

function notification(file: FileVerdict, artifacts: Artifacts): object[] {
  const { path, error, findings } = file;
  const text = error !== null ? error.message : findings.length === 0 ? 'nothing is expected of this file' : null;
  if (text === null) return [];
  return [{ level: 'error', message: { text: visible(`${path}: ${text}`) }, locations: [{ physicalLocation: { artifactLocation: artifacts.place(file).outer } }] }];
}

/** The report as SARIF. `version` is binspect's own. `windows`: whether `\\` divides the names of its paths. */
export function renderSarif(report: VerifyReport, version: string, windows = false): string {
  const artifacts = new Artifacts(windows);
  const results = report.files.flatMap((file) => file.findings.filter(({ status }) => status !== 'pass').map((finding) => result(file, finding, artifacts)));
  const notifications = report.files.flatMap((file) => notification(file, artifacts));
  if (report.files.length === 0) notifications.push({ level: 'error', message: { text: 'there was nothing to check' } });
  const driver = { name: 'binspect', semanticVersion: version, rules: IDS.map(descriptor) };
  const invocations = [{ executionSuccessful: notifications.length === 0, toolExecutionNotifications: notifications }];
  return `${toJSON({ $schema: SCHEMA, version: '2.1.0', runs: [{ tool: { driver }, invocations, columnKind: 'utf16CodeUnits', ...(artifacts.list.length === 0 ? {} : { artifacts: artifacts.list }), results }] })}\n`;
}
