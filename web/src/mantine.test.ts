import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'

const here = new URL('.', import.meta.url).pathname
const packages = join(here, '../node_modules')
const library = join(packages, '@mantine/core/esm')
const styles = join(packages, '@mantine/core/styles')

const files = (dir: string, name: RegExp) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((f) => name.test(f))
    .map((f) => join(dir, f))
const read = (file: string) => readFileSync(file, 'utf8')

/** The names of the style sheets of all that ours and the libraries' code asks for by name, and of what that is made of. */
function inUse(): Set<string> {
  const modules = files(library, /\.mjs$/)
  const named = new Map(modules.map((f) => [basename(f, '.mjs'), f]))
  const found = new Set<string>()
  const add = (file: string | undefined) => {
    if (!file || found.has(file)) return
    found.add(file)
    for (const [, path = ''] of read(file).matchAll(/["'](\.\.?\/[^"']+\.mjs)["']/g)) add(join(file, '..', path))
  }
  const sources = [here, ...['mantine-datatable/dist', '@mantine/charts/esm', '@mantine/notifications/esm'].map((p) => join(packages, p))]
  for (const source of sources.flatMap((dir) => files(dir, /\.(tsx?|mjs|js)$/)))
    for (const [, names = ''] of read(source).matchAll(/import\s*(?:type\s*)?\{([^}]*)\}\s*from\s*["']@mantine\/core["']/g))
      for (const name of names.split(',')) add(named.get(name.trim().replace(/^type /, '').split(' as ')[0] ?? ''))
  return new Set([...found].filter((f) => f.endsWith('.module.mjs')).map((f) => basename(f, '.module.mjs')))
}

it('takes in the styles of every component in use, and no others', () => {
  const imported = [...read(join(here, 'mantine.css')).matchAll(/styles\/([A-Z]\w+)\.css/g)].map(([, name]) => name)
  const there = new Set(readdirSync(styles))
  const needed = [...inUse()].filter((name) => there.has(`${name}.css`))
  expect(imported.toSorted()).toEqual(needed.toSorted())
})

it("keeps the library's order, in which later styles win", () => {
  const bare = (css: string) => css.replace(/\s+/g, '')
  const all = bare(read(join(packages, '@mantine/core/styles.css')))
  const places = [...read(join(here, 'mantine.css')).matchAll(/styles\/([\w-]+\.css)/g)].map(([, name = '']) => all.indexOf(bare(read(join(styles, name)))))
  expect(places).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
})
