import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';

const HEARTBEAT_MS = 1_000;
const STALE_AFTER_MS = 10_000;
const RETRY_MS = 250;

/**
 * Holds `path` as a lock file while `work` runs; waits while another process holds it. Takes over a lock whose process is
 * gone, or that was not touched for ten seconds (its process id may belong to another process by now).
 */
export async function withLock(path, work, onWait = () => {}) {
  let told = false;
  while (!take(path)) {
    const holder = holderOf(path);
    if (holder === undefined || holder.stale) {
      removeStale(path, holder);
      continue;
    }
    if (!told) onWait(holder.pid);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  const release = () => rmSync(path, { force: true });
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.removeListener('exit', release);
    release();
  }
}

/** Whether the lock is ours now. Written aside and linked, so that no reader ever sees a lock without its process id. */
function take(path) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function holderOf(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return { pid, stale: !isAlive(pid) || Date.now() - statSync(path).mtimeMs > STALE_AFTER_MS };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Moves a stale lock away; if another process took it over in between, restores that one's lock. */
function removeStale(path, holder) {
  if (holder === undefined) return;
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
    if (Number(readFileSync(aside, 'utf8')) !== holder.pid) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function touch(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
