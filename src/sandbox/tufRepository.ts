import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignetError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { FOLDERS } from './addresses.ts';
import { type Answer, EMPTY_404, type SandboxRequest } from './answer.ts';
import { spoilMetadata } from './tufFaults.ts';
import {
  LIFETIMES_MS,
  type Metadata,
  makeListing,
  makeRoot,
  makeTargets,
  newTufKey,
  type Root,
  type Signed,
  sha256,
  signMetadata,
  type TufKeys,
} from './tufMetadata.ts';
import { writeWhole } from './writeWhole.ts';

/** A TUF repository with consistent snapshots, which signs anew what is about to expire. */
export class TufRepository {
  readonly #path: string;
  readonly #rootPath: string;
  readonly #clock: Clock;
  #state: State;

  /**
   * Opens the repository of a folder, or makes one, whose targets become these. The newest root goes to
   * `rootPath` as well. Throws `config` where the repository's file is damaged.
   */
  constructor(stateDir: string, rootPath: string, files: Readonly<Record<string, string>>, clock: Clock) {
    this.#path = join(stateDir, 'tuf.json');
    this.#rootPath = rootPath;
    this.#clock = clock;
    this.#state = loadState(this.#path) ?? createState(files, clock());
    const { targets } = this.#state;
    if (Object.entries(files).some(([name, text]) => targets[name] !== text)) this.publish(files);
    else this.#save();
    this.#renew();
  }

  /** Adds these targets or puts them in the place of others; everything is signed anew. */
  publish(files: Readonly<Record<string, string>> = {}): void {
    this.#state = signAll({ ...this.#state, targets: { ...this.#state.targets, ...files } }, this.#clock());
    this.#save();
  }

  /** A new root with another key for itself and another online one. */
  rotateRoot(): void {
    const [, ...kept] = this.#state.keyids;
    const [key, online] = [newTufKey(), newTufKey()];
    this.#addRoot({
      ...this.#state,
      keys: { ...this.#state.keys, [key.keyid]: key.pem, [online.keyid]: online.pem },
      keyids: [...kept, key.keyid],
      online: online.keyid,
    });
  }

  answer(request: SandboxRequest): Answer {
    if (request.method !== 'GET') return EMPTY_404;
    this.#renew();
    const name = request.path.slice(FOLDERS.tuf.length + 1);
    const text = this.#read(name);
    if (text === undefined) return EMPTY_404;
    const spoilt = spoilMetadata(text, request, (signed) => this.#keyidsFor(signed), this.#state.keys);
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(spoilt),
    };
  }

  #read(name: string): string | undefined {
    const { roots, targets, metadata } = this.#state;
    const [, hash, file = ''] = /^targets\/([0-9a-f]{64})\.([\w.-]+)$/.exec(name) ?? [];
    const text = targets[file];
    if (hash !== undefined) return text !== undefined && sha256(text) === hash ? text : undefined;
    if (name === 'root.json') return roots.at(-1);
    const version = /^([1-9]\d*)\.root\.json$/.exec(name)?.[1];
    return version === undefined ? metadata[name] : roots[Number(version) - 1];
  }

  /** A root is signed by the keys of the one before as well. */
  #keyidsFor(signed: Signed): readonly string[] {
    const { roots, keyids, online } = this.#state;
    if (signed._type !== 'root') return signed._type === 'targets' ? keyids : [online];
    const around = [roots[signed.version - 2], roots[signed.version - 1]];
    const listed = around.flatMap((text) =>
      text === undefined ? [] : (parse(text).signed as Root).roles.root.keyids,
    );
    return [...new Set(listed)];
  }

  /** Half of a lifetime before its end. */
  #renew(): void {
    const now = this.#clock();
    const { roots, metadata, metadataVersion } = this.#state;
    if (isDue(roots.at(-1) ?? '', now)) this.#addRoot(this.#state);
    else if (fileNames(metadataVersion).some((name) => isDue(metadata[name] ?? '', now))) this.publish();
  }

  #addRoot(state: State): void {
    const version = state.roots.length + 1;
    const now = this.#clock();
    const root = makeRoot(state.keys, state, version, now);
    const signers = [...new Set([...this.#state.keyids, ...state.keyids])];
    this.#state = signAll(
      { ...state, roots: [...state.roots, signMetadata(root, signers, state.keys)] },
      now,
    );
    this.#save();
  }

  #save(): void {
    writeWhole(this.#path, JSON.stringify(this.#state, null, 1));
    writeWhole(this.#rootPath, this.#state.roots.at(-1) ?? '');
  }
}

interface State {
  readonly version: 1;
  readonly keys: TufKeys;
  /** Who signs root and targets now, and who the rest. */
  readonly keyids: readonly string[];
  readonly online: string;
  /** Files, the oldest first. */
  readonly roots: readonly string[];
  /** Of targets, snapshot and timestamp alike; the first is 2, so that there is an older one to pretend. */
  readonly metadataVersion: number;
  /** The current files by name, and the ones before: a client may be in the middle of an update. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Texts by name. */
  readonly targets: Readonly<Record<string, string>>;
}

function loadState(path: string): State | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as State;
    if (state.version !== 1) throw new Error('written by another version');
    return state;
  } catch (cause) {
    throw new SignetError(
      'config',
      `The sandbox's file ${path} cannot be read.`,
      'Remove it to begin a new TUF repository; its clients need the new root.json then.',
      cause,
    );
  }
}

function createState(targets: Readonly<Record<string, string>>, now: Date): State {
  const [first, second, online] = [newTufKey(), newTufKey(), newTufKey()];
  const keys = Object.fromEntries([first, second, online].map(({ keyid, pem }) => [keyid, pem]));
  const roles = { keyids: [first.keyid, second.keyid], online: online.keyid };
  const roots = [signMetadata(makeRoot(keys, roles, 1, now), roles.keyids, keys)];
  return signAll({ version: 1, keys, ...roles, roots, metadataVersion: 1, metadata: {}, targets }, now);
}

/** Targets, snapshot and timestamp in their next version, which is the same for all three. */
function signAll(state: State, now: Date): State {
  const version = state.metadataVersion + 1;
  const { keys, keyids, online } = state;
  const before = fileNames(state.metadataVersion).map((name) => [name, state.metadata[name]]);
  const [targets, snapshot, timestamp] = fileNames(version);
  const metadata = {
    ...Object.fromEntries(before.filter(([, text]) => text !== undefined)),
    [targets]: signMetadata(makeTargets(state.targets, version, now), keyids, keys),
    [snapshot]: signMetadata(makeListing('snapshot', version, version, now), [online], keys),
    [timestamp]: signMetadata(makeListing('timestamp', version, version, now), [online], keys),
  };
  return { ...state, metadataVersion: version, metadata };
}

function fileNames(version: number): readonly [string, string, string] {
  return [`${version}.targets.json`, `${version}.snapshot.json`, 'timestamp.json'];
}

function isDue(text: string, now: Date): boolean {
  const { _type, expires } = parse(text).signed;
  return Date.parse(expires) - now.getTime() < LIFETIMES_MS[_type] / 2;
}

function parse(text: string): Metadata {
  return JSON.parse(text) as Metadata;
}
