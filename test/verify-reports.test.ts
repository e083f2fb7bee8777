// Reports: the same findings as text, JSON, JUnit, SARIF and annotations, in the shape that their readers want, whatever a file wrote.

import { describe, expect, it } from 'vitest';
import { RULES } from '../src/model/rules.ts';
import type { FileVerdict, Finding, VerifyReport } from '../src/model/verdict.ts';
import { renderGithub } from '../src/render/github.ts';
import { renderJunit } from '../src/render/junit.ts';
import { renderSarif } from '../src/render/sarif.ts';
import { renderVerdictJson, renderVerdictLines } from '../src/render/verdict-json.ts';
import { renderVerdict } from '../src/render/verdict-text.ts';
import { reportOf } from '../src/verify/report.ts';
import schema from '../src/schema/verify-report.json' with { type: 'json' };
import { violations } from './build/json-schema.ts';

const AT = new Date('2026-05-04T03:02:01.000Z');
const PLAIN = { color: false, unicode: true, columns: Infinity, verbose: false } as const;

/** Everything that ends a line, begins a command, closes a tag or moves a cursor. */
const HOSTILE = '::set-env name=X::y\n::error::z\r\n]]>&<>"\'%0A\u0000\u0001\u000b\u001b[31m\u007f\u0085\u009b2J\u2028\u202e\u200b\ufeff\ufffe\uffff\ud800\udc80';

function finding(status: Finding['status'], rest: Partial<Finding> = {}): Finding {
  const base = { rule: 'target' as const, expected: 'linux/arm64', expectedFrom: '--target', found: 'linux/amd64', evidence: 'e_machine is 62', slice: null };
  const one = { ...base, status, ...rest };
  return { ...one, message: rest.message ?? (status === 'pass' ? `found ${one.found}` : `expected ${one.expected}, found ${one.found}`) };
}

const hostile = finding('fail', { expected: HOSTILE, expectedFrom: HOSTILE, found: HOSTILE, evidence: HOSTILE, message: HOSTILE, slice: 1 });

function report(...files: FileVerdict[]): VerifyReport {
  const result = reportOf(files);
  expect(violations(JSON.parse(JSON.stringify(result)), schema)).toEqual([]);
  return result;
}

const fine: FileVerdict = { path: 'dist/a', findings: [finding('pass'), finding('pass', { rule: 'pie' })], error: null };
const mixed: FileVerdict = { path: 'dist/b', findings: [finding('pass'), finding('fail'), finding('unknown', { rule: 'libc' }), finding('waived', { rule: 'pie' })], error: null };
const waived: FileVerdict = { path: 'dist/w', findings: [finding('waived')], error: null };
const broken: FileVerdict = { path: 'dist/c', findings: [finding('unknown', { found: null, evidence: null })], error: { code: 'truncated', message: 'it ends', offset: 4, detected: null } };
const empty: FileVerdict = { path: 'dist/d', findings: [], error: null };
const evil: FileVerdict = { path: HOSTILE, findings: [hostile, { ...hostile, status: 'unknown' }, { ...hostile, status: 'waived' }, { ...hostile, status: 'pass' }], error: null };
const evilError: FileVerdict = { path: HOSTILE, findings: [hostile], error: { code: 'io', message: HOSTILE, offset: null, detected: HOSTILE } };
const ALL = report(fine, mixed, waived, broken, empty, evil, evilError);
const NONE = report();

/** What a terminal, a runner or a parser could take for something else than text. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u200b-\u200f\ufeff]|\p{Cs}/u;

describe('the sum', () => {
  it('is ok only where there was something and all of it is fine', () => {
    expect(report(fine).ok).toBe(true);
    expect(report(fine, waived).ok).toBe(true);
    for (const bad of [mixed, broken, empty, evil]) expect(report(fine, bad).ok).toBe(false);
    expect(NONE.ok).toBe(false);
    expect(report(fine, mixed, waived).summary).toEqual({ files: 3, passed: 3, failed: 1, unknown: 1, waived: 2 });
  });
});

describe('text', () => {
  it('says what fails, and why', () => {
    expect(renderVerdict(report(fine, mixed, broken, empty), PLAIN)).toBe(
      `✓ dist/a  2 checks
✗ dist/b  2 problems
  ✗ fail  target
      expected linux/arm64, by --target
      found linux/amd64
  ? unknown  libc
      expected linux/arm64, by --target
      found linux/amd64
  ~ waived  pie
      expected linux/arm64, by --target
      found linux/amd64
✗ dist/c
  ? unknown  it ends
      not checked: target
✗ dist/d
      nothing is expected of it

FAILED  3 of 4 files, 3 of 7 checks, 1 waived
`,
    );
    expect(renderVerdict(report(fine), PLAIN)).toBe('✓ dist/a  2 checks\n\nOK  1 file, 2 checks\n');
    expect(renderVerdict(NONE, PLAIN)).toBe('FAILED  there was nothing to check\n');
    expect(renderVerdict(report(fine), { ...PLAIN, verbose: true })).toContain('✓ pass  pie');
  });

  it('colours nothing but what it says in words as well', () => {
    const colored = renderVerdict(ALL, { ...PLAIN, color: true });
    expect(colored).toContain('\u001b[31m');
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(renderVerdict(ALL, PLAIN));
  });

  it.each([false, true])('shows no hostile text as it is (verbose: %s)', (verbose) => {
    const text = renderVerdict(ALL, { ...PLAIN, verbose });
    expect(text).not.toMatch(CONTROL);
    for (const line of text.split('\n')) expect(line).toMatch(/^([✓✗] | {2}|OK |FAILED |$)/);
  });
});

describe('JSON', () => {
  it('is the report, or a line for each file', () => {
    expect(JSON.parse(renderVerdictJson(ALL))).toEqual(JSON.parse(JSON.stringify(ALL)));
    const lines = renderVerdictLines(ALL).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(JSON.parse(JSON.stringify(ALL.files)));
    expect(renderVerdictLines(NONE)).toBe('');
    expect(renderVerdictJson(ALL)).not.toMatch(CONTROL);
  });
});

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** A strict reader for as much of XML as a report may use. */
function parseXml(source: string): Element {
  expect(source.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n')).toBe(true);
  expect(source).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u); // XML 1.0, 2.2 Char
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const decode = (text: string): string => {
    expect(text).not.toMatch(/<|&(?!(amp|lt|gt|quot|apos);)/);
    return text.replace(/&(\w+);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" })[name] as string);
  };
  const body = source.slice(source.indexOf('?>') + 2);
  const tag = /<(\/?)([a-z-]+)((?:\s+[a-z]+="[^"<]*")*)\s*(\/?)>/g;
  let at = 0;
  for (const match of body.matchAll(tag)) {
    const [whole, close, name = '', attributes = '', alone] = match;
    (open.at(-1) as Element).text += decode(body.slice(at, match.index));
    at = match.index + whole.length;
    if (close === '/') {
      expect(open.pop()?.name).toBe(name);
      continue;
    }
    const pairs = Array.from(attributes.matchAll(/([a-z]+)="([^"]*)"/g), ([, key, value]): [string, string] => [key as string, decode(value as string)]);
    const element: Element = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
    expect(Object.keys(element.attributes)).toHaveLength(pairs.length);
    (open.at(-1) as Element).children.push(element);
    if (alone !== '/') open.push(element);
  }
  expect(body.slice(at).trim()).toBe('');
  expect(open).toHaveLength(1);
  return root.children[0] as Element;
}

describe('JUnit', () => {
  /** What the schemas of Ant (JUnit.xsd) and of Jenkins (junit-10.xsd) both ask for and allow. */
  function conforms(root: Element): void {
    expect(root.name).toBe('testsuites');
    expect(root.attributes).toEqual({});
    for (const [index, suite] of root.children.entries()) {
      const { name, attributes, children } = suite;
      expect(name).toBe('testsuite');
      expect(Object.keys(attributes).sort()).toEqual(['errors', 'failures', 'hostname', 'id', 'name', 'package', 'skipped', 'tests', 'time', 'timestamp']);
      expect(attributes['name']).not.toBe('');
      expect(attributes['id']).toBe(`${index}`);
      expect(attributes['timestamp']).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);
      expect(attributes['time']).toMatch(/^\d+(\.\d+)?$/);
      const cases = children.filter((child) => child.name === 'testcase');
      expect(children.map((child) => child.name)).toEqual(['properties', ...cases.map(() => 'testcase'), 'system-out', 'system-err']);
      const count = (kind: string): string => `${cases.filter((one) => one.children[0]?.name === kind).length}`;
      expect(attributes).toMatchObject({ tests: `${cases.length}`, failures: count('failure'), errors: count('error'), skipped: count('skipped') });
      for (const { attributes: own, children: inner, text } of cases) {
        expect(Object.keys(own).sort()).toEqual(['classname', 'name', 'time']);
        expect(own['name']).not.toBe('');
        expect(text.trim()).toBe('');
        expect(inner.length).toBeLessThanOrEqual(1);
        for (const { name: kind, attributes: told, children: none } of inner) {
          expect(['failure', 'error', 'skipped']).toContain(kind);
          expect(Object.keys(told).sort()).toEqual(kind === 'skipped' ? ['message'] : ['message', 'type']);
          expect(none).toEqual([]);
        }
      }
    }
  }

  it.each([['all', ALL], ['one', report(fine)], ['none', NONE], ['hostile', report(evil, evilError)]] as const)('%s: has the shape that Ant and Jenkins read', (_, given) => {
    conforms(parseXml(renderJunit(given, AT)));
  }); // prettier-ignore

  it('says in test cases what findings say', () => {
    const { children } = parseXml(renderJunit(report(mixed, broken, empty), AT));
    const kinds = children.map((suite) => suite.children.filter(({ name }) => name === 'testcase').map((one) => one.children[0]?.name ?? 'passed'));
    expect(kinds).toEqual([['passed', 'failure', 'failure', 'skipped'], ['error', 'failure'], ['error']]);
    const [, failure] = (children[0] as Element).children.filter(({ name }) => name === 'testcase');
    expect(failure?.attributes).toEqual({ name: 'target: linux/arm64', classname: 'dist/b', time: '0' });
    expect(failure?.children[0]?.attributes).toEqual({ type: 'fail', message: 'expected linux/arm64, found linux/amd64' });
    expect(failure?.children[0]?.text).toBe('expected linux/arm64, by --target; found linux/amd64 (e_machine is 62)');
    expect((children[0] as Element).attributes['timestamp']).toBe('2026-05-04T03:02:01');
  });

  it('fails where there was nothing to check', () => {
    expect(parseXml(renderJunit(NONE, AT)).children[0]?.attributes).toMatchObject({ tests: '1', errors: '1' });
  });
});

describe('SARIF', () => {
  interface Log {
    readonly $schema: string;
    readonly version: string;
    readonly runs: readonly {
      readonly tool: { readonly driver: { readonly name: string; readonly semanticVersion: string; readonly rules: readonly Record<string, never>[] } };
      readonly invocations: readonly { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: readonly { message: { text: string } }[] }[];
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: readonly { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[];
        readonly partialFingerprints: Readonly<Record<string, string>>;
        readonly suppressions?: readonly { kind: string; justification: string }[];
        readonly properties: object;
      }[];
    }[];
  }

  const text = { type: 'object', required: ['text'], additionalProperties: false, properties: { text: { type: 'string', pattern: '.' } } };
  const location = {
    type: 'object',
    required: ['physicalLocation'],
    additionalProperties: false,
    properties: {
      physicalLocation: {
        type: 'object',
        required: ['artifactLocation'],
        additionalProperties: false,
        properties: {
          // RFC 3986: a URI reference
          artifactLocation: { type: 'object', required: ['uri'], additionalProperties: false, properties: { uri: { type: 'string', pattern: "^([A-Za-z0-9\\-._~/:!$&'()*+,;=@]|%[0-9A-F]{2})+$" } } },
          region: { type: 'object', required: ['startLine'], additionalProperties: false, properties: { startLine: { type: 'integer', minimum: 1 } } },
        },
      },
    },
  };

  /** What sarif-schema-2.1.0.json asks for of the objects that are used, and what code scanning asks for beyond it. */
  const SARIF = {
    type: 'object',
    required: ['version', 'runs'],
    additionalProperties: false,
    properties: {
      $schema: { type: 'string', pattern: '^https://.*sarif-schema-2\\.1\\.0\\.json$' },
      version: { const: '2.1.0' },
      runs: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['tool', 'results'],
          additionalProperties: false,
          properties: {
            tool: {
              type: 'object',
              required: ['driver'],
              additionalProperties: false,
              properties: {
                driver: {
                  type: 'object',
                  required: ['name'],
                  additionalProperties: false,
                  properties: {
                    name: { type: 'string' },
                    semanticVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+' },
                    rules: {
                      type: 'array',
                      items: {
                        type: 'object',
                        required: ['id'],
                        additionalProperties: false,
                        properties: {
                          id: { type: 'string' },
                          shortDescription: text,
                          fullDescription: text,
                          defaultConfiguration: { type: 'object', additionalProperties: false, properties: { level: { enum: ['none', 'note', 'warning', 'error'] } } },
                        },
                      },
                    },
                  },
                },
              },
            },
            invocations: {
              type: 'array',
              items: {
                type: 'object',
                required: ['executionSuccessful'],
                additionalProperties: false,
                properties: {
                  executionSuccessful: { type: 'boolean' },
                  toolExecutionNotifications: {
                    type: 'array',
                    items: {
                      type: 'object',
                      required: ['message'],
                      additionalProperties: false,
                      properties: { level: { enum: ['none', 'note', 'warning', 'error'] }, message: text, locations: { type: 'array', items: location } },
                    },
                  },
                },
              },
            },
            columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
            results: {
              type: 'array',
              items: {
                type: 'object',
                required: ['message', 'ruleId', 'locations'],
                additionalProperties: false,
                properties: {
                  ruleId: { enum: Object.keys(RULES) },
                  ruleIndex: { type: 'integer', minimum: 0 },
                  level: { enum: ['none', 'note', 'warning', 'error'] },
                  message: text,
                  locations: { type: 'array', minItems: 1, items: location },
                  partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
                  suppressions: {
                    type: 'array',
                    items: { type: 'object', required: ['kind'], additionalProperties: false, properties: { kind: { enum: ['inSource', 'external'] }, justification: { type: 'string' } } },
                  },
                  properties: { type: 'object' },
                },
              },
            },
          },
        },
      },
    },
  };

  const read = (given: VerifyReport): Log => JSON.parse(renderSarif(given, '1.2.3')) as Log;

  it.each([['all', ALL], ['one', report(fine)], ['none', NONE], ['hostile', report(evil, evilError)]] as const)('%s: has the shape of SARIF 2.1.0', (_, given) => {
    expect(violations(read(given), SARIF)).toEqual([]);
    expect(renderSarif(given, '1.2.3')).not.toMatch(CONTROL);
  }); // prettier-ignore

  it('says what fails, of which rule and where', () => {
    const [run] = read(report(fine, mixed, { ...mixed, path: '/tmp/ä b#c/%.node' })).runs;
    const { driver } = (run as Log['runs'][0]).tool;
    const results = (run as Log['runs'][0]).results;
    expect(driver).toMatchObject({ name: 'binspect', semanticVersion: '1.2.3' });
    expect(driver.rules.map(({ id }) => id)).toEqual(Object.keys(RULES));
    expect(results).toHaveLength(6); // what passes is no result
    for (const { ruleId, ruleIndex } of results) expect(driver.rules[ruleIndex]).toMatchObject({ id: ruleId });
    expect(results[0]).toMatchObject({
      ruleId: 'target',
      level: 'error',
      message: { text: 'dist/b: expected linux/arm64, found linux/amd64' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'dist/b' }, region: { startLine: 1 } } }],
      properties: { expected: 'linux/arm64', expectedFrom: '--target', found: 'linux/amd64', evidence: 'e_machine is 62', status: 'fail' },
    });
    expect(results[2]?.suppressions).toHaveLength(1);
    expect(results[3]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('file:///tmp/%C3%A4%20b%23c/%25.node');
    expect(new Set(results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size).toBe(6);
  });

  it('is no success where something could not be read, or there was nothing', () => {
    const run = (given: VerifyReport): Log['runs'][0]['invocations'][0] => ((read(given).runs[0] as Log['runs'][0]).invocations[0] as Log['runs'][0]['invocations'][0]);
    expect(run(report(mixed)).executionSuccessful).toBe(true);
    for (const given of [report(broken), report(empty), NONE]) {
      expect(run(given).executionSuccessful).toBe(false);
      expect(run(given).toolExecutionNotifications).toHaveLength(1);
    }
  });
});

describe('annotations of GitHub', () => {
  /** What the runner makes of a line: the command, its properties, its data (actions/toolkit, command.ts, read backwards). */
  function command(line: string): { name: string; properties: Record<string, string>; data: string } {
    const [, name = '', properties = '', data = ''] = /^::([a-z]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/s.exec(line) ?? [];
    const plain = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');
    return { name, properties: Object.fromEntries(properties.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), plain(pair.slice(pair.indexOf('=') + 1))])), data: plain(data) };
  }

  it('are one for the sum and one for each thing that is not fine', () => {
    const lines = renderGithub(report(fine, mixed, broken, empty)).trimEnd().split('\n').map(command);
    expect(lines.map(({ name, properties }) => [name, properties['file'] ?? null, properties['title']])).toEqual([
      ['error', null, 'binspect verify: FAILED'],
      ['error', 'dist/b', 'binspect target: fail'],
      ['error', 'dist/b', 'binspect libc: unknown'],
      ['notice', 'dist/b', 'binspect pie: waived'],
      ['error', 'dist/c', 'binspect: unreadable'],
      ['error', 'dist/d', 'binspect'],
    ]);
    expect(lines[1]?.data).toBe('dist/b: expected linux/arm64, found linux/amd64; expected by --target');
    expect(renderGithub(report(fine))).toBe('::notice title=binspect verify%3A OK::1 files, 2 checks: 0 failed, 0 unknown, 0 waived\n');
    expect(renderGithub(NONE)).toBe('::error title=binspect verify%3A FAILED::there was nothing to check\n');
  });

  it('let no file write one of its own', () => {
    const text = renderGithub(report(evil, evilError));
    expect(text).not.toMatch(CONTROL);
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^::(error|notice) (file=[^:,]*,)?title=[^:,]*::/);
      expect(['error', 'notice']).toContain(command(line).name);
    }
  });
});
