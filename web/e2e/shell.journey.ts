import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { appPath, pages } from '@/app/pages'
import { owner } from './server.ts'
import { type AppMade, expectAccessible, settled, world } from './world.ts'

const w = world()
const mod = process.platform === 'darwin' ? 'Meta' : 'Control'

describe('signing in and out', () => {
  it('leads to the page that was asked for, and out again', async () => {
    const page = await w.open()
    await page.goto(`${w.server.url}/apps?q=x`)
    await page.waitForURL('**/sign-in?to=*')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Enter your e-mail address.').waitFor()
    await page.getByLabel('E-mail address').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.getByLabel('Password', { exact: true }).press('Enter')
    await page.waitForURL('**/apps?q=x')
    await page.getByRole('heading', { name: 'Applications' }).waitFor()
    await page.getByRole('button', { name: /^Your account/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL('**/sign-in')
    await page.goto(`${w.server.url}/apps`)
    await page.waitForURL('**/sign-in?to=*')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.waitForFunction(() => document.title.includes('Sign in'))
  })

  it('says what is wrong with a wrong password, and goes nowhere else', async () => {
    w.expectErrors(/401/)
    const page = await w.open()
    await page.goto(`${w.server.url}/sign-in?to=//evil.example/`)
    await page.getByLabel('E-mail address').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await expectAccessible(page)
    await page.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/welcome')
    expect(page.url().startsWith(w.server.url)).toBe(true)
  })

  it('asks again when the session has ended, keeps what was typed, and does what was asked for', async () => {
    w.expectErrors(/401/)
    const page = await w.signedIn('/apps')
    await page.getByRole('heading', { name: 'Applications' }).waitFor()
    // Ended from elsewhere, as in another browser.
    await page.context().clearCookies()
    const name = `Kept ${Date.now()}`
    await page.getByRole('button', { name: 'New application' }).first().click()
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Create application' }).click()
    const again = page.getByRole('dialog', { name: 'Your session has ended' })
    await again.getByText(owner.email).waitFor()
    await expectAccessible(page)
    // It is no dialog to be closed by the way.
    await page.keyboard.press('Escape')
    await again.getByLabel('Password', { exact: true }).fill('not the password')
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.getByRole('alert').waitFor()
    await again.getByLabel('Password', { exact: true }).fill(owner.password)
    await again.getByRole('button', { name: 'Sign in' }).click()
    // The call that was refused has been made, once.
    await page.getByText('Your first customer is three steps away').waitFor()
    const { apps } = await w.server.call<{ apps: { name: string }[] }>('GET', '/apps?limit=1000')
    expect(apps.filter((a) => a.name === name)).toHaveLength(1)
  })

  it('asks also when the tab, come back to, finds out by itself', async () => {
    w.expectErrors(/401/)
    const page = await w.open()
    await page.clock.install()
    await page.context().request.post(`${w.server.url}/api/v1/session`, { data: owner })
    await page.goto(`${w.server.url}/account`)
    await page.getByRole('heading', { name: 'Account' }).waitFor()
    await page.context().clearCookies()
    await page.clock.fastForward('05:00')
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    const again = page.getByRole('dialog', { name: 'Your session has ended' })
    await again.getByText(owner.email).waitFor()
    await again.getByLabel('Password', { exact: true }).fill(owner.password)
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: `Your account: ${owner.email}` }).waitFor()
  })

  it('lets another person sign in where a session has ended, who goes on there', async () => {
    w.expectErrors(/401/)
    const page = await w.signedIn('/apps')
    await page.getByRole('heading', { name: 'Applications' }).waitFor()
    await page.context().clearCookies()
    await page.getByRole('link', { name: 'Server' }).dispatchEvent('click') // what a hand points at may ask ahead
    await page.getByRole('dialog', { name: 'Your session has ended' }).getByRole('button', { name: 'Go to the sign-in page' }).click()
    await page.waitForURL('**/sign-in?to=*')
    await page.getByText('Your session has ended.').waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.getByLabel('E-mail address').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL((u) => !u.pathname.endsWith('/sign-in'))
  })
})

describe('the frame', () => {
  describe.each([
    ['wide', {}],
    ['narrow and dark', { narrow: true, dark: true }],
  ])('%s', (_, look) => {
    it('shows every page without a fault that axe finds', async () => {
      const app = await w.server.call<AppMade>('POST', '/apps', { name: `Frame ${JSON.stringify(look)}` })
      await w.server.call('POST', `/apps/${app.id}/licenses`, { amount: 30, duration: '30d', note: 'a note' })
      const page = await w.signedIn('/apps', look)
      await w.signedIn('/apps') // so that there is another session, and a button that ends it
      const paths = pages.map((row) => (row.of === 'app' ? appPath(app.id, row.path) : `/${row.path}`))
      for (const path of [...paths, '/account?tab=sessions', '/account?tab=signIns', '/server?tab=audit']) {
        const shifts = await visit(page, w.server.url + path)
        await expectAccessible(page)
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} scrolls sideways`).toBe(true)
        expect(shifts, `${path} moves while it loads`).toBeLessThan(0.1)
      }
    })
  })

  it.each([
    ['light', {}],
    ['dark', { dark: true }],
  ])('opens menus in which axe finds nothing either, %s', async (_, look) => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Menus' })
    await w.server.call('POST', `/apps/${app.id}/licenses`, { amount: 3, duration: '30d' })
    const page = await w.signedIn(appPath(app.id, 'licenses'), look)
    await page.getByRole('table').getByText('Not used').first().waitFor()
    const opens = async (button: Locator, what: Locator) => {
      await button.click()
      await what.first().waitFor()
      await page.mouse.move(0, 0)
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await what.first().waitFor({ state: 'hidden' })
    }
    const menu = page.getByRole('menu')
    await opens(page.getByRole('button', { name: /^Your account/ }), menu)
    await opens(page.getByRole('button', { name: /^Application: / }), page.getByRole('listbox'))
    await opens(page.getByRole('button', { name: /^Actions of/ }).first(), menu)
    await opens(page.getByRole('button', { name: 'Columns' }), menu)
    await opens(page.getByRole('button', { name: 'Export' }), menu)
    await opens(page.getByRole('button', { name: /^Filters?/ }), page.getByRole('dialog'))
  })

  it('goes anywhere by Ctrl+K', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Palette' })
    const made = await w.server.call<{ licenses: { id: string; key: string }[] }>('POST', `/apps/${app.id}/licenses`, { duration: '30d', note: 'order 4711' })
    const page = await w.signedIn(appPath(app.id, 'licenses'))
    const key = made.licenses[0]?.key ?? ''
    await page.getByText(key).waitFor()
    await page.keyboard.press(`${mod}+k`)
    await page.getByRole('textbox', { name: 'Search or jump to…' }).fill(key)
    await page.locator('[data-action]').getByText('order 4711').waitFor()
    await expectAccessible(page)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/licenses?open=${made.licenses[0]?.id}`)
    await page.getByRole('dialog', { name: 'License' }).waitFor()
    await page.keyboard.press('Escape')
    await page.waitForURL('**/licenses')
    await page.keyboard.press(`${mod}+k`)
    await page.getByRole('textbox', { name: 'Search or jump to…' }).fill('applications')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/apps')
  })

  it('is reached by keyboard alone: past the navigation, to the search, and out of it', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Keyboard' })
    await w.server.call('POST', `/apps/${app.id}/licenses`, { duration: '30d' })
    const page = await w.signedIn(appPath(app.id, 'licenses'))
    await page.getByRole('table').waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content')
    await page.keyboard.press('/')
    await page.keyboard.type('zzz')
    await page.getByText('Nothing matches').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('table').waitFor()
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY')
  })

  it('opens the navigation of a narrow screen, and changes the application', async () => {
    await w.server.call('POST', '/apps', { name: 'Narrow one' })
    const page = await w.signedIn('/apps', { narrow: true })
    await page.getByRole('heading', { name: 'Applications' }).waitFor()
    await page.getByRole('button', { name: 'Open navigation' }).click()
    await page.getByRole('button', { name: /^Application:/ }).click()
    await page.getByRole('option', { name: 'Narrow one' }).click()
    await page.waitForURL('**/overview')
    await page.getByText('Your first customer is three steps away').waitFor()
    expect(await page.getByRole('navigation').evaluate((e) => e.hasAttribute('inert'))).toBe(true)
  })

  it('keeps the colors that were chosen', async () => {
    const page = await w.signedIn('/apps')
    await page.getByRole('button', { name: /^Your account/ }).click()
    await page.getByText('Dark', { exact: true }).click()
    await page.reload()
    expect(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe('dark')
  })

  it('says of an address that is none that it is none', async () => {
    w.expectErrors(/404/)
    const page = await w.signedIn('/no/such/page')
    await page.getByText('There is no such page').waitFor()
    await expectAccessible(page)
    // The frame leads on.
    await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click()
    await page.getByRole('heading', { name: 'Applications' }).waitFor()
    await page.goto(`${w.server.url}/apps/app_00000000000000000000000000/licenses`)
    await page.getByText('There is no such page').waitFor()
    await page.getByRole('link', { name: 'Go to the start' }).click()
    await page.waitForURL('**/overview')
  })
})

/** Goes to a page, waits for it, and says how much moved meanwhile (Cumulative Layout Shift). */
async function visit(page: Page, url: string): Promise<number> {
  await page.goto(url)
  await settled(page)
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0
        const add = (list: PerformanceEntry[]) => {
          for (const e of list as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) if (!e.hadRecentInput) sum += e.value
        }
        const observer = new PerformanceObserver((l) => {
          add(l.getEntries())
        })
        observer.observe({ type: 'layout-shift', buffered: true })
        setTimeout(() => {
          add(observer.takeRecords())
          resolve(sum)
        }, 300)
      }),
  )
}
