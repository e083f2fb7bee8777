// Signatures of minisign and of signify: Ed25519 over a file, or over its BLAKE2b digest, and over a comment that can be trusted then. (jedisct1.github.io/minisign)

import { BinspectError } from '../errors.ts';
import { equalBytes, hexOf, joined } from '../pki/der.ts';
import { fromBase64 } from '../pki/pem.ts';
import { checkSignature } from '../pki/signed-bytes.ts';
import type { Runtime } from '../pki/signed-bytes.ts';
import { latin1 } from '../pki/values.ts';
import { failed, passed, unknown } from '../verify/rules/check.ts';
import type { Outcome } from '../verify/rules/check.ts';
import type { Artifact } from './artifact.ts';
import type { OwnKey } from './key-files.ts';
import { decodeText } from '../bytes/text.ts';

/** A signature file. */
export interface Minisign {
  /** Whether the digest of the file is signed, and not the file. */
  readonly hashed: boolean;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
  /** The comment that is signed with the signature; null for signify, which has none. */
  readonly comment: { readonly text: Uint8Array; readonly signature: Uint8Array } | null;
}

const LONGEST = 65_536; // bytes of a signature file; comments are short
const TRUSTED = 'trusted comment: ';

/** Whether bytes are such a file. */
export function isMinisign(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 18)) === 'untrusted comment:';
}

function fail(message: string): never {
  throw new BinspectError('malformed', `the signature file ${message}`);
}

/** Reads a signature file. Throws `malformed`. */
export function readMinisign(bytes: Uint8Array): Minisign {
  if (bytes.length > LONGEST) fail(`has ${bytes.length} bytes`);
  const [, first = '', second, third = ''] = latin1(bytes).split(/\r?\n/);
  const value = fromBase64(first);
  if (value === null || value.length !== 74 || value[0] !== 0x45) fail('has no signature in its second line');
  const algorithm = value[1];
  if (algorithm !== 0x64 && algorithm !== 0x44) fail('has a signature of an unknown algorithm');
  const common = { hashed: algorithm === 0x44, keyId: value.slice(2, 10), signature: value.slice(10) };
  if (second === undefined || second === '') return { ...common, comment: null };
  const over = fromBase64(third);
  if (!second.startsWith(TRUSTED) || over === null || over.length !== 64) fail('has no signed comment in its last lines');
  return { ...common, comment: { text: Uint8Array.from(second.slice(TRUSTED.length), (character) => character.charCodeAt(0)), signature: over } };
}

/** Checks a signature file for a key. */
export function checkMinisign(runtime: Runtime, { hashed, keyId, signature, comment }: Minisign, { key, id }: OwnKey, artifact: Artifact): Outcome {
  if (key.key.kind !== 'ed25519') return failed('a signature by an Ed25519 key', 'the given key is of another kind');
  const name = hexOf(Uint8Array.from(keyId).reverse()).toUpperCase();
  if (id !== null && !equalBytes(id, keyId)) return failed(`a signature by the key ${name}`, `the given key is ${hexOf(Uint8Array.from(id).reverse()).toUpperCase()}`);
  const message = hashed ? artifact.blake2b : artifact.bytes;
  if (message === null) return unknown(artifact.digestOnly ? 'of the file only a digest is given' : hashed ? 'this runtime does not have BLAKE2b' : 'the file is too large for a signature over all of its bytes');
  const check = (over: Uint8Array, value: Uint8Array): ReturnType<typeof checkSignature> => checkSignature(runtime, { kind: 'ed25519' }, key, { message: over }, value);
  const own = check(message, signature);
  if (own.state !== 'valid') return own.state === 'unknown' ? unknown(own.reason ?? '') : failed('a signature that is not valid', `the key ${name} has not signed this file`);
  if (comment === null) return passed('valid for the given key', `Ed25519, key ${name}`);
  const second = check(joined([signature, comment.text]), comment.signature);
  if (second.state !== 'valid') return second.state === 'unknown' ? unknown(second.reason ?? '') : failed('a trusted comment that was changed', `the key ${name} has signed the file, and another comment`);
  return passed('valid for the given key', `Ed25519${hashed ? ' with BLAKE2b' : ''}, key ${name}, trusted comment: ${decodeText(comment.text)}`);
}
