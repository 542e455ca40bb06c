import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { expect, it } from 'vitest'

const here = new URL('.', import.meta.url).pathname
const packages = join(here, '../node_modules')
const components = join(packages, '@mantine/core/esm/components')
const styles = join(packages, '@mantine/core/styles')

const files = (dir: string, name: RegExp) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((f) => name.test(f))
    .map((f) => join(dir, f))
const read = (file: string) => readFileSync(file, 'utf8')
const inFolder = (file: string) => file.slice(components.length + 1).split(sep)[0] ?? ''

/** The folders of components that ours and the libraries' code asks for by name, with those that they are made of. */
function inUse(): Set<string> {
  const modules = files(components, /\.mjs$/)
  const folders = new Map(modules.map((f) => [basename(f, '.mjs'), inFolder(f)]))
  const parts = new Map<string, Set<string>>()
  for (const file of modules) {
    const of = parts.get(inFolder(file)) ?? new Set()
    for (const [, path = ''] of read(file).matchAll(/["'](\.\.?\/[^"']+\.mjs)["']/g)) {
      const other = join(file, '..', path)
      if (other.startsWith(components)) of.add(inFolder(other))
    }
    parts.set(inFolder(file), of)
  }
  const sources = [here, ...['mantine-datatable/dist', '@mantine/charts/esm', '@mantine/notifications/esm'].map((p) => join(packages, p))]
  const found = new Set<string>()
  const add = (folder: string | undefined) => {
    if (!folder || found.has(folder)) return
    found.add(folder)
    for (const part of parts.get(folder) ?? []) add(part)
  }
  for (const source of sources.flatMap((dir) => files(dir, /\.(tsx?|mjs|js)$/)))
    for (const [, names = ''] of read(source).matchAll(/import\s*(?:type\s*)?\{([^}]*)\}\s*from\s*["']@mantine\/core["']/g))
      for (const name of names.split(',')) add(folders.get(name.trim().replace(/^type /, '').split(' as ')[0] ?? ''))
  return found
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
