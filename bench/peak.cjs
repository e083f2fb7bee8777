// Loaded before a program: says at its end how much memory it held at most, in KiB.

const { readFileSync } = require('node:fs');

/** Linux counts into `maxRSS` what the parent held when it started the program; its own figure begins with the program. */
function mostHeld() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]);
}

process.on('exit', () => process.stderr.write(`\npeak ${mostHeld()}\n`));
