import { describe, expect, it } from 'vitest'
import { expectAccessible, world } from './world.ts'

const w = world()

describe('signing in and out', () => {
  it('leads to the page that was asked for, and out again', async () => {
    const page = await w.open()
    await page.goto(`${w.server.url}/apps?q=x`)
    await page.waitForURL('**/sign-in?to=*')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Enter your e-mail address.').waitFor()
    await page.getByLabel('E-mail address').fill('owner@example.com')
    await page.getByLabel('Password', { exact: true }).fill('a long enough password')
    await page.getByLabel('Password', { exact: true }).press('Enter')
    await page.waitForURL('**/apps?q=x')
    await page.getByRole('heading', { name: 'Applications' }).waitFor()
    await page.getByRole('button', { name: /^Your account/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL('**/sign-in')
    await page.goto(`${w.server.url}/apps`)
    await page.waitForURL('**/sign-in?to=*')
    expect(await page.title()).toContain('Sign in')
  })
})
