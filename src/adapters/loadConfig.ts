/** Settings of this process: its environment and what git would say here. */
import { type Config, parseConfig } from './config.ts';
import { readGitConfig } from './git/readConfig.ts';

/**
 * Reads the configuration with one `git config` call. `SIGNET_NO_GIT_CONFIG=1` leaves that call out, for
 * callers that set everything in the environment: then no policy can apply, and nobody is trusted.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const git = env['SIGNET_NO_GIT_CONFIG'] === '1' ? new Map() : readGitConfig(env);
  return parseConfig(git, env);
}
