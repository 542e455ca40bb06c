import { describe, expect, it } from 'vitest'
import { cell } from '@/ui/csv'
import { keyFile } from './file'

const values = { amount: 2, mask: '', lowercase: true, uppercase: true, level: 2, duration: { amount: 30, unit: 'day' as const }, note: 'a "b", c', customKey: false }
const file = (format: 'txt' | 'csv' | 'json') => keyFile({ values, keys: ['=A-1', 'B"2'] }, format).parts.join('')

describe('files of keys', () => {
  it('are text', () => {
    expect(file('txt')).toBe('=A-1\nB"2\n')
  })
  it('are CSV without formulas', () => {
    expect(file('csv')).toBe('key,level,duration,note\r\n"\'=A-1",2,30d,"a ""b"", c"\r\n"B""2",2,30d,"a ""b"", c"\r\n')
  })
  it('are JSON', () => {
    expect(JSON.parse(file('json'))).toEqual([
      { key: '=A-1', level: 2, duration: '30d', note: 'a "b", c' },
      { key: 'B"2', level: 2, duration: '30d', note: 'a "b", c' },
    ])
  })
  it.each(['=1', '+1', '-1', '@a', '\t=1', ' "=1', "'=1", '\r\n'])('%j is no formula', (text) => {
    expect(cell(text).replace(/^"/, '')).toMatch(/^'/)
  })
  it('say no duration that the server would not read', () => {
    expect(keyFile({ values: { ...values, duration: { amount: 0, unit: 'lifetime' } }, keys: ['K'] }, 'csv').parts.join('')).toContain('K,2,lifetime,')
  })
})
