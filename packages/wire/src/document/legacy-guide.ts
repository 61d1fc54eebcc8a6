import { htmlPage, inlineCode, type PageOptions } from '../problem/problem-page.ts'

/** What a caller of the single-tenant routes needs to know to leave them. */
export interface LegacyGuideFacts extends PageOptions {
  /** The client that the routes mean. */
  readonly client: string
  readonly phase: 'dual' | 'deprecated' | 'removed'
  /** ISO 8601, or null when it is not known yet. */
  readonly deprecatedAt: string | null
  readonly sunsetAt: string | null
}

const STANDS: Readonly<Record<LegacyGuideFacts['phase'], string>> = {
  dual: 'The routes work as they always did.',
  deprecated: 'The routes work, but they are deprecated: change your program now.',
  removed: 'The routes are gone: they answer 410 `LEGACY_REMOVED`.',
}

/** The page that `Link: …; rel="deprecation"` leads to, for whoever writes a program that calls `/progress`. */
export const legacyGuidePage = ({ client, phase, deprecatedAt, sunsetAt, stylesheet }: LegacyGuideFacts): string => {
  const successor = `/clients/${client}/progress`
  const dates = [
    ...(deprecatedAt === null ? [] : [`Deprecated since \`${deprecatedAt}\`.`]),
    ...(sunsetAt === null ? [] : [`They will go at \`${sunsetAt}\`.`]),
  ]
  const rows = [
    ['`POST /progress`', `\`POST ${successor}\``],
    ['`GET /progress?filename=F`', `\`GET ${successor}?filename=F\``],
    ['`GET /progress?email=E`', `\`GET ${successor}?email=E\``],
  ]
  return htmlPage(
    'From /progress to a client · Pebbles',
    stylesheet,
    `<h1>From <code>/progress</code> to a client</h1>
<p>${inlineCode([STANDS[phase], ...dates].join(' '))}</p>
<table>
<thead><tr><th>Before</th><th>Now</th></tr></thead>
<tbody>
${rows.map((row) => `<tr>${row.map((cell) => `<td>${inlineCode(cell)}</td>`).join('')}</tr>`).join('\n')}
</tbody>
</table>
<p>${inlineCode('Bodies, tokens, rules and texts of refusal (`error`) are the same. It is the same data: what you reported by the old route is there under the new one.')}</p>
<h2>What to change</h2>
<ul>
<li>${inlineCode('The address. Change it between two files; both addresses lead to the same file while they are of one client.')}</li>
<li>${inlineCode('`errors` and `warnings` come grouped: `[{id, pattern, count, lines:[{line, values}]}]`. The answer to an update has those of that update; `…/progress/issues?filename=F` has each issue plain.')}</li>
<li>${inlineCode('A list comes by pages of 100: follow `Link: …; rel="next"`, or ask for all of it with `Accept: application/x-ndjson`.')}</li>
<li>${inlineCode('A later `total` replaces the first one.')}</li>
<li>${inlineCode('Send an `Idempotency-Key` with each update: then a repeat after a lost answer never counts twice.')}</li>
</ul>
<p>All else is in the <a href="/api-docs">API documentation</a>.</p>`,
  )
}
