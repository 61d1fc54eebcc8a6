import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBarriers, launchBrowser, openPage, withoutBrowser } from './page-browser.ts'
import { CLIENT, createReporter, someIssues } from './page-reporter.ts'
import { aToken, dataFolder, type HttpProcess, startHttpProcess } from './start-http-process.ts'

const LINK = `client=${CLIENT}`
const MARKUP = '<img src=x onerror=alert(1)>'
const HOSTILE = `${MARKUP}<script>alert(2)</script>\u202Egpj.exe`

/** How far the page can be scrolled sideways, in px. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth))

describe.skipIf(withoutBrowser)('the page, in Chromium (CHROMIUM_PATH)', () => {
  const owned = new AsyncDisposableStack()
  let browser: Browser
  /** Reads ask for a token. */
  let closed: HttpProcess
  /** Reads are public. */
  let open: HttpProcess
  let admin = ''

  beforeAll(async () => {
    const [first, second] = [owned.use(await dataFolder()), owned.use(await dataFolder())]
    browser = owned.adopt(await launchBrowser(), (launched) => launched.close())
    closed = owned.use(await startHttpProcess({ dataDir: first.path, environment: { READ_AUTH: 'jwt' } }))
    open = owned.use(await startHttpProcess({ dataDir: second.path }))
    admin = await aToken({ email: 'admin@example.com', pebbles_admin: true })
    const report = createReporter(closed)
    await report('orders.csv', {
      total: 2_000,
      counts: { done: 1_200, warn: 30, failed: 120 },
      errors: someIssues(120),
      warnings: [{ line: 7, message: 'Date 2026-01-03 is on a weekend' }],
    })
    await report('stream.ndjson', { counts: { done: 48_210, warn: 0, failed: 0 } })
    await report('twice.csv', { total: 6_900, counts: { done: 10_697, warn: 0, failed: 0 } })
    await report('given-up.csv', { isLast: true, outcome: 'failed', reason: 'too many broken rows' })
  })
  afterAll(() => owned.disposeAsync())

  const signedIn = (page: Page, hash = '', token = admin) => page.goto(`${closed.url}/#token=${token}&${hash}`)
  const row = (page: Page, name: string) =>
    page.locator('li.file', { has: page.getByRole('link', { name, exact: true }) })

  describe('a token', () => {
    it('is taken out of the address at once, kept in the tab, sent as a header alone, and forgotten on request', async () => {
      await using watched = await openPage(browser)
      const { page } = watched
      await signedIn(page, LINK)
      await row(page, 'orders.csv').waitFor()
      expect(new URL(page.url()).hash).toBe(`#${LINK}`)
      expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2)
      await page.reload()
      await row(page, 'orders.csv').waitFor()
      const toApi = watched.requests.filter(({ url }) => url.includes('/clients'))
      expect(toApi.every(({ headers }) => headers['authorization'] === `Bearer ${admin}`)).toBe(true)
      expect(
        watched.requests.filter(
          ({ url, headers }) => new URL(url).search.includes(admin) || headers['referer']?.includes(admin),
        ),
      ).toEqual([])

      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Open a client' }).waitFor()
      expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
      expect(await page.locator('body').textContent()).not.toContain('orders.csv')
      await page.reload()
      await page.getByRole('heading', { name: 'Open a client' }).waitFor()
      expect(watched.trouble).toEqual([])
    })

    it('is asked for where an answer is 401, and again where it is not accepted', async () => {
      await using watched = await openPage(browser)
      const { page } = watched
      await page.goto(`${closed.url}/#${LINK}`)
      await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
      await page.getByLabel('Token').fill('not a token')
      await page.keyboard.press('Enter')
      await page.getByText('That is not a token').waitFor()
      await page.getByLabel('Token').fill(`Bearer ${admin.slice(0, -4)}AAAA`)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Sign in again' }).waitFor()
      await page.getByLabel('Token').fill(admin)
      await page.keyboard.press('Enter')
      await row(page, 'orders.csv').waitFor()
    })

    it('that is no administrator opens clients by name, and is told what it does not cover', async () => {
      await using watched = await openPage(browser)
      const { page } = watched
      await signedIn(page, '', await aToken({ clients: [CLIENT] }))
      await page.getByRole('heading', { name: 'Open a client' }).waitFor()
      await page.getByLabel('Client KRN').fill('acme')
      await page.keyboard.press('Enter')
      await page.getByText('A KRN looks like').waitFor()
      await page.getByLabel('Client KRN').fill('krn:other:client:1')
      await page.keyboard.press('Enter')
      await page.getByText('The token does not cover this client.').waitFor()
      await page.goBack()
      await page.getByRole('link', { name: CLIENT }).click()
      await row(page, 'orders.csv').waitFor()
    })

    it('is not needed where reads are public', async () => {
      await createReporter(open)('public.csv')
      await using watched = await openPage(browser)
      const { page } = watched
      await page.goto(open.url)
      await page.getByLabel('Client KRN').fill(CLIENT)
      await page.keyboard.press('Enter')
      await row(page, 'public.csv').waitFor()
      await page.getByRole('link', { name: 'Clients' }).click()
      await page.getByRole('link', { name: CLIENT }).waitFor()
      expect(watched.trouble).toEqual([])
      expect(watched.requests.some(({ headers }) => 'authorization' in headers)).toBe(false)
    })
  })

  describe('files', () => {
    it('show where they stand: parts of the total, and nothing that is not known', async () => {
      await using watched = await openPage(browser)
      const { page } = watched
      await signedIn(page)
      await page.getByRole('link', { name: CLIENT }).click()
      const orders = row(page, 'orders.csv')
      await orders.waitFor()
      const names = await page.locator('li.file .row-link').allTextContents()
      expect(names).toEqual(['given-up.csv', 'twice.csv', 'stream.ndjson', 'orders.csv'])
      expect(await orders.textContent()).toMatch(
        /1,350 of 2,000 lines.*67\.5 %.*1,200 done.*30 warned.*120 failed.*Running/,
      )
      expect(await orders.textContent()).toContain('120 errors · 80 × Invalid amount {AMOUNT} in column {QUOTED}')
      expect(await orders.textContent()).toMatch(/ada@example\.com.*(s|min) ago|just now/)
      const widths = await orders
        .locator('.part')
        .evaluateAll((parts) => parts.map((part) => (part as HTMLElement).style.width))
      expect(widths).toEqual(['60%', '1.5%', '6%'])
      expect(await row(page, 'stream.ndjson').textContent()).toMatch(/48,210 lines so far.*no total, no estimate/)
      expect(await row(page, 'stream.ndjson').getByRole('progressbar').getAttribute('aria-valuenow')).toBeNull()
      expect(await row(page, 'twice.csv').textContent()).toMatch(/3,797 more than the total.*155 %/)
      expect(await row(page, 'given-up.csv').textContent()).toMatch(/too many broken rows.*Failed.*took/)
      expect(watched.trouble).toEqual([])
    })

    it('change in place while they are looked at, with the focus where it was', async () => {
      const report = createReporter(closed, 'krn:acme:client:live')
      await report('a.csv', { total: 1_000 })
      await report('b.csv', { total: 1_000 })
      await using watched = await openPage(browser)
      const { page, answers } = watched
      await signedIn(page, 'client=krn:acme:client:live')
      const a = row(page, 'a.csv')
      await a.waitFor()
      const link = a.getByRole('link')
      await link.focus()
      await page.evaluate(() => {
        for (const item of document.querySelectorAll('li.file')) item.setAttribute('data-same', '')
      })
      const unchanged = answers.length
      await expect.poll(() => answers.slice(unchanged).map(({ status }) => status), { timeout: 15_000 }).toContain(304)
      await report('a.csv', { counts: { done: 499, warn: 0, failed: 0 } })
      await expect.poll(() => a.textContent(), { timeout: 15_000 }).toContain('500 of 1,000 lines')
      expect(await page.locator('li.file[data-same]').count()).toBe(2)
      expect(await link.evaluate((element) => element === document.activeElement)).toBe(true)
      // Moved to the front, once nobody points at the list any more.
      await expect
        .poll(() => page.locator('li.file .row-link').allTextContents(), { timeout: 15_000 })
        .toEqual(['a.csv', 'b.csv'])
      expect(await page.locator('li.file[data-same]').count()).toBe(2)
      expect(await link.evaluate((element) => element === document.activeElement)).toBe(true)
      await report('c.csv')
      await row(page, 'c.csv').waitFor()
      expect(watched.trouble).toEqual([])
    })

    it('are told of by events: nothing is asked for meanwhile, and a change shows at once', async () => {
      const client = 'krn:acme:client:told'
      const report = createReporter(closed, client)
      await report('a.csv', { total: 1_000 })
      await using watched = await openPage(browser)
      const { page, answers } = watched
      const lists = () => answers.filter(({ path }) => path.startsWith(`/clients/${client}/progress?`)).length
      await signedIn(page, `client=${client}`)
      await row(page, 'a.csv').waitFor()
      await expect.poll(() => answers.some(({ path }) => path.endsWith('/progress/events'))).toBe(true)
      // By the clock of polls there would be many.
      const before = lists()
      await page.waitForTimeout(9_000)
      expect(lists() - before).toBeLessThanOrEqual(2)
      await report('a.csv', { counts: { done: 499, warn: 0, failed: 0 } })
      await page.getByText('500 of 1,000 lines').waitFor({ timeout: 5_000 })

      // A file has a stream of its own, and leaves that of its client.
      await row(page, 'a.csv').getByRole('link').click()
      await expect.poll(() => answers.some(({ path }) => path.endsWith('/events?filename=a.csv'))).toBe(true)
      await report('a.csv', { counts: { done: 100, warn: 0, failed: 0 } })
      await page.getByText('600 of 1,000 lines').waitFor({ timeout: 5_000 })
      expect(watched.trouble).toEqual([])
    })

    it('are asked for every two seconds where no stream is to be had', async () => {
      const client = 'krn:acme:client:polled'
      const report = createReporter(closed, client)
      await report('a.csv', { total: 1_000 })
      await using watched = await openPage(browser)
      const { page } = watched
      await page.route('**/progress/events*', (route) => route.abort('connectionreset'))
      await signedIn(page, `client=${client}`)
      await row(page, 'a.csv').waitFor()
      await report('a.csv', { counts: { done: 499, warn: 0, failed: 0 } })
      await page.getByText('500 of 1,000 lines').waitFor({ timeout: 9_000 })
    })

    it('are found by name and by status, and lie on pages that Back goes through', async () => {
      const client = 'krn:acme:client:many'
      const report = createReporter(closed, client)
      for (let index = 1; index <= 105; index += 1)
        await report(`part-${String(index).padStart(3, '0')}.csv`, index % 50 === 0 ? { isLast: true } : {})
      await using watched = await openPage(browser)
      const { page } = watched
      const rows = page.locator('li.file')
      await signedIn(page, `client=${client}`)
      await expect.poll(() => rows.count()).toBe(100)
      await page.getByRole('button', { name: 'Next' }).click()
      await expect.poll(() => rows.count()).toBe(5)
      await page.getByText('Page 2').waitFor()
      await page.reload()
      await expect.poll(() => rows.count()).toBe(5)
      await page.goBack()
      await expect.poll(() => rows.count()).toBe(100)

      await page.getByRole('link', { name: /^Completed/ }).click()
      await expect.poll(() => rows.count()).toBe(2)
      await page.getByRole('link', { name: /^Open/ }).click()
      await expect.poll(() => rows.count()).toBe(100)
      await page.getByRole('searchbox').fill('PART-01')
      await expect.poll(() => rows.count()).toBe(10)
      expect(page.url()).toContain('q=PART-01')
      await page.getByRole('searchbox').fill('nothing like it')
      await page.getByText('No file matches').waitFor()
      await page.getByRole('link', { name: 'Show all files' }).click()
      await expect.poll(() => rows.count()).toBe(100)
      expect(watched.trouble).toEqual([])
    })
  })

  describe('a file', () => {
    it('opens into its patterns, a pattern into its lines by page, and Back closes them', async () => {
      await using watched = await openPage(browser)
      const { page } = watched
      await signedIn(page, LINK)
      await row(page, 'orders.csv').getByRole('link').press('Enter')
      const patterns = page.locator('.kind-section', { hasText: 'Errors' }).locator('li')
      await expect.poll(() => patterns.count()).toBe(3)
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
      expect(await patterns.allTextContents()).toEqual([
        'Invalid amount {AMOUNT} in column {QUOTED}8066.6 % of errors · 5.9 % of lines',
        'Unknown customer {NUMBER}3025 % of errors · 2.2 % of lines',
        'The row is empty108.3 % of errors · 0.7 % of lines',
      ])
      expect(await patterns.first().locator('.hole').allTextContents()).toEqual(['{AMOUNT}', '{QUOTED}'])
      await expect.poll(() => page.title()).toBe('67.5 % orders.csv · Pebbles')

      await patterns.first().getByRole('link').click()
      const lines = page.getByRole('region', { name: 'Lines of this pattern' })
      await lines.waitFor()
      expect(await lines.locator('th:visible').allTextContents()).toEqual(['Line', 'AMOUNT', 'QUOTED', 'Reported'])
      expect(await lines.locator('tbody tr').first().locator('td:visible').allTextContents()).toEqual([
        '1',
        '0.50 EUR',
        '"net 0"',
        expect.stringMatching(/^\d\d:\d\d:\d\d$/),
      ])
      await page.getByRole('button', { name: 'Show whole messages' }).click()
      expect(await lines.locator('tbody tr').first().textContent()).toContain(
        'Invalid amount 0.50 EUR in column "net 0"',
      )
      await page.getByRole('navigation', { name: 'Pages of lines' }).getByRole('button', { name: 'Next' }).click()
      await expect.poll(() => lines.locator('tbody tr').count()).toBe(30)
      const linked = page.url()
      await page.goBack()
      await expect.poll(() => lines.count()).toBe(0)
      await page.goto('about:blank')
      await page.goto(linked)
      await lines.waitFor()
      expect(await lines.locator('tbody tr').count()).toBe(50)

      await page.getByText('History').click()
      const history = page.getByRole('region', { name: 'History of the file' })
      await history.waitFor()
      expect(await history.locator('tbody tr').allTextContents()).toEqual([
        expect.stringMatching(/\+1,200\+30\+1202,0001HTTP$/),
      ])
      expect(watched.trouble).toEqual([])
    })

    it('says when there is none, and shows it once there is', async () => {
      await using watched = await openPage(browser)
      const { page } = watched
      await signedIn(page, `${LINK}&file=yet-to-come.csv`)
      await page.getByText('No such file').waitFor()
      await createReporter(closed)('yet-to-come.csv', { isLast: true, outcome: 'cancelled', reason: 'not today' })
      await page.getByText('not today').waitFor({ timeout: 25_000 })
      await page.getByText('Took', { exact: true }).waitFor()
    })
  })

  it('rounds no share up to all, no sum off, and no time to nothing', async () => {
    await using watched = await openPage(browser)
    await watched.page.goto(open.url)
    const figures = (call: string): Promise<unknown> =>
      watched.page.evaluate(`import('/assets/figures.js').then(({ ${call.split('(')[0]} }) => String(${call}))`)
    expect(await figures('percent(9999, 10000)')).toBe('99.9 %')
    expect(await figures('percent(1, 100000)')).toBe('< 0.1 %')
    expect(await figures('percent(3101, 1000)')).toBe('310 %')
    expect(await figures('processedOf({ done: 2 ** 53 - 1, warn: 2 ** 53 - 1, failed: 1 })')).toBe('18014398509481983')
    expect(await figures('number(18014398509481983n)')).toBe('18,014,398,509,481,983')
    expect(await figures('duration(999)')).toBe('under 1 s')
    expect(await figures('duration(192_000)')).toBe('3 min 12 s')
    expect(await figures('duration(360_000_000)')).toBe('4 d 4 h')
    expect(await figures('age(59_999)')).toBe('59 s ago')
    expect(await figures('pace(0.5)')).toBe('30 lines/min')
    expect(await figures('pace(0.01)')).toBe('36 lines/h')
    expect(watched.trouble).toEqual([])
  })

  it('goes on by itself when the store, or the whole server, was away, with its data in sight', async () => {
    await using watched = await openPage(browser)
    const { page } = watched
    await signedIn(page, LINK)
    await row(page, 'orders.csv').waitFor()
    const body = JSON.stringify({ code: 'STORE_UNAVAILABLE', detail: 'away' })
    await page.route('**/clients/**', (route) =>
      route.fulfill({ status: 503, contentType: 'application/problem+json', body }),
    )
    await page.getByText('The store is away, retrying').waitFor()
    expect(await row(page, 'orders.csv').isVisible()).toBe(true)
    await page.unroute('**/clients/**')
    await page.route('**/clients/**', (route) => route.abort('connectionrefused'))
    await page.getByText('No connection to the server, retrying').waitFor({ timeout: 15_000 })
    await page.goto('about:blank')
    await page.goto(`${closed.url}/#${LINK}`)
    await page.getByRole('heading', { name: 'No connection to the server' }).waitFor()
    await page.unroute('**/clients/**')
    await row(page, 'orders.csv').waitFor({ timeout: 25_000 })
    await expect.poll(() => page.getByRole('status').textContent(), { timeout: 15_000 }).toBe('Live')
  })

  it('shows names and messages of any kind as text, and runs none of them', async () => {
    const client = 'krn:acme:client:hostile'
    const report = createReporter(closed, client, { email: `${MARKUP}@example.com` })
    await report(HOSTILE, {
      errors: [`${HOSTILE} in "${MARKUP}"`, 'javascript:alert(3)', '</script><svg onload=alert(4)>'].map((message) => ({
        message,
      })),
      warnings: [{ message: `{AMOUNT} ${MARKUP}\n\u0000\u2066\u200B` }],
      isLast: true,
      outcome: 'failed',
      reason: HOSTILE,
    })
    await report(`${'long'.repeat(255)}.csv`, { errors: [{ message: 'x'.repeat(65_536) }] })
    await using watched = await openPage(browser, { viewport: { width: 360, height: 740 } })
    const { page } = watched
    await page.route('**/clients', async (route) =>
      route.fulfill({
        json: [
          { clientKrn: HOSTILE, files: 1, lastUpdate: '2026-01-01T00:00:00.000Z' },
          { clientKrn: client, files: 1, lastUpdate: '2026-01-01T00:00:00.000Z' },
        ],
      }),
    )
    const nothingRan = async () => {
      expect(await page.locator('main :is(img, script, svg, iframe)').count()).toBe(0)
      expect(await overflow(page)).toBe(0)
      expect(await page.title()).not.toContain('\u202E')
      expect(watched.trouble).toEqual([])
    }
    await signedIn(page)
    await page.getByText(MARKUP).first().waitFor()
    await nothingRan()
    await page.getByRole('link', { name: client }).click()
    const file = page.locator('li.file', { has: page.getByRole('link', { name: MARKUP }) })
    await file.waitFor()
    expect(await file.locator('.unseen').first().textContent()).toBe('U+202E')
    expect(await file.getByRole('link').textContent()).toBe(HOSTILE.replace('\u202E', 'U+202E'))
    expect(await page.locator('main').textContent()).not.toContain('\u202E')
    await nothingRan()
    await file.getByRole('link').click()
    await page.locator('.kind-section li').first().waitFor()
    for (const pattern of await page.locator('.pattern-head').all()) {
      await pattern.click()
      await page.getByRole('region', { name: 'Lines of this pattern' }).waitFor()
      await nothingRan()
    }
    await page.getByText('History').click()
    await nothingRan()
    await page.goto(`${closed.url}/#client=${client}&file=${'long'.repeat(255)}.csv&kind=error&pattern=e1`)
    await page.getByRole('region', { name: 'Lines of this pattern' }).waitFor()
    await page.getByRole('button', { name: 'all 1,024 characters' }).click()
    expect(await page.locator('h1').textContent()).toBe(`${'long'.repeat(255)}.csv`)
    await nothingRan()
    await page.goto(
      `${closed.url}/#client=${encodeURIComponent(MARKUP)}&file=${encodeURIComponent(HOSTILE)}&q=${MARKUP}`,
    )
    await page.getByText("Not a client's name").waitFor()
    expect(watched.trouble.filter((text) => !text.includes('400 (Bad Request)'))).toEqual([])
  })

  it.for(['light', 'dark'] as const)('has no barrier in %s, and fits a narrow screen', async (colorScheme) => {
    await using watched = await openPage(browser, { colorScheme, viewport: { width: 360, height: 740 } })
    const { page } = watched
    const barriers = async () => {
      expect(await findBarriers(page)).toEqual([])
      expect(await overflow(page)).toBe(0)
    }
    await page.goto(closed.url)
    await page.getByRole('heading', { name: 'Open a client' }).waitFor()
    await barriers()
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByLabel('Token').fill('?')
    await page.keyboard.press('Enter')
    await page.getByText('That is not a token').waitFor()
    await barriers()
    await page.getByLabel('Token').fill(admin)
    await page.keyboard.press('Enter')
    await page.locator('li.client').first().waitFor()
    await barriers()
    await page.getByRole('link', { name: CLIENT }).click()
    await row(page, 'orders.csv').waitFor()
    await barriers()
    await page.goto(`${closed.url}/#${LINK}&file=orders.csv&kind=error&pattern=e1`)
    await page.getByRole('region', { name: 'Lines of this pattern' }).waitFor()
    await page.getByText('History').click()
    await page.getByRole('region', { name: 'History of the file' }).waitFor()
    await barriers()
    await page.setViewportSize({ width: 1_280, height: 900 })
    await barriers()
    await page.goto(`${closed.url}/#${LINK}&file=nothing`)
    await page.getByText('No such file').waitFor()
    await barriers()
    await page.goto(`${closed.url}/#client=krn:acme:client:empty`)
    await page.getByText('No files yet').waitFor()
    await barriers()
  })
})
