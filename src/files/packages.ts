// package.json files on a disk: the one nearest to a file, and whether what one names is there.

import { pathIn, statPath } from '../bytes/folder.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import type { Finding, PackagePlatforms } from '../model/verdict.ts';
import { folderOf, inFolder } from '../verify/paths.ts';
import { failed } from '../verify/rules/check.ts';
import { packagePlatforms, packageText } from '../verify/targets/package-json.ts';
import { finding } from '../verify/verify.ts';
import { attempt, readWhole } from './given.ts';

/** What package.json says, by the folder from which it was looked for. */
export type Packages = Map<string, PackagePlatforms | BinspectError | null>;

const LARGEST_PACKAGE = 4 * 1024 * 1024; // bytes of a package.json; nobody wrote a larger one

/** Whether it is for lack of such a file that it can't be read. */
function isNoFile({ cause }: BinspectError): boolean {
  return cause instanceof Error && 'code' in cause && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(cause.code as string);
}

/** The package.json of one folder, or why nobody can say what it says; null where there is none. */
async function packageIn(folder: string): Promise<PackagePlatforms | BinspectError | null> {
  const path = pathIn(folder, 'package.json');
  const bytes = await attempt(() => readWhole(path, LARGEST_PACKAGE));
  if (!(bytes instanceof BinspectError)) return packagePlatforms(path, decodeText(bytes));
  if (isNoFile(bytes)) return null;
  bytes.path = path;
  return bytes;
}

/** The nearest package.json above a file, or why nobody can say what it says; null where there is none. */
export async function nearestPackage(place: string, packages: Packages): Promise<PackagePlatforms | BinspectError | null> {
  const passed: string[] = [];
  let found: PackagePlatforms | BinspectError | null = null;
  for (let folder = folderOf(place); ; folder = folderOf(folder)) {
    const known = packages.get(folder);
    if (known !== undefined) {
      found = known;
      break;
    }
    passed.push(folder);
    found = await packageIn(folder);
    if (found !== null || folder === folderOf(folder)) break;
  }
  for (const folder of passed) packages.set(folder, found);
  return found;
}

/** What Node adds to the name of a package's main file until there is one (require's LOAD_AS_FILE and LOAD_INDEX). */
const NODE_ENDINGS = ['', '.js', '.json', '.node', '/index.js', '/index.json', '/index.node'];

/** Whether a file that a package.json names is there. */
async function isThere(place: string): Promise<boolean> {
  for (const ending of NODE_ENDINGS) if (!((await attempt(() => statPath(`${place}${ending}`))) instanceof BinspectError)) return true;
  return false;
}

/**
 * Files that the package.json of a platform's package names and that are not there, each with its finding: its main file, its programs, and
 * what it publishes, if nothing of that is there. `path` is how the package.json was met.
 */
export async function missingFiles(path: string, place: string): Promise<{ path: string; place: string; finding: Finding }[]> {
  const manifest = await packageIn(folderOf(place));
  if (manifest === null || manifest instanceof BinspectError || (manifest.os === null && manifest.cpu === null)) return [];
  const absent = async (names: readonly string[]): Promise<string[]> => {
    const there = await Promise.all(names.map((name) => isThere(inFolder(folderOf(place), name))));
    return names.filter((_, index) => there[index] === false);
  };
  const programs = manifest.programs ?? [];
  const published = await absent(programs);
  const missing = [...new Set([...(await absent(manifest.files ?? [])), ...(published.length === programs.length ? published : [])])];
  return missing.map((name) => ({
    path: inFolder(folderOf(path), name),
    place: inFolder(folderOf(place), name),
    finding: finding('targetFromName', `a file for ${packageText(manifest) ?? ''}`, path, null, failed('no such file', null, 'package.json names it, and it is not there')),
  }));
}
