import { defineConfig } from 'vitest/config'
import journeys from './vitest.config.ts'

export default defineConfig({ ...journeys, test: { ...journeys.test, include: ['screenshots.ts'], retry: 0, testTimeout: 1_800_000 } })
