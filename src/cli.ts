#!/usr/bin/env node
// The program: argv in, exit status out.

import module from 'node:module';
import { main } from './cli/main.ts';
import { processTerminal } from './cli/streams/terminal.ts';

// From Node 22.8 on V8 keeps what it has compiled of the commands, which are loaded from here on.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

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
