/** Writes the attack vectors and the seeds of the fuzzer; see ../SOURCE.md. Run by scripts/vectors. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attack, Made } from './attack.ts';
import { ATTACKS } from './attacks.ts';
import { SEEDS } from './seeds.ts';
import { trustedRoot } from './witnesses.ts';

const ATTACK_FOLDER = 'test/vectors/attacks';
const SEED_FOLDER = 'test/vectors/seeds';

for (const name of readdirSync(ATTACK_FOLDER)) {
  if (name.endsWith('_bad')) rmSync(join(ATTACK_FOLDER, name), { recursive: true });
}
writeFileSync(join(ATTACK_FOLDER, 'trusted_root.json'), `${trustedRoot}\n`);
for (const attack of ATTACKS) writeAttack(attack);
rmSync(SEED_FOLDER, { recursive: true, force: true });
mkdirSync(SEED_FOLDER, { recursive: true });
for (const [name, bytes] of SEEDS) writeFileSync(join(SEED_FOLDER, name), bytes);
console.log(`${ATTACKS.length} attacks, ${SEEDS.length} seeds`);

function writeAttack({ name, attacks, why, make, allow }: Attack): void {
  const folder = join(ATTACK_FOLDER, `${name}_bad`);
  const { object, control, trustedRoot: own, kind = 'commit', outcome }: Made = make();
  mkdirSync(folder);
  writeFileSync(join(folder, 'object'), object);
  writeFileSync(join(folder, 'control'), control);
  if (own !== undefined) writeFileSync(join(folder, 'trusted_root.json'), `${own}\n`);
  const facts = {
    attacks,
    kind,
    objectFormat: 'sha1',
    outcome: outcome ?? 'refused',
    ...(allow && { allow }),
  };
  writeFileSync(join(folder, 'case.json'), `${JSON.stringify(facts, undefined, 2)}\n`);
  const title = name.replaceAll('_', ' ');
  const list = attacks.join(', ');
  writeFileSync(
    join(folder, 'README.md'),
    `# ${title.charAt(0).toUpperCase()}${title.slice(1)}\n\nAttack ${list} of docs/threat-model.md.\n\n${why}\n`,
  );
}
