// Whether a file's own name claims another target than the file is for: what a table marks.

import { absolutePath } from '../bytes/folder.ts';
import { BinspectError } from '../errors.ts';
import type { Inspection } from '../model/binary.ts';
import type { PackagePlatforms } from '../model/verdict.ts';
import { cutShort } from '../verify/rules/cut.ts';
import { fileDoubt, orInDoubt } from '../verify/rules/doubts.ts';
import { TARGET_RULES } from '../verify/rules/target.ts';
import type { Packages } from './packages.ts';

const fail = (message: string): never => {
  throw new BinspectError('invalid-argument', message);
};

const prepared = TARGET_RULES.targetFromName(true, fail);

/** The first claim of the name that the file does not meet; null where it meets all, or nothing is certain. */
function contradicted(path: string, inspection: Inspection, packageJson: PackagePlatforms | null): string | null {
  if (prepared === null || cutShort(inspection) !== null) return null;
  const named = packageJson === null ? null : { ...packageJson, os: null, cpu: null, libc: null }; // only its name, whose words are no claim
  for (const { expected, judge } of prepared({ path, packageJson: named }, inspection)) {
    if ('file' in judge && orInDoubt(judge.file(inspection), fileDoubt('targetFromName', inspection)).status === 'fail') return expected;
  }
  return null;
}

/** The target that a file's name claims although the file is for another one; null where it claims none or is what it says. `packages` keeps the package.json files that were met. */
export async function claimedInstead(path: string, inspection: Inspection, packages: Packages): Promise<string | null> {
  if (contradicted(path, inspection, null) === null) return null;
  const { nearestPackage } = await import('./packages.ts'); // its name may explain the words
  const manifest = await nearestPackage(absolutePath(path), packages);
  return contradicted(path, inspection, manifest instanceof BinspectError ? null : manifest);
}
