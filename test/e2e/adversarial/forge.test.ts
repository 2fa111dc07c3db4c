/** What a forge signs with its own OpenPGP key, as GitHub's web-flow: clean merges of listed commits, and nothing else. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { findProgram } from '../../../src/adapters/findProgram.ts';
import { makeOpenPgp, type OpenPgp, type Signer } from './signers.ts';
import { makeToyWorld, passes, refused, TEAM, type ToyServer, type ToyWorld } from './toyServer.ts';

let world: ToyWorld;
let forge: OpenPgp;
const hasGpg = findProgram('gpg', process.env) !== undefined;
beforeAll(() => {
  world = makeToyWorld();
  if (hasGpg) forge = makeOpenPgp(world.folder, 'noreply@forge.example');
});
afterAll(() => world?.close());

/** The forge merges into main what Alice and Bob have signed; one robot may sign by it. */
async function makeForged(): Promise<ToyServer> {
  const key = `github = { openpgp = { fingerprint = "${forge.fingerprint}", file = "keys/web-flow.asc" }, forge = true }\n`;
  const robot = 'forge = ["clean-merge"]\nforge-authors = ["robot@example.com"]\nsigners = ["alice"]\nmerged';
  const policy = TEAM.replace('[signers]\n', `[signers]\n${key}`).replace(
    'signers = ["alice"]\nmerged',
    robot,
  );
  return world.makeServer(policy, { 'keys/web-flow.asc': forge.file, common: 'one\ntwo\nthree\n' });
}

/** A commit on a branch of its own; main stands where it stood. */
async function onSide(server: ToyServer, by: Signer | undefined, path = 'side'): Promise<void> {
  await server.git('checkout', '-q', '-B', 'side', server.introduction);
  await server.commit(by, { files: { [path]: 'changed\n' } });
  await server.git('checkout', '-q', '-B', 'main', server.introduction);
}

describe.runIf(hasGpg)("14: a forge's merge (needs gpg)", () => {
  it('passes where it is clean and of listed commits', async () => {
    const server = await makeForged();
    await onSide(server, world.bob);
    await server.merge(forge.signer, 'side');
    passes(await server.push('main'));
  });

  it('brings nothing that no side has', async () => {
    const server = await makeForged();
    await onSide(server, world.bob);
    await server.merge(forge.signer, 'side', { files: { extra: 'x' } });
    refused(await server.push('main'), 'forge-not-allowed');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.merge(forge.signer, 'side', { files: { common: 'one\ntwo\nfour\n' } });
    refused(await server.push('main'), 'forge-not-allowed');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.merge(forge.signer, 'side', { files: { side: null } });
    refused(await server.push('main'), 'forge-not-allowed');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.merge(forge.signer, 'side');
    passes(await server.push('main'));
  });

  it('does not decide conflicts', async () => {
    const server = await makeForged();
    await onSide(server, world.bob, 'common');
    await server.commit(world.alice, { files: { common: 'otherwise\n' } });
    const parents = [await server.git('rev-parse', 'main'), await server.git('rev-parse', 'side')];
    await server.commit(forge.signer, { parents });
    refused(await server.push('main'), 'forge-not-allowed');
    await server.git('reset', '-q', '--hard', parents[0] ?? '');
    await server.commit(world.alice, { parents });
    passes(await server.push('main'));
  });

  it('is of listed commits only', async () => {
    const server = await makeForged();
    for (const [by, reason] of [
      [world.mallory, 'identity-not-listed'],
      [undefined, 'unsigned'],
    ] as const) {
      await onSide(server, by);
      await server.merge(forge.signer, 'side');
      refused(await server.push('main'), reason);
    }
    await onSide(server, world.bob);
    await server.merge(forge.signer, 'side');
    passes(await server.push('main'));
  });

  it("is not vouched for by the forge's edits in the fork of a stranger", async () => {
    const server = await makeForged();
    await onSide(server, forge.signer);
    await server.merge(forge.signer, 'side');
    refused(await server.push('main'), 'forge-not-allowed');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.merge(world.alice, 'side');
    refused(await server.push('main'), 'forge-not-allowed');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(forge.signer, { files: { edit: 'x' } });
    refused(await server.push('main'), 'forge-not-allowed');
    await onSide(server, world.bob);
    await server.merge(forge.signer, 'side');
    passes(await server.push('main'));
  });

  it('has two parents, on this side and the other', async () => {
    const server = await makeForged();
    await onSide(server, world.bob);
    await server.git('checkout', '-q', 'side');
    await server.merge(forge.signer, server.introduction);
    refused(await server.push('side:main'), 'role-not-allowed');
    const bobs = await server.git('rev-parse', 'side^1');
    await server.git('checkout', '-q', 'main');
    await server.git('read-tree', '--reset', '-u', bobs);
    const parents = [server.introduction, bobs, server.introduction];
    await server.commit(forge.signer, { parents });
    refused(await server.push('main'), 'forge-not-allowed');
    await onSide(server, world.bob);
    await server.merge(forge.signer, 'side');
    passes(await server.push('main'));
  });

  it('lets authors in that the rule names for it', async () => {
    const server = await makeForged();
    await server.commit(forge.signer, { files: { a: 'x' }, author: 'Robot <other@example.com>' });
    refused(await server.push('main'), 'forge-not-allowed');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(forge.signer, { files: { a: 'x' }, author: 'Robot <robot@example.com>' });
    passes(await server.push('main'));
  });

  it('changes the policy where editors did', async () => {
    const server = await makeForged();
    const text = await server.git('show', 'HEAD:.signet.toml');
    const change = async (by: Signer) => {
      await server.git('checkout', '-q', '-B', 'side', server.introduction);
      await server.commit(by, { files: { '.signet.toml': `${text}\n# more\n` } });
      await server.git('checkout', '-q', '-B', 'main', server.introduction);
      await server.merge(forge.signer, 'side');
      return server.push('main');
    };
    refused(await change(world.bob), 'policy-change-denied');
    passes(await change(world.alice));
  });

  it('is signed with the key that the policy names, and signs no tag', async () => {
    const server = await makeForged();
    await onSide(server, world.bob);
    const other = makeOpenPgp(world.folder, 'noreply@forge.example');
    await server.merge(other.signer, 'side');
    refused(await server.push('main'), 'other-format');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.merge(forge.signer, 'side');
    passes(await server.push('main'));
    await server.tag(forge.signer, 'v1');
    refused(await server.push('v1'), 'forge-not-allowed');
    await server.tag(world.alice, 'v1');
    passes(await server.push('v1'));
  });
});
