// Whether a signature is valid for a key and about this file: over the file itself, or over an envelope whose statement names it.

import type { Outcome } from '../verify/rules/check.ts';
import { failed, passed, unknown } from '../verify/rules/check.ts';
import type { HashName } from '../pki/algorithms.ts';
import { attempt } from '../pki/attempt.ts';
import { equalBytes, hexOf } from '../pki/der.ts';
import type { KeyBytes, Runtime } from '../pki/signed-bytes.ts';
import type { Artifact } from './artifact.ts';
import type { SignedContent } from './bundle.ts';
import { digestNamed } from './entry-body.ts';
import { checkByKey, sigstoreHashesFor } from './keys.ts';
import type { KeyCheck } from './keys.ts';
import { preAuthentication, readStatement, subjectOf } from './statement.ts';
import type { Statement } from './statement.ts';

/** What a signature is over. */
export interface SignedParts {
  /** Digests of the file, or of the envelope's bytes before signing. */
  readonly digest: (algorithm: HashName) => Uint8Array | null;
  readonly payloadDigest: (algorithm: HashName) => Uint8Array | null;
}

/** What came of the signature itself. */
export interface ContentCheck {
  readonly outcome: Outcome;
  readonly parts: SignedParts;
  /** What the envelope says; null where there is none, or it can't be read. */
  readonly statement: Statement | null;
}

/** Checks a signature and what it is about. `by` says whose key it is. */
export function checkContent(runtime: Runtime, content: SignedContent, key: KeyBytes, by: string, artifact: Artifact): ContentCheck {
  return content.kind === 'message' ? checkFile(runtime, content, key, by, artifact) : checkEnvelope(runtime, content, key, by, artifact);
}

function checkFile(runtime: Runtime, { digest, signature }: SignedContent & { readonly kind: 'message' }, key: KeyBytes, by: string, artifact: Artifact): ContentCheck {
  const parts: SignedParts = { digest: (algorithm) => artifact.digests.get(algorithm) ?? null, payloadDigest: () => null };
  const result = (outcome: Outcome): ContentCheck => ({ outcome, parts, statement: null });
  const named = digest === null ? null : digestNamed(digest.algorithm);
  if (digest !== null && named === null) return result(unknown(`the bundle's digest is by '${digest.algorithm.slice(0, 40)}', which is not known here`));
  const own = named === null ? null : parts.digest(named);
  if (digest !== null && own !== null && !equalBytes(own, digest.digest)) {
    return result(failed('a signature over another file', `the bundle is about a file with ${named ?? ''} ${hexOf(digest.digest).slice(0, 128)}, this one has ${hexOf(own)}`));
  }
  const check = checkByKey(runtime, key, { digests: artifact.digests, message: artifact.bytes }, signature, sigstoreHashesFor(key));
  return result(outcomeOf(check, `valid for ${by}`, null));
}

function outcomeOf(check: KeyCheck, found: string, evidence: string | null): Outcome {
  if (check.state === 'valid') return passed(found, [check.algorithm, evidence].filter((text) => text !== null).join('; '));
  return check.state === 'invalid' ? failed('a signature that is not valid', check.reason) : unknown(check.reason ?? 'it was not checked');
}

function checkEnvelope(runtime: Runtime, { payloadType, payload, signature }: SignedContent & { readonly kind: 'envelope' }, key: KeyBytes, by: string, artifact: Artifact): ContentCheck {
  const signed = preAuthentication(payloadType, payload);
  const hashes = sigstoreHashesFor(key);
  const digests = new Map<HashName, Uint8Array>();
  for (const hash of hashes) {
    const value = runtime.digest(hash, signed);
    if (value !== null) digests.set(hash, value);
  }
  const parts: SignedParts = { digest: (algorithm) => runtime.digest(algorithm, signed), payloadDigest: (algorithm) => runtime.digest(algorithm, payload) };
  const read = attempt(() => readStatement(payloadType, payload));
  const statement = read.ok ? read.value : null;
  const result = (outcome: Outcome): ContentCheck => ({ outcome, parts, statement });
  const check = checkByKey(runtime, key, { digests, message: signed }, signature, hashes);
  if (check.state !== 'valid') return result(outcomeOf(check, '', null));
  if (!read.ok) return result(failed('an envelope that says nothing of a file', read.error.message));
  const match = subjectOf(read.value.subjects, new Map(Array.from(artifact.digests, ([algorithm, value]) => [algorithm, hexOf(value)])));
  if ('problem' in match) {
    const own = artifact.digests.get('sha256');
    const ours = own === undefined ? '' : `; this one has sha256 ${hexOf(own)}`;
    return result(match.certain ? failed('a statement about another file', `${match.problem}${ours}`) : unknown(match.problem));
  }
  const { predicateType, builder } = read.value;
  const claims = `a statement about ${match.found.name === '' ? 'this file' : match.found.name} of the type ${predicateType}${builder === null ? '' : `, which names the builder ${builder}`}`;
  return result(outcomeOf(check, `valid for ${by}`, claims));
}
