import { expect, it } from 'vitest'
import { defaultMessages } from '@/rules/messages'
import { t } from '@/strings'

it('every message that customers see has a title, a group and a sentence', () => {
  expect(Object.keys(t.settings.messages.of).sort()).toEqual(Object.keys(defaultMessages).sort())
})
