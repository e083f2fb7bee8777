// Everything that a command prints as JSON in a test is held against the published schemas.

import containerSchema from '../src/schema/container.json' with { type: 'json' };
import diffSchema from '../src/schema/diff.json' with { type: 'json' };
import failureSchema from '../src/schema/failure.json' with { type: 'json' };
import hashSchema from '../src/schema/hash.json' with { type: 'json' };
import imageSchema from '../src/schema/image.json' with { type: 'json' };
import inspectionSchema from '../src/schema/inspection.json' with { type: 'json' };
import hostSchema from '../src/schema/host.json' with { type: 'json' };
import mapSchema from '../src/schema/map.json' with { type: 'json' };
import policySchema from '../src/schema/policy.json' with { type: 'json' };
import processSchema from '../src/schema/process.json' with { type: 'json' };
import runsSchema from '../src/schema/runs.json' with { type: 'json' };
import reportSchema from '../src/schema/verify-report.json' with { type: 'json' };
import { closed, violations } from './build/json-schema.ts';

type Schema = Readonly<Record<string, unknown>>;

const [container, failure, hash, inspection, map, policy, report] = [containerSchema, failureSchema, hashSchema, inspectionSchema, mapSchema, policySchema, reportSchema].map((schema) => closed<Schema>(schema)) as [
  Schema, Schema, Schema, Schema, Schema, Schema, Schema,
]; // prettier-ignore
const [host, process, runs, diff] = [hostSchema, processSchema, runsSchema, diffSchema].map((schema) => closed<Schema>(schema)) as [Schema, Schema, Schema, Schema];
const image = closed<Schema>(imageSchema);
const diffDefinitions = diff['$defs'] as Record<string, Schema>;
const [comparison, comparedPath] = ['comparison', 'path'].map((name): Schema => ({ ...diffDefinitions[name], $defs: diffDefinitions })) as [Schema, Schema];
const fileOfReport: Schema = { ...report, type: 'object', required: [], properties: {}, additionalProperties: true, ...(report['$defs'] as Record<string, Schema>)['file'] };

/** Whether an option is among the arguments, as `--name`, `--name=value` or before its value. */
function has(args: readonly string[], ...names: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).some((arg) => names.some((name) => arg === name || arg.startsWith(`${name}=`)));
}

function valuesOf(args: readonly string[], ...names: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    for (const name of names) {
      if (arg === name) return [args[i + 1] ?? ''];
      if (arg.startsWith(`${name}=`)) return [arg.slice(name.length + 1)];
    }
    return [];
  });
}

const isFailure = (value: unknown): boolean => typeof value === 'object' && value !== null && 'error' in value && !('findings' in value) && !('list' in value);

const isContainer = (value: unknown): boolean => typeof value === 'object' && value !== null && 'container' in value;

const isImage = (value: unknown): boolean => typeof value === 'object' && value !== null && 'image' in value;

/** The schema of what a command line prints: of a line, or of the whole; null where it is no JSON of ours. */
function schemaOf(args: readonly string[]): { whole: boolean; schema: (value: unknown) => Schema } | null {
  const command = args[0] ?? '';
  const json = has(args, '--json');
  switch (command) {
    case 'verify':
      if (has(args, '--init')) return has(args, '--policy') ? null : { whole: true, schema: () => policy };
      if (valuesOf(args, '-o', '--output').includes('json')) return { whole: true, schema: () => report };
      return json ? { whole: false, schema: () => fileOfReport } : null;
    case 'hash':
      return json ? { whole: false, schema: () => hash } : null;
    case 'map':
      return json ? { whole: false, schema: (value) => (isFailure(value) ? failure : map) } : null;
    case 'diff':
      return json ? { whole: false, schema: (value) => (typeof value === 'object' && value !== null && 'only' in value ? comparedPath : isFailure(value) ? failure : comparison) } : null;
    case 'host':
      return json ? { whole: true, schema: () => host } : null;
    case 'process':
      return json ? { whole: false, schema: (value) => (isFailure(value) ? failure : process) } : null;
    case 'runs':
      return json ? { whole: false, schema: (value) => (isFailure(value) ? failure : runs) } : null;
    case 'go': // Go's own form
    case 'completion':
      return null;
    default:
      if (!json || has(args, '--fields')) return null; // single facts: their names are what the user asked for
      return { whole: false, schema: (value) => (isContainer(value) ? container : isImage(value) ? image : isFailure(value) ? failure : inspection) };
  }
}

/** What is wrong with a command's output, where that is JSON; empty where it is as the schemas say. */
export function wrongOutput(args: readonly string[], out: string): string[] {
  const expected = has(args, '--help', '-h', '--version') ? null : schemaOf(args);
  if (expected === null || out === '') return [];
  if (!out.endsWith('\n')) return ['the last line has no end'];
  const values: unknown[] = (expected.whole ? [out] : out.trimEnd().split('\n')).map((text) => JSON.parse(text) as unknown);
  return values.flatMap((value) => violations(value, expected.schema(value)));
}
