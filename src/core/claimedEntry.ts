import { parseArmor } from './armor.ts';
import { parseCms } from './cms.ts';
import { contentOf, OCTET_STRING } from './der.ts';
import { isCheckFailure } from './failure.ts';
import { splitObject } from './gitObject.ts';
import { LOG_ENTRY } from './oids.ts';
import { parseTransparencyLogEntry } from './rekorEntry.ts';
import type { ObjectFormat, ObjectKind } from './verdict.ts';

/** Where in the log a signature says that it is, for people: nothing here is verified. Undefined where it says nothing. */
export function claimedLogIndex(
  raw: Uint8Array,
  kind: ObjectKind,
  objectFormat: ObjectFormat,
): bigint | undefined {
  try {
    const { signature } = splitObject(raw, kind, objectFormat);
    const attribute = signature && parseCms(parseArmor(signature)).unsignedAttrs.get(LOG_ENTRY);
    if (attribute === undefined) return undefined;
    return parseTransparencyLogEntry(contentOf(attribute, OCTET_STRING, '')).logIndex;
  } catch (error) {
    if (isCheckFailure(error)) return undefined;
    throw error;
  }
}
