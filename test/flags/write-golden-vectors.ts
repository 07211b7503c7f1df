/** Writes `flags/golden-vectors.json` and `pavi/golden-vectors.json`. Run by `npm run vectors`; a changed row reshuffles running rollouts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenText, neutralText } from './golden-vectors';

writeFileSync(join(__dirname, '../../flags/golden-vectors.json'), neutralText());
writeFileSync(join(__dirname, '../../pavi/golden-vectors.json'), goldenText());
