import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@': new URL('../src', import.meta.url).pathname } },
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['*.journey.ts'],
    // Each file has a server and a browser of its own. Two at once: while one waits the other works, and no
    // machine has more than two browsers to bear.
    maxWorkers: Math.min(2, availableParallelism()),
    // A browser on a busy machine may miss a beat; what fails twice is broken.
    retry: 1,
    pool: 'forks',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
})
