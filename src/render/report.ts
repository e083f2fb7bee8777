// A verification in the form that is asked for: one door to all of them.

import { VERSION } from '../model/version.ts';
import { BinspectError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';
import type { VerifyReport } from '../model/verdict.ts';
import { renderGithub } from './github.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import type { ReportChanges, ReportDetail } from './report-data.ts';
import { renderSarif } from './sarif.ts';
import { renderVerdict } from './verdict-text.ts';

/** A form of a report. */
export type ReportForm = 'text' | 'markdown' | 'html' | 'junit' | 'sarif' | 'github';

const FORMS: readonly ReportForm[] = ['text', 'markdown', 'html', 'junit', 'sarif', 'github'];

/** How `renderReport` writes. */
export interface ReportOptions {
  /** What the page is called; 'binspect verify' by default. For Markdown and HTML. */
  readonly title?: string | undefined;
  /** When it was made; now by default. For HTML and JUnit. */
  readonly at?: Date | undefined;
  /** What the files are: with it, Markdown and HTML show targets, files, identical and differing ones. */
  readonly details?: readonly ReportDetail[] | undefined;
  /** What changed since an older release. For Markdown and HTML. */
  readonly changes?: ReportChanges | undefined;
  /** Whether text has colours; it has none by default. */
  readonly color?: boolean | undefined;
  /** The width that text is wrapped to; it is not wrapped by default. */
  readonly columns?: number | undefined;
  /** Whether text shows what passes in full. */
  readonly verbose?: boolean | undefined;
  /** Whether paths are those of Windows. For SARIF. */
  readonly windows?: boolean | undefined;
}

const REPORT_OPTIONS: OptionKinds<ReportOptions> = { title: 'text', at: 'any', details: 'any', changes: 'any', color: 'boolean', columns: 'any', verbose: 'boolean', windows: 'boolean' };

/**
 * A verification as text for a terminal, Markdown for a job summary, one HTML page that needs nothing else, JUnit XML, SARIF 2.1.0, or GitHub's annotations.
 * Pure, but for the time where none is given. Text from files is escaped as each form wants it. Ends with a newline, where there is anything to say.
 * Throws `invalid-argument` for another form and for unknown options.
 *
 * @example
 * const { ok, findings } = verify(await inspect('app'), { target: 'linux/arm64' });
 * const summary = { files: 1, passed: ok ? 1 : 0, failed: ok ? 0 : 1, unknown: 0, waived: 0 };
 * console.log(renderReport({ schemaVersion: 1, ok, files: [{ path: 'app', findings, error: null }], summary }, 'markdown'));
 */
export function renderReport(report: VerifyReport, form: ReportForm, options: ReportOptions = {}): string {
  checkOptions(options, REPORT_OPTIONS);
  const { title = 'binspect verify', at = new Date(), details = [], changes = null, color = false, columns = Infinity, verbose = false, windows = false } = options;
  switch (form) {
    case 'text':
      return renderVerdict(report, { color, columns, verbose, unicode: true });
    case 'markdown':
      return renderMarkdown(report, { title, details, changes });
    case 'html':
      return renderHtml(report, { title, at, version: VERSION, details, changes });
    case 'junit':
      return renderJunit(report, at);
    case 'sarif':
      return renderSarif(report, VERSION, windows);
    case 'github':
      return renderGithub(report);
    default: {
      const word = String(form);
      const near = nearest(word, FORMS);
      throw new BinspectError('invalid-argument', `a report is one of ${FORMS.join(', ')}, not '${word}'${near === null ? '' : `; did you mean ${near}?`}`);
    }
  }
}
