import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@': new URL('../src', import.meta.url).pathname } },
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['*.journey.ts'],
    // Each file has a server and a browser of its own; one after the other, for small machines.
    fileParallelism: false,
    pool: 'forks',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
})
