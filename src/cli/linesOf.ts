/** Lines of standard input. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Reads nothing before the first line is asked for: what readline meets before that is lost, the end too. */
export async function* linesOf(input: Readable): AsyncGenerator<string> {
  yield* createInterface({ input });
}
