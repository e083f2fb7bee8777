// Whether a container image is for the platform that its index and its configuration say: its programs, what it starts, the loaders that they need.

import type { Binary, Inspection } from '../../model/binary.ts';
import { isTestPath } from '../../model/container.ts';
import { imagePlatformText } from '../../model/image.ts';
import type { EntrypointStep, Image, ImageBinary, ImagePlatform } from '../../model/image.ts';
import type { Finding } from '../../model/verdict.ts';
import { failed, passed, unknown } from '../rules/check.ts';
import type { Outcome } from '../rules/check.ts';
import { finding } from '../verify.ts';
import { claimsOfPath } from './claims.ts';
import { matchesTarget, parseTarget, platformEvidence, platformText, runsAnywhere } from './target.ts';
import type { Match, Target } from './target.ts';

/** Kinds that run or are loaded: they are what an image is for. */
const KINDS: ReadonlySet<string> = new Set(['executable', 'shared-library', 'bundle', 'driver']);

/** Folders and names of programs that are for other machines on purpose: targets of emulation, libraries of cross compilers, what devices load. */
const FOREIGN = /(?:^|\/)qemu-[^/]+-static$|^\/usr\/[^/]+-linux-[^/]+\/|^\/usr\/lib\/gcc-cross\/|^(?:\/usr)?\/lib\/firmware\//;

/** 386 on amd64 runs everywhere; Windows on arm64 runs both by emulation. */
const ALSO: ReadonlyMap<string, readonly string[]> = new Map([
  ['linux/amd64', ['386']],
  ['windows/amd64', ['386']],
  ['windows/arm64', ['386', 'amd64']],
]);

const CONFIG = "the image's configuration";
const SHOWN = 8; // paths in one message

/** Whether a binary of an image is for its platform; 'also' where it is not, and runs there all the same. */
function fits(inspection: Inspection, target: Target, platform: ImagePlatform): Match | 'also' {
  const matches = inspection.binaries.map((binary) => matchesTarget(binary, target));
  if (matches.includes('yes')) return 'yes';
  if (inspection.binaries.every(runsAnywhere)) return 'also';
  const also = ALSO.get(`${platform.os}/${platform.arch}`) ?? [];
  const isAlso = inspection.binaries.some(({ platform: { os, arch } }) => os === platform.os && arch !== null && also.includes(arch));
  if (isAlso) return 'also';
  return matches.includes('unknown') ? 'unknown' : 'no';
}

/** Whether a folder that it lies in says that it is for something else, and it is: packages carry prebuilt libraries for many platforms. */
function hasNearerClaim({ member, inspection }: ImageBinary): boolean {
  const claims = claimsOfPath(`${member.slice(0, member.lastIndexOf('/'))}/x`);
  return claims.some(({ target }) => target.arch !== null || target.libc !== null) && claims.every(({ target }) => inspection.binaries.some((binary) => matchesTarget(binary, target) === 'yes'));
}

function isOfSystem({ inspection }: ImageBinary, os: string | null): boolean {
  return inspection.binaries.some(({ platform, assumed }) => platform.os === os || (platform.os !== null && assumed.includes('os')));
}

/** Whether a file of the image counts: it runs or is loaded, and is not there for tests or for other machines. */
export function isImageProgram({ member, mode, inspection: { binaries } }: ImageBinary): boolean {
  if (isTestPath(member) || FOREIGN.test(member)) return false;
  return binaries.some(({ kind, format }) => KINDS.has(kind) && (kind !== 'executable' || mode === null || (mode & 0o111) !== 0 || (format === 'pe' && /\.exe$/i.test(member))));
}

function text(inspection: Inspection): string {
  return inspection.binaries.map((binary) => platformText(binary, { libc: null })).join(', ');
}

/** Paths with what each is, as far as a message can hold them. */
function listed(binaries: readonly ImageBinary[]): string {
  const shown = binaries.slice(0, SHOWN).map(({ member, inspection }) => `${member} is ${text(inspection)}`);
  return binaries.length > SHOWN ? `${shown.join('; ')}; and ${binaries.length - SHOWN} more` : shown.join('; ');
}

/** `/entry.sh → /bin/sh → /usr/bin/busybox linux/arm64`. */
export function chainText(chain: readonly EntrypointStep[], program: Inspection | null): string {
  const way = chain.map(({ path }) => path).join(' → ');
  return program === null ? way : `${way} ${text(program)}`;
}

/** What every image comes to: the rules `contents` and `interpreterPresent`. */
export function imageFindings(image: Image): Finding[] {
  const { config, indexPlatform, complete, warnings } = image;
  const unread = complete ? null : (warnings.findLast(({ code }) => code !== 'trailing-bytes')?.message ?? 'the image could not be read');
  const found = (expected: string, from: string, outcome: Outcome): Finding => finding('contents', expected, from, null, outcome);
  if (config === null) return [found('a configuration that says what the image is for', 'the manifest', unknown(unread ?? 'the configuration can not be read'))];
  const findings: Finding[] = [];
  const { platform } = config;
  const own = imagePlatformText(platform);
  if (indexPlatform !== null) {
    const said = imagePlatformText(indexPlatform);
    const same = indexPlatform.os === platform.os && indexPlatform.arch === platform.arch && (indexPlatform.variant === platform.variant || platform.variant === null || indexPlatform.variant === null);
    findings.push(found(said, 'the index', same ? passed(own, 'the configuration') : failed(own, 'the configuration', `the index says ${said}, the configuration says ${own}`)));
  }
  const claimed: ImagePlatform = { ...platform, variant: platform.variant ?? (indexPlatform?.arch === platform.arch ? indexPlatform.variant : null) };
  const wanted = imagePlatformText(claimed);
  const parsed = claimed.os === null || claimed.arch === null ? 'the configuration names no system or no architecture' : parseTarget(claimed.arch === 'arm' && claimed.variant === null ? `${claimed.os}/arm/v7` : wanted);
  if (typeof parsed === 'string') {
    findings.push(found('a platform that is known', CONFIG, unknown(parsed)));
    return findings;
  }
  const target: Target = { ...parsed, atMost: true };
  findings.push(found(wanted, CONFIG, contentsOutcome(image, target, claimed, unread)));
  const entry = entrypointOutcome(image, target, claimed);
  if (entry !== null) findings.push(found(`an entrypoint for ${wanted}`, CONFIG, entry));
  if (platform.os !== 'windows') findings.push(finding('interpreterPresent', 'the loader of every program', CONFIG, null, interpreterOutcome(image, target, claimed, unread)));
  return findings;
}

/** Every file that counts against the platform. */
function contentsOutcome(image: Image, target: Target, platform: ImagePlatform, unread: string | null): Outcome {
  const wrong: ImageBinary[] = [];
  const unclear: ImageBinary[] = [];
  const others: ImageBinary[] = [];
  let right = 0;
  let also = 0;
  for (const one of image.binaries) {
    if (!isImageProgram(one)) continue;
    const match = fits(one.inspection, target, platform);
    if (match === 'yes') right++;
    else if (match === 'also') also++;
    else if (hasNearerClaim(one)) continue;
    else if (!isOfSystem(one, platform.os)) others.push(one);
    else (match === 'unknown' ? unclear : wrong).push(one);
  }
  const started = others.filter(({ mode, inspection: { binaries } }) => mode !== null && (mode & 0o111) !== 0 && binaries.some(({ kind }) => kind === 'executable') && isForSystem(binaries));
  wrong.push(...started, ...(right + also === 0 ? others.filter((one) => !started.includes(one)) : []));
  const all = right + also + wrong.length;
  const remark = also === 0 ? null : `${also} of them ${also === 1 ? 'is' : 'are'} for another architecture that runs there, or for any`;
  if (wrong.length > 0) return failed(`${wrong.length} of ${all} ${all === 1 ? 'program or library' : 'programs and libraries'} for something else`, evidenceOf(wrong[0] as ImageBinary), `${listed(wrong)}${startedBy(image, wrong)}`);
  if (unread !== null) return unknown(unread);
  if (unclear.length > 0) return unknown(`${listed(unclear)}: the system or the architecture can't be told`);
  if (all === 0) return unknown('the image holds no executable');
  return { status: 'pass', found: `${all} ${all === 1 ? 'program or library' : 'programs and libraries'} for ${target.text}`, evidence: null, note: remark };
}

/** Whether some system's loader starts it; an EFI program is started by firmware. */
function isForSystem(binaries: readonly Binary[]): boolean {
  return binaries.some(({ platform: { os } }) => os !== null && os !== 'uefi');
}

function evidenceOf({ inspection }: ImageBinary): string | null {
  const [first] = inspection.binaries;
  return first === undefined ? null : platformEvidence(first, { os: null, libc: null });
}

/** Says of wrong programs that scripts of the entrypoint name them, or Cmd does. */
function startedBy({ entrypoint }: Image, wrong: readonly ImageBinary[]): string {
  if (entrypoint === null) return '';
  const paths = new Map(wrong.map(({ member, inspection }) => [member, text(inspection)]));
  const named = entrypoint.mentions.filter(({ path }) => paths.has(path));
  if (named.length === 0) return '';
  return `; the entrypoint names it: ${named.slice(0, SHOWN).map(({ path, in: where }) => `${where === 'Cmd' ? chainText(entrypoint.chain, null) : where} → ${path} ${paths.get(path)}${where === 'Cmd' ? ' (Cmd)' : ''}`).join(', ')}`;
}

/** What the image starts; null where nothing of it can be told. */
function entrypointOutcome({ entrypoint }: Image, target: Target, platform: ImagePlatform): Outcome | null {
  if (entrypoint === null || entrypoint.program === null) return null;
  const { chain, program } = entrypoint;
  const way = chainText(chain, program);
  const [first] = program.binaries;
  const evidence = first === undefined ? null : platformEvidence(first, { os: null, libc: null });
  const match = fits(program, target, platform);
  if (match === 'no') return failed(way, evidence);
  if (match === 'unknown') return { status: 'unknown', found: way, evidence, note: 'the file does not tell its system or architecture' };
  return passed(way, null);
}

/** Whether the loaders that programs ask for are in the image. */
function interpreterOutcome(image: Image, target: Target, platform: ImagePlatform, unread: string | null): Outcome {
  const missing = new Map(image.missingInterpreters.flatMap(({ interpreter, programs }) => programs.map((program) => [program, interpreter] as const)));
  const started = image.entrypoint?.program?.path ?? null;
  const without: string[] = [];
  let asked = 0;
  for (const one of image.binaries) {
    const isStarted = one.path === started;
    const { binaries } = one.inspection;
    if (!binaries.some(({ interpreter, kind }) => interpreter !== null && (kind === 'executable' || isStarted))) continue;
    if (!isStarted && (!isImageProgram(one) || fits(one.inspection, target, platform) !== 'yes' || hasNearerClaim(one))) continue;
    asked++;
    const interpreter = missing.get(one.member);
    if (interpreter !== undefined) without.push(`${one.member} asks for ${interpreter}`);
  }
  if (without.length > 0) {
    const shown = without.slice(0, SHOWN).join('; ');
    const by = image.entrypoint !== null && image.binaries.some(({ path, member }) => path === started && missing.has(member)) ? `; it is what the entrypoint starts: ${chainText(image.entrypoint.chain, null)}` : '';
    const outcome = failed(`${without.length} of ${asked} ${asked === 1 ? 'program' : 'programs'} without`, 'PT_INTERP', `${shown}${without.length > SHOWN ? `; and ${without.length - SHOWN} more` : ''}: starting ${without.length === 1 ? 'it' : 'them'} fails with "no such file or directory"${by}`);
    return unread === null ? outcome : { ...unknown(unread), found: outcome.found };
  }
  if (unread !== null) return unknown(unread);
  return passed(asked === 0 ? 'no program that asks for one' : `${asked} ${asked === 1 ? 'program' : 'programs'} with it`, null);
}
