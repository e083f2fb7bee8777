// Hosts that a policy or an option names by the path of their file: read before anything is checked.

import { pathIn } from '../bytes/folder.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import type { Policy, PolicyExpectations } from '../model/verdict.ts';
import { parseHost } from '../verify/runs/host-value.ts';
import { attempt, readWhole } from './given.ts';

const LARGEST_HOST = 64 * 1024 * 1024; // bytes; a machine with 2,000 libraries has half a million

/** Expectations with the host in place of the path of its file. */
async function withHost(expectations: PolicyExpectations | undefined, base: string): Promise<PolicyExpectations | undefined> {
  const path = expectations?.runsOn;
  if (typeof path !== 'string') return expectations;
  const host = await attempt(async () => parseHost(decodeText(await readWhole(pathIn(base, path), LARGEST_HOST))));
  if (host instanceof BinspectError) throw new BinspectError('invalid-argument', `runsOn: ${path}: ${host.message}`, { cause: host });
  return { ...expectations, runsOn: host };
}

/** A policy with all its hosts; paths in it are relative to `base`. Throws `invalid-argument` for a file that can't be read, or is no host. */
export async function policyWithHosts(policy: Policy, base: string): Promise<Policy> {
  const defaults = await withHost(policy.defaults, base);
  const artifacts = policy.artifacts === undefined ? undefined : await Promise.all(policy.artifacts.map(async (one) => ({ ...one, expect: await withHost(one.expect, base) })));
  return { ...policy, defaults, artifacts };
}

/** The same of options, whose paths are relative to the working directory. */
export async function overridesWithHosts(overrides: PolicyExpectations): Promise<PolicyExpectations> {
  return (await withHost(overrides, '')) ?? {};
}
