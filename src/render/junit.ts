// A verification as JUnit XML: a suite for each file, a test case for each finding. Fits the schemas of Ant and of Jenkins.

import { wordIn } from '../model/names.ts';
import type { FileVerdict, Finding, VerifyReport } from '../model/verdict.ts';
import { visible } from './visible.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text in XML: visible, so without a character that XML forbids, but for two that are none (XML 1.0, 2.2). */
function xml(text: string): string {
  return visible(text)
    .replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
    .replace(/[&<>"']/g, (character) => wordIn(ENTITIES, character) as string);
}

function testCase(path: string, finding: Finding): string {
  const { rule, status, slice, expected, expectedFrom, found, evidence, message } = finding;
  const name = slice === null ? rule : `${rule} slice ${slice}`;
  const open = `    <testcase name="${xml(name)}: ${xml(expected)}" classname="${xml(path)}" time="0"`;
  if (status === 'pass') return `${open}/>\n`;
  const told = `expected ${expected}, by ${expectedFrom}; found ${found ?? 'nothing of it'}${evidence === null ? '' : ` (${evidence})`}`;
  // Ant's schema has no text in `skipped`, and Jenkins has the reason from its message.
  const inner = status === 'waived' ? `<skipped message="${xml(message)}"/>` : `<failure type="${status}" message="${xml(message)}">${xml(told)}</failure>`;
  return `${open}>\n      ${inner}\n    </testcase>\n`;
}

/** What stands for a file that can't be read, or of which nothing is expected: without it, no test would fail. */
function errorCase(path: string, type: string, message: string): string {
  const open = `    <testcase name="readable" classname="${xml(path)}" time="0">`;
  return `${open}\n      <error type="${xml(type)}" message="${xml(message)}">${xml(message)}</error>\n    </testcase>\n`;
}

function suite({ path, inside, findings, error }: FileVerdict, index: number, timestamp: string): string {
  const nothing = error === null && findings.length === 0;
  const cases = findings.map((finding) => testCase(path, finding));
  if (error !== null) cases.unshift(errorCase(path, error.code, error.message));
  if (nothing) cases.push(errorCase(path, 'nothing-expected', 'nothing is expected of this file'));
  const failures = findings.filter(({ status }) => status === 'fail' || status === 'unknown').length;
  const skipped = findings.filter(({ status }) => status === 'waived').length;
  const archive = inside?.[0]?.path;
  const properties = archive === undefined ? '<properties/>' : `<properties>\n      <property name="archive" value="${xml(archive)}"/>\n    </properties>`;
  const counts = `tests="${cases.length}" failures="${failures}" errors="${error !== null || nothing ? 1 : 0}" skipped="${skipped}"`;
  return (
    `  <testsuite name="${xml(path)}" ${counts} time="0" timestamp="${timestamp}" hostname="localhost" id="${index}" package="binspect">\n` +
    `    ${properties}\n${cases.join('')}    <system-out/>\n    <system-err/>\n  </testsuite>\n`
  );
}

/** The report as JUnit XML. `at` is when it was made. */
export function renderJunit(report: VerifyReport, at: Date): string {
  const timestamp = at.toISOString().slice(0, 19);
  const files = report.files.length > 0 ? report.files : [{ path: 'binspect', findings: [], error: null }];
  const suites = files.map((file, index) => suite(file, index, timestamp)).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites}</testsuites>\n`;
}
