/** A question that only a person may answer. */
import { openTerminal } from '../adapters/terminal.ts';

/** Whether somebody at the terminal types yes below these lines; no where there is no terminal. */
export async function isConfirmed(
  lines: readonly string[],
  question: string,
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  const terminal = openTerminal(env);
  try {
    for (const line of lines) terminal?.writeLine(line);
    terminal?.write(`${question} `);
    for await (const answer of terminal?.lines(AbortSignal.timeout(ANSWER_MS)) ?? []) {
      return answer.trim() === 'yes';
    }
    return false;
  } finally {
    terminal?.close();
  }
}

const ANSWER_MS = 120_000;
