// A verification for people: what fails and why first of all, what passes in a line, and at the end which files failed.

import type { FileVerdict, Finding, Status, Summary, VerifyReport } from '../model/verdict.ts';
import { visible } from './visible.ts';
import { padded, sign, textWidth, tinted } from './words.ts';
import type { Style, Tint } from './words.ts';
import { hanging, wrapParts, wrapWords } from './wrap.ts';

/** What became of a file: the worst of its findings. */
export type Outcome = 'fail' | 'unknown' | 'waived' | 'pass';

const MARKS: Readonly<Record<Outcome, readonly [sign: string, ascii: string, tint: Tint]>> = {
  fail: ['✗', 'FAIL', 'red'],
  unknown: ['?', '?   ', 'yellow'],
  waived: ['~', '~   ', 'yellow'],
  pass: ['✓', 'ok  ', 'green'],
};

/** What became of a file. Where nothing is expected of it, nothing is known of it. */
export function outcomeOf({ findings, error }: FileVerdict): Outcome {
  const has = (status: Status): boolean => findings.some((one) => one.status === status);
  if (has('fail')) return 'fail';
  if (error !== null || findings.length === 0 || has('unknown')) return 'unknown';
  return has('waived') ? 'waived' : 'pass';
}

/** The mark before a file; in ASCII a word. */
function mark(outcome: Outcome, style: Style): string {
  const [unicode, ascii, tint] = MARKS[outcome];
  return tinted(style.unicode ? unicode : ascii, tint, style);
}

/** '1 check', '2 checks'. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** 'target from name' of 'targetFromName'. */
export function ruleWords(rule: string): string {
  return visible(rule).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Below this, a rule's id is left out: its words say it. */
const ROOMY = 60;

function ruleTitle({ rule, slice }: Finding, style: Style): string {
  const words = ruleWords(rule);
  return `${tinted(words, 'bold', style)}${words === rule || style.columns < ROOMY ? '' : `  ${tinted(`(${visible(rule)})`, 'dim', style)}`}${slice === null ? '' : `, slice ${slice}`}`;
}

/** What was found, and beside it what says so. `message` has both in one sentence, and notes of its own. */
export function foundParts({ found, evidence, message, expected, status }: Finding): { found: string; because: string | null } {
  const start = status === 'pass' ? message.indexOf('found ') : message.indexOf(`expected ${expected}, `);
  const rest = start === -1 ? message : status === 'pass' ? message.slice(start + 6) : message.slice(start + `expected ${expected}, `.length).replace(/^found /, '');
  if (found === null) return { found: rest, because: evidence };
  if (!rest.startsWith(found)) return { found: rest, because: null };
  const because = rest.slice(found.length).trim();
  return { found, because: because === '' ? null : /^\(([^]*)\)$/.exec(because)?.[1] ?? because };
}

/** 'expected  linux/arm64   by the folder "linux-arm64"': a word, a value, and what explains it, dim. */
function told(word: string, value: string, tint: Tint | null, why: string | null, indent: number, style: Style): string {
  const at = indent + 10;
  const width = Math.max(24, style.columns - at);
  const [first = '', ...more] = wrapWords(visible(value), width);
  const shown = [first, ...more].map((text) => (tint === null ? text : tinted(text, tint, style)));
  const head = `${' '.repeat(indent)}${tinted(padded(word, 8), 'dim', style)}  `;
  if (why === null) return `${head}${hanging(shown, at)}\n`;
  const reason = visible(why);
  if (more.length === 0 && textWidth(first) + 3 + textWidth(reason) <= width) return `${head}${shown[0] as string}   ${tinted(reason, 'dim', style)}\n`;
  const below = wrapWords(reason, width).map((text) => tinted(text, 'dim', style));
  return `${head}${hanging([...shown, ...below], at)}\n`;
}

/** One finding: the rule, what was expected and why, what was found and what says so. No line begins with what a file wrote. */
function findingLines(finding: Finding, style: Style): string {
  const { status, expected, expectedFrom } = finding;
  const { found, because } = foundParts(finding);
  const state = status === 'fail' ? '' : `   ${tinted(status, MARKS[status][2], style)}`;
  return (
    `    ${ruleTitle(finding, style)}${state}\n` +
    told('expected', expected, 'green', `by ${expectedFrom}`, 6, style) +
    told('found', found, status === 'fail' ? 'red' : status === 'pass' ? null : 'yellow', because, 6, style)
  );
}

function fileLines(file: FileVerdict, style: Style): string {
  const { path, findings, error } = file;
  const outcome = outcomeOf(file);
  const name = `${mark(outcome, style)} ${tinted(visible(path), outcome === 'pass' ? 'dim' : 'bold', style)}\n`;
  if (error !== null) {
    const rules = [...new Set(findings.filter(({ status }) => status === 'unknown').map(({ rule }) => rule))].join(', ');
    const wrong = findings.filter(({ status }) => status === 'fail').map((finding) => findingLines(finding, style)).join('');
    return `${name}${told('unread', error.message, 'yellow', null, 4, style)}${rules === '' ? '' : told('unknown', rules, null, null, 4, style)}${wrong}`;
  }
  if (findings.length === 0) return `${name}    nothing is expected of it\n`;
  const shown = style.verbose ? findings : findings.filter(({ status }) => status !== 'pass');
  return name + shown.map((finding) => findingLines(finding, style)).join('');
}

/** What lay there and was not looked at: '5 archives, 1 link, 12 other files'. */
export function skippedText({ passedOver }: Summary): string {
  if (passedOver === undefined) return '';
  const { archives, scripts, links, others } = passedOver;
  const said = [[archives, 'archive'], [scripts, 'script'], [links, 'link or pipe', 'links or pipes'], [others, 'other file']] as const;
  return said.filter(([count]) => count > 0).map(([count, one, many]) => counted(count, one, many)).join(', ');
}

const MOST_NAMES = 3;

/** '✓ 6 files pass: dist/app_linux_amd64, dist/app_linux_arm64, … (-v lists them)'. */
function passLine(files: readonly FileVerdict[], style: Style): string {
  if (files.length === 0) return '';
  const names = files.slice(0, MOST_NAMES).map(({ path }) => visible(path));
  const more = files.length > MOST_NAMES ? [`${sign('ellipsis', style)} (-v lists them)`] : [];
  const head = `${files.length} ${files.length === 1 ? 'file passes' : 'files pass'}:`;
  const indent = style.unicode ? 2 : 5;
  const lines = wrapParts([`${head} ${names[0] as string}`, ...names.slice(1), ...more], ', ', style.columns - indent - 1);
  return `${mark('pass', style)} ${tinted(hanging(lines.map((line, i) => (i < lines.length - 1 && !line.endsWith(':') ? `${line},` : line)), indent), 'dim', style)}\n`;
}

const MOST_FAILED = 3;

/** The sum, and which files failed. */
function endLines({ files, summary, ok }: VerifyReport, style: Style): string {
  const of = (outcome: Outcome): readonly FileVerdict[] => files.filter((file) => outcomeOf(file) === outcome);
  const checks = summary.passed + summary.failed + summary.unknown + summary.waived;
  const skipped = skippedText(summary);
  const more = skipped === '' ? [] : [`skipped ${skipped}`];
  if (ok) {
    const waived = summary.waived === 0 ? [] : [`${summary.waived} waived`];
    return `${hanging(wrapParts([`${tinted('OK', 'green', style)}  ${counted(summary.files, 'file')}, ${counted(checks, 'check')}`, ...waived, ...more], ` ${sign('dot', style)} `, style.columns - 4), 4)}\n`;
  }
  const word = tinted(tinted(style.color ? ' FAILED ' : 'FAILED', 'inverse', style), 'red', style);
  if (files.length === 0) return `${word}  there was nothing to check\n`;
  const [wrong, unknown] = [of('fail'), of('unknown')];
  const fine = files.length - wrong.length - unknown.length;
  const parts = [
    [`${wrong.length} wrong`, wrong.length, 'red'],
    [`${unknown.length} unknown`, unknown.length, 'yellow'],
    [`${fine} fine`, fine, 'green'],
  ] as const;
  const counts = parts.filter(([, count]) => count > 0).map(([text, , tint]) => tinted(text, tint, style)).join(', ');
  const sum = [`${word}  ${counts} of ${counted(files.length, 'file')}`, counted(checks, 'check'), ...(summary.waived === 0 ? [] : [`${summary.waived} waived`]), ...more];
  const bad = [...wrong, ...unknown];
  const names = bad.slice(0, MOST_FAILED).map(({ path }) => visible(path));
  if (bad.length > MOST_FAILED) names.push(`and ${bad.length - MOST_FAILED} more`);
  const listed = names.map((name) => `  ${name}\n`).join('');
  return `${hanging(wrapParts(sum, ` ${sign('dot', style)} `, style.columns - 8), 8)}\n${files.length === 1 ? '' : listed}`;
}

/** What is shown of a verification. */
export interface VerdictOptions {
  /** Only what fails or is unknown; nothing where all is fine. */
  readonly quiet?: boolean;
}

/** The report as text: failures, then what could not be told, what is waived, what passes; with `verbose` what passes is shown in full as well. */
export function renderVerdict(report: VerifyReport, style: Style, { quiet = false }: VerdictOptions = {}): string {
  if (quiet && report.ok) return '';
  const shown: readonly Outcome[] = quiet ? ['fail', 'unknown'] : style.verbose ? ['fail', 'unknown', 'waived', 'pass'] : ['fail', 'unknown', 'waived'];
  const blocks = shown.flatMap((outcome) => report.files.filter((file) => outcomeOf(file) === outcome).map((file) => fileLines(file, style)));
  if (!quiet && !style.verbose) blocks.push(passLine(report.files.filter((file) => outcomeOf(file) === 'pass'), style));
  return [...blocks, endLines(report, style)].filter((block) => block !== '').join('\n');
}
