import { newFileId } from '@pebbles/core/testing'
import { describe, expect, it } from 'vitest'
import { entriesOf, entryIdOf } from './entry-ids.ts'

const fileId = newFileId()

describe('the id of an entry', () => {
  it('orders a journal by version, whatever the number of digits', () => {
    const versions = [1, 2, 9, 10, 99, 100, 4_294_967_296, 99_999_999_999]
    const ids = versions.map((version) => entryIdOf(fileId, version))
    expect([...ids].reverse().sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(versions.length)
  })

  it('is asked for above one version, up to another, and of this file only', () => {
    const { _id, ...file } = entriesOf(fileId, 9, 100)
    expect(file).toEqual({ fileId })
    const inside = (id: string): boolean => id > _id.$gt && id <= _id.$lte
    expect([9, 10, 100, 101].map((version) => inside(entryIdOf(fileId, version)))).toEqual([false, true, true, false])
    expect(inside(entryIdOf(newFileId(), 10))).toBe(false)
    expect(entryIdOf(fileId, 5_000_000_000) <= entriesOf(fileId, 0)._id.$lte).toBe(true)
  })
})
