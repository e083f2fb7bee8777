// The rule about a machine: whether the file runs on the one that a host's file describes.

import { BinspectError } from '../../errors.ts';
import { checkHost } from '../runs/host-value.ts';
import { judgeProgram, placeThere } from '../runs/judge.ts';
import { unknown } from './check.ts';
import type { Rule, Rules } from './check.ts';

const runsOn: Rule = (value, fail) => {
  if (typeof value === 'string') {
    if (value.trim() === '') return fail('a host is wanted, or the path of its file, not an empty text');
    return () => [{ expected: `to run on the machine of ${value}`, from: null, judge: { file: () => unknown(`${value} was not read: verifyFiles and the command read it, verify takes the host itself`) } }];
  }
  let host: ReturnType<typeof checkHost>;
  try {
    host = checkHost(value);
  } catch (error) {
    return fail(error instanceof BinspectError ? error.message : String(error));
  }
  return ({ path }) => [
    {
      expected: `to run on ${host.os}/${host.arch ?? '?'}`,
      from: null,
      judge: {
        findings: (facts, from) =>
          judgeProgram(facts, placeThere(host, from), path ?? '').findings.map(({ systemSays, advice, ...finding }) => ({
            ...finding,
            message: `${finding.message}${systemSays === null ? '' : `; the system says: ${systemSays}`}${advice === null ? '' : `; what helps: ${advice}`}`,
          })),
      },
    },
  ];
};

export const RUNS_RULES: Rules<'runsOn'> = { runsOn };
