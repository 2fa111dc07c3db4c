/** `git-signet policy init`: a first policy file, from the history. Nothing is committed. */
import { toAllowEntry } from '../../adapters/allow.ts';
import { openHistory } from '../../adapters/git/history.ts';
import { runGit } from '../../adapters/git/runGit.ts';
import { sshKeyIn } from '../../adapters/keySignatures.ts';
import { writeNewFile } from '../../adapters/replaceFile.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { proposePolicy } from '../../app/policyProposal.ts';
import { collectSigners, type FoundSigner, type SignedPast } from '../../app/signedPast.ts';
import { splitObject } from '../../core/gitObject.ts';
import { openPgpIssuer } from '../../core/policy/openPgpIssuer.ts';
import { POLICY_FILE_NAME } from '../../core/policyFile.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import type { RawObject } from '../../ports.ts';
import { openJudging } from '../judging.ts';
import { print } from '../print.ts';
import { startProgress } from '../renderProgress.ts';
import { fileHere } from './policyEdit.ts';

export interface InitArguments {
  /** Address that this person logs in with. */
  readonly email?: string | undefined;
}

/** Whoever runs it is in it; all others that the history knows stand beside as comments. */
export async function policyInitCommand(env: NodeJS.ProcessEnv, args: InitArguments): Promise<ExitCode> {
  const path = fileHere(env);
  const past = await readPast(env);
  const own = args.email ?? ownAddress(env);
  const [me] = past.found.filter((one) => isOwn(one, own)).toSorted((a, b) => b.last - a.last);
  if (me === undefined) throw notFound(own, past);
  writeNewFile(path, proposePolicy(past, me));
  const others = past.found.length - 1;
  print(
    [
      `Wrote ${POLICY_FILE_NAME}: ${toAllowEntry(me.signer.identity)}${others === 0 ? '.' : `, and ${others} more as comments.`}`,
      'Look through it, then: git-signet policy check',
      `git add ${POLICY_FILE_NAME} && git commit -S -m 'Say who may sign'`,
      'That commit is the introduction, OID. In clones: git-signet policy trust OID',
      'On a server: git-signet hook install --introduction OID',
    ].map(escapeForTerminal),
  );
  return EXIT.good;
}

async function readPast(env: NodeJS.ProcessEnv): Promise<SignedPast> {
  const history = openHistory({ revs: ['HEAD'], all: false, tags: true, walk: true }, env);
  const { judge } = await openJudging(env, { offline: true, cache: true });
  const progress = startProgress();
  let objects = 0;
  async function* counted() {
    for await (const judged of judge(history.objects)) {
      objects += 1;
      progress.step(objects);
      yield judged;
    }
  }
  try {
    return await collectSigners(counted(), { sshKey, openPgpKey });
  } finally {
    progress.end();
  }
}

function sshKey({ raw, kind, objectFormat }: RawObject): string | undefined {
  const { signature } = splitObject(raw, kind, objectFormat);
  return signature && sshKeyIn(signature);
}

function openPgpKey({ raw, kind, objectFormat }: RawObject): string | undefined {
  const { signature } = splitObject(raw, kind, objectFormat);
  return signature && openPgpIssuer(signature);
}

type Mine = FoundSigner & Required<Pick<FoundSigner, 'signer'>>;

function isOwn(one: FoundSigner, address: string): one is Mine {
  const subject = one.signer?.identity.subject;
  return subject?.type === 'email' && subject.value === address;
}

function notFound(own: string, { found }: SignedPast): SignetError {
  const signers = found.flatMap(({ signer }) =>
    signer === undefined ? [] : [toAllowEntry(signer.identity)],
  );
  const known =
    signers.length === 0 ? 'Nothing in it is signed so.' : `Signed have: ${signers.slice(0, 10).join(', ')}.`;
  return new SignetError(
    'config',
    `No signature in this history is by ${own === '' ? 'you' : own}. ${known}`,
    signers.length === 0
      ? 'Sign a commit first: git commit -S --allow-empty'
      : 'Name the address that you log in with: git-signet policy init --email ADDRESS; or sign a commit first.',
  );
}

function ownAddress(env: NodeJS.ProcessEnv): string {
  try {
    return runGit(['config', 'user.email'], env).trim();
  } catch {
    return '';
  }
}
