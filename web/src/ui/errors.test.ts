import { beforeAll, describe, expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { placeErrors } from './errors'

beforeAll(() => {
  vi.stubGlobal('requestAnimationFrame', () => 0)
})

function placed(errors: { field: string; message: string }[], fields?: Record<string, 'hashes' | 'name'>) {
  const at: Record<string, unknown> = {}
  const form = {
    getValues: () => ({ name: '', hashes: [] as string[] }),
    setFieldError: (name: PropertyKey, error: unknown) => {
      at[String(name)] = error
    },
  }
  const rest = placeErrors(new Problem({ status: 400, detail: 'All of it.', errors }), form as never, fields)
  return { at, rest }
}

describe('a server’s errors', () => {
  it('are put at their fields, an element’s at its list, several together', () => {
    const errors = [
      { field: 'settings.hashes[0]', message: 'No hash.' },
      { field: 'settings.hashes[3]', message: 'No hash.' },
      { field: 'settings.hashes', message: 'Too many.' },
      { field: 'name', message: 'Taken.' },
    ]
    expect(placed(errors, { 'settings.hashes': 'hashes' })).toEqual({ at: { hashes: 'No hash. Too many.', name: 'Taken.' }, rest: '' })
  })
  it('are all said where no field takes them', () => {
    expect(placed([{ field: 'a', message: 'Bad.' }, { field: 'b[1]', message: 'Worse.' }, { field: 'name', message: 'Taken.' }])).toEqual({ at: { name: 'Taken.' }, rest: 'a: Bad. b[1]: Worse.' })
    expect(placed([])).toEqual({ at: {}, rest: 'All of it.' })
  })
})
