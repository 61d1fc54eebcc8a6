/**
 * What the page shows. It stands in the fragment of the address, so that it can be linked, Back works, and names of
 * files reach no server's log.
 * @typedef {{
 *   readonly view: 'home' | 'client' | 'file',
 *   readonly client: string,
 *   readonly file: string,
 *   readonly status: string,
 *   readonly completed: string,
 *   readonly q: string,
 *   readonly cursor: string,
 *   readonly page: number,
 *   readonly kind: 'error' | 'warning',
 *   readonly pattern: string,
 * }} Route
 */

const FIELDS = /** @type {const} */ ([
  'client',
  'file',
  'status',
  'completed',
  'q',
  'cursor',
  'page',
  'kind',
  'pattern',
])

/**
 * @param {string} fragment with or without its `#`
 * @returns {Route}
 */
export const parseRoute = (fragment) => {
  const fields = readFields(fragment)
  const client = fields.get('client') ?? ''
  const file = fields.get('file') ?? ''
  const page = Number(fields.get('page') ?? '1')
  return {
    view: client === '' ? 'home' : file === '' ? 'client' : 'file',
    client,
    file,
    status: fields.get('status') ?? '',
    completed: fields.get('completed') ?? '',
    q: fields.get('q') ?? '',
    cursor: fields.get('cursor') ?? '',
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
    kind: fields.get('kind') === 'warning' ? 'warning' : 'error',
    pattern: fields.get('pattern') ?? '',
  }
}

/**
 * The address of what a link leads to: only what is said.
 * @param {Partial<Omit<Route, 'view'>>} route
 */
export const linkTo = (route) => {
  const parts = FIELDS.flatMap((field) => {
    const value = route[field]
    return value === undefined || value === '' || (field === 'page' && value === 1)
      ? []
      : [`${field}=${encode(String(value))}`]
  })
  return `#${parts.join('&')}`
}

/**
 * A token in the fragment, and the fragment without it.
 * @param {string} fragment
 */
export const splitToken = (fragment) => {
  const parts = fragment.replace(/^#/, '').split('&')
  const isToken = (/** @type {string} */ part) => part.startsWith('token=')
  return {
    token: readFields(parts.filter(isToken).join('&')).get('token') ?? null,
    rest: parts.filter((part) => !isToken(part)).join('&'),
  }
}

/**
 * A path of the API.
 * @param {string} client
 * @param {'' | '/issues' | '/history' | '/summary'} [what]
 * @param {Record<string, string | number>} [query] what is empty is left out
 */
export const apiPath = (client, what = '', query = {}) => {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    value === '' ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  return `/clients/${encodeURIComponent(client)}/progress${what}${parts.length === 0 ? '' : `?${parts.join('&')}`}`
}

/** @param {string} fragment */
const readFields = (fragment) => {
  /** @type {Map<string, string>} */
  const fields = new Map()
  for (const part of fragment.replace(/^#/, '').split('&')) {
    const at = part.indexOf('=')
    if (at > 0) fields.set(part.slice(0, at), decode(part.slice(at + 1)))
  }
  return fields
}

/** @param {string} text */
const encode = (text) => encodeURIComponent(text.toWellFormed()).replaceAll('%3A', ':').replaceAll('%2F', '/')

/** @param {string} text */
const decode = (text) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
