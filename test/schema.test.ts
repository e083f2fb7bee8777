// Every inspection of every fixture is what the published schema says, no key more and none less.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isBinspectError } from '../src/errors.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import { toJSON } from '../src/render/json.ts';
import { closed, violations } from './build/json-schema.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';
import { wrongOutput } from './json-output.ts';
import { run } from './terminal.ts';

const schema = closed(JSON.parse(readFileSync('src/schema/inspection.json', 'utf8')) as Record<string, unknown>);

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

describe('what the command prints', () => {
  const paths = fixtureNames().map((name) => `testdata/${name}`);

  it('is held against the schemas wherever a test prints it: files, failures, sums, checks, verdicts, policies', async () => {
    const list = (await run(['hash', ...paths])).out;
    const named = { input: [Buffer.from(`${list}no line\n${'0'.repeat(64)}  testdata/elf-armv7\n${'0'.repeat(64)}  missing\n`)] };
    const lines = async (args: string[], plan = {}): Promise<number> => (await run(args, plan)).out.trimEnd().split('\n').length;
    expect(await lines(['--json', ...paths, 'missing'])).toBe(paths.length + 1);
    expect(await lines(['hash', '--json', ...paths, 'missing'])).toBe(paths.length + 1);
    expect(await lines(['hash', '-c', '--json'], named)).toBe(paths.length + 3);
    expect(await lines(['verify', '--json', '--pie', ...paths])).toBe(paths.length);
    expect(await lines(['verify', '-o', 'json', '--pie', '--target', 'linux/amd64', ...paths])).toBe(1);
    expect(await lines(['map', '--json', paths[0] as string])).toBe(1);
    expect(await lines(['map', '--json', 'missing'])).toBe(1);
    expect((await run(['verify', '--init', 'testdata/elf-armv7'])).out).toContain('"version": 1');
  });

  it.each<[string[], string]>([
    [['--json', 'x'], '{"path":"x","error":{"code":"odd","message":"m","offset":null,"detected":null}}\n'],
    [['--json', 'x'], '{"path":"x","error":{"code":"io","message":"m","offset":null}}\n'],
    [['--json', 'x'], '{"schemaVersion":1}\n'],
    [['hash', '--json', 'x'], '{"path":"x","size":1,"sha256":"AB"}\n'],
    [['hash', '-c', '--json', 'x'], '{"list":"x","line":1,"path":"x","status":"fine","expected":null,"actual":null,"error":null,"foundAs":null}\n'],
    [['verify', '--json', 'x'], '{"path":"x","findings":[{}],"error":null}\n'],
    [['verify', '-o', 'json', 'x'], '{"schemaVersion":2}\n'],
    [['verify', '--init', 'x'], '{"version":2}\n'],
    [['map', '--json', 'x'], '{"schemaVersion":1,"path":"x","size":1,"format":"elf","universal":false,"regions":[{}]}\n'],
    [['--json', 'x'], '{"path":"x"'],
  ])('%s refuses %s', (args, out) => {
    expect(wrongOutput(args, out)).not.toEqual([]);
  });
});
