import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, redeem, settled, world } from './world.ts'

const w = world()
let app: AppMade
let at = ''

interface Made {
  licenses: { id: string; key: string }[]
}
const create = (body: object) => w.server.call<Made>('POST', `/apps/${app.id}/licenses`, { duration: '30d', ...body })

beforeAll(async () => {
  app = await w.server.call<AppMade>('POST', '/apps', { name: 'Licenses' })
  at = appPath(app.id, 'licenses')
})

describe('creating licenses', () => {
  it('shows what a mask makes and how strong it is, and says what the server would refuse', async () => {
    const fresh = await w.server.call<AppMade>('POST', '/apps', { name: 'First licenses' })
    const page = await w.signedIn(appPath(fresh.id, 'licenses'))
    await page.getByText('No licenses yet').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Create licenses' }).first().click()
    const form = page.getByRole('dialog', { name: 'Create licenses' })
    await form.waitFor()
    await expectAccessible(page)
    expect(await form.getByTestId('mask-bits').textContent()).toContain('214.3 bits')
    await form.getByRole('textbox', { name: 'Mask' }).fill('SUN-***')
    await form.getByText('Add 8 more *.').waitFor()
    expect(await form.getByTestId('mask-example').textContent()).toMatch(/^SUN-[0-9A-Za-z]{3}$/)
    await form.getByLabel('Lowercase').uncheck()
    await form.getByText('Add 10 more *.').waitFor()
    await form.getByLabel('Uppercase').uncheck()
    await form.getByText('Choose lowercase letters, uppercase letters, or both.').waitFor()
    await form.getByLabel('Uppercase').check()
    await form.getByRole('textbox', { name: 'Mask' }).fill('SUN-*****-*****-*****')
    await form.getByLabel('Amount', { exact: true }).fill('5')
    await form.getByLabel('Note').fill('spring sale')
    await form.getByRole('button', { name: 'Create 5 licenses' }).click()
    const result = page.getByRole('dialog', { name: '5 licenses created' })
    await result.waitFor()
    await expectAccessible(page)
    const keys = await result.getByTestId('new-keys').locator('code').allTextContents()
    expect(keys).toHaveLength(5)
    for (const key of keys) expect(key).toMatch(/^SUN-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}$/)

    await result.getByRole('button', { name: 'Copy all' }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(keys.join('\n'))
    const saved = async (name: string) => {
      await result.getByRole('button', { name: 'Download' }).click()
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name }).click()])
      return readFile(await download.path(), 'utf8')
    }
    expect(await saved('Text, a key a line')).toBe(keys.join('\n') + '\n')
    expect(await saved('CSV')).toContain(`${keys[0]},1,30d,"spring sale"\r\n`)
    expect(JSON.parse(await saved('JSON'))).toHaveLength(5)

    // What was used last is there again; the note is not.
    await result.getByRole('button', { name: 'Create more' }).click()
    expect(await form.getByRole('textbox', { name: 'Mask' }).inputValue()).toBe('SUN-*****-*****-*****')
    expect(await form.getByLabel('Note').inputValue()).toBe('')
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'hidden' })
    expect(await page.getByRole('table').getByText(keys[0] ?? '').count()).toBe(1)
  })

  it('takes a key of one’s own only where that is confirmed', async () => {
    const page = await w.signedIn(`${at}?dialog=create`)
    const form = page.getByRole('dialog', { name: 'Create licenses' })
    await form.getByRole('textbox', { name: 'Mask' }).fill('MY-OWN-KEY')
    await form.getByLabel('Amount', { exact: true }).fill('1')
    await form.getByRole('button', { name: 'Create 1 license' }).click()
    await form.getByText('Confirm below that it is the key itself.').waitFor()
    await form.getByLabel('Use the mask as the key, literally').check()
    await form.getByRole('button', { name: 'Create 1 license' }).click()
    await page.getByRole('dialog', { name: '1 license created' }).getByText('MY-OWN-KEY').waitFor()
    // Once more: the server says at the mask that it is there already, and the form is as it was.
    w.expectErrors(/409|422/)
    await page.getByRole('button', { name: 'Create more' }).click()
    expect(await form.getByRole('textbox', { name: 'Mask' }).inputValue(), 'a key is no mask to remember').toContain('*')
    await form.getByRole('textbox', { name: 'Mask' }).fill('MY-OWN-KEY')
    await form.getByLabel('Use the mask as the key, literally').check()
    await form.getByRole('button', { name: 'Create 1 license' }).click()
    await form.getByText('A license with this key exists already.').waitFor()
    const mask = form.getByRole('textbox', { name: 'Mask' })
    expect(await mask.getAttribute('aria-invalid')).toBe('true')
    expect(await mask.inputValue()).toBe('MY-OWN-KEY')
  })

  it('makes many with a bar that moves, and shows that there are more than it shows', async () => {
    const many = await w.server.call<AppMade>('POST', '/apps', { name: 'Many' })
    const page = await w.signedIn(`${appPath(many.id, 'licenses')}?dialog=create`)
    const form = page.getByRole('dialog', { name: 'Create licenses' })
    await form.getByLabel('Amount', { exact: true }).fill('20000')
    await form.getByRole('button', { name: 'Create 20,000 licenses' }).click()
    await page.getByRole('progressbar').waitFor()
    const result = page.getByRole('dialog', { name: '20,000 licenses created' })
    await result.waitFor()
    await result.getByText('and 19,800 more').waitFor()
    await result.getByRole('button', { name: 'Download' }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Text, a key a line' }).click()])
    expect(new Set((await readFile(await download.path(), 'utf8')).trim().split('\n')).size).toBe(20_000)
    await result.getByRole('button', { name: 'Done' }).click()
    await page.getByTestId('range').getByText('1–50 of 20,000').waitFor()
  })
})

describe('the list', () => {
  it('pages, sorts, searches and filters, and keeps all of it in the address', async () => {
    const own = await w.server.call<AppMade>('POST', '/apps', { name: 'Paging' })
    const base = `/apps/${own.id}/licenses`
    const old = await w.server.call<Made>('POST', base, { amount: 70, duration: '1y', note: 'old ones' })
    await w.server.call('POST', base, { amount: 60, duration: '30d', note: 'new ones' })
    await w.server.call('POST', `${base}/ban`, { ids: old.licenses.slice(0, 3).map((l) => l.id), reason: 'x' })
    const page = await w.signedIn(appPath(own.id, 'licenses'))
    const range = (text: string) => page.getByTestId('range').getByText(text, { exact: true }).waitFor()
    await range('1–50 of 130')
    await page.getByRole('button', { name: 'Next page' }).click()
    await range('51–100 of 130')
    await page.getByRole('button', { name: 'Next page' }).click()
    await range('101–130 of 130')
    expect(await page.getByRole('button', { name: 'Next page' }).isDisabled()).toBe(true)
    await page.reload()
    await range('101–130 of 130')
    await page.getByRole('button', { name: 'Previous page' }).click()
    await range('51–100 of 130')
    await page.goBack()
    await range('101–130 of 130')
    await page.getByRole('button', { name: 'First page' }).click()
    await range('1–50 of 130')

    await page.getByRole('button', { name: 'Sort by Created' }).click()
    await page.waitForURL('**sort=created**')
    await page.getByText('1 year').first().waitFor()
    await page.getByLabel('Rows per page').selectOption('200')
    await range('1–130 of 130')

    await page.getByRole('textbox', { name: 'Search' }).fill('new ones')
    await range('1–60')
    await page.getByRole('textbox', { name: 'Search' }).fill(old.licenses[5]?.key ?? '')
    await page.getByText('old ones').first().waitFor()
    await range('1–1')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByRole('combobox', { name: 'Status' }).click()
    await page.getByRole('option', { name: 'Banned' }).click()
    await page.waitForURL('**status=banned**')
    await range('1–3')
    // The address alone shows the same to somebody else.
    const other = await w.signedIn(new URL(page.url()).pathname + new URL(page.url()).search)
    await other.getByTestId('range').getByText('1–3', { exact: true }).waitFor()
    await expectAccessible(other)
  })

  it('shows the columns that were chosen', async () => {
    await create({ amount: 1 })
    const page = await w.signedIn(at)
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'Created by' }).click()
    await page.getByRole('columnheader', { name: 'Created by' }).waitFor()
    await page.getByRole('menuitemcheckbox', { name: 'Note' }).click()
    await page.reload()
    await page.getByRole('columnheader', { name: 'Created by' }).waitFor()
    expect(await page.getByRole('columnheader', { name: 'Note' }).count()).toBe(0)
  })

  it('saves what it shows as a file', async () => {
    const { licenses } = await create({ amount: 3, note: 'exported' })
    const page = await w.signedIn(`${at}?q=exported`)
    await page.getByRole('button', { name: 'Export' }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Keys as text' }).click()])
    expect((await readFile(await download.path(), 'utf8')).trim().split('\n').sort()).toEqual(licenses.map((l) => l.key).sort())
  })
})

describe('a license', () => {
  it('is looked at, edited, extended, banned, unbanned and deleted', async () => {
    const { licenses } = await create({ note: 'life' })
    const [l] = licenses
    const page = await w.signedIn(`${at}?open=${l?.id}`)
    const details = page.getByRole('dialog', { name: 'License' })
    await details.getByText(l?.key ?? '').waitFor()
    await expectAccessible(page)

    await details.getByRole('button', { name: 'Edit' }).click()
    const edit = page.getByRole('dialog', { name: 'Edit license' })
    await edit.getByLabel('Note').fill('another life')
    await expectAccessible(page)
    await edit.getByRole('button', { name: 'Save changes' }).click()
    await details.getByText('another life').waitFor()

    await details.getByRole('button', { name: 'Extend' }).click()
    const extend = page.getByRole('dialog', { name: 'Extend license' })
    await extend.getByText('1 license will be changed.').waitFor()
    await expectAccessible(page)
    await extend.getByLabel('Extend by: Amount').fill('10')
    await extend.getByRole('button', { name: 'Extend 1 license' }).click()
    await details.getByText('40 days').waitFor()

    await details.getByRole('button', { name: 'Ban', exact: true }).click()
    const ban = page.getByRole('dialog', { name: 'Ban license' })
    await ban.getByLabel('Reason').fill('charged back')
    await ban.getByRole('button', { name: 'Ban 1 license' }).click()
    await details.getByText('charged back').waitFor()
    await details.getByRole('button', { name: 'Unban' }).click()
    await page.getByRole('button', { name: 'Unban 1 license' }).click()
    await details.getByText('Not used', { exact: true }).waitFor()

    await details.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('1 license will be deleted. This cannot be undone.').waitFor()
    await page.getByRole('button', { name: 'Delete 1 license' }).click()
    await page.getByText('1 license deleted').waitFor()
  })

  it('is not overwritten by who has not seen what another tab changed', async () => {
    const { licenses } = await create({ note: 'two tabs' })
    const id = licenses[0]?.id ?? ''
    const one = await w.signedIn(`${at}?open=${id}`)
    await one.getByRole('button', { name: 'Edit' }).click()
    const two = await one.context().newPage()
    await two.goto(`${w.server.url}${at}?open=${id}`)
    await two.getByRole('button', { name: 'Edit' }).click()
    await two.getByLabel('Note').fill('by the second')
    await two.getByRole('button', { name: 'Save changes' }).click()
    await two.getByText('by the second').first().waitFor()
    w.expectErrors(/412/)
    await one.getByLabel('Note').fill('by the first')
    await one.getByRole('button', { name: 'Save changes' }).click()
    await one.getByText('Somebody else has changed this in the meantime.').waitFor()
    expect((await w.server.call<{ note: string }>('GET', `/apps/${app.id}/licenses/${id}`)).note).toBe('by the second')
  })
})

describe('many licenses', () => {
  it('are picked, counted, and changed; used ones are left out of an extension', async () => {
    const own = await w.server.call<AppMade>('POST', '/apps', { name: 'Bulk' })
    const made = await w.server.call<Made>('POST', `/apps/${own.id}/licenses`, { amount: 120, duration: '30d', note: 'bulk' })
    expect((await redeem(w.server, own, made.licenses[0]?.key ?? '', 'a-hardware-id-of-20-or-more')).success).toBe(true)
    const page = await w.signedIn(`${appPath(own.id, 'licenses')}?q=bulk`)
    await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
    await page.getByTestId('selected').getByText('50 selected').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Select all that match' }).click()
    await page.getByRole('toolbar').getByRole('button', { name: 'Extend' }).click()
    await page.getByTestId('preview').getByText('119 of 120 licenses will be changed.').waitFor()
    await page.getByText('1 already used: extend their users instead').waitFor()
    await page.getByRole('button', { name: 'Extend 119 licenses' }).click()
    await page.getByText('119 licenses extended').waitFor()
    await page.getByText('60 days').first().waitFor()

    // What is picked outlives a change of page; more than a hundred are deleted only with the word.
    await page.getByRole('checkbox', { name: 'Select row' }).first().check()
    await page.getByRole('button', { name: 'Next page' }).click()
    await settled(page)
    await page.getByRole('checkbox', { name: 'Select row' }).first().check()
    await page.getByTestId('selected').getByText('2 selected').waitFor()
    await page.getByRole('toolbar').getByRole('button', { name: 'Ban', exact: true }).click()
    await page.getByRole('button', { name: 'Ban 2 licenses' }).click()
    await page.getByText('2 licenses banned').waitFor()
    await page.getByRole('checkbox', { name: 'Select row' }).first().check()
    await page.getByRole('button', { name: 'Select all that match' }).click()
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
    const remove = page.getByRole('button', { name: 'Delete 120 licenses' })
    await remove.waitFor()
    expect(await remove.isDisabled()).toBe(true)
    await page.getByLabel('Type delete to confirm').fill('delete')
    await remove.click()
    await page.getByText('120 licenses deleted').waitFor()
    expect((await w.server.call<{ counts: { total: number } }>('GET', `/apps/${own.id}/licenses`)).counts.total).toBe(0)
  })

  it('come from a file, after a look at what would come of it', async () => {
    const own = await w.server.call<AppMade>('POST', '/apps', { name: 'Import' })
    const page = await w.signedIn(`${appPath(own.id, 'licenses')}?dialog=import`)
    const dialog = page.getByRole('dialog', { name: 'Import licenses' })
    await page.locator('input[type=file]').setInputFiles({
      name: 'keys.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('key,level,duration,note\nAAAAAAAA-BBBBBBBB-CCCC,1,30d,first\nAAAAAAAA-BBBBBBBB-CCCC,1,30d,again\nDDDDDDDD-EEEEEEEE-FFFF,7,1y,\n'),
    })
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Check the file' }).click()
    await dialog.getByText('2 licenses of 3 rows would be imported.').waitFor()
    await dialog.getByText('1 row: the key appears earlier in the file').waitFor()
    await dialog.getByText('No subscription has level 7').waitFor()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Import 2 licenses' }).click()
    await page.getByText('2 licenses imported').waitFor()
    await page.getByRole('table').getByText('AAAAAAAA-BBBBBBBB-CCCC').waitFor()
  })
})
