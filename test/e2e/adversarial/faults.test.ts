/** 20: whatever goes wrong, and whatever strangers write, the answer is no; each beside the same push without the fault. */

import { createHmac } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../../src/adapters/findProgram.ts';
import { emailName, makeSshKey, toySigner, uriName } from './signers.ts';
import { makeToyWorld, passes, refused, TEAM, type ToyServer, type ToyWorld } from './toyServer.ts';

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

describe('20: texts of strangers', () => {
  const ESCAPE = '\u001b]0;x\u0007\u001b[31m';

  it('reach no terminal as they are, and begin no line', async () => {
    const server = await world.makeServer(TEAM);
    for (const subject of [
      `${ESCAPE} title`,
      '::error::x',
      '::add-mask::x',
      `"  allowed  ${'x'.repeat(999)}`,
    ]) {
      await server.commit(undefined, { message: subject });
    }
    await server.commit(toySigner(world.toy, { names: [uriName(`https://evil.example/${ESCAPE}`)] }));
    const pushed = await server.push('main');
    expect([pushed.code, pushed.hookCode]).toEqual([1, 1]);
    expect(pushed.stderr).toContain('\\u{1b}]0;x');
    expectHarmless(pushed.stderr);
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(world.alice, { message: `${ESCAPE} ::error::x` });
    passes(await server.push('main'));
  });

  it('in tags and refs do not either', async () => {
    const server = await world.makeServer(TEAM);
    await server.tag(world.alice, 'v1', { calls: `v2${ESCAPE}` });
    const pushed = await server.push('v1', 'HEAD:refs/tags/v9');
    expectHarmless(pushed.stderr);
    expect(pushed.reasons).toEqual(['tag-name-mismatch', 'tag-lightweight']);
  });

  function expectHarmless(text: string): void {
    expect(text.replaceAll('\u001b[K', '')).not.toContain('\u001b');
    expect(text.split('\n').filter((line) => /^(remote:)?\s*::/.test(line))).toEqual([]);
    expect(text.split('\n').filter((line) => line.length > 600)).toEqual([]);
  }
});

describe('20: long pushes', () => {
  it('are refused from one commit more than is allowed on', async () => {
    const server = await world.makeServer(TEAM);
    await server.onServer('config', 'signet.maxCommits', '3');
    for (let count = 0; count < 4; count += 1) await server.commit(world.alice);
    refused(await server.push('main'), 'too-many-commits');
    await server.git('reset', '-q', '--hard', 'HEAD~1');
    passes(await server.push('main'));
  });

  it('are refused at ten thousand before anything is judged', async () => {
    const server = await world.makeServer(TEAM);
    const lines = [`reset refs/heads/long\nfrom ${server.introduction}\n`];
    for (let count = 0; count < 10_001; count += 1) {
      lines.push(`commit refs/heads/long\ncommitter A <a@b> ${count} +0000\ndata 1\nx`);
    }
    await world.git(['fast-import', '--quiet'], { cwd: server.clone, input: `${lines.join('\n')}\n` });
    refused(await server.push('long'), 'too-many-commits');
  });
});

describe('20: a fault', () => {
  let server: ToyServer;
  beforeAll(async () => {
    server = await world.makeServer(TEAM);
    await server.commit(world.alice);
  });

  /** The same push with the fault and without it. */
  async function refusesBy(how: string): Promise<string> {
    server.setHook(how);
    const { code, hookCode, stderr } = await server.push('main');
    expect([code, hookCode === undefined || hookCode === 0], stderr).toEqual([1, false]);
    expect(await server.onServer('rev-parse', 'main')).toBe(server.introduction);
    return stderr;
  }

  it.each([
    ['closed standard input', '"$judge" <&-'],
    ['no stream at all', '"$judge" <&- >&- 2>&-'],
    ['empty standard input', '"$judge" </dev/null'],
    ['half a line', 'head -c 60 | "$judge"'],
    ['no git', 'PATH=/nowhere "$judge"'],
  ])('%s', async (_, how) => {
    await refusesBy(how);
  });

  describe.each(['config', 'for-each-ref', 'cat-file', 'rev-list', 'diff-tree'])('in git %s', (command) => {
    it.each([
      ['it is killed', 'kill -KILL $$'],
      ['it fails', 'exit 128'],
      ['we are ended', 'kill -TERM $PPID; sleep 0.2; exit 1'],
    ])('%s', async (_, what) => {
      await refusesBy(`PATH="${gitThat(command, what)}:$PATH" "$judge"`);
    });
  });

  it('time is up', async () => {
    await server.onServer('config', 'signet.deadline', '1');
    const said = await refusesBy(`PATH="${gitThat('rev-list', 'exec sleep 3')}:$PATH" "$judge"`);
    expect(said).toContain('could not be judged within 1 second');
    await server.onServer('config', '--unset', 'signet.deadline');
  });

  it.each([
    ['signet.trustedRoot', '/nowhere/root.json', /trusted root/],
    ['signet.policyRef', 'refs/heads/gone', /first-push/],
    ['signet.policyRef', 'main', /no full name/],
    ['signet.maxCommits', 'many', /no number/],
    ['signet.policy', '/nowhere/policy.toml', /cannot be read/],
    ['signet.introduction', 'main', /no full object id/],
  ])('of settings: %s = %s', async (key, value, said) => {
    const config = join(server.bare, 'config');
    const before = readFileSync(config);
    await server.onServer('config', '--replace-all', key, value);
    expect(await refusesBy('"$judge"')).toMatch(said);
    writeFileSync(config, before);
  });

  it('was the reason each time', async () => {
    server.setHook();
    passes(await server.push('main'));
  });

  let fakes = 0;

  /** A folder with a git that does this in the place of one command. */
  it('is judged by what somebody has just been thrown out of', async () => {
    const server = await world.makeServer(TEAM);
    const file = '.signet.toml';
    const policy = await server.git('show', `HEAD:${file}`);
    const without = policy.replaceAll(/^bob = .*\n/gm, '').replace('"alice", "bob"', '"alice"');
    const next = await server.commit(world.alice, { files: { [file]: `${without}\n` } });
    await server.smuggle(`${next}:refs/heads/next`);
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(world.bob);
    const moving = gitThat('rev-list', `env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main ${next}`);
    server.setHook(`PATH='${moving}':"$PATH" "$judge"`);
    const { code, hookCode, stderr } = await server.push('HEAD:refs/heads/topic');
    expect([code, hookCode], stderr).toEqual([1, 3]);
    expect(stderr).toContain('moved while the push was judged');
    await server.onServer('update-ref', 'refs/heads/main', server.introduction);
    server.setHook();
    passes(await server.push('HEAD:refs/heads/topic'));
  });

  function gitThat(command: string, what: string): string {
    const folder = join(world.folder, `fake-${++fakes}`);
    mkdirSync(folder);
    const git = findProgram('git', process.env) ?? '';
    const script = `#!/bin/sh\ncase " $* " in *" ${command} "*) ${what};; esac\nexec '${git}' "$@"\n`;
    writeFileSync(join(folder, 'git'), script, { mode: 0o755 });
    return folder;
  }
});

describe('20: a full disk', () => {
  // As the system says it of a file that grows: an error, not a signal.
  const FULL = '(trap "" XFSZ; ulimit -f 0; exec "$judge")';

  it('lets nothing in that it would not have', async () => {
    const carol = makeSshKey(world.folder);
    const withCarol = TEAM.replace('[signers]\n', `[signers]\ncarol = { ssh = "${carol.key}" }\n`);
    const server = await world.makeServer(withCarol);
    server.setHook(FULL);
    await server.commit(world.mallory);
    refused(await server.push('HEAD:refs/heads/topic'), 'identity-not-listed');
    await server.git('reset', '-q', '--hard', server.introduction);
    // Facts that cannot be kept are found again.
    await server.commit(world.bob);
    passes(await server.push('HEAD:refs/heads/topic'));
    // ssh-keygen is handed its files, so that there is no judging without them.
    await server.commit(carol.signer);
    const { code, hookCode } = await server.push('HEAD:refs/heads/topic');
    expect([code, hookCode === 0]).toEqual([1, false]);
    server.setHook();
    passes(await server.push('HEAD:refs/heads/topic'));
  });

  it.runIf(existsSync('/dev/full'))(
    'where the report should go changes no answer (needs /dev/full)',
    async () => {
      const server = await world.makeServer(TEAM);
      server.setHook('"$judge" 2>/dev/full');
      await server.commit(world.mallory);
      const { code, hookCode } = await server.push('HEAD:refs/heads/topic');
      expect([code, hookCode]).toEqual([1, 1]);
      await server.git('reset', '-q', '--hard', server.introduction);
      await server.commit(world.bob);
      passes(await server.push('HEAD:refs/heads/topic'));
    },
  );
});

describe('20: remembered facts', () => {
  const OPEN = '\n[[rule]]\nrefs = ["refs/heads/wild"]\nsigners = ["alice"]\nmerged = "*"\n';

  it('count for nothing where somebody edited them', async () => {
    const server = await world.makeServer(TEAM.replace('[policy]', '[policy]\ndefault = "open"') + OPEN);
    const grace = toySigner(world.toy, {
      names: [emailName('grace@example.com')],
    });
    await server.commit(grace);
    passes(await server.push('HEAD:refs/heads/anything'));
    const records = filesBelow(join(server.bare, 'signet')).filter((path) => !path.endsWith('/key'));
    expect(records.length).toBeGreaterThan(0);
    const edit = (change: (bytes: Buffer) => Buffer) => {
      for (const path of records) writeFileSync(path, change(readFileSync(path)));
    };
    const asAlice = (bytes: Buffer) =>
      Buffer.from(bytes.toString('latin1').replaceAll('grace@example.com', 'alice@example.com'), 'latin1');
    edit(asAlice);
    refused(await server.push('main'), 'identity-not-listed');
    // Whoever has the key that lies beside them can write them: with it, the edit is one that would have counted.
    const key = readFileSync(
      filesBelow(join(server.bare, 'signet')).find((path) => path.endsWith('/key')) ?? '',
    );
    edit((bytes) => authenticate(asAlice(bytes), key));
    passes(await server.push('main'));
  });

  it('are not kept where others could write them', async () => {
    const server = await world.makeServer(TEAM);
    await server.commit(world.bob);
    passes(await server.push('HEAD:refs/heads/one'));
    const [folder = ''] = filesBelow(join(server.bare, 'signet')).filter((path) => path.endsWith('/key'));
    expect(statSync(folder).mode & 0o777).toBe(0o600);
    chmodSync(folder, 0o666);
    passes(await server.push('HEAD:refs/heads/two'));
  });

  /** `length (2) || key (32) || HMAC (32) || facts`, over key and facts. */
  function authenticate(bytes: Buffer, secret: Buffer): Buffer {
    for (let at = 0; at + 66 <= bytes.length; ) {
      const end = at + 66 + bytes.readUInt16BE(at);
      const code = createHmac('sha256', secret);
      code.update(bytes.subarray(at + 2, at + 34)).update(bytes.subarray(at + 66, end));
      code.digest().copy(bytes, at + 34);
      at = end;
    }
    return bytes;
  }

  function filesBelow(folder: string): readonly string[] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
  }
});
