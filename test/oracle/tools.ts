// The tools that oracles start: whether they are installed, and command lines in a shell.

import { execFileSync } from 'node:child_process';

/** Whether a tool is missing and its tests may be skipped. In CI none may: the tool has to be installed, and the test fails. */
export function missing(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'pipe' });
    return false;
  } catch {
    if (process.env['CI'] !== undefined) return false;
    console.warn(`skipped: ${tool} is not installed`);
    return true;
  }
}

/** What a command line prints; it ends with its first command that fails, and throws. */
export function shell(command: string, cwd: string): string {
  return execFileSync('sh', ['-ec', command], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 });
}
