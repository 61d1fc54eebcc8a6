import { Socket } from 'node:net'

// Loaded into each process before its own code. Its standard input is a pipe that only the launcher holds: when that
// ends, even by a SIGKILL, the pipe does, and the process stops in order instead of holding port and store for ever.
const pipe = new Socket({ fd: 0, readable: true, writable: false })
pipe.once('close', () => process.kill(process.pid, 'SIGTERM'))
pipe.on('error', () => undefined)
pipe.resume()
pipe.unref()
