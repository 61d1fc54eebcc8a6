// Reports the progress of a file to Pebbles; needs nothing but Node.
import { randomUUID } from 'node:crypto'

const { PEBBLES_URL = 'http://127.0.0.1:8081', PEBBLES_TOKEN } = process.env
const client = 'krn:acme:client:prod-001'

const report = async (update) => {
  const key = randomUUID()
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${PEBBLES_URL}/clients/${client}/progress`, {
      method: 'POST',
      headers: { authorization: `Bearer ${PEBBLES_TOKEN}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(update),
    })
    if (answer.ok) return answer.json()
    // 503: the outcome is unknown, and a repeat under the same key is safe.
    if (answer.status !== 503 || tries === 5) throw new Error((await answer.json()).detail)
    await new Promise((later) => setTimeout(later, 1000 * Number(answer.headers.get('retry-after') ?? 1)))
  }
}

await report({
  filename: 'products.csv',
  counts: { done: 40, warn: 1, failed: 0 },
  total: 80,
  warnings: [{ line: 12, message: 'Weight 0 kg looks odd' }],
})
const last = await report({ filename: 'products.csv', counts: { done: 39, warn: 0, failed: 0 }, isLast: true })
console.log(last.counts, last.isCompleted ? 'complete' : 'running')
