// A terminal for tests: keeps what is written, hands in what standard input should hold.

import { main } from '../src/cli/main.ts';
import type { Terminal } from '../src/cli/terminal.ts';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface TerminalPlan {
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly outIsTerminal?: boolean;
  readonly input?: Iterable<Uint8Array>;
  /** Bytes after which the reader of standard output goes away. */
  readonly closesAfter?: number;
}

/** Runs the program within this process. */
export async function run(args: readonly string[], plan: TerminalPlan = {}): Promise<Ran> {
  const chunks: Buffer[] = [];
  let err = '';
  let written = 0;
  const terminal: Terminal = {
    env: plan.env ?? {},
    outIsTerminal: plan.outIsTerminal ?? false,
    errIsTerminal: false,
    columns: plan.columns ?? 120,
    get closed(): boolean {
      return plan.closesAfter !== undefined && written >= plan.closesAfter;
    },
    out(data) {
      const chunk = Buffer.from(data as Uint8Array);
      written += chunk.length;
      chunks.push(chunk);
      return Promise.resolve();
    },
    err(data) {
      err += typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
    },
    async *input() {
      yield* plan.input ?? [];
    },
  };
  const status = await main(args, terminal);
  return { status, out: Buffer.concat(chunks).toString('utf8'), err };
}
