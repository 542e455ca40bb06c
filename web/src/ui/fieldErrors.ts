import { isProblem } from '@/api/problem'
import { sentence } from './notify'

/** What the server said of a field, by the names that it has for it; undefined if nothing. */
export type At = (...names: string[]) => string | undefined

/** The server's errors, for the fields of a dialog that is no form of its own: at gives a field's, rest what no field has asked for. */
export function fieldErrors(e: unknown): { at: At; rest: () => string } {
  if (!isProblem(e) || e.errors.length === 0) return { at: () => undefined, rest: () => (e === undefined || e === null ? '' : sentence(e)) }
  let left = e.errors
  const of = (field: string) => field.replace(/\[\d+\].*$/, '')
  return {
    at: (...names) => {
      const here = left.filter(({ field }) => names.includes(of(field)))
      left = left.filter((it) => !here.includes(it))
      return here.map((it) => it.message).join(' ') || undefined
    },
    rest: () => left.map(({ field, message }) => (message === e.message ? message : `${field}: ${message}`)).join(' '),
  }
}
