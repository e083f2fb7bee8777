// The files of testdata, with what their manifest says of them.

import { readdirSync, readFileSync } from 'node:fs';

export interface Fixture {
  /** The file's name in testdata/. */
  readonly name: string;
  /** The shell command that makes it, in an empty folder. */
  readonly command: string;
  readonly tools: string;
  readonly sha256: string;
  readonly why: string;
}

/** What the manifest lists. */
export function listedFixtures(): Fixture[] {
  return JSON.parse(readFileSync('testdata/manifest.json', 'utf8')) as Fixture[];
}

/** Every file in testdata/ that is a fixture: not a golden, not the manifest. */
export function fixtureNames(): string[] {
  return readdirSync('testdata', { withFileTypes: true }).flatMap((entry) => (entry.isFile() && !entry.name.endsWith('.json') ? [entry.name] : [])).sort();
}

export function fixtureBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`testdata/${name}`));
}
