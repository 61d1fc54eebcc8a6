import { createRandom } from '@pebbles/core/testing'
import { type Collection, type Db, type Document, Long, ObjectId } from 'mongodb'

/** A generator of old data: the same seed gives the same documents. */
export interface OldDocuments {
  readonly seed: number
  readonly count: number
  /** Documents of the multi-tenant prototypes among them, with clients and patterns of their own. */
  readonly prototypes?: boolean
  /** One in so many files has a second owner's document, too. */
  readonly secondOwnerEach?: number
}

/** The fields of a document of the single-tenant version. */
export const OLD_FIELDS: readonly string[] = [
  ...['_id', 'filename', 'email', 'counts', 'total', 'isCompleted'],
  ...['createdAt', 'updatedAt', 'errors', 'warnings'],
]

export const PROTOTYPE_CLIENTS = ['krn:clnt:opaque', 'krn:acme:division:eu:client:7'] as const

/** Documents of every shape that the old version and its prototypes wrote. */
export function* oldDocuments({
  seed,
  count,
  prototypes = true,
  secondOwnerEach = 50,
}: OldDocuments): Generator<Document> {
  const random = createRandom(seed)
  const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const iso = (ms: number): string => {
    const digits = String(ms % 1000).padStart(3, '0')
    return `${new Date(ms).toISOString().slice(0, 19)}${pick('', `.${digits}`, `.${digits}456`, `.${digits}456789`)}Z`
  }
  const lines = (kind: string): Document[] =>
    Array.from({ length: 1 + Math.floor(random() * 4) }, (_, n) => ({
      ...(random() < 0.8 ? { line: n + 1 } : {}),
      message: `${kind} in row ${n}: bad amount ${Math.floor(random() * 1000)}.50`,
    }))
  const patterns = (): Document[] => [
    { pattern: 'bad amount {NUMBER} in {QUOTED}', lines: [{ line: 3, values: ['12.50', "'EUR'"] }, { line: 4 }] },
    { pattern: 'no such country', lines: [7, Long.fromNumber(8)] },
  ]
  for (let n = 0; n < count; n += 1) {
    const created = Date.UTC(2025, 5, 20) + Math.floor(random() * 86_400_000)
    const prototype = prototypes && random() < 0.2
    const issues = (kind: string): Document =>
      pick({}, { [kind]: null }, { [kind]: [] }, { [kind]: prototype ? patterns() : lines(kind) })
    const counts = pick<Document>(
      { counts: { done: n % 97, warn: n % 5, failed: n % 3 } },
      { counts: { done: Long.fromNumber(n), warn: Long.fromString('5000000000'), failed: 0 } },
      { counts: { done: n } },
      {},
    )
    const document = {
      _id: new ObjectId(n.toString(16).padStart(8, '6').padEnd(8, '0') + (n + 1).toString(16).padStart(16, '0')),
      filename: `old-${n}.csv`,
      email: `owner${n % 20}@example.com`,
      ...counts,
      total: pick<unknown>(null, 100 + n, Long.fromNumber(200 + n)),
      isCompleted: random() < 0.3,
      createdAt: iso(created),
      updatedAt: iso(created + Math.floor(random() * 3_600_000)),
      ...issues('errors'),
      ...issues('warnings'),
      ...(prototype ? { clientKrn: pick(...PROTOTYPE_CLIENTS) } : {}),
    }
    yield document
    if (n % secondOwnerEach === secondOwnerEach - 1)
      yield {
        ...document,
        _id: new ObjectId(),
        email: `second${n % 20}@example.com`,
        createdAt: '2025-07-01T00:00:00Z',
      }
  }
}

/** Fills a database as the old version left it. */
export const plantOldData = async (db: Db, options: OldDocuments): Promise<void> => {
  const progress = db.collection('progress')
  let part: Document[] = []
  for (const document of oldDocuments(options)) {
    part.push(document)
    if (part.length < 5_000) continue
    await progress.insertMany(part, { ordered: false })
    part = []
  }
  if (part.length > 0) await progress.insertMany(part, { ordered: false })
  await makeOldIndexes(db, options.seed % 2 === 0 ? 'progress_email_idx' : 'email_1')
}

/** What the old version does at each of its starts. */
export const makeOldIndexes = async (db: Db, emailIndex = 'email_1'): Promise<void> => {
  const progress = db.collection('progress')
  await progress.createIndex({ filename: 1, email: 1 }, { unique: true })
  const names = (await progress.listIndexes().toArray()).map(({ key }) => JSON.stringify(key))
  if (!names.includes('{"email":1}')) await progress.createIndex({ email: 1 }, { name: emailIndex })
}

export interface OldUpdate {
  readonly filename: string
  readonly email: string
  readonly done?: number
  readonly total?: number
  readonly isLast?: boolean
  readonly errors?: readonly { readonly line?: number; readonly message: string }[]
}

/** One request to the old version, with the commands that it sent: two finds, then an insert or a `$set` of everything. */
export const oldVersionUpdates = async (
  progress: Collection,
  { filename, email, done = 1, total, isLast = false, errors = [] }: OldUpdate,
): Promise<'created' | 'updated' | 'refused'> => {
  const now = `${new Date(Date.UTC(2026, 0, 16)).toISOString().slice(0, 19)}.123456789Z`
  const known = await progress.findOne({ filename })
  if (known !== null && (known['email'] !== email || known['isCompleted'] === true)) return 'refused'
  const document = await progress.findOne({ filename, email })
  if (document === null) {
    await progress.insertOne({
      ...{ filename, email, counts: { done, warn: 0, failed: 0 }, total: total ?? null, isCompleted: isLast },
      ...{ createdAt: now, updatedAt: now, errors, warnings: [] },
    })
    return 'created'
  }
  const sum = (part: string): number => Number(document['counts']?.[part] ?? 0)
  await progress.updateOne(
    { filename, email },
    {
      $set: {
        counts: { done: sum('done') + done, warn: sum('warn'), failed: sum('failed') },
        total: document['total'] ?? total ?? null,
        isCompleted: isLast,
        updatedAt: now,
        errors: [...(document['errors'] ?? []), ...errors],
        warnings: document['warnings'] ?? [],
      },
    },
  )
  return 'updated'
}

/** The published script, as operators ran it. */
export const publishedScript = async (db: Db, client: string): Promise<void> => {
  const progress = db.collection('progress')
  await progress.updateMany({ clientKrn: { $exists: false } }, { $set: { clientKrn: client } })
  for (const { name, key } of await progress.listIndexes().toArray())
    if (['{"filename":1,"email":1}', '{"email":1}'].includes(JSON.stringify(key))) await progress.dropIndex(name)
  await progress.createIndex({ clientKrn: 1, filename: 1, email: 1 }, { unique: true })
  await progress.createIndex({ clientKrn: 1, email: 1 })
  await progress.createIndex({ clientKrn: 1 })
}

/** The published rollback, as operators ran it. */
export const publishedRollback = async (db: Db): Promise<void> => {
  const progress = db.collection('progress')
  for (const { name, key } of await progress.listIndexes().toArray())
    if (PUBLISHED_KEYS.includes(JSON.stringify(key))) await progress.dropIndex(name)
  await progress.updateMany({}, { $unset: { clientKrn: '' } })
  await makeOldIndexes(db)
}

const PUBLISHED_KEYS = ['{"clientKrn":1,"filename":1,"email":1}', '{"clientKrn":1,"email":1}', '{"clientKrn":1}']
