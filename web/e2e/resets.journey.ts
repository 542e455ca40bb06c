import { beforeAll, describe, expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, redeem, world } from './world.ts'

const w = world()
let app: AppMade

/** A customer on their own page, as a page of the seller's own calls for them. */
async function customer(license: string) {
  let cookie = ''
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${w.server.url}/panel/api/${app.owner_id}/${app.name}${path}`, {
      method,
      headers: { origin: w.server.url, 'content-type': 'application/json', cookie },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const set = answer.headers.get('set-cookie')
    if (set) cookie = set.split(';')[0] ?? ''
    const text = await answer.text()
    expect(answer.ok, text).toBe(true)
    return JSON.parse(text) as T
  }
  await call('POST', '/session', { license })
  return call
}

interface Card {
  devices: unknown[]
  reset_requested_at?: string
  reset_declined_at?: string
  next_device_reset?: string
}

beforeAll(async () => {
  app = await w.server.call<AppMade>('POST', '/apps', { name: 'Resets' })
  await w.server.call('PATCH', `/apps/${app.id}`, { settings: { customer_panel: true } })
})

describe('device resets that need approval', () => {
  it('are asked for by customers, found, approved and declined', async () => {
    const page = await w.signedIn(appPath(app.id, 'settings'))
    await page.getByLabel('Approve resets by customers').check()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Settings saved').waitFor()

    const made = await w.server.call<{ licenses: { key: string }[] }>('POST', `/apps/${app.id}/licenses`, { amount: 3, duration: '30d' })
    const [ann = '', bob = '', cid = ''] = made.licenses.map((l) => l.key)
    for (const key of [ann, bob, cid]) expect((await redeem(w.server, app, key, 'hwid-of-the-first-computer')).success).toBe(true)
    await page.goto(w.server.url + appPath(app.id, 'users'))
    await page.getByRole('table').getByText(cid).waitFor()

    const [asAnn, asBob] = [await customer(ann), await customer(bob)]
    for (const call of [asAnn, asBob]) {
      const card = await call<Card>('POST', '/devices/reset', {})
      expect(card.reset_requested_at).toBeTruthy()
      expect(card.devices).toHaveLength(1)
    }
    expect((await redeem(w.server, app, ann, 'hwid-of-another-computer')).success).toBe(false)

    // The page says so by itself, and leads to who waits.
    await page.getByRole('link', { name: '2 ask for a device reset' }).click()
    await page.getByRole('table').getByText(cid).waitFor({ state: 'detached' })
    await expectAccessible(page)
    const card = page.getByRole('dialog', { name: 'User', exact: true })
    await page.getByRole('table').getByRole('row').filter({ hasText: ann }).getByText('Active').click()
    await card.getByText('Asks for a device reset').waitFor()
    await expectAccessible(page)
    await card.getByRole('button', { name: 'Approve' }).click()
    await page.getByText('Devices reset').waitFor()
    await card.getByText('Asks for a device reset').waitFor({ state: 'detached' })
    expect((await redeem(w.server, app, ann, 'hwid-of-another-computer')).success).toBe(true)
    await card.getByRole('tab', { name: 'Audit' }).click()
    await card.getByText(/unbound 1 device of .*, as they had asked/).waitFor()
    await card.getByText(/asked for a reset of their devices/).waitFor()
    await page.keyboard.press('Escape')

    await page.getByRole('link', { name: '1 asks for a device reset' }).waitFor()
    await page.getByRole('table').getByText(ann).waitFor({ state: 'detached' })
    await page.getByRole('table').getByText('Active').click()
    await card.getByRole('button', { name: 'Decline' }).click()
    const decline = page.getByRole('dialog', { name: 'Decline the device reset?' })
    await decline.getByLabel('Reason').fill('the third in a month')
    await expectAccessible(page)
    await decline.getByRole('button', { name: 'Decline' }).click()
    await page.getByText('Request declined').waitFor()
    await card.getByText('Device reset declined').waitFor()
    await card.getByRole('tab', { name: 'Audit' }).click()
    await card.getByText(/You declined the device reset of .*: the third in a month/).waitFor()
    await page.getByRole('link', { name: /for a device reset/ }).waitFor({ state: 'detached' })
    const told = await asBob<Card>('GET', '/me')
    expect(told.reset_requested_at).toBeUndefined()
    expect(told.reset_declined_at).toBeTruthy()
    expect(told.next_device_reset).toBeTruthy()
    expect((await redeem(w.server, app, bob, 'hwid-of-another-computer')).success).toBe(false)
  })

  it('stand on the overview and on narrow, dark screens as well', async () => {
    const made = await w.server.call<{ licenses: { key: string }[] }>('POST', `/apps/${app.id}/licenses`, { amount: 1, duration: '30d' })
    const dot = made.licenses[0]?.key ?? ''
    expect((await redeem(w.server, app, dot, 'hwid-of-the-first-computer')).success).toBe(true)
    await (await customer(dot))<Card>('POST', '/devices/reset', {})
    const page = await w.signedIn(appPath(app.id, 'overview'), { narrow: true, dark: true })
    await page.getByText('1 asking for a device reset').waitFor()
    await expectAccessible(page)
    await page.goto(`${w.server.url}${appPath(app.id, 'users')}?reset=true`)
    await page.getByText(dot).first().waitFor()
    await page.getByText('Active').first().click()
    const card = page.getByRole('dialog', { name: 'User', exact: true })
    await card.getByRole('button', { name: 'Approve' }).waitFor()
    await expectAccessible(page)
  })
})
