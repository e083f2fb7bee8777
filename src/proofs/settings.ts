// What the caller gives beside a file: the proof, what counts, and whom it has to be by; read and checked before the file is looked at.

import { open } from '../bytes/open.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';
import type { ProofRuleId } from '../model/verdict.ts';
import { attempt } from '../pki/attempt.ts';
import type { X509 } from '../pki/x509.ts';
import type { Cryptography } from '../signature/cryptography.ts';
import { NODE_RUNTIME } from '../signature/runtime-keys.ts';
import { signatureSettings } from '../signature/settings.ts';
import type { RootsInput } from '../signature/settings.ts';
import { readBundles } from './bundle.ts';
import type { BundleItem } from './bundle.ts';
import { readExpression } from './expression.ts';
import { isKeyless } from './identity.ts';
import { readCertificateFile, readKeyFile } from './key-files.ts';
import type { OwnKey } from './key-files.ts';
import { readAllowedSigners } from './ssh-keys.ts';
import type { AllowedSigner } from './ssh-keys.ts';
import { readTrustedRoots } from './trusted-root.ts';
import type { TrustedRoot } from './trusted-root.ts';

/** A file that belongs to a proof: its path or URL, its bytes, or its text. A string is a path unless it has a line break or begins with `{`. */
export type ProofInput = string | URL | Uint8Array;

/** What proves where a file comes from: a bundle, or a signature with a key or a certificate. */
export interface DetachedProof {
  /** Sigstore bundles of version 0.1 to 0.3 (JSON, or one a line), cosign's older form, or DSSE envelopes. */
  readonly bundle?: ProofInput | undefined;
  /** A signature: base64 or bytes, minisign's or signify's file, or SSH's armour. */
  readonly signature?: ProofInput | undefined;
  /** The public key that counts: PEM, DER, a certificate whose key is meant, or minisign's or signify's. */
  readonly key?: ProofInput | undefined;
  /** The signer's certificate: PEM, DER, or the base64 of PEM that cosign writes. */
  readonly certificate?: ProofInput | undefined;
  /** Certificates of authorities; without other roots the last one counts as the root. */
  readonly certificateChain?: ProofInput | undefined;
  /** Sigstore's trusted root: which authorities, logs and time stampers count. JSON, or one a line. */
  readonly trustedRoot?: ProofInput | undefined;
  /** Root certificates that count for `certificate`. */
  readonly roots?: RootsInput | undefined;
  /** For SSH signatures: ssh-keygen's file of those who may sign. */
  readonly allowedSigners?: ProofInput | undefined;
  /** For SSH signatures: what they have to be for; 'file' by default. */
  readonly namespace?: string | undefined;
}

/** Whom a proof has to be by, and when. */
export interface DetachedOptions {
  /** The one name in the certificate, as it is written there. */
  readonly certificateIdentity?: string | undefined;
  /** The same as an expression in RE2's syntax, which need not match all of it. */
  readonly certificateIdentityRegexp?: string | undefined;
  /** Who vouched for that name: 'https://token.actions.githubusercontent.com'. */
  readonly certificateOidcIssuer?: string | undefined;
  /** The same as an expression. */
  readonly certificateOidcIssuerRegexp?: string | undefined;
  /** GitHub's event: 'push', 'release'. */
  readonly certificateGithubWorkflowTrigger?: string | undefined;
  /** The commit that the workflow ran at. */
  readonly certificateGithubWorkflowSha?: string | undefined;
  /** The workflow's name. */
  readonly certificateGithubWorkflowName?: string | undefined;
  /** The repository: 'owner/name'. */
  readonly certificateGithubWorkflowRepository?: string | undefined;
  /** The branch or tag: 'refs/tags/v1.0.0'. */
  readonly certificateGithubWorkflowRef?: string | undefined;
  /** The type of an attestation's predicate: 'https://slsa.dev/provenance/v1'. */
  readonly predicateType?: string | undefined;
  /** The time at which certificates have to be valid where none is proven. */
  readonly at?: Date | string | undefined;
  /** Ends the work: rejects with a BinspectError `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Where an expectation comes from, for findings; the rule's id is enough for most. */
  readonly expectedFrom?: ((rule: string) => string) | undefined;
}

const KINDS: OptionKinds<DetachedProof & DetachedOptions> = {
  bundle: 'any', signature: 'any', key: 'any', certificate: 'any', certificateChain: 'any', trustedRoot: 'any', roots: 'any', allowedSigners: 'any', namespace: 'text',
  certificateIdentity: 'text', certificateIdentityRegexp: 'text', certificateOidcIssuer: 'text', certificateOidcIssuerRegexp: 'text',
  certificateGithubWorkflowTrigger: 'text', certificateGithubWorkflowSha: 'text', certificateGithubWorkflowName: 'text', certificateGithubWorkflowRepository: 'text', certificateGithubWorkflowRef: 'text',
  predicateType: 'text', at: 'any', signal: 'signal', expectedFrom: 'function',
}; // prettier-ignore

/** A name in a certificate that is asked for. */
export interface Demand {
  readonly rule: DemandRule;
  readonly expected: string;
  readonly matches: (value: string) => boolean;
  /** Something to know about it; null where there is nothing. */
  readonly remark: string | null;
}

export type DemandRule = Extract<ProofRuleId, 'certificateIdentity' | 'certificateOidcIssuer' | `certificateGithubWorkflow${string}`>;

/** All of it, read. */
export interface ProofSettings {
  readonly runtime: Cryptography;
  readonly bundles: readonly BundleItem[] | null;
  readonly signature: Uint8Array | null;
  readonly key: OwnKey | null;
  /** The signer's certificate, and what lay in the file behind it. */
  readonly certificates: readonly X509[] | null;
  readonly chain: readonly X509[];
  readonly trustedRoots: readonly TrustedRoot[] | null;
  readonly roots: readonly X509[] | null;
  readonly allowedSigners: readonly AllowedSigner[] | null;
  readonly namespace: string;
  readonly demands: readonly Demand[];
  readonly predicateType: string | null;
  /** Milliseconds since 1970; null where no time is given. */
  readonly at: number | null;
  readonly signal: AbortSignal | undefined;
  readonly from: (rule: string) => string;
}

const LARGEST = 33_554_432; // bytes of a file: what is read as JSON
const LARGEST_SMALL = 16_777_216; // bytes of keys, roots and signatures

/** Reads what the caller gives. Throws `invalid-argument` for wrong usage, and for keys and roots that can't be read; `malformed` for a bundle that is none; `io`. */
export async function proofSettings(proof: DetachedProof, options: DetachedOptions = {}): Promise<ProofSettings> {
  const all: DetachedProof & DetachedOptions = { ...proof, ...options };
  checkOptions(all, KINDS);
  const usage = (message: string): never => {
    throw new BinspectError('invalid-argument', message);
  };
  const { bundle, signature, key, certificate, namespace = 'file' } = all;
  if (bundle === undefined && signature === undefined) usage('a bundle or a signature is wanted');
  if (bundle !== undefined && signature !== undefined) usage('either a bundle or a signature is wanted, not both');
  if (signature !== undefined && key === undefined && certificate === undefined && all.allowedSigners === undefined) usage('a signature needs a key, or a certificate');
  if (key !== undefined && certificate !== undefined) usage('either a key or a certificate is wanted, not both');
  if (bundle !== undefined && certificate !== undefined) usage('a bundle has its own certificate; certificate goes with signature');
  const demands = demandsOf(all);
  const has = (rule: DemandRule): boolean => demands.some((demand) => demand.rule === rule);
  const named = has('certificateIdentity') && has('certificateOidcIssuer');
  if (bundle !== undefined && key === undefined && !named) usage('whom the bundle has to be by is missing: certificate-identity (or -regexp) and certificate-oidc-issuer (or -regexp), or a key');
  const runtime = NODE_RUNTIME;
  const ownKey = key === undefined ? null : readKeyFile(await argument(key, 'key'), nameOf(key, 'key'));
  const certificates = certificate === undefined ? null : readCertificateFile(await argument(certificate, 'certificate'), nameOf(certificate, 'certificate'));
  if (certificates?.[0] !== undefined && isKeyless(certificates[0]) && !named) usage('whom the certificate has to name is missing: certificate-identity (or -regexp) and certificate-oidc-issuer (or -regexp)');
  const chain = all.certificateChain === undefined ? [] : readCertificateFile(await argument(all.certificateChain, 'certificateChain'), nameOf(all.certificateChain, 'certificate chain'));
  const trustedRoots = all.trustedRoot === undefined ? null : readRoots(await argument(all.trustedRoot, 'trusted root'), nameOf(all.trustedRoot, 'trusted root'), runtime);
  const given = signatureSettings({ roots: all.roots, at: all.at });
  const allowed = all.allowedSigners === undefined ? null : readAllowedSigners(decodeText(await argument(all.allowedSigners, 'allowed signers')));
  const { expectedFrom = (rule: string) => rule } = all;
  return {
    runtime,
    bundles: bundle === undefined ? null : await bundlesOf(bundle),
    signature: signature === undefined ? null : await contents(signature, 'signature', LARGEST_SMALL),
    key: ownKey,
    certificates,
    chain,
    trustedRoots,
    roots: given?.roots ?? null,
    allowedSigners: allowed,
    namespace,
    demands,
    predicateType: all.predicateType ?? null,
    at: given?.at.from === 'given' ? given.at.time : null,
    signal: all.signal,
    from: expectedFrom,
  };
}

/** The bundles of a file. An error says which file it is about. */
async function bundlesOf(input: ProofInput): Promise<BundleItem[]> {
  const bytes = await contents(input, 'bundle', LARGEST);
  const read = attempt(() => readBundles(bytes));
  if (read.ok) return read.value;
  if (typeof input === 'string' && !isText(input)) read.error.path = input;
  throw read.error;
}

function readRoots(bytes: Uint8Array, name: string, runtime: Cryptography): TrustedRoot[] {
  const read = attempt(() => readTrustedRoots(bytes, runtime));
  if (!read.ok) throw new BinspectError('invalid-argument', `${name} can't be read: ${read.error.message}`, { cause: read.error });
  return read.value;
}

/** Where a rule's value is an exact text. */
const EXACT: readonly (readonly [keyof DetachedOptions, DemandRule])[] = [
  ['certificateIdentity', 'certificateIdentity'],
  ['certificateOidcIssuer', 'certificateOidcIssuer'],
  ['certificateGithubWorkflowTrigger', 'certificateGithubWorkflowTrigger'],
  ['certificateGithubWorkflowSha', 'certificateGithubWorkflowSha'],
  ['certificateGithubWorkflowName', 'certificateGithubWorkflowName'],
  ['certificateGithubWorkflowRepository', 'certificateGithubWorkflowRepository'],
  ['certificateGithubWorkflowRef', 'certificateGithubWorkflowRef'],
];

const EXPRESSIONS: readonly (readonly [keyof DetachedOptions, DemandRule])[] = [
  ['certificateIdentityRegexp', 'certificateIdentity'],
  ['certificateOidcIssuerRegexp', 'certificateOidcIssuer'],
];

function demandsOf(options: DetachedOptions): Demand[] {
  const given = ([key]: readonly [keyof DetachedOptions, DemandRule]): boolean => options[key] !== undefined;
  const exact = EXACT.filter(given).map(([key, rule]): Demand => {
    const wanted = options[key] as string;
    if (wanted === '') throw new BinspectError('invalid-argument', `${key} is empty`);
    return { rule, expected: wanted, matches: (value) => value === wanted, remark: null };
  });
  const expressions = EXPRESSIONS.filter(given).map(([key, rule]): Demand => {
    const wanted = options[key] as string;
    if (wanted === '') throw new BinspectError('invalid-argument', `${key} is empty, and would match anything`);
    const { matches, anchored } = readExpression(wanted, key);
    return { rule, expected: `a match of ${wanted}`, matches, remark: anchored ? null : 'the expression does not begin with ^, so anything may stand before the match' };
  });
  return [...exact, ...expressions];
}

/** A file that the caller vouches for: one that can't be read is wrong usage. */
async function argument(input: ProofInput, name: string): Promise<Uint8Array> {
  try {
    return await contents(input, name, LARGEST_SMALL);
  } catch (error) {
    if (error instanceof BinspectError && error.code !== 'aborted') throw new BinspectError('invalid-argument', `${nameOf(input, name)}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** What an error calls a file: by its path, where it has one. */
function nameOf(input: ProofInput, name: string): string {
  return typeof input === 'string' && !isText(input) ? `${name} ${input}` : name;
}

/** Whether a string is the text itself, and not a path. */
function isText(input: string): boolean {
  return /[\r\n]/.test(input) || input.startsWith('{');
}

async function contents(input: ProofInput, name: string, most: number): Promise<Uint8Array> {
  if (typeof input === 'string' && isText(input)) return new TextEncoder().encode(input);
  const { source, close } = await open(input);
  try {
    if (source.size > most) throw new BinspectError('limit-exceeded', `${name} has ${source.size} bytes, at most ${most} are read`);
    return Uint8Array.from(await source.read(0, source.size));
  } finally {
    await close();
  }
}
