// The rule table as the README shows it.

import { RULES } from '../src/model/rules.ts';
import type { RuleId } from '../src/model/verdict.ts';

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** How a rule is written on the command line; for a rule that has no option, what it is about. */
function optionCell(id: RuleId): string {
  const { options } = RULES[id];
  const names = options.flatMap(({ name, value, negative }) => [`\`--${name}${value === undefined ? '' : ` ${value}`}\``, ...(negative === undefined ? [] : [`\`--no-${name}\``])]);
  return names.length > 0 ? names.join(' ') : RULES[id].group === 'Detached proof' ? '(proof)' : '(policy)';
}

/** One row for each rule. */
export function ruleTable(): string {
  const rows = (Object.keys(RULES) as RuleId[]).map((id) => {
    const { passes, fails, unknown, notApplicable } = RULES[id];
    return `| ${[optionCell(id), `\`${id}\``, passes, fails, unknown, notApplicable ?? ''].map(cell).join(' | ')} |\n`;
  });
  return `| Option | Rule | Passes | Fails | Unknown: fails too | Does not apply to: fails too |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('')}`;
}
