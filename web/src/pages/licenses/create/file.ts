import { written } from '@/rules/duration'
import { cell } from '@/ui/csv'
import type { Made } from './CreateDrawer'

export type KeyFormat = 'txt' | 'csv' | 'json'

const portion = 50_000 // keys in one string: a million in one would stall the page

/** The keys of a batch as a file. */
export function keyFile({ keys, values }: Made, format: KeyFormat): { name: string; parts: string[]; type: string } {
  const stamp = new Date().toISOString().slice(0, 10)
  const name = `licenses-${stamp}.${format}`
  const parts: string[] = []
  const each = (f: (key: string) => string) => {
    for (let i = 0; i < keys.length; i += portion) parts.push(keys.slice(i, i + portion).map(f).join(''))
  }
  const duration = written(values.duration)
  switch (format) {
    case 'txt':
      each((k) => k + '\n')
      return { name, parts, type: 'text/plain' }
    case 'csv': {
      const rest = `,${values.level},${duration},${cell(values.note)}\r\n`
      parts.push('key,level,duration,note\r\n')
      each((k) => cell(k) + rest)
      return { name, parts, type: 'text/csv' }
    }
    case 'json': {
      const rest = { level: values.level, duration, note: values.note }
      parts.push('[\n')
      each((k) => JSON.stringify({ key: k, ...rest }) + ',\n')
      const last = parts.pop() ?? ''
      parts.push(last.replace(/,\n$/, '\n'), ']\n')
      return { name, parts, type: 'application/json' }
    }
  }
}
