/** The GitHub Action: bundled into action/gate.cjs by scripts/action.mjs. */
import { failClosed } from './cli/failClosed.ts';
import { runGithubAction } from './cli/githubAction.ts';

failClosed();
runGithubAction(process.env).then((exitCode) => {
  process.exitCode = exitCode;
});
