import { beforeAll, describe, expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, redeem, world } from './world.ts'

const w = world()
let app: AppMade
const named = () => ({ name: app.name, ownerid: app.owner_id })

beforeAll(async () => {
  app = await w.server.call<AppMade>('POST', '/apps', { name: 'Program' })
})

const session = async () => (await w.server.client({ type: 'init', ver: '1.0', ...named() })).sessionid ?? ''

describe('what programs use', () => {
  it('a variable is added, read by a program, changed, deleted', async () => {
    const page = await w.signedIn(appPath(app.id, 'variables'))
    await page.getByRole('button', { name: 'Add variable' }).first().click()
    const form = page.getByRole('dialog', { name: 'Add a variable' })
    await form.getByLabel('Name').fill('motd')
    await form.getByLabel('Value').fill('Hello')
    await form.getByLabel('Only after signing in').uncheck()
    await expectAccessible(page)
    await form.getByRole('button', { name: 'Add variable' }).click()
    await page.getByText('Variable added').waitFor()
    const read = async () => (await w.server.client({ type: 'var', varid: 'motd', sessionid: await session(), ...named() })).message
    expect(await read()).toBe('Hello')
    await page.getByRole('table').getByText('motd').click()
    const edit = page.getByRole('dialog', { name: 'Edit variable' })
    expect(await edit.getByLabel('Value').inputValue()).toBe('Hello')
    await edit.getByLabel('Value').fill('Good evening')
    await edit.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Saved').waitFor()
    expect(await read()).toBe('Good evening')
    await page.getByRole('row').filter({ hasText: 'motd' }).getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete variable' }).click()
    await page.getByText('Variable deleted').waitFor()
    expect(await read()).toBe('Variable not found.')
  })

  it('a file is uploaded, fetched by a program, replaced', async () => {
    const page = await w.signedIn(appPath(app.id, 'files'))
    await page.getByRole('button', { name: 'Upload' }).first().click()
    const form = page.getByRole('dialog', { name: 'Upload a file' })
    await form.locator('input[type="file"]').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('first') })
    await form.getByLabel('Only after signing in').uncheck()
    await expectAccessible(page)
    await form.getByRole('button', { name: 'Upload' }).click()
    await page.getByText('File uploaded').waitFor()
    const [file] = (await w.server.call<{ files: { id: string }[] }>('GET', `/apps/${app.id}/files`)).files
    const fetched = async () => {
      const a = (await w.server.client({ type: 'file', fileid: file?.id ?? '', sessionid: await session(), ...named() })) as { contents?: string }
      return Buffer.from(a.contents ?? '', 'hex').toString()
    }
    expect(await fetched()).toBe('first')
    await page.getByRole('row').filter({ hasText: 'notes.txt' }).getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: 'Replace content' }).click()
    const replace = page.getByRole('dialog', { name: 'Replace notes.txt' })
    await replace.locator('input[type="file"]').setInputFiles({ name: 'x', mimeType: 'text/plain', buffer: Buffer.from('second') })
    await replace.getByRole('button', { name: 'Replace content' }).click()
    await page.getByText('Content replaced').waitFor()
    expect(await fetched()).toBe('second')
  })

  it('a webhook is added and refuses what lies inside', async () => {
    const page = await w.signedIn(appPath(app.id, 'webhooks'))
    await page.getByRole('button', { name: 'Add webhook' }).first().click()
    const form = page.getByRole('dialog', { name: 'Add a webhook' })
    await form.getByLabel('Name').fill('orders')
    await form.getByLabel('Address').fill('https://127.0.0.1/')
    w.expectErrors(/400/)
    await form.getByRole('button', { name: 'Add webhook' }).click()
    await form.locator('[aria-invalid="true"]').waitFor()
    await form.getByLabel('Address').fill('https://hooks.example.com/orders')
    await form.getByRole('button', { name: 'Add webhook' }).click()
    await page.getByText('Webhook added').waitFor()
    await expectAccessible(page)
  })

  it('a channel is added, spoken in, cleared', async () => {
    const page = await w.signedIn(appPath(app.id, 'chats'))
    await page.getByRole('button', { name: 'Add channel' }).first().click()
    const form = page.getByRole('dialog', { name: 'Add a channel' })
    await form.getByLabel('Name').fill('lobby')
    await form.getByRole('button', { name: 'Add channel' }).click()
    await page.getByRole('table').getByText('lobby').click()
    const channel = page.getByRole('dialog', { name: 'Channel lobby' })
    await channel.getByLabel('Say something').fill('Welcome, everybody')
    await channel.getByRole('button', { name: 'Send' }).click()
    await channel.locator('p').filter({ hasText: 'Welcome, everybody' }).waitFor()
    await expectAccessible(page)
    await channel.getByRole('button', { name: 'Clear channel' }).click()
    await page.getByRole('dialog', { name: 'Clear lobby?' }).getByRole('button', { name: 'Clear channel' }).click()
    await page.getByText('1 message deleted').waitFor()
  })

  it('a blacklisted device is refused, and let in again', async () => {
    const made = await w.server.call<{ licenses: { key: string }[] }>('POST', `/apps/${app.id}/licenses`, { amount: 1, duration: '30d' })
    const key = made.licenses[0]?.key ?? ''
    const page = await w.signedIn(appPath(app.id, 'blacklist'))
    await page.getByRole('button', { name: 'Add entry' }).first().click()
    const form = page.getByRole('dialog', { name: 'Add an entry' })
    await form.getByLabel('Kind').click()
    await page.getByRole('option', { name: 'Hardware id' }).click()
    await form.getByLabel('Value').fill('hwid-of-a-bad-computer')
    await expectAccessible(page)
    await form.getByRole('button', { name: 'Add entry' }).click()
    await page.getByText('Entry added').waitFor()
    expect((await redeem(w.server, app, key, 'hwid-of-a-bad-computer')).message).toBe("You've been blacklisted from our application")
    await page.getByRole('row').filter({ hasText: 'hwid-of-a-bad-computer' }).getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete 1 entry' }).click()
    await page.getByText('1 entry deleted').waitFor()
    expect((await redeem(w.server, app, key, 'hwid-of-a-bad-computer')).success).toBe(true)
  })
})
