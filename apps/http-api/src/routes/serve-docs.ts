import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import {
  asyncApiDocument,
  isRefusalCode,
  legacyGuidePage,
  openApiDocument,
  problemIndexPage,
  problemPage,
} from '@pebbles/wire'
import type { Middleware } from 'koa'
import type { HttpContext, HttpState } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'
import { originOf } from '../edge/origin.ts'
import { sendStatic } from '../edge/static-file.ts'
import type { HttpSettings } from '../settings.ts'
import type { RouteHandlers } from './route-table.ts'

const PAGE_FOLDER = new URL('../page/', import.meta.url)
const STYLESHEET = '/assets/style.css'
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
// The API browser writes its own style elements; it shows nothing that users send.
const API_DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

type DocsOperations =
  | 'readOpenApi'
  | 'readAsyncApi'
  | 'readApiDocs'
  | 'readDashboard'
  | 'readMigrationGuide'
  | 'listErrors'
  | 'readError'

/** The documents, the browsable API, the pages of the problem codes, and the dashboard. */
export const docsHandlers = (settings: HttpSettings): Pick<RouteHandlers, DocsOperations> => {
  const { version, kafkaTopic } = settings
  const openApi = madeOnce(() => openApiDocument({ serverUrl: '', version }))
  const asyncApi = madeOnce(() => asyncApiDocument({ version, kafkaTopic }))
  return {
    readOpenApi: (ctx) => sendDocument(ctx, { ...openApi(), servers: [{ url: originOf(ctx, settings) || '/' }] }),
    readAsyncApi: (ctx) => sendDocument(ctx, asyncApi()),
    readApiDocs: (ctx) => sendPage(ctx, API_DOCS_PAGE, API_DOCS_POLICY),
    readDashboard: async (ctx) => {
      protect(ctx, PAGE_POLICY)
      await sendStatic(ctx, new URL('index.html', PAGE_FOLDER))
    },
    readMigrationGuide: (ctx) => sendPage(ctx, legacyGuide(settings), PAGE_POLICY),
    listErrors: (ctx) => sendPage(ctx, problemIndexPage({ stylesheet: STYLESHEET }), PAGE_POLICY),
    readError: (ctx) => {
      const code = ctx.path.split('/')[2] ?? ''
      if (!isRefusalCode(code)) throw new HttpProblem('NOT_FOUND')
      sendPage(ctx, problemPage(code, { stylesheet: STYLESHEET }), PAGE_POLICY)
    },
  }
}

const legacyGuide = (settings: HttpSettings): string => {
  const { legacyClientKrn, legacyRoutes, legacyDeprecatedAt, legacySunsetAt } = settings
  return legacyGuidePage({
    client: legacyClientKrn,
    phase: legacyRoutes,
    deprecatedAt: legacyDeprecatedAt === null ? null : new Date(legacyDeprecatedAt).toISOString(),
    sunsetAt: legacySunsetAt === null ? null : new Date(legacySunsetAt).toISOString(),
    stylesheet: STYLESHEET,
  })
}

/** A document takes tens of milliseconds to make, and anybody may ask for it. */
const madeOnce = (make: () => object): (() => object) => {
  let made: object | null = null
  return () => {
    made ??= make()
    return made
  }
}

/** Files of the page and of the API browser, by their exact names: a path is never made of what a caller sends. */
export const serveAssets = (): Middleware<HttpState> => {
  const files = new Map(readdirSync(PAGE_FOLDER).map((name) => [`/assets/${name}`, new URL(name, PAGE_FOLDER)]))
  files.set('/assets/api-reference.js', apiReference())
  return async (ctx, next) => {
    const file = files.get(ctx.path)
    if (file === undefined) return next()
    ctx.state.route = '/assets/{file}'
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.set('Allow', 'GET, HEAD')
      throw new HttpProblem('METHOD_NOT_ALLOWED')
    }
    await sendStatic(ctx, file)
  }
}

const apiReference = (): URL => {
  const main = createRequire(import.meta.url).resolve('@scalar/api-reference')
  return new URL('browser/standalone.js', pathToFileURL(main.slice(0, main.lastIndexOf('/dist/') + '/dist/'.length)))
}

const API_DOCS_CONFIGURATION = JSON.stringify({
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  // Beside a local server it would offer to share and deploy the document elsewhere.
  showDeveloperTools: 'never',
})
const API_DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pebbles API</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
</head>
<body>
<script id="api-reference" data-configuration='${API_DOCS_CONFIGURATION}'></script>
<script src="/assets/api-reference.js"></script>
</body>
</html>
`

const sendDocument = (ctx: HttpContext, document: object): void => {
  ctx.set('Cache-Control', 'no-cache')
  ctx.type = 'application/json'
  ctx.body = JSON.stringify(document)
}

const sendPage = (ctx: HttpContext, html: string, policy: string): void => {
  protect(ctx, policy)
  ctx.set('Cache-Control', 'no-cache')
  ctx.type = 'text/html; charset=utf-8'
  ctx.body = html
}

const protect = (ctx: HttpContext, policy: string): void => {
  ctx.set('Content-Security-Policy', policy)
  ctx.set('Referrer-Policy', 'no-referrer')
  ctx.set('X-Frame-Options', 'DENY')
}
