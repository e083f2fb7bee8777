// Processes whose answer is a figure: what they print is it, or how long they take with their output in a file.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** What a process prints, parsed. Throws where it fails. */
export function answer(command, args, env = {}) {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  if (error !== undefined || status !== 0) throw error ?? new Error(`${command} failed: ${stderr}`);
  return JSON.parse(stdout);
}

/** The microseconds a file of some ways to read a list, in one process of Node: see inspect-one.mjs. */
export function passes(list, warmUp, timed, ways, env) {
  return answer(process.execPath, [join(import.meta.dirname, 'inspect-one.mjs'), String(warmUp), String(timed), list, ...ways], env);
}

/** Seconds that a process takes from start to end, its output written to a file. Throws for a status that is not among those given. */
export function secondsInto(output, [command, ...args], { cwd, statuses = [0] } = {}) {
  const descriptor = openSync(output, 'w');
  const start = performance.now();
  const { error, status, signal } = spawnSync(command, args, { cwd, stdio: ['ignore', descriptor, 'ignore'] });
  const taken = (performance.now() - start) / 1000;
  closeSync(descriptor);
  if (error !== undefined || !statuses.includes(status)) throw error ?? new Error(`${command} ${args[0]} … failed: ${signal ?? status}`);
  return taken;
}
