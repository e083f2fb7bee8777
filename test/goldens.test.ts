// Every fixture's whole inspection, or error, as a file beside it. `npx vitest run test/goldens.test.ts --update` writes them anew.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BinspectError } from '../src/errors.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import { toJSON } from '../src/render/json.ts';
import { fixtureBytes, fixtureNames, listedFixtures } from './fixtures.ts';

/** An inspection, or an error, as pretty JSON. */
function answer(bytes: Uint8Array): string {
  try {
    return pretty(inspectSync(bytes, { facts: 'all' }));
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    return pretty({ error: { code: error.code, message: error.message, offset: error.offset, detected: error.detected } });
  }
}

function pretty(value: unknown): string {
  return `${JSON.stringify(JSON.parse(toJSON(value)), null, 2)}\n`;
}

describe('goldens', () => {
  it.each(fixtureNames())('%s', async (name) => {
    await expect(answer(fixtureBytes(name))).toMatchFileSnapshot(`../testdata/${name}.json`);
  });
});

describe('manifest', () => {
  it('lists every fixture, with its digest', () => {
    const listed = listedFixtures();
    expect(listed.map(({ name }) => name).sort()).toEqual(fixtureNames());
    for (const { name, sha256, command, why } of listed) {
      expect(createHash('sha256').update(fixtureBytes(name)).digest('hex'), name).toBe(sha256);
      expect(command && why, name).toBeTruthy();
    }
  });
});
