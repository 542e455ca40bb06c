import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

// Files smaller than this fit into one packet anyway.
const smallest = 1024

/**
 * Leaves each file of the build compressed, as densely as it goes, and not as it was: the server
 * unpacks it for the rare client that takes nothing compressed.
 */
export function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    // From the disk: before that, Vite has not written its last words into them.
    async writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle).filter((n) => /\.(js|css|svg)$/.test(n))) {
        const path = join(dir, name)
        const source = await readFile(path)
        if (source.length < smallest) continue
        await writeFile(path + '.br', brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
        await writeFile(path + '.gz', gzipSync(source, { level: 9 }))
        await rm(path)
      }
    },
  }
}
