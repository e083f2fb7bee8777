// What an archive and the archives in it claim, held against the executables in them. Pure: what was read is handed in.

import type { Container } from '../../model/container.ts';
import type { Finding } from '../../model/verdict.ts';
import { unknown } from '../rules/check.ts';
import { containerClaims } from '../targets/container-claims.ts';
import type { ContentsClaim } from '../targets/contents-claim.ts';
import { finding } from '../verify.ts';
import { judgeClaim } from './claims.ts';
import { claimsItself, countingMembers, isForItsFolder, isTransparent, topFolders } from './members.ts';
import type { ContentsContainer, ContentsMember } from './members.ts';

/** What is to be done with an executable. */
export interface Standing {
  /** Whether it counts for what the archive is for. */
  readonly counts: boolean;
  /** Whether it is for another system, and comes with the archive without being one of its programs. */
  readonly foreign: boolean;
  /** Whether an archive that it lies in claims what it is for. */
  readonly claimed: boolean;
  /** Whether its own path within the archive claims what it is for. */
  readonly claimsItself: boolean;
  /** Whether it is what the archives that it lies in claim. */
  readonly fits: boolean;
}

/** What comes of an archive. */
export interface Contents {
  /** The findings of `contents`, by the path of the archive: the given one, and those in it. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
  readonly standings: ReadonlyMap<ContentsMember, Standing>;
  /** What the given archive claims, in words; null where it claims nothing. */
  readonly claim: string | null;
}

/** The archives whose claims are about a member: its own, and those around it as far as what is between them is plain. */
function scopeOf(member: ContentsMember, byPath: ReadonlyMap<string, ContentsContainer>): ContentsContainer[] {
  const scope: ContentsContainer[] = [];
  for (let one = byPath.get(member.container); one !== undefined; one = one.parent === null ? undefined : byPath.get(one.parent)) {
    scope.push(one);
    if (!isTransparent(one)) break;
  }
  return scope;
}

function groupBy<T>(items: Iterable<T>, key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** What an archive's claims come to. `containers` are the given archive and all that lie in it. */
export function judgeContents(containers: readonly ContentsContainer[], members: readonly ContentsMember[]): Contents {
  const byPath = new Map(containers.map((one) => [one.container.path, one]));
  const names = groupBy(members, ({ container }) => container);
  const claims = new Map<ContentsContainer, readonly ContentsClaim[]>();
  for (const one of containers) {
    const { path, kind, claims: written } = one.container;
    claims.set(one, containerClaims({ path: one.name, kind, claims: written }, { manifest: one.manifest, names: (names.get(path) ?? []).map(({ name }) => name) }));
  }
  const all = [...claims.values()].flat();
  const hosted = all.length > 0 && !all.some(asksWebAssembly); // a module is for whoever brings a host
  const counting = countingMembers(hosted ? members.filter(({ facts }) => !facts.binaries.some(({ format }) => format === 'wasm')) : members);
  const tops = topFolders(counting);
  // A claim is about what lies in its archive, and in plain archives in it that claim nothing themselves.
  const reach = new Map<ContentsContainer, ContentsMember[]>();
  for (const member of counting) {
    for (const one of scopeOf(member, byPath)) {
      const list = reach.get(one);
      if (list === undefined) reach.set(one, [member]);
      else list.push(member);
      if (claims.get(one)?.some(({ about }) => about === null) === true) break;
    }
  }
  const findings = new Map<string, Finding[]>();
  const [claimed, foreign, misfits] = [new Set<ContentsMember>(), new Set<ContentsMember>(), new Set<ContentsMember>()];
  for (const [one, list] of claims) {
    const { path, kind } = one.container;
    const doubt = doubtOf(one.container, names.get(path) ?? []);
    const reached = reach.get(one) ?? [];
    const own = reached.filter((member) => !isForItsFolder(member, kind, tops));
    const its = list.map((claim) => {
      const { about } = claim;
      const subject = (about === null ? own : reached).filter((member) => about === null || (member.container === path && about(member.name)));
      for (const member of about === null ? reached : subject) claimed.add(member);
      const { outcome, others, wrong } = judgeClaim(claim, subject, about === null && reached.length > own.length);
      for (const member of others) foreign.add(member);
      for (const member of wrong) misfits.add(member);
      const told = claim.words === null || outcome.status === 'pass' ? outcome : { ...outcome, note: [outcome.note, claim.words].filter((text) => text !== null).join('; ') };
      return finding('contents', claim.expected, claim.from, null, doubt !== null && outcome.status === 'pass' ? unknown(doubt) : told);
    });
    findings.set(path, its);
  }
  const standings = new Map(members.map((member) => [member, { counts: counting.has(member), foreign: foreign.has(member), claimed: claimed.has(member), claimsItself: claimsItself(member), fits: !misfits.has(member) }]));
  const root = containers.find(({ parent }) => parent === null);
  const words = root === undefined ? [] : (claims.get(root) ?? []).map(({ expected }) => expected);
  return { findings, standings, claim: words.length === 0 ? null : [...new Set(words)].join('; ') };
}

function asksWebAssembly({ asks }: ContentsClaim): boolean {
  if (asks.kind === 'package') return asks.package.cpu?.some((word) => word.startsWith('wasm')) === true;
  return asks.kind === 'target' && asks.target.arch?.some(({ arch }) => arch === 'wasm') === true;
}

/** Why nothing that is said of all members is certain; null where nothing stands against it. */
export function doubtOf({ complete, warnings }: Container, members: readonly ContentsMember[]): string | null {
  if (!complete) return `not all of it could be read: ${warnings.findLast(({ code }) => SPOILS.has(code))?.message ?? 'a member can not be told'}`;
  const odd = warnings.find(({ code }) => code === 'ambiguous-end');
  if (odd !== undefined) return odd.message;
  const names = new Set(members.map(({ name }) => name));
  const twice = warnings.find(({ code, message }) => code === 'duplicate-name' && message.includes(' is listed more than once') && names.has(message.slice(0, message.indexOf(' is listed more than once'))));
  return twice === undefined ? null : twice.message;
}

const SPOILS: ReadonlySet<string> = new Set(['truncated', 'malformed', 'limit-exceeded', 'unsupported', 'incomplete', 'unrecognized']);
