/** A forge in CI: a server, what its checkouts look like, and how requests come to it. */
import { join } from 'node:path';
import { findPeople, makeServer, type People, policyText, type Server } from './server.ts';
import { makeWorld, type World } from './world.ts';

export interface Forge {
  readonly world: World;
  readonly people: People;
  readonly server: Server;
  /** Tip of main on the server when it was made. */
  readonly main: string;
  /** Puts a commit or tag on the server as a forge does: no hook of ours is asked. */
  place(ref: string, oid: string): Promise<void>;
  /** A clone in a folder of this name, as actions/checkout leaves it; its path. */
  checkOut(name: string, ...options: string[]): Promise<string>;
  /** A commit on top of another one, and the ref that a forge has for it. */
  propose(who: string | undefined, onto: string, files?: Readonly<Record<string, string>>): Promise<string>;
}

const RULES = `[[rule]]
refs = ["refs/heads/main"]
signers = ["alice"]
merged = ["alice", "bob"]
[[rule]]
refs = ["refs/heads/dev"]
signers = ["alice", "bob", "dora"]
[[rule]]
refs = ["refs/tags/v*"]
signers = ["alice"]
target = ["refs/heads/main"]
`;

/** Alice may sign on main, Bob what is merged there, Dora on dev only. */
export async function makeForge(): Promise<Forge> {
  const world = await makeWorld();
  const people = await findPeople(world);
  const signers = ['alice', 'bob', 'dora'].map(
    (name) => `${name} = { email = "${name}@example.com", issuer = ${JSON.stringify(people.issuer)} }`,
  );
  const policy = `[policy]\neditors = ["alice"]\n[signers]\n${signers.join('\n')}\n${RULES}`;
  const server = await makeServer(world, people, policyText(people, policy));
  const place: Forge['place'] = async (ref, oid) => {
    await server.git(['update-ref', 'refs/carried', oid]);
    await server.onServer('fetch', '-q', '--no-tags', server.clone, `+refs/carried:${ref}`);
  };
  const main = await server.commit('alice');
  await place('refs/heads/main', main);
  await place('refs/heads/dev', main);
  return {
    world,
    people,
    server,
    main,
    place,
    checkOut: async (name, ...options) => {
      const path = join(world.folder, name);
      await world.git(['clone', '-q', ...options, `file://${server.bare}`, path], { cwd: world.folder });
      const root = await server.git(['config', 'signet.trustedRoot']);
      await world.git(['config', 'signet.trustedRoot', root], { cwd: path });
      return path;
    },
    propose: async (who, onto, files = {}) => {
      await server.git(['checkout', '-q', '--detach', onto]);
      const oid = await server.commit(who, files);
      await place('refs/pull/7/head', oid);
      return oid;
    },
  };
}
