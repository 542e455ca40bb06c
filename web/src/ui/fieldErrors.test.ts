import { expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import { fieldErrors } from './fieldErrors'

const refused = new Problem({
  status: 422,
  detail: 'Two are wrong.',
  errors: [
    { field: 'reason', message: 'Too long.' },
    { field: 'ids[3]', message: 'No id.' },
    { field: 'search', message: 'Not text.' },
  ],
})

it('gives each field what the server said of it, and keeps what nobody took', () => {
  const { at, rest } = fieldErrors(refused)
  expect([at('reason'), at('kind'), at('ids', 'all')]).toEqual(['Too long.', undefined, 'No id.'])
  expect(rest()).toBe('search: Not text.')
})

it('has nothing left when all was taken', () => {
  const { at, rest } = fieldErrors(refused)
  at('reason', 'ids', 'search')
  expect(rest()).toBe('')
})

it('leaves what is of no field to the whole dialog', () => {
  const { at, rest } = fieldErrors(new Problem({ status: 409, detail: 'It is paused.' }))
  expect(at('reason')).toBeUndefined()
  expect(rest()).toBe('It is paused.')
  expect(fieldErrors(undefined).rest()).toBe('')
})
