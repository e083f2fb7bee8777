// Every inspection of every fixture is what the published schema says, no key more and none less.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isBinspectError } from '../src/errors.ts';
import { inspectSync } from '../src/inspect.ts';
import { toJSON } from '../src/render/json.ts';
import { violations } from './build/json-schema.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';

type Schema = Record<string, unknown>;

/** The schema with every object closed: users may get more keys one day, these files have to have exactly these. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const copy: Schema = {};
  for (const [key, value] of Object.entries(part)) copy[key] = closed(value);
  if (typeof copy['properties'] === 'object' && copy['type'] === 'object') copy['additionalProperties'] ??= false;
  return copy;
}

const schema = closed(JSON.parse(readFileSync('src/schema/inspection.json', 'utf8'))) as Schema;

describe('inspection.json', () => {
  it.each(fixtureNames())('%s', (name) => {
    for (const facts of ['main', 'all'] as const) {
      let text: string;
      try {
        text = toJSON(inspectSync(fixtureBytes(name), { facts, hash: true }));
      } catch (error) {
        if (!isBinspectError(error)) throw error;
        continue; // a fixture of what can't be read
      }
      expect(violations(JSON.parse(text), schema)).toEqual([]);
    }
  });

  it('closes what it checks', () => {
    expect(violations({ schemaVersion: 1, more: 1 }, schema).length).toBeGreaterThan(1);
  });
});
