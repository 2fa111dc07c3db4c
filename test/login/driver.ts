/** A process that logs in as the program does, for tests: on this session's terminal, ended by signals. */
import { writeFileSync } from 'node:fs';
import { loginByBrowser } from '../../src/adapters/oidc/login.ts';
import { openTerminal } from '../../src/adapters/terminal.ts';
import { isSignetError } from '../../src/errors.ts';

const [, , instance = '', options = '', resultFile = ''] = process.argv;
const startedAt = performance.now();
const terminal = openTerminal();
const controller = new AbortController();
const cancel = () => controller.abort();
process.once('SIGINT', cancel);
process.once('SIGTERM', cancel);

const { now, ...more } = JSON.parse(options);

loginByBrowser(JSON.parse(instance), {
  env: process.env,
  clock: () => (now === undefined ? new Date() : new Date(now)),
  terminal,
  ...more,
})
  .requestIdToken(controller.signal)
  .then(
    (idToken) => report({ principal: idToken.principal }),
    (error) =>
      report(
        isSignetError(error)
          ? { code: error.code, message: error.message, hint: error.hint }
          : { code: String(error.stack) },
      ),
  );

/** What keeps the process alive after this is a leak: it ends by itself or the test times out. */
function report(outcome: object): void {
  const ms = performance.now() - startedAt;
  writeFileSync(resultFile, JSON.stringify({ ...outcome, terminal: terminal !== undefined, ms }));
  terminal?.close();
  process.removeListener('SIGINT', cancel);
  process.removeListener('SIGTERM', cancel);
}
