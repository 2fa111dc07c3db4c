import type { Server } from 'node:http';
import { SignetError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { type Addresses, addressesOf } from './addresses.ts';
import type { SandboxRequest } from './answer.ts';
import { answerControl, type Controls, type TufControls } from './control.ts';
import { type Fault, FaultBox } from './faults.ts';
import { answerAsFulcio } from './fulcio.ts';
import { type IdTokenOverrides, mintIdToken } from './idToken.ts';
import { createInstance, type Instance, idOf, loadInstance, prepareFolder } from './instance.ts';
import { Rekor } from './rekor.ts';
import { answerAsRekorV2 } from './rekorV2.ts';
import { listenOnLoopback, type RequestCounts, type Services, serve } from './server.ts';
import { type LogKeyType, openServiceKeys } from './serviceKeys.ts';
import { encodeSigningConfig } from './signingConfig.ts';
import { TileLog } from './tileLog.ts';
import { answerAsTimestampAuthority } from './timestampAuthority.ts';
import { encodeTrustedRoot } from './trustedRoot.ts';
import { TufRepository } from './tufRepository.ts';
import { writeWhole } from './writeWhole.ts';

export interface SandboxOptions {
  /** Holds everything that outlives the process; made where it is missing. */
  readonly stateDir: string;
  /** For the first start in a folder; any free one when 0 or not said. Later starts take the same again. */
  readonly port?: number;
  /** The time of all services but one: ID tokens live in real time. */
  readonly clock?: Clock;
  /** Of the Rekor v2 log, chosen at the first start. */
  readonly rekorV2Key?: LogKeyType;
  /** How many witnesses cosign the checkpoints of Rekor v2; none when not said. */
  readonly witnesses?: number;
}

export interface RunningSandbox extends Addresses {
  readonly url: string;
  readonly issuer: string;
  readonly tuf: TufControls;
  readonly mintIdToken: (email: string, overrides?: IdTokenOverrides) => string;
  /** Replaces all faults that are left. */
  readonly setFaults: (faults: readonly Fault[]) => void;
  readonly requestCounts: () => RequestCounts;
  /** Ends it, together with requests that hang. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts an embedded Sigstore: identity provider, Fulcio with CT log, Rekor v1 and v2, timestamp authority and TUF
 * repository, all at one port of loopback. The port is the lock: a folder has one for ever, and one process can
 * listen there. Throws `config` where the folder is not a sandbox's, damaged, or already served.
 */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const { stateDir, port: wanted = 0, clock = () => new Date() } = options;
  prepareFolder(stateDir);
  const known = loadInstance(stateDir);
  if (known !== undefined && wanted !== 0 && wanted !== known.port) {
    throw new SignetError(
      'config',
      `The sandbox in ${stateDir} has port ${known.port}, not ${wanted}.`,
      'Leave the port out, or name another folder: the port is a part of its identities.',
    );
  }
  const { server, port } = await listenOnLoopback(known?.port ?? wanted);
  try {
    const instance = known ?? createInstance(stateDir, port, clock());
    return runServices(server, instance, options);
  } catch (error) {
    server.close();
    throw error;
  }
}

function runServices(server: Server, instance: Instance, options: SandboxOptions): RunningSandbox {
  const { stateDir, clock = () => new Date() } = options;
  const addresses = addressesOf(instance.url, stateDir);
  const faults = new FaultBox();
  const counts = new Map<string, number>();
  const { controls, services } = openServices(server, instance, options);
  const own: Controls = {
    ...controls,
    mintIdToken: (email, overrides) => mintIdToken(instance, email, overrides),
    setFaults: (list) => faults.set(list),
    faultsLeft: () => faults.left(),
    requestCounts: () => Object.fromEntries(counts),
  };
  const all = { ...services, own: (request: SandboxRequest) => answerControl(own, request) };
  serve(server, all, clock, faults, counts);
  const { mintIdToken: mint, setFaults, requestCounts, tuf } = own;
  return {
    url: instance.url,
    issuer: instance.issuer,
    ...addresses,
    tuf,
    mintIdToken: mint,
    setFaults,
    requestCounts,
    stop: () => stopServer(server),
  };
}

/** Reads what the folder holds, and adds to it what it lacks. */
function openServices(server: Server, instance: Instance, options: SandboxOptions) {
  const { stateDir, clock = () => new Date(), rekorV2Key = 'ed25519', witnesses = 0 } = options;
  const { trustedRootPath, tufRootPath } = addressesOf(instance.url, stateDir);
  const keys = openServiceKeys(stateDir, instance, rekorV2Key);
  const trustedRoot = encodeTrustedRoot(instance, keys);
  writeWhole(trustedRootPath, trustedRoot);
  const targets = {
    'trusted_root.json': trustedRoot,
    'signing_config.v0.2.json': encodeSigningConfig(instance, false),
    'signing_config_rekor_v2.v0.2.json': encodeSigningConfig(instance, true),
  };
  const tuf = new TufRepository(stateDir, tufRootPath, targets, clock);
  const rekor = new Rekor(stateDir, instance);
  const tileLog = new TileLog(stateDir, keys.rekorV2, witnesses);
  server.on('close', () => {
    rekor.close();
    tileLog.close();
  });
  const controls = {
    trustedRoot,
    tuf,
    health: () => ({
      ...idOf(instance),
      pid: process.pid,
      treeSize: rekor.treeSize,
      treeSizeV2: tileLog.size,
    }),
  };
  const services: Omit<Services, 'own'> = {
    instance,
    fulcio: (request) => answerAsFulcio(instance, request),
    rekor: (request) => rekor.answer(request),
    rekorV2: (request) => answerAsRekorV2(tileLog, request),
    tsa: async (request) => answerAsTimestampAuthority(keys.timestamp, request),
    tuf: async (request) => tuf.answer(request),
    loadOidc: async () => (await import('./oidc.ts')).loadOidc(instance),
  };
  return { controls, services };
}

async function stopServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
