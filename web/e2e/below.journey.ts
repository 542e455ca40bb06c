import { expect, it } from 'vitest'
import { owner } from './server.ts'
import { expectAccessible, world } from './world.ts'

const w = world({ base: '/keys' })

it('works below a path: page, files, calls, cookie and addresses', async () => {
  await w.server.call('POST', '/apps', { name: 'Below' })
  const page = await w.open()
  await page.goto(`${w.server.url}/apps?q=Below`)
  await page.waitForURL('**/keys/sign-in?to=*')
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/keys/apps?q=Below')
  await page.getByRole('row', { name: /Below/ }).click()
  await page.waitForURL('**/keys/apps/*/overview')
  await page.reload()
  await page.getByText('Your first customer is three steps away').waitFor()
  // Programs are told the address that the server was told, not the browser's.
  await page.goto(page.url().replace('/overview', '/settings?tab=code'))
  await page.getByRole('tab', { name: 'curl' }).click()
  expect(await page.getByTestId('code').textContent()).toContain(w.server.url)
  await expectAccessible(page)
  await page.goBack()
  const [cookie] = await page.context().cookies(`${w.server.url}/`)
  expect(cookie).toMatchObject({ path: '/keys/', httpOnly: true, sameSite: 'Strict' })
  await page.getByRole('link', { name: 'Latchkey' }).click()
  await page.waitForURL('**/keys/apps/*/overview')
})
