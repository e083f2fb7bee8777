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

/** What was learned of names: package.json files by folder, and verdicts on names that say nothing themselves, by what they rest on. */
export interface NameMemory {
  readonly packages: Packages;
  readonly folders: Map<string, string | null>;
}

/** A memory that knows nothing yet. */
export function nameMemory(): NameMemory {
  return { packages: new Map(), folders: new Map() };
}

/** A name without any of these says nothing of a target but by its ending; only its folder may. (Reading a name whole takes a hundred times as long.) */
const SUSPECT =
  /32|64|386|486|586|686|i86|linux|alpine|android|darwin|mac|osx|apple|ios|win|mingw|msys|cygwin|bsd|dragonfly|solaris|illumos|sunos|aix|haiku|hurd|fuchsia|harmony|ohos|plan9|efi|wasi|wasm|arm|x86|riscv|rv\d|s390|ppc|power|loong|mips|sparc|alpha|hppa|m68k|sh4|musl|gnu|glibc|uclibc|universal|fat|all/i;

/** The target that a file's name claims although the file is for another one; null where it claims none or is what it says. */
export async function claimedInstead(path: string, inspection: Inspection, memory: NameMemory): Promise<string | null> {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  const name = path.slice(at);
  if (SUSPECT.test(name)) return claimOf(path, inspection, memory);
  const [first] = inspection.binaries;
  const ending = /\.[a-z_]+(?=(\.\d+)*$)/i.exec(name)?.[0] ?? '';
  const sure = inspection.warnings.length === 0 && inspection.binaries.every(({ warnings }) => warnings.length === 0);
  if (!sure || inspection.binaries.length !== 1 || first === undefined || first.format === 'pe') return claimOf(path, inspection, memory);
  const { os, arch, variant, libc, triple } = first.platform;
  const key = [path.slice(0, at), ending, first.format, first.kind, os, arch, variant, libc, triple, first.assumed.join()].join('\0');
  const known = memory.folders.get(key);
  if (known !== undefined) return known;
  const claimed = await claimOf(path, inspection, memory);
  memory.folders.set(key, claimed);
  return claimed;
}

async function claimOf(path: string, inspection: Inspection, { packages }: NameMemory): Promise<string | null> {
  if (contradicted(path, inspection, null) === null) return null;
  const { nearestPackage } = await import('./packages.ts'); // its name may explain the words
  const manifest = await nearestPackage(absolutePath(path), packages);
  return contradicted(path, inspection, manifest instanceof BinspectError ? null : manifest);
}
