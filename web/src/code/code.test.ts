import { describe, expect, it } from 'vitest'
import { languages } from './languages'
import { quoted, quotedForJavaScript, shell } from './values'

const nasty = `a"b'c\\d$e\`f%g é 🚀`
const values = {
  url: 'https://example.com/keys',
  app: { id: 'app_1', name: nasty, ownerId: 'abcdefghij', version: '1.0', clientKey: '00ff', compatKey: 'ff00' },
  license: 'K-1',
}

describe('code', () => {
  it.each(languages.map((l) => [l.id, l] as const))('%s holds the application’s values, escaped', (id, language) => {
    const code = language.code(values)
    expect(code).toContain(id === 'curl' ? shell(nasty) : id === 'go' ? '"app_1"' : id === 'javascript' ? quotedForJavaScript(nasty) : quoted(nasty))
    expect(code).toContain('K-1')
    expect(code).toContain(id === 'go' ? '"https://example.com/keys"' : 'https://example.com/keys/api/1.3/')
    expect(code).not.toContain('undefined')
  })

  it('writes what stands beyond the first plane as each language reads it', () => {
    expect(quoted('é🚀')).toBe('"\\u00e9\\U0001f680"')
    expect(quotedForJavaScript('é🚀')).toBe('"\\u00e9\\ud83d\\ude80"')
  })
})
