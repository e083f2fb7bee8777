// Checkpoints: the signed root of a log, as a signed note. (C2SP tlog-checkpoint, signed-note)

import { BinspectError } from '../errors.ts';
import { equalBytes } from '../pki/der.ts';
import { fromBase64 } from '../pki/pem.ts';
import type { Runtime } from '../pki/signed-bytes.ts';
import { checkMessage } from './keys.ts';
import type { TrustedLog } from './trusted-root.ts';

/** A checkpoint, read. */
export interface Checkpoint {
  /** What its signatures are over. */
  readonly body: Uint8Array;
  readonly origin: string;
  readonly size: bigint;
  readonly rootHash: Uint8Array;
  readonly signatures: readonly NoteSignature[];
}

/** One signature line. */
export interface NoteSignature {
  readonly name: string;
  /** The first bytes of the id of its key. */
  readonly hint: Uint8Array;
  readonly value: Uint8Array;
}

const LONGEST = 65_536; // characters; real ones have some hundred
const MOST_SIGNATURES = 64; // the log's own, and those of witnesses

function fail(message: string): never {
  throw new BinspectError('malformed', `the checkpoint ${message}`);
}

/** Reads a checkpoint: origin, size, root, what else its log writes, an empty line, signatures. Throws `malformed`. */
export function readCheckpoint(text: string): Checkpoint {
  if (text.length > LONGEST) fail(`has ${text.length} characters`);
  const gap = text.indexOf('\n\n');
  if (gap === -1) fail('has no signatures');
  const body = text.slice(0, gap + 1);
  const [origin = '', size = '', root = ''] = body.split('\n');
  if (origin === '') fail('has no origin');
  if (!/^(0|[1-9]\d{0,18})$/.test(size)) fail('has no size in its second line');
  const rootHash = fromBase64(root);
  if (rootHash === null || rootHash.length !== 32) fail('has no root hash in its third line');
  const rest = text.slice(gap + 2);
  if (!rest.endsWith('\n')) fail('does not end with a line');
  const lines = rest.slice(0, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) fail(`has ${lines.length} signatures`);
  return { body: new TextEncoder().encode(body), origin, size: BigInt(size), rootHash, signatures: lines.map(readSignature) };
}

function readSignature(line: string): NoteSignature {
  const match = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
  const bytes = match === null ? null : fromBase64(match[2] as string);
  if (match === null || bytes === null || bytes.length < 5) return fail('has a signature line that is not valid');
  return { name: match[1] as string, hint: bytes.subarray(0, 4), value: bytes.subarray(4) };
}

/** What is wrong with the log's own signature of a checkpoint; null where it is valid. Lines of others, as of witnesses, do not count. */
export function checkpointProblem(runtime: Runtime, { body, signatures }: Checkpoint, log: TrustedLog): { readonly certain: boolean; readonly message: string } | null {
  const host = log.name.replace(/\/.*$/, '');
  const names = [log.name, host, host.replace(/:\d+$/, '')];
  const own = signatures.filter(({ name, hint }) => names.includes(name) && log.ids.some((id) => equalBytes(id.subarray(0, 4), hint)));
  if (own.length === 0) return { certain: true, message: `the checkpoint is not signed by the log ${log.name}` };
  for (const { value } of own) {
    const { state, reason } = checkMessage(runtime, log.key, body, value);
    if (state !== 'valid') return { certain: state === 'invalid', message: `the checkpoint's signature by ${log.name}: ${reason ?? ''}` };
  }
  return null;
}
