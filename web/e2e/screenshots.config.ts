import { mergeConfig } from 'vitest/config'
import journeys from './vitest.config.ts'

export default mergeConfig(journeys, { test: { include: ['screenshots.ts'], testTimeout: 1_800_000 } })
