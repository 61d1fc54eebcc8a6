/** One event, ready to be sent; its text is made once for all listeners. */
export interface Frame {
  /** What it is about: a newer frame of the same subject takes the place of one that waits. */
  readonly subject: string
  /** Orders frames of one subject. */
  readonly version: number
  readonly text: () => string
}

/** What a listener has not taken yet, the newest of each subject alone, in the order of what it tells. */
export interface FrameQueue {
  readonly put: (frame: Frame) => void
  readonly take: () => Frame | undefined
  readonly clear: () => void
  readonly bytes: () => number
}

export const createFrameQueue = (): FrameQueue => {
  const frames = new Map<string, { readonly frame: Frame; readonly bytes: number }>()
  let bytes = 0

  const remove = (subject: string): void => {
    bytes -= frames.get(subject)?.bytes ?? 0
    frames.delete(subject)
  }

  return {
    put: (frame) => {
      const older = frames.get(frame.subject)
      if (older !== undefined && older.frame.version > frame.version) return
      // Away and in again: the newest is the last, so ids stay in order.
      remove(frame.subject)
      const size = Buffer.byteLength(frame.text())
      frames.set(frame.subject, { frame, bytes: size })
      bytes += size
    },
    take: () => {
      const [first] = frames.values()
      if (first === undefined) return undefined
      remove(first.frame.subject)
      return first.frame
    },
    clear: () => {
      frames.clear()
      bytes = 0
    },
    bytes: () => bytes,
  }
}
