import { describe, expect, it } from 'vitest'
import { languages } from './languages'
import { quoted, quotedForJavaScript, quotedForPHP, quotedForRust, shell } from './values'

const nasty = `a"b'c\\d$e\`f%g é 🚀`
const values = {
  url: 'https://example.com/keys',
  app: { id: 'app_1', name: nasty, ownerId: 'abcdefghij', version: '1.0', clientKey: '00ff', compatKey: 'ff00' },
  license: 'K-1',
}

const writes: Record<string, (text: string) => string> = { curl: shell, javascript: quotedForJavaScript, java: quotedForJavaScript, php: quotedForPHP, rust: quotedForRust }

describe('code', () => {
  it.each(languages.map((l) => [l.id, l] as const))('%s holds the application’s values, escaped', (id, language) => {
    const code = language.code(values)
    expect(code).toContain(id === 'go' ? '"app_1"' : (writes[id] ?? quoted)(nasty))
    expect(code).toContain('K-1')
    expect(code).toContain(id === 'go' ? '"https://example.com/keys"' : 'https://example.com/keys/api/1.3/')
    expect(code).not.toContain('undefined')
  })

  it('writes what stands beyond the first plane as each language reads it', () => {
    expect(quoted('é🚀')).toBe('"\\u00e9\\U0001f680"')
    expect(quotedForJavaScript('é🚀')).toBe('"\\u00e9\\ud83d\\ude80"')
    expect(quotedForRust('é🚀\n"')).toBe('"\\u{e9}\\u{1f680}\\u{a}\\""')
    expect(quotedForPHP("a'b\\c$d")).toBe("'a\\'b\\\\c$d'")
  })
})
