/** What a CI system says of the request or push that it runs for. It is believed: who starts jobs can lie in them too. */
import { type CiMove, ciOid, ciRef, movesNothing } from './ciValues.ts';
import { readGithubEvent } from './githubEvent.ts';

/**
 * GitHub's, Gitea's and Forgejo's Actions by the event file, GitLab by its variables; undefined in no CI that is known.
 * Throws SignetError where it is one, and the event moves no ref or cannot be read.
 */
export function readCi(env: NodeJS.ProcessEnv): CiMove | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return readGithubEvent(env);
  if (env['GITLAB_CI'] === 'true') return readGitlab(env);
  return undefined;
}

/** docs.gitlab.com/ci/variables/predefined_variables. */
function readGitlab(env: NodeJS.ProcessEnv): CiMove {
  const source = env['CI_PIPELINE_SOURCE'] ?? '';
  const sha = ciOid(env['CI_COMMIT_SHA'], 'CI_COMMIT_SHA');
  if (source === 'merge_request_event') {
    const target = env['CI_MERGE_REQUEST_TARGET_BRANCH_NAME'] ?? '';
    const ref = ciRef(`refs/heads/${target}`);
    // Of a pipeline for merged results CI_COMMIT_SHA is a merge that nobody signed.
    const own = env['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA'] ?? '';
    const head = own === '' ? sha : ciOid(own, 'CI_MERGE_REQUEST_SOURCE_BRANCH_SHA');
    // CI_MERGE_REQUEST_DIFF_BASE_SHA keeps its value when the target branch is changed (gitlab-org/gitlab, issue 442031).
    return { kind: 'request', ref, base: `refs/remotes/origin/${target}`, head };
  }
  if (source !== 'push') throw movesNothing(`pipeline of ${JSON.stringify(source)}`);
  const tag = env['CI_COMMIT_TAG'] ?? '';
  const ref = ciRef(tag === '' ? `refs/heads/${env['CI_COMMIT_BRANCH'] ?? ''}` : `refs/tags/${tag}`);
  return { kind: 'push', ref, base: ciOid(env['CI_COMMIT_BEFORE_SHA'], 'CI_COMMIT_BEFORE_SHA'), head: sha };
}
