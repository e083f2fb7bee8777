// binspect verify --init: a policy that describes files as they are.

import { absolutePath } from '../bytes/folder.ts';
import { scan } from '../files/scan.ts';
import type { Inspection } from '../model/binary.ts';
import { isTestPath } from '../model/container.ts';
import type { PolicyExpectations } from '../model/verdict.ts';
import { escapedJson } from '../render/json.ts';
import { visible } from '../render/visible.ts';
import { describeFiles, nameProblem } from '../verify/policy/describe.ts';
import type { Described } from '../verify/policy/describe.ts';
import type { Values } from './arguments.ts';
import type { Terminal } from './streams/terminal.ts';
import { baseOf, fromPolicy, identityOf, usage, writeText } from './verify-paths.ts';

/** Where an installed package has the schema of policies, for editors. */
const SCHEMA = './node_modules/binspect/src/schema/policy.json';

/** Whether an executable in an archive counts as one that is published: no object, and none of a test. */
function countsByItself({ path, inspection }: { path: string; inspection: Inspection }): boolean {
  return !isTestPath(path.slice(path.indexOf('!/') + 2)) && inspection.binaries.some(({ kind }) => kind !== 'relocatable' && kind !== 'debug-symbols' && kind !== 'core' && kind !== 'other');
}

/** Writes a policy that these files meet. */
export async function init(policyPath: string | undefined, values: Values, overrides: PolicyExpectations, paths: readonly string[], terminal: Terminal): Promise<number> {
  if (paths.length === 0) usage('name the files or folders to describe');
  if (Object.keys(overrides).length > 0 || values['sums'] !== undefined) usage('--init takes no expectations: it writes down what is there');
  const files: Described[] = [];
  const others: string[] = [];
  let failed = false;
  const own = policyPath === undefined ? null : absolutePath(policyPath);
  const isInside = (path: string): boolean => path.includes('!/') && identityOf(path) === null;
  const onSkip = (path: string): void => void (absolutePath(path) !== own && !isInside(path) && others.push(fromPolicy(baseOf(policyPath), path)));
  const opened = new Set<string>(); // archives of which an executable is described
  for await (const item of scan(paths, { facts: 'all', archives: values['archives'] === false ? 'never' : 'all', onSkip })) {
    if ('container' in item) {
      const { path } = item.container;
      if (!isInside(path) && !opened.has(path)) onSkip(path);
    } else if ('error' in item) {
      const ofArchive = isInside(item.path) || item.error.container !== undefined;
      if (!ofArchive) failed = true;
      else if (!isInside(item.path)) onSkip(item.path);
      terminal.err(`binspect: ${visible(item.path)}: ${visible(item.error.message)}\n`);
    } else {
      const inside = isInside(item.path);
      if (inside && !countsByItself(item)) continue; // what tests carry is no part of what is published
      if (inside) opened.add(item.path.slice(0, item.path.indexOf('!/')));
      files.push({ path: fromPolicy(baseOf(policyPath), item.path), inspection: item.inspection });
    }
  }
  for (const described of files) {
    const problem = nameProblem(described);
    if (problem !== null) terminal.err(`binspect: ${visible(described.path)}: its name contradicts it, and is left to fail: ${visible(problem)}\n`);
  }
  if (failed) return 3;
  if (files.length === 0) {
    terminal.err(`binspect: no binaries in ${paths.map(visible).join(', ')}\n`);
    return 3;
  }
  const text = `${escapedJson(JSON.stringify({ $schema: SCHEMA, ...describeFiles(files, others) }, null, 2))}\n`;
  if (policyPath === undefined) await terminal.out(text);
  else writeText(policyPath, text, 'wx');
  return 0;
}
