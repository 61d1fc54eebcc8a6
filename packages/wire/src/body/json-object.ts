export type JsonObject = Readonly<Record<string, unknown>>

/** An object of parsed JSON: no array, not null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
