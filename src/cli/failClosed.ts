import { EXIT } from '../errors.ts';
import { printError } from './printError.ts';

/** Whatever ends the process before a verdict or a signature is reached, ends it in failure. */
export function failClosed(): void {
  process.exitCode = EXIT.bug;
  process.on('uncaughtException', (error) => {
    printError(error);
    process.exit(EXIT.bug);
  });
}
