/** Signing while the sandbox misbehaves. */
import type { Fault } from '../../src/sandbox/faults.ts';
import type { Ended } from './process.ts';
import { commitPayload, expectSigned, expectVerifies } from './signature.ts';
import type { World } from './world.ts';

export const PAYLOAD = commitPayload('hello\n');
export const GIT_CALL = ['--status-fd=2', '-bsau', 'key'];
export const CERTIFICATE = 'POST /api/v2/signingCert';
export const UPLOAD = 'POST /api/v1/log/entries';
export const FETCH = 'GET /api/v1/log/entries/{id}';

export interface Signing {
  readonly ended: Ended;
  /** How often the sandbox was asked for what, meanwhile. */
  readonly asked: (request: string) => number;
  /** How many entries the log has more. */
  readonly logged: number;
}

let people = 0;

/** Signs as somebody who has no credential yet. */
export async function signWhile(
  world: World,
  faults: readonly Fault[],
  env: NodeJS.ProcessEnv = {},
): Promise<Signing> {
  people += 1;
  const SIGSTORE_ID_TOKEN = await world.idToken(`person-${people}@example.com`);
  return watch(world, faults, () =>
    world.signet(GIT_CALL, { input: PAYLOAD, env: { SIGSTORE_ID_TOKEN, ...env }, mayFail: true }),
  );
}

/** Signs as somebody who logs in as alice, without any token or credential. */
export async function logInWhile(
  world: World,
  faults: readonly Fault[],
  env: NodeJS.ProcessEnv = {},
): Promise<Signing> {
  return watch(world, faults, async () => {
    let ended: Ended | undefined;
    await world.loggingInAs('alice@example.com', async () => {
      const options = { input: PAYLOAD, env: { BROWSER: world.browser, ...env }, mayFail: true };
      ended = await world.signet(GIT_CALL, options);
    });
    if (ended === undefined) throw new Error('it did not end');
    return ended;
  });
}

export async function expectGood(world: World, { ended }: Signing): Promise<void> {
  expectSigned(ended);
  await expectVerifies(world, ended.stdout, PAYLOAD);
}

async function watch(world: World, faults: readonly Fault[], sign: () => Promise<Ended>): Promise<Signing> {
  const [before, sizeBefore] = [await world.requestCounts(), await treeSize(world)];
  await world.setFaults(faults);
  const ended = await sign();
  await world.setFaults([]);
  const [after, sizeAfter] = [await world.requestCounts(), await treeSize(world)];
  const asked = (request: string) => (after[request] ?? 0) - (before[request] ?? 0);
  return { ended, asked, logged: sizeAfter - sizeBefore };
}

async function treeSize(world: World): Promise<number> {
  const answer = await fetch(`${world.sandboxUrl}/api/v1/log`);
  return ((await answer.json()) as { treeSize: number }).treeSize;
}
