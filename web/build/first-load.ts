import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Fails a build whose first load (all that the page asks for by itself) is more than so many bytes, as gzip. */
export function firstLoad({ most }: { most: number }): Plugin {
  return {
    name: 'first-load',
    apply: 'build',
    generateBundle(_, bundle) {
      const sizes = new Map<string, number>()
      const count = (name: string) => {
        const file = bundle[name]
        if (!file || sizes.has(name)) return
        sizes.set(name, gzipSync(file.type === 'chunk' ? file.code : file.source).length)
        if (file.type !== 'chunk') return
        file.imports.forEach(count)
        file.viteMetadata?.importedCss.forEach(count)
      }
      for (const file of Object.values(bundle)) if (file.type === 'chunk' && file.isEntry) count(file.fileName)
      const sum = [...sizes.values()].reduce((a, b) => a + b, 0)
      const list = [...sizes].sort((a, b) => b[1] - a[1]).map(([name, size]) => `  ${size} ${name}`)
      this.info(`first load: ${sum} bytes as gzip, of ${most}\n${list.join('\n')}`)
      if (sum > most) this.error(`The first load is ${sum} bytes as gzip, more than ${most}. Load what not every visit needs by its route.`)
    },
  }
}
