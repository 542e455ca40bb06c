import { describe, expect, it } from 'vitest'
import { languages } from './languages'
import { quoted, shell } from './values'

const nasty = `a"b'c\\d$e\`f%g é`
const values = {
  url: 'https://example.com/keys',
  app: { id: 'app_1', name: nasty, ownerId: 'abcdefghij', version: '1.0', clientKey: '00ff', compatKey: 'ff00' },
  license: 'K-1',
}

describe('code', () => {
  it.each(languages.map((l) => [l.id, l] as const))('%s holds the application’s values, escaped', (id, language) => {
    const code = language.code(values)
    expect(code).toContain(id === 'curl' ? shell(nasty) : id === 'go' ? '"app_1"' : quoted(nasty))
    expect(code).toContain('K-1')
    expect(code).toContain(id === 'go' ? '"https://example.com/keys"' : 'https://example.com/keys/api/1.3/')
    expect(code).not.toContain('undefined')
  })
})
