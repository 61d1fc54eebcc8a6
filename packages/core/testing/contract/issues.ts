import { expect } from 'vitest'
import { patternId, patternText } from '../../src/index.ts'
import { anUpdate, client, fileName } from '../builders.ts'
import { type ContractCase, useCases } from './subject.ts'

export const issues: readonly ContractCase[] = [
  {
    title: 'every issue stays, in order of arrival, by page and by kind',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([
        anUpdate({
          errors: [
            { line: 7, message: 'bad amount 12.50' },
            { line: null, message: 'file has no header' },
          ],
          warnings: ['odd date'],
        }),
        anUpdate({ errors: [{ line: 9, message: 'bad amount 99.00' }] }),
      ])
      await record([
        anUpdate({ errors: Array.from({ length: 700 }, (_, n) => ({ line: n + 1, message: `bad amount ${n}.00` })) }),
      ])
      const seen: [number | null, string][] = []
      let after = null
      for (;;) {
        const page: Awaited<ReturnType<typeof read.issues>> = await read.issues(client(), fileName(), {
          kind: 'error',
          pattern: null,
          limit: 100,
          after,
        })
        for (const issue of page?.issues ?? []) seen.push([issue.line, issue.message])
        if (page?.more !== true) break
        after = page.issues.at(-1) ?? null
      }
      expect(seen).toHaveLength(703)
      expect(seen.slice(0, 4)).toEqual([
        [7, 'bad amount 12.50'],
        [null, 'file has no header'],
        [9, 'bad amount 99.00'],
        [1, 'bad amount 0.00'],
      ])
      expect(seen.at(-1)).toEqual([700, 'bad amount 699.00'])
      expect(
        (
          await read.issues(client(), fileName(), { kind: 'warning', pattern: null, limit: 10, after: null })
        )?.issues.map((issue) => issue.message),
      ).toEqual(['odd date'])
      expect((await read.get(client(), fileName()))?.state.issues).toMatchObject({
        error: { count: 703 },
        warning: { count: 1 },
      })
    },
  },
  {
    title: 'the issues of one pattern, by its id and by its text; the counts of the patterns are those of the issues',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      for (let n = 0; n < 12; n += 1)
        await record([
          anUpdate({
            errors: [`Unknown country in line ${n}`, n % 3 === 0 ? 'Missing header' : `Missing header`],
            warnings: ['Missing header'],
          }),
        ])
      const found = await read.get(client(), fileName())
      const shown = found?.tables.error.filter((row) => row.into === undefined) ?? []
      expect(shown.reduce((sum, row) => sum + row.count, 0)).toBe(24)
      for (const row of shown) {
        const byId = await read.issues(client(), fileName(), {
          kind: 'error',
          pattern: patternId('error', row.no),
          limit: 1000,
          after: null,
        })
        const byText = await read.issues(client(), fileName(), {
          kind: 'error',
          pattern: patternText(row.template),
          limit: 1000,
          after: null,
        })
        expect(byId?.issues).toHaveLength(row.count)
        expect(byText?.issues).toEqual(byId?.issues)
      }
      expect(
        (await read.issues(client(), fileName(), { kind: 'error', pattern: 'no such pattern', limit: 10, after: null }))
          ?.issues,
      ).toEqual([])
    },
  },
  {
    title: 'a record and its pattern tables are of one version, while others write',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ errors: ['first'] })])
      let writing = true
      const writer = (async () => {
        for (let n = 0; n < 40; n += 1)
          await record([anUpdate({ errors: [`kind ${String.fromCharCode(97 + (n % 26))} of trouble`] })])
        writing = false
      })()
      for (let reads = 0; writing && reads < 10_000; reads += 1) {
        const found = await read.get(client(), fileName())
        expect(found?.tables.error.reduce((sum, row) => sum + row.count, 0)).toBe(found?.state.issues.error.count)
      }
      await writer
    },
  },
  {
    title: 'what is read of a journal stops at the version it is asked for',
    run: async (subject) => {
      const { record } = useCases(subject)
      await record([anUpdate({ errors: ['one'] })])
      const [old] = await subject.store.list({ client: client(), stalledBefore: 0 }, 1, null)
      await record([anUpdate({ errors: ['two'] })])
      if (old === undefined) throw new Error('the file is there')
      expect((await subject.store.issues(old, 'error', null, 10, null)).map((issue) => issue.message)).toEqual(['one'])
      expect(await subject.store.history(old, 10, 0)).toHaveLength(1)
    },
  },
  {
    title: 'messages are kept as they came: quotes, new lines, lone braces, other scripts, 64 KiB',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      const messages = [
        '{NUMBER} is not {VARIABLE}',
        'a\tb\nc\r\n',
        '“quoted” – жалоба 漢字 😀',
        '\u0000\u001b[31m',
        'x'.repeat(65_536),
        '',
      ]
      await record([anUpdate({ errors: messages })])
      expect((await read.get(client(), fileName()))?.issues.error.map((issue) => issue.message)).toEqual(messages)
    },
  },
]
