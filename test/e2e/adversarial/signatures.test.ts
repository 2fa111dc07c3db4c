/** Objects whose signature is not the one thing that it seems to be. git takes each of them without a word. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../../src/adapters/findProgram.ts';
import { mergeNotes, notePaths } from '../../../src/adapters/git/notesFormat.ts';
import { emailName, makeOpenPgp, onlineSigner, type Signer } from './signers.ts';
import {
  makeToyWorld,
  type Pushed,
  passes,
  refused,
  TEAM,
  type ToyServer,
  type ToyWorld,
  unjudged,
} from './toyServer.ts';

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

/** What `git-signet hook install` judged of one commit by Alice, spoilt. */
async function pushSpoilt(
  server: ToyServer,
  spoil: (raw: string) => string,
  by: Signer = world.alice,
): Promise<Pushed> {
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(by, { spoil: (raw) => Buffer.from(spoil(raw.toString('latin1')), 'latin1') });
  return server.push('main');
}

const END = '-----END SIGNED MESSAGE-----\n';
const header = (raw: string): string => /^gpgsig [^\n]*\n(?: [^\n]*\n)*/m.exec(raw)?.[0] ?? '';
/** A further line of the header's value. */
const addTo = (raw: string, text: string): string => raw.replace(END, `${END}${text}`);

describe('16: of a commit', () => {
  it.each([
    ['two headers', (raw: string) => raw.replace(header(raw), header(raw) + header(raw))],
    ['two blocks in one header', (raw: string) => addTo(raw, header(raw).replace('gpgsig ', ' '))],
    ['text after the block', (raw: string) => addTo(raw, ' x\n')],
    ['a space after the block', (raw: string) => addTo(raw, '  \n')],
    ['text before the block', (raw: string) => raw.replace('gpgsig ', 'gpgsig x\n ')],
    ['other line lengths', (raw: string) => raw.replace(/^( [A-Za-z0-9+/]{63})([A-Za-z0-9+/])$/m, '$1\n $2')],
  ])('%s', async (_, spoil) => {
    const server = await world.makeServer(TEAM);
    unjudged(await pushSpoilt(server, spoil), 'malformed');
    // An empty line after it is what other programs leave.
    passes(await pushSpoilt(server, (raw) => addTo(raw, ' \n')));
    await server.smuggle(`+${server.introduction}:refs/heads/main`);
    passes(await pushSpoilt(server, (raw) => raw));
  });

  it('another payload, another name for the header, and none', async () => {
    const server = await world.makeServer(TEAM);
    refused(await pushSpoilt(server, (raw) => raw.replace('\nwork\n', '\nwerk\n')), 'signature-failed');
    refused(await pushSpoilt(server, (raw) => raw.replace('gpgsig ', 'gpgsig-sha256 ')), 'unsigned');
    refused(await pushSpoilt(server, (raw) => raw.replace(header(raw), '')), 'unsigned');
    passes(await pushSpoilt(server, (raw) => raw));
  });

  it.runIf(hasGpg())('an OpenPGP block before ours (needs gpg)', async () => {
    mkdirSync(join(world.folder, 'keys'), { recursive: true });
    const carol = makeOpenPgp(world.folder, 'carol@example.com');
    const key = `carol = { openpgp = { fingerprint = "${carol.fingerprint}", file = "carol.asc" } }\n`;
    const policy = TEAM.replace('[signers]\n', `[signers]\n${key}`).replace(
      'signers = ["alice"]',
      'signers = ["alice", "carol"]',
    );
    const server = await world.makeServer(policy, { 'carol.asc': carol.file });
    const at = new Date();
    const fold = (armored: string) => armored.trimEnd().replaceAll('\n', '\n ');
    const payloadOf = (raw: string) => Buffer.from(raw.replace(header(raw), ''), 'latin1');
    const both = (raw: string) => {
      const theirs = fold(carol.signer(payloadOf(raw), at));
      return [
        raw.replace('gpgsig ', `gpgsig ${theirs}\ngpgsig `),
        raw.replace('gpgsig ', `gpgsig ${theirs}\n `),
        addTo(raw, ` ${theirs}\n`),
      ] as const;
    };
    refused(await pushSpoilt(server, (raw) => both(raw)[0]), 'other-format');
    refused(await pushSpoilt(server, (raw) => both(raw)[1]), 'other-format');
    unjudged(await pushSpoilt(server, (raw) => both(raw)[2]), 'malformed');
    passes(await pushSpoilt(server, (raw) => raw));
    await server.smuggle(`+${server.introduction}:refs/heads/main`);
    passes(await pushSpoilt(server, (raw) => raw, carol.signer));
  });
});

it('16: of a tag', async () => {
  const server = await world.makeServer(TEAM);
  const pushTag = async (spoil: (raw: string) => string): Promise<Pushed> => {
    const change = (raw: Buffer) => Buffer.from(spoil(raw.toString('latin1')), 'latin1');
    await server.tag(world.alice, 'v1', { spoil: change });
    return server.push('v1');
  };
  const block = (raw: string) => raw.slice(raw.indexOf('-----BEGIN'));
  refused(await pushTag((raw) => raw + block(raw)), 'signature-failed');
  unjudged(await pushTag((raw) => `${raw}x\n`), 'malformed');
  refused(await pushTag((raw) => raw.replace('Version v1', 'Version v2')), 'signature-failed');
  passes(await pushTag((raw) => raw));
});

describe("gitsign's online mode", () => {
  it('counts with the notes of the same push, if they are about this very commit', async () => {
    const server = await world.makeServer(TEAM);
    const alice = onlineSigner(world.toy, { names: [emailName('alice@example.com')] });
    const first = await server.commit(alice.signer);
    const evidence = alice.evidence();
    unjudged(await server.push('main'), 'unproven');
    const second = await server.commit(alice.signer);
    await writeNote(server, second, evidence);
    unjudged(await server.push('main', 'refs/notes/signet'), 'unproven', 'unproven');
    await server.git('reset', '-q', '--hard', first);
    await writeNote(server, first, evidence);
    unjudged(await server.push('main'), 'unproven');
    passes(await server.push('main', 'refs/notes/signet'));
    expect(await server.onServer('rev-parse', 'main')).toBe(first);
    // The notes are on the server now.
    await server.git('reset', '-q', '--hard', second);
    await writeNote(server, second, alice.evidence());
    passes(await server.push('refs/notes/signet'));
    passes(await server.push('main'));
  });

  async function writeNote(server: ToyServer, oid: string, entry: Uint8Array): Promise<void> {
    const text = mergeNotes([], { entries: [entry] });
    const [, path] = notePaths(oid);
    const has = (await server.git('for-each-ref', 'refs/notes/signet')) !== '';
    const lines = [
      'commit refs/notes/signet',
      'committer A <a@b> 1 +0000',
      'data 1\nx',
      ...(has ? ['from refs/notes/signet^0'] : []),
      `M 100644 inline ${path}`,
      `data ${Buffer.byteLength(text)}\n${text}`,
      '',
    ];
    await world.git(['fast-import', '--quiet'], { cwd: server.clone, input: lines.join('\n') });
  }
});

function hasGpg(): boolean {
  return findProgram('gpg', process.env) !== undefined;
}
