import type { ClientKrn } from '@pebbles/core'

/** What the HTTP app needs to know of its configuration. */
export interface HttpSettings {
  readonly readAuth: 'public' | 'jwt'
  readonly corsOrigins: '*' | readonly string[]
  readonly publicUrl: string | null
  readonly trustProxy: boolean
  readonly maxBodyBytes: number
  readonly stalledAfterMs: number
  readonly exportMax: number
  readonly sseMax: number
  /** How long (ms) the reader of an export or of events may take nothing before it is let go. */
  readonly readerStallMs: number
  readonly clientKrnPattern: RegExp | null
  readonly rateLimit: { readonly requests: number; readonly seconds: number } | null
  readonly legacyRoutes: 'dual' | 'deprecated' | 'removed'
  /** Whose files the single-tenant routes mean. */
  readonly legacyClientKrn: ClientKrn
  /** ms since 1970; never null when they are deprecated. */
  readonly legacyDeprecatedAt: number | null
  readonly legacySunsetAt: number | null
  /** For the document of the queue messages. */
  readonly kafkaTopic: string
  readonly version: string
}
