// Container images in a verification: an entry for each platform, and where rules beyond names are asked for, one for each program in it.

import { statPath } from '../bytes/folder.ts';
import { BinspectError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { isTestPath } from '../model/container.ts';
import type { Image } from '../model/image.ts';
import type { Failure, FileVerdict, Finding } from '../model/verdict.ts';
import type { SignatureOptions } from '../signature/settings.ts';
import { isByteRule } from '../verify/policy/plan.ts';
import type { Plan } from '../verify/policy/plan.ts';
import { unknown } from '../verify/rules/check.ts';
import { imageFindings, isImageProgram } from '../verify/targets/image.ts';
import { finding, judge } from '../verify/verify.ts';
import { attempt } from './given.ts';
import type { Candidates } from './given.ts';

/** An entry of the report, and the path from the root that waivers match. */
interface ImageEntry {
  readonly place: string;
  readonly file: FileVerdict;
}

interface ImageEntriesOptions {
  readonly limits?: Partial<Limits> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly signatures?: SignatureOptions | undefined;
  readonly onSkip?: ((path: string, reason: string) => void) | undefined;
}

/** Names that archives of images have. What is called otherwise is an archive like any other. */
const IMAGE_NAME = /\.(?:tar|tgz|txz|tzst|gz|xz|zst|oci|docker|img|image)$/i;

/**
 * Takes images out of what is to be looked at: folders leave `candidates`, archives stay there for rules about their bytes, marked as images. Gives the entries of
 * each by its place. What reads images is loaded where there may be one.
 */
export async function imageEntries(candidates: Candidates, naming: (place: string) => readonly Plan[], options: ImageEntriesOptions): Promise<ReadonlyMap<string, readonly ImageEntry[]>> {
  const found = new Map<string, ImageEntry[]>();
  for (const [place, candidate] of candidates) {
    const { path, named, onlyListed, other, error, url } = candidate;
    if (!named || onlyListed || other !== null || error !== null) continue;
    const isFolder = url === undefined && (await attempt(async () => (await statPath(path)).kind)) === 'folder';
    if (!isFolder && !IMAGE_NAME.test(place)) continue;
    const plans = naming(place);
    const { imagesIn } = await import('./images.ts');
    const facts = plans.some(({ asked }) => asked.some((one) => !isByteRule(one) && one.rule !== 'targetFromName')) ? 'all' : 'main';
    const signatures = plans.some(({ needsSignatures }) => needsSignatures) ? (options.signatures ?? true) : false;
    const images = await attempt(() => imagesIn(url ?? path, { facts, signatures, limits: options.limits, signal: options.signal, onSkip: options.onSkip }));
    if (images === null || images instanceof BinspectError) continue; // opening it as a file says what is wrong
    const entries: ImageEntry[] = [];
    const failure = await attempt(async () => {
      for await (const image of images) entries.push(...entriesOf(image, place, plans));
      return null;
    });
    if (failure !== null) entries.push(broken(path, place, failure));
    else if (entries.length === 0 && plans.some(asksOfImages)) entries.push(broken(path, place, new BinspectError('unsupported', 'it lists no image')));
    found.set(place, entries);
    if (isFolder) candidates.delete(place);
    else candidates.set(place, { ...candidate, image: true });
  }
  return found;
}

function asksOfImages({ asked }: Plan): boolean {
  return asked.some((one) => !isByteRule(one));
}

function broken(path: string, place: string, { code, message, offset, detected }: BinspectError): ImageEntry {
  const error: Failure = { code, message, offset: offset ?? null, detected: detected ?? null };
  return { place, file: { path, findings: [finding('contents', 'images that can be read', 'index', null, unknown(message))], error } };
}

/** What one platform comes to. */
function entriesOf(image: Image, place: string, plans: readonly Plan[]): ImageEntry[] {
  const inside = image.inside.at(-1)?.member ?? '';
  const last = image.warnings.findLast(({ code }) => code !== 'trailing-bytes');
  const error: Failure | null = image.complete ? null : { code: 'malformed', message: last?.message ?? 'the image could not be read', offset: null, detected: null };
  const entries: ImageEntry[] = [];
  if (plans.some(({ asked }) => asked.some(({ rule }) => rule === 'targetFromName'))) {
    entries.push({ place: `${place}!/${inside}`, file: { path: image.path, findings: imageFindings(image), error } });
  }
  const others = plans.map((plan) => ({ plan, asked: plan.asked.filter((one) => !isByteRule(one) && one.rule !== 'targetFromName') })).filter(({ asked }) => asked.length > 0);
  if (others.length === 0) return entries;
  let programs = 0;
  for (const one of image.binaries) {
    if (!isImageProgram(one) || isTestPath(one.member)) continue;
    programs++;
    const findings: Finding[] = others.flatMap(({ plan, asked }) => judge(asked, { path: one.path, packageJson: null }, one.inspection, (rule) => plan.expectedFrom(rule)));
    entries.push({ place: `${place}!/${inside}!${one.member}`, file: { path: one.path, findings, error: null } });
  }
  if (entries.length === 0 || (error !== null && entries.every(({ file }) => file.error === null)) || programs === 0) {
    const message = error?.message ?? 'the image holds no executable';
    const findings = others.flatMap(({ plan, asked }) => judge(asked, { path: image.path, packageJson: null }, message, (rule) => plan.expectedFrom(rule)));
    entries.push({ place: `${place}!/${inside}`, file: { path: image.path, findings, error: error ?? { code: 'unsupported', message, offset: null, detected: null } } });
  }
  return entries;
}
