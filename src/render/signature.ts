// What became of a signature, as rows of the report: is it whole, who signed it, how far up does that go, when; and what nobody checked.

import type { Binary } from '../model/binary.ts';
import { wordIn } from '../model/names.ts';
import type { Certificate, Level, SignatureCheck, SignatureItem, SignatureProblem } from '../model/signature.ts';

/** A row: its label, and a value that is untrusted as yet. */
type Pair = readonly [label: string, value: string];

const STATES: Readonly<Record<Exclude<SignatureCheck['state'], 'certificate' | 'absent' | 'damaged'>, string>> = {
  'linker-signed': 'nobody: the linker wrote digests, which anybody can compute anew',
  'ad-hoc': 'nobody: an ad-hoc signature has digests only, which anybody can compute anew',
  'pseudo-signed': 'nobody: digests only, though the flag adhoc is not set; Apple\'s systems refuse that',
};

/** A certificate's holder in short: common name, organization where that is another, country. The subject in full stands in JSON and with -v. */
function holder({ subject, subjectAttributes }: Certificate): string {
  const first = (type: string): string | null => subjectAttributes.find((attribute) => attribute.type === type)?.value ?? null;
  const organization = first('O');
  const name = first('CN') ?? organization;
  if (name === null) return subject;
  return [name, organization === null || name.includes(organization) ? null : organization, first('C')].filter((part) => part !== null).join(', ');
}

/** Words for a level that is not 'yes'. */
function unsure(level: Level, no: string): string {
  return level === 'no' ? no : level === 'none' ? 'does not arise' : level === 'not-asked' ? 'not asked for: no roots were given' : '? could not be determined';
}

function because({ problems }: SignatureCheck, level: SignatureProblem['level']): string {
  const found = problems.filter((problem) => problem.level === level);
  const [first] = found;
  return first === undefined ? '' : `: ${first.message}${found.length > 1 ? ` (and ${found.length - 1} more)` : ''}`;
}

function wholeText(check: SignatureCheck): string {
  const { intact } = check.levels;
  const pages = check.codeDirectories.reduce((sum, { codeSlots }) => sum + codeSlots, 0);
  const digests = check.codeDirectories.length === 0 ? [...new Set(check.signatures.map(({ digest }) => digest.algorithm))].join(', ') : `${pages} ${pages === 1 ? 'page' : 'pages'}`;
  return intact === 'yes' ? `yes: the bytes are those that its digests name (${digests})` : `${unsure(intact, 'no')}${because(check, 'intact')}`;
}

function signerText(check: SignatureCheck, item: SignatureItem | undefined): string {
  const { state, levels } = check;
  if (state !== 'certificate' && state !== 'damaged') return state === 'absent' ? 'nobody' : STATES[state];
  const signer = item?.signer ?? null;
  const name = signer === null ? null : holder(signer);
  if (levels.signed === 'yes') return name === null ? '?' : `${name}${item?.kind === null || item?.kind === undefined ? '' : ` (${item.kind})`}`;
  const claimed = name === null ? '' : `; it claims ${name}`;
  return `${unsure(levels.signed, 'nobody: the signature is not valid')}${because(check, 'signed')}${claimed}`;
}

function chainText(check: SignatureCheck, item: SignatureItem | undefined): string {
  const { anchored } = check.levels;
  const top = item?.chain.at(-1);
  if (anchored === 'yes') return `to the root ${top === undefined ? '?' : holder(top)}, over ${(item?.chain.length ?? 1) - 1} ${item?.chain.length === 2 ? 'certificate' : 'certificates'}`;
  const issuer = top === undefined ? '' : `; the last issuer is ${top.issuer}`;
  return `${unsure(anchored, 'to no root that was given')}${because(check, 'anchored')}${anchored === 'not-asked' ? issuer : ''}`;
}

const SOURCES = { timestamp: 'by its time stamp', given: 'by the time given', clock: 'by the clock' } as const;

function timeText(check: SignatureCheck, item: SignatureItem | undefined): string {
  const { at, levels } = check;
  if (levels.inTime === 'none') return 'does not arise';
  const stamp = item?.timestamps.find(({ signed }) => signed === 'yes')?.time ?? null;
  const claim = stamp !== null ? `; stamped ${stamp}` : item?.signingTime === null || item?.signingTime === undefined ? '' : `; it claims ${item.signingTime}`;
  if (levels.inTime === 'not-asked') return `not asked for${claim}`;
  const time = at === null ? '' : `${at.time} ${SOURCES[at.from]}`;
  if (levels.inTime === 'yes') return `${time}, when every certificate was valid`;
  return `${levels.inTime === 'no' ? `${time}, when not every certificate was valid` : '? could not be determined'}${because(check, 'inTime')}${at?.from === 'timestamp' ? '' : claim}`;
}

const MOST_REMARKS = 8;

/** Words of what nobody checked. */
const NOT_CHECKED: Readonly<Record<string, string>> = {
  revocation: 'revocation of certificates',
  notarization: 'notarization',
  catalogue: 'catalogues, in which Windows may have its signature',
  'bundle-resources': "a bundle's resources",
  'system-policy': "the system's own policy",
  'windows-policy': "Windows's own lists and policies",
  'roots-freshness': 'whether the roots are current',
};

/** The rows of a signature that was checked; none where that was not asked for. */
export function signatureRows({ signatureCheck }: Binary, verbose: boolean): Pair[] {
  if (signatureCheck === null) return [];
  const check = signatureCheck;
  const notChecked = check.notChecked.map((word) => wordIn(NOT_CHECKED, word) ?? word);
  const unchecked: Pair[] = notChecked.length === 0 ? [] : [['not checked', notChecked.join(', ')]];
  if (check.state === 'absent') return [['signed by', 'nobody: there is no embedded signature'], ...unchecked];
  const [item] = check.signatures;
  const rows: Pair[] = [
    ['whole', wholeText(check)],
    ['signed by', signerText(check, item)],
    ['leads', chainText(check, item)],
    ['when', timeText(check, item)],
    ...unchecked,
  ];
  const weak = [...new Set(check.signatures.flatMap((one) => one.weak))];
  if (weak.length > 0) rows.push(['weak', weak.join(', ')]);
  const shown = check.problems.filter(({ level }) => level === null || verbose);
  for (const { message, offset } of shown.slice(0, MOST_REMARKS)) rows.push(['remark', `${message}${offset === null ? '' : ` (at 0x${offset.toString(16)})`}`]);
  if (shown.length > MOST_REMARKS) rows.push(['remark', `${shown.length - MOST_REMARKS} more`]);
  return verbose ? [...rows, ...detailRows(check)] : rows;
}

/** What only those want to see who look closely. */
function detailRows(check: SignatureCheck): Pair[] {
  const rows: Pair[] = [];
  for (const { depth, digest, signer, timestamps } of check.signatures) {
    rows.push([depth === 0 ? 'signature' : 'nested', `${digest.algorithm} ${digest.signed}${signer === null ? '' : ` by ${signer.subject}, certificate ${signer.sha256}`}`]);
    for (const { kind, time, signed, anchored } of timestamps) rows.push(['time stamp', `${kind} ${time ?? '?'}: signed ${signed}, anchored ${anchored}`]);
  }
  for (const { slot, algorithm, digest, covered } of check.codeDirectories) rows.push(['directory', `slot 0x${slot.toString(16)} ${algorithm ?? '?'} ${digest ?? '?'}, covered ${covered}`]);
  for (const { type, text } of check.requirements) rows.push(['requirement', `${type} => ${text}`]);
  return rows;
}

/** One word for a table. */
export function signatureWord({ signatureCheck }: Binary): string {
  if (signatureCheck === null) return '';
  const { state, levels } = signatureCheck;
  if (state !== 'certificate') return levels.intact === 'no' ? 'changed' : state;
  if (levels.intact !== 'yes') return levels.intact === 'no' ? 'changed' : 'unknown';
  if (levels.signed !== 'yes') return levels.signed === 'no' ? 'invalid' : 'unknown';
  if (levels.anchored === 'not-asked') return 'signed';
  return levels.anchored === 'yes' ? (levels.inTime === 'yes' ? 'anchored' : 'out of time') : levels.anchored === 'no' ? 'unanchored' : 'unknown';
}
