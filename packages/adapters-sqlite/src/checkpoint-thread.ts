import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { CheckpointOrder } from './checkpoints.ts'

/**
 * The program of the thread that checkpoints: it copies the log into the file whenever it is told to, as far as nobody
 * has to wait for it.
 */
const url = pathToFileURL((workerData as { readonly path: string }).path)
// Never makes the file anew, should it be gone.
url.searchParams.set('mode', 'rw')
const db = new DatabaseSync(url)
db.exec('PRAGMA synchronous = FULL')
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)')

parentPort?.on('message', (order: CheckpointOrder) => {
  if (order === 'close') {
    db.close()
    parentPort?.close()
    return
  }
  checkpoint.get()
  parentPort?.postMessage('done')
})
