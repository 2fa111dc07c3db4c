/** Objects as gitsign's online mode signs them: nothing of the log in the signature, and an entry over their SHA-1 name. */
import { createHash, sign, X509Certificate } from 'node:crypto';
import { encodeArmor } from '../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../../src/core/cmsEncode.ts';
import type { ObjectFormat, ObjectKind } from '../../src/core/verdict.ts';
import type { RunningSandbox } from '../../src/sandbox/sandbox.ts';
import { embed } from '../core/toySigstore.ts';
import { requestSigner, type Signer, upload } from '../sandbox/clients.ts';
import type { Repository } from './repository.ts';

export { requestSigner };

export interface OnlineObject {
  readonly kind: ObjectKind;
  readonly objectFormat: ObjectFormat;
  readonly raw: Buffer;
  /** What is logged: the SHA-1 name, in whatever repository. */
  readonly sha1: string;
}

/** Signs a payload without any entry; nothing is logged yet. */
export function signOnline(
  signer: Signer,
  kind: ObjectKind,
  objectFormat: ObjectFormat,
  payload: string,
): OnlineObject {
  const bytes = Buffer.from(payload);
  const certificate = new X509Certificate(signer.chain[0] ?? '').raw;
  const signedAttrs = encodeSignedAttrs(createHash('sha256').update(bytes).digest(), new Date());
  const signature = sign('sha256', signedAttrs, signer.privateKey);
  const armored = encodeArmor(encodeCms({ signedAttrs, certificate, signature, logEntry: undefined }));
  const inHeader = (header: string) =>
    kind === 'tag' ? Buffer.concat([bytes, Buffer.from(armored)]) : embed(bytes, armored, header);
  const asSha1 = inHeader('gpgsig');
  const sha1 = createHash('sha1').update(`${kind} ${asSha1.length}\0`).update(asSha1).digest('hex');
  return { kind, objectFormat, raw: objectFormat === 'sha1' ? asSha1 : inHeader('gpgsig-sha256'), sha1 };
}

/** Logs the second signature, as gitsign does. */
export async function logOnline(
  sandbox: Pick<RunningSandbox, 'rekorUrl'>,
  signer: Signer,
  object: OnlineObject,
): Promise<void> {
  await upload(sandbox, signer, object.sha1);
}

const WHO = 'Alice <alice@example.com> 1780000000 +0000';

const EMPTY_TREE = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
} as const;

/** A commit of a repository, on whatever parent. */
export function commitPayload(repository: Repository, parent: string | undefined, message: string): string {
  const parents = parent === undefined ? '' : `parent ${parent}\n`;
  return `tree ${EMPTY_TREE[repository.objectFormat]}\n${parents}author ${WHO}\ncommitter ${WHO}\n\n${message}\n`;
}

export function tagPayload(commit: string, name: string): string {
  return `object ${commit}\ntype commit\ntag ${name}\ntagger ${WHO}\n\nVersion ${name}\n`;
}

/** A chain of commits on `main`, logged or not as is said; their ids, the first one first. */
export async function makeHistory(
  repository: Repository,
  sandbox: Pick<RunningSandbox, 'rekorUrl'>,
  signer: Signer,
  logged: readonly boolean[],
): Promise<readonly string[]> {
  const oids: string[] = [];
  const logging: Promise<void>[] = [];
  for (const [i, isLogged] of logged.entries()) {
    const payload = commitPayload(repository, oids.at(-1), `Commit ${i}`);
    const object = signOnline(signer, 'commit', repository.objectFormat, payload);
    if (isLogged) logging.push(logOnline(sandbox, signer, object));
    if (logging.length % 8 === 0) await Promise.all(logging.splice(0));
    oids.push(repository.store('commit', object.raw));
  }
  await Promise.all(logging);
  repository.git('update-ref', 'refs/heads/main', oids.at(-1) ?? '');
  return oids;
}
