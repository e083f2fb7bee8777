// Signatures of ssh-keygen -Y sign: by whom, what for, over which digest. (openssh PROTOCOL.sshsig)

import { BinspectError } from '../errors.ts';
import type { HashName, SignatureScheme } from '../pki/algorithms.ts';
import { attempt } from '../pki/attempt.ts';
import { equalBytes, joined } from '../pki/der.ts';
import type { CurveName } from '../pki/keys.ts';
import { readPem } from '../pki/pem.ts';
import { checkSignature, invalid, unknown as undecided } from '../pki/signed-bytes.ts';
import type { Check, KeyBytes, Runtime } from '../pki/signed-bytes.ts';
import { latin1 } from '../pki/values.ts';
import { failed, passed, unknown } from '../verify/rules/check.ts';
import type { Outcome } from '../verify/rules/check.ts';
import type { Artifact } from './artifact.ts';
import { SshFields, matchesPatterns, sshKey, sshString, tagged } from './ssh-keys.ts';
import type { AllowedSigner } from './ssh-keys.ts';

/** A signature, read. */
export interface SshSignature {
  readonly blob: Uint8Array;
  readonly key: KeyBytes;
  readonly namespace: string;
  /** 'sha256' or 'sha512'. */
  readonly hash: string;
  readonly type: string;
  readonly value: Uint8Array;
  /** What is signed, up to the digest of the file. */
  readonly prefix: Uint8Array;
}

const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const MAGIC = 'SSHSIG';

/** Whether bytes are such a file. */
export function isSshSignature(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 256)).includes(BEGIN);
}

/** Reads an armoured signature. Throws `malformed`. */
export function readSshSignature(bytes: Uint8Array): SshSignature {
  const [block] = readPem(latin1(bytes.subarray(0, 1_000_000)));
  if (block === undefined || block.label !== 'SSH SIGNATURE') throw new BinspectError('malformed', 'it is not an SSH signature');
  const fields = new SshFields(block.bytes);
  if (latin1(fields.take(6)) !== MAGIC || fields.number() !== 1) throw new BinspectError('malformed', 'an SSH signature of another version than 1');
  const blob = fields.string();
  const namespace = fields.string();
  const reserved = fields.string();
  const hash = fields.string();
  const signature = new SshFields(fields.string());
  fields.finish();
  const type = signature.text();
  const value = joined([signature.string()]);
  if (!type.startsWith('sk-')) signature.finish(); // a security key adds its flags and counter
  const prefix = joined([Uint8Array.from(MAGIC, (character) => character.charCodeAt(0)), sshString(namespace), sshString(reserved), sshString(hash)]);
  return { blob, key: sshKey(blob), namespace: latin1(namespace), hash: latin1(hash), type, value, prefix };
}

const CURVE_TYPES: Readonly<Record<CurveName, readonly [string, HashName]>> = { p256: ['ecdsa-sha2-nistp256', 'sha256'], p384: ['ecdsa-sha2-nistp384', 'sha384'], p521: ['ecdsa-sha2-nistp521', 'sha512'] };

/** Whether the value is valid for the key in the signature, over a file. */
function checkValue(runtime: Runtime, { key, hash, type, value, prefix }: SshSignature, artifact: Artifact): Check {
  if (key.key.kind === 'unknown') return undecided(`it is by ${key.key.reason}, which is not known here`);
  if (hash !== 'sha256' && hash !== 'sha512') return invalid(`the digest ${hash.slice(0, 40)}, where sha256 or sha512 belongs`);
  const digest = artifact.digests.get(hash);
  if (digest === undefined) return undecided(`the ${hash} of the file is not known`);
  const message = joined([prefix, sshString(digest)]);
  const wrongType = invalid(`a signature of the type ${type.slice(0, 40)} by a key of another`);
  const scheme = ((): SignatureScheme | null => {
    if (key.key.kind === 'ed25519') return type === 'ssh-ed25519' ? { kind: 'ed25519' } : null;
    if (key.key.kind === 'rsa') return type === 'rsa-sha2-256' ? { kind: 'rsa-pkcs1', hash: 'sha256' } : type === 'rsa-sha2-512' ? { kind: 'rsa-pkcs1', hash: 'sha512' } : null;
    if (key.key.kind !== 'ec') return null;
    const [own, curveHash] = CURVE_TYPES[key.key.curve];
    return type === own ? { kind: 'ecdsa', hash: curveHash } : null;
  })();
  if (scheme === null) return wrongType;
  if (scheme.kind !== 'ecdsa') return checkSignature(runtime, scheme, key, { message }, value);
  const read = attempt(() => {
    const numbers = new SshFields(value);
    const pair = [numbers.string(), numbers.string()] as const;
    numbers.finish();
    return tagged(0x30, joined([tagged(0x02, pair[0]), tagged(0x02, pair[1])]));
  });
  return read.ok ? checkSignature(runtime, scheme, key, { message }, read.value) : invalid(read.error.message);
}

/** By whom a signature may be. */
export interface SshDemands {
  /** A key that counts alone; null: the allowed signers do. */
  readonly key: KeyBytes | null;
  readonly signers: readonly AllowedSigner[];
  readonly namespace: string;
  /** Milliseconds since 1970: when a signer's line has to be valid. */
  readonly at: number;
}

/** What came of it, and the names of the signer. */
export interface SshResult {
  readonly outcome: Outcome;
  /** Patterns of the allowed signer's line; null where none counts. */
  readonly principals: string | null;
}

/** Checks a signature, and that somebody who may has made it. */
export function checkSshSignature(runtime: Runtime, signature: SshSignature, { key, signers, namespace, at }: SshDemands, artifact: Artifact): SshResult {
  const result = (outcome: Outcome, principals: string | null = null): SshResult => ({ outcome, principals });
  const check = checkValue(runtime, signature, artifact);
  if (check.state !== 'valid') return result(check.state === 'unknown' ? unknown(check.reason ?? '') : failed('a signature that is not valid', check.reason));
  if (signature.namespace !== namespace) return result(failed(`a signature for '${signature.namespace.slice(0, 100)}'`, `it has to be for '${namespace}'`));
  if (key !== null) return result(equalBytes(key.spki, signature.key.spki) ? passed('valid for the given key', signature.type) : failed('a signature by another key', 'it is valid, and not for the given key'));
  const own = signers.filter(({ blob }) => equalBytes(blob, signature.blob));
  if (own.length === 0) return result(failed('a signature by nobody who may sign', 'its key is not among the allowed signers'));
  const fit = own.find(({ authority, namespaces, from, to }) => !authority && (namespaces === null || matchesPatterns(namespaces, namespace)) && from <= at && at <= to);
  if (fit === undefined) return result(failed('a signature by nobody who may sign', 'the line of its key among the allowed signers is for other purposes or another time'));
  return result(passed(`valid for ${fit.principals}`, signature.type), fit.principals);
}
