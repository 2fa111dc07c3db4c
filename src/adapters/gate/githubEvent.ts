/** The event file of GitHub Actions, which Gitea and Forgejo write too. */
import { readFileBytes } from '../readBytes.ts';
import { type CiMove, ciOid, ciRef, movesNothing, unreadable } from './ciValues.ts';

/** GitHub sends no larger ones (docs.github.com, webhook events and payloads: 25 MB). */
const MAX_EVENT_BYTES = 32 << 20;

/** Throws SignetError where the event moves no ref, or the file is not what GitHub writes. */
export function readGithubEvent(env: NodeJS.ProcessEnv): CiMove {
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  const event = readEvent(env['GITHUB_EVENT_PATH'] ?? '');
  switch (name) {
    case 'pull_request':
    case 'pull_request_target': {
      // GITHUB_SHA is a merge that nobody signed (pull_request), or the base (pull_request_target).
      const { base, head } = record(event['pull_request'], 'pull_request');
      const onto = record(base, 'pull_request.base');
      return {
        kind: 'request',
        ref: ciRef(`refs/heads/${text(onto['ref'])}`),
        base: ciOid(onto['sha'], 'pull_request.base.sha'),
        head: ciOid(record(head, 'pull_request.head')['sha'], 'pull_request.head.sha'),
      };
    }
    case 'merge_group': {
      const group = record(event['merge_group'], 'merge_group');
      return {
        kind: 'push',
        ref: ciRef(group['base_ref']),
        base: ciOid(group['base_sha'], 'merge_group.base_sha'),
        head: ciOid(group['head_sha'], 'merge_group.head_sha'),
      };
    }
    case 'push':
      return {
        kind: 'push',
        ref: ciRef(event['ref']),
        base: ciOid(event['before'], 'before'),
        head: ciOid(event['after'], 'after'),
      };
    default:
      throw movesNothing(`${JSON.stringify(name)} event`);
  }
}

function readEvent(path: string): Readonly<Record<string, unknown>> {
  if (path === '') throw unreadable('GITHUB_EVENT_PATH is not set');
  let event: unknown;
  try {
    event = JSON.parse(Buffer.from(readFileBytes(path, MAX_EVENT_BYTES)).toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw unreadable('the event file is no JSON');
  }
  return record(event, 'the event');
}

function record(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw unreadable(`${name} is missing`);
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw unreadable('the base branch has no name');
}
