import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { axeSource, owner, type Server, startServer } from './server.ts'

export { owner, redeem } from './server.ts'
export type { AppMade } from './server.ts'

const patience = 30_000 // milliseconds; small machines are busy at times
const shots = new URL('../shots', import.meta.url).pathname

/** A server and a browser, for the tests of one file. */
export interface World {
  server: Server
  browser: Browser
  /** A page of a person's own: no cookies, nothing remembered. What it logs as an error fails the test. */
  open: (options?: { narrow?: boolean; dark?: boolean }) => Promise<Page>
  /** Such a page, signed in as the owner. */
  signedIn: (path?: string, options?: { narrow?: boolean; dark?: boolean }) => Promise<Page>
  /** Says that errors that match are meant to happen in this test. */
  expectErrors: (...patterns: RegExp[]) => void
}

export function world(options: Parameters<typeof startServer>[0] = {}): World {
  const w = {} as World
  const contexts: BrowserContext[] = []
  let errors: string[] = []
  let meant: RegExp[] = []

  // What one walk makes of a server without an owner cannot be walked again: each walk gets its own. Vitest runs what
  // follows a test in the reverse order, so this comes last.
  const [first, last] = options.fresh ? [beforeEach, afterEach] : [beforeAll, afterAll]
  first(async () => {
    w.server = await startServer(options)
    w.browser = await launch()
  })
  last(async () => {
    await w.browser?.close()
    await w.server?.close()
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      // What it looked like, for whoever has to find out why.
      const pages = contexts.flatMap((c) => c.pages())
      await Promise.all(pages.map((p, i) => p.screenshot({ path: `${shots}/failed ${task.name.replace(/\W+/g, ' ')} ${i}.png` }).catch(() => undefined)))
    }
    await Promise.all(contexts.splice(0).map((c) => c.close()))
    const unexpected = errors.filter((text) => !meant.some((p) => p.test(text)))
    errors = []
    meant = []
    fail('errors in the console', unexpected)
  })
  w.expectErrors = (...patterns) => {
    meant.push(...patterns)
  }
  w.open = async ({ narrow = false, dark = false } = {}) => {
    const context = await w.browser.newContext({
      viewport: narrow ? { width: 390, height: 844 } : { width: 1440, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
      hasTouch: narrow,
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
      locale: 'en-US',
    })
    contexts.push(context)
    context.setDefaultTimeout(patience)
    const watch = (page: Page) => {
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`)
      })
      page.on('pageerror', (e) => errors.push(String(e)))
    }
    context.on('page', watch)
    return context.newPage()
  }
  w.signedIn = async (path = '/', how) => {
    const page = await w.open(how)
    const answer = await page.context().request.post(`${w.server.url}/api/v1/session`, { data: owner })
    expect(answer.status()).toBe(201)
    await page.goto(w.server.url + path)
    return page
  }
  return w
}

// As scripts/need-chromium.sh looks for it.
const shell = '/usr/bin/chromium-headless-shell'
const program = process.env.CHROMIUM ?? (existsSync(shell) ? shell : '/usr/bin/chromium')

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] })
}

interface Violation {
  id: string
  impact: string
  nodes: { target: string[]; failureSummary: string }[]
}

/** Waits until nothing on the page waits for the server any more. */
export async function settled(page: Page) {
  const quiet = () => document.querySelector('h1') !== null && document.querySelector('[aria-busy=true], .mantine-Skeleton-root') === null
  // Asked from here: what a predicate of waitForFunction promises counts as true.
  const until = Date.now() + 30_000
  for (let times = 0; times < 3; times = (await page.evaluate(quiet)) ? times + 1 : 0) {
    if (Date.now() > until) throw new Error(`the page goes on loading: ${page.url()}`)
    await page.waitForTimeout(60)
  }
}

/** Has axe look at the page; WCAG 2.2 AA and what is good practice beside it. Axe does not see words that are cut off. */
export async function expectAccessible(page: Page) {
  await page.evaluate(axeSource)
  const found = await page.evaluate(async () => {
    const axe = (window as unknown as { axe: { run: (o: object) => Promise<{ violations: Violation[] }> } }).axe
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    return (await axe.run({ runOnly: { type: 'tag', values: tags } })).violations
  })
  fail(
    'axe found',
    found.map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary}`).join('; ')}`),
  )
  const labels = page.locator('.mantine-Button-root, .mantine-Button-label, .mantine-Tabs-tab')
  fail('words are cut off', await labels.evaluateAll((all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)))
}

// The words of the failure say what was found, not that lists differ.
function fail(what: string, found: string[]) {
  if (found.length > 0) throw new Error(`${what}:\n${found.join('\n')}`)
}
