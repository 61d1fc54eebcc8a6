/** What was put last by each key; beyond its size the oldest is forgotten. */
export const createMemory = <T>(most: number) => {
  const kept = new Map<string, T>()
  return {
    put: (key: string, value: T): void => {
      kept.delete(key)
      kept.set(key, value)
      if (kept.size <= most) return
      for (const oldest of kept.keys()) {
        kept.delete(oldest)
        return
      }
    },
    see: (key: string): T | undefined => kept.get(key),
    take: (key: string): T | undefined => {
      const value = kept.get(key)
      kept.delete(key)
      return value
    },
  }
}
