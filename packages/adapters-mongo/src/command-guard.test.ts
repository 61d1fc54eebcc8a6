import { describe, expect, it } from 'vitest'
import { type CommandGuard, createCommandGuard, type Started } from '../test/command-guard.ts'
import { FEED, MIGRATION, MOVE, SWEEP } from './across-clients.ts'

const CLIENT = 'krn:acme:client:1'
const stream = { $changeStream: {} }
const file = { clientKrn: CLIENT, filename: 'a.csv' }

/** What the guard says of a command, after the file `known` was read under its client. */
const breachesOf = (commandName: string, collection: string, rest: Started['command']): readonly string[] => {
  const guard = createCommandGuard()
  guard.see({ commandName: 'find', requestId: 1, command: { find: 'progress', filter: file } })
  guard.answer({ requestId: 1, reply: { cursor: { id: 0, firstBatch: [{ ...file, fileId: 'known' }] } } })
  guard.see({ commandName, requestId: 2, command: { [commandName]: collection, ...rest } })
  return guard.breaches
}

it.each<[string, string, string, Started['command']]>([
  ['a look-up', 'find', 'progress', { filter: file }],
  ['look-ups of many', 'find', 'progress', { filter: { $or: [file, { ...file, filename: 'b.csv' }] } }],
  ['a list with documents of no client', 'find', 'progress', { filter: { clientKrn: { $in: [CLIENT, null] } } }],
  ['a journal', 'find', 'journal', { filter: { fileId: 'known', version: { $gt: 1 } } }],
  ['a commit', 'insert', 'journal', { documents: [{ fileId: 'known', version: 2 }] }],
  ['commits', 'insert', 'journal', { documents: [{ fileId: 'known' }, { fileId: 'known' }], ordered: false }],
  ['a snapshot', 'update', 'progress', { updates: [{ q: { ...file, fileId: 'known' }, u: { $set: { total: 1 } } }] }],
  ['the sweep', 'find', 'progress', { filter: { version: 0 }, comment: SWEEP }],
  [
    'marks of all clients, for the feed',
    'find',
    'progress_behind',
    { filter: { owner: { $ne: 'me' } }, comment: FEED },
  ],
  ['their journals', 'find', 'journal', { filter: { fileId: 'marked', version: { $gt: 1 } }, comment: FEED }],
  ['a move', 'find', 'progress', { filter: file, startTransaction: true, autocommit: false, comment: MOVE }],
  ['the migration', 'update', 'progress', { updates: [{ q: {}, u: {}, multi: true }], comment: MIGRATION }],
  ['its indexes', 'dropIndexes', 'progress', { index: 'email_1', comment: MIGRATION }],
  ['sums', 'aggregate', 'progress', { pipeline: [{ $match: { clientKrn: CLIENT } }, { $group: { _id: null } }] }],
  [
    'the change stream',
    'aggregate',
    '1',
    { pipeline: [stream, { $project: { 'documentKey._id': 1 } }], comment: FEED },
  ],
])('lets pass: %s', (_title, name, collection, command) => {
  expect(breachesOf(name, collection, command)).toEqual([])
})

it.each<[string, string, string, Started['command'], RegExp]>([
  ['findAndModify', 'findAndModify', 'progress', { query: file }, /not for shards/],
  ['count', 'count', 'progress', { query: file }, /not for shards/],
  ['distinct', 'distinct', 'progress', { key: 'email', query: file }, /not for shards/],
  ['dropIndexes', 'dropIndexes', 'progress', { index: 'email_1' }, /not for shards/],
  ['distinct in a migration', 'distinct', 'progress', { key: 'email', comment: MIGRATION }, /not for shards/],
  ['a stage in a migration', 'aggregate', 'progress', { pipeline: [{ $out: 'x' }], comment: MIGRATION }, /stage \$out/],
  ['a transaction', 'find', 'progress', { filter: file, startTransaction: true, autocommit: false }, /a transaction/],
  ['$lookup', 'aggregate', 'progress', { pipeline: [{ $match: file }, { $lookup: {} }] }, /stage \$lookup/],
  ['$merge', 'aggregate', 'progress', { pipeline: [{ $match: file }, { $merge: {} }] }, /stage \$merge/],
  ['$out', 'aggregate', 'progress', { pipeline: [{ $match: file }, { $out: 'x' }] }, /stage \$out/],
  ['an ordered bulk', 'insert', 'journal', { documents: [{ fileId: 'known' }, { fileId: 'known' }] }, /ordered bulk/],
  ['a write by _id alone', 'update', 'progress', { updates: [{ q: { _id: 1 }, u: {} }] }, /name clientKrn exactly/],
  [
    '$in in a write',
    'delete',
    'progress',
    { deletes: [{ q: { ...file, filename: { $in: ['a.csv', 'b.csv'] } } }] },
    /name filename exactly/,
  ],
  ['$or in a write', 'delete', 'progress', { deletes: [{ q: { $or: [file] } }] }, /name clientKrn exactly/],
  [
    'null in a write',
    'delete',
    'progress',
    { deletes: [{ q: { ...file, clientKrn: null } }] },
    /name clientKrn exactly/,
  ],
  ['an update of many', 'update', 'progress', { updates: [{ q: file, u: {}, multi: true }] }, /update of many/],
  [
    'a changed key',
    'update',
    'progress',
    { updates: [{ q: file, u: { $set: { filename: 'b' } } }] },
    /changes filename/,
  ],
  [
    'an insert without its key',
    'insert',
    'progress',
    { documents: [{ filename: 'a.csv' }] },
    /insert without clientKrn/,
  ],
  [
    'chunks without their version',
    'delete',
    'journal_issues',
    { deletes: [{ q: { fileId: 'known' } }] },
    /name version/,
  ],
  ['a read of everybody', 'find', 'progress', { filter: { filename: 'a.csv' } }, /names no client/],
  ['a read of whoever there is', 'find', 'progress', { filter: { clientKrn: { $exists: true } } }, /names no client/],
  ['a read of two', 'find', 'progress', { filter: { clientKrn: { $in: [CLIENT, 'other'] } } }, /names no client/],
  ['a file by its id alone', 'find', 'progress', { filter: { _id: 'known' } }, /names no client/],
  ['one branch of everybody', 'find', 'progress', { filter: { $or: [file, { filename: 'a' }] } }, /names no client/],
  ['sums of everybody', 'aggregate', 'progress', { pipeline: [{ $group: { _id: null } }] }, /names no client/],
  ['a fileId out of nowhere', 'find', 'journal', { filter: { fileId: 'stolen' } }, /names no client/],
  ['one of them', 'find', 'journal', { filter: { fileId: { $in: ['known', 'stolen'] } } }, /names no client/],
  ['a commit on it', 'insert', 'journal', { documents: [{ fileId: 'stolen' }] }, /not read under a client/],
  ['a table of it', 'update', 'patterns', { updates: [{ q: { fileId: 'stolen' }, u: {} }] }, /not read under a client/],
  ['a comment of no standing', 'find', 'progress', { filter: {}, comment: 'trust me' }, /names no client/],
  ['a change stream of all that is written', 'aggregate', '1', { pipeline: [stream], comment: FEED }, /nobody knows/],
  ['an unknown collection', 'find', 'secrets', { filter: {} }, /nobody knows/],
])('stops: %s', (_title, name, collection, command, expected) => {
  expect(breachesOf(name, collection, command).join()).toMatch(expected)
})

it('does not take what the sweep read for what a client may read', () => {
  const guard = createCommandGuard()
  guard.see({
    commandName: 'find',
    requestId: 1,
    command: { find: 'progress', filter: { version: 0 }, comment: SWEEP },
  })
  guard.answer({ requestId: 1, reply: { cursor: { id: 0, firstBatch: [{ ...file, fileId: 'swept' }] } } })
  guard.see({
    commandName: 'find',
    requestId: 2,
    command: { find: 'journal', filter: { fileId: 'swept' }, comment: SWEEP },
  })
  expect(guard.breaches).toEqual([])
  guard.see({ commandName: 'find', requestId: 3, command: { find: 'journal', filter: { fileId: 'swept' } } })
  expect(guard.breaches).toHaveLength(1)
})

describe('of two clients whose requests are under way at once', () => {
  const OTHER = 'krn:acme:client:2'
  const others = { clientKrn: OTHER, filename: 'b.csv' }
  const bothAsked = (): CommandGuard => {
    const guard = createCommandGuard()
    const look = (requestId: number, filter: object): void =>
      guard.see({ commandName: 'find', requestId, command: { find: 'progress', filter } })
    guard.asking(CLIENT, () => look(1, file))
    guard.asking(OTHER, () => look(2, others))
    // The later one is answered first.
    guard.answer({ requestId: 2, reply: { cursor: { id: 0, firstBatch: [{ filename: 'b.csv', fileId: 'others' }] } } })
    guard.answer({ requestId: 1, reply: { cursor: { id: 0, firstBatch: [{ ...file, fileId: 'known' }] } } })
    return guard
  }
  const readJournal = (guard: CommandGuard, fileId: string): void =>
    guard.see({ commandName: 'find', requestId: 3, command: { find: 'journal', filter: { fileId } } })

  it('each may read its own journal', () => {
    const guard = bothAsked()
    guard.asking(CLIENT, () => readJournal(guard, 'known'))
    guard.asking(OTHER, () => readJournal(guard, 'others'))
    expect(guard.breaches).toEqual([])
  })

  it('none may read the other’s', () => {
    const guard = bothAsked()
    guard.asking(CLIENT, () => readJournal(guard, 'others'))
    guard.asking(OTHER, () => readJournal(guard, 'known'))
    expect(guard.breaches).toHaveLength(2)
  })

  it('none may look the other’s files up, nor those without a client, which are the legacy client’s', () => {
    const guard = bothAsked()
    for (const filter of [others, { clientKrn: null }])
      guard.asking(CLIENT, () =>
        guard.see({ commandName: 'find', requestId: 3, command: { find: 'progress', filter } }),
      )
    expect(guard.breaches).toHaveLength(2)
  })

  it('a write names the client under which its fileId was read, also where it is not known whose it is', () => {
    const guard = bothAsked()
    const write = (clientKrn: string): void => {
      const updates = [{ q: { clientKrn, filename: 'a.csv', fileId: 'known' }, u: { $set: { total: 1 } } }]
      guard.see({ commandName: 'update', requestId: 3, command: { update: 'progress', updates } })
    }
    write(CLIENT)
    expect(guard.breaches).toEqual([])
    write(OTHER)
    expect(guard.breaches.join()).toMatch(/not read under a client/)
  })
})
