// Which files and folders of a folder are left out: globs as `--exclude` has them.

import { BinspectError } from '../errors.ts';
import { globProblem, pathMatcher } from './glob.ts';
import { shortened } from './paths.ts';

/** Whether what lies at a path below the walked folder is left out; the path has `/` between names and no leading one. */
export type Excluder = (path: string) => boolean;

/**
 * The excluder for globs; null where there are none. A glob without `/` names files and folders by their last part at any depth (`node_modules`,
 * `*.map`); one with `/` counts from the folder that is walked (`build/tmp`, `**\/test/*`). What lies in an excluded folder is excluded.
 * Throws `invalid-argument` for a glob that names nothing.
 */
export function excluderOf(globs: readonly string[]): Excluder | null {
  if (globs.length === 0) return null;
  const matchers = globs.map((glob): Excluder => {
    const problem = glob === '' ? 'it is empty' : globProblem(glob);
    if (problem !== null) throw new BinspectError('invalid-argument', `exclude: ${JSON.stringify(glob)} is not a usable glob: ${problem}`);
    const trimmed = glob.replace(/^\.?\/+|\/+$/g, '');
    const matches = pathMatcher(shortened(trimmed));
    return glob.replace(/\/+$/, '').includes('/') ? matches : (path) => matches(path.slice(path.lastIndexOf('/') + 1));
  });
  return (path) => matchers.some((matches) => matches(path));
}
