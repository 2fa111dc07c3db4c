/** Runs in a worker thread: judges batches of objects under the trust that the settings choose. Started by file. */
import { parentPort, workerData } from 'node:worker_threads';
import { NO_EVIDENCE } from '../core/evidence.ts';
import type { Found } from '../core/facts.ts';
import { createVerifier } from '../core/verify.ts';
import { SignetError } from '../errors.ts';
import type { Batch, READY, WorkerSettings } from './judgePool.ts';
import { openTrust } from './trust/loadTrust.ts';

if (parentPort !== null) void serve(parentPort, workerData as WorkerSettings);

async function serve(
  port: NonNullable<typeof parentPort>,
  { choice, digest }: WorkerSettings,
): Promise<void> {
  const trust = await openTrust(choice, process.env);
  // An update came between: two threads must not judge by two roots.
  if (trust.digest !== digest)
    throw new SignetError('no-trust', 'The trusted root has just changed.', 'Run it again.');
  const verifier = createVerifier(trust);
  port.postMessage('ready' satisfies typeof READY);
  port.on('message', ({ bytes, tasks }: Batch) => {
    let at = 0;
    const found = tasks.map(({ length, kind, objectFormat, evidence }): Found => {
      const raw = bytes.subarray(at, at + length);
      at += length;
      return toSendable(verifier.examineObject(raw, kind, objectFormat, evidence ?? NO_EVIDENCE));
    });
    port.postMessage(found);
  });
}

/** A view is sent with all of the memory that it looks at: the certificate goes in a piece of its own. */
function toSendable(found: Found): Found {
  if (!('signer' in found) || found.signer === undefined) return found;
  const { signer } = found;
  return { ...found, signer: { ...signer, certificate: Uint8Array.from(signer.certificate) } } as Found;
}
