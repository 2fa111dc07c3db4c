import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import { toBase64 } from '../core/bytes.ts';
import { logIdOf } from './certificateAuthority.ts';
import { type Authority, spkiOf } from './certificates.ts';
import { LOOPBACK } from './instance.ts';
import { LogFile } from './logFile.ts';
import { REKOR_V2_FILE } from './serviceKeys.ts';

/**
 * The name in the log's checkpoints, and a part of its id: the host name of its base URL without the port,
 * as sigstore-go expects. Logs of other sandboxes have other keys, and so other ids.
 */
const ORIGIN = LOOPBACK;

/** The log of Rekor v2: checkpoints that say no time, and tiles (C2SP tlog-tiles.md). */
export class TileLog extends LogFile {
  readonly #signer: Authority;
  readonly #witnesses: readonly Authority[];

  /** `witnesses`: how many cosign each checkpoint. */
  constructor(stateDir: string, signer: Authority, witnesses: number) {
    super(join(stateDir, REKOR_V2_FILE));
    this.#signer = signer;
    this.#witnesses = Array.from({ length: witnesses }, () => generateKeyPairSync('ed25519'));
  }

  /** The signed note for a size of the tree (protocols 3.5). */
  checkpoint(size: number, at: Date, fault?: string): string {
    const root = toBase64(this.tree.rootHash(size));
    const text = `${ORIGIN}\n${size}\n${root}\n`;
    const signature = signNote(text, fault === 'otherKeyCheckpoint' ? keyLike(this.#signer) : this.#signer);
    const hint = noteKeyIdOf(this.#signer).subarray(0, 4);
    const cosigned = this.#witnesses.map((witness, i) => cosign(text, `witness${i}.${ORIGIN}`, witness, at));
    return [`${text}\n`, signatureLine(ORIGIN, hint, signature), ...cosigned].join('');
  }

  /**
   * TransparencyLogEntry as protobuf-JSON with unpopulated fields, in the tree as it is now. `fault` names
   * what is to be wrong with it.
   */
  present(index: number, at: Date, fault?: string): Readonly<Record<string, unknown>> {
    const entry = this.entry(index);
    if (entry === undefined) throw new Error('no such entry');
    const hashes = this.tree.inclusionProof(index, this.size);
    if (fault === 'wrongProof') hashes[0] = (hashes[0] ?? new Uint8Array(32)).map((byte) => byte ^ 1);
    const envelope = this.checkpoint(fault === 'staleCheckpoint' ? index : this.size, at, fault);
    return {
      logIndex: String(index),
      logId: { keyId: toBase64(noteKeyIdOf(this.#signer)) },
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      integratedTime: '0',
      inclusionPromise: null,
      inclusionProof: {
        logIndex: String(index),
        rootHash: toBase64(this.tree.rootHash(this.size)),
        treeSize: String(this.size),
        hashes: hashes.map(toBase64),
        checkpoint: { envelope },
      },
      canonicalizedBody: toBase64(entry.body),
    };
  }

  /** Up to `width` hashes of a tile's level, or undefined where there are fewer. */
  tile(level: number, number: number, width: number): Uint8Array | undefined {
    return this.#collect(number, width, (i) => this.tree.subtreeHash(level * 8, i));
  }

  /** Bodies, each behind its length in two bytes. */
  entryBundle(number: number, width: number): Uint8Array | undefined {
    return this.#collect(number, width, (i) => {
      const body = this.entry(i)?.body;
      if (body === undefined) return undefined;
      return Buffer.concat([Uint8Array.of(body.length >> 8, body.length & 0xff), body]);
    });
  }

  #collect(number: number, width: number, partOf: (index: number) => Uint8Array | undefined) {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < width; i++) {
      const part = partOf(number * TILE_WIDTH + i);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }
}

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256;

/** The log's id: its key id in signed notes at full length (C2SP signed-note.md; ECDSA as Rekor has it). */
export function noteKeyIdOf({ publicKey }: Authority): Uint8Array {
  return publicKey.asymmetricKeyType === 'ed25519'
    ? ed25519KeyId(ORIGIN, 0x01, publicKey)
    : logIdOf(publicKey);
}

/** SHA-256(name LF type key); 01 is an Ed25519 signature, 04 a witness's with its time. */
function ed25519KeyId(name: string, type: number, publicKey: Authority['publicKey']): Buffer {
  const raw = spkiOf(publicKey).subarray(-32);
  return createHash('sha256').update(`${name}\n`).update(Uint8Array.of(type)).update(raw).digest();
}

function signNote(text: string, { privateKey }: Authority): Uint8Array {
  return sign(privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from(text), privateKey);
}

/** cosignature/v1 (C2SP tlog-cosignature.md): the witness signs when it saw the checkpoint. */
function cosign(text: string, name: string, witness: Authority, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
  const hint = ed25519KeyId(name, 0x04, witness.publicKey).subarray(0, 4);
  return signatureLine(name, hint, Buffer.concat([time, sign(null, message, witness.privateKey)]));
}

function signatureLine(name: string, hint: Uint8Array, signature: Uint8Array): string {
  return `— ${name} ${Buffer.concat([hint, signature]).toString('base64')}\n`;
}

function keyLike({ publicKey }: Authority): Authority {
  return publicKey.asymmetricKeyType === 'ed25519'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
}
