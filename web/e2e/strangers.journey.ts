import { expect, it } from 'vitest'
import { appPath, pages } from '@/app/pages'
import { type AppMade, redeem, settled, world } from './world.ts'

const w = world()

// Each would set ran, if it ran.
const run = 'window.ran=1'
const payloads = [
  `<script>${run}</script>`,
  `"><img src=x onerror=${run}>`,
  `'><svg onload=${run}>`,
  `</title><script>${run}</script>`,
  `</textarea><details open ontoggle=${run}>`,
  `javascript:${run}`,
  `<a href="javascript:${run}">x</a>`,
  `<iframe srcdoc="<script>parent.${run}</script>">`,
  `<math><mi xlink:href="javascript:${run}">`,
  `\${${run}}{{constructor.constructor('${run}')()}}`,
  `<style>@import'data:text/css,*{x:y}'</style><b onmouseover=${run}>`,
  `--><noscript><p title="</noscript><img src=x onerror=${run}>">`,
]

it('runs nothing of what strangers have written, on any page', async () => {
  let at = 0
  const text = () => payloads[at++ % payloads.length] ?? ''
  const app = await w.server.call<AppMade>('POST', '/apps', { name: `<b onclick=${run}>App` })
  const of = `/apps/${app.id}`
  let taken = 0
  // A rule of a field may refuse a text, which is as well.
  const put = async (path: string, body: (text: string) => object, method = 'POST') => {
    const made = await Promise.all(payloads.map((p) => w.server.call<{ id?: string; licenses?: { id: string; key: string }[] }>(method, path, body(p)).catch(() => undefined)))
    const there = made.filter((m) => m !== undefined)
    taken += there.length
    return there
  }
  const licenses = (await put(`${of}/licenses`, (note) => ({ duration: '30d', note }))).flatMap((m) => m.licenses ?? [])
  expect(licenses).toHaveLength(payloads.length)
  await put(`${of}/users`, (username) => ({ username }))
  await put(`${of}/variables`, (value) => ({ name: value.slice(0, 40), value }))
  await put(`${of}/files/link`, (name) => ({ name, link: 'https://cdn.example.com/x.zip' }))
  await put(`${of}/webhooks`, (name) => ({ name: name.slice(0, 60), url: 'https://hooks.example.com/x' }))
  await put(`${of}/subscriptions`, (name) => ({ name: name.slice(0, 60), level: 2 + at++ }))
  await put(`${of}/blacklists`, (reason) => ({ kind: 'hwid', value: `a hardware id that is long enough ${reason}`, reason }))
  const [chat] = await put(`${of}/chats`, (name) => ({ name: name.slice(0, 30) }))
  if (chat) await put(`${of}/chats/${chat.id ?? ''}/messages`, (t) => ({ text: t }))
  for (const field of ['loggedInMsg', 'userBanned']) await w.server.call('PATCH', of, { messages: { [field]: text() } }).catch(() => undefined)
  for (const l of licenses.slice(0, 4)) {
    expect((await redeem(w.server, app, l.key, `${text()} a hardware id that is long enough`)).success).toBe(true)
    const named = { name: app.name, ownerid: app.owner_id }
    const init = await w.server.client({ type: 'init', ver: '1.0', ...named })
    for (const p of payloads) await w.server.client({ type: 'log', message: p, pcuser: p.slice(0, 60), sessionid: init.sessionid ?? '', ...named })
  }
  await w.server.call('POST', `${of}/licenses/ban`, { ids: licenses.slice(4).map((l) => l.id), reason: text() })
  await w.server.call('POST', '/api-keys', { name: `<img src=x onerror=${run}>`, permissions: ['apps.read'] })
  expect(taken, 'fields that took what was written').toBeGreaterThan(70)

  const page = await w.signedIn('/apps')
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => {
      Object.assign(window, { broken: `${e.violatedDirective} ${e.blockedURI}` })
    })
  })
  const check = async (where: string) => {
    const found = await page.evaluate(() => ({
      ran: (window as { ran?: number }).ran,
      broken: (window as { broken?: string }).broken,
      links: [...document.querySelectorAll('[href],[src],[action]')].map((e) => e.getAttribute('href') ?? e.getAttribute('src') ?? e.getAttribute('action') ?? '').filter((a) => /^\s*(javascript|data):/i.test(a)),
      made: document.querySelectorAll('#root img[src=x], #root iframe, #root [onclick], #root [onerror], #root [onload], #root [ontoggle], #root [onmouseover]').length,
    }))
    expect(found, where).toEqual({ ran: undefined, broken: undefined, links: [], made: 0 })
  }
  for (const row of pages) {
    await page.goto(w.server.url + (row.of === 'app' ? appPath(app.id, row.path) : `/${row.path}`))
    await settled(page)
    await check(row.path)
    // The card of what stands first.
    const first = page.getByRole('table').getByRole('row').nth(1)
    if (row.of === 'app' && (await first.count()) > 0) {
      await first.getByRole('cell').nth(1).click()
      await settled(page)
      await check(`${row.path}, a card`)
    }
  }
})
