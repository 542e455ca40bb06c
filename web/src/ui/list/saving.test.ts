import { expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import { type Save, written } from './saving'

interface Row {
  name: string
  size?: number
  on: boolean
  codes?: string[]
}

const all: Row[] = [
  { name: '=1+1', size: 3, on: true },
  { name: 'a "quoted", one', on: false, codes: ['a', 'b'] },
  { name: '＋44', size: 0, on: false },
]

/** Gives one row at a time, and is too busy for the second at first. */
function save(): Save<Row> & { asked: string[] } {
  const asked: string[] = []
  return {
    name: 'rows',
    fields: ['name', 'size', 'on', 'codes'],
    asked,
    read: ({ cursor }) => {
      asked.push(cursor)
      if (cursor === '1' && asked.filter((c) => c === '1').length === 1) return Promise.reject(new Problem({ status: 429, detail: 'too many' }, 0.001))
      const at = Number(cursor || 0)
      return Promise.resolve({ rows: all.slice(at, at + 1), next: at + 1 < all.length ? String(at + 1) : undefined })
    },
  }
}

it('writes every page as CSV, whose cells are no formulas', async () => {
  const of = save()
  const seen: number[] = []
  const { parts, rows } = await written(of, 'csv', (n) => seen.push(n), new AbortController().signal)
  expect(rows).toBe(3)
  expect(seen).toEqual([1, 2, 3])
  expect(of.asked).toEqual(['', '1', '1', '2'])
  expect(parts.join('')).toBe(`name,size,on,codes\r\n"'=1+1",3,true,\r\n"a ""quoted"", one",,false,"[""a"",""b""]"\r\n"'＋44",0,false,\r\n`)
})

it('writes JSON that holds what the API gave', async () => {
  const { parts } = await written(save(), 'json', () => undefined, new AbortController().signal)
  expect(JSON.parse(parts.join(''))).toEqual(all)
  const none = await written({ ...save(), read: () => Promise.resolve({ rows: [] }) }, 'json', () => undefined, new AbortController().signal)
  expect(JSON.parse(none.parts.join(''))).toEqual([])
})

it('stops when it is told to', async () => {
  const stop = new AbortController()
  const of = save()
  await expect(
    written(
      of,
      'csv',
      () => {
        stop.abort()
      },
      stop.signal,
    ),
  ).rejects.toThrow()
  expect(of.asked).toEqual([''])
})
