import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { expectAccessible, world } from './world.ts'

const run = promisify(execFile)
const w = world({ fresh: true })

it('leads from the setup link to the first redeemed license', async () => {
  const link = /http\S+\/setup#token=\S+/.exec(w.server.printed())?.[0] ?? ''
  expect(link).not.toBe('')
  const page = await w.open()
  await page.goto(`${w.server.url}/`)
  await page.getByText('This server is waiting for its owner.').waitFor()

  await page.goto(link)
  await page.getByRole('heading', { name: 'Make this server yours' }).waitFor()
  expect(page.url(), 'the token stays in no history').toBe(`${w.server.url}/setup`)
  await expectAccessible(page)
  await page.getByLabel('E-mail address').fill('owner@example.com')
  await page.getByLabel('Password', { exact: true }).fill('short')
  await page.getByRole('button', { name: 'Create the account' }).click()
  await page.getByText('A password needs at least 10 characters.').waitFor()
  await page.getByLabel('Password', { exact: true }).fill('a long enough password')
  await page.getByRole('button', { name: 'Create the account' }).click()
  await page.getByRole('heading', { name: 'The server is yours' }).waitFor()
  await expectAccessible(page)
  expect(await page.getByRole('status', { name: 'API key' }).textContent()).toMatch(/^\S{20,}$/)
  await page.getByRole('button', { name: 'Make your first application' }).click()

  await page.getByLabel('Name').fill('Aurora')
  await page.getByRole('button', { name: 'Create it' }).click()
  // On the way back what was made is given another name, not made again.
  await page.getByRole('heading', { name: 'What do customers get?' }).waitFor()
  await page.getByRole('button', { name: 'Back' }).click()
  expect(await page.getByLabel('Name').inputValue()).toBe('Aurora')
  await page.getByLabel('Name').fill('Aurora Studio')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'What do customers get?' }).waitFor()
  await page.getByLabel('Name').fill('standard')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Amount', { exact: true }).fill('3')
  await page.getByRole('button', { name: 'Create 3 licenses' }).click()
  await page.getByText('Waiting for the first sign-in').waitFor()
  await expectAccessible(page)
  // Whoever comes back has licenses already.
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByRole('button', { name: 'Continue with 3 licenses' }).click()
  await page.getByText('Waiting for the first sign-in').waitFor()
  // What is there survives a reload.
  await page.reload()
  await page.getByText('Waiting for the first sign-in').waitFor()

  // The code runs as it stands there, the whole of it.
  await page.getByRole('tab', { name: 'JavaScript' }).click()
  const dir = await mkdtemp(join(tmpdir(), 'latchkey-code-'))
  const program = join(dir, 'program.mjs')
  await writeFile(program, (await page.getByTestId('code').textContent()) ?? '')
  const { stdout } = await run(process.execPath, [program])
  expect(stdout).toContain('Hello,')
  await page.getByText('Somebody is here').waitFor()
  await expectAccessible(page)

  await page.getByRole('tab', { name: 'curl' }).click()
  const script = (await page.getByTestId('code').textContent()) ?? ''
  // The key is taken by the first program: another device is refused, in the words of the server.
  expect((await run('bash', ['-c', script])).stdout).toContain('"success":false')

  await page.getByRole('link', { name: 'See your licenses' }).click()
  await page.waitForURL('**/licenses')
  await page.getByText('Used', { exact: true }).first().waitFor()

  // The link works once.
  await page.context().clearCookies()
  await page.goto('about:blank')
  await page.goto(link)
  await page.getByRole('heading', { name: 'This server has an owner' }).waitFor()
})
