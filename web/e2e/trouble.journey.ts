import { expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, world } from './world.ts'

const w = world()

it('says that the server is away, and goes on by itself when it is back', async () => {
  w.expectErrors(/ERR_CONNECTION|Failed to load resource/)
  const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Away' })
  await w.server.call('POST', `/apps/${app.id}/licenses`, { duration: '30d', note: 'there' })
  const page = await w.signedIn(appPath(app.id, 'licenses'))
  await page.getByText('there').waitFor()
  await w.server.stop()
  await page.getByRole('textbox', { name: 'Search' }).fill('there')
  await page.getByText('The server cannot be reached.').waitFor()
  await page.getByRole('button', { name: 'Try again' }).waitFor({ timeout: 30_000 })
  await expectAccessible(page)
  await w.server.start()
  await page.getByRole('table').getByText('there').waitFor({ timeout: 30_000 })
  expect(await page.getByText('The server cannot be reached.').count()).toBe(0)
})

it('shows what the server says of a fault of its own, and tries again when asked', async () => {
  w.expectErrors(/500/)
  const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Fault' })
  await w.server.call('POST', `/apps/${app.id}/licenses`, { duration: '30d', note: 'behind a fault' })
  const page = await w.signedIn('/apps')
  let broken = true
  await page.route('**/licenses?*', async (route) => {
    if (broken) {
      const problem = { type: 'about:blank', title: 'Something went wrong in the server.', status: 500, detail: '', code: 'server.internal', request_id: 'req_test' }
      await route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) })
    } else await route.continue()
  })
  await page.goto(w.server.url + appPath(app.id, 'licenses'))
  await page.getByText('Something went wrong in the server.').waitFor()
  await page.getByText('Request req_test').waitFor()
  await expectAccessible(page)
  broken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('behind a fault').waitFor()
})
