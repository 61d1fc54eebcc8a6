// What may stand in any text by accident, known by its form. Each pattern takes a whole run of characters and is then
// done with it, so that no text, however hostile, costs more than linear time.
/** To the end of the word: a MongoDB password may hold a slash that should have been encoded. */
const MONGO_ADDRESS = /\b(mongodb(?:\+srv)?:\/\/)([^\s"\\]*)/gi
const ADDRESS = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s"\\/?#]*)/gi
const BEARER = /\b(bearer )[A-Za-z0-9._~+/=-]+/gi
const JSON_WEB_TOKEN = /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*/g
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^"]*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|(?="|$))/g
/** A quick look first: most lines hold none of it. */
const SUSPECT = /:\/\/|bearer|eyJ|PRIVATE KEY/i

export const HIDDEN = '(hidden)'

/** The text without credentials in addresses, tokens and private keys. A line of JSON stays one. */
export const hideSecrets = (text: string): string =>
  SUSPECT.test(text)
    ? text
        .replace(MONGO_ADDRESS, withoutCredentials)
        .replace(ADDRESS, withoutCredentials)
        .replace(JSON_WEB_TOKEN, HIDDEN)
        .replace(BEARER, `$1${HIDDEN}`)
        .replace(PRIVATE_KEY, HIDDEN)
    : text

const withoutCredentials = (address: string, scheme: string, rest: string): string => {
  const at = rest.lastIndexOf('@')
  return at === -1 ? address : `${scheme}${HIDDEN}${rest.slice(at)}`
}
