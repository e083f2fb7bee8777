#!/usr/bin/env node
// The program: argv in, exit status out.

import { main } from './cli/main.ts';
import { processTerminal } from './cli/terminal.ts';

process.on('SIGINT', () => process.exit(130));

// The status is set and not exited with, so that nothing written to a pipe is cut short.
main(process.argv.slice(2), processTerminal()).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 70; // a fault of binspect itself
  },
);
