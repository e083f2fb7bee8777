// The options about detached proofs: the files that verify takes, and whom a proof has to be by.

import { BinspectError } from '../errors.ts';
import { wordIn } from '../model/names.ts';
import { RULES } from '../model/rules.ts';
import type { DetachedOptions, DetachedProof, ProofSettings } from '../proofs/settings.ts';
import type { SignatureOptions } from '../signature/settings.ts';
import type { Option, Values } from './arguments.ts';

const group = 'Detached proof';

/** The files of a proof, by cosign's names. */
export const PROOF_OPTIONS: readonly Option[] = [
  { name: 'bundle', value: 'FILE', group, help: "a Sigstore bundle or attestation that proves the file: .json, .jsonl, cosign's older form, .intoto.jsonl" },
  { name: 'signature', value: 'FILE', group, help: 'a signature of the file: base64, DER, minisign, signify or SSH; with --key, --certificate or --allowed-signers' },
  { name: 'key', value: 'FILE', group, help: "the public key that it has to be by: PEM, DER, minisign's or signify's" },
  { name: 'certificate', value: 'FILE', group, help: 'the certificate that it has to be by: PEM or DER' },
  { name: 'certificate-chain', value: 'FILE', group, help: 'certificates of authorities for it; without --trusted-root or --roots the last one counts as the root' },
  { name: 'trusted-root', value: 'FILE', group, help: 'the authorities and logs that count, .json or .jsonl; none is built in' },
  { name: 'allowed-signers', value: 'FILE', group, help: 'of an SSH signature: who may sign, as ssh-keygen has it' },
  { name: 'namespace', value: 'NAME', group, help: 'of an SSH signature: what it is for; file by default' },
  { name: 'sums-bundle', value: 'FILE', group, help: 'of --sums: the bundle that proves the list, before any file is held against it' },
  { name: 'sums-signature', value: 'FILE', group, help: 'of --sums: the signature of the list; with --key, --certificate or --allowed-signers' },
];

/** Names of options as keys of the library: `--certificate-oidc-issuer` is certificateOidcIssuer. */
function keyOf(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const DEMANDS = Object.values(RULES).flatMap(({ group: own, options }) => (own === group ? options.map(({ name }) => name) : []));

/** What was given of a proof. */
export interface GivenProofs {
  /** For each file; null where there is none. */
  readonly files: ProofSettings | null;
  /** For the checksum list; null where there is none. */
  readonly list: ProofSettings | null;
}

/** Whether any option about proofs is given. */
export function hasProofOptions(values: Values): boolean {
  return [...PROOF_OPTIONS.map(({ name }) => name), ...DEMANDS].some((name) => wordIn(values, name) !== undefined);
}

/** Reads what the options name; `hasList`: whether there is a checksum list. Throws `invalid-argument` for wrong usage and for what can't be read of keys and roots, `malformed` for a bundle that is none. */
export async function proofOptions(values: Values, { roots, at }: SignatureOptions, hasList: boolean): Promise<GivenProofs> {
  const usage = (message: string): never => {
    throw new BinspectError('invalid-argument', message);
  };
  const given = (name: string): string | undefined => wordIn(values, name) as string | undefined;
  const { 'sums-bundle': sumsBundle, 'sums-signature': sumsSignature, bundle, signature } = values;
  const names = [...PROOF_OPTIONS.map(({ name }) => name), ...DEMANDS].filter((name) => wordIn(values, name) !== undefined);
  if (sumsBundle !== undefined && sumsSignature !== undefined) usage('either --sums-bundle or --sums-signature proves the list, not both');
  if ((sumsBundle ?? sumsSignature) !== undefined && !hasList) usage(`--${sumsBundle === undefined ? 'sums-signature' : 'sums-bundle'} is about the list of --sums: name it`);
  if ([sumsBundle, sumsSignature, bundle, signature].every((value) => value === undefined)) usage(`--${names[0] ?? ''} is about a proof: name one with --bundle, --signature, --sums-bundle or --sums-signature`);
  const demands = Object.fromEntries(DEMANDS.flatMap((name) => (wordIn(values, name) === undefined ? [] : [[keyOf(name), given(name)]])));
  const { proofSettings } = await import('../proofs/settings.ts');
  const read = (file: Pick<DetachedProof, 'bundle' | 'signature'>, option: string): Promise<ProofSettings> => {
    const own = [...(file.bundle === undefined ? ['key', 'certificate', 'certificate-chain', 'allowed-signers'] : ['key']), 'trusted-root'];
    const files = Object.fromEntries(own.flatMap((name) => (given(name) === undefined ? [] : [[keyOf(name), pathOf(given(name) as string)]])));
    const options: DetachedOptions = { ...demands, ...(at === undefined ? {} : { at }), expectedFrom: (rule) => fromOption(rule, values, option) };
    const namespace = given('namespace');
    return proofSettings({ ...file, ...files, ...(roots === undefined ? {} : { roots }), ...(namespace === undefined ? {} : { namespace }) }, options);
  };
  const list = sumsBundle !== undefined ? await read({ bundle: pathOf(sumsBundle as string) }, '--sums-bundle') : sumsSignature !== undefined ? await read({ signature: pathOf(sumsSignature as string) }, '--sums-signature') : null;
  if (bundle !== undefined && signature !== undefined) usage('either --bundle or --signature proves the files, not both');
  const files = bundle !== undefined ? await read({ bundle: pathOf(bundle as string) }, '--bundle') : signature !== undefined ? await read({ signature: pathOf(signature as string) }, '--signature') : null;
  return { files, list };
}

/** A path as the library takes it: one that looks like a text is still a path here. */
function pathOf(path: string): string {
  return path.startsWith('{') ? `./${path}` : path;
}

/** Which option an expectation comes from. */
function fromOption(rule: string, values: Values, option: string): string {
  const named = DEMANDS.find((name) => wordIn(values, name) !== undefined && (keyOf(name) === rule || keyOf(name) === `${rule}Regexp`));
  if (named !== undefined) return `--${named}`;
  if (rule === 'signatureTime' && values['at'] !== undefined) return '--at';
  if (rule === 'signature') return option;
  if (values['trusted-root'] !== undefined && rule !== 'predicateType') return `--trusted-root ${values['trusted-root'] as string}`;
  return option;
}
