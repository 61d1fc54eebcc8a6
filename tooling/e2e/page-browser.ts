import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const SILENT = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']

/** On CI a missing browser fails the run; elsewhere the tests that need one are skipped, visibly. */
export const withoutBrowser = !existsSync(CHROMIUM) && process.env['CI'] === undefined

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--headless', '--no-sandbox', '--disable-gpu', ...SILENT] })

/** A page in a context of its own that notes whatever must not happen on it. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page
  /** Dialogs, violations of the policy, errors on the console, and requests to another host. */
  readonly trouble: readonly string[]
  /** Of each request to the API: how it was answered. */
  readonly answers: readonly { readonly path: string; readonly status: number }[]
  /** Everything that was asked for, with its headers. */
  readonly requests: readonly { readonly url: string; readonly headers: Readonly<Record<string, string>> }[]
}

export const openPage = async (browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> => {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const trouble: string[] = []
  const answers: { path: string; status: number }[] = []
  const requests: { url: string; headers: Record<string, string> }[] = []
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', (error) => trouble.push(`error: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') trouble.push(`console: ${message.text()}`)
  })
  page.on('popup', (popup) => trouble.push(`popup: ${popup.url()}`))
  await page.exposeFunction('noteViolation', (text: string) => trouble.push(`policy: ${text}`))
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      const { noteViolation } = globalThis as unknown as { noteViolation: (text: string) => void }
      noteViolation(event.violatedDirective)
    })
  })
  let host = ''
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (host === '') host = url.host
    if (url.host !== host) trouble.push(`request to ${url.host}`)
    requests.push({ url: url.href, headers: request.headers() })
  })
  page.on('response', (response) => {
    const { pathname, search } = new URL(response.url())
    if (pathname.startsWith('/clients')) answers.push({ path: pathname + search, status: response.status() })
  })
  return { page, trouble, answers, requests, [Symbol.asyncDispose]: () => context.close() }
}

/** What axe finds wrong, in one line each. */
export const findBarriers = async (page: Page): Promise<string[]> => {
  // Half-way through a transition a colour is neither what it was nor what it will be.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((a) => a.effect?.getComputedTiming().iterations === 1)
        .map((a) => a.finished),
    ),
  )
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`))
}
