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

function result({ path }: FileVerdict, finding: Finding, windows: boolean): object {
  const { rule, status, slice, message, expected, expectedFrom, found, evidence } = finding;
  const location = { physicalLocation: { artifactLocation: { uri: uri(path, windows) }, region: { startLine: 1 } } }; // code scanning wants a line
  return {
    ruleId: rule,
    ruleIndex: (IDS as readonly string[]).indexOf(rule),
    level: 'error',
    message: { text: visible(`${path}: ${message}`) },
    locations: [location],
    partialFingerprints: { 'binspect/v1': visible(`${rule} ${slice ?? ''} ${path} ${expected}`) },
    ...(status === 'waived' ? { suppressions: [{ kind: 'external', justification: visible(message) }] } : {}),
    properties: { status, expected: visible(expected), expectedFrom: visible(expectedFrom), found: found === null ? null : visible(found), evidence: evidence === null ? null : visible(evidence) },
  };
}

function notification({ path, error, findings }: FileVerdict, windows: boolean): object[] {
  const text = error !== null ? error.message : findings.length === 0 ? 'nothing is expected of this file' : null;
  if (text === null) return [];
  return [{ level: 'error', message: { text: visible(`${path}: ${text}`) }, locations: [{ physicalLocation: { artifactLocation: { uri: uri(path, windows) } } }] }];
}

/** The report as SARIF. `version` is binspect's own. `windows`: whether `\\` divides the names of its paths. */
export function renderSarif(report: VerifyReport, version: string, windows = false): string {
  const results = report.files.flatMap((file) => file.findings.filter(({ status }) => status !== 'pass').map((finding) => result(file, finding, windows)));
  const notifications = report.files.flatMap((file) => notification(file, windows));
  if (report.files.length === 0) notifications.push({ level: 'error', message: { text: 'there was nothing to check' } });
  const driver = { name: 'binspect', semanticVersion: version, rules: IDS.map(descriptor) };
  const invocations = [{ executionSuccessful: notifications.length === 0, toolExecutionNotifications: notifications }];
  return `${toJSON({ $schema: SCHEMA, version: '2.1.0', runs: [{ tool: { driver }, invocations, columnKind: 'utf16CodeUnits', results }] })}\n`;
}
