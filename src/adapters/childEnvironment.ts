/**
 * Variables that are a token, or that let their holder ask for one: our own and Sigstore's, and those of the
 * CI systems whose identity Sigstore knows (protocols: GitHub, GitLab, Buildkite, CircleCI, Codefresh, Azure).
 */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'ACTIONS_RUNTIME_TOKEN',
  'BUILDKITE_AGENT_ACCESS_TOKEN',
  'CI_JOB_JWT',
  'CI_JOB_JWT_V1',
  'CI_JOB_JWT_V2',
  'CF_OIDC_REQUEST_TOKEN',
  'CF_OIDC_REQUEST_URL',
  'ID_TOKEN',
  'SYSTEM_ACCESSTOKEN',
  'SYSTEM_OIDCREQUESTURI',
]);

/** Whatever its prefix: SIGNET_ID_TOKEN, SIGSTORE_ID_TOKEN, a GitLab job's `<AUD>_ID_TOKEN`, CIRCLE_OIDC_TOKEN_V2. */
const SECRET_PATTERN = /_(ID|OIDC)_TOKEN(_V\d+)?$/;

/**
 * The environment for every child that this program starts (browser, git): the given one without ID tokens
 * and without the variables that one could be requested with. The given one is left as it is.
 */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const result: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !isSecret(name)) result[name] = value;
  }
  return result;
}

/** Names of variables have no case on Windows. */
function isSecret(name: string): boolean {
  const upper = name.toUpperCase();
  return SECRET_NAMES.has(upper) || SECRET_PATTERN.test(upper);
}
