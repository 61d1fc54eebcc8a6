import { describe, expect, it } from 'vitest'
import { BatchBodySchema, UpdateBodySchema, UpdateMessageSchema } from '../body/update-schema.ts'
import { ProblemSchema } from '../problem/problem.ts'
import { PROBLEMS } from '../problem/problem-codes.ts'
import { asyncApiDocument } from './asyncapi.ts'
import { openApiDocument } from './openapi.ts'
import { ROUTES, type Route } from './routes.ts'

interface Response {
  readonly content?: Readonly<
    Record<string, { readonly examples?: Readonly<Record<string, { readonly value: unknown }>> }>
  >
  readonly headers?: object
}
interface Operation {
  readonly operationId: string
  readonly security: readonly object[]
  readonly deprecated?: boolean
  readonly responses: Readonly<Record<string, Response>>
}
interface Document {
  readonly openapi: string
  readonly info: { readonly version: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>> }
}

const options = { serverUrl: 'https://pebbles.example', version: '1.2.3' }
const document = openApiDocument(options) as Document
const routes: readonly Route[] = ROUTES
const operationOf = ({ path, method }: Route): Operation => {
  const operation = document.paths[path]?.[method.toLowerCase()]
  if (operation === undefined) throw new Error(`${method} ${path} is missing`)
  return operation
}

/** Every reference in a document leads to something in it. */
const expectWholeReferences = (whole: object): void => {
  const references = [...JSON.stringify(whole).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, pointer]) => pointer ?? '')
  expect(references.length).toBeGreaterThan(5)
  for (const pointer of references) {
    const target = pointer.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], whole)
    expect(target, pointer).toBeTypeOf('object')
  }
}

describe('the OpenAPI document', () => {
  it('says what it is of', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { version: '1.2.3' },
      servers: [{ url: 'https://pebbles.example' }],
    })
    expect((openApiDocument({ ...options, serverUrl: '' }) as Document).servers).toEqual([{ url: '/' }])
    expectWholeReferences(document)
  })

  it('has every route once, and no other', () => {
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(documented.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort())
    expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length)
  })

  it.each(routes)('shows each problem of $operationId as it is answered', (route) => {
    const { responses } = operationOf(route)
    for (const code of route.codes) {
      const { status } = PROBLEMS[code]
      const example = responses[status]?.content?.['application/problem+json']?.examples?.[code]?.value
      expect(ProblemSchema.strict().parse(example)).toMatchObject({ code, status })
    }
    expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true)
    expect(Object.keys(responses)).not.toContain('500')
  })

  it.each(routes)('says who may call $operationId', (route) => {
    const { security, deprecated } = operationOf(route)
    const bearer = { bearer: [] }
    const expected = { none: [], reader: [{}, bearer], token: [bearer], owner: [bearer], admin: [bearer] }
    expect(security).toEqual(expected[route.auth])
    expect(deprecated ?? false).toBe(route.tag === 'Legacy')
    expect(route.codes.includes('UNAUTHENTICATED')).toBe(route.auth !== 'none')
    expect(route.codes.includes('ADMIN_REQUIRED')).toBe(route.auth === 'admin')
    expect(route.codes.includes('INVALID_CLIENT_KRN')).toBe(route.path.includes('{clientKrn}'))
  })

  it('has examples that are taken', () => {
    const { UpdateBody } = document.components.schemas
    expect(UpdateBody?.examples).toHaveLength(2)
    for (const example of UpdateBody?.examples ?? []) UpdateBodySchema.parse(example)
    BatchBodySchema.parse({ updates: UpdateBody?.examples })
  })
})

describe('the AsyncAPI document', () => {
  it('has a message for each envelope, with examples that are taken', () => {
    const async = asyncApiDocument({ version: '1.2.3', kafkaTopic: 'imports' }) as {
      components: { messages: Record<'update' | 'event', { examples: { payload: { data?: unknown } }[] }> }
    }
    expect(async).toMatchObject({
      asyncapi: '3.0.0',
      info: { version: '1.2.3' },
      channels: { kafka: { address: 'imports' } },
    })
    expectWholeReferences(async)
    UpdateMessageSchema.parse(async.components.messages.update.examples[0]?.payload)
    UpdateMessageSchema.parse(async.components.messages.event.examples[0]?.payload.data)
  })
})
