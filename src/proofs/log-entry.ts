// Entries of transparency logs: known, signed by their log, included, and about this signature.

import { attempt } from '../pki/attempt.ts';
import { equalBytes, hexOf } from '../pki/der.ts';
import type { Runtime } from '../pki/signed-bytes.ts';
import { isoTime } from '../pki/values.ts';
import type { LogEntry } from './bundle.ts';
import { checkpointProblem, readCheckpoint } from './checkpoint.ts';
import { entryProblem } from './entry-body.ts';
import type { Described } from './entry-body.ts';
import { isIncluded } from './inclusion.ts';
import { toBase64 } from './json.ts';
import { checkMessage } from './keys.ts';
import { covers, logOf } from './trusted-root.ts';
import type { TrustedLog } from './trusted-root.ts';

/** What came of an entry. */
export interface EntryCheck {
  readonly state: 'valid' | 'invalid' | 'unknown';
  /** 'entry 123 of rekor.sigstore.dev', and what is wrong with it. */
  readonly message: string;
  /** 'entry 123 of rekor.sigstore.dev'. */
  readonly place: string;
  /** The time that its log has signed, in milliseconds since 1970; null where it has signed none. */
  readonly time: number | null;
}

/** Checks an entry. `times`: proven by stamps, for logs that give none themselves. */
export function checkEntry(runtime: Runtime, entry: LogEntry, logs: readonly TrustedLog[], promiseSuffices: boolean, described: Described, times: readonly number[]): EntryCheck {
  const log = logOf(logs, entry.logId);
  if (log === null) {
    return { state: 'unknown', message: `entry ${entry.logIndex} is of the log ${hexOf(entry.logId).slice(0, 64)}, which the trusted root does not list: is the trusted root current?`, place: `entry ${entry.logIndex}`, time: null };
  }
  const place = `entry ${entry.logIndex} of ${log.name}`;
  const result = (certain: boolean, why: string): EntryCheck => ({ state: certain ? 'invalid' : 'unknown', message: `${place}: ${why}`, place, time: null });
  const integrated = entry.integratedTime === null ? null : Number(entry.integratedTime) * 1000;
  if (integrated !== null && !(integrated < 8.64e15)) return result(true, 'its time is no time');
  const promised = entry.promise !== null && integrated !== null;
  if (entry.promise !== null) {
    if (integrated === null) return result(true, 'the log has signed an entry without a time');
    const set = checkMessage(runtime, log.key, promisedText(entry), entry.promise);
    if (set.state !== 'valid') return result(set.state === 'invalid', `the log's promise (signed entry timestamp): ${set.reason ?? ''}`);
  }
  if (promiseSuffices && !promised) return result(true, 'no promise of the log (signed entry timestamp), which this form of bundle has to have');
  if (entry.proof === null && !promiseSuffices) return result(true, 'no proof of inclusion');
  if (entry.proof !== null) {
    const problem = proofProblem(runtime, entry, log, promiseSuffices && promised);
    if (problem !== null) return result(problem.certain, problem.message);
  }
  const counted = promised ? [integrated as number] : times;
  const outside = counted.find((time) => !covers(log.validity, time));
  if (log.validity === null) return result(true, 'the trusted root does not say since when the log counts');
  if (outside !== undefined) return result(true, `its time ${isoTime(outside)} is outside of the time for which the trusted root lists the log`);
  const other = entryProblem(entry, described);
  if (other !== null) return result(other.certain, other.message);
  return { state: 'valid', message: `${place}${promised ? ` at ${isoTime(integrated as number)}` : ''}`, place, time: promised ? integrated : null };
}

/** What the log has signed as its promise. (Rekor's canonical JSON) */
function promisedText({ body, integratedTime, logId, logIndex }: LogEntry): Uint8Array {
  return new TextEncoder().encode(`{"body":"${toBase64(body)}","integratedTime":${integratedTime ?? 0n},"logID":"${hexOf(logId)}","logIndex":${logIndex}}`);
}

function proofProblem(runtime: Runtime, { proof, body }: LogEntry, log: TrustedLog, mayLackCheckpoint: boolean): { readonly certain: boolean; readonly message: string } | null {
  if (proof === null) return null;
  const wrong = (message: string): { certain: true; message: string } => ({ certain: true, message });
  if (!isIncluded(runtime, body, proof)) return wrong('the proof of inclusion does not lead to its root');
  if (proof.checkpoint === null || proof.checkpoint === '') return mayLackCheckpoint ? null : wrong('the proof of inclusion has no checkpoint');
  const text = proof.checkpoint;
  const read = attempt(() => readCheckpoint(text));
  if (!read.ok) return wrong(read.error.message);
  if (read.value.size !== proof.treeSize) return wrong(`the checkpoint is one of ${read.value.size} entries, the proof of inclusion one of ${proof.treeSize}`);
  if (!equalBytes(read.value.rootHash, proof.rootHash)) return wrong('the checkpoint is one of another root than the proof of inclusion');
  return checkpointProblem(runtime, read.value, log);
}
