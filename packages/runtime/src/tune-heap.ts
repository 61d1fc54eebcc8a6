import { setFlagsFromString } from 'node:v8'

/**
 * Lets every object begin young. V8 counts where objects that survived were made, and makes the next ones there old from
 * the start; of requests in flight that is a few in a hundred, and a wrong guess stays for the life of the process: each
 * request is then held by some old part of it until the next full collection, and each small collection takes 8 ms in
 * place of 2. Called by `runProcess`, before anything is compiled for speed.
 */
export const tuneHeap = (): void => setFlagsFromString('--no-allocation-site-pretenuring')
