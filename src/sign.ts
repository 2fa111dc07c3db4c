/** git's signing call: the loader starts here what git itself calls, and main.ts whatever else signs. */
import { failClosed } from './cli/failClosed.ts';
import { runGpgSign } from './cli/gpgSign.ts';

failClosed();
void runGpgSign(process.argv.slice(2), process.env).then((exitCode) => process.exit(exitCode));
