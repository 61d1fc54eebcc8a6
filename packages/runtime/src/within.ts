/**
 * What becomes of work, or `late` when that is not known after so long (ms). The timer keeps the process alive: work
 * that hangs without a handle would else end it, as if all were well.
 */
export const within = async <T>(ms: number, work: Promise<T>): Promise<T | 'late'> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late')
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
