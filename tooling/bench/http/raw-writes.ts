import { MongoClient } from 'mongodb'

/** The p50 (ms) of what durability costs at least: one insert with majority, then one update, by the same driver. */
export const rawWrites = async (uri: string, seconds: number): Promise<number> => {
  const client = await new MongoClient(uri).connect()
  const options = { writeConcern: { w: 'majority', j: true } } as const
  const journal = client.db().collection('raw_journal', options)
  const progress = client.db().collection<{ _id: number; n: number }>('raw_progress', options)
  await progress.updateOne({ _id: 1 }, { $set: { n: 0 } }, { upsert: true })
  const latencies: number[] = []
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    const began = performance.now()
    await journal.insertOne({ counts: { done: 100, warn: 1, failed: 0 }, at: new Date() })
    await progress.updateOne({ _id: 1 }, { $inc: { n: 1 } })
    latencies.push(performance.now() - began)
  }
  await client.close()
  latencies.sort((a, b) => a - b)
  return Math.round((latencies[Math.floor(latencies.length / 2)] ?? 0) * 100) / 100
}
