import { expect, it } from 'vitest'
import { localPath } from './localPath'

it.each(['/', '/apps', '/apps/app_1/licenses?q=a%2F%2Fb&status=used', '/a//b'])('%s is kept', (to) => {
  expect(localPath(to)).toBe(to)
})

it.each([
  undefined,
  3,
  '',
  'apps',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  ' /apps',
])('%j is not gone to', (to) => {
  expect(localPath(to)).toBe('/')
})
