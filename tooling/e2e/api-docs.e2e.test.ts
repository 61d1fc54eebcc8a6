import { expect, it } from 'vitest'
import { launchBrowser, openPage, withoutBrowser } from './page-browser.ts'
import { dataFolder, startHttpProcess } from './start-http-process.ts'

it.skipIf(withoutBrowser)(
  '/api-docs shows the operations, and nothing that leads elsewhere (CHROMIUM_PATH)',
  async () => {
    await using folder = await dataFolder()
    await using server = await startHttpProcess({ dataDir: folder.path })
    await using owned = new AsyncDisposableStack()
    const browser = owned.adopt(await launchBrowser(), (launched) => launched.close())
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(`${server.url}/api-docs`)
    await page.getByText('Report progress of a file').first().waitFor()
    await page.getByText('Download OpenAPI Document').first().waitFor()
    for (const foreign of ['Developer Tools', 'Share', 'Deploy'])
      expect(await page.getByText(foreign, { exact: true }).count(), foreign).toBe(0)
    // It tries whether it may make code of text, and may not.
    expect(watched.trouble.filter((trouble) => trouble !== 'policy: script-src')).toEqual([])
  },
)
