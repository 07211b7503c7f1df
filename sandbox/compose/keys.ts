/** Makes the key that checks API keys and an API key in a folder, unless there are some. `docker-compose.yml` runs it in a container. */
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiKey, keySet, makeKeys } from '../cluster/api-key';

const [, , folder = '.'] = process.argv;
makeKeys(folder);
// The account of the server's image reads it; it holds no secret.
chmodSync(folder, 0o755);
chmodSync(keySet(folder), 0o644);
const file = join(folder, 'api-key');
if (!existsSync(file)) writeFileSync(file, apiKey(folder), { mode: 0o600 });
