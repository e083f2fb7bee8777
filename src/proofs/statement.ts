// Envelopes and what they say: DSSE around an in-toto statement that names files by their digests.

import { decodeText } from '../bytes/text.ts';
import { attempt } from '../pki/attempt.ts';
import { joined } from '../pki/der.ts';
import type { HashName } from '../pki/algorithms.ts';
import { asObject, fieldOf, jsonError, needObject, needText, objectsIn, parseJson, textIn } from './json.ts';

/** A statement about files. */
export interface Statement {
  readonly predicateType: string;
  readonly subjects: readonly Subject[];
  /** What SLSA's provenance says of the build: claims of the signer. Null where it says none. */
  readonly buildType: string | null;
  readonly builder: string | null;
}

/** A file that a statement names. */
export interface Subject {
  readonly name: string;
  /** Lower-case hex, of those that are known here. */
  readonly digests: ReadonlyMap<HashName, string>;
}

/** The payload type of in-toto statements. */
export const IN_TOTO = 'application/vnd.in-toto+json';

const TYPES: ReadonlySet<string> = new Set(['https://in-toto.io/Statement/v0.1', 'https://in-toto.io/Statement/v1']);
const MOST_SUBJECTS = 10_000; // GitHub allows 1,024
const COMPARED: readonly HashName[] = ['sha256', 'sha384', 'sha512'];

/** What the signature of an envelope is over. (DSSE 1.0, PAE) */
export function preAuthentication(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = new TextEncoder().encode(payloadType);
  return joined([new TextEncoder().encode(`DSSEv1 ${type.length} `), type, new TextEncoder().encode(` ${payload.length} `), payload]);
}

/** Reads a statement. Throws `malformed` for a payload that is none. (in-toto attestation 0.1 and 1) */
export function readStatement(payloadType: string, payload: Uint8Array): Statement {
  if (payloadType !== IN_TOTO) throw jsonError(`the envelope holds '${payloadType.slice(0, 100)}', not an in-toto statement`);
  const statement = asObject(parseJson(decodeText(payload), 'the statement'), 'the statement');
  const type = needText(statement, '_type');
  if (!TYPES.has(type)) throw jsonError(`a statement of the type '${type.slice(0, 100)}'`);
  const subjects = objectsIn(statement, 'subject', MOST_SUBJECTS).map((subject): Subject => {
    const digest = needObject(subject, 'digest');
    const digests = new Map<HashName, string>();
    for (const algorithm of COMPARED) {
      const value = textIn(digest, algorithm);
      if (value !== null) digests.set(algorithm, value.toLowerCase());
    }
    return { name: textIn(subject, 'name') ?? '', digests };
  });
  const predicate = attempt(() => asObject(fieldOf(statement, 'predicate'), 'the predicate'));
  const builder = predicate.ok ? attempt(() => needText(needObject(needObject(predicate.value, 'runDetails'), 'builder'), 'id')) : null;
  const buildType = predicate.ok ? attempt(() => needText(needObject(predicate.value, 'buildDefinition'), 'buildType')) : null;
  return {
    predicateType: textIn(statement, 'predicateType') ?? '',
    subjects,
    buildType: buildType?.ok === true ? buildType.value : null,
    builder: builder?.ok === true ? builder.value : null,
  };
}

/** What came of looking for a file among subjects. */
export type SubjectMatch = { readonly found: Subject } | { readonly problem: string; readonly certain: boolean };

/** The subject that names a file: one of its digests is the file's, and none is another. `digests`: of the file, as far as they are known. */
export function subjectOf(subjects: readonly Subject[], digests: ReadonlyMap<HashName, string>): SubjectMatch {
  let untold = false;
  for (const subject of subjects) {
    let same = 0;
    let other = 0;
    for (const [algorithm, value] of subject.digests) {
      const own = digests.get(algorithm);
      if (own === undefined) continue;
      if (own === value) same++;
      else other++;
    }
    if (same > 0 && other === 0) return { found: subject };
    if (same === 0 && other === 0 && subject.digests.size > 0) untold = true;
  }
  if (untold) return { problem: 'the statement names files by digests that are not known of this one', certain: false };
  const [first] = subjects;
  if (first === undefined) return { problem: 'the statement names no file', certain: true };
  const [digest] = first.digests;
  const named = digest === undefined ? first.name : `${first.name} with ${digest[0]} ${digest[1]}`;
  return { problem: `the statement names ${subjects.length === 1 ? named : `${subjects.length} other files, ${named} first`}`, certain: true };
}
