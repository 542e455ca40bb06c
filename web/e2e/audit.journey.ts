import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, settled, world } from './world.ts'

interface Letter {
  headers: Record<string, string | string[] | undefined>
  body: string
  type: string
  data: { first_seq?: number; last_seq?: number; previous_hash?: string; last_hash?: string; events?: { seq: number; action: string }[] }
}

// A receiver at this machine, which the server is allowed to call.
let status = 204
const letters: Letter[] = []
const receiver = createServer((req, res) => {
  let body = ''
  req.on('data', (text) => (body += String(text)))
  req.on('end', () => {
    letters.push({ ...(JSON.parse(body) as Letter), headers: req.headers, body })
    res.writeHead(status).end()
  })
})
receiver.listen(0, '127.0.0.1')
await once(receiver, 'listening')
const { port } = receiver.address() as AddressInfo
const w = world({ flags: ['--egress-allow-http', '--egress-ports', String(port), '--egress-allow', '127.0.0.0/8'] })
let app: AppMade

beforeAll(async () => {
  app = await w.server.call<AppMade>('POST', '/apps', { name: 'Watched' })
})
afterAll(() => receiver.close())

async function until(what: string, holds: () => boolean) {
  for (let i = 0; !holds(); i++) {
    if (i > 300) throw new Error(`never: ${what}`)
    await new Promise((done) => setTimeout(done, 100))
  }
}

function signed(letter: Letter, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const text = `${String(letter.headers['webhook-id'])}.${String(letter.headers['webhook-timestamp'])}.${letter.body}`
  const want = createHmac('sha256', key).update(text).digest('base64')
  return String(letter.headers['webhook-signature']).split(' ').includes(`v1,${want}`)
}

it('the audit log is sent to a webhook, which stops, goes on and ends', async () => {
  const page = await w.signedIn(appPath(app.id, 'audit'))
  w.expectErrors(/400/)
  await page.getByRole('button', { name: 'Send to a webhook' }).click()
  const form = page.getByRole('dialog', { name: 'Send the log to a webhook' })
  await form.getByLabel('Address').fill('https://10.1.2.3/audit')
  await form.getByRole('button', { name: 'Start sending' }).click()
  await form.locator('[aria-invalid=true]').waitFor()
  await form.getByRole('combobox', { name: 'Begin' }).click()
  await page.getByRole('option', { name: 'With the first entry of the log' }).click()
  await form.getByLabel('Address').fill(`http://127.0.0.1:${port}/audit`)
  await settled(page)
  await expectAccessible(page)
  await form.getByRole('button', { name: 'Start sending' }).click()

  // The secret is shown once, and signs what arrives.
  const once = page.getByRole('dialog', { name: 'The secret of the webhook' })
  const secret = (await once.getByRole('status', { name: 'Secret' }).textContent()) ?? ''
  expect(secret).toMatch(/^whsec_/)
  await expectAccessible(page)
  await once.getByRole('button', { name: 'Done' }).click()
  await until('the log arrives', () => letters.length > 0)
  const [first] = letters
  expect(first && signed(first, secret)).toBe(true)
  expect(first?.data.first_seq).toBe(1)
  expect(first?.data.events?.map((e) => e.action)).toContain('app.create')

  // How far it is, and a test.
  const state = page.getByRole('dialog', { name: 'Send the log to a webhook' })
  await state.getByText('Everything has arrived').waitFor()
  await state.getByText('127.0.0.1').waitFor()
  await expectAccessible(page)
  await state.getByRole('button', { name: 'Test', exact: true }).click()
  await page.getByText(/Answered 204 after/).waitFor()
  await until('the test arrives', () => letters.some((l) => l.type === 'audit.test'))
  expect(letters.every((l) => signed(l, secret))).toBe(true)

  // A new secret signs beside the old one.
  await state.getByRole('button', { name: 'New secret' }).click()
  const next = (await once.getByRole('status', { name: 'Secret' }).textContent()) ?? ''
  expect(next).not.toBe(secret)
  await once.getByRole('button', { name: 'Done' }).click()
  await until('both sign', () => letters.some((l) => signed(l, next) && signed(l, secret)))

  // Who wants no more gets no more, until the seller says so.
  await state.getByText('Everything has arrived').waitFor()
  status = 410
  await w.server.call('POST', `/apps/${app.id}/subscriptions`, { name: 'gold', level: 2 })
  await state.getByText('Sending has stopped').waitFor()
  await state.getByText(/status 410/).waitFor()
  await settled(page)
  await expectAccessible(page)
  status = 204
  await state.getByRole('button', { name: 'Continue' }).click()
  await state.getByText('Everything has arrived').waitFor()
  const events = letters.filter((l) => l.headers['webhook-id'] !== undefined).flatMap((l) => l.data.events ?? [])
  for (const action of ['subscription.create', 'audit_webhook.stop', 'audit_webhook.resume']) expect(events.map((e) => e.action)).toContain(action)

  // It ends, and the log tells of all that.
  await state.getByRole('button', { name: 'Stop sending' }).click()
  await page.getByRole('dialog', { name: /Send nothing more/ }).getByRole('button', { name: 'Stop sending' }).click()
  await page.getByText('The log is no longer sent').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText(/had the audit log sent to/).first().waitFor()
  await page.getByText(/stopped sending the audit log: status 410/).first().waitFor()
})

it('looks right on a phone and in the dark', async () => {
  await w.server.call('PUT', `/apps/${app.id}/audit-webhook`, { url: `http://127.0.0.1:${port}/audit` })
  for (const how of [{ dark: true }, { narrow: true }]) {
    const page = await w.signedIn(`${appPath(app.id, 'audit')}?dialog=webhook`, how)
    await page.getByText('Everything has arrived').waitFor()
    await settled(page)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Change address' }).click()
    await page.getByRole('textbox', { name: 'Address' }).waitFor()
    await settled(page)
    await expectAccessible(page)
    await page.close()
  }
})
